"""What a forward pass is made of: layers, calls of classes, modules in a row, loops over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..graph import Called, Layer
from .templates import Counterpart


class Unit:
    """A step of a forward pass: a layer, a call of a class, modules in a row.

    reads      the tensors it takes, in order
    gives      those of its tensors that something else reads, in order
    first      index of its first layer, ``last`` of its last
    label      the label that it stands under, None if there is none
    word       what it is called where it has no label to itself
    statement  the statement of the spec that it stands in: lines are broken by these
    """

    def __init__(
        self,
        reads: Sequence[Layer],
        gives: Sequence[Layer],
        first: int,
        last: int,
        word: str,
        label: str | None = None,
        statement: object = None,
    ):
        self.reads = tuple(reads)
        self.gives = tuple(gives)
        self.first = first
        self.last = last
        self.label = label
        self.word = word
        self.statement = statement

    def layers(self) -> Iterable[Layer]:
        """Return all layers of it."""
        raise NotImplementedError

    @property
    def modular(self) -> bool:
        """Whether it can stand in an nn.Sequential."""
        return True

    @property
    def stateful(self) -> bool:
        """Whether it has parameters or buffers of its own."""
        return True

    @property
    def merges(self) -> bool:
        """Whether it joins branches."""
        return False

    @property
    def weighted(self) -> int:
        """Layers that its label may mean: those with weights, norms apart."""
        return sum(layer.op.weighted and not layer.op.is_norm for layer in self.layers())


class LayerUnit(Unit):
    """A layer.

    counterpart  its layer in PyTorch
    owner   the step whose parameters it uses: itself, unless it shares them
    padded  its padding stands in front
    """

    def __init__(
        self,
        layer: Layer,
        counterpart: Counterpart,
        owner: LayerUnit | None,
        label: str | None,
        statement: object,
    ):
        super().__init__(layer.inputs, (layer,), layer.index, layer.index, layer.op.name, label, statement)
        self.layer = layer
        self.counterpart = counterpart
        self.owner = owner or self
        self.padded = False

    @property
    def shares(self) -> bool:
        """Whether its parameters are another layer's."""
        return self.owner is not self

    def layers(self) -> Iterable[Layer]:
        return (self.layer,)

    @property
    def merges(self) -> bool:
        return self.layer.op.merge

    @property
    def modular(self) -> bool:
        return not self.shares and self.counterpart.form().in_row is not None

    @property
    def stateful(self) -> bool:
        return not self.shares and self.counterpart.source is not None and self.layer.facts.tensors != ()


class Part(Unit):
    """A call of the class that a region becomes.

    same  another region whose module it uses, layer for layer; None where it has its own
    """

    def __init__(self, region: ClassRegion, same: ClassRegion | None, label: str | None, statement: object):
        super().__init__(region.reads, region.gives, region.first, region.last, region.word, label, statement)
        self.region = region
        self.same = same

    def layers(self) -> Iterable[Layer]:
        return self.region.layers()

    @property
    def modular(self) -> bool:
        return self.same is None and len(self.reads) == len(self.gives) == 1

    @property
    def stateful(self) -> bool:
        return self.same is None and any(unit.stateful for unit in self.region.units)


class UnitChain(Unit):
    """Steps one behind the other, as an nn.Sequential."""

    def __init__(self, items: list[Unit], word: str, label: str | None):
        super().__init__(
            items[0].reads, items[-1].gives, items[0].first, items[-1].last, word, label, items[0].statement
        )
        self.items = items

    def layers(self) -> Iterable[Layer]:
        return (layer for item in self.items for layer in item.layers())


class UnitStack(Unit):
    """The turns of a repeat, one behind the other, as an nn.Sequential. A turn is a chain."""

    def __init__(self, turns: list[list[Unit]], word: str, label: str | None, statement: object):
        super().__init__(
            turns[0][0].reads,
            turns[-1][-1].gives,
            turns[0][0].first,
            turns[-1][-1].last,
            word,
            label,
            statement,
        )
        self.turns = turns

    def layers(self) -> Iterable[Layer]:
        return (layer for turn in self.turns for unit in turn for layer in unit.layers())


class Cycle(Unit):
    """The turns of a repeat that take the outputs of the two turns before, as a loop.

    reads   what the first turn takes: the latest tensor first
    newest  which of its inputs a turn takes the latest tensor for: 0 or 1
    """

    def __init__(
        self, turns: list[Part], newest: int, gives: Sequence[Layer], label: str | None, statement: object
    ):
        reads = turns[0].reads if newest == 0 else turns[0].reads[::-1]
        super().__init__(reads, gives, turns[0].first, turns[-1].last, turns[0].word, label, statement)
        self.turns = turns
        self.newest = newest

    def layers(self) -> Iterable[Layer]:
        return (layer for turn in self.turns for layer in turn.layers())

    @property
    def modular(self) -> bool:
        return False


class ClassRegion:
    """Layers that become a class, or all of them: the network.

    name   of the block
    reads  the tensors from outside, ``gives`` those that are read outside
    """

    def __init__(
        self,
        name: str,
        called: Called | None,
        units: list[Unit],
        reads: Sequence[Layer],
        gives: Sequence[Layer],
    ):
        self.name = name
        self.called = called
        self.units = units
        self.reads = tuple(reads)
        self.gives = tuple(gives)
        self.first = units[0].first
        self.last = units[-1].last
        weighted = {layer.op.name for layer in self.layers() if layer.op.weighted and not layer.op.is_norm}
        once = len(weighted) == 1 and sum(unit.weighted for unit in units) == 1
        self.word = weighted.pop() if once else name
        self.steps = list(steps(units))

    def layers(self) -> Iterable[Layer]:
        return (layer for unit in self.units for layer in unit.layers())


def inside(units: Iterable[Unit]) -> Iterable[LayerUnit | Part]:
    """Yield the steps and calls of classes that units come to."""
    for unit in units:
        if isinstance(unit, (LayerUnit, Part)):
            yield unit
        elif isinstance(unit, UnitChain):
            yield from inside(unit.items)
        elif isinstance(unit, UnitStack):
            for turn in unit.turns:
                yield from inside(turn)
        elif isinstance(unit, Cycle):
            yield from unit.turns


def steps(units: Iterable[Unit]) -> Iterable[LayerUnit]:
    """Yield all layers of units, as steps."""
    for unit in inside(units):
        if isinstance(unit, LayerUnit):
            yield unit
        else:
            yield from unit.region.steps
