"""Misconceptions of how much is computed."""

from __future__ import annotations

from ...arithmetic import product
from ..methods.counts import (
    BIAS,
    FILTERS,
    INPUT,
    ONCE,
    OUTPUT,
    UNIT,
    VALUE,
    WEIGHT,
    Count,
    Factor,
    Term,
)
from .entry import CONVENTION, entry

_TWO = "facebookresearch/fvcore#69; sovrasov/flops-counter.pytorch#16; open-mmlab/mmpose#1190"


@entry(
    "macs-doubled", "a multiply and an add as two operations", Count, "macs",
    wrong="2·F·F·C·Ho·Wo·K",
    tell="As MACs, a multiply and the add that takes it up are one.",
    hint="Are multiply and add one operation or two?",
    source=_TWO,
    scope=CONVENTION,
)  # fmt: skip
def _(count: Count) -> Count:
    return count.multiplied(count.named("", 2))


@entry(
    "flops-halved", "a multiply and an add as one operation: MACs", Count, "flops",
    wrong="F·F·C·Ho·Wo·K",
    tell="That is the number of MACs. As FLOPs, a multiply and an add are two.",
    hint="Are multiply and add one operation or two?",
    source=_TWO,
    scope=CONVENTION,
)  # fmt: skip
def _(count: Count) -> Count | None:
    # The 2 stands last: a batch is multiplied in front of it.
    return count.but(times=count.times[:-1]) if count.times else None


@entry(
    "input-positions", "positions of the input in the place of the output's", Count,
    "macs", "flops",
    wrong="F·F·C·H·W·K",
    tell="A filter is applied once for each position of the output.",
    hint="How many places does the window stop at?",
    source="Lyken17/pytorch-OpCounter#9 (21,099,008 -> 99,574,272)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    if weight is None or weight.at != OUTPUT or not count.given.sides:
        return None
    return count.changing(WEIGHT, weight._replace(at=INPUT))


@entry(
    "one-position", "one position only", Count, "macs", "flops",
    wrong="F·F·C·K",
    tell="Those are the multiplications at one position. The window stops at Ho·Wo of them.",
    hint="How often is each weight used?",
    source="a published walk-through (56,448 -> 1,152)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    if weight is None or weight.at == ONCE:
        return None
    return count.changing(WEIGHT, weight._replace(at=ONCE))


@entry(
    "parameters-for-operations", "parameters counted as operations", Count, "macs", "flops",
    wrong="(F·F·C + 1)·K",
    tell="Those are the parameters. Each weight is used at every position of the output.",
    hint="How often is each weight used?",
    source="the counterpart of counting operations as parameters",
    family=True,
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    filters = weight.playing(FILTERS) if weight is not None else []
    if weight is None or not filters or not count.given.kernel:
        return None
    bias = Term(BIAS, (Factor(UNIT, 1), *filters))
    return count.but(terms=(weight._replace(at=ONCE), bias), times=())


@entry(
    "biases-among-operations", "additions of the biases counted too", Count, "macs", "flops",
    wrong="(F·F·C + 1)·Ho·Wo·K",
    tell="Adding the bias is one operation more for every value of the output; most count it not.",
    hint="Is adding the bias counted?",
    source="sovrasov/flops-counter.pytorch#76 (768,000 -> 778,240)",
    scope=CONVENTION,
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    filters = weight.playing(FILTERS) if weight is not None else []
    if weight is None or not filters or weight.at == INPUT:
        return None
    bias = Term(BIAS, (Factor(UNIT, 1), *filters), weight.at)
    return count.but(terms=(weight, bias))


@entry(
    "bias-one-flop", "adding a bias counted as one operation", Count, "flops",
    wrong="(2·F·F·C + 1)·Ho·Wo·K",
    tell="Adding the bias is one operation more for every value of the output; most count it not.",
    hint="Is adding the bias counted?",
    source="sovrasov/flops-counter.pytorch#76, with multiply and add as two",
    scope=CONVENTION,
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    filters = weight.playing(FILTERS) if weight is not None else []
    if weight is None or not filters or weight.at == INPUT or not count.times:
        return None
    twice = weight._replace(factors=(Factor(UNIT, count.times[-1]), *weight.factors))
    bias = Term(BIAS, (Factor(UNIT, 1), *filters), weight.at)
    return count.but(terms=(twice, bias), times=count.times[:-1])


@entry(
    "sums-one-less", "K products of a dot product added up by K − 1 additions", Count, "flops",
    wrong="(2·F·F·C − 1)·Ho·Wo·K",
    tell="K products need K − 1 additions. Most count as many additions as products.",
    hint="How many additions join K products?",
    source="Molchanov et al., ICLR 2017, appendix: (2·I − 1)·O for a fully connected layer",
    scope=CONVENTION,
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    filters = weight.playing(FILTERS) if weight is not None else []
    if weight is None or not filters or weight.at == INPUT or not count.times:
        return None
    read = product([f.number for f in weight.factors if f.role != FILTERS])
    once = Factor(UNIT, count.times[-1] * read - 1)
    return count.changing(WEIGHT, weight._replace(factors=(once, *filters))).but(  # type: ignore[union-attr]
        times=count.times[:-1]
    )


@entry(
    "values-of-one-channel", "one channel only", Count, "values", "memory",
    wrong="Ho·Wo",
    tell="Every channel has Ho·Wo values.",
    hint="How many channels does the volume have?",
    source="the counterpart of forgetting the channels of a filter",
)  # fmt: skip
def _(count: Count) -> Count | None:
    value = count.term(VALUE)
    if value is None or value.at != OUTPUT or not count.positions(OUTPUT):
        return None
    return count.changing(VALUE, value.without(FILTERS))


@entry(
    "values-of-one-position", "one position only", Count, "values", "memory",
    wrong="K",
    tell="There are K values at every one of Ho·Wo positions.",
    hint="How many positions does the volume have?",
    source="the counterpart of forgetting the positions of an output",
)  # fmt: skip
def _(count: Count) -> Count | None:
    value = count.term(VALUE)
    if value is None or value.at != OUTPUT:
        return None
    return count.changing(VALUE, value._replace(at=ONCE))
