"""Cells of a recurrence, and what reads a map at places that another tensor gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....graph import Layer
from ..recording import Operation, Value
from .given import UnliftedError, leaves_of
from .lifter import Lifter, rule
from .placements import BATCH, Cut, Dim, Placement, without_batch


@rule("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")
def cell(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    view = lifter.view(given["input"])
    if len(view.dims) != 2:
        raise UnliftedError("a cell without a batch")
    arriving = lifter.arranged(view, [view.dims[1]])
    hx = given["hx"]
    states = _states(lifter, hx if isinstance(hx, (tuple, list)) else [hx])
    weights = [given[name] for name in ("w_ih", "w_hh")]
    biases = [given.get(name) for name in ("b_ih", "b_hh")]
    word = operation.name
    extra: dict[str, Any] = {}
    if word.startswith("rnn"):
        extra = {"nonlinearity": "relu"} if word == "rnn_relu_cell" else {}
        word = "rnn_cell"
    both = word == "lstm_cell" and len(operation.outputs) > 1
    units = int(weights[1].sizes[1])
    made = lifter.layer(
        word,
        [arriving, *states],
        (*weights, *biases),
        units=units,
        biases="none" if biases[0] is None else "two",
        **extra,
        **({"returns": "both"} if both else {}),
    )
    batch = tuple([atom for dim in view.dims for atom in dim if atom.axis == BATCH])
    if not both:
        return [Placement(made, [batch, Placement(made, ()).whole(0)])]
    cuts = [Cut(made, 0, start, units) for start in (0, units)]
    return [Placement(cut, [batch, Placement(cut, ()).whole(0)]) for cut in cuts]


def _states(lifter: Lifter, given: Sequence[Value]) -> list[Layer]:
    """The states that a cell is given, as vectors; none where they are made of no input, as zeros are."""
    known = [value for value in given if lifter.knows(value)]
    if not known:
        if leaves_of(given):
            raise UnliftedError("a state that is learned or stored")
        return []
    if len(known) < len(given):
        raise UnliftedError("a state of which a part depends on no input")
    views = [lifter.view(value) for value in known]
    return [lifter.arranged(view, [view.dims[1]]) for view in views]


@rule("grid_sampler", "grid_sampler_2d", "grid_sampler_3d")
def grid_sample(lifter: Lifter, operation: Operation) -> list[Placement]:
    given = operation.arguments
    view, places = lifter.view(given["input"]), lifter.view(given["grid"])
    axes = len(view.dims) - 2
    layer, _ = lifter.as_map(view, axes)
    if len(layer.output) != axes + 1:
        raise UnliftedError("a map whose batch is no batch of images")
    grid = lifter.arranged(places, [*places.dims[1:]])
    made = lifter.layer(
        "grid_sample",
        [layer, grid],
        mode=("bilinear", "nearest", "bicubic")[given["interpolation_mode"]],
        outside=("zeros", "border", "reflection")[given["padding_mode"]],
        align_corners=bool(given["align_corners"]),
    )
    below = Placement(made, ())
    dims: list[Dim] = [_batch(view), below.whole(axes), *[below.whole(axis) for axis in range(axes)]]
    return [Placement(made, dims)]


@rule("affine_grid_generator")
def affine_grid(lifter: Lifter, operation: Operation) -> list[Placement]:
    given = operation.arguments
    view = lifter.view(given["theta"])
    numbers = lifter.arranged(view, [view.dims[1], view.dims[2]])
    made = lifter.layer(
        "affine_grid", [numbers], size=tuple(given["size"][2:]), align_corners=bool(given["align_corners"])
    )
    below = Placement(made, ())
    return [Placement(made, [_batch(view), *[below.whole(axis) for axis in range(len(made.output))]])]


@rule("embedding_bag")
def embedding_bag(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    weight: Value = given["weight"]
    indices = given["indices"]
    bags = operation.outputs[0].sizes[0]
    if given.get("per_sample_weights") is not None or given.get("include_last_offset"):
        raise UnliftedError("bags with weights or offsets of their own")
    view = lifter.view(indices)
    words = tuple([atom for dim in view.dims for atom in without_batch(dim)])
    if bags != 1:
        raise UnliftedError("bags of several in an element of the batch")
    layer = lifter.arranged(view, [words])
    vocabulary, size = weight.sizes
    mode = ("sum", "mean", "max")[given["mode"]]
    made = lifter.layer("embedding_bag", [layer], (weight,), vocabulary=vocabulary, size=size, mode=mode)
    placed = Placement(made, [_batch(view), Placement(made, ()).whole(0)])
    return [placed, *[None] * (len(operation.outputs) - 1)]


def _batch(view: Placement) -> Dim:
    """The parts of the axes of a tensor that are its batch."""
    return tuple([atom for dim in view.dims for atom in dim if atom.axis == BATCH])
