"""Shares: exact quotients, as a reader wants to see them."""

from __future__ import annotations

from fractions import Fraction
from math import floor, log10

# Digits that are shown of a quotient, and the largest denominator of one that is shown as a fraction.
DIGITS, LARGEST = 4, 64


class Proportion(Fraction):
    """An exact quotient that is written with a few digits: ``1/8``, ``0.4509``, ``12.5 %``.

    percent  it is written in per cent

    Example:
        >>> from fractions import Fraction
        >>> from archcalc.analysis.proportions import Proportion
        >>> str(Proportion.of(Fraction(1, 8), percent=True)), str(Proportion.of(Fraction(41, 288), False))
        ('12.5 %', '0.1424')
    """

    percent: bool = False

    @classmethod
    def of(cls, value: Fraction, percent: bool) -> Proportion:
        """The share of a value.

        Args:
            value: The quotient, exactly.
            percent: Whether it is written in per cent.

        Returns:
            The share, which is equal to the value.

        Example:
            >>> from fractions import Fraction
            >>> from archcalc.analysis.proportions import Proportion
            >>> Proportion.of(Fraction(1, 3), percent=False) == Fraction(1, 3)
            True
        """
        made = cls(value.numerator, value.denominator)
        made.percent = percent
        return made

    def __str__(self) -> str:
        if self.percent:
            return f"{decimal(100 * Fraction(self))} %"
        if self.denominator <= LARGEST and abs(self.numerator) <= LARGEST:
            return f"{self.numerator}/{self.denominator}" if self.denominator > 1 else str(self.numerator)
        return decimal(Fraction(self))


def decimal(value: Fraction, digits: int = DIGITS) -> str:
    """A number rounded half up to some digits, noughts behind the point left out.

    Args:
        value: The number.
        digits: The digits that count; whole numbers keep all of theirs.

    Returns:
        The number as text, thousands apart.

    Example:
        >>> from fractions import Fraction
        >>> from archcalc.analysis.proportions import decimal
        >>> decimal(Fraction(38452, 3)), decimal(Fraction(-1, 3))
        ('12,817', '-0.3333')
    """
    if not value:
        return "0"
    size = abs(value)
    # The logarithm of two whole numbers: a float of the quotient could be nought.
    first = floor(log10(size.numerator) - log10(size.denominator))
    places = max(digits - 1 - first, 0)
    units = floor(size * 10**places + Fraction(1, 2))
    whole, behind = divmod(units, 10**places)
    tail = str(behind).rjust(places, "0").rstrip("0") if places else ""
    sign = "-" if value < 0 else ""
    return f"{sign}{whole:,}{'.' + tail if tail else ''}"
