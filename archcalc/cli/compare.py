"""`archcalc compare`."""

from __future__ import annotations

import click

from ..diagnostics import fail
from ..report.answer import Answer, Page, Pieces
from .answer import no_png_for_a_terminal, report_diagnostics, reported, write_answer
from .completion import more_targets
from .help import Command
from .options import (
    CountedOptions,
    batch_option,
    columns_option,
    dtype_option,
    format_option,
    no_columns,
    ops_option,
    output_options,
)
from .target import load_network, remarks, several_targets

PICTURES = ("png", "svg")


class CompareOptions(CountedOptions):
    """The words and options of `archcalc compare`."""

    words: tuple[str, ...]
    with_heads: bool
    plot: bool


@click.command("compare", cls=Command)
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
@batch_option
@dtype_option
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
@columns_option
@click.option("-v", "--verbose", is_flag=True, help="Notes on the specs too.")
@ops_option
@format_option(*PICTURES)
@output_options
@reported(CompareOptions)
def command(options: CompareOptions) -> int:
    """Networks, or layers as one-liners, beside each other, with ratios to the first.

    A one-liner is a chain in quotes: archcalc compare "32x32x1 -> conv 5x5 1" "32x32x1 -> conv 3x3
    1 -> conv 3x3 1".
    """
    from ..api.comparisons import ComparisonReport
    from ..quantities import further
    from ..report.screens.compare import PLAIN, compare_sheets, compare_table

    targets = several_targets(options.words)
    options.format = _format(options)
    no_columns(options)
    networks = [load_network(target, options) for target in targets]
    compared = ComparisonReport(
        [
            network.summary(
                batch=options.batch, dtype=options.dtype, with_heads=options.with_heads, layout=options.layout
            )
            for network in networks
        ]
    )

    def drawn(page: Page) -> Pieces:
        from ..report.pictures.compared import compare_picture

        data = compare_picture(compared, options.format)
        no_png_for_a_terminal(options)
        return data

    answer = Answer(
        compared.to_dict,
        lambda: compare_table(compared, further(options.columns, PLAIN)),
        lambda space: compare_sheets(compared, space),
        dict.fromkeys(PICTURES, drawn),
    )
    write_answer(answer, options)
    for target, network in zip(targets, networks, strict=True):
        report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0


def _format(options: CompareOptions) -> str:
    """The format; of a plot one of pictures, by the name of its file. Raises SpecError."""
    form = options.format
    if not options.plot or form in PICTURES:
        return form
    if form != "table":
        raise fail(
            "usage", f"--plot does not go with --format {form}", "a plot is a picture: --format png or svg"
        )
    return "svg" if (options.output or "").lower().endswith(".svg") else "png"
