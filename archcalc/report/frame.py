"""Flat tables as data frames of pandas, which is imported when one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..shape import Shape
from .flat import FlatTable

# Columns whose sum Int64 holds; larger ones stay Python's, so that no number is ever wrong.
_LARGEST = 2**63


def dataframe(table: FlatTable) -> Any:
    """A ``pandas.DataFrame`` whose index is the first column. Raises ImportError."""
    try:
        import pandas
    except ImportError:
        from ..packages import pip_install

        raise ImportError(f"to_dataframe() needs pandas: {pip_install('pandas')}") from None
    header, records = table
    rows = list(records)
    index, *columns = [[row[at] for row in rows] for at in range(len(header))]
    return pandas.DataFrame(
        {name: _series(pandas, values) for name, values in zip(header[1:], columns, strict=True)}
    ).set_index(pandas.Index(index, name=header[0]))


def _series(pandas: Any, values: Sequence[Any]) -> Any:
    """A column in the type of its values."""
    known = [value for value in values if value is not None and value != ""]
    if known and all(isinstance(value, bool) for value in known):
        kind = "boolean"
    elif known and all(isinstance(value, int) for value in known) and sum(known) < _LARGEST:
        kind = "Int64"
    elif known and all(isinstance(value, float) for value in known):
        kind = "Float64"
    elif known and all(isinstance(value, str) for value in known):
        return pandas.Series(values)
    else:
        kind = "object"
    return pandas.Series([_value(pandas, value) for value in values], dtype=kind)


def _value(pandas: Any, value: Any) -> Any:
    if value is None or value == "":
        return pandas.NA
    return tuple(value) if isinstance(value, Shape) else value
