"""What somebody wrote as an answer, read without guessing: the interface of the reading half."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ..arithmetic import Expression


class Number(NamedTuple):
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

    @property
    def exact(self) -> bool:
        """Whether it stands for one value alone."""
        return self.low == self.high

    def covers(self, value: Fraction | int, approximately: bool = False) -> bool:
        """Whether a value, rounded as this number was, is written like it. ``approximately``: one
        unit of the last digit more on both sides, where it was written with ``~``."""
        if self.exact:
            return value == self.value
        more = self.high - self.low if approximately and self.approximate else 0
        return self.low - more <= value < self.high + more

    def binary(self) -> Number:
        """The same with K = 1024, M = 1024^2: ``93 MB`` read as ``93 MiB``."""
        power = "KMGT".find(self.scale) + 1
        if not self.scale or not power:
            return self
        factor = Fraction(1024, 1000) ** power
        return self._replace(value=self.value * factor, low=self.low * factor,
                             high=self.high * factor, scale=self.scale + "i")  # fmt: skip


class Volume(NamedTuple):
    """Sizes along axes, in the order written, without a batch that was written ``None`` or ``N``.

    named  the writer said which the channels are (``6@28x28``, ``55x55, 96 channels``): the order
           here is then channels last
    """

    text: str
    dims: tuple[int, ...]
    named: bool = False


class Word(NamedTuple):
    """An answer in words: ``does not fit``, ``not applicable``, ``everything`` (of a receptive
    field), ``blank``."""

    text: str
    meaning: str


class Ambiguous(NamedTuple):
    """What can be read in several ways, with the question that decides."""

    text: str
    readings: tuple[Number | Volume, ...]
    question: str


class Unreadable(NamedTuple):
    """What cannot be read, and why. Never a wrong answer."""

    text: str
    reason: str


Written = Number | Volume | Word | Ambiguous | Unreadable


def read(text: str, asked: str = "params", decimal: str = "ask") -> Written:
    """What an answer says.

    asked    the quantity: of ``output``, ``size`` and ``rf`` sizes are expected (``7x7``), of
             ``memory`` B is a byte, else a billion
    decimal  the convention
    """
    raise NotImplementedError
