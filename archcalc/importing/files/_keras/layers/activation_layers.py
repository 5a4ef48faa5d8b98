"""Activations that are layers of their own, and layers that change images in training alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..calls import Call, Value
from ..vocabulary import LayerClass


class ReLU(LayerClass):
    """ReLU, perhaps with a bound, or a slope below zero."""

    names = ("ReLU",)
    at_each_step = True
    signature = "max_value=None, negative_slope=0.0, threshold=0.0"

    def write(self, call: Call) -> Value:
        settings = call.settings
        most = None if settings.value("max_value") is None else settings.real("max_value")
        slope = settings.real("negative_slope")
        if settings.real("threshold") or (most is not None and slope):
            raise call.refused("a threshold, and a bound beside a slope, are not read")
        if slope:
            return call.op("leaky_relu", call.x, slope=slope)
        if most is None:
            return call.op("relu", call.x)
        return (
            call.op("relu6", call.x) if most == 6 else call.op("map", call.x, function="clamp", a=0, b=most)
        )


class LeakyReLU(LayerClass):
    """ReLU with a slope below zero."""

    names = ("LeakyReLU",)
    at_each_step = True
    signature = "negative_slope=0.3"
    renamed: ClassVar[Mapping[str, str]] = {"alpha": "negative_slope"}

    def write(self, call: Call) -> Value:
        return call.op("leaky_relu", call.x, slope=call.settings.real("negative_slope"))


class PReLU(LayerClass):
    """ReLU with learned slopes."""

    names = ("PReLU",)
    signature = "alpha_initializer='Zeros', alpha_regularizer=None, alpha_constraint=None, shared_axes=None"

    def write(self, call: Call) -> Value:
        x = call.x
        shared = call.settings.value("shared_axes")
        axes = set() if shared is None else set(call.settings.axes("shared_axes", x.rank))
        positions = {at for at in range(1, x.rank) if call.spec_axis(x, at) != len(x.shape) - 1}
        if axes == positions:
            return call.op("prelu", x)
        if axes == set(range(1, x.rank)):
            return call.op("prelu", x, shared=True)
        raise call.settings.refused(
            "shared_axes", "a slope for each position is not read", "shared_axes=[1, 2] is one for a channel"
        )


class ELU(LayerClass):
    """Exponential linear units."""

    names = ("ELU",)
    at_each_step = True
    signature = "alpha=1.0"

    def write(self, call: Call) -> Value:
        return call.op("elu", call.x, alpha=call.settings.real("alpha"))


class Softmax(LayerClass):
    """Softmax along an axis."""

    names = ("Softmax",)
    at_each_step = True
    signature = "axis=-1"

    def write(self, call: Call) -> Value:
        x = call.x
        axis = call.spec_axis(x, call.settings.axis("axis", x.rank))
        return call.op("softmax", x, axis=-1 if axis == len(x.shape) - 1 else axis)


class TrainingAlone(LayerClass):
    """Layers that change images, or leave out a path, in training alone."""

    names = (
        *("RandomBrightness", "RandomContrast", "RandomFlip", "RandomRotation", "RandomTranslation"),
        *("RandomZoom", "RandomShear", "RandomHue", "RandomSaturation", "RandomColorJitter"),
        *("RandomGrayscale", "RandomInvert", "RandomPosterization", "RandomSharpness", "RandomErasing"),
        *("RandomGaussianBlur", "RandomElasticTransform", "RandomPerspective", "RandomColorDegeneration"),
        *("AugMix", "CutMix", "Equalization", "MixUp", "RandAugment", "Solarization"),
        "StochasticDepth",
    )

    def configuration(
        self, class_name: str, positional: Sequence[Any], keywords: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What is given by position, as ``RandomFlip("horizontal")``, changes no figure."""
        return super().configuration(class_name, (), keywords)

    def write(self, call: Call) -> Value:
        call.note(f"{call.layer.class_name} does nothing at inference")
        return call.x
