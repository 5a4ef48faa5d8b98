"""`archcalc verify --against`: somebody else's module, and what is said of modules of all kinds."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.language.library import Library

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
        ("Around", "conv 3x3 4", 1, r"\? parameters, never called in inference: a\n"),
        ("half", "conv 3x3 4", 0, "the layer agrees"),
        ("lazy", "conv 3x3 4 -> relu -> flatten -> fc 5", 0, "all 2 layers agree"),
        ("silent", "conv 3x3 4", 2, r"odd:silent raised ValueError\n"),
    ],
)
@pytest.mark.slow
def test_odd_modules(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, maker: str, chain: str, code: int, expected: str
) -> None:
    """Defeats counting tied tensors twice, naming the whole as a part that is not called, and
    modules that are refused though they run: on values, in half precision, without sizes yet."""
    (tmp_path / "odd.py").write_text(ODD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "odd", raising=False)
    answer = call("verify", f"8x8x3 -> {chain}", "--against", f"odd:{maker}")
    assert answer.code == code
    assert re.search(expected, answer.err if code == 2 else answer.out)
    # What foreign code prints is no part of the answer.
    assert "looking" not in answer.out


SEQUENCES = """
from torch import nn

class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.picture = nn.Linear(8, 6), nn.Conv1d(5, 6, 3)
    def forward(self, picture, words):
        return self.words(words).sum((1, 2)) + self.picture(picture).sum((1, 2))
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


@pytest.mark.slow
def test_inputs_of_the_same_names_go_by_name(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spec has them in another order than forward. Defeats: arguments by position alone."""
    (tmp_path / "two_inputs.py").write_text(SEQUENCES)
    monkeypatch.syspath_prepend(str(tmp_path))
    from archcalc.witness.foreign import called

    module = __import__("two_inputs").Named()
    words, picture = torch.zeros(1, 1, 8), torch.zeros(1, 5, 9)
    assert called(module, [words, picture], ["words", "picture"]).shape == (1,)
    with pytest.raises(RuntimeError):
        called(module, [words, picture], ["a", "b"])
