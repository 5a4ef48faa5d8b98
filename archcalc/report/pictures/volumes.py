"""The volumes of a network as boxes in space, as papers draw them: to scale along the depth, or down and up.

A box is the tensor that a row of the picture puts out. Its front is as high as the map and its side as deep
as the map is wide; its length are the channels. A vector is a bar.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log2, sqrt
from typing import NamedTuple

from ...graph import Layer
from ..lines import clean_line
from ..words import volume
from ..wrapping import shortened
from .graph import BLOCK, FREE, HEAD, INPUT, MERGE, OUTPUT, REPEAT, WEIGHTED, Box, Picture
from .scene import FAINT, INK, Scene, width_of

# Points: the side of the largest map, the least side that is drawn, the length of the most channels.
SIDE, LEAST, LONG = 150.0, 3.0, 46.0
# Of the other axis of a map, how much is seen, to the right and upwards.
SLANT = 0.32
# A vector: how thick its bar is, and how long the longest.
THICK, BAR = 7.0, 110.0
# Between boxes, and between the lines of a caption.
GAP, LINE = 16.0, 9.5
# Points of captions, and signs of a line at most.
SIZE, SIGNS = 7.0, 22
# What a box is filled with, by what it stands for: its front; its top and side are darker.
COLOURS = {
    INPUT: "#e5e7eb",
    WEIGHTED: "#bcd7f2",
    FREE: "#f4c9b8",
    MERGE: "#f7dfa5",
    BLOCK: "#c9e3c3",
    REPEAT: "#dccbee",
}
LEGEND = {
    INPUT: "input",
    WEIGHTED: "layer with parameters",
    FREE: "layer without parameters",
    MERGE: "where paths meet",
    BLOCK: "block",
    REPEAT: "repeated block",
}


class DrawnVolume(NamedTuple):
    """A tensor to draw: the box of the picture that puts it out, and its sizes in points: how high and deep
    its map is, and how long its channels are."""

    box: Box
    tensor: Layer
    high: float
    deep: float
    long: float

    @property
    def vector(self) -> bool:
        """Whether it has no positions."""
        return not self.tensor.output.spatial

    @property
    def lines(self) -> list[str]:
        """Its caption: what it is, and below that its shape."""
        first, *more = self.box.lines
        return [shortened(first, SIGNS), *[shortened(line, SIGNS) for line in more[:1]]]


class Volumes:
    """The tensors of a picture that are drawn, and the edges between them.

    What leaves the shape as it is and has no parameters is left out: whoever reads it reads what it reads.
    """

    def __init__(self, picture: Picture):
        self.picture = picture
        boxes = [box for box in picture.root.boxes() if box.kind not in (OUTPUT, HEAD)]
        arriving: dict[Box, list[Box]] = {box: [] for box in boxes}
        for edge in picture.edges:
            if edge.target in arriving and edge.source in arriving:
                arriving[edge.target].append(edge.source)
        stands_for: dict[Box, Box] = {}
        shown: list[Box] = []
        for box in boxes:
            sources = arriving[box]
            same = len(sources) == 1 and box.kind == FREE and _shape(sources[0]) == _shape(box)
            stands_for[box] = stands_for[sources[0]] if same else box
            if not same:
                shown.append(box)
        self.volumes = self._sized(shown)
        number = {one.box: at for at, one in enumerate(self.volumes)}
        pairs = [(number[stands_for[s]], number[b]) for b in shown for s in arriving[b]]
        self.edges = list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))

    def _sized(self, boxes: Iterable[Box]) -> list[DrawnVolume]:
        tensors = [(box, box.layers[-1]) for box in boxes]
        maps = [tensor.output for _, tensor in tensors if tensor.output.spatial]
        side = max([max(shape.spatial) for shape in maps], default=1)
        most = max([shape[-1] for shape in maps], default=1)
        longest = max([tensor.output[-1] for _, tensor in tensors if not tensor.output.spatial], default=1)
        found = []
        for box, tensor in tensors:
            sizes = tensor.output.spatial
            if not sizes:
                length = max(LEAST * 2, BAR * sqrt(tensor.output[-1] / longest))
                found.append(DrawnVolume(box, tensor, length, 0.0, THICK))
                continue
            high, deep = (1, sizes[0]) if len(sizes) == 1 else sizes[-2:]
            scale = SIDE / side
            long = max(1.5, LONG * tensor.output[-1] / most)
            found.append(
                DrawnVolume(box, tensor, max(LEAST, high * scale), max(LEAST, deep * scale) * SLANT, long)
            )
        return found


def _shape(box: Box) -> tuple[int, ...]:
    return tuple(box.layers[-1].output)


def volumes_scene(picture: Picture) -> Scene:
    """The volumes from left to right, in the order of the text; what skips some is an arc above."""
    found = Volumes(picture)
    scene = _titled(picture)
    middle, x = 0.0, 0.0
    places: list[tuple[float, float]] = []
    for one in found.volumes:
        wide = max([width_of(line, SIZE) for line in [*one.lines, volume(one.tensor.output, picture.layout)]])
        taken = max(one.long + one.deep, wide + 4)
        places.append((x + (taken - one.long - one.deep) / 2, taken))
        x += taken + GAP
    highest = max([one.high / 2 + one.deep for one in found.volumes], default=0)
    lowest = max([one.high / 2 for one in found.volumes], default=0)
    skips = sorted(
        [edge for edge in found.edges if edge[1] - edge[0] > 1], key=lambda edge: edge[1] - edge[0]
    )
    for low, high in skips:
        start, end = _top(found.volumes[low], places[low][0]), _top(found.volumes[high], places[high][0])
        up = -highest - 8 - 5 * sqrt(high - low)
        scene.stroke([start, (start[0], up), (end[0], up), end], curved=True, tip=True)
    for number, (one, (left, _)) in enumerate(zip(found.volumes, places, strict=True)):
        if number:
            before, at = found.volumes[number - 1], places[number - 1][0]
            if (number - 1, number) in found.edges:
                end = left - 1, middle
                scene.stroke([(at + before.long + before.deep + 1, middle), end], tip=True)
        _box(scene, one, left, middle)
        centre = left + (one.long + one.deep) / 2
        _caption(scene, one, centre, lowest + 14, picture.layout)
    _legend(scene, found, x, lowest + 14 + 4.5 * LINE)
    return scene


def unet_scene(picture: Picture) -> Scene:
    """The volumes as levels: the smaller a map, the lower it stands; what skips some goes straight across."""
    found = Volumes(picture)
    scene = _titled(picture)
    levels = sorted({_level(one) for one in found.volumes}, reverse=True)
    deepest: dict[float, float] = {}
    for level in levels:
        deepest[level] = max(one.high * 0.55 + one.deep for one in found.volumes if _level(one) == level)
    at: dict[float, float] = {}
    y = 0.0
    for level in levels:
        y += deepest[level] / 2
        at[level] = y
        y += deepest[level] / 2 + 4 * LINE + 14
    x = 0.0
    places: list[tuple[float, float]] = []
    drawn = [one._replace(high=one.high * 0.55) for one in found.volumes]
    for one in drawn:
        wide = max([width_of(line, SIZE) for line in [*one.lines, volume(one.tensor.output, picture.layout)]])
        taken = max(one.long + one.deep, wide)
        places.append((x + (taken - one.long - one.deep) / 2, at[_level(one)]))
        x += taken + 7
    for low, high in found.edges:
        one = drawn[low]
        (left, above), (right, below) = places[low], places[high]
        start = left + one.long + one.deep + 1, above
        end = right - 2, below
        if high - low > 1:
            scene.stroke(
                [start, (end[0], above), end] if above != below else [start, end], dashed=True, tip=True
            )
        else:
            scene.stroke([start, end], line=INK, tip=True)
    for one, (left, middle) in zip(drawn, places, strict=True):
        _box(scene, one, left, middle)
        centre = left + (one.long + one.deep) / 2
        _caption(scene, one, centre, middle + one.high / 2 + 11, picture.layout)
    _legend(scene, found, x, y + 6)
    return scene


def _level(one: DrawnVolume) -> float:
    """How large a map is, in halvings; sizes that a rim alone tells apart are one level."""
    sizes = one.tensor.output.spatial
    return float(round(log2(max(sizes)))) if sizes else 0.0


def _titled(picture: Picture) -> Scene:
    scene = Scene(" ".join(filter(None, picture.title)))
    name, title = picture.title
    return scene if not name else _with_title(scene, name, title)


def _with_title(scene: Scene, name: str, title: str) -> Scene:
    scene.title = clean_line(f"{name}  {title}".strip())
    return scene


def _top(one: DrawnVolume, left: float) -> tuple[float, float]:
    """The middle of the upper edge of a volume."""
    return left + (one.long + one.deep) / 2, -one.high / 2 - one.deep / 2


def _box(scene: Scene, one: DrawnVolume, left: float, middle: float) -> None:
    """A box: front, top and side."""
    colour = COLOURS.get(one.box.kind, COLOURS[FREE])
    top, bottom = middle - one.high / 2, middle + one.high / 2
    right = left + one.long
    scene.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)
    if one.deep:
        aside, up = one.deep, one.deep
        scene.polygon(
            [(left, top), (left + aside, top - up), (right + aside, top - up), (right, top)],
            _darker(colour, 0.93),
        )
        scene.polygon(
            [(right, top), (right + aside, top - up), (right + aside, bottom - up), (right, bottom)],
            _darker(colour, 0.84),
        )


def _caption(scene: Scene, one: DrawnVolume, x: float, y: float, layout: str) -> None:
    shape = volume(one.tensor.output, layout)
    first, *more = one.lines
    scene.words(x, y, shape, size=SIZE, bold=True, align="middle")
    if first != shape:
        scene.words(x, y + LINE, first, size=SIZE, align="middle")
    for number, line in enumerate(more):
        scene.words(x, y + (2 + number) * LINE, line, size=SIZE - 0.5, colour=FAINT, align="middle")


def _legend(scene: Scene, found: Volumes, right: float, y: float) -> None:
    """What the colours mean, the title, and what is to scale."""
    name, title = found.picture.title
    x = 0.0
    for kind, words in LEGEND.items():
        if any(one.box.kind == kind for one in found.volumes):
            scene.polygon([(x, y - 6), (x + 8, y - 6), (x + 8, y + 2), (x, y + 2)], COLOURS[kind])
            scene.words(x + 12, y, words, size=SIZE, colour=FAINT)
            x += 12 + width_of(words, SIZE) + 14
    scale = "maps to scale; lengths are channels"
    if any(one.vector for one in found.volumes):
        scale += "; bars are vectors, by the root of their length"
    scene.words(0, y + 14, shortened(f"{name}  {title}".strip(), 90), size=9, bold=True)
    scene.words(0, y + 26, scale, size=SIZE, colour=FAINT)


def _darker(colour: str, by: float) -> str:
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join([f"{round(part * by):02x}" for part in parts])
