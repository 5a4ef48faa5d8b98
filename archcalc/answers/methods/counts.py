"""Counts of a layer: parameters, operations, values, as a sum of products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from ...arithmetic import Expression, Number, product, symbol, value_of
from ...ops.base import Op
from ...ops.terms import (
    GATES,
    INPUT,
    MAPS,
    ONCE,
    PAIRS,
    TOKENS,
    UNIT,
    Factor,
    Term,
    factors,
    of_tensors,
    summed,
)
from ...ops.window import Window
from ...shape import Shape
from ..working import Named, Working, WorkingLine, lifted, unnamed
from .base import Method
from .volumes import VolumeMethod, letter, volume_of

# Kinds of terms beside those of an op: values of an output, and dot products, which are counted.
VALUE, DOTS = "value", "dots"
# The role of the bytes that a value takes.
BYTES = "bytes"
# What a sequence that is flattened holds.
OF_STATES, OF_TOKENS = "states", "tokens"
# What is counted for each use of a weight, as MACs are, and has no conventions of its own.
USES = ("mul_add", "multiplications", "connections")
# Letters of numbers that are no side and no argument of a layer.
LETTERS = {GATES: "gates", MAPS: "maps", PAIRS: "pairs"}


class Task(NamedTuple):
    """A layer as a task states it: its op and the shapes that arrive, all numbers with names. ``plain``
    are the op and the shapes without names."""

    op: Op
    inputs: tuple[Shape, ...]
    plain: tuple[Op, tuple[Shape, ...]]

    def volume(self, named: Named) -> VolumeMethod | None:
        """The method for what the layer puts out; None where the op states none."""
        return volume_of(*self.plain, named, (self.op, self.inputs))

    def terms(self, named: Named) -> list[Term]:
        """The terms that the op states."""
        stated = self.op.terms(*self.inputs)
        if stated is None:
            op, inputs = self.plain
            return list(of_tensors(op.tensors(*inputs) or (), named))
        return [
            term.of_factors(tuple([Factor(f.role, _lettered(f, named)) for f in term.factors]))
            for term in map(Term.brief, stated)
        ]


def _lettered(factor: Factor, named: Named) -> Number:
    """The number of a factor, with a name if it has none yet. The number of tokens has one letter."""
    role, number = factor
    if isinstance(number, Expression):
        return symbol("T", number.value) if role == TOKENS else number
    return named(LETTERS[role], number) if role in LETTERS else number


def task_of(op: Op, inputs: Sequence[Shape], named: Named = unnamed) -> Task:
    """A layer as a task states it."""
    plain = op, tuple(inputs)
    return Task(*(plain if named is unnamed else letter(*plain, named)), plain)


@dataclass(eq=False)
class CountMethod(Method):
    """A sum of products.

    quantity  what is counted: ``params``, ``macs`` …
    terms     the products
    volume    the method for the output, whose positions may be factors; None where there is none
    task      the layer as the task states it; None where it is of none
    times     factors of the whole
    batch     the first of them is the number of images
    two       what a multiply and its add count as where that is not 1: the 2 of FLOPs. It
              multiplies the terms
    extra     terms that it does not multiply; those whose first factor is -1 are taken off
    sequence  what a sequence holds that is flattened: OF_STATES or OF_TOKENS
    elsewhere the channels of other tensors of the network, by the layer that puts them out
    learned   of memory: the layer's parameters, in bytes
    """

    quantity: str
    terms: tuple[Term, ...]
    volume: VolumeMethod | None = None
    task: Task | None = None
    named: Named = unnamed
    times: tuple[Number, ...] = ()
    two: tuple[Number, ...] = ()
    batch: bool = False
    extra: tuple[Term, ...] = ()
    sequence: str = ""
    elsewhere: tuple[tuple[str, int], ...] = ()
    learned: CountMethod | None = None
    _value: int | None = None

    # What the task states -------------------------------------------------------------------

    @property
    def op(self) -> Op | None:
        """The layer's op, its numbers with names."""
        return self.task.op if self.task is not None else None

    @property
    def sides(self) -> tuple[Number, ...]:
        """The sides of the input."""
        return self.task.inputs[0].spatial if self.task is not None else ()

    @property
    def channels(self) -> Number:
        """The channels of the input."""
        return self.task.inputs[0].channels if self.task is not None else 0

    @property
    def groups(self) -> Number:
        """Groups of channels that do not see each other."""
        return getattr(self.op, "groups", 1)

    @property
    def kernel(self) -> tuple[Number, ...]:
        """The sides of the kernel; empty for a layer without one."""
        return tuple([window.kernel for window in self._windows()])

    @property
    def stride(self) -> Number | None:
        """The stride along the first axis; None for a layer without one."""
        return next((window.stride for window in self._windows()), None)

    def _windows(self) -> list[Window]:
        stated = self.task.op.volume(*self.task.inputs) if self.task is not None else None
        return [window for window in stated.windows if window.has_kernel] if stated is not None else []

    @property
    def buffers(self) -> int:
        """Values that the layer stores and does not learn."""
        if self.task is None:
            return 0
        op, inputs = self.task.plain
        return op.facts(inputs).buffers or 0

    @property
    def pools(self) -> bool:
        """Whether the layer pools windows, so that nothing is multiplied and nothing learned."""
        op = self.op
        return op is not None and op.pools and not op.weighted and not self.terms and bool(self.kernel)

    @property
    def has_positions(self) -> bool:
        """Whether the layer puts something out at positions."""
        return self.volume is not None and any(value_of(window.size) for window in self.volume.windows)

    # Changes --------------------------------------------------------------------------------

    def term(self, kind: str) -> Term | None:
        """The first term of a kind."""
        return next((term for term in self.terms if term.kind == kind), None)

    def dropping(self, *kinds: str) -> CountMethod | None:
        """The count without the terms of these kinds; None where there are none, or nothing else."""
        kept = [term for term in self.terms if term.kind not in kinds]
        return self.but(terms=tuple(kept)) if 0 < len(kept) < len(self.terms) else None

    def only(self, *kinds: str) -> CountMethod | None:
        """The count with nothing but the terms of these kinds."""
        return self.dropping(*{term.kind for term in self.terms} - set(kinds))

    def each(self, change: Callable[[Term], Term]) -> CountMethod:
        """The count with every term changed."""
        return self.but(terms=tuple(map(change, self.terms)))

    def changing(self, kind: str, term: Term | None) -> CountMethod | None:
        """The count with another term in the place of the first of a kind; None where there is none."""
        old = self.term(kind)
        if old is None or term is None:
            return None
        return self.but(terms=tuple([term if at is old else at for at in self.terms]))

    def multiplied(self, number: Number) -> CountMethod:
        """The count, ``times`` times."""
        return self.but(times=(number, *self.times))

    def for_images(self, number: int) -> CountMethod:
        """For a batch."""
        return self if number == 1 else self.multiplied(self.named("N", number)).but(batch=True)

    # What it comes to -----------------------------------------------------------------------

    def positions(self, at: str) -> list[Number]:
        """The factors for positions."""
        if at == INPUT:
            return list(self.sides)
        if at == ONCE:
            return []
        sizes: Sequence[Number | None] = ()
        if self.volume is not None:
            sizes = self.volume.sizes
        elif self.task is not None:
            sizes = self.task.op.output(*self.task.inputs).spatial
        letters = ("Wo",) if len(sizes) == 1 else ("Ho", "Wo") if len(sizes) == 2 else ("To",) * 9
        return [
            self.named(letter, int(value_of(size))) if size is not None else 0
            for letter, size in zip(letters, sizes, strict=False)
        ]

    def but(self, **changes: Any) -> CountMethod:
        return Method.but(self, **{"_value": None, **changes})

    @property
    def value(self) -> int | None:
        if self._value is None:  # worked out once: sums ask their parts again and again
            # Without terms there is nothing to count.
            self._value = self._number() if self.terms else 0
        return self._value if self._value > 0 or not self.terms else None

    @property
    def working(self) -> Working:
        return Working([WorkingLine("", lifted(self._sum()))], self.value)

    def _number(self) -> int:
        """The sum as a number: what its products have in common is of concern to readers alone."""
        places = {at: self.positions(at) for at in {term.at for term in (*self.terms, *self.extra)}}

        def amount(terms: Iterable[Term]) -> Any:
            numbers = ([*places[term.at], *[number for _, number in term.factors]] for term in terms)
            return sum([prod([value_of(number) for number in each]) for each in numbers])

        two, times = [prod([value_of(number) for number in each]) for each in (self.two, self.times)]
        return int(times * (two * amount(self.terms) + amount(self.extra)))

    def _sum(self) -> Number:
        made = [term.across(self.positions(term.at)) for term in self.terms]
        if not self.extra:
            return product([*self.times, *self.two, *summed(made)])
        two = factors(UNIT, self.two)
        extra = [term.across(self.positions(term.at)) for term in self.extra]
        return product([*self.times, *summed([*[[*two, *product] for product in made], *extra])])
