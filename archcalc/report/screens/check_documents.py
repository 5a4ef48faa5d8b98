"""Marked answers as tables for documents: answers with their verdicts, and a class as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from ...answers.marking import Change
from ...answers.quiz import Quiz
from ...answers.quiz_item import QuizItem
from ...answers.tally import NO_READING, Tally, Unread
from ...answers.verdict import VERDICTS
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, clean_line
from ..sheet import PAGE, NotesBlock, Sheet, SheetBlock, TableBlock, TextBlock
from .check_words import COUNTED, SIGNS, MarkedAnswers, class_key, class_words, format_answer, format_points
from .class_statistics import statistics_sheets


def marked_blocks(marked: MarkedAnswers, labels: Sequence[str]) -> list[SheetBlock]:
    """A row per answer, and below it the arithmetic of both sides."""
    rows: list[list[Cell]] = []
    below: list[Line] = []
    for item, label in zip(marked.items, map(clean, labels), strict=True):
        verdict = marked.of(item)
        sentence = marked.sentence(item, PAGE)
        rows.append([SIGNS[verdict.kind], (label, ""), (format_answer(verdict), ""), sentence])
        lines = list(marked.details(item, PAGE))
        if lines:
            below += [*([[]] if below else []), [(label, "title")], *lines]
    grid = Grid([Column(), Column("question"), Column("answer", right=True), Column("verdict")], rows)
    return [TableBlock(grid), *([TextBlock(lambda space: below)] if below else [])]


def class_document(
    quiz: Quiz,
    items: Sequence[QuizItem],
    counted: Tally,
    unread: Sequence[Unread],
    changed: Sequence[tuple[str, Change]],
    under: str,
    notes: Sequence[Sequence[str]],
) -> list[Sheet]:
    """A row per question, how many answered it how; wrong answers by what they are consistent with; what
    nobody could read or has read, and what other conventions change. ``notes`` stand below the questions."""
    name = clean(quiz.title) or "quiz"
    about = f"{counted.sheets:,} sheets, {len(items)} questions, {format_points(quiz.points)} points"
    sheets = [
        Sheet(name, "", about, "class", TableBlock(_questions(quiz, items, counted)), NotesBlock(*notes))
    ]
    for title, label, grid in (
        ("wrong answers, by what they are consistent with", "wrong", _readings(items, counted)),
        ("not read: a person has to look at these", "unread", _unread(unread)),
        ("lines and cells that answer no question, and are not read", "beside", _unread(counted.aside)),
        (f"marked differently under {clean(under)}", "changed", _changed(changed)),
    ):
        if grid.rows:
            sheets.append(Sheet(name, title, "", label, TableBlock(grid)))
    return sheets + statistics_sheets(quiz, counted) if counted.sheets > 1 else sheets


def _questions(quiz: Quiz, items: Sequence[QuizItem], counted: Tally) -> Grid:
    kinds = [kind for kind in VERDICTS if any(counted.verdicts[item.id][kind] for item in items)]
    columns = [Column("question"), Column("asks"), Column("key", right=True)]
    columns += [Column(COUNTED[kind], right=True) for kind in kinds]
    rows: list[list[Cell]] = []
    for item in items:
        words = " ".join(class_words(quiz, item).split())
        key = class_key(item)
        numbers = [counted.verdicts[item.id][kind] for kind in kinds]
        cells = [clean(item.id), clean(words), key, *[f"{number:,}" if number else "" for number in numbers]]
        rows.append([(cell, "") for cell in cells])
    return Grid(columns, rows)


def _readings(items: Sequence[QuizItem], counted: Tally) -> Grid:
    rows: list[list[Cell]] = []
    for item in items:
        found = counted.readings[item.id].most_common()
        for words, number in sorted(found, key=lambda pair: (pair[0] == NO_READING, -pair[1])):
            rows.append([(clean(item.id), ""), (f"{number:,}", ""), (clean(words), "")])
    return Grid([Column("question"), Column("answers", right=True), Column("consistent with")], rows)


def _unread(unread: Sequence[Unread]) -> Grid:
    rows: list[list[Cell]] = [
        [(clean_line(text), "") for text in (one.student, one.place, one.text, one.reason)] for one in unread
    ]
    return Grid([Column("student"), Column("place"), Column("text"), Column("why")], rows)


def _changed(changed: Sequence[tuple[str, Change]]) -> Grid:
    rows: list[list[Cell]] = []
    for student, change in changed:
        before, after = change.before, change.after
        points = (format_points(verdict.points) for verdict in (before, after))
        cells = [student, change.id, before.kind, after.kind, *points]
        rows.append([(clean(cell), "") for cell in cells])
    heads = ["student", "question", "before", "after"]
    columns = [*map(Column, heads), *[Column(head, right=True) for head in ("points before", "points after")]]
    return Grid(columns, rows)
