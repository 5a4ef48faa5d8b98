"""Attention over tokens, and what a transformer puts before it."""

from __future__ import annotations

from ..arithmetic import Number
from ..shape import Shape
from .arrangement import FIRST, LAST
from .base import (
    EVERYTHING,
    POINTWISE,
    UNCHANGED,
    Count,
    Extra,
    Flag,
    Kept,
    Ledger,
    Op,
    Problem,
    Tensor,
    Twin,
    Window,
)
from .twins import call


class Attention(Op):
    """Multi-head self-attention: every position reads every other.

    The positions of a sequence or a map are the tokens. Queries, keys and values are linear maps of
    the C channels, softmax(Q K^T / sqrt(C/N)) V is computed in each of N heads of C/N channels, and
    the heads side by side go through a last linear map.
    """

    name = "attention"
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
        "scale) and softmax: special T, add T - 1, div T, compare T - 1 a row"
    )
    kept_by_device = "the fused kernel is another than on the CPU"
    weighted = True
    matrix_product = True

    heads = Count("heads, each with an equal share of the channels", symbol="N", required=True)
    bias = Flag("biases in the four linear maps", True)

    def accept(self, x: Shape) -> None:  # type: ignore[override]
        self.need_positions(x)
        if x.channels % self.heads:
            raise Problem(
                "shape", f"{x.channels} channels do not divide into {self.heads} heads", "heads"
            )

    def output(self, x: Shape) -> Shape:  # type: ignore[override]
        return x

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        tokens, mapped = x.positions, 4 * x.values
        rows = self.heads * tokens
        scores = rows * tokens
        softmax = rows * (tokens - 1)
        return Ledger(
            mul_add=mapped * x.channels + 2 * tokens * x.values,
            mul=scores,
            add=softmax + (mapped if self.bias else 0),
            biases=mapped if self.bias else 0,
            compare=softmax,
            div=scores,
            special=scores,
            outputs=mapped + scores + x.values,
        )

    def backward(  # type: ignore[override]
        self, trained: bool, followed: bool, x: Shape
    ) -> Number:
        # Queries, keys and values come of what arrives; scores and weighted sums have two factors
        # that both have a gradient, and the last projection reads what they come to.
        inner = trained or followed
        projection = x.values * x.channels
        products = 2 * x.positions * x.values
        return projection * (3 * (trained + followed) + trained + inner) + products * (2 * inner)

    def keeps(self, x: Shape) -> Kept:  # type: ignore[override]
        # The fused kernel keeps no scores: it works the softmax out again from the sums.
        return Kept(
            trained=True,
            extras=(
                Extra("queries, keys and values", 3 * x.values),
                Extra("the heads' outputs", x.values),
                Extra("a sum a head and token", self.heads * x.positions, width=4, floats=True),
            ),
        )

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:  # type: ignore[override]
        c = x.channels
        into, out = Tensor("in_proj_weight", (3 * c, c)), Tensor("out_proj.weight", (c, c))
        if not self.bias:
            return (into, out)
        return (into, Tensor("in_proj_bias", (3 * c,)), out, Tensor("out_proj.bias", (c,)))

    def twin(self, x: Shape) -> Twin:  # type: ignore[override]
        return Twin(call("SelfAttention", x.channels, self.heads, bias=(self.bias, True)))

    def window(self, x: Shape) -> str:  # type: ignore[override]
        return EVERYTHING

    def connections(self, x: Shape) -> Number:  # type: ignore[override]
        # The sums that learned weights go into; scores weight values by values.
        terms = x.channels + 1 if self.bias else x.channels
        return 4 * x.values * terms


class ClassToken(Op):
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

    def accept(self, x: Shape) -> None:  # type: ignore[override]
        self.need_positions(x)
        if len(x) > 2:
            raise Problem(
                "shape", f"`class_token` goes in front of a sequence, T positions of C, and {x} "
                f"has {len(x) - 1} axes", "input",
            )  # fmt: skip

    def output(self, x: Shape) -> Shape:  # type: ignore[override]
        return Shape((x.positions + 1, x.channels))

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        return Ledger()

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:  # type: ignore[override]
        return (Tensor("class_token", (1, x.channels)),)

    def twin(self, x: Shape) -> Twin:  # type: ignore[override]
        return Twin(call("ClassToken", x.channels))

    def keeps(self, x: Shape) -> Kept:  # type: ignore[override]
        return Kept()

    def window(self, x: Shape) -> tuple[Window, ...]:  # type: ignore[override]
        return (Window(1, 1, 1),)


class Positions(Op):
    """Learned position embedding: a vector a position, added to what stands there."""

    name = "positions"
    group = "sequence"
    shapes = UNCHANGED
    example = "197x768 -> positions"
    source = "arXiv:2010.11929, equation 1"
    counting = "add: 1 per value"
    weighted = True

    def accept(self, x: Shape) -> None:  # type: ignore[override]
        self.need_positions(x)

    def output(self, x: Shape) -> Shape:  # type: ignore[override]
        return x

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        return Ledger(add=x.values)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:  # type: ignore[override]
        return (Tensor("pos_embedding", tuple(x)),)

    def twin(self, x: Shape) -> Twin:  # type: ignore[override]
        return Twin(call("Positions", *x))

    def keeps(self, x: Shape) -> Kept:  # type: ignore[override]
        return Kept()

    def window(self, x: Shape) -> tuple[Window, ...]:  # type: ignore[override]
        return (POINTWISE,) * len(x.spatial)
