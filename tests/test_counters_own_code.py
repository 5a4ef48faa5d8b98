"""Profiles beside the real tools on modules as people write them, for which no rule was made.

Attention by hand and by PyTorch's module, in evaluation and in training, subclasses, cells, functions, shared
modules, odd strides, one and three axes. Tests of tools that are not installed say so.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from lanes import slow_but

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

import torch.nn.functional as F  # noqa: E402, N812
from counting_tools import PACKAGES, missing, printed  # noqa: E402
from test_counters_live import APART  # noqa: E402
from torch import nn  # noqa: E402

import archcalc  # noqa: E402
from archcalc.counters import count, profile  # noqa: E402

IN_THIS_PROCESS = [name for name in PACKAGES if name not in APART]


class Chain(nn.Module):
    """Modules one behind the other."""

    def __init__(self, *parts: nn.Module):
        super().__init__()
        self.parts = nn.Sequential(*parts)

    def forward(self, x: Any) -> Any:
        return self.parts(x)


class Written(nn.Module):
    """Linear maps around attention that is written out."""

    def __init__(self, attend: Callable[[Any, Any, Any], Any]):
        super().__init__()
        self.maps, self.joined = nn.Linear(8, 24), nn.Linear(8, 8)
        self.attend = attend

    def forward(self, x: Any) -> Any:
        return self.joined(self.attend(*self.maps(x).chunk(3, -1)))


class Between(nn.Module):
    """A function behind a module."""

    def __init__(self, module: nn.Module, function: Callable[[Any, Any], Any]):
        super().__init__()
        self.module, self.function = module, function

    def forward(self, x: Any) -> Any:
        return self.function(self.module(x), x)


class Heads(nn.Module):
    """PyTorch's own attention."""

    def __init__(self, weights: bool):
        super().__init__()
        self.attention, self.last = nn.MultiheadAttention(8, 2, batch_first=True), nn.Linear(8, 8)
        self.weights = weights

    def forward(self, x: Any) -> Any:
        return self.last(self.attention(x, x, x, need_weights=self.weights)[0])


class Gate(nn.Module):
    """A gate of 1x1 convolutions on a pooled map."""

    def __init__(self) -> None:
        super().__init__()
        self.pool, self.down, self.up = nn.AdaptiveAvgPool2d(1), nn.Conv2d(6, 2, 1), nn.Conv2d(2, 6, 1)

    def forward(self, x: Any) -> Any:
        return x * torch.sigmoid(self.up(F.relu(self.down(self.pool(x)))))


class Cells(nn.Module):
    """A recurrent cell, stepped by a loop."""

    def __init__(self, cell: nn.Module):
        super().__init__()
        self.cell, self.last = cell, nn.Linear(5, 2)

    def forward(self, x: Any) -> Any:
        state: Any = None
        for step in range(x.shape[1]):
            state = self.cell(x[:, step], state)
        return self.last(state[0] if isinstance(state, tuple) else state)


class Twice(nn.Module):
    """Modules that are called two times."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.Sequential(
            nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)
        )

    def forward(self, x: Any) -> Any:
        return self.parts(self.parts(x))


class Mapping(nn.Conv2d):
    """A convolution whose class is not called one."""


class Normed(nn.BatchNorm2d):
    """A batch norm by another name."""


class Full(nn.Linear):
    """A linear layer by another name."""


def turned(x: Any) -> Any:
    return x.transpose(-2, -1)


def enlarged(y: Any, x: Any) -> Any:
    y = F.interpolate(F.interpolate(y, size=(14, 14)), scale_factor=2, mode="bilinear")
    return F.interpolate(y, size=(33, 35), mode="bilinear")


def added(y: Any, x: Any) -> Any:
    y = torch.mul(torch.add(y, x).add(x), x)
    y += x
    return y * x


def multiplied(y: Any, x: Any) -> Any:
    y = torch.matmul(y @ turned(y), x)
    return torch.bmm(y, turned(y))


CASES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "strides": (
        lambda: Chain(
            nn.Conv2d(3, 5, (5, 2), stride=(3, 1), padding=(2, 0)),
            nn.BatchNorm2d(5),
            nn.Conv2d(5, 7, 3, dilation=2),
        ),
        (3, 17, 13),
    ),
    "groups": (
        lambda: Chain(nn.Conv2d(6, 12, 3, groups=6, bias=False), nn.Conv2d(12, 6, 1, groups=3)),
        (6, 9, 9),
    ),
    "one axis": (
        lambda: Chain(
            nn.Conv1d(4, 6, 5, stride=2),
            nn.BatchNorm1d(6),
            nn.MaxPool1d(3, 2),
            nn.Flatten(),
            nn.Linear(24, 2),
        ),
        (4, 21),
    ),
    "three axes": (
        lambda: Chain(nn.Conv3d(2, 4, (3, 3, 1), stride=(1, 2, 2)), nn.ReLU(), nn.AdaptiveAvgPool3d(1)),
        (2, 8, 9, 9),
    ),
    "transposed": (
        lambda: Chain(nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)),
        (4, 7, 7),
    ),
    "shared": (Twice, (4, 12, 12)),
    "operator": (lambda: Written(lambda q, k, v: (q @ turned(k) * 8**-0.5).softmax(-1) @ v), (7, 8)),
    "methods": (lambda: Written(lambda q, k, v: F.softmax(q.matmul(turned(k)), dim=-1).matmul(v)), (7, 8)),
    "functions": (
        lambda: Written(lambda q, k, v: torch.bmm(F.softmax(torch.matmul(q, turned(k)), dim=-1), v)),
        (7, 8),
    ),
    "products": (lambda: Between(nn.Linear(8, 8), multiplied), (7, 8)),
    "softmax": (lambda: Between(nn.Linear(8, 8), lambda y, x: torch.softmax(y.softmax(-1), -1)), (7, 8)),
    "sums": (lambda: Between(nn.Conv2d(4, 4, 3, padding=1), added), (4, 9, 9)),
    "heads": (lambda: Heads(False), (6, 8)),
    "heads with weights": (lambda: Heads(True), (6, 8)),
    "gate": (lambda: Chain(nn.Conv2d(3, 6, 3), Gate()), (3, 9, 9)),
    "subclasses": (
        lambda: Chain(Mapping(3, 4, 3), Normed(4), nn.AdaptiveAvgPool2d(2), nn.Flatten(), Full(16, 5)),
        (3, 9, 9),
    ),
    "sizes": (lambda: Between(nn.Conv2d(3, 4, 3), enlarged), (3, 9, 9)),
    "prelu": (lambda: Chain(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.PReLU(4)), (3, 9, 9)),
    "lstm cell": (lambda: Cells(nn.LSTMCell(6, 5)), (4, 6)),
    "gru cell": (lambda: Cells(nn.GRUCell(6, 5)), (4, 6)),
    "rnn cell": (lambda: Cells(nn.RNNCell(6, 5)), (4, 6)),
}
# torchvision and DeepSpeed: ten networks that the rules of its profile were not made of.
NETWORKS = (
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "mobilenet_v2", "mobilenet_v3_large"),
    *("resnet18", "shufflenet_v2_x1_0", "swin_t", "vit_b_16"),
)


def both(name: str, case: str, training: bool) -> tuple[int, int]:
    """The figure of a profile, and that of its tool."""
    make, sizes = CASES[case]
    module = make().train(training)
    x = torch.zeros(1, *sizes)
    if training:
        network = archcalc.load(copy.deepcopy(module), input=sizes, layout="chw", training=True)
    else:
        network = archcalc.trace(copy.deepcopy(module), x)
    return count(profile(name), network).figure, printed(name, module, x)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", slow_but(CASES, 8))
@pytest.mark.parametrize("name", IN_THIS_PROCESS)
def test_evaluation(name: str, case: str) -> None:
    """Defeats: attention by hand that is counted as PyTorch's function, ``@`` as ``torch.matmul``, a 1x1
    convolution on a pooled map as a linear layer, cells as nothing, a subclass as the module."""
    if why := missing(name):
        pytest.skip(why)
    ours, real = both(name, case, False)
    assert ours == real


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "case", ["heads with weights", "heads", "operator", "prelu", "strides", "subclasses"]
)
@pytest.mark.parametrize("name", IN_THIS_PROCESS)
def test_training(name: str, case: str) -> None:
    """Defeats: the fast path of attention in training mode; batch norms of a subclass that count as
    functions there; thop's PReLU, which it counts in evaluation mode whatever the module's mode is."""
    if why := missing(name):
        pytest.skip(why)
    ours, real = both(name, case, True)
    assert ours == real


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("network", NETWORKS)
def test_deepspeed_on_networks(network: str) -> None:
    """Defeats: a profile of DeepSpeed that was read off its source and never run beside it."""
    if why := missing("deepspeed"):
        pytest.skip(why)
    from benchmarks.peers import models

    try:
        module = getattr(models(), network)(weights=None).eval()
    except ImportError:
        pytest.skip("torchvision is not installed")
    x = torch.zeros(1, 3, 224, 224)
    traced = archcalc.load(copy.deepcopy(module), input="224x224x3")
    names = ("deepspeed", "deepspeed-macs")
    assert [count(profile(n), traced).figure for n in names] == [printed(n, module, x) for n in names]
