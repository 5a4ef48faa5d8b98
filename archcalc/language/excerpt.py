"""The lines of a file that make one network or block: itself, the blocks it calls, the defaults."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..source import Source
from .definitions import BlockDefinition, Definition, File

_WORD = re.compile(r"[A-Za-z_]\w*")
_EXAMPLE = "Example:"
_HEAD = re.compile(r"(block|net)[ ]+([A-Za-z_]\w*)")


class FileSection:
    """A stretch of lines that belong together: a definition, or a line of defaults, with the
    comment above it."""

    __slots__ = ("kind", "name", "lines")

    def __init__(self, kind: str, name: str, lines: list[int]):
        self.kind = kind
        self.name = name
        self.lines = lines


def excerpt(file: File, definition: Definition) -> list[int]:
    """Return the numbers of the lines of a definition and of all in its file that it builds on.

    The text of a one-liner is its own excerpt.
    """
    source = file.source
    if not definition.name:
        return list(range(1, len(source.starts) + 1))
    parts = _parts(source)
    kind = "block" if isinstance(definition, BlockDefinition) else "net"
    wanted = {(kind, definition.name)}
    queue = [part for part in parts if (part.kind, part.name) in wanted]
    if not queue:  # layers alone
        return list(range(1, len(source.starts) + 1))
    blocks = {part.name: part for part in parts if part.kind == "block"}
    while queue:
        part = queue.pop()
        for number in part.lines:
            code = source.line(number).partition("#")[0]
            for word in _WORD.findall(code):
                if word in blocks and ("block", word) not in wanted:
                    wanted.add(("block", word))
                    queue.append(blocks[word])
    kept = [p for p in parts if p.kind in ("default", "file") or (p.kind, p.name) in wanted]
    numbers: list[int] = []
    for number in (number for part in kept for number in part.lines):
        # What was between two parts may have left its empty lines.
        if source.line(number).strip() or not numbers or source.line(numbers[-1]).strip():
            numbers.append(number)
    while numbers and not source.line(numbers[-1]).strip():
        numbers.pop()
    while numbers and not source.line(numbers[0]).strip():
        numbers.pop(0)
    return numbers


def _parts(source: Source) -> list[FileSection]:
    parts: list[FileSection] = []
    waiting: list[int] = []  # comments and empty lines, which belong to what follows
    for number in range(1, len(source.starts) + 1):
        text = source.line(number)
        head = _HEAD.match(text)
        if head is not None:
            parts.append(FileSection(head.group(1), head.group(2), [*waiting, number]))
        elif text.startswith("default"):
            parts.append(FileSection("default", "", [*waiting, number]))
        elif text[:1] == "#" or not text.strip():
            waiting.append(number)
            if not text.strip() and not parts and waiting:
                # A comment at the top, set off by an empty line, is about the whole file.
                parts.append(FileSection("file", "", waiting))
                waiting = []
            continue
        elif parts:
            parts[-1].lines += [*waiting, number]
        waiting = []
    return parts


class Comment(NamedTuple):
    """What the comment above a block says.

    text     what the block is
    source   the papers, from the first sentence that begins with one
    example  a one-liner that uses it
    """

    text: str
    source: str
    example: str


def comment_of(file: File, block: BlockDefinition) -> Comment:
    """Return the comment above a block."""
    lines: list[str] = []
    for part in _parts(file.source):
        if part.kind == "block" and part.name == block.name:
            lines = [file.source.line(number) for number in part.lines]
    comments = [line.lstrip("# ").strip() for line in lines if line.startswith("#")]
    examples = [line for line in comments if line.startswith(_EXAMPLE)]
    prose = " ".join([line for line in comments if line not in examples])
    text, sign, source = prose.partition(" arXiv:")
    if not text.endswith("."):  # a paper in the middle of a sentence
        text, sign, source = prose, "", ""
    return Comment(text, (sign + source).strip(), "".join(examples).removeprefix(_EXAMPLE).strip())
