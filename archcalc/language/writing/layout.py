"""Statements and blocks as text, laid out as the networks of the zoo are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...ops.attributes import show
from .items import (
    CallItem,
    LayerItem,
    ReferenceItem,
    ShortcutItem,
    Slot,
    SlotFormula,
    SlotValue,
    SpecBlock,
    SpecItem,
    SpecStatement,
    written,
)

WIDTH = 100


def rules_text(rules: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The ``default`` lines of a text."""
    together: dict[str, list[str]] = {}
    for op, values in rules.items():
        words = " ".join([f"{name}={show(value)}" for name, value in values.items()])
        together.setdefault(words, []).append(op)
    return [f"default {' '.join(ops)} {words}" for words, ops in together.items()]


def definition_text(definition: SpecBlock) -> list[str]:
    """A block."""
    words = ["block", definition.name]
    words += [
        name if default is None else f"{name}={written(default)}"
        for name, default in definition.parameters.items()
    ]
    if definition.inputs:
        words += ["|", *definition.inputs]
    return [" ".join(words), *body_text(definition.statements, 2)]


def body_text(
    statements: Iterable[SpecStatement], indent: int, ends: Mapping[SpecStatement, str] = {}
) -> list[str]:
    """The lines of a body. ``ends`` are what stands behind a statement, in a column of their own."""
    lines: list[tuple[str, str]] = []
    for statement in statements:
        written = [" " * indent + line for line in _statement(statement)]
        behind = ends.get(statement, "")
        comment = f"# {statement.modules}" if statement.modules else ""
        if len(written) > 1 and behind:
            written[-1] += f" {behind}"  # of a chain on several lines
            behind = ""
        behind += ("  " if behind and comment else "") + comment
        lines += [(line, "" if number else behind) for number, line in enumerate(written)]
    edge = max([len(text) for text, behind in lines if behind and len(text) < 60], default=0)
    return [text if not behind else f"{text.ljust(edge)}  {behind}" for text, behind in lines]


def _statement(statement: SpecStatement) -> list[str]:
    head = "out " if statement.out else ""
    if statement.label is not None:
        head += f"{statement.label}: "
    chain = head + " -> ".join([item_text(item) for item in statement.items])
    if statement.when:
        return [f"{chain}   if {statement.when}"]
    last = statement.items[-1]
    if len(chain) > WIDTH:
        lines = _wrapped(head, [item_text(item) for item in statement.items])
    else:
        lines = [chain]
    if isinstance(last, LayerItem) and last.branches:
        for branch in last.branches:
            if not branch:
                lines.append("  | identity")
                continue
            inner = body_text(branch, 0)
            lines.append("  | " + inner[0])
            lines += ["    " + line for line in inner[1:]]
    return lines


def _wrapped(head: str, items: list[str]) -> list[str]:
    lines = [head + items[0]]
    for item in items[1:]:
        if len(lines[-1]) + 4 + len(item) > WIDTH:
            lines.append("  -> " + item)
        else:
            lines[-1] += " -> " + item
    return lines


def item_text(item: SpecItem) -> str:
    """An item without the branches below it."""
    if isinstance(item, LayerItem):
        words = [item.op.name, *_arguments(item)]
        words += [f"@{path}" for path in item.references]
        if item.like is not None:
            words.append(f"like={item.like}")
        return " ".join(words)
    if isinstance(item, ShortcutItem):
        return item.words
    if isinstance(item, CallItem):
        words = [item.definition.name, *_parameters(item), *[f"@{path}" for path in item.references]]
        if item.like is not None:
            words.append(f"like={item.like}")
        return " ".join(words)
    if isinstance(item, ReferenceItem):
        return f"@{item.path}"
    inner = " -> ".join([item_text(part) for part in item.items])
    if len(item.items) > 1:
        inner = f"({inner})"
    return f"{argument_text(item.count)} x {inner}"


def _arguments(item: LayerItem) -> list[str]:
    words: list[str] = []
    positional = True
    for name in item.op.positional:
        value = item.arguments[name]
        if _omitted(value):
            positional = False
        else:
            words.append(argument_text(value) if positional else f"{name}={argument_text(value)}")
    for name, value in item.arguments.items():
        if name not in item.op.positional and not _omitted(value):
            words.append(f"{name}={argument_text(value)}")
    return words


def _parameters(item: CallItem) -> list[str]:
    words: list[str] = []
    for name, default in item.definition.parameters.items():
        value = item.arguments[name]
        if default is None and name not in item.definition.named:
            words.append(argument_text(value))
        elif default is None or not (
            isinstance(value, Slot) and value.value == default and type(value.value) is type(default)
        ):
            words.append(f"{name}={argument_text(value)}")
    return words


def _omitted(value: SlotValue) -> bool:
    if not isinstance(value, Slot):
        return False
    if value.value is None:
        return True
    default = value.default
    # Yes and 1 are equal to Python.
    return (
        default is not None
        and isinstance(value.value, bool) == isinstance(default, bool)
        and (value.value == default)
    )


def argument_text(value: SlotValue) -> str:
    """An argument."""
    if isinstance(value, Slot):
        return written(value.value)
    if isinstance(value, SlotFormula):
        return value.text if value.plain else f"({value.text})"
    words = [argument_text(v) + (".." if at == value.going else "") for at, v in enumerate(value.values)]
    return f"[{', '.join(words)}]"
