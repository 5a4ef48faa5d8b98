"""Functions of values by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..arithmetic import Number
from ..shape import Shape
from .attributes import Choice, OpError, Real
from .base import Op
from .broadcasting import common_sizes, spread_code, windows_of
from .facts import Extra, OperationCounts, Saved
from .functions import NAMES, NUMBER, ONE, THREE, TWO, Function, SavedInputs, function_of
from .torch_code import TorchCode, literal
from .volume import Volume
from .window import unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class FunctionSaved(Saved):
    """What a function keeps of its inputs, which depends on which of them take a gradient."""

    __slots__ = ("kept",)

    def __init__(self, kept: SavedInputs, output: bool, extras: tuple[Extra, ...]):
        super().__init__(inputs=any(kept), output=output, extras=extras)
        self.kept = kept

    def saved_inputs(self, trained: bool, inplace: bool, taking: Sequence[bool]) -> list[bool]:
        return [any(taking[at] for at in which) for which in self.kept]


class Map(Op):
    """A function of each value, or of the values of several tensors at the same place.

    `map exp` is of one tensor, `map pow 2`, `map rsub 1` (1 - x) and `map clamp 0 1` of one tensor
    and of numbers, `map sub @a @b` of two tensors, `map where @c @a @b` of three. Tensors have the
    same shape, or axes of one position that are spread; a shorter one has the last axes, channels last.
    Comparisons put out 1 and 0. A negative number stands in brackets: `map add (-1)`.
    """

    name = "map"
    group = "functions"
    several = True
    positional = ("function", "a", "b")
    shapes = "of one tensor its shape; of several the one that they have together"
    example = "28x28x6 -> map clamp 0 1"
    source = "PyTorch, torch.exp and the functions beside it"
    counting = (
        "per value of the output: add, sub, rsub, neg add 1; mul, square mul 1; div, rdiv, reciprocal div 1; "
        "exp, log, roots, powers, angles, erf special 1 (rsqrt div 1 too); comparisons, max, min, abs, "
        "rounding and logic compare 1, sign and both bounds of clamp 2; mod, fmod div 1, compare 1, mul 1, "
        "add 1; lerp add 2, mul 1; addcmul add 1, mul 1; addcdiv add 1, div 1; atan2 special 1, div 1; hypot "
        "mul 2, add 1, special 1; logaddexp special 2, add 2, compare 1"
    )

    function = Choice(NAMES, "what is taken of each value", required=True)
    a = Real("a number: of `clamp` the lower bound")
    b = Real("a second number: of `clamp` the upper bound")

    def taken(self, count: int) -> Function:
        """The function of so many tensors. Raises OpError."""
        numbers = (self.a is not None) + (self.b is not None)
        found = function_of(str(self.function), count, numbers)
        if found is None:
            given = "one tensor" if count == 1 else f"{count} tensors"
            with_numbers = " and a number" if numbers == 1 else " and two numbers" if numbers else ""
            raise OpError(
                "argument",
                f"`map {self.function}` is no function of {given}{with_numbers}",
                "function",
                help=f"it takes {self._forms()}",
            )
        return found

    def _forms(self) -> str:
        name = str(self.function)
        tables = (
            ("a tensor", name in ONE),
            ("a tensor and a number", name in NUMBER),
            ("a tensor and two numbers, the bounds", name == "clamp"),
            ("two tensors" + (" and a number" if name == "lerp" else ""), name in TWO),
            ("three tensors", name in THREE),
        )
        return " or ".join([words for words, has in tables if has])

    def accept(self, *inputs: Shape) -> None:
        function = self.taken(len(inputs))
        self.__dict__["stops_gradient"] = function.chosen
        on_the_way = (
            "no gradient goes back through it" if function.chosen else "its derivative is made on the way"
        )
        self.__dict__["backward_temporaries"] = "" if function.clean else on_the_way
        if common_sizes(*inputs) is None:
            number = (
                next(i for i, x in enumerate(inputs) if common_sizes(inputs[0], x) is None)
                if (any(common_sizes(inputs[0], x) is None for x in inputs))
                else len(inputs) - 1
            )
            raise OpError(
                "shape",
                f"the tensors of `map {self.function}` differ",
                "input",
                branch=number,
                help="axes of one position are spread, and a shorter shape has the last axes",
            )

    def output(self, *inputs: Shape) -> Shape:
        return inputs[0] if len(inputs) == 1 else Shape(common_sizes(*inputs) or inputs[0])

    def volume(self, *inputs: Shape) -> Volume:
        made = self.output(*inputs)
        reads = windows_of(made, *inputs) if len(inputs) > 1 else None
        return Volume(unchanged_axes(made.spatial), made.channels, made.channels, reads=reads)

    def operations(self, *inputs: Shape) -> OperationCounts:
        return self.taken(len(inputs)).counts.times(self.output(*inputs).values)

    def saves(self, *inputs: Shape) -> Saved:
        function = self.taken(len(inputs))
        extras: tuple[Extra, ...] = ()
        if function.extra is not None:
            words, width = function.extra
            extras = (Extra(words, inputs[0].values, width=width),)
        return FunctionSaved(function.kept[: len(inputs)], function.output, extras)

    def passes(self, index: int, *inputs: Shape) -> bool:
        return index in self.taken(len(inputs)).passes

    def torch_code(self, *inputs: Shape) -> TorchCode:
        axes = len(self.output(*inputs)) - 1
        several = len(inputs) > 1
        read = [spread_code(f"xs[{i}]", x, axes) if several else "x" for i, x in enumerate(inputs)]
        numbers = {"a": _literal(self.a), "b": _literal(self.b)}
        return TorchCode(None, self.taken(len(inputs)).code.format(*read, **numbers))

    def onnx_code(self, to: OnnxCode, *inputs: Shape) -> str | None:
        from .onnx.functions import mapped

        axes = len(self.output(*inputs)) - 1
        read = [
            to.unsqueeze(name, *range(2, 2 + axes - len(x.spatial)))
            for name, x in zip(to.xs, inputs, strict=True)
        ]
        read += [to.real(number) for number in (self.a, self.b) if number is not None]
        return mapped(to, str(self.function), read)

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        numbers = [number for number in (self.a, self.b) if number is not None]
        return calc.mapped(str(self.function), [*inputs, *numbers])


def _literal(number: Number) -> str:
    text = "" if number is None else literal(number)
    return f"({text})" if text.startswith("-") else text
