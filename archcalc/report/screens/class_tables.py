"""Marked answers as flat tables: answers, a class, a grade book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from ...answers.classroom import Classroom, Marked
from ...answers.quiz_item import QuizItem
from ...answers.tally import Unread, unread_of
from ...answers.verdict import UNREADABLE, Verdict
from ..flat import FlatTable
from ..records.verdicts import plain_points, verdict_record
from .check_words import format_value

MARKED = "question layer quantity answer verdict right reading points kind reason unit".split()
ANSWERS = "student question quantity answer verdict key reading points of place kind reason unit open".split()
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
                plain_text(verdicts[item.id], right),
                explained(verdicts[item.id]),
                record["points"],
                record["kind"] or "",
                record["reason"] or "",
                record["unit"] or "",
            ]

    return MARKED, records()


def plain_text(verdict: Verdict, right: Any) -> Any:
    """A right value of a record, for one field: sizes with signs between them, a matrix row by row."""
    if not isinstance(right, list):
        return right
    return "x".join(map(str, right)) if isinstance(verdict.value, tuple) else str(verdict.value)


def answer_rows(classroom: Classroom, sheet: Marked) -> list[list[Any]]:
    """A record per answer of a sheet, in the columns ANSWERS, and one per line or cell that was not read."""
    layout = classroom.quiz.conventions["layout"]
    places = {entry.question: entry.place for entry in sheet.submission.entries}
    rows = []
    for item in classroom.items:
        verdict = sheet.verdicts[item.id]
        rows.append(
            [
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
                plain_points(verdict.open),
            ]
        )
    submission = sheet.submission
    beside = unread_of([*submission.faults, *submission.aside], submission.student)
    return rows + [unread_row(one) for one in beside]


def answers_table(sheets: Iterable[list[list[Any]]], unread: Iterable[Unread]) -> FlatTable:
    """The answers sheet by sheet, and behind them what was not read of the class as a whole."""
    return ANSWERS, chain(chain.from_iterable(sheets), map(unread_row, unread))


def unread_row(unread: Unread) -> list[Any]:
    """The record of something that was not read, in the columns ANSWERS: it is of no question."""
    found = dict.fromkeys(ANSWERS, "")
    found |= {"student": unread.student, "answer": shortened_cell(unread.text), "verdict": UNREADABLE}
    found |= {"place": unread.place, "reason": unread.reason}
    return [found[name] for name in ANSWERS]


def shortened_cell(text: str) -> str:
    """Cut a text to what fits a cell of other programs: spreadsheets take 32,767 signs, Python 131,072."""
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def explained(verdict: Verdict) -> str:
    """The explanation of a verdict beyond its word, for one field."""
    if verdict.readings:
        return verdict.readings[0].words
    return verdict.convention or verdict.follows or verdict.remark
