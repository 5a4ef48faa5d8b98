"""Dense layers, activations, and layers that do nothing at inference."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import ClassVar

from .....ops.attributes import Size
from ..activations import activated
from ..calls import Call, Value
from ..vocabulary import LayerClass


class Dense(LayerClass):
    """A linear map of the last axis."""

    names = ("Dense",)
    at_each_step = True
    signature = (
        "units, activation=None, use_bias=True, kernel_initializer='glorot_uniform', "
        "bias_initializer='zeros', "
        "kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, "
        "bias_constraint=None, lora_rank=None, lora_alpha=None, quantization_config=None"
    )
    old_signature = "units, kernel_initializer='glorot_uniform', activation='linear', weights=None"
    renamed: ClassVar[Mapping[str, str]] = {"output_dim": "units"}

    def write(self, call: Call) -> Value:
        x = call.in_order(call.x)
        settings = call.settings
        word = "fc" if len(x.shape) == 1 else "linear"
        put_out = call.op(word, x, units=settings.count("units"), bias=settings.flag("use_bias"))
        return activated(call, put_out)


class Activation(LayerClass):
    """An activation as a layer."""

    names = ("Activation",)
    at_each_step = True
    signature = "activation"

    def write(self, call: Call) -> Value:
        return activated(call, call.x)


class Nothing(LayerClass):
    """Layers that leave values as they are at inference."""

    names = ("ActivityRegularization", "GaussianNoise", "Identity")
    at_each_step = True

    def write(self, call: Call) -> Value:
        return call.x


class Masking(LayerClass):
    """Steps of a sequence whose values are all one number are set to 0."""

    names = ("Masking",)
    signature = "mask_value=0.0"

    def write(self, call: Call) -> Value:
        x = call.in_order(call.x)
        other = call.op("map", x, part="other", function="ne", a=call.settings.real("mask_value"))
        kept = call.op("reduce", other, part="kept", function="any", axis=-1, keep=True)
        return call.op("map", x, kept, function="mul")


class Dropout(LayerClass):
    """Dropout, and layers that do the same to other parts."""

    names = (
        "Dropout",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "AlphaDropout",
        "GaussianDropout",
    )
    at_each_step = True
    signature = "rate, noise_shape=None, seed=None"
    renamed: ClassVar[Mapping[str, str]] = {"p": "rate"}

    def write(self, call: Call) -> Value:
        return call.op("dropout", call.x, p=call.settings.real("rate"))


class Flatten(LayerClass):
    """All values as one vector."""

    names = ("Flatten",)
    at_each_step = True
    signature = "data_format=None"

    def write(self, call: Call) -> Value:
        x = call.x
        if not x.steps:
            return call.op("flatten", x, channels_first=False)
        steps, rest = [*x.shape][: x.steps], [*x.shape][x.steps :]
        return call.op("reshape", call.in_order(x), shape=Size((*steps, prod(rest))))
