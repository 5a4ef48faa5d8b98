"""What formats of quizzes write of a question: its points, its solution, its picture."""

from __future__ import annotations

import string
from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from .answer import Answer, Page
from .formats import named
from .lines import clean, plain
from .screens.check_words import format_points, format_value
from .screens.solutions import solution_sheets
from .sheet import PAGE, Sheet, screen

if TYPE_CHECKING:
    from ..questions.posed import PosedQuestion

# Signs that mean nothing to a shell.
_BARE = {*string.ascii_letters, *string.digits, *"-_./:,=@%+"}


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


def explain_words(question: PosedQuestion) -> list[str]:
    """The words of the call of archcalc that shows how the right value comes about."""
    asked, posed = question.item.asked, question.question
    target = posed.target
    if question.item.letters is not None:
        layer, _, quantity = posed.ask.rpartition(".")
        return ["explain", target, *([layer] if layer else []), quantity]
    options = []
    if asked.summary.batch != 1:
        options += ["--batch", str(asked.summary.batch)]
    if asked.summary.dtype != "fp32":
        options += ["--dtype", asked.summary.dtype]
    if asked.sides:
        return ["explain", target, *filter(None, [posed.second]), posed.ask, *options]
    return ["explain", target, asked.explained_at or "total", asked.quantity, *options]


def command_text(words: Sequence[str]) -> str:
    """A call of archcalc as a shell takes it."""
    return " ".join(["archcalc", *map(_quoted, words)])


def _quoted(word: str) -> str:
    if word and not set(word) - _BARE:
        return word
    return f'"{word}"' if not set(word) & set('"$`\\!') else quote(word)


def choice_letter(number: int) -> str:
    """The letter of an option, counted from 0."""
    return chr(ord("a") + number)


def text_parts(question: PosedQuestion) -> list[tuple[str, bool]]:
    """The text of a question in parts, each with whether it is code: what stood between backticks."""
    parts = clean(question.text).split("`")
    if len(parts) % 2 == 0:  # one that is not closed is a sign like others
        parts[-2:] = ["`".join(parts[-2:])]
    return [(part, number % 2 == 1) for number, part in enumerate(parts) if part]
