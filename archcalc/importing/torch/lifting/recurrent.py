"""Recurrent layers over sequences."""

from __future__ import annotations

from typing import Any

from ....graph import Layer
from ....ops.attributes import Size
from ..recording import Operation, Value
from .given import UnliftedError, leaves_of
from .lifter import Lifter, rule
from .placements import ONE_BATCH, Dim, Placement


@rule("lstm", "gru", "rnn_tanh", "rnn_relu")
def recurrent(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    params = [value for value in given.get("params", ()) if isinstance(value, Value)]
    if "batch_sizes" in given:
        raise UnliftedError("a packed sequence")
    states = given.get("hx")
    states = list(states) if isinstance(states, (tuple, list)) else [states]
    if any(lifter.knows(state) for state in states) or leaves_of(states):
        raise UnliftedError("a recurrent layer with an initial state")
    view = lifter.view(given["input"])
    layers, both = given["num_layers"], given["bidirectional"]
    first = given["batch_first"]
    # A sequence: steps, channels.
    step = 1 if first else 0
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
    made = lifter.layer(
        word,
        [layer],
        tuple(params),
        units=units,
        bidirectional=bool(both),
        biases="two" if given["has_biases"] else "none",
        **extra,
    )
    below = Placement(made, ())
    batch = [a for dim in view.dims for a in dim if a.axis == -1]
    steps, channels = below.whole(0), below.whole(1)
    dims = [tuple(batch), steps, channels] if first else [steps, tuple(batch), channels]
    return [Placement(made, dims), *_last_states(lifter, operation, made)]


def _last_states(lifter: Lifter, operation: Operation, made: Layer) -> list[Placement | None]:
    """What a recurrent layer puts out besides its sequence: the states behind the last step, of each layer
    and direction. They are computed with the sequence and cost nothing more."""
    given = operation.arguments
    found: list[Placement | None] = []
    # As mere outputs of the module they stand behind the sequence, unless nobody needs that.
    alone = not lifter.is_needed(operation.output)
    for number, value in enumerate(operation.outputs[1:]):
        if not lifter.is_read(value) and not (alone and lifter.is_needed(value)):
            found.append(None)
            continue
        batch: Dim = (ONE_BATCH,)
        if number == 0 and value.sizes[0] == 1 and not given["bidirectional"]:
            layer = lifter.layer("select", [made], index=-1, axis=0)
            found.append(Placement(layer, [(), batch, Placement(layer, ()).whole(0)]))
            continue
        shape = Size((value.sizes[0], value.sizes[2]))
        layer = lifter.layer(
            "opaque", [made], operation=operation.target, shape=shape, macs=0, reads="everything"
        )
        below = Placement(layer, ())
        found.append(Placement(layer, [below.whole(0), batch, below.whole(1)]))
    return found


def _projected(params: list[Value], given: dict[str, Any], layers: int, both: bool) -> bool:
    plain = (4 if given["has_biases"] else 2) * layers * (2 if both else 1)
    return len(params) > plain
