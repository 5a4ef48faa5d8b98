"""The unit in which a question wants its number."""

from __future__ import annotations

import pytest

from archcalc.answers.classroom import Classroom
from archcalc.answers.quiz_reading import parse_quiz
from archcalc.answers.sheets import SheetAnswer, Submission
from archcalc.answers.units import unit_in
from archcalc.diagnostics import SpecError


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Memory of the output (in KiB)?", ("Ki", "bytes")),
        ("Memory [MB]", ("M", "bytes")),
        ("How many parameters, in millions?", ("M", "")),
        ("Speicher in KiB", ("Ki", "bytes")),
        ("Receptive field of one unit of c3, in input pixels?", None),
        ("Memory in bytes", None),
        ("Memory in KiB and in MB", None),
    ],
)
def test_the_text_of_a_question_states_its_unit(text: str, unit: tuple[str, str] | None) -> None:
    """Defeats: any word behind `in` taken for a unit; one of two units taken."""
    assert unit_in(text) == unit


@pytest.mark.parametrize(
    ("unit", "text", "kind"),
    [
        ("KiB", "144", "right"),
        ("KiB", "144.0", "right"),
        ("KiB", "147456", "right"),
        ("KiB", "147", "unreadable"),
        ("KiB", "145", "wrong"),
        ("kB", "147.5", "rounded"),
        ("kB", "144", "convention"),
        ("MB", "0.147", "rounded"),
        ("", "144", "unreadable"),
        ("", "144 KiB", "right"),
    ],
)
def test_a_bare_number_is_in_the_unit_or_in_bytes(unit: str, text: str, kind: str) -> None:
    """Defeats: a unit that only the report knows; one that makes 147,456 bytes wrong."""
    stated = f'unit = "{unit}"\n' if unit else ""
    quiz = 'target = "96x64x3 -> conv 7x7 24 stride=2 pad=3"\n[[question]]\nid = "1"\nask = "conv1.memory"\n'
    (marked,) = Classroom(parse_quiz(quiz + stated)).mark(
        [Submission("a", "a", (SheetAnswer("1", text, "line 1"),))]
    )
    assert marked.verdicts["1"].kind == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("143.36 kB", "right"),
        ("143.360 kB", "right"),
        ("0.14336 MB", "right"),
        ("140 KiB", "right"),
        ("143.4 kB", "rounded"),
        ("140 kB", "convention"),
    ],
)
def test_an_amount_that_comes_to_the_bytes_is_exact(text: str, kind: str) -> None:
    """Defeats: 143.36 kB of 143,360 bytes taken for a rounded number, since it has no nought behind."""
    quiz = (
        'target = "40x28x3 -> conv 5x5 8 stride=2 pad=2"\nbatch = 32\ndtype = "fp16"\n'
        '[[question]]\nid = "1"\nask = "conv1.memory"\n'
    )
    (marked,) = Classroom(parse_quiz(quiz)).mark([Submission("a", "a", (SheetAnswer("1", text, "line 1"),))])
    assert marked.verdicts["1"].kind == kind


def test_a_unit_that_there_is_not_is_refused() -> None:
    with pytest.raises(SpecError, match="`furlong` is no unit"):
        parse_quiz('[[question]]\nid = "1"\ntarget = "lenet5"\nask = "params"\nunit = "furlong"')
