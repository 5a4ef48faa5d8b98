"""What rules work with: the tensors of a graph, and the recording that they become values of."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from ....diagnostics import NOTE, Diagnostic, SpecError, fail
from ...operations.builder import RecordingBuilder, TwoSizes
from ...operations.free_names import FreeNames
from ...operations.recording import Value
from .._known import KnownValues, pairs
from .description import FileGraph, FileOperator, FileTensor
from .entering import StatedInputs

# How the types of the format are called elsewhere.
_DTYPES = {"complex64": "complex64", "string": "string", "resource": "int64", "variant": "int64"}


class TfliteTensor:
    """A tensor while the file is read.

    Attributes:
        stated: The tensor of the file.
        known: What it holds; None where that is not known or too much.
        value: What stands for it in the recording; None as long as no operation has read it.
    """

    __slots__ = ("stated", "known", "value")

    def __init__(self, stated: FileTensor, known: KnownValues | None = None, value: Value | None = None):
        self.stated = stated
        self.known = known
        self.value = value

    @property
    def depends(self) -> bool:
        """Whether it was computed from an input of the network, and is not known."""
        return self.value is not None and self.value.depends and self.known is None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Its sizes with a batch of one."""
        if self.value is not None:
            return self.value.sizes
        return self.stated.sizes if self.known is None else self.known.one.shape

    @property
    def at_two(self) -> tuple[int, ...]:
        """Its sizes with a batch of two."""
        if self.value is not None:
            return self.value.at_two or self.value.sizes
        return self.stated.sizes if self.known is None else self.known.two.shape


class TfliteReader:
    """A graph that is being read.

    Args:
        file: What messages call it.
        graph: The graph.
        entering: The sizes of its inputs.

    Attributes:
        builder: The recording so far.
        batch: The batch that the file states; 1 where it states none.
        notes: What is to be said besides.
        tensors: The tensors that there are so far, by number.
        graph: The graph.
        merged: How many layers have a bias, by its tensor.
        biased: Additions that are done: of a bias to what a fully connected layer makes.
        spread: Maps whose positions were laid into the batch, by the convolution that reads one.
        widened: The operators that work on such maps.
    """

    def __init__(self, file: str, graph: FileGraph, entering: StatedInputs):
        self.file = file
        self.graph = graph
        self.batch = entering.batch
        self.notes: list[Diagnostic] = []
        self.tensors: dict[int, TfliteTensor] = {}
        self.merged: dict[FileTensor, int] = {}
        self.biased: set[FileOperator] = set()
        self.builder = RecordingBuilder(file, "tflite")
        self.spread: dict[FileOperator, Any] = {}
        self.widened: set[FileOperator] = set()
        self._weights: dict[FileTensor, tuple[Value, tuple[int, ...]]] = {}
        self._biases: dict[tuple[FileTensor, FileTensor], Value] = {}
        self._names = FreeNames()  # of parameters

    @abstractmethod
    def inside(self, number: int, given: Sequence[TfliteTensor]) -> list[TfliteTensor]:
        """Read another graph of the file, and return what it puts out.

        Args:
            number: The graph.
            given: Its inputs.
        """

    @abstractmethod
    def graph_of(self, number: int) -> FileGraph:
        """Return another graph of the file. Raises SpecError where there is none."""

    @abstractmethod
    def activation(self, stated: FileOperator, word: str, value: Value) -> Value:
        """Write the activation that an operator ends with, which may be a layer of its own."""

    def missing(self, number: int, why: str) -> SpecError:
        """Return the error for a tensor that is not there yet."""
        name = self.graph.tensors[number].name[:120]
        return fail("file", f"{self.file}: nothing puts out the tensor {name} before {why}")

    def do(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Write an operation of PyTorch; see ``RecordingBuilder.operation``."""
        return self.builder.operation(name, *args, **kwargs)

    def note(self, message: str, *help: str) -> None:
        """Keep something for whoever reads the figures."""
        self.notes.append(Diagnostic("file", message, severity=NOTE, help=help))

    # Values -----------------------------------------------------------------------------------

    def value(self, tensor: TfliteTensor) -> Value:
        """A tensor as a value of the recording. What the file stores as numbers with a decimal point, and
        more than one of them, is a parameter."""
        if tensor.value is not None:
            return tensor.value
        if tensor.stated.is_weight:
            tensor.value = self.weight(tensor)
            return tensor.value
        number = None if tensor.known is None else tensor.known.scalar()
        sizes = pairs(tensor.sizes, tensor.at_two)
        tensor.value = self.builder.constant(sizes, number, dtype_of(tensor.stated), "")
        return tensor.value

    def weight(self, tensor: TfliteTensor, order: tuple[int, ...] = (), word: str = "weight") -> Value:
        """A tensor as a parameter; one that depends on an input as the value that it is.

        Args:
            tensor: The tensor.
            order: Its axes as PyTorch has them; empty for the same order.
            word: What it is called in its layer.
        """
        order = order or tuple(range(len(tensor.sizes)))
        plain = order == tuple(range(len(order)))
        if tensor.value is not None and tensor.value.depends:
            return tensor.value if plain else self.do("permute", tensor.value, order)
        found = self._weights.get(tensor.stated)
        if found is None:
            sizes = tuple([tensor.sizes[axis] for axis in order])
            found = self.parameter(word, sizes), order
            self._weights[tensor.stated] = found
        value, had = found
        if had == order:
            return value
        turned: Value = self.do("permute", value, tuple([had.index(axis) for axis in order]))
        return turned

    def bias(self, weight: TfliteTensor, bias: TfliteTensor) -> Value:
        """A vector that is added to what a weight makes. A converter stores equal ones once: each counts for
        its layer, unless the weights are the same ones too."""
        if bias.value is not None and bias.value.depends:
            return bias.value
        key = weight.stated, bias.stated
        if key not in self._biases:
            self._biases[key] = self.parameter("bias", (bias.stated.count,))
            self.merged[key[1]] = self.merged.get(key[1], 0) + 1
        return self._biases[key]

    def parameter(self, word: str, sizes: tuple[int, ...], learned: bool = True) -> Value:
        """A new parameter of the layer that is being read, or a buffer."""
        path = self.builder.current_call().path
        name = f"{path}.{word}" if path else word
        name = self._names.take(name)
        return self.builder.parameter(name, sizes) if learned else self.builder.buffer(name, sizes)

    def with_batch(self, stated: FileTensor) -> tuple[int, ...]:
        """The sizes that the file states of a tensor, for a batch of one and of two."""
        sizes: list[int] = list(stated.sizes)
        opened = bool(stated.signature) and stated.signature[0] == -1
        if len(sizes) > 1 and (opened or sizes[0] == self.batch):
            sizes[0] = TwoSizes(1, 2)
        return tuple(sizes)


def dtype_of(tensor: FileTensor) -> str:
    """The type of the numbers that a tensor stands for, as PyTorch has it."""
    return _DTYPES.get(tensor.number_type, tensor.number_type)
