"""Values that are given for what is asked for. The witness is the same question without them, and `load`."""

from __future__ import annotations

from fractions import Fraction

import pytest
from calling import call

import archcalc


def values(target: str, where: str | None, **options: object) -> list[tuple[object, ...]]:
    return [tuple(at.values.values()) for at in archcalc.solve(target, where, **options).answers]  # type: ignore[arg-type]


def test_values_of_a_chain() -> None:
    """Of one `?` those that are given, the nearest to the usual one first. Defeats: all values, in their
    order."""
    found = values(
        "32x32x3 -> conv 3x3 ? pad=?", "params > 0", set={"filters": "8..64:8", "pad": "{same, 3, 1}"}
    )
    assert found[:3] == [(8, 1), (8, 3), (16, 1)]
    assert len(found) == 24


def test_values_by_the_name_of_the_layer() -> None:
    solution = archcalc.solve("32x32x3 -> conv 3x3 ?", "params > 0", {"conv1.filters": "{64, 16}"})
    assert [at.values for at in solution.answers] == [{"filters": 16}, {"filters": 64}]
    assert solution.unknowns[0].looked == "16, 64"


def test_values_of_parameters_and_of_the_input() -> None:
    """The best MobileNetV2 of a budget over width and resolution, by brute force."""
    settings = {"width": "0.5..1:0.05", "input": "96..224:32"}
    where = "params <= 3M and macs <= 150M"
    best = archcalc.solve("mobilenet_v2", where, settings, maximize="macs")
    assert best.space == 55
    assert best.proved
    fits = []
    for width in [Fraction(n, 20) for n in range(10, 21)]:
        for size in range(96, 225, 32):
            totals = archcalc.load("mobilenet_v2", input=f"{size}x{size}x3", width=width).summary().totals
            if totals["params"] <= 3_000_000 and totals["macs"] <= 150_000_000:
                fits.append((totals["macs"], width, size))
    assert (best.answers[0].record["macs"], *best.answers[0].values.values()) == max(fits)


def test_the_size_of_an_input_by_its_name() -> None:
    """The nearest to the declared size first."""
    found = values("alexnet", "size(conv5) = 15", set={"input": "?"})
    assert sorted(found) == sorted(values("alexnet", "size(conv5) = 15", input="?x?x3"))
    assert [abs(size - 224) for (size,) in found] == sorted(abs(size - 224) for (size,) in found)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("mobilenet_v2", "--set", "widht=0.5..1:0.1", "--where", "params < 1M"), "has no parameter `widht`"),
        (("mobilenet_v2", "--set", "width=1..0.5", "--where", "params < 1M"), "ends before it begins"),
        (("mobilenet_v2", "--set", "input=0..32", "--where", "params < 1M"), "is a height and width, not 0"),
        (("mobilenet_v2", "--set", "input=?", "--input", "?x?x3", "--where", "macs < 1M"), "of one input"),
    ],
)
def test_faults(words: tuple[str, ...], message: str) -> None:
    answer = call("solve", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in " ".join(answer.err.split())
