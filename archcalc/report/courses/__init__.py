"""What marking writes for learning platforms: one file a platform, found by being in this folder.

A file holds a class ``Format``, which is a ``Gradebook`` (one table, a row per student) or ``PerStudent`` (a
file per student). The name of the file is what ``--format`` takes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ..flat import FlatTable, cell, selected
from ..formats.csv import csv_lines

if TYPE_CHECKING:
    from ...answers.classroom import Classroom, Marked
    from ...answers.quiz import Quiz

# Who may see the feedback on a question, and when, as Gradescope names it.
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
# Digits behind the point of a grade: Moodle stores as many.
PLACES = 5


class ExportSettings(NamedTuple):
    """How a class is written for a platform.

    assignment  what the platform calls it; empty for the title of the quiz
    hint        hints and no right values, where the platform has a place for feedback
    solution    right values, the reason for each loss, and why it is an error
    visibility  one of VISIBILITIES; empty for what the platform usually has
    """

    assignment: str = ""
    hint: bool = False
    solution: bool = False
    visibility: str = ""

    def name(self, quiz: Quiz) -> str:
        """What the platform calls the assignment."""
        return self.assignment or quiz.title or "quiz"


class GradeRow(NamedTuple):
    """What there is to write of a student.

    grade  the points, ``points`` those of each question; None where some are open
    """

    submission: WhoseSheet
    grade: Fraction | None
    points: tuple[Fraction | None, ...]
    feedback: str = ""


class WhoseSheet(NamedTuple):
    """Whose a sheet is, as in ``Submission``."""

    student: str
    source: str
    ids: tuple[tuple[str, str], ...]
    platform: str

    def id(self, name: str) -> str:
        """What is known of the student by a name of ``sheets.IDS``; empty where nothing is."""
        return dict(self.ids).get(name, "")


class Platform:
    """A platform.

    feedback    there is a place for feedback, so that hints and solutions can be asked for
    visibility  it can be said when a student sees the feedback
    assignment  the name of the assignment stands in the file
    """

    feedback = False
    visibility = False
    assignment = False


class Gradebook(Platform):
    """A platform that takes grades as a table.

    remarks  what has to be said of the table when it is written: rows that were left out
    """

    assignment = True

    def __init__(self) -> None:
        self.remarks: list[str] = []

    def row(self, classroom: Classroom, sheet: Marked, settings: ExportSettings) -> GradeRow:
        """What there is to write of a student. Another process may do this."""
        submission = sheet.submission
        whose = WhoseSheet(submission.student, submission.source, submission.ids, submission.platform)
        verdicts = [sheet.verdicts[item.id] for item in classroom.items]
        points = tuple([None if verdict.open else verdict.points for verdict in verdicts])
        feedback = self.feedback_of(classroom, sheet, settings)
        return GradeRow(whose, None if sheet.open else sheet.points, points, feedback)

    def feedback_of(self, classroom: Classroom, sheet: Marked, settings: ExportSettings) -> str:
        """The feedback on a sheet as the platform takes it; empty where it takes none."""
        return ""

    def table(self, classroom: Classroom, rows: Iterable[GradeRow], settings: ExportSettings) -> FlatTable:
        """The table. Raises SpecError."""
        raise NotImplementedError

    def pieces(
        self,
        classroom: Classroom,
        rows: Iterable[GradeRow],
        settings: ExportSettings,
        columns: str | None = None,
    ) -> Iterator[str]:
        """The table as CSV. Raises SpecError."""
        return csv_lines(selected(self.table(classroom, self._once(rows), settings), columns), tame)

    def _once(self, rows: Iterable[GradeRow]) -> Iterator[GradeRow]:
        """Rows without further ones of a student who has had one: of two rows, a platform would keep the
        last. They are named in ``remarks``."""
        seen: dict[tuple[str, ...], str] = {}
        for row in rows:
            whose = row.submission
            known = [whose.id(name) for name in ("id", "sis_id", "login", "email")]
            key = tuple(known) if any(known) else (whose.student,)
            if key not in seen:
                seen[key] = whose.source
                yield row
            else:
                self.remarks.append(
                    f"{whose.student} has two sheets: the grade is that of {seen[key]}, not of {whose.source}"
                )


class PerStudent(Platform):
    """A platform that takes a file per student."""

    feedback = True

    def file(self, classroom: Classroom, sheet: Marked, settings: ExportSettings) -> tuple[str, str]:
        """The student, and the text of the file. Another process may do this."""
        raise NotImplementedError

    def files(self, made: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Iterable[str]]]:
        """The path of each file below the folder, and its text."""
        raise NotImplementedError


def names() -> list[str]:
    """The platforms that there are."""
    found = {
        name.removesuffix(".py")
        for place in __path__
        for name in os.listdir(place)
        if name.endswith(".py") and not name.startswith("_")
    }
    return sorted(found)


def named(name: str) -> Platform:
    """A platform by its name, which is one of ``names()``."""
    platform: Platform = import_module(f"{__name__}.{name}").Format()
    return platform


# A number, a name of an account, an address: a spreadsheet calls nothing for it, and the platform needs it
# as it is.
_HARMLESS = re.compile(r"[+@-]?[\w.@-]*")


def tame(value: Any) -> str:
    """A cell of a gradebook: what a spreadsheet would run has an apostrophe in front, names of accounts
    and addresses stand as they are."""
    text = value if isinstance(value, str) else str(value)
    return text if _HARMLESS.fullmatch(text) else cell(text)


def decimal(points: Fraction | None, none: str = "") -> str:
    """Points as a platform reads them: ``10.5``, rounded to PLACES digits behind a point; ``none`` where
    there is no grade yet."""
    if points is None:
        return none
    scaled = round(points * 10**PLACES)
    whole, rest = divmod(abs(scaled), 10**PLACES)
    digits = f"{whole}.{rest:0{PLACES}}".rstrip("0").rstrip(".")
    return f"-{digits}" if scaled < 0 else digits
