"""What a written spec is made of, before it is text: values, items, statements, definitions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, NamedTuple

from ...graph import Layer
from ...ops.attributes import show
from ...ops.base import Op


class Slot(NamedTuple):
    """A number of a spec that may differ from one use of a block to another.

    word      what the op calls it: ``filters``
    value     what it is; None for a count that is nothing
    arriving  channels that arrive where it stands
    whole     whether it may be written as a multiple of another number
    default   what it is where it is not written; None where it has to be
    """

    word: str
    value: Any
    arriving: int
    whole: bool
    default: Any


class SlotFormula(NamedTuple):
    """What a place holds in the body of a block: a parameter, or something worked out of one."""

    text: str
    plain: bool  # it needs no parentheses


class SlotTurns(NamedTuple):
    """A value for each turn of a repeat: ``[2, 1..]``. ``going`` is the index of the one that goes on."""

    values: tuple[Slot | SlotFormula, ...]
    going: int | None


SlotValue = Slot | SlotFormula | SlotTurns


class LayerItem:
    """A layer with its arguments by name. ``like`` is the label of the layer whose parameters it uses."""

    def __init__(self, op: Op, arguments: dict[str, SlotValue], arriving: int):
        self.op = op
        self.arguments = arguments
        self.arriving = arriving
        self.references: tuple[str, ...] = ()
        self.branches: tuple[tuple[SpecStatement, ...], ...] = ()
        self.like: str | None = None


class ShortcutItem:
    """``shortcut``, which works out itself what it comes to. ``projects`` where that is a layer."""

    def __init__(self, words: str, projects: bool):
        self.words = words
        self.projects = projects


class CallItem:
    """A call of a block."""

    def __init__(self, definition: SpecBlock, arguments: dict[str, SlotValue], references: tuple[str, ...]):
        self.definition = definition
        self.arguments = arguments
        self.references = references
        self.like: str | None = None


class ReferenceItem(NamedTuple):
    """``@label``."""

    path: str


class RepeatItem:
    """``3 x (…)``."""

    def __init__(self, count: SlotValue, items: list[SpecItem]):
        self.count = count
        self.items = items


SpecItem = LayerItem | ShortcutItem | CallItem | ReferenceItem | RepeatItem


class SpecStatement:
    """A statement.

    label    what it is called
    out      whether it is a side head
    result   the layer whose output it has
    modules  the modules of an imported network that it comes to, where its label does not say them
    when     the condition under which it is there; empty where it always is
    """

    def __init__(self, label: str | None, items: list[SpecItem], result: Layer | None, out: bool = False):
        self.label = label
        self.items = items
        self.result = result
        self.out = out
        self.modules = ""
        self.when = ""


class SpecBlock:
    """A block: its name, its parameters with their defaults, the names of its inputs, its statements.

    Defaults are None for parameters that each call has to give; ``named`` are those that it gives by name.
    """

    def __init__(self, name: str, inputs: tuple[str, ...], statements: list[SpecStatement]):
        self.name = name
        self.inputs = inputs
        self.statements = statements
        self.parameters: dict[str, Any] = {}
        self.named: set[str] = set()


def places(item: SpecItem) -> Iterator[tuple[dict[str, SlotValue], str]]:
    """The arguments of an item, each as a dictionary and its key there, the inner ones included."""
    if isinstance(item, (LayerItem, CallItem)):
        for name in item.arguments:
            yield item.arguments, name
    if isinstance(item, LayerItem):
        for branch in item.branches:
            for statement in branch:
                for inner in statement.items:
                    yield from places(inner)
    if isinstance(item, RepeatItem):
        for inner in item.items:
            yield from places(inner)


def ops_in(statements: Iterable[SpecStatement]) -> Iterator[str]:
    """The names of the ops that are written out in statements."""
    for statement in statements:
        yield from _ops_of(statement.items)


def _ops_of(items: Iterable[SpecItem]) -> Iterator[str]:
    for item in items:
        if isinstance(item, RepeatItem):
            yield from _ops_of(item.items)
        if isinstance(item, LayerItem):
            yield item.op.name
            for branch in item.branches:
                yield from ops_in(branch)


def shortcuts(statements: Iterable[SpecStatement]) -> Iterator[ShortcutItem]:
    """The shortcuts in statements, in the branches of merges."""
    for statement in statements:
        for item in statement.items:
            if isinstance(item, ShortcutItem):
                yield item
            elif isinstance(item, LayerItem):
                for branch in item.branches:
                    yield from shortcuts(branch)


def shape_of(statements: tuple[SpecStatement, ...] | list[SpecStatement]) -> Hashable:
    """What statements have in common with others that differ in values alone."""
    return tuple(
        [
            (
                # The label of a shortcut says nothing where it is the identity.
                None if isinstance(s.items[-1], ShortcutItem) else s.label,
                s.out,
                s.when,
                tuple([shape_of_item(item) for item in s.items]),
            )
            for s in statements
        ]
    )


def shape_of_item(item: SpecItem) -> Hashable:
    if isinstance(item, LayerItem):
        branches = tuple([shape_of(branch) for branch in item.branches])
        return ("layer", item.op.name, item.references, branches, item.like, _kinds(item.arguments))
    if isinstance(item, ShortcutItem):
        return ("shortcut",)
    if isinstance(item, CallItem):
        return ("call", id(item.definition), item.references, item.like, _kinds(item.arguments))
    if isinstance(item, ReferenceItem):
        return ("@", item.path)
    return (
        "repeat",
        item.count.value if isinstance(item.count, Slot) else 0,
        tuple([shape_of_item(inner) for inner in item.items]),
    )


def _kinds(arguments: dict[str, SlotValue]) -> Hashable:
    return tuple([(name, _kind(value)) for name, value in arguments.items()])


def _kind(value: SlotValue) -> Hashable:
    """Values that may differ are alike; lists of turns may not, nor what is given and what is not."""
    if isinstance(value, SlotTurns):
        return (value.going, tuple([v.value for v in value.values if isinstance(v, Slot)]))
    return isinstance(value, Slot) and value.value is None


def written(value: object) -> str:
    """A value as an argument."""
    text = show(value)
    # A negative number stands in parentheses, where it could be taken for a difference; a size does not.
    return f"({text})" if ("x" not in text and text.startswith("-")) or "/" in text else text
