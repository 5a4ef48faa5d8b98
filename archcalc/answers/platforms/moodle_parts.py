"""Questions of Moodle with several fields (cloze): the answers of a student stand in one cell, as in
``part 1: 55x55x96; part 2: 34,944``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..sheets.tables import SheetRow, Table

# The first part, with the word for it in the language of the platform.
_FIRST = re.compile(r"\s*([^\W\d_]{2,20})\s*1\s?:")
# Parts of a question at most.
_MOST = 50


def with_parts(table: Table, numbered: Mapping[int, tuple[str, int]]) -> Table:
    """A table in which each part has a column, and all are numbered anew; the same where there are none.

    Args:
        table: The report of responses.
        numbered: The columns of a word and a number, by their places.
    """
    counts = {
        at: max([len(_parts(row.cells[at])) for row in table.rows if at < len(row.cells)], default=1)
        for at in numbered
    }
    if max(counts.values(), default=1) < 2:
        return table
    slots: dict[int, int] = {}
    for at, (_, number) in numbered.items():
        slots[number] = max(slots.get(number, 1), counts[at])
    first = {number: 1 + sum(slots[one] for one in slots if one < number) for number in slots}
    head: list[str] = []
    for at, cell in enumerate(table.head.cells):
        if at not in numbered:
            head.append(cell)
            continue
        word, number = numbered[at]
        head += [f"{word} {first[number] + part}" for part in range(slots[number])]
    rows = [row._replace(cells=_spread(row, numbered, slots)) for row in table.rows]
    return table._replace(head=table.head._replace(cells=tuple(head)), rows=tuple(rows))


def _spread(
    row: SheetRow, numbered: Mapping[int, tuple[str, int]], slots: Mapping[int, int]
) -> tuple[str, ...]:
    cells: list[str] = []
    for at, cell in enumerate(row.cells):
        count = slots[numbered[at][1]] if at in numbered else 1
        parts: Sequence[str] = [cell] if count == 1 else _parts(cell)
        if len(parts) < count:  # what was asked stands once for all parts, and says nothing of one of them
            parts = [*([] if count > len(parts) == 1 else parts), *[""] * count][:count]
        cells += parts
    return tuple(cells)


def _parts(cell: str) -> list[str]:
    """The answers to the parts; the cell itself where it is no list of parts."""
    begin = _FIRST.match(cell)
    if begin is None:
        return [cell]
    found = []
    rest = cell[begin.end() :]
    for number in range(2, _MOST):
        ends = re.search(rf";\s*{re.escape(begin[1])}\s*{number}\s?:", rest)
        if ends is None:
            break
        found.append(rest[: ends.start()].strip())
        rest = rest[ends.end() :]
    return [*found, rest.strip()]
