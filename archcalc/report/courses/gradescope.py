"""Gradescope: a results.json per student, each in a folder of the student's.

Gradescope documents the file at https://gradescope-autograders.readthedocs.io/en/latest/specs/ ("Output
format").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..._version import __version__
from ...answers.classroom import Classroom, Marked
from ..file_names import FileNames
from ..formats.json import json_pieces
from ..lines import clean
from ..records.verdicts import plain_points
from ..screens.feedback import AnswerFeedback, Feedback
from . import ExportSettings, PerStudent

RESULTS = "results.json"


class Format(PerStudent):
    """``--format gradescope``. Students see it while they can hand in again: it gives hints, unless solutions
    are asked for, and those are shown after the due date, unless another time is asked for."""

    visibility = True

    def files(self, made: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Iterable[str]]]:
        """A results.json for each student, in a folder of the student's."""
        names = FileNames()
        for student, text in made:
            yield f"{names.name(student)}/{RESULTS}", [text]

    def file(self, classroom: Classroom, sheet: Marked, settings: ExportSettings) -> tuple[str, str]:
        """The student, and the text of the results.json."""
        return sheet.submission.student, "".join(json_pieces(self.record(classroom, sheet, settings)))

    def record(self, classroom: Classroom, sheet: Marked, settings: ExportSettings) -> dict[str, Any]:
        """One test per question. What nobody could read comes first."""
        quiz, solution = classroom.quiz, settings.solution
        feedback = Feedback(quiz, classroom.items, sheet, not solution, solution)
        visibility = settings.visibility or ("after_due_date" if solution else "visible")
        lines = feedback.summary[1:]  # the points themselves are shown by Gradescope
        lines += [f"? {line}" for line in feedback.not_read_lines]
        lines += quiz.conventions.words
        return {
            "score": plain_points(sheet.points),
            "output": clean_lines(lines),
            "output_format": "text",
            "test_output_format": "text",
            "tests": [_test(answer, visibility) for answer in feedback.answers],
            "extra_data": {
                "archcalc": __version__,
                "student": clean(sheet.submission.student),
                "source": clean(sheet.submission.source),
                "open": plain_points(sheet.open),
            },
        }


def _test(answer: AnswerFeedback, visibility: str) -> dict[str, Any]:
    """The record of a question. One with open points has no score yet."""
    verdict = answer.verdict
    score = {} if answer.open else {"score": plain_points(answer.points)}
    status = {} if answer.open else {"status": "passed" if answer.points >= answer.of else "failed"}
    first = f"{answer.answer}  {answer.sentence}" if answer.answer else answer.sentence
    lines = [first, *answer.details, *([f"{answer.score}"] if answer.open else [])]
    return {
        "name": f"{answer.id}  {answer.question}",
        "number": answer.id,
        **score,
        "max_score": plain_points(answer.of),
        **status,
        "output": clean_lines(lines),
        "visibility": visibility,
        "extra_data": {
            "verdict": verdict.kind,
            "kind": verdict.explained or None,
            "answer": clean(verdict.written.text),
            "readings": [list(reading.ids) for reading in verdict.readings],
            "open": plain_points(answer.open),
        },
    }


def clean_lines(texts: Iterable[str]) -> str:
    """Lines without what a terminal or a page would obey."""
    return "\n".join([clean(text) for text in texts if text])
