"""What formats of quizzes write of a question: its points, its solution, its picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .answer import Answer, Page
from .formats import named
from .lines import clean, plain
from .screens.check_words import format_points, format_value
from .screens.solutions import solution_sheets
from .sheet import PAGE, Sheet, screen

if TYPE_CHECKING:
    from ..questions.posed import PosedQuestion


def right_text(question: PosedQuestion) -> str:
    """The right value for a reader, in the layout of the question: ``34,944``, ``55x55x96``."""
    return format_value(question.value, question.item.asked.conventions["layout"])


def points_text(question: PosedQuestion) -> str:
    """``1 point``, ``2.5 points``."""
    return f"{format_points(question.points)} point{'s' if question.points != 1 else ''}"


def solution_lines(question: PosedQuestion) -> list[str]:
    """How the right value comes about, line by line, as `archcalc explain` shows it."""
    lines = screen([_unheaded(sheet) for sheet in _solution(question)], PAGE)
    texts = [plain(line).rstrip() for line in lines]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def solution_document(question: PosedQuestion, form: str) -> str:
    """How the right value comes about, in a format for documents: ``html``, ``latex``, ``markdown``."""
    sheets = _solution(question)
    answer = Answer(lambda: None, lambda: ([], iter(())), lambda space: sheets)
    return "".join(named(form).pieces(answer, Page()))


def figure_svg(question: PosedQuestion) -> str:
    """The picture of the network, drawn by Graphviz. Raises SpecError where that is not installed."""
    from .pictures.dot import dot_text
    from .pictures.graph import Picture
    from .pictures.graphviz import drawn

    picture = Picture(
        question.item.asked.graph, None, False, False, question.item.asked.conventions["layout"]
    )
    boxes = sum(1 for _ in picture.root.boxes())
    return drawn(boxes, dot_text(picture, "LR", False), "svg").decode()


def _solution(question: PosedQuestion) -> Sequence[Sheet]:
    return solution_sheets(question.item.diagnosis, PAGE)


def _unheaded(sheet: Sheet) -> Sheet:
    return Sheet(sheet.name, sheet.title, sheet.aside, sheet.label, *sheet.blocks, headed=False)


def choice_letter(number: int) -> str:
    """The letter of an option, counted from 0."""
    return chr(ord("a") + number)


def text_parts(question: PosedQuestion) -> list[tuple[str, bool]]:
    """The text of a question in parts, each with whether it is code: what stood between backticks."""
    parts = clean(question.text).split("`")
    if len(parts) % 2 == 0:  # one that is not closed is a sign like others
        parts[-2:] = ["`".join(parts[-2:])]
    return [(part, number % 2 == 1) for number, part in enumerate(parts) if part]
