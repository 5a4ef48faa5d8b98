"""Conditions on columns say of each row what they say of the record by itself: exactly, beyond int64 too."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.language.conditions import Condition

NAMES = ("params", "macs", "rf")
WORDS = st.sampled_from(
    ["params", "macs", "rf", "1.5K", "7", "0", "2.25", "9e18", "9223372036854775807", "1e30"]
)


def sums() -> st.SearchStrategy[str]:
    return st.recursive(
        WORDS,
        lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({' '.join(t)})"),
        max_leaves=3,
    )


def truths() -> st.SearchStrategy[str]:
    comparison = st.tuples(sums(), st.sampled_from(["<", "<=", "=", "!=", ">=", ">"]), sums()).map(" ".join)
    return st.recursive(
        comparison,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({' '.join(t)})"),
            inner.map(lambda text: f"not ({text})"),
        ),
        max_leaves=4,
    )


def column(values: list[Any]) -> np.ndarray:
    """int64 where that holds them, else objects."""
    if all(type(value) is int and abs(value) < 2**63 for value in values):
        return np.array(values, np.int64)
    found = np.empty(len(values), object)
    found[:] = values
    return found


NUMBERS = st.one_of(
    st.integers(-5, 2000),
    st.integers(2**62, 2**63 - 1),
    st.integers(2**63, 2**70),
    st.none(),
    st.fractions(0, 9),
)


@settings(max_examples=300, deadline=None)
@given(truths(), st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=6))
def test_rows_are_the_records(text: str, rows: list[tuple[Any, ...]]) -> None:
    """Defeats: int64 that wraps round, floats that round a limit, and None taken for 0."""
    condition = Condition(text, NAMES)
    records = [dict(zip(NAMES, row, strict=True)) for row in rows]
    columns = {name: column([record[name] for record in records]) for name in NAMES}
    held = np.broadcast_to(condition.rows(columns), len(rows))
    assert held.tolist() == [condition(record) for record in records]
    gaps = np.broadcast_to(condition.gaps(columns), len(rows))
    exact = [float(condition.gap(record)) for record in records]
    assert np.allclose(gaps, exact, rtol=1e-9, atol=1e-12)
    assert ((gaps == 0) == (np.array(exact) == 0)).all()


def test_texts_in_columns() -> None:
    condition = Condition("output = 7x7x8 and not family = 'Res-Net'", [], {"output": (), "family": ()})
    columns = {"output": column(["7x7x8", "7x7x9", "7x7x8"]), "family": column(["vgg", None, "ResNet"])}
    assert condition.rows(columns).tolist() == [True, False, False]
    assert (condition.gaps(columns) == 0).tolist() == [True, False, False]


def test_a_word_meets_no_number() -> None:
    """`half` is neither less nor more than 3. Defeats a comparison that fails on it."""
    condition = Condition("pad < 3 or pad >= 3", ["pad"])
    columns = {"pad": column([1, "half", Fraction(1, 2)])}
    assert condition.rows(columns).tolist() == [True, False, True]
    assert [condition({"pad": value}) for value in (1, "half")] == [True, False]
