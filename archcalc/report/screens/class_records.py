"""What a class run writes for machines: flat tables, JSON, and the forms of grading systems."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any
from unicodedata import combining, normalize

from ..._version import __version__
from ...answers.classroom import Marked, Tally, Unread
from ...answers.conventions import Conventions
from ...answers.marking import QuizItem
from ...answers.quiz import Quiz
from ...answers.records import plain_points, plain_value, verdict_record
from ...answers.verdict import Verdict
from ..flat import Table
from ..lines import clean, plain
from .check import marked_lines
from .check_words import format_value

ANSWERS = [
    "student",
    "question",
    "quantity",
    "answer",
    "verdict",
    "key",
    "reading",
    "points",
    "of",
    "place",
    "kind",
    "reason",
    "unit",
]
LONGEST_CELL = 10_000
# As nbgrader exports its grade book.
GRADES = [
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
]


def answers_table(items: Sequence[QuizItem], marked: Iterable[Marked], conventions: Conventions) -> Table:
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
    """What fits a cell of other programs: spreadsheets take 32,767 signs, Python 131,072."""
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def explained(verdict: Verdict) -> str:
    """What a verdict says more than its word, in a field."""
    if verdict.readings:
        return verdict.readings[0].words
    return verdict.convention or verdict.follows or verdict.remark


def grades_table(quiz: Quiz, items: Sequence[QuizItem], marked: Iterable[Marked]) -> Table:
    """A record a student, as nbgrader has it; names and address where the class list holds them."""
    most = plain_points(sum([item.points for item in items], Fraction(0)))

    def records() -> Iterator[list[Any]]:
        for sheet in marked:
            known = {_key(name): value for name, value in sheet.submission.details}
            points = plain_points(sheet.points)
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


def gradescope(items: Sequence[QuizItem], sheet: Marked, quiz: Quiz, hint: bool) -> dict[str, Any]:
    """The results.json of one student: a test a question. What nobody could read is told first."""
    lines = [f"? {fault.place}: {fault.message}" for fault in sheet.submission.faults]
    if sheet.submission.unreadable:
        lines.insert(0, f"? the sheet was not read: {sheet.submission.unreadable}")
    lines += quiz.conventions.words
    layout, texts = quiz.conventions["layout"], quiz.texts
    tests = [
        _test(item, texts.get(item.id, item.asked.words), sheet.verdicts[item.id], layout, hint)
        for item in items
    ]
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


def _test(item: QuizItem, words: str, verdict: Verdict, layout: str, hint: bool) -> dict[str, Any]:
    lines = marked_lines([item], [""], {item.id: verdict}, 80, layout, hint)
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


def class_json(
    quiz: Quiz, items: Sequence[QuizItem], marked: Iterable[Marked], tally: Tally, faults: Sequence[Unread]
) -> dict[str, Any]:
    """All of it; sheets one after the other, and behind them what the class as a whole did."""
    return {
        "archcalc": __version__,
        "title": quiz.title,
        "conventions": dict(quiz.conventions),
        "points": plain_points(quiz.points),
        "sheets": (_sheet(items, sheet) for sheet in marked),
        "questions": (_question(item, tally) for item in items),
        "unread": _unread(tally, faults),
    }


def _unread(tally: Tally, faults: Sequence[Unread]) -> Iterator[dict[str, Any]]:
    # A generator, so that the tally is looked at when the sheets have gone by.
    for one in (*faults, *tally.unread):
        yield one._asdict()


def _sheet(items: Sequence[QuizItem], sheet: Marked) -> dict[str, Any]:
    submission = sheet.submission
    return {
        "student": submission.student,
        "source": submission.source,
        "points": plain_points(sheet.points),
        "unreadable": submission.unreadable or None,
        "faults": [fault._asdict() for fault in submission.faults],
        "not_read": [fault._asdict() for fault in submission.aside],
        "answers": [verdict_record(i.id, sheet.verdicts[i.id], i.points) for i in items],
    }


def _question(item: QuizItem, tally: Tally) -> dict[str, Any]:
    return {
        "question": item.id,
        "asked": item.asked.name,
        "right": plain_value(item.diagnosis.value),
        "points": plain_points(item.points),
        "verdicts": tally.verdicts[item.id],
        "readings": dict(tally.readings[item.id].most_common()),
    }


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
