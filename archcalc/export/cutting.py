"""The graph, cut as a person would cut it: what becomes a class, and the steps of its forward pass.

A block becomes a class, a labelled chain or a branch an nn.Sequential, a repeat an nn.Sequential of
its turns or a loop over them. A block that is called once and has no label of its own stands where
it is called, as do blocks of a single step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from ..graph import Called, Graph, Group, Layer
from ..torch_code import torch_code_of
from .templates import Counterpart
from .units import ClassRegion, Cycle, LayerUnit, Part, Unit, UnitChain, UnitStack

# Later than all layers: outputs are read behind the end.
FOREVER = 1 << 62
# Turns of plain layers that stand one by one before they become a loop.
FEW_TURNS = 4


class Cutting:
    """Cuts some layers of a graph into regions; ``regions`` are all but the network itself, those
    inside others first. Raises SpecError for a layer without a counterpart in PyTorch.
    """

    def __init__(self, graph: Graph, layers: Sequence[Layer], ends: Sequence[Layer]):
        self.kept = set(layers)
        self.regions: list[ClassRegion] = []
        self._owners: dict[Layer, LayerUnit] = {}
        self._counterparts: dict[object, Counterpart] = {}
        self._first: dict[Layer, int] = {}
        self._last: dict[Layer, int] = {}
        for layer in layers:
            for source in layer.inputs:
                self._first.setdefault(source, layer.index)
                self._last[source] = layer.index
        for end in ends:
            self._last[end] = FOREVER
        self._calls: dict[str, int] = {}
        self._regions: dict[tuple[str, Layer], ClassRegion] = {}
        self._count(graph.tree)
        units = self._branches(self._members(graph.tree, None, graph.tree))
        self.network = ClassRegion(graph.metadata.name, None, units, graph.inputs, ends)

    def _count(self, group: Group) -> bool:
        """Count the calls of each block that have layers; whether this group has any."""
        found = False
        for member in group.members:
            if isinstance(member, Group):
                found = self._count(member) or found
            else:
                found = found or member in self.kept
        if found and group.called is not None:
            self._calls[group.called.name] = self._calls.get(group.called.name, 0) + 1
        return found

    def _only(self, tensor: Layer, unit: Unit) -> bool:
        """Tell whether nothing but a unit reads a tensor."""
        first, last = self._first.get(tensor, -1), self._last.get(tensor, -1)
        return first >= unit.first and last <= unit.last

    # Groups ----------------------------------------------------------------------------------

    def _members(self, group: Group, label: str | None, statement: object) -> list[Unit]:
        found: list[Unit] = []
        for member in group.members:
            if isinstance(member, Group):
                found += self._group(member, label, statement)
            elif member in self.kept:
                found.append(self._step(member, label, statement))
        return found

    def _step(self, layer: Layer, label: str | None, statement: object) -> LayerUnit:
        found = self._counterparts.get(layer.facts)
        if found is None:
            source, axes = torch_code_of(layer), len(layer.inputs[0].output) - 1
            key = (source.module, source.apply, axes)
            found = self._counterparts.get(key)
            if found is None:
                found = self._counterparts[key] = Counterpart(source, axes)
            self._counterparts[layer.facts] = found
        # Of layers that share parameters, the first that is there has them.
        step = LayerUnit(layer, found, self._owners.get(layer.owner), label, statement)
        self._owners.setdefault(layer.owner, step)
        return step

    def _group(self, group: Group, label: str | None, statement: object) -> list[Unit]:
        if group.called is not None:
            return self._call(group, group.called, label, statement)
        if group.kind == "repeat":
            return self._repeat(group, label)
        group_name = _last(group.name)
        units = self._members(group, group_name or label, group)
        return self._labelled(units, group_name) if group_name is not None else units

    def _labelled(self, units: list[Unit], label: str) -> list[Unit]:
        """Return a labelled statement: a chain that keeps more than one module becomes one unit."""
        mine = all(unit.label == label for unit in units)
        if mine and self._chained(units) and sum(unit.stateful for unit in units) > 1:
            return [UnitChain(units, units[0].word, label)]
        return units

    def _chained(self, units: list[Unit]) -> bool:
        """Tell whether units can stand in an nn.Sequential, nothing else reading what is between."""
        return (
            bool(units)
            and all(unit.modular for unit in units)
            and all(
                after.reads == before.gives and self._only(before.gives[0], after)
                for before, after in pairwise(units)
            )
        )

    def _call(self, group: Group, called: Called, label: str | None, statement: object) -> list[Unit]:
        """Return a block or network: a class, unless it is of one step, or called once without a label."""
        if label is None:
            label = _last(group.name)
        units = self._members(group, None, group)
        if len(units) > 1 and label is None and self._calls[called.name] == 1:
            return units
        if len(units) <= 1:
            for unit in units:
                unit.label = label or unit.label
                unit.statement = statement
            return units
        units = self._branches(units)
        first = units[0].first
        last = units[-1].last
        outside = {source: None for unit in units for source in unit.reads if source.index < first}
        given = dict.fromkeys(tensor for tensor in called.inputs.values() if tensor in outside)
        reads = dict.fromkeys((*given, *outside))
        gives = [tensor for unit in units for tensor in unit.gives if self._last[tensor] > last]
        region = ClassRegion(called.name, called, units, list(reads), gives)
        shares = [step for step in region.steps if step.shares]
        if any(step.owner.layer.index < first for step in shares):
            same = self._same(region, shares[0].owner)
            # Where the modules are others, only their parameters can be shared, from outside.
            return units if same is None else [Part(region, same, label, statement)]
        self._regions.update({(region.name, step.layer): region for step in region.steps})
        self.regions.append(region)
        return [Part(region, None, label, statement)]

    def _same(self, region: ClassRegion, owner: LayerUnit) -> ClassRegion | None:
        """Return the region with the layer of a step whose modules do what those of another would."""
        other = self._regions.get((region.name, owner.layer))
        if other is None or len(other.steps) != len(region.steps):
            return None
        numbers: dict[Layer, int] = {}
        for number, (mine, its) in enumerate(zip(region.steps, other.steps, strict=True)):
            numbers[mine.layer] = numbers[its.layer] = number
        outside = dict(zip(region.reads, other.reads, strict=False))
        for mine, its in zip(region.steps, other.steps, strict=True):
            keeps_modules = its.counterpart.source is not None and its.layer.facts.tensors != ()
            if not mine.counterpart.same_as(its.counterpart) or (
                keeps_modules and mine.owner is not its.owner
            ):
                return None
            if [numbers.get(t, outside.get(t)) for t in mine.reads] != [numbers.get(t, t) for t in its.reads]:
                return None
        gives = [numbers[tensor] for tensor in region.gives]
        return other if gives == [numbers[tensor] for tensor in other.gives] else None

    # Repeats ---------------------------------------------------------------------------------

    def _repeat(self, group: Group, label: str | None) -> list[Unit]:
        name = _last(group.name) or label
        turns: list[list[Unit]] = []
        names: list[str | None] = []
        for member in group.members:
            if isinstance(member, Group):
                group_name = _last(member.name)
                units = self._members(member, group_name or label, member)
                if units:
                    turns.append(units)
                    names.append(group_name)
        if len(turns) == 1 and names[0] is not None:
            for unit in turns[0]:
                unit.label = name if unit.label == names[0] else unit.label
            names[0] = name
        whole = self._stack(turns, name, group) or self._cycle(turns, name, group)
        if whole is not None:
            return [whole]
        return [
            unit
            for turn, group_name in zip(turns, names, strict=True)
            for unit in (self._labelled(turn, group_name) if group_name is not None else turn)
        ]

    def _stack(self, turns: list[list[Unit]], label: str | None, statement: object) -> UnitStack | None:
        """Return the turns as one nn.Sequential, where they are a chain and it is worth it."""
        if len(turns) < 2:
            return None
        few = len(turns) <= FEW_TURNS
        if few and not all(any(isinstance(unit, Part) for unit in turn) for turn in turns):
            return None
        if not self._chained([unit for turn in turns for unit in turn]):
            return None
        if not any(unit.stateful for unit in turns[0]):
            return None
        main = next((unit for unit in turns[0] if unit.weighted), turns[0][0])
        word = main.word if main.word.endswith("s") else f"{main.word}s"
        return UnitStack(turns, word, label, statement)

    def _cycle(self, turns: list[list[Unit]], label: str | None, statement: object) -> Cycle | None:
        """Return the turns as a loop, where each takes what the two before gave."""
        parts = [turn[0] for turn in turns if len(turn) == 1 and isinstance(turn[0], Part)]
        if len(parts) < 3 or len(parts) < len(turns):
            return None
        if not all(len(p.reads) == 2 and len(p.gives) == 1 and p.same is None for p in parts):
            return None
        for newest in (0, 1):
            before = list(parts[0].reads) if newest else list(parts[0].reads[::-1])
            for part in parts:
                wanted = before[-2:] if newest else before[:-3:-1]
                if list(part.reads) != wanted:
                    break
                before.append(part.gives[0])
            else:
                break
        else:
            return None
        ends = [part.last for part in parts]
        for number, part in enumerate(parts[:-2]):
            if self._last[part.gives[0]] > ends[number + 2]:
                return None
        gives = [parts[-1].gives[0]]
        if self._last[parts[-2].gives[0]] > ends[-1]:
            gives.append(parts[-2].gives[0])
        return Cycle(parts, newest, gives, label, statement)

    # Branches --------------------------------------------------------------------------------

    def _branches(self, units: list[Unit]) -> list[Unit]:
        """Make one unit of each branch that is a chain, where several branches of a merge have modules
        and no labels: ``branch1``, ``branch2`` …"""
        makes = {tensor: unit for unit in units for tensor in unit.gives}
        packed: dict[Unit, UnitChain | None] = {}  # the last unit of a branch, and the others
        for merge in units:
            if not isinstance(merge, LayerUnit) or not merge.layer.op.merge:
                continue
            chains = []
            often = Counter(merge.reads)
            for number, tensor in enumerate(merge.reads, 1):
                chain = self._branch(tensor, merge, makes) if often[tensor] == 1 else []
                if any(unit.stateful for unit in chain):
                    chains.append((number, chain))
            if len(chains) < 2 or all(len(chain) == 1 for _, chain in chains):
                continue
            for number, chain in chains:
                if len(chain) == 1:
                    chain[0].word = f"branch{number}"
                else:
                    packed.update(dict.fromkeys(chain))
                    packed[chain[-1]] = UnitChain(chain, f"branch{number}", merge.label)
        if not packed:
            return units
        found = [packed.get(unit, unit) for unit in units]
        return [unit for unit in found if unit is not None]

    def _branch(self, tensor: Layer, merge: LayerUnit, makes: dict[Layer, Unit]) -> list[Unit]:
        """Return the longest unlabelled chain that ends in a tensor that only a merge reads."""
        chain: list[Unit] = []
        reader: Unit = merge
        while True:
            unit = makes.get(tensor)
            if (
                unit is None
                or unit.label != merge.label
                or not unit.modular
                or len(unit.gives) != 1
                or not self._only(tensor, reader)
            ):
                break
            chain.append(unit)
            reader, tensor = unit, unit.reads[0]
        return chain[::-1]


def _last(name: str | None) -> str | None:
    """Return the last word of a full name."""
    return None if name is None else name.rpartition(".")[2]
