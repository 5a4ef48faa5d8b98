"""Normalisations."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from ..arithmetic import Number, value_of
from ..shape import Shape
from .arrangement import FIRST, LAST, lies
from .attributes import Choice, Count, Flag, FlagOrNames, OpError
from .base import Unchanged
from .facts import Extra, OperationCounts, Saved, Tensor
from .torch_code import TorchCode, at_each_position, call

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


def moments(values: Number, sets: Number) -> dict[str, Number]:
    """Operations that take mean and variance of the sets of some values and put them to use."""
    return {"mul": values, "add": 3 * values - sets, "div": values + 2 * sets, "special": sets}


class BatchNorm(Unchanged):
    """Batch normalisation, a mean, a variance, a scale and a shift per channel.

    Mean and variance are running ones that training has left in two buffers. With statistics=batch
    they are those of the batch itself, as while training; with running=no there are no others. What
    is counted then is a batch of one image.
    """

    name = "bn"
    arrangement = (2, 3)
    keras = "BatchNormalization"
    synonyms = ("batchnorm", "batchnorm{}d", "batchnormalization", "batchnormalisation")
    group = "normalisation"
    example = "56x56x64 -> bn"
    source = "arXiv:1502.03167, algorithms 1 and 2; PyTorch, torch.nn.BatchNorm2d"
    counting = (
        "mul_add: one per value (at inference a scale and a shift), not among the MACs; with "
        "statistics=batch per channel of N values besides: mul N (squares), add 3N - 1 (mean N - 1, "
        "differences N, variance N - 1, epsilon 1), special 1 (root), div N + 2"
    )
    weighted = True
    is_norm = True
    no_torch_reason = "PyTorch's wants more than one value of a channel to take statistics of"

    scale = Flag("a learned scale", True)
    shift = Flag("a learned shift", True)
    running = Flag("running mean and variance in two buffers", True)
    statistics = Choice(
        ("running", "batch"), "whose mean and variance: the running ones, or the batch's own", "running"
    )
    frozen = FlagOrNames(
        "scale and shift are buffers (torchvision's FrozenBatchNorm2d), or those so named are not trained",
        False,
    )

    @property
    def of_batch(self) -> bool:
        """Whether mean and variance are those of the batch, at inference too."""
        return not self.running or bool(self.statistics == "batch")

    def check(self) -> None:
        if self.frozen is True and self.of_batch:
            raise OpError("argument", "a frozen `bn` has running statistics", "frozen")
        self.__dict__["whole_statistics"] = self.of_batch

    def operations(self, x: Shape) -> OperationCounts:
        if self.of_batch:
            return OperationCounts(mul_add=x.values, **moments(x.values, x.channels))
        return OperationCounts(mul_add=x.values)

    def saves(self, x: Shape) -> Saved:
        if self.frozen is True:  # x * scale + shift, both made of the buffers on the way
            return Saved(extras=(Extra("one factor per channel", x.channels, fixed=True),))
        statistics = Extra("two statistics per channel", 2 * x.channels, width=4, fixed=True, floats=True)
        return Saved(inputs=True, extras=(statistics,))

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        channels = (x.channels,)
        learned = self.frozen is not True
        affine = []
        if self.scale:
            affine.append(Tensor("weight", channels, learned))
        if self.shift:
            affine.append(Tensor("bias", channels, learned))
        return (*affine, *(running(x) if self.running else ()))

    def needs_batch(self, x: Shape) -> bool:
        return bool(x.positions == 1)

    def torch_code(self, x: Shape) -> TorchCode | None:
        affine = {"scale": (self.scale, True), "shift": (self.shift, True)}
        if self.frozen is True:
            return TorchCode(call("FrozenBatchNorm", x.channels, **affine))
        if self.of_batch and value_of(x.positions) == 1:
            return None
        if self.scale != self.shift or len(x) > 4 or (self.running and self.of_batch):
            options = {"running": (self.running, True), "of_batch": (self.of_batch and self.running, False)}
            return TorchCode(call("BatchNorm", x.channels, **affine, **options))
        axes = max(len(x) - 1, 1)
        tracked = self.running, True
        module = call(
            f"nn.BatchNorm{axes}d", x.channels, affine=(self.scale, True), track_running_stats=tracked
        )
        return TorchCode(module)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        scale, shift = bool(self.scale), bool(self.shift)
        if self.of_batch:
            y = to.standardised(to.x, [0, *range(2, len(x) + 1)], self.epsilon)
            return to.scaled(y, x, scale, shift)
        return by_running_statistics(to, x, scale, shift, self.epsilon)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        if self.of_batch:
            return calc.scaled(calc.standardised(x, range(x.ndim - 1)))
        mean, variance = calc.tensors["running_mean"], calc.tensors["running_var"]
        return calc.scaled(calc.standardised_by(x, mean, variance))


def running(x: Shape) -> tuple[Tensor, ...]:
    """The buffers of running statistics."""
    channels = (x.channels,)
    return tuple([Tensor(name, channels, learned=False) for name in ("running_mean", "running_var")])


def by_running_statistics(to: OnnxCode, x: Shape, scale: bool, shift: bool, epsilon: Number) -> str:
    """ONNX's `BatchNormalization`, which has a scale and a shift in any case."""
    affine = [
        to.tensor("weight") if scale else to.full((x.channels,), 1),
        to.tensor("bias") if shift else to.full((x.channels,), 0),
    ]
    statistics = to.tensor("running_mean"), to.tensor("running_var")
    return to.node("BatchNormalization", to.x, *affine, *statistics, epsilon=float(epsilon))


class MomentNorm(Unchanged):
    """Base of the normalisations whose mean and variance are the input's own, at inference too."""

    group = "normalisation"
    weighted = True
    is_norm = True
    counting = (
        "per set of N values: mul N (squares), add 3N - 1 (mean N - 1, differences N, variance "
        "N - 1, epsilon 1), special 1 (root), div N + 2; scale and shift: mul_add one per value, not "
        "among the MACs; a scale alone: mul one per value; a shift alone: add one per value"
    )
    no_torch_reason = "PyTorch's has no shift without a scale"

    # What has a mean and a variance, after "two statistics".
    set_of: ClassVar[str] = ""

    affine = Flag("learned scales and shifts; no: neither, whatever `scale` and `shift` say", True)
    scale = Flag("a learned scale a channel", True)
    shift = Flag("a learned shift a channel", True)

    @property
    def scales(self) -> bool:
        """Whether there is a learned scale."""
        return bool(self.affine and self.scale)

    @property
    def shifts(self) -> bool:
        """Whether there is a learned shift."""
        return bool(self.affine and self.shift)

    def sets(self, x: Shape) -> Number:
        """Sets of values that have a mean and a variance each."""
        raise NotImplementedError

    def operations(self, x: Shape) -> OperationCounts:
        counts = moments(x.values, self.sets(x))
        if self.scales and self.shifts:
            return OperationCounts(mul_add=x.values, **counts)
        for what, present in (("mul", self.scales), ("add", self.shifts)):
            counts[what] = counts[what] + x.values if present else counts[what]
        return OperationCounts(**counts)

    def saves(self, x: Shape) -> Saved:
        # Mean and variance are of each element of the batch by itself.
        statistics = Extra(f"two statistics {self.set_of}", 2 * self.sets(x), width=4, floats=True)
        return Saved(inputs=True, extras=(statistics,))

    def sizes(self, x: Shape) -> tuple[Number, ...]:
        """Sizes of the learned tensors."""
        return (x.channels,)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        present = [("weight", self.scales), ("bias", self.shifts)]
        return tuple([Tensor(name, self.sizes(x)) for name, is_there in present if is_there])

    def module(self, name: str, *arguments: object, **options: tuple[object, object]) -> TorchCode | None:
        """The module of PyTorch of this name."""
        if self.shifts and not self.scales:
            return None
        options["bias"] = (self.shifts or not self.scales, True)
        return TorchCode(call(name, *arguments, **options))


class LayerNorm(MomentNorm):
    """Layer normalisation over the channels, at each position by itself.

    As transformers and ConvNeXt have it. With across=all it is over all values of the map, each with
    a scale and a shift of its own; `groupnorm 1` has one of them per channel.
    """

    name = "layernorm"
    rows_are_positions = True
    arrangement = LAST
    keras = "LayerNormalization"
    synonyms = ("layernormalization", "layernormalisation", "ln")
    example = "196x768 -> layernorm"
    source = "arXiv:1607.06450, section 3; PyTorch, torch.nn.LayerNorm over the last axis, or all"
    set_of = "a set"

    across = Choice(("channels", "all"), "which values have a mean: a position's, or all", "channels")

    def check(self) -> None:
        self.__dict__["whole_statistics"] = self.across == "all"

    def sets(self, x: Shape) -> Number:
        return x.positions if self.across == "channels" else 1

    def sizes(self, x: Shape) -> tuple[Number, ...]:
        return (x.channels,) if self.across == "channels" else (x.channels, *x.spatial)

    def copies(self, arrangements: tuple[str, ...], x: Shape) -> bool:
        return self.across == "all" and not lies(arrangements[0], FIRST, x)

    def arranges(self, arrangements: tuple[str, ...], x: Shape) -> str:
        return LAST if self.across == "channels" else FIRST

    def torch_code(self, x: Shape) -> TorchCode | None:
        sizes = self.sizes(x)
        made = self.module(
            "nn.LayerNorm",
            sizes[0] if len(sizes) == 1 else list(sizes),
            elementwise_affine=(self.scales or self.shifts, True),
        )
        if made is not None and self.across == "channels":
            made.apply = at_each_position(x)
        return made

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        sizes, last = self.sizes(x), self.across == "channels"
        axes = len(x) - 1 if last else 0
        scale = to.tensor("weight") if self.scales else to.full(sizes, 1)
        y = to.node(
            "LayerNormalization",
            to.channels_last(to.x, axes),
            scale,
            *to.tensor_if("bias", self.shifts),
            axis=-1 if last else 1,
            epsilon=float(self.epsilon),
        )
        return to.channels_first(y, axes)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        if self.across == "channels":
            return calc.scaled(calc.standardised(x, (x.ndim - 1,)))
        return calc.scaled(calc.standardised(x, range(x.ndim)), channels_first=True)


class RMSNorm(Unchanged):
    """Root mean square normalisation over the channels, at each position by itself.

    As T5 and Llama have it: each value is divided by the root of the mean of the squares, with no
    mean taken off and no shift.
    """

    name = "rmsnorm"
    arrangement = LAST
    keras = "RMSNormalization"
    synonyms = ("rmsnormalization", "rmsnormalisation")
    group = "normalisation"
    example = "128x512 -> rmsnorm"
    source = "arXiv:1910.07467, equation 4; PyTorch, torch.nn.RMSNorm over the last axis"
    counting = (
        "per position of N channels: mul 2N (squares, each value by the root), add N (sum N - 1, "
        "epsilon 1), div 2 (mean, one over the root), special 1 (root); scale=yes: mul one per value"
    )
    weighted = True
    is_norm = True
    saved_by_device = "CUDA has one kernel for it, which keeps its input and the roots alone"
    epsilon = Fraction(1, 2**52)

    scale = Flag("a learned scale a channel", True)

    def operations(self, x: Shape) -> OperationCounts:
        values, sets = x.values, x.positions
        each = 3 * values if self.scale else 2 * values
        return OperationCounts(mul=each, add=values, div=2 * sets, special=sets)

    def saves(self, x: Shape) -> Saved:
        roots = Extra("one root per position", x.positions, width=4, floats=True, input_gradient=True)
        values = Extra("its values before the scale", x.values, trained=True, cuda=0)
        return Saved(input_gradient=True, extras=(roots, values) if self.scale else (roots,))

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (Tensor("weight", (x.channels,)),) if self.scale else ()

    def torch_code(self, x: Shape) -> TorchCode:
        module = call("nn.RMSNorm", x.channels, elementwise_affine=(self.scale, True))
        return TorchCode(module, at_each_position(x))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        # PyTorch's epsilon where none is given: that of the numbers, which are float32 here.
        mean = to.reduce("Mean", to.node("Mul", to.x, to.x), [1])
        root = to.node("Sqrt", to.node("Add", mean, to.real(Fraction(1, 2**23))))
        return to.scaled(to.node("Div", to.x, root), x, bool(self.scale), False)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        mean = calc.mean(x * x, x.ndim - 1, keep=True)
        return calc.scaled(calc.quotient(x, calc.function("root", mean + calc.epsilon)))


class GroupNorm(MomentNorm):
    """Group normalisation: over all positions of so many groups of channels."""

    name = "groupnorm"
    arrangement = (2, 3)
    keras = "GroupNormalization"
    synonyms = ("groupnormalization", "groupnormalisation", "gn")
    positional = ("groups",)
    example = "56x56x64 -> groupnorm 32"
    source = "arXiv:1803.08494, section 3.1; PyTorch, torch.nn.GroupNorm"
    set_of = "a group"
    whole_statistics = True

    groups = Count("groups of channels, each with its mean and variance", symbol="G", required=True)

    def accept(self, x: Shape) -> None:
        if x.channels % self.groups:
            raise OpError("shape", f"{x.channels} channels do not divide into {self.groups} groups", "groups")

    def copies(self, arrangements: tuple[str, ...], x: Shape) -> bool:
        # On maps and volumes there is a kernel for either order.
        (how,) = arrangements
        return not lies(how, FIRST, x) and not (len(x) > 2 and lies(how, LAST, x))

    def sets(self, x: Shape) -> Number:
        return self.groups

    def needs_batch(self, x: Shape) -> bool:
        return bool(x.values == self.groups)

    def torch_code(self, x: Shape) -> TorchCode | None:
        affine = self.scales or self.shifts, True
        return self.module("nn.GroupNorm", self.groups, x.channels, affine=affine)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        groups, epsilon = value_of(self.groups), float(self.epsilon)
        if to.opset >= 21:
            scale = to.tensor("weight") if self.scales else to.full((x.channels,), 1)
            shift = to.tensor("bias") if self.shifts else to.full((x.channels,), 0)
            return to.node("GroupNormalization", to.x, scale, shift, num_groups=groups, epsilon=epsilon)
        grouped = to.reshape(to.x, groups, -1)
        ones, zeros = to.full((groups,), 1), to.full((groups,), 0)
        y = to.node("InstanceNormalization", grouped, ones, zeros, epsilon=epsilon)
        return to.scaled(to.reshape(y, x.channels, *x.spatial), x, self.scales, self.shifts)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        grouped = x.reshape(*x.shape[:-1], self.groups, -1)
        axes = [*range(x.ndim - 1), x.ndim]
        return calc.scaled(calc.standardised(grouped, axes).reshape(x.shape))


class InstanceNorm(MomentNorm):
    """Instance normalisation: over all positions of each channel.

    With running=yes there are running statistics in two buffers, which take the place of the image's
    own at inference, as with `bn`.
    """

    name = "instancenorm"
    arrangement = FIRST
    keras = "GroupNormalization"
    synonyms = ("instancenorm{}d",)
    example = "256x256x64 -> instancenorm"
    source = "arXiv:1607.08022, equation 2; PyTorch, torch.nn.InstanceNorm2d"
    set_of = "a channel"
    whole_statistics = True
    no_torch_reason = (
        "PyTorch's wants more than one position, and three axes at most, and has no shift without a scale"
    )
    counting = MomentNorm.counting + "; with running=yes mul_add one per value, as `bn`"

    affine = Flag("learned scales and shifts; no: neither, whatever `scale` and `shift` say", False)
    running = Flag("running mean and variance in two buffers, used at inference", False)

    def check(self) -> None:
        self.__dict__["whole_statistics"] = not self.running

    def accept(self, x: Shape) -> None:
        self.need_positions(x)

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(mul_add=x.values) if self.running else super().operations(x)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (*super().tensors(x), *(running(x) if self.running else ()))

    def copies(self, arrangements: tuple[str, ...], x: Shape) -> bool:
        return not lies(arrangements[0], FIRST, x)

    def sets(self, x: Shape) -> Number:
        return x.channels

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4 or value_of(x.positions) == 1:
            return None
        affine = self.scales or self.shifts, False
        tracked = self.running, False
        name = f"nn.InstanceNorm{len(x) - 1}d"
        return self.module(name, x.channels, affine=affine, track_running_stats=tracked)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        if self.running:
            return by_running_statistics(to, x, self.scales, self.shifts, self.epsilon)
        scale = to.tensor("weight") if self.scales else to.full((x.channels,), 1)
        shift = to.tensor("bias") if self.shifts else to.full((x.channels,), 0)
        return to.node("InstanceNormalization", to.x, scale, shift, epsilon=float(self.epsilon))

    def saves(self, x: Shape) -> Saved:
        saved = super().saves(x)
        if self.running:
            repeated = Extra("the running statistics, repeated", 2 * x.channels, width=4, floats=True)
            saved.extras += (repeated,)
        if self.scales:
            # It is a batch norm whose channels are those of all elements side by side, so the
            # scales are repeated for each.
            saved.extras += (Extra("the scales, repeated", x.channels),)
        return saved

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        if self.running:
            mean, variance = calc.tensors["running_mean"], calc.tensors["running_var"]
            return calc.scaled(calc.standardised_by(x, mean, variance))
        return calc.scaled(calc.standardised(x, range(x.ndim - 1)))
