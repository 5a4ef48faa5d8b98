"""Recurrent layers: what they read, the states that they begin with, and those that they end with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....graph import Layer
from ....ops.attributes import Size
from ..recording import Operation, Value
from .entering import RECURRENT
from .given import UnliftedError, count, leaves_of
from .lifter import Lifter, rule
from .placements import BATCH, Atom, Cut, Dim, Placement, has_batch, without_batch


@rule(*RECURRENT)
def recurrent(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    if "batch_sizes" in given:
        raise UnliftedError("a packed sequence")
    recurrence = Recurrence(operation)
    steps = Steps(lifter, lifter.view(given["input"]), bool(given["batch_first"]))
    states = _given_states(lifter, recurrence, steps, given["hx"])
    used = _StatesUsed(lifter, operation, recurrence)
    extra = dict(recurrence.attributes)
    if used.returns != "sequence":
        extra["returns"] = used.returns
    if steps.axis is not None:
        if not steps.batch and not lifter.mixed:
            # Where no batch is known, one of these axes may be it.
            lifter.mixed = f"{operation.name} in {operation.call.path or operation.call.kind}"
        if states or any(used.wanted):
            raise UnliftedError("several sequences with states of their own")
        extra["axis"] = steps.axis
    made = lifter.layer(recurrence.word, [steps.layer, *states], tuple(recurrence.params), **extra)
    return used.placed(made, steps)


@rule("tflite.UNIDIRECTIONAL_SEQUENCE_LSTM")
def lstm_of_one_bias(lifter: Lifter, operation: Operation) -> Placement:
    """An LSTM whose gates have one bias each, and that begins with zeros."""
    given = operation.arguments
    x, *params = given["inputs"]
    steps = Steps(lifter, lifter.view(x), bool(given["batch_first"]))
    extra: dict[str, Any] = {} if steps.axis is None else {"axis": steps.axis}
    made = lifter.layer("lstm", [steps.layer], tuple(params), units=given["units"], biases="one", **extra)
    return steps.sequence(made)


class Recurrence:
    """What a recurrence is, by its parameters.

    Attributes:
        word: The layer: ``lstm``, ``gru`` or ``rnn``.
        params: Its weights and biases.
        layers: How many layers stand on top of each other.
        directions: 2 where each has a second that reads from behind.
        units: Length of the state.
        carried: How many states a step hands on.
        attributes: What the layer is given.
    """

    def __init__(self, operation: Operation):
        given = operation.arguments
        self.params = [value for value in given.get("params", ()) if isinstance(value, Value)]
        self.word = operation.name.partition("_")[0]
        self.layers: int = given["num_layers"]
        self.directions = 2 if given["bidirectional"] else 1
        self.carried = 2 if self.word == "lstm" else 1
        plain = 4 if given["has_biases"] else 2
        stacked = self.layers * self.directions
        projected = len(self.params) > plain * stacked
        each = plain + projected
        if len(self.params) != each * stacked:
            raise UnliftedError("a recurrent layer of other parameters")
        gates = {"lstm": 4, "gru": 3}.get(self.word, 1)
        self.units = self.params[0].sizes[0] // gates
        self.proj: int | None = self.params[each - 1].sizes[0] if projected else None
        self.attributes: dict[str, Any] = {
            "units": self.units,
            "bidirectional": self.directions == 2,
            "biases": "two" if given["has_biases"] else "none",
        }
        if self.layers > 1:
            self.attributes["layers"] = self.layers
        if self.proj is not None:
            self.attributes["proj"] = self.proj
        if operation.name == "rnn_relu":
            self.attributes["nonlinearity"] = "relu"

    def state_shape(self, length: int) -> tuple[int, ...]:
        """The states of all layers, those of the directions side by side."""
        width = self.directions * length
        return (self.layers, width) if self.layers > 1 else (width,)


class Steps:
    """The sequence that a recurrence reads, or several, which stand along axes of a map.

    Attributes:
        layer: The layer that it reads.
        batch: The parts of the batch.
        axis: The axis of the steps, where several sequences are read; else None.
    """

    def __init__(self, lifter: Lifter, view: Placement, batch_first: bool):
        self._alone = len(view.dims) == 2
        self._first = batch_first
        step = 1 if batch_first and not self._alone else 0
        self._sizes = view.sizes
        self._lines: Dim = ()
        self.axis: int | None = None
        self.batch: Dim = tuple([a for dim in view.dims for a in dim if a.axis == BATCH])
        lines = () if self._alone else without_batch(view.dims[1 - step])
        along, channels = view.dims[step], view.dims[-1]
        if has_batch(along) or has_batch(channels):
            raise UnliftedError("steps along the batch")
        if not lines:
            self.layer = lifter.arranged(view, [along, channels])
            return
        axes = [*[(atom,) for atom in lines], along]
        order = sorted(range(len(axes)), key=lambda n: [(atom.axis, -atom.step) for atom in axes[n]])
        self.layer = lifter.arranged(view, [*[axes[n] for n in order], channels])
        self.axis = order.index(len(lines))
        self._order = order

    def sequence(self, made: Layer | Cut) -> Placement:
        """The states of all steps over a layer."""
        below = Placement(made, ())
        if self.axis is None:
            steps, channels = below.whole(0), below.whole(1)
            if self._alone:
                return Placement(made, [steps, channels])
            return Placement(
                made, [self.batch, steps, channels] if self._first else [steps, self.batch, channels]
            )
        lines = [below.whole(self._order.index(n)) for n in range(len(self._order) - 1)]
        joined: Dim = (*self.batch, *[atom for line in lines for atom in line])
        steps, channels = below.whole(self.axis), below.whole(len(made.output) - 1)
        return Placement(made, [joined, steps, channels] if self._first else [steps, joined, channels])

    def states(self, made: Layer | Cut, recurrence: Recurrence, length: int) -> Placement:
        """States of all layers and directions, as PyTorch has them, over a layer of a row for each layer."""
        last = len(made.output) - 1
        rows: Dim = (Atom(0, 1, recurrence.layers),) if last else ()
        ways = (*rows, Atom(last, length, recurrence.directions))
        batch = [] if self._alone else [self.batch]
        return Placement(made, [ways, *batch, (Atom(last, 1, length),)])


# The states before the first step ------------------------------------------------------------------


def _given_states(lifter: Lifter, recurrence: Recurrence, steps: Steps, given: Any) -> list[Layer]:
    """The layers of the states before the first step; none where all are zeros."""
    values = [v for v in (given if isinstance(given, (tuple, list)) else [given]) if v is not None]
    if not any(lifter.knows(value) or leaves_of([value]) for value in values):
        return []
    lengths = [recurrence.proj or recurrence.units, recurrence.units]
    found = [
        _given_state(lifter, recurrence, steps, value, length)
        for value, length in zip(values, lengths, strict=False)
    ]
    joined = _joined(recurrence, found)
    return found if joined is None else [joined]


def _given_state(lifter: Lifter, recurrence: Recurrence, steps: Steps, value: Value, length: int) -> Layer:
    shape = recurrence.state_shape(length)
    if not lifter.knows(value):
        size = 1
        for n in shape:
            size *= n
        if count(value) != size:
            raise UnliftedError("states of a batch that is fixed")
        if leaves_of([value]):
            return lifter.constant(steps.layer, value, shape)
        return lifter.plain_constant(steps.layer, shape)
    view = lifter.view(value)
    sizes = [recurrence.layers, recurrence.directions, *view.sizes[1:]]
    apart = lifter.reshaped(view, sizes)
    width = (*without_batch(apart.dims[1]), *without_batch(apart.dims[-1]))
    if len(apart.dims) == 4 and without_batch(apart.dims[2]):
        raise UnliftedError("states of several sequences")
    return lifter.arranged(apart, [apart.dims[0], width] if recurrence.layers > 1 else [width])


def _joined(recurrence: Recurrence, states: Sequence[Layer]) -> Layer | None:
    """The one layer that holds states and cells, where these are parts of one; else None."""
    if len(states) != 2 or recurrence.proj is not None:
        return None
    one, other = states
    width = recurrence.directions * recurrence.units
    wanted = (2 * recurrence.layers, width)
    if len(one.inputs) != 1 or one.inputs != other.inputs or one.inputs[0].output != wanted:
        return None
    places = []
    for state in states:
        if state.op.name == "select" and state.op.argument("axis") == 0:
            places.append(state.op.argument("index"))
        elif state.op.name == "slice" and state.op.argument("axis") == 0:
            places.append(state.op.argument("start"))
    return one.inputs[0] if places == [0, recurrence.layers] else None


# The states behind the last step ---------------------------------------------------------------------


class _StatesUsed:
    """What a network goes on with of a recurrence: the states of all steps, those after the last, or both.

    Attributes:
        wanted: Whether it is states behind the last step, and whether it is cells.
        returns: What the layer puts out.
    """

    def __init__(self, lifter: Lifter, operation: Operation, recurrence: Recurrence):
        self._lifter = lifter
        self._recurrence = recurrence
        self._sequence, *self._states = operation.outputs
        self._target = operation.target
        ends = {value.index for _, value in lifter.recording.outputs}
        self._readers = [at for at in lifter.recording.operations if set(at.inputs) & set(self._states)]
        sequence = self._sequence.index in ends or lifter.is_read(self._sequence)
        self.wanted = [
            lifter.is_read(value) or (value.index in ends and not sequence) for value in self._states
        ]
        highest = recurrence.layers == 1 or self._highest_alone(ends)
        plain = not any(self.wanted[1:]) and highest
        if recurrence.proj is not None or not any(self.wanted):
            self.returns = "last" if not sequence and self.wanted[:1] == [True] else "sequence"
        elif plain:
            self.returns = "sequence" if sequence else "last"
        else:
            self.returns = "all" if sequence else "states"

    def _highest_alone(self, ends: set[int]) -> bool:
        """Whether nothing but states of the highest layer is taken of those of all."""
        state = self._states[0]
        rows: int = state.sizes[0]
        return state.index not in ends and all(
            at.name == "select"
            and at.arguments["dim"] % len(state.sizes) == 0
            and at.arguments["index"] % rows >= rows - self._recurrence.directions
            for at in self._readers
            if state in at.inputs
        )

    def placed(self, made: Layer, steps: Steps) -> list[Placement | None]:
        """The sequence over a layer, and the states after the last step; None where nobody wants them."""
        if self.returns in ("states", "all"):
            return self._in_rows(made, steps)
        found: list[Placement | None] = [None if self.returns == "last" else steps.sequence(made)]
        layers = self._recurrence.layers
        for number, (value, wanted) in enumerate(zip(self._states, self.wanted, strict=True)):
            top = self._top(made, steps) if wanted and number == 0 else None
            if top is not None and layers > 1:
                self._lifter.ends[value.index] = top
            found.append(
                top
                if layers == 1 and top is not None
                else self._stated(made, value, steps.batch)
                if wanted
                else None
            )
        return found

    def _in_rows(self, made: Layer, steps: Steps) -> list[Placement | None]:
        recurrence = self._recurrence
        layers, start = recurrence.layers, 0
        found: list[Placement | None] = [None]
        if self.returns == "all":
            start = made.output[0] - recurrence.carried * layers
            found = [steps.sequence(Cut(made, 0, 0, start))]
        for number in range(recurrence.carried):
            at = start + number * layers
            part: Layer | Cut = Cut(made, 0, at, layers)
            if layers == 1:
                part = self._lifter.layer("select", [made], index=at, axis=0)
            elif recurrence.carried == 1 and not start:
                part = made
            found.append(steps.states(part, recurrence, recurrence.units))
        return found

    def _top(self, made: Layer, steps: Steps) -> Placement:
        """What the highest layer ends with: forward at the last step, the other direction at the first."""
        lifter, directions = self._lifter, self._recurrence.directions
        vector = made
        if self.returns != "last":
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
        return Placement(vector, [(Atom(0, units, directions),), steps.batch, (Atom(0, 1, units),)])

    def _stated(self, made: Layer, value: Value, batch: Dim) -> Placement:
        """The states of all layers, or cells, which no layer puts out: stated, at no cost."""
        sizes = Size([value.sizes[0], value.sizes[-1]])
        layer = self._lifter.layer(
            "opaque", [made], operation=self._target, shape=sizes, macs=0, reads="everything"
        )
        below = Placement(layer, ())
        return Placement(layer, [below.whole(0), batch, below.whole(1)])
