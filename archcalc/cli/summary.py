"""`archcalc summary`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..analysis.training import OPTIMIZERS
from ..diagnostics import fail
from ..quantities import further, names
from ..report.answer import Answer
from ..report.lines import MOST
from .answer import report_diagnostics, reported, write_answer
from .completion import targets
from .help import Command
from .options import (
    FoldedOptions,
    answer_options,
    apart,
    counted_options,
    counter_options,
    first_given,
    folding_options,
    has_columns,
    network_options,
    no_columns,
    not_in_format,
    one_depth,
    size,
    writes_sheets,
)
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from ..api.summaries import SummaryReport
    from ..importing.parameters import ParameterTree
    from ..report.flat import FlatTable
    from ..report.screens.tool_table import LikeOptions

# What --columns may say of the table.
COLUMNS = {
    "layer": "layer",
    "name": "layer",
    "what": "what",
    **{word: meant.number or meant.name for word, meant in names().items() if meant.layer},
}


class SummaryOptions(FoldedOptions):
    """The words and options of `archcalc summary`."""

    words: tuple[str, ...]
    batch: int
    dtype: str
    optimizer: str | None
    mixed: bool
    fits: str | None
    with_heads: bool
    chart: bool
    like: str | None
    row_settings: str | None
    show_trainable: bool
    line_length: int | None
    expand_nested: bool


@click.command("summary", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@counter_options
@counted_options
@click.option(
    "--optimizer", type=click.Choice(list(OPTIMIZERS)), help="What training with it holds, line by line."
)
@click.option("--mixed", is_flag=True, help="Train in mixed precision, with an fp32 master copy.")
@click.option("--fits", metavar="SIZE", help="The largest batch that fits into SIZE, as in 24GiB.")
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@folding_options()
@click.option("--chart", is_flag=True, help="Bars along the depth in place of the table.")
@click.option(
    "--like",
    type=click.Choice(["fvcore", "keras", "torchinfo", "torchinfo-main"]),
    help="The table as fvcore, model.summary() of Keras or torchinfo prints it.",
)
@click.option(
    "--row-settings",
    metavar="NAMES",
    help="With --like torchinfo: its settings, of depth,var_names,ascii_only,hide_recursive_layers.",
)
@click.option("--show-trainable", is_flag=True, help="With --like keras: whether each layer is trained.")
@click.option("--expand-nested", is_flag=True, help="With --like keras: blocks as models within the model.")
@click.option(
    "--line-length", type=click.IntRange(40, MOST), metavar="N", help="With --like keras: its columns."
)
@click.option("--columns", metavar="NAMES", help="The columns to show, as in output,params,macs.")
@answer_options()
@reported(SummaryOptions)
def command(options: SummaryOptions) -> int:
    """One row per layer: output volume, parameters, operations, memory, receptive field; and totals."""
    from ..loading.targets import parameters_of

    (target,) = one_target(options.words)
    one_depth(options)
    tensors = parameters_of(target)
    if tensors is not None:
        return listed(tensors, options)
    network = load_network(target, options)
    limit = None if options.fits is None else size(options.fits)
    if options.chart:
        _no_table(options)
    if options.like is not None:
        _as_the_tool(options)
    elif options.row_settings is not None:
        raise fail("usage", "--row-settings is for --like torchinfo")
    elif options.show_trainable or options.line_length or options.expand_nested:
        raise fail("usage", "--show-trainable, --expand-nested and --line-length are for --like keras")
    no_column = first_given(optimizer=options.optimizer, fits=options.fits)
    if no_column is not None and has_columns(options.format):
        help = "--format json and the table have it"
        raise not_in_format(no_column, options, help, because=": its answer is no column")
    try:
        summary = network.summary(
            batch=options.batch,
            dtype=options.dtype,
            with_heads=options.with_heads,
            layout=options.layout,
            optimizer=options.optimizer,
            mixed=options.mixed,
            memory_limit=limit,
        )
    except ValueError as error:
        raise fail("usage", str(error)) from None
    write_answer(_answer(summary, options), options)
    shown = remarks(network, target, options.verbose, network.doubts(summary))
    if options.like is None and not options.chart and writes_sheets(options.format):
        shown = [d for d in shown if d.code != "traced"]  # the foot of the screen has them
    report_diagnostics(shown, options.diagnostics_format)
    return 0


def listed(tensors: ParameterTree, options: SummaryOptions) -> int:
    """The tensors of a file that holds no network. Raises SpecError for what only a network has."""
    other = first_given(
        until=options.until,
        freeze=options.freeze,
        input=options.inputs,
        tensor=options.tensors,
        set=options.settings,
        columns=options.columns,
        optimizer=options.optimizer,
        fits=options.fits,
        like=options.like,
        row_settings=options.row_settings,
        show_trainable=options.show_trainable,
        line_length=options.line_length,
        expand_nested=options.expand_nested,
        chart=options.chart,
        train=options.train,
        with_heads=options.with_heads,
        mixed=options.mixed,
    )
    if other:
        raise apart(other, tensors.path, "it holds tensors and no graph")
    from ..report.records.parameters import parameters_record
    from ..report.screens.parameters import parameters_sheets, parameters_table

    depth = None if not options.all_layers else 0
    answer = Answer(
        lambda: parameters_record(tensors),
        lambda: parameters_table(tensors),
        lambda space: parameters_sheets(tensors, options.depth or depth),
    )
    write_answer(answer, options)
    return 0


def _answer(summary: SummaryReport, options: SummaryOptions) -> Answer:
    """The table, a chart in its place, or the table of another tool. Raises SpecError."""
    if options.like is not None:
        from ..report.records.networks import other_tool_record
        from ..report.screens.tool_table import as_other_tool

        try:
            found = as_other_tool(summary, options.like, like_options(options))
        except ValueError as error:
            raise fail("usage", str(error)) from None
        return Answer(lambda: other_tool_record(found), found.table, found.sheets)
    if not has_columns(options.format) and not writes_sheets(options.format):
        no_columns(options)

    def table() -> FlatTable:
        from ..report.flat import SUMMARY, summary_table

        return summary_table(summary, further(options.columns, SUMMARY, of_layers=True))

    if options.chart:
        from ..report.screens.chart import chart_sheets

        return Answer(
            summary.record, table, lambda space: chart_sheets(summary, options.depth, options.all_layers)
        )
    from ..report.screens.summary import summary_sheets

    columns = None
    if options.columns is not None and writes_sheets(options.format):
        from ..report.flat import chosen

        columns = chosen(options.columns, COLUMNS)
    how = options.depth, columns, options.all_layers, options.verbose
    return Answer(summary.record, table, lambda space: summary_sheets(summary, space, *how))


def _no_table(options: SummaryOptions) -> None:
    """Refuse ``--chart`` beside what is answered elsewhere. Raises SpecError."""
    if not writes_sheets(options.format):
        raise not_in_format("--chart", options, "a chart is a screen: --format table")
    if other := first_given(columns=options.columns, optimizer=options.optimizer, fits=options.fits):
        raise apart("--chart", other, "a chart holds parameters and MACs")


def _as_the_tool(options: SummaryOptions) -> None:
    """Refuse beside ``--like`` what the tools have no word for. Raises SpecError."""
    other = first_given(chart=options.chart, all=options.all_layers, mixed=options.mixed, fits=options.fits)
    if other:
        raise apart("--like", other, f"{options.like} prints one table of all layers")
    from ..report.screens.tool_table import unknown_option

    lacking = unknown_option(str(options.like), like_options(options))
    if lacking:
        option = {"settings": "--row-settings"}.get(lacking, f"--{lacking.replace('_', '-')}")
        raise apart("--like", option, f"{options.like} has nothing of that kind")
    if not writes_sheets(options.format):
        no_columns(options)


def like_options(options: SummaryOptions) -> LikeOptions:
    """How the table of another tool is asked for."""
    from ..report.screens.tool_table import LikeOptions

    columns = options.columns if writes_sheets(options.format) else None
    return LikeOptions(
        options.depth,
        _names(columns),
        _names(options.row_settings),
        options.show_trainable,
        options.line_length,
        options.expand_nested,
        options.optimizer,
    )


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple([name.strip() for name in text.split(",")])
