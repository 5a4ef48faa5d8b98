"""What rules work with: the tensors of a file, and the recording that they become values of."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections import ChainMap
from collections.abc import Sequence
from typing import Any

from ....diagnostics import SpecError, fail
from ...operations.builder import RecordingBuilder, TwoSizes
from ...operations.free_names import FreeNames
from ...operations.recording import BUFFER, PARAMETER, Value
from .container import TYPES, array_of
from .entering import Entering
from .naming import kinds_of, of_weight, of_weight_name, place_of
from .stating import Declared
from .tensors import MOST_VALUES, KnownValues, OnnxTensor


class OnnxReader:
    """A file that is being read.

    Args:
        file: What messages call it.
        model: Its model.
        entering: The sizes of its inputs.

    Attributes:
        builder: The recording so far.
        batch: The batch that the file states; 1 where it states none.
        notes: What is to be said besides.
        folder: Where the file lies.
        declared: The shapes that it states.
        scope: The tensors by name, those of the innermost graph first.
        readers: The nodes of the innermost graph that read a tensor, by its name.
        model: Its model.
        rims: Of a map with a rim of zeros, by its name, what it is without it, and the rim of each axis.
    """

    def __init__(self, file: str, model: Any, entering: Entering):
        self.file = file
        self.model = model
        self.batch = entering.batch
        self.notes: list[str] = []
        self.folder = os.path.dirname(file)
        self.declared = Declared(model, entering.batch)
        self.scope: ChainMap[str, OnnxTensor] = ChainMap()
        self.readers: dict[str, list[Any]] = {}
        self.given: dict[str, OnnxTensor] = {}
        self.rims: dict[str, tuple[Value, tuple[tuple[int, int], ...]]] = {}
        self._kinds = kinds_of(model.graph)
        self._matrices: dict[str, Value] = {}
        self._biases: dict[str, str] = {}  # by the name of a bias the weight that it was first read with
        self._names = FreeNames()  # of parameters
        self._outputs = {one.name for one in model.graph.output}
        kinds = [place.kind for place in map(place_of, model.graph.node[:1]) if place.kind]
        self.builder = RecordingBuilder(file, kinds[0] if kinds else "onnx")

    @abstractmethod
    def inside(self, graph: Any, given: dict[str, OnnxTensor]) -> list[OnnxTensor | None]:
        """Read a graph that a node holds, and return what it puts out.

        Args:
            graph: The graph.
            given: Its inputs by name.
        """

    def missing(self, name: str, why: str) -> SpecError:
        """Return the error for a tensor that is not there yet."""
        weights = "export it with its weights (`export_params=True`): their sizes are not in the file"
        help = [weights] if of_weight_name(name) else []
        return fail("file", f"{self.file}: nothing puts out the tensor {name} before {why}", *help)

    def is_output(self, name: str) -> bool:
        """Whether a tensor is one that the network puts out."""
        return name in self._outputs

    def is_wanted(self, name: str) -> bool:
        """Whether a node reads a tensor, or the network puts it out."""
        return name in self.readers or self.is_output(name)

    def enter(self, name: str, value: Value) -> None:
        """Enter what a later node puts out, which is done with this one."""
        self.scope[name] = self.given[name] = OnnxTensor.of(name, value)

    def held(self, proto: Any, name: str, stated: bool) -> OnnxTensor:
        """The tensor that a ``TensorProto`` holds; its values where they are few."""
        sizes = tuple(proto.dims)
        if any(size < 0 for size in sizes):
            raise fail("file", f"{self.file}: the tensor {name} has a negative size")
        dtype = TYPES.get(proto.data_type, "float32")
        array = array_of(proto, self.folder, MOST_VALUES)
        few = not dtype.startswith("float") or _count(sizes) <= 64
        known = KnownValues(array) if array is not None and few else None
        zeros = array is not None and not array.any()
        return OnnxTensor(name, sizes, sizes, dtype, known, stated=stated, zeros=zeros)

    # Values -----------------------------------------------------------------------------------

    def value(self, tensor: OnnxTensor) -> Value:
        """A tensor as a value of the recording. What the file stores as numbers with a decimal point, and
        more than one of them, is a parameter."""
        if tensor.value is not None:
            return tensor.value
        kind = self._kinds.get(tensor.name, PARAMETER) if tensor.is_weight else ""
        kind = kind or (self._kinds.get(tensor.name, "") if tensor.stated and tensor.sizes else "")
        if kind in (PARAMETER, BUFFER):
            return self.weight(tensor)
        return self.constant(tensor)

    def constant(self, tensor: OnnxTensor) -> Value:
        """A tensor as a constant of the recording, which is no weight."""
        number = None if tensor.known is None else tensor.known.scalar()
        sizes = [a if a == b else TwoSizes(a, b) for a, b in zip(tensor.sizes, tensor.at_two, strict=True)]
        tensor.value = self.builder.constant(sizes, number, tensor.dtype, "")
        return tensor.value

    def weight(self, tensor: OnnxTensor, learned: bool = True, swapped: bool = False) -> Value:
        """A tensor as a parameter, or as a buffer; one that depends on an input as the value that it is.

        Args:
            tensor: The tensor.
            learned: Whether it is a parameter.
            swapped: Whether its two axes are swapped: ONNX multiplies by a matrix from the right.
        """
        if tensor.value is not None:
            return tensor.value
        path = of_weight_name(tensor.name) or self.builder.current_call().path
        word = of_weight(tensor.name)
        if of_weight_name(tensor.name) and tensor.name.startswith(f"{path}."):
            word = tensor.name[len(path) + 1 :]
        name = word.replace(".", "_") if not path else f"{path}.{word.replace('.', '_')}"
        name = self._names.take(name)
        sizes = tensor.sizes[::-1] if swapped else tensor.sizes
        learned = learned and self._kinds.get(tensor.name) != BUFFER
        made = self.builder.parameter if learned else self.builder.buffer
        tensor.value = made(name, sizes, tensor.dtype)
        return tensor.value

    def matrix(self, tensor: OnnxTensor) -> Value:
        """A matrix that is multiplied by from the right as a linear layer has it: outputs, then inputs."""
        if tensor.value is None and tensor.stated and self._only_matrix(tensor.name):
            tensor.value = self.weight(tensor, swapped=True)
            self._matrices[tensor.name] = tensor.value
            return tensor.value
        if tensor.name in self._matrices and tensor.value is self._matrices[tensor.name]:
            return tensor.value
        value = self.weight(tensor) if tensor.stated else self.value(tensor)
        swapped: Value = self.do("permute", value, (1, 0))
        return swapped

    def belong(self, weight: OnnxTensor, bias: OnnxTensor) -> bool:
        """Whether a weight and a bias are those of one layer: a bias that is read with another weight as well
        is added behind it. A file that holds equal tensors once has such."""
        return self._biases.setdefault(bias.name, weight.name) == weight.name

    def unpacked(self, tensor: OnnxTensor, sizes: tuple[int, ...], bits: int) -> Value:
        """A tensor whose values are packed as the parameter that they are.

        Args:
            tensor: The tensor of the file.
            sizes: The sizes of what it holds.
            bits: How many each value has.
        """
        if tensor.value is None:
            kind = f"uint{bits}" if bits in (2, 4) else "uint8"
            whole = OnnxTensor(tensor.name, sizes, sizes, kind, stated=True)
            tensor.value = self.weight(whole)
        return tensor.value

    def _only_matrix(self, name: str) -> bool:
        """Whether nothing reads a tensor but products, from the right."""
        return all(
            one.op_type == "MatMul" and list(one.input[1:]) == [name] for one in self.readers.get(name, ())
        )

    def do(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Write an operation of PyTorch; see ``RecordingBuilder.operation``."""
        made = self.builder.operation(name, *args, **kwargs)
        for value in (made,) if isinstance(made, Value) else made:
            if value.at_two is not None and len(value.at_two) != len(value.sizes):
                value.at_two = None  # an axis of one was taken away that is the batch: of two it stays
        return made

    def note(self, message: str) -> None:
        """Keep something for whoever reads the figures."""
        self.notes.append(message)


def _count(sizes: Sequence[int]) -> int:
    found = 1
    for size in sizes:
        found *= size
    return found
