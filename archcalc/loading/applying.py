"""Layers that are applied to a matrix that somebody types, and the shape in which they read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ..arithmetic import value_of
from ..diagnostics import SpecError, fail
from ..language.lexer import ARROW
from ..language.library import Library
from ..language.spelling import ops_called
from ..shape import Shape
from . import with_all_ops
from .chain_kernels import ChainKernels
from .chain_kernels import GivenMatrix as GivenMatrix

if TYPE_CHECKING:
    from ..graph import Graph
    from ..values import LayerValues

# Values that all layers together may put out, and multiplications that they may take.
MOST_VALUES = 50_000_000
MOST_PRODUCTS = 5_000_000_000

_HEAD = re.compile(r"\s*(\d+(?:\s*[x×*]\s*\d+)*)\s*(?:" + ARROW.pattern + ")")


class Applied(NamedTuple):
    """Layers that were applied to a matrix.

    Attributes:
        graph: The layers.
        input: The matrix, in the shape in which the layers read it.
        values: What each layer puts out.
        sequence: Whether arrays of two axes are sequences, a row for each position; else each is a signal,
            a row for each channel.
    """

    graph: Graph
    input: Any
    values: list[LayerValues]
    sequence: bool = False


def apply_layers(
    layers: str,
    matrix: Any,
    kernels: Sequence[GivenMatrix] = (),
    biases: Sequence[GivenMatrix] = (),
    statistics: Sequence[GivenMatrix] = (),
    *,
    flip: bool = False,
    library: Library | None = None,
) -> Applied:
    """Apply layers to a matrix.

    Args:
        layers: A layer or a chain, as in the language; the number of filters may be left out, and of a
            single convolution the size of its kernel too.
        matrix: An array of rows x columns x channels, as ``matrices.read_matrix`` gives it.
        kernels: A kernel for each filter: rows x columns x channels. Without the name of a layer they go to
            the layers in their order.
        biases: Numbers, one for all filters or one for each.
        statistics: What normalisations are given; ``layer`` is the name of the statistic, behind that of the
            layer and a point where there are several: ``bn2.mean``.
        flip: Whether kernels are turned round first: the convolution of mathematics.
        library: Where blocks are from.

    Returns:
        The layers with what they put out.

    Raises:
        SpecError: For layers that have faults, and for numbers that are missing or too many.

    Example:
        >>> from archcalc.loading.applying import GivenMatrix, apply_layers
        >>> from archcalc.loading.matrices import read_matrix
        >>> image, kernel = read_matrix("0 1 2;3 4 5;6 7 8"), read_matrix("0 1;2 3")
        >>> apply_layers("conv 2x2", image, [GivenMatrix("", kernel)]).values[-1].output[..., 0].tolist()
        [[19, 25], [37, 43]]
    """
    from ..values import run

    known = library or Library()
    graph, source, weights = with_all_ops(lambda: _fitting(layers, matrix, kernels, known))
    _within_limits(graph)
    values = run(graph, source, weights, _biases(graph, biases), _statistics(statistics), flip=flip)
    return Applied(graph, source, values, source.ndim != 2 or matrix.shape[0] > 1)


class Composition(NamedTuple):
    """Kernels that follow each other, and the one kernel that does the same.

    Attributes:
        kernels: Those of each layer, filters x rows x columns x channels.
        output: The one kernel, in the same order of axes.
        steps: The last step for each channel of the input: kernels before it are the map, its own the kernel.
    """

    kernels: list[Any]
    output: Any
    steps: list[Applied]

    @property
    def single(self) -> bool:
        """Whether there is one filter and one channel everywhere."""
        return all(kernels.shape[0] == kernels.shape[3] == 1 for kernels in self.kernels)


def composed(kernels: Sequence[Any], *, library: Library | None = None) -> Composition:
    """Make one kernel of several that follow each other, with stride 1: their convolution, of full size.

    With several channels, the kernel from a channel of the input to a filter of the last layer is the sum
    over the channels between of the convolutions on the way.

    Args:
        kernels: One array for each layer, the first layer first: a filter, rows x columns x channels, or
            filters x rows x columns x channels.
        library: Where blocks are from.

    Returns:
        The kernels, the one kernel, and how it was made.

    Raises:
        SpecError: For fewer than two kernels, and where one does not read what the one before puts out.

    Example:
        >>> from archcalc.loading.applying import composed
        >>> from archcalc.loading.matrices import read_matrix
        >>> composed([read_matrix("1;3;2"), read_matrix("3 0 1")]).output[0, :, :, 0].tolist()
        [[3, 0, 1], [9, 0, 3], [6, 0, 2]]
        >>> two = read_matrix("1 2")[None], read_matrix("0 1")[None]
        >>> import numpy as np
        >>> composed([np.concatenate(two), read_matrix("1 0|0 1")]).output[0, :, :, 0].tolist()
        [[1, 2, 1]]
    """
    import numpy as np

    if len(kernels) < 2:
        raise fail("usage", "--compose takes two kernels or more", "as in --compose '1;3;2' '3 0 1'")
    banks = [kernel if kernel.ndim == 4 else kernel[None] for kernel in kernels]
    for number, (before, bank) in enumerate(pairwise(banks), 1):
        if before.shape[0] != bank.shape[3]:
            sizes = f"{bank.shape[3]} channels, kernel {number} {before.shape[0]} filters"
            raise fail(
                "matrix", f"kernel {number + 1} has {sizes}", "channels are parted by `|`, filters by `||`"
            )
    found, *rest = banks
    for bank in rest:
        _, height, width, _ = bank.shape
        layer = f"conv {height}x{width} pad={height - 1}x{width - 1}"
        weight = GivenMatrix("", np.moveaxis(bank, -1, 1))
        maps = [np.moveaxis(found[:, :, :, at], 0, -1) for at in range(found.shape[3])]
        steps = [apply_layers(layer, one, [weight], flip=True, library=library) for one in maps]
        found = np.stack([np.moveaxis(step.values[-1].output, -1, 0) for step in steps], -1)
    return Composition(banks, found, steps)


def given_matrix(text: str, role: str, read: Callable[[str], Any]) -> GivenMatrix:
    """Read a matrix that stands behind the name of a layer, or alone: ``conv2=1 0;0 1``.

    Args:
        text: The matrix, behind a name and ``=`` or alone.
        role: What the matrix is, for messages: ``--kernel``.
        read: Reads the matrix.

    Raises:
        SpecError: For what is no matrix.

    Example:
        >>> from archcalc.loading.applying import given_matrix
        >>> from archcalc.loading.matrices import read_matrix
        >>> given_matrix("conv2=1 0;0 1", "--kernel", read_matrix).layer
        'conv2'
    """
    name, sign, values = text.partition("=")
    if not sign or not name.strip().replace(".", "_").replace("-", "_").isidentifier():
        if role.endswith("statistics"):
            raise fail("argument", f"`{role} {text}` is not NAME=NUMBERS", f"as in {role} mean=1,2")
        name, values = "", text
    return GivenMatrix(name.strip(), read(values))


# The shape of the matrix --------------------------------------------------------------------------


def _fitting(
    layers: str, matrix: Any, kernels: Sequence[GivenMatrix], library: Library
) -> tuple[Graph, Any, dict[str, Any]]:
    """The layers on the first reading of the matrix that they take. Raises SpecError: that of the first."""
    head = _HEAD.match(layers)
    stated = Shape(int(n) for n in re.findall(r"\d+", head[1])) if head is not None else None
    body = layers[head.end() :] if head is not None else layers
    if not body.strip():
        raise fail("usage", "LAYERS is empty", 'as in archcalc apply "conv 3x3" "1 2 0;0 1 1;2 1 0" …')
    readings = list(_readings(body, matrix))
    if stated is not None:
        readings = [reading for reading in readings if reading.shape == stated]
        if not readings:
            size = "x".join(map(str, matrix.shape))
            raise fail("shape", f"the matrix is {size}, the layers begin with {stated}")
    first: SpecError | None = None
    for reading in readings:
        text = f"{'x'.join(map(str, reading.shape))} -> {body.strip()}"
        try:
            graph, weights = ChainKernels(text, kernels, library).graph()
            return graph, reading, weights
        except SpecError as error:
            first = first or error
    assert first is not None
    raise first


def _readings(layers: str, matrix: Any) -> Iterator[Any]:
    """The matrix in the shapes in which layers may read it, the likeliest first.

    A row is a vector to what reads vectors, and to windows a map of height 1, or a signal. The rows of a
    matrix are the positions of a sequence to what works on each of them.
    """
    if matrix.ndim != 3:
        raise fail("matrix", f"MATRIX has {matrix.ndim} axes: it is rows x columns x channels")
    height, _, channels = matrix.shape
    kind = _first_that_decides(layers)
    row = height == 1
    if row and channels == 1 and kind != "windows":
        yield matrix[0, :, 0]
    if channels == 1 and kind == "rows":
        yield matrix[:, :, 0]
    yield matrix
    if row:
        yield matrix[0]
    if row and channels == 1 and kind == "windows":
        yield matrix[0, :, 0]


def _first_that_decides(layers: str) -> str:
    """How the first layer that is no activation reads a matrix: ``windows`` over it, its ``rows``, or ""."""
    for word in re.findall(r"(?:^|->|\()\s*(?:\w+\s*:\s*)?([A-Za-z_]\w*)", ARROW.sub("->", layers)):
        for op in ops_called(word):
            if "kernel" in op.attributes or "factor" in op.attributes:
                return "windows"
            if op.rows_are_positions or op.holds_states:
                return "rows"
            if not op.by_value:
                return ""
    return ""


# Biases and statistics ----------------------------------------------------------------------------


def _biases(graph: Graph, biases: Sequence[GivenMatrix]) -> dict[str, Any]:
    """The biases by layer: a number for all filters, or one for each. Raises SpecError."""
    import numpy as np

    found: dict[str, list[Any]] = {}
    for name, values in biases:
        found.setdefault(name, []).append(values.ravel())
    made = {}
    for name, parts in found.items():
        numbers = np.concatenate(parts)
        made[name] = numbers.reshape(()) if numbers.size == 1 else numbers
    return made


def _statistics(statistics: Sequence[GivenMatrix]) -> dict[str, dict[str, Any]]:
    """The statistics by layer and name."""
    found: dict[str, dict[str, Any]] = {}
    for path, values in statistics:
        layer, _, name = path.rpartition(".")
        numbers = values.ravel()
        single = name in ("eps", "epsilon")
        if single and numbers.size != 1:
            raise fail("matrix", f"--statistics {path} is one number, not {numbers.size}")
        found.setdefault(layer, {})[name] = numbers.item() if single else numbers
    return found


def _within_limits(graph: Graph) -> None:
    """Refuse what would take for ever. Raises SpecError."""
    values = products = 0
    for layer in graph.layers:
        values += int(value_of(layer.output.values))
        counts = layer.facts.operations
        products += 0 if counts is None else int(value_of(counts.mul_add))
        if values > MOST_VALUES:
            raise fail("limit", f"{layer.name} puts out {layer.output}: more than {MOST_VALUES:,} values")
        if products > MOST_PRODUCTS:
            raise fail("limit", f"up to {layer.name} there are more than {MOST_PRODUCTS:,} multiplications")
