"""Answers that a program hands over: by question, and not on a sheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import Fault, SheetAnswer, Submission
from .names import QuestionNames, bare


def submission_of(
    answers: Iterable[tuple[Any, Any]], source: str, student: str, ids: QuestionNames
) -> Submission:
    """The sheet that answers by question make: texts, numbers, lists of sizes, None for blanks."""
    entries, faults = [], []
    for name, value in answers:
        question = ids.get(bare(str(name)))
        if question is None:
            faults.append(Fault(source, f"there is no question `{name}`", answer_text(value)))
        else:
            entries.append(SheetAnswer(question, answer_text(value), str(name)))
    return Submission(student, source, tuple(entries), tuple(faults))


def answer_text(value: Any) -> str:
    """An answer as a student would write it: ``55x55x96`` for a list of sizes."""
    if value is None:
        return ""
    sizes = isinstance(value, (list, tuple)) and bool(value) and all(isinstance(one, int) for one in value)
    return "x".join([str(int(one)) for one in value]) if sizes else str(value)
