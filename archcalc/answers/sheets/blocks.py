"""What stands below a label, and which of it is the answer: a line, a number that is wrapped, the last
step of some working."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ..matrices.asking import VALUES
from ..wording import normalised, suffix
from ..written import Ambiguous, Written, WrittenNumber, WrittenSizes, WrittenWord, read
from . import Fault, SheetAnswer
from .labels import CORRECTED
from .names import QuestionNames
from .repeated import LinePart, without_text

# A line that goes on below: `3,576,`, `7*7*3 +`; the line that does: `= 3528`, `* 24`.
_GOES_ON = re.compile(r"(?:[-+*/x×·=(,]|=>|->|→)$")
_GROUP = re.compile(r"\d{3}(?!\d)")
_CARRIES_ON = re.compile(r"(?:[=*/×·→⇒+]|=>|->|x (?=\d))")
_SUM = re.compile(r"[=*×·+→⇒]|\d ?[-/x] ?\d|\(\d")
_CONCLUDES = re.compile(r"(?:[=-]>|→|⇒|=) ?[(\[]?\d+ ?[x×*,] ?\d+ ?[x×*,] ?\d+")
# A line that names its step: `p1: 7 + 2*2 = 11`.
_NAMED_STEP = re.compile(r"[^\W\d_]\w{0,15} ?[:=]")
_STRUCK = re.compile(r"~~[^~]+~~")
_SECOND_THOUGHT = re.compile(
    rf"\b(?:{CORRECTED}|sorry|wait|oops|instead|rather|mistake|wrong|falsch|sondern|stattdessen|pardon|erreur|"
    r"plutôt|perdón|mejor|errore|anzi|correct|should be|actually)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th|\.)? [^\W\d_]{3,12}\.?,? \d{4}|"
    r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{2}-\d{2})"
    r"(?:,? \d{1,2}:\d{2}(?::\d{2})?)?"
)
# Words that say that the answer follows.
_ANNOUNCING = (
    *("answer", "ans:", "ans.", "result", "solution:", "final:", "antwort", "ergebnis", "lösung", "réponse"),
    *(
        "résultat",
        "respuesta",
        "resultado",
        "risposta",
        "risultato",
        "antwoord",
        "resposta",
        "svar",
        "odpowiedź",
    ),
    *("ответ", "答", "therefore", "so the answer", "also:", "=>", "⇒", "→"),
)
# Lines of a volume with one for each of its sizes, at most.
_MOST_SIZES = 5
# Long words of a line that is a value alone: its unit, and how it is counted.
_MOST_WORDS = 3
# Lines below one label that are looked at.
_MOST = 40
_CELLS = re.compile(r"\t+ *| {2,}")

BESIDE = "it stands beside the answer to {}, and is not read"


class Block(NamedTuple):
    """An answer with what stands beside it."""

    entry: SheetAnswer
    aside: list[Fault]


def block(question: str, place: str, pieces: list[LinePart], names: QuestionNames, doubt: str = "") -> Block:
    """The answer below a label. ``place`` is that of the label."""
    text = names.texts.get(question, "")
    if text and pieces:
        pieces = without_text(pieces, text)
    aside: list[Fault] = []
    pieces = [_unmarked(piece, question, aside) for piece in pieces]
    if names.quantities.get(question) == VALUES:
        return _matrix(question, place, pieces, aside, doubt)
    if 1 < len(pieces) <= _MOST:
        pieces = _joined(pieces, names.quantities.get(question, ""))
    if not pieces:
        return Block(SheetAnswer(question, "", place, doubt), aside)
    if 1 < len(pieces) <= _MOST_SIZES and (whole := _sizes(pieces, names.quantities.get(question, ""))):
        pieces = [whole]
    at, why = (0, "") if len(pieces) == 1 else _chosen(pieces, names.quantities.get(question, ""))
    chosen = pieces[at]
    answer, more = _first_cell(chosen.text, names.quantities.get(question, ""))
    if why:
        answer, more = " / ".join([piece.text for piece in pieces]), []
    else:
        others = [
            *[piece for n, piece in enumerate(pieces) if n != at],
            *[chosen._replace(text=one) for one in more],
        ]
        aside += [Fault(f"line {piece.line}", BESIDE.format(question), piece.text) for piece in others]
    where = place if chosen.labelled else f"line {chosen.line}"
    return Block(SheetAnswer(question, answer, where, doubt or why), aside)


# A long word of a line, those of programs and of channels apart: it is no row of a matrix.
_PROSE_WORD = re.compile(
    r"(?!(?:array|tensor|matrix|numpy|torch|begin|end|[bpvBV]?matrix|left|right|frac|dtype|channel|filter|map|kanal)"
    r"(?![^\W\d_]))(?<![^\W\d_])[^\W\d_]{3,}"
)


def _matrix(question: str, place: str, pieces: list[LinePart], aside: list[Fault], doubt: str) -> Block:
    """A matrix: the lines below a label that are rows of numbers, up to the first that is prose."""
    rows: list[LinePart] = []
    for number, piece in enumerate(pieces):
        if not _PROSE_WORD.search(piece.text):
            rows.append(piece)
        elif rows:
            aside += [Fault(f"line {one.line}", BESIDE.format(question), one.text) for one in pieces[number:]]
            break
        else:
            aside.append(Fault(f"line {piece.line}", BESIDE.format(question), piece.text))
    if not rows and pieces:  # a word alone, which may say that there is no answer
        return Block(SheetAnswer(question, " ".join([piece.text for piece in pieces]), place, doubt), [])
    text = "\n".join([f"\n{row.text}" if row.apart and at else row.text for at, row in enumerate(rows)])
    where = place if not rows or rows[0].labelled else f"line {rows[0].line}"
    return Block(SheetAnswer(question, text, where, doubt), aside)


def _unmarked(piece: LinePart, question: str, aside: list[Fault]) -> LinePart:
    """A piece without emphasis that the label began, and without what is struck out beside an answer."""
    text = piece.text
    if "~~" in text and (kept := _STRUCK.sub(" ", text).strip()):
        struck = " ".join(_STRUCK.findall(text))
        aside.append(Fault(f"line {piece.line}", BESIDE.format(question), struck))
        text = kept
    for mark in ("**", "__", "`", "*"):
        if text.endswith(mark) and text.count(mark) == 1 and len(text) > len(mark):
            text = text[: -len(mark)].rstrip()
    return piece._replace(text=text)


def _joined(pieces: list[LinePart], quantity: str) -> list[LinePart]:
    """The pieces with lines that are wrapped put together: a number, a sum, what is in brackets."""
    found = [pieces[0]]
    for piece in pieces[1:]:
        last = found[-1]
        opened = last.text.count("(") > last.text.count(")")
        carries_on = _CARRIES_ON.match(piece.text) and (_SUM.search(last.text) or last.text.isdecimal())
        if quantity == "output" and _CONCLUDES.match(piece.text):
            carries_on = False  # `=> 48 x 32 x 24` below a line for each side
        unit = last.text[-1:].isdecimal() and piece.text.isalpha() and suffix(normalised(piece.text), True)
        if piece.apart or not (opened or unit or _GOES_ON.search(last.text) or carries_on):
            found.append(piece)
            continue
        number = last.text.endswith((",", ".")) and last.text[-2:-1].isdigit() and _GROUP.match(piece.text)
        between = "" if number else " "
        found[-1] = last._replace(text=f"{last.text}{between}{piece.text}")
    return found


_Value = tuple[object, ...]


@lru_cache(maxsize=1 << 12)
def _value(text: str, quantity: str) -> _Value | None:
    """What a text is read as, to hold it against another; None where it is no answer."""
    if not text or _DATE.fullmatch(text):
        return None
    return _value_of(read(text, quantity or "params", "ask"))


def _value_of(found: Written) -> _Value | None:
    if isinstance(found, WrittenNumber):
        return ("number", found.value)
    if isinstance(found, WrittenSizes):
        return ("sizes", *found.dims)
    if isinstance(found, WrittenWord):
        return None if found.meaning == "blank" else ("word", found.meaning)
    if isinstance(found, Ambiguous):
        return ("either", *[_value_of(reading) for reading in found.readings])
    return None


def _sizes(pieces: list[LinePart], quantity: str) -> LinePart | None:
    """The volume that is written with a line for each of its sizes, ``height 48``, ``W = 32``; None where
    it is not."""
    if quantity != "output" or any((_value(piece.text, quantity) or ())[2:] for piece in pieces):
        return None
    if not all(any(sign.isdigit() for sign in piece.text) for piece in pieces):
        return None
    text = ", ".join([piece.text.rstrip(",;") for piece in pieces])
    value = _value(text, quantity) or ()
    return (
        pieces[0]._replace(text=text) if value[:1] == ("sizes",) and len(value) == len(pieces) + 1 else None
    )


# How much a line looks like the answer: it says so; it is a value alone; it is a sum; it is prose.
_ANNOUNCED, _ALONE, _WORKED, _PROSE = 3, 2, 1, 0
_STEP = re.compile(r"\d{1,2}[.)] ")
_LONG_WORD = re.compile(r"[^\W\d_]{3,}")


def _likeness(text: str, value: _Value) -> int:
    """How much a line that can be read looks like the answer."""
    plain = text.lstrip("*_`-–> ").lower()
    if plain.startswith(("=", *_ANNOUNCING)) or re.match(r"(?:my |the )?final (?:answer|result)\b", plain):
        return _ANNOUNCED
    volume = value[0] == "sizes" and len(value) > 2
    if _SUM.search(text) and not (volume and "=" not in text):
        return _WORKED
    starts = plain[:1].isdecimal() or plain[:1] in "([{~≈<+." or value[0] == "word"
    few = len(_LONG_WORD.findall(text)) <= _MOST_WORDS
    return _ALONE if starts and few and not _STEP.match(plain) else _PROSE


def _chosen(pieces: list[LinePart], quantity: str) -> tuple[int, str]:
    """Which of several lines is the answer, and why nobody can tell; empty where one can.

    A line that says so is the answer, else a value that stands alone on its line, else the last step of the
    working. Two such values are a question for a person.
    """
    if len(pieces) > _MOST:
        return 0, f"{len(pieces):,} lines stand below its label"
    found = {at: value for at, piece in enumerate(pieces) if (value := _value(piece.text, quantity))}
    if not found:
        return 0, "" if pieces[0].labelled else "none of the lines below its label is an answer"
    likeness = {at: _likeness(pieces[at].text, value) for at, value in found.items()}
    most = max(likeness.values())
    best = [at for at in found if likeness[at] == most]
    at = best[-1]
    if most >= _ALONE and len({found[one] for one in best}) > 1:
        return 0, "several answers stand below its label"
    if pieces[0].labelled and 0 in found and found[0] != found[at]:
        if most < _ALONE and likeness[0] == _PROSE:
            steps = all(_NAMED_STEP.match(pieces[one].text) for one in found)
            at = best[-1] if steps and len(found) > 2 else 0
        elif likeness[0] != _WORKED:
            return 0, "several answers stand below its label"
    if pieces[0].labelled and found.get(0) == found[at]:
        at = 0
    behind = [piece.text for piece in pieces[at + 1 :] if any(sign.isdigit() for sign in piece.text)]
    if any(_SECOND_THOUGHT.search(text) for text in behind):
        return 0, "a second answer may stand below it"
    least = _ALONE if pieces[0].labelled else _WORKED
    later = {found[one] for one in found if one > at and likeness[one] >= least}
    return (0, "several answers stand below its label") if later - {found[at]} else (at, "")


def _first_cell(text: str, quantity: str) -> tuple[str, list[str]]:
    """The answer of a line that has cells behind it, parted by tabs or by wide spaces, and those cells."""
    cells = [cell for cell in _CELLS.split(text) if cell.strip()] if "\t" in text or "  " in text else []
    if len(cells) < 2 or ("\t" not in text and _value(text, quantity) is not None):
        return text, []
    return (cells[0], cells[1:]) if _value(cells[0], quantity) is not None else (text, [])
