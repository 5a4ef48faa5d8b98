"""A layer of one's own in one class: ``unfold``, which lays the windows of a convolution side by side.

What the class states, and nothing else, makes the layer known everywhere: it is parsed, summarised,
explained, built in PyTorch and compared with it, exported, and wrong answers about it are diagnosed.

    archcalc summary "32x32x3 -> unfold 3x3 pad=1" --ops examples/own_op.py
    archcalc check "32x32x3 -> unfold 3x3 pad=1" output=30x30x27 --ops examples/own_op.py
"""

from __future__ import annotations

from archcalc.arithmetic import product
from archcalc.ops.attributes import Axes
from archcalc.ops.base import Free
from archcalc.ops.sliding import Sliding
from archcalc.ops.torch_code import TorchCode, call
from archcalc.ops.volume import Volume
from archcalc.shape import Shape


class Unfold(Free, Sliding):
    """The values of each window as the channels of one position (im2col)."""

    name = "unfold"
    group = "rearrangement"
    shapes = "a position for each window that fits, a channel for each value of the window"
    example = "32x32x3 -> unfold 3x3 pad=1"
    source = "PyTorch, torch.nn.Unfold"
    positional = ("kernel",)
    no_torch_reason = "PyTorch unfolds maps, and no signals or volumes"

    dilation = Axes("distance between the positions of a window", 1, symbol="D")

    def volume(self, x: Shape) -> Volume:
        return Volume(self.windows(x), product([x.channels, *self.kernel_sizes(x)]), x.channels)

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) != 3:
            return None
        module = call(
            "nn.Unfold",
            self.kernel,
            dilation=(self.dilation, 1),
            padding=(self.own_padding(x), 0),
            stride=(self.stride, 1),
        )
        return TorchCode(module, f"{self.applied(x)}.unflatten(2, {self.spatial(x)})")
