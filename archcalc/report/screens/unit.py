"""The screen of `archcalc rf T LAYER --at`: what one unit reads of every tensor before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from ...analysis.pixels import Seen
from ...analysis.summary import Summary
from ...graph import Layer
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import Line, clean
from ..records.networks import seen_records
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, Space, TableBlock, TextBlock
from ..words import called_where, interval, marked_size, marks_explained, volume

# First and last position read, an axis; None where nothing is.
Intervals = Sequence[tuple[int, int] | None]

# What positions along the axes of a signal, an image and a volume are called.
POSITIONS = {1: ["positions"], 2: ["rows", "columns"], 3: ["frames", "rows", "columns"]}

COUNTED = "counted from 0, ends included"

# Cells that the map takes across; a cell is twice as high as wide.
ACROSS = 26


class UnitSight(NamedTuple):
    """What one unit of a layer sees.

    needs       first and last position of the window, per axis, of each tensor: on the tensor these are
                positions that are read
    all_layers  layers whose row would repeat the next have one too
    """

    summary: Summary
    layer: Layer
    unit: tuple[int, ...]
    needs: Mapping[Layer, Intervals]
    all_layers: bool = False

    @property
    def sources(self) -> list[Layer]:
        """The inputs that it sees."""
        return [source for source in self.summary.graph.inputs if source in self.needs]

    @property
    def called(self) -> str:
        """Network and layer."""
        name = " ".join(self.summary.graph.metadata.name.split())
        return f"{clean(name)} {clean(self.layer.name)}".strip()

    @property
    def which(self) -> str:
        """``unit (3, 3) of 7x7``."""
        of = "x".join(map(str, self.layer.output.spatial))
        return f"unit ({', '.join(map(str, self.unit))}) of {of}"

    def answers(self) -> Iterator[Line]:
        """The window in each input, and how much of it is in the image."""
        for source in self.sources:
            yield from _answer(self.summary, source, self.needs[source], _names(self.needs[source]))

    def marks(self) -> list[str]:
        """The parts that are left out on the way: gates, and what norms take their statistics of."""
        extents = (self.summary.fields.of(self.layer) or {}).values()
        sizes = [marked_size(extent.size, True, extent.gated, extent.normed) for extent in extents]
        return [words[2:] for words in marks_explained(sizes)]


def unit_lines(sight: UnitSight, space: Space) -> Iterator[Line]:
    """The screen."""
    sources, needs = sight.sources, sight.needs
    yield [(sight.called, "title"), (f"  {sight.which} sees", "")]
    yield []
    yield from ([("  ", ""), *line] for line in sight.answers())
    yield []
    table = list(space.shown_grid(_table(sight)).lines())
    picture: list[Line] = []
    # A reshape may give a map to a vector, which has no axes to draw.
    if len(sight.unit) == 2 and len(sources) == 1 and len(needs[sources[0]]) == 2:
        down, across_ends = needs[sources[0]]
        if down is not None and across_ends is not None:
            picture = _map((down, across_ends), sources[0].output.spatial)
    edge = max([space.width_of_line(line) for line in table])
    across = max([space.width_of_line(line) for line in picture], default=0)
    if picture and (space.width is None or edge + 4 + across <= space.width):
        yield from _beside(table, picture, space.of(edge + 4))
    else:
        yield from table
        if picture:
            yield []
            yield from picture
    yield []
    parts = [COUNTED]
    if picture:
        parts += ["frame: the image", "░ seen"]
        if any("·" in text for line in picture for text, _ in line):
            parts.append("dots: seen beyond it")
    parts += sight.marks()
    yield from space.asides(parts)


def unit_table(summary: Summary, seen: Mapping[Layer, Seen]) -> FlatTable:
    """A record a tensor: first and last position of the window."""
    records = seen_records(summary, seen)
    header = ["name", "op", "first", "last"]
    return header, ([r["name"], r["op"], tuple(r["first"]), tuple(r["last"])] for r in records)


def unit_sheets(sight: UnitSight, space: Space = PAGE) -> list[Sheet]:
    """The answer for one unit, on a screen with a map beside it."""
    if space.drawn:
        lines = TextBlock(lambda space: unit_lines(sight, space))
        return [Sheet(sight.called, f"{sight.which} sees", "", "unit", lines, headed=False)]
    answers = [("", line) for line in sight.answers()]
    label = f"{clean(sight.layer.name)} {' '.join(map(str, sight.unit))}"
    blocks = FactsBlock(lambda space: answers), NotesBlock([COUNTED, *sight.marks()])
    return [Sheet(sight.called, f"what {sight.which} sees", "", label, TableBlock(_table(sight)), *blocks)]


def _names(unit: Sequence[object]) -> list[str]:
    """The names of positions along the axes."""
    return POSITIONS.get(len(unit)) or [f"axis {axis + 1}" for axis in range(len(unit))]


def _answer(summary: Summary, source: Layer, window: Intervals, names: Sequence[str]) -> Iterator[Line]:
    """The window in an input, and how much of it is in the image."""
    line: Line = []
    for name, ends in zip(names, window, strict=False):
        line += [(f"{name} ", ""), (interval(ends), "title"), ("  ", "")]
    one = len(summary.graph.inputs) == 1
    called = "input" if one else f"input {clean(source.name)}"
    yield [*line, (f"of the {called} {volume(source.output, summary.layout)}", "")]
    sizes = _sizes(window)
    if not sizes:
        return
    known = [ends for ends in window if ends is not None]
    if len(known) < len(window):
        yield [(f"{sizes}, no path leads there", "")]
        return
    where = called_where(source.output)
    if _inside(known, source):
        yield [(f"{sizes}, all of it in the {where}", "")]
        return
    inside = [
        max(0, min(high, n - 1) - max(low, 0) + 1)
        for (low, high), n in zip(known, source.output.spatial, strict=True)
    ]
    yield [(f"{sizes}, of which {'x'.join(map(str, inside))} in the {where}", "")]


def _sizes(window: Intervals) -> str:
    """How much is read, an axis: ``7x7``."""
    return "x".join(["0" if ends is None else str(ends[1] - ends[0] + 1) for ends in window])


def _inside(window: Sequence[tuple[int, int]], source: Layer) -> bool:
    return all(low >= 0 and high < n for (low, high), n in zip(window, source.output.spatial, strict=True))


def _table(sight: UnitSight) -> Grid:
    """The rows of what is read of each tensor, from the layer back to the inputs."""
    summary, layer, needs, names = sight.summary, sight.layer, sight.needs, _names(sight.unit)
    shown = [at for at in summary.graph.layers if at in needs and at.index <= layer.index]
    if not sight.all_layers:
        # What a pointwise layer reads is what it puts out: its row would repeat the next.
        shown = [
            at for at in shown if at is layer or not (at.facts.pointwise and (at.op.inline or at.op.is_norm))
        ]
    rows: list[list[Cell]] = []
    for at in [*reversed(shown), *reversed(sight.sources)]:
        cells = [clean(at.name), volume(at.output, summary.layout)]
        if len(needs[at]) == len(names):
            cells += [interval(ends) for ends in needs[at]]
            cells.append(_sizes(needs[at]))
        else:
            cells += ["all"] * (len(names) + 1)  # a vector
        rows.append([(cell, "") for cell in cells])
    columns = [Column("layer"), Column("of", right=True)]
    columns += [Column(name, right=True) for name in names]
    return Grid([*columns, Column("window", right=True)], rows)


def _beside(table: Sequence[Line], picture: Sequence[Line], space: Space) -> Iterator[Line]:
    """The map at the right of a space beside the rows, below heads and rule."""
    edge = space.width or 0
    for number in range(max(len(table), len(picture) + 2)):
        line = table[number] if number < len(table) else []
        if 0 <= number - 2 < len(picture):
            line = [*line, (" " * (edge - space.width_of_line(line)), ""), *picture[number - 2]]
        yield line


class _Scale:
    """Cells along one axis of the map: those before the image, its two edges, those behind it.

    low, high   first and last position seen
    size        of the image
    step        positions a cell
    """

    def __init__(self, low: int, high: int, size: int, step: float):
        self.low, self.high, self.size = low, high, size
        count = max(1, round(size / step))
        self.first = ceil(max(0, -low) / step)
        self.last = self.first + 1 + count
        self.cells = self.last + 1 + ceil(max(0, high + 1 - size) / step)
        # Cells of the image that are seen; more than nothing is a cell.
        start = min(round(max(low, 0) / step), count - 1)
        stop = max(round(min(high + 1, size) / step), start + 1)
        self.lit = range(start, stop) if low < size and high >= 0 else range(0)
        self.step = step

    def edge(self, cell: int) -> bool:
        """Whether a cell is one of the image's edges."""
        return cell in (self.first, self.last)

    def inside(self, cell: int) -> bool:
        """Whether a cell is of the image, its edges included."""
        return self.first <= cell <= self.last

    def seen(self, cell: int) -> bool:
        """Whether what a cell stands for is seen."""
        if cell <= self.first:  # before the image: cells count back from its edge
            return self.low < (cell - self.first + 1) * self.step and self.low < 0
        if cell >= self.last:
            return self.high >= self.size + (cell - self.last - 1) * self.step
        return cell - self.first - 1 in self.lit


def _map(window: Sequence[tuple[int, int]], spatial: Sequence[int]) -> list[Line]:
    """The image as a frame and the window in it; dots where the window lies beyond the image."""
    height, width = spatial
    (top, bottom), (left, right) = window
    across = max(width, right + 1) - min(0, left)
    down = max(height, bottom + 1) - min(0, top)
    step = max(across, down) / ACROSS
    ys = _Scale(top, bottom, height, 2 * step)
    xs = _Scale(left, right, width, step)

    def sign(x: int, y: int) -> str:
        if not (ys.inside(y) and xs.inside(x)):
            return "·" if xs.seen(x) and ys.seen(y) else " "
        if ys.edge(y) and xs.edge(x):
            return ("┌┐" if y == ys.first else "└┘")[x == xs.last]
        if ys.edge(y):
            return "─"
        if xs.edge(x):
            return "│"
        return "░" if xs.seen(x) and ys.seen(y) else " "

    lines = ["".join([sign(x, y) for x in range(xs.cells)]).rstrip() for y in range(ys.cells)]
    return [[(line, "" if "░" in line else "aside")] for line in lines]
