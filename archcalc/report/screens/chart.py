"""`archcalc summary --chart`: where along the depth a network holds its parameters and spends its
MACs. Columns of bars, parameters above and MACs below, each side to its own scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ...analysis.summary import Summary
from ..lines import Line, clean, clean_line, hanging
from ..sheet import Sheet, Space, TextBlock
from ..terminal import width_of
from ..words import count
from .folding import FoldedRow, Folding, every_layer
from .summary_foot import conventions

# Rows of a side, columns of the margin with the scale, columns of a bar at most.
HEIGHT, MARGIN, WIDEST = 6, 7, 4
# Columns to lay out for where the screen has no width.
USUAL = 80
# The sides, upward and downward: a whole cell, half a cell, and more than nothing.
UP, DOWN = ("█", "▄", "▁"), ("█", "▀", "▔")


class Bar:
    """A row of the folded network, or several where there are more rows than columns. None: there
    is no rule for a layer of it."""

    def __init__(self, rows: Sequence[FoldedRow], summary: Summary):
        layers = [layer for row in rows for layer in row.layers]
        params = [summary.params_of(layer) for layer in layers]
        macs = [layer.facts.macs for layer in layers]
        self.name = clean(rows[0].name)
        self.params = None if None in params else sum([p or 0 for p in params])
        self.macs = None if None in macs else sum([m or 0 for m in macs]) * summary.batch


def chart_sheets(summary: Summary, depth: int | None = None, all_layers: bool = False) -> list[Sheet]:
    """The chart. It has a heading of its own."""
    lines = TextBlock(lambda space: chart_lines(summary, space, depth, all_layers))
    name = clean_line(summary.graph.metadata.name)
    return [Sheet(name, "parameters and MACs along the depth", "", "chart", lines, headed=False)]


def chart_lines(
    summary: Summary, space: Space, depth: int | None = None, all_layers: bool = False
) -> Iterator[Line]:
    """The screen.

    depth       how far blocks are opened, from 1; None is the depth of the table
    all_layers  every layer is a row

    Equal turns of a repeat, which the table shows in one row, have a bar each: they lie one behind
    the other.
    """
    width = space.width or USUAL
    width_left = width - MARGIN
    notes = []
    if all_layers:
        rows = every_layer(summary.layers)
    else:
        folding = Folding(summary.graph, summary.layers)
        at = folding.best() if depth is None else min(depth, folding.levels)
        rows = folding.rows(at, runs=False, parents=False)
        if at < folding.levels:
            notes.append(f"depth {at} of {folding.levels}")
    each = -(-len(rows) // width_left)
    if each > 1:
        notes.append(f"a bar stands for up to {each} rows")
    bars = [Bar(rows[at : at + each], summary) for at in range(0, len(rows), each or 1)]
    cell, gap = _measures(len(bars), width_left)
    metadata = summary.graph.metadata
    name, title = clean_line(metadata.name), clean(metadata.title or "")
    edge = max(MARGIN + len(bars) * (cell + gap) - gap, USUAL)
    yield from space.of(width).heading(name, title, clean(", ".join(metadata.papers)), min(edge, width))
    yield []
    counts = summary.counts
    names = [space.shown(bar.name) for bar in bars]
    unknown = {quantity for _, quantity in counts.uncounted}
    params, macs = [bar.params for bar in bars], [bar.macs for bar in bars]
    all_macs = counts.batched_macs(summary.batch)
    yield from reversed(list(_side(params, counts.params, UP, "params", cell, gap)))
    yield [(" " * MARGIN + "─" * (len(bars) * (cell + gap) - gap), "aside")]
    yield from _side(macs, all_macs, DOWN, "macs", cell, gap)
    highest = [at for at in (_highest(params), _highest(macs)) if at is not None]
    for text in _names(names, highest, cell, cell + gap, width_left):
        yield [(" " * MARGIN + text, "aside")]
    yield []
    for side, values, total, key, word in (
        ("above", params, counts.params, "params", "parameters"),
        ("below", macs, all_macs, "macs", "MACs"),
    ):
        facts = [f"{count(total, key in unknown)} {word}", *_format_extremes(names, values, total)]
        parts = space.wrapped(facts, width - MARGIN)
        yield from hanging([(side.ljust(MARGIN), "aside")], ([(text, "")] for text in parts), MARGIN)
    yield []
    yield from space.of(width).asides([*conventions(summary, {"macs"}, [], False), *notes])


def _measures(bars: int, width_left: int) -> tuple[int, int]:
    """Columns of a bar, and of the space between two."""
    if not bars or 2 * bars - 1 > width_left:
        return 1, 0
    return min((width_left + 1) // bars - 1, WIDEST), 1


def _side(
    values: Sequence[int | None], total: int, signs: Sequence[str], role: str, cell: int, gap: int
) -> Iterator[Line]:
    """The rows of one side from the axis outward, the scale at the end of the longest bar."""
    full, half, hair = signs
    largest = max([value or 0 for value in values], default=0)
    if not largest and None not in values:
        return
    for row in range(HEIGHT):
        line: Line = []
        if row == HEIGHT - 1 and largest:
            line.append((f"{_share(largest, total)} ".rjust(MARGIN), "aside"))
        else:
            line.append((" " * MARGIN, ""))
        for value in values:
            halves = round(Fraction((value or 0) * 2 * HEIGHT, largest or 1)) - 2 * row
            sign = full if halves >= 2 else half if halves == 1 else " "
            if row == 0 and sign == " " and value:
                sign = hair
            if row == 0 and value is None:
                line.append(("?".center(cell), "warn"))
            else:
                line.append((sign * cell, role))
            line.append((" " * gap, ""))
        yield line


def _share(part: int, total: int) -> str:
    """``74.3%``"""
    tenths = round(Fraction(1000 * part, total))
    return f"{tenths // 10}.{tenths % 10}%" if tenths or not part else "<0.1%"


def _names(names: Sequence[str], first: Sequence[int], cell: int, step: int, width_left: int) -> list[str]:
    """A line of ticks below the bars that are named, and their names below that: those of the
    bars in ``first``, and of as many others as fit. A name begins below its bar, or
    ends there, where it does not fit to the right of it."""
    ticks: set[int] = set()
    lines: list[list[tuple[int, str]]] = [[]]
    for turn, number in enumerate([*first, *range(len(names))]):
        name = names[number]
        starts = [(number * step, number * step)]
        if number * step + cell - width_of(name) >= 0:
            end = number * step + cell - 1
            starts.append((end - width_of(name) + 1, end))
        must = turn < len(first)
        if any(name == other for line in lines for _, other in line) or width_of(name) > width_left:
            continue
        # Every name may go on the first line, and the highest bars' on further ones.
        for line in [*lines, *([[]] if must else [])][: None if must else 1]:
            found = next(
                (
                    place
                    for place in (starts if must else starts[:1])
                    if _free(line, place[0], width_of(name), width_left)
                ),
                None,
            )
            if found is not None:
                line.append((found[0], name))
                ticks.add(found[1])
                if line not in lines:
                    lines.append(line)
                break
    marks = "".join(["╵" if at in ticks else " " for at in range(max(ticks, default=-1) + 1)])
    return [marks, *[_line(sorted(line)) for line in lines]]


def _free(line: Sequence[tuple[int, str]], start: int, width: int, width_left: int) -> bool:
    """Whether a name of this width fits on a line, with a space on either side."""
    return start + width <= width_left and all(
        start + width < other or other + width_of(name) < start for other, name in line
    )


def _line(names: Sequence[tuple[int, str]]) -> str:
    line = ""
    for start, name in names:
        line += " " * (start - width_of(line)) + name
    return line


def _highest(values: Sequence[int | None]) -> int | None:
    """The index of the highest bar, the first of several; None where there is none."""
    most = max(range(len(values)), key=lambda at: values[at] or 0, default=None)
    return None if most is None or not values[most] else most


def _format_extremes(names: Sequence[str], values: Sequence[int | None], total: int) -> list[str]:
    """The largest bar, and where half and nine tenths are reached."""
    if not total:
        return []
    most = _highest(values)
    if most is None:
        return []
    facts = [f"most in {names[most]}: {_share(values[most] or 0, total)}"]
    passed = 0
    reached: list[str] = []
    for name, value in zip(names, values, strict=True):
        passed += value or 0
        while len(reached) < 2 and passed * 10 >= total * (5, 9)[len(reached)]:
            reached.append(name)
    if len(reached) == 2:
        half, most_of_it = reached
        facts.append(
            f"half by {half}, nine tenths by {most_of_it}"
            if half != most_of_it
            else f"half and nine tenths by {half}"
        )
    return facts
