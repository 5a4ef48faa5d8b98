"""Misconceptions of how deep a network is."""

from __future__ import annotations

from ..methods.depths import CONV, FC, POOL, Depth
from .belief import belief

_WHY = "The convolutions and fully connected layers count, the last one too: they have weights."
_HINT = "Which layers have weights that are learned?"
_SOURCE = "lectures on AlexNet, of five convolutions, three pools and three fully connected layers"


@belief(
    "pooling layers counted",
    quantities="depth",
    wrong="convolutions, fully connected layers and pools on a path",
    why=_WHY,
    hint=_HINT,
    source=f"{_SOURCE} (8 -> 11)",
)
def pools_in_depth(depth: Depth) -> Depth:
    return depth.but(kinds=(CONV, FC, POOL))


@belief(
    "convolutions only",
    quantities="depth",
    wrong="convolutions on a path",
    why=_WHY,
    hint=_HINT,
    source=f"{_SOURCE} (8 -> 5)",
)
def convolutions_in_depth(depth: Depth) -> Depth | None:
    found = depth.but(kinds=(CONV,))
    return found if found.value else None


@belief(
    "the output layer not counted",
    quantities="depth",
    wrong="layers on a path but for the last",
    why=_WHY,
    hint=_HINT,
    source=f"{_SOURCE} (8 -> 7)",
)
def output_not_in_depth(depth: Depth) -> Depth | None:
    return depth.but(more=-1) if depth.value > 1 else None


@belief(
    "the input counted as a layer",
    quantities="depth",
    wrong="layers on a path, and the input",
    why="The input computes nothing, and has no weights.",
    hint=_HINT,
    source=f"{_SOURCE} (8 -> 9)",
)
def input_in_depth(depth: Depth) -> Depth:
    return depth.but(more=1)
