"""Misconceptions of how many parameters a layer has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...arithmetic import product, share, value_of
from ...ops.terms import BIAS, DEPTH, FILTERS, GATES, KERNEL, ONCE, OUTPUT, SCALE, UNIT, WEIGHT, Factor, Term
from ..methods.counts import USES, CountMethod
from ..methods.products import absent_biases, additions, count_of
from ..methods.sums import Sum
from .belief import OPERATIONS, Variant, belief

_COURSERA = "Coursera Deep Learning, course 4, week 1: an option of the quiz"


def _weight(count: CountMethod) -> Term | None:
    """The weights of a layer that puts something out at positions."""
    return count.term(WEIGHT) if count.has_positions else None


def _depth(count: CountMethod, *numbers: object) -> CountMethod | None:
    """Other numbers in the place of the channels that a filter reads."""
    weight = count.term(WEIGHT)
    if weight is None or not weight.has(DEPTH):
        return None
    return count.changing(WEIGHT, weight.having(DEPTH, *numbers))


@belief(
    "bias forgotten",
    quantities=("params", "connections"),
    wrong="F·F·C·K",
    why="Every filter adds one number of its own, its bias: there are K more parameters.",
    hint="Is there anything in a filter besides the weights of its window?",
    source=f"{_COURSERA} (7,600 -> 7,500); dgschwend/netscope#17",
)
def bias_forgotten(count: CountMethod) -> CountMethod | None:
    return count.dropping(BIAS) if count.term(WEIGHT) or count.term(SCALE) else None


@belief(
    "input channels forgotten",
    wrong="(F·F + 1)·K",
    why="A filter reads all channels that arrive, so its window is F·F·C and not F·F.",
    hint="How deep is a filter?",
    source="Coursera Deep Learning, course 4, week 1: a slide, corrected in its errata (208, 416)",
)
def channels_forgotten(count: CountMethod) -> CountMethod | None:
    weight = _weight(count)
    if weight is None or not weight.has(DEPTH):
        return None
    return count.changing(WEIGHT, weight.without(DEPTH))


@belief(
    "one bias for the whole layer",
    quantities=("params", "biases"),
    wrong="F·F·C·K + 1",
    why="Each filter has a bias of its own: K of them, and not one.",
    hint="Who shares a bias with whom?",
    source="Coursera Deep Learning, course 4: a slide (48,120 -> 48,001)",
)
def one_bias(count: CountMethod) -> CountMethod | None:
    weighted = count.term(WEIGHT) is not None or count.quantity == "biases"
    return count.changing(BIAS, Term(BIAS, (Factor(UNIT, 1),))) if weighted else None


@belief(
    "weights in the place of the biases",
    quantities="biases",
    wrong="F·F·C·K",
    why="A bias is what is added to the sum of a filter's products: there is one for each filter.",
    hint="Which of a filter's numbers is multiplied by nothing?",
    source="the counterpart of counting the biases only",
)
def weights_for_biases(count: CountMethod) -> CountMethod | None:
    if count.task is None or not count.terms:
        return None
    weights = count_of("weights", *count.task.plain, count.named)
    return None if weights is None or not weights.terms else count.but(terms=weights.terms)


@belief(
    "bias counted twice",
    quantities="params",
    wrong="(F·F·C + 2)·K",
    why="A filter has one bias.",
    hint="How many biases does a filter have?",
    source="udacity/sdc-issue-reports#471 (3,860 -> 3,880)",
)
def bias_twice(count: CountMethod) -> CountMethod | None:
    bias = count.term(BIAS)
    if bias is None or count.term(WEIGHT) is None or bias.has(GATES):
        return None
    return count.changing(BIAS, bias.having(UNIT, 2))


@belief(
    "a bias where there is none",
    quantities=("params", "macs", "flops"),
    wrong="(F·F·C + 1)·K, or (F·F·C + 1)·Ho·Wo·K",
    why="This layer has no bias. Before a batch normalisation it would go with the mean.",
    hint="Does this layer have a bias?",
    source="Keras' ResNet-50, whose convolutions have biases: conv1 9,472 for 9,408",
)
def bias_added(method: CountMethod | Sum) -> CountMethod | Sum | Iterable[Variant] | None:
    if method.quantity in OPERATIONS:
        return _operations_of_absent(method)
    return method.each(_absent) if isinstance(method, Sum) else _absent(method)


def _absent(count: CountMethod) -> CountMethod | None:
    """The count with the biases that the layer would have, where it has none."""
    more = absent_biases(count)
    return count.but(terms=(*count.terms, *more)) if more else None


def _operations_of_absent(method: CountMethod | Sum) -> Iterator[Variant]:
    """The count with additions of biases in every layer, also in those that have none: each like one that
    takes up a product, and as one operation where those count as two."""
    counts = [part.method for part in method.parts] if isinstance(method, Sum) else [method]
    if not any(additions(count).absent for count in counts):
        return

    def like_others(count: CountMethod) -> CountMethod | None:
        more = _all_biases(count)
        return count.but(terms=(*count.terms, *more)) if more else None

    def as_one(count: CountMethod) -> CountMethod | None:
        more = _all_biases(count)
        return count.but(extra=more) if more and count.two else None

    for words, change in (
        ("a bias where there is none", like_others),
        ("a bias where there is none, adding it one operation", as_one),
    ):
        changed = method.each(change) if isinstance(method, Sum) else change(method)
        if changed is not None:
            yield Variant(words, changed)


def _all_biases(count: CountMethod) -> tuple[Term, ...]:
    found = additions(count)
    return found.biases or found.absent


@belief(
    "a bias at every position",
    quantities="params",
    wrong="F·F·C·K + Ho·Wo·K",
    why="A filter has the same bias at every position: sharing is what makes it a convolution.",
    hint="Does the bias of a filter change from one position to the next?",
    source="sovrasov/flops-counter.pytorch#73",
)
def bias_everywhere(count: CountMethod) -> CountMethod | None:
    bias = count.term(BIAS)
    if _weight(count) is None or bias is None or bias.at != ONCE:
        return None
    return count.changing(BIAS, bias._replace(at=OUTPUT))


@belief(
    "weights not shared",
    quantities=("params", "weights"),
    wrong="(F·F·C + 1)·Ho·Wo·K",
    why="A filter has the same weights at every position of the output: they are counted once.",
    hint="How many sets of weights does a filter have as it moves across the input?",
    source="CS231n, convolutional networks (105,705,600); Udacity (3,860 -> 756,560)",
)
def not_shared(count: CountMethod) -> CountMethod | None:
    weight = _weight(count)
    if weight is None or weight.at != ONCE:
        return None
    return count.each(lambda term: term._replace(at=OUTPUT))


@belief(
    "operations counted as parameters",
    quantities=("params", "weights"),
    wrong="F·F·C·Ho·Wo·K",
    why="That is how often weights are used, which is the number of multiplications. The "
    "parameters are the weights themselves.",
    hint="Does a layer have more parameters on a larger image?",
    source="CompTIA DY0-001: an option (4,800 -> 78,643,200); Coursera (1,280 -> 75,497,600)",
    family=True,
)
def operations_for_parameters(count: CountMethod) -> Iterator[Variant]:
    weight = _weight(count)
    if weight is None or weight.at != ONCE:
        return
    used = count.changing(WEIGHT, weight._replace(at=OUTPUT))
    assert used is not None
    bare = used.dropping(BIAS)
    yield Variant("operations counted as parameters", bare or used)
    if bare is not None:
        yield Variant("operations counted as parameters, and the biases", used)


@belief(
    "height and width of the input in the place of its channels",
    quantities=("params", "weights"),
    wrong="(F·F·H·W + 1)·K",
    why="A filter is as wide and high as its kernel and as deep as the input has channels. The "
    "size of the input does not matter.",
    hint="Would a larger image need a larger filter?",
    source=f"{_COURSERA} (17 -> 4,097)",
)
def area_for_channels(count: CountMethod) -> CountMethod | None:
    return _depth(count, *count.sides) if count.has_positions and count.sides else None


@belief(
    "three channels, as of a colour image, in the place of those that arrive",
    wrong="(F·F·3 + 1)·K",
    why="A filter is as deep as what arrives here.",
    hint="How many channels arrive at this layer?",
    source=f"{_COURSERA} (1,280 -> 3,584; 4,194,560 -> 12,583,168)",
)
def three_channels(count: CountMethod) -> CountMethod | None:
    return _depth(count, 3)


@belief(
    "channels of another layer",
    quantities=("params", "weights"),
    wrong="(F·F·C' + 1)·K",
    why="A filter is as deep as what arrives at its own layer.",
    hint="Which layer's output arrives here?",
    source=f"{_COURSERA}",
    family=True,
)
def other_channels(count: CountMethod) -> Iterator[Variant]:
    for name, channels in count.elsewhere:
        method = _depth(count, channels)
        if method is not None and count.has_positions:
            yield Variant(f"the {channels:,} channels of {name} in the place of those that arrive", method)


@belief(
    "filters in the place of input channels",
    wrong="(F·F·K + 1)·K",
    why="A filter is as deep as the input has channels. How many filters there are makes the "
    "channels of the output.",
    hint="Which of the two numbers of channels arrives, and which goes out?",
    source="a multiple-choice question on 32 -> 64 channels (18,496 -> 36,928)",
)
def filters_for_channels(count: CountMethod) -> CountMethod | None:
    weight = _weight(count)
    numbers = weight.of(FILTERS) if weight is not None else []
    return _depth(count, *numbers) if numbers else None


@belief(
    "stride in the place of input channels",
    wrong="(F·F·S + 1)·K",
    why="A filter is as deep as the input has channels. The stride changes the output and no parameter.",
    hint="Which numbers of the task does a filter's size depend on?",
    source="a published formula, ((shape of filter)·stride + 1)·filters",
)
def stride_for_channels(count: CountMethod) -> CountMethod | None:
    stride, weight = count.stride, count.term(WEIGHT)
    if stride is None or weight is None or not weight.has(KERNEL):
        return None
    return _depth(count, stride)


@belief(
    "biases only",
    quantities="params",
    wrong="K",
    why="That is the number of filters, and of their biases. Each has F·F·C weights besides.",
    hint="What does one filter hold?",
    source="Texas Wesleyan University, a quiz (896 -> 32)",
)
def biases_only(count: CountMethod) -> CountMethod | None:
    return count.only(BIAS) if count.term(WEIGHT) is not None else None


@belief(
    "one filter only",
    quantities=("params", "weights", "biases", "macs", "flops", *USES),
    wrong="F·F·C + 1, or F·F·C·Ho·Wo",
    why="That is one filter. There are K of them.",
    hint="How many filters does the layer have?",
    source="the lecture's own first step, 5·5·3 + 1 = 76 for ten filters",
)
def one_filter(count: CountMethod) -> CountMethod | None:
    if not count.has_positions or count.term(WEIGHT) is None:
        return None
    return count.each(lambda term: term.without(FILTERS))


@belief(
    "one side of the kernel only",
    wrong="(F·C + 1)·K",
    why="The kernel is a window of F·F positions.",
    hint="How many positions does the window cover?",
    source="a common slip of the formula",
)
def kernel_not_squared(count: CountMethod) -> CountMethod | None:
    weight = _weight(count)
    if weight is None or len(weight.of(KERNEL)) < 2:
        return None
    return count.changing(WEIGHT, weight.without(KERNEL, most=len(weight.of(KERNEL)) - 1))


@belief(
    "kernel squared, along another number of axes",
    wrong="(F·F·C + 1)·K",
    why="A kernel has F positions along each axis: F on a signal, F·F on a map, F·F·F in a volume.",
    hint="Along how many axes does the window slide?",
    source="an exam on a signal (287 -> 11,207)",
)
def kernel_squared(count: CountMethod) -> CountMethod | None:
    weight = _weight(count)
    sides = weight.of(KERNEL) if weight is not None else []
    if weight is None or len(sides) not in (1, 3):
        return None
    return count.changing(WEIGHT, weight.having(KERNEL, sides[0], sides[0]))


@belief(
    "groups ignored",
    wrong="(F·F·C + 1)·K",
    why="In G groups a filter reads only C/G of the channels.",
    hint="Does every filter see every channel?",
    source="AlexNet's total as 62,378,344, ungrouped, for 60,965,224",
    special=True,
)
def groups_ignored(count: CountMethod) -> CountMethod | None:
    return _depth(count, count.channels) if value_of(count.groups) != 1 else None


@belief(
    "one group counted",
    wrong="(F·F·(C/G) + 1)·(K/G)",
    why="There are G groups, and each has K/G filters.",
    hint="How many groups are there?",
    source="the other half of forgetting what groups are",
    special=True,
)
def one_group(count: CountMethod) -> CountMethod | None:
    groups = count.groups
    if value_of(groups) == 1 or count.term(WEIGHT) is None:
        return None
    return count.each(
        lambda term: term.having(FILTERS, *[share(number, groups) for number in term.of(FILTERS)])
    )


@belief(
    "depthwise layer counted as an ordinary one",
    wrong="(F·F·C + 1)·K",
    why="In a depthwise convolution every channel has a filter of its own, which reads that channel alone.",
    hint="How many channels does one filter of a depthwise layer read?",
    source="PaddlePaddle/models#3890; Lyken17/pytorch-OpCounter#41; facebookresearch/fvcore#45",
    special=True,
)
def depthwise_as_ordinary(count: CountMethod) -> CountMethod | None:
    weight = count.term(WEIGHT)
    if weight is None or not weight.depthwise:
        return None
    return count.changing(WEIGHT, weight.having(DEPTH, count.channels))


@belief(
    "biases counted among the weights",
    quantities="weights",
    wrong="(F·F·C + 1)·K",
    why="A bias is a parameter, but it is no weight: nothing is multiplied by it.",
    hint="What is a weight, and what is a bias?",
    source="the counterpart of forgetting the bias",
)
def biases_among_weights(count: CountMethod) -> CountMethod | None:
    weight = count.term(WEIGHT)
    filters = weight.of(FILTERS) if weight is not None else []
    if not filters:
        return None
    assert weight is not None
    bias = Term(BIAS, (Factor(UNIT, 1), Factor(FILTERS, product(filters))), weight.at)
    return count.but(terms=(*count.terms, bias))
