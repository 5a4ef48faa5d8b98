"""Numbas: an exam in a file that the editor imports and the compiler reads.

The format is that of the files which Numbas itself writes: a line with its version, then JSON. It is
documented at https://docs.numbas.org.uk/ and in the sources of the compiler (``bin/exam.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from fractions import Fraction
from html import escape
from typing import Any

from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..lines import clean_line
from ..platform_answers import PlatformAnswer, feedback_text, platform_answers
from ..posed_questions import exact_decimal
from . import OneVariantFile, QuizSettings
from ._html import figure_html, question_html, solution_html

# The version of the format, as Numbas names it.
_VERSION = "exam_results_page_options"
# What Numbas reads as a value to put in, or as mathematics.
_ACTIVE = re.compile(r"[{}$\\]|\[\[")
# How numbers may be typed: 1234.5, 1,234.5 and 1 234.5.
_NOTATIONS = ["plain", "en", "si-en"]


class Format(OneVariantFile):
    """``--format numbas``: an exam; of several variants a folder with one each."""

    suffixes = (".exam",)
    solutions = True
    holds, folder = "a file of Numbas holds one exam", "exams/"

    def variant(self, quiz: PosedQuiz, variant: QuizVariant, settings: QuizSettings) -> Iterable[str]:
        """The exam of a variant."""
        yield f"// Numbas version: {_VERSION}\n"
        yield json.dumps(_exam(quiz, variant), ensure_ascii=False, indent=1)
        yield "\n"


def _exam(quiz: PosedQuiz, variant: QuizVariant) -> dict[str, Any]:
    name = clean_line(quiz.title)
    questions = [_question(question, at) for at, question in enumerate(variant.questions, 1)]
    return {
        "name": f"{name}, {variant.name}" if len(quiz.variants) > 1 else name,
        "metadata": {"description": "", "licence": "None specified"},
        "duration": 0,
        "percentPass": 0,
        "showQuestionGroupNames": False,
        "shuffleQuestionGroups": False,
        "showstudentname": True,
        "question_groups": [
            {
                "name": "Group",
                "pickingStrategy": "all-ordered",
                "pickQuestions": len(questions),
                "questionNames": [""] * len(questions),
                "variable_overrides": [[] for _ in questions],
                "questions": questions,
            }
        ],
        "navigation": {"allowregen": False, "navigatemode": "menu", "preventleave": True},
        "timing": {"allowPause": True},
        "feedback": {"reviewshowadvice": True, "reviewshowexpectedanswer": True},
        "functions": {},
        "variables": {},
        "rulesets": {},
        "extensions": [],
        "resources": [],
    }


def _question(question: PosedQuestion, number: int) -> dict[str, Any]:
    name = clean_line(question.id)
    return {
        # A name is read for values to put in.
        "name": f"Question {number}" if _ACTIVE.search(name) else name,
        "statement": _content(question_html(question) + figure_html(question)),
        "advice": _content(solution_html(question)),
        "parts": [_part(question)],
        "partsMode": "all",
        "rulesets": {},
        "variables": {},
        "ungrouped_variables": [],
        "variable_groups": [],
        "variablesTest": {"condition": "", "maxRuns": 100},
        "functions": {},
        "preamble": {"js": "", "css": ""},
        "extensions": [],
        "tags": [],
    }


def _part(question: PosedQuestion) -> dict[str, Any]:
    marks = _marks(question.points)
    if question.choices:
        return _choices(question, marks)
    right, *wrong = platform_answers(question)
    alternatives = [
        {
            **_typed(one, 0),
            "useCustomName": True,
            "customName": f"{number}",
            "alternativeFeedbackMessage": _content(f"<p>{escape(one.feedback, quote=False)}</p>"),
            "useAlternativeFeedback": False,
        }
        for number, one in enumerate(wrong, 1)
    ]
    return {**_typed(right, marks), "prompt": "", "alternatives": alternatives}


def _choices(question: PosedQuestion, marks: int | float) -> dict[str, Any]:
    """One of several; their order has been drawn: letters on a sheet are those of the key."""
    return {
        "type": "1_n_2",
        "marks": 0,
        "prompt": "",
        "minMarks": 0,
        "maxMarks": 0,
        "shuffleChoices": False,
        "displayType": "radiogroup",
        "displayColumns": 1,
        "showCellAnswerState": True,
        "choices": [_content(escape(choice.text, quote=False)) for choice in question.choices],
        "matrix": [str(marks) if choice.right else "0" for choice in question.choices],
        "distractors": [
            _content(escape(feedback_text(choice.reading), quote=False)) if choice.reading else ""
            for choice in question.choices
        ],
    }


def _typed(answer: PlatformAnswer, marks: int | float) -> dict[str, Any]:
    if answer.number:
        value, tolerance = Fraction(answer.number), Fraction(answer.tolerance)
        return {
            "type": "numberentry",
            "marks": marks,
            "minValue": exact_decimal(value - tolerance),
            "maxValue": exact_decimal(value + tolerance),
            "allowFractions": False,
            "correctAnswerFraction": False,
            "correctAnswerStyle": "plain",
            "notationStyles": _NOTATIONS,
        }
    return {
        "type": "patternmatch",
        "marks": marks,
        "matchMode": "regex",
        "answer": f"(?:{'|'.join([_pattern(text) for text in answer.texts])})",
        "displayAnswer": answer.texts[0],
        "caseSensitive": answer.exact_case,
        "partialCredit": 0,
    }


def _pattern(text: str) -> str:
    """A text as a regular expression of JavaScript: signs by their numbers, since braces hold values."""
    return "".join([c if c.isascii() and c.isalnum() else f"\\u{ord(c):04x}" for c in text])


def _marks(points: Fraction) -> int | float:
    return int(points) if points.denominator == 1 else float(points)


def _content(html: str) -> str:
    """HTML in which no value is put in and no formula is set, whatever stands in it."""
    if not html:
        return ""
    return f'<div nosubvars="true" class="mathjax_ignore tex2jax_ignore">{html}</div>'
