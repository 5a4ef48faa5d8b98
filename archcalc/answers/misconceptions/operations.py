"""Misconceptions of how much is computed."""

from __future__ import annotations

from collections.abc import Iterator

from ...ops.terms import (
    BIAS,
    DEPTH,
    FILTERS,
    INPUT,
    KERNEL,
    MAPS,
    ONCE,
    OUTPUT,
    RECURRENT,
    SCORES,
    UNIT,
    WEIGHT,
    Factor,
    Term,
    factors,
)
from ..methods.counts import DOTS, USES, VALUE, CountMethod
from ..methods.products import additions
from .belief import CONVENTION, Variant, belief

_TWO = "facebookresearch/fvcore#69; sovrasov/flops-counter.pytorch#16; open-mmlab/mmpose#1190"


@belief(
    "a multiply and an add as two operations",
    quantities="macs",
    wrong="2·F·F·C·Ho·Wo·K",
    why="As MACs, a multiply and the add that takes it up are one.",
    hint="Are multiply and add one operation or two?",
    source=_TWO,
    scope=CONVENTION,
)
def macs_doubled(count: CountMethod) -> CountMethod | None:
    return None if count.two or count.extra else count.but(two=(count.named("", 2),))


@belief(
    "a multiply and an add as one operation: MACs",
    quantities="flops",
    wrong="F·F·C·Ho·Wo·K",
    why="That is the number of MACs. As FLOPs, a multiply and an add are two.",
    hint="Are multiply and add one operation or two?",
    source=_TWO,
    scope=CONVENTION,
)
def flops_halved(count: CountMethod) -> CountMethod | None:
    return count.but(two=()) if count.two and not count.extra else None


@belief(
    "positions of the input in the place of the output's",
    quantities=("macs", "flops", *USES),
    wrong="F·F·C·H·W·K",
    why="A filter is applied once for each position of the output.",
    hint="How many places does the window stop at?",
    source="Lyken17/pytorch-OpCounter#9 (21,099,008 -> 99,574,272)",
)
def input_positions(count: CountMethod) -> CountMethod | None:
    weight = count.term(WEIGHT)
    if weight is None or weight.at != OUTPUT or not count.sides:
        return None
    return count.changing(WEIGHT, weight._replace(at=INPUT))


@belief(
    "positions of the output in the place of the input's",
    quantities=("macs", "flops", *USES),
    wrong="F·F·C·Ho·Wo·K",
    why="A transposed convolution spreads each position of its input over a window: every weight "
    "is used once for each position of the input.",
    hint="For which positions is each weight used: for those that arrive, or for those that go out?",
    source="Lyken17/pytorch-OpCounter#20 and #93 (48 -> 192); facebookresearch/fvcore#78 (288 -> 81)",
    special=True,
)
def output_positions(count: CountMethod) -> Iterator[Variant]:
    weight = count.term(WEIGHT)
    if weight is None or weight.at != INPUT or not weight.has(DEPTH):
        return
    used = weight._replace(at=OUTPUT)
    yield Variant("positions of the output in the place of the input's", _with(count, used))
    squared = used.having(DEPTH, *used.of(FILTERS))
    yield Variant(
        "positions of the output in the place of the input's, and output channels squared",
        _with(count, squared),
    )


def _with(count: CountMethod, weight: Term) -> CountMethod:
    """The count with other weights."""
    changed = count.changing(WEIGHT, weight)
    assert changed is not None
    return changed


@belief(
    "one position only",
    quantities=("macs", "flops", *USES),
    wrong="F·F·C·K",
    why="Those are the multiplications at one position, or in one step. Each weight is used at all of them.",
    hint="How often is each weight used?",
    source="a published walk-through (56,448 -> 1,152); TylerYep/torchinfo#77 for linear layers, "
    "TylerYep/torchinfo#32 for an LSTM",
)
def one_position(count: CountMethod) -> Variant | None:
    if all(term.at == ONCE or not count.positions(term.at) for term in count.terms):
        return None
    once = count.each(lambda term: term._replace(at=ONCE))
    steps = count.term(RECURRENT) is not None
    return Variant("one step only" if steps else "one position only", once)


@belief(
    "the bias counted once a filter, and not once a position",
    quantities=("macs", "flops"),
    wrong="F·F·C·Ho·Wo·K + K",
    why="A bias is added at every position: where its additions are counted, there are as many "
    "as the layer puts out values.",
    hint="How often is the bias of a filter added?",
    source="ThanatosShinji/onnx-tool#60 (299,520 -> 288,020)",
    slight=True,
)
def bias_once(count: CountMethod) -> Iterator[Variant]:
    if not additions(count).biases:
        return
    once = tuple([term._replace(at=ONCE) for term in additions(count).biases])
    name = "the bias counted once a filter, and not once a position"
    yield Variant(name, count.but(terms=(*count.terms, *once)))
    if count.two:  # which counts a multiply and its add as two, and a lone addition as one
        yield Variant(f"{name}, as one operation", count.but(extra=(*count.extra, *once)))


@belief(
    "scores and weighted sums left out",
    quantities=("macs", "flops", *USES),
    wrong="4·T·C·C",
    why="Besides its four linear maps, attention multiplies every query with every key, and every "
    "weight with every value: T·T·C each.",
    hint="What is multiplied in attention that is no weight?",
    source="MrYxJ/calculate-flops#48 (21,381,120 -> 20,971,520)",
    special=True,
)
def scores_left_out(count: CountMethod) -> CountMethod | None:
    return count.dropping(SCORES)


@belief(
    "one of the two products with T·T counted",
    quantities=("macs", "flops", *USES),
    wrong="4·T·C·C + T·T·C",
    why="There are two products of every token with every token: the scores, and the sum of the "
    "values that they weight.",
    hint="What becomes of the scores once they are there?",
    source="the counterpart of leaving both out",
    special=True,
)
def one_score_product(count: CountMethod) -> CountMethod | None:
    scores = count.term(SCORES)
    return None if scores is None else count.changing(SCORES, scores.without(MAPS))


@belief(
    "linear maps left out",
    quantities=("macs", "flops", *USES),
    wrong="2·T·T·C",
    why="Queries, keys, values and the result are linear maps of C channels each: 4·T·C·C.",
    hint="Where do queries, keys and values come from?",
    source="the counterpart of leaving the scores out",
    special=True,
)
def maps_left_out(count: CountMethod) -> CountMethod | None:
    return count.only(SCORES)


@belief(
    "parameters counted as operations",
    quantities=("macs", "flops"),
    wrong="(F·F·C + 1)·K",
    why="Those are the parameters. Each weight is used at every position of the output.",
    hint="How often is each weight used?",
    source="the counterpart of counting operations as parameters",
    family=True,
)
def parameters_for_operations(count: CountMethod) -> CountMethod | None:
    if all(not count.positions(term.at) for term in count.terms):
        return None
    once = tuple(
        [term._replace(at=ONCE) for term in (*count.terms, *additions(count).biases) if term.kind != SCORES]
    )
    return count.but(terms=once, times=(), two=())


@belief(
    "additions of the biases counted too",
    quantities=("macs", "flops"),
    wrong="(F·F·C + 1)·Ho·Wo·K",
    why="Adding the bias is one operation more for every value of the output; most count it not.",
    hint="Is adding the bias counted?",
    source="sovrasov/flops-counter.pytorch#76 (768,000 -> 778,240)",
    scope=CONVENTION,
)
def biases_among_operations(count: CountMethod) -> CountMethod | None:
    return _with_biases(count, additions(count).biases)


def _with_biases(count: CountMethod, biases: tuple[Term, ...]) -> CountMethod | None:
    """The count with additions of biases, which count like those that take up a product."""
    if not biases or count.extra or count.term(BIAS) is not None:
        return None
    return count.but(terms=(*count.terms, *biases))


@belief(
    "additions of the biases of recurrent layers counted too",
    quantities=("macs", "flops"),
    wrong="4·(C + K + 2)·T·K",
    why="Adding the bias is one operation more for every gate and step; most count it not. cuDNN, "
    "and PyTorch after it, add two bias vectors a gate, the papers one.",
    hint="Is adding the bias counted, and how many biases does a gate have?",
    source="THOP and ptflops on PyTorch's recurrent layers, which have two",
    scope=CONVENTION,
)
def other_vectors_among_operations(count: CountMethod) -> Variant | None:
    if count.op is None or not count.op.holds_states:
        return None
    biases = additions(count).biases
    two = count.op.bias_vectors == 1
    changed = _with_biases(count, (*biases, *biases) if two else biases[::2])
    words = f"additions of the biases counted too, {'two' if two else 'one'} a gate"
    return Variant(words, changed) if changed is not None else None


@belief(
    "adding a bias counted as one operation",
    quantities=("macs", "flops"),
    wrong="(2·F·F·C + 1)·Ho·Wo·K",
    why="Adding the bias is one operation more for every value of the output; most count it not.",
    hint="Is adding the bias counted?",
    source="sovrasov/flops-counter.pytorch#76, with multiply and add as two",
    scope=CONVENTION,
)
def bias_one_flop(count: CountMethod) -> CountMethod | None:
    return _beside(count, additions(count).biases)


def _beside(count: CountMethod, more: tuple[Term, ...]) -> CountMethod | None:
    """The count with operations that count once, where a multiply and its add count as two."""
    if not more or not count.two or count.term(BIAS) is not None:
        return None
    return count.but(extra=(*count.extra, *more))


@belief(
    "K products of a dot product added up by K − 1 additions",
    quantities=("macs", "flops"),
    wrong="(2·F·F·C − 1)·Ho·Wo·K",
    why="K products need K − 1 additions. Most count as many additions as products.",
    hint="How many additions join K products?",
    source="Molchanov et al., ICLR 2017, appendix: (2·I − 1)·O for a fully connected layer",
    scope=CONVENTION,
)
def sums_one_less(count: CountMethod) -> CountMethod | None:
    less = Factor(UNIT, -1)
    dots = [Term(DOTS, (less, *_plainly(term)), term.at) for term in additions(count).dots]
    return _beside(count, tuple(dots))


def _plainly(term: Term) -> list[Factor]:
    """The factors of a term but for a plain 1."""
    return [f for f in term.factors if f.role != UNIT or type(f.number) is not int or f.number != 1]


@belief(
    "pooling layer given multiply-adds",
    quantities=("macs", "flops"),
    wrong="F·F·C·Ho·Wo or F·F·C·Ho·Wo·C",
    why="A pooling layer compares values or adds them up: it multiplies nothing, and has no MACs.",
    hint="What does a pooling layer multiply?",
    source="the counterpart of giving it parameters",
    family=True,
)
def pool_operations(count: CountMethod) -> Iterator[Variant]:
    if not count.pools:
        return
    kernel = factors(KERNEL, count.kernel)
    depth, made = (Factor(role, count.channels) for role in (DEPTH, FILTERS))
    two = (count.named("", 2),) if count.quantity == "flops" else ()
    per_value = Term(WEIGHT, (*kernel, made), OUTPUT)
    full = Term(WEIGHT, (*kernel, depth, made), OUTPUT)
    yield Variant(
        "a multiply-add for every value of a pooling window", count.but(terms=(per_value,), two=two)
    )
    if two:
        yield Variant("an operation for every value of a pooling window", count.but(terms=(per_value,)))
    yield Variant("pooling layer counted as a convolution", count.but(terms=(full,), two=two))


@belief(
    "one channel only",
    quantities=("values", "memory"),
    wrong="Ho·Wo",
    why="Every channel has Ho·Wo values.",
    hint="How many channels does the volume have?",
    source="the counterpart of forgetting the channels of a filter",
)
def values_of_one_channel(count: CountMethod) -> CountMethod | None:
    value = count.term(VALUE)
    if value is None or value.at != OUTPUT or not count.positions(OUTPUT):
        return None
    return count.changing(VALUE, value.without(FILTERS))


@belief(
    "one position only",
    quantities=("values", "memory"),
    wrong="K",
    why="There are K values at every one of Ho·Wo positions.",
    hint="How many positions does the volume have?",
    source="the counterpart of forgetting the positions of an output",
)
def values_of_one_position(count: CountMethod) -> CountMethod | None:
    value = count.term(VALUE)
    if value is None or value.at != OUTPUT:
        return None
    return count.changing(VALUE, value._replace(at=ONCE))
