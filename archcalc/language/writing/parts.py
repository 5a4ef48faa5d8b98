"""How a run of layers is written: chains, branches, side heads, calls; found by the wiring alone."""

from __future__ import annotations

from itertools import pairwise

from ...graph import Graph, Group, Layer
from .nodes import BlockNode, BodyPart, Tag, hoist, node_of


class Wiring:
    """Reads from a graph and its tree which parts each body has."""

    def __init__(self, graph: Graph, tree: Group):
        self.graph = graph
        self.readers: dict[Layer, list[Layer]] = {}
        for layer in graph.layers:
            for source in layer.inputs:
                self.readers.setdefault(source, []).append(layer)
        self.heads = {layer: name for name, layer in graph.heads.items()}
        self.ends = {graph.output, *self.heads}
        self.owners = {layer.owner for layer in graph.layers if layer.shared}
        self.root = node_of(tree)
        self._lines = 0
        hoist(self.root)
        self._decide()
        self.bodies = [node for node in self.root.nodes() if node.body]
        self.root.result = graph.output
        self.root.reads = list(graph.inputs)
        for node in (*self.bodies, self.root):
            start = node.reads[0] if node.reads else None
            node.parts = self._parse(self._elements(node, None, None), start, node.result)
            node.height = 1 + max([n.height for n in node.nodes() if n.body], default=0)

    # Which groups are blocks -----------------------------------------------------------------

    def _decide(self) -> None:
        often: dict[object, int] = {}
        calls = [node for node in self.root.nodes() if node.kind in ("block", "use", "turn")]
        marks = {node: self._mark(node) for node in calls}
        for node in calls:
            node.reads = self.outside(node.first, node.last)
            node.result = self._result(node)
            key = (node.kind == "turn", marks[node])
            often[key] = often.get(key, 0) + 1
        for node in calls:
            content = self._elements(node, None, None)
            if len(content) == 1 and (
                content[0].node is not None or (content[0].turns and node.kind != "turn")
            ):
                continue  # what it consists of is written in its place
            chained = self._chained(content)
            if node.kind == "turn":
                node.body = not chained or len(content) > 6 or any(part.turns for part in content)
                continue
            repeated = often[(False, marks[node])] > 1
            inner = node.name is not None and any(n.name not in (None, node.name) for n in node.nodes())
            node.body = (not chained or len(content) > 3) and (repeated or inner or node.name is not None)
            if chained and not repeated:
                node.body = False
        self._alike(calls, marks)
        for node in reversed(calls):
            self._share(node, calls)

    def _alike(self, calls: list[BlockNode], marks: dict[BlockNode, object]) -> None:
        """Write as calls what is as others that are, and turns beside turns of the same class that are."""
        beside = {
            (node.outer, node.called) for node in calls if node.kind == "turn" and node.body and node.called
        }
        for node in calls:
            if node.kind == "turn" and (node.outer, node.called) in beside:
                node.body = node.body or len(self._elements(node, None, None)) > 1
        written = {(node.called, marks[node]) for node in calls if node.body and node.called}
        for node in calls:
            if (node.called, marks[node]) in written:
                node.body = node.body or len(self._elements(node, None, None)) > 1

    def _share(self, node: BlockNode, calls: list[BlockNode]) -> None:
        """A block whose parameters are all those of another block says so in its call; one of which some
        are a layer's elsewhere is no block."""
        owners = [layer.owner for layer in node.layers if layer.facts.tensors]
        if all(node.first <= owner.index for owner in owners):
            return
        around = node.around()
        if any(outer.like is not None for outer in around):
            return
        for other in calls:
            if other is not node and other.body and other.last < node.first and other.called == node.called:
                mine = [layer for layer in other.layers if layer.facts.tensors]
                if node.body and mine == owners and other.around()[:1] == around[:1]:
                    node.like = other
                    return
        node.body = False

    def _mark(self, node: BlockNode) -> object:
        first = node.first
        return tuple(
            [
                (layer.op.name, tuple([max(s.index - first, -1) for s in layer.inputs]))
                for layer in node.layers
            ]
        )

    def _chained(self, content: list[BodyPart]) -> bool:
        """Whether each part reads what stands before it, and nothing else."""
        for before, part in pairwise(content):
            if self._reads(part) != [before.end]:
                return False
        return len(self._reads(content[0])) <= 1

    def _reads(self, part: BodyPart) -> list[Layer]:
        if part.layer is not None:
            return (
                list(dict.fromkeys(part.layer.inputs)) if len(part.layer.inputs) < 2 else [*part.layer.inputs]
            )
        if part.node is not None:
            return part.node.reads
        return self.outside(part.first, part.end.index)

    def outside(self, first: int, last: int) -> list[Layer]:
        """What the layers from ``first`` to ``last`` read from outside."""
        found: dict[Layer, None] = {}
        for layer in self.graph.layers[first : last + 1]:
            for source in layer.inputs:
                if source.index < first:
                    found[source] = None
        return list(found)

    def left(self, first: int, last: int) -> list[Layer]:
        """Which of the layers from ``first`` to ``last`` are read from outside."""
        return [
            layer
            for layer in self.graph.layers[first : last + 1]
            if layer in self.ends or any(reader.index > last for reader in self.readers.get(layer, ()))
        ]

    def _result(self, node: BlockNode) -> Layer:
        read = self.left(node.first, node.last)
        return read[0] if len(read) == 1 else node.layers[-1]

    # Elements --------------------------------------------------------------------------------

    def _line(self) -> int:
        self._lines += 1
        return self._lines

    def _elements(self, node: BlockNode, tag: Tag | None, line: object) -> list[BodyPart]:
        found: list[BodyPart] = []
        for member in node.members:
            if isinstance(member, Layer):
                part = BodyPart(tag, line, member.index, member)
                part.layer = member
                found.append(part)
            elif member.kind == "statement":
                named = Tag(member.name) if member.name is not None else tag
                found += self._elements(member, named, self._line())
            elif member.kind == "repeat":
                found += self._repeat(member, tag, line)
            else:
                found += self._call(member, tag, line)
        return found

    def _call(self, node: BlockNode, tag: Tag | None, line: object) -> list[BodyPart]:
        if node.name is not None and (tag is None or tag.name != node.name):
            tag = Tag(node.name)
        if node.body:
            assert node.result is not None
            part = BodyPart(tag, line, node.first, node.result)
            part.node = node
            return [part]
        inner = self._elements(node, tag, line)
        if self._chained(inner):
            for part in inner:
                part.line = line
        return inner

    def _repeat(self, node: BlockNode, tag: Tag | None, line: object) -> list[BodyPart]:
        turns = [member for member in node.members if isinstance(member, BlockNode)]
        if node.name is not None and (tag is None or tag.name != node.name):
            tag = Tag(node.name)
        parts = [self._call(turn, None, line) for turn in turns]
        clean = len(turns) > 1
        for at, (turn, content) in enumerate(zip(turns, parts, strict=True)):
            left = self.left(turn.first, turn.last)
            last = at == len(turns) - 1
            clean = clean and self._chained(content) and left == [content[-1].end]
            clean = clean and self.owners.isdisjoint(turn.layers)
            if not last:
                readers = self.readers.get(content[-1].end, [])
                inside = all(turns[at + 1].first <= reader.index <= turns[at + 1].last for reader in readers)
                clean = clean and inside and content[-1].end not in self.ends
                clean = clean and self._reads(parts[at + 1][0]) == [content[-1].end]
        if not clean:
            for turn, content in zip(turns, parts, strict=True):
                line = self._line()
                for part in content:
                    part.line = line
                    if turn.name is None and part.tag is not None and len(turns) > 1:
                        part.tag = None
            return [part for content in parts for part in content]
        part = BodyPart(tag, line, node.first, parts[-1][-1].end)
        part.turns = parts
        return [part]

    # Parts -----------------------------------------------------------------------------------

    def _parse(self, content: list[BodyPart], start: Layer | None, result: Layer | None) -> list[BodyPart]:
        """Find branches and side heads among what stands one after the other."""
        ends = {part.end: at for at, part in enumerate(content)}
        return self._slice(content, ends, 0, len(content), start, content[-1].end is result)

    def _slice(
        self,
        content: list[BodyPart],
        ends: dict[Layer, int],
        low: int,
        high: int,
        start: Layer | None,
        within: bool = False,
    ) -> list[BodyPart]:
        """The parts from ``low`` to ``high``; ``within`` a side head, which the last one is."""
        found: list[BodyPart] = []
        at = high
        while at > low:
            part = content[at - 1]
            begin = at - 1
            head = part.end in self.heads and part.end not in self.readers
            if head and part.end is not self.graph.output and not (within and at == high):
                begin, arriving = self._side(content, low, at - 1)
                if arriving is not None:
                    side = BodyPart(part.tag, part.line, content[begin].first, part.end)
                    side.head = self.heads[part.end]
                    side.start = arriving
                    side.branches = [self._slice(content, ends, begin, at, arriving, True)]
                    found.append(side)
                    at = begin
                    continue
                begin = at - 1
            begin = self._wire(part, content, ends, low, at - 1, start)
            found.append(part)
            at = begin
        return found[::-1]

    def _side(self, content: list[BodyPart], low: int, at: int) -> tuple[int, Layer | None]:
        """Where a side head begins, and what it starts from."""
        last = content[at].end.index
        begin = at
        while begin > low:
            before = content[begin - 1]
            made = self._of(before)
            later = any(reader.index > last for layer in made for reader in self.readers.get(layer, ()))
            if later or any(layer in self.ends for layer in made) or not self.readers.get(before.end):
                break
            begin -= 1
        reads = self.outside(content[begin].first, last)
        return begin, reads[0] if len(reads) == 1 else None

    def _of(self, part: BodyPart) -> list[Layer]:
        last = part.node.last if part.node is not None else part.end.index
        return list(self.graph.layers[part.first : last + 1])

    def _wire(
        self,
        part: BodyPart,
        content: list[BodyPart],
        ends: dict[Layer, int],
        low: int,
        at: int,
        start: Layer | None,
    ) -> int:
        """Say what a part reads; where its branches begin, if it has some, else where it stands."""
        part.start, part.named, part.branches = None, (), []
        layer = part.layer
        if layer is None:
            if part.node is not None and len(part.node.reads) > 1:
                part.named = tuple(part.node.reads)
            else:
                reads = self._reads(part)
                part.start = reads[0] if reads else None
            return at
        if layer.op.merge and len(layer.inputs) > 1:
            begin = self._branches(part, content, ends, low, at, start)
            if begin is not None:
                return begin
            part.named = layer.inputs
        elif len(layer.inputs) > 1:
            if layer.op.takes_arriving:
                part.start, part.named = layer.inputs[0], layer.inputs[1:]
            else:
                part.named = layer.inputs
        else:
            part.start = layer.inputs[0] if layer.inputs else None
        return at

    def _branches(
        self,
        part: BodyPart,
        content: list[BodyPart],
        ends: dict[Layer, int],
        low: int,
        at: int,
        start: Layer | None,
    ) -> int | None:
        """Where the branches of a merge begin; None where it has none."""
        assert part.layer is not None
        inputs = part.layer.inputs
        if len(set(inputs)) < len(inputs):
            return None
        where = [ends[source] if source in ends and low <= ends[source] < at else None for source in inputs]
        inside = sorted([place for place in where if place is not None])
        if not inside or inside[-1] != at - 1:
            return None
        # All segments but the first begin behind the one before; they say what all start from.
        segments = [(one + 1, other) for one, other in pairwise(inside)]
        outer = [source for source, place in zip(inputs, where, strict=True) if place is None]
        starts: set[Layer] = set(outer)
        for first, last in segments:
            starts.update(self._crossing(content, first, last))
        if len(starts) != 1:
            return None
        arriving = starts.pop()
        if content[inside[0]].end is arriving:
            begin = inside[0] + 1
            inside = inside[1:]
        else:
            begin = ends[arriving] + 1 if low <= ends.get(arriving, -1) < inside[0] else low
            near = max(low, inside[0] - 60)
            for at_begin in (begin, *range(inside[0], near - 1, -1)):
                if self._crossing(content, at_begin, inside[0]) == [arriving]:
                    begin = at_begin
                    break
            else:
                return None
            segments = [(begin, inside[0]), *segments]
        if not segments:
            return None
        found: dict[Layer, list[BodyPart]] = {content[last].end: [] for _, last in segments}
        order = [source for source in inputs if source in found]
        in_place = [content[last].end for _, last in segments]
        if order != in_place:
            # Only a shortcut may stand out of its place: it is worked out after its siblings.
            late = in_place[-1]
            if [s for s in order if s is not late] != in_place[:-1] or not self.may_be_shortcut(
                part.layer, [*content[segments[-1][0] : segments[-1][1] + 1]]
            ):
                return None
        for first, last in segments:
            found[content[last].end] = self._slice(content, ends, first, last + 1, arriving)
        part.start = arriving
        part.branches = [found.get(source, []) for source in inputs]
        return begin

    @staticmethod
    def may_be_shortcut(merge: Layer, content: list[BodyPart]) -> bool:
        """Whether a branch looks like what ``shortcut`` comes to."""
        layers = [part.layer for part in content]
        if merge.op.name != "add" or not merge.op.takes_shortcut or None in layers:
            return False
        names = [layer.op.name for layer in layers if layer is not None]
        return names in (["conv", "bn"], ["conv"], ["shortcut"])

    def _crossing(self, content: list[BodyPart], first: int, last: int) -> list[Layer]:
        """What the parts from one to another read from outside."""
        begin = content[first].first
        found: dict[Layer, None] = {}
        for part in content[first : last + 1]:
            for layer in self._of(part):
                for source in layer.inputs:
                    if source.index < begin:
                        found[source] = None
        return list(found)
