"""The layers whose units weight what they read and add it up."""

from __future__ import annotations

from ..arithmetic import Number, product, total
from ..shape import Shape
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


class DotProducts(Op):
    """Base of the layers whose units are dot products of what they read.

    A subclass states its ``terms``: its tensors, multiply-adds, additions of biases and connections are
    made of them, and so are the forms in which textbooks write its counts.
    """

    matrix_product = True
    counts_for_depth = True

    def terms(self, x: Shape) -> tuple[Term, ...]:
        raise NotImplementedError(f"{self.name} states no terms")

    def _stated(self, x: Shape) -> Stated:
        """The terms of the layer, its output, and the sizes of its positions."""
        # Several rules ask for the same.
        known: tuple[Shape, Stated] | None = self.__dict__.get("_terms")
        if known is not None and known[0] is x:
            return known[1]
        output = self.output(x)
        found = self.terms(x), output, {ONCE: (), INPUT: x.spatial, OUTPUT: output.spatial}
        self.__dict__["_terms"] = x, found
        return found

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        terms, _, places = self._stated(x)
        return tuple([Tensor(t.kind, t.layout(places[t.at])) for t in terms if t.kind != SCORES])

    def operations(self, x: Shape) -> OperationCounts:
        terms, output, places = self._stated(x)
        scales = [product([*t.of(FILTERS), *places[t.runs]]) for t in terms if t.kind == SCALE]
        used, biases = multiply_adds(terms, places), self._biases(x)
        return OperationCounts(used, total(scales), biases, outputs=output.values, biases=biases)

    def _biases(self, x: Shape) -> Number:
        """The number of additions of biases."""
        terms, _, places = self._stated(x)
        return total([product([*places[t.runs], *t.of(FILTERS)]) for t in terms if t.kind == BIAS])

    def connections(self, x: Shape) -> Number:
        terms, _, places = self._stated(x)
        return multiply_adds(terms, places) + self._biases(x)

    def textbook(self, quantity: str, x: Shape) -> Number | tuple[Number, ...] | None:
        if quantity not in ("params", "weights", "macs"):
            return super().textbook(quantity, x)
        stated, _, places = self._stated(x)
        left_out = {"params": (SCORES,), "weights": (SCORES, BIAS), "macs": (BIAS,)}[quantity]
        terms = [term.brief() for term in stated if term.kind not in left_out]
        if quantity == "macs":
            terms = [term.running() for term in terms if term.kind in MULTIPLIED]
        if any(term.has(PAIRS) for term in terms):
            return None  # a table of connections has none
        return product(summed([term.across(places[term.at]) for term in terms]))


# The terms of a layer, its output, and the positions of the input and of the output.
Stated = tuple[tuple[Term, ...], Shape, dict[str, tuple[Number, ...]]]
