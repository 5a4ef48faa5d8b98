"""Dense layers, activations, and layers that do nothing at inference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..activations import activated
from ..calls import Call, Value
from ..vocabulary import LayerClass


class Dense(LayerClass):
    """A linear map of the last axis."""

    names = ("Dense",)
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
    signature = "activation"

    def write(self, call: Call) -> Value:
        return activated(call, call.x)


class Nothing(LayerClass):
    """Layers that leave values as they are at inference."""

    names = ("ActivityRegularization", "GaussianNoise", "Identity", "Masking")

    def write(self, call: Call) -> Value:
        return call.x


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
    signature = "rate, noise_shape=None, seed=None"
    renamed: ClassVar[Mapping[str, str]] = {"p": "rate"}

    def write(self, call: Call) -> Value:
        return call.op("dropout", call.x, p=call.settings.real("rate"))


class Flatten(LayerClass):
    """All values as one vector."""

    names = ("Flatten",)
    signature = "data_format=None"

    def write(self, call: Call) -> Value:
        return call.op("flatten", call.x, channels_first=False)
