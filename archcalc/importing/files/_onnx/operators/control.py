"""Graphs inside of nodes: branches of which one is known, and loops that are written out."""

from __future__ import annotations

from typing import Any

from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from ..tensors import KnownValues, OnnxTensor

# Turns of a loop that are written out; one with more is a layer without a rule.
MOST_TURNS = 1000


@rule("If")
def branch(reader: OnnxReader, node: OnnxNode) -> Outputs:
    condition = node.number(0)
    if condition is None:
        node.refuse("which of its branches runs depends on values")
    return reader.inside(node.graph("then_branch" if condition else "else_branch"), {})


@rule("Loop")
def loop(reader: OnnxReader, node: OnnxNode) -> Outputs:
    turns, condition = node.number(0), node.number(1) if node.has(1) else 1
    if turns is None or not 0 < turns <= MOST_TURNS or condition is None:
        return node.unknown()
    body = node.graph("body")
    held = _held(reader, body)
    names = [one.name for one in body.input]
    carried: list[OnnxTensor] = [node.tensor(at) for at in range(2, len(node.inputs))]
    if len(names) != 2 + len(carried) or len(body.output) <= len(carried):
        node.refuse("its body does not take what it is given")
    rows: list[list[OnnxTensor]] = []
    for turn in range(int(turns) if condition else 0):
        given = [_number(names[0], turn), _number(names[1], True), *carried]
        made = _made(node, reader.inside(body, {**held, **dict(zip(names, given, strict=True))}))
        if made[0].known is None:
            return node.unknown()  # how often it runs depends on values
        carried = made[1 : 1 + len(carried)]
        rows.append(made[1 + len(carried) :])
        if not made[0].known.one.any():
            break
    return _joined(reader, carried, rows, [0] * len(rows[0]) if rows else [])


@rule("Scan")
def scan(reader: OnnxReader, node: OnnxNode) -> Outputs:
    body = node.graph("body")
    count = node.int("num_scan_inputs")
    states = len(node.inputs) - count
    names = [one.name for one in body.input]
    if node.version < 9 or count < 1 or states < 0 or len(names) != len(node.inputs):
        return node.unknown()
    read = [node.value(at) for at in range(states, len(node.inputs))]
    axes = node.ints("scan_input_axes") or (0,) * count
    behind = node.ints("scan_input_directions") or (0,) * count
    turns = read[0].sizes[axes[0]]
    if not 0 < turns <= MOST_TURNS or len(axes) != count or len(behind) != count:
        return node.unknown()
    held = _held(reader, body)
    carried: list[OnnxTensor] = [node.tensor(at) for at in range(states)]
    rows: list[list[OnnxTensor]] = []
    for turn in range(turns):
        parts = [
            reader.do("select", value, axis, turns - 1 - turn if back else turn)
            for value, axis, back in zip(read, axes, behind, strict=True)
        ]
        given = [*carried, *[OnnxTensor.of("", part) for part in parts]]
        made = _made(node, reader.inside(body, {**held, **dict(zip(names, given, strict=True))}))
        carried = made[:states]
        rows.append(made[states:])
    kept = len(rows[0])
    if any(node.ints("scan_output_directions")):
        rows = rows[::-1]
    return _joined(reader, carried, rows, node.ints("scan_output_axes") or (0,) * kept)


def _held(reader: OnnxReader, graph: Any) -> dict[str, OnnxTensor]:
    """The tensors that a graph holds, the same ones for each turn."""
    return {one.name: reader.held(one, one.name, True) for one in graph.initializer}


def _number(name: str, number: int) -> OnnxTensor:
    import numpy as np

    array = np.asarray(number)
    return OnnxTensor(name, (), (), str(array.dtype), KnownValues(array))


def _made(node: OnnxNode, found: list[OnnxTensor | None]) -> list[OnnxTensor]:
    """What a body puts out, all of it. Raises SpecError."""
    made = [one for one in found if one is not None]
    if len(made) < len(found):
        node.refuse("its body puts out a tensor that nothing makes")
    return made


def _joined(
    reader: OnnxReader, carried: list[OnnxTensor], rows: list[list[OnnxTensor]], axes: Any
) -> list[Any]:
    """What is carried to the end, and what each turn puts out, side by side along a new axis."""
    found: list[Any] = list(carried)
    for at, axis in enumerate(axes):
        found.append(reader.do("stack", tuple([reader.value(row[at]) for row in rows]), axis))
    return found
