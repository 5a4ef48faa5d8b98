"""`archcalc reconcile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..report.answer import Answer
from .answer import report_diagnostics, reported, write_answer
from .completion import targets
from .given import given_inputs, given_settings, given_tensors
from .help import Command
from .options import NetworkOptions, network_options, no_columns, table_options
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from ..network import Network
    from ..witness.tools import ToolRun


class ReconcileOptions(NetworkOptions):
    """The words and options of `archcalc reconcile`."""

    words: tuple[str, ...]
    run_tools: tuple[str, ...]


@click.command("reconcile", cls=Command)
@click.argument("words", metavar="TARGET FIGURE [FIGURE …]", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--with",
    "run_tools",
    multiple=True,
    metavar="TOOL",
    help="Run a tool too, where it is installed, and compare it with its profile: fvcore, flopcounter, "
    "ptflops, ptflops-aten, thop, torchinfo, torchscan, torchscan-macs, calflops, calflops-macs, deepspeed, "
    "deepspeed-macs. A module is run itself, of a spec the module that is exported.",
)
@table_options()
@reported(ReconcileOptions)
def command(options: ReconcileOptions) -> int:
    """Why printed figures differ: what network, code, convention and rounding give each of them.

    A FIGURE is one of operations, parameters, memory or layers, as it is printed: 4.11G, 8.2 GFLOPs,
    25.6M, params=25.6M, 102MB, 97.8MiB, "50 layers"; conv1.macs=118M is one of a layer. For each the
    explanation is looked for that needs the fewest assumptions: another way of building the network,
    another input, a tool's convention and faults, digits that were cut off; and its difference from ours
    is written out. An explanation that may as well be chance says so: a figure of many digits bears more
    assumptions than one of two.
    Of such guesses the likeliest is shown; -v shows all.

    With --with no FIGURE is needed: what the tool prints is one.

    Exit code 1 if a figure is not explained.
    """
    from ..api.reconciliations import ReconciliationReport
    from ..reconciling.printed import figures_of

    target, *figures = one_target(options.words, more=len(options.words))
    no_columns(options)
    network = load_network(target, options)
    runs = _runs(target, network, options)
    figures = figures_of(figures)
    figures += [f"{run.figure:,}" for run in runs if not figures]
    again = None if network.graph.metadata.traced is not None or target == "-" or options.until else target
    report = ReconciliationReport(
        network, figures, again, given_inputs(options.inputs), given_settings(options.settings)
    )
    report.runs = runs
    report.verbose = options.verbose
    write_answer(Answer(report.to_dict, report._flat_table, report._sheets), options)
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0 if report.explained else 1


def _runs(target: str, network: Network, options: ReconcileOptions) -> tuple[ToolRun, ...]:
    """What the tools print that are to be run. Raises SpecError."""
    if not options.run_tools:
        return ()
    from ..packages import needed

    needed("torch", "`--with`", "torch")
    trace = None
    if network.graph.metadata.traced is not None:
        from ..importing.torch import trace_network
        from ..loading.targets import module_of

        sizes = given_inputs(options.inputs)
        inputs = given_tensors(options.inputs, options.tensors) if options.tensors else sizes
        settings = given_settings(options.settings)
        trace = trace_network(
            module_of(target, options.file_format),
            inputs,
            settings,
            layout=options.layout,
            training=options.train,
        )
    from ..witness.tools import run_tool

    return tuple([run_tool(name, network.graph, trace) for name in dict.fromkeys(options.run_tools)])
