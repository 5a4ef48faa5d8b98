"""Normalisation, and layers that scale."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .....ops.attributes import Word
from .....ops.stated import format_tensors
from ..calls import Call, Value, per_axis
from ..settings import shown
from ..vocabulary import LayerClass


def _over_channels(call: Call, name: str = "axis") -> tuple[Value, str]:
    """What arrives with the axes of a norm as its channels, and the pattern that brings them back.

    Raises:
        SpecError: For axes that are not there.
    """
    x = call.x
    axes = call.settings.axes(name, x.rank)
    if axes == (1,) and not x.channels_first and x.rank > 2:
        return call.channels_last(x, True), ""
    return together(call, x, [call.spec_axis(x, axis) for axis in axes])


def together(call: Call, x: Value, axes: Sequence[int]) -> tuple[Value, str]:
    """Merge axes of the spec into the last one. Returns the pattern back too; empty where nothing moves."""
    if [*axes] == [len(x.shape) - 1]:
        return x, ""
    letters = "abcdefghijk"[: len(x.shape)]
    sized = [f"{one}={n}" for one, n in zip(letters, x.shape, strict=True)]
    front = [letters[at] for at in range(len(letters)) if at not in axes]
    last = [letters[at] for at in axes]
    joined = f"({' '.join(last)})" if len(last) > 1 else last[0]
    merged = call.op(
        "rearrange", x, part="axes", pattern=f"{' '.join(letters)} -> {' '.join([*front, joined])}"
    )
    split = f"({' '.join([sized[at] for at in axes])})" if len(last) > 1 else last[0]
    return merged, f"{' '.join([*front, split])} -> {' '.join(letters)}"


def _back(call: Call, x: Value, pattern: str) -> Value:
    """A tensor whose axes stand again as they arrived."""
    return call.op("rearrange", x, pattern=pattern) if pattern else x


class BatchNormalization(LayerClass):
    """Batch norm: gamma and beta are learned, the moving mean and variance stored."""

    names = ("BatchNormalization",)
    at_each_step = True
    signature = "axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True"

    def write(self, call: Call) -> Value:
        settings = call.settings
        x, back = _over_channels(call)
        put_out = call.op("bn", x, scale=settings.flag("scale"), shift=settings.flag("center"))
        return _back(call, put_out, back)


class LayerNormalization(LayerClass):
    """Layer norm over the channels of each position, or over other axes."""

    names = ("LayerNormalization",)
    at_each_step = True
    signature = "axis=-1, epsilon=0.001, center=True, scale=True, rms_scaling=False"

    def write(self, call: Call) -> Value:
        settings, rank = call.settings, call.x.rank
        scale, shift = settings.flag("scale"), settings.flag("center")
        if settings.flag("rms_scaling"):
            x, back = _over_channels(call)
            return _back(call, call.op("rmsnorm", x), back)
        if rank > 2 and not call.x.steps and settings.axes("axis", rank) == tuple(range(1, rank)):
            return call.op("layernorm", call.x, scale=scale, shift=shift, across=Word("all"))
        x, back = _over_channels(call)
        return _back(call, call.op("layernorm", x, scale=scale, shift=shift), back)


class RMSNormalization(LayerClass):
    """Root mean square norm over the channels of each position, or over other axes."""

    names = ("RMSNormalization",)
    at_each_step = True
    signature = "axis=-1, epsilon=1e-06"

    def write(self, call: Call) -> Value:
        x, back = _over_channels(call)
        return _back(call, call.op("rmsnorm", x), back)


def unit_length(call: Call, x: Value, axes: Sequence[int], part: str = "") -> Value:
    """Write what vectors along axes of the spec are, divided by their lengths."""
    squares = call.op("map", x, part=f"{part}squares", function="square")
    sums = call.op("reduce", squares, part=f"{part}sums", function="sum", axis=per_axis([*axes]), keep=True)
    bounded = call.op("map", sums, part=f"{part}bounded", function="max", a=Fraction(1, 10**24))
    roots = call.op("map", bounded, part=f"{part}lengths", function="rsqrt")
    return call.op("map", x, roots, part=part, function="mul")


class UnitNormalization(LayerClass):
    """Vectors that are divided by their lengths."""

    names = ("UnitNormalization",)
    at_each_step = True
    signature = "axis=-1"

    def write(self, call: Call) -> Value:
        x = call.x
        axes = call.settings.axes("axis", x.rank)
        return unit_length(call, x, sorted([call.spec_axis(x, axis) for axis in axes]))


class SpectralNormalization(LayerClass):
    """A layer whose weights are divided by their spectral norm in training; it stores a vector for that."""

    names = ("SpectralNormalization",)
    signature = "layer, power_iterations=1"

    def write(self, call: Call) -> Any:
        inner = call.settings.inner("layer")
        length = inner.config.get("output_dim", inner.config.get("filters", inner.config.get("units")))
        if inner.class_name.startswith("Depthwise"):
            length = inner.config.get("depth_multiplier", 1)
        elif inner.class_name.endswith("Transpose"):
            length = (
                call.x.sizes[0] if inner.config.get("data_format") == "channels_first" else call.x.sizes[-1]
            )
        elif inner.class_name.startswith("Separable") or not isinstance(length, int):
            raise call.settings.refused(
                "layer", f"{shown(inner.class_name)} with a spectral norm is not read"
            )
        return call.inner(inner, *call.values, stored={"vector_u": (1, int(length))})


class GroupNormalization(LayerClass):
    """Group norm; with -1 groups each channel is one."""

    names = ("GroupNormalization",)
    signature = "groups=32, axis=-1, epsilon=0.001, center=True, scale=True"

    def write(self, call: Call) -> Value:
        settings = call.settings
        x, back = _over_channels(call)
        groups = x.shape[-1] if settings.value("groups") == -1 else settings.count("groups")
        scale, shift = settings.flag("scale"), settings.flag("center")
        return _back(call, call.op("groupnorm", x, groups=groups, scale=scale, shift=shift), back)


class Normalization(LayerClass):
    """Values that are shifted and scaled by what was measured of the data: a mean, a variance and a count."""

    names = ("Normalization",)
    signature = "axis=-1, mean=None, variance=None, invert=False"

    def write(self, call: Call) -> Value:
        settings = call.settings
        if settings.value("mean") is not None:
            return call.op("scale", call.x, shift=True, fixed=True)
        count = format_tensors({"count": (1,)})
        if settings.value("axis") in (None, [], ()):
            letters = " ".join("abcdefghijk"[: len(call.x.shape)])
            x = call.op("rearrange", call.x, part="axes", pattern=f"{letters} -> {letters} 1")
            back = f"{letters} 1 -> {letters}"
        else:
            x, back = _over_channels(call)
        return _back(call, call.op("bn", x, scale=False, shift=False, extra_buffers=count), back)


class Rescaling(LayerClass):
    """Values times a number, and one added."""

    names = ("Rescaling",)
    at_each_step = True
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
