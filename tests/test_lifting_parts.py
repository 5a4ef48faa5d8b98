"""Layers that use a part of a parameter: each has just that part, and what none has is unused."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from lifted import Lifted  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

from archcalc.analysis.summary import Summary  # noqa: E402


class Calls(nn.Module):
    """A module from a function of its parts."""

    def __init__(self, forward: Callable[..., Any], **parts: nn.Module | nn.Parameter):
        super().__init__()
        self._forward = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *args: Tensor) -> Any:
        return self._forward(self, *args)


def weight(*sizes: int) -> nn.Parameter:
    return nn.Parameter(torch.rand(*sizes))


def attention(**options: Any) -> nn.Module:
    return nn.MultiheadAttention(8, 2, batch_first=True, **options)


TWO = (1, 5, 8), (1, 7, 8)
# What is computed, what arrives, the ops, and how many values no output needs.
MODULES: dict[str, tuple[Callable[[], nn.Module], tuple[tuple[int, ...], ...], str, int]] = {
    "cross-attention": (
        lambda: Calls(lambda m, x, y: m.a(x, y, y)[0], a=attention()),
        TWO,
        "linear linear take take sdpa linear",
        0,
    ),
    "cross-attention of other widths": (
        lambda: Calls(lambda m, x, y: m.a(x, y, y, need_weights=False)[0], a=attention(kdim=6, vdim=6)),
        ((1, 5, 8), (1, 7, 6)),
        "linear linear linear sdpa linear",
        0,
    ),
    "keys that are no values": (
        lambda: Calls(lambda m, x, y: m.a(x, y, F.relu(y), need_weights=False)[0], a=attention(bias=False)),
        TWO,
        "relu linear linear linear sdpa linear",
        0,
    ),
    "a decoder": (
        lambda: nn.TransformerDecoderLayer(8, 2, 16, dropout=0, batch_first=True, norm_first=True),
        TWO,
        "layernorm linear sdpa linear add layernorm linear linear take take sdpa linear add layernorm linear "
        "relu linear add",
        0,
    ),
    "rows that nothing reads": (
        lambda: Calls(lambda m, x: F.linear(x, m.w[2:6]), w=weight(8, 8)),
        ((1, 5, 8),),
        "linear",
        32,
    ),
    "two of three experts": (
        lambda: Calls(lambda m, x: F.linear(F.relu(F.linear(x, m.w[2])), m.w[0]), w=weight(3, 8, 8)),
        ((1, 5, 8),),
        "linear relu linear",
        64,
    ),
    "one part twice": (
        lambda: Calls(lambda m, x: F.linear(F.relu(F.linear(x, m.w[:8])), m.w.split(8)[0]), w=weight(16, 8)),
        ((1, 5, 8),),
        "linear relu linear",
        64,
    ),
    "columns": (
        lambda: Calls(lambda m, x: torch.cat([x @ m.w[:, :2], x @ m.w[:, 2:]], -1), w=weight(8, 6)),
        ((1, 5, 8),),
        "linear linear concat",
        0,
    ),
}


@pytest.mark.parametrize("name", MODULES)
def test_each_layer_has_its_part(name: str) -> None:
    """The same values, and every element of a parameter either in one layer or unused. Defeats the whole
    matrix given to each of its readers, the first rows for other ones, and parts that are counted twice."""
    make, sizes, ops, unused = MODULES[name]
    torch.manual_seed(2)
    found = Lifted(make(), *[torch.rand(*size) for size in sizes])
    assert found.opaque == []
    assert " ".join([layer.op.name for layer in found.graph.layers]) == ops
    traced = found.graph.metadata.traced
    assert traced is not None
    assert sum([prod(sizes) for _, sizes in traced.unused]) == unused
    total = sum([p.numel() for p in found.module.parameters()])
    assert Summary(found.graph, with_heads=True).totals["params"] == found.params() == total - unused
    assert found.differences() == []


@pytest.mark.parametrize(
    "forward",
    [
        lambda m, x: F.linear(x, m.w[:4]) + F.linear(x, m.w[2:6]),
        lambda m, x: F.linear(F.linear(x, m.w), m.w[:4]),
        lambda m, x: F.linear(F.linear(x, m.w[:4]), m.w[:, :4]),
    ],
    ids=["rows that overlap", "the whole and a part", "rows and columns"],
)
def test_parts_that_overlap_are_counted_once(forward: Callable[..., Tensor]) -> None:
    """No layer says what it has of values that another layer has in part: the second is opaque, with its
    shape and its multiply-adds."""
    found = Lifted(Calls(forward, w=weight(8, 8)), torch.rand(1, 5, 8))
    assert len(found.opaque) == 1
    assert found.params() <= 64
    (layer,) = [layer for layer in found.graph.layers if layer.op.name == "opaque"]
    counts = layer.facts.operations
    assert counts is not None
    assert counts.mul_add == prod(layer.output) * layer.inputs[0].output.channels
    assert layer.facts.params == 0


def test_learned_queries_are_mapped_by_their_rows() -> None:
    """Queries that depend on no input are mapped once per forward, by rows of a matrix whose others the keys
    and values have. Defeats a graph without the attention, because its matrix has a layer already."""
    module = Calls(
        lambda m, x: m.a(m.p.expand(len(x), -1, -1), x, x, need_weights=False)[0],
        p=weight(1, 5, 8),
        a=attention(),
    )
    found = Lifted(module, torch.rand(1, 7, 8))
    assert found.opaque == []
    assert found.params() == sum([p.numel() for p in module.parameters()])
    # 5 queries, 7 keys and values, two heads of 4, and the map behind them.
    macs = 5 * 8 * 8 + 7 * 8 * 16 + 2 * 5 * 7 * 4 * 2 + 5 * 8 * 8
    assert Summary(found.graph).totals["macs"] == macs
