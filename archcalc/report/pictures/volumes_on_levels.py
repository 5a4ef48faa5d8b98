"""Volumes as levels, the smaller a map the lower: ``draw --style unet``, after arXiv:1505.04597, Figure 1."""

from __future__ import annotations

from itertools import accumulate
from math import log2

from ...diagnostics import fail
from ...graph import Graph
from ..lines import clean_line
from .graph import Box, Picture
from .scene import FAINT, INK, Point, Scene, width_of
from .volumes import SIZE, DrawnVolume, Volumes, fitting

# Boxes at most, where no depth is given; points between them, and below a level.
FEW, GAP, BELOW = 60, 6.5, 20.0
# Of the side of a map, how much is seen.
FLAT = 0.9


def unet_scene(
    graph: Graph,
    depth: int | None = None,
    all_layers: bool = False,
    with_heads: bool = False,
    layout: str = "hwc",
) -> Scene:
    """The volumes of a network whose maps shrink and grow again, on levels; what skips some goes straight
    across. Raises SpecError for other networks."""

    def fits(picture: Picture) -> bool:
        return len(Volumes(picture, _crops).volumes) <= FEW

    found = Volumes(fitting(graph, depth, all_layers, with_heads, layout, fits), _crops)
    levels = _levels(found.volumes)
    if not _grows(found.volumes):
        name = clean_line(graph.metadata.name)
        raise fail(
            "argument",
            f"the maps of {name} do not shrink and grow again: there are no levels to go down and up",
            "--style volumes draws any network",
        )
    return _Levels(found, levels).scene()


def _grows(volumes: list[DrawnVolume]) -> bool:
    """Whether maps, all with as many axes, shrink and then grow by half at least."""
    maps = [one.tensor.output.spatial for one in volumes if one.tensor.output.spatial]
    if len({len(sizes) for sizes in maps}) != 1:
        return False
    sides = [max(sizes) for sizes in maps]
    least = list(accumulate(sides, min))
    grown = [2 * side >= 3 * smallest for side, smallest in zip(sides, least, strict=True)]
    return any(big and smallest < sides[0] for big, smallest in zip(grown, least, strict=True))


def _crops(box: Box) -> bool:
    """Whether a box only cuts off a rim, which is written on the arrow that passes it."""
    return all(layer.op.name == "crop" for layer in box.layers)


def _levels(volumes: list[DrawnVolume]) -> list[float]:
    """How large maps are, in halvings; sizes that a rim alone tells apart are one level. A vector stands on
    the level of what is before it."""
    found: list[float] = []
    for one in volumes:
        sizes = one.tensor.output.spatial
        found.append(float(round(log2(max(sizes)))) if sizes else found[-1] if found else 0.0)
    return found


class _Levels:
    def __init__(self, found: Volumes, levels: list[float]):
        self.found = found
        self.levels = levels
        self.volumes = [one._replace(high=one.high * FLAT, deep=0.0) for one in found.volumes]
        self.names = ["x".join(map(str, one.tensor.output.spatial)) for one in self.volumes]
        self.base: dict[float, float] = {}
        y = 0.0
        for level in sorted(set(levels), reverse=True):
            members = [at for at, of_box in enumerate(levels) if of_box == level]
            highs = [self.volumes[at].high + SIZE + 12 for at in members]
            y += max([*highs, *[width_of(self.names[at], SIZE) for at in members]])
            self.base[level] = y
            y += BELOW
        self.bottom = y
        # Each box stands to the right of the one before it on its level, and not to the left of the one
        # before it in the text.
        self.lefts: list[float] = []
        ends: dict[float, float] = {}
        for at, one in enumerate(self.volumes):
            level, half = levels[at], one.long / 2
            centre = ends.get(level, SIZE) + GAP + self._beside(at)
            if at and levels[at - 1] != level:
                centre = max(centre, self.lefts[-1] + self.volumes[at - 1].long / 2)
            elif at:
                centre = max(centre, ends[level] + GAP + self._beside(at))
            self.lefts.append(centre - half)
            ends[level] = centre + max(half, self._text(at) / 2)
        self.right = max(ends.values(), default=0.0)

    def _text(self, at: int) -> float:
        """How long the number of channels above a box is."""
        return width_of(str(self.volumes[at].shape[-1]), SIZE, True)

    def _beside(self, at: int) -> float:
        """From the middle of a box to the left of the size that stands beside it."""
        one = self.volumes[at]
        longer = width_of(self.names[at], SIZE - 0.5) > one.high
        return max(one.long, self._text(at) if longer else 0.0) / 2 + SIZE + 1

    def scene(self) -> Scene:
        found = self.found
        scene = Scene("  ".join(filter(None, found.picture.title)))
        cut = self._cut()
        for low, high in found.edges:
            if high - low == 1 and (low, high) not in cut:
                scene.stroke(self._step(low, high), line=INK, tip=True, width=0.7)
            else:
                points = self._skip(low, high)
                scene.stroke(points, dashed=True, tip=True)
                words = "crop and copy" if (low, high) in cut else "copy"
                (left, y), (right, _) = points[len(points) // 2 - 1 :][:2]
                if right - left > 60:
                    scene.words((left + right) / 2, y - 3, words, size=SIZE, colour=FAINT, align="middle")
        for at, one in enumerate(self.volumes):
            base, left = self.base[self.levels[at]], self.lefts[at]
            one.draw(scene, left, base - one.high / 2)
            centre = left + one.long / 2
            scene.words(
                centre, base - one.high - 2.5, str(one.shape[-1]), size=SIZE, bold=True, align="middle"
            )
            beside = centre - self._beside(at) + SIZE - 1
            scene.words(beside, base, self.names[at], size=SIZE - 0.5, colour=FAINT, turned=True)
        scene.words(
            0, self.bottom, "above a box its channels, beside it the size of its map", size=SIZE, colour=FAINT
        )
        found.legend(scene, self.bottom + 14, self.right)
        return scene

    def _cut(self) -> set[tuple[int, int]]:
        """The edges on which a rim is cut off."""
        found = self.found
        number = {one.box: at for at, one in enumerate(found.volumes)}
        source: dict[Box, list[Box]] = {}
        for edge in found.picture.edges:
            source.setdefault(edge.target, []).append(edge.source)
        cut = set()
        for box, at in number.items():
            for before in source.get(box, []):
                passed = False
                while before not in number:
                    passed = passed or _crops(before)
                    before = source[before][0]
                if passed:
                    cut.add((number[before], at))
        return cut

    def _step(self, low: int, high: int) -> list[Point]:
        """From a volume to the next: across, or down or up to it."""
        level, other = self.levels[low], self.levels[high]
        start, end = self._centre(low), self._centre(high)
        above = self._above(high)
        if level == other:
            y = self.base[level] - min(self.volumes[low].high, self.volumes[high].high) / 2
            return [(self._right(low), y), (end - self._beside(high), y)]
        if start != end:
            y = self.base[level] - self.volumes[low].high / 2
            return [(self._right(low), y), (end, y), (end, above if other < level else self.base[other] + 1)]
        if other < level:
            return [(start, self.base[level] + 1), (end, above)]
        return [(start, self._above(low)), (end, self.base[other] + 1)]

    def _centre(self, at: int) -> float:
        return self.lefts[at] + self.volumes[at].long / 2

    def _right(self, at: int) -> float:
        return self.lefts[at] + self.volumes[at].long + 0.5

    def _above(self, at: int) -> float:
        """Above the number of channels of a box."""
        return self.base[self.levels[at]] - self.volumes[at].high - SIZE - 3

    def _skip(self, low: int, high: int) -> list[Point]:
        """What goes past others: straight where nothing stands in the way, else above them."""
        level, other = self.levels[low], self.levels[high]
        between = [at for at in range(low + 1, high) if self.levels[at] >= max(level, other)]
        if level == other and not between:
            y = self.base[level] - min(self.volumes[low].high, self.volumes[high].high) / 2
            return [(self._right(low), y), (self._centre(high) - self._beside(high), y)]
        start, end = self._centre(low) + 2, self._centre(high) - 2  # beside the arrows of neighbours
        y = min([self._above(at) for at in range(low, high + 1)]) - 6
        return [(start, self._above(low)), (start, y), (end, y), (end, self._above(high))]
