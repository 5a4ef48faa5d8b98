"""Layers that change the number of positions: of forks of Caffe for segmentation and detection.

Sources: interp_layer.cpp of DeepLab and PSPNet, upsample_layer.cpp of SegNet and of ports of YOLOv3.
"""

from __future__ import annotations

from .....ops.attributes import Size, Word
from ..blobs import Blob
from ..calls import CaffeCall, per_axis, positions
from ..vocabulary import LayerType


class Interpolation(LayerType):
    """Bilinear interpolation to another size, the corners on the corners."""

    types = ("Interp",)
    param = "interp_param"

    def write(self, call: CaffeCall) -> Blob:
        settings = call.settings
        arriving, other = call.one_or_two()
        x = call.map(arriving)
        before, behind = [settings.number(name, 0, -(10**9)) for name in ("pad_beg", "pad_end")]
        if before > 0 or behind > 0:
            raise call.refused("a rim that is not cut off is not read", "pad_beg")
        sizes = [size + before + behind for size in positions(x.written.output)]
        if min(sizes, default=0) < 1:
            raise call.refused("nothing is left of what arrives", "pad_beg")
        if before or behind:
            x = call.op("crop", x, part="inside", size=Size(tuple(sizes)), offset=-before)
        shrink = settings.number("shrink_factor", 1, 1)
        zoom = settings.number("zoom_factor", 1, 1)
        if other is not None:
            sizes = [*positions(call.map(other).written.output)]
        elif settings.all("height"):
            sizes = [settings.number("height", 1, 1), settings.number("width", 1, 1)]
        elif settings.all("shrink_factor") or settings.all("zoom_factor"):
            sizes = [(size - 1) // shrink + 1 for size in sizes]
            sizes = [size + (size - 1) * (zoom - 1) for size in sizes]
        else:
            raise call.refused(
                "it needs `height` and `width`, `zoom_factor`, or `shrink_factor`", settings.span
            )
        return call.op("resize", x, size=Size(tuple(sizes)), mode=Word("bilinear"), align_corners=True)


class Upsampling(LayerType):
    """With the places of maxima unpooling, and else each value repeated."""

    types = ("Upsample",)
    param = "upsample_param"

    def write(self, call: CaffeCall) -> Blob:
        settings = call.settings
        scale = settings.number("scale", 2, 1)
        factors = [settings.number("scale_h", scale, 1), settings.number("scale_w", scale, 1)]
        x, places = call.one_or_two()
        if places is None:
            return call.op("upsample", call.map(x), factor=per_axis(factors))
        if not places.indices:
            raise call.refused("its second blob is not the second one of a pool: the places of the maxima")
        x = call.map(x)
        sizes = []
        for size, factor, side, word in zip(
            positions(x.written.output), factors, ("h", "w"), ("upsample_h", "upsample_w"), strict=False
        ):
            cut = settings.true(f"pad_out_{side}", False)
            sizes.append(settings.number(word, size * factor - cut, 1))
        usual = [size * factor for size, factor in zip(positions(x.written.output), factors, strict=False)]
        return call.op(
            "max_unpool", x, kernel=Size(tuple(factors)), size=None if sizes == usual else Size(tuple(sizes))
        )


class ChannelsOfPositions(LayerType):
    """Positions as channels, as ports of YOLOv2 write Darknet's reorg."""

    types = ("Reorg",)
    param = "reorg_param"

    def write(self, call: CaffeCall) -> Blob:
        if call.settings.true("reverse", False):
            return call.op("pixel_shuffle", call.map(call.x), factor=call.settings.number("stride", 2, 1))
        return call.op("pixel_unshuffle", call.map(call.x), factor=call.settings.number("stride", 2, 1))
