"""From the parts of a graph to statements: labels where the wiring needs them, calls, repeats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...graph import Graph, Layer
from ...ops.attributes import RESERVED
from ..labels import SHORTCUT
from .arguments import arguments
from .blocks import Blocks, input_name
from .conv_bn import with_conv_bn
from .items import CallItem, LayerItem, ReferenceItem, ShortcutItem, SpecItem, SpecStatement
from .labels import Paths, UnnamedError, begins_a_label, label_of
from .nodes import BlockNode, BodyPart, Tag
from .parts import Wiring
from .repeats import combined, combined_run, joined, repeatable, runs
from .shortcuts import shortcut

_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
# What a side head without a name is called.
_NUMBERED = re.compile(r"out\d+")


class BodyWriting:
    """Writes the bodies of a graph, those of inner blocks first."""

    def __init__(
        self,
        graph: Graph,
        wiring: Wiring,
        rules: Mapping[str, Mapping[str, Any]],
        pairs: bool = False,
        conditions: bool = True,
    ):
        self._graph = graph
        self._wiring = wiring
        self._rules = rules
        self._imported = any(layer.origin is not None for layer in graph.layers)
        self.blocks = Blocks(conditions)
        self._pairs = pairs
        self._paths: dict[BlockNode, Paths] = {}
        self._calls: dict[BlockNode, CallItem] = {}
        self._places: dict[BlockNode, str] = {}  # the labels of calls, from inside their bodies
        self._liked = {layer for n in wiring.bodies if n.like is not None for layer in n.layers}
        # A statement of its own, so that its label is its name.
        self._named_outputs = {
            layer.owner for layer in graph.layers if layer.shared and layer not in self._liked
        }
        # The layers that are named somewhere: no statement goes on behind them.
        self._exposed: set[Layer] = set(self._named_outputs)
        # Those that are named in each body itself, and the body at which the writing is.
        self._named_in: dict[BlockNode, set[Layer]] = {}
        self._at = wiring.root
        for node in (*wiring.bodies, wiring.root):
            self._named_in[node] = set()
            self._expose(node.parts, node.reads[0] if node.reads else None, node)
        # The other heads: what the network goes on from, or what reads several tensors.
        sides = {part.end for n in (*wiring.bodies, wiring.root) for part in _sides(n.parts)}
        self._passed = {
            layer: name
            for layer, name in wiring.heads.items()
            if layer not in sides and layer is not graph.output
        }
        self._name(wiring.root, *[layer for layer in self._passed if layer not in graph.inputs])
        # The layers of an inner block that are named outside are named by the label of its call.
        self._labelled: set[BlockNode] = {
            node
            for node in wiring.bodies
            if any(layer in self._exposed and layer is not node.result for layer in self._inside(node))
        }
        self._labelled.update([node.like for node in wiring.bodies if node.like is not None])
        self._expose_sides()
        levels = sorted({node.height for node in wiring.bodies})
        for level in levels:
            nodes = [node for node in wiring.bodies if node.height == level]
            bodies = {node: self._body(node) for node in nodes}
            self._calls.update(self.blocks.define(bodies, self._arriving))
        self.statements = self._body(wiring.root)

    def _inside(self, node: BlockNode) -> Iterable[Layer]:
        return self._graph.layers[node.first : node.last + 1]

    @staticmethod
    def _arriving(node: BlockNode) -> int:
        return int(node.reads[0].output.channels) if node.reads else 0

    # What is named ---------------------------------------------------------------------------

    def _expose(self, parts: list[BodyPart], current: Layer | None, node: BlockNode) -> Layer | None:
        for part in parts:
            self._name(node, *part.named)
            if part.start is not None and part.start is not current:
                self._name(node, part.start)
                current = part.start
            if part.head is not None:
                self._expose(part.branches[0], part.start, node)
                continue
            for branch in part.branches:
                self._expose(branch, part.start, node)
            current = part.end
        if parts is node.parts and current is not node.result and node.result is not None:
            self._name(node, node.result)
        return current

    def _name(self, node: BlockNode, *layers: Layer) -> None:
        """Note that layers are named in a body."""
        self._exposed.update(layers)
        self._named_in[node].update(layers)

    def _is_named(self, layer: Layer) -> bool:
        """Whether a layer needs a label in the body at hand. What a body puts out is named where it is
        called."""
        if layer is self._at.result and layer not in self._named_in[self._at]:
            return layer in self._named_outputs
        return layer in self._exposed

    def _expose_sides(self) -> None:
        """A side head of several statements: the path has to find back to where it left."""
        nodes = (*self._wiring.bodies, self._wiring.root)
        sides = [(node, part) for node in nodes for part in _sides(node.parts)]
        before = -1
        while before < sum(map(len, self._named_in.values())):
            before = sum(map(len, self._named_in.values()))
            for node, part in sides:
                self._at = node
                if part.start is not None and len(list(self._groups(part.branches[0]))) > 1:
                    self._name(node, part.start)

    # Bodies ----------------------------------------------------------------------------------

    def _body(self, node: BlockNode) -> list[SpecStatement]:
        self._at = node
        paths = self._paths[node] = Paths()
        root = node is self._wiring.root
        if root:
            for source in node.reads:
                paths.known[source] = paths.free(label_of(source.name, "input"))
        elif len(node.reads) == 1:
            paths.known[node.reads[0]] = paths.free("input")
        else:
            for number, source in enumerate(node.reads):
                paths.known[source] = paths.free(input_name(number))
        if any(_may_have_shortcut(part) for part in node.parts):
            paths.used.add("shortcut")  # what such a branch is called
        prefix = "" if root else self._prefix(node)
        start = node.reads[0] if node.reads else None
        statements, current = self._statements(node.parts, start, paths, prefix, None)
        if node.result is not None and current is not node.result:
            path = self._path(node.result, paths)
            statements.append(SpecStatement(None, [ReferenceItem(path)], node.result))
        if root:
            self._put_out(statements, paths)
        return joined(statements)

    def _put_out(self, statements: list[SpecStatement], paths: Paths) -> None:
        """Say which of the tensors of the network's own statements are side heads too."""
        ends = {statement.result: statement for statement in statements}
        for layer, name in self._passed.items():
            label = None if _NUMBERED.fullmatch(name) else label_of(name, "head")
            statement = ends.get(layer)
            if statement is not None and layer not in self._wiring.readers:
                # Nothing reads it, so that the path need not come to it.
                if statement.label is not None:
                    paths.used.discard(statement.label)
                statement.label, statement.out = paths.free(label) if label else None, True
                continue
            reference = ReferenceItem(self._path(layer, paths))
            statements.append(SpecStatement(paths.free(label) if label else None, [reference], layer, True))

    def _prefix(self, node: BlockNode) -> str:
        return f"{node.full}." if node.full is not None else ""

    def _path(self, layer: Layer, paths: Paths) -> str:
        """What a tensor is called. Raises UnnamedError where it has no name here."""
        path = paths.known.get(layer)
        if path is None:
            raise UnnamedError(layer.name)
        return path

    def _statements(
        self, parts: list[BodyPart], current: Layer | None, paths: Paths, prefix: str, outer: Tag | None
    ) -> tuple[list[SpecStatement], Layer | None]:
        """Statements of parts one after the other, and the tensor that the path ends in."""
        found: list[SpecStatement] = []
        at = 0
        for group in self._groups(parts):
            part = group[0]
            at += len(group)
            if part.head is not None:
                found += self._side(part, current, paths, prefix, outer)
                current = part.start
                continue
            last = at == len(parts) or parts[at].tag is not part.tag
            if self._imported and any(p.tag is part.tag for p in parts if p not in group):
                last = False  # a module that comes to several statements
            if part.turns:
                found += self._repeat(part, current, paths, prefix, outer)
            else:
                found.append(self._statement(group, current, paths, prefix, outer, last))
            current = group[-1].end
        return found, current

    def _groups(self, parts: list[BodyPart]) -> Iterator[list[BodyPart]]:
        """The parts of each statement."""
        group: list[BodyPart] = []
        for part in parts:
            if group and not (group[-1].head is None and self._goes_on(group[-1], part)):
                yield group
                group = []
            group.append(part)
        if group:
            yield group

    def _side(
        self, part: BodyPart, current: Layer | None, paths: Paths, prefix: str, outer: Tag | None
    ) -> list[SpecStatement]:
        """A side head; the path stays where it is."""
        assert part.head is not None
        inner = part.branches[0]
        statements, _ = self._statements(inner, part.start, paths, prefix, outer)
        found: list[SpecStatement] = []
        if part.start is not None and part.start is not current:
            found.append(SpecStatement(None, [ReferenceItem(self._path(part.start, paths))], part.start))
        numbered = _NUMBERED.fullmatch(part.head) is not None
        label = None if numbered else label_of(part.head.removeprefix(prefix), "head")
        if len(statements) == 1 and (statements[0].label in (None, label) or numbered is False):
            only = statements[0]
            if only.label is not None and only.label != label:
                paths.used.discard(only.label)
            if only.label != label and label is not None:
                label = paths.free(label)
            only.label, only.out = label, True
            paths.known[part.end] = label or ""
            return [*found, only]
        arriving = self._path(part.start, paths) if part.start in paths.known else None
        found += statements
        last = statements[-1]
        if last.label is None:
            last.label = paths.free("side")
        found.append(
            SpecStatement(paths.free(label) if label else None, [ReferenceItem(last.label)], part.end, True)
        )
        if arriving is not None:
            found.append(SpecStatement(None, [ReferenceItem(arriving)], part.start))
        return found

    def _goes_on(self, before: BodyPart, part: BodyPart) -> bool:
        """Whether a part stands in one statement with the part before it."""
        if part.head is not None or before.branches or part.branches or part.named:
            return False
        if part.start is not before.end or self._is_named(before.end) or part.tag is not before.tag:
            return False
        if part.layer in self._named_outputs:
            return False
        for one in (before, part):
            if one.node in self._labelled or one.turns:
                return False
        if part.line is not None or before.line is not None:
            return part.line == before.line
        return part.layer is not None and (part.layer.op.inline or part.layer.op.is_norm)

    def _statement(
        self,
        parts: list[BodyPart],
        current: Layer | None,
        paths: Paths,
        prefix: str,
        outer: Tag | None,
        last: bool,
    ) -> SpecStatement:
        first, end = parts[0], parts[-1].end
        label = self._label(parts, paths, prefix, outer, last)
        items: list[SpecItem] = []
        if first.start is not None and first.start is not current:
            items.append(ReferenceItem(self._path(first.start, paths)))
        for part in parts:
            items += self._items(part, paths, prefix, label)
        if self._pairs:
            items = with_conv_bn(items)
        if label is not None:
            paths.known[end] = label
        statement = SpecStatement(label, items, end)
        if label is None and self._imported:
            main = next((p.layer for p in parts if p.layer is not None and p.layer.op.weighted), None)
            path = main.name.removeprefix(prefix) if main is not None else ""
            statement.modules = path if path and not _NAME.fullmatch(path) else ""
        return statement

    def _label(
        self, parts: list[BodyPart], paths: Paths, prefix: str, outer: Tag | None, last: bool
    ) -> str | None:
        part, end = parts[0], parts[-1].end
        name = part.tag.name if part.tag is not None and part.tag is not outer and last else None
        needed = self._is_named(end) or any(p.node in self._labelled for p in parts)
        if (
            self._imported
            and name is not None
            and not needed
            and not begins_a_label(name.removeprefix(prefix))
        ):
            name = None
        if name is not None and re.fullmatch(r"shortcut\d*", name.removeprefix(prefix)) and not needed:
            return None
        if name is None and self._imported and part.layer is not None and part.layer.op.weighted:
            path = part.layer.name.removeprefix(prefix)
            if _NAME.fullmatch(path) and path not in (*RESERVED, SHORTCUT) and path not in paths.used:
                return paths.free(path)
        if name is None and needed:
            node = parts[-1].node
            called = node.full if node is not None and node.full is not None else ""
            name = called if len(called) > len(prefix) and called.startswith(prefix) else end.name
        if name is None:
            return None
        word = parts[-1].layer.op.name if parts[-1].layer is not None else "part"
        found = label_of(name.removeprefix(prefix), word)
        # A shortcut without a label is called so, and then nothing else may be.
        return paths.free(f"{found}_" if self._imported and found == SHORTCUT else found)

    def _items(self, part: BodyPart, paths: Paths, prefix: str, label: str | None) -> list[SpecItem]:
        if part.node is not None:
            call = self._calls[part.node]
            references = tuple([self._path(layer, paths) for layer in part.named])
            if label is not None:
                for layer, path in self._paths[part.node].known.items():
                    if part.node.first <= layer.index and path:
                        paths.known[layer] = f"{label}.{path}"
                        paths.layers[layer] = f"{label}.{self._paths[part.node].layers.get(layer, path)}"
                self._places[part.node] = label
            item = CallItem(call.definition, dict(call.arguments), references)
            if part.node.like is not None:
                item.like = self._places[part.node.like]
            return [item]
        assert part.layer is not None
        return [self._layer(part, part.layer, paths, prefix)]

    def _layer(self, part: BodyPart, layer: Layer, paths: Paths, prefix: str) -> LayerItem:
        item = LayerItem(layer.op, arguments(layer, self._rules), _channels(layer))
        item.references = tuple([self._path(source, paths) for source in part.named])
        if layer.shared and layer not in self._liked:
            item.like = paths.layers.get(layer.owner) or self._path(layer.owner, paths)
        if part.branches:
            item.branches = tuple([self._branch(part, branch, paths, prefix) for branch in part.branches])
        return item

    def _branch(
        self, merge: BodyPart, branch: list[BodyPart], paths: Paths, prefix: str
    ) -> tuple[SpecStatement, ...]:
        assert merge.layer is not None
        if not branch:
            # Where others of the same block project, it has to be written as the shortcut that it is.
            sibling = next((b for b in merge.branches if b), [])
            agrees = sibling and merge.start is not None and sibling[-1].end.output == merge.start.output
            if len(merge.branches) != 2 or merge.layer.op.name != "add" or not agrees:
                return ()
            return (SpecStatement(None, [ShortcutItem("identity", False)], merge.start),)
        written, _ = self._statements(branch, merge.start, paths, prefix, merge.tag)
        # A shortcut is worked out behind its siblings.
        late = all(
            other is branch or not other or other[0].first < branch[0].first for other in merge.branches
        )
        if late and len(written) == 1 and Wiring.may_be_shortcut(merge.layer, branch):
            item = shortcut(merge, branch)
            if item is not None and not any(self._is_named(part.end) for part in branch[:-1]):
                label = written[0].label
                return (SpecStatement(None if label == "shortcut" else label, [item], branch[-1].end),)
        return tuple(written)

    # Repeats ---------------------------------------------------------------------------------

    def _repeat(
        self, part: BodyPart, current: Layer | None, paths: Paths, prefix: str, outer: Tag | None
    ) -> list[SpecStatement]:
        """A repeat; turns that are not alike one after the other."""
        turns = [[item for p in turn for item in self._items(p, paths, prefix, None)] for turn in part.turns]
        if self._pairs:
            turns = [with_conv_bn(turn) for turn in turns]
        found: list[SpecStatement] = []
        label = self._label([part], paths, prefix, outer, True)
        name = part.tag.name if part.tag is not None else None
        if repeatable(turns):
            before: list[SpecItem] = []
            if part.start is not None and part.start is not current:
                before.append(ReferenceItem(self._path(part.start, paths)))
            if label is not None:
                paths.known[part.end] = label
                paths.used.update([f"{label}_{number}" for number in range(1, len(turns) + 1)])
            return [SpecStatement(label, [*before, combined(turns)], part.end)]
        if label is not None and not self._is_named(part.end):
            paths.used.discard(label)
        number = 0
        for run in runs(turns):
            turn = part.turns[number]
            last = part.turns[number + run - 1]
            items = combined_run(turns[number : number + run])
            label = None
            names = [at[0].tag.name if at[0].tag is not None else None for at in (turn, last)]
            if names[0] is not None or name is not None:
                wanted = names[0] or f"{name}_{number + 1}"
                label = paths.free(label_of(wanted.removeprefix(prefix), "part"))
            if current is not turn[0].start and turn[0].start is not None:
                items.insert(0, ReferenceItem(self._path(turn[0].start, paths)))
            current = last[-1].end
            if self._is_named(current):
                label = label or paths.free("part")
                paths.known[current] = label
            if run > 1 and label is not None:
                paths.used.update([f"{label}_{at}" for at in range(1, run + 1)])
            statement = SpecStatement(label, items, current)
            if run > 1 and self._imported and all(names):
                statement.modules = _from_to(*[str(at).removeprefix(prefix) for at in names])
            found.append(statement)
            number += run
        return found


def _from_to(first: str, last: str) -> str:
    """Names of which only the number differs: ``features.8…10``."""
    stem = first.rstrip("0123456789")
    return f"{first}…{last.removeprefix(stem)}" if last.startswith(stem) else f"{first}…{last}"


def _sides(parts: list[BodyPart]) -> Iterator[BodyPart]:
    """The side heads among parts, in branches too."""
    for part in parts:
        if part.head is not None:
            yield part
        for branch in part.branches:
            yield from _sides(branch)


def _may_have_shortcut(part: BodyPart) -> bool:
    """Whether a part, or one in its branches, may be an ``add`` with a ``shortcut``."""
    here = part.layer is not None and any(
        not branch or Wiring.may_be_shortcut(part.layer, branch) for branch in part.branches
    )
    return here or any(_may_have_shortcut(inner) for branch in part.branches for inner in branch)


def _channels(layer: Layer) -> int:
    return int(layer.inputs[0].output.channels) if layer.inputs else 0
