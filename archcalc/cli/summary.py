"""`archcalc summary`."""

from __future__ import annotations

from typing import Any

import click

from ..analysis.totals import DTYPES
from ..analysis.training import OPTIMIZERS
from ..diagnostics import fail
from ..quantities import further, names
from .answer import (
    answer,
    answer_sheets,
    answer_text,
    ascii_only,
    flat_answer,
    report_diagnostics,
    reported,
    width_for,
    write_answer,
)
from .completion import targets
from .options import (
    BATCHES,
    SHEETS,
    chosen,
    format_option,
    network_options,
    no_columns,
    one_depth,
    output_options,
    size,
)
from .target import load_network, one_target, remarks

# What --columns may say of the table.
COLUMNS = {
    "layer": "layer",
    "name": "layer",
    "what": "what",
    **{word: meant.number or meant.name for word, meant in names().items() if meant.layer},
}


@click.command("summary")
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@click.option("--batch", type=BATCHES, default=1, metavar="N", help="Batch size.")
@click.option("--dtype", type=click.Choice(list(DTYPES)), default="fp32", help="Type of the values.")
@click.option(
    "--optimizer", type=click.Choice(list(OPTIMIZERS)), help="What training with it holds, line by line."
)
@click.option("--mixed", is_flag=True, help="Train in mixed precision, with an fp32 master copy.")
@click.option("--fits", metavar="SIZE", help="The largest batch that fits into SIZE, as in 24GiB.")
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@click.option("--depth", type=click.IntRange(1), metavar="N", help="How far blocks are opened.")
@click.option("--all", "all_layers", is_flag=True, help="Every layer on a row of its own.")
@click.option("--chart", is_flag=True, help="Bars along the depth in place of the table.")
@click.option(
    "--like",
    type=click.Choice(["keras", "torchinfo"]),
    help="The table as model.summary() of Keras or summary() of torchinfo prints it.",
)
@click.option("--columns", metavar="NAMES", help="The columns to show, as in output,params,macs.")
@format_option()
@output_options
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """A row a layer: output volume, parameters, operations, memory, receptive field; and totals."""
    (target,) = one_target(words)
    one_depth(options)
    network = load_network(target, options)
    memory_limit = None if options["fits"] is None else size(options["fits"])
    form, output = options["form"], options["output"]
    if options["chart"]:
        _no_table(options)
    if options["like"] is not None:
        _as_the_tool(options)
    if form in ("plain", "csv"):
        for name in ("optimizer", "fits"):
            if options[name] is not None:
                raise fail(
                    "usage",
                    f"--{name} does not go with --format {form}: its answer is no column",
                    "--format json and the table have it",
                )
    try:
        summary = network.summary(
            batch=options["batch"],
            dtype=options["dtype"],
            with_heads=options["with_heads"],
            layout=options["layout"],
            optimizer=options["optimizer"],
            mixed=options["mixed"],
            memory_limit=memory_limit,
        )
    except ValueError as error:
        raise fail("usage", str(error)) from None
    if options["like"] is not None:
        from ..report.screens.other_tools import as_other_tool

        found = as_other_tool(summary, options["like"])
        write_answer(options, found.to_dict, found.table, lambda: [found.sheet()], found.lines)
    elif options["chart"]:
        from ..report.screens.chart import chart_lines

        answer(chart_lines(summary, width_for(options), options["depth"], options["all_layers"]), output)
    elif form == "json":
        no_columns(options)
        from ..report.formats.jsontext import summary_json

        answer_text(summary_json(summary, ascii_only(output)), output)
    elif form in ("plain", "csv"):
        from ..report.flat import SUMMARY, summary_table

        more = further(options["columns"], SUMMARY, of_layers=True)
        flat_answer(summary_table(summary, more), form, options["columns"], output)
    else:
        from ..report.screens.summary import summary_lines, summary_sheets

        columns = chosen(options["columns"], COLUMNS)
        how = options["depth"], columns, options["all_layers"], options["verbose"]
        if form in SHEETS:
            answer_sheets(summary_sheets(summary, *how), form, output)
        else:
            answer(summary_lines(summary, width_for(options), *how), output)
    report_diagnostics(remarks(network, target, options["verbose"], network.doubts(summary)), form)
    return 0


def _no_table(options: dict[str, Any]) -> None:
    """Refuse ``--chart`` beside what is answered elsewhere. Raises SpecError."""
    if options["form"] != "table":
        raise fail(
            "usage",
            f"--chart does not go with --format {options['form']}",
            "a chart is a screen: --format table",
        )
    for name in ("columns", "optimizer", "fits"):
        if options[name] is not None:
            raise fail(
                "usage", f"--chart and --{name} do not go together", "a chart holds parameters and MACs"
            )


def _as_the_tool(options: dict[str, Any]) -> None:
    """Refuse beside ``--like`` what the tools have no word for. Raises SpecError."""
    for name in ("chart", "all_layers", "depth", "optimizer", "fits"):
        if options[name] not in (None, False):
            first = name.partition("_")[0]
            raise fail(
                "usage",
                f"--like and --{first} do not go together",
                f"{options['like']} prints one table of all layers",
            )
    if options["form"] not in ("plain", "csv") and options["columns"] is not None:
        raise fail(
            "usage",
            "--like and --columns do not go together",
            "--format plain and csv have columns to choose",
        )
