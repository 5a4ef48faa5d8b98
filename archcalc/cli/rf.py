"""`archcalc rf`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ..diagnostics import fail
from ..graph import Layer
from ..report.answer import Answer, Page, Pieces
from .answer import no_png_for_a_terminal, report_diagnostics, reported, write_answer
from .completion import targets_and_layers
from .help import Command
from .options import (
    FoldedOptions,
    answer_options,
    columns_option,
    folding_options,
    network_options,
    no_columns,
    not_in_format,
    one_depth,
)
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from ..analysis.pixels import Seen
    from ..analysis.summary import ReceptiveField
    from ..network import Network

PICTURES = ("png", "svg", "gif")
# Those that can move.
MOVING = ("svg", "gif")


class FieldOptions(FoldedOptions):
    """The words and options of `archcalc rf`."""

    words: tuple[str, ...]
    at: str | None
    image: str | None
    animate: bool


@click.command("rf", cls=Command)
@click.argument("words", metavar="TARGET [LAYER]", nargs=-1, shell_complete=targets_and_layers)
@network_options
@click.option("--at", metavar="Y,X", help="One unit of the layer: exactly what it sees.")
@folding_options()
@columns_option
@click.option("--image", metavar="PHOTO", help="In a picture: a photo to draw on.")
@click.option("--animate", is_flag=True, help="An svg in which the field grows; gif does so anyway.")
@answer_options(*PICTURES)
@reported(FieldOptions)
def command(options: FieldOptions) -> int:
    """Receptive field, stride and start of every layer, or of one LAYER; per axis.

    The window of unit i is `size` input pixels from `start + i*stride`, not cut off at the image.
    As a picture, --format png or svg or a file named so: how the fields grow, or of a LAYER what
    the unit in the middle sees, or the unit that --at names. gif shows the fields grow, up to the
    LAYER if there is one, and so does svg with --animate.
    """
    target, *rest = one_target(options.words, more=1)
    no_columns(options)
    one_depth(options)
    network = load_network(target, options)
    if options.image is not None and options.format not in PICTURES:
        raise not_in_format("--image", options, "a photo is drawn on with --format png, svg or gif")
    if options.animate and options.format not in MOVING:
        raise not_in_format("--animate", options, "a picture that moves is an svg or a gif")
    moves = options.animate or options.format == "gif"
    if moves and options.at is not None:
        raise fail("usage", "--at is one unit: a picture that moves shows the fields of all layers")
    name = rest[0] if rest else None
    write_answer(
        _fields(network, name, options) if options.at is None else _unit(network, name, options), options
    )
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0


def _fields(network: Network, name: str | None, options: FieldOptions) -> Answer:
    """The fields of all layers, or of one. Raises SpecError."""
    from ..report.flat import rf_table
    from ..report.screens.rf import rf_sheets

    report = network.receptive_field(name, layout=options.layout)
    how = options.depth, options.all_layers
    return Answer(
        report.to_dict,
        lambda: rf_table(report),
        lambda space: rf_sheets(report.summary, report.shown, space, *how),
        _pictures(network, name, options),
    )


def _pictures(
    network: Network, name: str | None, options: FieldOptions
) -> dict[str, Callable[[Page], Pieces]]:
    """The formats of pictures."""

    def drawn(page: Page) -> Pieces:
        no_png_for_a_terminal(options)
        return _picture(network, name, options)

    return dict.fromkeys(PICTURES, drawn)


def _picture(network: Network, name: str | None, options: FieldOptions) -> bytes:
    """`--format png` or `svg`. Raises SpecError."""
    from ..report.pictures.canvas import photo_of
    from ..report.pictures.fields import growth_picture, image_among, unit_picture
    from ..report.screens.rf import rows_of

    report = network.receptive_field(name)
    summary = report.summary
    moves = options.animate or options.format == "gif"
    if (name is None or moves) and options.at is None:
        source = image_among(summary, report.layer)
        shown = summary.layers
        if report.layer is not None:
            shown = [layer for layer in shown if layer.index <= report.layer.index]
        rows, _ = rows_of(summary, shown, options.depth, options.all_layers)
        photo = photo_of(options.image, source) if options.image is not None else None
        if moves:
            from ..report.pictures.growing import growing_field

            return growing_field(summary, rows, source, photo, options.format)
        return growth_picture(summary, rows, source, photo, options.format)
    layer, unit, needs = _seen_by(network, report, options.at)
    source = image_among(summary, layer)
    extent = (summary.fields.of(layer) or {})[source]
    if extent.whole:
        raise fail("argument", f"`{layer.name}` sees everything: there is no window to draw")
    window = [ends for ends in needs[source].window if ends is not None]
    if len(window) < len(needs[source].window):
        raise fail("argument", "the unit sees nothing of the image: there is no window to draw")
    photo = photo_of(options.image, source) if options.image is not None else None
    return unit_picture(summary, layer, unit, window, source, photo, options.format)


def _seen_by(
    network: Network, report: ReceptiveField, at: str | None
) -> tuple[Layer, tuple[int, ...], dict[Layer, Seen]]:
    """The layer and unit that are asked for, and what that sees of every tensor before it. Without
    a position it is the unit in the middle. Raises SpecError."""
    from ..analysis.pixels import seen_by_unit

    layer: Layer | None = report.layer or report.summary.fields.last_local()
    if layer is None:
        raise fail("argument", "every layer sees everything: name a LAYER for --at")
    if at is None and not layer.output.spatial:
        raise fail("argument", f"`{layer.name}` sees everything: there is no window to draw")
    unit = tuple(n // 2 for n in layer.output.spatial) if at is None else _position(at, layer)
    needs = seen_by_unit(network.graph, layer, unit)
    if needs is None:
        raise fail("argument", f"a layer before `{layer.name}` has no rule for its window")
    return layer, unit, needs


def _unit(network: Network, name: str | None, options: FieldOptions) -> Answer:
    """`--at`: the window of one unit. Raises SpecError."""
    from ..report.records.networks import unit_record
    from ..report.screens.unit import UnitSight, unit_sheets, unit_table

    report = network.receptive_field(name, layout=options.layout)
    layer, unit, seen = _seen_by(network, report, options.at)
    windows = {at: of.window for at, of in seen.items()}
    sight = UnitSight(report.summary, layer, unit, windows, options.all_layers)
    return Answer(
        lambda: unit_record(report.summary, layer, unit, seen),
        lambda: unit_table(report.summary, seen),
        lambda space: unit_sheets(sight, space),
        _pictures(network, name, options),
    )


def _position(text: str, layer: Layer) -> tuple[int, ...]:
    """The unit that ``--at`` names. Raises SpecError."""
    spatial = layer.output.spatial
    try:
        unit = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise fail("argument", f"`--at {text}` is no position", "as in --at 3,3") from None
    if not spatial:
        raise fail("argument", f"`{layer.name}` puts out a vector: its units see everything")
    if len(unit) != len(spatial):
        raise fail("argument", f"`{layer.name}` has {len(spatial)} axes, `--at {text}` {len(unit)}")
    for position, size in zip(unit, spatial, strict=True):
        if not 0 <= position < size:
            raise fail(
                "argument",
                f"`--at {text}` lies outside {'x'.join(map(str, spatial))}",
                "positions are counted from 0",
            )
    return unit
