"""The counts of a layer, MACs and FLOPs among them, as sums of products; what biases and sums add to them.

All of it is held against the op's own operation counts: an op whose weights do not tell how often they are
used, or a layer of several inputs, has one bare number where others have a product.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ...arithmetic import product, value_of
from ...ops.base import Op
from ...ops.terms import BIAS, FILTERS, INPUT, MULTIPLIED, ONCE, OUTPUT, SCORES, UNIT, Factor, Term, factors
from ...shape import Shape
from ..working import Named, unnamed
from .counts import USES, VALUE, CountMethod, Task, task_of
from .volumes import VolumeMethod


class Additions(NamedTuple):
    """The additions that an operation count may hold beside its multiply-adds, each as products.

    biases  the additions of the layer's biases; none where it has no biases
    absent  what they would be if it had any; none where it has
    dots    the dot products, a sum of which takes an addition less than it has terms
    """

    biases: tuple[Term, ...]
    absent: tuple[Term, ...]
    dots: tuple[Term, ...]


def operations_of(
    quantity: str, op: Op, inputs: Sequence[Shape], named: Named = unnamed
) -> CountMethod | None:
    """The method for ``macs`` or ``flops``; None where the op's multiply-adds are no MACs."""
    operations = op.facts(tuple(inputs)).operations
    if operations is None or not (op.matrix_product or op.pools):
        return None
    task = task_of(op, inputs, named)
    volume = task.volume(named)
    if not op.matrix_product:  # nothing is multiplied, which not everybody believes
        return CountMethod(quantity, (), volume, task, named)
    terms = _matching(task, MULTIPLIED, value_of(operations.mul_add), named)
    two = (named("", 2),) if quantity == "flops" else ()
    return CountMethod(quantity, terms, volume, task, named, two=two)


def uses_of(quantity: str, op: Op, inputs: Sequence[Shape], named: Named = unnamed) -> CountMethod | None:
    """The method for what is counted for each use of a weight: multiplications, or connections,
    to which those of the biases belong and products of values with values do not."""
    count = operations_of("macs", op, inputs, named)
    if count is not None and quantity == "connections":
        weighted = [term for term in count.terms if term.kind != SCORES]
        count = count.but(terms=(*weighted, *additions(count).biases))
    return None if count is None else count.but(quantity=quantity)


def bare_operations(quantity: str, name: str, number: int, named: Named) -> CountMethod:
    """Multiply-adds about which nothing else is known."""
    two = (named("", 2),) if quantity == "flops" else ()
    return CountMethod(quantity, (_bare(VALUE, name, number, named),), named=named, two=two)


def additions(count: CountMethod) -> Additions:
    """Return what a layer's biases and sums add to a count of its operations; nothing for a count that is
    of no layer."""
    if count.task is None:
        return Additions((), (), ())
    op, inputs = count.task.plain
    operations = op.facts(inputs).operations
    if operations is None:
        return Additions((), (), ())
    biases = _of_biases(count.task, count.named)
    other = _with_bias(op)
    absent = () if other is None else _of_biases(task_of(other, inputs, count.named), count.named)
    number = value_of(operations.outputs)
    dots = next(
        (terms for terms in (biases, absent) if _value(count.task, terms) == number),
        (_bare(VALUE, "sums", number, count.named),) if number else (),
    )
    return Additions(biases, absent, dots)


def absent_biases(count: CountMethod) -> tuple[Term, ...]:
    """The biases that a layer without any would have, as parameters; nothing of others."""
    if count.task is None:
        return ()
    op, inputs = count.task.plain
    other = _with_bias(op)
    if other is None:
        return ()
    terms = task_of(other, inputs, count.named).terms(count.named)
    return tuple([term for term in terms if term.kind == BIAS])


def _with_bias(op: Op) -> Op | None:
    """The op with biases, where it can have them and has none."""
    for name, none, some in (("bias", False, True), ("biases", "none", "one")):
        if name in op.attributes and getattr(op, name) == none:
            return op.with_attributes(**{name: some})
    return None


def _of_biases(task: Task, named: Named) -> tuple[Term, ...]:
    """The additions of its biases."""
    op, inputs = task.plain
    operations = op.operations(*inputs)
    number = value_of(operations.biases) if operations is not None else 0
    return _matching(task, (BIAS,), number, named) if number else ()


def _matching(task: Task, kinds: Sequence[str], number: int, named: Named) -> tuple[Term, ...]:
    """The terms of some kinds, as often as they are computed; the bare number where they come to
    another one. That is found out in the layer's own numbers, whatever values the names stand for."""
    if _stated_number(*task.plain, kinds) == number:
        return _running(task, kinds, named)
    return (_bare(BIAS if BIAS in kinds else VALUE, "", number, named),)


def _running(task: Task, kinds: Sequence[str], named: Named) -> tuple[Term, ...]:
    return tuple([term.running() for term in task.terms(named) if term.kind in kinds])


@lru_cache(maxsize=1 << 8)
def _stated_number(op: Op, inputs: tuple[Shape, ...], kinds: Sequence[str]) -> int:
    """What the terms that an op states come to; who looks for a factor asks for each that is tried."""
    task = task_of(op, inputs)
    return _value(task, _running(task, kinds, unnamed))


def _bare(kind: str, name: str, number: int, named: Named) -> Term:
    return Term(kind, (Factor(UNIT, named(name, number)),))


def _value(task: Task, terms: Iterable[Term]) -> int:
    """The value of terms on the layer's own positions."""
    op, inputs = task.plain
    places = {ONCE: 1, INPUT: inputs[0].positions, OUTPUT: op.facts(inputs).output.positions}
    return sum([int(product([value_of(f.number) for f in term.factors])) * places[term.at] for term in terms])


# ---------------------------------------------------------------------------------------------
# The counts of a layer


def count_of(quantity: str, op: Op, inputs: Sequence[Shape], named: Named = unnamed) -> CountMethod | None:
    """The method for a count of a layer; None where there is none for it.

    ``quantity`` is ``params``, ``weights``, ``biases``, ``macs``, ``flops``, one of USES, or
    ``values``.
    """
    if quantity in ("macs", "flops"):
        return operations_of(quantity, op, inputs, named)
    if quantity in USES:
        return uses_of(quantity, op, inputs, named)
    task = task_of(op, inputs, named)
    volume = task.volume(named)
    if quantity == "values":
        return _values(task, volume, named)
    terms = [term for term in task.terms(named) if term.kind != SCORES]
    if quantity == "weights":
        terms = [term for term in terms if term.kind != BIAS]
    elif quantity == "biases":
        terms = [term for term in terms if term.kind == BIAS]
    return CountMethod(quantity, tuple(terms), volume, task, named)


def _values(task: Task, volume: VolumeMethod | None, named: Named) -> CountMethod:
    """Values of the output."""
    if volume is not None:
        term = Term(VALUE, (Factor(FILTERS, volume.channels),), OUTPUT)
    else:
        op, inputs = task.plain
        term = Term(VALUE, factors(FILTERS, [named("n", n) for n in op.output(*inputs)]))
    return CountMethod("values", (term,), volume, task, named)
