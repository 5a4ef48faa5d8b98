"""Regions: which boxes are kept, and pooling to maps of one size for boxes of any size and place.

The proposals are the first axis of the output, in front of the rows and columns: N x h x w x C. A
convolution whose window is 1 along that axis (``conv 1x7x7 1024``) treats each by itself, which is
what a fully connected layer a proposal is; ``fc`` would read all proposals at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..arithmetic import Number, product, value_of
from ..shape import Shape
from .attributes import Axes, Count, OpError, spread
from .base import Op
from .facts import Extra, OperationCounts, Saved
from .window import EVERYTHING

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation


class NonMaximumSuppression(Op):
    """Boxes: the best ones by their scores that do not overlap a better one, four numbers each.

    `nms 300 @scores @offsets` reads as many tensors as the boxes are computed from. What it puts
    out are the boxes that `roi_pool` and `roi_align` cut out of a map.
    """

    name = "nms"
    elsewhere = ("proposal", "proposals", "nonmaximumsuppression", "nonmaxsuppression")
    group = "regions"
    several = True
    positional = ("boxes",)
    no_volume_reason = "which boxes are kept is data, and no window of theirs"
    no_torch_reason = "anchors and thresholds are no part of a spec: a module would have to invent them"
    example = "38x63x54 -> nms 300"
    source = "arXiv:1506.01497, section 3.3; torchvision, ops.batched_nms"
    counting = "no rule: how many boxes overlap depends on the image, so it is reported"
    no_values_reason = "anchors and thresholds are no part of a spec"
    stops_gradient = True

    shapes = "from any shapes to a list of boxes, four numbers each"
    boxes = Count("boxes that are kept", symbol="N", required=True)
    no_onnx_reason = "how many boxes are left depends on the image"

    def output(self, *inputs: Shape) -> Shape:
        return Shape((self.boxes, 4))

    def window(self, *inputs: Shape) -> str:
        return EVERYTHING

    def saves(self, *inputs: Shape) -> Saved:
        return Saved()


class RegionPool(Op):
    """Base of the pools of regions. Where a proposal lies is data, so a unit may see anything."""

    group = "regions"
    several = True
    shapes = "the proposals as first axis, `size` positions of each, the channels that arrive"
    positional = ("size",)
    no_volume_reason = "where the proposals lie is data: a unit may see anything"
    no_torch_reason = "where the proposals lie is no part of a spec: a module would have to invent it"

    size = Axes("height and width of the output", required=True)
    proposals = Count("number of regions, where no boxes are named", symbol="N")
    no_onnx_reason = "which part of the map it reads depends on proposals, which are no tensor of a spec"

    def accept(self, *inputs: Shape) -> None:
        x, boxes = inputs[0], inputs[-1]
        self.need_positions(x)
        spread(self.size, len(x) - 1, "size")
        if len(inputs) == 1:
            if self.proposals is None:
                raise OpError(
                    "argument",
                    f"`{self.name}` needs `proposals`, number of regions",
                    help=f"or their boxes by name, as in `{self.name} … @map @boxes`",
                )
            return
        if self.proposals is not None:
            raise OpError("argument", "the boxes say how many `proposals` there are", "proposals")
        if len(boxes) != 2:
            raise OpError(
                "shape",
                f"the last tensor of `{self.name}` is a list of boxes, not {boxes}",
                "input",
                help="`nms` gives one",
            )
        for number, other in enumerate(inputs[:-1]):
            if len(other) != len(x) or other.channels != x.channels:
                raise OpError(
                    "shape", f"the maps of `{self.name}` differ in channels", "input", branch=number
                )

    def output(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        number: Number = inputs[-1][0] if len(inputs) > 1 else self.proposals
        return Shape((number, *spread(self.size, len(x) - 1, "size"), x.channels))

    def window(self, *inputs: Shape) -> str:
        return EVERYTHING

    def read(self, inputs: Sequence[Array]) -> tuple[Array, Array, tuple[int, ...]]:
        """The map, the boxes, and the parts along each axis, for values. Raises OpError."""
        if len(inputs) != 2 or inputs[1].ndim != 2 or inputs[1].shape[1] != 2 * (inputs[0].ndim - 1):
            raise OpError(
                "values",
                f"`{self.name}` has a rule for values of one map and its boxes, x1 y1 x2 y2 each",
                help=f"as in `{self.name} 2x2 @map @boxes`",
            )
        x, boxes = inputs
        return x, boxes, tuple([value_of(n) for n in spread(self.size, x.ndim - 1, "size")])


class RegionMaxPool(RegionPool):
    """RoI pooling: the largest value of each part of a proposal, the proposals as first axis.

    `roi_pool 7x7 @map @boxes` takes as many proposals as there are boxes (see `nms`); where several
    maps are named, each proposal is taken from one of them.
    """

    name = "roi_pool"
    synonyms = ("roipooling",)
    example = "38x50x512 -> roi_pool 7x7 proposals=300"
    source = "arXiv:1504.08083, section 2.1"
    counting = "no rule: the size of the parts depends on the proposals, so it is reported"

    def saves(self, *inputs: Shape) -> Saved:
        indices = Extra("one index per output", self.output(*inputs).values, width=4)
        return Saved(extras=(indices,))

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        from ..arrays.places import region_parts

        x, boxes, sizes = self.read(inputs)
        parts = [region_parts(box, x.shape[:-1], sizes) for box in boxes]

        def largest(unit: tuple[int, ...]) -> Array:
            box, *at = unit
            ends = [parts[box][axis][one] for axis, one in enumerate(at)]
            values = x[tuple([slice(part.start, part.stop) for part in ends])].reshape(-1, x.shape[-1])
            found = values[0] if len(values) else x[(0,) * (x.ndim - 1)] * 0
            for other in values[1:]:
                found = calc.maximum(found, other)
            return found

        return calc.by_unit((len(boxes), *sizes), largest)


class RegionAlign(RegionPool):
    """RoI align: the mean of interpolated samples of each part, the proposals as first axis.

    `roi_align 7x7 @map @boxes` takes as many proposals as there are boxes (see `nms`); where
    several maps are named, as of a feature pyramid, each proposal is taken from one of them.
    """

    name = "roi_align"
    example = "50x68x256 -> roi_align 7x7 proposals=1000"
    source = "arXiv:1703.06870, section 3; torchvision, MultiScaleRoIAlign (2 samples per axis)"
    counting = (
        "per output of s samples, s = samples per axis: mul_add 2 per axis multiplied (4 on a map) "
        "per sample, not among the MACs; add s - 1; div 1; the weights of the corners, the same "
        "for all channels, are not counted"
    )

    samples = Count("samples in each part, along each axis", 2)

    def operations(self, *inputs: Shape) -> OperationCounts:
        outputs = self.output(*inputs).values
        axes = len(inputs[0].spatial)
        samples = product([self.samples] * axes)
        corners = product([outputs, samples, *[2] * axes])
        return OperationCounts(mul_add=corners, add=outputs * (samples - 1), div=outputs)

    def saves(self, *inputs: Shape) -> Saved:
        return Saved()

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        from ..arrays.places import region_sampled

        x, boxes, sizes = self.read(inputs)
        whole = [region_sampled(x, box, sizes, value_of(self.samples)) for box in boxes]
        return calc.by_unit((len(boxes), *sizes), lambda unit: whole[unit[0]][unit[1:]])
