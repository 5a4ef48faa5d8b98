"""`archcalc ops`: the reference of the layers, from the classes and their examples."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from ..ops.base import Attribute, Op, show
from .flat import Table
from .lines import Line
from .wrapping import broken

# Headings in the order of the reference.
GROUPS = ("convolution", "pooling", "enlarging", "fully connected", "normalisation",
          "bias and scale", "activation", "merge", "rearrangement", "sequence")  # fmt: skip


def place_of(group: str) -> int:
    """Where a group stands in the reference; one that is new stands last."""
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)


PLAIN = ["name", "group", "signature", "summary", "counting", "source"]


def first_line(op: type[Op]) -> str:
    """What the op is, in a line."""
    return (inspect.getdoc(op) or "").partition("\n")[0]


def signature(op: type[Op]) -> str:
    """How it is written: ``conv KERNEL FILTERS stride=1 pad=0 …``."""
    words = [op.name]
    words += [name.upper() for name in op.positional]
    for name, attribute in op.attributes.items():
        if name not in op.positional:
            words.append(f"{name}={_default(attribute)}")
    return " ".join(words)


def _default(attribute: Attribute) -> str:
    if attribute.default is None:
        return "…"
    # A word is written without quotes.
    return str(attribute.default) if attribute.words else show(attribute.default)


def op_dict(op: type[Op], keeps: str) -> dict[str, Any]:
    """The reference of an op as JSON."""
    return {
        "name": op.name,
        "group": op.group,
        "summary": first_line(op),
        "doc": inspect.getdoc(op),
        "signature": signature(op),
        "attributes": [
            {
                "name": name,
                "kind": attribute.kind,
                "required": attribute.required,
                "default": None if attribute.default is None else _default(attribute),
                "help": attribute.help,
                "positional": name in op.positional,
            }
            for name, attribute in op.attributes.items()
        ],
        "counting": op.counting,
        "macs": op.matrix_product,
        "keeps": keeps,
        "example": op.example,
        "source": op.source,
    }


def ops_table(ops: list[type[Op]]) -> Table:
    """A record an op."""

    def records() -> Iterator[list[str]]:
        for op in ops:
            yield [op.name, op.group, signature(op), first_line(op), op.counting, op.source]

    return PLAIN, records()


def ops_lines(
    ops: list[type[Op]], blocks: dict[str, str], width: int | None
) -> Iterator[Line]:
    """All layers by group, and the blocks of the library."""
    groups: dict[str, list[type[Op]]] = {}
    for op in ops:
        groups.setdefault(op.group, []).append(op)
    names = [op.name for op in ops] + list(blocks)
    margin = max(len(name) for name in names) + 4
    for number, (group, members) in enumerate(groups.items()):
        if number:
            yield []
        yield [(group, "sum")]
        for op in members:
            yield from _entry(op.name, first_line(op), margin, width)
    if blocks:
        yield []
        how = "  written in the language: `archcalc show NAME` prints one"
        yield [("blocks", "sum"), (how, "aside")]
        for name, text in blocks.items():
            yield from _entry(name, text, margin, width)
    yield []
    yield [("`archcalc ops conv` tells all of one", "aside")]


def _entry(name: str, text: str, margin: int, width: int | None) -> Iterator[Line]:
    room = width - margin if width is not None else None
    for number, part in enumerate(broken(text, room)):
        yield [(f"  {name}".ljust(margin) if number == 0 else " " * margin, ""), (part, "")]


def op_lines(op: type[Op], keeps: str, width: int | None) -> Iterator[Line]:
    """The reference page of one op; ``keeps`` is what backward keeps, in words."""
    yield [(op.name, "title"), (f"  {op.group}", "aside")]
    yield []
    for paragraph in (inspect.getdoc(op) or "").split("\n\n"):
        for part in broken(" ".join(paragraph.split()), width or 80):
            yield [(part, "")]
        yield []
    for number, part in enumerate(broken(signature(op), (width or 80) - 2)):
        yield [("  " if number == 0 else "      ", ""), (part, "title")]
    yield []
    if op.attributes:
        rows = []
        named = [name for name in op.attributes if name not in op.positional]
        for name in (*op.positional, *named):
            attribute = op.attributes[name]
            default = "required" if attribute.required else _default(attribute)
            rows.append((name, default, attribute))
        name_width = max(len(name) for name, *_ in rows) + 4
        default_width = max(len(default) for _, default, _ in rows) + 2
        room = (width or 80) - name_width - default_width
        for name, default, attribute in rows:
            text = attribute.help
            if attribute.words and not all(word in text for word in attribute.words):
                text += f": {', '.join(attribute.words)}"
            for number, part in enumerate(broken(text, max(room, 30))):
                yield [
                    (f"  {name}".ljust(name_width) if number == 0 else " " * name_width, ""),
                    ((default if number == 0 else "").ljust(default_width), "aside"),
                    (part, ""),
                ]
        yield []
    facts = [("counts", op.counting), ("source", op.source)]
    if op.matrix_product:
        facts[0] = ("counts", f"{op.counting}; its mul_add are MACs")
    facts.insert(1, ("backward", f"keeps {keeps}" if not keeps.startswith("no rule") else keeps))
    for word, text in facts:
        if not text:
            continue
        for number, part in enumerate(broken(text, (width or 80) - 10)):
            yield [((word if number == 0 else "").ljust(10), "aside"), (part, "")]
    for number, line in enumerate(op.example.split("\n")):
        yield [(("example" if number == 0 else "").ljust(10), "aside"), (line, "")]


