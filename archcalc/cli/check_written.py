"""How ``check`` writes single answers: verdicts, solutions, records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..diagnostics import fail
from ..report.answer import Answer
from .answer import write_answer
from .check_shared import CheckOptions
from .options import writes_sheets

if TYPE_CHECKING:
    from ..answers.quiz_item import QuizItem
    from ..report.screens.check_words import MarkedAnswers
    from ..report.sheet import Sheet, Space


def solutions(items: Sequence[QuizItem], options: CheckOptions, space: Space) -> list[Sheet]:
    """How the right values come about, if that is asked for."""
    from ..report.screens.solutions import solution_sheets

    found: list[Sheet] = []
    for item in items if options.solution else ():
        found += solution_sheets(item.diagnosis, space)
    return found


def write_marked(
    name: str,
    marked: MarkedAnswers,
    unread: Sequence[str],
    sheets: Callable[[Space], list[Sheet]],
    options: CheckOptions,
) -> None:
    """Write what was marked. Raises SpecError."""
    from ..report.records.checking import answers_record
    from ..report.screens.class_tables import marked_table

    if options.hint and not writes_sheets(options.format):
        raise fail("usage", "--hint is for the screen", "leave out --format")
    answer = Answer(
        lambda: answers_record(name, marked, unread),
        lambda: marked_table(marked.items, marked.verdicts),
        sheets,
    )
    write_answer(answer, options)
