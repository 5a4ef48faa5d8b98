"""`summary --like torchinfo`: the lines that torchinfo 1.8.0 itself prints, run on the exported module or on
the module that was traced.

On Python 3.11 and later torchinfo prints ``Total mult-adds (Units.MEGABYTES)``: its units are both ``str``
and ``Enum``, of which ``format()`` gives the member's name since then. ``printed`` writes the unit back.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.language.library import Library
from archcalc.report.screens.like_torchinfo import COLUMNS
from archcalc.report.screens.tool_table import LikeOptions, as_other_tool
from archcalc.report.sheet import PAGE

torch = pytest.importorskip("torch")
torchinfo = pytest.importorskip("torchinfo", reason="torchinfo is not installed")

# Column sets, each with settings of rows: None are torchinfo's own.
WAYS: list[tuple[tuple[str, ...] | None, tuple[str, ...] | None]] = [
    (None, None),
    (("input_size", "output_size", "num_params", "mult_adds"), ("depth", "var_names")),
    (("kernel_size", "params_percent", "trainable"), ("ascii_only", "var_names", "hide_recursive_layers")),
    (tuple(COLUMNS), ("ascii_only", "depth")),
]
LIGHT = ["lenet5", "resnet18", "squeezenet1_1", "mobilenet_v3_large", "vit_b_16", "neuraltalk_caption"]
CHAINS = [
    "20x64 -> lstm 32 biases=two returns=last -> fc 10",
    "20x64 -> lstm 32 bidirectional=yes proj=16 biases=two -> fc 5",
    "20x64 -> gru 32 returns=all",
    "20x64 -> rnn 32 biases=two bidirectional=yes layers=2 returns=last",
    "10 -> lstm_cell 8 returns=both",
    "20x64 -> linear 10 -> layernorm",
    "16x32 -> class_token -> positions -> attention 4 -> gelu -> gap",
    # Whose total is at the half: the 64 bytes that describe the storage of an input count.
    "8x8x3 -> tconv 3x3 6 stride=2 groups=3 -> gap -> fc 3",
    "33x33x8 -> resize 65x65 mode=bilinear -> pixel_unshuffle 5 -> conv 3x3 2",
    "16x16x4 -> bn frozen=yes -> conv 3x3 3 frozen=yes -> parameter 7x32 -> attention 4",
    "30x30x4 -> avgpool 3x3 pad=1 count_pad=no -> lppool 2x2 -> conv 3x3 4 pad=same -> softmax",
    "16x16x8 -> gmp -> fc 3",
]
SHARED = """\
net shared
  input 16x16x4
  a: conv 3x3 4 pad=1 -> relu
  b: conv 3x3 4 pad=1 like=a
  sum: add @b @a
  fc 10
"""


def exported(text: str) -> Any:
    """The module of an exported file, without memory for its weights."""
    names: dict[str, Any] = {"__name__": "exported"}
    with torch.device("meta"):
        exec(compile(text, "exported.py", "exec"), names)
        *_, last = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
        return names[last]()


def printed(module: Any, inputs: Sequence[Any], depth: int, way: Any, kept: bool = True) -> str:
    """What torchinfo prints, its own fault with units made good."""
    text = str(
        torchinfo.summary(
            module,
            input_data=list(inputs),
            verbose=0,
            depth=depth,
            col_names=way[0],
            row_settings=way[1],
            cache_forward_pass=kept,
        )
    )
    for name, unit in (("MEGABYTES", "M"), ("GIGABYTES", "G"), ("TERABYTES", "T")):
        text = text.replace(f"(Units.{name})", f"({unit})")
    return text


def compare(network: archcalc.Network, module: Any, inputs: Sequence[Any], batch: int = 1) -> None:
    """Line by line, at each depth and in each way."""
    summary = network.summary(batch=batch)
    torchinfo.torchinfo.clear_cached_forward_pass()
    for depth in (1, 2, 3, 4):
        for way in WAYS:
            table = as_other_tool(summary, "torchinfo", LikeOptions(depth, *way))
            ours = ["".join([text for text, _ in line]).rstrip() for line in table.lines(PAGE)]
            theirs = printed(module, inputs, depth, way).split("\n")
            for one, other in zip_longest(ours[:-1], theirs):
                assert one == other, (depth, way)


def inputs_of(network: archcalc.Network, batch: int = 1) -> list[Any]:
    """Inputs without values."""
    from archcalc.witness.build import random_inputs

    return [tensor.to("meta") for tensor in random_inputs(network.graph, batch)]


def compare_exported(network: archcalc.Network, batch: int = 1) -> None:
    compare(network, exported(network.export()), inputs_of(network, batch), batch)


@pytest.mark.parametrize("target", [*LIGHT, *CHAINS])
def test_the_exported_module(target: str) -> None:
    """Defeats: rows for what functions do, one row for a class that is called twice, a container without a
    row, calls in the order of the spec where the source has another, biases left out of its multiply-adds,
    a norm counted at each position, MB of 2^20, outputs of all layers counted."""
    compare_exported(archcalc.load(target))


@pytest.mark.slow
@pytest.mark.parametrize("target", sorted(Library().zoo))
def test_the_zoo(target: str) -> None:
    """The same of all networks. Those that no module can be written of are refused by export, too."""
    network = archcalc.load(target)
    try:
        network.export()
    except SpecError:
        answer = call("summary", target, "--like", "torchinfo")
        assert (answer.code, answer.out) == (2, "")
        assert "has no counterpart in PyTorch" in answer.err
        return
    compare_exported(network)


def test_a_batch_and_what_is_frozen() -> None:
    """Defeats sizes of one element, and ``Partial`` where all is frozen."""
    network = archcalc.load("mobilenet_v2").freeze("stage3")
    compare_exported(network, 3)


def test_a_module_that_is_called_again() -> None:
    """It is ``(recursive)`` the second time. Defeats: its parameters counted twice."""
    network = archcalc.load("-", stdin=SHARED)
    compare_exported(network)
    assert "(recursive)" in call("summary", "-", "--like", "torchinfo", stdin=SHARED).out


# Modules ------------------------------------------------------------------------------------------

MODELS = [
    *("alexnet", "resnet50", "densenet121", "googlenet", "mobilenet_v3_small", "shufflenet_v2_x1_0"),
    *("efficientnet_b0", "regnet_y_400mf", "convnext_tiny", "swin_t", "vit_b_32", "mnasnet0_5", "maxvit_t"),
]


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_modules_of_torchvision(name: str) -> None:
    """torchinfo on the module itself. Defeats rows of the exported module, whose classes are others, a
    layer's own container, and the linear maps of attention, which are never called."""
    module = models().get_model(name, weights=None).eval().to("meta")
    inputs = [torch.empty(1, 3, 224, 224, device="meta")]
    compare(archcalc.trace(module, *inputs), module, inputs)


def models() -> Any:
    """torchvision's models; the operators that are missing beside a PyTorch for CPUs are declared."""
    try:
        import torchvision.models
    except RuntimeError:
        for known in [known for known in sys.modules if known.partition(".")[0] == "torchvision"]:
            del sys.modules[known]
        library = torch.library.Library("torchvision", "FRAGMENT")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        KEPT.append(library)
        import torchvision.models
    except ImportError as error:
        pytest.skip(f"torchvision cannot be imported: {error}")
    return torchvision.models


KEPT: list[Any] = []


class Branches(torch.nn.Module):  # type: ignore[misc, name-defined]
    """Modules in a list, one that is never called, one that is called by name, a dictionary as output."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = torch.nn.ModuleList([torch.nn.Conv2d(3, 4, 1), torch.nn.Conv2d(4, 4, 3, bias=False)])
        self.spare = torch.nn.Linear(3, 3)
        self.scale = torch.nn.Parameter(torch.ones(4, 1, 1))
        self.again = torch.nn.Sequential(torch.nn.BatchNorm2d(4), torch.nn.ReLU())

    def forward(self, x: Any) -> Any:
        for part in self.parts:
            x = self.again(part(x)) * self.scale
        return {"first": x.mean((2, 3)), "last": self.parts[0].weight.sum() + x}


def test_a_module_of_ones_own() -> None:
    """Defeats a list of modules without a row, a row for what is never called, parameters of a container,
    and the first value of a dictionary for its size: torchinfo takes the last."""
    module, inputs = Branches(), [torch.rand(1, 3, 8, 8)]
    network = archcalc.trace(module, *inputs)
    compare(network, module.eval(), inputs)
    text = network.summary().like("torchinfo")
    assert "ModuleList: 1-3" in text
    assert "(recursive)" in text
    assert text.endswith("as torchinfo 1.8.0 prints the traced module")


def test_the_part_of_a_module_is_exported() -> None:
    """Of a part there is no module that was traced. Defeats rows of what stands behind it."""
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Conv2d(4, 2, 3))
    part = archcalc.trace(net, torch.rand(1, 3, 9, 9)).until("1")
    text = part.summary().like("torchinfo")
    assert "Conv2d: 1-2" not in text
    assert text.endswith("what `archcalc export --to torch` writes")


# What is asked for --------------------------------------------------------------------------------


def test_the_options_of_the_command() -> None:
    """Defeats a depth or columns that are passed over."""
    text = call(
        *("summary", "resnet18", "--like", "torchinfo", "--depth", "1"),
        *("--columns", "num_params,mult_adds", "--row-settings", "var_names,ascii_only"),
    ).out
    assert re.search(r"^Layer \(type \(var_name\)\) +Param # +Mult-Adds$", text, re.M)
    assert re.search(r"^\+ Sequential \(conv2\) +147,968 +462,422,528$", text, re.M)
    assert "2-1" not in text
    assert text.endswith("as torchinfo 1.8.0 prints what `archcalc export --to torch` writes\n")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (["--like", "torchinfo", "--columns", "params"], "torchinfo has no column 'params'; there are"),
        (["--like", "torchinfo", "--row-settings", "wide"], "torchinfo has no setting 'wide'"),
        (["--like", "keras", "--row-settings", "depth"], "--like and --row-settings do not go together"),
        (["--row-settings", "depth"], "--row-settings is for --like torchinfo"),
    ],
)
def test_what_torchinfo_has_not(how: list[str], message: str) -> None:
    answer = call("summary", "lenet5", *how)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


@pytest.mark.parametrize("depth", [[], ["--depth", "1"], ["--depth", "9"]])
def test_the_rows_add_up(depth: list[str]) -> None:
    """In JSON a row has what no other row has. Defeats a container's sum beside its parts."""
    found = json.loads(call("summary", "resnet18", "--like", "torchinfo", "--format", "json", *depth).out)
    totals = found["totals"]
    for field, total in (
        ("params", "total_params"),
        ("trainable", "trainable_params"),
        ("mult_adds", "mult_adds"),
    ):
        assert sum(row[field] for row in found["layers"]) == totals[total]
    assert found["version"] == "1.8.0"


def test_the_source_that_no_version_has_yet() -> None:
    """It counts a linear map at each position (torchinfo's pull request 318). Defeats that of 1.8.0."""
    spec = "20x64 -> linear 10"
    counts = {
        tool: json.loads(call("summary", spec, "--like", tool, "--format", "json").out)["totals"]["mult_adds"]
        for tool in ("torchinfo", "torchinfo-main")
    }
    assert counts == {"torchinfo": 650, "torchinfo-main": 650 * 20}


def test_what_imitates_it_needs_no_torch() -> None:
    """Defeats a table that is made by running the module."""
    script = (
        "import sys; from archcalc.cli import main\n"
        "try: main(['summary', 'lenet5', '--like', 'torchinfo'])\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
