"""Answers without labels: one on each line, as many as there are questions."""

from __future__ import annotations

from collections.abc import Sequence

from ..written import Ambiguous, WrittenNumber, WrittenSizes, WrittenWord, read
from . import SheetAnswer
from .names import QuestionNames
from .repeated import LinePart

# What is asked for as a volume: a number alone is none.
_VOLUMES = ("output",)


def in_order(pieces: Sequence[LinePart], names: QuestionNames) -> list[SheetAnswer]:
    """The answers of lines without labels, in the order of the quiz: where there are as many as questions,
    more than two, and each is of the kind that its question asks for. Else none."""
    order = names.order
    if len(pieces) == 1:
        pieces = _parted(pieces[0], len(order))
    if len(pieces) != len(order) or len(order) < 3 or len({*names.quantities.values()}) < 2:
        return []
    found = []
    for question, piece in zip(order, pieces, strict=True):
        quantity = names.quantities.get(question, "")
        written = read(piece.text, quantity or "params")
        volume = isinstance(written, WrittenSizes) and len(written.dims) > 1
        number = isinstance(written, (WrittenNumber, Ambiguous, WrittenSizes))
        fits = volume if quantity in _VOLUMES else number
        if not fits and not isinstance(written, WrittenWord):
            return []
        found.append(SheetAnswer(question, piece.text, f"line {piece.line}"))
    return found


def _parted(piece: LinePart, number: int) -> list[LinePart]:
    """The values of one line; none where no sign parts it into so many."""
    for between in (";", "\t", ", ", ",", " | "):
        if piece.text.count(between) == number - 1:
            return [piece._replace(text=value.strip()) for value in piece.text.split(between)]
    return []
