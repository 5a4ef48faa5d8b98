"""The reference of the layers and blocks as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ..formats.markdown import escaped
from .op_page import BLOCKS, ReferencePage

INTRODUCTION = """\
# Layers

Every layer of the language and every block of its library, written by `python docs/layers.py` from
the classes and specs themselves: `archcalc ops NAME` prints the same page. The rules are what comes
out when they are run on letters instead of numbers: `H`, `W` and `C` are height, width and channels
of what arrives (`H1`, `H2` where several tensors do), `H'` and `W'` of what is put out, `i` a unit
along an axis; the other letters are those of the arguments, along the axis at hand. Unit `i` reads
positions of the input as `window` says, those before 0 and behind the end are rim. `A // B` is a
quotient without its remainder. Operations are counted for one image; `backward` is what training
keeps from the forward for the backward pass, parameters apart.
"""


def reference(pages: Sequence[ReferencePage]) -> Iterator[str]:
    """The whole reference."""
    yield INTRODUCTION + "\n"
    groups = [(group, list(members)) for group, members in groupby(pages, lambda p: p.group)]
    for group, members in groups:
        links = ", ".join(f"[{page.name}](#{page.name})" for page in members)
        yield f"- **{group}**: {links}\n"
    for group, members in groups:
        yield f"\n## {group.capitalize()}\n"
        if group == BLOCKS:
            yield "\nWritten in the language; `archcalc show NAME` prints one.\n"
        for page in members:
            yield "\n"
            yield from one(page, 3)


def one(page: ReferencePage, level: int = 1) -> Iterator[str]:
    """A page, its heading of the given level."""
    yield f"{'#' * level} {page.name}\n"
    for paragraph in [page.summary, *page.doc]:
        yield f"\n{_prose(paragraph)}\n"
    yield f"\n```text\n{page.signature}\n```\n"
    if any(a.help for a in page.arguments):
        yield "\n"
        yield from _table(page)
    if page.facts:
        yield "\n"
    for word, lines in page.facts:
        yield f"- **{word}**{'' if len(lines) > 1 else ' ' + _prose(lines[0])}\n"
        if len(lines) > 1:
            yield from (f"  - {_prose(line)}\n" for line in lines)
    if page.text:
        yield f"\n```arch\n{page.text}\n```\n"
    if page.example:
        yield f"\n```arch\n{page.example}\n```\n"
    if page.result:
        yield "\n```text\n" + "".join(line + "\n" for line in page.result) + "```\n"


def _table(page: ReferencePage) -> Iterator[str]:
    """The arguments; without the columns that hold nothing."""
    heads = ["argument", "letter", "type", "default", "meaning"]
    rows = [
        [
            _code(a.name),
            _code(a.letter),
            a.type,
            a.default if a.default == "required" else _code(a.default),
            _prose(a.help),
        ]
        for a in page.arguments
    ]
    kept = [i for i in range(len(heads)) if any(row[i] for row in rows)]
    for row in [heads, ["---"] * len(heads), *rows]:
        yield "| " + " | ".join([row[i] for i in kept]) + " |\n"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _prose(text: str) -> str:
    """A text with what Markdown would read as its own signs taken literally; what stands in
    backquotes stays."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join([part if part.startswith("`") else escaped(part) for part in parts])
