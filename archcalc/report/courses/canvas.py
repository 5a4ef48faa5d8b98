"""Canvas: a gradebook to import.

Canvas documents the file at https://community.canvaslms.com ("How do I import grades in the Gradebook?"):
the head is `Student, ID, SIS User ID, SIS Login ID, Section` and a column per assignment, `Name (id)` for
one that is there and `Name` for a new one; a row `Points Possible` may stand below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ...answers.classroom import Classroom
from ...answers.quiz import Quiz
from ...diagnostics import fail
from ..flat import FlatTable
from ..lines import clean_line
from . import ExportSettings, Gradebook, GradeRow, WhoseSheet, decimal

HEAD = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
POSSIBLE = "Points Possible"
# A column with such words is a total to Canvas, and not read; one of these names is no assignment.
TOTALS = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
NUMBER = re.compile(r" \((\d+)\)$")


class Format(Gradebook):
    """``--format canvas``: a row per student. A grade with open points is blank."""

    def table(self, classroom: Classroom, rows: Iterable[GradeRow], settings: ExportSettings) -> FlatTable:
        """The row of points possible, and a row per student. Raises SpecError for a name that no
        assignment can have."""
        head = [*HEAD, _assignment(settings, classroom.quiz)]

        def records() -> Iterator[list[Any]]:
            yield [f"    {POSSIBLE}", "", "", "", "", decimal(classroom.quiz.points)]
            for row in rows:
                yield [*_who(row.submission), decimal(row.grade)]

        return head, records()


def _assignment(settings: ExportSettings, quiz: Quiz) -> str:
    """The head of the column of grades."""
    name = clean_line(settings.name(quiz))
    if TOTALS.search(name) or name in HEAD:
        raise fail(
            "usage",
            f"Canvas reads no grades from a column `{name}`: it is a name of its own",
            '--assignment "Quiz 5" names the assignment',
        )
    # A number in brackets is the assignment's id to Canvas: one from a title would be another's.
    return name if settings.assignment else NUMBER.sub(r" [\1]", name)


def _who(submission: WhoseSheet) -> list[str]:
    """The cells that say who, of which Canvas takes the first that it knows: its own id, the register's,
    the login, the name."""
    parts = [submission.id("last"), submission.id("first")]
    name = submission.id("name") or ", ".join(filter(None, parts)) or submission.student
    name = clean_line(name).replace(POSSIBLE, POSSIBLE.lower())  # a row of that name is no student
    given = submission.id("id")
    # Only its own export knows Canvas's ids: any other number would be another student's.
    canvas = given if submission.platform == "canvas" and given.isascii() and given.isdigit() else ""
    sis = submission.id("sis_id") or ("" if canvas else given)
    login = submission.id("login") or submission.id("email")
    if not (canvas or sis or login):
        login = submission.student
    return [name, canvas, sis, login, submission.id("section")]
