"""Scaled dot-product attention by itself: what stands between the linear maps of an attention."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product as iproduct
from math import sqrt
from typing import TYPE_CHECKING

from ..arithmetic import Number, product, share, value_of
from ..shape import Shape
from .arrangement import LAST, lies
from .attention import scaled_attention
from .attributes import Axes, Count, Flag, OpError, Real, spread
from .base import Op
from .causal import CausalWindow
from .facts import Extra, OperationCounts, Saved
from .input_windows import InputWindows, WindowsByInput, own_position
from .scores import BlockWindow, GridWindow, score_operations
from .terms import FILTERS, MAPS, OUTPUT, SCORES, TOKENS, Factor, Term, multiply_adds
from .torch_code import TorchCode, call
from .volume import Volume
from .window import EVERYTHING, Window, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class ScaledAttention(Op):
    """Scaled dot-product attention: softmax(Q K^T / sqrt(d)) V in each head, and no linear map.

    `sdpa 12 @q @k @v` reads three tensors; `sdpa 12 @q @kv` has keys and values side by side in the
    channels of the second, and `sdpa 12` queries, keys and values in those of the one that arrives.
    The positions are the tokens, heads are equal shares of the channels, and with kv=G there are G heads
    of keys and values. A head of values may have another length than one of keys.

    window=7x7 is attention within windows of 7x7 positions side by side; grid=7x7 within grids of 7x7
    positions that are spread evenly over the map. With causal=yes position i reads positions 0 to i;
    what the mask hides is computed and thrown away. bias=yes: something is added to the scores, a mask
    or a bias by relative position.
    """

    name = "sdpa"
    rows_are_positions = True
    states_tensors = True
    synonyms = ("scaleddotproductattention",)
    arrangement = LAST
    group = "sequence"
    positional = ("heads",)
    shapes = "the positions of the queries, the heads' values side by side"
    example = "197x768 -> linear 2304 -> sdpa 12 -> linear 768"
    source = (
        "arXiv:1706.03762, equation 1; PyTorch, torch.nn.functional.scaled_dot_product_attention; windows: "
        "arXiv:2103.14030, section 3.2; grids: arXiv:2204.01697, section 3.2"
    )
    counting = (
        "on T queries of N heads that read S keys each (those of a window or grid): mul_add T*S for each "
        "channel of the queries and of the output; each of the N*T*S scores mul 1 (the scale), with "
        "bias=yes add 1, and softmax: special S, add S - 1, div S, compare S - 1 per row"
    )
    no_saved_rule = "with kv, bias or values of another length: it depends on the kernel that PyTorch takes"
    saved_by_device = "the fused kernel is another than on the CPU"
    several = True
    matrix_product = True
    counted_as = "attention with its products"

    heads = Count("heads, each with an equal share of the channels", symbol="N", required=True)
    kv = Count("heads of keys and values; as many as of queries by default", symbol="G")
    causal = Flag("a position reads none behind itself", False)
    # A window is what the rule `window` tells.
    blocks = Axes("positions of a window; all by default", symbol="F", word="window")
    grid = Axes("positions of a grid")
    bias = Flag("a mask or a bias is added to the scores", False)
    scale = Flag("scores are divided by the root of a head's length", True)
    factor = Real("what scores are multiplied by, where that is another number")

    def check(self) -> None:
        if self.kv is not None and self.heads % self.kv:
            raise OpError("argument", f"{self.heads} heads of queries do not divide among {self.kv}", "kv")
        if self.blocks is not None and self.grid is not None:
            raise OpError("argument", "attention is within a `window` or a `grid`", "grid")
        if self.factor is not None and not self.scale:
            raise OpError("argument", "with scale=no the scores are multiplied by no `factor`", "factor")
        if self.grid is not None and self.causal:
            raise OpError("argument", "a `grid` has no order: `causal` is of a sequence", "causal")

    def accept(self, *inputs: Shape) -> None:
        if len(inputs) > 3:
            raise OpError("argument", f"`sdpa` reads queries, keys and values, not {len(inputs)} tensors")
        for x in inputs:
            self.need_positions(x)
        kv = self.heads if self.kv is None else self.kv
        if len(inputs) == 1:
            self._divides(inputs[0], self.heads + 2 * kv, "queries, keys and values")
        else:
            self._divides(inputs[0], self.heads, "queries")
            self._divides(inputs[1], kv, "keys")
            self._divides(inputs[-1], kv, "values")
            length = inputs[0].channels // self.heads
            keys = inputs[1].channels // kv
            if keys != length if len(inputs) == 3 else keys <= length:
                raise OpError(
                    "shape",
                    f"a head of queries has {length} channels, one of keys "
                    + ("" if len(inputs) == 3 else "and values ")
                    + str(keys),
                    "input",
                    branch=1,
                )
            if inputs[-1].spatial != inputs[1].spatial:
                raise OpError(
                    "shape", f"there are keys of {inputs[1]} and values of {inputs[-1]}", "input", branch=2
                )
        if self.causal and any(len(x) > 2 for x in inputs):
            raise OpError(
                "shape", f"`causal` needs a sequence, T positions of C, not {inputs[0]}", "input", branch=0
            )
        block = self.blocks if self.grid is None else self.grid
        if block is not None:
            name = "window" if self.grid is None else "grid"
            for x in inputs:
                if x.spatial != inputs[0].spatial:
                    raise OpError("shape", f"a `{name}` has its queries and keys in the same place", name)
            sizes = spread(block, len(inputs[0]) - 1, name)
            for n, size in zip(inputs[0].spatial, sizes, strict=True):
                if n % size:
                    raise OpError(
                        "shape",
                        f"{n} positions do not divide into {name}s of {size}",
                        name,
                        help="`zeropad` in front makes them fit",
                    )

    def _divides(self, x: Shape, heads: Number, what: str) -> None:
        if x.channels % heads:
            raise OpError(
                "shape", f"{x.channels} channels of {what} do not divide into {heads} heads", "heads"
            )

    def widths(self, *inputs: Shape) -> tuple[Number, Number]:
        """Channels of the queries, and of the output."""
        x, last = inputs[0], inputs[-1]
        kv = self.heads if self.kv is None else self.kv
        if len(inputs) == 1:
            parts = 3 if self.kv is None else self.heads + 2 * kv
            length = share(x.channels, parts)
            joined = length if self.kv is None else self.heads * length
            return joined, joined
        if len(inputs) == 3:
            made = last.channels
            return x.channels, made if self.kv is None else self.heads * share(made, kv)
        if self.kv is None:
            return x.channels, last.channels - x.channels
        return x.channels, self.heads * (share(last.channels, kv) - share(x.channels, self.heads))

    def tokens_read(self, *inputs: Shape) -> Number:
        """Keys that a query meets."""
        block = self.blocks if self.grid is None else self.grid
        if block is None:
            return inputs[-1].positions
        return product(spread(block, len(inputs[0]) - 1, "window"))

    def windows_read(self, x: Shape) -> tuple[Window, ...] | str:
        """What a query reads of the keys and values, which have these sizes."""
        axes = len(x) - 1
        if self.grid is not None:
            sizes = spread(self.grid, axes, "grid")
            return tuple([GridWindow(n, size) for n, size in zip(x.spatial, sizes, strict=True)])
        if self.blocks is not None:
            sizes = spread(self.blocks, axes, "window")
            both = zip(x.spatial, sizes, strict=True)
            return tuple([BlockWindow(n, size, bool(self.causal)) for n, size in both])
        return (CausalWindow(x.spatial[0]),) if self.causal else EVERYTHING

    def volume(self, *inputs: Shape) -> Volume:
        x, made = inputs[0], self.widths(*inputs)[1]
        found = self.windows_read(inputs[-1])
        reads: tuple[Window, ...] | WindowsByInput | str = found
        if len(inputs) > 1:
            other = found if isinstance(found, str) else InputWindows(found)
            reads = WindowsByInput([own_position(x), *[other] * (len(inputs) - 1)])
        return Volume(unchanged_axes(x.spatial), made, x.channels, reads=reads)

    def terms(self, *inputs: Shape) -> tuple[Term, ...]:
        made, read = self.widths(*inputs), Factor(TOKENS, self.tokens_read(*inputs))
        if made[0] is made[1]:
            return (Term(SCORES, (Factor(MAPS, 2), read, Factor(FILTERS, made[0]))),)
        return tuple([Term(SCORES, (read, Factor(FILTERS, channels))) for channels in made])

    def operations(self, *inputs: Shape) -> OperationCounts:
        x = inputs[0]
        products = multiply_adds(self.terms(*inputs), {OUTPUT: x.spatial})
        return score_operations(
            self.heads * x.positions,
            self.tokens_read(*inputs),
            products,
            x.positions * self.widths(*inputs)[1],
            scaled=bool(self.scale),
            added=bool(self.bias),
        )

    def textbook(self, quantity: str, *inputs: Shape) -> Number | None:
        if quantity != "macs":
            return None
        x, (q, made) = inputs[0], self.widths(*inputs)
        both = 2 * q if q is made else q + made
        return x.positions * self.tokens_read(*inputs) * both

    def backward_of(self, trained: bool, taking: Sequence[bool], *inputs: Shape) -> Number:
        # Scores: the gradient of the queries takes the keys, that of the keys the queries. Sums: that of
        # the values takes the weights, that of the weights the values, and only scores lead on from there.
        x, (q, made) = inputs[0], self.widths(*inputs)
        queries, values = taking[0], taking[-1]
        keys = taking[1] if len(taking) > 1 else taking[0]
        pairs = x.positions * self.tokens_read(*inputs)
        return pairs * (q * (queries + keys) + made * (values + (queries or keys)))

    def saves(self, *inputs: Shape) -> Saved | None:
        x, (q, made) = inputs[0], self.widths(*inputs)
        if self.kv is not None or self.bias or value_of(q) != value_of(made):
            return None
        sums = Extra("one sum per head and token", self.heads * x.positions, width=4, floats=True)
        if self.blocks is None and self.grid is None:
            return Saved(inputs=True, output=True, extras=(sums,))
        read = sum([each.values for each in inputs[1:]], inputs[0].values)
        return Saved(
            extras=(
                Extra("queries, keys and values, block by block", read),
                Extra("the output, block by block", x.positions * made),
                sums,
            )
        )

    def copies(self, arrangements: tuple[str, ...], *inputs: Shape) -> bool:
        # The fused kernel wants the channels of a head side by side.
        if self.blocks is not None or self.grid is not None:
            return False
        return not all(
            lies(how, LAST, x) or x.channels == 1 for how, x in zip(arrangements, inputs, strict=True)
        )

    def torch_code(self, *inputs: Shape) -> TorchCode:
        axes = len(inputs[0]) - 1
        options: dict[str, tuple[object, object]] = {"kv": (self.kv, None)}
        for name in ("window", "grid"):
            block = self.argument(name)
            options[name] = (None if block is None else tuple(spread(block, axes, name)), None)
        options["causal"] = (bool(self.causal), False)
        options["bias"] = (bool(self.bias), False)
        options["scale"] = (bool(self.scale), True)
        options["factor"] = (self.factor, None)
        module = call("ScaledAttention", self.heads, **options)
        return TorchCode(module, "m(*xs)" if len(inputs) > 1 else "m(x)")

    def onnx_code(self, to: OnnxCode, *inputs: Shape) -> str | None:
        if self.argument("window") is not None or self.argument("grid") is not None:
            return None
        heads, kv = self.heads, self.heads if self.kv is None else self.kv
        x, channels = inputs[0], [one.channels for one in inputs]
        if len(inputs) == 1:
            length = x.channels // (heads + 2 * kv)
            channels = [heads * length, kv * length, kv * length]
            parts = to.several("Split", [to.x, to.ints(*channels)], 3, axis=1)
        elif len(inputs) == 2:
            keys = x.channels // heads * kv
            channels = [x.channels, keys, inputs[1].channels - keys]
            parts = [to.x, *to.several("Split", [to.xs[1], to.ints(*channels[1:])], 2, axis=1)]
        else:
            parts = to.xs
        positions = [x.positions, *[inputs[min(1, len(inputs) - 1)].positions] * 2]
        q, k, v = [
            to.transpose(to.reshape(part, h, n // h, at), 0, 1, 3, 2)
            for part, n, h, at in zip(parts, channels, (heads, kv, kv), positions, strict=True)
        ]
        factor = 1 if not self.scale else self.factor
        if factor is None:
            factor = 1 / sqrt(value_of(channels[0] // heads))
        joined = scaled_attention(to, q, k, v, (heads, kv), factor, bool(self.causal))
        return to.reshape(to.transpose(joined, 0, 1, 3, 2), channels[2] // kv * heads, *x.spatial)

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        heads, kv = self.heads, self.heads if self.kv is None else self.kv
        tokens = [calc.moved(x.reshape(-1, x.shape[-1]), -1, 0) for x in inputs]
        if len(inputs) == 1:
            length = inputs[0].shape[-1] // (heads + 2 * kv)
            tokens = calc.shares(tokens[0], [heads * length, kv * length, kv * length])
        elif len(inputs) == 2:
            keys = inputs[0].shape[-1] // heads * kv
            tokens = [tokens[0], *calc.shares(tokens[1], [keys, inputs[1].shape[-1] - keys])]
        factor = 1 if not self.scale else self.factor
        if factor is None:
            factor = calc.root_share(len(tokens[0]) // heads)
        hidden = self.hidden(inputs[0].shape[:-1], inputs[-1].shape[:-1])
        made = calc.attended([part.T for part in tokens], (heads, kv), factor, hidden)
        return made.reshape(*inputs[0].shape[:-1], -1)

    def hidden(self, queries: tuple[int, ...], keys: tuple[int, ...]) -> list[tuple[int, int]]:
        """The pairs of a query and a key, each by its number, that do not meet."""
        block = self.blocks if self.grid is None else self.grid
        if block is None and not self.causal:
            return []
        axes = len(queries)
        sizes = spread(block, axes, "window") if block is not None else queries
        found = []
        for number, at in enumerate(iproduct(*map(range, queries))):
            for other, place in enumerate(iproduct(*map(range, keys))):
                apart = False
                if self.grid is not None:
                    steps = [n // size for n, size in zip(queries, sizes, strict=True)]
                    apart = any((i - j) % step for i, j, step in zip(at, place, steps, strict=True))
                elif self.blocks is not None:
                    apart = any(i // size != j // size for i, j, size in zip(at, place, sizes, strict=True))
                if apart or (self.causal and other > number):
                    found.append((number, other))
        return found
