"""Numbers of which only bounds are known: what a condition can decide of them, and what not."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

Rational = int | Fraction


class Bounds(NamedTuple):
    """Where a number lies.

    Args:
        low: The least that it can be; None for no bound.
        high: The most that it can be; None for no bound.

    Example:
        >>> from archcalc.language.bounds import Bounds
        >>> at_least_7 = Bounds(7, None)
        >>> at_least_7.compared("<", Bounds.exactly(5)), at_least_7.compared("<", Bounds.exactly(9))
        (False, None)
    """

    low: Rational | None = None
    high: Rational | None = None

    @classmethod
    def exactly(cls, number: Rational) -> Bounds:
        """A number that is known."""
        return cls(number, number)

    @property
    def exact(self) -> Rational | None:
        """The number; None where only bounds are known."""
        return self.low if self.low == self.high else None

    def compared(self, sign: str, other: Bounds) -> bool | None:
        """Compare with another number.

        Args:
            sign: ``<``, ``<=``, ``=``, ``!=``, ``>=`` or ``>``.
            other: The number behind it.

        Returns:
            Whether it holds; None where that cannot be decided.

        Example:
            >>> from archcalc.language.bounds import Bounds
            >>> Bounds(7, None).compared(">=", Bounds.exactly(7))
            True
        """
        if sign in (">", ">="):
            return other.compared({">": "<", ">=": "<="}[sign], self)
        if sign == "!=":
            same = self.compared("=", other)
            return None if same is None else not same
        if sign == "=":
            if self.exact is not None and other.exact is not None:
                return self.exact == other.exact
            apart = _below(self, other, strictly=True) or _below(other, self, strictly=True)
            return False if apart else None
        if _below(self, other, strictly=sign == "<"):
            return True
        # The opposite: `a < b` is wrong where `b <= a` is sure.
        return False if _below(other, self, strictly=sign == "<=") else None

    def combined(self, sign: str, other: Bounds) -> Bounds:
        """Combine with another number.

        Args:
            sign: ``+``, ``-``, ``*`` or ``/``.
            other: The number behind it.

        Returns:
            The bounds of the result: none at all where too little is known, and behind a division by zero.

        Example:
            >>> from archcalc.language.bounds import Bounds
            >>> Bounds(7, None).combined("*", Bounds.exactly(2))
            Bounds(low=14, high=None)
        """
        if sign == "+":
            return Bounds(_added(self.low, other.low), _added(self.high, other.high))
        if sign == "-":
            return Bounds(_added(self.low, other.high, -1), _added(self.high, other.low, -1))
        if self.exact is not None and other.exact is not None:
            if sign == "*":
                return Bounds.exactly(self.exact * other.exact)
            return Bounds.exactly(Fraction(self.exact) / other.exact) if other.exact else Bounds()
        if self.low is None or other.low is None or self.low < 0 or other.low <= 0:
            return Bounds()  # of numbers below zero the ends change places
        if sign == "*":
            ends = None if self.high is None or other.high is None else self.high * other.high
            return Bounds(self.low * other.low, ends)
        least = 0 if other.high is None else Fraction(self.low) / other.high
        return Bounds(least, None if self.high is None else Fraction(self.high) / other.low)


def _below(one: Bounds, other: Bounds, strictly: bool) -> bool:
    """Whether one number is surely less than another, or surely not more."""
    if one.high is None or other.low is None:
        return False
    return one.high < other.low or (not strictly and one.high == other.low)


def _added(one: Rational | None, other: Rational | None, sign: int = 1) -> Rational | None:
    return None if one is None or other is None else one + sign * other


def negated(truth: bool | None) -> bool | None:
    """``not``, where it may be undecided."""
    return None if truth is None else not truth


def both(one: bool | None, other: bool | None) -> bool | None:
    """``and``: wrong where one of the two is, whatever the other."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def either(one: bool | None, other: bool | None) -> bool | None:
    """``or``: right where one of the two is, whatever the other."""
    return negated(both(negated(one), negated(other)))


def all_hold(truths: Iterable[bool | None]) -> bool | None:
    """Whether all are right."""
    found: bool | None = True
    for truth in truths:
        found = both(found, truth)
    return found
