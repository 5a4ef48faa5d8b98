"""Bounds of boxes of designs: every design of a box lies within them, whatever the rules do between."""

from __future__ import annotations

import itertools
import math
import operator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archcalc
from archcalc import SpecError, arithmetic
from archcalc.quantities import measured
from archcalc.solving.request import CountOptions, SearchRequest
from archcalc.solving.spaces.blocks import Harvest
from archcalc.solving.spaces.bounding import BranchAndBound
from archcalc.solving.spaces.intervals import BoxesDifferError, BoxNumbers, BoxRun, UnboundedError, around

# Arithmetic -------------------------------------------------------------------------------------

OPERATIONS: dict[str, Any] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "/": arithmetic.quotient,
    "ceil_div": arithmetic.ceil_div,
    "max": arithmetic.maximum,
    "min": arithmetic.minimum,
}
SIGNS = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Steps of a rule: an operation on two earlier numbers, or one choice between two."""
    steps: list[tuple[Any, ...]] = []
    for at in range(draw(st.integers(1, 6))):
        one, other = draw(st.integers(0, at + 2)), draw(st.integers(0, at + 2))
        if draw(st.integers(0, 3)):
            steps.append((draw(st.sampled_from(sorted(OPERATIONS))), one, other))
        else:
            steps.append(
                (draw(st.sampled_from(["where", "if"])), draw(st.sampled_from(sorted(SIGNS))), one, other)
            )
    return steps


def worked(numbers: list[Any], program: list[tuple[Any, ...]]) -> list[Any]:
    """All numbers of a program. Raises ZeroDivisionError."""
    numbers = list(numbers)
    for step in program:
        if len(step) == 3:
            name, one, other = step
            numbers.append(OPERATIONS[name](numbers[one], numbers[other]))
            continue
        kind, sign, one, other = step
        a, b = numbers[one], numbers[other]
        truth = SIGNS[sign](a, b)
        if kind == "where":
            numbers.append(arithmetic.where(truth, a, b))
        else:
            numbers.append(a - b if truth else a + b * 2)
    return numbers


def reached(box: list[tuple[int, int]], program: list[tuple[Any, ...]], constant: Any) -> list[Any] | None:
    """The bounds of each number of a program along every way; None where nothing is known."""
    waiting: list[tuple[bool, ...]] = [()]
    found: list[list[tuple[float, float]]] = []
    while waiting:
        run = BoxRun(1, waiting.pop())
        numbers = [
            run.numbers(np.array([float(a)]), np.array([float(b)]), True, 1 << at)
            for at, (a, b) in enumerate(box)
        ]
        try:
            numbers = worked([*numbers, constant], program)
        except (UnboundedError, ZeroDivisionError):
            return None
        except BoxesDifferError:
            pytest.fail("one box does not differ from itself")
        for at in range(len(run.taken)):
            if at >= len(run._decisions):
                waiting.append((*run.taken[:at], not run.taken[at]))
        if not run.empty[0]:
            found.append([(n.low[0], n.high[0]) if isinstance(n, BoxNumbers) else around(n) for n in numbers])
    return found


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-6, 9), st.integers(0, 5)), min_size=2, max_size=2),
    programs(),
    st.sampled_from([1, 2, 7, -3, Fraction(9, 10), 2**60]),
)
def test_every_number_lies_within_its_bounds(
    ends: list[tuple[int, int]], program: list[tuple[Any, ...]], constant: Any
) -> None:
    """Defeats: ends taken for monotone, a remainder by its ends, a quotient rounded the wrong way, one way of
    two, and floats that round a bound inwards."""
    box = [(low, low + more) for low, more in ends]
    found = reached(box, program, constant)
    if found is None:
        return
    for values in itertools.product(*(range(low, high + 1) for low, high in box)):
        numbers = worked([*values, constant], program)
        assert any(
            all(low <= number <= high for number, (low, high) in zip(numbers, way, strict=True))
            for way in found
        ), (values, numbers, found)


def test_no_bound_is_rounded_inwards() -> None:
    big = 2**53 + 1
    low, high = around(big)
    assert low < big < high or (low <= big <= high and low != high)
    assert around(Fraction(1, 3))[0] < Fraction(1, 3) < around(Fraction(1, 3))[1]
    run = BoxRun(1)
    number = run.numbers(np.array([1.0]), np.array([float(2**30)]), True, 1)
    product = number * (2**31 + 1) * (2**31 + 3)
    assert Fraction(product.high[0]) >= 2**30 * (2**31 + 1) * (2**31 + 3)
    assert Fraction(product.low[0]) <= (2**31 + 1) * (2**31 + 3)
    assert math.isinf(around(10**400)[1])


# Networks ---------------------------------------------------------------------------------------

CHAINS = [
    "12x12x6 -> conv ? ? stride=? pad=? -> relu -> maxpool ? -> fc ?",
    "9x9x8 -> conv ? 8 groups=? pad=half -> dwconv ? multiplier=? -> bn -> gap -> fc ?",
    "10x10x4 -> tconv ? ? stride=? -> avgpool ? round=? -> flatten -> fc ? bias=?",
    "8x8x4 -> conv 1x1 ?\nadd\n  | conv 3x3 ? pad=1\n  | shortcut\nconv ? ? pad=same stride=?",
    "12x4 -> lstm ? -> gru ? -> fc ?",
    "6x6x8 -> conv 1x1 ? -> pixelshuffle ? -> conv ? 3 dilation=?",
    "8x8x3 -> ? x (conv 3x3 ? pad=1) -> layernorm -> fc ?",
]
QUANTITIES = (
    "params",
    "macs",
    "flops",
    "peak",
    "saved",
    "rf",
    "size",
    "depth",
    "additions",
    "inference",
    "backward_macs",
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CHAINS), st.data())
def test_every_design_of_a_box_lies_within_its_bounds(chain: str, data: st.DataObject) -> None:
    """Whatever is monotone and what is not. The witness is `summary`, design by design."""
    request = SearchRequest(
        chain,
        "params > 0",
        None,
        input=None,
        up_to=9,
        stdin=None,
        even=False,
        best=None,
        counting=CountOptions(1, "fp32", None, None),
    )
    judge = request.judge([unknown.values for unknown in request.unknowns])
    assert judge is not None
    judge.sweep.quantities = QUANTITIES
    search = BranchAndBound(judge, Harvest(judge, None), 1000)
    box = []
    for line in search._lines:
        low, high = data.draw(st.sampled_from(line.ranges))
        first = data.draw(st.integers(low, high - 1))
        box.append((first, data.draw(st.integers(first + 1, min(high, first + 3)))))
    (known,) = search._bounds([tuple(box)])
    for values in itertools.product(
        *(line.values[a:b] for line, (a, b) in zip(search._lines, box, strict=True))
    ):
        try:
            summary = judge.sweep.summary(dict(zip([axis.name for axis in judge.axes], values, strict=True)))
        except SpecError:
            continue
        assert known is not None, f"{values} is a network"
        if isinstance(known, int):
            return  # nothing is claimed
        for name in QUANTITIES:
            figure, bounds = measured(name, summary), known.quantities[name]
            if figure is not None:
                assert bounds.low is None or bounds.low <= figure, (name, values, figure, bounds)
                assert bounds.high is None or figure <= bounds.high, (name, values, figure, bounds)


def test_networks_of_the_zoo_have_bounds() -> None:
    """Widths are rounded to multiples of 8, and shortcuts depend on them: no rule is left out."""
    request = SearchRequest(
        "mobilenet_v2",
        "params > 0",
        {"width": "0.5..1:0.05"},
        input="?x?x3",
        up_to=300,
        stdin=None,
        even=False,
        best=None,
        counting=CountOptions(1, "fp32", None, None),
    )
    judge = request.judge([unknown.values for unknown in request.unknowns])
    assert judge is not None
    judge.sweep.quantities = ("params", "macs")
    search = BranchAndBound(judge, Harvest(judge, None), 1000)
    (known,) = search._bounds([((5, 7), (200, 224))])
    assert not isinstance(known, int)
    assert known is not None
    for at, size in itertools.product(range(5, 7), (201, 224)):
        width = search._lines[0].values[at]
        totals = archcalc.load("mobilenet_v2", input=f"{size}x{size}x3", width=width).summary().totals
        for name in ("params", "macs"):
            low, high = known.quantities[name]
            assert low is not None
            assert high is not None
            assert low <= totals[name] <= high
            assert high < 2 * low
