"""HTML of a question inside of other formats."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from ...questions.posed import PosedQuestion
from ..platform_answers import right_words
from ..posed_questions import QuestionBlock, figure_svg, solution_lines, text_blocks


def question_html(question: PosedQuestion) -> str:
    """The text of a question: a paragraph each, and lines that stand as they are."""
    return "".join([_block(block) for block in text_blocks(question)])


def _block(block: QuestionBlock) -> str:
    if block.lines:
        lines = "\n".join(block.lines)
        return f"<pre>{escape(lines, quote=False)}</pre>"
    made = [(escape(text, quote=False), code) for text, code in block.parts]
    return f"<p>{''.join([f'<code>{text}</code>' if code else text for text, code in made])}</p>"


def figure_html(question: PosedQuestion, source: str = "") -> str:
    """The picture of a question, from where it lies or in the text itself; nothing where it has none."""
    if not question.figure:
        return ""
    source = source or f"data:image/svg+xml;base64,{b64encode(figure_svg(question).encode()).decode()}"
    return f'<p><img src="{source}" alt="The network"/></p>'


def solution_html(question: PosedQuestion) -> str:
    """The right value, and how it comes about as `archcalc explain` shows it."""
    lines = "\n".join([escape(line, quote=False) for line in solution_lines(question)])
    return f"<p>{escape(right_words(question), quote=False)}</p><pre>{lines}</pre>"
