"""`archcalc verify --against`: somebody else's module, and what is said of modules of all kinds."""

from __future__ import annotations

import re
import runpy
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from calling import call

import archcalc
from archcalc.language.library import Library

if TYPE_CHECKING:
    from archcalc.witness.against import Comparison

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

ZOO = sorted(Library().zoo)
AGAINST = {
    "alexnet_torchvision": "alexnet",
    "googlenet_torchvision": "googlenet",
    "resnext50": "resnext50_32x4d",
    "resnext101_32x8d": "resnext101_32x8d",
    "shufflenet_v2": "shufflenet_v2_x1_0",
    "mnasnet": "mnasnet1_0",
}


def _theirs() -> list[tuple[str, str]]:
    try:
        from archcalc.importing.torch.finding import imported

        models = imported("torchvision.models")
    except ImportError:
        return []
    # The same name, but another network: torchvision's own is among those above.
    others = {"alexnet", "googlenet"}
    pairs = [(name, AGAINST.get(name, name)) for name in ZOO if name not in others]
    return [(ours, theirs) for ours, theirs in pairs if callable(getattr(models, theirs, None))]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not _theirs(), reason="torchvision is not installed")
@pytest.mark.parametrize(("ours", "theirs"), _theirs())
def test_torchvision(ours: str, theirs: str) -> None:
    """The same hand did not write both."""
    from archcalc.witness.against import Comparison

    found = Comparison(archcalc.load(ours).graph, f"torchvision.models:{theirs}")
    assert found.agrees, [d.to_dict() for check in found.checks for d in check.differences][:5]


# Ours with other values, on another input, and how torchvision's is made with the same.
OTHERS: list[tuple[str, dict[str, Any], str, Callable[[Any], Any]]] = [
    ("resnet50", {"classes": 10}, "192x256x3", lambda m: m.resnet50(num_classes=10)),
    (
        "resnext50",
        {"C": 16, "d": 8},
        "160x160x3",
        lambda m: m.ResNet(m.resnet.Bottleneck, [3, 4, 6, 3], groups=16, width_per_group=8),
    ),
    ("mobilenet_v2", {"width": "0.5"}, "160x160x3", lambda m: m.mobilenet_v2(width_mult=0.5)),
    (
        "mobilenet_v2",
        {"width": "1.4", "classes": 7},
        "97x131x3",
        lambda m: m.mobilenet_v2(width_mult=1.4, num_classes=7),
    ),
    ("densenet121", {"k": 24}, "96x128x3", lambda m: m.DenseNet(24, (6, 12, 24, 16), 48)),
    ("shufflenet_v2", {"c": 244, "last": 2048}, "129x193x3", lambda m: m.shufflenet_v2_x2_0()),
    ("alexnet_torchvision", {"classes": 3}, "256x200x3", lambda m: m.alexnet(num_classes=3)),
    (
        "googlenet_torchvision",
        {"classes": 5},
        "192x192x3",
        lambda m: m.googlenet(num_classes=5, aux_logits=False, init_weights=False),
    ),
    (
        "inception_v3",
        {"classes": 5},
        "331x347x3",
        lambda m: m.inception_v3(num_classes=5, aux_logits=False, init_weights=False),
    ),
    ("squeezenet1_1", {"classes": 12}, "227x193x3", lambda m: m.squeezenet1_1(num_classes=12)),
    ("efficientnet_b0", {"classes": 9}, "193x129x3", lambda m: m.efficientnet_b0(num_classes=9)),
    ("mobilenet_v3_small", {}, "320x288x3", lambda m: m.mobilenet_v3_small()),
    ("mnasnet", {"classes": 4}, "160x128x3", lambda m: m.mnasnet1_0(num_classes=4)),
    ("regnet_y_400mf", {}, "128x160x3", lambda m: m.regnet_y_400mf()),
    ("convnext_tiny", {"classes": 6}, "160x192x3", lambda m: m.convnext_tiny(num_classes=6)),
]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not _theirs(), reason="torchvision is not installed")
@pytest.mark.parametrize(("ours", "values", "size", "made"), OTHERS)
def test_torchvision_with_other_values(
    monkeypatch: pytest.MonkeyPatch, ours: str, values: dict[str, Any], size: str, made: Callable[[Any], Any]
) -> None:
    """Other sizes, not all of them even, widths, growth rates, cardinalities, numbers of classes.

    Defeats: a number of the declared network that stands in a spec where a parameter should, a
    padding that fits one size alone.
    """
    from archcalc.importing.torch.finding import imported
    from archcalc.witness.against import Comparison

    models = imported("torchvision.models")
    module = types.ModuleType("with_other_values")
    module.__dict__["net"] = lambda: made(models)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    graph = archcalc.load(ours, input=size, **values).graph
    found = Comparison(graph, f"{module.__name__}:net")
    assert found.agrees, [d.to_dict() for check in found.checks for d in check.differences][:5]


@pytest.mark.parametrize(
    ("target", "code", "expected"),
    [
        ("torch.nn", 2, "is not package.module:attribute"),
        ("no_such_package:net", 2, "cannot import no_such_package:net"),
        ("torch.nn:Lineer", 2, "did you mean `Linear`?"),
        ("torch.nn:Linear", 2, "`Linear` needs arguments: in_features, out_features"),
        ("torch:pi", 2, "is no module, and makes none"),
        ("torch.nn:ReLU6", 1, "layers with tensors"),
    ],
)
@pytest.mark.slow
def test_modules_that_cannot_be_compared(target: str, code: int, expected: str) -> None:
    """Code 1 says that it was compared and differs, 2 that it was not."""
    answer = call("verify", "8x8x1 -> conv 3x3 4", "--against", target)
    assert answer.code == code
    assert expected in (answer.out if code == 1 else answer.err)
    assert not (answer.err if code == 1 else answer.out)


@pytest.mark.slow
def test_another_network_differs() -> None:
    """Defeats a comparison that sees only whether ours are among theirs."""
    if not _theirs():
        pytest.skip("torchvision is not installed")
    answer = call("verify", "resnet18", "--against", "torchvision.models:resnet34")
    assert answer.code == 1
    assert re.search(r"✗ parameters +total +11,689,512 +21,797,672 +-10,108,160", answer.out)
    assert re.search(r"✗ layer1\.0\.conv1 +Conv2d +none +64x64x3x3", answer.out)


@pytest.mark.parametrize("body", ["import sys\nsys.exit(0)\n", "def net():\n    raise SystemExit\n"])
@pytest.mark.slow
def test_a_module_that_leaves(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Its exit code, 0 for one, is no answer."""
    name = f"leaves_{len(body)}"
    (tmp_path / f"{name}.py").write_text(body)
    monkeypatch.syspath_prepend(str(tmp_path))
    answer = call("verify", "8x8x1 -> conv 3x3 4", "--against", f"{name}:net")
    assert (answer.code, answer.out) == (2, "")
    assert f"error[module]: {name}:net ends the program" in answer.err


@pytest.mark.slow
def test_a_module_beside_the_caller(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text(
        "from torch import nn\n"
        "def net():\n    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3))\n"
        "def broken():\n    raise ValueError('no weights here')\n"
    )
    monkeypatch.chdir(tmp_path)
    chain = "16x16x3 -> conv 3x3 8 -> relu -> conv 3x3 4"
    assert call("verify", chain, "--against", "mine:net").code == 0
    other = call("verify", chain.replace("conv 3x3 4", "conv 3x3 5"), "--against", "mine:net")
    assert other.code == 1
    assert re.search(r"✗ conv2 +layers with tensors +5 5x8x3x3 +none", other.out)
    failing = call("verify", chain, "--against", "mine:broken")
    assert failing.code == 2
    assert "mine:broken raised ValueError: no weights here" in failing.err


ODD = """
import torch
from torch import nn
from torch.nn import functional as F

class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
        self.b.weight, self.b.bias = self.a.weight, self.a.bias
    def forward(self, x):
        return self.b(self.a(x))

class Looks(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        print("looking")
        x = self.a(x)
        return x if x.sum().item() < 0 else x + torch.ones(1, device="cpu")

class Around(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        return F.conv2d(x, self.a.weight, self.a.bias)

class Aside(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3)
        self.side = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 2))
        self.spare = nn.Parameter(torch.zeros(7))
    def forward(self, x):
        return self.a(x)

def half():
    return nn.Conv2d(3, 4, 3).half()

def lazy():
    return nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(5))

def silent():
    raise ValueError
"""


@pytest.mark.parametrize(
    ("maker", "chain", "code", "expected"),
    [
        ("Tied", "conv 1x1 3 -> conv 1x1 3", 1, r"✗ parameters +total +24 +12 +\+12"),
        ("Looks", "conv 3x3 4", 0, "the layer agrees"),
        ("Around", "conv 3x3 4", 0, "the layer agrees"),
        ("Aside", "conv 3x3 4", 0, r"\? parameters, no output needs them: side, spare\n"),
        ("half", "conv 3x3 4", 0, "the layer agrees"),
        ("lazy", "conv 3x3 4 -> relu -> flatten -> fc 5", 0, "all 2 layers agree"),
        ("silent", "conv 3x3 4", 2, r"odd:silent raised ValueError\n"),
    ],
)
@pytest.mark.slow
def test_odd_modules(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, maker: str, chain: str, code: int, expected: str
) -> None:
    """Defeats counting tied tensors twice, hooks that do not see a functional call, a list of all the
    parameters of a side head, and modules that are refused though they run: on values, in half precision,
    without sizes yet."""
    (tmp_path / "odd.py").write_text(ODD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "odd", raising=False)
    answer = call("verify", f"8x8x3 -> {chain}", "--against", f"odd:{maker}")
    assert answer.code == code
    assert re.search(expected, answer.err if code == 2 else answer.out)
    # What foreign code prints is no part of the answer.
    assert "looking" not in answer.out


INPUTS = """
from dataclasses import dataclass
from typing import NamedTuple
import torch
from torch import nn
from torch.nn import functional as F

class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.picture = nn.Linear(8, 6), nn.Conv1d(5, 6, 3)
    def forward(self, picture, words):
        return self.words(words).sum((1, 2)) + self.picture(picture).sum((1, 2))

class Batch(nn.Module):
    # A dictionary with a list in it, and a mask beside it.
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3), nn.Linear(4, 8)
    def forward(self, batch, mask=None):
        x = self.conv(batch["images"][0]).mean((2, 3)) + self.fc(batch["extra"])
        return {"out": x if mask is None else x * mask, "images": batch["images"]}

@dataclass
class Found:
    logits: torch.Tensor
    hidden: torch.Tensor | None = None

class Pair(NamedTuple):
    first: torch.Tensor
    second: torch.Tensor

class Heads(nn.Module):
    def __init__(self, how="data class"):
        super().__init__()
        self.how = how
        self.body, self.head, self.side = nn.Linear(6, 5), nn.Linear(5, 4), nn.Linear(5, 3)
    def forward(self, x):
        body = self.body(x)
        logits, side = self.head(body), self.side(body)
        if self.how == "data class":
            return Found(logits, side)
        if self.how == "tuple":
            return Pair(logits, side)
        return {"logits": logits, "more": [side]}

class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.same = nn.Conv2d(3, 3, 3, padding=1)
    def forward(self, x):
        return self.same(F.relu(self.same(x)))

def normed():
    return nn.Sequential(torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), nn.ReLU())

class Attends(nn.Module):
    # Written out, with a product of queries and keys by itself.
    def __init__(self, heads=2):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = [nn.Linear(8, 8) for _ in range(4)]
    def forward(self, x):
        q, k, v = (f(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.q, self.k, self.v))
        weights = torch.softmax(q @ k.transpose(-1, -2) / 2, -1)
        return self.out((weights @ v).transpose(1, 2).flatten(2))

class Multi(nn.Module):
    def __init__(self):
        super().__init__()
        self.mha = nn.MultiheadAttention(8, 2, batch_first=True)
    def forward(self, x):
        return self.mha(x, x, x)[0]

class Wide(nn.Module):
    # Somebody's product of larger matrices, without a tensor of its own.
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def forward(self, x):
        x = self.fc(x)
        return x @ (x.transpose(1, 2) @ x)

class Words(nn.Module):
    def __init__(self, batch_first):
        super().__init__()
        self.table = nn.Embedding(50, 8)
        self.cell = nn.LSTM(8, 6, 2, bidirectional=True, batch_first=batch_first)
    def forward(self, ids):
        return self.cell(self.table(ids))[0]
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chain", "theirs"),
    [
        ("20x8 -> lstm 16 biases=two", "torch.nn:LSTM(8,16)"),
        ("20x8 -> lstm 16 biases=two", "torch.nn:LSTM(8, 16, batch_first=True)"),
        ("8x8 -> gru 5 biases=two", "torch.nn:GRU(8, 5)"),
        ("20x8 -> linear 4", "torch.nn:Linear(8, 4)"),
        ("20x8 -> conv 3 4", "torch.nn:Conv1d(8, 4, kernel_size=3)"),
    ],
)
def test_sequences_arrive_as_the_module_wants_them(chain: str, theirs: str) -> None:
    """Positions before channels or behind them, the batch in front or between. Defeats: one order for all,
    with which an LSTM reads its positions as channels."""
    answer = call("verify", chain, "--against", theirs)
    assert answer.code == 0, answer.out + answer.err


@pytest.fixture
def inputs(tmp_path: Path) -> str:
    path = tmp_path / "inputs.py"
    path.write_text(INPUTS)
    return str(path)


def compared(chain: str, target: str, given: Any = None, **how: bool) -> Comparison:
    from archcalc.witness.against import Comparison

    return Comparison(archcalc.load(chain).graph, target, given=given, **how)


def differing(found: Comparison) -> list[tuple[str, str, object, object]]:
    return [(c.quantity, d.layer, d.predicted, d.measured) for c in found.checks for d in c.differences]


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("layers", [1, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("both", [False, True])
def test_recurrences_of_every_kind(batch_first: bool, cell: str, layers: int, both: bool) -> None:
    """As many positions as channels, where nothing but the order tells them apart, and other numbers.
    Defeats: steps along the batch, of which the sums are the same and the sizes are not."""
    two = "yes" if both else "no"
    for positions in (8, 20):
        chain = f"{positions}x8 -> {cell.lower()} 6 biases=two layers={layers} bidirectional={two}"
        target = f"torch.nn:{cell}(8, 6, {layers}, batch_first={batch_first}, bidirectional={both})"
        found = compared(chain, target)
        assert found.agrees, differing(found)
        (record,) = found.other.records
        assert record.output == (positions, 12 if both else 6)


@pytest.mark.parametrize("batch_first", [False, True])
def test_words_before_a_recurrence(inputs: str, batch_first: bool) -> None:
    """Defeats: twenty sentences of one word."""
    chain = "20 -> embedding 50 8 -> lstm 6 biases=two layers=2 bidirectional=yes"
    found = compared(chain, f"{inputs}:Words({batch_first})")
    assert found.agrees, differing(found)
    assert [record.output for record in found.other.records] == [(20, 8), (20, 12)]


def test_inputs_of_the_same_names_go_by_name(inputs: str) -> None:
    """The spec has them in another order than forward. Defeats: arguments by position alone, and by position
    where the names are not known."""
    from archcalc.importing.torch.inputs import arguments
    from archcalc.importing.torch.sizes import GivenTensor

    module = runpy.run_path(inputs)["Named"]()
    words, picture = GivenTensor((1, 8)), GivenTensor((9, 5))
    by_name = next(iter(arguments(module, others={"words": words, "picture": picture})))
    assert [tuple(at.shape)[1:] for at in by_name.args] == [(9, 5), (1, 8)]
    in_order = next(iter(arguments(module, others={"a": words, "b": picture})))
    assert [tuple(at.shape)[1:] for at in in_order.args] == [(1, 8), (9, 5)]


@pytest.mark.slow
def test_it_takes_what_every_module_takes(inputs: str) -> None:
    """Dictionaries, lists inside, exact tensors, and what the spec has for the rest. Defeats: arguments that
    only the inputs of the spec can be."""
    chain = "9x9x3 -> conv 3x3 8 -> gap"
    target = f"{inputs}:Batch"
    refused = call("verify", chain, "--against", target)
    assert refused.code == 2
    named = ["--input", "batch.images.0=9x9x3", "--input", "batch.extra=4"]
    answer = call("verify", chain, "--against", target, *named)
    # The module has a layer more.
    assert answer.code == 1
    assert "✗ fc     Linear" in answer.out
    assert "1 of 1" in answer.out.split("output shapes")[1].splitlines()[0]
    exact = ["--tensor", "batch.images.0=1x3x9x9", "--tensor", "batch.extra=1x4", "--tensor", "mask=1x8:bool"]
    assert call("verify", chain, "--against", target, *exact).out.count("✗") == answer.out.count("✗")
    wrong = call("verify", chain, "--against", target, *named, "--input", "masks=8")
    assert wrong.code == 2
    assert "did you mean `mask`?" in wrong.err


@pytest.mark.parametrize("how", ["data class", "tuple", "dictionary"])
@pytest.mark.parametrize("with_heads", [False, True])
def test_outputs_in_containers(inputs: str, how: str, with_heads: bool) -> None:
    """The first is the main one; side heads count where they are asked for. Defeats: a module whose output is
    one tensor, and the layers of all heads beside a spec that has one."""
    found = compared("6 -> fc 5 -> fc 4", f"{inputs}:Heads({how!r})", with_heads=with_heads)
    extra = [("layers with tensors", "side"), ("parameters", "total"), ("MACs", "total")]
    assert [one[:2] for one in differing(found)] == (extra if with_heads else [])
    assert found.other.params == 35 + 24 + (18 if with_heads else 0)


def test_a_module_that_is_called_twice(inputs: str) -> None:
    """Its tensors once, its work twice. Defeats: a record for a module, and one for each call with the
    parameters again."""
    net = compared("6x6x3 -> conv 3x3 3 pad=1 -> relu -> conv 3x3 3 pad=1", f"{inputs}:Twice")
    tensors = ("layers with tensors", "conv2", "3 3x3x3x3", None)
    assert differing(net) == [tensors, ("parameters", "total", 168, 84)]
    macs = next(check for check in net.checks if check.quantity == "MACs")
    assert macs.predicted == macs.measured == 2 * 36 * 81


def test_a_weight_that_is_made_of_others(inputs: str, tmp_path: Path) -> None:
    """The spec that `show` writes agrees with its module, layer by layer. Defeats: the weight that is
    computed in the place of the two that are learned."""
    target = f"{inputs}:normed"
    shown = call("show", target, "--input", "8x8x3").out
    assert "extra" in shown
    path = tmp_path / "normed.arch"
    path.write_text(shown)
    found = compared(str(path), target)
    assert found.agrees, differing(found)
    assert found.other.params == 4 * 27 + 4 + 4
    other = compared("8x8x3 -> conv 3x3 4 -> relu", target)
    assert not other.agrees


@pytest.mark.parametrize(
    ("target", "chain"),
    [
        ("Multi", "16x8 -> attention 2"),
        ("Multi", "16x8 -> linear 24 -> sdpa 2 -> linear 8"),
        ("Attends", "16x8 -> attention 2"),
    ],
)
def test_attention_layer_by_layer(inputs: str, target: str, chain: str) -> None:
    """Products without tensors are compared too, and an attention as one layer stands beside its parts.
    Defeats: layers with tensors alone, and the 0 that a counter has for an attention that it does not see."""
    found = compared(chain, f"{inputs}:{target}")
    macs = next(check for check in found.checks if check.quantity == "MACs")
    assert macs.measured == 4 * 16 * 64 + 2 * 16 * 16 * 8
    if target == "Multi":
        assert found.agrees, differing(found)


def test_products_without_tensors_are_found(inputs: str) -> None:
    """A product that the spec has not is named. Defeats: a difference in the total that no layer shows."""
    found = compared("16x8 -> linear 8", f"{inputs}:Wide")
    alone = [one for one in differing(found) if one[0] == "MACs by layer"]
    assert sorted(one[3] for one in alone if isinstance(one[3], int)) == [16 * 64, 16 * 64]
