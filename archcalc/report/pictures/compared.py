"""Operations against reported accuracy, parameters as area: after Canziani, Paszke and Culurciello,
An Analysis of Deep Neural Network Models for Practical Applications, arXiv:1605.07678, Figure 2."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...analysis.comparison import Compared
from ...diagnostics import fail
from ..lines import clean
from ..screens.compare import CROPS, HEADS
from ..words import counted_besides, macs_of
from ..wrapping import shortened
from .canvas import FAINT, INK, PALE, RIM, Canvas, PictureFrame
from .fields import ACCENT, SHADES
from .labelling import LabelSpace, MarkName, Rectangle

# Inches: the plot, the margin for the scale on its left, the radius of the largest disc.
WIDTH, HEIGHT, MARGIN, LARGEST = 6.4, 4.4, 0.55, 0.5
# Size of the names in points, and inches that a line of them takes.
POINTS, LINE = 9, 0.17
TICKS = 6
# Networks without an accuracy that are named, at most.
MISSING = 5
_SCALES = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "K"))
# How a disc tells the way its accuracy was measured.
_LOOKS = {"single_crop": "in colour", "ten_crop": "rings"}


class Disc:
    """A network of the picture; ``crop`` is how its accuracy was measured."""

    __slots__ = ("name", "macs", "params", "accuracy", "crop", "x", "y", "radius")

    def __init__(self, name: str, macs: int, params: int, accuracy: float, crop: str):
        self.name = name
        self.macs = macs
        self.params = params
        self.accuracy = accuracy
        self.crop = crop
        self.x = self.y = self.radius = 0.0

    @property
    def label(self) -> str:
        """Its name and number of parameters."""
        return f"{self.name}  {_figure(self.params)}"

    @property
    def box(self) -> Rectangle:
        """The square around it."""
        r = self.radius
        return self.x - r, self.y - r, self.x + r, self.y + r


def compare_picture(compared: Compared, form: str) -> bytes:
    """The picture's bytes, ``png`` or ``svg``.

    Raises SpecError where no accuracy is reported, or there is nothing to draw with.
    """
    counts = {
        quantity: sum(row.accuracies[quantity] is not None for row in compared.rows)
        for quantity in ("top1", "top5")
    }
    quantity = max(counts, key=lambda name: counts[name])
    discs, missing = [], []
    for row in compared.rows:
        reported = row.accuracies[quantity]
        name = shortened(clean(row.name), 32)
        if reported is None:
            missing.append(name)
            continue
        totals = row.totals
        discs.append(Disc(name, totals["macs"], totals["params"], float(reported.value), reported.crop))
    if not discs:
        raise fail(
            "argument",
            "none of them has a reported accuracy to plot",
            'a spec states one as in `report top1 76.13% "Table 4, accuracy"`',
        )
    with Canvas() as canvas:
        word = HEADS[quantity]
        frame = PictureFrame(canvas, f"{word} accuracy against operations", "area: parameters")
        plot = _Plot(canvas, frame.bottom, discs)
        names = plot.names_beside()
        if names is None:
            plot = _Plot(canvas, frame.bottom, discs, max(HEIGHT, LINE * (len(discs) + 1)))
            names = plot.names_in_a_column()
        plot.draw(f"{word} accuracy, %", names)
        right = max([plot.right, *[name.box[2] for name in names if name.box[0] > plot.right]])
        notes = _notes(discs, missing, word, compared)
        return frame.close(right, plot.bottom + 0.5, notes, form)


def _notes(discs: Sequence[Disc], missing: Sequence[str], word: str, compared: Compared) -> list[str]:
    layers = [layer for row in compared.rows for layer in row.summary.layers]
    notes = [macs_of(counted_besides(layers), compared.first.summary.batch)]
    crops = {disc.crop: CROPS.get(disc.crop, "crops not said") for disc in discs}
    if len(crops) == 1:
        notes.append(f"accuracies as reported, {next(iter(crops.values()))}")
    else:
        notes.append("accuracies as reported")
        notes += [f"{_LOOKS.get(crop, 'grey')}: {words}" for crop, words in crops.items()]
    if missing:
        more = f" and {len(missing) - MISSING} more" if len(missing) > MISSING else ""
        notes.append(f"no {word} reported: {', '.join(missing[:MISSING])}{more}")
    return notes


class _Plot:
    """Axes, discs, names; positions in inches from the sheet's top left."""

    def __init__(self, canvas: Canvas, top: float, discs: Sequence[Disc], height: float = HEIGHT):
        self.canvas = canvas
        self.height = height
        self.discs = sorted(discs, key=lambda disc: -disc.params)
        self.left, self.top = RIM + MARGIN, top
        self.right, self.bottom = self.left + WIDTH, top + height
        largest = max(disc.params for disc in discs) or 1
        # Discs lie wholly inside: the scales leave the largest radius free at either end.
        values = [disc.accuracy for disc in discs]
        self.low, self.high = min(values), max(values)
        if self.high - self.low < 1:
            self.low, self.high = self.low - 0.5, self.high + 0.5
        self.most = max(disc.macs for disc in discs) or 1
        for disc in discs:
            disc.x, disc.y = self.x(disc.macs), self.y(disc.accuracy)
            disc.radius = max(0.03, LARGEST * math.sqrt(disc.params / largest))

    def x(self, macs: float) -> float:
        """Where a number of operations lies, from 0."""
        return self.left + LARGEST + (WIDTH - 2.4 * LARGEST) * macs / self.most

    def y(self, accuracy: float) -> float:
        """Where an accuracy lies."""
        height = self.height - 2.4 * LARGEST
        return self.bottom - 1.2 * LARGEST - height * (accuracy - self.low) / (self.high - self.low)

    def draw(self, label: str, names: Sequence[MarkName]) -> None:
        """Draw axes, discs, and names where they stand."""
        canvas = self.canvas
        scale, unit = next(((n, u) for n, u in _SCALES if self.most >= n), (1, ""))
        for tick in _ticks(0, self.most / scale):
            x = self.x(tick * scale)
            canvas.line([(x, self.top), (x, self.bottom)], PALE, 0.3, order=1)
            canvas.text(x, self.bottom + 0.14, f"{tick:g}", POINTS, FAINT, align="center")
        for tick in _ticks(self.low, self.high):
            y = self.y(tick)
            canvas.line([(self.left, y), (self.right, y)], PALE, 0.3, order=1)
            canvas.text(self.left - 0.08, y, f"{tick:g}", POINTS, FAINT, align="right")
        corners = [(self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)]
        canvas.line(corners, FAINT, 0.8, order=2)
        canvas.text(self.left + 0.06, self.top + 0.08, label, POINTS, FAINT)
        canvas.text(self.right, self.bottom + 0.36, f"{unit}MACs", POINTS, FAINT, align="right")
        for number, disc in enumerate(self.discs):
            ring = disc.crop == "ten_crop"
            shade = SHADES[number % len(SHADES)] if disc.crop else FAINT
            canvas.disc(disc.x, disc.y, disc.radius, shade, 0.0 if ring else 0.35)
            canvas.disc(disc.x, disc.y, 0.015, INK, 1.0)
        for name in names:
            left, top, _, bottom = name.box
            canvas.text(left, (top + bottom) / 2, name.text, POINTS, INK)
            if name.line:
                canvas.line(name.line, ACCENT if left < self.right else PALE, 0.5)

    def names_beside(self) -> list[MarkName] | None:
        """Each name beside its disc; nothing where names would cross each other or the discs of others."""
        return self._labels.beside(self.discs)

    def names_in_a_column(self) -> list[MarkName]:
        """All names at the right of the plot, in the order of the accuracies, with lines to their discs."""
        return self._labels.in_a_column(self.discs, self.right + 0.35)

    @property
    def _labels(self) -> LabelSpace:
        frame = self.left, self.top, self.right, self.bottom
        return LabelSpace(frame, LINE, 0.06, RIM / 2, lambda text: self.canvas.width_of(text, POINTS))


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two ends, about TICKS of them."""
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(step * n, 10) for n in range(first, last + 1)]


def _figure(params: int) -> str:
    """``25.6M``"""
    scale, unit = next(((n, u) for n, u in _SCALES if params >= n), (1, ""))
    return f"{params / scale:.3g}{unit}"
