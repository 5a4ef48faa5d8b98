"""The screens of a class run: what was not read, what was answered, question by question; and one
student's report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from ...answers.classroom import Marked
from ...answers.conventions import Conventions
from ...answers.marking import Change
from ...answers.quiz import Quiz
from ...answers.quiz_item import QuizItem
from ...answers.tally import NO_READING, Tally, Unread
from ...answers.verdict import BLANK, CONVENTION, DECIDED, FOLLOWS, RIGHT, ROUNDED, UNREADABLE
from ..bars import half_bar
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, clean_line, hanging
from ..sheet import PAGE, NotesBlock, Sheet, Space, TextBlock
from .check import EDGE, marked_lines, tally
from .check_documents import class_document, marked_blocks
from .check_words import SIGNS, MarkedAnswers, class_key, class_words, format_points
from .feedback import format_fault

# Cells of a bar that stands for the whole class.
BAR = 24
# What is listed without -v.
MOST = 30
# Conventions that matter only where one of these is asked for.
_MATTERS = {
    "rounding": ("output", "size", "neurons", "params", "weights", "macs", "flops", "memory", "rf"),
    "bias": ("params", "biases"),
    "norm": ("params",),
    "operations": ("macs", "flops"),
    "megabyte": ("memory", "peak", "inference"),
    "memory": ("memory", "peak", "inference"),
    "layout": ("output",),
    "counter": ("macs", "flops"),
}


class MarkedClass(NamedTuple):
    """What came of the sheets of a class.

    counted  how many answered which question how
    unread   what nobody could read
    changed  what another marking changes, of which student, ``under`` which conventions
    """

    quiz: Quiz
    items: Sequence[QuizItem]
    counted: Tally
    unread: Sequence[Unread]
    changed: Sequence[tuple[str, Change]] = ()
    under: str = ""


def class_sheets(found: MarkedClass, space: Space = PAGE, every: bool = False) -> list[Sheet]:
    """The class as a whole; ``every`` lists all of what is long."""
    quiz = found.quiz
    if not space.drawn:
        notes = [[_points(found.counted, quiz)], _held(found.items, quiz)]
        return class_document(*found, notes)
    lines = TextBlock(lambda space: class_lines(found, space, every))
    return [Sheet(clean(quiz.title) or "quiz", "", "", "class", lines, headed=False)]


def student_sheets(quiz: Quiz, sheet: Marked, marked: MarkedAnswers, space: Space = PAGE) -> list[Sheet]:
    """One student's report."""
    submission = sheet.submission
    name, student = clean(quiz.title) or "quiz", clean(submission.student)
    if space.drawn or submission.unreadable:
        lines = TextBlock(lambda space: student_lines(quiz, sheet, marked, space))
        return [Sheet(name, student, "", "student", lines, headed=False)]
    blocks = marked_blocks(marked, _labels(quiz, marked.items, space))
    notes = [f"? {format_fault(fault)}" for fault in (*submission.faults, *submission.aside)]
    below = NotesBlock(*[[note] for note in notes], [tally(marked)], _held(marked.items, quiz))
    return [Sheet(name, student, "", "student", *blocks, below)]


def class_lines(found: MarkedClass, space: Space, every: bool = False) -> Iterator[Line]:
    """The screen."""
    quiz, items, counted = found.quiz, found.items, found.counted
    edge = EDGE if space.width is None else max(space.width, 60)
    sheets = f"{counted.sheets:,} {'sheet' if counted.sheets == 1 else 'sheets'}"
    subtitle = f"{sheets}, {len(items)} questions, {format_points(quiz.points)} points"
    yield from space.heading(clean(quiz.title) or "quiz", "", subtitle, edge)
    space = space.of(edge)
    yield from _unread(found.unread, space, every)
    yield from _aside(counted, space, every)
    yield from _changed(found.changed, found.under, space, every)
    for item in items:
        yield []
        yield from _question(quiz, item, counted, space)
    yield []
    yield [(_points(counted, quiz), "")]
    yield from space.asides(_held(items, quiz))


def _unread(unread: Sequence[Unread], space: Space, every: bool) -> Iterator[Line]:
    """The lines on what a person has to look at."""
    if not unread:
        return
    shown = unread if every else unread[:MOST]
    yield []
    yield [(f"{len(unread):,} not read", "warn"), (": a person has to look at these", "")]
    yield from _listed(shown, space)
    if len(shown) < len(unread):
        yield [(f"{len(unread) - len(shown):,} more with -v", "aside")]


def _listed(unread: Sequence[Unread], space: Space) -> Iterator[Line]:
    edge = space.width or EDGE
    rows: list[list[Cell]] = []
    texts = []
    for one in unread:
        answer = space.shortened(clean_line(one.text), 20)
        texts.append(one.reason)
        rows.append(
            [
                ("?", "warn"),
                (space.shortened(clean(one.student), 20), ""),
                (space.shortened(clean(one.place), 20), ""),
                (answer, ""),
            ]
        )
    grid = space.shown_grid(Grid([Column(), Column(gap=2), Column(), Column()], rows))
    for row, reason in zip(grid.rows, texts, strict=True):
        start = [*grid.line(row), ("  ", "")]
        parts = space.broken(clean(reason), max(edge - grid.width - 2, 24))
        yield from hanging(start, ([(part, "aside")] for part in parts), grid.width + 2)


def _aside(counted: Tally, space: Space, every: bool) -> Iterator[Line]:
    """The lines on what stands on the sheets beside the answers."""
    lines = counted.aside
    if not lines:
        return
    students = len({one.student for one in lines})
    many = "1 line or cell" if len(lines) == 1 else f"{len(lines):,} lines and cells"
    sheets = "1 sheet" if students == 1 else f"{students:,} sheets"
    yield []
    shown = "" if every else " (-v shows them)"
    for text in space.broken(f"{many} of {sheets} answer no question, and are not read{shown}", space.width):
        yield [(text, "aside")]
    if every:
        yield from _listed(lines, space)


def _changed(changed: Sequence[tuple[str, Change]], under: str, space: Space, every: bool) -> Iterator[Line]:
    """The lines on the answers that another marking changes."""
    if not under:
        return
    yield []
    yield [(f"{len(changed):,} answers marked differently", "sum"), (f" under {clean(under)}", "")]
    shown = changed if every else changed[:MOST]
    rows: list[list[Cell]] = []
    for student, change in shown:
        before, after = change.before, change.after
        more = after.points - before.points
        sign = "+" if more > 0 else ""
        rows.append(
            [
                (space.shortened(clean(student), 20), ""),
                (clean(change.id), ""),
                (before.kind, ""),
                ("->", "aside"),
                (after.kind, ""),
                (f"{sign}{format_points(more)}" if more else "0", ""),
            ]
        )
    columns = [Column(), Column(), Column(), Column(gap=1), Column(gap=1), Column(right=True)]
    grid = space.shown_grid(Grid(columns, rows))
    for row in grid.rows:
        yield grid.line(row)
    if len(shown) < len(changed):
        yield [(f"{len(changed) - len(shown):,} more with -v", "aside")]


def _question(quiz: Quiz, item: QuizItem, counted: Tally, space: Space) -> Iterator[Line]:
    """A question: how many answered it how, wrong answers by what they are consistent with."""
    edge = space.width or EDGE
    key = class_key(item)
    words = clean_line(class_words(quiz, item))
    name = clean(item.id)
    width_left = max(edge - space.width_of(name) - space.width_of(key) - 4, 24)
    yield [(name, "title"), ("  ", ""), (space.shortened(words, width_left), ""), ("  ", ""), (key, "aside")]
    found = counted.verdicts[item.id]
    rows = [
        (found[kind], SIGNS[kind][0], SIGNS[kind][1], words)
        for kind, words in (
            (RIGHT, "right"),
            (ROUNDED, "right, rounded"),
            (CONVENTION, "right by another convention"),
            (FOLLOWS, "follows from an earlier answer"),
        )
    ]
    readings = counted.readings[item.id]
    named = sorted([(-n, words) for words, n in readings.items() if words != NO_READING])
    rows += [(-n, "✗", "bad", words) for n, words in named]
    rows += [
        (readings[NO_READING], "✗", "bad", f"wrong, and {NO_READING}"),
        (found[DECIDED], *SIGNS[DECIDED], "decided by a person"),
        (found[UNREADABLE], "?", "warn", "not read"),
        (found[BLANK], " ", "", "no answer"),
    ]
    wide = len(f"{counted.sheets:,}")
    for number, sign, role, words in rows:
        if not number:
            continue
        bar = half_bar(number, counted.sheets, BAR, left=False)
        start: Line = [
            ("  ", ""),
            (f"{number:,}".rjust(wide), ""),
            (" ", ""),
            (bar, "aside"),
            (" ", ""),
            (sign, role),
            (" ", ""),
        ]
        parts = space.broken(clean(words), max(edge - wide - BAR - 6, 24))
        yield from hanging(start, ([(part, "")] for part in parts), wide + BAR + 6)


def _points(counted: Tally, quiz: Quiz) -> str:
    """``mean 14.2, median 15, 3 to 20 of 20 points``."""
    points = sorted(counted.totals.elements())
    if not points:
        return "no sheets"
    middle = len(points) // 2
    median = points[middle] if len(points) % 2 else (points[middle - 1] + points[middle]) / 2
    mean = sum(points, Fraction(0)) / len(points)
    return (
        f"points  mean {format_points(mean)} · median {format_points(median)} · "
        f"{format_points(points[0])} to {format_points(points[-1])} of {format_points(quiz.points)}"
    )


def _held(items: Sequence[QuizItem], quiz: Quiz) -> list[str]:
    """The conventions that hold, of those that matter to what is asked, and what single questions have of
    their own."""
    found = held_conventions({item.asked.quantity for item in items}, quiz.conventions)
    for item in items:
        theirs, summary = item.asked.conventions, item.asked.summary
        words = [theirs.words_of(name) for name in theirs if theirs[name] != quiz.conventions[name]]
        words += [f"batch {summary.batch:,}"] if summary.batch != quiz.batch else []
        words += [summary.dtype] if summary.dtype != quiz.dtype else []
        if words:
            found.append(f"{clean(item.id)}: {', '.join(words)}")
    return found


def held_conventions(asked: frozenset[str] | set[str], conventions: Conventions) -> list[str]:
    """The conventions that hold, of those that matter to quantities that are asked for."""
    return [
        conventions.words_of(name)
        for name in conventions.named
        if name not in _MATTERS or asked.intersection(_MATTERS[name])
    ]


def student_lines(quiz: Quiz, sheet: Marked, marked: MarkedAnswers, space: Space) -> Iterator[Line]:
    """One student's report."""
    edge = EDGE if space.width is None else max(space.width, 60)
    submission = sheet.submission
    yield from space.heading(clean(quiz.title) or "quiz", clean(submission.student), "", edge)
    space = space.of(edge)
    if submission.unreadable:
        yield []
        yield [("?  ", "warn"), (f"the sheet was not read: {clean(submission.unreadable)}", "")]
        return
    yield from marked_lines(marked, _labels(quiz, marked.items, space), space)
    if submission.faults:
        yield []
    for fault in submission.faults:
        yield from space.hanging([("?  ", "warn")], format_fault(fault), 3)
    if submission.aside and not submission.faults:
        yield []
    for fault in submission.aside:
        words = space.shortened(clean_line(fault.text), max(edge - 40, 24))
        yield [("   ", ""), (f"{clean(fault.place)}: {clean(fault.message)}: {words}", "aside")]
    yield []
    yield [(tally(marked), "")]
    yield from space.asides(_held(marked.items, quiz))


def _labels(quiz: Quiz, items: Sequence[QuizItem], space: Space) -> list[str]:
    """Each question with what it asks for, where its name does not say it."""
    labels = []
    for item in items:
        words = " ".join(quiz.texts.get(item.id, item.asked.words).split())
        labels.append(item.id if len(item.id) > 8 else f"{item.id}  {words}")
    return [space.shortened(label, 26) for label in labels]
