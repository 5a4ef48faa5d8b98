"""Many designs at a time: each number equals that of ``summary`` for each design by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from swept import QUANTITIES, same, sampled, space_of

from archcalc.arithmetic import ceil_div, common_divisor, maximum, minimum, quotient, share, where
from archcalc.diagnostics import SpecError
from archcalc.ops import registry
from archcalc.sweeping.engine import _Engine, evaluated
from archcalc.sweeping.lane_operations import LanesDifferError
from archcalc.sweeping.lanes import LaneRun, Lanes
from archcalc.sweeping.request import Sweep, SweepRequest

# ---------------------------------------------------------------------------------------------
# Numbers


NUMBERS = st.one_of(
    st.integers(-20, 20),
    st.integers(-(2**66), 2**66),
    st.fractions(min_value=-8, max_value=8, max_denominator=6),
)
OPERATIONS: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "quotient": quotient,
    "ceil_div": ceil_div,
    "max": maximum,
    "min": minimum,
    "<": lambda a, b: where(a < b, 1, 0),
    "<=": lambda a, b: where(a <= b, a, b),
    "==": lambda a, b: where(a == b, a, 7),
    "!=": lambda a, b: where(a != b, b, a),
    "neg": lambda a, b: -a + abs(b),
}


def in_groups(work: Any, columns: list[list[Any]]) -> list[Any]:
    """What comes of numbers in lanes, divided as often as the lanes ask for it."""
    found: list[Any] = [None] * len(columns[0])
    waiting = [np.arange(len(columns[0]))]
    while waiting:
        rows = waiting.pop()
        run = LaneRun(len(rows))
        lanes = [run.lanes([column[row] for row in rows], np.arange(len(rows))) for column in columns]
        try:
            value = work(*lanes)
        except LanesDifferError as differ:
            groups = [rows[differ.groups == group] for group in np.unique(differ.groups)]
            assert len(groups) > 1  # else it would go on for ever
            waiting += groups
            continue
        except ZeroDivisionError:
            value = "nought"
        for place, row in enumerate(rows):
            found[row] = value
            if isinstance(value, Lanes):
                found[row] = Fraction(int(value.numbers[place]), value.below)
                assert value.low <= value.numbers[place] <= value.high
    return found


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=6), st.data())
@settings(max_examples=200, deadline=None)
def test_numbers_in_lanes_are_those_of_python(rows: list[tuple[Any, ...]], data: st.DataObject) -> None:
    """Python's exact numbers are the witness; defeats wrapping around at 2**63, bounds that are too narrow,
    and a remainder with the sign of C."""
    first, second = data.draw(st.sampled_from(sorted(OPERATIONS))), data.draw(st.sampled_from("+-*"))

    def work(a: Any, b: Any, c: Any) -> Any:
        return OPERATIONS[second](OPERATIONS[first](a, b), c)

    expected: list[Any] = []
    for row in rows:
        try:
            expected.append(work(*row))
        except ZeroDivisionError:
            expected.append("nought")
    assert in_groups(work, [list(column) for column in zip(*rows, strict=True)]) == expected


EDGES = [0, 1, -1, 2, 7, -(2**62), 2**62, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**70, Fraction(1, 2)]


@pytest.mark.parametrize("name", [*OPERATIONS, "gcd", "chosen"])
def test_numbers_at_the_edges_of_int64(name: str) -> None:
    """In lanes against one number and the other way round. Defeats the negative of -2**63, which is itself;
    a choice that makes floats of 2**63; and a plain number that numpy refuses."""
    work = {**OPERATIONS, "gcd": common_divisor, "chosen": lambda a, b: where(a > 0, b, 2**63)}[name]
    edges = [edge for edge in EDGES if name != "gcd" or isinstance(edge, int)]
    for edge in edges:
        for several in (edges, [1, -7], [0, 2**63]):
            for columns in ([several, [edge] * len(several)], [[edge] * len(several), several]):
                expected: list[Any] = []
                for a, b in zip(*columns, strict=True):
                    try:
                        expected.append(work(a, b))
                    except ZeroDivisionError:
                        expected.append("nought")
                assert in_groups(work, columns) == expected


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), min_size=1, max_size=6))
@settings(deadline=None)
def test_shares_and_common_divisors(rows: list[tuple[int, int]]) -> None:
    for work in (common_divisor, share):
        assert in_groups(work, [[a for a, _ in rows], [b for _, b in rows]]) == [work(*row) for row in rows]


def test_what_lanes_agree_on_is_a_plain_number() -> None:
    """Defeats a division of the designs where none is needed."""
    run = LaneRun(3)
    width = run.lanes([4, 8, 12], np.arange(3))
    assert width // width == 1
    assert range(run.lanes([5, 5, 5], np.arange(3))) == range(5)
    assert (width > 3) is True
    with pytest.raises(LanesDifferError) as differ:
        bool(width > 4)
    assert differ.value.groups.tolist() == [0, 1, 1]
    with pytest.raises(LanesDifferError) as differ:
        range(width)
    assert differ.value.groups.tolist() == [0, 1, 2]


# ---------------------------------------------------------------------------------------------
# Designs


SPACES: dict[str, tuple[str, dict[str, str]]] = {
    "attributes": (
        "56x56x64 -> conv ? ? stride=? pad=? -> conv 3x3 128",
        {"kernel": "1..7", "filters": "16..256:16", "stride": "1..4", "pad": "0..3"},
    ),
    "choices": (
        "32x32x3 -> conv {3, 5x5, 7x3} ? pad={half, same, 0} stride={1, 2} -> bn -> relu -> "
        "maxpool {2, 3} stride=? round={ceil, floor} -> conv 3x3 ? groups=? -> global_avgpool -> fc ?",
        {
            "conv1.filters": "4..64:4",
            "conv2.filters": "4..64:4",
            "groups": "{1, 2, 4}",
            "maxpool1.stride": "1..3",
            "units": "{10, 100, 1000}",
        },
    ),
    "repeats": (
        "64x64x3 -> ? x (conv 3x3 ? stride={1, 2} pad={1, same} -> relu) -> upsample ? -> "
        "tconv ? 16 stride=? pad=same -> flatten -> fc 10",
        {
            "turns": "0..4",
            "filters": "8..64:8",
            "factor": "1..3",
            "tconv1.kernel": "2..5",
            "tconv1.stride": "1..3",
        },
    ),
    "fractions": ("mobilenet_v2", {"width": "0.25..1.5:0.05", "input": "32..256:16"}),
    "shortcuts": ("resnet18", {"classes": "10..1000:10", "input": "17..256:8"}),
    "levels": ("unet", {"input": "16..256:16"}),
    "branches": ("googlenet", {"classes": "10..1000:10", "input": "64..256:8"}),
    "asserted": ("56x56x64 -> conv ? 8 stride=? pad=? -> [28x28x8]", {"kernel": "1..5", "stride": "1..3"}),
    "asserted of an open input": ("?x?x3 -> conv {3, 5} 8 stride=2 -> [6x6x8]", {"input": "6..24"}),
    "open input": ("?x?x3 -> conv 3x3 8 pad=1 -> maxpool ?", {"input": "1..64:3", "kernel": "1..4"}),
}


@pytest.mark.parametrize("name", SPACES)
def test_designs_equal_their_summaries(name: str) -> None:
    """``summary`` of each design is the witness; defeats rules that take the first lane for all."""
    target, given = SPACES[name]
    same(sweep := Sweep(SweepRequest(target, given, quantities=QUANTITIES)), sampled(sweep, 60))


@pytest.mark.parametrize("seed", range(12))
def test_random_spaces(seed: int) -> None:
    text, given = space_of(seed)
    if given:
        same(sweep := Sweep(SweepRequest("-", given, quantities=QUANTITIES, stdin=text)), sampled(sweep, 40))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12, 62))
def test_more_random_spaces(seed: int) -> None:
    text, given = space_of(seed, layers=12)
    if given:
        same(
            sweep := Sweep(SweepRequest("-", given, quantities=QUANTITIES, stdin=text)), sampled(sweep, 1000)
        )


_NUMBER = re.compile(r"(?<=[ =])\d+(?=\s|$)")


def spaces_of_examples() -> Iterator[tuple[str, dict[str, str]]]:
    """Of each op its example, with other numbers in the place of each, and other sizes of the input."""
    for op in registry().values():
        head, arrow, layers = op.example.partition("->")
        if not arrow or "\n" in op.example:
            continue
        several = _NUMBER.sub(lambda match: _others(int(match.group())), layers)
        sizes = head.strip().split("x")
        if len(sizes) > 1:
            unsized = "x".join([*"?" * (len(sizes) - 1), sizes[-1]])
            yield f"{unsized} -> {several}", {"input": _others(int(sizes[0]))}
        if several != layers:
            yield f"{head} -> {several}", {}


def _others(number: int) -> str:
    return "{" + ", ".join(map(str, sorted({number, number + 1, 2 * number}))) + "}"


def test_rules_of_every_op_run_on_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rule falls back to plain numbers, and each gives what it gives for them. Defeats an op that takes
    its numbers for ints, which works, a hundred times slower."""
    fallen: list[str] = []
    plainly = _Engine._divided

    def noted(engine: _Engine, rows: np.ndarray, error: Exception) -> LanesDifferError:
        fallen.append(repr(error))
        return plainly(engine, rows, error)

    monkeypatch.setattr(_Engine, "_divided", noted)
    found = 0
    for target, values in spaces_of_examples():
        sweep = Sweep(SweepRequest(target, values, quantities=QUANTITIES))
        same(sweep, sampled(sweep, 40))
        assert not fallen, target
        found += 1
    assert found > 100


def test_beyond_int64() -> None:
    """MACs of 2**75; defeats arithmetic that wraps around, which gives a plausible number."""
    sweep = Sweep(
        SweepRequest(
            "1024x1024x3 -> conv 3x3 ? -> conv 3x3 ? -> global_avgpool -> fc ?",
            {
                "conv1.filters": "{8, 1048576, 1073741824}",
                "conv2.filters": "{8, 16777216, 4294967296}",
                "units": "{10, 1000000000000}",
            },
            quantities=QUANTITIES,
        )
    )
    numbers = np.arange(sweep.space.size)
    same(sweep, numbers)
    macs = evaluated(sweep, numbers).columns["macs"]
    assert max(macs) > 2**75
    assert min(macs) < 2**63


def test_a_chain_asserts_a_shape_of_every_input() -> None:
    """Defeats an assertion that holds of the declared input alone, of which an open one has none."""
    sweep = Sweep(SweepRequest(*SPACES["asserted of an open input"]))
    batch = evaluated(sweep, np.arange(sweep.space.size))
    designs = [sweep.space.design(int(number)) for number in batch.numbers[batch.refused == 0]]
    assert [(at["kernel"], at["input"]) for at in designs] == [(3, 13), (3, 14), (5, 15), (5, 16)]
    assert sweep.spec(designs[0]) == "13x13x3 -> conv 3 8 stride=2 -> [6x6x8]"


def test_a_condition_holds_of_the_designs_that_meet_it() -> None:
    """Defeats a condition that is decided once for all designs of a group."""
    request = SweepRequest(
        "mobilenet_v2",
        {"width": "0.25..1.5:0.25", "input": "96..256:32"},
        quantities=("params",),
        where="(params < 2M or macs < 100M) and macs / params > 30 and not width = 0.5",
    )
    same(sweep := Sweep(request), np.arange(sweep.space.size))
    assert 0 < evaluated(sweep, np.arange(sweep.space.size)).holds.sum() < sweep.space.size


def test_a_structure_is_expanded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand designs of one structure take one expansion, and eight of three at most five. Defeats
    the loop over designs."""
    expanded: list[Any] = []
    plain = Sweep._graph

    def counted(self: Sweep, *args: Any) -> Any:
        expanded.append(args)
        return plain(self, *args)

    monkeypatch.setattr(Sweep, "_graph", counted)
    sweep = Sweep(
        SweepRequest("32x32x3 -> conv ? ? pad=half", {"kernel": "{1, 3, 5, 7}", "filters": "1..2000"})
    )
    evaluated(sweep, np.arange(sweep.space.size))
    assert len(expanded) == 1
    expanded.clear()
    sweep = Sweep(SweepRequest("32x32x3 -> ? x (conv 3x3 ? pad=1)", {"turns": "1..3", "filters": "1..2000"}))
    evaluated(sweep, np.arange(sweep.space.size))
    assert len(expanded) <= 5


def test_nothing_of_a_run_is_kept() -> None:
    """The numbers of designs are let go of: the memory of a sweep does not grow with it. Defeats caches
    that hold on to them."""
    import gc

    sweep = Sweep(SweepRequest(*SPACES["attributes"]))
    for _ in range(3):
        evaluated(sweep, np.arange(sweep.space.size))
    gc.collect()
    held = [one for one in gc.get_objects() if type(one) is Lanes and one.numbers is not None]
    assert not held


FAULTS: dict[str, tuple[Any, ...]] = {
    "no parameter": ("resnet18", {"colour": "1..3"}),
    "nothing differs": ("resnet18", {"classes": "10"}),
    "a range without an end": ("resnet18", {"classes": "10.."}),
    "turned round": ("resnet18", {"classes": "30..10"}),
    "no number": ("resnet18", {"classes": "a..b"}),
    "no step": ("resnet18", {"classes": "1..9:0"}),
    "open": ("resnet18", {"classes": "{1, 2"}),
    "a gap": ("resnet18", {"classes": "{1,, 2}"}),
    "too many": ("resnet18", {"classes": "1..9000000000"}),
    "no size": ("resnet18", {"input": "{32, half}"}),
    "figures of another tool": ("resnet18", {"classes": "1..3"}, None, ("params", "counter")),
    "a condition on these": ("resnet18", {"classes": "1..3"}, None, ("params",), "counter < 1G"),
    "a module": ("torchvision.models:resnet18", {"num_classes": "1..3"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str) -> None:
    with pytest.raises(SpecError) as error:
        Sweep(SweepRequest(*FAULTS[name]))
    assert len(error.value.diagnostics) == 1
