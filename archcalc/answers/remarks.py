"""What a student adds to an answer, ``27 (stride 8)``: numbers that are true of the layer say nothing
against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import prod
from typing import Any

from ..analysis.totals import DTYPES
from .question import Question


def agree(numbers: Iterable[Fraction | int], asked: Question) -> bool:
    """Tell whether all numbers of a remark are true of what is asked about."""
    left = {Fraction(number) for number in numbers}
    return not left or left <= _facts(asked)


def _facts(asked: Question) -> set[Fraction]:
    """The sizes, settings and distances of a layer, and what a value takes. The counts are not among
    them: a second count is a second answer."""
    width = DTYPES[asked.summary.dtype]
    found: set[Any] = {asked.summary.batch, width, 8, 8 * width}
    for image in asked.graph.inputs:
        found |= set(image.output)
    if asked.layer is not None:
        layer = asked.layer
        for volume in (layer.output, *(above.output for above in layer.inputs)):
            found |= set(volume)
        if asked.quantity in ("output", "size"):
            found.add(prod(layer.output))
        for name in layer.op.attributes:
            found |= set(_whole(layer.op.argument(name)))
        extent = asked.summary.fields.main(layer)
        if extent is not None and asked.quantity != "rf":
            found |= set(_whole(extent.size))
        if extent is not None:
            found |= set(_whole(extent.stride))
    return {Fraction(number) for number in found}


def _whole(value: Any) -> Iterator[int | Fraction]:
    """The numbers of a setting, which may be one per axis, or no number."""
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, (int, Fraction)) and not isinstance(one, bool):
            yield one
