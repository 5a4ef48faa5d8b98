"""A graph back to the text of a spec."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import fail
from ...graph import Graph, Group
from .arguments import house_rules
from .bodies import BodyWriting
from .checking import gives
from .conv_bn import pays
from .items import LayerItem, ReferenceItem, SpecStatement, ops_in
from .labels import UnnamedError, label_of
from .layout import body_text, definition_text, rules_text
from .parts import Wiring


def write(graph: Graph, name: str | None = None) -> str:
    """Write a graph as the text of a spec, which gives the same graph again.

    Args:
        graph: Of a spec, a chain, or a traced module.
        name: What the network is called; else as the graph is.

    Returns:
        The text of a file with one network.

    Raises:
        SpecError: Where the text would not be the same graph: a layer has the parameters of one that
            holds them otherwise.

    Example:
        >>> from archcalc.language.writing import write
        >>> print(write(archcalc.load("32x32x3 -> conv 5x5 10 pad=2 -> relu").graph, "tiny"), end="")
        net tiny
          input  32x32x3
        <BLANKLINE>
          conv 5x5 10 pad=half -> relu
    """
    for conditions in (True, False):
        try:
            text = written(graph, graph.tree, name, conditions)
            if gives(text, graph):
                return text
        except UnnamedError:
            pass
    text = written(graph, flat(graph), name)
    if not gives(text, graph):
        called = graph.metadata.name
        raise fail("module", f"{called} cannot be written as a spec: its text would be another network")
    return text


def flat(graph: Graph) -> Group:
    """The tree of a graph without groups."""
    tree = Group("net", None)
    tree.members += graph.layers
    return tree


def written(graph: Graph, tree: Group, name: str | None = None, conditions: bool = True) -> str:
    """A graph as text, with blocks and repeats where a tree has them; with ``conditions``, blocks that differ
    by a sum are one."""
    pairs = pays(graph.layers)
    normed = {layer.inputs[0] for layer in graph.layers if layer.op.name == "bn"} if pairs else set()
    rules = house_rules([layer for layer in graph.layers if layer not in normed or layer.op.name != "conv"])
    writing = BodyWriting(graph, Wiring(graph, tree), rules, pairs, conditions)
    bodies = [*[definition.statements for definition in writing.blocks.definitions], writing.statements]
    used = {op for body in bodies for op in ops_in(body)}
    lines = rules_text({op: values for op, values in rules.items() if op in used})
    for definition in writing.blocks.definitions:
        lines += ["", *definition_text(definition)]
    return (
        "\n".join(
            [*lines, "", *_head(graph, name), "", *body_text(writing.statements, 2, _ends(graph, writing))]
        ).lstrip()
        + "\n"
    )


def _ends(graph: Graph, writing: BodyWriting) -> dict[SpecStatement, str]:
    """What stands behind the statements of the network: the size where it changes."""
    found: dict[SpecStatement, str] = {}
    size = graph.inputs[0].output if graph.inputs else None
    for statement in writing.statements:
        last = statement.items[-1]
        if statement.result is None or isinstance(last, ReferenceItem):
            continue
        output = statement.result.output
        branches = isinstance(last, LayerItem) and last.branches
        if size is not None and output[:-1] != size[:-1] and len(output) > 1 and not branches:
            found[statement] = f"-> [{output}]"
        size = output
    return found


def _head(graph: Graph, name: str | None) -> Iterator[str]:
    metadata = graph.metadata
    traced = metadata.traced
    if traced is not None:
        how = "Read" if traced.rung == "file" else "Traced"
        yield f"# {how} from {_plain(traced.target)}{', in training mode' if traced.training else ''}."
        if traced.unused:
            first = _plain(traced.unused[0][0])
            rest = len(traced.unused) - 1
            yield f"# Not used, and not in this text: {first}" + (f" and {rest} more." if rest else ".")
    if name is None:
        name = metadata.name if traced is None else _called(traced.target)
    title = f" {_quoted(metadata.title)}" if metadata.title else ""
    yield f"net {label_of(name or 'net', 'net')}{title}"
    for source in graph.inputs:
        label = "" if source.name == "input" else f"{label_of(source.name, 'input')}: "
        yield f"  input  {label}{source.output}"
    yield from [f"  paper  {_quoted(paper)}" for paper in metadata.papers]
    yield from [f"  note   {_quoted(note)}" for note in metadata.notes]
    if metadata.family is not None:
        yield f"  family {metadata.family}"
    if metadata.year is not None:
        yield f"  year   {metadata.year}"


def _called(target: str) -> str:
    """A short name for a module: what makes it, or which one that is told to make."""
    match = re.search(r"""\(\s*["']([\w./-]+)["']""", target)
    if match is not None:
        return match.group(1).rpartition("/")[2]
    return target.rpartition(":")[2].partition("(")[0]


def _quoted(text: str) -> str:
    return '"' + _plain(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _plain(text: str) -> str:
    """A text on one line, without what cannot be seen."""
    return "".join([c if c.isprintable() else " " for c in text])
