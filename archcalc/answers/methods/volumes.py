"""How many positions and channels a layer puts out, by the formula of a textbook."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ...arithmetic import Number, product, total, value_of
from ...ops.base import Op, spread
from ...ops.convolution import Convolution, DepthwiseConv
from ...ops.dense import FullyConnected
from ...ops.merging import Add, Concat
from ...ops.pooling import GlobalPool, Pool
from ...ops.rearranging import ZeroPad
from ...ops.sliding import Sliding
from ...ops.transposed import TransposedConv
from ...shape import Shape
from ..working import Named, Working, WorkingLine, lifted, rounded_up, unnamed
from .base import Method

# How the size of an axis follows from its numbers.
WINDOW, SAME, SPREAD, STEPS, KEPT, RIMMED = ("window", "same", "spread", "steps", "kept", "rimmed")
# Where the one is added: to the quotient, to what is divided, or nowhere.
AFTER, BEFORE, NEVER = "after", "before", "never"

_LETTERS = {1: ("W",), 2: ("H", "W"), 3: ("T", "H", "W")}


class Axis(Method):
    """The size rule along one axis.

    n, kernel, dilation, stride, low, high   as in the rule; ``extra`` of a transposed convolution
    rule    WINDOW: windows that fit; SAME: a window a step; SPREAD: the transposed one; STEPS:
            steps alone, n / s; KEPT: the size that arrives; RIMMED: that with a rim of zeros
    up      a quotient that is not whole is rounded up
    exact   one that is not whole is no size at all
    one     AFTER, BEFORE or NEVER: where the + 1 is
    wide    the kernel with its holes is D·F instead of (F - 1)·D + 1
    grows   of a transposed convolution: padding is added to the output, and not cut off
    """

    __slots__ = (
        "n",
        "kernel",
        "dilation",
        "stride",
        "low",
        "high",
        "extra",
        "rule",
        "up",
        "exact",
        "one",
        "wide",
        "grows",
    )

    def __init__(
        self,
        n: Number,
        kernel: Number = 1,
        stride: Number = 1,
        low: Number = 0,
        high: Number = 0,
        dilation: Number = 1,
        extra: Number = 0,
        rule: str = KEPT,
        up: bool = False,
    ):
        self.n = n
        self.kernel = kernel
        self.dilation = dilation
        self.stride = stride
        self.low = low
        self.high = high
        self.extra = extra
        self.rule = rule
        self.up = up
        self.exact = False
        self.one = AFTER
        self.wide = False
        self.grows = False

    @property
    def span(self) -> Number:
        """Positions that the kernel covers."""
        if value_of(self.dilation) == 1:
            return self.kernel
        if self.wide:
            return self.kernel * self.dilation
        return (self.kernel - 1) * self.dilation + 1

    def rimmed(self, start: Number, sign: int = 1) -> Number:
        """A size with the padding of both sides added to it, or taken off."""
        low, high = self.low, self.high
        if value_of(low) == value_of(high):
            amount = 2 * low
        elif not value_of(high):
            amount = low
        else:
            amount = low + high if value_of(low) else high
        if not value_of(amount):
            return start
        return start + amount if sign > 0 else start - amount

    @property
    def size(self) -> Number | None:
        """The size of the output; None where it is none."""
        n, stride = self.n, self.stride
        if self.rule == KEPT:
            return n
        if self.rule == RIMMED:
            return self.rimmed(n)
        if self.rule == SAME:
            return rounded_up(n, stride)
        if self.rule == STEPS:
            return n // stride
        if self.rule == SPREAD:
            grown = self.rimmed((n - 1) * stride, 1 if self.grows else -1) + self.span
            return grown + self.extra if value_of(self.extra) else grown
        slack = self.rimmed(n - self.span)
        if self.one == BEFORE:
            slack = slack + 1
        if self.exact and value_of(slack) % value_of(stride):
            return None
        steps = rounded_up(slack, stride) if self.up else slack // stride
        if self.one != AFTER:
            return steps
        if self.up and value_of(steps) * value_of(stride) >= value_of(n) + value_of(self.low):
            return steps  # a last window that would start behind the input is left out
        return steps + 1

    @property
    def quotient(self) -> Fraction | None:
        """The size before it is rounded, where windows do not fit."""
        if self.rule != WINDOW:
            return None
        steps = Fraction(value_of(self.rimmed(self.n - self.span)), value_of(self.stride))
        return steps + 1 if steps.denominator != 1 else None


class Volume(Method):
    """The output of a layer: an axis rule each, and the channels.

    flat    what is multiplied into the channels where a volume is flattened
    lost    the axes that a global pooling takes away
    joined  the channels of the tensors that meet
    adds    they are added, and not laid side by side
    states  it is the states of all steps of a recurrent layer
    tokens  the axes of the sequence that the layer flattens
    """

    __slots__ = (
        "axes",
        "channels",
        "arriving",
        "filters",
        "pools",
        "given",
        "flat",
        "lost",
        "joined",
        "adds",
        "states",
        "tokens",
    )

    def __init__(
        self,
        axes: Sequence[Axis],
        channels: Number,
        arriving: Number,
        filters: Number | None,
        pools: bool,
        given: bool,
    ):
        self.axes = tuple(axes)
        self.channels = channels  # of the output
        self.arriving = arriving  # channels of the input
        self.filters = filters  # None of a layer without any
        self.pools = pools
        self.given = given  # whether the spec states the stride
        self.flat: tuple[Number, ...] = ()
        self.lost: tuple[Axis, ...] = ()
        self.joined: tuple[Number, ...] = ()
        self.adds = False
        self.states = False
        self.tokens: tuple[Axis, ...] = ()

    def flattened(self, flat: Sequence[Number]) -> Volume:
        """With other factors of what is flattened."""
        return self.but(flat=tuple(flat), channels=product(flat))

    def each(self, **changes: object) -> Volume:
        """A copy in which these fields of every axis are changed."""
        return self.but(axes=tuple([axis.but(**changes) for axis in self.axes]))

    @property
    def sizes(self) -> list[Number | None]:
        """Sizes along the axes."""
        return [axis.size for axis in self.axes]

    @property
    def value(self) -> Shape | None:
        sizes = [*self.sizes, self.channels]
        if any(size is None or value_of(size) < 1 for size in sizes):
            return None
        return Shape([int(value_of(size)) for size in sizes])

    @property
    def working(self) -> Working:
        lines: list[WorkingLine] = []
        if any(size is None for size in self.sizes):
            return Working([], None)
        for letter, size in zip(_LETTERS.get(len(self.axes), ()), self.sizes, strict=False):
            if size is None:
                continue
            made = lifted(size)
            if any(line.made.numbers == made.numbers for line in lines):
                continue
            lines.append(WorkingLine(f"{letter}o", made))
        if len(lines) == 1:
            lines = [WorkingLine("", lines[0].made)]
        lines.append(WorkingLine("channels" if self.axes else "", lifted(self.channels)))
        return Working(lines, self.value)


def volume_of(op: Op, inputs: Sequence[Shape], named: Named = unnamed) -> Volume | None:
    """The method for the output of a layer; None where there is none for it."""
    if len(inputs) != 1:
        return _joined(op, inputs, named)
    x = inputs[0]
    count = len(x) - 1
    letters = _letters(count)
    arriving = named("C", x.channels)
    if isinstance(op, Sliding):
        slides = op.slides(x)
        kernels = spread(op.kernel, count, "kernel")
        dilations = spread(op.dilation, count, "dilation")
        axes = [
            Axis(
                named(letter, s.size),
                named("F", kernel),
                named("S", s.stride),
                named("P", s.low) if s.low else 0,
                named("P", s.high) if s.high else 0,
                named("D", dilation) if dilation != 1 else 1,
                rule=SAME if op.pads_same else WINDOW,
                up=op.round == "ceil" and not op.pads_same,
            )
            for letter, s, kernel, dilation in zip(letters, slides, kernels, dilations, strict=True)
        ]
        if op.round == "exact":
            axes = [axis.but(exact=True) for axis in axes]
        channels, filters = _channels(op, x, arriving, named)
        # A pool has its kernel for a stride where none is stated.
        given = not isinstance(op, Pool) or any(
            s.stride != kernel for s, kernel in zip(slides, kernels, strict=True)
        )
        return Volume(axes, channels, arriving, filters, isinstance(op, Pool), given)
    if isinstance(op, TransposedConv):
        if isinstance(op.pad, str) and op.pad == "same":
            return None
        extras = spread(op.output_pad, count, "output_pad")
        axes = []
        for axis, (f, s, d, low, size) in enumerate(op.axes(x)):
            n = x[axis]
            high = (n - 1) * s + (f - 1) * d + 1 + extras[axis] - size - low
            axes.append(
                Axis(
                    named(letters[axis], n),
                    named("F", f),
                    named("S", s),
                    named("P", low) if low else 0,
                    named("P", high) if high else 0,
                    named("D", d) if d != 1 else 1,
                    named("E", extras[axis]),
                    rule=SPREAD,
                )
            )
        filters = named("K", op.filters)
        return Volume(axes, filters, arriving, filters, False, True)
    if isinstance(op, ZeroPad):
        rims = zip(letters, x.spatial, op.sides(x), strict=True)
        axes = [
            Axis(
                named(letter, n),
                low=named("P", low) if low else 0,
                high=named("P", high) if high else 0,
                rule=RIMMED,
            )
            for letter, n, (low, high) in rims
        ]
        return Volume(axes, arriving, arriving, None, False, True)
    if isinstance(op, FullyConnected):
        units = named("K", op.units)
        return Volume((), units, arriving, units, False, True)
    if isinstance(op, GlobalPool):
        lost = [Axis(named(letter, n)) for letter, n in zip(letters, x.spatial, strict=True)]
        return Volume((), arriving, arriving, None, True, True).but(lost=tuple(lost))
    output = op.output(x)
    if len(output) == 1 and count and output.values == x.values:
        factors = [*[named(letter, n) for letter, n in zip(letters, x.spatial, strict=True)], arriving]
        return Volume((), arriving, arriving, None, False, True).flattened(factors)
    if len(output) != len(x) or output.spatial != x.spatial:
        return None
    axes = [Axis(named(letter, n)) for letter, n in zip(letters, x.spatial, strict=True)]
    same = output.channels == x.channels
    channels = arriving if same else named("K", output.channels)
    return Volume(axes, channels, arriving, None if same else channels, False, True)


def _letters(count: int) -> tuple[str, ...]:
    """Names of the sizes along so many axes."""
    return _LETTERS.get(count, tuple([f"N{axis}" for axis in range(1, count + 1)]))


def _joined(op: Op, inputs: Sequence[Shape], named: Named) -> Volume | None:
    """Where tensors of the same sizes meet; None where they differ in them."""
    sizes = {tuple(x.spatial) for x in inputs}
    if len(sizes) != 1 or not isinstance(op, (Add, Concat)):
        return None
    axes = [
        Axis(named(letter, n))
        for letter, n in zip(_letters(len(inputs[0]) - 1), inputs[0].spatial, strict=True)
    ]
    joined = tuple([named(f"C{place}", x.channels) for place, x in enumerate(inputs, 1)])
    adds = isinstance(op, Add)
    channels = joined[0] if adds else total(joined)
    return Volume(axes, channels, joined[0], None, False, True).but(joined=joined, adds=adds)


def _channels(op: Sliding, x: Shape, arriving: Number, named: Named) -> tuple[Number, Number | None]:
    if isinstance(op, DepthwiseConv):
        if op.multiplier == 1:
            return arriving, None
        filters = named("M", op.multiplier)
        return arriving * filters, filters
    if isinstance(op, Convolution):
        filters = named("K", op.maps(x))
        return filters, filters
    return arriving, None
