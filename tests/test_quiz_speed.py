"""How long it takes to set a quiz, as a multiple of a piece of plain Python that is run beside it.

500 variants of 12 questions are to take less than ten seconds of one core. Defeats: a working with names that
is made for every wrong value, looked at or not; a rule for sizes that is followed through a network in which
it changes nothing; networks that are read again for every question.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from archcalc.questions.templates import QuizTemplate
from archcalc.questions.variants import posed_variants
from archcalc.report import platform_answers, posed_questions
from archcalc.report.quizzes import QuizFile, QuizSettings, named
from benchmarks.quizzes import ASKED, template, yardstick

VARIANTS = 60


def ratio(form: str) -> float:
    """The best of three: the first variants, of which few are alike, against the yardstick."""
    found = []
    for seed in (1, 2, 3):
        beside = yardstick()
        start = time.process_time()
        quiz = posed_variants(QuizTemplate.of(template(), "template.toml"), seed, VARIANTS)
        writer = named(form)
        assert isinstance(writer, QuizFile)
        written = "".join(map(str, writer.pieces(quiz, quiz.variants, QuizSettings())))
        seconds = time.process_time() - start
        assert len(quiz.variants[0].questions) == len(ASKED) == 12
        assert len(written) > 10_000
        found.append(seconds / ((beside + yardstick()) / 2))
    return min(found)


@pytest.mark.slow
@pytest.mark.parametrize(("form", "most"), [("gift", 30), ("markdown", 10)])
def test_a_quiz_is_set_in_time(form: str, most: float) -> None:
    """On the machine where it was measured: 19 and 7; with all workings made at once, 41 and 11."""
    assert ratio(form) < most


FEW = """
title = "Few values"
[values]
k = [3, 5]
[[question]]
id = "1"
target = "32x32x3 -> conv {k}x{k} 8"
ask = "params"
[[question]]
id = "2"
target = "32x32x3 -> conv {k}x{k} 8"
ask = "output"
kind = "choice"
"""


@pytest.mark.parametrize("form", ["moodle", "gift", "canvas", "qti", "numbas"])
def test_the_same_values_are_worked_out_once(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a solution, and wrong answers, that are made anew for every variant: 40 variants draw two
    values of two questions."""
    worked: Counter[str] = Counter()
    for module, name in ((posed_questions, "solution"), (platform_answers, "_wrong")):
        monkeypatch.setattr(module, name, counted(worked, name, getattr(module, name)))
    quiz = posed_variants(QuizTemplate.of(FEW, "template.toml"), 1, 40)
    writer = named(form)
    assert isinstance(writer, QuizFile)
    for variant in quiz.variants:
        list(writer.pieces(quiz, [variant], QuizSettings()))
    assert worked["solution"] == 4
    assert worked["_wrong"] == 2


def counted(worked: Counter[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which is counted whenever it is called."""

    def called(*args: Any) -> Any:
        worked[name] += 1
        return function(*args)

    return called
