"""`archcalc compare`."""

from __future__ import annotations

import click

from ..report.answer import Answer, Page, Pieces
from .answer import no_png_for_a_terminal, report_diagnostics, reported, write_answer
from .completion import more_targets
from .help import Command
from .options import (
    CountedOptions,
    answer_options,
    budget_option,
    columns_option,
    counted_options,
    input_option,
    layout_option,
    module_options,
    no_columns,
    not_in_format,
    ops_option,
    set_option,
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
@input_option("Another input size, for all of them.")
@module_options
@set_option("Another value for a parameter that all of them have.")
@counted_options
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@budget_option()
@layout_option
@click.option("--plot", is_flag=True, help="A picture, png or svg: operations against reported accuracy.")
@columns_option
@click.option("-v", "--verbose", is_flag=True, help="Notes on the specs too.")
@ops_option
@answer_options(*PICTURES)
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
        raise not_in_format("--plot", options, "a plot is a picture: --format png or svg")
    return "svg" if (options.output or "").lower().endswith(".svg") else "png"
