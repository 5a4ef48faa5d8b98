"""The catalogue: what may be believed of a layer or a network, each belief in one place.

A new one is a function in a file of this folder: it takes a method and gives it back changed.
Nothing else has to be touched for it to be diagnosed, taught, marked and counted.
"""

from __future__ import annotations

from . import (  # noqa: F401
    calculated,
    channels,
    depths,
    fields,
    matrices,
    memory,
    operations,
    other_parameters,
    parameters,
    rooflines,
    sequences,
    sizes,
    totals,
    transposed,
)
from .belief import CATALOGUE, CONVENTION, ERROR, Belief, Variant, explanations

__all__ = ["CATALOGUE", "CONVENTION", "ERROR", "Belief", "Variant", "explanations"]
