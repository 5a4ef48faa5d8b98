"""Normalisation, and layers that scale."""

from __future__ import annotations

from collections.abc import Sequence

from .....ops.stated import format_tensors
from ..calls import Call, Value
from ..vocabulary import LayerClass


def _over_channels(call: Call, name: str = "axis") -> Value:
    """What arrives, where a norm works on its channels. Raises SpecError."""
    x = call.x
    axes = call.settings.axes(name, x.rank)
    if len(axes) == 1 and call.spec_axis(x, axes[0]) == len(x.shape) - 1:
        return x
    if len(axes) == 1 and axes[0] == 1 and not x.channels_first and len(x.shape) > 1:
        return call.channels_last(x, True)
    raise call.settings.refused(name, "a norm is read over the channels, which are one axis")


class BatchNormalization(LayerClass):
    """Batch norm: gamma and beta are learned, the moving mean and variance stored."""

    names = ("BatchNormalization",)
    signature = "axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True"

    def write(self, call: Call) -> Value:
        settings = call.settings
        return call.op(
            "bn", _over_channels(call), scale=settings.flag("scale"), shift=settings.flag("center")
        )


class LayerNormalization(LayerClass):
    """Layer norm over the channels of each position."""

    names = ("LayerNormalization",)
    signature = "axis=-1, epsilon=0.001, center=True, scale=True, rms_scaling=False"

    def write(self, call: Call) -> Value:
        settings = call.settings
        x = _over_channels(call)
        return call.op("layernorm", x, scale=settings.flag("scale"), shift=settings.flag("center"))


class RMSNormalization(LayerClass):
    """Root mean square norm over the channels of each position."""

    names = ("RMSNormalization",)
    signature = "axis=-1, epsilon=1e-06"

    def write(self, call: Call) -> Value:
        return call.op("rmsnorm", _over_channels(call))


class GroupNormalization(LayerClass):
    """Group norm; with -1 groups each channel is one."""

    names = ("GroupNormalization",)
    signature = "groups=32, axis=-1, epsilon=0.001, center=True, scale=True"

    def write(self, call: Call) -> Value:
        settings = call.settings
        x = _over_channels(call)
        groups = x.shape[-1] if settings.value("groups") == -1 else settings.count("groups")
        return call.op(
            "groupnorm", x, groups=groups, scale=settings.flag("scale"), shift=settings.flag("center")
        )


class Normalization(LayerClass):
    """Values that are shifted and scaled by what was measured of the data: a mean, a variance and a count."""

    names = ("Normalization",)
    signature = "axis=-1, mean=None, variance=None, invert=False"

    def write(self, call: Call) -> Value:
        settings = call.settings
        if settings.value("mean") is not None:
            return call.op("scale", call.x, shift=True, fixed=True)
        if settings.value("axis") is None:
            raise settings.refused("axis", "one mean of all values is not read")
        x = _over_channels(call)
        return call.op("bn", x, scale=False, shift=False, extra_buffers=format_tensors({"count": (1,)}))


class Rescaling(LayerClass):
    """Values times a number, and one added."""

    names = ("Rescaling",)
    signature = "scale, offset=0.0"

    def write(self, call: Call) -> Value:
        settings = call.settings
        if isinstance(settings.value("scale"), Sequence) or isinstance(settings.value("offset"), Sequence):
            return call.op("scale", call.x, shift=True, fixed=True)
        x, factor, offset = call.x, settings.real("scale"), settings.real("offset")
        if factor != 1:
            x = call.op("times", x, factor=factor)
        return x if not offset else call.op("map", x, function="add", a=offset)


class LayerScale(LayerClass):
    """A learned factor for each channel, as ConvNeXt has it."""

    names = ("LayerScale",)
    signature = "init_values, projection_dim"

    def write(self, call: Call) -> Value:
        return call.op("scale", call.x)
