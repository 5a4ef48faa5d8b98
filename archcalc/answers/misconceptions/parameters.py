"""Misconceptions of how many parameters a layer has."""

from __future__ import annotations

from collections.abc import Iterator

from ...arithmetic import product, value_of
from ..methods.counts import (
    BIAS,
    DEPTH,
    FILTERS,
    GATES,
    KERNEL,
    ONCE,
    OUTPUT,
    PAIRS,
    RECURRENT,
    SCALE,
    SIDE,
    UNIT,
    WEIGHT,
    Count,
    Factor,
    Term,
)
from ..working import share
from .entry import CONVENTION, Variant, entry

_COURSERA = "Coursera Deep Learning, course 4, week 1: an option of the quiz"


def _weight(count: Count) -> Term | None:
    """The weights of a layer with a kernel."""
    return count.term(WEIGHT) if count.given.kernel else None


def _depth(count: Count, *numbers: object) -> Count | None:
    """Other numbers in the place of the channels that a filter reads."""
    weight = count.term(WEIGHT)
    if weight is None or not weight.has(DEPTH):
        return None
    return count.changing(WEIGHT, weight.having(DEPTH, *numbers))


@entry(
    "bias-forgotten", "bias forgotten", Count, "params",
    wrong="F·F·C·K",
    tell="Every filter adds one number of its own, its bias: there are K more parameters.",
    hint="Is there anything in a filter besides the weights of its window?",
    source=f"{_COURSERA} (7,600 -> 7,500); dgschwend/netscope#17",
)  # fmt: skip
def _(count: Count) -> Count | None:
    return count.dropping(BIAS) if count.term(WEIGHT) or count.term(SCALE) else None


@entry(
    "channels-forgotten", "input channels forgotten", Count,
    wrong="(F·F + 1)·K",
    tell="A filter reads all channels that arrive, so its window is F·F·C and not F·F.",
    hint="How deep is a filter?",
    source="Coursera Deep Learning, course 4, week 1: a slide, corrected in its errata (208, 416)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = _weight(count)
    if weight is None or not weight.has(DEPTH):
        return None
    return count.changing(WEIGHT, weight.without(DEPTH))


@entry(
    "one-bias", "one bias for the whole layer", Count, "params",
    wrong="F·F·C·K + 1",
    tell="Each filter has a bias of its own: K of them, and not one.",
    hint="Who shares a bias with whom?",
    source="Coursera Deep Learning, course 4: a slide (48,120 -> 48,001)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    return count.changing(BIAS, Term(BIAS, (Factor(UNIT, 1),))) if count.term(WEIGHT) else None


@entry(
    "bias-twice", "bias counted twice", Count, "params",
    wrong="(F·F·C + 2)·K",
    tell="A filter has one bias.",
    hint="How many biases does a filter have?",
    source="udacity/sdc-issue-reports#471 (3,860 -> 3,880)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    bias = count.term(BIAS)
    if bias is None or count.term(WEIGHT) is None or bias.has(GATES):
        return None
    return count.changing(BIAS, bias.having(UNIT, 2))


@entry(
    "bias-everywhere", "a bias at every position", Count, "params",
    wrong="F·F·C·K + Ho·Wo·K",
    tell="A filter has the same bias at every position: sharing is what makes it a convolution.",
    hint="Does the bias of a filter change from one position to the next?",
    source="sovrasov/flops-counter.pytorch#73",
)  # fmt: skip
def _(count: Count) -> Count | None:
    bias = count.term(BIAS)
    if _weight(count) is None or bias is None or bias.at != ONCE:
        return None
    return count.changing(BIAS, bias._replace(at=OUTPUT))


@entry(
    "not-shared", "weights not shared", Count, "params", "weights",
    wrong="(F·F·C + 1)·Ho·Wo·K",
    tell="A filter has the same weights at every position of the output: they are counted once.",
    hint="How many sets of weights does a filter have as it moves across the input?",
    source="CS231n, convolutional networks (105,705,600); Udacity (3,860 -> 756,560)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = _weight(count)
    if weight is None or weight.at != ONCE:
        return None
    return count.but(terms=tuple([term._replace(at=OUTPUT) for term in count.terms]))


@entry(
    "operations-for-parameters", "operations counted as parameters", Count, "params", "weights",
    wrong="F·F·C·Ho·Wo·K",
    tell="That is how often weights are used, which is the number of multiplications. The "
         "parameters are the weights themselves.",
    hint="Does a layer have more parameters on a larger image?",
    source="CompTIA DY0-001: an option (4,800 -> 78,643,200); Coursera (1,280 -> 75,497,600)",
    family=True,
)  # fmt: skip
def _(count: Count) -> Iterator[Variant]:
    weight = _weight(count)
    if weight is None or weight.at != ONCE:
        return
    used = count.changing(WEIGHT, weight._replace(at=OUTPUT))
    assert used is not None
    bare = used.dropping(BIAS)
    yield Variant("operations counted as parameters", bare or used)
    if bare is not None:
        yield Variant("operations counted as parameters, and the biases", used)


@entry(
    "area-for-channels", "height and width of the input in the place of its channels", Count,
    "params", "weights",
    wrong="(F·F·H·W + 1)·K",
    tell="A filter is as wide and high as its kernel and as deep as the input has channels. The "
         "size of the input does not matter.",
    hint="Would a larger image need a larger filter?",
    source=f"{_COURSERA} (17 -> 4,097)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    return _depth(count, *count.given.sides) if count.given.kernel and count.given.sides else None


@entry(
    "three-channels", "three channels, as of a colour image, in the place of those that arrive",
    Count,
    wrong="(F·F·3 + 1)·K",
    tell="A filter is as deep as what arrives here.",
    hint="How many channels arrive at this layer?",
    source=f"{_COURSERA} (1,280 -> 3,584; 4,194,560 -> 12,583,168)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    return _depth(count, 3)


@entry(
    "other-channels", "channels of another layer", Count, "params", "weights",
    wrong="(F·F·C' + 1)·K",
    tell="A filter is as deep as what arrives at its own layer.",
    hint="Which layer's output arrives here?",
    source=f"{_COURSERA}",
    family=True,
)  # fmt: skip
def _(count: Count) -> Iterator[Variant]:
    for name, channels in count.elsewhere:
        method = _depth(count, channels)
        if method is not None and count.given.kernel:
            yield Variant(f"the {channels:,} channels of {name} in the place of those that arrive",
                          method)  # fmt: skip


@entry(
    "filters-for-channels", "filters in the place of input channels", Count,
    wrong="(F·F·K + 1)·K",
    tell="A filter is as deep as the input has channels. How many filters there are makes the "
         "channels of the output.",
    hint="Which of the two numbers of channels arrives, and which goes out?",
    source="a multiple-choice question on 32 -> 64 channels (18,496 -> 36,928)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = _weight(count)
    numbers = weight.of(FILTERS) if weight is not None else []
    return _depth(count, *numbers) if numbers else None


@entry(
    "stride-for-channels", "stride in the place of input channels", Count,
    wrong="(F·F·S + 1)·K",
    tell="A filter is as deep as the input has channels. The stride changes the output and no "
         "parameter.",
    hint="Which numbers of the task does a filter's size depend on?",
    source="a published formula, ((shape of filter)·stride + 1)·filters",
)  # fmt: skip
def _(count: Count) -> Count | None:
    stride = count.given.stride
    return None if stride is None or not count.given.kernel else _depth(count, stride)


@entry(
    "biases-only", "biases only", Count, "params",
    wrong="K",
    tell="That is the number of filters, and of their biases. Each has F·F·C weights besides.",
    hint="What does one filter hold?",
    source="Texas Wesleyan University, a quiz (896 -> 32)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    return count.only(BIAS) if count.term(WEIGHT) is not None else None


@entry(
    "one-filter", "one filter only", Count, "params", "weights", "biases",
    wrong="F·F·C + 1",
    tell="That is one filter. There are K of them.",
    hint="How many filters does the layer have?",
    source="the lecture's own first step, 5·5·3 + 1 = 76 for ten filters",
)  # fmt: skip
def _(count: Count) -> Count | None:
    if not count.given.kernel or count.term(WEIGHT) is None:
        return None
    return count.but(terms=tuple([term.without(FILTERS) for term in count.terms]))


@entry(
    "kernel-not-squared", "one side of the kernel only", Count,
    wrong="(F·C + 1)·K",
    tell="The kernel is a window of F·F positions.",
    hint="How many positions does the window cover?",
    source="a common slip of the formula",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = _weight(count)
    if weight is None or len(weight.of(KERNEL)) < 2:
        return None
    return count.changing(WEIGHT, weight.without(KERNEL, most=len(weight.of(KERNEL)) - 1))


@entry(
    "groups-ignored", "groups ignored", Count,
    wrong="(F·F·C + 1)·K",
    tell="In G groups a filter reads only C/G of the channels.",
    hint="Does every filter see every channel?",
    source="AlexNet's total as 62,378,344, ungrouped, for 60,965,224",
)  # fmt: skip
def _(count: Count) -> Count | None:
    return _depth(count, count.given.channels) if value_of(count.given.groups) != 1 else None


@entry(
    "one-group", "one group counted", Count,
    wrong="(F·F·(C/G) + 1)·(K/G)",
    tell="There are G groups, and each has K/G filters.",
    hint="How many groups are there?",
    source="the other half of forgetting what groups are",
)  # fmt: skip
def _(count: Count) -> Count | None:
    groups = count.given.groups
    if value_of(groups) == 1 or count.term(WEIGHT) is None:
        return None
    return count.but(terms=tuple([
        term.having(FILTERS, *[share(number, groups) for number in term.of(FILTERS)])
        for term in count.terms
    ]))  # fmt: skip


@entry(
    "depthwise-as-ordinary", "depthwise layer counted as an ordinary one", Count,
    wrong="(F·F·C + 1)·K",
    tell="In a depthwise convolution every channel has a filter of its own, which reads that "
         "channel alone.",
    hint="How many channels does one filter of a depthwise layer read?",
    source="PaddlePaddle/models#3890; Lyken17/pytorch-OpCounter#41; facebookresearch/fvcore#45",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    if count.given.op != "dwconv" or weight is None or weight.has(DEPTH):
        return None
    return count.changing(WEIGHT, weight.having(DEPTH, count.given.channels))


@entry(
    "pool-parameters", "pooling layer given parameters", Count, "params", "weights",
    wrong="F·F·C or (F·F·C + 1)·C",
    tell="A pooling layer takes the largest value or the mean: it has nothing to learn.",
    hint="What would a pooling layer learn?",
    source="a lecture's table of VGG-16: 65,664 for 2x2 pooling of 128 channels",
    family=True,
)  # fmt: skip
def _(count: Count) -> Iterator[Variant]:
    if count.terms or not count.given.op.endswith("pool") or not count.given.kernel:
        return
    kernel = [Factor(KERNEL, side) for side in count.given.kernel]
    channels = Factor(FILTERS, count.given.channels)
    depth = Factor(DEPTH, count.given.channels)
    bias = Term(BIAS, (Factor(UNIT, 1), channels))
    own = Term(WEIGHT, (*kernel, channels))
    full = Term(WEIGHT, (*kernel, depth, channels))
    for words, terms in (
        ("pooling layer counted as a convolution", (full, bias)),
        ("pooling layer counted as a convolution without bias", (full,)),
        ("pooling layer given a weight for every value of its window", (own,)),
        ("pooling layer given weights and a bias a channel", (own, bias)),
    ):
        yield Variant(words, count.but(terms=terms))


@entry(
    "pool-subsampling", "a weight and a bias for each map, as in LeNet-5 of 1998", Count,
    "params",
    wrong="2·C",
    tell="The subsampling layers of LeNet-5 have a weight and a bias a map. Pooling layers of "
         "today have neither.",
    hint="Which kind of pooling is meant?",
    source="LeCun et al., Proc. IEEE 1998: S2 has 12",
    scope=CONVENTION,
)  # fmt: skip
def _(count: Count) -> Count | None:
    if count.terms or count.given.op not in ("maxpool", "avgpool"):
        return None
    channels = Factor(FILTERS, count.given.channels)
    return count.but(terms=(Term(WEIGHT, (Factor(UNIT, 2), channels)),))


@entry(
    "norm-stored", "a normalisation's running mean and variance counted", Count,
    "params", "weights",
    wrong="4·C",
    tell="Mean and variance are stored but not learned: Keras counts them in its total, and not "
         "among the trainable ones.",
    hint="Which values of a normalisation are learned?",
    source="sksq96/pytorch-summary#55; larq/larq#716; Keras",
    scope=CONVENTION,
)  # fmt: skip
def _(count: Count) -> Count | None:
    scale = count.term(SCALE)
    if count.given.op != "bn" or scale is None:
        return None
    stored = Term(SCALE, (Factor(UNIT, 2), *scale.factors))
    return count.but(terms=(*count.terms, stored))


@entry(
    "flatten-channels-forgotten", "channels forgotten in flattening", Count,
    wrong="(H·W + 1)·K",
    tell="Flattening keeps every value: H·W·C of them reach the fully connected layer.",
    hint="How many values does the volume hold that is flattened?",
    source="DataCamp: an option (15,782 -> 1,668)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    if weight is None or not weight.has(SIDE):
        return None
    return count.changing(WEIGHT, weight.without(DEPTH))


@entry(
    "flatten-positions-forgotten", "positions forgotten in flattening", Count,
    wrong="(C + 1)·K",
    tell="Flattening keeps every value: H·W·C of them reach the fully connected layer.",
    hint="How many values does the volume hold that is flattened?",
    source="the counterpart of forgetting the channels",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    if weight is None or not weight.has(SIDE):
        return None
    return count.changing(WEIGHT, weight.without(SIDE))


@entry(
    "partial-table", "the published table of connections, in which a map reads some maps only",
    Count, "params", "weights", "macs", "flops",
    wrong="60·F·F + K",
    tell="In LeNet-5 as published, C3's filters read three to six of the six maps: 60 pairs.",
    hint="Do all filters of C3 read all maps?",
    source="LeCun et al., Proc. IEEE 1998, table I: 1,516 for 2,416",
    scope=CONVENTION,
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = _weight(count)
    if weight is None or [value_of(n) for n in weight.of(DEPTH)] != [6]:
        return None
    if [value_of(n) for n in (*weight.of(KERNEL), *weight.of(FILTERS))] != [5, 5, 16]:
        return None
    kernel = [Factor(KERNEL, side) for side in weight.of(KERNEL)]
    table = Term(WEIGHT, (*kernel, Factor(PAIRS, 60)), weight.at)
    return count.changing(WEIGHT, table)


@entry(
    "one-gate", "one gate only", Count,
    wrong="C·K + K·K + K",
    tell="An LSTM has four such maps, for three gates and the cell; a GRU has three.",
    hint="How many maps of input and state does the layer have?",
    source="an LSTM of 256 on 4,096: 4,457,472 -> 1,114,368",
)  # fmt: skip
def _(count: Count) -> Count | None:
    if not any(term.has(GATES) for term in count.terms):
        return None
    return count.but(terms=tuple([term.without(GATES) for term in count.terms]))


@entry(
    "state-forgotten", "weights of the state forgotten", Count,
    wrong="4·(C + 1)·K",
    tell="Each gate reads the state as well as the input: K weights more for every unit.",
    hint="What does a gate read besides the input?",
    source="an LSTM of 256 on 4,096: 4,457,472 -> 4,195,328",
)  # fmt: skip
def _(count: Count) -> Count | None:
    return count.dropping(RECURRENT)


@entry(
    "two-biases", "two bias vectors a gate, as in cuDNN and PyTorch", Count, "params", "biases",
    wrong="4·(C + K + 2)·K",
    tell="cuDNN, and PyTorch after it, have a bias for the input and one for the state. The papers "
         "have one.",
    hint="Whose recurrent layer is meant?",
    source="pytorch/pytorch#15843; tensorflow/tensorflow#43960",
    scope=CONVENTION,
)  # fmt: skip
def _(count: Count) -> Count | None:
    biases = [term for term in count.terms if term.kind == BIAS]
    if not biases or not any(term.kind == RECURRENT for term in count.terms):
        return None
    if len(biases) == 1:
        return count.but(terms=(*count.terms, biases[0]))
    kept = [term for term in count.terms if term is not biases[-1]]
    return count.but(terms=tuple(kept))


@entry(
    "biases-among-weights", "biases counted among the weights", Count, "weights",
    wrong="(F·F·C + 1)·K",
    tell="A bias is a parameter, but it is no weight: nothing is multiplied by it.",
    hint="What is a weight, and what is a bias?",
    source="the counterpart of forgetting the bias",
)  # fmt: skip
def _(count: Count) -> Count | None:
    weight = count.term(WEIGHT)
    filters = weight.of(FILTERS) if weight is not None else []
    if not filters:
        return None
    assert weight is not None
    bias = Term(BIAS, (Factor(UNIT, 1), Factor(FILTERS, product(filters))), weight.at)
    return count.but(terms=(*count.terms, bias))
