"""The screen of `archcalc check` of answers in letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ...answers.in_letters import LetterQuestion, LetterVerdict
from ...answers.verdict import CONVENTION, FOLLOWS, RIGHT, UNREADABLE, VERDICTS, WRONG
from ..lines import Line, clean, clean_line, hanging
from ..sheet import PAGE, Sheet, Space, TextBlock
from .check_words import COUNTED, SIGNS, earlier
from .explain import EDGE
from .letters import format_letters


class LetterAnswers(NamedTuple):
    """Answers in letters with their verdicts; ``hint``: nothing that gives the right one away."""

    chain: str
    questions: Sequence[LetterQuestion]
    verdicts: Sequence[LetterVerdict]
    hint: bool = False
    verbose: bool = False


def letter_answer_sheets(marked: LetterAnswers, space: Space = PAGE) -> list[Sheet]:
    """The verdict on each answer, and what is to be said of it."""
    lines = TextBlock(lambda space: letter_answer_lines(marked, space))
    return [Sheet(clean_line(marked.chain), "", "", "answers", lines, headed=not space.drawn)]


def letter_answer_lines(marked: LetterAnswers, space: Space) -> Iterator[Line]:
    """The screen."""
    edge = EDGE if space.width is None else max(space.width, 60)
    if space.drawn:
        yield from space.of(edge if space.width is None else space.width).heading(
            clean_line(marked.chain), "", "", edge
        )
    names = [_label(question) for question in marked.questions]
    margin = 5 + max([space.width_of(name) for name in names])
    for name, verdict in zip(names, marked.verdicts, strict=True):
        yield []
        start: Line = [SIGNS[verdict.kind], ("  ", ""), (name.ljust(margin - 3), "")]
        rows: list[Line] = []
        for text, role in _rows(verdict, marked):
            rows += [[(part, role)] for part in space.broken(text, edge - margin)]
        yield from hanging(start, rows, margin)
    counted = Counter(verdict.kind for verdict in marked.verdicts)
    parts = [f"{counted[kind]} {COUNTED[kind]}" for kind in VERDICTS if counted[kind] and kind != RIGHT]
    yield []
    right = sum([verdict.holds for verdict in marked.verdicts])
    yield [(", ".join([f"{right} of {len(marked.verdicts)} right", *parts]), "")]


def _label(question: LetterQuestion) -> str:
    asked = question.asked
    several = asked.layer is not None and len(asked.graph.layers) > 1 and not asked.ends
    return clean(asked.name if several else asked.quantity)


def _rows(verdict: LetterVerdict, marked: LetterAnswers) -> Iterator[tuple[str, str]]:
    yield clean_line(verdict.text), ""
    if verdict.kind == RIGHT:
        how = (
            "the same formula, whatever the letters stand for" if verdict.exact else "the same value for all"
        )
        how += "" if verdict.exact else " numbers that were tried"
        how = "the same value where windows fit exactly" if verdict.remark else how
        yield f"right: {how}", ""
    elif verdict.kind == CONVENTION:
        yield f"right, by another convention: {clean(verdict.convention)}", ""
    elif verdict.kind == FOLLOWS:
        name = earlier(verdict.follows)
        yield f"right for your {name}: look there again" if marked.hint else f"follows from your {name}", ""
    elif verdict.kind == UNREADABLE:
        yield f"not read: {clean(verdict.remark)}", ""
    elif verdict.kind == WRONG and marked.hint:
        hints = [reading.hint for reading in verdict.readings if reading.hint]
        yield f"not yet: {clean(hints[0])}" if hints else "not yet", ""
    elif verdict.kind == WRONG:
        words = " · or ".join([clean(reading.words) for reading in verdict.readings])
        yield f"wrong{f', consistent with {words}' if words else ''}", ""
        if marked.verbose and verdict.readings and verdict.readings[0].explanation:
            yield clean(verdict.readings[0].explanation), "aside"
    if verdict.kind in (RIGHT, WRONG) and verdict.remark and not marked.hint:
        yield clean(verdict.remark), "aside"
    if verdict.kind == WRONG and not marked.hint:
        yield from _right(verdict)


def _right(verdict: LetterVerdict) -> Iterator[tuple[str, str]]:
    for of, forms in verdict.right:
        name = f"{of} = " if of else ""
        yield f"right   {name}{' = '.join([format_letters(made) for made in forms])}", ""
    if verdict.example is not None:
        values, given, right = verdict.example
        letters = ", ".join([f"{name} = {value}" for name, value in values.items()])
        yield f"for {letters}: yours is {given}, right is {right}", "aside"


def letter_answer_records(marked: LetterAnswers) -> list[dict[str, Any]]:
    """A record an answer, with the keys that answers in numbers have."""
    from ...analysis.notation import written

    found: list[dict[str, Any]] = []
    for question, verdict in zip(marked.questions, marked.verdicts, strict=True):
        right = [" = ".join([written(made) for made in forms]) for _, forms in verdict.right]
        readings = [
            {
                "ids": list(reading.ids),
                "words": reading.words,
                "value": None,
                "slip": reading.slip,
                "kind": reading.kind,
                "reason": reading.explanation or None,
                "follows": False,
                "working": [],
            }
            for reading in verdict.readings
        ]
        first = verdict.readings[0] if verdict.readings else None
        kind = first.kind if first is not None else CONVENTION if verdict.kind == CONVENTION else None
        found.append(
            {
                "question": question.name,
                "layer": question.asked.where,
                "quantity": question.asked.quantity,
                "answer": verdict.text,
                "verdict": verdict.kind,
                "points": int(verdict.holds or verdict.kind == FOLLOWS),
                "of": 1,
                "right": " x ".join(right) or None,
                "working": [],
                "convention": verdict.convention or None,
                "follows": verdict.follows or None,
                "own": [],
                "readings": readings,
                "covers": [],
                "remark": verdict.remark or None,
                "kind": kind,
                "reason": (first.explanation if first is not None else "") or None,
                "unit": question.asked.unit or None,
                "convention_ids": list(verdict.convention_ids),
                "counted_at": None,
                "open": int(verdict.kind == UNREADABLE),
                "decision": None,
                "cells": None,
                "exact": verdict.exact,
                "example": dict(verdict.example[0]) if verdict.example is not None else None,
            }
        )
    return found
