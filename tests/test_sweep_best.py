"""The best of many designs: tops and fronts beside a plain search, in whatever parts they come."""

from __future__ import annotations

import pickle
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.diagnostics import SpecError
from archcalc.sweeping.batch import DesignBatch, Refusal
from archcalc.sweeping.best import Goal, Ranking, front, read_goals, top
from archcalc.sweeping.findings import Findings, Selection, findings, gathered, merged
from archcalc.sweeping.joining import joined
from archcalc.sweeping.one_by_one import column
from archcalc.sweeping.sampling import SweptDesigns, draw
from archcalc.sweeping.space import Axis, DesignSpace

NAMES = ("params", "macs", "rf", "peak")
SMALL = st.integers(-3, 3)
BEYOND = st.sampled_from([0, 1, 2**63 - 1, -(2**63), 2**70, -(2**70), Fraction(1, 2), Fraction(3, 2), None])
SPACE = DesignSpace([Axis("width", (8, 4, 2)), Axis("kind", ("b", "a")), Axis("n", tuple(range(100)))])


def batch_of(rows: list[tuple[Any, ...]], numbers: list[int] | None = None) -> DesignBatch:
    """Designs with these quantities, all of which are networks that meet the condition."""
    count = len(rows)
    return DesignBatch(
        np.array(range(count) if numbers is None else numbers, np.int64),
        {name: column([row[at] for row in rows]) for at, name in enumerate(NAMES[: len(rows[0])])},
        np.ones((count, 3), np.int64),
        np.zeros(count, np.int32),
        (),
        np.ones(count, bool),
    )


def goals_of(signs: list[bool]) -> list[Goal]:
    return [Goal(name, largest) for name, largest in zip(NAMES, signs, strict=False)]


def behind(value: Any, largest: bool) -> tuple[bool, Any]:
    """What sorts as a design does: unknown quantities last, whichever end is the best."""
    return (True, 0) if value is None else (False, -value if largest else value)


def plain_front(rows: list[tuple[Any, ...]], signs: list[bool]) -> tuple[list[int], list[int]]:
    """Every design beside every other, by the definition."""
    keys = {
        n: tuple(-value if sign else value for value, sign in zip(row, signs, strict=True))
        for n, row in enumerate(rows)
        if None not in row
    }
    found, alike = [], []
    for n, key in keys.items():
        bettered = any(all(a <= b for a, b in zip(o, key, strict=True)) and o != key for o in keys.values())
        if not bettered and not any(keys[m] == key for m in keys if m < n):
            found.append(n)
            alike.append(sum(o == key for o in keys.values()))
    return found, alike


def tables(values: st.SearchStrategy[Any], most: int = 60) -> st.SearchStrategy[Any]:
    """Rows of one to four quantities, and which ends are wanted."""
    return st.integers(1, 4).flatmap(
        lambda n: st.tuples(
            st.lists(st.tuples(*[values] * n), min_size=1, max_size=most),
            st.lists(st.booleans(), min_size=n, max_size=n),
        )
    )


@settings(deadline=None, max_examples=150)
@given(st.one_of(tables(SMALL), tables(BEYOND, 25)))
def test_a_front_is_that_of_the_definition(drawn: Any) -> None:
    """Defeats a strict comparison that drops equals, a minus sign that overflows at -2^63, floats that
    take 2^63 - 1 and 2^63 for the same, and an unknown quantity that counts as 0."""
    rows, signs = drawn
    found = front(batch_of(rows), Ranking(goals_of(signs), SPACE))
    numbers, alike = plain_front(rows, signs)
    assert found.batch.numbers.tolist() == numbers
    assert found.alike.tolist() == alike
    assert found.unknown == sum(None in row for row in rows)


@settings(deadline=None, max_examples=150)
@given(st.one_of(tables(SMALL), tables(BEYOND, 25)), st.integers(1, 8))
def test_a_top_is_that_of_a_sort(drawn: Any, count: int) -> None:
    """Defeats a partition that cuts through designs that are equal in the first goal."""
    rows, signs = drawn
    by = Ranking(goals_of(signs), SPACE)
    order = sorted(range(len(rows)), key=lambda n: [*map(behind, rows[n], signs), n])
    batch = batch_of(rows)
    assert batch.numbers[by.order(batch)].tolist() == order
    best = top(batch, by, count)
    assert best.numbers[by.order(best)].tolist() == order[:count]


@settings(deadline=None, max_examples=100)
@given(
    tables(st.one_of(SMALL, BEYOND), 40), st.randoms(use_true_random=False), st.booleans(), st.integers(1, 5)
)
def test_parts_in_any_order_leave_what_the_whole_leaves(
    drawn: Any, chance: random.Random, fronts: bool, count: int
) -> None:
    """A front of fronts is the front of all, with the same counts; a top of tops likewise. Defeats counts
    of equals that are lost where two parts meet, and ties broken by the order of arrival."""
    rows, signs = drawn
    goals = tuple(goals_of(signs))
    wanted = Selection(pareto=goals) if fronts else Selection(sort=goals, top=count)
    numbers = list(range(len(rows)))
    whole = findings(batch_of(rows), wanted, SPACE)
    parts: list[list[int]] = [[] for _ in range(4)]
    for n in numbers:
        chance.choice(parts).append(n)
    chance.shuffle(parts)
    made = [findings(batch_of([rows[n] for n in at], at), wanted, SPACE) for at in parts if at]
    for found in (merged(made, wanted, SPACE), gathered(iter(made), wanted, SPACE), in_pairs(made, wanted)):
        found = pickle.loads(pickle.dumps(found))
        assert found.rows.numbers.tolist() == whole.rows.numbers.tolist()
        assert (found.designs, found.networks, found.unknown) == (len(rows), len(rows), whole.unknown)
        assert (found.alike is None) == (not fronts)
        if found.alike is not None and whole.alike is not None:
            assert found.alike.tolist() == whole.alike.tolist()


def in_pairs(made: list[Findings], wanted: Selection) -> Findings:
    """Merged as a tree."""
    if len(made) == 1:
        return made[0]
    half = len(made) // 2
    return merged([in_pairs(made[half:], wanted), in_pairs(made[:half], wanted)], wanted, SPACE)


@pytest.mark.parametrize("goals", [2, 3, 4])
def test_a_front_of_many_designs(goals: int) -> None:
    """More designs than are compared at once, all of them on the front, and some thousand behind. Defeats a
    block that is not compared with the blocks before, and with itself."""
    chance = np.random.default_rng(3)
    good = chance.permutation(3000 if goals > 2 else 1500)
    # On the front by construction: what is smaller in the first is larger in the second.
    rows = [good, good.max() - good, *chance.integers(0, 5, (goals - 2, len(good)))]
    behind = [np.repeat(row, 3) + 1 for row in rows]
    columns = [np.concatenate([b, r]) for b, r in zip(behind, rows, strict=True)]
    batch = batch_of(list(zip(*[c.tolist() for c in columns], strict=True)))
    found = front(batch, Ranking(goals_of([False] * goals), SPACE))
    assert found.batch.numbers.tolist() == list(range(len(behind[0]), len(columns[0])))
    assert found.alike.tolist() == [1] * len(good)


def test_an_axis_is_a_goal() -> None:
    """By the sizes of its numbers, not by their places; words in the order of the text."""
    batch = batch_of([(1,)] * 600)
    by = Ranking(read_goals("width,-kind,-n", SPACE), SPACE)
    first = SPACE.design(int(by.order(batch)[0]))
    assert first == {"width": 2, "kind": "a", "n": 99}
    assert [str(goal) for goal in by.goals] == ["width", "-kind", "-n"]


def test_goals_that_there_are_not() -> None:
    for text, message in (
        ("param,hight", "names `hight`"),
        ("params,parameters", "names `params` twice"),
        ("params,", "lacks a name"),
        ("", "lacks a name"),
        ("output", "names `output`"),
    ):
        with pytest.raises(SpecError) as caught:
            read_goals(text, SPACE, "--pareto")
        assert message in caught.value.diagnostics[0].message


def test_batches_joined_keep_reasons_and_sizes() -> None:
    """Reasons are numbered anew, outputs of fewer axes get zeros in front, a column becomes one of objects
    where one part needs it. Defeats a reference to the reason of another part."""
    early = Refusal("shape", "conv", "5 > 3", 1)
    late = Refusal("shape", "conv", "7 > 3", 6)
    other = Refusal("assert", "", "no", 5)
    one = batch_of([(1,), (2**70,)], [5, 6])._replace(
        refused=np.array([1, 2], np.int32), refusals=(other, late)
    )
    two = batch_of([(3,), (4,)], [1, 2])._replace(
        refused=np.array([1, 0], np.int32), refusals=(early,), sizes=np.full((2, 1), 7)
    )
    found = joined([one, two])
    assert found.numbers.tolist() == [1, 2, 5, 6]
    assert [found.refusals[n - 1] if n else None for n in found.refused] == [early, None, other, early]
    assert [found.output(row) for row in range(4)] == [(7,), (7,), (1, 1, 1), (1, 1, 1)]
    assert found.columns["params"].tolist() == [3, 4, 1, 2**70]
    wanted = Selection(refused=True)
    counted = merged([findings(part, wanted, SPACE) for part in (one, two)], wanted, SPACE)
    assert counted.rows.numbers.tolist() == [1, 5, 6]
    assert {kind: tuple(one) for kind, one in counted.refused.items()} == {
        ("shape", "conv"): (2, early),
        ("assert", ""): (1, other),
    }


def test_a_sample_is_the_same_everywhere() -> None:
    """Numbers of a run elsewhere. Defeats a draw whose numbers a new release of a library may change."""
    assert draw(10**18, 4, 0).tolist() == DRAWN
    assert draw(1000, 4, 7).tolist() == DRAWN_OF_FEW


DRAWN = [304881062738325533, 749869230777074271, 755828109848996024, 976686463289251617]
DRAWN_OF_FEW = [43, 314, 325, 786]


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 3000), st.data(), st.integers(0, 2**64))
def test_a_sample_is_distinct_and_in_order(size: int, data: Any, seed: int) -> None:
    """Also where nearly all are drawn, or the numbers are few. Defeats draws with repetition."""
    count = data.draw(st.integers(0, size))
    found = draw(size, count, seed).tolist()
    assert found == sorted(set(found))
    assert len(found) == count
    assert all(0 <= n < size for n in found)


def test_a_sample_is_even() -> None:
    """Each number is drawn as often as any other, of a size that is near 2^63 too. Defeats a remainder
    that makes small numbers likelier: of three times 2^61 numbers the first third is."""
    counts = np.bincount(np.concatenate([draw(10, 3, seed) for seed in range(4000)]), minlength=10)
    assert counts.sum() == 12000
    assert (abs(counts - 1200) < 150).all()
    size = 3 * 2**61
    drawn = draw(size, 30_000, 5)
    thirds = np.bincount((drawn // (size // 3)).astype(int), minlength=3)
    assert (abs(thirds - 10_000) < 400).all()


def test_spaces_that_cannot_be_numbered() -> None:
    """Defeats numbers that go round, and a sample that fills the memory."""
    axis = tuple(range(1000))
    huge = DesignSpace([Axis(f"a{n}", axis) for n in range(7)])
    for space, sample in ((huge, None), (huge, 5), (DesignSpace([Axis("n", axis)] * 3), 10**8)):
        with pytest.raises(SpecError):
            SweptDesigns(space, sample)
    assert SweptDesigns(DesignSpace([Axis(f"a{n}", axis) for n in range(6)]), 5).size == 5
