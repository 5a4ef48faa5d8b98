"""Recurrent layers, and what reads regions of a map."""

from __future__ import annotations

from typing import Any

from ..recording import Operation, Value
from .given import UnliftedError
from .lifter import Lifter, rule
from .placements import Placement


@rule("lstm", "gru", "rnn_tanh", "rnn_relu")
def recurrent(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    params = [value for value in given.get("params", ()) if isinstance(value, Value)]
    if "batch_sizes" in given:
        raise UnliftedError("a packed sequence")
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
    return [Placement(made, dims), *[None] * (len(operation.outputs) - 1)]


def _projected(params: list[Value], given: dict[str, Any], layers: int, both: bool) -> bool:
    plain = (4 if given["has_biases"] else 2) * layers * (2 if both else 1)
    return len(params) > plain
