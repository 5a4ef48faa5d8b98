"""The tensors of a network as boxes in space, to scale, as papers draw them.

A box is the tensor that a row of the picture puts out. Its front is as high as the map and its side as deep
as the map is wide; its length are the channels. A vector is a bar. How the boxes stand is up to
``volumes_in_line`` and ``volumes_on_levels``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from math import sqrt
from typing import NamedTuple

from ...diagnostics import fail
from ...graph import Graph, Layer
from ..kinds import BLOCK, FREE, HEAD, KINDS, OUTPUT, REPEAT, legend
from ..wrapping import shortened
from .graph import Box, Picture
from .scene import FAINT, Scene, width_of

# Points: the side of the largest map; nothing that has a size is drawn smaller than LEAST.
SIDE, LEAST = 120.0, 1.0
# The most channels are at most so long, and all boxes together.
LONG, ALL_LONG = 40.0, 250.0
# Of the other axis of a map, how much is seen, to the right and upwards.
SLANT = 0.3
# A vector: how thick its bar is, and how long the longest.
THICK, BAR = 5.0, 90.0
# Points of captions, and between their lines.
SIZE, LINE = 6.5, 7.8
# Signs of a line of a caption.
SIGNS = 16
DIGITS = "0123456789"
# Boxes that a person can still tell apart.
MOST_VOLUMES = 300


class DrawnVolume(NamedTuple):
    """A tensor to draw: the box of the picture that puts it out, and its sizes in points: how high and deep
    its map is, and how long its channels are."""

    box: Box
    tensor: Layer
    high: float
    deep: float
    long: float

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor."""
        return tuple(self.tensor.output)

    @property
    def top(self) -> float:
        """How far it reaches above its middle; it reaches as far below."""
        return (self.high + self.deep) / 2

    @property
    def wide(self) -> float:
        """How far it reaches to the right."""
        return self.long + self.deep

    def draw(self, scene: Scene, left: float, middle: float) -> None:
        """Draw front, top and side; these are darker."""
        colour = KINDS[self.box.kind].light
        back, up = self.deep, self.deep
        right, bottom = left + self.long, middle + self.top
        top = bottom - self.high
        scene.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour, width=0.5)
        if self.deep:
            upper = [(left, top), (left + back, top - up), (right + back, top - up), (right, top)]
            scene.polygon(upper, _darker(colour, 0.93), width=0.5)
            side = [(right, top), (right + back, top - up), (right + back, bottom - up), (right, bottom)]
            scene.polygon(side, _darker(colour, 0.84), width=0.5)

    def entered_at(self, left: float) -> float:
        """Where a level arrow through its middle meets it."""
        return left + max(0.0, (self.deep - self.high) / 2)

    def left_at(self, left: float) -> float:
        """Where a level arrow through its middle leaves it."""
        return left + self.long + min(self.deep, self.top)


class Volumes:
    """The tensors of a picture that are drawn, in the order of the text, and the edges between them.

    What leaves the shape as it is and has no parameters is left out: whoever reads it reads what it reads.
    ``passed`` says of what else that is so.
    """

    def __init__(self, picture: Picture, passed: Callable[[Box], bool] = lambda box: False):
        self.picture = picture
        boxes = [box for box in picture.root.boxes() if box.kind not in (OUTPUT, HEAD)]
        arriving: dict[Box, list[Box]] = {box: [] for box in boxes}
        for edge in picture.edges:
            if edge.target in arriving and edge.source in arriving:
                arriving[edge.target].append(edge.source)
        stands_for: dict[Box, Box] = {}
        shown: list[Box] = []
        for box in boxes:
            sources = list(dict.fromkeys(arriving[box]))
            same = len(sources) == 1 and box.kind == FREE and _shape(sources[0]) == _shape(box)
            same = same or (len(sources) == 1 and passed(box))
            stands_for[box] = stands_for[sources[0]] if same else box
            if not same:
                shown.append(box)
        if len(shown) > MOST_VOLUMES:
            raise fail(
                "limit",
                f"{len(shown):,} boxes are more than one can tell apart in a picture to scale",
                "--depth folds blocks",
                "--style blocks draws them all",
            )
        self.least = False
        self.volumes = list(self._sized(shown))
        number = {one.box: at for at, one in enumerate(self.volumes)}
        pairs = [(number[stands_for[s]], number[b]) for b in shown for s in arriving[b]]
        self.edges = list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))

    def _sized(self, boxes: Iterable[Box]) -> Iterator[DrawnVolume]:
        tensors = [(box, box.layers[-1]) for box in boxes]
        maps = [tensor.output for _, tensor in tensors if tensor.output.spatial]
        scale = SIDE / max([max(shape.spatial[-2:]) for shape in maps], default=1)
        most = max([shape[-1] for shape in maps], default=1)
        length = min(LONG / most, ALL_LONG / max(1, sum([shape[-1] for shape in maps])))
        longest = max([tensor.output[-1] for _, tensor in tensors if not tensor.output.spatial], default=1)
        for box, tensor in tensors:
            sizes = tensor.output.spatial
            if not sizes:
                yield DrawnVolume(
                    box, tensor, max(LEAST, BAR * sqrt(tensor.output[-1] / longest)), 0.0, THICK
                )
                continue
            high, deep = (sizes[0] * scale, 0.0) if len(sizes) == 1 else (n * scale for n in sizes[-2:])
            long = tensor.output[-1] * length
            self.least = self.least or min(high, long) < LEAST
            deep = max(LEAST, deep) * SLANT if len(sizes) > 1 else 0.0
            yield DrawnVolume(box, tensor, max(LEAST, high), deep, max(LEAST, long))

    def legend(self, scene: Scene, y: float, right: float) -> None:
        """Write what the colours mean, the title, and what is to scale, in lines up to ``right``."""
        name, title = self.picture.title
        x = 0.0
        right = max(right, 260.0)
        for _, kind in legend(one.box.kind for one in self.volumes):
            taken = 10 + width_of(kind.words, SIZE) + 12
            if x and x + taken - 12 > right:
                x, y = 0.0, y + 11
            scene.polygon([(x, y - 5.5), (x + 7, y - 5.5), (x + 7, y + 1.5), (x, y + 1.5)], kind.light)
            scene.words(x + 10, y, kind.words, size=SIZE, colour=FAINT)
            x += taken
        scene.words(0, y + 14, shortened(f"{name}  {title}".strip(), int(right / 5.2)), size=9, bold=True)
        line, y = "", y + 25
        for note in self._notes():
            longer = f"{line}; {note}" if line else note
            if line and width_of(longer, SIZE) > right:
                scene.words(0, y, line + ";", size=SIZE, colour=FAINT)
                line, y = note, y + LINE
            else:
                line = longer
        scene.words(0, y, line, size=SIZE, colour=FAINT)

    def _notes(self) -> Iterator[str]:
        ranks = {len(one.tensor.output.spatial) for one in self.volumes}
        if ranks - {0}:
            yield "maps and channels to scale"
        if self.least:
            yield "what would be thinner than a line is as thick as one"
        if max(ranks, default=0) > 2:
            yield "of a map with more than two axes the last two are drawn"
        if 0 in ranks:
            yield "bars are vectors, as long as the root of their size"
        if self.picture.depths:
            yield self.picture.depths


def fitting(
    graph: Graph,
    depth: int | None,
    all_layers: bool,
    with_heads: bool,
    layout: str,
    fits: Callable[[Picture], bool],
) -> Picture:
    """The picture of a network that is to be drawn to scale: the deepest that fits on a page. Equal turns
    of a repeat are one box only where the picture is too wide without. With ``depth`` it has that depth."""
    picture = Picture(graph, depth, all_layers, with_heads, layout, figures=False, runs=False)
    at, first = picture.depth, picture.depth if depth is not None or all_layers else 1
    while not fits(picture) and not all_layers:
        picture = Picture(graph, at, False, with_heads, layout, figures=False, runs=True)
        if at == first or fits(picture):
            break
        at -= 1
        picture = Picture(graph, at, False, with_heads, layout, figures=False, runs=False)
    return picture


def caption(members: list[DrawnVolume], shape: str) -> list[str]:
    """Short lines below equal volumes: their shape, what they are called, what they do."""
    boxes = [one.box for one in members]
    names = [box.lines[0] for box in boxes]
    done = list(dict.fromkeys([_short(box) for box in boxes]))
    lines = [shape, shortened(_span(names), SIGNS)]
    if len(done) == 1 and done[0]:
        many = f"{len(boxes)} x " if len(boxes) > 1 else ""
        lines.append(many + done[0] if len(many + done[0]) <= SIGNS else done[0])
    return list(dict.fromkeys(line for line in lines if line))


def _span(names: list[str]) -> str:
    """``conv1_1..2``"""
    first, last = names[0], names[-1]
    if first == last:
        return first
    stems = zip(first.rstrip(DIGITS), last.rstrip(DIGITS), strict=False)
    alike = len(list(takewhile(lambda pair: pair[0] == pair[1], stems)))
    rest = last[alike:]
    return f"{first}..{rest if alike and len(rest) < 4 else last}"


def _short(box: Box) -> str:
    """The first words of what a box does; nothing where they are long."""
    if len(box.lines) < 2:
        return ""
    first, *more = box.lines[1].split(",")
    words = [word for word in first.split(" ") if "=" not in word]
    if "(" in first or (box.kind == BLOCK and any(more)):
        return ""
    short = " ".join(words[: {BLOCK: 1, REPEAT: 3}.get(box.kind, 2)])
    if len(short) <= SIGNS:
        return short
    return words[0] if box.kind != REPEAT and len(words[0]) <= SIGNS else ""


def _shape(box: Box) -> tuple[int, ...]:
    return tuple(box.layers[-1].output)


def _darker(colour: str, by: float) -> str:
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join([f"{round(part * by):02x}" for part in parts])
