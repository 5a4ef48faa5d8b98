"""Statistics of a class: a table of its questions, misconceptions and conventions by name, and a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from ...answers.quiz import Quiz
from ...answers.statistics import ClassStatistics, QuestionStatistics, Root
from ...answers.tally import Tally
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import clean
from ..records.verdicts import plain_points
from ..sheet import NotesBlock, PictureBlock, Sheet, TableBlock
from ..words import coefficient, percent
from .check_words import format_points

COLUMNS = (
    "question asks points facility deviation discrimination upper_lower misconceptions conventions".split()
)
# What is named in a cell, at most.
_NAMED = 3


def statistics_sheets(quiz: Quiz, tally: Tally) -> list[Sheet]:
    """A row per question and a picture of them, and below it what the class has in common."""
    found = ClassStatistics.of(tally)
    name = clean(quiz.title) or "quiz"
    about = f"{found.sheets:,} {'sheet' if found.sheets == 1 else 'sheets'}, on which nothing is open"
    notes = [[_totals(found, quiz)], _meanings()]
    if found.few:
        notes.insert(0, [found.caution])
    if found.open:
        notes.append([f"{found.open:,} more with open points are left out"])

    def svg() -> str | None:
        from ..pictures.classes import class_svg

        return class_svg(quiz, tally, found)

    picture = PictureBlock(svg, "how many answered each question how")
    blocks = TableBlock(_grid(found)), NotesBlock(*notes), picture
    sheets = [Sheet(name, "statistics", about, "statistics", *blocks)]
    for title, label, counted in (
        ("misconceptions of the class", "misconceptions", found.misconceptions),
        ("conventions of the class", "conventions", found.conventions),
    ):
        if counted:
            rows: list[list[Cell]] = [[(f"{n:,}", ""), (clean(words), "")] for words, n in counted.items()]
            grid = Grid([Column("answers", right=True), Column(title.partition(" ")[0])], rows)
            sheets.append(Sheet(name, title, "", label, TableBlock(grid)))
    return sheets


def _meanings() -> list[str]:
    return [
        "facility: mean share of the points",
        "discrimination: correlation with the points of the other questions",
        "27 %: facility of the best 27 % less that of the last 27 %",
    ]


def _totals(found: ClassStatistics, quiz: Quiz) -> str:
    if found.mean is None or found.median is None or found.lowest is None or found.highest is None:
        return "no sheets"
    deviation = f" · deviation {float(found.deviation):.3g}" if found.deviation is not None else ""
    return (
        f"points  mean {format_points(found.mean)} · median {format_points(found.median)}{deviation} · "
        f"{format_points(found.lowest)} to {format_points(found.highest)} of {format_points(quiz.points)}"
    )


def _grid(found: ClassStatistics) -> Grid:
    rows: list[list[Cell]] = []
    for one in found.questions:
        rows.append(
            [
                (clean(one.item.id), ""),
                (clean(one.item.asked.words), ""),
                (percent(one.facility), ""),
                (percent(one.deviation), ""),
                (coefficient(one.discrimination), ""),
                (coefficient(one.upper_lower), ""),
                (_most(one), "aside"),
            ]
        )
    heads = ["facility", "deviation", "discrimination", "27 %"]
    columns = [Column("question"), Column("asks"), *[Column(head, right=True) for head in heads]]
    return Grid([*columns, Column("most frequent")], rows)


def _most(one: QuestionStatistics) -> str:
    """What is most frequent of what is not simply right."""
    both = [*one.misconceptions.items(), *one.conventions.items()]
    both.sort(key=lambda pair: -pair[1])
    return clean("; ".join([f"{words} ({number:,})" for words, number in both[:_NAMED]]))


def statistics_table(found: ClassStatistics) -> FlatTable:
    """One record per question."""

    def records() -> Iterator[list[Any]]:
        for one in found.questions:
            yield [
                one.item.id,
                one.item.asked.name,
                plain_points(one.item.points),
                *[_number(value) for value in _figures(one)],
                "; ".join([f"{words}: {number}" for words, number in one.misconceptions.items()]),
                "; ".join([f"{words}: {number}" for words, number in one.conventions.items()]),
            ]

    return COLUMNS, records()


def _figures(one: QuestionStatistics) -> tuple[Fraction | Root | None, ...]:
    return one.facility, one.deviation, one.discrimination, one.upper_lower


def _number(value: Fraction | Root | None) -> Any:
    return "" if value is None else float(value)


def figures_record(found: ClassStatistics) -> dict[str, Any]:
    """The statistics for JSON: numbers, None where there is nothing to compute one of."""
    return {
        "sheets": found.sheets,
        "open": found.open,
        "few": found.few,
        "mean": _plain(found.mean),
        "median": _plain(found.median),
        "deviation": _plain(found.deviation),
        "lowest": _plain(found.lowest),
        "highest": _plain(found.highest),
        "questions": [_question(one) for one in found.questions],
        "misconceptions": dict(found.misconceptions),
        "conventions": dict(found.conventions),
    }


def _question(one: QuestionStatistics) -> dict[str, Any]:
    names: Mapping[str, Fraction | Root | None] = {
        "facility": one.facility,
        "deviation": one.deviation,
        "discrimination": one.discrimination,
        "upper_lower": one.upper_lower,
    }
    return {
        "question": one.item.id,
        **{name: _plain(value) for name, value in names.items()},
        "misconceptions": dict(one.misconceptions),
        "conventions": dict(one.conventions),
    }


def _plain(value: Fraction | Root | None) -> int | float | None:
    if value is None:
        return None
    return float(value) if isinstance(value, Root) else plain_points(value)
