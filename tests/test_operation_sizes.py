"""The sizes that operations give, against PyTorch's own, with random arguments."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch

from archcalc.importing.operations.builder import OperationError, RecordingBuilder, TwoSizes
from archcalc.importing.operations.recording import Value
from archcalc.importing.operations.sizing import SIZE_RULES
from archcalc.importing.operations.two_batches import at_two

# How many random calls are made of each operation.
CALLS = 60


class T:
    """A tensor that an operation is given: its sizes, of which the first may be the batch, and its type."""

    def __init__(self, *sizes: int, dtype: str = "float32", batch: bool = False):
        self.sizes = sizes
        self.dtype = dtype
        self.batch = batch

    def __repr__(self) -> str:
        return f"T{self.sizes}:{self.dtype}"


R = random.Random
Call = tuple[list[Any], dict[str, Any]]


def n(r: R, low: int = 0, high: int = 4) -> int:
    return r.randint(low, high)


def some(r: R, count: int, low: int = 1, high: int = 5) -> list[int]:
    return [n(r, low, high) for _ in range(count)]


def x(r: R, axes: int, high: int = 9) -> T:
    """A tensor with a batch in front."""
    return T(1, *some(r, axes - 1, 1, high), batch=True)


def any_x(r: R) -> T:
    return x(r, n(r, 1, 5), 6)


def wrong(r: R, right: int) -> int:
    """A number that is mostly the right one."""
    return right if r.random() < 0.85 else n(r, 1, 6)


def conv(axes: int) -> Callable[[R], Call]:
    def call(r: R) -> Call:
        groups = r.choice([1, 1, 2])
        channels, filters = groups * n(r, 1, 3), groups * n(r, 1, 3)
        weight = T(filters, wrong(r, channels // groups), *some(r, axes, 1, 4))
        pad: Any = some(r, axes, 0, 2) if r.random() < 0.7 else r.choice(["same", "valid"])
        bias = r.choice([None, T(wrong(r, filters))])
        stride = some(r, axes, 1, 3) if not isinstance(pad, str) else [r.choice([1, 1, 2])] * axes
        data = T(1, channels, *some(r, axes, 1, 9), batch=True)
        return [data, weight, bias, stride, pad, some(r, axes, 1, 2), groups], {}

    return call


def tconv(axes: int) -> Callable[[R], Call]:
    def call(r: R) -> Call:
        groups = r.choice([1, 1, 2])
        channels, each = groups * n(r, 1, 3), n(r, 1, 3)
        weight = T(wrong(r, channels), each, *some(r, axes, 1, 4))
        data = T(1, channels, *some(r, axes, 1, 6), batch=True)
        rest = [some(r, axes, 1, 3), some(r, axes, 0, 2), some(r, axes, 0, 1), groups, some(r, axes, 1, 2)]
        return [data, weight, r.choice([None, T(each * groups)]), *rest], {}

    return call


def pool(axes: int, dilated: bool) -> Callable[[R], Call]:
    def call(r: R) -> Call:
        args = [x(r, axes + 2), some(r, axes, 1, 4), r.choice([[], some(r, axes, 1, 4)])]
        return [*args, some(r, axes, 0, 2), *([some(r, axes, 1, 2)] if dilated else []), r.random() < 0.5], {}

    return call


def adaptive(axes: int) -> Callable[[R], Call]:
    return lambda r: ([x(r, axes + 2), some(r, axes, 0, 5)], {})


def padding(axes: int) -> Callable[[R], Call]:
    return lambda r: ([x(r, axes + 2, 5), some(r, 2 * axes, 0, 4)], {})


def one(r: R) -> Call:
    return [any_x(r)], {}


def two(r: R) -> Call:
    first = any_x(r)
    sizes = [size if r.random() < 0.6 else r.choice([1, size, n(r, 1, 6)]) for size in first.sizes]
    kinds = ["float32", "float32", "int64", "bool", "float16", "float64"]
    first.dtype = r.choice(kinds)
    other: Any = T(*sizes[n(r, 0, len(sizes)) :], dtype=r.choice(kinds))
    return [first, other if r.random() < 0.8 else r.choice([2, 0.5])], {}


def along(r: R) -> Call:
    """One axis, or one too far."""
    data = any_x(r)
    return [data, n(r, -len(data.sizes) - (r.random() < 0.1), len(data.sizes) - (r.random() < 0.9))], {}


def reduced(r: R) -> Call:
    data = any_x(r)
    dims = r.sample(range(-len(data.sizes), 0), n(r, 1, len(data.sizes)))
    return r.choice([([data], {}), ([data, dims, r.random() < 0.5], {})])


def located(r: R) -> Call:
    args, _ = along(r)
    return r.choice([([args[0]], {}), ([*args, r.random() < 0.5], {})])


def viewed(r: R) -> Call:
    data = any_x(r)
    sizes = list(data.sizes)
    r.shuffle(sizes)
    if r.random() < 0.6 and len(sizes) > 1:
        at = n(r, 0, len(sizes) - 2)
        sizes[at : at + 2] = [sizes[at] * sizes[at + 1]]
    if r.random() < 0.5:
        sizes[n(r, 0, len(sizes) - 1)] = -1
    return [data, [wrong(r, size) if r.random() < 0.2 else size for size in sizes]], {}


def parts(r: R) -> Call:
    data = x(r, n(r, 2, 4), 8)
    dim = n(r, 1, len(data.sizes) - 1)
    return [data, n(r, 1, 5), dim], {}


def joined(r: R) -> Call:
    data = x(r, n(r, 2, 4), 5)
    dim = n(r, 1, len(data.sizes) - 1)
    others = [list(data.sizes) for _ in range(n(r, 0, 2))]
    for sizes in others:
        sizes[dim] = n(r, 1, 5)
        if r.random() < 0.1:
            sizes[-1] = n(r, 1, 5)
    return [[data, *[T(*sizes, batch=True) for sizes in others]], dim], {}


def stacked(r: R) -> Call:
    data = x(r, n(r, 1, 3), 4)
    sizes = list(data.sizes)
    sizes[-1] = wrong(r, sizes[-1])
    return [[data, T(*sizes, batch=True)], n(r, -2, len(sizes))], {}


def product(r: R) -> Call:
    rows, inner = n(r, 1, 5), n(r, 1, 5)
    front = some(r, n(r, 0, 2), 1, 3)
    return [
        T(1, *front, rows, inner, batch=True),
        T(*r.choice([[], front]), *r.choice([[wrong(r, inner)], [wrong(r, inner), n(r, 1, 4)]])),
    ], {}


def linear(r: R) -> Call:
    data = x(r, n(r, 2, 4), 6)
    units = n(r, 1, 5)
    bias = r.choice([None, T(wrong(r, units))])
    return [data, T(units, wrong(r, data.sizes[-1])), bias], {}


def attention(r: R) -> Call:
    heads, e, s = n(r, 1, 3), n(r, 1, 4), n(r, 1, 4)
    made = [(n(r, 1, 4), e), (s, wrong(r, e)), (s, n(r, 1, 4))]
    return [T(1, heads, *sizes, batch=True) for sizes in made], {}


def einsum(r: R) -> Call:
    equations = {"bij,bjk->bik": ((1, 2, 3), (1, 3, 4)), "bchw,oc->bohw": ((1, 3, 4, 5), (2, 3))}
    equations |= {"b...d,de->b...e": ((1, 4, 5, 3), (3, 2)), "bid,bjd": ((1, 3, 4), (1, 2, 4))}
    equation = r.choice(sorted(equations))
    first, second = equations[equation]
    return [
        equation,
        [T(*first, batch=True), T(*second[:-1], wrong(r, second[-1]), batch=second[0] == 1)],
    ], {}


def layer_norm(r: R) -> Call:
    data = x(r, n(r, 2, 4))
    last = list(data.sizes[n(r, 1, len(data.sizes) - 1) :])
    last[0] = wrong(r, last[0])
    return [data, last, r.choice([None, T(*last)])], {}


def batch_norm(r: R) -> Call:
    data = x(r, n(r, 2, 4))
    c = wrong(r, data.sizes[1])
    return [data, T(c), T(c), T(c), T(c), False, 0.1, 1e-5, True], {}


def group_norm(r: R) -> Call:
    data = x(r, n(r, 3, 4), 6)
    return [data, n(r, 1, 3), T(data.sizes[1]), T(data.sizes[1])], {}


def resized(axes: int, corners: bool) -> Callable[[R], Call]:
    def call(r: R) -> Call:
        data = x(r, axes + 2)
        flag = [r.random() < 0.5] if corners else []
        if r.random() < 0.5:
            return [data, some(r, axes, 0 if r.random() < 0.1 else 1, 9), *flag, None], {}
        return [data, None, *flag, [r.choice([0.5, 1.5, 2.0, 1.7, 0.3]) for _ in range(axes)]], {}

    return call


def sliced(r: R) -> Call:
    data = x(r, n(r, 2, 4))
    ends = [r.choice([None, n(r, -9, 12)]) for _ in range(2)]
    return [data, n(r, 1, len(data.sizes) - 1), *ends, n(r, 1, 3)], {}


def expanded(r: R) -> Call:
    data = T(*[r.choice([1, 3]) for _ in range(n(r, 1, 3))])
    sizes = [size if size != 1 else n(r, 1, 4) for size in data.sizes]
    sizes = [wrong(r, size) if r.random() < 0.1 else r.choice([size, -1]) for size in sizes]
    return [data, [*some(r, n(r, 0, 2), 1, 3), *sizes]], {}


def order(r: R) -> Call:
    data = any_x(r)
    dims = list(range(len(data.sizes)))
    r.shuffle(dims)
    return [data, dims if r.random() < 0.9 else dims[:-1]], {}


def columns(r: R) -> Call:
    return [x(r, 4), some(r, 2, 1, 3), some(r, 2, 1, 2), some(r, 2, 0, 2), some(r, 2, 1, 3)], {}


def recurrence(gates: int) -> Callable[[R], Call]:
    def call(r: R) -> Call:
        features, hidden, layers, both, biases = n(r, 1, 4), n(r, 1, 4), n(r, 1, 2), n(r, 0, 1), n(r, 0, 1)
        ways = 2 if both else 1
        params = []
        for layer in range(layers):
            for _ in range(ways):
                params += [
                    T(gates * hidden, features if not layer else ways * hidden),
                    T(gates * hidden, hidden),
                ]
                params += [T(gates * hidden), T(gates * hidden)] if biases else []
        steps = n(r, 1, 5)
        state = T(layers * ways, 3, hidden)
        hx: Any = [state, state] if gates == 4 else state
        data = T(3, steps, features) if (first := n(r, 0, 1)) else T(steps, 3, features)
        return [data, hx, params, bool(biases), layers, 0.0, False, bool(both), bool(first)], {}

    return call


def cell(gates: int) -> Callable[[R], Call]:
    def call(r: R) -> Call:
        f, h = n(r, 1, 4), n(r, 1, 4)
        state = T(1, h, batch=True)
        weights = [T(gates * h, wrong(r, f)), T(gates * h, h)]
        return [T(1, f, batch=True), [state, state] if gates == 4 else state, *weights], {}

    return call


def indexed(r: R) -> Call:
    data = x(r, n(r, 2, 4))
    at = n(r, 1, len(data.sizes) - 1)
    return [data, [*[None] * at, T(*some(r, n(r, 1, 2), 1, 4), dtype="int64")]], {}


CASES: dict[str, Callable[[R], Call]] = {
    **{f"conv{axes}d": conv(axes) for axes in (1, 2, 3)},
    **{f"conv_transpose{axes}d": tconv(axes) for axes in (1, 2, 3)},
    **{f"max_pool{axes}d": pool(axes, True) for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": pool(axes, False) for axes in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{axes}d": adaptive(axes) for axes in (1, 2, 3) for kind in ("avg", "max")},
    **{f"{kind}_pad{axes}d": padding(axes) for axes in (1, 2, 3) for kind in ("reflection", "replication")},
    "constant_pad_nd": lambda r: ([x(r, 4, 5), some(r, 2 * n(r, 1, 4), -3, 3)], {}),
    **dict.fromkeys("relu sigmoid gelu silu exp abs neg hardswish erf sqrt tanh selu floor".split(), one),
    **dict.fromkeys("add sub mul div pow maximum minimum eq lt ge atan2".split(), two),
    **dict.fromkeys("mean sum amax amin logsumexp std var".split(), reduced),
    **dict.fromkeys("argmax argmin max min any all prod".split(), located),
    **dict.fromkeys("softmax log_softmax cumsum unsqueeze squeeze unbind glu".split(), along),
    **dict.fromkeys(("view", "reshape"), viewed),
    **dict.fromkeys("chunk split tensor_split".split(), parts),
    **dict.fromkeys(("narrow",), lambda r: ([x(r, 3), 1, n(r, 0, 4), n(r, 0, 6)], {})),
    "select": lambda r: ([x(r, 3), n(r, 1, 2), n(r, -6, 6)], {}),
    "slice": sliced,
    "cat": joined,
    "stack": stacked,
    **dict.fromkeys(("matmul",), product),
    "bmm": lambda r: ([T(1, 3, wrong(r, 4), batch=True), T(1, 4, n(r, 1, 3), batch=True)], {}),
    "addmm": lambda r: ([T(wrong(r, 5)), T(1, 4, batch=True), T(wrong(r, 4), 5)], {}),
    "linear": linear,
    "scaled_dot_product_attention": attention,
    "einsum": einsum,
    "layer_norm": layer_norm,
    "batch_norm": batch_norm,
    "group_norm": group_norm,
    "upsample_nearest1d": resized(1, False),
    "upsample_nearest2d": resized(2, False),
    "upsample_bilinear2d": resized(2, True),
    "upsample_bicubic2d": resized(2, True),
    "upsample_trilinear3d": resized(3, True),
    "expand": expanded,
    "permute": order,
    "transpose": lambda r: ([data := any_x(r), *some(r, 2, -len(data.sizes), len(data.sizes) - 1)], {}),
    "flatten": lambda r: ([any_x(r), *some(r, 2, -3, 3)], {}),
    "repeat": lambda r: ([T(2, 3), some(r, n(r, 1, 4), 0, 3)], {}),
    "roll": lambda r: ([x(r, 4), some(r, n(r, 1, 2), -3, 3), some(r, n(r, 1, 2), -4, 3)], {}),
    "flip": lambda r: ([x(r, 4), some(r, n(r, 1, 2), -4, 4)], {}),
    "im2col": columns,
    "pixel_shuffle": lambda r: ([x(r, 4), n(r, 1, 3)], {}),
    "pixel_unshuffle": lambda r: ([x(r, 4), n(r, 1, 3)], {}),
    "embedding": lambda r: ([T(9, 4), T(1, *some(r, n(r, 0, 2)), dtype="int64", batch=True)], {}),
    "lstm": recurrence(4),
    "gru": recurrence(3),
    "rnn_tanh": recurrence(1),
    "lstm_cell": cell(4),
    "gru_cell": cell(3),
    "index": indexed,
    "index_select": lambda r: ([x(r, 3), n(r, 1, 2), T(n(r, 1, 5), dtype="int64")], {}),
    "unfold": lambda r: ([x(r, 3), n(r, 1, 2), n(r, 0, 6), n(r, 0, 3)], {}),
    "topk": lambda r: ([x(r, 3), n(r, 0, 5), n(r, -2, 2)], {}),
    "sort": along,
    "where": lambda r: ([T(1, 3, dtype="bool", batch=True), T(wrong(r, 3)), T(1, 3, batch=True)], {}),
    "masked_fill": lambda r: ([x(r, 2, 4), T(wrong(r, 2), dtype="bool"), 0.5], {}),
}


def torch_argument(argument: Any, count: int) -> Any:
    """What PyTorch is given, with a batch of ``count``."""
    if isinstance(argument, T):
        sizes = (count * argument.sizes[0], *argument.sizes[1:]) if argument.batch else argument.sizes
        return torch.zeros(sizes, dtype=getattr(torch, argument.dtype))
    return [torch_argument(part, count) for part in argument] if isinstance(argument, list) else argument


def value_of(net: RecordingBuilder, argument: Any) -> Any:
    if isinstance(argument, T):
        return net.input("x", argument.sizes, argument.dtype, batch=0 if argument.batch else None)
    return [value_of(net, part) for part in argument] if isinstance(argument, list) else argument


def given_by_torch(name: str, args: list[Any], count: int) -> list[Any] | None:
    """Sizes, types and order in memory of what PyTorch gives; None where it refuses."""
    with torch.inference_mode():
        try:
            found = getattr(torch.ops.aten, name)(*torch_argument(args, count))
        except (RuntimeError, IndexError, ValueError, TypeError, NotImplementedError, ZeroDivisionError):
            return None
    listed: list[Any] = list(found) if isinstance(found, (tuple, list)) else [found]
    if not all(isinstance(one, torch.Tensor) for one in listed):
        return None
    return [(tuple(t.shape), str(t.dtype).removeprefix("torch.")) for t in listed]


@pytest.mark.parametrize("name", sorted(CASES))
def test_sizes_are_those_of_torch(name: str) -> None:
    """Defeats a size, a type or a refusal that is not PyTorch's, with a batch of one and of two."""
    r = random.Random(name)
    given = 0
    for _ in range(CALLS):
        args, _ = CASES[name](r)
        wanted, doubled = given_by_torch(name, args, 1), given_by_torch(name, args, 2)
        net = RecordingBuilder("net")
        try:
            made = net.operation(name, *[value_of(net, argument) for argument in args])
        except OperationError:
            assert wanted is None, args
            continue
        if name == "conv_transpose3d" and 0 in made.sizes:
            continue  # of PyTorch's kernels some refuse an empty output, and some do not
        assert wanted is not None, (args, made)
        given += 1
        values = [made] if isinstance(made, Value) else list(made)
        assert [(v.sizes, v.dtype) for v in values] == wanted, args
        if doubled is not None and len(doubled) == len(values):
            assert [v.at_two for v in values] == [sizes for sizes, _ in doubled], args
    assert given


def test_hostile_arguments_end_in_one_message() -> None:
    """Defeats what ends in an error of Python, in no time or in no memory: arguments of any kind."""
    r = random.Random(7)
    odd: list[Any] = [None, -1, 0, 2**50, 2**70, 1.5, float("nan"), float("inf"), "same", True, [], [[]]]
    odd += [[0], [-1, -1], [2**62, 4], ["x"], [None], TwoSizes(1, 2), [TwoSizes(0, -5)]]
    for name in sorted(SIZE_RULES):
        call = CASES.get(name, one)
        for _ in range(40):
            net = RecordingBuilder("net")
            args, kwargs = call(r)
            args = [value_of(net, argument) for argument in args]
            for _ in range(n(r, 1, 2)):
                place = n(r, 0, len(args))
                args[place : place + n(r, 0, 1)] = [
                    r.choice([*odd, net.input("y", some(r, n(r, 0, 4), 0, 5))])
                ]
            try:
                made = net.operation(name, *args, **kwargs)
            except OperationError:
                continue
            for value in [made] if isinstance(made, Value) else made:
                assert all(size >= 0 for size in value.sizes)
    assert at_two((TwoSizes(1, 2), 3)) == (2, 3)
