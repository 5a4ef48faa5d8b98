"""The screens of `archcalc check`: single answers, and a layer table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from ...answers.conventions import Conventions
from ...answers.marking import QuizItem
from ...answers.question import QUANTITIES
from ...answers.verdict import (
    BLANK,
    FACTOR,
    FOLLOWS,
    MISCONCEPTION,
    RIGHT,
    ROUNDED,
    UNREADABLE,
    WRONG,
    Verdict,
)
from ...graph import Graph
from ..grid import Cell, Column, Grid
from ..lines import Line, clean
from ..sheet import PAGE, NotesBlock, Sheet, Space, TableBlock, TextBlock
from ..words import volume_in
from .check_documents import marked_blocks
from .check_words import (
    COUNTED,
    SIGNS,
    details,
    earlier,
    format_answer,
    format_points,
    format_score,
    format_value,
    format_verdict,
)

# The screen is made for 80 columns.
EDGE = 80
# The longest answer that stands in its column.
LONGEST = 24
# From this number of cells on, those with the same note have one together.
ALIKE = 3
# Questions that lead on, and the one after a slip of the pen.
_HINTS = 3
_COPIED = "Has every digit been copied as it was?"
# Columns of a layer table, in this order.
_ORDER = tuple(QUANTITIES)


def answers_sheets(
    graph: Graph,
    items: Sequence[QuizItem],
    verdicts: Mapping[str, Verdict],
    conventions: Conventions,
    space: Space = PAGE,
    hint: bool = False,
    taught: bool = False,
) -> list[Sheet]:
    """Single answers: the verdict on each, and the arithmetic of both sides. With ``hint`` a
    question that leads on, and nothing that gives the answer away."""
    layout = conventions["layout"]
    name, shapes = _about(graph, items, layout, hint)
    if space.drawn:
        lines = TextBlock(
            lambda space: answers_lines(graph, items, verdicts, conventions, space, hint, taught)
        )
        return [Sheet(name, "", shapes, "answers", lines, headed=False)]
    labels = [_label(item, items) for item in items]
    hints = {item.id: hinted(verdicts[item.id], space) for item in items} if hint else None
    blocks = marked_blocks(items, labels, verdicts, layout, hints, taught)
    notes = NotesBlock([format_score([verdicts[item.id] for item in items])], conventions.unusual)
    return [Sheet(name, "", shapes, "answers", *blocks, notes)]


def answers_lines(
    graph: Graph,
    items: Sequence[QuizItem],
    verdicts: Mapping[str, Verdict],
    conventions: Conventions,
    space: Space,
    hint: bool = False,
    taught: bool = False,
) -> Iterator[Line]:
    """The screen of single answers."""
    layout, width = conventions["layout"], space.width
    edge = EDGE if width is None else max(width, 60)
    name, shapes = _about(graph, items, layout, hint)
    yield from space.of(edge if width is None else width).heading(name, "", shapes, edge)
    yield from _held(conventions, space.of(edge))
    labels = [_label(item, items) for item in items]
    yield from marked_lines(items, labels, verdicts, space.of(edge), layout, hint, taught)
    yield []
    yield [(format_score([verdicts[item.id] for item in items]), "")]


def marked_lines(
    items: Sequence[QuizItem],
    labels: Sequence[str],
    verdicts: Mapping[str, Verdict],
    space: Space,
    layout: str = "hwc",
    hint: bool = False,
    taught: bool = False,
) -> Iterator[Line]:
    """Answers under their labels, the verdict on each, and what is to be said of it."""
    edge = space.width or EDGE
    labels = [clean(label) for label in labels]
    texts = [format_answer(verdicts[item.id]) for item in items]
    wide = max(space.width_of(label) for label in labels)
    most = max([space.width_of(text) for text in texts if space.width_of(text) <= LONGEST], default=0)
    margin = 3 + wide + 2 + most + 2
    for item, label, text in zip(items, labels, texts, strict=True):
        verdict = verdicts[item.id]
        sign, role = SIGNS[verdict.kind]
        yield []
        long = space.width_of(text) > most
        cell = "" if long else " " * (most - space.width_of(text)) + text
        start: Line = [
            (sign, role),
            ("  ", ""),
            (label.ljust(wide), ""),
            ("  ", ""),
            (cell.ljust(most), ""),
            ("  ", ""),
        ]
        if long:
            for part in space.broken(text, edge - margin):
                yield [*start, (part, "")]
                start = [(" " * margin, "")]
        sentence = hinted(verdict, space) if hint else format_verdict(verdict, space, layout)
        for line in space.folded(sentence, edge - margin):
            yield [*start, *line]
            start = [(" " * margin, "")]
        if not hint:
            for line in details(verdict, space.of(edge - margin), layout, taught):
                yield [(" " * margin, ""), *line]


def hinted(verdict: Verdict, space: Space) -> Line:
    """The verdict and one step, for who wants to find the answer. Where several things lead to the
    answer, no one of them is taken for granted."""
    if verdict.kind == RIGHT or verdict.kind == ROUNDED:
        return [("right" if verdict.kind == RIGHT else "right, rounded", "")]
    if verdict.kind == FOLLOWS:
        return [(f"right for your {earlier(verdict)}: look there again", "")]
    if verdict.kind in (UNREADABLE, BLANK) or verdict.kind != WRONG:
        return format_verdict(verdict, space)
    # What was worked out decides; a number that a rule leads to is hardly a slip of the pen.
    worked = [reading for reading in verdict.readings if reading.worked]
    rules = [reading for reading in verdict.readings if reading.kind in (MISCONCEPTION, FACTOR)]
    first = verdict.readings[:1]
    alike = rules if first and first[0] in rules else first
    hints = [reading.hint or (_COPIED if reading.slip else "") for reading in worked or alike]
    different = list(dict.fromkeys([hint for hint in hints if hint]))[:_HINTS]
    if not different:
        return [("not yet", "")]
    several = "; more than one thing may be behind it" if len(different) > 1 else ""
    return [(f"not yet{several}: {' '.join(different)}", "")]


def _about(graph: Graph, items: Sequence[QuizItem], layout: str, hint: bool) -> tuple[str, str]:
    """The lines with the subject of the question and its shapes."""
    name = clean(" ".join(graph.metadata.name.split()))
    arrives = ", ".join([volume_in(graph, source.output, layout) for source in graph.inputs])
    leaves = volume_in(graph, graph.output.output, layout)
    layers = {item.asked.layer for item in items}
    if "->" in name and len(graph.layers) == 1 and None not in layers:
        name = clean(graph.layers[0].text)
    return name, arrives if hint else f"{arrives} -> {leaves}"


def _held(conventions: Conventions, space: Space) -> Iterator[Line]:
    """The conventions that are not the usual ones."""
    if conventions.unusual:
        for text in space.wrapped(conventions.unusual, space.width):
            yield [(text, "aside")]


def _label(item: QuizItem, items: Sequence[QuizItem]) -> str:
    alone = len({other.asked.where for other in items}) == 1 and item.asked.layer is not None
    asked = item.asked
    return asked.quantity if alone else f"{asked.called or asked.where}.{asked.quantity}"


# ---------------------------------------------------------------------------------------------
# A layer table


def table_sheets(
    name: str,
    graph: Graph,
    items: Sequence[QuizItem],
    verdicts: Mapping[str, Verdict],
    conventions: Conventions,
    faults: Sequence[str] = (),
    space: Space = PAGE,
    hint: bool = False,
    taught: bool = False,
    every: bool = False,
) -> list[Sheet]:
    """A layer table: wrong cells show the right value beside them, right ones nothing. What is to
    be said of many cells alike is said once, unless ``every`` cell is to have its own note."""
    layout = conventions["layout"]
    about = _against(graph, layout)
    if space.drawn:
        lines = TextBlock(
            lambda space: table_lines(
                name, graph, items, verdicts, conventions, faults, space, hint, taught, every
            )
        )
        return [Sheet(clean(name), about, "", "sheet", lines, headed=False)]
    table = TableBlock(_grid(items, verdicts, layout, hint, LONGEST, space))
    notes = list(_notes(items, verdicts, layout, space.of(EDGE), hint, taught, every))
    below = NotesBlock(
        *[[f"? {clean(fault)}"] for fault in faults], [tally(items, verdicts)], conventions.unusual
    )
    blocks = [table, *([TextBlock(lambda space: notes[1:])] if notes else []), below]
    return [Sheet(clean(name), about, "", "sheet", *blocks)]


def _against(graph: Graph, layout: str) -> str:
    """The key that a layer table is compared with."""
    arrives = ", ".join([volume_in(graph, source.output, layout) for source in graph.inputs])
    return f"against {clean(' '.join(graph.metadata.name.split()))}, {arrives}"


def table_lines(
    name: str,
    graph: Graph,
    items: Sequence[QuizItem],
    verdicts: Mapping[str, Verdict],
    conventions: Conventions,
    faults: Sequence[str],
    space: Space,
    hint: bool = False,
    taught: bool = False,
    every: bool = False,
) -> Iterator[Line]:
    """The screen of a layer table."""
    layout, width = conventions["layout"], space.width
    edge = EDGE if width is None else width
    yield from space.heading(clean(name), _against(graph, layout), "", edge)
    yield from _held(conventions, space.of(edge))
    yield []
    grids = (
        space.shown_grid(_grid(items, verdicts, layout, hint, most, space)) for most in (LONGEST, 16, 12, 9)
    )
    grid = next(grids)
    while width is not None and grid.width > width and (less := next(grids, None)) is not None:
        grid = less
    yield from grid.lines()
    yield from _notes(items, verdicts, layout, space.of(edge), hint, taught, every)
    for fault in faults:
        for place, text in enumerate(space.broken(clean(fault), edge - 3)):
            yield [("?  " if not place else "   ", "warn"), (text, "")]
    yield []
    yield [(tally(items, verdicts), "")]


def _grid(
    items: Sequence[QuizItem],
    verdicts: Mapping[str, Verdict],
    layout: str,
    hint: bool,
    most: int,
    space: Space,
) -> Grid:
    """The table, with answers cut to a number of signs."""
    quantities = sorted({item.asked.quantity for item in items}, key=_ORDER.index)
    rows: dict[str, dict[str, QuizItem]] = {}
    for item in items:
        rows.setdefault(item.asked.where, {})[item.asked.quantity] = item
    keyed = {
        quantity
        for quantity in quantities
        if not hint
        and any(
            verdicts[item.id].kind not in (RIGHT, ROUNDED)
            for item in items
            if item.asked.quantity == quantity
        )
    }
    columns = [Column("row")]
    for quantity in quantities:
        columns.append(Column(QUANTITIES[quantity], right=True, gap=2))
        columns.append(Column("", gap=1))
        if quantity in keyed:
            columns.append(Column("key", gap=1))
    body: list[list[Cell]] = []
    feet: list[list[Cell]] = []
    for where, cells in rows.items():
        some = next(iter(cells.values()))
        line: list[Cell] = [(clean(some.asked.called or where), "")]
        for quantity in quantities:
            cell = cells.get(quantity)
            line += _cells(cell, verdicts, most, space) if cell is not None else [("", ""), ("", "")]
            if quantity in keyed:
                key = verdicts[cell.id] if cell is not None else None
                wrong = key is not None and key.kind not in (RIGHT, ROUNDED)
                right = format_value(key.value, layout) if key is not None and wrong else ""
                line.append((right, "aside"))
        (feet if where == "total" else body).append(line)
    return Grid(columns, body, feet)


def _cells(item: QuizItem, verdicts: Mapping[str, Verdict], most: int, space: Space) -> list[Cell]:
    verdict = verdicts[item.id]
    text = format_answer(verdict)
    if space.width_of(text) > most:
        text = text.rpartition("=")[2].strip() or text  # the working does not fit
    if space.width_of(text) > most:
        text = text[: most - 1] + "…"
    elif text.isdecimal() and text.isascii():
        text = f"{int(text):,}"
    return [(text, ""), SIGNS[verdict.kind]]


def _notes(
    items: Sequence[QuizItem],
    verdicts: Mapping[str, Verdict],
    layout: str,
    space: Space,
    hint: bool,
    taught: bool,
    every: bool,
) -> Iterator[Line]:
    """Notes on the cells that are not simply right, once of those of which it is the
    same."""
    edge = space.width or EDGE
    explained = [
        item
        for item in items
        if verdicts[item.id].kind not in (RIGHT, BLANK)
        and (verdicts[item.id].kind != ROUNDED or verdicts[item.id].covers)
    ]
    if not explained:
        return
    yield []
    sentences = {
        item.id: hinted(verdicts[item.id], space)
        if hint
        else format_verdict(verdicts[item.id], space, layout)
        for item in explained
    }
    groups: dict[tuple[str, ...], list[QuizItem]] = {}
    for item in explained:
        alone = (item.id,) if every else ()
        words = "".join([text for text, _ in sentences[item.id]])
        groups.setdefault((verdicts[item.id].kind, words, *alone), []).append(item)
    notes = [
        note
        for group in groups.values()
        for note in ([group] if len(group) >= ALIKE else [[item] for item in group])
    ]
    notes.sort(key=lambda group: explained.index(group[0]))
    labels = [_note_label(group) for group in notes]
    wide = min(max(space.width_of(label) for label in labels), 30)
    margin = 3 + wide + 2
    for group, label in zip(notes, labels, strict=True):
        first = group[0]
        verdict = verdicts[first.id]
        start: Line = [SIGNS[verdict.kind], ("  ", ""), (label.ljust(wide), ""), ("  ", "")]
        for line in space.folded(sentences[first.id], edge - margin):
            yield [*start, *line]
            start = [(" " * margin, "")]
        if len(group) > 1:
            for text in space.broken(_rows_named(group), edge - margin):
                yield [(" " * margin, ""), (text, "aside")]
        if hint:
            continue
        lines = list(details(verdict, space.of(edge - margin), layout, taught))
        if len(group) > 1 and lines:
            yield [(" " * margin, ""), (f"as of {clean(first.asked.words)}:", "aside")]
        for line in lines:
            yield [(" " * margin, ""), *line]


def _note_label(group: Sequence[QuizItem]) -> str:
    """A cell by its row and column, several by their number."""
    return clean(group[0].asked.words) if len(group) == 1 else f"{len(group):,} figures"


def _rows_named(group: Sequence[QuizItem]) -> str:
    """The rows of several cells, each once."""
    several = len({item.asked.label for item in group}) > 1
    names = [item.asked.words if several else item.asked.called or item.asked.where for item in group]
    return clean(", ".join(dict.fromkeys(names)))


def tally(items: Sequence[QuizItem], verdicts: Mapping[str, Verdict]) -> str:
    """``11 right, 2 follow, 2 wrong of 15 · 13 points of 15``."""
    parts = []
    for kind, words in COUNTED.items():
        number = sum(verdicts[item.id].kind == kind for item in items)
        if number:
            parts.append(f"{number} {words}")
    points = sum([verdicts[item.id].points for item in items], Fraction(0))
    whole = sum([item.points for item in items], Fraction(0))
    return f"{', '.join(parts)} of {len(items)} · {format_points(points)} points of {format_points(whole)}"
