"""The best designs, and large spaces: brute force, design by design through `summary`, is the witness."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from calling import call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archcalc
from archcalc import SpecError
from archcalc.language.conditions import Condition
from archcalc.quantities import COMPARED
from archcalc.solving import finding
from archcalc.solving.search import BISECTION, BRANCH_AND_BOUND, EVERY_DESIGN, Candidate
from archcalc.solving.spaces import blocks, bounding
from archcalc.solving.spaces.by_change import by_change, counts_by_change


def brute(form: str, spaces: list[list[Any]], where: str | None, shape: tuple[int, ...] | None) -> Any:
    """All designs that meet a demand: (values, quantities)."""
    condition = Condition(where, COMPARED) if where is not None else None
    found = []
    for values in itertools.product(*spaces):
        try:
            summary = archcalc.load(form.format(*values)).summary()
        except SpecError:
            continue
        if shape is not None and tuple(summary.graph.output.output) != shape:
            continue
        record = Candidate(summary)
        if condition is None or condition(record):
            found.append((values, record))
    return found


# Small ranges of every attribute, so that whole spaces can be looked at by hand.
FORMS: list[tuple[str, int]] = [
    ("9x9x4 -> conv {} {} stride={} pad={}", 4),
    ("9x9x4 -> conv 3x3 {} groups={} -> conv {} 6 groups={}", 4),
    ("10x10x4 -> conv {} 8 -> maxpool {} stride={} -> fc {}", 4),
    ("8x8x6 -> {} x (conv 3x3 6 pad=1) -> add\n  | conv 1x1 {} bias=no\n  | shortcut", 2),
    ("12x12x2 -> conv 3x3 {} dilation={} pad=half -> bn -> relu -> dwconv {} pad=1 -> gap -> fc {}", 4),
    ("7x3 -> lstm {} -> fc {}", 2),
]
QUANTITIES = ["params", "macs", "peak", "rf", "saved", "connections", "depth", "additions"]


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, str | None, str | None, int, int]:
    form, count = draw(st.sampled_from(FORMS))
    first, second, objective = (draw(st.sampled_from(QUANTITIES)) for _ in range(3))
    limit = draw(st.sampled_from([3, 9, 40, 300, 900, 3_000, 20_000]))
    where = f"{first} {draw(st.sampled_from(['<=', '>', '=']))} {limit}"
    if draw(st.booleans()):
        word, other = draw(st.sampled_from(["and", "or", "and not"])), draw(st.integers(2, 500))
        where = f"{where} {word} {second} >= {other}"
    return form, where, draw(st.sampled_from([objective, None])), draw(st.sampled_from([1, -1])), count


@pytest.fixture
def in_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every space is taken for large, and every box down to single designs is bounded."""
    monkeypatch.setattr(finding, "LOOKED_THROUGH", 0)
    monkeypatch.setattr(finding, "FEW", 0)
    monkeypatch.setattr(bounding, "SMALL", 2)


def check(form: str, where: str | None, objective: str | None, sign: int, count: int) -> None:
    """What is found is what brute force finds, in its order."""
    most = 5
    spaces = None
    chain = form.format(*"?" * count)
    options = {} if objective is None else {"maximize" if sign > 0 else "minimize": objective}
    try:
        solution = archcalc.solve(chain, where, up_to=most, **options)
    except SpecError:
        return  # no design is a network
    spaces = [list(unknown.values) for unknown in solution.unknowns]
    wanted = brute(form, spaces, where, None)
    assert solution.whole or solution.proved
    places = [{value: at for at, value in enumerate(space)} for space in spaces]

    def change(values: tuple[Any, ...]) -> tuple[int, tuple[int, ...]]:
        at = tuple([place[value] for place, value in zip(places, values, strict=True)])
        return sum(at), at

    if objective is None:
        wanted.sort(key=lambda one: change(one[0]))
        assert [tuple(at.values.values()) for at in solution.answers] == [values for values, _ in wanted]
        assert solution.met == len(wanted)
    else:
        known = [one for one in wanted if one[1][objective] is not None]
        known.sort(key=lambda one: (-sign * one[1][objective], change(one[0])))
        best = [record[objective] for _, record in known[: finding.BEST]]
        assert [design.record[objective] for design in solution.answers] == best
        places_of = {values for values, _ in known}
        assert all(tuple(at.values.values()) in places_of for at in solution.answers)
        assert solution.proved
        if solution.method == EVERY_DESIGN:  # of equal ones the smallest change first
            found = [tuple(at.values.values()) for at in solution.answers]
            assert found == [values for values, _ in known[: finding.BEST]]
    for design in solution.answers[:3]:
        assert design.spec is not None
        record = Candidate(archcalc.load(design.spec).summary())
        assert all(design.record[name] == record[name] for name in ("params", "macs", "rf"))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(questions())
def test_boxes_find_what_brute_force_finds(in_boxes: None, question: Any) -> None:
    """Defeats: greedy, axis by axis; stride, padding, kernels and groups taken for monotone; a shortcut that
    costs less at its own width; bounds that leave out an answer; ties in another order."""
    check(*question)


@settings(max_examples=8, deadline=None)
@given(questions())
def test_blocks_find_what_brute_force_finds(question: Any) -> None:
    """Defeats: blocks that lose their order, or the designs at their ends."""
    check(*question)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(questions())
def test_many_boxes(in_boxes: None, question: Any) -> None:
    check(*question)


def test_not_axis_by_axis(in_boxes: None) -> None:
    """The most MACs within a budget of parameters: going along one axis as far as it fits, then along the
    other, ends elsewhere."""
    chain, budget = "32x32x3 -> conv 3x3 ? -> conv 3x3 ?", 9000
    best = archcalc.solve(chain, f"params <= {budget}", maximize="macs", up_to=300)
    assert best.proved
    assert best.method == BRANCH_AND_BOUND

    def macs(a: int, b: int) -> int:
        return 27 * a * 900 + 9 * a * b * 784

    fits = [(a, b) for a in range(1, 301) for b in range(1, 301) if 28 * a + (9 * a + 1) * b <= budget]
    wanted = max(fits, key=lambda at: macs(*at))
    assert tuple(best.answers[0].values.values()) == wanted
    first = max(a for a, b in fits if b == 300) if any(b == 300 for _, b in fits) else 1
    greedy = first, max(b for a, b in fits if a == first)
    assert macs(*greedy) < macs(*wanted)


def test_four_unknowns_of_a_large_space() -> None:
    """36 million designs, all of them computed or ruled out."""
    solution = archcalc.solve("56x56x64 -> conv ? ? stride=? pad=? -> [28x28x128]")
    assert solution.space == 32 * 1024 * 32 * 35
    assert solution.whole
    assert solution.proved
    assert solution.tried < 200_000
    wanted = {
        (k, 128, s, p)
        for k in range(1, 33)
        for s in range(1, 33)
        for p in range(33)
        if k <= 56 + 2 * p and (56 + 2 * p - k) // s + 1 == 28
    }
    found = [tuple(at.values.values()) for at in solution.answers]
    assert {values for values in found if not isinstance(values[3], str)} == wanted
    assert (3, 128, 2, 1) in found[:3]
    assert len(found) == solution.met


def test_a_budget_of_four_unknowns() -> None:
    """A million million designs: the most parameters under 100,000, proved."""
    chain = "32x32x3 -> conv 3x3 ? -> conv 3x3 ? -> conv 3x3 ? -> fc ?"
    # With a limit of its own the search looks at no clock.
    limit = 4_000_000
    solution = archcalc.solve(chain, "params <= 100_000 and macs <= 30M", maximize="params", limit=limit)
    assert solution.proved
    best = solution.answers[0]
    assert best.record["params"] == archcalc.load(best.spec or "").summary().totals["params"] == 100_000
    first = archcalc.solve(chain, "params <= 100_000 and macs <= 30M and macs > 29M", limit=limit)
    assert first.proved


def test_bisection_along_one_axis() -> None:
    solution = archcalc.solve("9x9x4 -> conv 3x3 ?", "params <= 9M", maximize="filters", up_to=1_000_000)
    assert [at.values["filters"] for at in solution.answers[:2]] == [9_000_000 // 37, 9_000_000 // 37 - 1]
    assert (solution.method, solution.proved) == (BISECTION, True)
    assert solution.tried < 50_000


def test_what_is_not_proved_says_so() -> None:
    """Nor are more designs tried than is allowed."""
    words = (
        *(
            "solve",
            "32x32x3 -> conv ? ? pad=? -> conv ? ? pad=?",
            "--where",
            "params <= 77_777 and macs > 1M",
        ),
        *("--maximize", "macs", "--limit", "2000"),
    )
    found = json.loads(call(*words, "--format", "json").out)
    assert found["proved"] is False
    assert found["whole"] is False
    assert found["tried"] <= 2000
    assert f"no: {found['tried']:,} of 1,315,333,734,400 designs" in " ".join(call(*words).out.split())


def test_good_designs_without_a_proof() -> None:
    """Defeats the least changes alone, of which the best has a twentieth of it."""
    chain = "32x32x3 -> conv ? ? pad=? -> conv ? ? pad=?"
    found = archcalc.solve(chain, "params <= 77_777 and macs > 1M", maximize="macs", limit=40_000)
    best = found.answers[0]
    totals = archcalc.load(best.spec or "").summary().totals
    assert (totals["params"], totals["macs"]) == (best.record["params"], best.record["macs"])
    assert totals["params"] <= 77_777
    assert totals["macs"] > 300_000_000
    assert not found.proved
    assert found.tried <= 40_000


def test_the_widest_mobilenet_of_a_budget() -> None:
    answer = call(
        *("solve", "mobilenet_v2", "--set", "width=?", "--where", "params <= 3M and macs <= 250M"),
        *("--maximize", "params", "--format", "json"),
    )
    found = json.loads(answer.out)
    assert found["objective"] == {"quantity": "params", "wanted": "largest"}
    assert found["proved"] is True
    widths = [Fraction(n, 20) for n in range(1, 81)]
    totals = {width: archcalc.load("mobilenet_v2", width=width).summary().totals for width in widths[10:25]}
    fits = [t["params"] for t in totals.values() if t["params"] <= 3_000_000 and t["macs"] <= 250_000_000]
    assert found["answers"][0]["params"] == max(fits)


def test_what_is_missed() -> None:
    """Of each design that comes near, by how much each demand is missed. Defeats: only a distance."""
    found = json.loads(
        call(
            "solve",
            "32x32x3 -> conv 5x5 10 pad=? -> [27x27x10]",
            "--where",
            "params < 700",
            "--format",
            "json",
        ).out
    )
    first = found["nearest"][0]
    came = first["output"]
    misses = {miss["demand"]: miss for miss in first["misses"]}
    assert misses["[27x27x10]"]["difference"] == f"{came[0] - 27}x{came[1] - 27}x0"
    assert misses["params < 700"] == {"demand": "params < 700", "value": 760, "limit": 700, "difference": 60}
    screen = call("solve", "32x32x3 -> conv 5x5 ?", "--where", "params < 3").out
    assert "params < 3: +73" in screen


def test_shapes_within_a_chain() -> None:
    """A shape that is asserted in front of further layers. Defeats: only the last shape compared."""
    chain = "40x40x3 -> conv 3x3 ? stride=? pad=1 -> [20x20x16] -> conv ? ? pad=? -> [18x18x5]"
    found = [tuple(at.values.values()) for at in archcalc.solve(chain).answers]
    wanted = {
        (16, 2, k, 5, p)
        for k in range(1, 33)
        for p in range(33)
        if k <= 20 + 2 * p and 20 + 2 * p - k + 1 == 18
    }
    assert {values for values in found if not isinstance(values[4], str)} == wanted


@pytest.mark.parametrize("sizes", [[1], [4], [3, 4, 2], [1, 1, 5], [7, 2, 2, 3]])
@pytest.mark.parametrize("most", [1, 5, 1000])
def test_designs_by_their_change(sizes: list[int], most: int) -> None:
    places = sorted(itertools.product(*map(range, sizes)), key=lambda at: (sum(at), at))
    numbers = [int(np.ravel_multi_index(at, sizes)) for at in places]
    assert by_change(sizes, most).tolist() == numbers[:most]
    counts = counts_by_change(sizes, most)
    assert counts == [sum(sum(at) == change for at in places) for change in range(len(counts))]


def test_blocks_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FIRST", 7)
    monkeypatch.setattr(blocks, "LARGEST", 10)
    found = archcalc.solve("9x9x4 -> conv 3x3 ? stride=?", "params <= 1K", up_to=40)
    assert len(found.answers) == found.met == 27 * 40
    assert found.tried == found.space == 1600


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--maximize", "parms"), "did you mean `params`?"),
        (("--maximize", "params", "--minimize", "macs"), "exclude each other"),
        (("--maximize", "output"), "no quantity of a network is called `output`"),
    ],
)
def test_faults(words: tuple[str, ...], message: str) -> None:
    answer = call("solve", "8x8x3 -> conv 3x3 ?", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_more_designs_than_can_be_numbered() -> None:
    """Eight layers of 1,024 widths: 2**80 designs. Defeats numbers that wrap round."""
    chain = "32x32x3 -> " + " -> ".join(["conv 1x1 ?"] * 8)
    found = archcalc.solve(chain, "params <= 5K", maximize="params", limit=100_000)
    assert found.space == 2**80
    assert not found.proved
    assert not found.whole
    best = found.answers[0]
    assert 4_000 < best.record["params"] <= 5_000
    assert archcalc.load(best.spec or "").summary().totals["params"] == best.record["params"]


def test_a_search_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody set a limit. Defeats minutes in a space that neither ends nor is bounded."""
    monkeypatch.setattr(finding, "SECONDS", 0.0)
    found = archcalc.solve("32x32x3 -> conv ? ? pad=? -> conv ? ? pad=?", "params = 77_777 and macs > 1M")
    assert not found.whole
    assert found.tried < 100_000
    assert not archcalc.solve("9x9x4 -> conv 3x3 ? stride=?", "macs > 1M", up_to=400).whole


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_boxes_and_blocks_agree(monkeypatch: pytest.MonkeyPatch, data: st.DataObject) -> None:
    """Spaces of some ten thousand designs, once in boxes and once computed whole. Defeats bounds that are
    wrong only of larger boxes."""
    form, count = data.draw(st.sampled_from(FORMS))
    chain = form.format(*"?" * count)
    first, second = data.draw(st.sampled_from(QUANTITIES)), data.draw(st.sampled_from(QUANTITIES))
    low = data.draw(st.sampled_from([5, 50, 500, 5_000, 50_000]))
    where = f"{first} {data.draw(st.sampled_from(['<=', '>=']))} {low}"
    objective = data.draw(st.sampled_from([second, None]))
    options: dict[str, Any] = {"up_to": 12 if count == 4 else 60}
    if objective is not None:
        options[data.draw(st.sampled_from(["maximize", "minimize"]))] = objective
    found = []
    for looked_through, small in ((10**9, 512), (0, 64)):
        monkeypatch.setattr(finding, "LOOKED_THROUGH", looked_through)
        monkeypatch.setattr(bounding, "SMALL", small)
        try:
            found.append(archcalc.solve(chain, where, **options))
        except SpecError:
            return
    whole, boxed = found
    assert whole.proved
    assert boxed.proved
    if objective is None:
        assert [at.values for at in boxed.answers] == [at.values for at in whole.answers]
        assert boxed.met == whole.met or len(boxed.answers) == blocks.MOST_KEPT
    else:
        figures = [[at.record[objective] for at in one.answers] for one in found]
        assert figures[0] == figures[1]
