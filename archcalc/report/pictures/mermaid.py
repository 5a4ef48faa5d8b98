"""A picture in Mermaid's language, which GitHub and many editors draw inside Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .. import kinds
from ..kinds import KINDS
from .graph import Box, Cluster, Picture

# What viewers refuse by default: more edges, or more characters.
MOST_EDGES, MOST_CHARACTERS = 500, 50_000

# The two signs around what stands in a box: rounded for the ends of the network, doubled at the
# sides for a repeat.
SHAPES = {
    kinds.INPUT: ('(["', '"])'),
    kinds.OUTPUT: ('(["', '"])'),
    kinds.HEAD: ('(["', '"])'),
    kinds.MERGE: ('("', '")'),
    kinds.REPEAT: ('[["', '"]]'),
}
PLAIN = ('["', '"]')
# Boxes of a kind have the line of that kind too, so that a print in black and white can be read.
LINES = {
    kinds.FREE: ",stroke-dasharray:4",
    kinds.MERGE: ",stroke-width:2px",
    kinds.BLOCK: ",stroke-width:2px",
    kinds.HEAD: ",stroke-dasharray:4",
}
STYLES = {
    name: f"fill:{kind.light},stroke:#444444,color:#111111{LINES.get(name, '')}"
    for name, kind in KINDS.items()
}

# Room for the words in boxes, and for the names of opened blocks above what is inside.
CONFIG = (
    "config:",
    "  flowchart:",
    "    wrappingWidth: 400",
    "    subGraphTitleMargin:",
    "      top: 4",
    "      bottom: 20",
)

# All but letters, digits, and what has no meaning in Mermaid, in Markdown or in HTML.
_UNSAFE = re.compile(r"[^\w\s.,:/()+=@|~?'-]")


# Two signs that mean something even where they stand by their numbers: a line break, a formula.
_PAIR = re.compile(r"(?<=\\)(?=n)|(?<=\$)(?=\$)")
# A title is cleaned like HTML and then shown as it is.
_TITLE = str.maketrans("&<>", "＆‹›")


def quoted(*lines: str) -> str:
    """Any text as it stands between quotation marks, its lines below one another; signs that mean
    something stand by their numbers."""
    apart = [_PAIR.sub("\u200b", " ".join(line.split())) for line in lines]
    return "<br>".join([_UNSAFE.sub(_number, line) for line in apart])


def _number(found: re.Match[str]) -> str:
    return f"#{ord(found.group())};"


def mermaid_text(picture: Picture, direction: str = "TB", ascii_only: bool = False) -> str:
    """The text; ``direction`` is TB or LR."""
    text = "".join([line + "\n" for line in _lines(picture, direction, ascii_only)])
    return re.sub(r"[^\x00-\x7f]", _number, text) if ascii_only else text


def _lines(picture: Picture, direction: str, ascii_only: bool) -> Iterator[str]:
    title = "  ".join([part for part in picture.title if part])
    title = title.replace("->", "→").translate(_TITLE)
    yield "---"
    if title:
        yield f"title: {json.dumps(title, ensure_ascii=ascii_only)}"
    yield from CONFIG
    yield "---"
    yield f"flowchart {direction}"
    if picture.depths:
        yield f"  %% {picture.depths}"
    names = {box: f"n{number}" for number, box in enumerate(picture.root.boxes(), 1)}
    yield from _members(picture.root, "  ", names, iter(range(1, len(picture.layers) + 1)))
    for edge in picture.edges:
        label = quoted(*edge.lines)
        yield f'  {names[edge.source]} -->|"{label}"| {names[edge.target]}'
    used = {box.kind for box in names}
    for kind, style in STYLES.items():
        if kind in used:
            yield f"  classDef {kind} {style}"
    if any(isinstance(member, Cluster) for member in picture.root.members):
        yield "  classDef opened fill:none,stroke:#888888"


def _members(cluster: Cluster, margin: str, names: dict[Box, str], numbers: Iterator[int]) -> Iterator[str]:
    for member in cluster.members:
        if isinstance(member, Box):
            left, right = SHAPES.get(member.kind, PLAIN)
            yield f"{margin}{names[member]}{left}{quoted(*member.lines)}{right}:::{member.kind}"
        else:
            name, label = f"g{next(numbers)}", quoted("  ".join(member.lines))
            yield f'{margin}subgraph {name}["{label}"]'
            yield from _members(member, margin + "  ", names, numbers)
            yield f"{margin}end"
            yield f"{margin}class {name} opened"


def limits(picture: Picture, text: str) -> list[str]:
    """Say in words what most viewers will refuse."""
    found = []
    if len(picture.edges) > MOST_EDGES:
        found.append(f"{len(picture.edges):,} edges: most viewers draw at most {MOST_EDGES:,}")
    if len(text) > MOST_CHARACTERS:
        found.append(f"{len(text):,} characters: most viewers read at most {MOST_CHARACTERS:,}")
    return found
