"""Answers that are shares: ``12.5 %``, ``1/8``, ``8:1``, ``8x fewer``."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from .calculated_kinds import SHARES
from .written_kinds import Ambiguous, Unreadable, Written, WrittenNumber

# What a share is given in, as a unit.
PERCENT = "%"

_SIGN = r"(?:%|per ?cent\b|pct\b|prozent\b)"
_PERCENT = re.compile(rf"(?P<number>.*\d[.,]*) ?{_SIGN}(?P<of>.*)", re.IGNORECASE | re.DOTALL)
_SAYS_PERCENT = re.compile(_SIGN, re.IGNORECASE)
_QUOTIENT = re.compile(r"(?P<above>\d[\d,_]*(?:\.\d+)?) ?(?:/|:|\bto\b) ?(?P<below>\d[\d,_]*(?:\.\d+)?)")
_TIMES = re.compile(r"(?P<number>.*\d[.,]*) ?(?:x|×|times|-?fold)(?P<than> .*)?", re.IGNORECASE | re.DOTALL)
_FEWER = re.compile(r"\b(?:fewer|less|smaller|cheaper|saved|savings?|reduction|faster)\b", re.IGNORECASE)
_MORE = re.compile(r"\b(?:more|larger|bigger|greater|dearer|as (?:many|much|large))\b", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:=|~|≈|about|approx\.?|around|roughly|ca\.?)\s*", re.IGNORECASE)


def is_share(asked: str) -> bool:
    """Whether what is asked for is a share."""
    return asked in SHARES


def read_share(text: str, plain: Callable[[str], Written]) -> Written:
    """The reader of an answer that is a share. ``plain`` reads a number alone."""
    bare = _ABOUT.sub("", " ".join(text.split())).rstrip(".!")
    about = bare != " ".join(text.split()).rstrip(".!")
    last = bare.rpartition("=")[2].strip() or bare
    quotient = _QUOTIENT.fullmatch(last)
    if quotient is not None:
        above, below = (Fraction(re.sub("[,_]", "", part)) for part in quotient.groups())
        if not below:
            return Unreadable(text, "it divides by zero")
        return WrittenNumber(text, above / below, above / below, above / below)
    percent = _PERCENT.fullmatch(last)
    if percent is not None:
        return _of_words(text, _scaled(text, plain(percent["number"]), about), percent["of"], _rest)
    times = _TIMES.fullmatch(last)
    if times is not None:
        number = _rounded(text, plain(times["number"]), about)
        if isinstance(number, WrittenNumber) and number.exact and number.value.denominator == 1:
            half = Fraction(1, 2)  # 7x fewer may be 7.02 times fewer
            number = number._replace(low=number.value - half, high=number.value + half)
        return _of_words(text, number, times["than"] or "", _inverse)
    found = plain(text)
    return found._replace(text=text) if isinstance(found, WrittenNumber) else found


def _of_words(
    text: str, number: Written, words: str, turned: Callable[[WrittenNumber], WrittenNumber]
) -> Written:
    """A number with what stands behind it: behind ``fewer`` it may be a part that is gone, or the other way
    round."""
    if not isinstance(number, WrittenNumber):
        return number
    if _FEWER.search(words) and number.value:
        question = f"is that {text.strip()} of the one, or of the other?"
        return Ambiguous(text, (number, turned(number)), question)
    if words.strip(" .,") and not _MORE.search(words) and not re.search(r"\bof\b", words):
        return Unreadable(text, f"`{words.strip()}` is not understood")
    return number


def _scaled(text: str, found: Written, about: bool) -> Written:
    found = _rounded(text, found, about)
    return hundredths(found) if isinstance(found, WrittenNumber) else found


def hundredths(number: WrittenNumber) -> WrittenNumber:
    """A number that was given in per cent, as a share of one."""
    low, high = number.low, number.high
    if low == high:
        low, high = low - Fraction(1, 2), high + Fraction(1, 2)
    return number._replace(value=number.value / 100, low=low / 100, high=high / 100, unit=PERCENT)


def _rounded(text: str, found: Written, about: bool) -> Written:
    if not isinstance(found, WrittenNumber):
        return found
    return found._replace(text=text, approximate=found.approximate or about)


def _rest(number: WrittenNumber) -> WrittenNumber:
    return number._replace(value=1 - number.value, low=1 - number.high, high=1 - number.low)


def _inverse(number: WrittenNumber) -> WrittenNumber:
    if number.low <= 0:
        return number
    return number._replace(value=1 / number.value, low=1 / number.high, high=1 / number.low)


def says_percent(text: str) -> bool:
    """Whether a text has the sign for per cent, or a word for it.

    Example:
        >>> from archcalc.answers.ratios import says_percent
        >>> says_percent("0.86 %"), says_percent("about 3/4")
        (True, False)
    """
    return _SAYS_PERCENT.search(text) is not None
