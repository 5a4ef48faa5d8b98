"""The tree of a graph and the parts of a body, as the writing of a text needs them."""

from __future__ import annotations

from collections.abc import Iterator

from ...graph import Group, Layer


class Tag:
    """A label that several layers have in common. ``name`` is in full, None where there is none."""

    def __init__(self, name: str | None):
        self.name = name


class BodyPart:
    """What is written one after the other in a body: a layer, a call, a repeat, a side head.

    tag       the label that it stands under
    line      parts of one line of the original text have the same; None where there was no text
    start     the tensor that arrives, where there is one; None where all are named
    named     the tensors that are named
    end       the layer whose output it has
    """

    layer: Layer | None = None
    node: BlockNode | None = None
    head: str | None = None

    def __init__(self, tag: Tag | None, line: object, first: int, end: Layer):
        self.tag = tag
        self.line = line
        self.first = first
        self.end = end
        self.start: Layer | None = None
        self.named: tuple[Layer, ...] = ()
        self.branches: list[list[BodyPart]] = []
        self.turns: list[list[BodyPart]] = []

    def __repr__(self) -> str:
        return f"<Part {self.first} {self.end.name}>"


class BlockNode:
    """A group of the tree, over layers that follow one another.

    ``body`` says whether it is written as a call of a block; ``reads`` are then the tensors that it starts
    from, ``result`` is what it puts out.
    """

    def __init__(self, kind: str, name: str | None, called: str):
        self.kind = kind
        self.name = name
        self.called = called
        self.members: list[BlockNode | Layer] = []
        self.layers: list[Layer] = []
        self.body = False
        self.reads: list[Layer] = []
        self.result: Layer | None = None
        self.parts: list[BodyPart] = []
        self.height = 0
        # Another node whose layers have the parameters of this one's.
        self.like: BlockNode | None = None
        self.outer: BlockNode | None = None
        self.full: str | None = name  # its name, else that of what it stands in

    @property
    def first(self) -> int:
        return self.layers[0].index

    @property
    def last(self) -> int:
        return self.layers[-1].index

    def around(self) -> list[BlockNode]:
        """The blocks that it stands in, innermost first."""
        found: list[BlockNode] = []
        at = self.outer
        while at is not None:
            if at.body:
                found.append(at)
            at = at.outer
        return found

    def nodes(self) -> Iterator[BlockNode]:
        """All nodes inside, inner ones first."""
        for member in self.members:
            if isinstance(member, BlockNode):
                yield from member.nodes()
                yield member


def node_of(group: Group, full: str | None = None) -> BlockNode:
    node = BlockNode(
        group.kind, group.name, group.called.name if group.called is not None else _word(group.text)
    )
    node.full = group.name if group.name is not None else full
    for member in group.members:
        if isinstance(member, Layer):
            node.members.append(member)
            node.layers.append(member)
        else:
            inner = node_of(member, node.full)
            inner.outer = node
            if inner.layers:
                node.members.append(inner)
                node.layers += inner.layers
    return node


def hoist(node: BlockNode) -> None:
    """Take a merge of tensors from elsewhere, with which a block begins, out of the block: what is behind
    it starts from one tensor, and may be equal in several places."""
    for at, member in enumerate(node.members):
        if not isinstance(member, BlockNode):
            continue
        hoist(member)
        first = member.layers[0]
        inside = member.layers[1:]
        outside = {source for layer in inside for source in layer.inputs if source.index < first.index}
        if (
            member.kind in ("block", "turn")
            and member.members[0] is first
            and first.op.merge
            and len(first.inputs) > 1
            and inside
            and not outside
        ):
            wrapper = BlockNode("statement", member.name, "")
            wrapper.outer, wrapper.full, wrapper.layers = node, member.full, list(member.layers)
            wrapper.members = [first, member]
            del member.members[0], member.layers[0]
            member.outer, member.kind = wrapper, "block"
            node.members[at] = wrapper
    if node.kind == "repeat" and any(
        isinstance(m, BlockNode) and m.kind == "statement" for m in node.members
    ):
        node.kind, node.name = "statement", None
        for member in node.members:
            if isinstance(member, BlockNode) and member.kind == "turn":
                member.kind = "block"


def _word(text: str) -> str:
    return text.split()[0] if text.split() else ""
