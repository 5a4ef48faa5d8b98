"""What layers have in common whose units weight what they read and add it up."""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import Number, product, total
from ..shape import Shape
from .base import Op, OperationCounts, Tensor
from .terms import BIAS, INPUT, MULTIPLIED, ONCE, PAIRS, SCORES, Term, summed


class DotProducts(Op):
    """Base of the layers whose units are dot products of what they read.

    A subclass states its ``terms``: its tensors, multiply-adds, additions of biases and connections are
    made of them, and so are the forms in which textbooks write its counts.
    """

    matrix_product = True
    counts_for_depth = True

    def terms(self, x: Shape) -> tuple[Term, ...]:
        raise NotImplementedError(f"{self.name} states no terms")

    def positions(self, at: str, x: Shape) -> Sequence[Number]:
        """The sizes of the positions that a term is there for."""
        return () if at == ONCE else x.spatial if at == INPUT else self.output(x).spatial

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return tuple(
            [
                Tensor(term.kind, term.layout(self.positions(term.at, x)))
                for term in self.terms(x)
                if term.kind != SCORES
            ]
        )

    def operations(self, x: Shape) -> OperationCounts:
        running = [term.running() for term in self.terms(x)]
        used = [
            product([*[factor.number for factor in term.factors], *self.positions(term.at, x)])
            for term in running
            if term.kind in MULTIPLIED
        ]
        outputs = self.output(x).values
        biases = outputs if any(term.kind == BIAS for term in running) else 0
        return OperationCounts(mul_add=total(used), add=biases, outputs=outputs, biases=biases)

    def connections(self, x: Shape) -> Number:
        operations = self.operations(x)
        return operations.mul_add + operations.add

    def textbook(self, quantity: str, x: Shape) -> Number | tuple[Number, ...] | None:
        if quantity not in ("params", "weights", "macs"):
            return super().textbook(quantity, x)
        terms: Sequence[Term] = self.terms(x)
        if quantity == "params":
            terms = [term for term in terms if term.kind != SCORES]
        elif quantity == "weights":
            terms = [term for term in terms if term.kind not in (SCORES, BIAS)]
        else:
            terms = [term.running() for term in terms if term.kind in MULTIPLIED]
        if any(term.has(PAIRS) for term in terms):
            return None  # of a table of connections there is none
        return product(summed([term.across(self.positions(term.at, x)) for term in terms]))
