"""A layer as a matrix: what it does to the values that arrive, where that is a sum of products."""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from ..diagnostics import fail
from .running import LayerValues

# Cells that such a matrix may have.
MOST_CELLS = 4_000_000


class LayerMatrix(NamedTuple):
    """The matrix of a layer: output = matrix · input + constant.

    Input and output are vectors, channel by channel and row by row.

    Attributes:
        matrix: A row for each value of the output, a column for each of the input.
        constant: What is added to each.
        input: The input as a vector.
        output: The output as a vector.
    """

    matrix: Any
    constant: Any
    input: Any
    output: Any

    @property
    def nonzero(self) -> int:
        """How many cells are not 0."""
        return int((self.matrix != 0).sum())


def layer_matrix(values: LayerValues) -> LayerMatrix:
    """Write a layer as a matrix.

    Args:
        values: The values of the layer, which reads one tensor.

    Raises:
        SpecError: For a layer that is no sum of products, and for one that is too large.

    Example:
        >>> from archcalc.values import run
        >>> from archcalc.values.as_matrix import layer_matrix
        >>> (layer,) = run(archcalc.load("3x1 -> conv 2 1").graph, [[5], [6], [7]], {"conv1": [1, -1]})
        >>> layer_matrix(layer).matrix.tolist()
        [[1, -1, 0], [0, 1, -1]]
    """
    import numpy as np

    from ..arrays.exact import tidied
    from ..arrays.recorded import NonlinearError, coefficients

    name = values.layer.text or values.layer.name
    if len(values.inputs) != 1:
        raise fail("argument", f"`{name}` reads several tensors: it is no one matrix")
    (x,), y = values.inputs, values.output
    if x.size * y.size > MOST_CELLS:
        raise fail(
            "limit", f"the matrix of `{name}` has {y.size:,} x {x.size:,} cells", "take a smaller input"
        )
    columns = {place: number for number, place in enumerate(_places(x.shape))}
    matrix = np.zeros((y.size, x.size), dtype=object)
    constant = np.zeros(y.size, dtype=object)
    for number, place in enumerate(_places(y.shape)):
        try:
            factors, constant[number] = coefficients(values.steps.at(place).record)
        except NonlinearError:
            raise fail("argument", f"`{name}` is no matrix: its values are no sums of products") from None
        for (_, at), factor in factors.items():
            matrix[number, columns[at]] = factor
    return LayerMatrix(tidied(matrix), tidied(constant), _vector(x), _vector(y))


def _places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The positions of an array, channels last, channel by channel."""
    *spatial, channels = shape
    return [(*at, c) for c in range(channels) for at in product(*map(range, spatial))]


def _vector(x: Any) -> Any:
    import numpy as np

    return np.moveaxis(x, -1, 0).ravel()
