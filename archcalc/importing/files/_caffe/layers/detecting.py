"""The layers of SSD that make boxes: constants, and what is chosen by the values.

Sources: prior_box_layer.cpp and detection_output_layer.cpp of https://github.com/weiliu89/caffe (branch ssd).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from ..blobs import Blob
from ..calls import CaffeCall
from ..forms import CaffeLayer
from ..messages import decimals
from ..vocabulary import LayerType


class PriorBoxes(LayerType):
    """Boxes at each position of a map, and their variances: constants that the sizes alone tell."""

    types = ("PriorBox",)
    param = "prior_box_param"

    def reads(self, layer: CaffeLayer) -> Sequence[str]:
        """Of the image the sizes are read, and no value."""
        return layer.bottoms[:1]

    def write(self, call: CaffeCall) -> Blob:
        settings, x = call.settings, call.map(call.blobs[0])
        smallest, largest = decimals(settings, "min_size"), decimals(settings, "max_size")
        if not smallest:
            raise call.refused("it has no min_size", settings.span)
        if largest and len(largest) != len(smallest):
            raise call.refused(f"{len(smallest)} smallest sizes have {len(largest)} largest ones", "max_size")
        ratios = [Fraction(1)]
        for ratio in decimals(settings, "aspect_ratio"):
            if ratio <= 0:
                raise call.refused("an aspect ratio is larger than 0", "aspect_ratio")
            if ratio not in ratios:
                ratios += [ratio, 1 / ratio] if settings.true("flip", True) else [ratio]
        boxes = len(ratios) * len(smallest) + len(largest)
        places = prod(tuple(x.written.output)[:-1])
        made = call.opaque((2, places * boxes * 4), x, macs=0)
        return Blob.in_order(made)


class DetectionOutput(LayerType):
    """The boxes that are kept: how many depends on the values, and at most so many are put out."""

    types = ("DetectionOutput",)
    param = "detection_output_param"

    def write(self, call: CaffeCall) -> Blob:
        if len(call.blobs) < 3:
            raise call.refused(f"it reads places, scores and boxes, and {len(call.blobs)} blobs arrive")
        kept = call.settings.number("keep_top_k", -1, -1)
        if kept < 1:
            kept = (call.blobs[2].sizes[-1] or 4) // 4
        call.note(f"at most {kept:,} boxes are put out: how many depends on the values")
        made = call.opaque((1, kept, 7), *call.blobs)
        return Blob.in_order(made)
