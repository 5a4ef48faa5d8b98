"""The inputs of an ONNX file: their sizes, and which of their axes is the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....diagnostics import SpecError, fail
from .._input_sizes import LARGEST, input_sizes
from .container import TYPES
from .left_out import weights_left_out

# What reads a map, its channels first.
_WINDOWS = ("Conv", "ConvTranspose", "MaxPool", "AveragePool", "BatchNormalization", "InstanceNormalization")
_RECURRENT = ("LSTM", "GRU", "RNN")


class GivenInput:
    """An input of the network.

    Attributes:
        name: Its name.
        sizes: Its sizes, with a batch of one.
        dtype: Its type.
        batch: Which axis is the batch; None where none is.
    """

    __slots__ = ("name", "sizes", "dtype", "batch")

    def __init__(self, name: str, sizes: tuple[int, ...], dtype: str, batch: int | None):
        self.name = name
        self.sizes = sizes
        self.dtype = dtype
        self.batch = batch


class Entering:
    """The inputs of a file.

    Args:
        file: What messages call it.
        graph: Its graph.
        given: Sizes as in ``--input``; None where none were given.
        layout: The order of their axes.

    Attributes:
        inputs: The inputs that are none of its weights.
        batch: The batch that the file states; 1 where it states none.
    """

    def __init__(self, file: str, graph: Any, given: Any, layout: str):
        self.file = file
        self.batch = 1
        self._layout = layout
        held = {one.name for one in graph.initializer} | {*weights_left_out(graph)}
        inputs = [one for one in graph.input if one.name not in held]
        if not inputs:
            raise fail("file", f"{file} has no input but its weights")
        names = [one.name for one in inputs]
        if given is not None and not isinstance(given, dict):
            real = [one.name for one in inputs if len(_dims(one)) > 1] or names
            if len(real) != 1:
                raise fail("argument", f"{file} has several inputs: give {', '.join(names)} by name")
            given = {real[0]: given}
        for name in given or {}:
            if name not in names:
                raise fail("argument", f"{file} has no input `{name}`", f"it has {', '.join(names)}")
        self._word = ""  # what the file calls its batch
        self._readers: dict[str, set[str]] = {}
        self._steps_first: set[str] = set()  # sequences whose steps a recurrence reads along the first axis
        for node in graph.node:
            for name in node.input[:1]:
                self._readers.setdefault(name, set()).add(node.op_type)
                if node.op_type in _RECURRENT and not _batch_first(node):
                    self._steps_first.add(name)
        self.inputs = [self._input(one, (given or {}).get(one.name)) for one in inputs]

    def _input(self, proto: Any, given: Any) -> GivenInput:
        name = proto.name
        kind = proto.type.tensor_type
        if not proto.type.HasField("tensor_type"):
            raise fail("file", f"{self.file}: the input {name} is no tensor")
        dtype = TYPES.get(kind.elem_type, "float32")
        dims = _dims(proto)
        if not kind.HasField("shape"):
            dims = []
            if given is None:
                raise self._unknown(name, "its number of axes", "224x224x3")
        batch = self._batch(name, dims)
        if given is not None:
            return GivenInput(name, self._wanted(name, given, len(dims), batch), dtype, batch)
        sizes: list[int] = []
        for axis, dim in enumerate(dims):
            if axis == batch:
                if isinstance(dim, int) and dim > 1:
                    self.batch = dim
                sizes.append(1)
            elif isinstance(dim, int):
                sizes.append(dim)
            else:
                example = [one if isinstance(one, int) else 224 for n, one in enumerate(dims) if n != batch]
                if self._is_map(name, len(example)) and self._layout == "hwc":
                    example = [*example[1:], example[0]]
                what = f"how long its axis {dim or axis} is"
                raise self._unknown(name, what, "x".join(map(str, example)))
        return GivenInput(name, tuple(sizes), dtype, batch)

    def _unknown(self, name: str, what: str, example: str) -> SpecError:
        size = f"{name}={example}" if " " not in name else example
        return fail(
            "file",
            f"{self.file} does not state of its input {name} {what}",
            f"--input {size} states it, without the batch",
        )

    def _batch(self, name: str, dims: Sequence[int | str]) -> int | None:
        """Which axis is the batch: the one that has no number, or the first; of a sequence that a recurrence
        reads which has the steps first, the second."""
        if not dims:
            return None
        if not self._word and isinstance(dims[0], str) and dims[0]:
            self._word = dims[0]
        if self._word and self._word in dims:
            return list(dims).index(self._word)
        if len(dims) == 3 and name in self._steps_first:
            return 1
        return 0 if len(dims) > 1 or not isinstance(dims[0], int) else None

    def _wanted(self, name: str, given: Any, rank: int, batch: int | None) -> tuple[int, ...]:
        """The sizes that the caller gave, the batch put in, in the order of the file."""
        sizes = input_sizes(name, given, rank - (batch is not None) if rank else None)
        if self._is_map(name, len(sizes)) and self._layout == "hwc":
            sizes = [sizes[-1], *sizes[:-1]]
        at = 0 if not rank else batch
        return tuple(sizes) if at is None else (*sizes[:at], 1, *sizes[at:])

    def _is_map(self, name: str, axes: int) -> bool:
        """Whether the channels of an input come first: of images, and of signals that a window reads."""
        read = self._readers.get(name, set())
        return axes in (3, 4) or (axes == 2 and bool(read & {*_WINDOWS}))


def _batch_first(node: Any) -> bool:
    """Whether the first axis of what a recurrence reads is the batch: versions since 14 may say so."""
    return any(one.name == "layout" and one.i for one in node.attribute)


def _dims(proto: Any) -> list[int | str]:
    """The sizes of an input: numbers, or what the file calls them."""
    found: list[int | str] = []
    for dim in proto.type.tensor_type.shape.dim:
        known = dim.HasField("dim_value") and 0 < dim.dim_value < LARGEST
        found.append(int(dim.dim_value) if known else str(dim.dim_param))
    return found
