"""Attention, norms and activations that a module writes out, taken for what they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from nasty_modules import NASTY, Net
from random_modules import RandomModule
from replaying import Replayer
from torch import Tensor, nn
from torch.nn import functional

from archcalc.importing.operations.lifting import graph_of, lifted
from archcalc.importing.operations.patterns import simplified
from archcalc.importing.operations.recording import Recording
from archcalc.importing.torch.recorder import record

HEADS = (1, 2, 5, 4)


def linears() -> dict[str, nn.Module]:
    """The projections of attention: four heads of two would be too alike, so two of four."""
    return {name: nn.Linear(8, 8) for name in "qkv"}


def heads(self: Any, x: Tensor) -> list[Tensor]:
    """Queries, keys and values of two heads."""
    return [part(x).view(x.shape[0], -1, 2, 4).transpose(1, 2) for part in (self.q, self.k, self.v)]


def divided(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    return (q @ k.transpose(-2, -1) / math.sqrt(4)).softmax(-1) @ v


def scaled_queries_and_keys(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    return torch.matmul(functional.softmax(torch.matmul(q * 0.7, (k * 0.7).mT), dim=3), v)


def masked(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    mask = torch.full((5, 5), -1e9).triu(1)
    return functional.dropout((q @ k.transpose(2, 3) * 0.5 + mask).softmax(-1), 0.1, False) @ v


def biased_and_filled(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    scores = (q @ k.transpose(-1, -2)).mul_(0.5)
    scores = scores + self.bias
    scores = scores.masked_fill(torch.ones(5, 5, dtype=torch.bool).triu(1), -1e9)
    return scores.softmax(-1).to(q.dtype) @ v


def batched_products(self: Any, x: Tensor) -> Any:
    q, k, v = [
        part(x).view(-1, 5, 2, 4).transpose(1, 2).reshape(-1, 5, 4) for part in (self.q, self.k, self.v)
    ]
    weights = torch.bmm(q, k.transpose(1, 2))
    weights = weights.view(-1, 2, 5, 5) + torch.full((1, 1, 5, 5), -1e9).triu(1)
    weights = functional.softmax(weights.view(-1, 5, 5), dim=-1)
    return torch.bmm(weights, v)


def permuted_keys(self: Any, x: Tensor) -> Any:
    q, k, v = [part(x).view(-1, 5, 2, 4) for part in (self.q, self.k, self.v)]
    q, k, v = q.permute(0, 2, 1, 3), k.permute(0, 2, 3, 1), v.permute(0, 2, 1, 3)
    return torch.matmul(torch.softmax(torch.matmul(q, k), -1), v)


def of_einsum(self: Any, x: Tensor) -> Any:
    q, k, v = [part(x).view(-1, 5, 2, 4) for part in (self.q, self.k, self.v)]
    weights = torch.einsum("bihd,bjhd->bhij", q * 0.5, k).softmax(-1)
    return torch.einsum("bhij,bjhd->bhid", weights, v)


def causal_where(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    keep = torch.ones(5, 5, dtype=torch.bool).tril()
    scores = torch.where(keep, q @ k.transpose(-1, -2), torch.full([], -1e9))
    return scores.softmax(-1) @ v


def with_baddbmm(self: Any, x: Tensor) -> Any:
    q, k, v = [
        part(x).view(-1, 5, 2, 4).transpose(1, 2).reshape(-1, 5, 4) for part in (self.q, self.k, self.v)
    ]
    mask = torch.full((1, 5, 5), -1e9).triu(1)
    return torch.bmm(torch.baddbmm(mask, q * 0.5, k.transpose(-2, -1)).softmax(-1), v)


def one_head_of_keys(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    k, v = k[:, :1], v[:, 1:]
    return torch.softmax(q @ k.transpose(-1, -2) / 2, -1) @ v


WRITTEN_OUT = [
    *(divided, scaled_queries_and_keys, masked, biased_and_filled, batched_products),
    *(permuted_keys, of_einsum, causal_where, with_baddbmm, one_head_of_keys),
]


def tried(module: nn.Module, *args: Tensor) -> Recording:
    """The recording, simplified, after its replay has given what the module gives."""
    recording = simplified(record(module, args))
    inputs = dict(zip([v.name for v in recording.inputs], [a.clone() for a in args], strict=True))
    found = Replayer(recording, module.eval(), inputs).outputs()
    with torch.no_grad():
        wanted = module(*args)
    torch.testing.assert_close(found["out"], wanted, rtol=1e-4, atol=1e-5)
    return recording


@pytest.mark.parametrize("run", WRITTEN_OUT, ids=lambda run: run.__name__)
def test_attention_that_is_written_out(run: Callable[..., Any]) -> None:
    """Defeats a pattern that takes the scale, a mask or the order of axes wrong: the replay shows."""
    module = Net(run, **linears(), bias=nn.Parameter(torch.rand(2, 5, 5)))
    recording = tried(module, torch.randn(1, 5, 8))
    names = [operation.name for operation in recording.operations]
    assert names.count("scaled_dot_product_attention") == 1
    assert not {"softmax", "matmul", "bmm", "baddbmm", "mul", "div", "add", "masked_fill", "where"} & set(
        names
    )


def weights_are_returned(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    weights = (q @ k.transpose(-2, -1)).softmax(-1)
    return weights @ v, weights


def scores_are_read(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    scores = q @ k.transpose(-2, -1)
    return scores.softmax(-1) @ v + scores.mean()


def over_queries(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    return (q @ k.transpose(-2, -1)).softmax(-2) @ v


def mask_before_scale(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    return ((q @ k.transpose(-2, -1) + self.bias) * 0.5).softmax(-1) @ v


def learned_scale(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    return (q @ k.transpose(-2, -1) * self.bias[0, 0, 0]).softmax(-1) @ v


def values_first(self: Any, x: Tensor) -> Any:
    q, k, v = heads(self, x)
    return v.mT @ (q @ k.transpose(-2, -1)).softmax(-1)


NOT_ATTENTION = [
    *(weights_are_returned, scores_are_read, over_queries, mask_before_scale, learned_scale, values_first)
]


@pytest.mark.parametrize("run", NOT_ATTENTION, ids=lambda run: run.__name__)
def test_what_attention_cannot_say_is_left_alone(run: Callable[..., Any]) -> None:
    """Defeats a pattern that sees a softmax between products and asks no more."""
    module = Net(run, **linears(), bias=nn.Parameter(torch.rand(2, 5, 5)))
    names = [operation.name for operation in simplified(record(module, (torch.randn(1, 5, 8),))).operations]
    assert "softmax" in names
    assert "scaled_dot_product_attention" not in names


def rms(self: Any, x: Tensor) -> Any:
    h = x.to(torch.float32)
    h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + 1e-6)
    return self.w * h.to(x.dtype)


def rms_by_division(self: Any, x: Tensor) -> Any:
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-3) + 1


def rms_plus_one(self: Any, x: Tensor) -> Any:
    return x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + 1e-6) * (1 + self.w)


@pytest.mark.parametrize("run", [rms, rms_by_division, rms_plus_one], ids=lambda run: run.__name__)
def test_rms_norms_that_are_written_out(run: Callable[..., Any]) -> None:
    module = Net(run, w=nn.Parameter(torch.rand(8)))
    recording = tried(module, torch.randn(1, 5, 8))
    (norm,) = [operation for operation in recording.operations if operation.name == "rms_norm"]
    assert norm.arguments["normalized_shape"] == (8,)
    assert (norm.arguments["weight"] is None) == (run is rms_by_division)
    assert not {"rsqrt", "sqrt", "mean", "mul", "div"} & {o.name for o in recording.operations}


def rms_over_two_axes(self: Any, x: Tensor) -> Any:
    return x / torch.sqrt((x * x).mean((1, 2), keepdim=True) + 1e-3) + 1


def test_an_rms_norm_over_several_axes_is_its_parts() -> None:
    """No layer has it over more than the channels. Defeats: a layer of which nothing is known."""
    recording = tried(Net(rms_over_two_axes), torch.randn(1, 5, 8))
    assert "rms_norm" not in {operation.name for operation in recording.operations}
    layers = graph_of(lifted(recording)).layers
    assert "opaque" not in {layer.op.name for layer in layers}


def upcast(self: Any, x: Tensor) -> Any:
    h = x.to(torch.float32)
    h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + 1e-6)
    x = self.w * h.to(x.dtype)
    q, k, v = heads(self, x)
    weights = functional.softmax(q @ k.transpose(-1, -2), dim=-1, dtype=torch.float32).to(q.dtype)
    return weights @ v


def test_what_is_worked_out_with_more_digits() -> None:
    """Defeats patterns that a change of types between their parts hides."""
    module = Net(upcast, **linears(), w=nn.Parameter(torch.rand(8))).bfloat16()
    recording = simplified(record(module, (torch.randn(1, 5, 8, dtype=torch.bfloat16),)))
    assert not {"to", "softmax", "matmul", "mul", "pow"} & {o.name for o in recording.operations}
    (norm,) = [o for o in recording.operations if o.name == "rms_norm"]
    assert norm.arguments["input"] is recording.inputs[0]
    assert {v.dtype for o in recording.operations for v in (*o.inputs, *o.outputs)} == {"bfloat16"}


def not_rms_over_channels(self: Any, x: Tensor) -> Any:
    return x * torch.rsqrt(x.pow(2).mean(1, keepdim=True) + 1e-6)


def not_rms_of_another(self: Any, x: Tensor) -> Any:
    return x * torch.rsqrt((x + 1).pow(2).mean(-1, keepdim=True) + 1e-6)


@pytest.mark.parametrize("run", [not_rms_over_channels, not_rms_of_another], ids=lambda run: run.__name__)
def test_what_is_no_rms_norm(run: Callable[..., Any]) -> None:
    recording = simplified(record(Net(run), (torch.randn(1, 5, 8),)))
    assert "rms_norm" not in [operation.name for operation in recording.operations]


ACTIVATIONS: dict[str, tuple[str, Callable[[Any, Tensor], Any]]] = {
    "new_gelu": (
        "gelu",
        lambda self, x: (
            0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))
        ),
    ),
    "fast_gelu": (
        "gelu",
        lambda self, x: 0.5 * x * (1 + torch.tanh(x * 0.7978845608 * (1.0 + 0.044715 * x * x))),
    ),
    "exact_gelu": ("gelu", lambda self, x: x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))),
    "swish": ("silu", lambda self, x: x * torch.sigmoid(x)),
    "mish": ("mish", lambda self, x: x * torch.tanh(functional.softplus(x))),
    "hard_swish": ("hardswish", lambda self, x: x * functional.relu6(x + 3) / 6),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_that_are_written_out(name: str) -> None:
    """Defeats a pattern for one way of writing: it is the values that count."""
    known, run = ACTIVATIONS[name]
    recording = tried(Net(run), torch.randn(1, 5, 8))
    assert [operation.name for operation in recording.operations] == [known]
    if known == "gelu":
        wanted = "none" if name == "exact_gelu" else "tanh"
        assert recording.operations[0].arguments["approximate"] == wanted


@pytest.mark.parametrize(
    "run", [lambda self, x: x * torch.sigmoid(1.702 * x), lambda self, x: x * torch.sigmoid(x.mean())]
)
def test_what_is_no_activation(run: Any) -> None:
    names = [operation.name for operation in simplified(record(Net(run), (torch.randn(1, 5, 8),))).operations]
    assert "sigmoid" in names


@pytest.mark.parametrize("seed", range(30))
def test_a_random_module_stays_what_it_is(seed: int) -> None:
    """Defeats a pattern that takes out what something else reads."""
    torch.manual_seed(seed)
    module = RandomModule(seed, 25).eval()
    args = torch.randn(2, 4, 4), torch.randn(2, 4, 4)
    recording = simplified(record(module, args))
    found = Replayer(recording, module, dict(zip("xy", [a.clone() for a in args], strict=True))).outputs()
    with torch.no_grad():
        wanted = module(*args)
    for number, tensor in enumerate(wanted):
        torch.testing.assert_close(found[str(number)], tensor, equal_nan=True, rtol=1e-4, atol=1e-5)


def test_multi_head_attention_that_gives_no_weights() -> None:
    module, args, _ = NASTY["attention"]()
    names = [operation.name for operation in simplified(record(module, args)).operations]
    assert names.count("scaled_dot_product_attention") == 1  # the other call returns its weights


def rolled(self: Any, x: Tensor) -> Any:
    return torch.cat([x[:, 3:], x[:, :3]], 1)


def rolled_twice(self: Any, x: Tensor) -> Any:
    x = torch.cat([x[:, -3:], x[:, :-3]], 1)
    return torch.cat((x[:, :, 2:], x[:, :, :2]), dim=2)


def parts_that_overlap(self: Any, x: Tensor) -> Any:
    return torch.cat([x[:, 3:], x[:, :4]], 1)


def in_their_order(self: Any, x: Tensor) -> Any:
    return torch.cat([x[:, :3], x[:, 3:]], 1)


@pytest.mark.parametrize(
    ("run", "rolls"), [(rolled, 1), (rolled_twice, 1), (parts_that_overlap, 0), (in_their_order, 0)]
)
def test_parts_that_change_places_are_rolled(run: Callable[..., Any], rolls: int) -> None:
    """Two parts of a map put together the other way round are one layer, and along two axes as well. Defeats:
    a roll of parts that overlap, or that stand as before; one layer for each axis."""
    recording = tried(Net(run), torch.randn(1, 8, 9, 5))
    names = [operation.name for operation in recording.operations]
    assert names.count("roll") == rolls
    assert ("cat" in names) == (not rolls)
