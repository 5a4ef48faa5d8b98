"""One reading of an answer, under one meaning of its decimal sign: it takes all of the text, or says
why there is none."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from ..amounts import NUMERAL, AmbiguousNumberError, Numeral, numeral
from ..arithmetic import Expression, last_place
from ..quantities import BYTES, DURATION, ON_DEVICE, QUANTITIES
from .calculated_kinds import BYTES as DIFFERENCE_IN_BYTES
from .calculated_kinds import SHARES
from .expressions import LARGEST, ExpressionValue, MalformedError, expression
from .vocabulary import FACTORS, UNITS
from .volumes import AXES, distances, lettered, ordered, volume
from .wording import is_label, suffix, without_about, without_asides, without_leads
from .written_kinds import Unreadable, WrittenNumber, WrittenReading, WrittenSizes

# Quantities of which sizes along axes are expected.
WITH_SIZES = ("output", "size", "rf", "stride", "start")

# Between the steps to an answer.
_STEPS = re.compile(
    r"(~=|=+>?|~|-+>|→|⇒|:(?= ?[-(\[\d])|[,;]? \b(?:so|thus|hence|therefore|donc|daher|somit|entonces"
    r"|portanto|quindi)\b[,:]? )"
)
_BOUND = re.compile(r"[<>]|at (least|most)\b|(more|less) than\b|up to\b")
# What no reading can be made of in another way.
_RANGE_FOUND, _QUOTIENT_FOUND = "a range, and no number", "a quotient that is no whole number, or two answers"
_BOUND_FOUND, _TWO_FOUND, _LARGE = "a bound, and no number", "two answers", "it is too large"
FINAL = (_RANGE_FOUND, _QUOTIENT_FOUND, _BOUND_FOUND, _TWO_FOUND, _LARGE)
# A number with one separator, three digits before its end.
_IN_THREES = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
# A formula in letters, as it stands before the numbers: (F*F*D+1)*K.
_FORMULA = re.compile(r"(?P<operand>[a-wyz]{1,3}\d?|\d+)|(?P<sign>[-+*/x^()\[\]⌊⌋])| |(?P<other>.)")
_ALONE = re.compile(
    rf"(?P<sign>[-+] ?)?(?P<digits>{NUMERAL})"
    r"(?: ?(?:e ?(?P<e>[+-]?\d{1,2})\b|[x*] ?10 ?\^ ?\(?(?P<ten>[+-]?\d{1,2})\)?))?"
    r"(?P<rest>(?: ?[^\W\d_].*| ?[-(].*)?)"
)
_RANGE = re.compile(rf"({NUMERAL})[ a-z]*? ?(?:-|\.\.+|\bto\b) ?({NUMERAL})[ a-z]*")
# A word behind a number of a sum, 36,864 values * 4 bytes.
_BEHIND = re.compile(r"(?<=\d) ([^\W\d_]+)(?= ?[-+*/x])")
_QUOTIENT = re.compile(r"(\d+) ?/ ?(\d+)")


# A side that a spreadsheet wrote as a decimal, 27.0; sizes with dashes or slashes between them.
_NOUGHTS = re.compile(r"[1-9]\d{0,8}[.,]0{1,2}")
_DASHED = re.compile(
    r"[(\[]?[1-9]\d{0,8}(?:(?:_(?!\d{3}(?!\d))[1-9]\d{0,8}){2,3}"
    r"|(?: ?- ?[1-9]\d{0,8}){2,3}|(?: ?/ ?[1-9]\d{0,8}){2,3})[)\]]?"
)


def in_bytes(asked: str) -> bool:
    """Whether a quantity is one of bytes."""
    meant = QUANTITIES.get(asked) or ON_DEVICE.get(asked)
    return asked == DIFFERENCE_IN_BYTES or (meant is not None and meant.form == BYTES)


# What need not be a whole number.
PARTED = ("stride", "start", *SHARES, *[q.name for q in ON_DEVICE.values() if q.form == DURATION])


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


class OneReading:
    """One reading of a text, under one meaning of the decimal sign."""

    def __init__(self, text: str, asked: str, decimal: str, sure: bool = False):
        """``sure``: the decimal sign holds, even where 34.944 of a thing comes out."""
        self.text = text
        self.bytes = in_bytes(asked)
        self.sure = sure
        self.whole = not (sure or self.bytes or asked in PARTED)
        self.sizes = asked in WITH_SIZES
        self.anywhere = asked in ("stride", "start")
        self.padding = asked == "pad"
        self.field = asked in ("rf", "stride", "start", "pad")
        self.decimal = decimal

    def read(self, plain: str) -> WrittenReading:
        """Raises AmbiguousNumberError."""
        plain = without_asides(without_leads(plain).rstrip("?!;, ")).rstrip("?!;, ")
        if _BOUND.match(plain):
            return Unreadable(self.text, _BOUND_FOUND)
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
            found_sizes = self._volume(plain, parts)
            whole = volume(plain) is not None or _DASHED.fullmatch(plain)
            if found_sizes is not None and (whole or all(self._leads_up(*step) for step in steps[:-1])):
                return found_sizes
        found = self._number(parts[-1])
        if isinstance(found, Unreadable):
            return found
        if not all(self._leads_up(part, sign) for part, sign in steps[:-1]):
            return self._no(plain)
        if cut or "~" in "".join(pieces[1::2][-1:]):
            found = found._replace(approximate=True)
        if not found.exact:
            # 147,456 B = 144 KiB: of one number said twice, the exact one.
            for part in parts[-2::-1]:
                alone = _ALONE.fullmatch(part)
                number = self._alone(alone) if alone else None
                if number is not None and number.exact and found.covers(number.value):
                    return number
        if found.working is None and len(parts) > 1:
            found = found._replace(working=self._working(parts[-2]))
        return found

    def _leads_up(self, part: str, sign: str) -> bool:
        """Whether a step is understood that stands before the answer: a name of it, or how it is made."""
        if is_label(part) or AXES.fullmatch(part):
            return True
        return ":" not in sign and (
            (self.sizes and volume(part) is not None) or _is_formula(part) or self._working(part) is not None
        )

    def _no(self, plain: str) -> Unreadable:
        if "," in plain or ";" in plain:
            return Unreadable(self.text, "several numbers where one is asked for")
        return Unreadable(self.text, "it is no number" if not self.sizes else "it is no volume")

    def _volume(self, plain: str, parts: list[str]) -> WrittenSizes | None:
        # A window may start before the input does, and move by a fraction behind an enlargement.
        if self.anywhere and (numbers := distances(parts[-1])) is not None:
            return WrittenSizes(self.text, numbers)
        last = parts[-1]
        if not self.anywhere and _NOUGHTS.fullmatch(last):
            return WrittenSizes(self.text, (int(re.split("[.,]", last)[0]),))
        if _DASHED.fullmatch(last):
            return WrittenSizes(self.text, tuple([int(size) for size in re.findall(r"\d+", last)]))
        # `9,216` stands for a number here as everywhere, and `14*2` before an `=` for a sum.
        read = [
            found
            for part in map(without_about, (plain, *reversed(parts)))
            if not re.fullmatch(r"\d{1,3},\d{3}", part)
            and not (part != parts[-1] and re.fullmatch(r"\d+ ?\* ?\d+", part))
            and (found := volume(part))
            and not (self.field and found[1])
        ]
        order = lettered(parts[-2]) if len(parts) > 1 else ""
        if read and order and len(read[-1][0]) == 3:
            return WrittenSizes(self.text, ordered(read[-1][0], order), True)  # WxHxD = 62x84x16
        if self.field and len(parts) > 1:
            read = [one for one in read if len(one[0]) < 3] or read  # 3, 5, 7, 9 -> 9
        if read:
            # `55x55x96 = 290,400` is the volume with its number of values.
            return WrittenSizes(self.text, *next((v for v in read if len(v[0]) > 1), read[0]))
        if re.fullmatch(NUMERAL, last) and not re.search(r",\d+,", last):
            number = self._numeral(last, False)
            if number is not None and number.value.denominator == 1 and not number.places:
                return WrittenSizes(self.text, (int(number.value),))
        return None

    def _number(self, plain: str) -> WrittenNumber | Unreadable:
        if re.search(r"(?<=[\d\w)])( or | and | vs\.? |;| / )(?=[\d(])", plain):
            return Unreadable(self.text, _TWO_FOUND)
        bare = without_about(plain)
        alone = _ALONE.fullmatch(bare)
        explained = _explained(bare)
        found = (
            (self._alone(alone) if alone else None)
            or (self._explained(*explained) if explained else None)
            or self._sum(bare)
        )
        if isinstance(found, WrittenNumber):
            if abs(found.value) > LARGEST:
                return Unreadable(self.text, _LARGE)
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
        return number if other.covers(number.value) else Unreadable(self.text, _TWO_FOUND)

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
        # In front of a power of ten a comma is a decimal's: 3,577E+06.
        power_alone = powered and not scale and self.decimal == "ask" and "," in digits
        read = (
            numeral(digits, "comma", True)
            if power_alone and _IN_THREES.fullmatch(digits)
            else self._numeral(digits, bool(scale or powered))
        )
        if read is None:
            return None
        factor = FACTORS[scale] * Fraction(10) ** power
        value = read.value * factor
        if not (scale or powered or read.places):
            return value, value, value
        step = factor / 10**read.places
        if not read.places:
            step *= last_place(int(read.value))
        return value, value - step / 2, value + step / 2

    def _numeral(self, digits: str, scaled: bool) -> Numeral | None:
        """What a numeral says. Raises AmbiguousNumberError for 34.944 where nothing decides, or where
        what the sign says cannot be: there are no parts of a parameter."""
        if _IN_THREES.fullmatch(digits):
            if scaled and self.decimal == "ask" and "," in digits and not self.sure:
                raise AmbiguousNumberError(digits)  # 147,456 kB
            read = numeral(digits, self.decimal, scaled)
            if self.whole and not scaled and read is not None and read.places:
                raise AmbiguousNumberError(digits)
            return read
        return numeral(digits, self.decimal, scaled)

    def _sum(self, plain: str) -> WrittenNumber | Unreadable:
        """A sum, with its unit."""
        between = _RANGE.fullmatch(plain)
        if between is not None:
            ends = [numeral(end, self.decimal, False) for end in between.groups()]
            if ends[0] and ends[1] and ends[0].value < ends[1].value:
                return Unreadable(self.text, _RANGE_FOUND)
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
        if quotient and amount.low.denominator != 1 and (amount.low > 1 or (self.whole and not self.sizes)):
            return Unreadable(self.text, _QUOTIENT_FOUND)
        if self.sizes and amount.made.operator == "*":
            return Unreadable(self.text, "its sizes are no whole numbers")
        scale, name = unit
        factor = FACTORS[scale]
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
        bare = _BEHIND.sub(lambda unit: "" if unit[1] in UNITS else unit[0], without_about(plain))
        try:
            amount, behind = expression(bare, self._operand)
        except MalformedError:
            return None
        behind = behind.strip()
        # `w=750 b=10` names biases, and no billions.
        known = suffix(behind, self.bytes) is not None and (self.bytes or behind != "b")
        return amount.made if known else None
