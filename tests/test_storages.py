"""What PyTorch copies, shares and keeps, measured, against the rules' storages.

Values may lie channel after channel or position after position, and some ops lay them out anew.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from calling import call
from test_memory import wires

import archcalc
from archcalc.analysis.memory import Memory
from archcalc.network import Network

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

# Imported once torch is known to be there.
from archcalc.witness import measure  # noqa: E402
from archcalc.witness.build import build, random_inputs  # noqa: E402


def loaded(text: str) -> Network:
    return archcalc.load("-", stdin=text) if text.startswith("net ") else archcalc.load(text)


def kept(network: Network) -> tuple[dict[str, int | None], dict[str, int]]:
    """Bytes that each layer is the first to keep: by the rules, and measured."""
    graph = network.graph
    training = network.summary().memory.training
    found = measure.saved(build(graph, training=True), random_inputs(graph, 1))
    shown = {layer.name: training.saved(layer, 1, 4) for layer in found}
    return shown, {layer.name: size for layer, size in found.items()}


def peaks(network: Network) -> tuple[int, int]:
    """The most bytes that live in inference, views sharing: by the rules, and measured."""
    graph = network.graph
    shown = Memory(graph, graph.main(), [graph.output], views=True).peak * 4
    return shown, measure.inference(build(graph), random_inputs(graph, 1)).peak


# Ops whose input lies first, last or in part; {k} and {p} are windows.
LAYERS = [
    "conv {k} 4 pad=1",
    "dwconv {k} pad=1",
    "tconv {k} 4 stride=2",
    "local {k} 3",
    "maxpool {p}",
    "avgpool {p}",
    "lppool {p}",
    "subsample {p}",
    "adaptive_avgpool {p}",
    "adaptive_maxpool {p}",
    "linear 5",
    "bn",
    "layernorm",
    "groupnorm 2",
    "instancenorm",
    "instancenorm affine=yes",
    "lrn 3",
    "relu",
    "gelu",
    "softmax",
    "prelu",
    "maxout 2",
    "dropout 0.5",
    "zeropad 1",
    "crop {p}",
    "upsample 2",
    "channel_shuffle 2",
    "pixel_shuffle 2",
    "take 4",
    "bias",
    "scale",
    "times 2",
    "attention 2",
    "positions",
    "flatten",
    "fc 3",
    "slice 1 4",
    "slice 0 2 axis=-1",
    "slice 0 4 step=2 axis=-1",
    "select 1",
    "select 1 axis=-1",
    "roll 1",
    "flip",
    "flip axis=-1",
    "repeat 2",
    "repeat 2 mode=each",
    "gather 3",
    "reflectpad 1",
    "replicatepad 1",
    "circularpad 1",
    "conv {k} 4 pad=1 pad_mode=reflect",
    "dwconv {k} pad=1 pad_mode=circular",
    "im2col {k} pad=1",
    "col2im {p} 1",
    "rearrange {pattern}",
    "rearrange {swapped}",
    "rearrange {split}",
    "rearrange {tokens}",
    "reshape {joined}",
    "reshape {parted}",
    "gap",
    "lstm 4 biases=two",
    "gru 4 biases=two",
    "rnn 4",
]
SIZES = {
    1: {"n": "8", "c": 8, "k": "3", "p": "2", "joined": "4x16", "parted": "8x4x2"},
    2: {"n": "8x8", "c": 8, "k": "3x3", "p": "2x2", "joined": "64x8", "parted": "4x16x8"},
    3: {"n": "4x4x4", "c": 16, "k": "3x3x3", "p": "2x2x2", "joined": "64x16", "parted": "16x64"},
}
PATTERNS = {
    1: ["(h p=2) c -> h (p c)", "h c -> c h", "h (c d=2) -> h d c", "(h p=2) c -> (p h) c"],
    2: ["(h p=2) (w q=2) c -> h w (p q c)", "h w c -> w h c", "h w (c d=2) -> h w d c", "h w c -> (h w) c"],
    3: ["t h w c -> (t h) w c", "t h w c -> h w t c", "t h w (c d=2) -> t h (w d) c", "t h w c -> (t h w) c"],
}
for _axes, _patterns in PATTERNS.items():
    SIZES[_axes].update(
        zip(["pattern", "swapped", "split", "tokens"], [f'"{p}"' for p in _patterns], strict=True)
    )
BEFORE = {
    "first": "conv {k} {c} pad=1 -> relu",
    "last": "linear {c} -> relu",
    "part": "linear {twice} -> relu -> take {c}",
}


@pytest.mark.parametrize("how", BEFORE)
@pytest.mark.parametrize("axes", SIZES)
def test_what_is_laid_out_anew(how: str, axes: int) -> None:
    """Each op behind one whose output lies so, with a flattening behind it. Defeats: views where
    PyTorch copies, copies where it does not, and one order for all ops and axes."""
    numbers = {**SIZES[axes], "twice": 2 * int(SIZES[axes]["c"])}
    met = 0
    for layer in LAYERS:
        if "col" in layer and axes != 2:
            continue  # of maps alone
        text = f"{{n}}x{{c}} -> {BEFORE[how]} -> {layer} -> flatten -> fc 2".format(**numbers)
        try:
            network = loaded(text)
        except archcalc.SpecError:
            continue  # not on so many axes
        shown, found = kept(network)
        assert shown == found, text
        assert peaks(network)[0] == peaks(network)[1], text
        met += 1
    assert met > 25


CASES: list[tuple[str, str, int]] = [
    ("14x8x6 -> reshape 16x42", "peak_bytes", 5_376),
    ("14x8x6 -> conv 1x1 6 -> relu -> reshape 16x42 -> linear 5", "saved_bytes", 8_064),
    ("4x4x3 -> conv 1x1 3 -> layernorm -> relu -> flatten -> fc 3", "saved_bytes", 896),
    # The same with a convolution: it lies as it should.
    ("4x4x3 -> conv 1x1 3 -> relu -> flatten -> fc 3", "saved_bytes", 384),
    ("net n\n  input 11\n  g: scale\n  mul @g @input\n", "saved_bytes", 44),
    ("2x3 -> subsample 2 stride=1 pad=same", "saved_bytes", 24),
    ("20x256 -> lstm 256 biases=two", "saved_bytes", 393_216),
    # Products of three, of which one takes no gradient, in each place.
    ("net n\n  input 8x3\n  g: linear 3\n  mul @input @g @g\n", "saved_bytes", 96 + 96 + 96),
    ("net n\n  input 8x3\n  g: linear 3\n  mul @g @input @g\n", "saved_bytes", 96 + 96 + 96),
    ("net n\n  input 8x3\n  g: linear 3\n  mul @g @g @input\n", "saved_bytes", 96 + 96),
]


@pytest.mark.parametrize(("text", "quantity", "value"), CASES)
def test_figures_that_were_measured(text: str, quantity: str, value: int) -> None:
    """Defeats: both factors kept where one takes a gradient; an input that no gradient goes to."""
    network = loaded(text)
    assert network.summary().to_dict()["totals"][quantity] == value
    shown, found = kept(network)
    assert shown == found
    assert peaks(network)[0] == peaks(network)[1]


@pytest.mark.parametrize("seed", range(40))
def test_views_share_what_others_read(seed: int) -> None:
    """PyTorch makes no storage for a view, however many read it, and nobody writes over it; the
    witness makes no copy of one. Defeats: a witness that agrees because it copies."""
    chance = random.Random(seed)
    text = wires(chance, chance.choice([3, 8, 20]))
    if seed % 2:
        text = text.replace("flatten", "dropout 0.5")
    shown, found = peaks(loaded(text))
    assert shown == found


SPLIT = (
    "net split\n  input 4x4x8\n  c: conv 1x1 8\n  a: take 4\n"
    "  b: @c -> take 4 offset=4 -> conv 1x1 4\n  concat @a @b\n"
)


def test_verify_tells_the_rule_from_pytorchs_views() -> None:
    """The rule lays out anew what is viewed and read elsewhere; that PyTorch does not is said, to
    the byte. Defeats: a tick that comes of a copy."""
    answer = call("verify", "-", "--format", "json", stdin=SPLIT)
    (peak,) = (c for c in json.loads(answer.out)["checks"] if c["quantity"] == "peak of inference")
    assert answer.code == 0
    (explained,) = peak["explained"]
    assert peak["predicted"] + explained["bytes"] == peak["measured"]
    assert explained["bytes"] != 0
    assert peak["predicted"] == archcalc.load("-", stdin=SPLIT).summary().totals["peak_bytes"]


def test_a_wrong_explanation_is_no_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is explained has to make up the difference to the byte. Defeats: a difference that is
    believed because it has a reason."""
    from archcalc.witness import compare

    class Wrong(Memory):
        def __init__(self, *arguments: Any, **options: Any):
            super().__init__(*arguments, **options)
            self.peak += 1

    monkeypatch.setattr(compare, "Memory", Wrong)
    answer = call("verify", "-", "--format", "json", stdin=SPLIT)
    assert answer.code == 1
    (peak,) = (c for c in json.loads(answer.out)["checks"] if c["quantity"] == "peak of inference")
    assert not peak["agrees"]


FROZEN = [
    *[
        f"6x6x4 -> conv 3x3 4 pad=1 -> {layer} frozen=yes -> conv 1x1 2"
        for layer in (
            "conv 3x3 4",
            "dwconv 3x3",
            "tconv 2x2 4",
            "local 3x3 4",
            "linear 4",
            "layernorm",
            "groupnorm 2",
            "instancenorm affine=yes",
            "prelu",
            "scale",
            "bias",
            "attention 2",
            "positions",
            "subsample 2x2",
        )
    ],
    *[
        f"6x4 -> linear 4 -> {layer} frozen=yes -> linear 2"
        for layer in (
            "lstm 4",
            "lstm 4 biases=two",
            "lstm 4 biases=none",
            "lstm 6 proj=3",
            "gru 4",
            "gru 4 biases=two",
            "rnn 4",
            "lstm 4 bidirectional=yes",
            "attention 2",
            "class_token",
        )
    ],
]


@pytest.mark.parametrize("text", FROZEN)
def test_what_frozen_layers_keep(text: str) -> None:
    """A gradient goes on through them, and none to their parameters. Defeats: an input that only
    the gradient of the weights needs; nothing kept at all."""
    shown, found = kept(loaded(text))
    assert shown == found


TWICE = """import torch
from torch import nn


class Hoarder(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 4, 1)
        self.two = nn.Conv2d(4, 4, 1)

    def forward(self, x):
        first = self.one(x)
        second = torch.relu(first)
        return self.two(second) + 0 * first.sum()
"""


@pytest.mark.slow
def test_a_modules_own_peak_stands_beside_the_rules(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it keeps alive is its own affair: shown, and no difference. Defeats: the rule's peak
    shown for the module's; a module that differs because it is wasteful."""
    (tmp_path / "hoards_much.py").write_text(TWICE)
    monkeypatch.chdir(tmp_path)
    answer = call(
        "verify",
        "8x8x3 -> conv 1x1 4 -> relu -> conv 1x1 4",
        "--against",
        "hoards_much:Hoarder",
        "--format",
        "json",
    )
    found = json.loads(answer.out)
    assert (answer.code, found["agrees"]) == (0, True)
    (peak,) = (c for c in found["checks"] if c["quantity"] == "peak of inference")
    assert peak["predicted"] == 2 * 4 * 64 * 4
    # The caller's input, the first map, its relu, and what comes of it.
    assert peak["measured"] >= (3 + 4 + 4 + 4) * 64 * 4
    assert peak["unseen"]
