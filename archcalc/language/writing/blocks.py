"""Blocks of bodies that are alike: what differs becomes a parameter, or is worked out of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from ...ops import registry
from ...ops.attributes import RESERVED, Word
from .items import (
    CallItem,
    Slot,
    SlotFormula,
    SlotValue,
    SpecBlock,
    SpecStatement,
    places,
    shape_of,
    shortcuts,
)
from .nodes import BlockNode
from .residuals import ResidualPair, condition, residual_pairs

# The usual letters for what an op spells out.
_LETTERS = {"filters": "c", "units": "c", "kernel": "k", "factor": "f", "size": "s", "channels": "c"}
# Modules whose class says nothing of what they are.
_PLAIN = frozenset(("Sequential", "ModuleList", "ModuleDict"))
_TAKEN = RESERVED | {"min", "max", "divisible", "size", "in", "x"}


class Blocks:
    """The blocks of a text, in the order in which they have to stand in it."""

    def __init__(self, conditions: bool = True) -> None:
        self._conditions = conditions
        self.definitions: list[SpecBlock] = []
        self._names: set[str] = set()

    def define(
        self, bodies: Mapping[BlockNode, list[SpecStatement]], arriving: Callable[[BlockNode], int]
    ) -> dict[BlockNode, CallItem]:
        """Make blocks of bodies; return the call of each."""
        alike: dict[Hashable, list[BlockNode]] = {}
        for node, statements in bodies.items():
            alike.setdefault((len(node.reads), shape_of(statements)), []).append(node)
        calls: dict[BlockNode, CallItem] = {}
        if self._conditions:
            for pair in residual_pairs(alike, bodies):
                found = self._define_both(pair, arriving)
                if found is not None:
                    calls.update(found)
        for nodes in [[node for node in nodes if node not in calls] for nodes in alike.values()]:
            if not nodes:
                continue
            for uses in _by_shortcuts([(node, bodies[node]) for node in nodes]):
                calls.update(self._define(uses, arriving))
        return calls

    def _define(
        self, uses: list[tuple[BlockNode, list[SpecStatement]]], arriving: Callable[[BlockNode], int]
    ) -> dict[BlockNode, CallItem]:
        node, statements = uses[0]
        inputs = tuple([input_name(at) for at in range(len(node.reads))]) if len(node.reads) > 1 else ()
        definition = SpecBlock(self._name(node), inputs, statements)
        self.definitions.append(definition)
        slots = [[at for s in body for item in s.items for at in places(item)] for _, body in uses]
        given = parameters(slots)
        calls: dict[BlockNode, CallItem] = {}
        for number, (using, _) in enumerate(uses):
            values: dict[str, SlotValue] = {}
            for name, found in given.items():
                place = found[number]
                values[name] = Slot(place.word, place.value, arriving(using), place.whole, place.default)
            calls[using] = CallItem(definition, values, ())
        definition.named = {name for name, found in given.items() if quoted(found[0])}
        definition.parameters = {name: found[0].default for name, found in given.items()}
        return calls

    def _define_both(
        self, pair: ResidualPair, arriving: Callable[[BlockNode], int]
    ) -> dict[BlockNode, CallItem] | None:
        """Make one block of bodies that are alike but for the sum with what arrives: it is there under a
        condition. None where no condition on its parameters tells when."""
        node, statements = pair.uses[0]
        slots = [[at for s in body for item in s.items for at in places(item)] for _, body in pair.uses]
        before = [(holder, key, holder[key]) for holder, key in slots[0]]
        given = parameters(slots)
        sources = [arriving(using) for using, _ in pair.uses]
        when = condition(given, sources, pair.added)
        if when is None:
            for holder, key, value in before:
                holder[key] = value
            return None
        definition = SpecBlock(self._name(node), ("x",), [*statements, pair.sum(when)])
        self.definitions.append(definition)
        calls: dict[BlockNode, CallItem] = {}
        for number, (using, _) in enumerate(pair.uses):
            values: dict[str, SlotValue] = {
                name: found[number]._replace(arriving=sources[number]) for name, found in given.items()
            }
            calls[using] = CallItem(definition, values, ())
        definition.named = {name for name, found in given.items() if quoted(found[0])}
        definition.parameters = {name: found[0].default for name, found in given.items()}
        return calls

    def _name(self, node: BlockNode) -> str:
        called = node.called or "part"
        if called in _PLAIN and node.full:
            called = node.full.rpartition(".")[2].rstrip("0123456789_") or "part"
        word = re.sub(r"\W", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", called)).lower().strip("_")
        if not word or word[0].isdigit():
            word = f"part_{word}"
        if word in registry() or word in _TAKEN or word == "conv_bn":
            word += "_block"
        name, number = word, 1
        while name in self._names:
            number += 1
            name = f"{word}{number}" if not word[-1].isdigit() else f"{word}_{number}"
        self._names.add(name)
        return name


def input_name(at: int) -> str:
    """What an input of a block is called that has several."""
    return "xyzuvw"[at] if at < 6 else f"x{at}"


def _by_shortcuts(
    uses: list[tuple[BlockNode, list[SpecStatement]]],
) -> list[list[tuple[BlockNode, list[SpecStatement]]]]:
    """Bodies whose shortcuts are alike, or the identity; the one that says most of them is the first."""
    found: dict[Hashable, list[tuple[BlockNode, list[SpecStatement]]]] = {}
    plain: list[tuple[BlockNode, list[SpecStatement]]] = []
    for use in uses:
        items = list(shortcuts(use[1]))
        if any(item.projects for item in items):
            found.setdefault(tuple([item.words if item.projects else "" for item in items]), []).append(use)
        else:
            plain.append(use)
    if not found:
        return [plain]
    groups = sorted(found.values(), key=len, reverse=True)
    groups[0] += plain
    return groups


def parameters(slots: list[list[tuple[dict[str, SlotValue], str]]]) -> dict[str, list[Slot]]:
    """The parameters of a block, each with its values in all uses. What the first use holds is
    replaced by them; ``slots`` are the arguments of each use."""
    columns: list[tuple[list[tuple[dict[str, SlotValue], str]], list[Slot]]] = []
    for together in zip(*slots, strict=True):
        values = [holder[key] for holder, key in together]
        if all(isinstance(value, Slot) for value in values):
            columns.append((list(together), [v for v in values if isinstance(v, Slot)]))
    distinct: dict[Hashable, list[Slot]] = {}
    places_of: dict[Hashable, list[int]] = {}
    for number, (_, column) in enumerate(columns):
        if len({_key(p) for p in column}) > 1:
            key: Hashable = tuple([_key(p) for p in column])
            distinct.setdefault(key, column)
            places_of.setdefault(key, []).append(number)
    # The smallest first: what is a multiple of another is written so.
    order = sorted(distinct, key=lambda key: _size(distinct[key]))
    formulas: dict[Hashable, tuple[Hashable | None, str, bool]] = {}
    in_place: dict[int, tuple[Hashable | None, str, bool]] = {}
    bases: list[Hashable] = []
    for key in order:
        column = distinct[key]
        derived = None
        if all(p.whole for number in places_of[key] for p in columns[number][1]):
            derived = _derived(column, [(base, distinct[base]) for base in bases if _whole(distinct[base])])
            if derived is None and all(
                len({p.arriving for p in columns[number][1]}) > 1 for number in places_of[key]
            ):
                derived = _of_arriving([columns[number][1] for number in places_of[key]])
                alone = [_of_arriving([columns[number][1]]) for number in places_of[key]]
                if derived is None and all(text is not None for text in alone):
                    # In each place another multiple of what arrives there.
                    in_place.update(zip(places_of[key], [text for text in alone if text], strict=True))
                    derived = alone[0]
        if derived is None:
            bases.append(key)
        else:
            formulas[key] = derived
    names = _named(sorted(bases, key=lambda key: places_of[key][0]), distinct)
    for key, numbers in places_of.items():
        for number in numbers:
            holder, name = columns[number][0][0]
            if key in names:
                holder[name] = SlotFormula(names[key], True)
            else:
                base, text, plain = in_place.get(number, formulas[key])
                holder[name] = SlotFormula(
                    text.replace("?", names[base]) if base is not None else text, plain
                )
    ordered = sorted(names, key=lambda key: (distinct[key][0].default is not None, quoted(distinct[key][0])))
    return {names[key]: distinct[key] for key in ordered}


def quoted(place: Slot) -> bool:
    """Whether a value is a string: strings side by side would join."""
    return isinstance(place.value, str) and not isinstance(place.value, Word)


def _key(place: Slot) -> Hashable:
    return (type(place.value), place.value)


def _size(column: list[Slot]) -> tuple[int, Any]:
    value = column[0].value
    return (0, value) if type(value) is int else (1, 0)


def _whole(column: list[Slot]) -> bool:
    return all(type(p.value) is int and p.whole for p in column)


def _derived(
    column: list[Slot], bases: list[tuple[Hashable, list[Slot]]]
) -> tuple[Hashable | None, str, bool] | None:
    """A multiple of a parameter that a column is in all uses."""
    if not _whole(column):
        return None
    for key, base in bases:
        ratio = column[0].value // base[0].value if base[0].value else 0
        if ratio > 1 and all(c.value == ratio * b.value for c, b in zip(column, base, strict=True)):
            return key, f"{ratio}*?", False
    return None


def _of_arriving(columns: list[list[Slot]]) -> tuple[Hashable | None, str, bool] | None:
    """What is, in all uses and all places, the same multiple or part of the channels that arrive."""
    found: set[str] = set()
    for column in columns:
        for place in column:
            value, arriving = place.value, place.arriving
            if type(value) is not int or not arriving or not value:
                return None
            if value % arriving == 0:
                ratio = value // arriving
                found.add("in" if ratio == 1 else f"{ratio}*in")
            elif arriving % value == 0:
                found.add(f"in//{arriving // value}")
            else:
                return None
    if len(found) != 1:
        return None
    text = found.pop()
    return None, text, text == "in"


def _named(keys: list[Hashable], distinct: Mapping[Hashable, list[Slot]]) -> dict[Hashable, str]:
    words: dict[str, list[Hashable]] = {}
    for key in keys:
        word = distinct[key][0].word
        words.setdefault(_LETTERS.get(word, word), []).append(key)
    found: dict[Hashable, str] = {}
    for word, mine in words.items():
        for number, key in enumerate(mine, 1):
            name = word if len(mine) == 1 else f"{word}{number}"
            if name in _TAKEN or name in registry():
                name += "_"
            found[key] = name
    return found
