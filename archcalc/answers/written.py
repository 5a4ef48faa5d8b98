"""Answers as somebody wrote them, read without guessing.

The written precision is the tolerance: ``35K`` stands for [34,500, 35,500), ``800K``, of which the
last nought may only hold its place, for [795,000, 805,000), a plain integer for itself. What has
two readings is asked about; what cannot be read is reported, and never marked as wrong.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from ..amounts import NUMERAL, SCALES, AmbiguousNumberError, numeral
from ..arithmetic import Expression, last_place
from ..quantities import BYTES, QUANTITIES
from . import wording
from .expressions import LARGEST, ExpressionValue, MalformedError, expression
from .volumes import distances, lettered, ordered, volume
from .wording import meaning, normalised, suffix, without_asides


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
Written = WrittenReading | Ambiguous


# Quantities of which sizes along axes are expected.
_SIZES = ("output", "size", "rf", "stride", "start")

# What stands before an answer; between the steps to it; before what is rounded.
_LEAD = re.compile(
    r"^(?:(?:the )?(?:answer|ans|result|solution|output|value|total)(?: is)?\b ?[.:)=]*|it is"
    r"|[:=]+)(?=.) ?"
)
_STEPS = re.compile(r"(~=|=>?|~|->|→|⇒|:(?= ?[-(\[\d])|[,;]? \b(?:so|thus|hence|therefore)\b[,:]? )")
_BOUND = re.compile(r"[<>]|at (least|most)\b|(more|less) than\b|up to\b")
_LABEL = re.compile(r"[a-z#][a-z0-9_ .#()'-]{0,40}")
# A formula in letters, as it stands before the numbers: (F*F*D+1)*K.
_FORMULA = re.compile(r"(?P<operand>[a-wyz]{1,3}\d?|\d+)|(?P<sign>[-+*/x^()\[\]⌊⌋])| |(?P<other>.)")
_ABOUT = re.compile(
    r"^(?:~=?|(?:about|approx(?:imately)?|ca|circa|roughly|around|nearly|almost|"
    r"c)\b\.?:?) ?"
)
_ALONE = re.compile(
    rf"(?P<sign>[-+] ?)?(?P<digits>{NUMERAL})"
    r"(?: ?(?:e ?(?P<e>[+-]?\d{1,2})\b|[x*] ?10 ?\^ ?\(?(?P<ten>[+-]?\d{1,2})\)?))?"
    r"(?P<rest>(?: ?[-a-z(].*)?)"
)
_RANGE = re.compile(rf"({NUMERAL})[ a-z]*? ?(?:-|\.\.+|\bto\b) ?({NUMERAL})[ a-z]*")
_QUOTIENT = re.compile(r"(\d+) ?/ ?(\d+)")


def read(text: str, asked: str = "params", decimal: str = "ask") -> Written:
    """The reader of one answer.

    asked    the quantity: of ``output``, ``size`` and ``rf`` sizes are expected (``7x7``), of
             ``memory`` B is a byte, else a billion
    decimal  what ``34.944`` means: ``point`` a decimal, ``comma`` thousands, ``ask`` either
    """
    if len(text) > wording.LONGEST:
        return Unreadable(text, f"it is longer than {wording.LONGEST} signs")
    if wording.NO_TEXT.search(text):
        return Unreadable(text, "a character in it cannot be read")
    plain = normalised(text)
    word = meaning(plain)
    if word == wording.ZERO:
        zero = Fraction(0)
        return (
            WrittenWord(text, wording.NOT_APPLICABLE)
            if asked in _SIZES
            else WrittenNumber(text, zero, zero, zero)
        )
    if word is not None:
        return WrittenWord(text, word)
    try:
        return _Answer(text, asked, decimal).read(plain)
    except AmbiguousNumberError as doubt:
        return _doubtful(text, plain, asked, doubt.numeral)


def _doubtful(text: str, plain: str, asked: str, doubt: str) -> Ambiguous:
    """Both readings of a text that holds a doubtful numeral."""
    readings = [_Answer(text, asked, decimal).read(plain) for decimal in ("point", "comma")]
    kept = tuple([r for r in readings if isinstance(r, (WrittenNumber, WrittenSizes))])
    whole = doubt.replace(".", "").replace(",", "")
    question = f"is `{doubt}` {int(whole):,}, or {doubt} with a decimal point?"
    return Ambiguous(text, kept, question)


def _is_formula(text: str) -> bool:
    """Whether a text is a formula in letters and numbers: a sign between each two of them."""
    kinds = [found.lastgroup for found in _FORMULA.finditer(text.strip("([⌊ ").rstrip(")]⌋ "))]
    kinds = [kind for kind in kinds if kind is not None]
    if "other" in kinds or "sign" not in kinds or {*kinds[:1], *kinds[-1:]} != {"operand"}:
        return False
    return ("operand", "operand") not in pairwise(kinds)


def _explained(text: str) -> tuple[str, str] | None:
    """A text and what stands in brackets behind it; None where nothing does."""
    if not text.endswith((")", "]")):
        return None
    start = max(text.rfind(" (", 0, len(text) - 2), text.rfind(" [", 0, len(text) - 2))
    if start < 1 or text[start - 1] == " " or start + 2 >= len(text) - 1:
        return None
    return text[:start], text[start + 2 : -1]


class _Answer:
    """One reading of a text, under one meaning of the decimal sign."""

    def __init__(self, text: str, asked: str, decimal: str):
        self.text = text
        self.bytes = asked in QUANTITIES and QUANTITIES[asked].form == BYTES
        self.sizes = asked in _SIZES
        self.anywhere = asked in ("stride", "start")
        self.padding = asked == "pad"
        self.decimal = decimal

    def read(self, plain: str) -> Written:
        """Raises AmbiguousNumberError."""
        plain = without_asides(_LEAD.sub("", plain).rstrip("?!;, "))
        if _BOUND.match(plain):
            return Unreadable(self.text, "a bound, and no number")
        cut = plain.endswith("...")
        plain = plain.rstrip(".")
        pieces = [piece.strip() for piece in _STEPS.split(plain)]
        # Every step with the sign behind it; the last has none.
        steps = [(part, sign) for part, sign in zip(pieces[::2], [*pieces[1::2], ""], strict=True) if part]
        parts = [part for part, _ in steps]
        if not parts:
            return Unreadable(self.text, "there is no number in it")
        if self.padding and "x" in parts[-1] and (numbers := distances(parts[-1])) is not None:
            return WrittenSizes(self.text, numbers)  # `2x1` is of two axes, and no product
        if self.sizes:
            volume = self._volume(plain, parts)
            if volume is not None:
                return volume
        found = self._number(parts[-1])
        if isinstance(found, Unreadable):
            return found
        for part, sign in steps[:-1]:
            sum = ":" not in sign and (_is_formula(part) or self._working(part) is not None)
            if not (sum or _LABEL.fullmatch(part)):
                return self._no(plain)
        if cut or "~" in "".join(pieces[1::2][-1:]):
            found = found._replace(approximate=True)
        if found.working is None and len(parts) > 1:
            found = found._replace(working=self._working(parts[-2]))
        return found

    def _no(self, plain: str) -> Unreadable:
        if "," in plain or ";" in plain:
            return Unreadable(self.text, "several numbers where one is asked for")
        return Unreadable(self.text, "it is no number" if not self.sizes else "it is no volume")

    def _volume(self, plain: str, parts: list[str]) -> WrittenSizes | None:
        # A window may start before the input does, and move by a fraction behind an enlargement.
        if self.anywhere and (numbers := distances(parts[-1])) is not None:
            return WrittenSizes(self.text, numbers)
        # `9,216` stands for a number here as everywhere, and `14*2` before an `=` for a sum.
        read = [
            found
            for part in (plain, *reversed(parts))
            if not re.fullmatch(r"\d{1,3},\d{3}", part)
            and not (part != parts[-1] and re.fullmatch(r"\d+ ?\* ?\d+", part))
            and (found := volume(part))
        ]
        order = lettered(parts[-2]) if len(parts) > 1 else ""
        if read and order and len(read[-1][0]) == 3:
            return WrittenSizes(self.text, ordered(read[-1][0], order), True)  # WxHxD = 62x84x16
        if read:
            # `55x55x96 = 290,400` is the volume with its number of values.
            return WrittenSizes(self.text, *next((v for v in read if len(v[0]) > 1), read[0]))
        last = parts[-1]
        if re.fullmatch(NUMERAL, last) and not re.search(r",\d+,", last):
            number = numeral(last, self.decimal, False)
            if number is not None and number.value.denominator == 1 and not number.places:
                return WrittenSizes(self.text, (int(number.value),))
        return None

    def _number(self, plain: str) -> WrittenNumber | Unreadable:
        if re.search(r"(?<=[\d\w)])( or | and | vs\.? |;| / )(?=[\d(])", plain):
            return Unreadable(self.text, "two answers")
        bare = _ABOUT.sub("", plain)
        alone = _ALONE.fullmatch(bare)
        explained = _explained(bare)
        found = (
            (self._alone(alone) if alone else None)
            or (self._explained(*explained) if explained else None)
            or self._sum(bare)
        )
        if isinstance(found, WrittenNumber):
            if abs(found.value) > LARGEST:
                return Unreadable(self.text, "it is too large")
            return found._replace(approximate=bare != plain)
        return found

    def _explained(self, answer: str, bracket: str) -> WrittenNumber | Unreadable | None:
        """``760 (75*10+10)``, ``35K (34,944)``: a number with a sum, or said twice; None if it is
        something else."""
        one = _ALONE.fullmatch(answer)
        number = self._alone(one) if one else None
        other = self._number(bracket)
        if number is None or isinstance(other, Unreadable):
            return None
        if other.working is not None:
            return number._replace(working=other.working)
        if number.covers(other.value) and other.exact:
            return other
        return number if other.covers(number.value) else Unreadable(self.text, "two answers")

    def _alone(self, found: re.Match[str]) -> WrittenNumber | None:
        """A numeral with its scale and unit; None if more stands there."""
        behind = suffix(found["rest"].strip(), self.bytes)
        if behind is None:
            return None
        scale, unit = behind
        power = int(found["e"] or found["ten"] or 0)
        powered = found["e"] is not None or found["ten"] is not None
        amount = self._amount(found["digits"], scale, power, powered)
        if amount is None:
            return None
        value, low, high = amount
        if found["sign"] and "-" in found["sign"]:
            value, low, high = -value, -high, -low
        return WrittenNumber(self.text, value, low, high, scale, unit)

    def _amount(
        self, digits: str, scale: str, power: int, powered: bool
    ) -> tuple[Fraction, Fraction, Fraction] | None:
        read = numeral(digits, self.decimal, bool(scale or powered))
        if read is None:
            return None
        factor = SCALES[scale] * Fraction(10) ** power
        value = read.value * factor
        if not (scale or powered or read.places):
            return value, value, value
        step = factor / 10**read.places
        if not read.places:
            step *= last_place(int(read.value))
        return value, value - step / 2, value + step / 2

    def _sum(self, plain: str) -> WrittenNumber | Unreadable:
        """A sum, with its unit."""
        between = _RANGE.fullmatch(plain)
        if between is not None:
            ends = [numeral(end, self.decimal, False) for end in between.groups()]
            if ends[0] and ends[1] and ends[0].value < ends[1].value:
                return Unreadable(self.text, "a range, and no number")
        try:
            amount, behind = expression(plain, self._operand)
        except MalformedError as error:
            return self._no(plain) if "no number" in str(error) else Unreadable(self.text, str(error))
        unit = suffix(behind.strip(), self.bytes)
        if unit is None:
            listed = behind.lstrip()[:1] in (",", ";")
            return (
                self._no(plain) if listed else Unreadable(self.text, f"`{behind.strip()}` is not understood")
            )
        quotient = _QUOTIENT.fullmatch(plain)
        if quotient and amount.low.denominator != 1 and amount.low > 1:
            return Unreadable(self.text, "a quotient that is no whole number, or two answers")
        if self.sizes and amount.made.operator == "*":
            return Unreadable(self.text, "its sizes are no whole numbers")
        scale, name = unit
        factor = SCALES[scale]
        value = Fraction(amount.made.value)
        return WrittenNumber(
            self.text,
            value * factor,
            amount.low * factor,
            amount.high * factor,
            scale,
            name,
            working=amount.made,
        )

    def _operand(self, text: str) -> ExpressionValue:
        """A numeral inside a sum, with what is written on to it. Raises MalformedError."""
        found = _ALONE.fullmatch(text)
        number = self._alone(found) if found else None
        if number is None:
            raise MalformedError(f"`{text}` is no number")
        if abs(number.value) > LARGEST:
            raise MalformedError("it is too large")
        value = number.value
        made = Expression("number", (), int(value) if value.denominator == 1 else value)
        # `0.5` in a sum is a half, and `24M` what was rounded to it.
        rounded = bool(number.scale) or "e" in text
        return ExpressionValue(made, number.low if rounded else value, number.high if rounded else value)

    def _working(self, plain: str) -> Expression | None:
        try:
            amount, behind = expression(_ABOUT.sub("", plain), self._operand)
        except MalformedError:
            return None
        behind = behind.strip()
        # `w=750 b=10` names biases, and no billions.
        known = suffix(behind, self.bytes) is not None and (self.bytes or behind != "b")
        return amount.made if known else None
