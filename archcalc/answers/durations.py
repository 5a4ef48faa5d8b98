"""Answers that are times on a device, or operations per byte: ``4.2 us``, ``0.045 ms``, ``19/3``."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..amounts import TIMES
from .ratios import read_share
from .written_kinds import Ambiguous, Written, WrittenNumber

# The unit of a number that is a time; its scale is ``us`` or another of TIMES.
TIME = "time"
_WORDS = {
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "msec": "ms",
    "usec": "us",
    "millisecond": "ms",
    "milliseconds": "ms",
    "microsecond": "us",
    "microseconds": "us",
    "nanosecond": "ns",
    "nanoseconds": "ns",
    "picosecond": "ps",
    "picoseconds": "ps",
}
_TIMED = re.compile(r"(?P<number>.*\d[.,]*) ?(?P<unit>[a-z]{1,12})", re.IGNORECASE | re.DOTALL)
_PER_BYTE = re.compile(r" ?[a-z]{2,10} ?(?:/|per) ?(?:bytes?|B)$", re.IGNORECASE)


def unit_of_time(word: str) -> str:
    """The unit that a word means, ``us``; empty where it means none.

    Example:
        >>> from archcalc.answers.durations import unit_of_time
        >>> unit_of_time("µs"), unit_of_time("Microseconds"), unit_of_time("KiB")
        ('us', 'us', '')
    """
    plain = word.strip().lower().replace("µ", "u").replace("μ", "u")
    return plain if plain in TIMES else _WORDS.get(plain, "")


def read_duration(text: str, plain: Callable[[str], Written]) -> Written:
    """The reader of an answer that is a time. ``plain`` reads a number alone. Of one without a unit the
    question says the unit, or nobody does."""
    bare = " ".join(text.split()).rstrip(".!").replace("µ", "u").replace("μ", "u")
    timed = _TIMED.fullmatch(bare)
    unit = unit_of_time(timed["unit"]) if timed is not None else ""
    if timed is None or not unit:
        return plain(text)

    def scaled(number: Written) -> Written:
        if not isinstance(number, WrittenNumber) or number.unit or number.scale:
            return number
        return number._replace(text=text).in_unit(unit, TIME, TIMES[unit])

    found = plain(timed["number"])
    if isinstance(found, Ambiguous):
        readings = [scaled(one) for one in found.readings]
        return found._replace(
            text=text, readings=tuple([r for r in readings if isinstance(r, WrittenNumber)])
        )
    return scaled(found)


def read_intensity(text: str, plain: Callable[[str], Written]) -> Written:
    """The reader of an answer that is a number of operations per byte, with these words or without."""
    found = read_share(_PER_BYTE.sub("", " ".join(text.split()).rstrip(".!")), plain)
    return found._replace(text=text) if isinstance(found, WrittenNumber) else found
