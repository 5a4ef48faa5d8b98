"""Marked answers as flat tables: answers, a class, a grade book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ...answers.classroom import Marked
from ...answers.conventions import Conventions
from ...answers.quiz import Quiz
from ...answers.quiz_item import QuizItem
from ...answers.verdict import Verdict
from ..flat import FlatTable
from ..records.verdicts import plain_points, verdict_record
from .check_words import format_value

MARKED = "question layer quantity answer verdict right reading points kind reason unit".split()
ANSWERS = "student question quantity answer verdict key reading points of place kind reason unit".split()
LONGEST_CELL = 10_000
# As nbgrader exports its grade book.
GRADES = (
    "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty "
    "score max_score"
).split()


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


def answers_table(items: Sequence[QuizItem], marked: Iterable[Marked], conventions: Conventions) -> FlatTable:
    """A record an answer, sheet by sheet."""
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

    return ANSWERS, records()


def shortened_cell(text: str) -> str:
    """Cut a text to what fits a cell of other programs: spreadsheets take 32,767 signs, Python 131,072."""
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def explained(verdict: Verdict) -> str:
    """The explanation of a verdict beyond its word, for one field."""
    if verdict.readings:
        return verdict.readings[0].words
    return verdict.convention or verdict.follows or verdict.remark


def grades_table(quiz: Quiz, items: Sequence[QuizItem], marked: Iterable[Marked]) -> FlatTable:
    """One record per student, as nbgrader has it; names and address where the class list holds them."""
    most = plain_points(sum([item.points for item in items], Fraction(0)))

    def records() -> Iterator[list[Any]]:
        for sheet in marked:
            known = {_key(name): value for name, value in sheet.submission.details}
            points = "" if sheet.open else plain_points(sheet.points)  # a person has still to decide
            yield [
                quiz.title or "quiz",
                "",
                "",
                sheet.submission.student,
                known.get("lastname", known.get("surname", "")),
                known.get("firstname", ""),
                known.get("email", known.get("emailaddress", "")),
                points,
                0,
                points,
                most,
            ]

    return GRADES, records()


def _key(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
