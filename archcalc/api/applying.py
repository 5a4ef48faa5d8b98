"""Layers on literal values: what ``archcalc.apply()`` gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .text import Report

if TYPE_CHECKING:
    from ..loading.applying import Applied, GivenMatrix
    from ..report.flat import FlatTable
    from ..report.screens.apply import LayerView
    from ..report.sheet import Sheet, Space
    from ..values import LayerValues


class AppliedLayers(Report):
    """What ``archcalc.apply()`` returns; the screen of `archcalc apply` where it is printed.

    Attributes:
        output: What the last layer puts out, an array of numpy: of dtype object where it holds exact numbers
            (ints, and Fractions that are not whole), else float64. It has two axes where the values had two
            and there is one channel; else channels are the last axis, or the first with ``layout="chw"``.
        layers: The values of every layer: ``layer``, ``inputs``, ``tensors``, ``output``, ``exact`` and
            ``steps``, channels last.
        exact: Whether every value of ``output`` is exact.
        applied: The layers on their graph, with the matrix in the shape in which they read it.

    Example:
        >>> report = archcalc.apply("maxpool 2x2", [[1, 2, 7, 3], [9, 4, 6, 1]])
        >>> report.output.tolist()
        [[9, 7]]
    """

    def __init__(self, applied: Applied, layout: str, flat: bool, flip: bool):
        self.applied: Applied = applied
        self._flip = flip
        self.layers: list[LayerValues] = applied.values
        self.exact: bool = applied.values[-1].exact
        self.output: Any = _laid_out(applied.values[-1].output, layout, flat)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {'x'.join(map(str, self.output.shape))}>"

    def at(self, *position: int) -> list[str]:
        """Write a cell of the result out.

        Args:
            position: Its row and column, counted from 0; of a vector the number of its value.

        Returns:
            The sum, product or comparison of the cell, one text for each channel.

        Raises:
            IndexError: For a position outside of the result.

        Example:
            >>> archcalc.apply("conv 2x2", [[1, 2], [3, 4]], kernels=[[1, 0], [0, -1]]).at(0, 0)
            ['1·1 + 2·0 + 3·0 + 4·(−1) = −3']
        """
        from ..values.chosen_steps import steps_at

        values = self.layers[-1]
        sizes = values.output.shape[:-1] or values.output.shape
        if len(position) != len(sizes) or not all(0 <= at < n for at, n in zip(position, sizes, strict=True)):
            raise IndexError(f"{position} lies outside {'x'.join(map(str, sizes))}")
        return [step.text for step in steps_at(values, position)]

    def _views(self) -> list[LayerView]:
        from ..report.screens.apply import views
        from ..values.chosen_steps import first_steps

        return views(self.layers, first_steps(self.layers), False, self.applied.sequence)

    def _flat_table(self) -> FlatTable:
        """The rows of the result, without heads."""
        from ..report.records.applying import number_rows

        first, *rest = number_rows(self.layers[-1].output, self.applied.sequence)
        return first, iter(rest)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """Each layer: what it reads with the window of the first cell, what it puts out."""
        from ..report.screens.apply import apply_sheets

        return apply_sheets(self._views(), self._flip)

    def to_dict(self) -> dict[str, Any]:
        """Give all values, as ``archcalc apply LAYERS MATRIX --format json`` writes them.

        Returns:
            Dicts, lists, strings and numbers alone; fractions are texts.

        Example:
            >>> archcalc.apply("avgpool 2x2", [[1, 2], [3, 5]]).to_dict()["output"]
            [['11/4']]
        """
        from ..report.records.applying import apply_record

        return apply_record(self.applied, [view.steps for view in self._views()])


def apply(
    layers: str,
    values: Any,
    kernels: Any = None,
    biases: Any = None,
    statistics: Mapping[str, Any] | None = None,
    *,
    flip: bool = False,
    layout: str = "hwc",
) -> AppliedLayers:
    """Apply layers to literal values. Ints and Fractions stay exact; floats are floats.

    Args:
        layers: A layer or a chain: ``"conv 3x3 -> relu -> maxpool 2x2"``. The number of filters may be
            left out.
        values: An array of numpy or nested lists: rows x columns, or rows x columns x channels. One axis is a
            vector, or a row for what has windows. Or a text as the command takes it, ``"1 0 2;3 1 1"``.
        kernels: The weights of a layer: rows x columns of one filter, three axes with a filter in front, or
            filters x channels x rows x columns as PyTorch has it, which of a transposed convolution is
            channels x filters x rows x columns; of a fully connected layer units x inputs.
            A text, or a list of texts, one for each filter. A mapping by layer where several have weights:
            ``{"conv2": …}``.
        biases: A number for all filters, or one for each; a mapping by layer where several have a bias. It
            is 0 where it is not given.
        statistics: What a normalisation is given: ``{"mean": [1], "var": [4]}``; ``"bn2.mean"`` too.
        flip: Whether kernels are turned round first: the convolution of mathematics.
        layout: The order of three axes in ``values`` and in ``output``: ``hwc`` or ``chw``.

    Returns:
        The values of every layer, and the result.

    Raises:
        SpecError: For layers that have faults, and for values that are missing or have another size.
        TypeError: For what is no real number.
        ValueError: For lists whose rows differ in length, values that are not finite, and an unknown layout.

    Example:
        >>> image = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
        >>> archcalc.apply("conv 2x2", image, kernels=[[0, 1], [2, 3]]).output.tolist()
        [[19, 25], [37, 43]]
        >>> from fractions import Fraction
        >>> blur = [[Fraction(1, 9)] * 3] * 3
        >>> archcalc.apply("conv 3x3 -> relu", image, kernels=blur, biases=-1).output.tolist()
        [[3]]
    """
    from ..loading.applying import apply_layers

    if layout not in ("hwc", "chw"):
        raise ValueError(f"{layout!r} is neither hwc nor chw")
    matrix, axes = _matrix(values, layout)
    applied = apply_layers(
        layers, matrix, _kernels(kernels), _by_layer(biases), _by_layer(statistics or {}), flip=flip
    )
    return AppliedLayers(applied, layout, axes == 2, flip)


def _matrix(values: Any, layout: str) -> tuple[Any, int]:
    """Values as rows x columns x channels, and how many axes they had."""
    import numpy as np

    from ..loading.matrices import read_matrix

    if isinstance(values, str):
        found = read_matrix(values, "values", layout)
        return found, 2 if found.shape[-1] == 1 else 3
    array = _array(values)
    if not 1 <= array.ndim <= 3 or not array.size:
        raise ValueError(f"values have one to three axes, these have {array.ndim}: {array.shape}")
    if array.ndim == 3:
        return (np.moveaxis(array, 0, -1) if layout == "chw" else array), 3
    return (array[None, :, None] if array.ndim == 1 else array[:, :, None]), array.ndim


def _array(values: Any) -> Any:
    """Numbers as an array of exact numbers or of finite floats."""
    import numpy as np

    from ..arrays.exact import array_of

    if hasattr(values, "detach"):  # of PyTorch
        values = values.detach().cpu().numpy()
    elif not isinstance(values, np.ndarray) and hasattr(values, "__array__"):
        values = np.asarray(values)
    array = array_of(values)
    if array.dtype != object and not np.isfinite(array).all():
        raise ValueError("there are values that are not finite")
    return array


def _kernels(given: Any, layer: str = "") -> list[GivenMatrix]:
    """Kernels as the command takes them: one for each filter, or a tensor of four axes."""
    from ..loading.chain_kernels import GivenMatrix
    from ..loading.matrices import read_matrix

    if given is None:
        return []
    if isinstance(given, Mapping):
        return [kernel for name, one in given.items() for kernel in _kernels(one, str(name))]
    if isinstance(given, str):
        return [GivenMatrix(layer, read_matrix(given, "kernels"))]
    if isinstance(given, (list, tuple)) and given and all(isinstance(one, str) for one in given):
        return [GivenMatrix(layer, read_matrix(one, "kernels")) for one in given]
    array = _array(given)
    if not 1 <= array.ndim <= 4 or not array.size:
        raise ValueError(f"a kernel has one to four axes, this one has {array.ndim}: {array.shape}")
    if array.ndim == 4:
        return [GivenMatrix(layer, array)]
    if array.ndim == 1:
        array = array[None, :]
    filters = array[None] if array.ndim == 2 else array
    return [GivenMatrix(layer, kernel[:, :, None]) for kernel in filters]


def _by_layer(given: Any) -> list[GivenMatrix]:
    """Numbers by name; without a name the only ones."""
    from ..loading.chain_kernels import GivenMatrix

    named = given if isinstance(given, Mapping) else {"": given} if given is not None else {}
    return [GivenMatrix(str(name), _array(numbers).reshape(1, -1, 1)) for name, numbers in named.items()]


def _laid_out(output: Any, layout: str, flat: bool) -> Any:
    """The result in the layout asked for; without the axis of a single channel where it is ``flat``."""
    import numpy as np

    if output.ndim != 3:
        return output
    if flat and output.shape[-1] == 1:
        return output[:, :, 0]
    return np.moveaxis(output, -1, 0) if layout == "chw" else output
