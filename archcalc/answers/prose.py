"""An answer inside of sentences: ``48*96 = 4,608 per position; 4,608*96 = 442,368``, ``27 (stride 8)``.

The number that the sentences come to is looked for, and what they leave is handed on: such a reading may
be right, and never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from ..amounts import NUMERAL
from .vocabulary import CHANGES, CHOICES, CONCLUSIONS, EACH, REMARKS, SETTINGS, longest_first
from .wording import suffix
from .written_kinds import Ambiguous, Unreadable, Written, WrittenNumber, WrittenSizes

# The readings that take all of a piece of a text; none where it has none.
ReadPiece = Callable[[str], tuple[WrittenNumber | WrittenSizes, ...]]

# The pieces of a text that are looked at.
MOST = 12

_TOKEN = re.compile(
    rf"(?P<number>{NUMERAL}(?:e[+-]?\d{{1,2}}\b)?(?:[kmgt]i?b?(?![a-z]))?)"
    r"|(?P<arrow>[-=]+>|→|⇒)"
    r"|(?P<sign>\*\*|[*+/^@-]|x(?![a-z])|(?:times|by|mal|por|par|per|на|[乘乗])(?= ?\d))"
    r"|(?P<equals>~?=+|~)"
    r"|(?P<open>[(\[⌊⌈]|(?:floor|ceil) ?\()|(?P<close>[)\]⌋⌉])"
    r"|(?P<word>[^\W\d_](?:[\w'-]*\w)?)|(?P<other>\S)"
)
_CONCLUSION = re.compile(
    rf"(?<![\w'])(?:{'|'.join(map(re.escape, longest_first(CONCLUSIONS)))})(?![\w'])|[-=]+>|→|⇒|^ ?="
)
# What sets a remark on a setting apart from the answer before it.
_APART = re.compile(r" ?(?:[(\[,;]|(?:with|mit|avec|con)\b)")
_JOINING = frozenset(("with", "mit", "avec", "con"))
# A comma that sets thousands apart.
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# Signs that a working with words in it does not have.
_NOT_WORKED = frozenset(",;()<>≠%!?=~:")
# Words behind which stands what the answer is not: `23x15x24 (ceil would be 24x16)`, `27, not 28`.
_DISMISSED = re.compile(
    r"(?:^|(?<=[\s(,;]))(?:would (?:be|give|have been)|not|instead of|rather than|and not"
    r"|ware(?:n)?|nicht|statt|anstatt|nicht etwa|au lieu de|et non|serait|seria|daria|y no|e non|en vez de"
    r"|invece di|sarebbe)(?: (?:about|the|etwa|un|une|el|la))? ?$"
)
_GOES_ON = re.compile(r"^ ?(?:and )?(?:times|mal|fois|por|per|multiplied by|x|\*) ?$")
# Behind an answer, what there is of each: `432, one 3x3 filter per channel`.
_OF_EACH = re.compile(r" ?(?:[(\[,;] ?|(?:because|since|weil|denn|car|porque|perche) )(?:[^\W\d_]|\d)")
_WORDS = re.compile(r"[^\W\d_]+")
_NUMERAL = re.compile(NUMERAL)


class _Piece(NamedTuple):
    """A stretch of a text that is a sum, a volume or an equation, with its unit.

    before    the words between it and the piece before
    readings  what it may say; none where it cannot be read
    """

    text: str
    before: str
    readings: tuple[WrittenNumber | WrittenSizes, ...]

    @property
    def worked(self) -> bool:
        """Whether it shows how its number comes about."""
        return "=" in self.text

    def says(self, other: _Piece) -> bool:
        """Whether it says the same as another."""
        if {_value(one) for one in self.readings} & {_value(one) for one in other.readings}:
            return True
        pairs = [(one, two) for one in self.readings for two in other.readings]
        return any(_is_rounded(one, two) or _is_rounded(two, one) for one, two in pairs)

    @property
    def numbers(self) -> list[Fraction]:
        """The numbers in it; of an equation that holds, those that it starts from."""
        text = self.text
        reading = self.readings[0] if self.readings else None
        working = reading.working if isinstance(reading, WrittenNumber) else None
        if "=" in text and working is not None and isinstance(reading, WrittenNumber):
            text = text.rpartition("=")[0] if reading.covers(Fraction(working.value)) else text
        digits = ["".join([sign for sign in one if sign.isdigit()]) for one in _NUMERAL.findall(text)]
        return [Fraction(int(one)) for one in digits if one]


def _is_rounded(one: WrittenNumber | WrittenSizes, other: WrittenNumber | WrittenSizes) -> bool:
    """Whether a number is another one, rounded."""
    numbers = isinstance(one, WrittenNumber) and isinstance(other, WrittenNumber)
    return numbers and not one.exact and one.covers(other.value)  # type: ignore[union-attr]


def _value(reading: WrittenNumber | WrittenSizes) -> object:
    if isinstance(reading, WrittenNumber):
        return reading.value
    return Fraction(reading.dims[0]) if len(set(reading.dims)) == 1 else reading.dims


def in_prose(text: str, plain: str, unread: Unreadable, read: ReadPiece, asked: str) -> Written:
    """Return the answer that sentences come to, with the numbers that it leaves; ``unread`` where they
    may come to several, or to none. Where an output is ``asked`` for, one of several numbers is none."""
    if result := _result(plain, read):
        shown, _, result_text = _last_sign(plain)
        question = f"is `{result_text.strip()}` the answer? it also says: {shown.strip()}"
        return Ambiguous(text, result, question)
    spans = list(_spans(plain))
    if not spans or len(spans) > MOST:
        return unread
    pieces = []
    at = 0
    for start, end in spans:
        pieces.append(_Piece(plain[start:end], plain[at:start], read(plain[start:end])))
        at = end
    behind = plain[at:]
    chosen, before = _answer(pieces)
    answer, after = pieces[chosen], pieces[chosen + 1 :]
    if not answer.readings or before.endswith(("(", "[")):
        return unread
    if asked == "output" and len(pieces) > 1 and not any(_is_volume(one) for one in answer.readings):
        return unread
    after, gaps = _without_dismissed(after, behind)
    beside = [before, *gaps]
    words = {word for part in beside for word in _WORDS.findall(part)}
    if gaps and _is_of_each("".join([piece.before + "1" for piece in after]) + gaps[-1]):
        words -= EACH - set(_WORDS.findall(before))
    if words & CHOICES or words & CHANGES or any(sign in part for part in beside for sign in "<>≠%!_*+/^"):
        return unread
    left: list[Fraction] = []
    for number, piece in enumerate(after):
        following = gaps[number + 1]
        if piece.says(answer):
            continue
        named = _WORDS.search(gaps[number]) or _WORDS.search(following) or _named(piece.text)
        if not named:
            return unread  # two numbers side by side are two answers
        near = {*_WORDS.findall(gaps[number])[-1:], *_WORDS.findall(following)[:1]}
        if asked in ("stride", "pad") or not near & SETTINGS:
            left += piece.numbers
    settings_only = bool(after) and not any([before.strip(), left, words - SETTINGS - _JOINING])
    if settings_only and len(answer.readings) == 1 and all(_APART.match(part) for part in beside[1:-1]):
        return answer.readings[0]  # nothing of it is left: 28 (stride 8)
    rest = " ".join(" … ".join([part.strip(" ,;.") for part in beside if part.strip(" ,;.")]).split())
    question = f"is `{answer.text.strip()}` the answer? it also says: {rest}"
    return Ambiguous(text, answer.readings, question, tuple(left))


def _last_sign(plain: str) -> tuple[str, str, str]:
    """A text before its last `=`, or colon, that sign, and what stands behind it."""
    return plain.rpartition(": " if plain.rfind(": ") > plain.rfind("=") else "=")


def _result(plain: str, read: ReadPiece) -> tuple[WrittenNumber | WrittenSizes, ...]:
    """What a working with words in it comes to: ``216 MACs per output * 16,560 outputs = 3,576,960``; none
    where the text is something else."""
    how, _, number = _last_sign(plain)
    how = _THOUSANDS.sub("", how.strip())
    words = set(_WORDS.findall(how)) - {"x"}
    if not how[:1].isdecimal() or not words or words & CHOICES or not _NOT_WORKED.isdisjoint(how):
        return ()
    return read(number.strip()) if len(_NUMERAL.findall(how)) > 1 else ()


def _without_dismissed(pieces: list[_Piece], behind: str) -> tuple[list[_Piece], list[str]]:
    """The pieces behind an answer without those of which it is said that they are not it, and what stands
    before each, and behind the last."""
    kept: list[_Piece] = []
    gaps = [""]
    for piece in pieces:
        gaps[-1] += piece.before
        dismissed = _DISMISSED.search(piece.before)
        if dismissed is not None:
            gaps[-1] = gaps[-1][: len(gaps[-1]) - len(piece.before) + dismissed.start()]
        else:
            kept.append(piece)
            gaps.append("")
    gaps[-1] += behind
    return kept, gaps


def _is_of_each(text: str) -> bool:
    """Whether what stands behind an answer is a remark that begins with something else than `per`."""
    first = _WORDS.search(text)
    return _OF_EACH.match(text) is not None and (first is None or first[0] not in CHANGES | CHOICES)


def _is_volume(reading: WrittenNumber | WrittenSizes) -> bool:
    return isinstance(reading, WrittenSizes) and len(reading.dims) > 1


def _named(text: str) -> bool:
    """Whether a piece says what its number counts."""
    return any(_is_unit(word) for word in _WORDS.findall(text))


def _answer(pieces: list[_Piece]) -> tuple[int, str]:
    """The place of the piece that is the answer, and the words before it that are about it: behind the last
    word that concludes, or the last of several equations, else the first."""
    for at in range(len(pieces) - 1, 0, -1):
        before = pieces[at].before
        concluding = list(_CONCLUSION.finditer(before))
        if concluding:
            first = before[: concluding[0].start()]
            if "(" not in before and not set(_WORDS.findall(first)) & REMARKS:
                return at, before[concluding[-1].end() :]
    gaps = [piece.before for piece in pieces[1:]]
    plain = not any("(" in gap or set(_WORDS.findall(gap)) & REMARKS for gap in gaps)
    if gaps and plain and all(piece.worked for piece in pieces):
        # `48*96 = 4608, times 96 = 442,368`
        return len(pieces) - 1, _GOES_ON.sub("", re.split("[,;.]", gaps[-1])[-1])
    return 0, pieces[0].before


# Behind them a minus may stand before a number.
_SIGNED = ("open", "equals")


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def _spans(plain: str) -> Iterator[tuple[int, int]]:
    """The places of sums, volumes and equations, with the units behind their numbers."""
    tokens = [_Token(m.lastgroup or "", m[0], m.start(), m.end()) for m in _TOKEN.finditer(plain)]
    at = 0
    while at < len(tokens):
        end = _end(tokens, at)
        if end > at:
            yield tokens[at].start, tokens[end - 1].end
            at = end
        else:
            at += 1


def _end(tokens: list[_Token], at: int) -> int:
    """The token behind the longest stretch from one that has brackets in pairs and ends in a number, a
    bracket or a unit; the token itself where there is none."""
    best, depth = at, 0
    operand = False  # whether what stands before is one
    for place in range(at, len(tokens)):
        token = tokens[place]
        if token.kind == "open" and (not operand or tokens[place - 1].end == token.start):
            depth, operand = depth + 1, False
        elif token.kind == "number" and not operand:
            operand = True
        elif token.kind == "close" and operand and depth:
            depth -= 1
        elif operand and (token.kind in ("sign", "equals") or (token.text == "," and depth)):
            operand = False
        elif (operand and token.kind == "word" and _is_unit(token.text)) or (
            not operand
            and token.text == "-"
            and (place == at or tokens[place - 1].kind in ("open", "equals"))
        ):
            pass
        else:
            break
        if operand and not depth:
            best = place + 1
    return best


def _is_unit(word: str) -> bool:
    return suffix(word, True) not in (None, ("", ""))
