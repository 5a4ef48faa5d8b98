"""How likely an explanation is to fit by chance alone.

Of the figures with as many digits as the printed one, and not farther from it than a tenth, some would be
explained as cheaply. Their share is the chance that a figure which has another reason is explained all
the same. A figure of two digits has fewer than ten such neighbours, so that any guess hits it; one of ten
digits has a billion, and a guess that hits it is right.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

from .candidates import FigureCandidate
from .printed import PrintedFigure
from .variants import NetworkVariant

# How far from a figure its neighbours are looked at, as a share of it.
WINDOW = Fraction(1, 10)
# A guess is believed where chance would have found one for fewer than this share of the neighbours.
BELIEVED = Fraction(1, 500)


class NearFigures:
    """The figures near a printed one that would be explained as cheaply as it."""

    def __init__(self, figure: PrintedFigure):
        self._step = figure.step
        self._low = figure.number.value * (1 - WINDOW)
        self._high = figure.number.value * (1 + WINDOW)
        self._costs: dict[int, int] = {}
        # A network that was not looked at, and how far what it is likely to have is from the figure.
        self.closest: tuple[Fraction, NetworkVariant] | None = None

    @property
    def number(self) -> int:
        """How many figures of so many digits there are."""
        return max(1, int((self._high - self._low) / self._step))

    @property
    def bears_a_guess(self) -> bool:
        """Whether a guess can be believed at all: of a figure of few digits none can."""
        return self.number * BELIEVED >= 1

    def near(self, value: Fraction | int) -> bool:
        """Whether a value is among them."""
        return self._low <= value <= self._high

    def add(self, candidate: FigureCandidate) -> None:
        """Note what a candidate would explain."""
        self.note(candidate.value, candidate.cost)

    def note(self, value: Fraction | int, cost: int) -> None:
        """Note a value that something of a cost would explain."""
        if self.near(value):
            place = floor(value / self._step + Fraction(1, 2))
            self._costs[place] = min(cost, self._costs.get(place, cost))

    def chance(self, cost: int) -> Fraction:
        """The share of them that is explained at a cost, or below."""
        explained = sum([1 for one in self._costs.values() if one <= cost])
        return min(Fraction(1), Fraction(max(1, explained), self.number))
