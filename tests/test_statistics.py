"""Statistics of a class, held against numpy, against figures worked out by hand, and drawn."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calling import call
from hypothesis import given, settings
from hypothesis import strategies as st

import archcalc
from archcalc.answers.statistics import ClassStatistics
from archcalc.answers.tally import AnswerCount, SheetCount, Tally
from archcalc.api.classes import ClassReport

FOLDER = Path(__file__).parent.parent / "examples" / "class"
QUIZ = {
    "target": "32x32x3 -> conv 5x5 10 pad=2",
    "question": [
        {"id": id, "ask": ask, "points": 2} for id, ask in (("1", "output"), ("2", "params"), ("3", "macs"))
    ],
}
RIGHT = {"1": "32x32x10", "2": "760", "3": "768000"}


def marked(*rights: str, **more: str) -> ClassReport:
    """A class of which each student has these questions right, and all else blank."""
    sheets = [(f"s{n}", {id: RIGHT[id] for id in right}) for n, right in enumerate(rights)]
    return archcalc.mark(QUIZ, [*sheets, *[(name, {"2": answer}) for name, answer in more.items()]])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=40))
def test_against_numpy(rows: list[list[int]]) -> None:
    """Defeats: n in the place of n - 1; a correlation with a total that holds the question itself; groups of
    whole students, whose members among equals depend on the order of the list."""
    items = archcalc.mark({**QUIZ, "question": [{**one, "points": 4} for one in QUIZ["question"]]}, [])  # type: ignore[dict-item]
    tally = Tally(items._run.classroom.items)
    for row in rows:
        answers = tuple([AnswerCount("right", Fraction(points)) for points in row])
        tally.count(SheetCount("x", answers, False))
    found = ClassStatistics.of(tally)
    points = np.array(rows, dtype=float)
    totals = points.sum(axis=1)
    assert found.mean is not None
    assert float(found.mean) == pytest.approx(totals.mean())
    assert found.median is not None
    assert float(found.median) == pytest.approx(float(np.median(totals)))
    for at, one in enumerate(found.questions):
        assert one.facility is not None
        assert float(one.facility) == pytest.approx(points[:, at].mean() / 4)
        if len(rows) > 1:
            assert one.deviation is not None
            assert float(one.deviation) == pytest.approx(points[:, at].std(ddof=1) / 4)
        rest = totals - points[:, at]
        if points[:, at].std() == 0 or rest.std() == 0:
            assert one.discrimination is None
        else:
            assert one.discrimination is not None
            expected = float(np.corrcoef(points[:, at], rest)[0, 1])
            assert float(one.discrimination) == pytest.approx(expected, abs=1e-9)
        # 100 copies of every student: 27 of each hundred are whole students then, and equals share alike.
        means = {total: points[totals == total, at].mean() for total in set(totals)}
        ordered = sorted(np.repeat(totals, 100))
        size = 27 * len(rows)
        top = np.mean([means[total] for total in ordered[-size:]])
        last = np.mean([means[total] for total in ordered[:size]])
        assert one.upper_lower is not None
        assert float(one.upper_lower) == pytest.approx((top - last) / 4)


def test_by_hand() -> None:
    """Four students with 123, 12, 1 and nothing right, of 2 points each."""
    found = marked("123", "12", "1", "").statistics
    assert [one.facility for one in found.questions] == [Fraction(3, 4), Fraction(1, 2), Fraction(1, 4)]
    assert (found.mean, found.median, found.lowest, found.highest) == (3, 3, 0, 6)
    # 1: 2 2 2 0 beside 4 2 0 0: mean 1.5 and 1.5; sum of products 3, of squares 3 and 11.
    first = found.questions[0].discrimination
    assert first is not None
    assert (first.square, first.sign) == (Fraction(9, 33), 1)
    # 27 % of four are 1.08 students: the best, and 0.08 of the next.
    assert found.questions[2].upper_lower == Fraction(1) / Fraction(108, 100)
    assert (found.few, found.sheets, found.open) == (True, 4, 0)
    assert not marked(*["1"] * 10).statistics.few


def test_what_is_open_is_left_out() -> None:
    """Defeats: an answer that a person has still to read, counted as no points."""
    found = marked("123", "12", bob="760 or 750").statistics
    assert (found.sheets, found.open) == (2, 1)
    assert [one.facility for one in found.questions] == [1, 1, Fraction(1, 2)]


def test_names_of_misconceptions_and_conventions() -> None:
    report = marked("1", ann="750", bob="750", eve="75010")
    assert report.statistics.questions[1].misconceptions == {"bias forgotten": 2}
    assert report.statistics.misconceptions == {"bias forgotten": 2}
    layout = archcalc.mark(QUIZ, [("ann", {"1": "10x32x32"})]).statistics
    assert layout.questions[0].conventions == layout.conventions == {"channels first": 1}


def test_nobody_handed_in() -> None:
    found = archcalc.mark(QUIZ, []).statistics
    assert (found.mean, found.median, found.deviation, found.sheets) == (None, None, None, 0)
    assert all(one.facility is None and one.upper_lower is None for one in found.questions)


def statistics(*words: str) -> str:
    """What `--statistics` writes of the class of the examples."""
    found = call("check", str(FOLDER / "quiz.toml"), str(FOLDER / "sheets"), "--statistics", *words)
    assert found.code == 1, found.err
    return found.out


def test_every_format_has_them() -> None:
    """The same figures in JSON, in the JSON of the class, in CSV, in the table and in the page."""
    record: dict[str, Any] = json.loads(statistics("--format", "json"))
    whole = json.loads(
        call("check", str(FOLDER / "quiz.toml"), str(FOLDER / "sheets"), "--format", "json").out
    )
    assert whole["statistics"] == {key: record[key] for key in whole["statistics"]}
    assert record["open"] + record["sheets"] == len(whole["sheets"])
    rows = list(csv.DictReader(io.StringIO(statistics("--format", "csv"))))
    assert [row["question"] for row in rows] == [one["question"] for one in record["questions"]]
    screen, page = statistics(), statistics("--format", "html")
    for row, one in zip(rows, record["questions"], strict=True):
        assert float(row["facility"]) == pytest.approx(one["facility"], abs=1e-6)
        shown = f"{one['facility'] * 100:.0f} %"
        line = next(line for line in screen.splitlines() if line.split()[:1] == [one["question"]])
        assert shown in line
        assert f"{one['discrimination']:.2f}" in line
        assert shown in page
    assert "fewer than 10" not in screen


def test_the_picture() -> None:
    """Defeats: bars that do not add up to the class; a page that fetches something."""
    pytest.importorskip("matplotlib")
    picture = statistics("--format", "svg")
    assert picture == statistics("--format", "svg")
    ElementTree.fromstring(picture)
    page = statistics("--format", "html")
    assert page.count("<svg") == page.count("</svg>") == 1
    assert "<?xml" not in page
    assert " src=" not in page


def test_few_students_are_announced(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("student,1a\nann,32x32x10\nbob,5x5x5\n")
    found = call("check", str(FOLDER / "quiz.toml"), str(tmp_path / "class.csv"), "--statistics")
    assert "of 2 sheets, fewer than 10: these figures say little" in found.out


@pytest.mark.parametrize(
    "words",
    [
        ["--format", "svg"],
        ["--statistics", "--format", "gradescope", "-o", "out"],
        ["--statistics", "--hint"],
    ],
)
def test_what_does_not_go_together(words: list[str]) -> None:
    found = call("check", str(FOLDER / "quiz.toml"), str(FOLDER / "sheets"), *words)
    assert (found.code, found.out) == (2, "")
