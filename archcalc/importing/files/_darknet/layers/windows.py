"""Convolutions, pools, and layers that change the number of positions.

Sources: src/convolutional_layer.c, local_layer.c, maxpool_layer.c, upsample_layer.c and reorg_layer.c of
darknet, and the same files of https://github.com/AlexeyAB/darknet.
"""

from __future__ import annotations

from typing import Any

from .....ops.attributes import Size, Word
from ... import WrittenLayer
from ..calls import DarknetCall, one_or_size
from ..vocabulary import SectionType


class DarknetConvolution(SectionType):
    """A convolution. Its rim is as many times wider as it is dilated."""

    words = ("convolutional", "conv")
    label = "conv"

    def write(self, call: DarknetCall) -> WrittenLayer:
        section = call.section
        for key, why in (
            ("deform", "deformed filters"),
            ("sway", "filters that are turned for a part of the channels"),
            ("rotate", "filters that are turned for a part of the channels"),
            ("stretch", "filters that are stretched for a part of the channels"),
            ("stretch_sway", "filters that are stretched for a part of the channels"),
            ("coordconv", "positions as channels"),
            ("assisted_excitation", "values that training adds"),
        ):
            if section.text(key, "0") not in ("0", "0.0"):
                raise call.refused(f"`{key}` is not read: {why}", key)
        filters, size = section.number("filters", 1, 1), section.number("size", 1, 1)
        pad = size // 2 if section.number("pad", 0) else section.number("padding", 0)
        dilation = section.number("dilation", 1, 1) if size > 1 else 1
        strides = call.strides()
        blurs = bool(section.number("antialiasing", 0))
        shared = section.text("share_index", "")
        norm = bool(section.number("batch_normalize", 0))
        like = call.weights_of(call.index(shared, "share_index"), "share_index", norm) if shared else None
        made = call.op(
            "conv",
            like=like,
            kernel=Size((size, size)),
            filters=filters,
            stride=1 if blurs else one_or_size(strides),
            pad=pad * dilation,
            dilation=dilation,
            groups=section.number("groups", 1, 1),
            bias=not norm,
        )
        if like is None:
            call.keep_weights(made, norm)
        made = call.activated(call.normalised(made, like), "logistic")
        return call.blurred(made, strides)


class Unshared(SectionType):
    """A convolution with weights of its own at every position."""

    words = ("local",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        section = call.section
        filters, size = section.number("filters", 1, 1), section.number("size", 1, 1)
        pad = section.number("pad", 0)
        if pad and size != 3:
            raise call.refused("Darknet pads local layers by one position, whatever their size", "pad")
        made = call.op(
            "local",
            kernel=Size((size, size)),
            filters=filters,
            stride=section.number("stride", 1, 1),
            pad=1 if pad else 0,
        )
        return call.activated(made, "logistic")


class DarknetPool(SectionType):
    """The largest value of each window. The rim is size - 1 by default, half of it, rounded down, first."""

    words = ("maxpool", "max")
    label = "maxpool"
    op = "maxpool"

    def write(self, call: DarknetCall) -> WrittenLayer:
        section = call.section
        if section.number("maxpool_depth", 0):
            return self.over_channels(call)
        strides = call.strides()
        size = section.number("size", strides[1], 1)
        rim = section.number("padding", size - 1)
        blurs = bool(section.number("antialiasing", 0))
        pad: Any = None
        if size == 2 and rim == 1:
            pad = Word("same")  # a rim of one position at the end, where the window reaches it
        elif rim:
            pad = Size((rim // 2, rim - rim // 2) * 2)
        step = (1, 1) if blurs else strides
        made = call.op(
            self.op,
            kernel=Size((size, size)),
            stride=None if step == (size, size) else one_or_size(step),
            pad=pad,
            **self.more(),
        )
        return call.blurred(made, strides)

    def more(self) -> dict[str, Any]:
        """Return further arguments of the op."""
        return {}

    def over_channels(self, call: DarknetCall) -> WrittenLayer:
        """Write a pool over channels: each of those that are put out is the largest of every so many."""
        count = call.section.number("out_channels", 1, 1)
        _, _, channels = call.map
        if channels % count:
            raise call.refused(f"{channels} channels are no whole number of times {count}", "out_channels")
        parts = call.op("rearrange", part="parts", pattern=f"h w (p c={count}) -> h w p c")
        return call.op("reduce", parts, function=Word("max"), axis=2)


class LocalMean(DarknetPool):
    """The mean of each window, without the rim."""

    words = ("local_avgpool", "local_avg")
    label = "local_avgpool"
    op = "avgpool"

    def more(self) -> dict[str, Any]:
        """The rim does not count."""
        return {"count_pad": False}


class WholeMean(SectionType):
    """The mean of each channel."""

    words = ("avgpool", "avg")
    label = "avgpool"

    def write(self, call: DarknetCall) -> WrittenLayer:
        return call.op("adaptive_avgpool", size=Size((1, 1)))


class DarknetUpsample(SectionType):
    """Each value repeated; a factor on the values where there is one."""

    words = ("upsample",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        section = call.section
        if section.text("stride", "2").startswith("-"):
            raise call.refused("`stride` below 0, which adds positions up, is not read", "stride")
        made = call.op("upsample", factor=section.number("stride", 2, 1))
        factor = section.decimal("scale", "1")
        return call.then(made, "times", factor=factor) if factor != 1 else made


class DarknetReorg(SectionType):
    """Positions as channels, or the other way round."""

    words = ("reorg",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        stride = call.section.number("stride", 1, 1)
        word = "pixel_shuffle" if call.section.number("reverse", 0) else "pixel_unshuffle"
        return call.op(word, factor=stride)


class DarknetCrop(SectionType):
    """A part of the image."""

    words = ("crop",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        height, width = [call.section.number(f"crop_{side}", 1, 1) for side in ("height", "width")]
        return call.op("crop", size=Size((height, width)))
