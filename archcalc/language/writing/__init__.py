"""A graph back to the text of a spec."""

from __future__ import annotations

from collections.abc import Iterator

from ...graph import Graph, Group
from .arguments import house_rules
from .bodies import Writing, label_of
from .checking import gives
from .layout import body_text, definition_text, rules_text
from .parts import Wiring


def write(graph: Graph, name: str | None = None) -> str:
    """Write a graph as the text of a spec, which gives the same graph again.

    Args:
        graph: Of a spec, a chain, or a traced module.
        name: What the network is called; else as the graph is.

    Returns:
        The text of a file with one network.

    Example:
        >>> from archcalc.language.writing import write
        >>> print(write(archcalc.load("32x32x3 -> conv 5x5 10 pad=2 -> relu").graph, "tiny"))
        net tiny
          input  32x32x3
        <BLANKLINE>
          conv 5x5 10 pad=half -> relu
    """
    text = written(graph, graph.tree, name)
    return text if gives(text, graph) else written(graph, flat(graph), name)


def flat(graph: Graph) -> Group:
    """The tree of a graph without groups."""
    tree = Group("net", None)
    tree.members += graph.layers
    return tree


def written(graph: Graph, tree: Group, name: str | None = None) -> str:
    """A graph as text, with blocks and repeats where a tree has them."""
    rules = house_rules(graph.layers)
    writing = Writing(graph, Wiring(graph, tree), rules)
    lines = rules_text(rules)
    for definition in writing.blocks.definitions:
        lines += ["", *definition_text(definition)]
    return "\n".join([*lines, "", *_head(graph, name), "", *body_text(writing.statements, 2)]).lstrip() + "\n"


def _head(graph: Graph, name: str | None) -> Iterator[str]:
    metadata = graph.metadata
    title = f" {_quoted(metadata.title)}" if metadata.title else ""
    yield f"net {label_of(name or metadata.name or 'net', 'net')}{title}"
    for source in graph.inputs:
        own = "" if source.name == "input" else f"{label_of(source.name, 'input')}: "
        yield f"  input  {own}{source.output}"
    yield from [f"  paper  {_quoted(paper)}" for paper in metadata.papers]
    yield from [f"  note   {_quoted(note)}" for note in metadata.notes]
    if metadata.family is not None:
        yield f"  family {metadata.family}"
    if metadata.year is not None:
        yield f"  year   {metadata.year}"


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join([c if c.isprintable() else " " for c in plain]) + '"'
