"""Misconceptions of parameters beyond those of a filter: pools, normalisations, flattening, the
table of LeNet-5, recurrent layers."""

from __future__ import annotations

from collections.abc import Iterator

from ...arithmetic import value_of
from ...ops.terms import (
    BIAS,
    DEPTH,
    FILTERS,
    GATES,
    JOINED,
    KERNEL,
    MAPS,
    PAIRS,
    RECURRENT,
    SCALE,
    SIDE,
    UNIT,
    WEIGHT,
    Factor,
    Term,
    factors,
)
from ..methods.counts import VALUE, CountMethod
from ..methods.volumes import VolumeMethod
from .belief import CONVENTION, Variant, belief


@belief(
    "pooling layer given parameters",
    quantities=("params", "weights"),
    wrong="F·F·C or (F·F·C + 1)·C",
    why="A pooling layer takes the largest value or the mean: it has nothing to learn.",
    hint="What would a pooling layer learn?",
    source="a lecture's table of VGG-16: 65,664 for 2x2 pooling of 128 channels",
    family=True,
)
def pool_parameters(count: CountMethod) -> Iterator[Variant]:
    if not count.pools:
        return
    kernel = factors(KERNEL, count.kernel)
    channels = Factor(FILTERS, count.channels)
    depth = Factor(DEPTH, count.channels)
    bias = Term(BIAS, (Factor(UNIT, 1), channels))
    per_value = Term(WEIGHT, (*kernel, channels))
    full = Term(WEIGHT, (*kernel, depth, channels))
    for words, terms in (
        ("pooling layer counted as a convolution", (full, bias)),
        ("pooling layer counted as a convolution without bias", (full,)),
        ("pooling layer given a weight for every value of its window", (per_value,)),
        ("pooling layer given weights and a bias per channel", (per_value, bias)),
    ):
        yield Variant(words, count.but(terms=terms))


@belief(
    "a weight and a bias for each map, as in LeNet-5 of 1998",
    quantities="params",
    wrong="2·C",
    why="The subsampling layers of LeNet-5 have a weight and a bias per map. Pooling layers of "
    "today have neither.",
    hint="Which kind of pooling is meant?",
    source="LeCun et al., Proc. IEEE 1998: S2 has 12",
    scope=CONVENTION,
)
def pool_subsampling(count: CountMethod) -> CountMethod | None:
    if not count.pools:
        return None
    channels = Factor(FILTERS, count.channels)
    return count.but(terms=(Term(WEIGHT, (Factor(UNIT, 2), channels)),))


@belief(
    "a normalisation's running mean and variance counted",
    quantities=("params", "weights"),
    wrong="4·C",
    why="Mean and variance are stored but not learned: Keras counts them in its total, and not "
    "among the trainable ones.",
    hint="Which values of a normalisation are learned?",
    source="sksq96/pytorch-summary#55; larq/larq#716; Keras",
    scope=CONVENTION,
)
def norm_stored(count: CountMethod) -> CountMethod | None:
    scale = count.term(SCALE)
    if scale is None or not count.buffers:
        return None
    stored = Term(SCALE, (Factor(UNIT, 2), *scale.factors))
    return count.but(terms=(*count.terms, stored))


@belief(
    "channels forgotten in flattening",
    wrong="(H·W + 1)·K",
    why="Flattening keeps every value: H·W·C of them reach the fully connected layer.",
    hint="How many values does the volume hold that is flattened?",
    source="DataCamp: an option (15,782 -> 1,668)",
)
def flatten_channels_forgotten(method: CountMethod | VolumeMethod) -> CountMethod | VolumeMethod | None:
    if isinstance(method, VolumeMethod):
        kept = method.flat[:-1]
        return method.flattened(kept) if len(method.flat) > 1 else None
    weight = method.term(WEIGHT)
    if weight is None or all(value_of(side) == 1 for side in weight.of(SIDE)):
        return None  # what has one position is a vector already
    return method.changing(WEIGHT, weight.without(DEPTH))


@belief(
    "positions forgotten in flattening",
    wrong="(C + 1)·K",
    why="Flattening keeps every value: H·W·C of them reach the fully connected layer.",
    hint="How many values does the volume hold that is flattened?",
    source="the counterpart of forgetting the channels",
)
def flatten_positions_forgotten(method: CountMethod | VolumeMethod) -> CountMethod | VolumeMethod | None:
    if isinstance(method, VolumeMethod):
        kept = method.flat[-1:]
        return method.flattened(kept) if len(method.flat) > 1 else None
    weight = method.term(WEIGHT)
    if weight is None or not weight.has(SIDE) or method.sequence:
        return None  # of a sequence that is another convention
    return method.changing(WEIGHT, weight.without(SIDE))


@belief(
    "the published table of connections, in which a map reads some maps only",
    quantities=("params", "weights", "macs", "flops"),
    wrong="60·F·F + K",
    why="In LeNet-5 as published, C3's filters read three to six of the six maps: 60 pairs.",
    hint="Do all filters of C3 read all maps?",
    source="LeCun et al., Proc. IEEE 1998, table I: 1,516 for 2,416",
    scope=CONVENTION,
)
def partial_table(count: CountMethod) -> CountMethod | None:
    weight = count.term(WEIGHT)
    if weight is None or [value_of(n) for n in weight.of(DEPTH)] != [6]:
        return None
    if [value_of(n) for n in (*weight.of(KERNEL), *weight.of(FILTERS))] != [5, 5, 16]:
        return None
    kernel = [Factor(KERNEL, side) for side in weight.of(KERNEL)]
    table = Term(WEIGHT, (*kernel, Factor(PAIRS, 60)), weight.at)
    return count.changing(WEIGHT, table)


@belief(
    "every map reads all maps, as in the LeNet-5 of today",
    quantities=("params", "weights", "macs", "flops"),
    wrong="(F·F·C + 1)·K",
    why="C3 of LeNet-5 as published reads three to six of the six maps; what is built today reads all.",
    hint="Do all filters of C3 read all maps?",
    source="LeCun et al., Proc. IEEE 1998, table I: 1,516 for 2,416",
    scope=CONVENTION,
)
def full_table(count: CountMethod) -> CountMethod | None:
    weight = count.term(WEIGHT)
    if weight is None or not weight.has(PAIRS) or count.volume is None:
        return None
    kernel = [Factor(KERNEL, side) for side in weight.of(KERNEL)]
    depth, filters = Factor(DEPTH, count.channels), Factor(FILTERS, count.volume.channels)
    return count.changing(WEIGHT, Term(WEIGHT, (*kernel, depth, filters), weight.at))


@belief(
    "one gate only",
    wrong="C·K + K·K + K",
    why="An LSTM has four such maps, for three gates and the cell; a GRU has three.",
    hint="How many maps of input and state does the layer have?",
    source="an LSTM of 256 on 4,096: 4,457,472 -> 1,114,368",
    special=True,
)
def one_gate(count: CountMethod) -> CountMethod | None:
    if not any(term.has(GATES) for term in count.terms):
        return None
    return count.each(lambda term: term.without(GATES))


@belief(
    "weights of the state forgotten",
    wrong="4·(C + 1)·K",
    why="Each gate reads the state as well as the input: K weights more for every unit.",
    hint="What does a gate read besides the input?",
    source="an LSTM of 256 on 4,096: 4,457,472 -> 4,195,328",
    special=True,
)
def state_forgotten(count: CountMethod) -> CountMethod | None:
    return count.dropping(RECURRENT)


@belief(
    "weights of the input forgotten",
    wrong="4·(K + 1)·K",
    why="Each gate reads the input as well as the state: C weights more for every unit.",
    hint="What does a gate read besides the state?",
    source="the counterpart of forgetting the weights of the state",
    special=True,
)
def read_forgotten(count: CountMethod) -> CountMethod | None:
    return count.dropping(WEIGHT) if count.term(RECURRENT) is not None else None


@belief(
    "one slope for all channels, as PyTorch's nn.PReLU() has it",
    quantities=("params", "weights"),
    wrong="1",
    why="nn.PReLU() shares one slope between all channels. The paper has one per channel.",
    hint="Which values share a slope?",
    source="PyTorch, torch.nn.PReLU: num_parameters is 1 unless it is given",
    scope=CONVENTION,
)
def prelu_shared(count: CountMethod) -> CountMethod | None:
    return _slopes(count, Factor(UNIT, 1))


@belief(
    "a slope for each channel",
    quantities=("params", "weights"),
    wrong="C",
    why="The paper has a slope a channel; here one is shared between all.",
    hint="Which values share a slope?",
    source="He et al., arXiv:1502.01852, section 2.1",
    scope=CONVENTION,
)
def prelu_channels(count: CountMethod) -> CountMethod | None:
    return _slopes(count, Factor(FILTERS, count.channels))


@belief(
    "a slope for each value, as Keras' PReLU() has it",
    quantities=("params", "weights"),
    wrong="H·W·C",
    why="Keras' PReLU() has a slope for every value of the volume unless shared_axes says "
    "otherwise. The paper has one per channel.",
    hint="Which values share a slope?",
    source="Keras, PReLU on 28x28x64: 50,176",
    scope=CONVENTION,
)
def prelu_values(count: CountMethod) -> CountMethod | None:
    return _slopes(count, *factors(SIDE, count.sides), Factor(FILTERS, count.channels))


@belief(
    "a scale and a shift for each value, as nn.LayerNorm([C, H, W]) has them",
    quantities=("params", "weights", "biases"),
    wrong="2·H·W·C",
    why="Over all axes PyTorch's LayerNorm has a scale and a shift for every value; over the "
    "channels alone, as here and in Keras, one per channel.",
    hint="Which values share a scale?",
    source="PyTorch, torch.nn.LayerNorm: its image example is over [C, H, W]",
    scope=CONVENTION,
)
def layernorm_values(count: CountMethod) -> CountMethod | None:
    op = count.op
    alone = op is not None and op.is_norm and not op.whole_statistics and not count.buffers
    if not alone or not count.terms or len(count.sides) < 2:
        return None
    sides = factors(SIDE, count.sides)
    return count.each(lambda term: term._replace(factors=(*sides, *term.factors)))


def _slopes(count: CountMethod, *factors: Factor) -> CountMethod | None:
    """The count with other learned slopes of a parametric rectifier."""
    scale = count.term(SCALE)
    if scale is None or count.op is None or count.op.group != "activation":
        return None
    return count.changing(SCALE, Term(SCALE, factors))


@belief(
    "two bias vectors a gate, as in cuDNN and PyTorch",
    quantities=("params", "biases"),
    wrong="4·(C + K + 2)·K",
    why="cuDNN, and PyTorch after it, have a bias for the input and one for the state. The papers have one.",
    hint="Whose recurrent layer is meant?",
    source="pytorch/pytorch#15843; tensorflow/tensorflow#43960",
    scope=CONVENTION,
)
def two_biases(count: CountMethod) -> CountMethod | None:
    biases = _bias_vectors(count)
    return count.but(terms=(*count.terms, *biases)) if _vectors(count) == 1 else None


@belief(
    "one bias vector a gate, as in the papers",
    quantities=("params", "biases"),
    wrong="4·(C + K + 1)·K",
    why="The papers, and Keras' LSTM after them, have one bias per unit and gate. This layer has "
    "two, one for the input and one for the state, as cuDNN and PyTorch have them.",
    hint="Whose recurrent layer is meant?",
    source="Keras, LSTM of 256 on 4,096: 4,457,472 for 4,458,496",
    scope=CONVENTION,
)
def one_bias_vector(count: CountMethod) -> CountMethod | None:
    if _vectors(count) < 2:
        return None
    second = _bias_vectors(count)[1::2]
    kept = [term for term in count.terms if not any(term is one for one in second)]
    return count.but(terms=tuple(kept))


def _vectors(count: CountMethod) -> int:
    """Bias vectors per gate of a recurrent layer; 0 of others."""
    return count.op.bias_vectors if count.op is not None else 0


def _bias_vectors(count: CountMethod) -> list[Term]:
    """The terms of the biases of a recurrent layer; none of other layers."""
    return [term for term in count.terms if term.kind == BIAS] if _vectors(count) else []


@belief(
    "one direction only",
    wrong="4·(C + K + 1)·K",
    why="A bidirectional layer has weights of its own for each direction: twice as many in all.",
    hint="Do the two directions share their weights?",
    source="an exam on an LSTM of 256 in both directions (557,056 -> 278,528)",
    special=True,
)
def one_direction(count: CountMethod) -> CountMethod | None:
    if not getattr(count.op, "bidirectional", False) or len(count.terms) % 2:
        return None
    return count.but(terms=count.terms[: len(count.terms) // 2])


@belief(
    "both directions counted, where there is one",
    wrong="2·4·(C + K + 1)·K",
    why="This layer reads its sequence in one direction.",
    hint="In how many directions is the sequence read?",
    source="an exam on an LSTM of 256: the whole bidirectional layer (278,528 -> 557,056)",
    family=True,
)
def both_directions(count: CountMethod) -> CountMethod | None:
    if getattr(count.op, "bidirectional", True) or count.term(VALUE) is not None:
        return None
    return count.multiplied(count.named("", 2))


@belief(
    "the map behind the heads left out",
    wrong="3·(C + 1)·C",
    why="Besides queries, keys and values there is a fourth linear map of an attention, behind its heads.",
    hint="What becomes of the heads' outputs?",
    source="an exam on attention of 512 channels (1,048,576 -> 786,432)",
    special=True,
)
def joined_left_out(count: CountMethod) -> CountMethod | None:
    return None if count.term(JOINED) is None else count.but(terms=_queried(count))


def _queried(count: CountMethod) -> tuple[Term, ...]:
    """The count without the last linear map of an attention and its bias."""
    last = [term for term in count.terms if term.kind == BIAS][-1:]
    return tuple([term for term in count.terms if term.kind != JOINED and term not in last])


@belief(
    "one of the four linear maps only",
    wrong="(C + 1)·C",
    why="Queries, keys, values and the result of the heads are linear maps of C channels each: "
    "there are four.",
    hint="How many linear maps does an attention have?",
    source="the counterpart of leaving out the map behind the heads",
    special=True,
)
def one_map(count: CountMethod) -> CountMethod | None:
    if count.term(JOINED) is None:
        return None
    return count.but(terms=tuple([term for term in count.terms if not term.has(MAPS)]))


@belief(
    "linear maps of C channels for every head",
    wrong="N·3·(C + 1)·C + (C + 1)·C",
    why="The N heads share the C channels: each has C/N of them, and all together have as many "
    "weights as one of full width.",
    hint="How many channels does one head have?",
    source="the counterpart of leaving out the map behind the heads",
    special=True,
)
def heads_at_full_width(count: CountMethod) -> CountMethod | None:
    number = getattr(count.op, "heads", 1)
    if value_of(number) == 1:
        return None
    heads = Factor(UNIT, number)
    first = [
        term._replace(factors=(heads, *term.factors)) if term.has(MAPS) else term for term in count.terms
    ]
    return count.but(terms=tuple(first))
