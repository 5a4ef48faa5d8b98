"""What a graph of a file is: its tensors, and its operators in their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class FileTensor:
    """A tensor as the file states it.

    Attributes:
        index: Its number in the graph.
        name: Its name.
        sizes: Its sizes; 1 for one that the file leaves open.
        signature: The same, -1 for one that the file leaves open; empty where it leaves none open.
        dtype: Its type, ``float32``.
        steps: Whether its whole numbers stand for numbers with a decimal point, in steps.
        stored: Whether the file holds its values.
        data: Its values as bytes, where they are few; None otherwise.
        zeros: Whether it is a vector of zeros alone.
    """

    __slots__ = ("index", "name", "sizes", "signature", "dtype", "steps", "stored", "data", "zeros")

    def __init__(
        self,
        index: int,
        name: str,
        sizes: tuple[int, ...],
        signature: tuple[int, ...],
        dtype: str,
        steps: bool,
    ):
        self.index = index
        self.name = name
        self.sizes = sizes
        self.signature = signature
        self.dtype = dtype
        self.steps = steps
        self.stored = False
        self.data: bytes | None = None
        self.zeros = False

    @property
    def count(self) -> int:
        """How many values it has."""
        found = 1
        for size in self.sizes:
            found *= size
        return found

    @property
    def number_type(self) -> str:
        """The type of the numbers that it stands for."""
        return "float32" if self.steps else self.dtype

    @property
    def is_weight(self) -> bool:
        """Whether it may be a weight: several numbers with a decimal point that the file holds."""
        return self.stored and self.number_type.startswith(("float", "bfloat")) and self.count > 1


class FileOperator:
    """An operator as the file states it.

    Attributes:
        number: Its place in the graph.
        word: What the format calls it, ``CONV_2D``; ``CUSTOM`` for one that it does not know.
        custom: The name of one that the format does not know.
        inputs: The numbers of its inputs; -1 for one that is left out.
        outputs: The numbers of its outputs.
        record: Where its options stand.
    """

    __slots__ = ("number", "word", "custom", "inputs", "outputs", "record")

    def __init__(
        self,
        number: int,
        word: str,
        custom: str,
        inputs: tuple[int, ...],
        outputs: tuple[int, ...],
        record: Any,
    ):
        self.number = number
        self.word = word
        self.custom = custom
        self.inputs = inputs
        self.outputs = outputs
        self.record = record

    def __str__(self) -> str:
        return self.custom or self.word


class FileGraph:
    """A graph as the file states it.

    Attributes:
        tensors: Its tensors by number.
        operators: Its operators in their order.
        inputs: The numbers of its inputs.
        outputs: The numbers of its outputs.
        readers: The operators that read a tensor, by its number.
    """

    def __init__(
        self,
        tensors: Sequence[FileTensor],
        operators: Sequence[FileOperator],
        inputs: tuple[int, ...],
        outputs: tuple[int, ...],
    ):
        self.tensors = tensors
        self.operators = operators
        self.inputs = inputs
        self.outputs = outputs
        self.readers: dict[int, list[FileOperator]] = {}
        for one in operators:
            for tensor in dict.fromkeys(one.inputs):
                self.readers.setdefault(tensor, []).append(one)

    def only_reader(self, tensor: int) -> FileOperator | None:
        """Return the operator that alone reads a tensor; None where there is none, or it is an output."""
        readers = self.readers.get(tensor, [])
        return readers[0] if len(readers) == 1 and tensor not in self.outputs else None
