"""Layers that take a function of each value.

Sources: the layers of these names in src/caffe/layers/ of https://github.com/BVLC/caffe.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from .....ops.attributes import Word
from ..blobs import Blob
from ..calls import CaffeCall
from ..vocabulary import LayerType


class FunctionWithoutSettings(LayerType):
    """Functions without settings."""

    types = ("Sigmoid", "TanH", "AbsVal", "BNLL", "ReLU6")
    ops: ClassVar[Mapping[str, str]] = {
        "Sigmoid": "sigmoid",
        "TanH": "tanh",
        "BNLL": "softplus",
        "ReLU6": "relu6",
    }

    def write(self, call: CaffeCall) -> Blob:
        word = call.layer.word
        if word == "AbsVal":
            return call.op("map", call.x, function=Word("abs"))
        return call.op(self.ops[word], call.x)


class Rectifier(LayerType):
    """A rectifier, with a slope below 0 if it has one."""

    types = ("ReLU",)
    param = "relu_param"

    def write(self, call: CaffeCall) -> Blob:
        slope = call.settings.decimal("negative_slope", "0")
        return call.op("leaky_relu", call.x, slope=slope) if slope else call.op("relu", call.x)


class LearnedSlope(LayerType):
    """A rectifier whose slope below 0 is learned."""

    types = ("PReLU",)
    param = "prelu_param"

    def write(self, call: CaffeCall) -> Blob:
        shared = call.settings.true("channel_shared", False)
        return call.op("prelu", call.map(call.x), shared=shared, frozen=call.layer.frozen(1))


class Exponential(LayerType):
    """An exponential linear unit."""

    types = ("ELU",)
    param = "elu_param"

    def write(self, call: CaffeCall) -> Blob:
        return call.op("elu", call.x, alpha=call.settings.decimal("alpha", "1"))


class Swish(LayerType):
    """The value times its sigmoid."""

    types = ("Swish",)
    param = "swish_param"

    def write(self, call: CaffeCall) -> Blob:
        beta = call.settings.decimal("beta", "1")
        if beta == 1:
            return call.op("silu", call.x)
        gate = call.op("times", call.x, part="beta", factor=beta)
        gate = call.op("sigmoid", gate, part="gate")
        return call.op("mul", call.x, gate)


class Clip(LayerType):
    """The value within two bounds."""

    types = ("Clip",)
    param = "clip_param"

    def write(self, call: CaffeCall) -> Blob:
        low, high = [call.settings.decimal(name, "0") for name in ("min", "max")]
        return call.op("map", call.x, function=Word("clamp"), a=low, b=high)


class AboveThreshold(LayerType):
    """1 above a threshold, and 0 elsewhere."""

    types = ("Threshold",)
    param = "threshold_param"

    def write(self, call: CaffeCall) -> Blob:
        return call.op("map", call.x, function=Word("gt"), a=call.settings.decimal("threshold", "0"))


class CaffeDropout(LayerType):
    """Dropout, which does nothing at inference."""

    types = ("Dropout", "SpatialDropout")
    param = "dropout_param"

    def write(self, call: CaffeCall) -> Blob:
        ratio = call.settings.decimal("dropout_ratio", "0.5")
        if not 0 <= ratio <= 1:
            raise call.refused("`dropout_ratio` lies between 0 and 1", "dropout_ratio")
        return call.op("dropout", call.x, p=ratio)


class CaffeSoftmax(LayerType):
    """A softmax along an axis."""

    types = ("Softmax",)
    param = "softmax_param"

    def write(self, call: CaffeCall) -> Blob:
        x = call.x
        at = call.place(x, call.axis(x))
        return call.op("softmax", x, axis=None if at == len(x.written.output) - 1 else at)


def linear_before(call: CaffeCall) -> Blob:
    """Return shift + scale times what arrives; as it is where that is 0 + 1 times. Raises SpecError."""
    x = call.x
    scale, shift = call.settings.decimal("scale", "1"), call.settings.decimal("shift", "0")
    if scale != 1:
        x = call.op("times", x, factor=scale)
    if shift:
        x = call.op("map", x, function=Word("add"), a=shift)
    return x


class Power(LayerType):
    """(shift + scale * x) ^ power."""

    types = ("Power",)
    param = "power_param"

    def write(self, call: CaffeCall) -> Blob:
        power = call.settings.decimal("power", "1")
        made = linear_before(call)
        if power != 1:
            return call.op("map", made, function=Word("pow"), a=power)
        return call.op("identity", made) if made is call.x else made


class ExponentialOfBase(LayerType):
    """base ^ (shift + scale * x); the base -1 is e."""

    types = ("Exp",)
    param = "exp_param"

    def write(self, call: CaffeCall) -> Blob:
        base = call.settings.decimal("base", "-1")
        made = linear_before(call)
        if base == -1:
            return call.op("map", made, function=Word("exp"))
        if base <= 0:
            raise call.refused("`base` is -1, or larger than 0", "base")
        return call.op("map", made, function=Word("rpow"), a=base)


class LogarithmOfBase(LayerType):
    """The logarithm of shift + scale * x; the base -1 is e."""

    types = ("Log",)
    param = "log_param"

    def write(self, call: CaffeCall) -> Blob:
        base = call.settings.decimal("base", "-1")
        made = linear_before(call)
        words = {Fraction(-1): "log", Fraction(2): "log2", Fraction(10): "log10"}
        if base in words:
            return call.op("map", made, function=Word(words[base]))
        if base <= 0 or base == 1:
            raise call.refused("`base` is -1, or larger than 0 and not 1", "base")
        made = call.op("map", made, function=Word("log"))
        return call.op("times", made, factor=Fraction(f"{1 / math.log(base):.9f}"))
