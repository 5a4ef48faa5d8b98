"""A student's report as a document of its own, and the index of a class for the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ...answers.quiz import Quiz
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, clean_line
from ..sheet import NotesBlock, Sheet, SheetBlock, TableBlock, TextBlock
from .check_words import SIGNS, format_points
from .classes import held_conventions
from .feedback import AnswerFeedback, Feedback


def report_sheets(quiz: Quiz, feedback: Feedback) -> list[Sheet]:
    """The points of each question with the reason for each loss, or a hint; both workings; what was not
    read, and the points that are open."""
    items = [answer.verdict.asked for answer in feedback.answers]
    blocks: list[SheetBlock] = [
        *[NotesBlock([line]) for line in feedback.summary[1:]],  # the points stand in the heading
        TableBlock(_answers(feedback)),
        *_workings(feedback.answers),
        NotesBlock(held_conventions({asked.quantity for asked in items}, quiz.conventions)),
    ]
    name = clean_line(quiz.title) or "quiz"
    sheets = [Sheet(feedback.student, name, feedback.score, "report", *blocks)]
    if feedback.not_read:
        rows: list[list[Cell]] = [
            [(clean(fault.place), ""), (clean_line(fault.text), ""), (clean(fault.message), "")]
            for fault in feedback.not_read
        ]
        grid = Grid([Column("place"), Column("text"), Column("why")], rows)
        sheets.append(Sheet(feedback.student, "not read", "", "unread", TableBlock(grid)))
    return sheets


def _answers(feedback: Feedback) -> Grid:
    """A row per question."""
    columns = [
        Column(),
        Column("question"),
        Column("asks"),
        Column("answer"),
        Column("points", right=True),
        Column("of", right=True),
        Column("verdict"),
    ]
    rows: list[list[Cell]] = [
        [
            SIGNS[answer.verdict.kind],
            (answer.id, ""),
            (answer.question, ""),
            (answer.answer, ""),
            ("open" if answer.open else format_points(answer.points), ""),
            (format_points(answer.of), ""),
            (answer.sentence, ""),
        ]
        for answer in feedback.answers
    ]
    sheet = feedback.sheet
    points = f"{format_points(sheet.points)} so far" if sheet.open else format_points(sheet.points)
    feet = ["", "total", "", "", points, format_points(feedback.most), ""]
    return Grid(columns, rows, [[(cell, "") for cell in feet]])


def _workings(answers: Sequence[AnswerFeedback]) -> list[SheetBlock]:
    """Both workings, below the questions that they are of."""
    lines: list[Line] = []
    for answer in answers:
        if answer.details:
            lines += [*([[]] if lines else []), [(f"{answer.id}  {answer.question}", "title")]]
            lines += [[(text, "")] for text in answer.details]
    return [TextBlock(lambda space: lines)] if lines else []


class IndexRow(NamedTuple):
    """A student in the index of a class.

    file      the name of the report; empty before it has one
    not_read  how many things nobody has read
    """

    student: str
    source: str
    file: str
    points: Fraction
    open: Fraction
    not_read: int


def index_sheets(quiz: Quiz, rows: Sequence[IndexRow]) -> list[Sheet]:
    """The reports of a class, for the teacher: a row per student. Points are those so far where some are
    open."""
    columns = [
        Column("student"),
        Column("points", right=True),
        Column("open", right=True),
        Column("not read", right=True),
        Column("sheet"),
        Column("report"),
    ]
    body: list[list[Cell]] = [
        [
            (clean_line(row.student), ""),
            (format_points(row.points), ""),
            (format_points(row.open) if row.open else "", "warn"),
            (f"{row.not_read:,}" if row.not_read else "", "warn"),
            (clean_line(row.source), ""),
            (row.file, "link"),
        ]
        for row in rows
    ]
    about = f"{len(rows):,} reports, {format_points(quiz.points)} points"
    note = ["this page is for the teacher: it has everybody's points"]
    name = clean_line(quiz.title) or "quiz"
    return [Sheet(name, "reports", about, "index", TableBlock(Grid(columns, body)), NotesBlock(note))]
