"""What marking writes for learning platforms: one file a platform, found by being in this folder.

A file holds a class ``Format``, which is a ``Gradebook`` (one table, a row per student) or ``PerStudent`` (a
file per student). The name of the file is what ``--format`` takes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ..flat import FlatTable, cell, selected
from ..formats.csv import csv_lines

if TYPE_CHECKING:
    from ...answers.classroom import Marked
    from ...answers.quiz import Quiz
    from ...answers.quiz_item import QuizItem

# Who may see the feedback on a question, and when, as Gradescope names it.
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
# Digits behind the point of a grade: Moodle stores as many.
PLACES = 5


class ClassExport(NamedTuple):
    """What a class is written with.

    assignment  what the platform calls it; empty for the title of the quiz
    hint        hints and no right values, where the platform has a place for feedback
    solution    right values, the reason for each loss, and why it is an error
    visibility  one of VISIBILITIES; empty for what the platform usually has
    """

    quiz: Quiz
    items: Sequence[QuizItem]
    assignment: str = ""
    hint: bool = False
    solution: bool = False
    visibility: str = ""

    @property
    def name(self) -> str:
        """What the platform calls it."""
        return self.assignment or self.quiz.title or "quiz"

    @property
    def most(self) -> Fraction:
        """Points of all questions together."""
        return sum([item.points for item in self.items], Fraction(0))


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

    def table(self, export: ClassExport, sheets: Iterable[Marked]) -> FlatTable:
        """A row per student. Raises SpecError."""
        raise NotImplementedError

    def pieces(
        self, export: ClassExport, sheets: Iterable[Marked], columns: str | None = None
    ) -> Iterator[str]:
        """The table as CSV. Raises SpecError."""
        return csv_lines(selected(self.table(export, sheets), columns), tame)

    def once(self, sheets: Iterable[Marked]) -> Iterator[Marked]:
        """Sheets without further ones of a student who has had one: of two rows, a platform would keep the
        last. They are named in ``remarks``."""
        seen: dict[tuple[str, ...], str] = {}
        for sheet in sheets:
            submission = sheet.submission
            known = [submission.id(name) for name in ("id", "sis_id", "login", "email")]
            key = tuple(known) if any(known) else (submission.student,)
            first = seen.setdefault(key, submission.source)
            if first is submission.source:
                yield sheet
            else:
                self.remarks.append(
                    f"{submission.student} has two sheets: the grade is that of {first}, not of "
                    f"{submission.source}"
                )


class PerStudent(Platform):
    """A platform that takes a file per student."""

    feedback = True

    def files(self, export: ClassExport, sheets: Iterable[Marked]) -> Iterator[tuple[str, Iterable[str]]]:
        """The path of each file below the folder, and its text."""
        raise NotImplementedError

    def file(self, export: ClassExport, sheet: Marked) -> Iterable[str]:
        """The text of the file of one student."""
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


def decimal(points: Fraction) -> str:
    """Points as a platform reads them: ``10.5``, rounded to PLACES digits behind a point."""
    scaled = round(points * 10**PLACES)
    whole, rest = divmod(abs(scaled), 10**PLACES)
    digits = f"{whole}.{rest:0{PLACES}}".rstrip("0").rstrip(".")
    return f"-{digits}" if scaled < 0 else digits
