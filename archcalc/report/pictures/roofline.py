"""The roofline as a plot: operations per byte against operations a second, both on scales of powers of ten,
the roof of the device, and the layers under it as discs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from ...analysis.roofline import SECOND, Roofline
from ...graph import Layer
from ..lines import clean_line
from ..words import duration, quotient_words, rate
from ..wrapping import shortened
from .labelling import LabelSpace, MarkName, Rectangle
from .scene import FAINT, INK, Point, Scene, width_of

# Points: the plot, the radius of the largest disc and of the smallest, a line of letters.
WIDTH, HEIGHT, LARGEST, SMALLEST, LETTERS, LINE = 470.0, 320.0, 13.0, 2.2, 8.0, 11.0
# The most discs with a name, those that are tried, and letters of a name.
NAMED, TRIED, LONGEST = 14, 24, 28
# Discs of a kind that are no further apart are one.
NEAR = 5.0
# Of the kinds of layers that take longest; what is left is grey. Told apart by people who see few colours
# too.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a300")
OTHERS = "#9aa3ad"
PALE, ROOF, ALL = "#d9dde3", "#374151", "#b3261e"
# Corners of the polygon that stands for a disc.
_CORNERS = 28


class LayerDisc:
    """Layers of one kind that lie at one place.

    Args:
        kind: What they are: ``convolution``.
        names: Their names.
        operations: Operations of all of them.
        bytes: Bytes of all of them.
        time: Picoseconds of all of them.
    """

    def __init__(self, kind: str, names: list[str], operations: int, bytes: int, time: int):
        self.kind = kind
        self.names = names
        self.operations = operations
        self.bytes = bytes
        self.time = time
        self.x = self.y = self.radius = 0.0

    @property
    def intensity(self) -> Fraction:
        """Operations per byte."""
        return Fraction(self.operations, self.bytes)

    @property
    def rate(self) -> Fraction:
        """Operations a second."""
        return Fraction(self.operations * SECOND, self.time)

    def take_in(self, other: LayerDisc) -> None:
        """Take in another that lies at the same place, or next to it."""
        # The name is that of the layer that takes longest.
        names = [self.names, other.names]
        self.names = [name for part in (names if self.time >= other.time else names[::-1]) for name in part]
        self.operations += other.operations
        self.bytes += other.bytes
        self.time += other.time

    @property
    def label(self) -> str:
        """The name of the first, and how many more there are."""
        more = f", {len(self.names) - 1} more" if len(self.names) > 1 else ""
        return shortened(self.names[0], LONGEST) + more

    @property
    def box(self) -> Rectangle:
        """The square around it."""
        r = self.radius
        return self.x - r, self.y - r, self.x + r, self.y + r


class PlotContent(NamedTuple):
    """What a plot shows: its discs, notes below it, and whether a line joins the discs."""

    discs: list[LayerDisc]
    notes: list[str]
    joined: bool = False


def kind_of(layer: Layer) -> str:
    """What a layer is, for its colour."""
    op = layer.op
    groups = op.weight_groups(*[source.output for source in layer.inputs])
    return f"grouped {op.group}" if op.is_convolution and groups != 1 else str(op.group)


def roofline_picture(roofline: Roofline, form: str) -> bytes:
    """Draw the layers under the roof.

    Args:
        roofline: The bounds of a network.
        form: ``svg``, ``tikz``, ``png`` or ``pdf``.

    Raises:
        SpecError: For PNG and PDF, without matplotlib.
    """
    discs: list[LayerDisc] = []
    left_out = 0
    for row in roofline.rows:
        if row.operations and row.bytes and row.time:
            kind = kind_of(row.layer)
            discs.append(LayerDisc(kind, [clean_line(row.name)], row.operations, row.bytes, row.time))
        else:
            left_out += bool(row.bytes)
    totals = roofline.totals
    notes = [f"area: the least time of a layer, of {duration(totals.time)} in all"]
    if left_out:
        notes.append(
            f"without operations, and not drawn: {left_out:,} {'layers' if left_out > 1 else 'layer'}"
        )
    notes.append("fused" if roofline.fused else "nothing fused")
    title = f"{clean_line(roofline.scope.graph.metadata.name)}, {roofline.dtype}, batch {roofline.batch:,}"
    return _Plot(roofline, PlotContent(discs, notes), title).written(form)


def batches_picture(roofline: Roofline, batches: Sequence[int], form: str) -> bytes:
    """Draw a network as it moves with the batch; it lies below the roof as far as some of its layers are
    bound by memory and others by computing. Raises SpecError as ``roofline_picture``."""
    discs = []
    for batch in batches:
        totals = roofline.of_batch(batch)
        if totals.intensity and totals.time:
            name = [f"batch {batch:,}"]
            discs.append(LayerDisc("the network", name, totals.operations, totals.bytes, totals.time))
    notes = ["all layers, one after the other", "fused" if roofline.fused else "nothing fused"]
    title = f"{clean_line(roofline.scope.graph.metadata.name)}, {roofline.dtype}, by batch"
    return _Plot(roofline, PlotContent(discs, notes, joined=True), title).written(form)


class _Plot:
    """Axes, roof, discs and names; positions in points from the top left of the plot."""

    def __init__(self, roofline: Roofline, drawn: PlotContent, title: str):
        self.roofline = roofline
        self.drawn = drawn
        self.title = title
        self.scene = Scene(f"roofline of {title} on {roofline.device.title}")
        device = roofline.device
        self.balance = device.balance(roofline.dtype)
        totals = roofline.totals
        self.whole: list[tuple[str, Fraction, Fraction]] = []
        if totals.intensity and totals.time and not drawn.joined:
            attained = Fraction(totals.operations * SECOND, totals.time)
            self.whole.append(("all layers", totals.intensity, attained))
            if roofline.measured:
                reached = Fraction(totals.operations * SECOND, roofline.measured)
                self.whole.append(("measured", totals.intensity, reached))
        intensities = [disc.intensity for disc in drawn.discs] + [self.balance / 8, self.balance * 8]
        rates = [disc.rate for disc in drawn.discs] + [reached for _, _, reached in self.whole]
        self.low, self.high = _log(min(intensities)) - 0.15, _log(max(intensities)) + 0.15
        self.top = _log(Fraction(roofline.peak)) + 0.45
        self.bottom = min([_log(reached) for reached in rates], default=self.top - 3) - 0.35
        self.bottom = min(self.bottom, self.top - 2)
        self.discs = drawn.discs if drawn.joined else self._merged()
        most = max([disc.time for disc in self.discs], default=1)
        for disc in self.discs:
            disc.x, disc.y = self.x(disc.intensity), self.y(disc.rate)
            share = math.sqrt(disc.time / most)
            disc.radius = 4.0 if drawn.joined else max(SMALLEST, LARGEST * share)

    def _merged(self) -> list[LayerDisc]:
        """The discs, those of a kind that lie next to each other as one."""
        found: list[LayerDisc] = []
        for disc in sorted(self.drawn.discs, key=lambda disc: (disc.kind, disc.intensity)):
            last = found[-1] if found else None
            if (
                last is None
                or last.kind != disc.kind
                or self.x(disc.intensity) - self.x(last.intensity) > NEAR
            ):
                found.append(disc)
            else:
                last.take_in(disc)
        return found

    def x(self, intensity: Fraction) -> float:
        """Where operations per byte lie."""
        return WIDTH * (_log(intensity) - self.low) / (self.high - self.low)

    def y(self, rate: Fraction) -> float:
        """Where operations a second lie."""
        return HEIGHT * (self.top - _log(rate)) / (self.top - self.bottom)

    def written(self, form: str) -> bytes:
        """The drawing."""
        self._axes()
        self._roof()
        colours = self._colours()
        if self.drawn.joined:
            self.scene.stroke([(disc.x, disc.y) for disc in self.discs], line=COLOURS[0], width=0.8)
        for disc in sorted(self.discs, key=lambda disc: -disc.radius):
            self.scene.polygon(_circle(disc.x, disc.y, disc.radius), colours[disc.kind], "#ffffff", 0.5)
        for name, intensity, reached in self.whole:
            self._whole(name, self.x(intensity), self.y(reached))
        for label in self._names():
            if label.line:
                self.scene.stroke(label.line, line=FAINT, width=0.4)
            left, _, _, bottom = label.box
            self.scene.words(left, bottom - LINE * 0.3, label.text, size=LETTERS, colour=INK)
        self._legend(colours)
        return self.scene.written(form)

    def _axes(self) -> None:
        scene = self.scene
        scene.words(0, -26, self.title, size=11, bold=True)
        scene.words(0, -12, clean_line(self.roofline.device.title), size=LETTERS, colour=FAINT)
        for power in range(math.ceil(self.low), math.floor(self.high) + 1):
            x = self.x(Fraction(10) ** power)
            scene.stroke([(x, 0), (x, HEIGHT)], line=PALE, width=0.4)
            scene.words(x, HEIGHT + 12, _power(power), size=LETTERS, colour=FAINT, align="middle")
        for power in range(math.ceil(self.bottom), math.floor(self.top) + 1):
            y = self.y(Fraction(10) ** power)
            scene.stroke([(0, y), (WIDTH, y)], line=PALE, width=0.4)
            scene.words(-5, y + 3, rate(10**power, ""), size=LETTERS, colour=FAINT, align="right")
        scene.stroke([(0, 0), (0, HEIGHT), (WIDTH, HEIGHT)], line=FAINT, width=0.8)
        scene.words(WIDTH, HEIGHT + 24, "operations per byte", size=LETTERS, colour=FAINT, align="right")
        scene.words(
            -36, HEIGHT / 2, "operations a second", size=LETTERS, colour=FAINT, align="middle", turned=True
        )

    def _bends(self) -> list[Point]:
        """The roof: up with the bandwidth, then level at the peak."""
        bandwidth, peak = self.roofline.device.bandwidth, Fraction(self.roofline.peak)
        start = max(self.low, self.bottom - math.log10(bandwidth))
        x = WIDTH * (start - self.low) / (self.high - self.low)
        y = HEIGHT * (self.top - start - math.log10(bandwidth)) / (self.top - self.bottom)
        return [(x, y), (self.x(self.balance), self.y(peak)), (WIDTH, self.y(peak))]

    def _roof(self) -> None:
        device, scene = self.roofline.device, self.scene
        start, bend, end = self._bends()
        scene.stroke([start, bend, end], line=ROOF, width=1.6)
        scene.stroke([bend, (bend[0], HEIGHT)], line=FAINT, width=0.6, dashed=True)
        unit = "OPS" if "int" in self.roofline.dtype else "FLOPS"
        peak = f"{rate(self.roofline.peak, unit)} in {self.roofline.dtype}"
        scene.words(end[0], end[1] - LARGEST - 4, peak, size=LETTERS, colour=ROOF, align="right")
        for at in self._words_on_roof():
            scene.words(at[0], at[3] - 3, rate(device.bandwidth, "B/s"), size=LETTERS, colour=ROOF)
        scene.words(bend[0] + 4, HEIGHT - 5, quotient_words(self.balance), size=LETTERS, colour=FAINT)

    def _words_on_roof(self) -> Iterator[Rectangle]:
        """Where the bandwidth is written: above the roof's lower part."""
        start, bend, _ = self._bends()
        text = rate(self.roofline.device.bandwidth, "B/s")
        wide = width_of(text, LETTERS)
        middle = (start[0] + bend[0]) / 2, (start[1] + bend[1]) / 2
        left = max(2.0, middle[0] - wide - 16)
        yield left, middle[1] - 16, left + wide, middle[1] - 16 + LINE

    def _obstacles(self) -> list[Rectangle]:
        """What names may not stand on besides the discs: the roof, in pieces, and what is written at it."""
        start, bend, end = self._bends()
        found = list(self._words_on_roof())
        pieces = 60
        for (x0, y0), (x1, y1) in ((start, bend), (bend, end)):
            for at in range(pieces + 1):
                x, y = x0 + (x1 - x0) * at / pieces, y0 + (y1 - y0) * at / pieces
                found.append((x - 1, y - 1, x + 1, y + 1))
        found.append((end[0] - 112, end[1] - LARGEST - 4 - LINE, end[0], end[1] - LARGEST))
        found.append((bend[0], HEIGHT - 14, bend[0] + 24, HEIGHT))
        for name, intensity, reached in self.whole:
            x, y = self.x(intensity), self.y(reached)
            found.append((x - 5, y - 5, x + 9 + width_of(name, LETTERS), y + 6))
        return found

    def _names(self) -> list[MarkName]:
        """Names of the discs that take longest, of as many as can stand beside them; of batches, of the last
        and the first."""
        discs = self.discs
        order = (
            [*discs[-1:], *discs[:-1]] if self.drawn.joined else sorted(discs, key=lambda disc: -disc.time)
        )
        space = LabelSpace((0, 0, WIDTH, HEIGHT), LINE, 3.0, 0.0, lambda text: width_of(text, LETTERS))
        taken = [*[disc.box for disc in discs], *self._obstacles()]
        found: list[MarkName] = []
        for disc in order[:TRIED]:
            name = space.place(disc, taken)
            if name is not None and not _crossed([*found, name]):
                found.append(name)
                taken.append(name.box)
            if len(found) == NAMED:
                break
        return found

    def _whole(self, name: str, x: float, y: float) -> None:
        """The whole network: a cross."""
        for dx, dy in ((4, 4), (4, -4)):
            self.scene.stroke([(x - dx, y - dy), (x + dx, y + dy)], line=ALL, width=1.6)
        self.scene.words(x + 8, y + 3, name, size=LETTERS, colour=ALL)

    def _colours(self) -> dict[str, str]:
        """A colour for each kind; the kinds that take longest have one of their own."""
        times: dict[str, int] = {}
        for disc in self.discs:
            times[disc.kind] = times.get(disc.kind, 0) + disc.time
        kinds = sorted(times, key=lambda kind: (-times[kind], kind))
        return {kind: COLOURS[at] if at < len(COLOURS) else OTHERS for at, kind in enumerate(kinds)}

    def _legend(self, colours: dict[str, str]) -> None:
        """The kinds with their colours, and the notes, below the plot."""
        scene, x, y = self.scene, 0.0, HEIGHT + 42
        shown = [(kind, colour) for kind, colour in colours.items() if colour != OTHERS]
        if len(shown) < len(colours):
            shown.append(("others", OTHERS))
        for kind, colour in [] if self.drawn.joined else shown:
            wide = width_of(kind, LETTERS) + 24
            if x and x + wide > WIDTH:
                x, y = 0.0, y + 14
            scene.polygon(_circle(x + 4, y - 3, 4), colour, "#ffffff", 0.5)
            scene.words(x + 11, y, kind, size=LETTERS)
            x += wide
        y += 0 if self.drawn.joined else 16
        for note in [
            *self.drawn.notes,
            *([self.roofline.device.source] if self.roofline.device.source else []),
        ]:
            scene.words(0, y, shortened(clean_line(note), 120), size=7, colour=FAINT)
            y += 10


def _crossed(names: Sequence[MarkName]) -> bool:
    """Whether the line of a name goes through another name."""
    for name in names:
        if not name.line:
            continue
        (x0, y0), (x1, y1) = name.line
        points = [(x0 + (x1 - x0) * at / 40, y0 + (y1 - y0) * at / 40) for at in range(40)]
        for other in names:
            left, top, right, bottom = other.box
            if other is not name and any(left < x < right and top < y < bottom for x, y in points):
                return True
    return False


def _log(value: Fraction) -> float:
    """The logarithm of base ten, of numbers beyond all floats too."""
    return math.log10(value.numerator) - math.log10(value.denominator)


def _power(power: int) -> str:
    """``0.01``, ``100``, ``10,000``."""
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:.{-power}f}"


def _circle(x: float, y: float, radius: float) -> list[Point]:
    """The corners of a polygon that looks like a circle."""
    angles = [2 * math.pi * at / _CORNERS for at in range(_CORNERS)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]
