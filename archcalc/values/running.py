"""A network, run on literal values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..graph import Graph, Layer
from ..ops.attributes import OpError
from .given import INPUT, GivenTensors, TextPlaces, ValuesByLayer, sizes
from .steps import ALL, ALONE, AMONG_OTHERS, LayerSteps

# Significant digits of a float that hold, whatever was rounded on the way.
FLOAT_DIGITS = 12
# Of a larger input only what a unit reads is recorded.
SMALL = 4096


class LayerValues:
    """The values of a layer.

    Attributes:
        layer: The layer.
        inputs: The arrays that it reads, channels last.
        tensors: Its tensors by name, in PyTorch's layout, a kernel already flipped where that was asked for.
        output: What it puts out, channels last: dtype object where it holds exact numbers (ints, and
            Fractions that are not whole), float64 where it holds floats.
        assumed: The names of the tensors that were not given: biases of 0 and scales of 1.
        epsilon: What a normalisation added to a variance.
    """

    def __init__(
        self,
        layer: Layer,
        inputs: tuple[Any, ...],
        tensors: Mapping[str, Any],
        output: Any,
        assumed: tuple[str, ...],
        epsilon: Any,
    ):
        self.layer = layer
        self.inputs = inputs
        self.tensors = tensors
        self.output = output
        self.assumed = assumed
        self.epsilon = epsilon
        # The pool whose values this layer puts back, if it does so.
        self.pool: LayerValues | None = None
        self._steps: LayerSteps | None = None

    @property
    def exact(self) -> bool:
        """Whether every value is exact."""
        from ..arrays.exact import is_exact

        return is_exact(self.output)

    @property
    def digits(self) -> int | None:
        """Significant digits that hold; None where every value is exact."""
        return None if self.exact else FLOAT_DIGITS

    @property
    def steps(self) -> LayerSteps:
        """How each value was made, worked out when it is asked for."""
        if self._steps is None:
            self._steps = LayerSteps(self.output, lambda unit: record(self, unit))
        return self._steps

    def __repr__(self) -> str:
        return f"<LayerValues {self.layer.name}: {'x'.join(map(str, self.output.shape))}>"


def run(
    graph: Graph,
    inputs: Any,
    kernels: ValuesByLayer | None = None,
    biases: ValuesByLayer | None = None,
    statistics: ValuesByLayer | None = None,
    *,
    flip: bool = False,
    places: TextPlaces | None = None,
) -> list[LayerValues]:
    """Work out what every layer of a network puts out for literal values, at inference.

    Args:
        graph: The network. Its inputs have the shapes of the values.
        inputs: The values, channels last and without the batch: nested lists or an array; a mapping by name
            where the network has several inputs. Ints and Fractions stay exact.
        kernels: The weights by the name of the layer, in PyTorch's layout (filters x channels x height x
            width), the axes of filters and channels left out where these are one; ``layer.tensor`` names
            another tensor than the first. The key "" stands for the only layer that has weights.
        biases: The biases by layer: a value per filter, or one for all. 0 where none is given.
        statistics: What normalisations are given, by layer: a mapping with ``mean``, ``var``, ``gamma``,
            ``beta`` and ``eps``.
        flip: Whether kernels are turned round before they are applied: the convolution of mathematics.
        places: Where the text of each stands, by kind (``input``, ``kernel``, ``bias``, ``statistics``) and
            key: what errors point at.

    Returns:
        The values of the layers, in the order of the text.

    Raises:
        SpecError: For values that are missing or have another size, and layers without a rule for values.

    Example:
        >>> from archcalc.values import run
        >>> graph = archcalc.load("3x3x1 -> conv 2x2 1 -> relu").graph
        >>> image = [[[0], [1], [2]], [[3], [4], [5]], [[6], [7], [8]]]
        >>> [values.output[..., 0].tolist() for values in run(graph, image, {"conv1": [[0, 1], [2, -3]]})]
        [[[-5, -5], [-5, -5]], [[0, 0], [0, 0]]]
    """
    from ..arrays.exact import UnfitValueError

    given = GivenTensors(graph, kernels or {}, biases or {}, statistics or {}, places)
    known = dict(zip(graph.inputs, _inputs(graph, inputs, given), strict=True))
    found: list[LayerValues] = []
    for layer in graph.layers:
        tensors, assumed = given.tensors(layer)
        if flip:
            tensors = flipped(layer, tensors)
        arriving = tuple([known[source] for source in layer.inputs])
        values = LayerValues(layer, arriving, tensors, None, assumed, given.epsilon(layer))
        if layer.op.takes_maxima:
            values.pool = pool_before(found, arriving[0].shape)
        try:
            values.output = known[layer] = evaluate(values)
        except UnfitValueError as error:
            raise given.error(INPUT, "", f"{layer.name}: {error}") from None
        except OpError as error:
            raise given.error(
                INPUT, "", f"{layer.name}: {error.message}", code=error.code, help=error.help
            ) from None
        found.append(values)
    return found


def evaluate(values: LayerValues) -> Any:
    """Return the output of one layer."""
    from ..arrays.calculation import Calculation
    from ..arrays.exact import tidied

    calc = Calculation(values.tensors, epsilon=values.epsilon, maxima=_maxima(values))
    return tidied(values.layer.op.evaluate(calc, *values.inputs))


def record(values: LayerValues, unit: tuple[int, ...]) -> tuple[Any, str]:
    """Return the output of one layer as records of how it was made.

    Args:
        values: The values of the layer.
        unit: The position that is wanted.

    Returns:
        The records, and how far they reach: ALL, AMONG_OTHERS or ALONE.
    """
    from ..arrays.calculation import Calculation
    from ..arrays.recorded import arrived, arrived_at

    op, facts, inputs = values.layer.op, values.layer.facts, values.inputs
    calc = Calculation(values.tensors, unit, epsilon=values.epsilon, recording=True, maxima=_maxima(values))
    if op.by_value and facts.pointwise and not values.tensors and unit:
        here = tuple([slice(at, at + 1) for at in unit])
        return op.evaluate(calc, *[arrived(x[here], n, unit) for n, x in enumerate(inputs)]), ALONE
    if isinstance(facts.windows, tuple) and facts.windows and inputs[0].size > SMALL:
        read = [
            [at for part in w.positions(i, n) for at in part]
            for w, i, n in zip(facts.windows, unit, inputs[0].shape, strict=False)
        ]
        found = op.evaluate(calc, *[arrived_at(x, n, read) for n, x in enumerate(inputs)])
        return found, ALONE if calc.narrowed else AMONG_OTHERS
    found = op.evaluate(calc, *[arrived(x, n) for n, x in enumerate(inputs)])
    return found, ALONE if calc.narrowed else ALL


def pool_before(found: list[LayerValues], shape: tuple[int, ...]) -> LayerValues | None:
    """The last pool of maxima that put out such an array."""
    pools = [at for at in found if at.layer.op.finds_maxima and at.output.shape == shape]
    return pools[-1] if pools else None


def _maxima(values: LayerValues) -> tuple[Any, tuple[int, ...]] | None:
    """Where the pool whose values a layer puts back found them, and the sizes of what it pooled."""
    from ..arrays.patches import places_of_maxima

    if values.pool is None:
        return None
    (x,), windows = values.pool.inputs, values.pool.layer.facts.windows
    return places_of_maxima(x, windows), x.shape[:-1]  # type: ignore[arg-type]


def flipped(layer: Layer, tensors: dict[str, Any]) -> dict[str, Any]:
    """The tensors of a convolution with its kernels turned round along every axis of positions."""
    if not layer.op.is_convolution:
        return tensors
    axes = tuple(range(-(len(layer.inputs[0].output) - 1), 0))
    import numpy as np

    return {**tensors, "weight": np.flip(tensors["weight"], axes)}


def _inputs(graph: Graph, inputs: Any, given: GivenTensors) -> list[Any]:
    from ..arrays.exact import array_of

    named = inputs if isinstance(inputs, Mapping) else {graph.inputs[0].name: inputs}
    arrays = []
    for source in graph.inputs:
        if source.name not in named:
            raise given.error(INPUT, source.name, f"the input {source.name} has no values")
        try:
            array = array_of(named[source.name])
        except (TypeError, ValueError) as error:
            raise given.error(INPUT, source.name, f"the input cannot be read: {error}") from None
        if array.shape != tuple(source.output):
            raise given.error(
                INPUT, source.name, f"the input is {sizes(array.shape)}, the network reads {source.output}"
            )
        arrays.append(array)
    return arrays
