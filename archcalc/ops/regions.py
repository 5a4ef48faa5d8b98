"""Pooling of regions: maps of one size for proposals of any size and place.

The proposals are the first axis of the output, in front of the rows and columns: N x h x w x C. A
convolution whose window is 1 along that axis (``conv 1x7x7 1024``) treats each by itself, which is
what a fully connected layer a proposal is; ``fc`` would read all proposals at once.
"""

from __future__ import annotations

from ..arithmetic import product
from ..shape import Shape
from .base import EVERYTHING, Axes, Count, Extra, Kept, Ledger, Op, spread


class RegionPool(Op):
    """Base of the pools of regions. Where a proposal lies is data, so a unit may see anything."""

    group = "pooling"
    positional = ("size",)
    untwinned = "the proposals come from outside the network: a module would have to invent them"

    size = Axes("height and width of the output", required=True)
    proposals = Count("number of regions", symbol="N", required=True)

    def accept(self, x: Shape) -> None:  # type: ignore[override]
        self.need_positions(x)
        spread(self.size, len(x) - 1, "size")

    def output(self, x: Shape) -> Shape:  # type: ignore[override]
        return Shape((self.proposals, *spread(self.size, len(x) - 1, "size"), x.channels))

    def window(self, x: Shape) -> str:  # type: ignore[override]
        return EVERYTHING


class RegionMaxPool(RegionPool):
    """RoI pooling: the largest value of each part of a proposal, the proposals as first axis."""

    name = "roi_pool"
    elsewhere = ("roipool", "roipooling")
    example = "38x50x512 -> roi_pool 7x7 proposals=300"
    source = "arXiv:1504.08083, section 2.1"
    counting = "no rule: the size of the parts depends on the proposals, so it is reported"

    def keeps(self, x: Shape) -> Kept:  # type: ignore[override]
        indices = Extra("an index an output", self.output(x).values, width=4)
        return Kept(extras=(indices,))


class RegionAlign(RegionPool):
    """RoI align: the mean of interpolated samples of each part, the proposals as first axis."""

    name = "roi_align"
    elsewhere = ("roialign",)
    example = "50x68x256 -> roi_align 7x7 proposals=1000"
    source = "arXiv:1703.06870, section 3; torchvision, MultiScaleRoIAlign (2 samples an axis)"
    counting = (
        "per output of s samples, s = samples per axis: mul_add 2 an axis multiplied (4 on a map) "
        "per sample, not among the MACs; add s - 1; div 1; the weights of the corners, the same "
        "for all channels, are not counted"
    )

    samples = Count("samples in each part, along each axis", 2)

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        outputs = self.output(x).values
        samples = product([self.samples] * len(x.spatial))
        corners = product([outputs, samples, *[2] * len(x.spatial)])
        return Ledger(mul_add=corners, add=outputs * (samples - 1), div=outputs)

    def keeps(self, x: Shape) -> Kept:  # type: ignore[override]
        return Kept()
