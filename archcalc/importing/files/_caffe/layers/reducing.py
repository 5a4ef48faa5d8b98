"""Layers that make few values of many.

Sources: src/caffe/layers/reduction_layer.cpp, argmax_layer.cpp.
"""

from __future__ import annotations

from .....ops.attributes import Size, Word
from ..blobs import Blob
from ..calls import CaffeCall
from ..vocabulary import LayerType


class Reduction(LayerType):
    """A sum or a mean over all axes from one on."""

    types = ("Reduction",)
    param = "reduction_param"

    def write(self, call: CaffeCall) -> Blob:
        settings, x = call.settings, call.x
        kind = settings.word("operation", ("", "SUM", "ASUM", "SUMSQ", "MEAN"), "SUM")
        axis = call.axis(x, "axis", 0)
        if None in x.axes[axis:]:
            raise call.refused("it adds up the images of a batch", "axis")
        gone = sorted(at for at in x.axes[axis:] if at is not None)
        before = {"ASUM": "abs", "SUMSQ": "square"}.get(kind)
        if before:
            x = call.op("map", x, function=Word(before))
        left = [at for at in x.axes[:axis] if at is not None]
        made = call.op(
            "reduce",
            x,
            axes=tuple([None if at is None else sum(other < at for other in left) for at in x.axes[:axis]])
            if left
            else (None, 0),
            function=Word("mean" if kind == "MEAN" else "sum"),
            axis=gone[0] if len(gone) == 1 else Size(tuple(gone)),
        )
        factor = settings.decimal("coeff", "1")
        return call.op("times", made, factor=factor) if factor != 1 else made


class LargestPlace(LayerType):
    """The place of the largest value, or of the largest few: along an axis, or of all."""

    types = ("ArgMax",)
    param = "argmax_param"

    def write(self, call: CaffeCall) -> Blob:
        settings, x = call.settings, call.x
        count = settings.number("top_k", 1, 1)
        values = settings.true("out_max_val", False)
        axes = x.axes
        if not settings.all("axis"):
            if values:
                raise call.refused("places and values in one blob are not read", "out_max_val")
            x, at, axes = call.op("flatten", x, part="values", axes=(None, 0)), 0, (None, 0)
        else:
            at = call.place(x, call.axis(x, "axis", 1))
        if count > 1:
            return call.op("topk", x, axes=axes, count=count, axis=at)
        function = Word("max" if values else "argmax")
        return call.op("reduce", x, axes=axes, function=function, axis=at, keep=True)
