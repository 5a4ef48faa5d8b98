"""Tools replace some spellings of a function and not others: the traced code decides their figures."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from counting_tools import PACKAGES, missing, printed

import archcalc

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

PRODUCTS = {
    "operator": lambda a, b: a @ b,
    "method": lambda a, b: a.matmul(b),
    "function": lambda a, b: torch.matmul(a, b),
    "einsum": lambda a, b: torch.einsum("bhij,bhjk->bhik", a, b),
}
SOFTMAXES = {
    "function": lambda scores: F.softmax(scores, dim=-1),
    "method": lambda scores: scores.softmax(dim=-1),
}


class WrittenOut(nn.Module):  # type: ignore[misc, name-defined]
    """Attention that is written out."""

    def __init__(self, product: str, softmax: str):
        super().__init__()
        self.qkv = nn.Linear(24, 72)
        self.proj = nn.Linear(24, 24)
        self.product, self.softmax = PRODUCTS[product], SOFTMAXES[softmax]

    def forward(self, x: Any) -> Any:
        n = x.shape[1]
        q, k, v = self.qkv(x).reshape(-1, n, 3, 3, 8).permute(2, 0, 3, 1, 4).unbind(0)
        weights = self.softmax(self.product(q * 8**-0.5, k.transpose(-2, -1)))
        return self.proj(self.product(weights, v).transpose(1, 2).reshape(-1, n, 24))


class NormWithActivation(nn.BatchNorm2d):  # type: ignore[misc, name-defined]
    """A batch norm that calls the function and holds a module, as timm's do."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.conv, self.act = nn.Conv2d(3, channels, 3), nn.ReLU()

    def forward(self, x: Any) -> Any:
        x = self.conv(x)
        x = F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False)
        return self.act(x)


class Gate(nn.Module):  # type: ignore[misc, name-defined]
    """A gate of 1x1 convolutions, which are fully connected layers."""

    def __init__(self) -> None:
        super().__init__()
        self.pool, self.act, self.gate = nn.AdaptiveAvgPool2d(1), nn.ReLU(), nn.Sigmoid()
        self.fc1, self.fc2 = nn.Conv2d(8, 2, 1), nn.Conv2d(2, 8, 1)

    def forward(self, x: Any) -> Any:
        return x * self.gate(self.fc2(self.act(self.fc1(self.pool(x)))))


class LayerScale(nn.Module):  # type: ignore[misc, name-defined]
    """A learned factor for each channel."""

    def __init__(self, method: bool):
        super().__init__()
        self.conv, self.factor = nn.Conv2d(3, 8, 3), nn.Parameter(torch.ones(1, 8, 1, 1))
        self.method = method

    def forward(self, x: Any) -> Any:
        x = self.conv(x)
        return x.mul(self.factor) if self.method else x * self.factor


def equal(tool: str, module: Any, *sizes: int) -> None:
    """Compare what a tool prints with what its profile counts of the traced module."""
    if reason := missing(tool):
        pytest.skip(reason)
    x = torch.zeros(1, *sizes)
    counted = archcalc.trace(copy.deepcopy(module), x).count(tool).figure
    assert counted == printed(tool, module, x)


@pytest.mark.parametrize("tool", PACKAGES)
@pytest.mark.parametrize("softmax", SOFTMAXES)
@pytest.mark.parametrize("product", PRODUCTS)
def test_attention_that_is_written_out(tool: str, product: str, softmax: str) -> None:
    """A rule for F.scaled_dot_product_attention, which most tools do not know, would take the products from
    fvcore and FlopCounterMode; one rule for all products would give calflops and ptflops those of `a @ b`;
    exact products are not what torch.einsum has in fvcore, which rounds them to four digits."""
    equal(tool, WrittenOut(product, softmax).eval(), 37, 24)


@pytest.mark.parametrize("tool", PACKAGES)
def test_a_batch_norm_that_calls_the_function(tool: str) -> None:
    """A rule for modules alone counts 0 where a subclass calls F.batch_norm and holds another module."""
    equal(tool, NormWithActivation(8).eval(), 3, 9, 9)


@pytest.mark.parametrize("tool", PACKAGES)
def test_a_gate_of_convolutions(tool: str) -> None:
    """A 1x1 convolution of a pooled map is a fully connected layer, but its bias is a convolution's."""
    equal(tool, Gate().eval(), 8, 9, 9)


@pytest.mark.parametrize("tool", PACKAGES)
@pytest.mark.parametrize("method", [False, True])
def test_a_factor_as_a_method_or_an_operator(tool: str, method: bool) -> None:
    """`x.mul(factor)` is counted by tools that replace the method, `x * factor` is not: a rule for the layer
    without its spelling is wrong for one of them."""
    equal(tool, LayerScale(method).eval(), 3, 9, 9)


def test_spellings_are_recorded() -> None:
    """One name for all spellings could not tell `a @ b` from `a.matmul(b)`."""
    found = {}
    for name in PRODUCTS:
        graph = archcalc.trace(WrittenOut(name, "method").eval(), torch.zeros(1, 37, 24)).graph
        form = next(at.origin.form for at in graph.layers if at.op.name == "sdpa" and at.origin is not None)
        assert form is not None
        found[name] = (form.called, form.settings["softmax"])
    assert found == {
        "operator": ("operator.matmul", "Tensor.softmax"),
        "method": ("Tensor.matmul", "Tensor.softmax"),
        "function": ("torch.matmul", "Tensor.softmax"),
        "einsum": ("torch.einsum", "Tensor.softmax"),
    }
