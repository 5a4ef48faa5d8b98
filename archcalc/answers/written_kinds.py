"""What an answer may be read as: a number, sizes, a word, several of these, or nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ..arithmetic import Expression, last_place


class WrittenNumber(NamedTuple):
    """A number as written.

    text         the words of the sheet
    value        what is printed: 35,000 for ``35K``
    low, high    what it may stand for, ``low <= x < high``; both are the value where it is exact
    scale        ``K``, ``M``, ``G``, ``T`` or ``Ki`` …; empty for none. ``9 MB`` has M and bytes
    unit         ``bytes``, ``bits``, ``macs``, ``flops``, ``params``, ``values``, ``pixels``, or
                 nothing
    approximate  written with ``~``, ``about`` or ``...``
    working      the expression that was written, alone or before ``=``
    """

    text: str
    value: Fraction
    low: Fraction
    high: Fraction
    scale: str = ""
    unit: str = ""
    approximate: bool = False
    working: Expression | None = None

    # A recorded expression cannot be compared: two numbers are equal by what they say.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, WrittenNumber) and self[:-1] == other[:-1]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:-1])

    @property
    def exact(self) -> bool:
        """Whether it stands for one value alone."""
        return self.low == self.high

    def covers(self, value: Fraction | int) -> bool:
        """Whether a value, rounded as this number was, is written like it."""
        return value == self.value if self.exact else self.low <= value < self.high

    def widened(self) -> WrittenNumber:
        """The number, one unit of the last digit wider on both sides where it was written with
        ``~``: for teachers who allow that."""
        if not self.approximate:
            return self
        step = self.high - self.low
        if self.exact:
            step = Fraction(last_place(int(abs(self.value))))
        return self._replace(low=self.low - step, high=self.high + step)

    def in_unit(self, scale: str, unit: str, factor: int) -> WrittenNumber:
        """The bare number in a unit that the question states. A whole number of such may be rounded."""
        value, half = self.value * factor, (self.high - self.low) * factor / 2
        if self.exact:
            half = Fraction(last_place(int(abs(self.value))) * factor, 2) if factor > 1 else half
        return self._replace(value=value, low=value - half, high=value + half, scale=scale, unit=unit)

    def in_bytes(self) -> WrittenNumber:
        """The number with bits taken together to bytes."""
        if self.unit != "bits":
            return self
        return self._replace(value=self.value / 8, low=self.low / 8, high=self.high / 8, unit="bytes")

    def binary(self) -> WrittenNumber:
        """The number with K = 1024, M = 1024^2: ``93 MB`` read as ``93 MiB``."""
        power = "KMGT".find(self.scale) + 1
        if not self.scale or not power:
            return self
        factor = Fraction(1024, 1000) ** power
        return self._replace(
            value=self.value * factor, low=self.low * factor, high=self.high * factor, scale=self.scale + "i"
        )


class WrittenSizes(NamedTuple):
    """Sizes along axes, in the order written, without a batch that was written ``None`` or ``N``.

    named  the writer said which the channels are (``6@28x28``, ``55x55, 96 channels``): the order
           here is then channels last
    """

    text: str
    dims: tuple[int, ...]
    named: bool = False


class WrittenWord(NamedTuple):
    """An answer in words: ``does not fit``, ``not applicable``, ``everything`` (of a receptive
    field), ``blank``."""

    text: str
    meaning: str


class WrittenFormula(NamedTuple):
    """An answer to a question that reads its answers by itself, as it was written: a formula in letters, or a
    matrix. ``meant`` is how a person decided that it is to be read; empty for nothing."""

    text: str
    meant: str = ""


class WrittenCell(NamedTuple):
    """A number of a matrix: its value, what it may stand for, ``low <= x <= high``, and significant digits of
    one that is written with decimals; 0 for one that is exact."""

    value: Fraction
    low: Fraction
    high: Fraction
    digits: int = 0

    def covers(self, value: Fraction | int | float) -> bool:
        """Whether a value, rounded as this number was, is written like it."""
        exact = Fraction(value)
        return exact == self.value or (self.low != self.high and self.low <= exact <= self.high)


class WrittenMatrix(NamedTuple):
    """A matrix, or one for each channel.

    shape  channels, rows, columns
    cells  channel by channel and row by row
    """

    text: str
    shape: tuple[int, int, int]
    cells: tuple[WrittenCell, ...]


class Ambiguous(NamedTuple):
    """An answer that can be read in several ways, or of which a reading leaves some words: one of
    its readings may be right, and none makes it wrong.

    readings  what it may say
    question  asks a person which of them holds
    left      numbers that no reading takes: where one is not true of the layer, none holds
    """

    text: str
    readings: tuple[WrittenNumber | WrittenSizes, ...]
    question: str
    left: tuple[Fraction, ...] = ()


class Unreadable(NamedTuple):
    """An answer that cannot be read, and why. It is never a wrong answer."""

    text: str
    reason: str


# One reading that takes all of a text, or none.
WrittenReading = WrittenNumber | WrittenSizes | WrittenWord | Unreadable
Written = WrittenReading | WrittenFormula | WrittenMatrix | Ambiguous
