"""Moodle: grades and feedback to import (Grades > Import > CSV file).

Moodle documents the file at https://docs.moodle.org/en/Grade_import: the teacher names the column that
says who ("Map from") and what it holds ("Map to": ID number, email address or username), and maps each other
column to a grade, to feedback, or to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from ...answers.classroom import Classroom, Marked
from ..flat import FlatTable
from ..lines import clean_line
from ..screens.feedback import AnswerFeedback, Feedback
from . import ExportSettings, Gradebook, GradeRow, WhoseSheet, decimal

# Columns by which Moodle finds a student, by what is known of one.
IDENTIFIERS = {"id": "ID number", "email": "Email address", "login": "Username"}
NAMES = {"first": "First name", "last": "Last name"}
# How Moodle writes and reads that there is no grade. An empty cell is a 0 to it in a new column of grades.
NO_GRADE = "-"


class Format(Gradebook):
    """``--format moodle``: a row per student, with feedback in HTML, and the points of each question. A grade
    with open points is `-`, which is no grade to Moodle."""

    feedback = True

    def feedback_of(self, classroom: Classroom, sheet: Marked, settings: ExportSettings) -> str:
        """The reason for each loss, or hints."""
        items = classroom.items
        return html(Feedback(classroom.quiz, items, sheet, settings.hint, settings.solution))

    def table(self, classroom: Classroom, rows: Iterable[GradeRow], settings: ExportSettings) -> FlatTable:
        """A row per student. A column that says who has no blank cell, because Moodle gives the grade of a
        row without a student to the student above."""
        students = [(_known(row.submission), row) for row in rows]
        keys = self._identifiers([known for known, _ in students])
        names = [key for key in NAMES if any(known[key] for known, _ in students)]
        heads = [IDENTIFIERS.get(key, "Student") for key in keys] + [NAMES[key] for key in names]
        title = clean_line(settings.name(classroom.quiz))
        questions = [f"{title}: {clean_line(item.id)}" for item in classroom.items]

        def records() -> Iterator[list[Any]]:
            for known, row in students:
                if all(known[key] for key in keys):
                    who = [known[key] for key in (*keys, *names)]
                    points = [decimal(one, NO_GRADE) for one in row.points]
                    yield [*who, decimal(row.grade, NO_GRADE), row.feedback, *points]

        return [*heads, title, f"{title} (Feedback)", *questions], records()

    def _identifiers(self, students: Sequence[dict[str, str]]) -> list[str]:
        """What of IDENTIFIERS is known of every student. Where none is, the one that is known of most, and
        who is without it is named; where nothing is known of anybody, the name of the sheet."""
        of = {key: sum(bool(known[key]) for known in students) for key in IDENTIFIERS}
        whole = [key for key, number in of.items() if number and number == len(students)]
        if whole or not any(of.values()):
            return whole or ["student"]
        best = max(of, key=lambda key: of[key])
        for known in students:
            if not known[best]:
                self.remarks.append(
                    f"{known['student']} has no {IDENTIFIERS[best]}: the grade is left out, enter it by hand"
                )
        return [best]


def _known(submission: WhoseSheet) -> dict[str, str]:
    """What is known of a student, each part empty where it is not."""
    found = {key: clean_line(submission.id(key)) for key in (*IDENTIFIERS, *NAMES)}
    # The number of the register is what Moodle has, and not the one that another platform gave.
    found["id"] = clean_line(submission.id("sis_id")) or found["id"]
    return {"student": clean_line(submission.student), **found}


def html(feedback: Feedback) -> str:
    """Feedback as Moodle takes it: HTML on one line, because Moodle turns ends of lines into breaks."""
    parts = [f"<p>{_text(line)}</p>" for line in feedback.summary]
    parts.append("<ul>" + "".join(map(_item, feedback.answers)) + "</ul>")
    if feedback.not_read:
        rows = "".join([f"<li>{_text(line)}</li>" for line in feedback.not_read_lines])
        parts.append(f"<p>Not read:</p><ul>{rows}</ul>")
    return "".join(parts)


def _item(one: AnswerFeedback) -> str:
    """A question of the feedback."""
    answer = f" <code>{_text(one.answer)}</code>" if one.answer else ""
    lines = "<br>".join(map(_text, one.details))
    details = f"<pre>{lines}</pre>" if lines else ""
    verdict = f"{_text(one.score)}. {_text(one.sentence)}"
    return f"<li><strong>{_text(one.id)}</strong>{answer}: {verdict}{details}</li>"


# Signs with which a spreadsheet begins a formula, behind a semicolon too, which ends a reference.
_FORMULA = str.maketrans({sign: f"&#{ord(sign)};" for sign in "=+@＝＋－＠"})


def _text(text: str) -> str:
    """A text as HTML."""
    return escape(text, quote=False).replace(";-", ";&#45;").translate(_FORMULA)
