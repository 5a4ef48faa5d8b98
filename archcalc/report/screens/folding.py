"""From the layers of a network to the rows of a table: items of the spec, nested and folded.

A row is an item as the spec writes it. Activations and the like are attached to a neighbour's row. Levels
count from the leaves, so that like opens with like; a repeated block is shown once with a count.
"""

from __future__ import annotations

from ...graph import Graph, Group, Layer
from .folded_items import Attaching, FoldedItem, is_inline, joined, only_attached

# Without --depth, tables are opened as far as they have at most this many rows.
FEW = 40


class FoldedRow:
    """A row of a table: one item, or a run of equal ones.

    alone    as ``text``, in words that need no row above
    indent   how deep it stands
    opened   the rows below it are its parts
    layers   all it stands for, in the order of the text
    turns    items side by side that it stands for, where it is a repeat or a run of equal turns
    """

    __slots__ = ("name", "text", "alone", "before", "after", "indent", "opened", "layers", "turns")

    def __init__(
        self,
        name: str,
        text: str,
        before: list[str],
        after: list[str],
        indent: int,
        opened: bool,
        layers: list[Layer],
    ):
        self.name = name
        self.text = self.alone = text
        self.before = before
        self.after = after
        self.indent = indent
        self.opened = opened
        self.layers = layers
        self.turns = 1

    @property
    def last(self) -> Layer:
        """The layer whose output is the row's."""
        return self.layers[-1]

    @property
    def what(self) -> str:
        """The item with its attached layers."""
        return ", ".join(part for part in [*self.before, self.text, *self.after] if part)


class Folding:
    """The rows of a graph at every depth: of all its layers, or of those in ``layers``.

    ``levels`` is the number of depths.
    """

    def __init__(self, graph: Graph, layers: list[Layer]):
        self.kept = set(layers) if len(layers) < len(graph.layers) else None
        root = self._items(graph.tree)
        # A network that is one call of a block: its rows are those of the block.
        while len(root) == 1 and root[0].inside and not root[0].repeat:
            only = root[0]
            root = only.inside
            root[0].before = only.before + root[0].before
            root[-1].after = root[-1].after + only.after
        self.root = root
        self.levels = 1 + max([node.height for node in root], default=0)

    # Building --------------------------------------------------------------------------------

    def _items(self, group: Group) -> list[FoldedItem]:
        """The items of a group, attached layers on their neighbours."""
        attaching = Attaching()
        for member in group.members:
            if isinstance(member, Layer):
                if self.kept is not None and member not in self.kept:
                    continue
                if is_inline(member):
                    attaching.inline_layer(member)
                else:
                    attaching.items([FoldedItem(None, [member], [], member.text)])
                continue
            new = self._group(member)
            if len(new) == 1 and new[0].name is None and only_attached(new[0]):
                # A statement of activations alone is attached like any other activation.
                for layer in new[0].layers():
                    attaching.inline_layer(layer)
            else:
                attaching.items(new)
        attaching.settle()
        return attaching.found

    def _group(self, group: Group) -> list[FoldedItem]:
        """The items that a group comes to: one, or those inside where it has no name of its own."""
        if group.kind == "repeat":
            return self._repeat(group)
        inside = self._items(group)
        is_call = group.kind in ("block", "use")
        if len(inside) == 1:
            only = inside[0]
            if is_call and not only.repeat:
                only.text = group.text
                if only.core:
                    # A block of one row stays closed, its attached layers part of the spec's words for it.
                    only.core = only.before + only.core + only.after
                    only.before, only.after = [], []
            if group.name is not None:
                only.name = group.name
            return inside
        if not inside or (group.kind == "statement" and group.name is None):
            return inside
        for part in inside:
            if part.repeat and part.name == group.name:
                part.name = None  # the label is that of all items, not of the repeat among them
        text = group.text if is_call or group.kind == "turn" else ""
        return [FoldedItem(group.name, [], inside, text or joined(inside))]

    def _repeat(self, group: Group) -> list[FoldedItem]:
        turns: list[FoldedItem] = []
        for member in group.members:
            if not isinstance(member, Group):
                continue
            items = self._items(member)
            if not items:
                continue
            if len(items) == 1:
                if member.name is not None:
                    items[0].name = member.name
                turns += items
            else:
                turns.append(FoldedItem(member.name, [], items, member.text or joined(items)))
        if not turns:
            return []
        if len(turns) == 1:
            if group.name is not None and turns[0].name is None:
                turns[0].name = group.name
            return turns
        words = group.text or (turns[0].text if len({t.text for t in turns}) == 1 else "…")
        attached = turns[0].attached()
        full = ", ".join([*attached[0], words, *attached[1]])
        if "," in full:
            full = f"({full})"
        node = FoldedItem(group.name, [], turns, f"{len(turns)} x {full}")
        node.repeat = True
        return [node]

    # Rows ------------------------------------------------------------------------------------

    def rows(self, depth: int, runs: bool = True, parents: bool = True) -> list[FoldedRow]:
        """The rows at a depth, from 1 (all closed) to ``levels`` (all open).

        ``runs`` shows equal turns of a repeat once; ``parents`` shows opened items above their
        parts.
        """
        opening = _Opening(self.levels - depth, runs, parents)
        opening.nodes(self.root, 0, "", False)
        return opening.rows

    def best(self, runs: bool = True, parents: bool = True, few: int = FEW) -> int:
        """The deepest depth of at most ``few`` rows; 1 if there is none."""
        best = 1
        for depth in range(2, self.levels + 1):
            if len(self.rows(depth, runs, parents)) > few:
                break
            best = depth
        return best


def _alike(one: FoldedItem, other: FoldedItem) -> bool:
    """Whether two turns are the same but for their names; what is attached to them may be held fixed in
    one and not in the other."""
    held = [[layer.held for layer in node.layers() if layer.facts.params] for node in (one, other)]
    return one.mark == other.mark and held[0] == held[1]


class _Opening:
    """The rows of a tree opened down to a height.

    closed   items of at most this height stay closed
    runs     equal turns of a repeat make one row
    parents  an opened item has a row above those of its parts
    """

    def __init__(self, closed: int, runs: bool, parents: bool):
        self.closed = closed
        self.runs = runs
        self.parents = parents
        self.rows: list[FoldedRow] = []

    def nodes(self, nodes: list[FoldedItem], indent: int, prefix: str, turns: bool) -> None:
        """Add the rows of items side by side; ``turns`` of a repeat may be alike."""
        at = 0
        while at < len(nodes):
            node = nodes[at]
            run = 1
            if turns and self.runs and node.inside:
                while at + run < len(nodes) and _alike(nodes[at + run], node):
                    run += 1
            if node.inside and node.height > self.closed:
                self.open(node, indent, prefix)
                if run > 1:
                    rest = _row(nodes[at + 1 : at + run], prefix, indent)
                    rest.alone = rest.what
                    rest.text = f"{run - 1} x the same" if run > 2 else "the same"
                    rest.before, rest.after = [], []
                    self.rows.append(rest)
            else:
                self.rows.append(_row(nodes[at : at + run], prefix, indent))
            at += run

    def open(self, node: FoldedItem, indent: int, prefix: str) -> None:
        """Add the rows of an opened item."""
        found = self.rows
        flat = node.flat or not self.parents
        if not flat:
            row = _row([node], prefix, indent)
            row.opened = True
            found.append(row)
        start = len(found)
        inner = prefix if flat else f"{node.name}." if node.name else prefix
        self.nodes(node.inside, indent if flat else indent + 1, inner, node.repeat)
        if not flat and len(found) == start + 1 and not found[start].opened:
            # Equal turns in one row say no more than the row above them.
            found.pop()
            found[-1].opened = False
            return
        # What is attached to an opened item is attached to its first or last part, and counts for the opened
        # parts above that.
        if node.before:
            first = start
            found[first].layers = node.before + found[first].layers
            while found[first].opened:
                first += 1
                found[first].layers = node.before + found[first].layers
            found[first].before = [layer.text for layer in node.before] + found[first].before
        if node.after:
            last = found[-1]
            last.after = last.after + [layer.text for layer in node.after]
            indent = last.indent + 1
            for row in reversed(found[start:]):
                if row.indent < indent:
                    indent = row.indent
                    row.layers = row.layers + node.after


def every_layer(layers: list[Layer]) -> list[FoldedRow]:
    """A row for each layer, with its full name: nothing is attached and nothing nests."""
    return [FoldedRow(layer.name, layer.text or layer.op.name, [], [], 0, False, [layer]) for layer in layers]


def _row(nodes: list[FoldedItem], prefix: str, indent: int) -> FoldedRow:
    """The row of one closed item, or of a run of equal ones."""
    node = nodes[0]
    layers = [layer for part in nodes for layer in part.layers()]
    before, after = node.attached()
    text = node.text
    if len(nodes) > 1:
        inner = ", ".join([*before, text, *after])
        text = f"{len(nodes)} x ({inner})" if "," in inner else f"{len(nodes)} x {inner}"
        before, after = [], []
    name = span(_ends(node, prefix)[0], _ends(nodes[-1], prefix)[1])
    row = FoldedRow(name, text, before, after, indent, False, layers)
    row.turns = len(node.inside) if node.repeat else len(nodes)
    return row


def _ends(node: FoldedItem, prefix: str) -> tuple[str, str]:
    """Its label, else what its first and last main layers are called, from inside ``prefix``."""
    if node.name is not None:
        name = _inside(node.name, prefix)
        return name, name
    if node.core:
        main = next((layer for layer in node.core if not layer.op.inline), node.core[0])
        name = _inside(main.name, prefix)
        return name, name
    layers = node.layers()
    weighted = [layer for layer in layers if layer.op.weighted and not layer.op.is_norm] or layers
    first, last = _inside(weighted[0].name, prefix), _inside(weighted[-1].name, prefix)
    if first != last and "." in first + last:
        # Layers of labelled parts: the parts say it shorter, below what they are all parts of.
        one, other = first.split("."), last.split(".")
        alike = 0
        while alike < min(len(one), len(other)) - 1 and one[alike] == other[alike]:
            alike += 1
        first, last = ".".join(one[: alike + 1]), ".".join(other[: alike + 1])
    return first, last


def _inside(name: str, prefix: str) -> str:
    """A full name as it reads below rows that have said as much of ``prefix`` as fits it."""
    while prefix and not name.startswith(prefix):
        prefix = prefix[: prefix.rfind(".", 0, -1) + 1]
    return name[len(prefix) :]


def span(first: str, last: str) -> str:
    """``conv2_2..3`` for conv2_2 and conv2_3."""
    if first == last:
        return first
    common = 0
    while common < min(len(first), len(last)) and first[common] == last[common]:
        common += 1
    while common and first[common - 1].isdigit():
        common -= 1
    if first[common:].isdigit() and last[common:].isdigit():
        return f"{first}..{last[common:]}"
    return f"{first}..{last}"
