"""The naming rule: from labels, blocks and ops to the names of layers.

Names follow from the text and not from values, so what a condition switched off is noted here too:
it takes its number, as an entry without a layer. See "Names of layers" in docs/language.md.
"""

from __future__ import annotations

from ..graph import Layer
from ..ops.base import Op


def numbered(word: str, number: int) -> str:
    """``conv2``; ``relu6_1`` where the word ends in a digit."""
    return f"{word}_{number}" if word[-1].isdigit() else f"{word}{number}"


class NameScope:
    """Where names are given: the whole text, a labelled statement or turn, or a numbered block.

    prefix   what stands before every name given here: ``""`` or ``conv3_1.``
    label    the full label where this is a labelled statement; its main layer is called that
    """

    def __init__(self, prefix: str, label: str | None, names: dict[str, Layer], claimed: set[str]):
        self.prefix = prefix
        self.label = label
        self.names = names  # of the whole network
        self.claimed = claimed  # its labels so far, in full
        # Layers written here without a label of their own: op, layer (None if switched off), and
        # whether a repeat stands around it.
        self.entries: list[tuple[type[Op], Layer | None, bool]] = []
        # Counts over everything inside, labelled or not.
        self.total = 0
        self.weighted = 0
        self.merges = 0
        # Index in entries of the weighted layer, where it stands here itself.
        self.main: int | None = None
        self.counters: dict[str, int] = {}
        self.blocks: dict[str, int] = {}
        self.taken: set[str] = set()  # labels of the bodies that stand here, met or not

    def enter(self, op: type[Op], layer: Layer | None, repeated: bool) -> None:
        """Note a layer; ``layer`` is None for one that a condition switched off."""
        if not self.prefix:
            number = self.counters.get(op.name, 0) + 1
            while not self.free(name := numbered(op.name, number)):
                number += 1
            self.counters[op.name] = number
            if layer is not None:
                layer.name = name
                self.names[name] = layer
            return
        times = 2 if repeated else 1
        self.total += times
        if op.weighted and not op.is_norm:
            self.weighted += times
            self.main = len(self.entries)
        if op.merge:
            self.merges += times
        self.entries.append((op, layer, repeated))

    def free(self, name: str) -> bool:
        """Tell whether nothing is called so here."""
        full = self.prefix + name
        return not (name in self.taken or full in self.names or full in self.claimed)

    def absorb(self, inner: NameScope, repeated: bool = False) -> None:
        """Count what a scope inside this one holds."""
        times = 2 if repeated else 1
        self.total += inner.total * times
        self.weighted += inner.weighted * times
        self.merges += inner.merges * times
        if inner.weighted:
            self.main = None

    def close(self) -> None:
        """Give the names, now that everything inside is known."""
        entries = self.entries
        if not entries:
            return
        main = self._main()
        often: dict[str, int] = {}
        for op, _, repeated in entries:
            often[op.name] = often.get(op.name, 0) + (2 if repeated else 1)
        numbers: dict[str, int] = {}
        for index, (op, layer, _) in enumerate(entries):
            word = op.name
            number = numbers[word] = numbers.get(word, 0) + 1
            if index == main and self.label is not None:
                full = self.label
            else:
                name = numbered(word, number) if often[word] > 1 else word
                while not self.free(name):
                    number = numbers[word] = numbers[word] + 1
                    name = numbered(word, number)
                full = self.prefix + name
            if layer is not None:
                layer.name = full
                self.names[full] = layer

    def _main(self) -> int | None:
        """Return the entry that the label names: the only layer, else the only one with weights, else,
        where there are neither weights nor merges, the first."""
        if self.label is None:
            return None
        if self.total == 1:
            return 0
        if self.weighted == 1:
            return self.main
        if self.weighted == 0 and self.merges == 0:
            return 0
        return None

    def number_block(self, name: str) -> str:
        """Return the prefix of the next unlabelled call of a block: ``cell2``."""
        number = self.blocks.get(name, 0) + 1
        while not self.free(numbered(name, number)):
            number += 1
        self.blocks[name] = number
        full = self.prefix + numbered(name, number)
        self.claimed.add(full)
        return full


def projection() -> NameScope:
    """Return what a shortcut counts for, whether it projects or not: a convolution and a norm."""
    scope = NameScope("", None, {}, set())
    scope.total = 2
    scope.weighted = 1
    return scope
