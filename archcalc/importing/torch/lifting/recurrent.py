"""Recurrent layers, and what reads regions of a map."""

from __future__ import annotations

from typing import Any

from ....graph import Layer
from ....ops.attributes import Size
from ..recording import Operation, Value
from .given import UnliftedError, leaves_of
from .lifter import RECURRENT, Lifter, rule
from .placements import Atom, Dim, Placement, has_batch


@rule(*RECURRENT)
def recurrent(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    params = [value for value in given.get("params", ()) if isinstance(value, Value)]
    if "batch_sizes" in given:
        raise UnliftedError("a packed sequence")
    _refuse_states(lifter, given["hx"])
    view = lifter.view(given["input"])
    layers, both = given["num_layers"], given["bidirectional"]
    first = given["batch_first"]
    # A sequence: steps, channels.
    step = 1 if first else 0
    beside = view.dims[1 - step]
    if has_batch(view.dims[step]) or (beside and not has_batch(beside)):
        raise UnliftedError("a recurrence whose sequences are not those of the batch")
    layer = lifter.arranged(view, [view.dims[step], view.dims[2]])
    each = (4 if given["has_biases"] else 2) + (1 if _projected(params, given, layers, both) else 0)
    if len(params) != each * layers * (2 if both else 1):
        raise UnliftedError("a recurrent layer of other parameters")
    gates = {"lstm": 4, "gru": 3}.get(operation.name, 1)
    units = params[0].sizes[0] // gates
    extra: dict[str, Any] = {}
    if layers > 1:
        extra["layers"] = layers
    if each % 2:
        extra["proj"] = params[each - 1].sizes[0]
    if operation.name == "rnn_relu":
        extra["nonlinearity"] = "relu"
    word = operation.name.partition("_")[0]
    states = _StatesUsed(lifter, operation)
    if states.alone:
        extra["returns"] = "last"
    made = lifter.layer(
        word,
        [layer],
        tuple(params),
        units=units,
        bidirectional=bool(both),
        biases="two" if given["has_biases"] else "none",
        **extra,
    )
    batch = tuple([a for dim in view.dims for a in dim if a.axis == -1])
    below = Placement(made, ())
    found: Placement | None = None
    if not states.alone:
        steps, channels = below.whole(0), below.whole(1)
        found = Placement(made, [batch, steps, channels] if first else [steps, batch, channels])
    return [found, *states.placed(made, batch, layers, 2 if both else 1)]


def _refuse_states(lifter: Lifter, given: Any) -> None:
    """Raise UnliftedError where the states before the first step are computed or learned; zeros are not."""
    states = [
        value for value in (given if isinstance(given, (tuple, list)) else [given]) if value is not None
    ]
    if any(lifter.knows(value) for value in states):
        raise UnliftedError("a state before the first step that depends on an input")
    if leaves_of(states):
        raise UnliftedError("a state before the first step that is learned or stored")


class _StatesUsed:
    """What a network goes on with of a recurrence: the states of all steps, those after the last, or both."""

    def __init__(self, lifter: Lifter, operation: Operation):
        self._lifter = lifter
        self._sequence, *self._states = operation.outputs
        self._target = operation.target
        ends = {value.index for _, value in lifter.recording.outputs}
        read = {value.index for later in lifter.recording.operations for value in later.inputs}
        sequence = self._sequence.index in ends or self._sequence.index in read
        self._wanted = [
            value.index in read or (value.index in ends and not sequence) for value in self._states
        ]
        # Those after the last step, and nothing else.
        self.alone = not sequence and self._wanted[:1] == [True]

    def placed(self, made: Layer, batch: Dim, layers: int, directions: int) -> list[Placement | None]:
        """The states after the last step over a layer; None where nobody wants them."""
        found: list[Placement | None] = []
        for number, (value, wanted) in enumerate(zip(self._states, self._wanted, strict=True)):
            top = self._top(made, batch, directions) if wanted and number == 0 else None
            if top is not None and layers > 1:
                self._lifter.ends[value.index] = top
            found.append(top if layers == 1 and top is not None else self._stated(made, value, batch, wanted))
        return found

    def _top(self, made: Layer, batch: Dim, directions: int) -> Placement:
        """What the highest layer ends with: forward at the last step, the other direction at the first."""
        lifter = self._lifter
        vector = made
        if not self.alone:
            last = made.output[0] - 1
            vector = lifter.layer("select", [made], index=last, axis=0)
            if directions == 2:
                units = made.output[1] // 2
                start = lifter.layer("select", [made], index=0, axis=0)
                ends = [
                    lifter.layer("take", [vector], channels=units, offset=0),
                    lifter.layer("take", [start], channels=units, offset=units),
                ]
                vector = lifter.layer("concat", ends)
        units = vector.output[0] // directions
        return Placement(vector, [(Atom(0, units, directions),), batch, (Atom(0, 1, units),)])

    def _stated(self, made: Layer, value: Value, batch: Dim, wanted: bool) -> Placement | None:
        """The states of all layers, or cells, which no layer puts out: stated, at no cost."""
        if not wanted:
            return None
        sizes = Size([value.sizes[0], value.sizes[-1]])
        layer = self._lifter.layer(
            "opaque", [made], operation=self._target, shape=sizes, macs=0, reads="everything"
        )
        below = Placement(layer, ())
        return Placement(layer, [below.whole(0), batch, below.whole(1)])


def _projected(params: list[Value], given: dict[str, Any], layers: int, both: bool) -> bool:
    plain = (4 if given["has_biases"] else 2) * layers * (2 if both else 1)
    return len(params) > plain
