"""Normalisation, learned scales and biases.

Sources: src/caffe/layers/lrn_layer.cpp, batch_norm_layer.cpp, scale_layer.cpp, bias_layer.cpp, mvn_layer.cpp;
normalize_layer.cpp of SSD, bn_layer.cpp of SegNet and PSPNet, axpy_layer.cpp of SENet.
"""

from __future__ import annotations

from .....ops.attributes import Size, Word
from ..blobs import Blob
from ..calls import CaffeCall
from ..vocabulary import LayerType


class LocalResponse(LayerType):
    """Local response normalisation."""

    types = ("LRN",)
    param = "lrn_param"

    def write(self, call: CaffeCall) -> Blob:
        settings = call.settings
        regions = ("ACROSS_CHANNELS", "WITHIN_CHANNEL")
        within = settings.word("norm_region", regions, "ACROSS_CHANNELS") == "WITHIN_CHANNEL"
        size = settings.number("local_size", 5, 1)
        if size % 2 == 0:
            raise call.refused(f"`local_size` is odd, and not {size}", "local_size")
        return call.op(
            "lrn",
            call.map(call.x),
            size=size,
            across=Word("positions") if within else None,
            alpha=settings.decimal("alpha", "1"),
            beta=settings.decimal("beta", "0.75"),
            k=settings.decimal("k", "1"),
        )


class CaffeBatchNorm(LayerType):
    """Batch norm: a mean and a variance, and no learned values, which only a fork has."""

    types = ("BatchNorm",)
    param = "batch_norm_param"

    def write(self, call: CaffeCall) -> Blob:
        learned = call.settings.true("scale_bias", False)
        return call.op("bn", call.map(call.x), scale=learned, shift=learned)


class LearnedBatchNorm(LayerType):
    """Batch norm with its scale and shift, of forks for segmentation."""

    types = ("BN",)
    param = "bn_param"

    def write(self, call: CaffeCall) -> Blob:
        return call.op("bn", call.map(call.x), frozen=call.settings.true("frozen", False) or None)


def per_which(call: CaffeCall, x: Blob) -> tuple[Blob, str]:
    """Return for which values a layer has a learned one of its own, and the blob as such an op reads it.

    Raises:
        SpecError: For axes that no op has.
    """
    rank = len(x.axes)
    axis = call.axis(x)
    count = call.settings.number("num_axes", 1, -1)
    if count == 0:
        return x, "single"
    end = rank if count == -1 else axis + count
    if end > rank:
        raise call.refused(f"{x.text} has no {count} axes from axis {axis} on", "num_axes")
    covered = range(axis, end)
    if any(x.axes[at] is None for at in covered):
        raise call.refused("it has values of its own for each image of a batch", "axis")
    rest = [at for at, place in enumerate(x.axes) if place is not None and at not in covered]
    if not rest and len(covered) > 1:
        return (call.map(x) if x.axes[0] is None else call.plain(x)), "all"
    if len(covered) == 1:
        return call.arranged(x, [*rest, axis]), "channel"
    if rest == [1]:
        return call.map(x), "position"
    raise call.refused("values of its own along several axes, and not along others, are not read", "num_axes")


class Scaling(LayerType):
    """A learned factor per channel, or what a second blob holds."""

    types = ("Scale",)
    param = "scale_param"

    def write(self, call: CaffeCall) -> Blob:
        bias = call.settings.true("bias_term", False)
        if len(call.blobs) == 2:
            made = spread(call, "mul")
            if bias:
                raise call.refused("a bias behind a factor that is computed is not read", "bias_term")
            return made
        x, per = per_which(call, call.x)
        return call.op(
            "scale",
            x,
            shift=bias,
            per=None if per == "channel" else Word(per),
            frozen=call.layer.frozen(1 + bias),
        )


class Shifting(LayerType):
    """A learned bias per channel, or what a second blob holds."""

    types = ("Bias",)
    param = "bias_param"

    def write(self, call: CaffeCall) -> Blob:
        if len(call.blobs) == 2:
            return spread(call, "add")
        x, per = per_which(call, call.x)
        return call.op("bias", x, per=None if per == "channel" else Word(per), frozen=call.layer.frozen(1))


def spread(call: CaffeCall, word: str) -> Blob:
    """Return the sum or product of two blobs, the second of which is spread from an axis of the first on.

    Raises:
        SpecError: Where their sizes do not fit.
    """
    x, other = call.blobs
    axis = call.axis(x)
    if len(x.axes) == len(other.axes):
        x = call.map(x)
        other = call.map(other)
        return call.op(word, x, other)
    end = axis + len(other.axes)
    if axis == 0 and other.axes[0] is None and len(other.axes) == 2:
        return call.op(word, call.map(x), other)  # a value for each channel
    raise call.refused(
        f"{other.text} beside {x.text} from axis {axis} to {end} on is not read",
        call.layer.message.place("bottom"),
    )


class GateAndSum(LayerType):
    """A gate on the channels of one blob, to which another one is added."""

    types = ("Axpy",)

    def write(self, call: CaffeCall) -> Blob:
        if len(call.blobs) != 3:
            raise call.refused(f"it reads three blobs, and {len(call.blobs)} arrive")
        gate, x, y = [call.map(blob) for blob in call.blobs]
        if len(gate.written.output) > 1:
            gate = call.op("flatten", gate, part="gate", axes=(None, 0))
        gated = call.op("mul", x, gate, part="gated")
        return call.op("add", gated, y)


class MeanAndVariance(LayerType):
    """Each channel, or all values, less their mean and over their deviation."""

    types = ("MVN",)
    param = "mvn_param"

    def write(self, call: CaffeCall) -> Blob:
        x = call.map(call.x)
        together = call.settings.true("across_channels", False)
        if call.settings.true("normalize_variance", True):
            if together:
                return call.op("groupnorm", x, groups=1, affine=False)
            return call.op("instancenorm", x)
        count = len(x.written.output)
        along = range(count if together else count - 1)
        mean = call.op("reduce", x, part="mean", function=Word("mean"), axis=Size(tuple(along)), keep=True)
        return call.op("map", x, mean, function=Word("sub"))


class LengthOfChannels(LayerType):
    """Each position over the length of its channels, times learned factors."""

    types = ("Normalize",)
    param = "norm_param"

    def write(self, call: CaffeCall) -> Blob:
        settings, x = call.settings, call.map(call.x)
        everywhere = settings.true("across_spatial", True)
        axes = tuple(range(len(x.written.output))) if everywhere else (len(x.written.output) - 1,)
        length = call.op(
            "reduce",
            x,
            part="length",
            function=Word("norm"),
            axis=axes[0] if len(axes) == 1 else Size(axes),
            keep=True,
        )
        unit = call.op("map", x, length, part="unit", function=Word("div"))
        single = settings.true("channel_shared", True)
        return call.op("scale", unit, per=Word("single") if single else None, frozen=call.layer.frozen(1))
