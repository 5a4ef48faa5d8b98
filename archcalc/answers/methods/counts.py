"""What is counted of a layer: parameters, operations, values, as a sum of products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ...arithmetic import Number, product, total, value_of
from ...ops.attention import Attention
from ...ops.base import Op
from ...ops.convolution import Conv, Convolution, DepthwiseConv, LocallyConnected
from ...ops.dense import DotProducts, FullyConnected
from ...ops.recurrent import Recurrent
from ...ops.transposed import TransposedConv
from ...shape import Shape
from ..working import Named, Working, WorkingLine, lifted, share, unnamed
from .base import Method
from .volumes import Volume, volume_of

# Of what a term is made for each: nowhere (once), output or input positions.
ONCE, OUTPUT, INPUT = "once", "output", "input"
# Kinds of terms. SCALE is the factor of a normalisation, RECURRENT what multiplies a state, SCORES
# the products of values with values in an attention, JOINED the map behind its heads, DOTS how many
# dot products there are.
WEIGHT, BIAS, SCALE, RECURRENT, VALUE, SCORES, JOINED, DOTS = (
    "weight",
    "bias",
    "scale",
    "recurrent",
    "value",
    "scores",
    "joined",
    "dots",
)
# The kinds of which a term is made for each position, where operations are counted.
USED = (WEIGHT, RECURRENT, SCORES, JOINED)
# What a sequence that is flattened holds.
STATES, TOKENS = "states", "tokens"
# What is counted for each use of a weight, as MACs are, and has no conventions of its own.
USES = ("mul_add", "multiplications", "connections")
# Roles of factors.
KERNEL, DEPTH, FILTERS, UNIT, SIDE, GATES, BYTES, PAIRS, MAPS, STATE = (
    "kernel",
    "depth",
    "filters",
    "unit",
    "side",
    "gates",
    "bytes",
    "pairs",
    "maps",
    "state",
)


class Factor(NamedTuple):
    """A number of a product, and what it is there for."""

    role: str
    number: Number


class Term(NamedTuple):
    """A product, so often as there are positions of the output or the input, or once."""

    kind: str
    factors: tuple[Factor, ...]
    at: str = ONCE

    def without(self, role: str, most: int | None = None) -> Term:
        """Without the factors of a role, or the first so many of them."""
        kept, dropped = [], 0
        for factor in self.factors:
            if factor.role == role and (most is None or dropped < most):
                dropped += 1
            else:
                kept.append(factor)
        return self._replace(factors=tuple(kept))

    def having(self, role: str, *numbers: Number) -> Term:
        """With other numbers in a role: where it had them, else in front of the last."""
        place = next((i for i, f in enumerate(self.factors) if f.role == role), None)
        bare = self.without(role)
        if place is None:
            place = max(len(bare.factors) - 1, 0)
        new = tuple([Factor(role, number) for number in numbers])
        return self._replace(factors=bare.factors[:place] + new + bare.factors[place:])

    def playing(self, role: str) -> list[Factor]:
        """The factors in a role."""
        return [factor for factor in self.factors if factor.role == role]

    def has(self, role: str) -> bool:
        """Whether there is a factor of this role."""
        return any(factor.role == role for factor in self.factors)

    def of(self, role: str) -> list[Number]:
        """The numbers in a role."""
        return [factor.number for factor in self.factors if factor.role == role]


class Given(NamedTuple):
    """What a task states of a layer, and a student may put in the wrong place. ``heads`` are those
    of an attention, ``sequence`` what a sequence holds that is flattened: STATES or TOKENS."""

    sides: tuple[Number, ...]  # of the input
    channels: Number  # of the input
    filters: Number | None
    kernel: tuple[Number, ...]
    stride: Number | None
    groups: Number
    op: str
    heads: Number = 1
    sequence: str = ""


class Count(Method):
    """A sum of products.

    quantity  what is counted: ``params``, ``macs`` …
    terms     the products
    volume    the method for the output, whose positions may be factors; None where there is none
    given     the numbers of the task
    times     factors of the whole
    batch     the first of them is the number of images
    two       what a multiply and its add count as where that is not 1: the 2 of FLOPs. It
              multiplies the terms
    extra     terms that it does not multiply; those whose first factor is -1 are taken off
    layer     the op that it is of and what arrives there; None where that does not matter
    elsewhere the channels of other tensors of the network, by the layer that puts them out
    learned   of memory: the layer's parameters, in bytes
    """

    __slots__ = (
        "quantity",
        "terms",
        "volume",
        "given",
        "times",
        "named",
        "elsewhere",
        "batch",
        "two",
        "extra",
        "layer",
        "learned",
        "_value",
    )

    def __init__(
        self,
        quantity: str,
        terms: Iterable[Term],
        volume: Volume | None,
        given: Given,
        times: Sequence[Number] = (),
        named: Named = unnamed,
    ):
        self.elsewhere: tuple[tuple[str, int], ...] = ()
        self.batch = False
        self.two: tuple[Number, ...] = ()
        self.extra: tuple[Term, ...] = ()
        self.layer: tuple[Op, tuple[Shape, ...]] | None = None
        self.learned: Count | None = None
        self._value: int | None = None
        self.quantity = quantity
        self.terms = tuple(terms)
        self.volume = volume
        self.given = given
        self.times = tuple(times)
        self.named = named

    @property
    def biases(self) -> tuple[Term, ...]:
        """Of operations: the additions of the biases, which most count not."""
        from .products import additions

        return additions(self).biases

    # Changes --------------------------------------------------------------------------------

    def term(self, kind: str) -> Term | None:
        """The first term of a kind."""
        return next((term for term in self.terms if term.kind == kind), None)

    def dropping(self, *kinds: str) -> Count | None:
        """Without the terms of these kinds; None where there are none, or nothing else."""
        kept = [term for term in self.terms if term.kind not in kinds]
        return self.but(terms=tuple(kept)) if 0 < len(kept) < len(self.terms) else None

    def only(self, *kinds: str) -> Count | None:
        """With nothing but the terms of these kinds."""
        return self.dropping(*{term.kind for term in self.terms} - set(kinds))

    def changing(self, kind: str, term: Term | None) -> Count | None:
        """With another term in the place of the first of a kind; None where there is none."""
        old = self.term(kind)
        if old is None or term is None:
            return None
        return self.but(terms=tuple([term if at is old else at for at in self.terms]))

    def multiplied(self, number: Number) -> Count:
        """So many times the whole."""
        return self.but(times=(number, *self.times))

    def for_images(self, number: int) -> Count:
        """For a batch."""
        return self if number == 1 else self.multiplied(self.named("N", number)).but(batch=True)

    # What it comes to -----------------------------------------------------------------------

    def positions(self, at: str) -> list[Number]:
        """The factors for positions."""
        if at == INPUT:
            return list(self.given.sides)
        if at == ONCE or self.volume is None:
            return []
        sizes = self.volume.sizes
        letters = ("Wo",) if len(sizes) == 1 else ("Ho", "Wo") if len(sizes) == 2 else ("To",) * 9
        return [
            self.named(letter, int(value_of(size))) if size is not None else 0
            for letter, size in zip(letters, sizes, strict=False)
        ]

    def but(self, **changes: Any) -> Count:
        copy = super().but(**changes)
        copy._value = None
        return copy

    @property
    def value(self) -> int | None:
        if self._value is None:  # worked out once: sums ask their parts again and again
            # Without terms there is nothing to count.
            self._value = int(value_of(self._sum())) if self.terms else 0
        return self._value if self._value > 0 or not self.terms else None

    @property
    def working(self) -> Working:
        return Working([WorkingLine("", lifted(self._sum()))], self.value)

    def _sum(self) -> Number:
        """The sum, what the terms have in common at their ends taken out: ``(F·F·C + 1)·K``."""
        products: list[list[Factor]] = []
        two = [Factor(UNIT, number) for number in self.two] if self.extra else []
        for term in (*self.terms, *self.extra):
            factors = list(term.factors)
            # Positions stand before the channels of the output: 5·5·3·32·32·10.
            place = next((i for i, f in enumerate(factors) if f.role == FILTERS), len(factors))
            factors[place:place] = [Factor(FILTERS, n) for n in self.positions(term.at)]
            products.append(factors if len(products) >= len(self.terms) else [*two, *factors])
        shared: list[Number] = []
        while len(products) > 1 and all(products) and _alike([p[-1] for p in products]):
            shared.insert(0, products[0][-1].number)
            products = [p[:-1] for p in products]
        sums = _summed([[f.number for f in p] for p in products])
        return product([*self.times, *([] if self.extra else self.two), sums, *shared])


def _alike(factors: Sequence[Factor]) -> bool:
    """Whether all are the same number of filters or positions."""
    numbers = [factor.number for factor in factors]
    if any(factor.role != FILTERS for factor in factors):
        return False
    return len({(getattr(n, "name", ""), value_of(n)) for n in numbers}) == 1


def _summed(products: Iterable[list[Number]]) -> Number:
    """The sum of products, without those whose first factor is -1, which are taken off it."""
    added: list[Number] = []
    off: list[Number] = []
    for numbers in products:
        if numbers and type(numbers[0]) is int and numbers[0] == -1:
            off.append(product(_plain_one([1, *numbers[1:]])))
        else:
            added.append(product(_plain_one(numbers)))
    return total(added) - total(off) if off else total(added)


def _plain_one(numbers: list[Number]) -> list[Number]:
    """Without a leading 1 that multiplies others."""
    if len(numbers) > 1 and type(numbers[0]) is int and numbers[0] == 1:
        return numbers[1:]
    return numbers or [1]


# ---------------------------------------------------------------------------------------------
# The counts of a layer


def count_of(quantity: str, op: Op, inputs: Sequence[Shape], named: Named = unnamed) -> Count | None:
    """The method for a count of a layer; None where there is none for it.

    ``quantity`` is ``params``, ``weights``, ``biases``, ``macs``, ``flops``, one of USES, or
    ``values``.
    """
    if quantity in ("macs", "flops"):
        from .products import operations_of

        return operations_of(quantity, op, inputs, named)
    if quantity in USES:
        from .products import uses_of

        return uses_of(quantity, op, inputs, named)
    x = inputs[0]
    volume = volume_of(op, inputs, named)
    given = given_of(op, x, volume, named)
    if quantity == "values":
        return _values(op, inputs, volume, given, named)
    terms = list(terms_of(op, inputs, volume, given, named))
    if quantity == "weights":
        terms = [term for term in terms if term.kind != BIAS]
    elif quantity == "biases":
        terms = [term for term in terms if term.kind == BIAS]
    return Count(quantity, terms, volume, given, (), named).but(layer=(op, tuple(inputs)))


def given_of(op: Op, x: Shape, volume: Volume | None, named: Named) -> Given:
    """What a task states of a layer."""
    letters = {1: ("W",), 2: ("H", "W"), 3: ("T", "H", "W")}.get(len(x) - 1, ())
    sides = tuple([named(name, n) for name, n in zip(letters, x.spatial, strict=False)])
    windows = [w for w in volume.windows if value_of(w.size)] if volume is not None else []
    kernel = tuple([window.kernel for window in windows])
    stride = windows[0].stride if windows else None
    groups = getattr(op, "groups", 1)
    groups = named("G", groups) if isinstance(groups, int) and groups != 1 else 1
    filters = volume.filters if volume is not None else None
    heads = named("heads", op.heads) if isinstance(op, Attention) else 1
    return Given(sides, named("C", x.channels), filters, kernel, stride, groups, op.name, heads)


def terms_of(
    op: Op, inputs: Sequence[Shape], volume: Volume | None, given: Given, named: Named
) -> Iterator[Term]:
    """Weights and biases, as products."""
    kernel = [Factor(KERNEL, side) for side in given.kernel]
    if isinstance(op, (Convolution, TransposedConv)):
        if volume is None:
            return
        filters = Factor(FILTERS, volume.channels)
        at = OUTPUT if isinstance(op, LocallyConnected) else ONCE
        if isinstance(op, Conv) and op.connect is not None:
            weights = [*kernel, Factor(PAIRS, named("pairs", op.connect.count("1")))]
        elif isinstance(op, DepthwiseConv):
            weights = [*kernel, filters]
        else:
            depth = given.channels
            if value_of(given.groups) != 1:
                depth = share(depth, given.groups)
            weights = [*kernel, Factor(DEPTH, depth), filters]
        yield Term(WEIGHT, tuple(weights), at)
        if op.bias:
            yield Term(BIAS, (Factor(UNIT, 1), filters), at)
        return
    if isinstance(op, DotProducts):
        units = Factor(FILTERS, named("K", op.units))
        flattened = given.sides if isinstance(op, FullyConnected) else ()
        sides = [Factor(SIDE, side) for side in flattened]
        yield Term(WEIGHT, (*sides, Factor(DEPTH, given.channels), units))
        if op.bias:
            yield Term(BIAS, (Factor(UNIT, 1), units))
        return
    if isinstance(op, Attention) and op.is_plain(*inputs[1:]):
        yield from _of_attention(op, given, named)
        return
    for tensor in op.tensors(*inputs) or ():
        if not tensor.learned:
            continue
        sizes = [Factor(FILTERS, named(f"{tensor.name}{i}", n)) for i, n in enumerate(tensor.shape)]
        gates = getattr(op, "maps", 1)
        if isinstance(op, Recurrent) and tensor.shape[0] % gates == 0:
            units = Factor(FILTERS, named("K", tensor.shape[0] // gates))
            read = Factor(STATE, named("K" if "hh" in tensor.name else "C", tensor.shape[-1]))
            several = [Factor(GATES, named("maps", gates))] if gates > 1 else []
            sizes = [*several, *([read] if len(tensor.shape) > 1 else []), units]
        if tensor.is_bias:
            yield Term(BIAS, tuple(sizes))
        elif len(tensor.shape) == 1:
            yield Term(SCALE, tuple(sizes))
        else:
            yield Term(RECURRENT if "hh" in tensor.name else WEIGHT, tuple(sizes))


def _of_attention(op: Attention, given: Given, named: Named) -> Iterator[Term]:
    """Queries, keys and values, and the map behind the heads: C·C weights each."""
    read, made = Factor(STATE, given.channels), Factor(FILTERS, given.channels)
    three = Factor(MAPS, named("maps", 3))
    yield Term(WEIGHT, (three, read, made))
    yield Term(JOINED, (read, made))
    if op.bias:
        yield Term(BIAS, (three, made))
        yield Term(BIAS, (Factor(UNIT, 1), made))


def scores_of(x: Shape, given: Given, named: Named) -> Term:
    """Every token with every token: the scores, and the sums weighted by them."""
    two, tokens = Factor(MAPS, named("products", 2)), Factor(SIDE, named("T", x.positions))
    return Term(SCORES, (two, tokens, Factor(FILTERS, given.channels)))


def _values(op: Op, inputs: Sequence[Shape], volume: Volume | None, given: Given, named: Named) -> Count:
    """Values of the output."""
    if volume is not None:
        term = Term(VALUE, (Factor(FILTERS, volume.channels),), OUTPUT)
        return Count("values", [term], volume, given, (), named)
    output = op.output(*inputs)
    term = Term(VALUE, tuple([Factor(FILTERS, named("n", n)) for n in output]))
    return Count("values", [term], None, given, (), named)
