"""Sizes of recurrences and their cells."""

from __future__ import annotations

from .tensors import OperationError, RuleArguments, Shaped, sizes_of, written


@sizes_of("lstm", "gru", "rnn_tanh", "rnn_relu")
def recurrence(name: str, given: RuleArguments) -> list[Shaped]:
    if "input" not in given:
        raise OperationError("sequences of several lengths, which are packed")
    x: Shaped = given["input"]
    states: list[Shaped] = list(given["hx"]) if isinstance(given["hx"], tuple) else [given["hx"]]
    weights: list[Shaped] = list(given["params"])
    layers, directions = given["num_layers"], 2 if given["bidirectional"] else 1
    if len(x.sizes) != 3:
        raise OperationError(f"it works on steps, batch and features, and is given {written(x.sizes)}")
    if len(states) != (2 if name == "lstm" else 1) or layers < 1:
        raise OperationError(f"{len(states)} states and {layers} layers are given")
    batch, steps = (x.sizes[0], x.sizes[1]) if given["batch_first"] else (x.sizes[1], x.sizes[0])
    projected = len(weights) > 0 and name == "lstm" and _is_projected(given, len(weights))
    each = (4 if given["has_biases"] else 2) + projected
    if len(weights) != each * layers * directions:
        raise OperationError(f"{len(weights)} weights are not those of {layers} layers")
    if weights[0].sizes[-1] != x.sizes[-1]:
        raise OperationError(f"it is made for {weights[0].sizes[-1]} features, and is given {x.sizes[-1]}")
    hidden = states[0].sizes[-1]
    count = layers * directions
    for state in states:
        if state.sizes[:-1] != (count, batch):
            raise OperationError(
                f"a state of {written(state.sizes)} is not one of {count} layers and {batch} sequences"
            )
    gates = {"lstm": 4, "gru": 3}.get(name, 1)
    if weights[0].sizes[0] != gates * states[-1].sizes[-1]:
        raise OperationError(f"its weights are not made for a state of {states[-1].sizes[-1]} values")
    front = (batch, steps) if given["batch_first"] else (steps, batch)
    found = x.like((*front, directions * hidden))
    if given["batch_first"]:
        # It computes step by step, and turns what it gives.
        found.strides = (directions * hidden, batch * directions * hidden, 1)
    return [found, *[state.like() for state in states]]


def _is_projected(given: RuleArguments, weights: int) -> bool:
    """Whether each layer has a matrix more, which makes its outputs shorter than its state."""
    plain: int = (
        (4 if given["has_biases"] else 2) * given["num_layers"] * (2 if given["bidirectional"] else 1)
    )
    return weights > plain


@sizes_of("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")
def cell(name: str, given: RuleArguments) -> Shaped | list[Shaped]:
    x: Shaped = given["input"]
    states: list[Shaped] = list(given["hx"]) if isinstance(given["hx"], tuple) else [given["hx"]]
    gates = {"lstm_cell": 4, "gru_cell": 3}.get(name, 1)
    hidden = states[0].sizes[-1]
    for matrix, arriving, what in (
        (given["w_ih"], x.sizes[-1], "features"),
        (given["w_hh"], hidden, "states"),
    ):
        if matrix.sizes != (gates * hidden, arriving):
            raise OperationError(f"its weight {written(matrix.sizes)} is not made for {arriving} {what}")
    if any(state.sizes[:-1] != x.sizes[:-1] for state in states):
        raise OperationError(f"a state of {written(states[0].sizes)} does not go with {written(x.sizes)}")
    found = [state.like() for state in states]
    return found if name == "lstm_cell" else found[0]
