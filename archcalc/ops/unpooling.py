"""What puts the values of a pool back to where they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number
from ..shape import Shape
from .attributes import Axes, OpError, spread
from .base import Free, Op
from .transposed import TransposedWindow
from .volume import Volume
from .window import stated, transposed

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation


class MaxUnpool(Free):
    """Max unpooling: each value goes back to where the maximum was; the rest is 0.

    Kernel, stride and padding are those of the pool. Where in its window a value goes is not known, so a
    position is taken to see every window that it lies in. `size` is the size of the map that was pooled,
    where its last positions had no window.
    """

    name = "max_unpool"
    synonyms = ("maxunpool{}d",)
    group = "enlarging"
    positional = ("kernel",)
    shapes = "`size` positions, or as many as the windows cover; the channels that arrive"
    example = "16x16x64 -> max_unpool 2x2"
    source = "arXiv:1505.04366, section 3.2.1 (unpooling); PyTorch, torch.nn.MaxUnpool2d"
    no_torch_reason = "PyTorch's wants the places of the maxima, which are no tensor of a network"

    takes_maxima = True
    no_saved_rule = "the places of the maxima are kept, and are no tensor of a network"

    kernel = Axes("size of the window of the pool", symbol="F", required=True)
    stride = Axes("step of the window of the pool; its size by default", symbol="S")
    pad = Axes("rim of the pool", 0, symbol="P", least=0)
    size = Axes("height and width of the map that was pooled")

    def windows(self, x: Shape) -> list[TransposedWindow]:
        """The window along each axis."""
        count = len(x) - 1
        kernels = spread(self.kernel, count, "kernel")
        strides = kernels if self.stride is None else spread(self.stride, count, "stride")
        pads = spread(self.pad, count, "pad")
        axes = zip(x.spatial, kernels, strides, pads, strict=True)
        if self.size is None:
            return [TransposedWindow(n, k, s, p, p, rule=transposed) for n, k, s, p in axes]
        sizes: tuple[Number, ...] = spread(self.size, count, "size")
        return [
            TransposedWindow(n, k, s, p, p, rule=stated, target=size)
            for (n, k, s, p), size in zip(axes, sizes, strict=True)
        ]

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        self.windows(x)

    def volume(self, x: Shape) -> Volume:
        return Volume(self.windows(x), x.channels, x.channels)

    saves = Op.saves

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        if calc.maxima is None:
            raise OpError(
                "values",
                f"`{self.name}` puts values back where a `maxpool` found them, and none with such an output "
                "comes before it",
            )
        places, sizes = calc.maxima
        made = tuple(self.output(Shape(x.shape)))
        if sizes != made[:-1]:
            raise OpError(
                "values",
                f"the map that was pooled is {Shape(sizes)}, this layer makes {Shape(made[:-1])}",
                "size",
                help=f"`size={Shape(sizes)}` is that of the pooled map",
            )
        return calc.put_back(x, places, made)
