"""Variants one below the other, to print or to put on a page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence

from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..formats.markdown import escaped
from ..lines import clean_line
from ..posed_questions import (
    QuestionBlock,
    choice_letter,
    figure_svg,
    points_text,
    right_text,
    solution_document,
    text_blocks,
)
from . import QuizFile, QuizSettings


class Format(QuizFile):
    """``--format markdown``: each variant below a heading; ``--solutions`` adds how values come about."""

    suffixes = (".md",)

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[str]:
        """Variants one below the other."""
        for number, variant in enumerate(variants):
            if number:
                yield "\n"
            yield from _variant(quiz, variant, settings)


def _variant(quiz: PosedQuiz, variant: QuizVariant, settings: QuizSettings) -> Iterator[str]:
    yield f"# {escaped(clean_line(quiz.title))}\n\n"
    if len(quiz.variants) > 1:
        yield f"Variant: {variant.name}\n\n"
    yield "Name:\n"
    for question in variant.questions:
        yield from _question(question, settings)


def _question(question: PosedQuestion, settings: QuizSettings) -> Iterator[str]:
    yield f"\n## {escaped(clean_line(question.id))}\n\n"
    blocks = [_block(block) for block in text_blocks(question)]
    between = "\n\n" if blocks[-1:] and blocks[-1].startswith(" ") else " "
    yield "\n\n".join(blocks) + f"{between}({points_text(question)})\n"
    if question.figure:
        data = b64encode(figure_svg(question).encode()).decode()
        yield f"\n![The network](data:image/svg+xml;base64,{data})\n"
    yield "\n"
    for number, choice in enumerate(question.choices):
        yield f"- {choice_letter(number)}) {escaped(choice.text)}\n"
    if question.choices:
        yield "\n"
    yield "Answer:\n"
    if settings.solutions:
        yield from _solution(question)


def _block(block: QuestionBlock) -> str:
    if block.lines:
        return "\n".join([f"    {line}" for line in block.lines])
    return "".join([f"`{text}`" if code else escaped(text) for text, code in block.parts])


def _solution(question: PosedQuestion) -> Iterator[str]:
    yield f"\n**Solution: {escaped(right_text(question))}**\n\n"
    yield solution_document(question, "markdown")
    wrong = [choice for choice in question.choices if choice.reading is not None]
    for choice in wrong:
        assert choice.reading is not None
        yield f"\n- {escaped(choice.text)}: {escaped(choice.reading.words)}. "
        yield f"{escaped(choice.reading.explanation)}\n"
