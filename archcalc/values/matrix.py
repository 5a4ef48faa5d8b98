"""A layer as a matrix: a row for each output, a column for each input, most of it zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..diagnostics import Diagnostic, SpecError
from .steps import LayerSteps

if TYPE_CHECKING:
    from .running import LayerValues


class LayerMatrix(NamedTuple):
    """What a linear layer multiplies its input by.

    The values of input and output stand in one vector each, channel by channel and row by row, as `flatten`
    puts them.

    Attributes:
        rows: How many outputs there are.
        columns: How many inputs.
        entries: What is not 0: the row, the column and the value, in the order of the rows.
        added: What is added to each output: the biases.
    """

    rows: int
    columns: int
    entries: tuple[tuple[int, int, Any], ...]
    added: tuple[Any, ...]

    def dense(self) -> list[list[Any]]:
        """Return all rows, zeros included."""
        made = [[0] * self.columns for _ in range(self.rows)]
        for row, column, value in self.entries:
            made[row][column] = value
        return made


def layer_matrix(values: LayerValues) -> LayerMatrix:
    """Return a layer as a matrix, from the rule that its values are worked out by.

    Args:
        values: The values of the layer.

    Raises:
        SpecError: Where the layer is no sum of its inputs times weights, or reads several tensors.

    Example:
        >>> from archcalc.values import layer_matrix, run
        >>> graph = archcalc.load("2x3x1 -> conv 2x2 1").graph
        >>> (layer,) = run(graph, [[[1], [2], [3]], [[4], [5], [6]]], {"conv1": [[1, 2], [3, 4]]})
        >>> layer_matrix(layer).dense()
        [[1, 2, 0, 3, 4, 0], [0, 1, 2, 0, 3, 4]]
    """
    from ..arrays.recorded import NonlinearError, coefficients

    layer = values.layer
    if len(values.inputs) != 1:
        raise SpecError(
            [Diagnostic("values", f"{layer.name} reads {len(values.inputs)} tensors, and not one")]
        )
    (x,), output = values.inputs, values.output
    entries, added = [], []
    for number, step in enumerate(_channel_by_channel(values.steps, output.shape)):
        try:
            factors, constant = coefficients(step)
        except NonlinearError:
            message = f"{layer.name} is no matrix: `{layer.op.name}` does more than multiply and add"
            raise SpecError([Diagnostic("values", message)]) from None
        columns = {_column(place, x.shape): factor for (_, place), factor in factors.items()}
        entries += [(number, at, columns[at]) for at in sorted(columns) if columns[at] != 0]
        added.append(constant)
    return LayerMatrix(output.size, x.size, tuple(entries), tuple(added))


def _channel_by_channel(steps: LayerSteps, shape: tuple[int, ...]) -> list[Any]:
    """The records of all cells, channel by channel."""
    import numpy as np

    return [steps.at((*at, channel)).record for channel in range(shape[-1]) for at in np.ndindex(shape[:-1])]


def _column(place: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """The number of a position where the values stand channel by channel."""
    found = place[-1]
    for at, n in zip(place[:-1], shape[:-1], strict=True):
        found = found * n + at
    return found
