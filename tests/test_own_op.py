"""A layer in one class, in a file of its own or in the middle of a test, is known everywhere."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import pytest
from calling import call

from archcalc.arithmetic import product
from archcalc.ops.attributes import Axes
from archcalc.ops.base import Op
from archcalc.ops.convolution import Conv
from archcalc.ops.facts import Extra, OperationCounts, Saved
from archcalc.ops.sliding import Sliding
from archcalc.ops.torch_code import TorchCode
from archcalc.ops.torch_code import call as source_of
from archcalc.shape import Shape

EXAMPLE = Path(__file__).parent.parent / "examples" / "own_op.py"


@pytest.fixture
def unfold(ops_as_before: None) -> type[Op]:
    """The example's layer."""
    found: type[Op] = runpy.run_path(str(EXAMPLE))["Unfold"]
    return found


@pytest.fixture
def window_sum(ops_as_before: None) -> type[Op]:
    """A layer that is defined here: the sum of each window, one channel by itself."""

    class WindowSum(Sliding):
        """The sum of each window."""

        name = "window_sum"
        group = "pooling"
        positional = ("kernel",)
        shapes = "a position for each window that fits, the channels that arrive"
        example = "32x32x3 -> window_sum 5x5"
        source = "PyTorch, torch.nn.AvgPool2d with divisor_override=1"
        counting = "add: window - 1 per output"

        def operations(self, x: Shape) -> OperationCounts:  # type: ignore[override]
            return OperationCounts(add=(product(self.kernel_sizes(x)) - 1) * self.volume(x).shape.values)

        def saves(self, x: Shape) -> Saved:  # type: ignore[override]
            return self.saved_window(x)

        def torch_code(self, x: Shape) -> TorchCode:  # type: ignore[override]
            options: Any = {"stride": (self.stride, self.kernel), "padding": (self.own_padding(x), 0)}
            module = source_of("nn.AvgPool2d", self.kernel, **options, divisor_override=(1, None))
            return TorchCode(module, self.applied(x))

    return WindowSum


# A chain, a wrong output of it, and what is said of that.
WRONG = [
    ("32x32x3 -> unfold 3x3 pad=1", "30x30x27", "padding ignored", "⌊(32 − 3      ) / 1⌋ + 1 = 30"),
    ("32x32x3 -> unfold 3x3 pad=1", "31x31x27", "padding counted on one side only", "= 31"),
    ("31x31x3 -> unfold 3x3 stride=2 pad=1", "31x31x27", "stride ignored", "/ 1⌋ + 1 = 31"),
    ("32x32x3 -> unfold 3x3 dilation=2", "30x30x27", "dilation ignored", "= 30"),
    ("32x32x3 -> unfold 3x3 dilation=2", "27x27x27", "kernel multiplied by the dilation", "= 27"),
    ("32x32x3 -> unfold 3x3", "29x29x27", "“+ 1” forgotten", "⌊(32 − 3) / 1⌋     = 29"),
    ("32x32x3 -> unfold 3x3 pad=1", "32x32x3", "output has the channels of the input", "channels: 3"),
    ("32x32x3 -> unfold 3x3 pad=1 -> conv 5x5 4", "26x26x4", "padding ignored", ""),
]
SUMS = [
    ("32x32x3 -> window_sum 5x5 pad=2", "28x28x3", "padding ignored", "= 28"),
    ("31x31x3 -> window_sum 5x5 pad=2 stride=2", "31x31x3", "stride ignored", "= 31"),
]


def check_says(target: str, output: str, words: str, yours: str) -> None:
    answer = call("check", target, f"output={output}")
    assert answer.code == 1
    assert "consistent with" in answer.out
    assert words in answer.out
    assert yours in answer.out


@pytest.mark.usefixtures("unfold")
@pytest.mark.parametrize(("target", "output", "words", "yours"), WRONG)
def test_wrong_answers_about_it_are_diagnosed(target: str, output: str, words: str, yours: str) -> None:
    """Defeats: an examiner that looks at the class of a layer, and is silent about one it has not met."""
    check_says(target, output, words, yours)


@pytest.mark.usefixtures("window_sum")
@pytest.mark.parametrize(("target", "output", "words", "yours"), SUMS)
def test_so_are_those_about_a_layer_of_a_test(target: str, output: str, words: str, yours: str) -> None:
    check_says(target, output, words, yours)


@pytest.mark.usefixtures("unfold", "window_sum")
def test_its_field_is_known_to_the_examiner() -> None:
    """Defeats: kernels of layers that nobody listed are left out of the recursion."""
    chain = "32x32x3 -> window_sum 3x3 stride=2 -> unfold 5x5"
    assert "5 · 2" not in call("rf", chain).out
    for wrong, words in ((7, "strides forgotten"), (8, "kernels added up"), (5, "the last kernel only")):
        answer = call("check", chain, f"rf={wrong}")
        assert words in answer.out
    assert call("check", chain, "rf=11").code == 0


@pytest.mark.usefixtures("unfold")
def test_it_is_summarised_and_explained() -> None:
    assert re.search(
        r"unfold1 +unfold 3x3 pad=1 +32x32x27 +0 ", call("summary", "32x32x3 -> unfold 3x3 pad=1").out
    )
    screen = call("explain", "32x32x3 -> unfold 3x3 pad=1", "output").out
    assert "⌊( W − F + 2·P) / S⌋ + 1" in screen
    assert "C · F · F" in screen
    page = call("ops", "unfold").out
    assert "H' x W' x C*F*F" in page
    assert "F positions from i*S - P, D apart" in page
    assert "unfold" in call("ops").out


@pytest.mark.parametrize(
    "chain",
    [
        "16x16x3 -> unfold 3x3 pad=1",
        "17x20x3 -> conv 3x3 4 -> unfold 3x2 stride=2 pad=same -> conv 1x1 4",
        "17x20x3 -> unfold 3x3 stride=2 pad=1 round=ceil dilation=2 -> relu",
        "17x20x3 -> window_sum 3x3 stride=2 pad=1 -> conv 1x1 4",
        "17x20x3 -> window_sum 4x3 pad=same -> unfold 2x2 stride=2 round=ceil",
    ],
)
@pytest.mark.usefixtures("unfold", "window_sum")
def test_it_is_verified_and_exported(chain: str) -> None:
    """Its PyTorch code is in the class. Defeats: a difference that is none, where a rule is asked by
    the class of a module."""
    torch = pytest.importorskip("torch")
    answer = call("verify", chain)
    assert answer.code == 0, answer.out
    assert "✗" not in answer.out
    program = call("export", chain).out
    space: dict[str, Any] = {"__name__": "exported"}
    exec(program, space)
    (first, *_) = chain.split(" -> ")
    *sizes, channels = map(int, first.split("x"))
    found = space["Net"]().eval()(torch.zeros(1, channels, *sizes))
    summary = json.loads(call("summary", chain, "--format", "json").out)["layers"][-1]["output"]
    assert list(found.shape) == [1, summary[-1], *summary[:-1]]
    if "window_sum" in chain:
        assert "self.window_sum = nn.AvgPool2d(" in program


@pytest.mark.usefixtures("ops_as_before")
def test_the_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As its first lines say."""
    monkeypatch.chdir(EXAMPLE.parent.parent)
    lines = [line.strip() for line in EXAMPLE.read_text().splitlines() if "    archcalc " in line]
    summary, check = [call(*shlex.split(line)[1:]) for line in lines]
    assert "32x32x27" in summary.out
    assert "padding ignored" in check.out


# What a class leaves out ----------------------------------------------------------------------------------


def test_a_class_without_words(ops_as_before: None) -> None:
    """Defeats: the docstring of its base, "declared free" of what has no rule, and a rule without words
    that is called none."""

    class Wordless(Op):
        name = "wordless"

        def output(self, *inputs: Shape) -> Shape:
            return inputs[0]

    class Counted(Wordless):
        """Counts."""

        name = "counted"

        def operations(self, *inputs: Shape) -> OperationCounts:
            return OperationCounts(add=inputs[0].values)

    page = call("ops", "wordless").out
    assert "Base of" not in page
    assert re.search(r"^counts +no rule$", page, re.MULTILINE)
    assert re.search(r"^counts +a rule that the class does not describe$", call("ops", "counted").out, re.M)
    assert json.loads(call("ops", "wordless", "--format", "json").out)["doc"] == ""
    for command in ("verify", "export"):
        answer = call(command, "8x8x3 -> wordless")
        assert answer.code == 2
        assert "its class states no `torch_code`" in answer.err


def test_a_module_that_there_is_not(ops_as_before: None) -> None:
    """Defeats a source that is exported and does not run, and a NameError as a difference."""

    class Mine(Op):
        name = "mine"

        def output(self, *inputs: Shape) -> Shape:
            return inputs[0]

        def torch_code(self, *inputs: Shape) -> TorchCode:
            return TorchCode("MyModule(3)", "m(sum([x for each in range(1)]))")

    for command in ("verify", "export"):
        answer = call(command, "8x8x3 -> mine")
        assert (answer.code, answer.out) == (2, "")
        assert "names `MyModule`, which nothing defines" in answer.err


# What is measured of it -----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["3x3 pad=1", "5x5 stride=2 pad=2", "2x3 dilation=2"])
def test_a_maximum_of_its_own(words: str, ops_as_before: None) -> None:
    """Its gradient shows one position of each window at a time. Defeats a single draw of values, by which
    a unit reads less than the rule says."""
    pytest.importorskip("torch")

    class Largest(Sliding):
        """The largest value of each window, by way of its channels."""

        name = "largest"
        positional = ("kernel",)
        dilation = Axes("distance between the positions of a window", 1, symbol="D")

        def operations(self, x: Shape) -> OperationCounts:  # type: ignore[override]
            return OperationCounts()

        def torch_code(self, x: Shape) -> TorchCode:  # type: ignore[override]
            options: Any = {"dilation": (self.dilation, 1), "stride": (self.stride, 1)}
            module = source_of("nn.Unfold", self.kernel, padding=(self.own_padding(x), 0), **options)
            largest = f"m(x).unflatten(1, (x.shape[1], -1)).amax(2).unflatten(2, {self.spatial(x)})"
            return TorchCode(module, largest)

    answer = call("verify", f"17x16x2 -> conv 3x3 2 -> largest {words}")
    assert "✓ receptive fields" in answer.out, answer.out


def test_channels_of_its_own(ops_as_before: None) -> None:
    """A convolution of the input and of its coordinates. Defeats a measurement on the channels that arrive
    alone, which ends in PyTorch's complaint about the number of channels."""
    pytest.importorskip("torch")

    class CoordConv(Conv):
        """A convolution that reads its coordinates too."""

        name = "coordconv"
        synonyms = ()

        def depth(self, x: Shape) -> Any:
            return x.channels + 1

        def saves(self, x: Shape) -> Saved:
            return Saved(extras=(Extra("its input and a channel", x.positions * (x.channels + 1)),))

        def torch_code(self, x: Shape) -> TorchCode:
            module = source_of("nn.Conv2d", x.channels + 1, self.filters, self.kernel)
            return TorchCode(module, "m(torch.cat([x, torch.ones_like(x[:, :1])], 1))")

    answer = call("verify", "9x8x2 -> coordconv 3x3 4")
    assert answer.code == 0, answer.out
    assert "✓ receptive fields" in answer.out
