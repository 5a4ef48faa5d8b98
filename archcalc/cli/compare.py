"""`archcalc compare`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING

import click

from ..diagnostics import fail
from ..report.answer import Answer, Page, Pieces
from .answer import no_png_for_a_terminal, report_diagnostics, reported, write_answer
from .completion import device_names, more_targets
from .help import Command
from .options import (
    CountedOptions,
    answer_options,
    apart,
    budget_option,
    columns_option,
    counted_options,
    counter_options,
    first_given,
    from_option,
    input_option,
    layout_option,
    module_options,
    no_columns,
    not_in_format,
    ops_option,
    set_option,
)
from .target import load_network, remarks, several_targets

if TYPE_CHECKING:
    from ..api.comparisons import ComparisonReport

PICTURES = ("png", "svg")


class CompareOptions(CountedOptions):
    """The words and options of `archcalc compare`."""

    words: tuple[str, ...]
    with_heads: bool
    plot: bool
    by_layer: bool
    depth: int | None
    all_layers: bool
    quantities: tuple[str, ...]
    on: str


@click.command("compare", cls=Command)
@click.argument("words", metavar="TARGET TARGET ...", nargs=-1, shell_complete=more_targets)
@input_option("Another input size, for all of them.")
@module_options
@set_option("Another value for a parameter that all of them have.")
@counted_options
@counter_options
@from_option
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@budget_option()
@layout_option
@click.option("--layers", "by_layer", is_flag=True, help="Two networks, layer by layer: what changed.")
@click.option("--depth", type=click.IntRange(1), metavar="N", help="With --layers: how far it is opened.")
@click.option("--all", "all_layers", is_flag=True, help="With --layers: every layer on a row of its own.")
@click.option(
    "--quantity",
    "quantities",
    multiple=True,
    metavar="EXPRESSION",
    help="A quantity of each, with difference, ratio and change: params, 'params(fc6)'; may be given again.",
)
@click.option(
    "--on",
    metavar="DEVICE",
    default="",
    shell_complete=device_names,
    help="A device, as `archcalc time` has it: the least time of each, and its ratio.",
)
@click.option("--plot", is_flag=True, help="A picture, png or svg: operations against reported accuracy.")
@columns_option
@click.option("-v", "--verbose", is_flag=True, help="Notes on the specs too.")
@ops_option
@answer_options(*PICTURES)
@reported(CompareOptions)
def command(options: CompareOptions) -> int:
    """Networks, or layers as one-liners, beside each other, with ratios; or what changed, by layer.

    A one-liner is a chain in quotes: archcalc compare "32x32x1 -> conv 5x5 1" "32x32x1 -> conv 3x3
    1 -> conv 3x3 1". With --layers, what changed from the first network to the second, where, and
    what it costs. --set 2:width=0.5 and --input 2:224x224x3 are for the second network alone.
    """
    from ..api.comparisons import ComparisonReport

    targets = several_targets(options.words)
    _check_layers(targets, options)
    options.format = _format(options)
    no_columns(options)
    networks = [
        load_network(target, _options_of(number, len(targets), options))
        for number, target in enumerate(targets, 1)
    ]
    try:
        compared = ComparisonReport(
            [
                network.summary(
                    batch=options.batch,
                    dtype=options.dtype,
                    with_heads=options.with_heads,
                    layout=options.layout,
                    on=options.on or None,
                )
                for network in networks
            ]
        )
    except ValueError as error:
        raise fail("usage", str(error)) from None
    write = _layers if options.by_layer else _quantities if options.quantities else _networks
    write_answer(write(compared, options), options)
    for target, network in zip(targets, networks, strict=True):
        report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0


def _networks(compared: ComparisonReport, options: CompareOptions) -> Answer:
    """The networks, a row each."""
    from ..quantities import further
    from ..report.screens.compare import PLAIN, compare_sheets, compare_table

    def drawn(page: Page) -> Pieces:
        from ..report.pictures.compared import compare_picture

        data = compare_picture(compared, options.format)
        no_png_for_a_terminal(options)
        return data

    return Answer(
        compared.to_dict,
        lambda: compare_table(compared, further(options.columns, PLAIN)),
        lambda space: compare_sheets(compared, space),
        dict.fromkeys(PICTURES, drawn),
    )


def _layers(compared: ComparisonReport, options: CompareOptions) -> Answer:
    """Two networks, layer by layer."""
    from ..report.screens.compare_layers import layers_sheets, layers_table

    diff = compared.layers()
    return Answer(
        diff.to_dict,
        lambda: layers_table(diff),
        lambda space: layers_sheets(diff, space, options.depth, options.all_layers),
    )


def _quantities(compared: ComparisonReport, options: CompareOptions) -> Answer:
    """Quantities of the networks, beside each other. Raises SpecError."""
    report = compared.quantities(*options.quantities)
    return Answer(report.to_dict, report._flat_table, report._sheets)


def _check_layers(targets: Sequence[str], options: CompareOptions) -> None:
    """Refuse what does not go with --layers, or not without it. Raises SpecError."""
    if options.on and (options.quantities or options.by_layer):
        raise apart("--on", "--quantity" if options.quantities else "--layers", "times stand in the table")
    if options.quantities:
        given = first_given(layers=options.by_layer, plot=options.plot)
        if given is not None:
            raise apart("--quantity", given)
        if options.format in PICTURES:
            raise not_in_format("--quantity", options)
    if not options.by_layer:
        given = first_given(depth=options.depth, all=options.all_layers)
        if given is not None:
            raise fail("usage", f"{given} goes with --layers", "without it a network is a row")
        return
    if len(targets) > 2:
        raise fail(
            "usage",
            f"--layers sets two networks beside each other, and these are {len(targets)}",
            "name two of them; without --layers there may be more",
        )
    if options.plot:
        raise apart("--layers", "--plot")
    if options.format in PICTURES:
        raise not_in_format("--layers", options)
    if options.all_layers and options.depth is not None:
        raise apart("--all", "--depth", "--all shows every layer, --depth folds changes that repeat")


def _options_of(number: int, targets: int, options: CompareOptions) -> CompareOptions:
    """The options for one of the targets: `2:width=0.5` is for the second alone. Raises SpecError."""
    found = copy(options)
    found.settings = _meant_for(number, targets, options.settings, "--set")
    found.inputs = _meant_for(number, targets, options.inputs, "--input")
    found.file_format = _format_of_target(number, options)
    return found


def _format_of_target(number: int, options: CompareOptions) -> str:
    """What `--from` states for one of the targets: `2:caffe` is for the second alone, `caffe` for those that
    are files. Raises SpecError."""
    which, colon, rest = options.file_format.partition(":")
    if not colon:
        target = options.words[number - 1]
        return options.file_format if target == "-" or os.path.isfile(target) else ""
    if not which.isdecimal() or not 1 <= int(which) <= len(options.words):
        raise fail(
            "argument",
            f"`--from {options.file_format}` is for none of the {len(options.words)} targets",
            "they count from 1, as in --from 2:caffe",
        )
    return rest if int(which) == number else ""


def _meant_for(number: int, targets: int, given: Sequence[str], option: str) -> tuple[str, ...]:
    """What is given to a target alone, and what is given to all and not to it alone."""
    shared: list[tuple[str, str]] = []
    alone: list[tuple[str, str]] = []
    for text in given:
        which, colon, rest = text.partition(":")
        # `128:int64` is an input of 128 positions.
        if not colon or not which.isdecimal() or not ("=" in rest or rest[:1].isdigit()):
            shared.append((text.partition("=")[0], text))
        elif not 1 <= int(which) <= targets:
            raise fail(
                "argument",
                f"`{option} {text}` is for target {which}, and there are {targets}",
                "they count from 1",
            )
        elif int(which) == number:
            alone.append((rest.partition("=")[0], rest))
    if option == "--input" and alone:
        return tuple([text for _, text in alone])
    names = {name for name, _ in alone}
    return tuple([text for name, text in shared if name not in names] + [text for _, text in alone])


def _format(options: CompareOptions) -> str:
    """The format; of a plot one of pictures, by the name of its file. Raises SpecError."""
    form = options.format
    if not options.plot or form in PICTURES:
        return form
    if form != "table":
        raise not_in_format("--plot", options, "a plot is a picture: --format png or svg")
    return "svg" if (options.output or "").lower().endswith(".svg") else "png"
