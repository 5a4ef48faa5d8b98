"""Attention over tokens, and what a transformer puts before it."""

from __future__ import annotations

from math import inf, sqrt
from typing import TYPE_CHECKING

from ..arithmetic import Number, value_of
from ..shape import Shape
from .affine import FIXED
from .arrangement import FIRST, LAST
from .attributes import Count, Flag, OpError
from .base import UNCHANGED, Free, Op, Unchanged
from .causal import CausalWindow
from .facts import Extra, OperationCounts, Saved, Tensor
from .scores import score_operations
from .terms import (
    BIAS,
    FILTERS,
    JOINED,
    MAPS,
    OUTPUT,
    SCORES,
    STATE,
    TOKENS,
    UNIT,
    WEIGHT,
    Factor,
    Term,
    multiply_adds,
)
from .torch_code import TorchCode, call
from .volume import Volume
from .window import EVERYTHING, Window, padded, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


def scaled_attention(
    to: OnnxCode, q: str, k: str, v: str, heads: tuple[Number, Number], factor: Number, causal: bool
) -> str:
    """The nodes of softmax(Q K^T times a factor) V. Each tensor is N, heads, positions, length of a head;
    ``heads`` are those of the queries, and of keys and values."""
    from .onnx.code import FLOAT, INT64, OnnxConstant

    times = value_of(heads[0]) // value_of(heads[1])
    if times > 1:
        k, v = [repeated_heads(to, one, times, heads[0]) for one in (k, v)]
    scores = to.node("MatMul", q, to.transpose(k, 0, 1, 3, 2))
    scores = to.node("Mul", scores, to.real(factor))
    if causal:
        # A position reads those up to itself: the scores above the diagonal are minus infinity.
        sizes = to.node("Shape", scores, start=2, end=4)
        least = OnnxConstant(FLOAT, (1,), (-inf,))
        hidden = to.node(
            "Trilu", to.node("ConstantOfShape", sizes, value=least), to.constant(INT64, (), (1,))
        )
        scores = to.node("Add", scores, hidden)
    return to.node("MatMul", to.node("Softmax", scores, axis=-1), v)


def repeated_heads(to: OnnxCode, x: str, times: int, heads: Number) -> str:
    """Heads of keys or values, each as often as heads of queries read it."""
    often = to.node("Tile", to.unsqueeze(x, 2), to.ints(1, 1, times, 1, 1))
    sizes = to.node("Concat", to.ints(0, heads), to.node("Shape", x, start=2, end=4), axis=0)
    return to.node("Reshape", often, sizes)


class Attention(Op):
    """Multi-head attention: every position reads every other, or those of another tensor.

    The positions of a sequence or a map are the tokens. Queries, keys and values are linear maps of
    the C channels, softmax(Q K^T / sqrt(C/N)) V is computed in each of N heads of C/N channels, and
    the heads side by side go through a last linear map.

    `attention 8 @memory` is cross-attention: the queries come of what arrives, keys and values of
    the named tensor. With kv=G there are G heads of keys and values, each for N/G heads of queries
    (G = 1: multi-query attention). key and value are the lengths of a head where they are no equal
    shares. With causal=yes position i reads positions 0 to i; what the mask hides is computed and
    thrown away, so no count changes.
    """

    name = "attention"
    rows_are_positions = True
    arrangement = LAST
    keras = "MultiHeadAttention"
    group = "sequence"
    positional = ("heads",)
    shapes = UNCHANGED
    example = "197x768 -> attention 12"
    source = "arXiv:1706.03762, section 3.2; PyTorch, torch.nn.MultiheadAttention"
    counting = (
        "on T tokens of C channels, N heads: mul_add 4*T*C*C for the four linear maps, 2*T*T*C for "
        "scores and weighted sums; add 4*T*C for the biases; each of the N*T*T scores mul 1 (the "
        "scale) and softmax: special T, add T - 1, div T, compare T - 1 per row; of cross-attention, "
        "keys, values and rows of scores are as many as the other tensor has tokens"
    )
    no_saved_rule = "with kv, value or another tensor: it depends on the kernel that PyTorch takes"
    several = True
    takes_arriving = True
    saved_by_device = "the fused kernel is another than on the CPU"
    weighted = True
    matrix_product = True
    counted_as = "attention with its products"

    heads = Count("heads, each with an equal share of the channels", symbol="N", required=True)
    bias = Flag("biases in the four linear maps", True)
    kv = Count("heads of keys and values; as many as of queries by default", symbol="G")
    key = Count("length of a head's queries and keys; an equal share of the channels by default")
    value = Count("length of a head's values; that of its keys by default")
    causal = Flag("a position reads none behind itself", False)

    def check(self) -> None:
        if self.kv is not None and self.heads % self.kv:
            raise OpError("argument", f"{self.heads} heads of queries do not divide among {self.kv}", "kv")

    def accept(self, x: Shape, *memory: Shape) -> None:
        self.need_positions(x)
        if self.key is None and x.channels % self.heads:
            raise OpError(
                "shape",
                f"{x.channels} channels do not divide into {self.heads} heads",
                "heads",
                help="`key=64` is a length of its own",
            )
        if len(memory) > 1:
            raise OpError("argument", "`attention` reads one other tensor")
        for other in memory:
            self.need_positions(other)
        if self.causal and memory:
            raise OpError(
                "argument",
                "another tensor has no positions behind: `causal` is of a sequence with itself",
                "causal",
            )
        if self.causal and len(x) > 2:
            raise OpError("shape", f"`causal` needs a sequence, T positions of C, not {x}", "input")

    def volume(self, x: Shape, *memory: Shape) -> Volume:
        if self.causal:
            return Volume([CausalWindow(x.spatial[0])], x.channels, x.channels)
        return Volume(unchanged_axes(x.spatial), x.channels, x.channels, reads=EVERYTHING)

    def output(self, x: Shape, *memory: Shape) -> Shape:
        return x

    def is_plain(self, *memory: Shape) -> bool:
        """Whether queries, keys and values are equal shares of one tensor's channels."""
        return self.kv is None and self.key is None and self.value is None and not memory

    def lengths(self, x: Shape) -> tuple[Number, Number]:
        """The length of a head's keys, and of its values."""
        key = x.channels // self.heads if self.key is None else self.key
        return key, key if self.value is None else self.value

    def widths(self, x: Shape) -> tuple[Number, Number, Number, Number]:
        """Channels of queries, keys, values, and of the heads' outputs side by side."""
        key, value = self.lengths(x)
        kv = self.heads if self.kv is None else self.kv
        return self.heads * key, kv * key, kv * value, self.heads * value

    def terms(self, x: Shape, *memory: Shape) -> tuple[Term, ...] | None:
        if not self.is_plain(*memory):
            return None
        # Queries, keys and values, and the map behind the heads; then every token with every token: the
        # scores, and the sums that they weight.
        three, read, made = Factor(MAPS, 3), Factor(STATE, x.channels), Factor(FILTERS, x.channels)
        maps = Term(WEIGHT, (three, read, made)), Term(JOINED, (read, made))
        biases = Term(BIAS, (three, made)), Term(BIAS, (Factor(UNIT, 1), made))
        scores = Term(SCORES, (Factor(MAPS, 2), Factor(TOKENS, x.positions), made))
        return (*maps, *(biases if self.bias else ()), scores)

    def operations(self, x: Shape, *memory: Shape) -> OperationCounts:
        if not self.is_plain(*memory):
            return self.of_parts(x, memory[0] if memory else x)
        products = multiply_adds(self.terms(x) or (), {OUTPUT: x.spatial})
        made = score_operations(self.heads * x.positions, x.positions, products, x.values)
        return self.mapped(made, 4 * x.values)

    def mapped(self, made: OperationCounts, values: Number) -> OperationCounts:
        """The operations, with those of linear maps that put out so many values."""
        made.outputs = values + made.outputs
        if self.bias:
            made.add, made.biases = made.add + values, values
        return made

    def textbook(self, quantity: str, x: Shape, *memory: Shape) -> Number | None:
        if quantity != "macs" or not self.is_plain(*memory):
            return None
        return 4 * x.values * x.channels + 2 * x.positions * x.values

    def of_parts(self, x: Shape, other: Shape) -> OperationCounts:
        """The operations where queries, keys and values differ."""
        tokens, read = x.positions, other.positions
        q, k, v, out = self.widths(x)
        products = (
            tokens * q * x.channels
            + read * (k + v) * other.channels
            + tokens * out * x.channels
            + tokens * read * (q + out)
        )
        made = score_operations(self.heads * tokens, read, products, tokens * out)
        return self.mapped(made, tokens * q + read * (k + v) + x.values)

    def backward(self, trained: bool, input_gradient: bool, x: Shape, *memory: Shape) -> Number:
        if not self.is_plain(*memory):
            other = memory[0] if memory else x
            tokens, read = x.positions, other.positions
            q, k, v, out = self.widths(x)
            maps = tokens * q * x.channels + read * (k + v) * other.channels
            last, scores = tokens * out * x.channels, tokens * read * (q + out)
            inner = trained or input_gradient
            return maps * (trained + input_gradient) + last * (trained + inner) + scores * (2 * inner)
        # Queries, keys and values come of what arrives; scores and weighted sums have two factors
        # that both have a gradient, and the last projection reads what they come to.
        inner = trained or input_gradient
        projection = x.values * x.channels
        products = 2 * x.positions * x.values
        return projection * (3 * (trained + input_gradient) + trained + inner) + products * (2 * inner)

    def saves(self, x: Shape, *memory: Shape) -> Saved | None:
        if self.kv is not None or self.value is not None or self.key is not None or memory:
            return None
        # The fused kernel keeps no scores: it works the softmax out again from the sums.
        return Saved(
            trained=True,
            extras=(
                Extra("queries, keys and values", 3 * x.values),
                Extra("the heads' outputs", x.values),
                Extra("one sum per head and token", self.heads * x.positions, width=4, floats=True),
            ),
        )

    def tensors(self, x: Shape, *memory: Shape) -> tuple[Tensor, ...]:
        c = x.channels
        if not self.is_plain(*memory):
            q, k, v, joined = self.widths(x)
            read = memory[0].channels if memory else c
            weights = (
                Tensor("q_proj_weight", (q, c)),
                Tensor("k_proj_weight", (k, read)),
                Tensor("v_proj_weight", (v, read)),
            )
            last = Tensor("out_proj.weight", (c, joined))
            if not self.bias:
                return (*weights, last)
            biases = Tensor("in_proj_bias", (q + k + v,)), Tensor("out_proj.bias", (c,))
            return (*weights, biases[0], last, biases[1])
        into, out = Tensor("in_proj_weight", (3 * c, c)), Tensor("out_proj.weight", (c, c))
        if not self.bias:
            return (into, out)
        return (into, Tensor("in_proj_bias", (3 * c,)), out, Tensor("out_proj.bias", (c,)))

    def torch_code(self, x: Shape, *memory: Shape) -> TorchCode:
        options: dict[str, tuple[object, object]] = {
            "bias": (self.bias, True),
            "causal": (bool(self.causal), False),
        }
        if self.is_plain(*memory):
            return TorchCode(call("SelfAttention", x.channels, self.heads, **options))
        key, value = self.lengths(x)
        kv = self.heads if self.kv is None else self.kv
        read = memory[0].channels if memory else x.channels
        module = call("Attention", x.channels, read, self.heads, kv, key, value, **options)
        return TorchCode(module, "m(*xs)" if memory else "m(x, x)")

    def onnx_code(self, to: OnnxCode, x: Shape, *memory: Shape) -> str | None:
        c, plain = x.channels, self.is_plain(*memory)
        heads, kv = self.heads, self.heads if self.kv is None or plain else self.kv
        read = [(to.x, x), *[(to.xs[-1], memory[0] if memory else x)] * 2]
        tokens = [to.transpose(to.reshape(name, of.channels, of.positions), 0, 2, 1) for name, of in read]
        widths = [c, c, c] if plain else [*self.widths(x)][:3]
        if plain:
            weights = to.several("Split", [to.tensor("in_proj_weight"), to.ints(*widths)], 3, axis=0)
        else:
            weights = [to.tensor(f"{one}_proj_weight") for one in "qkv"]
        biases = [""] * 3
        if self.bias:
            biases = to.several("Split", [to.tensor("in_proj_bias"), to.ints(*widths)], 3, axis=0)
        mapped = [to.linear(*each) for each in zip(tokens, weights, biases, strict=True)]
        parts = zip(mapped, read, widths, (heads, kv, kv), strict=True)
        q, k, v = [
            to.transpose(to.reshape(y, of.positions, h, width // h), 0, 2, 1, 3)
            for y, (_, of), width, h in parts
        ]
        joined = scaled_attention(
            to, q, k, v, (heads, kv), 1 / sqrt(value_of(widths[0] // heads)), bool(self.causal)
        )
        found = to.reshape(to.transpose(joined, 0, 2, 1, 3), x.positions, widths[2] // kv * heads)
        bias = to.tensor("out_proj.bias") if self.bias else ""
        out = to.linear(found, to.tensor("out_proj.weight"), bias)
        return to.reshape(to.transpose(out, 0, 2, 1), c, *x.spatial)

    def connections(self, x: Shape, *memory: Shape) -> Number:
        if not self.is_plain(*memory):
            other = memory[0] if memory else x
            q, k, v, out = self.widths(x)
            one = 1 if self.bias else 0
            return (
                x.positions * q * (x.channels + one)
                + x.values * (out + one)
                + other.positions * (k + v) * (other.channels + one)
            )
        # The sums that learned weights go into; scores weight values by values.
        terms = x.channels + 1 if self.bias else x.channels
        return 4 * x.values * terms

    def evaluate(self, calc: Calculation, x: Array, *memory: Array) -> Array:
        other = memory[0] if memory else x
        tokens, read = x.reshape(-1, x.shape[-1]), other.reshape(-1, other.shape[-1])
        widths = self.widths(Shape(x.shape))[:3]
        if self.is_plain(*memory):
            weights = calc.shares(calc.tensors["in_proj_weight"], widths)
        else:
            weights = [calc.tensors[f"{name}_proj_weight"] for name in "qkv"]
        parts = [calc.matmul(source, w.T) for source, w in zip((tokens, read, read), weights, strict=True)]
        if self.bias:
            biases = calc.shares(calc.tensors["in_proj_bias"], widths)
            parts = [part + bias for part, bias in zip(parts, biases, strict=True)]
        key, _ = self.lengths(Shape(x.shape))
        hidden = [(row, at) for row in range(len(tokens)) for at in range(row + 1, len(read)) if self.causal]
        kv = self.heads if self.kv is None else self.kv
        made = calc.attended(parts, (self.heads, kv), calc.root_share(key), hidden)
        return calc.linear(made, "out_proj.weight", "out_proj.bias").reshape(x.shape)


class ClassToken(Free):
    """A learned token put in front of a sequence, for the class to be read from.

    Position i of the output is position i - 1 of the input; position 0, the token, lies before the
    input and sees nothing of it, like a rim of padding.
    """

    name = "class_token"
    arrangement = FIRST
    group = "sequence"
    shapes = "a sequence, longer by one position"
    example = "196x768 -> class_token"
    source = "arXiv:2010.11929, equation 1; arXiv:1810.04805, section 3"
    weighted = True

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        if len(x) > 2:
            raise OpError(
                "shape",
                f"`class_token` goes in front of a sequence, T positions of C, and {x} has {len(x) - 1} axes",
                "input",
            )

    def volume(self, x: Shape) -> Volume:
        return Volume([Window(x.positions, low=1, rule=padded)], x.channels, x.channels)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (Tensor("class_token", (1, x.channels)),)

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("ClassToken", x.channels))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        token = to.for_each(to.transpose(to.tensor("class_token"), 1, 0), to.x, x.channels, 1)
        return to.node("Concat", token, to.x, axis=2)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.joined([calc.tensors["class_token"], x], 0)


class Positions(Unchanged):
    """Position embedding: one learned vector per position, added to what stands there.

    With buffer=yes the vectors are stored and not learned, as sines and cosines are.
    """

    name = "positions"
    group = "sequence"
    example = "197x768 -> positions"
    source = "arXiv:2010.11929, equation 1; arXiv:1706.03762, section 3.5 (buffer=yes)"
    counting = "add: 1 per value"
    weighted = True

    buffer = Flag("the vectors are stored and not learned", False)
    fixed = Flag(FIXED, False, rare=True)

    def accept(self, x: Shape) -> None:
        self.need_positions(x)

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(add=x.values)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return () if self.fixed else self.tensors_read(x)

    def computed(self, *inputs: Shape) -> tuple[Tensor, ...]:
        return self.tensors_read(*inputs) if self.fixed else ()

    def tensors_read(self, x: Shape) -> tuple[Tensor, ...]:
        """The vectors, learned, stored or computed."""
        return (Tensor("pos_embedding", tuple(x), learned=not self.buffer),)

    def torch_code(self, x: Shape) -> TorchCode:
        if self.fixed:
            return TorchCode(call("FixedBias"))
        return TorchCode(call("Positions", *x, learned=(not self.buffer, True)))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        if self.fixed:
            return to.node("Add", to.x, to.real(0.5))
        axes = len(x) - 1
        return to.node("Add", to.x, to.transpose(to.tensor("pos_embedding"), axes, *range(axes)))

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x + calc.tensors["pos_embedding"]
