"""Which cells of layers are written out where nobody names them all."""

from __future__ import annotations

from collections.abc import Sequence

from .running import LayerValues
from .steps import CellStep

# Values of an input, above which a step is worked out only where somebody asks for it; channels of a cell
# that are written out where it is asked for, and where it is not.
MOST_UNASKED = 20_000
ASKED, UNASKED = 64, 4


def steps_at(values: LayerValues, unit: tuple[int, ...], channels: int = ASKED) -> list[CellStep]:
    """Return how the cells at a position of a layer's output were made: one for each channel, up to so many.

    Args:
        values: The values of the layer.
        unit: The position without the channel; of a vector the number of a value.
        channels: The most channels.
    """
    if len(unit) == values.output.ndim:
        return [values.steps.at(unit)]
    return [values.steps.at((*unit, at)) for at in range(min(values.output.shape[-1], channels))]


def first_steps(layers: Sequence[LayerValues]) -> list[list[CellStep]]:
    """Return how the first cell of each layer was made; none of a layer whose input is large."""
    return [
        steps_at(values, (0,) * (values.output.ndim - 1), UNASKED)
        if sum(x.size for x in values.inputs) <= MOST_UNASKED
        else []
        for values in layers
    ]
