"""The inputs of a file: their sizes, and which of their axes is the batch."""

from __future__ import annotations

from typing import Any

from ....diagnostics import SpecError, fail
from .._input_sizes import input_sizes
from .description import FileGraph, FileTensor


class SizedInput:
    """An input of the network.

    Attributes:
        tensor: The tensor of the file.
        name: What it is called.
        sizes: Its sizes, with a batch of one.
        batch: Which axis is the batch; None where none is.
    """

    __slots__ = ("tensor", "name", "sizes", "batch")

    def __init__(self, tensor: FileTensor, name: str, sizes: tuple[int, ...], batch: int | None):
        self.tensor = tensor
        self.name = name
        self.sizes = sizes
        self.batch = batch

    @property
    def is_map(self) -> bool:
        """Whether it is an image, or several, of numbers with a decimal point: its channels are last."""
        return len(self.sizes) in (4, 5) and self.batch == 0 and self.tensor.number_type.startswith("float")


class StatedInputs:
    """The inputs of a file.

    Args:
        file: What messages call it.
        graph: Its graph.
        given: Sizes as in ``--input``; None where none were given.
        layout: The order of their axes.

    Attributes:
        inputs: The inputs.
        batch: The batch that the file states; 1 where it states none.
        as_stated: Whether all have the sizes that the file states, so that those of other tensors hold too.
    """

    def __init__(self, file: str, graph: FileGraph, given: Any, layout: str):
        self.file = file
        self.batch = 1
        self.as_stated = True
        self._graph = graph
        self._layout = layout
        numbers = [*dict.fromkeys(graph.inputs)]
        if not numbers:
            raise fail("file", f"{file} has no input")
        tensors = [graph.tensors[number] for number in numbers]
        names = [plain_name(tensor.name) for tensor in tensors]
        if given is not None and not isinstance(given, dict):
            if len(names) != 1:
                raise fail("argument", f"{file} has several inputs: give {', '.join(names[:20])} by name")
            given = {names[0]: given}
        given = given or {}
        for name in given:
            if name not in names and not any(name == tensor.name for tensor in tensors):
                raise fail("argument", f"{file} has no input `{name}`", f"it has {', '.join(names[:20])}")
        self.inputs = [
            self._input(tensor, name, given.get(name, given.get(tensor.name)))
            for tensor, name in zip(tensors, names, strict=True)
        ]

    def _input(self, tensor: FileTensor, name: str, given: Any) -> SizedInput:
        batch = self._batch_axis(tensor)
        sizes = list(tensor.signature or tensor.sizes)
        if given is not None:
            wanted = self._wanted(name, given, len(sizes), batch)
            stated = list(tensor.sizes)
            if batch is not None:
                stated[batch] = 1
            self.as_stated = self.as_stated and list(wanted) == stated
            return SizedInput(tensor, name, wanted, batch)
        if batch is not None:
            self.batch = max(self.batch, sizes[batch])
            sizes[batch] = 1
        unknown = next((n for n, size in enumerate(sizes) if size < 0), None)
        if unknown is not None:
            raise self._unknown(name, unknown, sizes, batch)
        return SizedInput(tensor, name, tuple(sizes), batch)

    def _unknown(self, name: str, axis: int, sizes: list[int], batch: int | None) -> SpecError:
        example = [size if size > 0 else 224 for n, size in enumerate(sizes) if n != batch]
        if len(example) in (3, 4) and self._layout == "chw":
            example = [example[-1], *example[:-1]]
        shown = "x".join(map(str, example))
        return fail(
            "file",
            f"{self.file} does not state of its input {name} how long its axis {axis} is",
            f"--input {name}={shown} states it, without the batch",
        )

    def _batch_axis(self, tensor: FileTensor) -> int | None:
        """Which axis is the batch: the first, unless it is put in by what reads it; of a sequence that has
        its steps first, the second."""
        sizes = tensor.signature or tensor.sizes
        readers = self._graph.readers.get(tensor.index, [])
        words = {one.word for one in readers}
        if words & {"UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM"} and len(sizes) == 3:
            return 1 if sizes[1] in (1, -1) and sizes[0] not in (1, -1) else 0
        if not sizes or (sizes[0] != -1 and (words == {"EXPAND_DIMS"} or len(sizes) == 1)):
            return None
        return 0

    def _wanted(self, name: str, given: Any, rank: int, batch: int | None) -> tuple[int, ...]:
        """The sizes that the caller gave, the batch put in, in the order of the file."""
        sizes = input_sizes(name, given, rank - (batch is not None))
        if len(sizes) in (3, 4) and self._layout == "chw":
            sizes = [*sizes[1:], sizes[0]]
        return tuple(sizes) if batch is None else (*sizes[:batch], 1, *sizes[batch:])


def plain_name(name: str) -> str:
    """Return the name of an input without what converters put around it."""
    return name.removeprefix("serving_default_").removesuffix(":0") or name
