"""No text takes a regular expression of the package long: the time grows as the text does.

Defeats: nested repetitions, neighbours that share a sign, and a search that begins anew at each
sign, of which one line of one student stops a class run.
"""

from __future__ import annotations

import re
import time
from functools import cache
from pathlib import Path

import pytest
from calling import call
from lanes import slow_where
from patterns import Attack, Used, attacks, used_patterns

from archcalc.answers.wording import LONGEST

# Signs of texts that grow so slowly that a nested repetition is met before it takes minutes, and of
# a long text.
FEW, LONG = tuple([int(15 * 1.2**step) for step in range(22)]), 4_000
# The rooms whose patterns see one answer, and nothing longer than that may be.
OF_AN_ANSWER = tuple([f"archcalc.answers.{name}" for name in ("wording", "prose", "one_reading")])
# So long takes no text of LONG signs whose time grows as it does.
SECONDS = 0.01
# How many times longer than for half the text shows that the time grows with its square.
STEEPER = 2.8
# The patterns are looked at in so many tests.
SHARES = 24


def seconds(used: Used, way: str, text: str) -> float:
    start = time.perf_counter()
    if way == "search":
        for _ in used.pattern.finditer(text):
            pass
    else:
        getattr(used.pattern, way)(text)
    return time.perf_counter() - start


def slow(used: Used) -> tuple[str, Attack, int, float] | None:
    """A text on which a pattern takes long; None where there is none."""
    long = LONGEST if used.where.startswith(OF_AN_ANSWER) else LONG
    for way in used.ways:
        for attack in attacks(used.pattern):
            for signs in FEW:
                times = signs // len(attack.piece)
                took = seconds(used, way, attack.text(times))
                if took > 5 * SECONDS and seconds(used, way, attack.text(times)) > 5 * SECONDS:
                    return way, attack, times, took
            times = long // len(attack.piece)
            if seconds(used, way, attack.text(times)) < SECONDS:
                continue
            half, whole = [
                min(seconds(used, way, attack.text(many)) for _ in range(3)) for many in (times, 2 * times)
            ]
            if half > SECONDS and whole > STEEPER * half:
                return way, attack, times, half
    return None


@cache
def every_pattern() -> list[Used]:
    """The patterns of the package; to find them takes seconds, which only the slow tests have."""
    return used_patterns()


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_time_grows_as_the_text_does(share: int) -> None:
    found = {used.where: (used.pattern.pattern, slow(used)) for used in every_pattern()[share::SHARES]}
    assert {where: why for where, why in found.items() if why[1]} == {}


@pytest.mark.slow
def test_patterns_that_take_long_are_found() -> None:
    """The test's own attacks are as good as what they are to find."""
    for pattern, way in (
        (r"(a+)+b", "match"),
        (r"\s+$", "search"),
        (r"a*\s*x?\s*b", "match"),
        (r"(?:[a-z]{1,3} ?[x+]? ?)*=", "match"),
        (r"(a|b|ab)*c", "search"),
        (r"(.*\S) \((.+)\)", "fullmatch"),
    ):
        assert slow(Used("", re.compile(pattern), (way,))), pattern


@pytest.mark.slow
def test_all_are_looked_at() -> None:
    found = {used.where for used in every_pattern()}
    assert len(found) > 80
    for name in (
        "answers.one_reading._ALONE",
        "answers.sheets.layers._KINDS",
        "answers.sheets.blocks._SECOND_THOUGHT",
    ):
        assert any(where.startswith(f"archcalc.{name}") for where in found), sorted(found)


MANY = 30_000
LINES = {
    "a working in letters": "1: " + "X" * 30 + "? = 760",
    "a longer one": "1: " + "X" * 200 + "? = 760",
    "rows of pools": "|" + "max-" * 26 + "x|5|\n",
    "spaces behind a label": "1" + " " * MANY + "x",
    "spaces in a head": "a" + " " * MANY + "b | c |\n|---|---|\n| 1 | 2 |\n",
    "brackets": "1: 5" + " (" * 140 + "x)",
    "marks": "| 1 | *" + "a" * MANY + " |\n",
    "stars": "1: " + "*" * MANY,
    "quotation marks": '1,"' + '""' * MANY + "\n",
    "open quotations": "student,1,2\n" + 'ann,"5,x\n' * (MANY // 10),
    "labels": "1:" * MANY,
    "colons": "conv1 output:" + " params:" * MANY,
    "a quiz": "[" + " " * MANY + "x\n",
}


LINES["a number of a student"] = "matr" + " ." * MANY + "\n1: 5\n"
LINES["words before a label that is none"] = (
    "1: 5\n" + "for " * MANY + "Q1\n" + "corrected " * MANY + "Q1: 5\n"
)
LINES["a second thought"] = "1: 5\n" + "7 " + "new " * MANY + "\n"


@pytest.mark.parametrize("name", slow_where(LINES, lambda name: name == "open quotations"))
def test_no_line_of_a_stranger_takes_long(name: str, tmp_path: Path) -> None:
    """Each as a sheet, as a class list, as a layer table with units, and as a quiz."""
    line = LINES[name]
    quiz = tmp_path / "quiz.toml"
    quiz.write_text('target = "8x8x3 -> conv 3x3 8"\n[[question]]\nid = "1"\nask = "params"\n')
    start = time.process_time()
    for path, text in (
        ("a.md", line),
        ("b.csv", line),
        ("c.md", f"| layer | params (M) |\n{line}"),
        ("d.csv", f"layer,params (M)\n{line}"),
    ):
        (tmp_path / path).write_text(text)
        assert call("check", str(quiz), str(tmp_path / path)).code in (1, 2)
        assert call("check", "lenet5", str(tmp_path / path)).code in (1, 2)
    other = tmp_path / "other.toml"
    other.write_text(quiz.read_text() + line)
    assert call("check", str(other), str(tmp_path / "a.md")).code in (1, 2)
    assert time.process_time() - start < 6
