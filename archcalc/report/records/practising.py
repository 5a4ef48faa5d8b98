"""The record of a practice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..explaining_calls import command_text, explain_words
from . import headed
from .verdicts import plain_value

if TYPE_CHECKING:
    from ...answers.verdict import Verdict
    from ...questions.practice import Practice, PracticeTurn


def practice_record(practice: Practice) -> dict[str, Any]:
    """`practice`: the questions that were asked, and what became of each."""
    return headed(
        {
            "title": practice.pool.title,
            "target": practice.pool.target or None,
            "seed": practice.seed,
            "questions": [_turn(turn) for turn in practice.turns],
        }
    )


def _turn(turn: PracticeTurn) -> dict[str, Any]:
    posed = turn.question
    asked = posed.item.asked
    return {
        "number": turn.number,
        "quantity": turn.kind.quantity,
        "of": turn.kind.of or None,
        "letters": turn.kind.letters,
        "again": turn.again,
        "target": posed.question.target,
        "asks": asked.name,
        "text": posed.text,
        "options": [choice.text for choice in posed.choices],
        "right": plain_value(posed.value, asked.conventions["layout"]),
        "unit": posed.question.unit or asked.unit or None,
        "outcome": turn.outcome,
        "tries": [_try(verdict) for verdict in turn.verdicts],
        "hints": list(turn.hints),
        "misconceptions": turn.misconceptions,
        "explain": command_text(explain_words(posed)),
    }


def _try(verdict: Verdict) -> dict[str, Any]:
    first = verdict.readings[0] if verdict.readings else None
    return {
        "answer": verdict.written.text,
        "verdict": verdict.kind,
        "convention": verdict.convention or None,
        "ids": list(first.ids) if first is not None else [],
        "words": first.words if first is not None else None,
        "reason": verdict.reason or None,
    }
