"""The word tables: vectors of words, one by one or in bags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number
from ..shape import Shape
from .arrangement import LAST
from .attributes import Choice, Count, OpError
from .base import Free, Op
from .facts import Extra, OperationCounts, Saved, Tensor
from .torch_code import TorchCode, call
from .volume import Volume, vector
from .window import Window, stated

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Embedding(Free):
    """Word table: each of T word indices becomes the vector of that word.

    The input is a vector of T indices, one number a word, and not T positions of one-hot vectors:
    `input words: 20` is a sentence of 20 words. The output is a sequence, T positions of SIZE
    channels. An index takes as many bytes as any other value of an input: int32 beside fp32.
    """

    name = "embedding"
    arrangement = LAST
    keras = "Embedding"
    group = "sequence"
    positional = ("vocabulary", "size")
    shapes = "from a vector of word indices to a sequence, a position for each"
    example = "20 -> embedding 10000 256"
    source = "PyTorch, torch.nn.Embedding"
    counting = "none: declared free (rows are looked up, nothing is multiplied)"
    weighted = True

    vocabulary = Count("number of words = rows of the table", symbol="V", required=True)
    size = Count("length of a word's vector = channels of the output", symbol="K", required=True)

    @property
    def indices_below(self) -> Number:
        return self.vocabulary

    def accept(self, x: Shape) -> None:
        if len(x) > 1:
            raise OpError(
                "shape",
                f"`embedding` looks up a vector of word indices, {x} has positions",
                "input",
                help="`input words: 20` is a sentence of 20 words",
            )

    def volume(self, x: Shape) -> Volume:
        # A vector has no positions, so there is no axis along which to see less than all of it.
        return Volume([Window(rule=stated, target=x.values)], self.size, x.channels, self.size, reads=())

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (Tensor("weight", (self.vocabulary, self.size)),)

    def values_read(self, stored: int, batch: int, *inputs: Shape) -> Number:
        # Every index may be another one.
        return min(stored, batch * inputs[0].values * self.size)

    def saves(self, x: Shape) -> Saved:
        return Saved(inputs=True)

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("nn.Embedding", self.vocabulary, self.size), "m(x).movedim(-1, 1)")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        rows = to.node("Gather", to.tensor("weight"), to.whole(to.x), axis=0)
        return to.transpose(rows, 0, 2, 1)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.rows(calc.tensors["weight"], x)


class WithoutFastKernel(Extra):
    """What is kept of a sum of vectors where PyTorch has no fast kernel for it: of fp64."""

    __slots__ = ()

    def bytes(self, batch: int, width: int, fused: bool = False) -> Number:
        return super().bytes(batch, width, fused) if width == 8 else 0


class EmbeddingBag(Op):
    """Word table of bags: the mean, sum or maximum of the vectors of all words that arrive."""

    name = "embedding_bag"
    synonyms = ("embeddingbag",)
    group = "sequence"
    positional = ("vocabulary", "size")
    shapes = "from a vector of word indices to a vector of `size` values"
    example = "20 -> embedding_bag 10000 256"
    saved_by_device = "CUDA's kernels keep indices of their own"
    source = "PyTorch, torch.nn.EmbeddingBag"
    counting = (
        "per value of the output, T words: add T - 1, with mode=mean div 1 too; mode=max: compare T - 1"
    )
    weighted = True

    vocabulary = Count("number of words = rows of the table", symbol="V", required=True)
    size = Count("length of a word's vector = length of the output", symbol="K", required=True)
    mode = Choice(("mean", "sum", "max"), "what becomes of the vectors of the words", "mean")

    @property
    def indices_below(self) -> Number:
        return self.vocabulary

    def accept(self, x: Shape) -> None:
        if len(x) > 1:
            raise OpError(
                "shape", f"`{self.name}` looks up a vector of word indices, {x} has positions", "input"
            )

    def volume(self, x: Shape) -> Volume:
        return vector(self.size, x)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (Tensor("weight", (self.vocabulary, self.size)),)

    def operations(self, x: Shape) -> OperationCounts:
        pairs = (x.values - 1) * self.size
        if self.mode == "max":
            return OperationCounts(compare=pairs)
        return OperationCounts(add=pairs, div=self.size if self.mode == "mean" else 0)

    def values_read(self, stored: int, batch: int, *inputs: Shape) -> Number:
        # Every index may be another one.
        return min(stored, batch * inputs[0].values * self.size)

    def saves(self, x: Shape) -> Saved:
        best = self.size if self.mode == "max" else 1
        extras = [Extra("where the bag begins, how large it is, and its largest", 2 + best)]
        kind = Extra if self.mode != "sum" else WithoutFastKernel
        extras += [kind("the bag of each word", x.values), kind("one index more", 1, fixed=True)]
        return Saved(inputs=True, extras=tuple(extras))

    def torch_code(self, x: Shape) -> TorchCode:
        mode = str(self.mode), "mean"
        return TorchCode(call("nn.EmbeddingBag", self.vocabulary, self.size, mode=mode))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        rows = to.node("Gather", to.tensor("weight"), to.whole(to.x), axis=0)
        return to.reduce(str(self.mode).capitalize(), rows, [1], keep=False)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        rows = calc.rows(calc.tensors["weight"], x)
        if self.mode == "max":
            return calc.extreme(rows, 0)
        return calc.mean(rows, 0) if self.mode == "mean" else calc.total(rows, 0)
