"""Modules that are hard to record, each with arguments for it: small, and each nasty in a way of its own."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations, prune
from torch.utils.checkpoint import checkpoint

NASTY: dict[str, Callable[[], tuple[nn.Module, tuple[Any, ...], dict[str, Any]]]] = {}


class Net(nn.Module):
    """A module whose ``forward`` is a function of itself and what it is given."""

    def __init__(self, run: Callable[..., Any], **parts: Any):
        super().__init__()
        self.run = run
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *x: Any) -> Any:
        return self.run(self, *x)


def nasty(*args: Any, **parts: Callable[[], Any]) -> Callable[[Any], Any]:
    """Take a function in as the ``forward`` of a module with these parts."""

    def taken(run: Callable[..., Any]) -> Callable[..., Any]:
        name = run.__name__

        def make() -> tuple[nn.Module, tuple[Any, ...], dict[str, Any]]:
            return Net(run, **{key: part() for key, part in parts.items()}), args, {}

        NASTY[name] = make
        return run

    return taken


def whole(make: Callable[[], tuple[Any, ...]]) -> Callable[[], tuple[Any, ...]]:
    """Take a module in that a function makes with its arguments."""
    NASTY[make.__name__] = lambda: (*make(), {})[:3]  # type: ignore[return-value]
    return make


X = torch.randn(2, 4, 6, 6, generator=torch.Generator().manual_seed(1))
ROWS = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(2))
conv = functools.partial(nn.Conv2d, 4, 4, 3, padding=1)
linear = functools.partial(nn.Linear, 8, 8)


@nasty(X)
def write_into_a_slice(self: Any, x: torch.Tensor) -> Any:
    y = x * 2
    y[:, 1:3] += 1
    return y + x


@nasty(X)
def write_into_a_slice_of_a_slice(self: Any, x: torch.Tensor) -> Any:
    y = x.clone()
    inner = y[:, 1:][:, :, 2:4]
    inner.mul_(3)
    return y.sum(1), inner


@nasty(X)
def read_a_view_after_its_base_was_written(self: Any, x: torch.Tensor) -> Any:
    y = x.clone()
    flat = y.view(2, -1)
    y.add_(1)
    return flat * 2


@nasty(X)
def read_a_view_after_its_sibling_was_written(self: Any, x: torch.Tensor) -> Any:
    y = x.clone()
    left, right = y[:, :3], y[:, 1:]
    left.zero_()
    return right.exp()


@nasty(X)
def a_view_of_a_view_after_a_write(self: Any, x: torch.Tensor) -> Any:
    y = x.clone()
    one = y.permute(0, 2, 3, 1)
    two = one[..., 0]
    y[0] = 7
    two.sub_(1)
    return one, y


@nasty(X)
def read_before_and_after_a_write(self: Any, x: torch.Tensor) -> Any:
    y = x.clone()
    before = y + 0
    y.relu_()
    return before - y


@nasty(X)
def the_input_is_written(self: Any, x: torch.Tensor) -> Any:
    x.mul_(2)
    return x + 1


@nasty(X)
def fill_an_empty_tensor(self: Any, x: torch.Tensor) -> Any:
    out = torch.empty(2, 8, 6, 6)
    out[:, :4] = x
    out[:, 4:].copy_(x.flip(1))
    return out


@nasty(X)
def pad_by_hand(self: Any, x: torch.Tensor) -> Any:
    out = x.new_zeros(2, 4, 8, 8)
    out[:, :, 1:-1, 1:-1] = x
    return out.mean((2, 3))


@nasty(X)
def a_constant_that_is_written(self: Any, x: torch.Tensor) -> Any:
    frame = torch.zeros(2, 4, 8, 8)
    inner, corner = frame[:, :, 1:-1, 1:-1], frame[:, 0, :2]
    if frame.sum() == 0:
        inner.copy_(x)
        frame[:, :1] += 1
        inner[:, 1:].mul_(x[:, 1:])
    return frame, corner.exp(), inner


@nasty(X)
def written_by_index(self: Any, x: torch.Tensor) -> Any:
    y = x.clone()
    y[:, torch.arange(0, 4, 2)] = x[:, :2] * 5
    return y


@nasty(X)
def masked_and_filled(self: Any, x: torch.Tensor) -> Any:
    mask = torch.ones(6, 6, dtype=torch.bool).triu(1)
    return x.masked_fill(mask, float("-inf")).softmax(-1)


@nasty(X)
def out_argument(self: Any, x: torch.Tensor) -> Any:
    y = torch.empty_like(x)
    torch.add(x, 1, out=y)
    return y * 2


@nasty(X)
def chunks(self: Any, x: torch.Tensor) -> Any:
    a, b = x.chunk(2, dim=1)
    c, d, e = b.split([1, 0, 1], 1)
    return torch.cat(
        [a, c, d, e, *x.unbind(1)[0][:, None, None].expand(2, 1, 6, 6, 6)[:, :, 0:1].unbind(2)], 1
    )


@nasty(X)
def the_same_output_twice(self: Any, x: torch.Tensor) -> Any:
    y = x.sin()
    return y, y, y.view(-1)


@nasty(X)
def the_input_is_an_output(self: Any, x: torch.Tensor) -> Any:
    return x, {"twice": x * 2, "lists": [x + 1, (x - 1, None, 3)]}


class Result(NamedTuple):
    first: torch.Tensor
    rest: list[torch.Tensor]


@dataclass
class Made:
    logits: torch.Tensor
    hidden: tuple[torch.Tensor, ...] | None = None


@nasty(X)
def a_named_tuple_out(self: Any, x: torch.Tensor) -> Any:
    return Result(x.relu(), [x.tanh()])


@nasty(X)
def a_dataclass_out(self: Any, x: torch.Tensor) -> Any:
    return Made(x.relu(), (x, x.neg()))


@nasty({"image": X, "scales": [torch.ones(4, 1, 1), torch.zeros(1)]}, (X * 2,))
def dictionaries_in(self: Any, given: dict[str, Any], more: tuple[torch.Tensor]) -> Any:
    return given["image"] * given["scales"][0] + given["scales"][1] + more[0]


@nasty(X, X)
def two_inputs_that_are_one(self: Any, x: torch.Tensor, y: torch.Tensor) -> Any:
    return x - 2 * y


@nasty(X, conv=conv, bn=functools.partial(nn.BatchNorm2d, 4))
def a_module_twice(self: Any, x: torch.Tensor) -> Any:
    return self.bn(self.conv(self.bn(self.conv(x)).relu_()))


@nasty(X, conv=conv, other=conv)
def an_unused_branch(self: Any, x: torch.Tensor) -> Any:
    self.other(x).sum()
    return self.conv(x)


@nasty(ROWS, one=linear, two=linear)
def tied_weights(self: Any, x: torch.Tensor) -> Any:
    self.two.weight = self.one.weight
    return self.two(self.one(x))


@whole
def tied_embedding() -> tuple[Any, ...]:
    module = Net(
        lambda self, ids: self.head(self.table(ids)), table=nn.Embedding(11, 8), head=nn.Linear(8, 11)
    )
    module.head.weight = module.table.weight
    return module, (torch.arange(10).view(2, 5),)


@nasty(ROWS, weights=lambda: [nn.Parameter(torch.randn(8, 8)) for _ in range(2)])
def a_list_of_parameters(self: Any, x: torch.Tensor) -> Any:
    for weight in self.weights:
        x = functional.linear(x, weight).relu()
    return x


@nasty(ROWS, layers=lambda: [nn.Linear(8, 8), nn.Linear(8, 4)])
def a_list_of_modules(self: Any, x: torch.Tensor) -> Any:
    for layer in self.layers:
        x = layer(x)
    return x


@nasty(ROWS, scale=lambda: torch.randn(8), table=lambda: {"shift": torch.randn(8)})
def plain_tensors(self: Any, x: torch.Tensor) -> Any:
    return x * self.scale + self.table["shift"]


@whole
def old_weight_norm() -> tuple[Any, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.utils.weight_norm(nn.Conv2d(4, 4, 3)), (X,)


@whole
def weight_norm() -> tuple[Any, ...]:
    return nn.Sequential(parametrizations.weight_norm(nn.Conv2d(4, 4, 3)), nn.ReLU()), (X,)


@whole
def spectral_norm() -> tuple[Any, ...]:
    return parametrizations.spectral_norm(nn.Linear(8, 3)), (ROWS,)


@whole
def pruned() -> tuple[Any, ...]:
    module = nn.Linear(8, 3)
    prune.random_unstructured(module, "weight", 0.5)
    return module, (ROWS,)


@nasty(X, conv=conv)
def standardised_weights(self: Any, x: torch.Tensor) -> Any:
    w = self.conv.weight
    w = (w - w.mean((1, 2, 3), keepdim=True)) / (w.std((1, 2, 3), keepdim=True) + 1e-5)
    return functional.conv2d(x, w, self.conv.bias)


@nasty(ROWS, block=lambda: nn.Sequential(nn.Linear(8, 8), nn.ReLU()))
def checkpointed(self: Any, x: torch.Tensor) -> Any:
    return checkpoint(self.block, x, use_reentrant=False) + checkpoint(self.block, x, use_reentrant=True)


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Any:
        return grads[0] * 2


@nasty(X)
def an_autograd_function(self: Any, x: torch.Tensor) -> Any:
    return Double.apply(x) + 1


@nasty(X)
def gradients_inside(self: Any, x: torch.Tensor) -> Any:
    with torch.enable_grad():
        y = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad((y**3).sum(), y)
    return x + slope.detach()


@nasty(X)
def a_branch_on_values(self: Any, x: torch.Tensor) -> Any:
    if x.mean() > 100:
        return x.tanh()
    return x.exp()


@nasty(X)
def a_branch_on_a_constant(self: Any, x: torch.Tensor) -> Any:
    scale = torch.tensor(2.0)
    return x * scale if x.shape[1] == 4 else x


@nasty(X)
def it_prints(self: Any, x: torch.Tensor) -> Any:
    print(x.shape)
    return x + 1


@nasty(X)
def detours_through_numbers(self: Any, x: torch.Tensor) -> Any:
    height = int(torch.tensor(x.shape[2]) // 2)
    return x[:, :, :height]


@nasty(X)
def data_attribute(self: Any, x: torch.Tensor) -> Any:
    y = x.clone()
    y.data.mul_(2)
    return y + y.detach()


@nasty(X)
def strides_by_hand(self: Any, x: torch.Tensor) -> Any:
    y = x.contiguous()
    windows = y.as_strided((2, 4, 2, 2), (144, 36, 12, 2))
    return windows + y.unfold(2, 2, 4).unfold(3, 2, 4)[..., 0, 0]


@nasty(X)
def einsums(self: Any, x: torch.Tensor) -> Any:
    return torch.einsum("bchw,bdhw,be->cde", x, x, x[:, :, 0, 0])


@nasty(ROWS, cell=functools.partial(nn.LSTMCell, 8, 6))
def cells(self: Any, x: torch.Tensor) -> Any:
    state = None
    outputs = []
    for step in x.unbind(1):
        state = self.cell(step, state)
        outputs.append(state[0])
    return torch.stack(outputs, 1)


@nasty(ROWS, rnn=lambda: nn.LSTM(8, 6, 2, batch_first=True, bidirectional=True))
def lstm(self: Any, x: torch.Tensor) -> Any:
    y, (h, c) = self.rnn(x)
    return y[:, -1], h, c


@nasty(ROWS, attention=lambda: nn.MultiheadAttention(8, 2, batch_first=True))
def attention(self: Any, x: torch.Tensor) -> Any:
    return self.attention(x, x, x, need_weights=False)[0], self.attention(x, x, x)[1]


@whole
def encoder() -> tuple[Any, ...]:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return nn.TransformerEncoder(layer, 2), (ROWS,)


@whole
def lazy() -> tuple[Any, ...]:
    return nn.Sequential(nn.LazyConv2d(3, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(2)), (X,)


@whole
def forward_hooks() -> tuple[Any, ...]:
    module = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
    module[0].register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    module[0].register_forward_hook(lambda module, args, output: output + 1)
    return module, (ROWS,)


@nasty(X, counter=lambda: nn.Buffer(torch.zeros(1)))
def a_buffer_that_counts(self: Any, x: torch.Tensor) -> Any:
    self.counter += 1
    self.counter = self.counter + x.mean()
    return x + self.counter


@nasty(ROWS)
def half_precision(self: Any, x: torch.Tensor) -> Any:
    return (x.to(torch.bfloat16) * 2).float() + x.type_as(x).double().to(x.dtype)


@nasty(X)
def complex_numbers(self: Any, x: torch.Tensor) -> Any:
    return torch.fft.irfft2(torch.fft.rfft2(x) * 2, s=(6, 6)).abs()


@nasty(X)
def numbers_become_tensors(self: Any, x: torch.Tensor) -> Any:
    return torch.where(x > 0, x, 0.1) + torch.full_like(x, 3) * torch.maximum(x, torch.tensor(0.5))


@nasty(X)
def for_each(self: Any, x: torch.Tensor) -> Any:
    found = torch._foreach_add([x, x * 2], 1.0)
    torch._foreach_mul_(found, 2.0)
    return found


@nasty(X)
def vmapped(self: Any, x: torch.Tensor) -> Any:
    return torch.vmap(lambda row: (row * 2).sum(0))(x)


@nasty(ROWS)
def sorts(self: Any, x: torch.Tensor) -> Any:
    values, places = x.topk(2, dim=1)
    return values + x.gather(1, places), x.sort(-1)[0], x.argmax(-1)


@nasty(ROWS, p=lambda: nn.Parameter(torch.randn(1, 1, 8)))
def class_token(self: Any, x: torch.Tensor) -> Any:
    return torch.cat([self.p.expand(x.shape[0], -1, -1), x], 1)
