"""The designs of a sweep as files for programs, written while they are computed: JSON lines, and Parquet,
for which pyarrow is imported when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..diagnostics import fail
from ..packages import needed
from ..shape import Shape
from ..sweeping.findings import Findings
from ..sweeping.plan import SweepPlan
from ..sweeping.space import Axis
from ..sweeping.swept import Swept, columns_of, decimal, header_of
from .flat import FlatTable

# Columns of a sweep, and what they are called, part after part.
ColumnBlocks = Iterator[list[list[Any]]]
# Rows that become Python's values at once, where all are there.
_AT_ONCE = 1 << 16


def blocks_of(plan: SweepPlan, parts: Iterable[Findings]) -> ColumnBlocks:
    """The columns of each part of a sweep, in the order in which parts come."""
    import numpy as np

    for found in parts:
        for start in range(0, len(found.rows.numbers), _AT_ONCE):
            some = np.arange(start, min(start + _AT_ONCE, len(found.rows.numbers)))
            yield columns_of(plan, found.rows.rows(some))


def blocks_in_order(swept: Swept) -> ColumnBlocks:
    """The columns of what was found, in the order that was asked for."""
    for start in range(0, len(swept.order), _AT_ONCE):
        at = swept.order[start : start + _AT_ONCE]
        alike = None if swept.found.alike is None else swept.found.alike[at]
        yield columns_of(swept.plan, swept.batch.rows(at), alike)


def table_of(plan: SweepPlan, blocks: ColumnBlocks) -> FlatTable:
    """A record per design."""
    return header_of(plan), (list(row) for block in blocks for row in zip(*block, strict=True))


def jsonl(plan: SweepPlan, blocks: ColumnBlocks, ascii: bool = False) -> Iterator[str]:
    """An object per design and line; shapes are lists, fractions texts."""
    header = header_of(plan)
    encode = json.JSONEncoder(ensure_ascii=ascii, default=str).encode
    for block in blocks:
        yield "".join(
            [encode(dict(zip(header, row, strict=True))) + "\n" for row in zip(*block, strict=True)]
        )


def parquet(plan: SweepPlan, blocks: ColumnBlocks) -> Iterator[bytes]:
    """A table for pyarrow, DuckDB, Spark and their like; shapes are lists, what is not known is null. Raises
    SpecError without pyarrow, and for a number that Parquet does not hold."""
    arrow = needed("pyarrow", "--format parquet")
    writer_of = needed("pyarrow.parquet", "--format parquet").ParquetWriter
    header = header_of(plan)
    types = [_axis_type(arrow, axis) for axis in plan.space.axes]
    if plan.selection.refused:
        types.append(arrow.string())
    else:
        types += [arrow.list_(arrow.int64()), *[arrow.int64()] * (len(header) - len(types) - 1)]
    schema = arrow.schema(list(zip(header, types, strict=True)))
    sink = _Sink()
    with writer_of(arrow.PythonFile(sink, mode="w"), schema) as writer:
        for block in blocks:
            columns = [
                _column(arrow, name, values, kind)
                for name, values, kind in zip(header, block, types, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(columns, schema=schema))
            yield sink.taken()
    yield sink.taken()


def _axis_type(arrow: Any, axis: Axis) -> Any:
    if decimal(axis):
        return arrow.float64()
    kinds = {type(value) for value in axis.values}
    return arrow.bool_() if kinds == {bool} else arrow.int64() if kinds == {int} else arrow.string()


def _column(arrow: Any, name: str, values: list[Any], kind: Any) -> Any:
    if kind == arrow.string():
        values = [value if isinstance(value, str) else _text(value) for value in values]
    elif kind == arrow.float64():
        values = [float(value) for value in values]
    elif not isinstance(values[0], Shape):
        for value in values:
            if value is not None and (not isinstance(value, int) or not -(2**63) <= value < 2**63):
                raise fail(
                    "argument",
                    f"`{name}` of a design is {str(value)[:40]}, no whole number that Parquet holds",
                    "--format csv and --format jsonl hold any number",
                )
    return arrow.array(values, kind)


def _text(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value)


class _Sink:
    """A file whose content is taken away while it is written."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        """Keep some bytes until they are taken."""
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What was written since it was last taken."""
        found = b"".join(self._parts)
        self._parts.clear()
        return found
