"""Which sign a student writes before decimals, from what can be read one way only: ``3.576.960`` and
``3,58 Mio`` are of one who writes a comma, ``1,234,567`` and ``3.58M`` of one who writes a point."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ..amounts import NUMERAL
from .one_reading import WITH_SIZES
from .wording import normalised
from .written import Unreadable, read

POINT, COMMA, ASK = "point", "comma", "ask"
# How a class list or a quiz may say it.
SIGNS = {"point": POINT, ".": POINT, "dot": POINT, "comma": COMMA, ",": COMMA}

_NUMERAL = re.compile(NUMERAL)
_SIDE = re.compile(r"[1-9]\d*,0{1,2}")
_GROUPS = re.compile(r"\d{1,3}(?:[., '_]\d{3})+|\d{1,2}(?:,\d\d)+,\d{3}")


def decimal_sign(answers: Iterable[tuple[str, str]]) -> str:
    """Return the decimal sign of a student: POINT, COMMA, or ASK where nothing tells, or where both are
    written. ``answers`` are texts with the quantities that are asked for."""
    found: set[str] = set()
    for text, asked in answers:
        if "." in text or "," in text:
            found |= _signs(text, asked)
    return found.pop() if len(found) == 1 else ASK


def sign_of(given: str, answers: Iterable[tuple[str, str]]) -> str:
    """Return the decimal sign that is given; where it is ASK, the one that the answers tell."""
    return decimal_sign(answers) if given == ASK else given


@lru_cache(maxsize=1 << 14)
def _signs(text: str, asked: str) -> frozenset[str]:
    """The decimal signs that one answer tells: of a text that is no number, none."""
    if isinstance(read(text, asked), Unreadable):
        return frozenset()
    sizes = asked in WITH_SIZES
    found = {_numeral_sign(digits.rstrip("."), sizes) for digits in _NUMERAL.findall(normalised(text))}
    return frozenset(found - {""})


def _numeral_sign(digits: str, sizes: bool) -> str:
    """The decimal sign that one numeral tells; empty where it has none, or may have either."""
    points, commas = digits.count("."), digits.count(",")
    if sizes and commas and not _SIDE.fullmatch(digits):
        return ""  # (48,32,24)
    if points and commas:
        last = POINT if digits.rfind(".") > digits.rfind(",") else COMMA
        whole, _, _ = digits.rpartition("." if last == POINT else ",")
        return last if (points if last == POINT else commas) == 1 and _GROUPS.fullmatch(whole) else ""
    if points + commas > 1:
        return (COMMA if points else POINT) if _GROUPS.fullmatch(digits) else ""
    if points + commas == 0:
        return ""
    whole, _, behind = digits.partition("." if points else ",")
    if points and not behind.strip("0"):
        return ""  # platforms write 3528.0 for 3528
    if len(behind) == 3 and _GROUPS.fullmatch(digits) and not whole.startswith("0"):
        return ""  # 34.944
    return POINT if points else COMMA
