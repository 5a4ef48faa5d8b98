"""`archcalc sweep`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from ..diagnostics import WARNING, Diagnostic, fail
from ..report.answer import Answer, Page, Pieces
from .answer import into_file, report_diagnostics, reported, write_answer, write_as_it_comes
from .completion import quantities, targets
from .given import given_inputs, given_sweep
from .help import Command
from .options import (
    CountedOptions,
    answer_options,
    apart,
    budget_option,
    counted_options,
    input_option,
    ops_option,
)
from .target import one_target, standard_input

if TYPE_CHECKING:
    from ..api.sweeps import SweepReport
    from ..report.swept_files import ColumnBlocks
    from ..sweeping.plan import SweepPlan
    from ..sweeping.running import Course, Parts, Run

# Formats that are written design by design, however many there are.
STREAMED = ("csv", "plain", "jsonl", "parquet")
# Designs that any other format holds at most.
MOST_IN_A_DOCUMENT = 100_000
# Pictures, by the ends of the names of their files.
PICTURES = {".svg": "svg", ".png": "png", ".pdf": "pdf", ".tex": "tikz"}


class SweepOptions(CountedOptions):
    """The words and options of `archcalc sweep`."""

    words: tuple[str, ...]
    where: str | None
    pareto: str | None
    sort: str | None
    top: int | None
    sample: int | None
    seed: int | None
    limit: int
    refused: bool
    plot: str | None
    plot_quantities: str | None
    dask: str | None


def _address(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """Where workers are; nothing of it for processes on this machine. Raises SpecError."""
    if text:
        from ..sweeping.cluster import check_address

        check_address(text)
    return text


@click.command("sweep", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUES",
    help="Values of a parameter: width=16..256:16, kernel={3, 5}, one value, or ? for what it may be; "
    "input=96..224:32 is the height and width of the input.",
)
@input_option("Another input size of a network.")
@click.option("--where", metavar="CONDITION", help='Only designs that meet it: "params <= 3M and rf >= 31".')
@click.option(
    "--pareto",
    shell_complete=quantities,
    metavar="QUANTITIES",
    help="Only designs that no other betters in all of these: params,macs; --pareto=params,-rf has the "
    "largest field.",
)
@click.option(
    "--sort",
    shell_complete=quantities,
    metavar="QUANTITIES",
    help="In the order of these, the smallest first; --sort=-rf the largest.",
)
@click.option("--top", type=click.IntRange(1, 10_000_000), metavar="N", help="The first N of that order.")
@click.option(
    "--sample", type=click.IntRange(1, 10_000_000), metavar="N", help="N designs that are drawn, not all."
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**64),
    metavar="S",
    help="With --sample: the same seed draws the same designs, on every machine.  [default: 0]",
)
@click.option(
    "--columns",
    shell_complete=quantities,
    metavar="NAMES",
    help="The quantities that have a column.  [default: params,macs,peak,rf]",
)
@click.option("--refused", is_flag=True, help="List the designs that are no networks, and why.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="A picture too, FILE.svg, png, pdf or tex: all designs as points, the best of them with names.",
)
@click.option(
    "--plot-quantities",
    shell_complete=quantities,
    metavar="X,Y",
    help="With --plot: what lies along and upwards.  [default: those of --pareto, --sort, --columns]",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10**15),
    default=100_000_000,
    metavar="N",
    help="The most designs that are computed.  [default: 100,000,000]",
)
@click.option(
    "--dask",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value="",
    callback=_address,
    help="Compute on the workers of a dask scheduler: its address, or the file that it writes. N is "
    "that many processes here, nothing one for each processor.",
)
@counted_options
@budget_option("design")
@ops_option
@answer_options("jsonl", "parquet")
@reported(SweepOptions)
def command(options: SweepOptions) -> int:
    """Every combination of values: its size, cost, memory and field, and which designs are best.

    TARGET is a network whose parameters --set varies, or a chain with ? and {3, 5} in the place of
    values: "32x32x3 -> conv {3, 5} ? stride={1, 2} -> ...". Quantities are those of --where of
    solve and list; numbers end in K, M, G, KiB, MiB. What differs is a quantity too: --sort width.
    The table shows the first designs; --format csv, jsonl and parquet write all of them while they
    are computed. Ctrl-C ends the sweep with what it has. Exit code 1 if no design is left.
    """
    (target,) = one_target(options.words)
    if options.seed is not None and options.sample is None:
        raise fail("usage", "--seed goes with --sample", "as in --sample 10000 --seed 7")
    if options.format == "parquet" and options.output is None and sys.stdout.isatty():
        raise fail("usage", "Parquet is not for the terminal", "--output FILE.parquet")
    form = _form_of_plot(options)
    plan = _plan(target, options)
    options.columns = None  # they are the quantities of the plan
    selection = plan.selection
    whole = not (selection.pareto or selection.sort or selection.top or selection.plot)
    if options.format in STREAMED and whole:
        return _streamed(plan, options)
    swept = _run(plan, options)
    (write_as_it_comes if options.format in STREAMED else write_answer)(_answer(swept, options), options)
    if options.plot is not None:
        into_file(options.plot, [swept.plot(form)])
    return _code(swept.course, options)


def _form_of_plot(options: SweepOptions) -> str:
    """The form of the picture, by the name of its file. Raises SpecError."""
    if options.plot is None:
        if options.plot_quantities is not None:
            raise fail("usage", "--plot-quantities goes with --plot", "as in --plot designs.svg")
        return ""
    form = PICTURES.get(os.path.splitext(options.plot)[1].lower(), "")
    if not form:
        raise fail("usage", f"`--plot {options.plot}` is no picture", f"it ends in {', '.join(PICTURES)}")
    if options.refused:
        raise apart("--plot", "--refused", "what is no network has no quantities")
    if form in ("png", "pdf"):
        from ..packages import needed

        needed("matplotlib", "a picture")  # before hours of computing, not behind them
    return form


def _plan(target: str, options: SweepOptions) -> SweepPlan:
    """What is to be done. Raises SpecError."""
    from ..report.screens.sweep import SHOWN
    from ..sweeping.plan import SweepCall, SweepPlan, quantities_named
    from ..sweeping.request import SweepRequest

    request = SweepRequest(
        target,
        given_sweep(options.settings),
        given_inputs(options.inputs),
        quantities_named(options.columns),
        options.where,
        options.batch,
        options.dtype,
        options.budget,
        standard_input() if target == "-" else None,
    )
    call = SweepCall(
        request,
        options.pareto,
        options.sort,
        options.top,
        options.sample,
        options.seed or 0,
        options.limit,
        options.refused,
        None if options.plot is None else options.plot_quantities or "",
    )
    return SweepPlan(call, SHOWN if options.format == "table" and not options.refused else None)


def _run(plan: SweepPlan, options: SweepOptions) -> SweepReport:
    """Compute all designs. Raises SpecError where more are left than the format holds."""
    from ..api.sweeps import SweepReport
    from ..report.terminal import Waiting

    with _parts(options) as parts, Waiting("sweeping", plan.designs.size, "designs") as waiting:
        course = plan.run(parts, lambda done: waiting.step(done=done)).all()
    swept = SweepReport(plan, course)
    if options.format not in (*STREAMED, "table") and len(swept.order) > MOST_IN_A_DOCUMENT:
        raise fail(
            "limit",
            f"{len(swept.order):,} designs are more than --format {options.format} holds",
            "--format csv, jsonl and parquet hold any number",
            "--sort QUANTITY --top N chooses some",
        )
    return swept


@contextmanager
def _parts(options: SweepOptions) -> Iterator[Parts]:
    """Where designs are computed, in the block of a ``with``. Raises SpecError."""
    from ..report.terminal import Waiting
    from ..sweeping.running import parts_here

    if options.dask is None:
        yield parts_here
        return
    from ..sweeping.cluster_parts import parts_with

    with ExitStack() as stack:
        with Waiting("waiting for workers"):
            parts = stack.enter_context(parts_with(options.dask or True))
        yield parts


def _answer(swept: SweepReport, options: SweepOptions) -> Answer:
    from ..report.screens.sweep import SHOWN, sweep_sheets, sweep_table
    from ..report.swept_files import blocks_in_order

    shown = SHOWN if options.format == "table" and options.top is None else None
    return Answer(
        swept.to_dict,
        lambda: sweep_table(swept),
        lambda space: sweep_sheets(swept, space, shown),
        _special_formats(swept.plan, lambda: blocks_in_order(swept)),
    )


def _special_formats(
    plan: SweepPlan, blocks: Callable[[], ColumnBlocks]
) -> dict[str, Callable[[Page], Pieces]]:
    """The formats that only this command has."""
    from ..report.swept_files import jsonl, parquet

    return {
        "jsonl": lambda page: jsonl(plan, blocks(), page.ascii),
        "parquet": lambda page: parquet(plan, blocks()),
    }


def _streamed(plan: SweepPlan, options: SweepOptions) -> int:
    """Write designs while they are computed."""
    from ..report.swept_files import blocks_of, table_of
    from ..report.terminal import Waiting

    with ExitStack() as stack:
        parts = stack.enter_context(_parts(options))
        progress = None
        # On a terminal that the designs scroll over there is no place for a bar.
        if options.output is not None or not sys.stdout.isatty():
            waiting = stack.enter_context(Waiting("sweeping", plan.designs.size, "designs"))
            progress = lambda done: waiting.step(done=done)  # noqa: E731
        run = plan.run(parts, progress)

        def blocks() -> Iterator[list[list[object]]]:
            return blocks_of(plan, run)

        answer = Answer(
            dict, lambda: table_of(plan, blocks()), lambda space: [], _special_formats(plan, blocks)
        )
        write_as_it_comes(answer, options)
    _remark(run, options)
    return _code(run.course, options)


def _remark(run: Run, options: SweepOptions) -> None:
    """Say what a file of designs has no place for."""
    found = run.course.found
    refused = found.designs - found.networks
    if refused and not run.wanted.refused:
        words = f"{refused:,} of {found.designs:,} designs are no networks and are not among these"
        help = ("--refused lists them, and says why",)
        report_diagnostics(
            [Diagnostic("refused", words, severity=WARNING, help=help)], options.diagnostics_format
        )


def _code(course: Course, options: SweepOptions) -> int:
    """The exit code; what Ctrl-C left out is said where the answer does not say it."""
    if course.complete:
        found = course.found
        left = found.designs - found.networks if options.refused else found.met
        return 0 if left else 1
    if options.format in STREAMED:
        words = f"stopped by Ctrl-C: {course.found.designs:,} of {course.designs:,} designs were computed"
        report_diagnostics([Diagnostic("stopped", words, severity=WARNING)], options.diagnostics_format)
    return 130
