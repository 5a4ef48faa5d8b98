"""`archcalc rf`."""

from __future__ import annotations

from typing import Any

import click

from ..diagnostics import fail
from ..graph import Layer
from .answer import answer_picture, report_diagnostics, reported, write_answer
from .completion import targets_and_layers
from .options import ALL_FORMATS, format_option, network_options, no_columns, one_depth, output_options
from .target import load_network, one_target, remarks

PICTURES = ("png", "svg")


@click.command("rf")
@click.argument("words", metavar="TARGET [LAYER]", nargs=-1, shell_complete=targets_and_layers)
@network_options
@click.option("--at", metavar="Y,X", help="One unit of the layer: exactly what it sees.")
@click.option("--depth", type=click.IntRange(1), metavar="N", help="How far blocks are opened.")
@click.option("--all", "all_layers", is_flag=True, help="Every layer on a row of its own.")
@click.option("--columns", metavar="NAMES", help="With --format plain or csv: the columns.")
@click.option("--image", metavar="PHOTO", help="In a png or svg: a photo to draw on.")
@format_option(*ALL_FORMATS, *PICTURES)
@output_options
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """Receptive field, stride and start of every layer, or of one LAYER; per axis.

    The window of unit i is `size` input pixels from `start + i*stride`, not cut off at the image.
    As a picture, --format png or svg or a file named so: how the fields grow, or of a LAYER what
    the unit in the middle sees, or the unit that --at names.
    """
    target, *rest = one_target(words, more=1)
    no_columns(options)
    one_depth(options)
    network = load_network(target, options)
    form = options["form"]
    if options["image"] is not None and form not in PICTURES:
        raise fail(
            "usage",
            f"--image does not go with --format {form}",
            "a photo is drawn on with --format png or svg",
        )
    if form in PICTURES:
        _picture(network, rest[0] if rest else None, options)
    elif options["at"] is not None:
        _unit(network, rest[0] if rest else None, options)
    else:
        report = network.receptive_field(rest[0] if rest else None, layout=options["layout"])
        from ..report.flat import rf_table
        from ..report.screens.rf import rf_lines, rf_sheets

        layers = report.shown
        how = options["depth"], options["all_layers"]
        write_answer(
            options,
            report.to_dict,
            lambda: rf_table(report),
            lambda: rf_sheets(report.summary, layers, *how),
            lambda width: rf_lines(report.summary, layers, width, *how),
        )
    report_diagnostics(remarks(network, target, options["verbose"]), form)
    return 0


def _picture(network: Any, name: str | None, options: dict[str, Any]) -> None:
    """`--format png` or `svg`."""
    from ..report.pictures.canvas import photo_of
    from ..report.pictures.fields import growth_picture, image_among, unit_picture
    from ..report.screens.rf import rows_of

    report = network.receptive_field(name)
    summary, form = report.summary, options["form"]
    if name is None and options["at"] is None:
        source = image_among(summary, None)
        rows, _ = rows_of(summary, summary.layers, options["depth"], options["all_layers"])
        photo = photo_of(options["image"], source) if options["image"] is not None else None
        data = growth_picture(summary, rows, source, photo, form)
        answer_picture(data, form, options["output"])
        return
    layer, unit, needs = _seen_by(network, report, options["at"])
    source = image_among(summary, layer)
    extent = (summary.fields.of(layer) or {})[source]
    if extent.whole:
        raise fail("argument", f"`{layer.name}` sees everything: there is no window to draw")
    window = needs[source].window
    if any(ends is None for ends in window):
        raise fail("argument", "the unit sees nothing of the image: there is no window to draw")
    photo = photo_of(options["image"], source) if options["image"] is not None else None
    data = unit_picture(summary, layer, unit, window, source, photo, form)
    answer_picture(data, form, options["output"])


def _seen_by(network: Any, report: Any, at: str | None) -> tuple[Layer, tuple[int, ...], Any]:
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


def _unit(network: Any, name: str | None, options: dict[str, Any]) -> None:
    """`--at`: the window of one unit."""
    from ..report.screens.unit import unit_lines, unit_sheet

    report = network.receptive_field(name, layout=options["layout"])
    layer, unit, seen = _seen_by(network, report, options["at"])

    def end(block: Any, which: int) -> list[int | None]:
        return [None if ends is None else ends[which] for ends in block]

    records: list[dict[str, Any]] = []
    for at in (*network.graph.inputs, *network.graph.layers):
        if at not in seen:
            continue
        window, pixels = seen[at]
        records.append({"name": at.name, "op": at.op.name, "first": end(window, 0), "last": end(window, 1)})
        if pixels != window:  # a part of the window lies beyond the tensor
            records[-1] |= {"first_read": end(pixels, 0), "last_read": end(pixels, 1)}
    extents = (report.summary.fields.of(layer) or {}).values()
    marks = {name: True for name in ("gated", "normed") if any(getattr(extent, name) for extent in extents)}
    header = ["name", "op", "first", "last"]
    rows = ([r["name"], r["op"], tuple(r["first"]), tuple(r["last"])] for r in records)
    needs = {at: of.window for at, of in seen.items()}
    asked = report.summary, layer, unit, needs
    write_answer(
        options,
        lambda: {
            "name": network.name,
            "layer": layer.name,
            "unit": list(unit),
            "input": report.summary.input,
            "layers": records,
            **marks,
        },
        lambda: (header, rows),
        lambda: [unit_sheet(*asked, options["all_layers"])],
        lambda width: unit_lines(*asked, width, options["all_layers"]),
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
