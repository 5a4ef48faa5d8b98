"""Biases and factors as layers of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number
from ..shape import Shape
from .attributes import Axes, Choice, Flag, Real, sizes_of
from .base import Free, Unchanged
from .facts import OperationCounts, Saved, Tensor
from .torch_code import TorchCode, call, literal
from .volume import Volume
from .window import NOTHING, Window, stated

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode

FIXED = "the values are computed, or taken from tables that `extra=` states, and not learned as such"


class ValueByValue(Unchanged):
    """Base of ops that add to each value, or multiply it, and make a new tensor of it."""

    group = "bias and scale"


PER = ("channel", "position", "all", "single")


def sizes_per(per: str, x: Shape) -> tuple[Number, ...]:
    """The shape of a tensor with a value per channel, per position, per value, or a single one."""
    shapes: dict[str, tuple[Number, ...]] = {
        "channel": (x.channels,),
        "position": x.spatial,
        "all": (x.channels, *x.spatial),
        "single": (1,),
    }
    return shapes[per]


def values_per(per: str, values: Array, x: Array) -> Array:
    """The values of a tensor, so that they go together with those of ``x``."""
    if per == "position":
        return values.reshape(*x.shape[:-1], 1)
    if per == "all":
        return values.transpose(*range(1, values.ndim), 0)
    return values


def tensor_per(per: str, to: OnnxCode, name: str, x: Shape) -> str:
    """A tensor of ONNX, so that its values go together with those of what arrives: those of positions lie
    as the last axes do."""
    return to.per_channel(name, x) if per == "channel" else to.tensor(name)


class Bias(ValueByValue):
    """A learned bias per channel, per position (untied over the map), per value, or one."""

    name = "bias"
    example = "19x19x192 -> conv 1x1 1 bias=no -> bias per=position"
    source = "Silver et al., Nature 529, 2016, methods (a different bias for each position)"
    counting = "add: 1 per value"
    weighted = True

    per = Choice(
        PER,
        "what has its own bias: a channel, a position (all channels alike), every value, or all together",
        "channel",
    )
    fixed = Flag(FIXED, False, rare=True)

    def accept(self, x: Shape) -> None:
        if self.per == "position":
            self.need_positions(x)

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(add=x.values)

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return () if self.fixed else self.tensors_read(x)

    def computed(self, *inputs: Shape) -> tuple[Tensor, ...]:
        return self.tensors_read(*inputs) if self.fixed else ()

    def tensors_read(self, x: Shape) -> tuple[Tensor, ...]:
        """What is added, learned or computed."""
        return (Tensor("bias", sizes_per(self.per, x)),)

    def torch_code(self, x: Shape) -> TorchCode:
        if self.fixed:
            return TorchCode(call("FixedBias"))
        (bias,) = self.tensors(x)
        return TorchCode(call("ChannelBias" if self.per == "channel" else "Bias", *bias.shape))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        if self.fixed:
            return to.node("Add", to.x, to.real(0.5))
        return to.node("Add", to.x, tensor_per(self.per, to, "bias", x))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x + values_per(self.per, calc.tensors["bias"], x)


class Scale(ValueByValue):
    """A learned factor per channel, position or value, or a single one; shift=yes adds a bias."""

    name = "scale"
    example = "56x56x64 -> scale"
    source = "Caffe, scale layer (axis=1; shift=yes is bias_term)"
    counting = "mul: 1 per value; with shift=yes mul_add 1 per value instead, not among the MACs"
    weighted = True

    shift = Flag("a learned shift behind each factor", False)
    per = Choice(
        PER,
        "what has its own factor: a channel, a position (all channels alike), every value, or all together",
        "channel",
    )
    fixed = Flag(FIXED, False, rare=True)
    no_saved_rule = "with fixed=yes and `extra`: it depends on how the factors are computed"

    def accept(self, x: Shape) -> None:
        if self.per == "position":
            self.need_positions(x)

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(mul_add=x.values) if self.shift else OperationCounts(mul=x.values)

    def saves(self, x: Shape) -> Saved | None:
        if self.fixed:
            # What is learned of the factors needs the input; where nothing is, nobody does.
            return None if self.__dict__.get("extra") else Saved()
        return Saved(trained=True)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return () if self.fixed else self.tensors_read(x)

    def computed(self, *inputs: Shape) -> tuple[Tensor, ...]:
        return self.tensors_read(*inputs) if self.fixed else ()

    def tensors_read(self, x: Shape) -> tuple[Tensor, ...]:
        """The factors and what is added, learned or computed."""
        sizes = sizes_per(self.per, x)
        weight = Tensor("weight", sizes)
        return (weight, Tensor("bias", sizes)) if self.shift else (weight,)

    def torch_code(self, x: Shape) -> TorchCode:
        if self.fixed:
            return TorchCode(call("FixedScale"))
        kind, sizes = "Scale" if self.per == "channel" else "ScaleEach", sizes_per(self.per, x)
        return TorchCode(call(kind, *sizes, shift=(bool(self.shift), False)))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        if self.fixed:
            return to.node("Mul", to.x, to.real(1.5))
        scaled = to.node("Mul", to.x, tensor_per(self.per, to, "weight", x))
        return to.node("Add", scaled, tensor_per(self.per, to, "bias", x)) if self.shift else scaled

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        scaled = x * values_per(self.per, calc.tensors["weight"], x)
        return scaled + values_per(self.per, calc.tensors["bias"], x) if self.shift else scaled


class Parameter(Free):
    """A learned tensor that depends on nothing: queries, prompts, a constant to begin with.

    What arrives says how many there are in a batch, and no more. So its units see nothing of the
    input, and behind a sum of it with a map the field is the map's. With buffer=yes it is stored and
    not learned: a table of sines, a mask, a mean that is taken off.
    """

    name = "parameter"
    synonyms = ("constant", "learnedquery", "queries")
    group = "bias and scale"
    positional = ("shape",)
    shapes = "from any shape to `shape`"
    example = "49x256 -> parameter 100x256"
    source = "PyTorch, torch.nn.Parameter; arXiv:2005.12872, section 3.2 (object queries)"
    weighted = True

    shape = Axes("sizes of all axes, channels last", required=True)
    buffer = Flag("it is stored and not learned", False)
    fixed = Flag(FIXED, False, rare=True)

    def volume(self, x: Shape) -> Volume:
        *spatial, channels = sizes_of(self.shape)
        windows = [Window(rule=stated, target=n) for n in spatial]
        return Volume(windows, channels, x.channels, channels, reads=NOTHING)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return () if self.fixed else self.tensors_read(x)

    def computed(self, *inputs: Shape) -> tuple[Tensor, ...]:
        return self.tensors_read(*inputs) if self.fixed else ()

    def tensors_read(self, x: Shape) -> tuple[Tensor, ...]:
        """The values, learned, stored or computed."""
        return (Tensor("values", sizes_of(self.shape), learned=not self.buffer),)

    def backward(self, trained: bool, input_gradient: bool, x: Shape) -> Number:
        return 0

    def torch_code(self, x: Shape) -> TorchCode:
        if self.fixed:
            return TorchCode(call("FixedValues", *sizes_of(self.shape)))
        return TorchCode(call("Values", *sizes_of(self.shape), learned=(not self.buffer, True)))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        *spatial, channels = sizes_of(self.shape)
        axes = len(spatial)
        values = to.full((*spatial, channels), 1) if self.fixed else to.tensor("values")
        first = to.transpose(values, axes, *range(axes))
        return to.for_each(first, to.x, channels, *spatial)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.tensors["values"]


class Times(ValueByValue):
    """A constant factor, the same for all values."""

    name = "times"
    keras = "Rescaling"
    positional = ("factor",)
    example = "17x17x1088 -> times 0.17"
    source = "arXiv:1602.07261, section 3.3 (scaling of the residuals)"
    counting = "mul: 1 per value"

    factor = Real("what each value is multiplied by", required=True)

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(mul=x.values)

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, f"x * {literal(self.factor)}")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("Mul", to.x, to.real(self.factor))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x * self.factor
