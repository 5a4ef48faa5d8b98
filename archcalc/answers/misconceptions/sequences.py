"""Conventions of what a layer behind a sequence reads."""

from __future__ import annotations

from ...ops.terms import ONCE, SIDE, WEIGHT
from ..methods.counts import OF_STATES, OF_TOKENS, VALUE, CountMethod
from ..methods.volumes import VolumeMethod
from .belief import CONVENTION, belief

_LAST = "only the last state handed on, as Keras' recurrent layers do it"
_EACH = "the layer applied at each position, as `linear` is"


@belief(
    _LAST,
    quantities=("params", "weights", "macs", "flops", "values", "memory"),
    wrong="(K + 1)·units",
    why="Keras' recurrent layers hand on the state after the last step unless return_sequences is "
    "set. Here the states of all steps arrive (`returns=last` hands on the last one).",
    hint="Which states does the recurrent layer hand on?",
    source="Keras, LSTM: return_sequences is False unless it is given",
    scope=CONVENTION,
)
def last_state(count: CountMethod) -> CountMethod | None:
    if count.sequence != OF_STATES:
        return None
    value = count.term(VALUE)
    if value is not None:
        return count.changing(VALUE, value._replace(at=ONCE))
    return _of_one_position(count)


@belief(
    _EACH,
    quantities=("params", "weights"),
    wrong="(C + 1)·K",
    why="Keras' Dense and PyTorch's Linear treat every position of a sequence alike. `fc` reads "
    "all of them at once; `linear` is the layer that is meant.",
    hint="Does the layer read one position, or all of them?",
    source="Vaswani et al., NIPS 2017, section 3.3: “applied to each position separately”",
    scope=CONVENTION,
)
def each_position(count: CountMethod) -> CountMethod | None:
    return _of_one_position(count) if count.sequence == OF_TOKENS else None


def _of_one_position(count: CountMethod) -> CountMethod | None:
    weight = count.term(WEIGHT)
    return None if weight is None else count.changing(WEIGHT, weight.without(SIDE))


@belief(
    _LAST,
    wrong="K",
    why="Keras' recurrent layers hand on the state after the last step unless return_sequences is "
    "set. Here the states of all steps are put out (`returns=last` puts out the last one).",
    hint="Which states does the recurrent layer hand on?",
    source="Keras, LSTM: return_sequences is False unless it is given",
    scope=CONVENTION,
    family=True,
)
def last_state_output(volume: VolumeMethod) -> VolumeMethod | None:
    return volume.but(windows=()) if volume.states else None


@belief(
    _EACH,
    wrong="T x K",
    why="Keras' Dense and PyTorch's Linear treat every position of a sequence alike. `fc` reads "
    "all of them at once; `linear` is the layer that is meant.",
    hint="Does the layer read one position, or all of them?",
    source="Vaswani et al., NIPS 2017, section 3.3: “applied to each position separately”",
    scope=CONVENTION,
    family=True,
)
def each_position_output(volume: VolumeMethod) -> VolumeMethod | None:
    return volume.but(windows=volume.tokens) if volume.tokens else None
