"""The rules of an op, each with what it says where a class states nothing.

Rules are plain arithmetic (see ``archcalc.arithmetic``): they run on ints and on recorded symbols.
Shapes have the channels last and no batch; counts are for one element of the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import is_
from typing import TYPE_CHECKING

from ..arithmetic import Number, product
from ..shape import Shape
from .arrangement import FIRST, LAST
from .attributes import OpError
from .facts import KerasPart, OperationCounts, Saved, Tensor
from .input_windows import WindowsByInput
from .terms import Term
from .torch_code import TorchCode
from .traits import Traits
from .volume import Volume
from .window import Window

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Rules(Traits):
    """The rules of an op; a subclass of ``Op`` states those that its layer has."""

    def accept(self, *inputs: Shape) -> None:
        """Check that the inputs fit, before any rule runs.

        Checks branch on numbers, and rules must not; so they stand apart.

        Args:
            inputs: The shapes that arrive.

        Raises:
            OpError: For shapes that do not fit.
        """

    def volume(self, *inputs: Shape) -> Volume | None:
        """Say what the layer puts out: a window along each axis, and channels.

        ``output`` and ``window`` follow from it.

        Args:
            inputs: The shapes that arrive.

        Returns:
            The volume. None, for the reason that ``no_volume_reason`` gives, where ``output`` and
            ``window`` are stated one by one.

        Example:
            >>> from archcalc.ops import registry
            >>> from archcalc.shape import Shape
            >>> volume = registry()["maxpool"](kernel=2, stride=2).volume(Shape([8, 8, 3]))
            >>> volume.sizes, volume.channels
            ([4, 4], 3)
        """
        return None

    def known_volume(self, inputs: tuple[Shape, ...]) -> Volume | None:
        """``volume``, worked out once for the same shapes: several rules ask for it."""
        known: tuple[tuple[Shape, ...], Volume | None] | None = self.__dict__.get("_volume")
        if known is None or len(known[0]) != len(inputs) or not all(map(is_, known[0], inputs)):
            known = self.__dict__["_volume"] = inputs, self.volume(*inputs)
        return known[1]

    def output(self, *inputs: Shape) -> Shape:
        """Say which shape the layer puts out.

        Args:
            inputs: The shapes that arrive.

        Returns:
            The shape, channels last and without the batch.

        Example:
            >>> from archcalc.ops import registry
            >>> from archcalc.shape import Shape
            >>> print(registry()["flatten"]().output(Shape([7, 7, 512])))
            25088
        """
        volume = self.known_volume(inputs)
        if volume is None:
            raise NotImplementedError(f"{self.name} states no output")
        return volume.shape

    def misfits(self, *inputs: Shape) -> tuple[tuple[int, Window], ...]:
        """Axes on which a window does not fit, with the windows, for a note."""
        return ()

    def tensors(self, *inputs: Shape) -> tuple[Tensor, ...] | None:
        """Name the parameters and buffers.

        Args:
            inputs: The shapes that arrive.

        Returns:
            The tensors, in PyTorch's layout; None if there is no rule.

        Example:
            >>> from archcalc.ops import registry
            >>> from archcalc.shape import Shape
            >>> tensors = registry()["conv"](kernel=3, filters=8).tensors(Shape([32, 32, 3]))
            >>> [(tensor.name, tensor.shape) for tensor in tensors]
            [('weight', (8, 3, 3, 3)), ('bias', (8,))]
        """
        return ()

    def computed(self, *inputs: Shape) -> tuple[Tensor, ...]:
        """State the tensors that the layer reads and that are none of its own: something else computes them.
        Values are worked out with those that are given.

        Args:
            inputs: Shapes that arrive.

        Returns:
            The tensors; none unless the layer says so.
        """
        return ()

    def terms(self, *inputs: Shape) -> tuple[Term, ...] | None:
        """What it learns and multiplies, as products of named factors. None where these are no more than
        the tensors say: a bias is added, a vector scales values, and what has more axes weights them."""
        return None

    @property
    def held_fixed(self) -> bool:
        """Whether none of its learned tensors is trained."""
        return self.__dict__.get("frozen", False) is True

    @property
    def frozen_names(self) -> tuple[str, ...]:
        """The learned tensors that are not trained, where others are."""
        frozen = self.__dict__.get("frozen", False)
        return tuple(frozen.split()) if isinstance(frozen, str) else ()

    @property
    def bias_vectors(self) -> int:
        """Bias vectors per gate of a recurrent layer; 0 of all others."""
        return 0

    def operations(self, *inputs: Shape) -> OperationCounts | None:
        """Count the operations of the forward pass.

        Args:
            inputs: The shapes that arrive.

        Returns:
            The counts for one element of the batch; None if there is no rule.

        Example:
            >>> from archcalc.ops import registry
            >>> from archcalc.shape import Shape
            >>> registry()["fc"](units=10).operations(Shape([100])).mul_add
            1000
        """
        return None

    def backward(self, trained: bool, input_gradient: bool, *inputs: Shape) -> Number:
        """Multiply-adds of the gradients, among MACs: of the weights, where they are ``trained``,
        and of what arrives, where a gradient goes on to it (``input_gradient``). Each takes as many as
        the forward pass, where one factor of every product is a weight."""
        operations = self.operations(*inputs) if self.matrix_product else None
        return 0 if operations is None else product([operations.mul_add, trained + input_gradient])

    def weight_groups(self, *inputs: Shape) -> Number:
        """Groups of channels that do not see each other, of a convolution; 1 where there are none."""
        return 1

    def backward_of(self, trained: bool, taking: Sequence[bool], *inputs: Shape) -> Number:
        """As ``backward``, where it matters which of the inputs take a gradient."""
        return self.backward(trained, any(taking), *inputs)

    def saves(self, *inputs: Shape) -> Saved | None:
        """Say what is kept for the backward pass.

        It is what PyTorch's eager mode keeps, with the layer written in place where that is legal.

        Args:
            inputs: The shapes that arrive.

        Returns:
            What is saved; None if there is no rule, and ``no_saved_rule`` says why.

        Example:
            >>> from archcalc.ops import registry
            >>> from archcalc.shape import Shape
            >>> registry()["sigmoid"]().saves(Shape([100])).output
            True
        """
        return None

    def values_read(self, stored: int, batch: int, *inputs: Shape) -> Number:
        """How many of the ``stored`` values of its tensors a forward pass of a batch reads: all of them, but
        of a table the rows that are looked up."""
        return stored

    def arranges(self, arrangements: tuple[str, ...], *inputs: Shape) -> str:
        """How a new output lies in memory where the inputs lie so."""
        kind = self.arrangement
        if isinstance(kind, str):
            return kind
        maps = [how for how, x in zip(arrangements, inputs, strict=True) if len(x) > 1]
        axes = max([len(x) - 1 for x in inputs])
        return LAST if maps and axes in kind and maps[0] != FIRST else FIRST

    def regards(self, x: Shape) -> tuple[int | None, ...] | None:
        """Where the output has other axes of one position than the input, and the same positions on
        all others: for each axis of the input the one of the output, None for one that is gone."""
        return None

    def passes(self, index: int, *inputs: Shape) -> bool:
        """Whether, backward, an input gets the gradient of the output as it is, or a part of it."""
        return self.passes_gradient

    def copies(self, arrangements: tuple[str, ...], *inputs: Shape) -> bool:
        """Whether PyTorch lays its input out anew before it reads it, where that lies so."""
        return False

    def needs_batch(self, *inputs: Shape) -> bool:
        """Whether PyTorch trains it on several images at a time only: there has to be something to
        take a mean of."""
        return False

    def onnx_code(self, to: OnnxCode, *inputs: Shape) -> str | None:
        """Write the layer as nodes of ONNX.

        Args:
            to: Where the nodes go; it has the names of what arrives.
            inputs: The shapes that arrive.

        Returns:
            The name of what it puts out. None if ONNX has no operators for it, for the reason that
            ``no_onnx_reason`` gives.

        Example:
            >>> from archcalc.ops import registry
            >>> from archcalc.ops.onnx.code import OnnxCode
            >>> from archcalc.shape import Shape
            >>> to = OnnxCode("/relu1", "relu1.", ["conv1"], {}, 21)
            >>> registry()["relu"]().onnx_code(to, Shape([100])), to.nodes[0].kind
            ('/relu1/Relu_output_0', 'Relu')
        """
        return None

    def torch_code(self, *inputs: Shape) -> TorchCode | None:
        """Write the layer in PyTorch.

        Args:
            inputs: The shapes that arrive.

        Returns:
            The source of the module, and of the call. None if it has no counterpart there, for the reason
            that ``no_torch_reason`` gives, or has more axes than PyTorch's layers: three.

        Example:
            >>> from archcalc.ops import registry
            >>> from archcalc.shape import Shape
            >>> registry()["fc"](units=10).torch_code(Shape([100])).module
            'nn.Linear(100, 10)'
        """
        return None

    def keras_output(self, *inputs: Shape) -> Shape | None:
        """What Keras' layer of the same settings puts out, where it is another shape."""
        return None

    def keras_parts(self, *inputs: Shape) -> Sequence[KerasPart]:
        """The layers that Keras has for this one, where it is not one of the class that ``keras`` names."""
        return ()

    def window(self, *inputs: Shape) -> tuple[Window, ...] | WindowsByInput | str | None:
        """Say what a unit reads.

        Args:
            inputs: The shapes that arrive.

        Returns:
            A window for each axis, the same for all inputs; ``WindowsByInput`` where the inputs differ, or
            the output has other axes; EVERYTHING, NOTHING, or None if there is no rule.

        Example:
            >>> from archcalc.ops import registry
            >>> from archcalc.shape import Shape
            >>> [window.kernel for window in registry()["maxpool"](kernel=2).window(Shape([8, 8, 3]))]
            [2, 2]
        """
        volume = self.known_volume(inputs)
        return None if volume is None else volume.read

    def connections(self, *inputs: Shape) -> Number:
        """Connections as LeNet's paper counts them: the inputs that each unit which sums weighted
        inputs reads, plus one for a bias; 0 for all other layers."""
        return 0

    # For values -------------------------------------------------------------------------------

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        """Work out what the layer puts out for literal values, at inference.

        Args:
            calc: The layer's tensors, and arithmetic that keeps exact numbers exact.
            inputs: The arrays that arrive, channels last and without the batch.

        Returns:
            The output, channels last; exact where the inputs and tensors are, and the layer allows it.

        Raises:
            OpError: Where the layer has no such rule; ``no_values_reason`` says why.

        Example:
            >>> from archcalc.arrays.calculation import Calculation
            >>> from archcalc.arrays.exact import array_of
            >>> from archcalc.ops import registry
            >>> registry()["relu"]().evaluate(Calculation({}), array_of([-1, 2])).tolist()
            [0, 2]
        """
        why = f": {self.no_values_reason}" if self.no_values_reason else ""
        raise OpError("values", f"`{self.name}` has no rule for values{why}")

    # For a reader -----------------------------------------------------------------------------

    def textbook(self, quantity: str, *inputs: Shape) -> Number | tuple[Number, ...] | None:
        """Write a quantity as textbooks do, over the same symbols as the rule and equal to it.

        Unlike a rule, it may look at the numbers (``value_of``) to leave out what is 1 or 0.

        Args:
            quantity: ``params``, ``weights``, ``macs``, or ``output``: then one number per axis, channels
                left out.
            inputs: The shapes that arrive.

        Returns:
            The quantity; None where the rule itself is what there is to show.
        """
        return None

    def remarks(self, quantity: str, *inputs: Shape) -> Iterator[str]:
        """What to know of a quantity (as of ``textbook``) for these numbers, a sentence each."""
        yield from ()

    def need_positions(self, x: Shape) -> None:
        """Refuse a vector. Raises OpError."""
        if len(x) == 1:
            raise OpError("shape", f"`{self.name}` needs positions, {x} is a vector", "input")
