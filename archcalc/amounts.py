"""Amounts as people write them: ``34,944``, ``1.5G``, ``2e6``, ``24 GiB``.

Whoever reads amounts says which forms it permits: a command line an ``AmountForm``, a student's answer
``numeral`` and its convention for points and commas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

# What a scale multiplies by: of counts, and of memory.
SCALES = {
    "": 1,
    "K": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}

# The digits of a number with what may stand between them.
NUMERAL = r"(?:\d(?:\d|[.,'_](?=\d)| (?=\d{3}(?!\d)))*\.?|\.\d+)"

_THOUSANDS = re.compile(r"\d{1,3}(?:(.)\d{3})(?:\1\d{3})*")
# As India groups: 13,83,57,544.
_LAKHS = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}")


class AmbiguousNumberError(Exception):
    """A numeral has two readings, and the convention does not decide."""

    def __init__(self, numeral: str):
        super().__init__(numeral)
        self.numeral = numeral


class Numeral(NamedTuple):
    """A number of digits, and how many of them stand behind the decimal sign."""

    value: Fraction
    places: int


def numeral(text: str, decimal: str, scaled: bool) -> Numeral | None:
    """Return what a numeral says; None if its separators make no sense.

    decimal  the convention: ``ask``, ``point`` or ``comma``
    scaled   a scale or a power of ten stands behind it: one point or comma is a decimal's

    Raises AmbiguousNumberError for ``34.944`` where nothing decides.
    """
    bare = text.removesuffix(".").replace("_", "")
    signs = [sign for sign in bare if not sign.isdigit()]
    if not signs:
        return Numeral(Fraction(int(bare)), 0)
    last = signs[-1]
    whole, _, behind = bare.rpartition(last)
    if len(set(signs)) > 1:
        # Two kinds: the last is the decimal sign, the other sets thousands apart.
        if last not in ".," or signs.count(last) > 1 or not _grouped(whole):
            return None
        return _with_places(whole, behind)
    if _grouped(bare) and (len(signs) > 1 or _is_group(bare, last, decimal, scaled)):
        return Numeral(Fraction(int(bare.replace(last, ""))), 0)
    return _with_places(whole, behind) if len(signs) == 1 and last in ".," else None


def _is_group(text: str, sign: str, decimal: str, scaled: bool) -> bool:
    """Tell whether the only separator of a text, three digits before its end, sets thousands apart."""
    if sign not in ".," or text.startswith("0"):
        return sign not in ".,"
    if decimal == "ask":
        if sign == "." and not scaled:
            raise AmbiguousNumberError(text)
        return sign == ","
    return sign != {"point": ".", "comma": ","}[decimal]


def _grouped(text: str) -> bool:
    return text.isdigit() or bool(_THOUSANDS.fullmatch(text) or _LAKHS.fullmatch(text))


def _with_places(whole: str, behind: str) -> Numeral:
    digits = "".join([sign for sign in whole if sign.isdigit()]) + behind
    return Numeral(Fraction(int(digits), 10 ** len(behind)), len(behind))


class Amount(NamedTuple):
    """A number as written.

    number  its digits and power of ten
    places  its last digit stands for ``10**-places``
    scale   the scale or unit behind it, in small letters
    """

    number: Fraction
    places: int
    scale: str


class AmountForm:
    """The forms of amounts that somebody permits.

    scales      what may stand behind the digits, in small letters, with its factor
    separators  signs that may set digits apart
    power       the largest power of ten behind ``e``; 0 for none at all
    loose       ``.5`` and ``24.`` are numbers, and spaces may stand before the scale
    """

    def __init__(self, scales: Mapping[str, int], separators: str = "_", power: int = 0, loose: bool = False):
        self.scales = {"": 1, **scales}
        self._separators = separators
        self._power = power
        whole = f"[0-9]+(?:[{separators}]{'+' if loose else ''}[0-9]+)*"
        digits = rf"{whole}\.[0-9]*|{whole}|\.[0-9]+" if loose else rf"{whole}(?:\.[0-9]+)?"
        exponent = r"(?:e(?P<power>[+-]?0*[0-9]{1,4}))?" if power else "(?P<power>(?!))?"
        space = " *" if loose else ""
        self._pattern = re.compile(rf"(?P<digits>{digits}){exponent}{space}(?P<scale>[a-z]*|%)")

    def read(self, text: str) -> Amount | None:
        """Return the amount that a text says; None if it is of none of the forms."""
        found = self._pattern.fullmatch(text.lower())
        if found is None or found["scale"] not in self.scales:
            return None
        power = int(found["power"] or 0)
        if abs(power) > self._power:
            return None
        digits = found["digits"].translate({ord(sign): None for sign in self._separators})
        places = len(digits.partition(".")[2]) - power
        return Amount(Fraction(digits.rstrip(".")) * Fraction(10) ** power, places, found["scale"])

    def value(self, text: str) -> Fraction | None:
        """Return the number that a text says, its scale put in; None if it is of none of the forms."""
        amount = self.read(text)
        return amount.number * self.scales[amount.scale] if amount is not None else None


def _named(*scales: str, unit: str = "") -> dict[str, int]:
    return {f"{scale}{unit}".lower(): SCALES[scale] for scale in scales}


COUNTS = _named("K", "M", "G", "T")
MEMORY = _named(*SCALES, unit="B")
# Numbers of a spec: their size is bounded where they are read.
SPEC_NUMBERS = AmountForm({}, power=30)
# Published figures: ``138M``, ``8B``, ``84.7%``, ``1.5e6``.
FIGURES = AmountForm({**COUNTS, "b": SCALES["G"], "%": 1}, power=999)
# Numbers in conditions, ``macs < 1G and bytes <= 4MiB``; ``8B`` is bytes to some, billions to others.
# Durations are picoseconds.
TIMES = {"ps": 1, "ns": 10**3, "us": 10**6, "ms": 10**9, "s": 10**12}
CONDITION_NUMBERS = AmountForm(
    {**COUNTS, **{unit: MEMORY[unit] for unit in MEMORY if unit != "b"}, **TIMES}, power=99
)
# Sizes in bytes, ``24GiB``; not ``24G``, which may mean either of two.
BYTE_SIZES = AmountForm(MEMORY, separators="_,", loose=True)
# Durations in picoseconds, ``4.2ms``; ``u`` for a micro sign.
DURATIONS = AmountForm(TIMES, separators="_,", power=30, loose=True)
