"""Answers as somebody wrote them, read without guessing.

The written precision is the tolerance: ``35K`` stands for [34,500, 35,500), ``800K``, of which the
last nought may only hold its place, for [795,000, 805,000), a plain integer for itself. What has
two readings is asked about; what cannot be read is reported, and never marked as wrong.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ..amounts import AmbiguousNumberError
from ..quantities import DURATION, ON_DEVICE, QUOTIENT
from . import wording
from .durations import read_duration, read_intensity
from .number_words import in_digits
from .one_reading import FINAL, WITH_SIZES, OneReading, in_bytes
from .prose import in_prose
from .ratios import is_share, read_share
from .wording import meaning, meanings, normalised, scanned, without_bias, without_leads
from .written_kinds import (
    Ambiguous,
    Unreadable,
    Written,
    WrittenNumber,
    WrittenReading,
    WrittenSizes,
    WrittenWord,
)

__all__ = [
    "Ambiguous",
    "Unreadable",
    "Written",
    "WrittenNumber",
    "WrittenReading",
    "WrittenSizes",
    "WrittenWord",
    "read",
]


def read(text: str, asked: str = "params", decimal: str = "ask") -> Written:
    """The reader of one answer.

    asked    the quantity: of ``output``, ``size`` and ``rf`` sizes are expected (``7x7``), of
             ``memory`` B is a byte, else a billion
    decimal  what ``34.944`` means: ``point`` a decimal, ``comma`` thousands, ``ask`` either
    """
    meant = ON_DEVICE.get(asked)
    if meant is not None and meant.form == DURATION:
        return read_duration(text, lambda number: _plainly(number, asked, decimal))
    if meant is not None and meant.form == QUOTIENT:
        return read_intensity(text, lambda number: _plainly(number, asked, decimal))
    if is_share(asked):
        return read_share(text, lambda number: _plainly(number, asked, decimal))
    return _plainly(text, asked, decimal)


def _plainly(text: str, asked: str, decimal: str) -> Written:
    """An answer that is no share: a number, sizes or words."""
    if text.isascii() and text.isdigit() and len(text) < 12 and text[0] != "0":
        number = Fraction(int(text))  # what most of a class write
        if asked in WITH_SIZES:
            return WrittenSizes(text, (int(text),))
        return WrittenNumber(text, number, number, number)
    if len(text) > wording.LONGEST:
        return Unreadable(text, f"it is longer than {wording.LONGEST} signs")
    if wording.NO_TEXT.search(text):
        return Unreadable(text, "a character in it cannot be read")
    plain = normalised(text)
    sizes = asked in WITH_SIZES
    plain = plain if sizes else _APART.sub(",", plain)
    word = meaning(plain)
    if plain == "null" and not sizes:
        nought = WrittenNumber(text, Fraction(0), Fraction(0), Fraction(0))
        return Ambiguous(text, (nought,), "is `null` a zero, or no answer?")
    if word == wording.ZERO:
        zero = Fraction(0)
        return (
            WrittenWord(text, wording.NOT_APPLICABLE)
            if asked in WITH_SIZES
            else WrittenNumber(text, zero, zero, zero)
        )
    if word is not None:
        return WrittenWord(text, word)
    if plain[:1].isalpha():
        bare = without_leads(plain)
        plain = in_digits(bare) if in_digits(bare) != bare else plain
    ways, question = meanings(plain, text, in_bytes(asked))
    found = [_read(text, way, asked, decimal) for way in ways]
    if len(found) == 1:
        return found[0]
    readings = [
        reading
        for one in found
        if not isinstance(one, Unreadable)
        for reading in (one.readings if isinstance(one, Ambiguous) else (one,))
        if isinstance(reading, (WrittenNumber, WrittenSizes))
    ]
    return Ambiguous(text, tuple(readings), question) if readings else found[0]


# A number that was torn at its comma: `398 ,328` is one, and `398, 328` may be.
_APART = re.compile(r"(?<=\d) ,(?=\d{3}(?!\d))")
_TORN = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})*), (\d{3}(?:,\d{3})*)(?![\d.,]*\d)")
# Two sizes with a sign between them that may be another.
_PAIR = re.compile(r"\(?(\d{1,6}) ?[-/] ?(\d{1,6})\)?")
# A nought in big letters that stands on digits is no octet.
_BIG_NOUGHT = re.compile(r"\dO(?![A-Za-z])")


def _read(text: str, plain: str, asked: str, decimal: str) -> Written:
    """Read one meaning of a text's words."""
    found: Written
    try:
        found = OneReading(text, asked, decimal).read(plain)
    except AmbiguousNumberError as doubt:
        found = _doubtful(text, plain, asked, doubt.numeral)
    big = _BIG_NOUGHT.search(text) is not None
    if not isinstance(found, Unreadable) and not big:
        return found
    if isinstance(found, Unreadable) and found.reason in FINAL:
        pair = _PAIR.fullmatch(plain)
        if pair and asked in ("output", "size"):
            sizes = int(pair[1]), int(pair[2])
            return Ambiguous(text, (WrittenSizes(text, sizes),), f"is it {sizes[0]}x{sizes[1]}?")
        return found
    digits = scanned(plain)
    if digits != plain and _settled(text, digits, asked, decimal):
        return Unreadable(text, f"a letter stands among digits: is `{digits}` meant?")
    if not isinstance(found, Unreadable):
        return found
    joined = _TORN.sub(r"\1,\2", plain)
    if joined != plain and asked not in WITH_SIZES:
        whole = _settled(text, joined, asked, decimal)
        if whole:
            return Ambiguous(text, whole, f"is `{plain}` one number?")
    bare = without_bias(without_leads(plain))
    return in_prose(text, bare, found, lambda piece: _settled(text, piece, asked, decimal), asked)


def _settled(text: str, plain: str, asked: str, decimal: str) -> tuple[WrittenNumber | WrittenSizes, ...]:
    """The readings that take all of a piece of a text: one, or several where a number has two; none where
    it cannot be read."""
    try:
        found: Written = OneReading(text, asked, decimal).read(plain)
    except AmbiguousNumberError as doubt:
        found = _doubtful(text, plain, asked, doubt.numeral)
    if isinstance(found, Ambiguous):
        return found.readings
    return (found,) if isinstance(found, (WrittenNumber, WrittenSizes)) else ()


def _doubtful(text: str, plain: str, asked: str, doubt: str) -> Written:
    """Both readings of a text that holds a doubtful numeral; why there is none where there is not."""
    readings = [OneReading(text, asked, decimal, sure=True).read(plain) for decimal in ("point", "comma")]
    kept = tuple([r for r in readings if isinstance(r, (WrittenNumber, WrittenSizes))])
    if not kept:
        return next(r for r in readings if isinstance(r, Unreadable))
    whole = doubt.replace(".", "").replace(",", "")
    question = (
        f"is `{doubt}` {int(whole):,}, or {doubt} with a decimal {'comma' if ',' in doubt else 'point'}?"
    )
    return Ambiguous(text, kept, question)
