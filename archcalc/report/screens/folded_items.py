"""Items of a table: what the spec writes as one, with the layers that are attached to it."""

from __future__ import annotations

from ...graph import Layer


class FoldedItem:
    """An item: a layer, or a block, repeat or labelled statement with items inside.

    core     the layers of an item that never opens: one, or those of a block of one row
    inside   the items inside, for all others
    before   layers attached in front of it, ``after`` those behind
    text     what the spec calls it, without attached layers
    repeat   it is a repeat, whose items are turns
    height   levels inside; 0 for an item that never opens
    mark     equal for items that are alike but for their names
    """

    __slots__ = ("name", "core", "inside", "before", "after", "text", "repeat", "height", "mark")

    def __init__(self, name: str | None, core: list[Layer], inside: list[FoldedItem], text: str):
        self.name = name
        self.core = core
        self.inside = inside
        self.before: list[Layer] = []
        self.after: list[Layer] = []
        self.text = text
        self.repeat = False
        self.height: int = 1 + max([node.height for node in inside]) if inside else 0
        self.mark: tuple[object, ...] = tuple(
            [node.mark for node in inside]
            if inside
            else [(id(layer.facts), layer.frozen, layer.shared) for layer in core]
        )

    def layers(self) -> list[Layer]:
        """The layers that the item stands for, in the order of the text."""
        found = self.before + self.core
        for node in self.inside:
            found += node.layers()
        return found + self.after

    @property
    def end(self) -> Layer:
        """The last of all it stands for, in the order of the text."""
        return self.after[-1] if self.after else self.core[-1] if self.core else self.inside[-1].end

    @property
    def flat(self) -> bool:
        """A repeat of single rows: opened, its turns stand in its place."""
        return self.repeat and all(not node.inside for node in self.inside)

    def attached(self) -> tuple[list[str], list[str]]:
        """The layers attached in front and behind, in words."""
        return [layer.text for layer in self.before], [layer.text for layer in self.after]


class Attaching:
    """The items of a group as they come to be, and the attached layers that wait for the next of them.

    A row puts out what its last layer does. So what is attached behind an item leaves the item's shape
    and its receptive field as they are; everything else is attached in front of what reads it, or
    has a row of its own.
    """

    def __init__(self) -> None:
        self.found: list[FoldedItem] = []
        self.waiting: list[Layer] = []

    def inline_layer(self, layer: Layer) -> None:
        """Attach a layer behind the item before it, or let it wait."""
        if self.waiting and not _reads(layer, self.waiting[-1]):
            self.settle()
        if not self.waiting and self.found and _stays(layer, self.found[-1].end):
            _attach(self.found[-1].after, [layer], self.found[-1])
        else:
            self.waiting.append(layer)

    def items(self, new: list[FoldedItem]) -> None:
        """Add items; what waits is attached in front of the first, if that reads it."""
        if new and self.waiting:
            if any(_reads(layer, self.waiting[-1]) for layer in new[0].layers()):
                new[0].before = self.waiting + new[0].before
                new[0].mark += tuple([id(layer.facts) for layer in self.waiting])
                self.waiting = []
            else:
                self.settle()
        self.found += new

    def settle(self) -> None:
        """Give a row of its own to what nothing can carry: the last of what waits has the rest in
        front of it."""
        if self.waiting:
            *before, last = self.waiting
            node = FoldedItem(None, [last], [], last.text)
            _attach(node.before, before, node)
            self.found.append(node)
            self.waiting = []


def _reads(layer: Layer, tensor: Layer) -> bool:
    return any(source is tensor for source in layer.inputs)


def _stays(layer: Layer, tensor: Layer) -> bool:
    """Whether a layer reads this tensor, and leaves its shape and receptive field as they are."""
    return _reads(layer, tensor) and layer.facts.pointwise and layer.output == tensor.output


def is_inline(layer: Layer) -> bool:
    """Whether a layer is attached to a neighbour's row."""
    return layer.op.inline and not layer.op.weighted


def only_attached(node: FoldedItem) -> bool:
    """Whether an item is made of such layers alone."""
    return not node.inside and all(is_inline(layer) for layer in node.layers())


def _attach(place: list[Layer], attached: list[Layer], node: FoldedItem) -> None:
    """Attach layers to an item, in front of it or behind it."""
    place += attached
    node.mark += tuple([id(layer.facts) for layer in attached])


def joined(nodes: list[FoldedItem]) -> str:
    """The words of items side by side."""
    words: list[str] = []
    for node in nodes:
        before, after = node.attached()
        words += [*before, node.text, *after]
    return ", ".join([word for word in words if word])
