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
from archcalc.ops.base import Op
from archcalc.ops.facts import OperationCounts, Saved
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
