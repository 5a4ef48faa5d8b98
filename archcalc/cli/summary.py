"""`archcalc summary`."""

from __future__ import annotations

from typing import Any

import click

from ..analysis.totals import DTYPES
from .common import (
    answer,
    answer_text,
    chosen,
    flat_answer,
    format_option,
    load_network,
    network_options,
    one_target,
    output_options,
    remarks,
    reported,
    say,
    width_for,
)

# What --columns may say of the table.
COLUMNS = {
    "layer": "layer", "name": "layer", "what": "what", "output": "output", "params": "params",
    "parameters": "params", "macs": "macs", "rf": "rf",
}  # fmt: skip


@click.command("summary")
@click.argument("words", metavar="TARGET", nargs=-1)
@network_options
@click.option("--batch", type=click.IntRange(1), default=1, metavar="N", help="Batch size.")
@click.option(
    "--dtype", type=click.Choice(list(DTYPES)), default="fp32", help="Type of the values."
)
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@click.option("--depth", type=click.IntRange(1), metavar="N", help="How far blocks are opened.")
@click.option("--all", "all_layers", is_flag=True, help="Every layer on a row of its own.")
@click.option("--columns", metavar="NAMES", help="The columns to show, as in output,params,macs.")
@format_option()
@output_options
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """A row a layer: output volume, parameters, operations, receptive field; and totals."""
    (target,) = one_target(words)
    network = load_network(target, options)
    summary = network.summary(
        batch=options["batch"],
        dtype=options["dtype"],
        with_heads=options["with_heads"],
        layout=options["layout"],
    )
    form, output = options["form"], options["output"]
    if form == "json":
        from ..report.jsontext import summary_json

        answer_text(summary_json(summary), output)
    elif form in ("plain", "csv"):
        from ..report.flat import summary_table

        flat_answer(summary_table(summary), form, options["columns"], output)
    else:
        from ..report.summary_screen import summary_lines

        columns = chosen(options["columns"], COLUMNS)
        lines = summary_lines(
            summary, width_for(options), options["depth"], columns, options["all_layers"],
            options["verbose"],
        )  # fmt: skip
        answer(lines, output)
    say(remarks(network, target, options["verbose"], network.doubts(summary)), form)
    return 0
