"""What an op's rules state: tensors, counts of operations, and what is kept for the backward pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..arithmetic import Number, product
from ..shape import Shape


class KerasPart(NamedTuple):
    """A layer that Keras has for a part of one: its class, its output, its parameters."""

    kind: str
    output: Shape
    params: int


class Tensor:
    """A named tensor of a layer.

    Args:
        name: Its name in PyTorch: ``weight``, ``bias``, ``running_mean`` …
        shape: Its shape in PyTorch's layout.
        learned: Whether it is learned. Buffers are not.

    Example:
        >>> from archcalc.ops.facts import Tensor
        >>> Tensor("weight", (8, 3, 3, 3)).size
        216
    """

    __slots__ = ("name", "shape", "learned")

    def __init__(self, name: str, shape: tuple[Number, ...], learned: bool = True):
        self.name = name
        self.shape = shape
        self.learned = learned

    @property
    def size(self) -> Number:
        """Number of values."""
        return product(self.shape)

    @property
    def is_bias(self) -> bool:
        """Whether its values are added and not multiplied; PyTorch's names say so."""
        return "bias" in self.name


class OperationCounts:
    """Exact counts of elementary operations.

    Args:
        mul_add: Multiplications with the addition that takes them up, each pair counted once.
        mul: Multiplications that no addition takes up.
        add: Additions besides those of ``mul_add``.
        compare: Comparisons.
        div: Divisions.
        special: Transcendental functions: exp, tanh, erf, powers.
        outputs: Dot products, so that a convention of 2K - 1 operations for K terms can be formed.
        biases: Of ``add``, the additions of biases: no count of its own, and so not in FIELDS.
        once: Of ``mul_add``, those that are done once however large the batch: on parameters alone.

    Example:
        >>> from archcalc.ops.facts import OperationCounts
        >>> counts = OperationCounts(mul_add=27, add=1, outputs=1)
        >>> counts.multiplications, counts.additions
        (27, 27)
    """

    FIELDS = ("mul_add", "mul", "add", "compare", "div", "special", "outputs")
    __slots__ = (*FIELDS, "biases", "once")

    def __init__(
        self,
        mul_add: Number = 0,
        mul: Number = 0,
        add: Number = 0,
        compare: Number = 0,
        div: Number = 0,
        special: Number = 0,
        outputs: Number = 0,
        biases: Number = 0,
        once: Number = 0,
    ):
        self.mul_add = mul_add
        self.mul = mul
        self.add = add
        self.compare = compare
        self.div = div
        self.special = special
        self.outputs = outputs
        self.biases = biases
        self.once = once

    @property
    def multiplications(self) -> Number:
        """All multiplications."""
        return self.mul_add + self.mul

    @property
    def additions(self) -> Number:
        """All additions: a dot product of K terms takes K - 1, and its bias one more."""
        return self.mul_add + self.add - self.outputs

    def times(self, number: Number) -> OperationCounts:
        """All counts ``number`` times; what is never done stays a plain 0."""
        counts = {name: getattr(self, name) for name in self.__slots__}
        found = OperationCounts(**{name: count * number for name, count in counts.items() if count})
        if self.once:
            found.mul_add = self.batched(number)
            found.once = self.once
        return found

    def batched(self, batch: Number) -> Number:
        """``mul_add`` of a batch."""
        return self.mul_add * batch - self.once * (batch - 1) if self.once else self.mul_add * batch

    def to_dict(self, batch: int = 1) -> dict[str, int]:
        """The counts by name, for a batch."""
        found = {name: batch * getattr(self, name) for name in self.FIELDS}
        found["mul_add"] = self.batched(batch)
        return found


class Extra:
    """Values that a layer keeps for the backward pass beside its input or output.

    name    what they are, for a reader
    values  how many, for one element of the batch
    width   bytes per value; None: as many as a value of the activations has
    fixed   their number does not depend on the batch
    cuda    bytes per value on CUDA where the layer is not written over its input; None: no others
    trained only where the layer's parameters are trained
    floats  ``width`` is the least: they are as wide as the activations where those are wider
    input_gradient only where a gradient goes on to the input
    """

    __slots__ = ("name", "values", "width", "fixed", "cuda", "trained", "floats", "input_gradient")

    def __init__(
        self,
        name: str,
        values: Number,
        width: int | None = None,
        fixed: bool = False,
        cuda: int | None = None,
        trained: bool = False,
        floats: bool = False,
        input_gradient: bool = False,
    ):
        self.name = name
        self.input_gradient = input_gradient
        self.floats = floats
        self.values = values
        self.width = width
        self.fixed = fixed
        self.cuda = cuda
        self.trained = trained

    def bytes(self, batch: int, width: int, fused: bool = False) -> Number:
        """Bytes for a batch, where a value of the activations has ``width``; ``fused``: as CUDA's
        kernels keep them."""
        each = max(self.width or width, width) if self.floats else self.width or width
        if fused and self.cuda is not None:
            each = self.cuda
        return self.values * (1 if self.fixed else batch) * each

    @property
    def words(self) -> str:
        """What they are, how wide, and whether the batch matters."""
        notes = [f"{self.width} bytes each"] if self.width else []
        if self.cuda:
            many = "a byte" if self.cuda == 1 else f"{self.cuda} bytes"
            notes.append(f"on CUDA {many} each unless written over its input")
        if self.fixed:
            notes.append("whatever the batch")
        if self.trained:
            notes.append("if its weights are trained")
        if self.input_gradient:
            notes.append("where a gradient goes on from there")
        return f"{self.name} ({', '.join(notes)})" if notes else self.name


class Saved:
    """What a layer keeps from the forward pass for the backward pass, its parameters apart.

    Args:
        inputs: Whether its inputs are kept.
        trained: Whether they are kept where its parameters are trained, and only there: the gradient of
            the input does not need them.
        input_gradient: Whether those inputs are kept that take a gradient themselves: the gradient of its
            parameters does not need them.
        output: Whether its output is kept.
        in_place: Whether its output is kept where it is written over its input, and else its input.
        extras: Statistics, indices, masks.

    Example:
        >>> from archcalc.ops.facts import Saved
        >>> Saved(output=True).words()
        'its output'
    """

    __slots__ = ("inputs", "trained", "input_gradient", "output", "in_place", "extras")

    def __init__(
        self,
        inputs: bool = False,
        trained: bool = False,
        input_gradient: bool = False,
        output: bool = False,
        in_place: bool = False,
        extras: tuple[Extra, ...] = (),
    ):
        self.inputs = inputs
        self.trained = trained
        self.input_gradient = input_gradient
        self.output = output
        self.in_place = in_place
        self.extras = extras

    def saved_inputs(self, trained: bool, inplace: bool, taking: Sequence[bool]) -> list[bool]:
        """Which inputs are kept: ``trained``, the layer's parameters are; ``inplace``, it is written
        inplace its input; ``taking``, which inputs take a gradient."""
        every = self.inputs or (self.trained and trained) or (self.in_place and not inplace)
        return [every or (self.input_gradient and takes) for takes in taking]

    def saved_extras(self, trained: bool, taking: Sequence[bool]) -> Iterable[Extra]:
        """Which extras are."""
        return [
            extra
            for extra in self.extras
            if (trained or not extra.trained) and (any(taking) or not extra.input_gradient)
        ]

    def words(self, several: bool = False) -> str:
        """What is saved, for a reader; ``several`` where the layer has several inputs."""
        inputs = "its inputs" if several else "its input"
        parts = [inputs] if self.inputs else []
        if self.trained:
            parts.append(f"{inputs} if its weights are trained")
        if self.input_gradient:
            parts.append(f"{inputs} where a gradient goes on from there")
        if self.output:
            parts.append("its output")
        if self.in_place:
            parts.append(f"its output if written over its input, else {inputs}")
        return "; ".join([*parts, *(extra.words for extra in self.extras)]) or "nothing"
