"""Marked answers as flat tables: answers, a class, a grade book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...answers.classroom import Marked, Unread
from ...answers.conventions import Conventions
from ...answers.quiz_item import QuizItem
from ...answers.verdict import UNREADABLE, Verdict
from ..flat import FlatTable
from ..records.verdicts import plain_points, verdict_record
from .check_words import format_value

MARKED = "question layer quantity answer verdict right reading points kind reason unit".split()
ANSWERS = "student question quantity answer verdict key reading points of place kind reason unit".split()
LONGEST_CELL = 10_000


def marked_table(items: Sequence[QuizItem], verdicts: Mapping[str, Verdict]) -> FlatTable:
    """A record an answer, of one network."""

    def records() -> Iterator[list[Any]]:
        for item in items:
            record = verdict_record(item.id, verdicts[item.id], item.points)
            right = record["right"]
            yield [
                record["question"],
                record["layer"],
                record["quantity"],
                record["answer"],
                record["verdict"],
                "x".join(map(str, right)) if isinstance(right, list) else right,
                explained(verdicts[item.id]),
                record["points"],
                record["kind"] or "",
                record["reason"] or "",
                record["unit"] or "",
            ]

    return MARKED, records()


def answers_table(
    items: Sequence[QuizItem],
    marked: Iterable[Marked],
    conventions: Conventions,
    beside: Iterable[Unread] = (),
) -> FlatTable:
    """A record per answer, sheet by sheet, and one per line or cell that was not read; at the end those that
    stand ``beside`` all sheets."""
    layout = conventions["layout"]

    def records() -> Iterator[list[Any]]:
        for sheet in marked:
            places = {entry.question: entry.place for entry in sheet.submission.entries}
            for item in items:
                verdict = sheet.verdicts[item.id]
                yield [
                    sheet.submission.student,
                    item.id,
                    item.asked.quantity,
                    shortened_cell(verdict.written.text),
                    verdict.kind,
                    format_value(verdict.value, layout).replace(",", ""),
                    explained(verdict),
                    plain_points(verdict.points),
                    plain_points(item.points),
                    places.get(item.id, sheet.submission.source),
                    verdict.explained,
                    verdict.reason,
                    item.asked.unit,
                ]
            submission = sheet.submission
            for fault in (*submission.faults, *submission.aside):
                yield _not_read(submission.student, fault.place, fault.text, fault.message)
        for one in beside:
            yield _not_read(one.student, one.place, one.text, one.reason)

    return ANSWERS, records()


def _not_read(student: str, place: str, text: str, why: str) -> list[Any]:
    """The record of something that was not read: it is of no question."""
    found = dict.fromkeys(ANSWERS, "")
    found |= {"student": student, "answer": shortened_cell(text), "verdict": UNREADABLE}
    found |= {"place": place, "reason": why}
    return [found[name] for name in ANSWERS]


def shortened_cell(text: str) -> str:
    """Cut a text to what fits a cell of other programs: spreadsheets take 32,767 signs, Python 131,072."""
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def explained(verdict: Verdict) -> str:
    """The explanation of a verdict beyond its word, for one field."""
    if verdict.readings:
        return verdict.readings[0].words
    return verdict.convention or verdict.follows or verdict.remark
