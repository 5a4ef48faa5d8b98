"""The layers whose units weight what they read and add it up."""

from __future__ import annotations

from ..arithmetic import Number, product, total
from ..shape import Shape
from .attributes import Flag, OpError
from .base import Op
from .facts import OperationCounts, Tensor
from .terms import (
    BIAS,
    FILTERS,
    INPUT,
    MULTIPLIED,
    ONCE,
    OUTPUT,
    PAIRS,
    SCALE,
    SCORES,
    Term,
    multiply_adds,
    summed,
)
from .window import worked_out


class DotProducts(Op):
    """Base of the layers whose units are dot products of what they read.

    A subclass states its ``terms``: its tensors, multiply-adds, additions of biases and connections are
    made of them, and so are the forms in which textbooks write its counts.
    """

    matrix_product = True
    counts_for_depth = True

    stored = Flag("the weights are buffers: stored, as those of a blur, and not learned", False, rare=True)
    fixed = Flag("the weights are constants of the code: neither learned nor stored", False, rare=True)

    @property
    def held_fixed(self) -> bool:
        return bool(self.stored or self.fixed) or super().held_fixed

    def accept(self, x: Shape) -> None:
        super().accept(x)
        if self.fixed and self.stored:
            raise OpError("argument", "weights are stored, or they are constants", "fixed")

    def terms(self, x: Shape) -> tuple[Term, ...]:
        raise NotImplementedError(f"{self.name} states no terms")

    def _stated(self, x: Shape) -> Stated:
        """What several rules ask for, worked out once for the same input."""
        known: tuple[Shape, Stated] | None = self.__dict__.get("_terms")
        if known is None or known[0] is not x:
            known = self.__dict__["_terms"] = x, Stated(self.terms(x), x, self.output(x))
        return known[1]

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        if self.fixed:
            return ()
        stated = self._stated(x)
        return tuple(
            [
                Tensor(t.kind, t.layout(stated.places[t.at]), not self.stored)
                for t in stated.terms
                if t.kind != SCORES
            ]
        )

    def operations(self, x: Shape) -> OperationCounts:
        stated = self._stated(x)
        scales = [product(stated.units(term)) for term in stated.terms if term.kind == SCALE]
        biases = stated.biases
        return OperationCounts(
            stated.mul_add, total(scales), biases, outputs=stated.output.values, biases=biases
        )

    def connections(self, x: Shape) -> Number:
        stated = self._stated(x)
        return stated.mul_add + stated.biases

    def textbook(self, quantity: str, x: Shape) -> Number | tuple[Number, ...] | None:
        if quantity not in ("params", "weights", "macs"):
            return super().textbook(quantity, x)
        if (self.stored or self.fixed) and quantity != "macs":
            return None
        stated = self._stated(x)
        left_out = {"params": (SCORES,), "weights": (SCORES, BIAS), "macs": (BIAS,)}[quantity]
        terms = [term.brief() for term in stated.terms if term.kind not in left_out]
        if quantity == "macs":
            terms = [term.running() for term in terms if term.kind in MULTIPLIED]
        if any(term.has(PAIRS) for term in terms):
            return None  # a table of connections has none
        return product(summed([term.across(stated.places[term.at]) for term in terms]))


class Stated:
    """The terms of a layer, what it puts out, and the sizes of the positions of both ends."""

    def __init__(self, terms: tuple[Term, ...], x: Shape, output: Shape):
        self.terms = terms
        self.output = output
        self.places: dict[str, tuple[Number, ...]] = {ONCE: (), INPUT: x.spatial, OUTPUT: output.spatial}

    def units(self, term: Term) -> list[Number]:
        """The factors of the number of values that a term adds to or scales."""
        return [*self.places[term.runs], *term.of(FILTERS)]

    @worked_out
    def mul_add(self) -> Number:
        """The multiply-adds."""
        return multiply_adds(self.terms, self.places)

    @worked_out
    def biases(self) -> Number:
        """The number of additions of biases."""
        return total([product(self.units(term)) for term in self.terms if term.kind == BIAS])
