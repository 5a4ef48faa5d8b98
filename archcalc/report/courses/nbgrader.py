"""nbgrader: grades as `nbgrader export` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...answers.classroom import Marked
from ..flat import FlatTable
from . import ClassExport, Gradebook, decimal

# The columns of nbgrader's plugin CsvExportPlugin (nbgrader/plugins/export.py).
GRADES = (
    "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty "
    "score max_score"
).split()


class Format(Gradebook):
    """``--format nbgrader``: a row per student. A grade with open points is blank."""

    def table(self, export: ClassExport, sheets: Iterable[Marked]) -> FlatTable:
        """A row per student; names and address where they are known."""
        most = decimal(export.most)

        def records() -> Iterator[list[Any]]:
            for sheet in self.once(sheets):
                submission = sheet.submission
                points = "" if sheet.open else decimal(sheet.points)
                yield [
                    export.name,
                    "",
                    "",
                    submission.student,
                    submission.id("last"),
                    submission.id("first"),
                    submission.id("email"),
                    points,
                    0,
                    points,
                    most,
                ]

        return GRADES, records()
