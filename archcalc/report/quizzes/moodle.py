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
from ._cloze import cloze_html, in_parts, stem
from ._html import figure_html, question_html, solution_html


class Format(QuizFile):
    """``--format moodle``: a category for each variant, in it its questions; 1a and 1b are parts of one."""

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
            for parts in in_parts(variant.questions):
                yield from _question(parts[0]) if len(parts) == 1 else _cloze(parts)
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
        yield _file(question, "network.svg")
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


def _cloze(parts: Sequence[PosedQuestion]) -> Iterator[str]:
    """Questions of one number, as one with several fields."""
    yield f'<question type="cloze">\n  <name><text>{escape(stem(parts))}</text></name>\n'
    names = [f"network{number}.svg" for number in range(1, len(parts) + 1)]
    text = cloze_html(parts, [f"@@PLUGINFILE@@/{name}" for name in names])
    yield f'  <questiontext format="html"><text>{_cdata(text)}</text>'
    for part, name in zip(parts, names, strict=True):
        if part.figure:
            yield _file(part, name)
    yield "</questiontext>\n"
    solutions = [f"<p>{escape(clean_line(part.id), quote=False)}</p>{solution_html(part)}" for part in parts]
    solution = _cdata("".join(solutions))
    yield f'  <generalfeedback format="html"><text>{solution}</text></generalfeedback>\n</question>\n'


def _file(question: PosedQuestion, name: str) -> str:
    data = b64encode(figure_svg(question).encode()).decode()
    return f'<file name="{name}" path="/" encoding="base64">{data}</file>'


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
