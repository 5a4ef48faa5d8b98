"""A picture in Graphviz' language."""

from __future__ import annotations

from collections.abc import Iterator

from ..wrapping import broken
from . import graph as kinds
from .graph import Box, Cluster, Picture

# Columns of the title.
TITLE_WIDTH = 80

# What all boxes, clusters and edges look like, and what sets some boxes apart: shape and grey tell
# as much as the one colour does, so that a print in black and white can be read.
FONT = 'fontname="Helvetica,Arial,sans-serif"'
GRAPH = f"labelloc=t {FONT} fontsize=13 bgcolor=white nodesep=0.3 ranksep=0.3"
NODE = (
    f'shape=box style=filled fillcolor=white color="#444444" fontcolor="#111111" {FONT} '
    'fontsize=11 margin="0.14,0.07" height=0.3'
)
EDGE = f'color="#666666" fontcolor="#444444" arrowsize=0.7 {FONT} fontsize=9'
CLUSTER = 'style=rounded color="#888888" fontcolor="#333333" fontsize=10 labelloc=b labeljust=l'
STYLES = {
    kinds.INPUT: 'style="rounded,filled" fillcolor="#333333" fontcolor=white',
    kinds.OUTPUT: 'style="rounded,filled" fillcolor="#333333" fontcolor=white',
    kinds.HEAD: 'style="rounded,filled" fillcolor="#777777" fontcolor=white',
    kinds.FREE: 'fillcolor="#eeeeee"',
    kinds.MERGE: 'style="rounded,filled" fillcolor="#eeeeee" penwidth=1.6',
    kinds.BLOCK: 'fillcolor="#e3edf7"',
    kinds.REPEAT: 'fillcolor="#e3edf7" peripheries=2',
}


# Ends of a line in a label: what stands before it is centred, or at the left.
CENTRED, LEFT = "\\n", "\\l"


def quoted(*lines: str, end: str = CENTRED) -> str:
    """Any text as a string of DOT, its lines below one another.

    A label is read twice: for escapes such as ``\\N``, the name of the node, and for entities.
    """
    parts = [line.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    text = end.join(parts).replace("\n", "\\n")
    return f'"{text}{end}"' if end is LEFT else f'"{text}"'


def dot_text(picture: Picture, direction: str = "TB", ascii_only: bool = False) -> str:
    """The text. A node is called like the tensor that leaves it; ``direction`` is TB or LR."""
    text = "".join([line + "\n" for line in _lines(picture, direction)])
    return text.encode("ascii", "xmlcharrefreplace").decode() if ascii_only else text


def _lines(picture: Picture, direction: str) -> Iterator[str]:
    name, title = picture.title
    label = quoted(*broken(f"{name}  {title}".rstrip(), TITLE_WIDTH))
    if picture.depths:
        yield f"// {picture.depths}"
    yield f"digraph {quoted(name)} {{"
    yield f"  graph [rankdir={direction} label={label} {GRAPH}]"
    yield f"  node [{NODE}]"
    yield f"  edge [{EDGE}]"
    source = _only_sources(picture)
    yield from _members(picture.root, "  ", iter(range(1, len(picture.layers) + 1)), source)
    for edge in picture.edges:
        ends = f"{quoted(edge.source.key)} -> {quoted(edge.target.key)}"
        edge_label = quoted(*[f" {line} " for line in edge.lines])  # off the line that they stand beside
        # What reads several boxes may stand far from one of them; a chain is drawn straight.
        near = " weight=4" if edge.target in source else ""
        yield f"  {ends} [label={edge_label}{near}]"
    yield "}"


def _only_sources(picture: Picture) -> dict[Box, Box]:
    """What boxes read, of those that read one other box alone."""
    sources: dict[Box, set[Box]] = {}
    for edge in picture.edges:
        sources.setdefault(edge.target, set()).add(edge.source)
    return {box: next(iter(found)) for box, found in sources.items() if len(found) == 1}


def _level(cluster: Cluster, source: dict[Box, Box], margin: str) -> Iterator[str]:
    """Branches of a cluster that read one box begin on one level, in the order of the text. Graphviz would
    put the short ones beside the end of the long ones."""
    begins: dict[Box, list[Box]] = {}
    for member in cluster.members:
        if isinstance(member, Box) and member in source:
            begins.setdefault(source[member], []).append(member)
    for boxes in begins.values():
        if len(boxes) > 1:
            yield f"{margin}{{rank=same {' '.join([quoted(box.key) for box in boxes])}}}"


def _members(cluster: Cluster, margin: str, numbers: Iterator[int], source: dict[Box, Box]) -> Iterator[str]:
    for member in cluster.members:
        if isinstance(member, Box):
            style = STYLES.get(member.kind)
            label = f"label={quoted(*member.lines)}"
            yield f"{margin}{quoted(member.key)} [{label}{f' {style}' if style else ''}]"
        else:
            yield f"{margin}subgraph cluster_{next(numbers)} {{"
            label = f"label={quoted(*member.lines, end=LEFT)}"
            yield f"{margin}  graph [{label} {CLUSTER}]"
            yield from _members(member, margin + "  ", numbers, source)
            yield f"{margin}}}"
    yield from _level(cluster, source, margin)
