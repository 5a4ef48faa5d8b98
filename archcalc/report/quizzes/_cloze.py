"""Several questions in one question of Moodle, with a field for each (cloze).

The fields are documented at https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from ...questions.posed import PosedQuestion
from ..lines import clean_line
from ..platform_answers import PlatformAnswer, feedback_text, platform_answers
from ._html import figure_html, question_html

# The number of a question, and the letter of its part: 1a, 2 b), 3.c.
_PART = re.compile(r"(.*\d)[ .]?[a-z]\)?")
# Signs that mean something to Moodle inside of a field, and the one that begins it.
_SIGNS = {ord(sign): f"&#{ord(sign)};" for sign in '~}#{/"\\='}
# An ampersand that Moodle would take for the beginning of an entity, and undo.
_UNDONE = re.compile(r"&amp;(?=.{2,9}?;)")
# Signs that the text around the field may not have, for it would begin another field.
_AROUND = {ord(sign): f"&#{ord(sign)};" for sign in "{}"}


def in_parts(questions: Sequence[PosedQuestion]) -> Iterator[list[PosedQuestion]]:
    """Questions one by one, and those of one number together: 1a and 1b are parts of 1.

    The points of a part are whole: Moodle has no others for a field.
    """
    group: list[PosedQuestion] = []
    for question in questions:
        if group and not (_stem(question) and _stem(question) == _stem(group[0])):
            yield group
            group = []
        group.append(question)
    if group:
        yield group


def _stem(question: PosedQuestion) -> str:
    found = _PART.fullmatch(clean_line(question.id))
    return found[1] if found and question.points.denominator == 1 and question.points > 0 else ""


def stem(parts: Sequence[PosedQuestion]) -> str:
    """The number that the parts have in common."""
    return _stem(parts[0])


def cloze_html(parts: Sequence[PosedQuestion], pictures: Sequence[str]) -> str:
    """The texts of all parts, each with its field; ``pictures`` says where that of a part lies."""
    return "".join([_part(part, picture) for part, picture in zip(parts, pictures, strict=True)])


def _part(part: PosedQuestion, picture: str) -> str:
    head = f"<p><strong>{escape(clean_line(part.id), quote=False)}</strong></p>"
    text = f"{head}{question_html(part)}{figure_html(part, picture)}".translate(_AROUND)
    text = _UNDONE.sub("&amp;amp;", text)
    return f"{text}<p>{_field(part)}</p>"


def _field(part: PosedQuestion) -> str:
    """A field: its points, its kind, and the answers with what is said of them."""
    points = int(part.points)
    if part.choices:
        options = [
            _answer(choice.right, _literal(choice.text), feedback_text(choice.reading))
            for choice in part.choices
        ]
        # The order has been drawn: letters on a sheet are those of the key.
        return f"{{{points}:MULTICHOICE_V:{'~'.join(options)}}}"
    answers = platform_answers(part)
    if answers[0].number:
        kind = "NUMERICAL"
        options = [_answer(one.right, f"{one.number}:{one.tolerance}", one.feedback) for one in answers]
    else:
        kind = "SHORTANSWER_C" if answers[0].exact_case else "SHORTANSWER"
        options = [option for one in answers for option in _texts(one)]
    return f"{{{points}:{kind}:{'~'.join(options)}}}"


def _texts(answer: PlatformAnswer) -> Iterator[str]:
    for text in answer.texts:
        # A star stands for any text.
        yield _answer(answer.right, _literal(text.replace("*", "\\*")), answer.feedback)


def _answer(right: bool, given: str, feedback: str) -> str:
    behind = f"#{_literal(escape(feedback, quote=False))}" if feedback else ""
    return f"{'=' if right else '%0%'}{given}{behind}"


def _literal(text: str) -> str:
    """A text in which no sign is one of Moodle's. Moodle undoes entities once where it reads a field, and
    those that stand for an ampersand once more before."""
    return "&amp;amp;".join([part.translate(_SIGNS) for part in text.split("&")])
