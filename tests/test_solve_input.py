"""`archcalc solve` where the size of the input is asked for. The witness is `load`, size by size."""

from __future__ import annotations

import json

import pytest
from calling import call
from exam import _UNET

import archcalc
from archcalc import SpecError

UNET = _UNET.replace("572x572", "?x?")
NET = "?x?x3 -> conv 3x3 8 stride=2 -> maxpool 2x2"


def sizes(target: str, where: str | None = None, **options: object) -> list[int]:
    """The inputs that are found."""
    return [one.values["input"] for one in archcalc.solve(target, where, **options).answers]  # type: ignore[arg-type]


def output(target: str, size: int) -> tuple[int, ...] | None:
    """What a chain puts out for an input; None where it takes none."""
    try:
        return tuple(archcalc.load(target.replace("?", str(size))).graph.output.output)
    except SpecError:
        return None


def test_which_inputs_give_a_size() -> None:
    """Defeats: one answer, where rounding down lets several inputs come to the same."""
    assert sizes(UNET, "size = 388", up_to=600) == list(range(572, 588))


def test_which_inputs_come_out_even() -> None:
    """Each pooling halves without rest: every sixteenth. Defeats: what is merely accepted."""
    assert sizes(UNET, "input > 500", up_to=600, even=True) == list(range(508, 601, 16))


@pytest.mark.parametrize("demand", ["-> [7x7x8]", "output = 7x7x8", "size = 7", "size(maxpool1) = 7"])
def test_every_way_to_demand_it_gives_the_same(demand: str) -> None:
    found = sizes(f"{NET} {demand}") if demand[0] == "-" else sizes(NET, demand)
    assert found == [size for size in range(1, 200) if output(NET, size) == (7, 7, 8)]


def test_the_smallest_input_that_a_network_takes() -> None:
    answer = call("solve", UNET, "--format", "json")
    assert [one["values"] for one in json.loads(answer.out)["answers"]] == [{"input": 188}]
    assert output(UNET, 187) is None
    assert output(UNET, 188) is not None
    assert "input 187: the window 3x3 is larger than the input 2x2" in call("solve", UNET).out


def test_inputs_of_networks_of_the_zoo() -> None:
    found = archcalc.solve("alexnet", "size(conv5) = 15", input="?x?x3")
    assert found.whole
    for size in (found.answers[0].values["input"], found.answers[-1].values["input"]):
        assert archcalc.load("alexnet", input=f"{size}x{size}x3").graph.layer("conv5").output[0] == 15  # type: ignore[union-attr]


def test_gaps_are_shown() -> None:
    """Defeats: the least and the largest answer given for a range that has a gap."""
    out = call("solve", "?x1 -> conv 3 1 stride=2", "--where", "size = 3 or size = 5", "--up-to", "40").out
    assert "input 7, 8, 11, 12" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("alexnet", "--input", "?x?x3", "--where", "size(conv99) = 3"), "no layer `conv99`"),
        (("alexnet", "--input", "?x?x3", "--where", "sizee(conv5) = 3"), "no quantity is called `sizee`"),
        (("alexnet", "--input", "?x?x?x?", "--where", "size = 3"), "error"),
        (("?x? -> conv 3x3", "--where", "size = 3"), "error"),
        (("?x?x3 -> conv 99x99 1", "--up-to", "20"), "larger than the input"),
    ],
)
def test_a_fault_is_one_message(words: tuple[str, ...], message: str) -> None:
    answer = call("solve", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert "Traceback" not in answer.err
    assert "fault of archcalc" not in answer.err
