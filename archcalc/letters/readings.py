"""The numbers of a derivation, each under a name; and, of a network in letters, how they were made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..algebra.letter_numbers import made_of
from ..analysis.derivation import AXES, Derivation, Way
from ..analysis.derive_counts import LayerDerivations
from ..analysis.explanation import Explanation
from ..arithmetic import Expression, total


class NumberInLetters(NamedTuple):
    """A number of a derivation: its value, how it was made, and its textbook form; None for none."""

    value: Any
    made: Expression | None = None
    textbook: Expression | None = None


def numbers_of(derivation: Derivation) -> dict[str, Any]:
    """Return the numbers of a derivation by their names; the name is empty where there is one."""
    value = derivation.value
    if value is None:
        return {}
    if derivation.quantity == "output":
        return dict(zip(_names(len(value)), value, strict=True))
    if derivation.quantity == "rf":
        extents = {"": value} if "size" in value else value
        found = {}
        for name, extent in extents.items():
            sizes = extent["size"]
            for letter, size in zip(_axes(len(sizes)), sizes, strict=True):
                found[f"{name}{'.' * bool(name)}r{letter.lower()}"] = size
        return found
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, (list, tuple)):
        return {
            f"{derivation.quantity}{letter.lower()}": n
            for letter, n in zip(_axes(len(value)), value, strict=True)
            if n is not None
        }
    return {"": value}


def recorded(explanation: Explanation, derivation: Derivation) -> dict[str, NumberInLetters]:
    """Return the numbers of a derivation of a network in letters, with how they were made."""
    numbers = numbers_of(derivation)
    fields = dict(_fields(derivation)) if derivation.quantity in _OF_FIELD else {}
    found = {}
    for name, value in numbers.items():
        if name in fields:
            found[name] = NumberInLetters(value, fields[name])
            continue
        if derivation.quantity == "operations" and not value:
            continue  # it does none of these
        of = f"{name[-1].upper()}o" if derivation.quantity == "size" and name else name
        formula = next((f.made for f in derivation.formulas if of in f.of.split(", ") or f.of == of), None)
        if formula is None and len(derivation.formulas) == 1 and not derivation.terms and len(numbers) == 1:
            formula = derivation.formulas[0].made
        if derivation.terms:
            formula = _added(explanation, derivation)
        found[name] = NumberInLetters(value, made_of(value), formula)
    return found


def _names(axes: int) -> list[str]:
    return ["Co"] if axes == 1 else [*[f"{letter}o" for letter in _axes(axes - 1)], "Co"]


def _axes(count: int) -> list[str]:
    return list(AXES.get(count, "")) or [str(axis) for axis in range(1, count + 1)]


def _added(explanation: Explanation, derivation: Derivation) -> Expression | None:
    """The sum of the textbook forms of what layers add."""
    parts = []
    for layer in sorted([term.layer for term in derivation.terms], key=lambda layer: layer.index):
        if not layer.inputs or derivation.quantity in ("peak", "memory", "activation_bytes", "neurons"):
            return None
        (found,) = LayerDerivations(explanation.summary, layer).derive(derivation.quantity)
        if len(found.formulas) != 1:
            return None
        parts.append(found.formulas[0].made)
    made = total(parts)
    return made if isinstance(made, Expression) else None


def _fields(derivation: Derivation) -> Iterator[tuple[str, Expression]]:
    """Yield what is asked of the receptive field along each axis, by the recursion, by its name."""
    asked = derivation.quantity
    sources = list(dict.fromkeys([way.source for way in derivation.ways]))
    for source in sources:
        axes = _axes(len(source.output) - 1)
        for place, letter in enumerate(axes):
            ways = [
                way
                for way in derivation.ways
                if way.source is source and (not way.axes or letter in way.axes)
            ]
            grown = _grown(ways[0], place)[_OF_FIELD[asked]] if ways else None
            if grown is not None:
                name = source.name + "." if len(sources) > 1 else ""
                yield f"{name}{'r' if asked == 'rf' else asked}{letter.lower()}", made_of(grown)


# Where each quantity of a field stands in what its recursion gives.
_OF_FIELD = {"rf": 0, "start": 1, "stride": 2}


def _grown(way: Way, axis: int) -> tuple[Any, Any, Any]:
    """Size, start and stride of a receptive field; None for what the recursion does not give."""
    size: Any = 1
    jump: Any = 1
    start: Any = 0
    for step in way.steps:
        if step.window is None:
            size, start, jump = way.source.output[axis], None, None
        elif step.exact or jump is None:
            return None, None, None
        else:
            start = start - step.window.low * jump
            size = size + (step.window.kernel - 1) * step.window.dilation * jump
            jump = jump * step.window.slope
    return size, start, jump
