"""`archcalc compare`."""

from __future__ import annotations

from typing import Any

import click

from ..analysis.totals import DTYPES
from ..diagnostics import fail
from .answer import answer_picture, report_diagnostics, reported, write_answer
from .completion import more_targets
from .options import ALL_FORMATS, BATCHES, format_option, no_columns, output_options
from .target import load_network, remarks, several_targets

PICTURES = ("png", "svg")


@click.command("compare")
@click.argument("words", metavar="TARGET TARGET ...", nargs=-1, shell_complete=more_targets)
@click.option(
    "--input", "inputs", multiple=True, metavar="HxWxC", help="Another input size, for all of them."
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another value for a parameter that all of them have.",
)
@click.option("--batch", type=BATCHES, default=1, metavar="N", help="Batch size.")
@click.option("--dtype", type=click.Choice(list(DTYPES)), default="fp32", help="Type of the values.")
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@click.option(
    "--budget",
    type=click.IntRange(1, 10_000_000),
    metavar="N",
    help="The most layers a network may have.  [default: 50,000]",
)
@click.option(
    "--layout",
    type=click.Choice(["hwc", "chw"]),
    default="hwc",
    help="Order of the axes in shapes, read and printed.  [default: hwc]",
)
@click.option("--plot", is_flag=True, help="A picture, png or svg: operations against reported accuracy.")
@click.option("--columns", metavar="NAMES", help="With --format plain or csv: the columns.")
@click.option("-v", "--verbose", is_flag=True, help="Notes on the specs too.")
@format_option(*ALL_FORMATS, *PICTURES)
@output_options
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """Networks, or layers as one-liners, beside each other, with ratios to the first.

    A one-liner is a chain in quotes: archcalc compare "32x32x1 -> conv 5x5 1" "32x32x1 -> conv 3x3
    1 -> conv 3x3 1".
    """
    targets = several_targets(words)
    form, output = _form(options), options["output"]
    no_columns(options)
    networks = [load_network(at, {**options, "until": None, "freeze": None}) for at in targets]
    from ..api.comparisons import ComparisonReport

    how = {name: options[name] for name in ("batch", "dtype", "with_heads", "layout")}
    compared = ComparisonReport([network.summary(**how) for network in networks])
    if form in PICTURES:
        from ..report.pictures.compared import compare_picture

        answer_picture(compare_picture(compared, form), form, output)
    else:
        from ..quantities import further
        from ..report.screens.compare import PLAIN, compare_lines, compare_sheet, compare_table

        more = further(options["columns"], PLAIN)
        write_answer(
            options,
            compared.to_dict,
            lambda: compare_table(compared, more),
            lambda: [compare_sheet(compared)],
            lambda width: compare_lines(compared, width),
        )
    for target, network in zip(targets, networks, strict=True):
        report_diagnostics(remarks(network, target, options["verbose"]), form)
    return 0


def _form(options: dict[str, Any]) -> str:
    """The format; of a plot one of pictures, by the name of its file. Raises SpecError."""
    form = str(options["form"])
    if not options["plot"] or form in PICTURES:
        return form
    if form != "table":
        raise fail(
            "usage", f"--plot does not go with --format {form}", "a plot is a picture: --format png or svg"
        )
    return "svg" if (options["output"] or "").lower().endswith(".svg") else "png"
