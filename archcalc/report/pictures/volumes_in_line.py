"""Volumes from left to right, in the order of the text: ``draw --style volumes``."""

from __future__ import annotations

from itertools import pairwise

from ...graph import Graph
from ..kinds import MERGE, WEIGHTED
from ..words import volume
from .graph import Picture
from .scene import FAINT, INK, Point, Scene, width_of
from .volumes import LINE, SIZE, DrawnVolume, Volumes, caption, fitting

# Points: the widest picture that is still read on a page, between unlike volumes, between equal ones.
PAGE, GAP, CLOSE = 590.0, 10.0, 2.5
# Around captions, and between arcs.
APART, ABOVE = 3.0, 5.0
PALE = "#c3c8d0"


def volumes_scene(
    graph: Graph,
    depth: int | None = None,
    all_layers: bool = False,
    with_heads: bool = False,
    layout: str = "hwc",
) -> Scene:
    """The volumes of a network in line; what skips some is an arc above. Raises SpecError."""

    def fits(picture: Picture) -> bool:
        return InLine(picture).right <= PAGE

    return InLine(fitting(graph, depth, all_layers, with_heads, layout, fits)).scene()


class _Group:
    """Equal volumes, each of which reads the one before: they stand close together under one caption."""

    __slots__ = ("first", "members", "lines", "left", "level")

    def __init__(self, first: int, one: DrawnVolume):
        self.first = first
        self.members = [one]
        self.lines: list[str] = []
        self.left = 0.0
        self.level = 0

    @property
    def wide(self) -> float:
        long = sum([one.long for one in self.members]) + CLOSE * (len(self.members) - 1)
        return long + self.members[-1].deep

    @property
    def centre(self) -> float:
        return self.left + self.wide / 2

    def places(self) -> list[float]:
        """Where each of the volumes begins."""
        at, found = self.left, []
        for one in self.members:
            found.append(at)
            at += one.long + CLOSE
        return found


def _alike(one: DrawnVolume, other: DrawnVolume) -> bool:
    """Whether volumes may stand under one caption: a pool does not stand with convolutions of its shape."""
    kinds = {one.box.kind, other.box.kind}
    return one.shape == other.shape and (len(kinds) == 1 or kinds == {WEIGHTED, MERGE})


class InLine:
    """A picture of volumes in line: where each stands, and on which of two levels its caption."""

    def __init__(self, picture: Picture):
        self.found = Volumes(picture)
        edges = set(self.found.edges)
        self.groups: list[_Group] = []
        for number, one in enumerate(self.found.volumes):
            last = self.groups[-1] if self.groups else None
            if last and (number - 1, number) in edges and _alike(last.members[-1], one):
                last.members.append(one)
            else:
                self.groups.append(_Group(number, one))
        # Where the captions of both levels end; and the last line down to the lower level.
        x, ends, line = -GAP, [-1e9, -1e9], -1e9
        self.right = 0.0
        for group in self.groups:
            shape = volume(group.members[0].tensor.output, picture.layout)
            group.lines = caption(group.members, shape)
            half = max([width_of(text, SIZE, not at) for at, text in enumerate(group.lines)]) / 2
            group.left = x + GAP
            start = group.centre - half
            upper = max(0.0, ends[0] + APART - start, line + APART - start)
            lower = max(0.0, ends[1] + APART - start, ends[0] + APART - group.centre)
            group.level = 0 if upper <= lower else 1
            group.left += min(upper, lower)
            ends[group.level] = group.centre + half
            line = group.centre if group.level else line
            x = group.left + group.wide
            self.right = max(self.right, x, group.centre + half)
        self.lefts = [left for group in self.groups for left in group.places()]

    def scene(self) -> Scene:
        """Draw it."""
        found = self.found
        scene = Scene("  ".join(filter(None, found.picture.title)))
        self._arcs(scene)
        edges = set(found.edges)
        for group, other in pairwise(self.groups):
            if (other.first - 1, other.first) in edges:
                start = group.members[-1].left_at(group.places()[-1])
                end = other.members[0].entered_at(other.left)
                scene.stroke([(start + 0.5, 0), (end - 0.5, 0)], tip=True)
        lowest = max([one.top for one in found.volumes], default=0)
        high = max([len(group.lines) for group in self.groups], default=1) * LINE + 3
        for group in self.groups:
            top = lowest + 11 + group.level * high
            below = group.members[0].top + 2
            if group.level or top - below > 20:
                scene.stroke([(group.centre, below), (group.centre, top - SIZE)], line=PALE, width=0.4)
            for one, left in zip(group.members, group.places(), strict=True):
                one.draw(scene, left, 0)
            for number, text in enumerate(group.lines):
                colour = INK if number < 2 else FAINT
                scene.words(
                    group.centre,
                    top + number * LINE,
                    text,
                    size=SIZE,
                    bold=not number,
                    align="middle",
                    colour=colour,
                )
        levels = 1 + max([group.level for group in self.groups], default=0)
        found.legend(scene, lowest + 11 + levels * high + 8, self.right)
        return scene

    def _arcs(self, scene: Scene) -> None:
        """What skips volumes: the shorter arcs below the longer ones, all above what they pass."""
        volumes = self.found.volumes
        skips = [edge for edge in self.found.edges if edge[1] - edge[0] > 1]
        drawn: list[tuple[int, int, float]] = []
        for low, high in sorted(skips, key=lambda edge: (edge[1] - edge[0], edge)):
            peak = -max([one.top for one in volumes[low : high + 1]]) - 8
            others = {at for first, last, at in drawn if first < high and low < last}
            while any(abs(peak - at) < ABOVE - 0.01 for at in others):
                peak -= ABOVE
            drawn.append((low, high, peak))
            (left, start), (right, end) = self._top(low), self._top(high)
            # A curve goes three quarters of the way to its control points.
            control = (4 * peak - (start + end) / 2) / 3
            scene.stroke(
                [(left, start), (left, control), (right, control), (right, end)], curved=True, tip=True
            )

    def _top(self, number: int) -> Point:
        """The middle of the upper side of a volume."""
        one = self.found.volumes[number]
        return self.lefts[number] + one.wide / 2, -one.top + one.deep / 2
