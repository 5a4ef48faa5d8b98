"""What a learning platform takes for right and for wrong: it compares numbers and texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from ..analysis.durations import Duration
from ..analysis.proportions import decimal
from ..answers.matrices.value import MatrixValue
from ..answers.vocabulary import FACTORS
from ..diagnostics import fail
from ..questions.value_texts import value_text
from .lines import clean_line, in_encoding
from .posed_questions import exact_decimal, right_text

if TYPE_CHECKING:
    from ..answers.assumptions import Reading
    from ..answers.quiz_item import QuizItem
    from ..questions.posed import PosedQuestion

# Wrong answers of a question at most, each with its feedback: those about the layer itself come first.
MOST_WRONG = 12
# Significant digits of a number in a unit in which it is not whole, where the question says nothing.
_DIGITS = 3
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?: %)?")
_RATIONAL = re.compile(r"-?\d+/\d+")
_SIZES = re.compile(r"\d+(?:x\d+)+")
# What stands between the sizes of a volume, as students type it.
_BETWEEN = ("x", " x ", "×", " × ", ", ", ",")


class PlatformAnswer(NamedTuple):
    """An answer that a platform knows.

    right      whether it has all points; else none
    number     as decimal digits; empty for an answer that is a text
    tolerance  how far from the number an answer may be, both ends included
    texts      the spellings that are taken, the usual one first
    feedback   what a student reads who gave it; empty for nothing
    exact_case  whether capital letters are other letters
    """

    right: bool
    number: str
    tolerance: str
    texts: tuple[str, ...]
    feedback: str = ""
    exact_case: bool = False


# Of what has been worked out: among many variants the same values are drawn again.
_ANSWERS: WeakKeyDictionary[QuizItem, Sequence[PlatformAnswer]] = WeakKeyDictionary()


def feedback_text(reading: Reading | None) -> str:
    """What the catalogue says about a wrong answer, on one line; empty for the right one."""
    if reading is None:
        return ""
    return clean_line(f"{reading.words}. {reading.explanation}")


def platform_answers(question: PosedQuestion) -> Sequence[PlatformAnswer]:
    """The answers to a question that is no multiple choice: the right one, then wrong ones with feedback.

    Raises:
        SpecError: Where the right value cannot be written.
    """
    answers = _ANSWERS.get(question.item)
    if answers is None:
        right = _right(question)
        answers = _ANSWERS[question.item] = (right, *_wrong(question, right))
    return answers


def _right(question: PosedQuestion) -> PlatformAnswer:
    text = _text(question, question.value)
    if not text:
        raise fail("quiz", f"question {question.id} has no right value that can be written down")
    scale, _ = question.question.stated_unit
    if isinstance(question.value, Duration):
        if not scale:
            raise fail(
                "quiz", f"question {question.id} is of a time, and a platform needs its unit", 'unit = "us"'
            )
        text = str(question.value.numerator)
    number = _NUMBER.fullmatch(text)
    if isinstance(question.value, MatrixValue) and not (number and question.value.single):
        return PlatformAnswer(True, "", "", _matrix_spellings(question.value))
    if not number:
        return PlatformAnswer(True, "", "", _spellings(text), "", question.item.letters is not None)
    digits = question.question.digits
    value = Fraction(number[1])
    if scale:
        value /= FACTORS[scale]
        digits = digits or (None if value.denominator == 1 else _DIGITS)
    elif "." in number[1]:
        # A quotient is shown to some digits: what rounds to the same is right.
        step = Fraction(1, 10 ** len(number[1].partition(".")[2]))
        right = question.value.cells[0] if isinstance(question.value, MatrixValue) else question.value
        exact = Fraction(right) * (100 if "%" in text else 1)
        return PlatformAnswer(
            True, number[1], exact_decimal(step / 2 if exact != value else Fraction(0)), (text,)
        )
    tolerance = _half_step(value, digits) if digits is not None and value else Fraction(0)
    return PlatformAnswer(True, exact_decimal(value), exact_decimal(tolerance), (text,))


def _wrong(question: PosedQuestion, right: PlatformAnswer) -> Iterator[PlatformAnswer]:
    if question.question.stated_unit[0]:
        return
    diagnosis = question.item.diagnosis
    known = {*right.texts, *[_text(question, one.value) for one in diagnosis.alternatives]}
    left = MOST_WRONG
    for value, hypotheses in diagnosis.singles.items():
        text = _text(question, value)
        number = _NUMBER.fullmatch(text)
        if not left or text in known or bool(number) != bool(right.number):
            continue
        if number and abs(Fraction(number[1]) - Fraction(right.number)) <= Fraction(right.tolerance):
            continue
        known.add(text)
        left -= 1
        texts = (text,) if number else _spellings(text)
        texts = _matrix_spellings(value) if isinstance(value, MatrixValue) and not number else texts
        reading = diagnosis.reading(hypotheses[0], value)  # which takes long: of those alone that are named
        yield PlatformAnswer(False, number[1] if number else "", "0", texts, feedback_text(reading))


def _text(question: PosedQuestion, value: Any) -> str:
    text = value_text(value, question.item.asked.conventions["layout"], grouped=False)
    return decimal(Fraction(text)) if _RATIONAL.fullmatch(text) else text


def _spellings(text: str) -> tuple[str, ...]:
    if _SIZES.fullmatch(text):
        sizes = text.split("x")
        joined = [between.join(sizes) for between in _BETWEEN]
        return (*joined, f"({', '.join(sizes)})")
    return tuple(dict.fromkeys([text, in_encoding(text, "ascii")]))


def _matrix_spellings(value: MatrixValue) -> tuple[str, ...]:
    """A matrix as students type it."""
    plain = str(value)
    close = plain.replace("; ", ";").replace(" | ", "|")
    commas = close.replace(" ", ", ").replace(";", "; ").replace("|", " | ")
    return tuple(dict.fromkeys([plain, close, commas, value.bracketed()]))


def _half_step(value: Fraction, digits: int) -> Fraction:
    """Half a unit of the last of so many significant digits."""
    power = 0
    while abs(value) >= Fraction(10) ** (power + 1):
        power += 1
    while abs(value) < Fraction(10) ** power:
        power -= 1
    step = Fraction(10) ** (power + 1 - digits)
    return step / 2 if step > 1 or value.denominator > 1 else Fraction(0)


def right_words(question: PosedQuestion) -> str:
    """The sentence with the right value, above the solution."""
    return f"Right answer: {clean_line(right_text(question))}."
