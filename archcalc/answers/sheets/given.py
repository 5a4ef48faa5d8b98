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
    """An answer as a student would write it: ``55x55x96`` for a list of sizes, of numpy and PyTorch too."""
    value = _plain(value)
    if value is None:
        return ""
    if not isinstance(value, (list, tuple)):
        return _number_text(value) if isinstance(value, int) else str(value)
    each = [_plain(one) for one in value]
    if each and all(isinstance(one, (int, float)) for one in each):
        return "x".join([_number_text(int(one) if one == one // 1 else one) for one in each])
    return str(each)


def _plain(value: Any) -> Any:
    """Python's own numbers and lists for those of numpy and PyTorch."""
    return value.tolist() if hasattr(value, "tolist") else value


def _number_text(value: int | float) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes no number of more than some thousand digits
        return "a number of thousands of digits"
