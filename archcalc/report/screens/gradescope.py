"""The results of a class as Gradescope takes them: a file per student, each in a folder."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from typing import Any
from unicodedata import combining, normalize

from ..._version import __version__
from ...answers.classroom import Classroom, Marked
from ...answers.quiz import Quiz
from ...answers.quiz_item import QuizItem
from ..formats.json import json_pieces
from ..lines import clean, plain
from ..records.verdicts import plain_points
from ..sheet import PAGE
from .check import marked_lines
from .check_words import MarkedAnswers


def gradescope_file(classroom: Classroom, sheet: Marked, hint: bool) -> tuple[str, str]:
    """The student, and the text of the results.json."""
    record = gradescope(classroom.items, sheet, classroom.quiz, hint)
    return sheet.submission.student, "".join(json_pieces(record))


def gradescope(items: Sequence[QuizItem], sheet: Marked, quiz: Quiz, hint: bool) -> dict[str, Any]:
    """The results.json of one student: one test per question. What nobody could read comes first."""
    lines = [f"? {fault.place}: {fault.message}" for fault in sheet.submission.faults]
    if sheet.submission.unreadable:
        lines.insert(0, f"? the sheet was not read: {sheet.submission.unreadable}")
    lines += quiz.conventions.words
    marked = MarkedAnswers(items, sheet.verdicts, quiz.conventions, hint)
    tests = [_test(marked, item, quiz.texts.get(item.id, item.asked.words)) for item in items]
    return {
        "score": plain_points(sheet.points),
        "output": clean_lines(lines),
        "output_format": "text",
        "test_output_format": "text",
        "tests": tests,
        "extra_data": {
            "archcalc": __version__,
            "student": clean(sheet.submission.student),
            "source": clean(sheet.submission.source),
        },
    }


def _test(marked: MarkedAnswers, item: QuizItem, words: str) -> dict[str, Any]:
    verdict = marked.of(item)
    lines = marked_lines(marked._replace(items=[item]), [""], PAGE.of(80))
    text = [plain(line).strip() for line in lines]
    return {
        "name": clean(f"{item.id}  {' '.join(words.split())}"),
        "number": clean(item.id),
        "score": plain_points(verdict.points),
        "max_score": plain_points(item.points),
        "status": "passed" if verdict.points >= item.points else "failed",
        "output": clean_lines(text),
        "extra_data": {
            "verdict": verdict.kind,
            "kind": verdict.explained or None,
            "answer": clean(verdict.written.text),
            "readings": [list(reading.ids) for reading in verdict.readings],
        },
    }


def clean_lines(texts: Iterable[str]) -> str:
    """Lines without what a terminal or a page would obey."""
    return "\n".join([clean(text) for text in texts if text])


# What is no sign of a folder's name.
_UNSAFE = re.compile(r"[^\w.@+-]", re.ASCII)
# Names that Windows keeps for itself.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class FolderNames:
    """Folder names for students: they never lead anywhere and are no option of a command, and no
    two are alike, on a disk that takes capitals for small letters neither. Whom a folder is of
    stands in the file in it, in whatever script."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, student: str) -> str:
        """A name of its own for the next student."""
        latin = "".join([sign for sign in normalize("NFKD", student) if not combining(sign)])
        bare = _UNSAFE.sub("_", latin).lstrip("._-").rstrip("._")[:80].rstrip("._")
        if not bare:  # the same in every run, whoever else is in the class
            bare = f"student-{zlib.crc32(student.encode('utf-8', 'surrogatepass')):08x}"
        bare = f"_{bare}" if _DEVICES.fullmatch(bare) else bare
        name, number = bare, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{bare}-{number}"
        self._taken.add(name.lower())
        return name
