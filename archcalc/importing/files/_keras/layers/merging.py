"""Layers that merge tensors."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite

from ..calls import Call, Value
from ..vocabulary import LayerClass


def alike(call: Call) -> list[Value]:
    """Return what arrives, two tensors or more, with their axes in one order. Raises SpecError."""
    values = call.values
    if len(values) < 2:
        raise call.refused("it merges two tensors or more")
    if len({value.channels_first for value in values if len(value.shape) > 1}) > 1:
        values = [call.in_order(value) for value in values]
    return values


class Sums(LayerClass):
    """Sums, products and means."""

    names = ("Add", "Multiply", "Average")
    at_each_step = True
    signature = ""

    def write(self, call: Call) -> Value:
        kind = call.layer.class_name
        if kind != "Average" and len(call.values) == 1 and len(call.positional) == 2:
            # The operation of that name, of a tensor and a number: ``x + 3``.
            number = next((one for one in call.positional if isinstance(one, (int, float))), None)
            if number is None or isinstance(number, bool) or not isfinite(number):
                raise call.refused("it is of a tensor and a number, or of tensors")
            exact = Fraction(repr(number))
            if kind == "Multiply":
                return call.op("times", call.x, factor=exact)
            return call.op("map", call.x, function="add", a=exact)
        values = alike(call)
        put_out = call.op("mul" if kind == "Multiply" else "add", *values)
        if kind == "Average":
            put_out = call.op("times", put_out, factor=Fraction(1, len(values)))
        return put_out


class CustomScaleLayer(LayerClass):
    """A tensor, and another times a number: Inception-ResNet's residuals."""

    names = ("CustomScaleLayer",)
    signature = "scale"

    def write(self, call: Call) -> Value:
        first, second = alike(call)[:2]
        scaled = call.op("times", second, part="scaled", factor=call.settings.real("scale"))
        return call.op("add", first, scaled)


class Pairs(LayerClass):
    """Differences, and the largest or smallest of several."""

    names = ("Subtract", "Maximum", "Minimum")
    at_each_step = True
    signature = ""

    def write(self, call: Call) -> Value:
        first, *others = alike(call)
        function = {"Subtract": "sub", "Maximum": "max", "Minimum": "min"}[call.layer.class_name]
        if function == "sub" and len(others) > 1:
            raise call.refused("it is of two tensors")
        for number, other in enumerate(others):
            part = f"{number + 1}" if number + 1 < len(others) else ""
            first = call.op("map", first, other, part=part, function=function)
        return first


class Concatenate(LayerClass):
    """Tensors side by side along an axis."""

    names = ("Concatenate",)
    at_each_step = True
    signature = "axis=-1"

    def write(self, call: Call) -> Value:
        values = alike(call)
        axis = call.spec_axis(values[0], call.settings.axis("axis", values[0].rank))
        return call.op("concat", *values, axis=-1 if axis == len(values[0].shape) - 1 else axis)
