"""What a layer is in ONNX: the nodes that its op writes, in the words of the ONNX standard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import NamedTuple

from ...arithmetic import Number, value_of
from ...shape import Shape
from ..facts import Tensor

# The element types of ONNX that are written, by the word used here.
FLOAT, INT32, INT64, BOOL = 1, 6, 7, 9

AttributeValue = int | float | str | tuple[int, ...] | tuple[str, ...]


class OnnxConstant(NamedTuple):
    """Numbers that a network has besides its weights, as a node `Constant` gives them: sizes of axes and the
    numbers in the order of the last axis; no sizes of a single number."""

    kind: int
    sizes: tuple[int, ...]
    numbers: tuple[float, ...]


class WrittenNode(NamedTuple):
    """A node: its operator, the names of the tensors that it reads and puts out, and its attributes."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, AttributeValue | OnnxConstant]


class OnnxCode:
    """The nodes of one layer, as its op writes them.

    Tensors are batch first and channels first, ``N, C, H, W``; a vector is ``N, C``, a sequence
    ``N, C, T``.

    Args:
        path: What the names of its nodes begin with: ``/conv2_1/conv1``.
        prefix: What the names of its tensors begin with: ``conv2_1.conv1.``.
        inputs: The names of what arrives.
        tensors: The tensors of the layer that has the weights, by name.
        opset: The version of ONNX's operators.
        indices: Which inputs are whole numbers.
    """

    def __init__(
        self,
        path: str,
        prefix: str,
        inputs: Sequence[str],
        tensors: dict[str, Tensor],
        opset: int,
        indices: Sequence[bool] = (),
    ):
        self.path = path
        self.prefix = prefix
        self.xs = list(inputs)
        self.tensors = tensors
        self.opset = opset
        self.indices = list(indices) or [False] * len(self.xs)
        self.nodes: list[WrittenNode] = []
        self.read: dict[str, Tensor] = {}
        self._often: dict[str, int] = {}
        self._constants: dict[OnnxConstant, str] = {}

    @property
    def x(self) -> str:
        """The name of what arrives first."""
        return self.xs[0]

    # Nodes -----------------------------------------------------------------------------------

    def several(
        self, kind: str, inputs: Sequence[str], count: int, **attributes: AttributeValue | OnnxConstant
    ) -> list[str]:
        """Add a node with so many outputs; return their names."""
        number = self._often.get(kind, 0)
        self._often[kind] = number + 1
        name = f"{self.path}/{kind}" + (f"_{number}" if number else "")
        outputs = tuple([f"{name}_output_{at}" for at in range(count)])
        self.nodes.append(WrittenNode(kind, name, tuple(inputs), outputs, attributes))
        return list(outputs)

    def node(self, kind: str, *inputs: str, **attributes: AttributeValue | OnnxConstant) -> str:
        """Add a node with one output; return its name. An input that is left out is an empty name."""
        return self.several(kind, inputs, 1, **attributes)[0]

    def tensor(self, name: str) -> str:
        """Return the name of a tensor of the layer, which is read from now on."""
        self.read[name] = self.tensors[name]
        return self.prefix + name

    def tensor_if(self, name: str, present: object) -> list[str]:
        """Return the name of a tensor alone, of a layer that has it, and otherwise nothing."""
        return [self.tensor(name)] if present else []

    # Constants -------------------------------------------------------------------------------

    def constant(self, kind: int, sizes: Sequence[Number], numbers: Iterable[Number]) -> str:
        """Return the name of a constant tensor; equal ones of a layer are one node."""
        made = OnnxConstant(kind, tuple(map(value_of, sizes)), tuple([value_of(n) for n in numbers]))
        if made not in self._constants:
            self._constants[made] = self.node("Constant", value=made)
        return self._constants[made]

    def ints(self, *numbers: Number) -> str:
        """Return the name of a row of whole numbers."""
        return self.constant(INT64, (len(numbers),), numbers)

    def real(self, number: Number) -> str:
        """Return the name of a single number."""
        return self.constant(FLOAT, (), (number,))

    def full(self, sizes: Sequence[Number], number: Number) -> str:
        """Return the name of a tensor that is one number everywhere, which takes no place in the file."""
        value = OnnxConstant(FLOAT, (1,), (float(value_of(number)),))
        return self.node("ConstantOfShape", self.ints(*sizes), value=value)

    # What many layers do ---------------------------------------------------------------------

    def reshape(self, x: str, *sizes: Number) -> str:
        """Give a tensor other sizes behind the batch."""
        return self.node("Reshape", x, self.ints(0, *sizes))

    def regroup(self, x: str, *sizes: Number) -> str:
        """Give a tensor other sizes, the batch included: -1 is what is left."""
        return self.node("Reshape", x, self.ints(*sizes))

    def transpose(self, x: str, *order: int) -> str:
        """Put axes into another order."""
        return x if list(order) == sorted(order) else self.node("Transpose", x, perm=tuple(order))

    def channels_last(self, x: str, axes: int) -> str:
        """Put the channels behind so many axes of positions."""
        return self.transpose(x, 0, *range(2, axes + 2), 1)

    def channels_first(self, x: str, axes: int) -> str:
        """Put the channels, which are last, in front of so many axes of positions."""
        return self.transpose(x, 0, axes + 1, *range(1, axes + 1))

    def unsqueeze(self, x: str, *axes: int) -> str:
        """Add axes of one position."""
        return self.node("Unsqueeze", x, self.ints(*axes)) if axes else x

    def squeeze(self, x: str, *axes: int) -> str:
        """Take away axes of one position."""
        return self.node("Squeeze", x, self.ints(*axes)) if axes else x

    def slice(
        self, x: str, starts: Sequence[Number], ends: Sequence[Number], axes: Sequence[int], *steps: Number
    ) -> str:
        """Cut a part out, along each of some axes."""
        more = (self.ints(*steps),) if steps else ()
        return self.node("Slice", x, self.ints(*starts), self.ints(*ends), self.ints(*axes), *more)

    def reduce(self, kind: str, x: str, axes: Sequence[int], keep: bool = True) -> str:
        """Take the sum, the mean, the largest … along some axes."""
        return self.node(f"Reduce{kind}", x, self.ints(*axes), keepdims=int(keep))

    def per_channel(self, name: str, x: Shape) -> str:
        """Return a tensor with a value per channel, so that it goes together with a map."""
        return self.spread(self.tensor(name), self.tensors[name].shape, x)

    def spread(self, source: str, sizes: Sequence[Number], x: Shape) -> str:
        """Return a tensor of one value per channel with axes for the positions of a shape."""
        if len(x) == 1 or len(sizes) != 1:
            return source
        return self.node("Reshape", source, self.ints(sizes[0], *[1] * len(x.spatial)))

    def padded(
        self, x: str, sides: Sequence[tuple[Number, Number]], value: Number = 0, mode: str = "constant"
    ) -> str:
        """Lay a rim before and behind each axis of positions; less than 0 cuts off."""
        return self.rimmed(x, [(0, 0), *sides], value, mode)

    def rimmed(
        self, x: str, sides: Sequence[tuple[Number, Number]], value: Number = 0, mode: str = "constant"
    ) -> str:
        """Lay a rim before and behind the channels and each axis of positions; less than 0 cuts off."""
        if not any(value_of(n) for side in sides for n in side):
            return x
        pads = self.ints(0, *[low for low, _ in sides], 0, *[high for _, high in sides])
        if mode != "constant":
            return self.node("Pad", x, pads, mode=mode)
        return self.node("Pad", x, pads, self.real(value))

    def linear(self, x: str, weight: str, bias: str = "", vector: bool = False) -> str:
        """Multiply the last axis by a weight that has a row for each unit, and add a bias."""
        if vector:
            return self.node("Gemm", x, weight, *[bias] * bool(bias), transB=1)
        made = self.node("MatMul", x, self.transpose(weight, 1, 0))
        return self.node("Add", made, bias) if bias else made

    def standardised(self, x: str, axes: Sequence[int], epsilon: Number) -> str:
        """Take the mean off along some axes, and divide by the root of the variance."""
        left = self.node("Sub", x, self.reduce("Mean", x, axes))
        variance = self.reduce("Mean", self.node("Mul", left, left), axes)
        root = self.node("Sqrt", self.node("Add", variance, self.real(epsilon)))
        return self.node("Div", left, root)

    def scaled(self, y: str, x: Shape, scale: bool = True, shift: bool = True) -> str:
        """Multiply by the weight of each channel, and add its bias, as far as the layer has them."""
        if scale:
            y = self.node("Mul", y, self.per_channel("weight", x))
        return self.node("Add", y, self.per_channel("bias", x)) if shift else y

    def whole(self, x: str) -> str:
        """Return a tensor as whole numbers."""
        given = x in self.xs and self.indices[self.xs.index(x)]
        return x if given else self.node("Cast", x, to=INT64)

    def batch_of(self, x: str) -> str:
        """Return how many elements the batch has, as a row of one number."""
        return self.node("Shape", x, start=0, end=1)

    def for_each(self, source: str, x: str, *sizes: Number) -> str:
        """Repeat a tensor for each element of the batch of another."""
        sizes_of_all = self.node("Concat", self.batch_of(x), self.ints(*sizes), axis=0)
        return self.node("Expand", source, sizes_of_all)

    def windows(
        self, x: str, channels: Number, kernel: Sequence[Number], **attributes: AttributeValue
    ) -> str:
        """Lay the values of each window side by side as channels, channel by channel: a convolution whose
        kernels have a single 1."""
        size = prod(map(value_of, kernel))
        ones = [float(row == column) for row in range(size) for column in range(size)]
        single = self.constant(FLOAT, (1, size, 1, *kernel), ones)
        every = self.node("Expand", single, self.ints(channels, size, 1, *kernel))
        weight = self.node("Reshape", every, self.ints(channels * size, 1, *kernel))
        return self.node("Conv", x, weight, group=value_of(channels), **attributes)


def numbers(values: Iterable[Number]) -> tuple[int, ...]:
    """Return whole numbers as an attribute has them."""
    return tuple([int(value_of(value)) for value in values])


def pads_of(sides: Sequence[tuple[Number, Number]]) -> tuple[int, ...]:
    """Return padding as an attribute has it: before all axes, then behind all."""
    return numbers([*[low for low, _ in sides], *[high for _, high in sides]])
