"""The derivation of a receptive field: the recursion over the layers before it."""

from __future__ import annotations

from collections.abc import Iterator

from ..arithmetic import symbol
from ..graph import Layer
from .derivation import AXES, Derivation, Formula, Way
from .recursion import SOURCE, FieldStep, steps
from .summary import Row, Summary


def field(summary: Summary, layer: Layer) -> Derivation:
    """The derivation of a receptive field."""
    value = Row(layer, summary).rf_dict()
    found = summary.fields.of(layer)
    if found is None:
        return Derivation("rf", None)
    ways: list[Way] = []
    notes: list[str] = []
    formulas: list[Formula] = []
    for source in found:
        axes = AXES.get(len(source.output) - 1, "")
        grouped: list[tuple[str, list[FieldStep]]] = []
        for axis in range(len(source.output) - 1):
            found_steps = steps(summary.fields, layer, source, axis)
            letter = axes[axis] if axes else str(axis + 1)
            if grouped and _alike(grouped[-1][1], found_steps):
                grouped[-1] = grouped[-1][0] + letter, grouped[-1][1]
            else:
                grouped.append((letter, found_steps))
        ways += [
            Way(source, letters if len(grouped) > 1 else "", taken) for letters, taken in grouped if taken
        ]
    for way in ways:
        grown = _grown(way)
        if grown is None:
            continue
        if grown.formula is not None or (way.axes and grown.kernel is not None):
            # The recursion may hold on one axis and not on another, which has a size all the same.
            names = ", ".join([f"r{letter.lower()}" for letter in way.axes])
            made = symbol("r", grown.size) if grown.formula is None else grown.formula
            formulas.append(Formula(names, made))
        if grown.layer is not layer:
            name = f"{way.along}: " if way.axes else ""
            notes.append(f"{name}that of `{grown.layer.name}`; what follows keeps it")
    extents = found.values()
    if summary.fields.seen_by[layer]:
        notes += _field_notes(layer, ways, any(extent.gated for extent in extents))
    else:
        notes.append("a unit sees nothing of the input: it depends on parameters alone")
    if any(extent.normed for extent in extents):
        notes.append(
            "+ group and instance norm read the whole map for their statistics: left out here, "
            "counted with --whole-norms"
        )
    return Derivation("rf", value, formulas, notes, SOURCE if ways else "", ways=ways)


def _grown(way: Way) -> FieldStep | None:
    """The step that the field at the end is from: the last that changes it, save that a window of
    one position says more of itself. None behind a layer that reads everything."""
    *before, last = way.steps
    if last.kernel is None:
        return None
    if not last.idle or "kernel" in last.layer.op.attributes:
        return last
    return next((step for step in reversed(before) if not step.idle), last)


def _alike(one: list[FieldStep], other: list[FieldStep]) -> bool:
    return len(one) == len(other) and all(a.alike(b) for a, b in zip(one, other, strict=True))


def _field_notes(layer: Layer, ways: list[Way], gated: bool) -> Iterator[str]:
    every = [step for way in ways for step in way.steps]
    whole = [step for step in every if step.kernel is None]
    if whole:
        yield f"`{whole[0].layer.name}` reads everything that arrives: from there on all is seen"
    elif ways:
        for way in ways:
            step = way.steps[-1]
            name = f"{way.along}: " if way.axes else ""
            if step.jump is not None and step.start is not None:
                yield (f"{name}neighbours are {step.jump} apart, unit 0's window starts at {step.start}")
    elif layer.inputs:
        yield "an input that is a vector has no positions to follow"
    else:
        yield "a unit of the input sees itself"
    if any(step.branches > 1 for step in every):
        yield "where paths meet, the widest is followed"
    if any(step.exact and step.kernel is not None for step in every):
        yield ("~ not by the recursion: the window around all paths, or the widest of windows that differ")
    if gated:
        yield "a gate that sees everything is left out of its product"
