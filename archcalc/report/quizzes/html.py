"""A page to read, to learn with and to print, which needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ..._version import __version__
from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..formats.html import GENERATOR, STYLE
from ..formats.html import Format as Page
from ..lines import clean, clean_line
from ..platform_answers import feedback_text, right_words
from ..posed_questions import choice_letter, hint_lines, points_text, right_text, solution
from . import QuizFile, QuizSettings
from ._html import figure_html, question_html

# What sheets of questions add to the pages of all commands. On paper hints are left out, and solutions open.
_STYLE = """\
body { max-width: 52rem; } .name, .answer { display: flex; gap: .6rem; align-items: baseline; }
.name::after, .answer::after { content: ""; flex: 1; border-bottom: 1px solid var(--rule); }
.answer::after { max-width: 16rem; } article { margin: 1.8rem 0; } article > h2 { font-size: 1.05rem; }
article > h2 small { font-weight: normal; color: var(--aside); } ol { padding-left: 1.8rem;
  list-style: letters; } @counter-style letters { system: extends lower-alpha; suffix: ") "; }
ol li { padding-left: .3rem; font-variant-numeric: tabular-nums; } code { overflow-wrap: anywhere; }
img { max-width: 100%; max-height: 34rem; background: #fff; border-radius: 4px; }
details { margin: .5rem 0; padding: .3rem .8rem; border-left: 3px solid var(--rule); }
summary { cursor: pointer; color: var(--cyan); } details h3 { font-size: 1rem; margin: .5rem 0 0; }
@media print { .variant + .variant, .keys { break-before: page; } article { break-inside: avoid; }
  details.hint { display: none; } details.solution::details-content { content-visibility: visible;
    display: block; } }
"""


class Format(QuizFile):
    """``--format html``: variants one below the other, with hints to open; ``--solutions`` adds how values
    come about and a page with the keys."""

    suffixes = (".html", ".htm")

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[str]:
        """A page; no script, and nothing that is fetched. Raises SpecError for a question with a picture
        where Graphviz is not installed."""
        yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        yield f'{GENERATOR} {__version__}">\n'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        yield f"<title>{escape(clean_line(quiz.title))}</title>\n<style>\n{STYLE}{_STYLE}</style>\n"
        yield "</head>\n<body>\n"
        for variant in variants:
            yield from _variant(quiz, variant, settings)
        if settings.solutions:
            yield from _keys(quiz, variants)
        yield "</body>\n</html>\n"


def _variant(quiz: PosedQuiz, variant: QuizVariant, settings: QuizSettings) -> Iterator[str]:
    behind = f" <small>Variant: {escape(variant.name)}</small>" if len(quiz.variants) > 1 else ""
    yield f'<section class="variant">\n<h1>{escape(clean_line(quiz.title))}{behind}</h1>\n'
    yield '<p class="name">Name:</p>\n'
    for question in variant.questions:
        yield from _question(question, settings)
    yield "</section>\n"


def _question(question: PosedQuestion, settings: QuizSettings) -> Iterator[str]:
    points = f"<small>{escape(points_text(question))}</small>"
    yield f"<article>\n<h2>{escape(clean_line(question.id))} {points}</h2>\n"
    yield f"{question_html(question)}{figure_html(question)}\n"
    if question.choices:
        items = "".join([f"<li>{escape(clean(choice.text))}</li>\n" for choice in question.choices])
        yield f'<ol type="a">\n{items}</ol>\n'
    yield '<p class="answer">Answer:</p>\n'
    hints = "\n".join([escape(line) for line in hint_lines(question)])
    if hints:
        yield f'<details class="hint"><summary>Hint</summary>\n<pre>\n{hints}\n</pre>\n</details>\n'
    if settings.solutions:
        yield from _solution(question)
    yield "</article>\n"


def _solution(question: PosedQuestion) -> Iterator[str]:
    yield '<details class="solution"><summary>Solution</summary>\n'
    yield f"<p><strong>{escape(right_words(question))}</strong></p>\n"
    page = Page()
    for sheet in solution(question):
        for block in sheet.blocks:
            for piece in page.block(block):
                yield piece.replace("h2>", "h3>")
    wrong = [choice for choice in question.choices if choice.reading is not None]
    if wrong:
        yield "<dl>\n"
        for choice in wrong:
            words = escape(feedback_text(choice.reading))
            yield f"<dt>{escape(clean(choice.text))}</dt>\n<dd>{words}</dd>\n"
        yield "</dl>\n"
    yield "</details>\n"


def _keys(quiz: PosedQuiz, variants: Sequence[QuizVariant]) -> Iterator[str]:
    yield '<section class="keys">\n<h1>Keys</h1>\n'
    for variant in variants:
        title = f"Variant: {escape(variant.name)}" if len(quiz.variants) > 1 else "Right answers"
        yield f'<div class="wide">\n<table>\n<caption>{title}</caption>\n<thead>\n<tr>'
        yield '<th scope="col">question</th><th scope="col">answer</th><th class="right" scope="col">points'
        yield "</th></tr>\n</thead>\n<tbody>\n"
        for question in variant.questions:
            yield f"<tr><td>{escape(clean_line(question.id))}</td><td>{escape(_key(question))}</td>"
            yield f'<td class="right">{points_text(question).partition(" ")[0]}</td></tr>\n'
        yield "</tbody>\n</table>\n</div>\n"
    yield "</section>\n"


def _key(question: PosedQuestion) -> str:
    """The right answer, with its letter where there are options."""
    letter = next((f"{choice_letter(at)}) " for at, one in enumerate(question.choices) if one.right), "")
    return letter + clean_line(right_text(question))
