"""The window of a layer along one axis: what each unit reads, and how many units there are.

Here is the one size rule of the house. It runs on ints and on recorded symbols; the textbook form is
the same rule written briefly, and a misconception is a window with another number or another rule.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, Generic, TypeVar

from ..arithmetic import Number, ceil_div, certainly, maximum, minimum, value_of, written
from ..periodic import Periodic, affine

W = TypeVar("W", bound="Window")
T = TypeVar("T")

# A window that does not fit is left out, taken in, or no layer at all.
FLOOR, CEIL, EXACT = "floor", "ceil", "exact"
# Where the one stands: behind the quotient, in what is divided, or nowhere. Only AFTER is right.
AFTER, BEFORE, NEVER = "after", "before", "never"

# A unit reads the whole input, whatever its size.
EVERYTHING = "everything"
# A unit reads nothing of the input, which only says that there is a batch.
NOTHING = "nothing"


class worked_out(Generic[T]):  # noqa: N801
    """A property whose value is kept: ``functools.cached_property`` without the lock it has before
    Python 3.12, which costs more than most of these."""

    def __init__(self, rule: Callable[[Any], T]):
        self.rule = rule
        self.name = rule.__name__

    def __get__(self, owner: Any, kind: type) -> T:
        value = owner.__dict__[self.name] = self.rule(owner)
        return value


class Window:
    """The window along one axis: all numbers of the size rule. Immutable: ``but`` gives a changed copy.

    Unit i reads the positions ``i*stride - low + t*dilation`` for t = 0 … kernel - 1. A subclass may read
    others, by giving other ``first`` and ``last``.

    Args:
        size: Positions of the input.
        kernel: Positions that a unit reads.
        stride: Positions between the windows of neighbouring units; of a layer that enlarges, how many
            positions of the output there are for one of the input.
        low: Padding in front of the input; less than 0 where it is cut off.
        high: Padding behind the input; less than 0 where it is cut off.
        dilation: The distance between the positions that a unit reads.
        rule: How many units there are: one of the functions below.
        rounding: FLOOR, CEIL or EXACT.
        output_pad: Positions that a transposed convolution adds behind its output.
        target: Positions of the output, where the op states them.

    Four more fields are changed by ``but`` alone. ``brief``: the rule is written as textbooks write it,
    without what is 0 or 1. The examiner changes the others, which are right as they are: ``one``, AFTER,
    BEFORE or NEVER; ``stretched``, the dilated kernel is taken to cover F·D positions, and not
    (F - 1)·D + 1; ``grows``, the padding of a transposed convolution is added, and not cut off.

    Example:
        >>> from archcalc.ops.window import Window, fitting
        >>> window = Window(32, 5, 1, 2, 2, rule=fitting)
        >>> window.output, window.but(low=0, high=0).output, list(window.reads(0))
        (32, 28, [-2, -1, 0, 1, 2])
    """

    brief = False
    one = AFTER
    stretched = False
    grows = False

    # Units read nothing, or one reads further back than the unit before it: `first` and `last` do
    # not tell what is read then, `reads` does.
    irregular: bool | worked_out[bool] = False

    def __init__(
        self,
        size: Number = 0,
        kernel: Number = 1,
        stride: Number = 1,
        low: Number = 0,
        high: Number = 0,
        dilation: Number = 1,
        *,
        rule: Rule | None = None,
        rounding: str = FLOOR,
        output_pad: Number = 0,
        target: Number = None,
    ):
        self.size = size
        self.kernel = kernel
        self.stride = stride
        self.low = low
        self.high = high
        self.dilation = dilation
        self.rule: Rule = rule or unchanged
        self.rounding = rounding
        self.output_pad = output_pad
        self.target = target

    def but(self: W, **changes: Any) -> W:
        """A copy with other values of some fields."""
        if not changes.keys() <= FIELDS:
            raise TypeError(f"a window has no {', '.join(changes.keys() - FIELDS)}")
        copy = object.__new__(type(self))
        mine = copy.__dict__
        mine.update(self.__dict__)
        for name in WORKED_OUT & mine.keys():
            del mine[name]
        mine.update(changes)
        return copy

    @worked_out
    def textbook(self) -> Window:
        """The window, written as textbooks write it."""
        return self.but(brief=True)

    def lettered(self: W, named: Callable[[str, Any], Number], letter: str) -> W:
        """The window, written as textbooks write it, each number of a kernel by its letter; ``letter`` is
        that of the size. Windows without a kernel keep the names that the op's own rule gives."""
        size = named(letter, self.size) if type(self.size) is int and self.size else self.size
        if not self.has_kernel:
            low, high = [n if value_of(n) else 0 for n in (self.low, self.high)]
            return self.but(brief=True, size=size, kernel=1, low=low, high=high)
        return self.but(
            brief=True,
            size=size,
            kernel=named("F", self.kernel),
            stride=named("S", self.stride),
            low=named("P", self.low) if self.low else 0,
            high=named("P", self.high) if self.high else 0,
            dilation=named("D", self.dilation) if self.dilation != 1 else 1,
            output_pad=named("E", self.output_pad) if self.output_pad else 0,
        )

    # How many units there are -----------------------------------------------------------------

    @worked_out
    def output(self) -> Number:
        """Positions of the output; None where a changed rule gives none."""
        return self.rule(self)

    @property
    def span(self) -> Number:
        """Positions that the kernel covers, holes included: ``(F - 1)*D + 1``."""
        if self.brief and value_of(self.dilation) == 1:
            return self.kernel
        return self.kernel * self.dilation if self.stretched else (self.kernel - 1) * self.dilation + 1

    def padded(self, start: Number, sign: int = 1) -> Number:
        """A number of positions with the padding of both sides added, or taken off."""
        low, high = self.low, self.high
        if not self.brief:
            return start + low + high if sign > 0 else start - low - high
        both = 2 * low if value_of(low) == value_of(high) else _plus(low, high)
        if isinstance(both, int) and not both:
            return start
        return start + both if sign > 0 else start - both

    @property
    def slack(self) -> Number:
        """Positions over which the window can move."""
        return self.padded(self.size - self.span) if self.brief else self.padded(self.size) - self.span

    @property
    def misfit(self) -> bool:
        """Whether the last positions are left out, as a window on them would hang over."""
        return self.rule is fitting and self.rounding != CEIL and bool(self.slack % self.stride)

    @property
    def overhang(self) -> Number:
        """How far the last window reaches behind the input."""
        return (self.output - 1) * self.stride + self.span - self.low - self.size

    @property
    def quotient(self) -> Fraction | None:
        """The number of units before it is rounded; None where it is whole."""
        if self.rule is not fitting:
            return None
        steps = Fraction(value_of(self.slack), value_of(self.stride))
        return steps + 1 if steps.denominator != 1 else None

    @property
    def has_kernel(self) -> bool:
        """Whether a kernel moves over the input, or over the output."""
        return self.slides or self.rule is transposed

    @property
    def slides(self) -> bool:
        """Whether it moves over the input, which may be padded."""
        return self.rule is fitting or self.rule is same

    # What a unit reads ------------------------------------------------------------------------

    @property
    def words(self) -> str:
        """What unit i reads along an axis, in the symbols that the rule ran on."""
        kernel, stride, low, dilation = map(written, (self.kernel, self.stride, self.low, self.dilation))
        if low.startswith("-"):
            low = f" + {low[1:]}"
        else:
            low = f" - {low}" if low != "0" else ""
        first = ("i" if stride == "1" else f"i*{stride}") + low
        if kernel == "1":
            return f"position {first}" if first != "i" else "its own position"
        apart = "" if dilation == "1" else f", {dilation} apart"
        return f"{kernel} positions from {first}{apart}"

    def reads(self, unit: int) -> range:
        """The positions that a unit reads."""
        return range(self.first(unit), self.last(unit) + 1, self.dilation)

    def positions(self, unit: int, size: int) -> tuple[range, ...]:
        """The positions that a unit reads of an axis of ``size``: those that are on it. Where a rim is made
        of the positions themselves, as by a reflection, it is these that are read there."""
        reads = self.reads(unit)
        first = reads.start if reads.start >= 0 else reads.start % reads.step
        inside = range(first, min(reads.stop, size), reads.step)
        return (inside,) if inside else ()

    @property
    def period(self) -> tuple[int, int]:
        """After how many units the windows repeat, and how far on in what they read."""
        return len(self.first.offsets), self.first.step

    @worked_out
    def first(self) -> Periodic:
        """Unit to the first position it reads."""
        return affine(self.stride, -self.low)

    @worked_out
    def last(self) -> Periodic:
        """Unit to the last position it reads."""
        return affine(self.stride, (self.kernel - 1) * self.dilation - self.low)

    @property
    def slope(self) -> Number:
        """Distance between the windows of neighbouring units."""
        return self.stride

    @property
    def pointwise(self) -> bool:
        """Whether unit i reads position i alone."""
        return all(map(certainly, (self.kernel == 1, self.stride == 1, self.low == 0)))

    def reads_as(self, other: Window) -> bool:
        """Whether two windows over ints read the same positions, however many there are."""
        return self is other or (
            type(self) is type(other) is Window
            and certainly(self.kernel == other.kernel)
            and certainly(self.stride == other.stride)
            and certainly(self.low == other.low)
            and certainly(self.dilation == other.dilation)
        )


# The fields, and what is worked out of them, which a changed copy does not take over.
FIELDS = frozenset(
    (
        *("size", "kernel", "stride", "low", "high", "dilation", "rule", "rounding", "output_pad", "target"),
        *("brief", "one", "stretched", "grows"),
    )
)
WORKED_OUT = frozenset(("output", "first", "last", "irregular", "step_reads", "textbook"))


# ---------------------------------------------------------------------------------------------
# The size rules

Rule = Callable[[Any], Number]


def fitting(w: Window) -> Number:
    """Windows on the padded input: ``(n + low + high - F) // S + 1``.

    With CEIL one window more may hang over the end, provided that it starts on the input or on the
    leading padding (PyTorch's ``ceil_mode``, and Caffe's pooling layer where there is padding), and
    one that lies wholly on the padded input stays.
    """
    slack, stride = w.slack, w.stride
    if w.one == BEFORE:
        slack = slack + 1
    if w.rounding != CEIL:
        if w.brief and w.rounding == EXACT and value_of(slack) % value_of(stride):
            return None
        return slack // stride + 1 if w.one == AFTER else slack // stride
    steps = ceil_div(slack, stride)
    if w.one != AFTER:
        return steps
    forms = (
        steps + 1,
        ceil_div(_plus(w.size, w.low) if w.brief else w.size + w.low, stride),
        slack // stride + 1,
    )
    made = maximum(minimum(*forms[:2]), forms[2])
    if not w.brief:
        return made
    return next(form for form in forms if value_of(form) == value_of(made))


def same(w: Window) -> Number:
    """A window for each step, TensorFlow's SAME: ``ceil(n / S)``."""
    return ceil_div(w.size, w.stride)


def transposed(w: Window) -> Number:
    """Each position spread over a window of the output: ``(n - 1)*S - low - high + F``."""
    start = w.padded((w.size - 1) * w.stride, 1 if w.grows else -1)
    if w.brief:
        return _plus(start + w.span, w.output_pad) if value_of(w.output_pad) else start + w.span
    return start + (w.kernel - 1) * w.dilation + w.output_pad + 1


def enlarged(w: Window) -> Number:
    """``S`` positions for each: ``n*S``."""
    return w.size * w.stride


def divided(w: Window) -> Number:
    """Steps alone, whole ones: ``n // S``."""
    return w.size // w.stride


def unchanged(w: Window) -> Number:
    """The positions that arrive."""
    return w.size


def padded(w: Window) -> Number:
    """The positions that arrive, and the padding: ``n + low + high``."""
    return w.padded(w.size) if w.brief else _plus(_plus(w.size, w.low), w.high)


def stated(w: Window) -> Number:
    """What the op states."""
    return w.target


def same_padding(n: Number, span: Number, stride: Number) -> tuple[Number, Number]:
    """Padding before and after of TensorFlow's SAME; the odd position goes to the end."""
    both = maximum((ceil_div(n, stride) - 1) * stride + span - n, 0)
    low = both // 2
    return low, both - low


def _plus(a: Number, b: Number) -> Number:
    """A sum as textbooks write it: without a number that is 0 and has no name."""
    if isinstance(b, int) and not b:
        return a
    return b if isinstance(a, int) and not a else a + b


def unchanged_axes(spatial: tuple[Number, ...]) -> tuple[Window, ...]:
    """Windows of one position each, which leave the sizes as they are."""
    return tuple([_unchanged_axis(n) if type(n) is int else Window(n) for n in spatial])


@lru_cache(maxsize=1 << 12)
def _unchanged_axis(size: int) -> Window:
    """Most layers have one of these, and few sizes occur."""
    return Window(size)
