"""The MACs and FLOPs of a layer, as sums of products; what its biases and sums add to them.

All of it is held against the op's own operation counts: an op whose weights do not tell how often they are
used, or a layer of several inputs, has one bare number where others have a product.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...arithmetic import product, value_of
from ...ops.attention import Attention
from ...ops.base import Op, OperationCounts
from ...ops.transposed import TransposedConv
from ...shape import Shape
from ..working import Named, unnamed
from .counts import (
    BIAS,
    INPUT,
    ONCE,
    OUTPUT,
    SCORES,
    UNIT,
    USED,
    VALUE,
    WEIGHT,
    Count,
    Factor,
    Given,
    Term,
    given_of,
    scores_of,
    terms_of,
)
from .volumes import volume_of


class Additions(NamedTuple):
    """What an operation count may hold beside its multiply-adds, each as products.

    biases  the additions of the layer's biases; none where it has no biases
    absent  what they would be if it had any; none where it has
    dots    the dot products, a sum of which takes an addition less than it has terms
    """

    biases: tuple[Term, ...]
    absent: tuple[Term, ...]
    dots: tuple[Term, ...]


def operations_of(quantity: str, op: Op, inputs: Sequence[Shape], named: Named = unnamed) -> Count | None:
    """The method for ``macs`` or ``flops``; None where the op's multiply-adds are no MACs."""
    operations = _ledger(op, inputs)
    if operations is None or not (op.matrix_product or op.group == "pooling"):
        return None
    volume = volume_of(op, inputs, named)
    given = given_of(op, inputs[0], volume, named)
    if not op.matrix_product:  # nothing is multiplied, which not everybody believes
        return Count(quantity, (), volume, given, (), named)
    terms = _matching(op, inputs, USED, value_of(operations.mul_add), named)
    two = (named("", 2),) if quantity == "flops" else ()
    return Count(quantity, terms, volume, given, (), named).but(two=two, layer=(op, tuple(inputs)))


def uses_of(quantity: str, op: Op, inputs: Sequence[Shape], named: Named = unnamed) -> Count | None:
    """The method for what is counted for each use of a weight: multiplications, or connections,
    to which those of the biases belong and products of values with values do not."""
    count = operations_of("macs", op, inputs, named)
    if count is not None and quantity == "connections":
        weighted = [term for term in count.terms if term.kind != SCORES]
        count = count.but(terms=(*weighted, *count.biases))
    return None if count is None else count.but(quantity=quantity)


def bare_operations(quantity: str, name: str, number: int, named: Named) -> Count:
    """Multiply-adds about which nothing else is known."""
    given = Given((), 0, None, (), None, 1, "")
    two = (named("", 2),) if quantity == "flops" else ()
    return Count(quantity, [_bare(VALUE, name, number, named)], None, given, (), named).but(two=two)


def additions(count: Count) -> Additions:
    """What a layer's biases and sums add to a count of its operations; nothing of a count that is
    of no layer."""
    if count.layer is None:
        return Additions((), (), ())
    op, inputs = count.layer
    operations = _ledger(op, inputs)
    if operations is None:
        return Additions((), (), ())
    biases = _of_biases(op, inputs, count.named, value_of(operations.biases))
    absent: tuple[Term, ...] = ()
    other = _with_bias(op)
    if other is not None:
        would = other.operations(*inputs)
        assert would is not None
        absent = _of_biases(other, inputs, count.named, value_of(would.biases))
    number = value_of(operations.outputs)
    dots = next(
        (terms for terms in (biases, absent) if _value(op, inputs, terms) == number),
        (_bare(VALUE, "sums", number, count.named),) if number else (),
    )
    return Additions(biases, absent, dots)


def absent_biases(count: Count) -> tuple[Term, ...]:
    """The biases that a layer without any would have, as parameters; nothing of others."""
    if count.layer is None:
        return ()
    op, inputs = count.layer
    other = _with_bias(op)
    if other is None:
        return ()
    return tuple([term for term in _tensors(other, inputs, count.named) if term.kind == BIAS])


def _with_bias(op: Op) -> Op | None:
    """The op with biases, where it can have them and has none."""
    for name, none, some in (("bias", False, True), ("biases", "none", "one")):
        if name in op.attributes and getattr(op, name) == none:
            return op.with_attributes(**{name: some})
    return None


def _tensors(op: Op, inputs: Sequence[Shape], named: Named) -> list[Term]:
    """What is multiplied or added: the tensors, and the scores of an attention."""
    volume = volume_of(op, inputs, named)
    given = given_of(op, inputs[0], volume, named)
    terms = list(terms_of(op, inputs, volume, given, named))
    if isinstance(op, Attention) and op.is_plain(*inputs[1:]):
        terms.append(scores_of(inputs[0], given, named))
    return terms


def _ledger(op: Op, inputs: Sequence[Shape]) -> OperationCounts | None:
    return op.facts(tuple(inputs)).operations


def _of_biases(op: Op, inputs: Sequence[Shape], named: Named, number: int) -> tuple[Term, ...]:
    if not number:
        return ()
    return tuple(_matching(op, inputs, (BIAS,), number, named))


def _matching(op: Op, inputs: Sequence[Shape], kinds: Sequence[str], number: int, named: Named) -> list[Term]:
    """The tensors of some kinds, as often as there are positions of the output or the input, so
    that they come to a number; the bare number where they come to another one. How often is found
    out in the layer's own numbers, whatever values the names stand for."""
    terms = [term for term in _tensors(op, inputs, unnamed) if term.kind in kinds]
    if terms and len(inputs) == 1:
        places = (OUTPUT, INPUT)
        if isinstance(op, TransposedConv) and WEIGHT in kinds:
            places = (INPUT, OUTPUT)  # each position of the input is spread over a window
        for at in places:
            if _value(op, inputs, _placed(terms, at)) == number:
                known = [term for term in _tensors(op, inputs, named) if term.kind in kinds]
                return _placed(known, at)
    return [_bare(BIAS if BIAS in kinds else VALUE, "", number, named)]


def _placed(terms: Iterable[Term], at: str) -> list[Term]:
    return [term._replace(at=at) if term.at == ONCE else term for term in terms]


def _bare(kind: str, name: str, number: int, named: Named) -> Term:
    return Term(kind, (Factor(UNIT, named(name, number)),))


def _value(op: Op, inputs: Sequence[Shape], terms: Iterable[Term]) -> int:
    """What products come to on the layer's own positions."""
    x = inputs[0]
    output = op.facts(tuple(inputs)).output
    places = {ONCE: 1, INPUT: product(x.spatial), OUTPUT: product(output.spatial)}
    return sum([int(product([value_of(f.number) for f in term.factors])) * places[term.at] for term in terms])
