"""Moodle XML: what "Import" of a question bank takes, with the solution of each question as its feedback.

The format is documented at https://docs.moodle.org/en/Moodle_XML_format.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..courses import decimal
from ..lines import clean_line
from ..platform_answers import PlatformAnswer, feedback_text, platform_answers
from ..posed_questions import figure_svg
from . import QuizFile, QuizSettings
from ._html import figure_html, question_html, solution_html


class Format(QuizFile):
    """``--format moodle``: a category for each variant, in it its questions."""

    suffixes = (".xml",)
    solutions = True

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[str]:
        """A file for the question bank. Raises SpecError for a question without a right value."""
        yield '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
        for variant in variants:
            yield '<question type="category">\n'
            yield f"  <category><text>{escape(category(quiz, variant))}</text></category>\n</question>\n"
            for question in variant.questions:
                yield from _question(question)
        yield "</quiz>\n"


def category(quiz: PosedQuiz, variant: QuizVariant) -> str:
    """The path of a variant among the categories of a course; a slash in a name is written twice."""
    names = [clean_line(quiz.title), *([variant.name] if len(quiz.variants) > 1 else [])]
    return "/".join(["$course$", "top", *[name.replace("/", "//") for name in names]])


def _question(question: PosedQuestion) -> Iterator[str]:
    answers = [] if question.choices else platform_answers(question)
    kind = "multichoice" if not answers else "numerical" if answers[0].number else "shortanswer"
    yield f'<question type="{kind}">\n'
    yield f"  <name><text>{escape(clean_line(question.id))}</text></name>\n"
    text = question_html(question) + figure_html(question, "@@PLUGINFILE@@/network.svg")
    yield f'  <questiontext format="html"><text>{_cdata(text)}</text>'
    if question.figure:
        data = b64encode(figure_svg(question).encode()).decode()
        yield f'<file name="network.svg" path="/" encoding="base64">{data}</file>'
    yield "</questiontext>\n"
    solution = _cdata(solution_html(question))
    yield f'  <generalfeedback format="html"><text>{solution}</text></generalfeedback>\n'
    yield f"  <defaultgrade>{decimal(question.points)}</defaultgrade>\n"
    if not answers:
        # The order has been drawn: letters on a sheet are those of the key.
        yield "  <single>true</single>\n  <shuffleanswers>0</shuffleanswers>\n"
        yield "  <answernumbering>abc</answernumbering>\n"
        for choice in question.choices:
            given = f'format="html"><text>{_cdata(escape(choice.text, quote=False))}</text>'
            yield from _answer(choice.right, given, feedback_text(choice.reading))
    elif kind == "shortanswer":
        yield f"  <usecase>{int(answers[0].exact_case)}</usecase>\n"
    for answer in answers:
        yield from _given(answer)
    yield "</question>\n"


def _given(answer: PlatformAnswer) -> Iterator[str]:
    if answer.number:
        given = f'format="moodle_auto_format"><text>{answer.number}</text>'
        yield from _answer(answer.right, given, answer.feedback, answer.tolerance)
        return
    for text in answer.texts:
        # A star stands for any text.
        literal = escape(text.replace("*", "\\*"), quote=False)
        given = f'format="moodle_auto_format"><text>{literal}</text>'
        yield from _answer(answer.right, given, answer.feedback)


def _answer(right: bool, given: str, feedback: str, tolerance: str = "") -> Iterator[str]:
    yield f'  <answer fraction="{100 if right else 0}" {given}'
    if tolerance:
        yield f"<tolerance>{tolerance}</tolerance>"
    words = _cdata(escape(feedback, quote=False))
    yield f'<feedback format="html"><text>{words}</text></feedback></answer>\n'


def _cdata(html: str) -> str:
    """HTML as it stands; what would end the section is divided."""
    return f"<![CDATA[{html.replace(']]>', ']]]]><![CDATA[>')}]]>" if html else ""
