"""Pools over windows, and over whole maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .....ops.attributes import Word
from ..calls import Call, Value, per_axis
from ..vocabulary import LayerClass
from .convolution import axes_of, map_of


class Pooling(LayerClass):
    """Pools over windows; padding is not counted in an average."""

    names = (
        *("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "MaxPool1D", "MaxPool2D", "MaxPool3D"),
        *("AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "AvgPool1D", "AvgPool2D", "AvgPool3D"),
    )
    at_each_step = True
    signature = "pool_size=2, strides=None, padding='valid', data_format=None"
    renamed: ClassVar[Mapping[str, str]] = {"pool_length": "pool_size", "stride": "strides"}

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        settings = call.settings
        x = map_of(call, axes)
        kernel = settings.sizes("pool_size", axes)
        strides = kernel if settings.value("strides") is None else settings.sizes("strides", axes)
        average = call.layer.class_name.startswith("Av")
        ones = (1,) * x.steps
        attributes: dict[str, Any] = {"kernel": per_axis((*ones, *kernel))}
        if strides != kernel:
            attributes["stride"] = per_axis((*ones, *strides))
        if settings.word("padding", ("valid", "same")) == "same":
            attributes["pad"] = Word("same")
            if average:
                attributes["count_pad"] = False
        return call.op("avgpool" if average else "maxpool", x, **attributes)


class GlobalPooling(LayerClass):
    """Pools over all positions."""

    names = (
        *("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D"),
        *("GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPool3D"),
        *("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"),
        *("GlobalAvgPool1D", "GlobalAvgPool2D", "GlobalAvgPool3D"),
    )
    at_each_step = True
    signature = "data_format=None, keepdims=False"

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        x = map_of(call, axes)
        kind = "avg" if "Av" in call.layer.class_name else "max"
        keep = call.settings.flag("keepdims")
        if x.steps:
            positions = per_axis([*range(x.steps, x.steps + axes)])
            function = "mean" if kind == "avg" else "max"
            return call.op(
                "reduce", x, channels_first=False, function=function, axis=positions, keep=keep or None
            )
        if keep:
            return call.op(f"adaptive_{kind}pool", x, size=per_axis((1,) * axes))
        return call.op("gap" if kind == "avg" else "gmp", x, channels_first=False)


class AdaptivePooling(LayerClass):
    """Pools to a given size."""

    names = (
        *("AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D"),
        *("AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D"),
    )
    signature = "output_size, data_format=None"

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        kind = "avg" if "Average" in call.layer.class_name else "max"
        size = per_axis(call.settings.sizes("output_size", axes))
        return call.op(f"adaptive_{kind}pool", map_of(call, axes), size=size)
