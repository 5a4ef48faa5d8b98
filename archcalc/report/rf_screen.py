"""The tables of `archcalc rf`."""

from __future__ import annotations

from collections.abc import Iterator

from ..analysis.receptive import Extent
from ..analysis.summary import Summary
from ..graph import Layer
from .bars import image_edges, span_picture
from .folding import Folding, Row
from .grid import Cell, Column, Grid, heading, wrapped
from .lines import Line, clean
from .words import field_size, per_axis, stride, volume

PICTURE_WIDEST, PICTURE_NARROWEST = 49, 23
# Rows of a picture that can be taken in at a glance.
FEW = 24


def rf_lines(
    summary: Summary,
    layers: list[Layer],
    width: int | None = None,
    depth: int | None = None,
    all_layers: bool = False,
) -> Iterator[Line]:
    """The screen of all layers, one table an input of the network."""
    graph = summary.graph
    folding = Folding(graph, layers, riding=not all_layers)
    if all_layers:
        depth = folding.levels
    if depth is not None:
        rows = folding.rows(min(max(depth, 1), folding.levels), runs=False, parents=False)
    else:
        # Each turn of a repeat sees more than the one before, so turns are put together only
        # where they would be too many.
        runs = folding.levels > 1 and folding.best(False, False, FEW) == 1
        rows = folding.rows(folding.best(runs, False, FEW), runs, False)
    for number, source in enumerate(graph.inputs):
        if number:
            yield []
        yield from _table(summary, rows, source, width)


def _table(summary: Summary, rows: list[Row], source: Layer, width: int | None) -> Iterator[Line]:
    graph = summary.graph
    seen: list[tuple[str, str, str, Extent | None, bool]] = []
    own = summary.fields.of(source)
    seen.append((source.name, "", volume(source.output, summary.layout),
                 own[source] if own else None, False))  # fmt: skip
    for row in rows:
        found = summary.fields.of(row.last)
        if found is not None and source not in found:
            continue
        seen.append(
            (
                clean(row.name), clean(row.text), volume(row.last.output, summary.layout),
                found[source] if found is not None else None, found is None,
            )
        )  # fmt: skip
    extents = [extent for *_, extent, _ in seen if extent is not None]
    spatial = tuple(source.output.spatial)
    square = all(
        len(set(e.size)) <= 1 and len(set(e.start)) <= 1 and len(set(e.stride)) <= 1
        for e in extents
    )  # fmt: skip
    alike = square and len(set(spatial)) <= 1
    image = spatial[0] if spatial else 0
    widest = max([e.size[0] for e in extents if e.size and not e.whole], default=1)

    def grid(what: bool, picture: int) -> Grid:
        columns = [Column("layer")]
        if what:
            columns.append(Column("what"))
        columns += [
            Column("output", right=True), Column("size", right=True),
            Column("stride", right=True), Column("start", right=True),
        ]  # fmt: skip
        if picture:
            columns.append(Column(image_edges(image, widest, picture)))
        table: list[list[Cell]] = []
        for name, words, output, extent, unknown in seen:
            cells: list[Cell] = [(name, "")]
            if what:
                cells.append((words, ""))
            cells.append((output, ""))
            if extent is None:
                cells += [("?" if unknown else "", "warn"), ("", ""), ("", "")]
            elif extent.whole or not extent.size:
                cells += [(field_size(extent), ""), ("", ""), ("", "")]
            else:
                strides = tuple(stride(s) for s in extent.stride)
                cells += [
                    (field_size(extent), ""),
                    (per_axis(strides) if all(strides) else "", ""),
                    (per_axis(extent.start), ""),
                ]
            if picture:
                if extent is None or not extent.size:
                    cells.append(("", ""))
                else:
                    size = image if extent.whole else extent.size[0]
                    cells.append(span_picture(size, image, widest, picture))
            table.append(cells)
        return Grid(columns, table)

    picture = PICTURE_WIDEST if image > 1 else 0
    what = True
    table = grid(what, picture)
    left_out = []
    if width is not None and table.width > width:
        what = False
        left_out.append("what")
        table = grid(what, picture)
        while table.width > width and picture > PICTURE_NARROWEST:
            picture -= 2
            table = grid(what, picture)
        if table.width > width and picture:
            picture = 0
            left_out.append("picture")
            table = grid(what, picture)
    axes = ", height = width" if alike and len(spatial) == 2 else ""
    if not alike and len(spatial) == 2:
        axes = ", height x width" + (", height drawn" if picture else "")
    title = f"receptive fields in input pixels{axes}"
    if len(graph.inputs) > 1:
        title += f", of the input {source.name}"
    shape = volume(source.output, summary.layout)
    yield from heading(clean(graph.about.name), title, shape, max(table.width, 60))
    yield []
    yield from table.lines()
    yield []
    parts = ["unit i sees size pixels from start + i·stride"]
    if picture:
        parts.append("━ in the image, ─ beyond")
    if any(not extent.aligned for extent in extents):
        parts.append("~ paths of different strides or centres meet")
    if any(extent.gated for extent in extents):
        parts.append("* a gate that sees everything is left out")
    for text in wrapped(parts, width or max(table.width, 80)):
        yield [(text, "aside")]
    if left_out:
        yield [(f"left out at {width} columns: {', '.join(left_out)}", "aside")]


# One unit -----------------------------------------------------------------------------------------

Intervals = tuple[tuple[int, int], ...]


def span(low: int, high: int) -> str:
    """``6..217``, or one position."""
    return str(low) if low == high else f"{low}..{high}"


def unit_lines(
    summary: Summary,
    layer: Layer,
    unit: tuple[int, ...],
    needs: dict[Layer, Intervals],
    width: int | None = None,
    all_layers: bool = False,
) -> Iterator[Line]:
    """The screen of `rf T LAYER --at`: what one unit reads of every tensor before it."""
    graph = summary.graph
    layout = summary.layout
    where = ", ".join(map(str, unit))
    spatial = "x".join(map(str, layer.output.spatial))
    names = {1: ["positions"], 2: ["rows", "columns"]}.get(
        len(unit), [f"axis {axis + 1}" for axis in range(len(unit))]
    )
    yield [(f"{clean(graph.about.name)} {clean(layer.name)}".strip(), "title"),
           (f"  unit ({where}) of {spatial} sees", "")]  # fmt: skip
    yield []
    sources = [source for source in graph.inputs if source in needs]
    for source in sources:
        window = needs[source]
        line: Line = [("  ", "")]
        for name, (low, high) in zip(names, window, strict=False):
            line += [(f"{name} ", ""), (span(low, high), "title"), ("  ", "")]
        called = "input" if len(graph.inputs) == 1 else f"input {source.name}"
        line.append((f"of the {called} {volume(source.output, layout)}", ""))
        yield line
        sizes = "x".join(str(high - low + 1) for low, high in window)
        inside = [
            (max(low, 0), min(high, n - 1))
            for (low, high), n in zip(window, source.output.spatial, strict=False)
        ]
        if all(a == b for a, b in zip(inside, window, strict=False)):
            yield [(f"  {sizes}, all of it in the image", "")]
        else:
            seen = "x".join(str(max(0, high - low + 1)) for low, high in inside)
            yield [(f"  {sizes}, of which {seen} in the image", "")]
    yield []
    shown = [at for at in graph.layers if at in needs and at.index <= layer.index]
    if not all_layers:
        # What a pointwise layer reads is what it puts out: its row would repeat the next.
        shown = [at for at in shown if not at.op.rides and not at.op.norm] or shown
    if layer not in shown:
        shown.append(layer)
    rows: list[list[Cell]] = []
    for at in [*reversed(shown), *reversed(sources)]:
        spans = needs[at]
        name = at.name
        cells: list[Cell] = [(clean(name), ""), (volume(at.output, layout), "")]
        cells += [(span(low, high), "") for low, high in spans]
        cells.append(("x".join(str(high - low + 1) for low, high in spans), ""))
        if len(spans) != len(unit):
            cells = [(clean(name), ""), (volume(at.output, layout), "")]
            cells += [("all", "")] * len(unit) + [("all", "")]
        rows.append(cells)
    columns = [Column("layer"), Column("of", right=True)]
    columns += [Column(name, right=True) for name in names]
    columns.append(Column("window", right=True))
    table = list(Grid(columns, rows).lines())
    picture: list[Line] = []
    if len(unit) == 2 and len(sources) == 1:
        picture = _map(needs[sources[0]], tuple(sources[0].output.spatial))
    edge = max(sum(len(text) for text, _ in line) for line in table)
    beside = bool(picture) and (width is None or edge + 4 + _length(picture[0]) <= width)
    if beside:
        # The map stands beside the rows, below heads and rule.
        for number, line in enumerate([*table, *[[] for _ in picture]]):
            at_row = number - 2
            if at_row >= len(picture) and number >= len(table):
                break
            used = sum(len(text) for text, _ in line)
            if 0 <= at_row < len(picture):
                line = [*line, (" " * (edge - used + 4), ""), *picture[at_row]]
            yield line
    else:
        yield from table
        if picture:
            yield []
            yield from picture
    yield []
    parts = ["counted from 0, ends included"]
    if picture:
        parts += ["frame: the image", "░ seen"]
        if any(low < 0 or high >= n for (low, high), n in
               zip(needs[sources[0]], sources[0].output.spatial, strict=True)):  # fmt: skip
            parts.append("dots: seen beyond it")
    for text in wrapped(parts, width):
        yield [(text, "aside")]


def _length(line: Line) -> int:
    return sum(len(text) for text, _ in line)


def _map(window: Intervals, spatial: tuple[int, ...]) -> list[Line]:
    """The image as a frame and the window in it, about 28 cells wide; cells are twice as high."""
    height, width = spatial
    (top, bottom), (left, right) = window
    low_y, high_y = min(0, top), max(height, bottom + 1)
    low_x, high_x = min(0, left), max(width, right + 1)
    scale = max((high_x - low_x) / 26, (high_y - low_y) / 26)

    def cell_x(x: float) -> int:
        return round((x - low_x) / scale)

    def cell_y(y: float) -> int:
        return round((y - low_y) / (2 * scale))

    frame_l, frame_r = cell_x(0), cell_x(width) + 1
    frame_t, frame_b = cell_y(0), cell_y(height) + 1
    seen_l, seen_r = cell_x(left), max(cell_x(right + 1), cell_x(left) + 1)
    seen_t, seen_b = cell_y(top), max(cell_y(bottom + 1), cell_y(top) + 1)
    lines: list[Line] = []
    for y in range(max(cell_y(high_y), seen_b) + 2):
        line = ""
        for x in range(max(cell_x(high_x), seen_r) + 2):
            on_row, on_column = frame_t <= y <= frame_b, frame_l <= x <= frame_r
            seen = seen_l < x <= seen_r and seen_t < y <= seen_b
            if on_row and on_column and (y in (frame_t, frame_b) or x in (frame_l, frame_r)):
                if y in (frame_t, frame_b) and x in (frame_l, frame_r):
                    line += ("┌" if x == frame_l else "┐") if y == frame_t else (
                        "└" if x == frame_l else "┘")  # fmt: skip
                else:
                    line += "─" if y in (frame_t, frame_b) else "│"
            elif on_row and on_column:
                line += "░" if seen else " "
            else:
                line += "·" if seen else " "
        lines.append([(line.rstrip(), "aside" if "░" not in line else "")])
    while lines and not lines[-1][0][0]:
        lines.pop()
    return lines
