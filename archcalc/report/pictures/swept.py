"""Designs of a sweep as points of two quantities: all of them, and those that are best, with their names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ...ops.attributes import show
from ...quantities import BYTES, QUANTITIES
from ...sweeping.best import Goal
from ...sweeping.cloud import Cloud, cloud_of, is_logarithmic
from ...sweeping.findings import Selection
from ...sweeping.swept import Swept, SweptDesign
from ..lines import clean_line
from ..screens.sweep import head_of
from ..words import brief, unit_for
from ..wrapping import shortened
from .labelling import LabelSpace, MarkName, Rectangle, overlap
from .scene import FAINT, INK, Point, Scene, width_of

if TYPE_CHECKING:
    import numpy as np

# Points: the plot, letters, a line of them, the rim that stays free, the side of a cell, radii.
WIDTH, HEIGHT, LETTERS, LINE, RIM, CELL = 470.0, 320.0, 8.0, 11.0, 24.0, 3.0
DOT, BEST = 1.4, 3.2
# How far a name may reach over the right edge.
BEYOND = 40.0
# Points that are drawn as they are; more are drawn as cells, darker where more designs lie.
MOST_DOTS = 2500
# Designs that have a name, and letters of one.
NAMED, LONGEST = 12, 44
PALE, ACCENT = "#d9dde3", "#b3261e"
SHADES = ("#d3dfec", "#b0c6dd", "#87a7c9", "#5f88b3")
_CORNERS = 16
_UNITS = {"MiB": 2**20, "KiB": 2**10, "bytes": 1}


class BestMark:
    """A design that is best.

    Args:
        design: The design.
        label: Its name.
        at: Where it lies.
    """

    radius = BEST

    def __init__(self, design: SweptDesign, label: str, at: Point):
        self.design = design
        self._label = label
        self.x, self.y = at

    @property
    def label(self) -> str:
        """What differs, of those that do among the best."""
        return self._label

    @property
    def box(self) -> Rectangle:
        """The square around it."""
        r = self.radius
        return self.x - r, self.y - r, self.x + r, self.y + r


class PlotAxis(NamedTuple):
    """An axis of the plot.

    title        the quantity, with its unit
    low, high    its ends, as logarithms where it is logarithmic
    scale        what a number is divided by where it is written
    length       points
    """

    title: str
    low: float
    high: float
    logarithmic: bool
    scale: int
    length: float

    @classmethod
    def of(cls, goal: Goal, values: Sequence[float], length: float) -> PlotAxis:
        """The axis of some values, of which there is one at least."""
        import numpy as np

        unit = None
        if goal.name in QUANTITIES and QUANTITIES[goal.name].form == BYTES:
            unit = unit_for(int(max(values)))
        title = head_of(goal.name) + (f" in {unit}" if unit else "")
        logarithmic = is_logarithmic(np.array(values))
        low, high = min(values), max(values)
        if logarithmic:
            low, high = math.log10(low), math.log10(high)
        if high - low <= 1e-9 * abs(high):
            low, high = low - 0.5, high + 0.5
        return cls(title, low, high, logarithmic, _UNITS[unit] if unit else 1, length)

    def place(self, value: float) -> float:
        """How far along it a value lies."""
        value = math.log10(value) if self.logarithmic else value
        return RIM + (self.length - 2 * RIM) * (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Round values along it, and how they are written."""
        if not self.logarithmic:
            low, high = self.low / self.scale, self.high / self.scale
            step = _step((high - low) / 6)
            values = [
                step * n for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
            ]
            return [(value * self.scale, _written(value)) for value in values]
        shift = math.log10(self.scale)
        low, high = self.low - shift, self.high - shift
        digits = (1, 2, 5) if high - low < 3 else (1,)
        found = [
            digit * 10.0**power
            for power in range(math.floor(low), math.ceil(high) + 1)
            for digit in digits
            if low - 1e-9 <= power + math.log10(digit) <= high + 1e-9
        ]
        return [(value * self.scale, _written(value)) for value in found]


def sweep_picture(swept: Swept, form: str) -> bytes:
    """Draw the designs of a sweep.

    Args:
        swept: What was found, by a selection with two quantities for the picture.
        form: ``svg``, ``tikz``, ``png`` or ``pdf``.

    Raises:
        SpecError: For PNG and PDF, without matplotlib.
    """
    return _Plot(swept).written(form)


class _Plot:
    """Axes, points, the best and their names; positions in points from the top left of the plot."""

    def __init__(self, swept: Swept):
        self.swept = swept
        plan = swept.plan
        self.goals = plan.selection.plot
        self.cloud: Cloud = swept.found.cloud or cloud_of(swept.batch, self.goals, plan.space)
        chosen = bool(plan.selection.pareto or plan.call.top is not None)
        self.best = list(swept.rows) if chosen and not plan.selection.refused else []
        self.best = [row for row in self.best if None not in self._values(row)]
        self.scene = Scene(f"designs of {plan.call.request.target}")
        self.empty = not len(self.cloud.x)
        if not self.empty:
            self.along = PlotAxis.of(self.goals[0], self.cloud.x.tolist(), WIDTH)
            self.upwards = PlotAxis.of(self.goals[1], self.cloud.y.tolist(), HEIGHT)

    def _values(self, row: SweptDesign) -> list[Any]:
        plan = self.swept.plan
        heads = dict(zip(plan.quantities, plan.heads, strict=True))
        found = []
        for goal in self.goals:
            value = row.values[goal.name] if goal.name in row.values else row.quantities[heads[goal.name]]
            if isinstance(value, (str, bool, tuple)):
                axis = next(axis for axis in plan.space.axes if axis.name == goal.name)
                value = axis.values.index(value)
            found.append(value)
        return found

    def at(self, x: float, y: float) -> Point:
        """Where two numbers lie."""
        return self.along.place(x), HEIGHT - self.upwards.place(y)

    def written(self, form: str) -> bytes:
        """The drawing."""
        scene, plan = self.scene, self.swept.plan
        scene.words(0, -26, shortened(clean_line(plan.call.request.target), 80), size=11, bold=True)
        found = self.swept.found
        words = f"{found.met:,} designs" + (" that meet the condition" if plan.sweep.condition else "")
        scene.words(0, -12, words, size=LETTERS, colour=FAINT)
        if self.empty:
            scene.words(0, 20, "none of them has both quantities", size=LETTERS)
            return scene.written(form)
        self._axes()
        self._points()
        notes = self._best()
        y = HEIGHT + 40.0
        for note in notes:
            scene.words(0, y, shortened(clean_line(note), 120), size=7, colour=FAINT)
            y += 10
        return scene.written(form)

    def _axes(self) -> None:
        scene = self.scene
        for value, text in self.along.ticks():
            x = self.along.place(value)
            scene.stroke([(x, 0), (x, HEIGHT)], line=PALE, width=0.4)
            scene.words(x, HEIGHT + 12, text, size=LETTERS, colour=FAINT, align="middle")
        for value, text in self.upwards.ticks():
            y = HEIGHT - self.upwards.place(value)
            scene.stroke([(0, y), (WIDTH, y)], line=PALE, width=0.4)
            scene.words(-5, y + 3, text, size=LETTERS, colour=FAINT, align="right")
        scene.stroke([(0, 0), (0, HEIGHT), (WIDTH, HEIGHT)], line=FAINT, width=0.8)
        scene.words(WIDTH, HEIGHT + 24, self.along.title, size=LETTERS, colour=FAINT, align="right")
        scene.words(
            -36, HEIGHT / 2, self.upwards.title, size=LETTERS, colour=FAINT, align="middle", turned=True
        )

    def _points(self) -> None:
        """All designs: dots, or cells of which the darker hold more."""
        x, y, count = self.cloud
        if len(x) <= MOST_DOTS:
            for one, other in zip(x.tolist(), y.tolist(), strict=True):
                self.scene.polygon(_circle(self.at(one, other), DOT), SHADES[2], SHADES[2], 0)
            return
        for row, first, last, shade in _runs(*self._cells(), count):
            left, right, top = first * CELL, (last + 1) * CELL, row * CELL
            corners = [(left, top), (right, top), (right, top + CELL), (left, top + CELL)]
            self.scene.polygon(corners, SHADES[shade], SHADES[shade], 0)

    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The row and the column of the cell of each point."""
        import numpy as np

        places = []
        for axis, values in ((self.along, self.cloud.x), (self.upwards, self.cloud.y)):
            scaled = np.log10(values) if axis.logarithmic else values
            places.append(RIM + (axis.length - 2 * RIM) * (scaled - axis.low) / (axis.high - axis.low))
        return ((HEIGHT - places[1]) / CELL).astype(np.int64), (places[0] / CELL).astype(np.int64)

    def _best(self) -> list[str]:
        """The best designs, with their names; what there is to say of them."""
        selection = self.swept.plan.selection
        notes = ["darker: more designs"] if len(self.cloud.x) > MOST_DOTS else []
        if not self.best:
            return notes
        differ = [
            axis.name
            for axis in self.swept.plan.space.axes
            if len({row.values[axis.name] for row in self.best}) > 1
        ]
        marks = []
        for row in self.best:
            label = " · ".join([show(row.values[name]) for name in differ])
            x, y = self._values(row)
            marks.append(BestMark(row, shortened(clean_line(label), LONGEST), self.at(float(x), float(y))))
        marks.sort(key=lambda mark: (mark.x, mark.y))
        stairs = self._stairs(marks, selection)
        if stairs:
            self.scene.stroke(stairs, line=ACCENT, width=0.9)
        named = _spread(marks, NAMED) if differ else []
        names = self._names(named, marks, stairs)
        for name in names:
            if name.line:
                self.scene.stroke(name.line, line=FAINT, width=0.4)
            left, _, _, bottom = name.box
            self.scene.words(left, bottom - LINE * 0.3, name.text, size=LETTERS, colour=INK)
        for mark in marks:
            self.scene.polygon(_circle((mark.x, mark.y), BEST), ACCENT, "#ffffff", 0.6)
        return [*self._said_of_best(len(names), differ), *notes]

    def _said_of_best(self, named: int, differ: Sequence[str]) -> list[str]:
        selection = self.swept.plan.selection
        goals = selection.pareto or selection.sort
        by = ", ".join(
            [f"{'largest' if goal.largest else 'smallest'} {head_of(goal.name)}" for goal in goals]
        )
        words = "no other betters them" if selection.pareto else "the first"
        found = [f"red: {words}: {by}"]
        if named:
            few = f"{named} of {len(self.best)} have a name: " if named < len(self.best) else "names: "
            found.append(few + " · ".join(differ))
        fixed = [f"{name} {show(value)}" for name, value in self.best[0].values.items() if name not in differ]
        return [*found, *([f"all of them: {', '.join(fixed)}"] if fixed else [])]

    def _stairs(self, marks: Sequence[BestMark], selection: Selection) -> list[Point]:
        """The edge of what the front betters, where it is one of the two quantities of the plot."""
        if tuple(selection.pareto) not in (tuple(self.goals), tuple(self.goals[::-1])) or len(marks) < 2:
            return []
        largest = self.goals[0].largest
        found = [(marks[0].x, marks[0].y)]
        for one, other in pairwise(marks):
            found += [(one.x, other.y) if largest else (other.x, one.y), (other.x, other.y)]
        return found

    def _names(
        self, named: Sequence[BestMark], marks: Sequence[BestMark], stairs: Sequence[Point]
    ) -> list[MarkName]:
        """Names beside their marks, of those of which they cross nothing; all of them in a column beside the
        plot where most would."""
        space = LabelSpace((0, 0, WIDTH, HEIGHT), LINE, 2.5, BEYOND, lambda text: width_of(text, LETTERS))
        taken = [mark.box for mark in marks]
        for (x0, y0), (x1, y1) in pairwise(stairs):
            taken.append((min(x0, x1) - 0.5, min(y0, y1) - 0.5, max(x0, x1) + 0.5, max(y0, y1) + 0.5))
        found: list[MarkName] = []
        for mark in named:
            name = space.place(mark, taken)
            if name is None or (name.line and any(_meets(name, other) for other in found)):
                continue
            taken.append(name.box)
            found.append(name)
        return found if 2 * len(found) >= len(named) else space.in_a_column(named, WIDTH + BEYOND + 26)


def _meets(name: MarkName, other: MarkName) -> bool:
    """Whether the line of a name goes through another name."""
    (x0, y0), (x1, y1) = name.line
    points = [(x0 + (x1 - x0) * at / 40, y0 + (y1 - y0) * at / 40) for at in range(41)]
    return any(overlap((x - 0.2, y - 0.2, x + 0.2, y + 0.2), other.box) > 0 for x, y in points)


def _runs(rows: np.ndarray, columns: np.ndarray, count: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Cells of a shade that stand side by side: their row, the first and the last column, and the shade."""
    totals: dict[tuple[int, int], int] = {}
    for row, column, number in zip(rows.tolist(), columns.tolist(), count.tolist(), strict=True):
        totals[row, column] = totals.get((row, column), 0) + number
    most = math.log(max(totals.values()) + 1)
    found: list[tuple[int, int, int, int]] = []
    for (row, column), number in sorted(totals.items()):
        shade = min(int(len(SHADES) * math.log(number + 1) / most), len(SHADES) - 1)
        if found and found[-1][0] == row and found[-1][2] == column - 1 and found[-1][3] == shade:
            found[-1] = (row, found[-1][1], column, shade)
        else:
            found.append((row, column, column, shade))
    return found


def _spread(marks: Sequence[BestMark], most: int) -> list[BestMark]:
    """So many of the marks, both ends among them, as evenly apart as their places allow."""
    if len(marks) <= most:
        return list(marks)
    return [marks[round(at * (len(marks) - 1) / (most - 1))] for at in range(most)]


def _circle(at: Point, radius: float) -> list[Point]:
    corners = 8 if radius < 2 else _CORNERS
    turns = [2 * math.pi * n / corners for n in range(corners)]
    return [(at[0] + radius * math.cos(turn), at[1] + radius * math.sin(turn)) for turn in turns]


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough * (1 - 1e-9))


def _written(value: float) -> str:
    """A round number: ``2.5M``, ``0.5``."""
    if abs(value) >= 1000:
        figure = brief(round(value))
        digits, unit = (figure[:-1], figure[-1]) if figure[-1].isalpha() else (figure, "")
        return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + unit
    return f"{round(value, 9):g}"
