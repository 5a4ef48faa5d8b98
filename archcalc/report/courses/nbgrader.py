"""nbgrader: grades as `nbgrader export` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...answers.classroom import Classroom
from ..flat import FlatTable
from . import ExportSettings, Gradebook, GradeRow, decimal

# The columns of nbgrader's plugin CsvExportPlugin (nbgrader/plugins/export.py).
GRADES = (
    "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty "
    "score max_score"
).split()


class Format(Gradebook):
    """``--format nbgrader``: a row per student. A grade with open points is blank."""

    def table(self, classroom: Classroom, rows: Iterable[GradeRow], settings: ExportSettings) -> FlatTable:
        """A row per student; names and address where they are known."""
        name, most = settings.name(classroom.quiz), decimal(classroom.quiz.points)

        def records() -> Iterator[list[Any]]:
            for row in rows:
                whose, points = row.submission, decimal(row.grade)
                who = [whose.student, whose.id("last"), whose.id("first"), whose.id("email")]
                yield [name, "", "", *who, points, 0, points, most]

        return GRADES, records()
