"""Normalisations."""

from __future__ import annotations

from fractions import Fraction

from ..arithmetic import product
from ..shape import Shape
from .base import POINTWISE, Choice, Count, Elementwise, Flag, Ledger, Op, Real, Tensor, Window


class BatchNorm(Op):
    """Batch normalisation, a mean, a variance, a scale and a shift a channel."""

    name = "bn"
    elsewhere = ("batchnorm", "batchnorm2d", "batchnormalization", "batchnormalisation")
    group = "normalisation"
    example = "56x56x64 -> bn"
    source = "arXiv:1502.03167, algorithms 1 and 2; PyTorch, torch.nn.BatchNorm2d"
    counting = "mul_add: one per value (at inference a scale and a shift), not among the MACs"
    weighted = True
    is_norm = True

    scale = Flag("a learned scale", True)
    shift = Flag("a learned shift", True)
    frozen = Flag("scale and shift are buffers (torchvision's FrozenBatchNorm2d)", False)

    def output(self, x: Shape) -> Shape:  # type: ignore[override]
        return x

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        return Ledger(mul_add=x.values)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:  # type: ignore[override]
        channels = (x.channels,)
        learned = not self.frozen
        affine = []
        if self.scale:
            affine.append(Tensor("weight", channels, learned))
        if self.shift:
            affine.append(Tensor("bias", channels, learned))
        return (
            *affine,
            Tensor("running_mean", channels, learned=False),
            Tensor("running_var", channels, learned=False),
        )

    def window(self, x: Shape) -> tuple[Window, ...]:  # type: ignore[override]
        return (POINTWISE,) * len(x.spatial)


class LocalResponseNorm(Elementwise):
    """Local response normalisation: divided by a power of the sum of squares nearby.

    x / (k + alpha/n * sum of n squares)^beta: alpha is divided by the number of values summed, as
    in Caffe and PyTorch. Across positions the neighbourhood is a square.
    """

    name = "lrn"
    group = "normalisation"
    positional = ("size",)
    example = "55x55x96 -> lrn 5"
    source = (
        "Krizhevsky et al., NIPS 2012, section 3.3; Caffe, LRN layer (WITHIN_CHANNEL across "
        "positions); PyTorch, torch.nn.LocalResponseNorm"
    )
    counting = (
        "per value mul 2 (square, alpha/n), add n (n - 1 for the sum, 1 for k), special 1 (power), "
        "div 1; n, the number of values summed, counted in full at the rims"
    )
    is_norm = True

    size = Count("values in the sum (along an axis if across=positions)", symbol="n", required=True)
    across = Choice(("channels", "positions"), "which neighbours are summed", "channels")
    alpha = Real("factor of the sum", Fraction(1, 10000))
    beta = Real("exponent", Fraction(3, 4))
    k = Real("what is added to the sum", 2)

    def accept(self, x: Shape) -> None:  # type: ignore[override]
        if self.across == "positions":
            self.need_positions(x)

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        cells = self.size
        if self.across == "positions":
            cells = product([self.size] * len(x.spatial))
        return Ledger(mul=2 * x.values, add=cells * x.values, special=x.values, div=x.values)

    def window(self, x: Shape) -> tuple[Window, ...]:  # type: ignore[override]
        if self.across == "channels":
            return super().window(x)
        return (Window(self.size, 1, (self.size - 1) // 2),) * len(x.spatial)
