"""A picture in Graphviz' language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .. import kinds
from ..kinds import KINDS, Kind
from ..wrapping import broken
from .graph import Box, Cluster, Picture

# Columns of the title.
TITLE_WIDTH = 80

# What all boxes, clusters and edges look like.
FONT = 'fontname="Helvetica,Arial,sans-serif"'
GRAPH = f"labelloc=t {FONT} fontsize=13 bgcolor=white nodesep=0.3 ranksep=0.3"
NODE = f'shape=box color="#444444" fontcolor="#111111" {FONT} fontsize=11 margin="0.14,0.07" height=0.3'
EDGE = f'color="#666666" fontcolor="#444444" arrowsize=0.7 {FONT} fontsize=9'
CLUSTER = 'style=rounded peripheries=1 color="#888888" fontcolor="#333333" fontsize=10 labelloc=b labeljust=l'
LEGEND = f'labelloc=b labeljust=l peripheries=0 fontcolor="#333333" {FONT} fontsize=10'
BORDER = "#444444"
# Behind the words of a legend: what follows may stand beside them.
APART = "&#160;&#160;"


class BoxLook(NamedTuple):
    """How boxes of a kind differ from others besides their colour: corners and lines tell as much, so that
    a print in black and white can be read."""

    rounded: bool = False
    dashed: bool = False
    width: float = 1
    lines: int = 1

    def styled(self, kind: Kind) -> str:
        """The attributes of a box."""
        styles = ["rounded"] * self.rounded + ["filled"] + ["dashed"] * self.dashed
        style = f'"{",".join(styles)}"' if len(styles) > 1 else "filled"
        width = f" penwidth={self.width:g}" if self.width != 1 else ""
        lines = f" peripheries={self.lines}" if self.lines != 1 else ""
        return f'style={style} fillcolor="{kind.light}"{width}{lines}'

    def swatch(self, kind: Kind) -> str:
        """A small box that looks the same, for the legend. Lines of a table are as wide as whole points."""
        styles = ["rounded"] * self.rounded + ["dashed"] * self.dashed
        style = f' style="{",".join(styles)}"' if styles else ""
        look = f'color="{BORDER}" bgcolor="{kind.light}"{style} border="{round(self.width)}" cellborder="0"'
        found = '<td width="16" height="9" fixedsize="true"></td>'
        for at in range(self.lines):
            padding = 2 if at else 0
            found = f'<td><table {look} cellspacing="0" cellpadding="{padding}"><tr>{found}</tr></table></td>'
        return found


LOOKS = {
    kinds.INPUT: BoxLook(rounded=True),
    kinds.OUTPUT: BoxLook(rounded=True),
    kinds.HEAD: BoxLook(rounded=True, dashed=True),
    kinds.WEIGHTED: BoxLook(),
    kinds.FREE: BoxLook(dashed=True),
    kinds.MERGE: BoxLook(rounded=True, width=2),
    kinds.BLOCK: BoxLook(width=2),
    kinds.REPEAT: BoxLook(lines=2),
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


def dot_text(
    picture: Picture, direction: str = "TB", ascii_only: bool = False, with_legend: bool = True
) -> str:
    """The text. A node is called like the tensor that leaves it; ``direction`` is TB or LR."""
    text = "".join([line + "\n" for line in _lines(picture, direction, with_legend)])
    return text.encode("ascii", "xmlcharrefreplace").decode() if ascii_only else text


def _lines(picture: Picture, direction: str, with_legend: bool) -> Iterator[str]:
    name, title = picture.title
    label = quoted(*broken(f"{name}  {title}".rstrip(), TITLE_WIDTH))
    if picture.depths:
        yield f"// {picture.depths}"
    yield f"digraph {quoted(name)} {{"
    yield f"  graph [rankdir={direction} label={label} {GRAPH}]"
    yield f"  node [{NODE}]"
    yield f"  edge [{EDGE}]"
    source = _only_sources(picture)
    if with_legend:
        # What stands below all is the label of a frame around all, which has no line.
        yield "  subgraph cluster_0 {"
        yield f"  graph [label={_legend(picture, direction)} {LEGEND}]"
    yield from _members(picture.root, "  ", iter(range(1, len(picture.layers) + 1)), source)
    if with_legend:
        yield "  }"
    for edge in picture.edges:
        ends = f"{quoted(edge.source.key)} -> {quoted(edge.target.key)}"
        edge_label = quoted(*[f" {line} " for line in edge.lines])  # off the line that they stand beside
        # What reads several boxes may stand far from one of them; a chain is drawn straight.
        near = " weight=4" if edge.target in source else ""
        yield f"  {ends} [label={edge_label}{near}]"
    yield "}"


def _legend(picture: Picture, direction: str) -> str:
    """The kinds of boxes that occur: below one another, or beside one another below a wide picture."""
    cells = [
        f'{LOOKS[name].swatch(kind)}<td align="left">{kind.words}{APART}</td>'
        for name, kind in kinds.legend(box.kind for box in picture.root.boxes())
    ]
    rows = ["".join(cells)] if direction == "LR" else cells
    inside = "".join([f"<tr>{row}</tr>" for row in rows])
    return f'<<table border="0" cellborder="0" cellspacing="2">{inside}</table>>'


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
            style = LOOKS[member.kind].styled(KINDS[member.kind])
            yield f"{margin}{quoted(member.key)} [label={quoted(*member.lines)} {style}]"
        else:
            yield f"{margin}subgraph cluster_{next(numbers)} {{"
            label = f"label={quoted(*member.lines, end=LEFT)}"
            yield f"{margin}  graph [{label} {CLUSTER}]"
            yield from _members(member, margin + "  ", numbers, source)
            yield f"{margin}}}"
    yield from _level(cluster, source, margin)
