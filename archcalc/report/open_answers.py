"""The answers that a person has to decide upon, as a file that the person fills in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..answers.classroom import Classroom, Marked
from ..answers.decision import fingerprint
from ..answers.decision_files import COLUMNS, FILLED
from ..answers.quiz import Quiz
from ..answers.quiz_item import QuizItem
from .formats.csv import csv_lines
from .screens.check_words import format_points

# What a platform knows a student by, the surest first.
_IDS = ("sis_id", "id", "email", "login", "submission")


class OpenAnswer(NamedTuple):
    """An answer that is open, by the columns of a file of decisions."""

    student: str
    id: str
    question: str
    asked: str
    answer: str
    why: str
    of: str
    fingerprint: str


def open_answers(quiz: Quiz, items: Sequence[QuizItem], marked: Marked) -> Iterator[OpenAnswer]:
    """Yield the answers of a sheet that a person has to decide upon."""
    if not marked.open:
        return
    ids = dict(getattr(marked.submission, "ids", ()))
    id = next((ids[name] for name in _IDS if ids.get(name)), "")
    texts = quiz.texts
    for item in items:
        verdict = marked.verdicts[item.id]
        if verdict.open:
            asked = " ".join(texts.get(item.id, item.asked.words).split())
            text = verdict.written.text
            yield OpenAnswer(
                marked.submission.student,
                id if id != marked.submission.student else "",
                item.id,
                asked,
                " ".join(text.split()),
                verdict.remark,
                format_points(verdict.open),
                fingerprint(text),
            )


def open_rows(classroom: Classroom, marked: Marked) -> list[list[str]]:
    """The values of these answers, as another process sends them."""
    return [list(answer) for answer in open_answers(classroom.quiz, classroom.items, marked)]


def open_file(answers: Iterable[OpenAnswer], toml: bool) -> Iterator[str]:
    """The file, its decisions empty: CSV, or TOML."""
    if not toml:
        columns = [name for name in COLUMNS if name != "decimal"]
        yield from csv_lines(
            (columns, ([getattr(answer, name, "") for name in columns] for answer in answers))
        )
        return
    yield '# points = 1, or reading = "3528", and a reason for the student; what is left out stays open\n'
    for answer in answers:
        yield "\n[[decision]]\n"
        for name, value in answer._asdict().items():
            if value:
                yield f"{name} = {_quoted(value)}\n"
        for name in FILLED:
            yield f'{name} = ""\n'


def _quoted(text: str) -> str:
    """A text of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
