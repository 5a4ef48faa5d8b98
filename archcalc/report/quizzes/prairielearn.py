"""PrairieLearn: a course in a folder, with the questions of each variant and an assessment that asks them.

The format is documented at https://docs.prairielearn.com/: ``infoCourse.json``, ``infoAssessment.json``,
``info.json``, ``question.html`` and ``server.py``.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from ...questions.keys import variant_key
from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..courses import decimal
from ..file_names import FileNames
from ..lines import clean_line
from ..platform_answers import PlatformAnswer, feedback_text, platform_answers
from ..posed_questions import figure_svg
from . import FilePieces, QuizFolder, QuizSettings
from ._html import question_html, solution_html

_TOPIC = "Neural networks"
_INSTANCE = "courseInstances/Quiz"
# The name of the answer, of what is said about it, and of a picture.
_ANSWER = "answer"
_PICTURE = "network.svg"

# Spellings are made one before they are compared; what is said depends on what was typed.
_SERVER = """\
import re

SPELLINGS = {spellings}
FEEDBACK = {feedback}
EXACT_CASE = {exact_case}


def _key(text):
    text = " ".join(str(text or "").split())
    return text if EXACT_CASE else re.sub(" ?([x\\xd7,;]) ?", r"\\1", text).casefold()


def parse(data):
    given = data["raw_submitted_answers"].get("{answer}")
    right = SPELLINGS.get(_key(given))
    if right is not None:
        data["submitted_answers"]["{answer}"] = right


def grade(data):
    given = data["raw_submitted_answers"].get("{answer}")
    data["feedback"]["{answer}"] = FEEDBACK.get(_key(given), "")
"""


class Format(QuizFolder):
    """``--format prairielearn``: a course; a quiz of several variants has an assessment for each."""

    solutions = True

    def files(self, quiz: PosedQuiz, settings: QuizSettings) -> Iterator[tuple[str, FilePieces]]:
        """The files of the course. Raises SpecError for what the format cannot hold."""
        title = clean_line(quiz.title)
        folder = f"{FileNames().name(title)}-{quiz.seed}"
        yield (
            "infoCourse.json",
            _json(
                {
                    "uuid": _uuid("course", *[variant_key(quiz, variant) for variant in quiz.variants]),
                    "name": "archcalc",
                    "title": title,
                    "topics": [{"name": _TOPIC, "color": "blue3", "description": ""}],
                    "tags": [],
                    "assessmentSets": [
                        {"abbreviation": "Q", "name": "Quiz", "heading": "Quizzes", "color": "green3"}
                    ],
                }
            ),
        )
        yield (
            f"{_INSTANCE}/infoCourseInstance.json",
            _json({"uuid": _uuid("instance", title, str(quiz.seed)), "longName": title, "allowAccess": []}),
        )
        for variant in quiz.variants:
            yield from _variant(quiz, variant, title, folder)


def _variant(
    quiz: PosedQuiz, variant: QuizVariant, title: str, folder: str
) -> Iterator[tuple[str, FilePieces]]:
    key = variant_key(quiz, variant)
    names = FileNames()
    asked = []
    for question in variant.questions:
        name = f"{folder}/{variant.name}/{names.name(question.id)}"
        asked.append({"id": name, "points": float(decimal(question.points))})
        for path, text in _question(question, title, _uuid("question", key, question.id)).items():
            yield f"questions/{name}/{path}", [text]
    several = len(quiz.variants) > 1
    yield (
        f"{_INSTANCE}/assessments/{folder}-{variant.name}/infoAssessment.json",
        _json(
            {
                "uuid": _uuid("assessment", key),
                "type": "Homework",
                "title": f"{title}, {variant.name}" if several else title,
                "set": "Quiz",
                "number": variant.name if several else "1",
                "allowAccess": [],
                "zones": [{"questions": asked}],
            }
        ),
    )


def _question(question: PosedQuestion, title: str, name: str) -> Mapping[str, str]:
    """The files of a question by their paths."""
    info = {
        "uuid": name,
        "title": clean_line(f"{title}: {question.id}"),
        "topic": _TOPIC,
        "tags": [],
        "type": "v3",
        "singleVariant": True,
    }
    answers = [] if question.choices else platform_answers(question)
    files = {
        "info.json": "".join(_json(info)),
        "question.html": _panel("question", f"{_html(question_html(question))}{_figure(question)}"),
    }
    field = _field(answers) if answers else _choices(question)
    submission = _panel("submission", f"<p>{{{{feedback.{_ANSWER}}}}}</p>") if answers else ""
    files["question.html"] += f"{field}\n{submission}{_panel('answer', _html(solution_html(question)))}"
    if answers:
        files["server.py"] = _server(answers)
    if question.figure:
        files[f"clientFilesQuestion/{_PICTURE}"] = figure_svg(question)
    return files


def _figure(question: PosedQuestion) -> str:
    if not question.figure:
        return ""
    return f'<pl-figure file-name="{_PICTURE}" alt="The network"></pl-figure>'


def _panel(name: str, html: str) -> str:
    return f"<pl-{name}-panel>\n{html}\n</pl-{name}-panel>\n"


def _field(answers: Sequence[PlatformAnswer]) -> str:
    right = answers[0]
    if right.number:
        element = "pl-number-input"
        more = f'comparison="relabs" rtol="0" atol="{right.tolerance}" custom-format=".15g"'
    else:
        element = "pl-string-input"
        more = f'ignore-case="{"false" if right.exact_case else "true"}" remove-leading-trailing="true"'
    value = _attribute(right.number or right.texts[0])
    return f'<{element} answers-name="{_ANSWER}" correct-answer="{value}" {more}></{element}>'


def _choices(question: PosedQuestion) -> str:
    """The options in the order that was drawn: letters on a sheet are those of the key."""
    options = []
    for choice in question.choices:
        words = _attribute(escape(feedback_text(choice.reading), quote=False))
        feedback = f' feedback="{words}"' if words else ""
        text = _html(escape(choice.text, quote=False), "span")
        options.append(
            f'  <pl-answer correct="{"true" if choice.right else "false"}"{feedback}>{text}</pl-answer>\n'
        )
    inside = "".join(options)
    return f'<pl-multiple-choice answers-name="{_ANSWER}" order="fixed">\n{inside}</pl-multiple-choice>'


def _server(answers: Sequence[PlatformAnswer]) -> str:
    """What makes spellings one and says words on wrong answers. All of it is ASCII."""
    right = answers[0]
    case = right.exact_case
    spellings = {_key(text, case): right.texts[0] for text in right.texts if not right.number}
    feedback = {_key(text, case): one.feedback for one in answers[1:] for text in one.texts}
    return _SERVER.format(
        spellings=_literal(spellings), feedback=_literal(feedback), exact_case=case, answer=_ANSWER
    )


def _key(text: str, exact_case: bool) -> str:
    """What is compared: spaces part the numbers of a matrix, and say nothing beside a sign between sizes."""
    text = " ".join(text.split())
    return text if exact_case else re.sub(" ?([x\xd7,;]) ?", r"\1", text).casefold()


def _literal(table: Mapping[str, str]) -> str:
    lines = [f"    {key!a}: {value!a},\n" for key, value in table.items()]
    return f"{{\n{''.join(lines)}}}"


def _html(html: str, tag: str = "div") -> str:
    """HTML in which no brace begins a value to put in, and no dollar a formula."""
    return f'<{tag} class="mathjax_ignore tex2jax_ignore">{_braces(html)}</{tag}>'


def _attribute(text: str) -> str:
    return _braces(escape(text))


def _braces(text: str) -> str:
    return text.replace("{", "&#123;").replace("}", "&#125;")


def _json(record: Mapping[str, Any]) -> list[str]:
    return [json.dumps(record, ensure_ascii=False, indent=2), "\n"]


def _uuid(*parts: str) -> str:
    """The same for the same parts, and for no others."""
    made = hashlib.sha256("\0".join(parts).encode()).digest()
    return str(uuid.UUID(bytes=made[:16], version=4))
