"""The screens of `archcalc check`: single answers, and a layer table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from ...answers.conventions import Conventions
from ...answers.question import QUANTITIES
from ...answers.quiz_item import QuizItem
from ...answers.verdict import BLANK, RIGHT, ROUNDED, Verdict
from ...graph import Graph
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, clean_line, hanging
from ..sheet import PAGE, NotesBlock, Sheet, Space, TableBlock, TextBlock
from ..words import volume_in
from .check_documents import marked_blocks
from .check_words import (
    COUNTED,
    SIGNS,
    MarkedAnswers,
    format_answer,
    format_points,
    format_score,
    format_value,
)

# The screen is made for 80 columns.
EDGE = 80
# The longest answer that stands in its column.
LONGEST = 24
# From this number of cells on, those with the same note have one together.
ALIKE = 3
# Columns of a layer table, in this order.
_ORDER = tuple(QUANTITIES)


def answers_sheets(graph: Graph, marked: MarkedAnswers, space: Space = PAGE) -> list[Sheet]:
    """Single answers: the verdict on each, and the arithmetic of both sides."""
    name, shapes = _about(graph, marked)
    if space.drawn:
        lines = TextBlock(lambda space: answers_lines(graph, marked, space))
        return [Sheet(name, "", shapes, "answers", lines, headed=False)]
    notes = NotesBlock([format_score(marked)], marked.conventions.unusual)
    return [Sheet(name, "", shapes, "answers", *marked_blocks(marked, _labels(marked)), notes)]


def answers_lines(graph: Graph, marked: MarkedAnswers, space: Space) -> Iterator[Line]:
    """The screen of single answers."""
    width = space.width
    edge = EDGE if width is None else max(width, 60)
    name, shapes = _about(graph, marked)
    yield from space.of(edge if width is None else width).heading(name, "", shapes, edge)
    yield from _held(marked.conventions, space.of(edge))
    yield from marked_lines(marked, _labels(marked), space.of(edge))
    yield []
    yield [(format_score(marked), "")]


def marked_lines(marked: MarkedAnswers, labels: Sequence[str], space: Space) -> Iterator[Line]:
    """Answers under their labels, the verdict on each, and what is to be said of it."""
    edge = space.width or EDGE
    labels = [clean(label) for label in labels]
    texts = [format_answer(marked.of(item)) for item in marked.items]
    wide = max(space.width_of(label) for label in labels)
    most = max([space.width_of(text) for text in texts if space.width_of(text) <= LONGEST], default=0)
    margin = 3 + wide + 2 + most + 2
    within = space.of(edge - margin)
    for item, label, text in zip(marked.items, labels, texts, strict=True):
        yield []
        long = space.width_of(text) > most
        cell = "" if long else " " * (most - space.width_of(text)) + text
        start: Line = [
            SIGNS[marked.of(item).kind],
            ("  ", ""),
            (label.ljust(wide), ""),
            ("  ", ""),
            (cell.ljust(most), ""),
            ("  ", ""),
        ]
        rows: list[Line] = [[(part, "")] for part in space.broken(text, edge - margin)] if long else []
        rows += space.folded(marked.sentence(item, space), edge - margin)
        yield from hanging(start, [*rows, *marked.details(item, within)], margin)


def _about(graph: Graph, marked: MarkedAnswers) -> tuple[str, str]:
    """The lines with the subject of the question and its shapes."""
    name = clean_line(graph.metadata.name)
    arrives = ", ".join([volume_in(graph, source.output, marked.layout) for source in graph.inputs])
    leaves = volume_in(graph, graph.output.output, marked.layout)
    layers = {item.asked.layer for item in marked.items}
    if "->" in name and len(graph.layers) == 1 and None not in layers:
        name = clean(graph.layers[0].text)
    return name, arrives if marked.hint else f"{arrives} -> {leaves}"


def _held(conventions: Conventions, space: Space) -> Iterator[Line]:
    """The conventions that are not the usual ones."""
    if conventions.unusual:
        yield from space.asides(conventions.unusual)


def _labels(marked: MarkedAnswers) -> list[str]:
    """What each answer is to, without the layer where all are to one."""
    alone = len({item.asked.where for item in marked.items}) == 1
    return [
        asked.short.rpartition(".")[2] if alone and asked.layer is not None else asked.short
        for asked in [item.asked for item in marked.items]
    ]


# ---------------------------------------------------------------------------------------------
# A layer table


def table_sheets(
    name: str, graph: Graph, marked: MarkedAnswers, faults: Sequence[str] = (), space: Space = PAGE
) -> list[Sheet]:
    """A layer table: wrong cells show the right value beside them, right ones nothing. What is to
    be said of many cells alike is said once, unless every cell is to have its own note."""
    about = _against(graph, marked.layout)
    if space.drawn:
        lines = TextBlock(lambda space: table_lines(name, graph, marked, faults, space))
        return [Sheet(clean(name), about, "", "sheet", lines, headed=False)]
    notes = list(_notes(marked, space.of(EDGE)))
    below = NotesBlock(
        *[[f"? {clean(fault)}"] for fault in faults], [tally(marked)], marked.conventions.unusual
    )
    blocks = [TextBlock(lambda space: notes[1:])] if notes else []
    table = TableBlock(_grid(marked, LONGEST, space))
    return [Sheet(clean(name), about, "", "sheet", table, *blocks, below)]


def _against(graph: Graph, layout: str) -> str:
    """The key that a layer table is compared with."""
    arrives = ", ".join([volume_in(graph, source.output, layout) for source in graph.inputs])
    return f"against {clean_line(graph.metadata.name)}, {arrives}"


def table_lines(
    name: str, graph: Graph, marked: MarkedAnswers, faults: Sequence[str], space: Space
) -> Iterator[Line]:
    """The screen of a layer table."""
    width = space.width
    edge = EDGE if width is None else width
    yield from space.heading(clean(name), _against(graph, marked.layout), "", edge)
    yield from _held(marked.conventions, space.of(edge))
    yield []
    grids = (space.shown_grid(_grid(marked, most, space)) for most in (LONGEST, 16, 12, 9))
    grid = next(grids)
    while width is not None and grid.width > width and (less := next(grids, None)) is not None:
        grid = less
    yield from grid.lines()
    yield from _notes(marked, space.of(edge))
    for fault in faults:
        yield from space.of(edge).hanging([("?  ", "warn")], clean(fault), 3)
    yield []
    yield [(tally(marked), "")]


def _grid(marked: MarkedAnswers, most: int, space: Space) -> Grid:
    """The table, with answers cut to a number of signs."""
    items, verdicts = marked.items, marked.verdicts
    quantities = sorted({item.asked.quantity for item in items}, key=_ORDER.index)
    rows: dict[str, dict[str, QuizItem]] = {}
    for item in items:
        rows.setdefault(item.asked.where, {})[item.asked.quantity] = item
    keyed = {
        quantity
        for quantity in quantities
        if not marked.hint
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
                right = format_value(key.value, marked.layout) if key is not None and wrong else ""
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


def _notes(marked: MarkedAnswers, space: Space) -> Iterator[Line]:
    """Notes on the cells that are not simply right, once of those of which it is the
    same."""
    edge = space.width or EDGE
    explained = [
        item
        for item in marked.items
        if (verdict := marked.of(item)).kind not in (RIGHT, BLANK)
        and (verdict.kind != ROUNDED or verdict.covers)
    ]
    if not explained:
        return
    yield []
    sentences = {item.id: marked.sentence(item, space) for item in explained}
    groups: dict[tuple[str, ...], list[QuizItem]] = {}
    for item in explained:
        alone = (item.id,) if marked.every else ()
        words = "".join([text for text, _ in sentences[item.id]])
        groups.setdefault((marked.of(item).kind, words, *alone), []).append(item)
    notes = [
        note
        for group in groups.values()
        for note in ([group] if len(group) >= ALIKE else [[item] for item in group])
    ]
    notes.sort(key=lambda group: explained.index(group[0]))
    labels = [_note_label(group) for group in notes]
    wide = min(max(space.width_of(label) for label in labels), 30)
    margin = 3 + wide + 2
    within = space.of(edge - margin)
    for group, label in zip(notes, labels, strict=True):
        first = group[0]
        rows = list(space.folded(sentences[first.id], edge - margin))
        several = len(group) > 1
        if several:
            rows += [[(text, "aside")] for text in space.broken(_rows_named(group), edge - margin)]
        lines = list(marked.details(first, within))
        if several and lines:
            rows.append([(f"as of {clean(first.asked.words)}:", "aside")])
        start = [SIGNS[marked.of(first).kind], ("  ", ""), (label.ljust(wide), ""), ("  ", "")]
        yield from hanging(start, [*rows, *lines], margin)


def _note_label(group: Sequence[QuizItem]) -> str:
    """A cell by its row and column, several by their number."""
    return clean(group[0].asked.words) if len(group) == 1 else f"{len(group):,} figures"


def _rows_named(group: Sequence[QuizItem]) -> str:
    """The rows of several cells, each once."""
    several = len({item.asked.label for item in group}) > 1
    names = [item.asked.words if several else item.asked.called or item.asked.where for item in group]
    return clean(", ".join(dict.fromkeys(names)))


def tally(marked: MarkedAnswers) -> str:
    """``11 right, 2 follow, 2 wrong of 15 · 13 points of 15``."""
    items, verdicts = marked.items, marked.verdicts
    parts = []
    for kind, words in COUNTED.items():
        number = sum(verdicts[item.id].kind == kind for item in items)
        if number:
            parts.append(f"{number} {words}")
    points = sum([verdicts[item.id].points for item in items], Fraction(0))
    whole = sum([item.points for item in items], Fraction(0))
    undecided = sum([verdicts[item.id].open for item in items], Fraction(0))
    still = f", and {format_points(undecided)} still open" if undecided else ""
    given = f"{format_points(points)} points of {format_points(whole)}{still}"
    return f"{', '.join(parts)} of {len(items)} · {given}"
