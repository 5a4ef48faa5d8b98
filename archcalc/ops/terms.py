"""The counts of a layer as products of named factors.

An op states its terms once (``Op.terms``). The number of its parameters and multiply-adds, the formulas
of textbooks, and the number of somebody who leaves a factor out all follow from these terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..arithmetic import Expression, Number, product, share, total, value_of

if TYPE_CHECKING:
    from .facts import Tensor

# A term is there once, or once per position of the output or of the input.
ONCE, OUTPUT, INPUT = "once", "output", "input"

# Kinds of terms. SCALE multiplies values one by one, as the factor of a normalisation does; RECURRENT
# multiplies a state; JOINED is the map behind the heads of an attention. SCORES are products of values
# with values: they are computed, and nothing of them is learned.
WEIGHT, BIAS, SCALE, RECURRENT, JOINED, SCORES = ("weight", "bias", "scale", "recurrent", "joined", "scores")
# The kinds whose products are multiply-adds of a dot product.
MULTIPLIED = (WEIGHT, RECURRENT, JOINED, SCORES)

# Roles of factors. SIDE is a side of a map that is flattened; PAIRS are the pairs of a table of
# connections; MAPS are linear maps of the same size; UNIT is a number that stands for itself.
KERNEL, SIDE, DEPTH, STATE, FILTERS = "kernel", "side", "depth", "state", "filters"
GATES, MAPS, PAIRS, TOKENS, POSITION, UNIT = "gates", "maps", "pairs", "tokens", "position", "unit"


class Factor(NamedTuple):
    """A number of a product, and what it is there for."""

    role: str
    number: Number


def factors(role: str, numbers: Iterable[Number]) -> tuple[Factor, ...]:
    """Factors that all have the same role."""
    return tuple([Factor(role, number) for number in numbers])


class Term(NamedTuple):
    """A product.

    kind     what the product counts: one of the kinds above
    factors  its numbers, those of the output last
    at       ONCE, or OUTPUT or INPUT where there is such a product per position
    used     the positions for which a product that is there once is computed when the layer runs
    """

    kind: str
    factors: tuple[Factor, ...]
    at: str = ONCE
    used: str = OUTPUT

    def of_factors(self, factors: tuple[Factor, ...]) -> Term:
        """The term with other factors. Twice as quick as ``_replace``, and the examiner makes very many."""
        return Term(self.kind, factors, self.at, self.used)

    def without(self, role: str, most: int | None = None) -> Term:
        """The term without the factors of a role, or without the first ``most`` of them."""
        kept, dropped = [], 0
        for factor in self.factors:
            if factor.role == role and (most is None or dropped < most):
                dropped += 1
            else:
                kept.append(factor)
        return self.of_factors(tuple(kept))

    def having(self, role: str, *numbers: Number) -> Term:
        """The term with other numbers in a role: in the place of the old ones, else in front of the last."""
        place = next((i for i, f in enumerate(self.factors) if f.role == role), None)
        bare = self.without(role)
        if place is None:
            place = max(len(bare.factors) - 1, 0)
        return self.of_factors(bare.factors[:place] + factors(role, numbers) + bare.factors[place:])

    def has(self, role: str) -> bool:
        """Whether there is a factor of this role."""
        return any(factor.role == role for factor in self.factors)

    def of(self, role: str) -> list[Number]:
        """The numbers in a role."""
        return [factor.number for factor in self.factors if factor.role == role]

    @property
    def depthwise(self) -> bool:
        """Whether these are the weights of filters that read one channel each."""
        return self.has(KERNEL) and self.has(FILTERS) and not self.has(DEPTH)

    def brief(self) -> Term:
        """The term as textbooks write it: nothing is multiplied or divided by 1."""
        if all(type(number) is int for _, number in self.factors):
            return self
        return self.of_factors(tuple([Factor(role, _brief(number)) for role, number in self.factors]))

    @property
    def runs(self) -> str:
        """Where the term is computed when the layer runs: ONCE, or per position of INPUT or OUTPUT."""
        return self.used if self.at == ONCE else self.at

    def running(self) -> Term:
        """The term, there as often as it is computed."""
        return Term(self.kind, self.factors, self.runs, self.used)

    def layout(self, positions: Iterable[Number]) -> tuple[Number, ...]:
        """The shape of the tensor, as PyTorch lays it out: the filters, the positions that have filters
        of their own, what a filter reads at one position of its window, the window."""
        made: list[Number] = []
        read: list[Number] = []
        window: list[Number] = []
        for role, number in self.factors:
            if role != UNIT:
                (window if role == KERNEL else made if role in (FILTERS, PAIRS) else read).append(number)
        depth = [product(read)] if read else [1] if self.depthwise else []
        return (*made, *positions, *depth, *window)

    def across(self, positions: Iterable[Number]) -> list[Factor]:
        """The factors of the term and of its positions, which stand in front of the channels of the
        output: ``5·5·3·32·32·10``."""
        found = list(self.factors)
        place = next((i for i, f in enumerate(found) if f.role == FILTERS), len(found))
        found[place:place] = factors(POSITION, positions)
        return found


def weighted(
    read: Sequence[Factor], made: Number, bias: Number, at: str = ONCE, used: str = OUTPUT
) -> tuple[Term, ...]:
    """The terms of ``made`` units that weight what they read, and that each have a bias or none."""
    units = Factor(FILTERS, made)
    weight = Term(WEIGHT, (*read, units), at, used)
    return (weight, Term(BIAS, (Factor(UNIT, 1), units), at)) if bias else (weight,)


def of_tensors(
    tensors: Iterable[Tensor], named: Callable[[str, int], Number] = lambda name, value: value
) -> tuple[Term, ...]:
    """One term per learned tensor, with one factor per axis. A bias is added, a tensor of one axis scales
    values, and a tensor of more axes is multiplied by what the layer reads."""
    return tuple(
        [
            Term(
                BIAS if tensor.is_bias else SCALE if len(tensor.shape) == 1 else WEIGHT,
                factors(FILTERS, [named(f"{tensor.name}{i}", n) for i, n in enumerate(tensor.shape)]),
            )
            for tensor in tensors
            if tensor.learned
        ]
    )


def multiply_adds(terms: Iterable[Term], places: Mapping[str, Sequence[Number]]) -> Number:
    """The multiply-adds of a layer; ``places`` are the sizes of the positions of input and output."""
    found: list[Number] = []
    for term in terms:
        if term.kind in MULTIPLIED:
            numbers = [number for _, number in term.factors]
            found.append(product([*numbers, *places[term.runs]]))
    return total(found)


def summed(products: Iterable[Sequence[Factor]]) -> list[Number]:
    """A sum of products as factors: what the products have in common at their ends is taken out, as in
    ``(F·F·C + 1)·K``. A product whose first factor is the number -1 is taken off."""
    left = [list(factors) for factors in products]
    shared: list[Number] = []
    while len(left) > 1 and all(left) and _alike([factors[-1] for factors in left]):
        shared.insert(0, left[0][-1].number)
        left = [factors[:-1] for factors in left]
    added: list[Number] = []
    taken: list[Number] = []
    for found in left:
        numbers = [factor.number for factor in found]
        off = bool(numbers) and _is(numbers[0], -1)
        if off or (len(numbers) > 1 and _is(numbers[0], 1)):
            numbers = numbers[1:]  # a 1 that multiplies others is not written
        (taken if off else added).append(product(numbers))
    return [total(added) - total(taken) if taken else total(added), *shared]


def _brief(number: Number) -> Number:
    """A number without a factor of 1; shares of channels come out even."""
    if not isinstance(number, Expression) or number.operator not in ("*", "//"):
        return number
    left, right = number.arguments
    if right.value == 1:
        return left
    return number if number.operator == "*" else share(left, right)


def _is(number: Number, value: int) -> bool:
    """Whether a number has no name and this value."""
    return type(number) is int and number == value


def _alike(ends: Sequence[Factor]) -> bool:
    """Whether all are the same number of filters or positions."""
    if any(factor.role not in (FILTERS, POSITION) for factor in ends):
        return False
    numbers = [factor.number for factor in ends]
    return len({(getattr(n, "name", ""), value_of(n)) for n in numbers}) == 1
