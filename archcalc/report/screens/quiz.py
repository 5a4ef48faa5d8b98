"""The screen of `archcalc quiz`, and its flat table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...questions.keys import key_text
from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..flat import FlatTable
from ..lines import Line, clean, clean_line, hanging
from ..posed_questions import (
    QuestionBlock,
    choice_letter,
    points_text,
    right_text,
    solution_lines,
    text_blocks,
)
from ..sheet import Sheet, Space, TextBlock
from .check_words import format_points

COLUMNS = "variant question asks target text points key unit options".split()
# The edge of the points of a question.
EDGE = 80
# Columns that the words on a wrong value have beside it, or they stand below.
WORDS = 16


def quiz_table(quiz: PosedQuiz) -> FlatTable:
    """A record per question of each variant."""

    def records() -> Iterator[list[Any]]:
        for variant in quiz.variants:
            for question in variant.questions:
                asked = question.item.asked
                yield [
                    variant.name,
                    question.id,
                    asked.name,
                    question.question.target,
                    question.text,
                    format_points(question.points),
                    key_text(question),
                    question.question.unit or asked.unit,
                    "; ".join([choice.text for choice in question.choices]),
                ]

    return COLUMNS, records()


def quiz_sheets(quiz: PosedQuiz, solutions: bool) -> list[Sheet]:
    """A sheet per variant."""
    return [_sheet(quiz, variant, solutions) for variant in quiz.variants]


def _sheet(quiz: PosedQuiz, variant: QuizVariant, solutions: bool) -> Sheet:
    name = clean_line(quiz.title)
    title = f"variant {variant.name}" if len(quiz.variants) > 1 else ""
    count = len(variant.questions)
    points = format_points(variant.points)
    about = f"seed {quiz.seed}, {count} question{'s' if count > 1 else ''}, {points} points"
    block = TextBlock(lambda space: _lines(variant, solutions, space))
    return Sheet(name, title, about, "quiz", block)


def _lines(variant: QuizVariant, solutions: bool, space: Space) -> Iterator[Line]:
    space = space.of(min(space.width or EDGE, EDGE))
    margin = max([len(clean(question.id)) for question in variant.questions], default=0) + 2
    for question in variant.questions:
        yield from _question(question, margin, space)
        if solutions:
            yield from _solution(question, margin, space)
        yield []


def _question(question: PosedQuestion, margin: int, space: Space) -> Iterator[Line]:
    start = [(clean(question.id).ljust(margin), "title")]
    points = f"({points_text(question)})"
    blocks = text_blocks(question)
    if blocks and not blocks[-1].lines:
        blocks[-1] = blocks[-1]._replace(text=f"{blocks[-1].text} {points}")
    else:
        blocks.append(QuestionBlock(points, []))
    for block in blocks:
        if block.lines:
            yield from hanging(start, ([(f"  {line}", "")] for line in block.lines), margin)
        else:
            yield from space.hanging(start, block.text, margin)
        start = [(" " * margin, "")]
    for number, choice in enumerate(question.choices):
        yield [(" " * margin + f"{choice_letter(number)})  {clean(choice.text)}", "")]


def _solution(question: PosedQuestion, margin: int, space: Space) -> Iterator[Line]:
    start = " " * margin
    yield []
    yield from space.hanging([(start, "")], right_text(question), margin, "title")
    within = None if space.width is None else space.width - margin
    texts = solution_lines(question)
    if within is not None and any(space.width_of(text) > within for text in texts):
        texts = solution_lines(question, within)  # laid out anew: a drawing that is cut says nothing
    for text in texts:
        indent = " " * (len(text) - len(text.lstrip(" ")))
        left = None if within is None else within - len(indent)
        for part in space.broken(text.lstrip(" "), left) if text else [""]:
            yield [(start + indent + part, "")]
    yield from _wrong_values(question, margin, space)


def _wrong_values(question: PosedQuestion, margin: int, space: Space) -> Iterator[Line]:
    """The values that misconceptions come to, with their words: beside them, or below where these would
    have no room."""
    start = " " * margin
    shown = {value: right_text_of(question, value) for value in question.readings}
    width = max([space.width_of(text) for text in shown.values()], default=0)
    beside = space.width is None or margin + width + 2 + WORDS <= space.width
    for value, reading in question.readings.items():
        words = clean(reading.words)
        if beside:
            head = f"{start}{shown[value].rjust(width)}  "
            yield from space.hanging([(head, "aside")], words, margin + width + 2)
            continue
        yield from space.hanging([(start, "")], shown[value], margin, "aside")
        yield from space.hanging([(f"{start}  ", "")], words, margin + 2)


def right_text_of(question: PosedQuestion, value: Any) -> str:
    """A value of a question for a reader."""
    from .check_words import format_value

    return format_value(value, question.item.asked.conventions["layout"])
