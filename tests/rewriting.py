"""Tells where two graphs differ, layer by layer: what they are, what they read, what the rules say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archcalc.graph import Graph, Layer
from archcalc.ops.attributes import Axes, Padding
from archcalc.ops.window import Window


def differences(one: Graph, other: Graph) -> Iterator[str]:
    """Yield what differs. Names and texts of layers may, and a padding may be written as ``half``."""
    if [layer.output for layer in one.inputs] != [layer.output for layer in other.inputs]:
        yield "the inputs"
    if len(one.layers) != len(other.layers):
        yield f"{len(one.layers)} layers, {len(other.layers)} layers"
    for layer, counterpart in zip(one.layers, other.layers, strict=False):
        for what in _of_layer(layer, counterpart):
            yield f"{layer.name} / {counterpart.name}: {what}"
    if one.output.index != other.output.index:
        yield f"the output: {one.output.name}, {other.output.name}"
    heads = [{layer.index for layer in graph.heads.values()} for graph in (one, other)]
    if heads[0] != heads[1] or len(one.heads) != len(other.heads):
        yield f"the heads: {one.heads}, {other.heads}"


def _of_layer(layer: Layer, counterpart: Layer) -> Iterator[str]:
    if type(layer.op) is not type(counterpart.op):
        yield f"{layer.op!r}, {counterpart.op!r}"
        return
    if [source.index for source in layer.inputs] != [source.index for source in counterpart.inputs]:
        yield f"reads {layer.inputs}, {counterpart.inputs}"
        return
    for name, attribute in layer.op.attributes.items():
        values = layer.op.argument(name), counterpart.op.argument(name)
        if isinstance(attribute, Padding):
            continue  # the windows tell
        if isinstance(attribute, Axes):
            values = _alike(values[0]), _alike(values[1])
        if name != "frozen" and values[0] != values[1]:
            yield f"{name}={values[0]}, {name}={values[1]}"
    facts = layer.facts, counterpart.facts
    for name in ("output", "tensors", "operations", "windows", "connections"):
        values = _plain(getattr(facts[0], name)), _plain(getattr(facts[1], name))
        if values[0] != values[1]:
            yield f"{name}: {values[0]}, {values[1]}"
    if layer.owner.index != counterpart.owner.index:
        yield f"the parameters of {layer.owner.name}, {counterpart.owner.name}"
    if layer.trainable != counterpart.trainable:
        yield f"trained: {layer.trainable}, {counterpart.trainable}"


def _alike(value: Any) -> Any:
    """One number where all axes have the same."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _plain(value: Any) -> Any:
    """What an object holds, as tuples."""
    if isinstance(value, tuple) and type(value).__name__ in ("tuple", "list"):
        return tuple([_plain(part) for part in value])
    if isinstance(value, (tuple, str, int, frozenset)) or value is None:
        return value
    if isinstance(value, Window):
        names = ("size", "kernel", "stride", "low", "high", "dilation", "rounding", "output_pad", "output")
        return type(value), *[getattr(value, name) for name in names]
    slots = getattr(type(value), "__slots__", ())
    held = {slot: getattr(value, slot, None) for slot in slots} or vars(value)
    return tuple([_plain(part) for name, part in held.items() if not name.startswith("_")])
