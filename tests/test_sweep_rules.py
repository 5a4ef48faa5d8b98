"""Many designs at a time: what a spec computes of its values, what conditions name, and rules of own ops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from swept import same

import archcalc
from archcalc.ops import registry
from archcalc.ops.attributes import OpError
from archcalc.ops.facts import Tensor
from archcalc.solving import finding
from archcalc.sweeping import engine
from archcalc.sweeping.engine import evaluated
from archcalc.sweeping.lanes import LaneRun, Lanes
from archcalc.sweeping.request import Sweep, SweepRequest


def test_nothing_of_refused_designs_is_kept() -> None:
    """Defeats the clearing of those calls alone of which there are layers: where one is refused in every
    run, each run left its numbers with it."""
    import gc

    sweep = Sweep(SweepRequest("8x8x3 -> conv 3 4 -> conv 9 ?", {"filters": "1..50"}))
    for _ in range(3):
        assert evaluated(sweep, np.arange(sweep.space.size)).refused.all()
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is Lanes]


def test_a_run_takes_no_more_memory_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the run before took little, from which nothing follows for this one. Defeats a number of
    designs at a time that is learned from small networks, and taken for large ones."""
    held: list[int] = []
    plainly = LaneRun.end

    def noted(run: LaneRun) -> None:
        held.append(len(run.made) * run.count)
        plainly(run)

    monkeypatch.setattr(LaneRun, "end", noted)
    monkeypatch.setattr(engine, "MEMORY", 1 << 18)
    sweep = Sweep(
        SweepRequest("8x8x3 -> ? x (conv 1 ? -> relu)", {"turns": "{0, 20}", "filters": "1..20000"})
    )
    sweep.at_once = 1 << 16
    found = evaluated(sweep, np.arange(sweep.space.size))
    assert max(held) <= 4 * (1 << 18) // 8 + (1 << 16)
    sweep.at_once = 1 << 16
    monkeypatch.setattr(engine, "MEMORY", 1 << 26)
    assert (evaluated(sweep, np.arange(sweep.space.size)).columns["macs"] == found.columns["macs"]).all()
    assert max(held) > 1 << 20


def test_digits_are_counted_of_each_design() -> None:
    """Up to 40 behind the point. Defeats a line that is common to all designs: one of them has 41, and those
    with a few were refused with it."""
    request = SweepRequest(
        "-",
        {"w": f"{{0.1, 0.{36 * '0'}1, 1}}", "n": "{1, 10, 0.1, 0.0001}"},
        quantities=("params",),
        stdin="net t n=1 w=1.0\n  input 9x9x3\n  conv 3 (divisible(n * w * 100, 8))\n",
    )
    same(sweep := Sweep(request), np.arange(sweep.space.size))
    assert (evaluated(sweep, np.arange(sweep.space.size)).refused > 0).sum() == 1


COMPUTED = {
    "a comparison is a flag": ("conv 3 8 bias=(n > 3)", "3..6"),
    "a comparison is compared": ("conv 3 8 bias=((n > 3) == (n < 6))", "3..7"),
    "a comparison is no number": ("conv 3 (1 + (n > 3))", "3..6"),
    "frozen by a comparison": ("conv 3 8 frozen=(n > 4)", "3..6"),
    "a flag of a block": ("call (n > 4)", "3..6"),
    "yes is no number": ("conv 3 n", "{1, yes, 2, no, 3.5, 0}"),
}


@pytest.mark.parametrize("name", COMPUTED)
def test_values_that_are_computed(name: str) -> None:
    """Defeats a comparison of many designs that stays a row of truths: no yes or no for a flag, which refused
    them all, and a number for a sum, which is none."""
    line, values = COMPUTED[name]
    text = f"block call on\n  conv 3 8 bias=on\n\nnet t n=3\n  input 16x16x4\n  {line}\n"
    request = SweepRequest("-", {"n": values}, quantities=("params", "trainable", "macs"), stdin=text)
    same(sweep := Sweep(request), np.arange(sweep.space.size))


@pytest.mark.parametrize("quantities", [("params",), ("stride",)])
@pytest.mark.parametrize("name", ["stride", "pad", "units"])
def test_what_differs_comes_before_a_quantity_of_its_name(name: str, quantities: tuple[str, ...]) -> None:
    """In a condition, also where the quantity is computed too. Defeats a name that means one thing in a
    sweep of one design and the other in a sweep of many."""
    sweep = Sweep(
        SweepRequest(
            "32x32x3 -> conv 3 8 stride=2 -> conv 3 8 stride=? pad=? -> fc ?",
            {"stride": "1..3", "pad": "1..3", "units": "1..3"},
            quantities=quantities,
            where=f"{name} = 2",
        )
    )
    numbers = np.arange(sweep.space.size)
    same(sweep, numbers)
    meant = np.array([sweep.space.design(number)[name] == 2 for number in numbers.tolist()])
    assert (evaluated(sweep, numbers).holds == meant).all()


def test_sizes_and_words_in_a_condition() -> None:
    """A size counts as its largest number; a word meets nothing. Defeats a comparison of a tuple with a
    number, which Python refuses."""
    sweep = Sweep(
        SweepRequest("9x9x3 -> conv {2, 3x3, 1x5} 8 pad={same, 1, 2x0}", {}, where="kernel >= 3 and pad < 2")
    )
    same(sweep, np.arange(sweep.space.size))
    held = np.flatnonzero(evaluated(sweep, np.arange(sweep.space.size)).holds).tolist()
    assert [str(tuple(sweep.space.design(number).values())) for number in held] == [
        "((3, 3), 1)",
        "((1, 5), 1)",
    ]


class Tabled(registry()["scale"]):  # type: ignore[misc]
    """Learns as many values as a table says."""

    name = "tabled"
    spellable = False

    def tensors(self, x: Any) -> Any:
        return (Tensor("weight", ({4: 10, 6: 20}.get(x.channels, 30 if x.channels in {5, 8} else 40),)),)

    def output(self, x: Any) -> Any:
        # Many numbers have no text that is a number: an error, and none of those that come of their kind.
        if int(str(x.channels)) == 9:
            raise KeyError("nine")
        return x


def test_a_rule_that_fails_for_a_design_fails_for_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the error of that design. Defeats one that is swallowed, and a division of designs without end."""
    monkeypatch.setitem(registry(), "tabled", Tabled)
    sweep = Sweep(SweepRequest("8x8x3 -> conv ? ? -> tabled", {"kernel": "1..8", "filters": "3..60"}))
    with pytest.raises(KeyError, match="nine"):
        evaluated(sweep, np.arange(sweep.space.size))


class Lettered(registry()["scale"]):  # type: ignore[misc]
    """Learns as many values as its channels have digits, and refuses what is written without a 4."""

    name = "lettered"
    spellable = False

    def tensors(self, x: Any) -> Any:
        many = len(str(x.channels)) if isinstance(x.channels, int) else 1000
        return (Tensor("weight", (many,)),)

    def output(self, x: Any) -> Any:
        if "4" not in str(x.channels):
            raise OpError("shape", "there is a 4 in it", "input")
        return x


def test_a_rule_that_takes_its_numbers_for_ints_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not archcalc's own: numbers of many designs are no ints, and have no text. Defeats an
    engine that takes the figures, or the refusal, of such a rule for all designs."""
    monkeypatch.setitem(registry(), "lettered", Lettered)
    sweep = Sweep(SweepRequest("8x8x3 -> conv 3 ? -> lettered", {"filters": "3..44"}, quantities=("params",)))
    same(sweep, np.arange(sweep.space.size))
    found = evaluated(sweep, np.arange(sweep.space.size))
    assert (found.refused == 0).sum() == 9
    assert found.columns["params"][1] == 28 * 4 + 1


def test_no_bound_is_taken_from_such_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """``solve`` computes the designs instead. Defeats a best design that is proved by the thousand values
    that the rule has for what is no int."""
    monkeypatch.setitem(registry(), "lettered", Lettered)
    monkeypatch.setattr(finding, "LOOKED_THROUGH", 0)
    solution = archcalc.solve("8x8x3 -> conv 3 ? -> lettered", "params <= 1150", maximize="params", up_to=60)
    assert solution.proved
    best = solution.answers[0]
    assert (best.values["filters"], best.record["params"]) == (41, 28 * 41 + 2)


def test_a_rule_may_look_its_numbers_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of many designs are found in no table and no set: the designs are divided. Defeats a look-up
    that finds nothing and takes another branch, which gives a plausible figure."""
    monkeypatch.setitem(registry(), "tabled", Tabled)
    sweep = Sweep(SweepRequest("8x8x3 -> conv 3 ? -> tabled", {"filters": "3..8"}, quantities=("params",)))
    same(sweep, np.arange(sweep.space.size))
    found = evaluated(sweep, np.arange(sweep.space.size)).columns["params"].tolist()
    assert [n - 28 * filters for n, filters in zip(found, range(3, 9), strict=True)] == [
        *(40, 10, 30, 20, 40, 30)
    ]
