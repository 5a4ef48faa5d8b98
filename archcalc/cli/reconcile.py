"""`archcalc reconcile`."""

from __future__ import annotations

import click

from ..report.answer import Answer
from .answer import report_diagnostics, reported, write_answer
from .completion import targets
from .given import given_inputs, given_settings
from .help import Command
from .options import NetworkOptions, network_options, no_columns, table_options
from .target import load_network, one_target, remarks


class ReconcileOptions(NetworkOptions):
    """The words and options of `archcalc reconcile`."""

    words: tuple[str, ...]


@click.command("reconcile", cls=Command)
@click.argument("words", metavar="TARGET FIGURE [FIGURE …]", nargs=-1, shell_complete=targets)
@network_options
@table_options()
@reported(ReconcileOptions)
def command(options: ReconcileOptions) -> int:
    """Why printed figures differ: what network, code, convention and rounding give each of them.

    A FIGURE is one of operations, parameters, memory or layers, as it is printed: 4.11G, 8.2 GFLOPs,
    25.6M, params=25.6M, 102MB, 97.8MiB, "50 layers". For each the explanation is looked for that needs
    the fewest assumptions: another way of building the network, another input, a tool's convention
    and faults, digits that were cut off; and its difference from ours is written out. An explanation
    that may as well be chance says so: a figure of many digits bears more assumptions than one of two.

    Exit code 1 if a figure is not explained.
    """
    from ..api.reconciliations import ReconciliationReport

    target, *figures = one_target(options.words, more=len(options.words))
    no_columns(options)
    network = load_network(target, options)
    again = None if network.graph.metadata.traced is not None or target == "-" or options.until else target
    report = ReconciliationReport(
        network, figures, again, given_inputs(options.inputs), given_settings(options.settings)
    )
    write_answer(Answer(report.to_dict, report._flat_table, report._sheets), options)
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0 if report.explained else 1
