"""Functions of tensors and constants beside them: lifted, and computed anew."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from lifted import Lifted  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

import archcalc  # noqa: E402
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


def calls(forward: Callable[..., Any], **parts: Any) -> Callable[[], nn.Module]:
    """What makes such a module; parameters are made from their sizes."""
    return lambda: Calls(
        forward,
        **{
            name: nn.Parameter(torch.rand(*part)) if isinstance(part, tuple) else part()
            for name, part in parts.items()
        },
    )


def token_twice(m: Any, x: Tensor) -> Tensor:
    """As in CaiT: a token that is put in front of a sequence, and added to what comes of it."""
    token = m.token.expand(len(x), -1, -1)
    seen = m.fc(torch.cat((token, x), 1))
    return torch.cat((token + seen[:, :1], x), 1)


def grouped(copied: Callable[[Tensor], Tensor], scale: float | None = None) -> Callable[[], nn.Module]:
    """Attention in which heads share keys and values, which are copied for them in one way or another."""

    def forward(m: Any, x: Tensor) -> Tensor:
        q = m.q(x).unflatten(2, (4, 3)).transpose(1, 2)
        k, v = [copied(part(x).unflatten(2, (2, 3)).transpose(1, 2)) for part in (m.k, m.v)]
        seen: Tensor = F.scaled_dot_product_attention(q, k, v, scale=scale)
        return seen.transpose(1, 2).flatten(2)

    maps = {
        name: (lambda width=width: nn.Linear(8, width)) for name, width in (("q", 12), ("k", 6), ("v", 6))
    }
    return calls(forward, **maps)


SEQUENCE = ((1, 5, 8),)
MAP = ((1, 3, 6, 7),)
TWO = (1, 5, 8), (1, 5, 8)
MODULES: dict[str, tuple[Callable[[], nn.Module], tuple[tuple[int, ...], ...], str]] = {
    "windows along two axes": (calls(lambda m, x: x.unfold(2, 3, 2).unfold(3, 2, 1)), MAP, "im2col im2col"),
    "windows of a padded map": (
        calls(
            lambda m, x: (
                F.pad(x, [1, 1, 2, 2]).unfold(3, 3, 2).unfold(2, 4, 2).flatten(4).permute(0, 3, 2, 4, 1)
            )
        ),
        MAP,
        "zeropad im2col im2col",
    ),
    "windows of channels": (calls(lambda m, x: x.unfold(1, 2, 1).mean(-1)), MAP, ""),
    "a token that is used twice": (
        calls(token_twice, token=(1, 1, 8), fc=lambda: nn.Linear(8, 8)),
        SEQUENCE,
        "",
    ),
    "a parameter between": (
        calls(lambda m, x: torch.cat([x, m.p.expand(len(x), -1, -1), x * 2], 1), p=(1, 2, 8)),
        SEQUENCE,
        "times parameter concat",
    ),
    "channels that are learned": (
        calls(lambda m, x: torch.cat([x, m.p.expand(len(x), -1, -1, -1)], 1), p=(1, 2, 6, 7)),
        MAP,
        "parameter rearrange concat",
    ),
    "a stack with a parameter": (
        calls(lambda m, x: torch.stack([x, m.p.expand_as(x)], 1), p=(1, 5, 8)),
        SEQUENCE,
        "parameter stack",
    ),
    "an ellipsis of a linear map": (
        calls(lambda m, x: torch.einsum("...c,dc->...d", x, m.p), p=(6, 8)),
        SEQUENCE,
        "linear",
    ),
    "an ellipsis of two": (
        calls(lambda m, x: torch.einsum("...ic,...jc->...ij", x, x * 2)),
        SEQUENCE,
        "times einsum",
    ),
    "no arrow": (calls(lambda m, x: torch.einsum("bjc,bic", x, x * 2)), SEQUENCE, "times einsum"),
    "likeness": (calls(lambda m, x, y: F.cosine_similarity(x, y, dim=-1)), TWO, ""),
    "likeness of vectors": (calls(lambda m, x, y: F.cosine_similarity(x, y)), ((1, 8), (1, 8)), ""),
    "likeness of all pairs": (
        calls(lambda m, x, y: F.cosine_similarity(x.unsqueeze(2), y.unsqueeze(1), dim=-1)),
        TWO,
        "",
    ),
    "distance": (calls(lambda m, x, y: F.pairwise_distance(x, y)), ((1, 8), (1, 8)), "map map reduce"),
    "distance by absolute values": (
        calls(lambda m, x, y: F.pairwise_distance(x, y, p=1, keepdim=True)),
        ((1, 8), (1, 8)),
        "map map reduce",
    ),
    "a steeper softplus": (calls(lambda m, x: F.softplus(x, beta=2)), SEQUENCE, "times softplus times"),
    "thresholds": (
        calls(lambda m, x: F.softshrink(F.hardshrink(F.threshold(x, 0.1, 2), 0.3))),
        SEQUENCE,
        "threshold hardshrink softshrink",
    ),
    "what has its inverse": (
        calls(lambda m, x: torch.logical_not(torch.atanh(torch.asinh(torch.fmod(x, 2))) > 0).float()),
        SEQUENCE,
        "map map map map map",
    ),
    "attention scaled on both sides": (
        calls(
            lambda m, q, k: (
                (
                    F.softmax(
                        (q.unflatten(2, (2, 4)).transpose(1, 2) * 0.5**0.5)
                        @ (k.unflatten(2, (2, 4)).transpose(1, 2).transpose(2, 3) * 0.5**0.5),
                        -1,
                    )
                    @ k.unflatten(2, (2, 4)).transpose(1, 2)
                )
                .transpose(1, 2)
                .flatten(2)
            )
        ),
        TWO,
        "sdpa",
    ),
    "a rim of ones": (calls(lambda m, x: F.pad(x, [1, 0, 2, 1], value=1.0)), MAP, "zeropad"),
    "a pool of a rim": (
        calls(lambda m, x: F.max_pool2d(F.pad(x - 2, [0, 1, 1, 0], value=-inf), 3, 2)),
        MAP,
        "map maxpool",
    ),
    "a padded pool of a rim": (
        calls(lambda m, x: F.max_pool2d(F.pad(x - 2, [0, 1], value=-inf), 3, 2, 1)),
        MAP,
        "map maxpool",
    ),
    "the nearest centre": (
        calls(lambda m, x: F.interpolate(x, size=(4, 5), mode="nearest-exact")),
        MAP,
        "resize",
    ),
    "the nearest centre by two": (
        calls(lambda m, x: F.interpolate(x, scale_factor=2, mode="nearest-exact")),
        MAP,
        "upsample",
    ),
    "a factor that is rounded": (
        calls(lambda m, x: F.interpolate(x, scale_factor=1.5, mode="bilinear")),
        MAP,
        "resize",
    ),
    "neighbours share a head": (
        grouped(lambda x: x.repeat_interleave(2, 1)),
        SEQUENCE,
        "linear linear linear sdpa",
    ),
    "every second head shares": (grouped(lambda x: x.repeat(1, 2, 1, 1)), SEQUENCE, ""),
    "scores by another number": (
        grouped(lambda x: x.repeat_interleave(2, 1), 0.3),
        SEQUENCE,
        "linear linear linear sdpa",
    ),
    "products by another number": (
        calls(lambda m, x: torch.softmax(x @ x.transpose(1, 2) * 0.3, -1) @ x),
        SEQUENCE,
        "sdpa",
    ),
    "the variance of all": (calls(lambda m, x: x.var(1, unbiased=False)), SEQUENCE, "reduce"),
    "the deviation of a sample": (calls(lambda m, x: x.std(2, keepdim=True)), SEQUENCE, "reduce"),
}


@pytest.mark.parametrize("name", MODULES)
def test_functions(name: str) -> None:
    """No opaque layer, all learned values, and the same output. Defeats windows that begin one position late,
    a token counted twice, constants at another place, letters of an ellipsis in another order, a length that
    is squared, options that are passed over (``beta``, ``value``, ``unbiased``), a factor made anew from
    rounded sizes, and zeros on the rim of a pool of negative numbers."""
    make, sizes, ops = MODULES[name]
    torch.manual_seed(7)
    found = Lifted(make(), *[torch.rand(*size) for size in sizes])
    assert found.opaque == []
    assert found.params() == sum([p.numel() for p in found.module.parameters()])
    assert not ops or " ".join([layer.op.name for layer in found.graph.layers]) == ops
    assert found.differences() == []


def coordinates(m: Any, x: Tensor) -> Tensor:
    """As in CoordConv: channels that hold the place of each position."""
    n, _, height, width = x.shape
    rows = torch.linspace(-1, 1, height).view(1, 1, height, 1).expand(n, 1, height, width)
    columns = torch.arange(width).float().view(1, 1, 1, width).expand(n, 1, height, width)
    found: Tensor = m.conv(torch.cat([x, rows, columns], 1))
    return found


def test_constants_beside_a_map() -> None:
    """Coordinates are channels of the map, of no parameters, and see nothing: the field is the kernel's.
    Defeats an opaque layer whose channels are no longer known, and a field of the whole map."""
    found = Lifted(calls(coordinates, conv=lambda: nn.Conv2d(5, 4, 3))(), torch.rand(1, 3, 6, 7))
    summary = Summary(found.graph)
    assert found.opaque == []
    assert found.params() == 4 * (5 * 9 + 1)
    assert summary.totals["macs"] == 4 * 5 * 5 * 9 * 4
    assert summary.rows[-1].rf[found.graph.inputs[0]].size == (3, 3)


def test_zeros_in_front_of_a_sequence() -> None:
    """A start symbol of zeros is a position of no parameters. Defeats a sequence that is no longer one."""
    module = calls(
        lambda m, x: m.cell(torch.cat([torch.zeros(len(x), 1, 8), x], 1))[0], cell=lambda: nn.GRU(8, 4)
    )()
    module.cell.batch_first = True
    found = Lifted(module, torch.rand(1, 5, 8))
    assert found.opaque == []
    assert [layer.op.name for layer in found.graph.layers] == ["parameter", "concat", "gru"]
    assert Summary(found.graph).totals["macs"] == 6 * 3 * 4 * (8 + 4)


def test_the_last_word_of_each_sentence() -> None:
    """One position of each element of the batch, at a place that is computed, goes on as a vector. Defeats an
    opaque layer whose field is unknown."""

    def forward(m: Any, x: Tensor, words: Tensor) -> Tensor:
        found: Tensor = m.fc(x[torch.arange(len(x)), words.argmax(-1)])
        return found

    module = calls(forward, fc=lambda: nn.Linear(8, 3))()
    found = Lifted(module, torch.rand(1, 5, 8), torch.arange(5)[None])
    assert found.opaque == []
    assert tuple(found.graph.output.output) == (3,)
    assert [layer.op.name for layer in found.graph.layers if layer.op.name in ("gather", "fc")] == [
        "gather",
        "fc",
    ]


class Blurs(nn.Module):
    """A blur whose kernel is a plain attribute, one made at each call, and a matrix of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = torch.rand(3, 1, 3, 3)
        self.tables = [torch.rand(5, 4), torch.rand(5)]
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.conv2d(x, self.kernel.to(x.device), groups=3, padding=1)
        x = F.conv2d(x, torch.tensor([[1.0, 0, -1]]).expand(3, 1, 1, 3), groups=3, stride=(1, 2))
        x = self.conv(x).mean((2, 3))
        return F.linear(x, *[table.to(x.device) for table in self.tables])


def test_weights_that_are_constants() -> None:
    """A layer whose weights are neither parameters nor buffers is one of its kind all the same, with its
    field and its products, and has no tensors. Defeats: an operation without a layer, of which the field is
    unknown, and weights that are counted though nothing learns or stores them."""
    net = archcalc.trace(Blurs(), torch.zeros(1, 3, 16, 16))
    fixed = [layer.op for layer in net.graph.layers if layer.op.__dict__.get("fixed")]
    assert [op.name for op in fixed] == ["dwconv", "dwconv", "fc"]
    assert fixed[2].__dict__["bias"]
    totals = net.summary().totals
    assert (totals["params"], totals["buffers"]) == (16, 0)
    assert totals["macs"] == 16 * 16 * 27 + 16 * 7 * 9 + 16 * 7 * 12 + 20
    assert net.receptive_field("conv").to_dict()["layers"][-1]["rf"]["size"] == [3, 5]
    again = archcalc.load("-", stdin=net.as_spec())
    assert [layer.output for layer in again.graph.layers] == [layer.output for layer in net.graph.layers]
    assert again.summary().totals["params"] == 16
    assert again.summary().totals["macs"] == totals["macs"]


@pytest.mark.parametrize(("how", "learned", "stored"), [("stored", 112, 30), ("fixed", 112, 0)])
def test_weights_that_are_not_learned_are_exported_so(how: str, learned: int, stored: int) -> None:
    """Source of a network holds buffers and constants as such. Defeats: source of a blur that learns."""
    net = archcalc.load(f"16x16x3 -> dwconv 3x3 {how}=yes -> conv 3x3 4")
    scope: dict[str, Any] = {"__name__": "exported"}
    exec(net.export(), scope)
    module = scope["Net"]()
    assert sum([p.numel() for p in module.parameters()]) == learned
    assert sum([b.numel() for b in module.buffers()]) == stored
    assert module(torch.zeros(1, 3, 16, 16)).shape == (1, 4, 12, 12)


def test_weights_are_stored_or_constants() -> None:
    """Not both."""
    for layer in ("conv 3x3 4", "tconv 2x2 4", "fc 3"):
        with pytest.raises(archcalc.SpecError, match="weights are stored, or they are constants"):
            archcalc.load(f"8x8x3 -> {layer} fixed=yes stored=yes")
