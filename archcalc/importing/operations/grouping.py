"""The module tree as groups of layers: what reports fold by, and what places are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ...graph import Group, Label, Layer
from .recording import ModuleCall, Recording

# Modules that hold others and do nothing of their own.
CONTAINERS = frozenset(("Sequential", "ModuleList", "ModuleDict"))
# A container of at most so many items is named by what it holds.
_FEW = 3


class _Node:
    """A call of a module with the layers and calls inside it."""

    def __init__(self, call: ModuleCall):
        self.call = call
        self.members: list[_Node | Layer] = []

    @property
    def name(self) -> str:
        call = self.call
        return f"{call.path}#{call.number}" if call.number > 1 else call.path

    def layers(self) -> Iterator[Layer]:
        for member in self.members:
            if isinstance(member, Layer):
                yield member
            else:
                yield from member.layers()

    def ops(self) -> set[str]:
        """What its layers are, merges apart: the first turn of a stage may have no skip."""
        return {layer.op.name for layer in self.layers() if not layer.op.merge}

    @property
    def last(self) -> Layer:
        *_, last = self.layers()
        return last

    def only(self) -> _Node | Layer:
        """Itself; what it consists of where that is one thing, and a layer has its name."""
        if len(self.members) == 1:
            inside = self.members[0]
            found = inside.only() if isinstance(inside, _Node) else inside
            if isinstance(found, Layer) or self.call.kind in CONTAINERS:
                return found
        inner = [member for member in self.members if isinstance(member, _Node)]
        if len(inner) == 1 and inner[0].call.kind in CONTAINERS and self.call.kind not in CONTAINERS:
            # A list of what a module does is no level of its own.
            at = self.members.index(inner[0])
            self.members[at : at + 1] = inner[0].members
        return self


def grouped(layers: Sequence[tuple[Layer, ModuleCall]], recording: Recording) -> Group:
    """Group layers as the modules group them that made them.

    A module is a block, and its class the name of the block; a run of numbered siblings of one class and one
    output is a repeat. A module that came to one layer is that layer.

    Args:
        layers: The layers in order, each with the innermost call that made it.
        recording: What the module did.

    Returns:
        The groups.
    """
    tree = Group("net", recording.target)
    chains = [(layer, call.chain()) for layer, call in layers]
    members = _members(chains, 1)
    tree.members += _groups(members, "")
    return tree


def labels_of(layers: Sequence[tuple[Layer, ModuleCall]]) -> dict[str, Label]:
    """The place of each module, by its dotted name: of several calls the first.

    Args:
        layers: The layers in order, each with the innermost call that made it.

    Returns:
        A label for each module that made layers, and for each list of modules that did.
    """
    places: dict[str, list[int]] = {}
    for index, (_, call) in enumerate(layers):
        seen: set[str] = set()
        for outer in call.chain():
            if outer.number == 1:
                parts = outer.path.split(".")
                seen.update([".".join(parts[:count]) for count in range(1, len(parts) + 1)])
        for path in seen - {""}:
            places.setdefault(path, []).append(index)
    readers: dict[Layer, list[int]] = {}
    for index, (layer, _) in enumerate(layers):
        for source in layer.inputs:
            readers.setdefault(source, []).append(index)
    found: dict[str, Label] = {}
    for path, indices in places.items():
        first = last = indices[0]
        for index in indices[1:]:
            if index == last + 1:
                last = index
        mine = [layer for layer, _ in layers[first : last + 1]]
        read = [
            layer for layer in mine if any(not first <= index <= last for index in readers.get(layer, ()))
        ]
        # What is read behind them; the last, if several are or none is.
        found[path] = Label(read[0] if len(read) == 1 else mine[-1], first, last + 1)
    return found


def _members(chains: Sequence[tuple[Layer, list[ModuleCall]]], depth: int) -> list[_Node | Layer]:
    """Layers and calls at a depth of the module tree, in order."""
    found: list[_Node | Layer] = []
    at = 0
    while at < len(chains):
        layer, chain = chains[at]
        end = at + 1
        if len(chain) <= depth:
            found.append(layer)
        else:
            node = _Node(chain[depth])
            while end < len(chains) and len(chains[end][1]) > depth and chains[end][1][depth] is node.call:
                end += 1
            node.members = _members(chains[at:end], depth + 1)
            found.append(node)
        at = end
    return found


def _groups(members: Sequence[_Node | Layer], around: str) -> list[Group | Layer]:
    """The groups of what stands in a module; ``around`` is what it is called."""
    opened = [member.only() if isinstance(member, _Node) else member for member in members]
    found: list[Group | Layer] = []
    below = _below(opened)
    at = 0
    while at < len(opened):
        member = opened[at]
        if isinstance(member, Layer):
            found.append(member)
            at += 1
            continue
        run = _run(opened, at)
        if len(run) > 1:
            everything = len(run) == len(opened)
            found.append(_repeat(run, _run_name(run, around if everything else "", below)))
        else:
            found.append(_block(member))
        at += len(run)
    return found


def _run(members: Sequence[_Node | Layer], at: int) -> list[_Node]:
    """The numbered siblings of one class and one output that begin at a place."""
    first = members[at]
    assert isinstance(first, _Node)
    run = [first]
    for member in members[at + 1 :]:
        if not isinstance(member, _Node) or not _next(run[-1], member):
            break
        run.append(member)
    return run


def _next(one: _Node, other: _Node) -> bool:
    """Whether a call is the next turn of a repeat."""
    if one.call.kind != other.call.kind or one.last.output != other.last.output:
        return False
    if one.ops() != other.ops():
        return False
    if one.call.path == other.call.path:
        return one.call.number + 1 == other.call.number
    stems = _numbered(one.call.path), _numbered(other.call.path)
    return stems[0] is not None and stems[1] is not None and stems[0][0] == stems[1][0]


def _numbered(path: str) -> tuple[str, int] | None:
    """``layer.`` and 3 of ``layer.3``; ``denselayer`` and 4 of ``denselayer4``."""
    match = re.fullmatch(r"(.*\D|)(\d+)", path)
    return (match.group(1), int(match.group(2))) if match else None


def _below(members: Iterable[_Node | Layer]) -> Counter[str]:
    """How many of some calls and layers stand below a name."""
    found: Counter[str] = Counter()
    for member in members:
        at = member.name.find(".")
        while at >= 0:
            found[member.name[:at]] += 1
            at = member.name.find(".", at + 1)
    return found


def _run_name(run: Sequence[_Node], around: str, below: Counter[str]) -> str:
    """What a repeat is called: as the module that consists of it, as the list of modules that it is, else by
    its first and last turn."""
    if around:
        return around
    first, last = run[0].name, run[-1].name
    stem = first.rpartition(".")[0]
    if stem and below[stem] == sum([node.name.startswith(f"{stem}.") for node in run]):
        return stem
    number = _numbered(last)
    return f"{first}..{number[1]}" if number is not None else first


def _repeat(run: Sequence[_Node], name: str) -> Group:
    group = Group("repeat", name, run[0].call.kind)
    for node in run:
        turn = Group("turn", node.name, node.call.kind)
        turn.members += _groups(node.members, node.name)
        group.members.append(turn)
    return group


def _block(node: _Node) -> Group:
    inside = _groups(node.members, node.name)
    if len(inside) == 1 and isinstance(inside[0], Group) and inside[0].kind == "repeat":
        inside[0].name = node.name
        if node.call.kind in CONTAINERS:
            return inside[0]
    few = node.call.kind in CONTAINERS and len(inside) <= _FEW and all(isinstance(m, Layer) for m in inside)
    group = Group("statement" if few else "block", node.name, "" if few else node.call.kind)
    group.members += inside
    return group
