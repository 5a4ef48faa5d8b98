"""From regions to classes: blocks of one structure share one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from ..ops.attributes import Size
from ..ops.torch_code import literal
from .drafts import Draft, padding_steps, parts
from .identifiers import Names, class_name
from .parameters import Known, Parameters
from .templates import LiteralTemplate, Made
from .units import ClassRegion, LayerUnit, Unit
from .variants import ClassVariant, merged, single


class Class:
    """A class of the source.

    region      one of those that it is for
    pieces      the steps of its forward pass
    gives       where its outputs are from
    parameters  those of its constructor, and what stands for the literals of its pieces
    """

    def __init__(self, name: str, variant: ClassVariant, parameters: Parameters):
        self.name = name
        self.region = variant.draft.region
        self.pieces = variant.pieces
        self.gives = variant.gives
        self.parameters = parameters


class Instance(NamedTuple):
    """What a region becomes: a class, with arguments; ``units`` are its own, piece by piece."""

    cls: Class
    arguments: list[LiteralTemplate]
    units: Sequence[Unit | None]


class Classes:
    """The classes of some regions, children before parents in ``list``."""

    def __init__(self, regions: Sequence[ClassRegion], network: ClassRegion, names: Names):
        self.list: list[Class] = []
        self.instances: dict[ClassRegion, Instance] = {}
        self._names = names
        self._top = {part.region for part in parts(network.units)}
        for group in _levels(regions):
            self._group(group)
        self.network = self._network(network)

    def call(self, region: ClassRegion) -> Made:
        """Return the source that makes a region's module."""
        instance = self.instances[region]
        keywords = [p.name if p.usual is not None else None for p in instance.cls.parameters.list]
        return Made(instance.cls.name, keywords, instance.arguments)

    def _network(self, region: ClassRegion) -> Class:
        variant = single(Draft(region, self.call))
        parameters = Parameters([variant.draft.literals], variant.order(), [], (None,), ())
        cls = Class("", variant, parameters)
        self.instances[region] = Instance(cls, [], list(region.units))
        return cls

    def _group(self, regions: list[ClassRegion]) -> None:
        """Make the classes of the regions of one block."""
        swaps = self._top.issuperset(regions)
        for variant in merged(list(self._drafts(regions).values()), swaps):
            self._class(variant)

    def _drafts(self, regions: list[ClassRegion]) -> dict[object, list[Draft]]:
        """Return the regions as drafts, by structure. A step whose padding has to stand in front in some
        has it in front in all."""
        drafts = [Draft(region, self.call) for region in regions]
        found = _by_key(drafts)
        if len(found) == 1:
            return found
        loose = _by_key([Draft(region, self.call, padded=True) for region in regions])
        strict = {draft.region: draft for draft in drafts}
        kinds = {region: _kinds(padding_steps(region)) for region in regions}
        apart = set()
        for group in loose.values():
            if len({strict[draft.region].key for draft in group}) > 1:
                steps = [padding_steps(draft.region) for draft in group]
                for at, column in enumerate(zip(*steps, strict=False)):
                    if len({step.counterpart.form().key for step in column}) > 1:
                        apart.add(kinds[group[0].region][at])
        if not apart:
            return found
        for region in regions:
            for step, kind in zip(padding_steps(region), kinds[region], strict=True):
                step.padded = kind in apart
        return _by_key([Draft(region, self.call) for region in regions])

    def _class(self, variant: ClassVariant) -> None:
        """Make a class, and the instances of it."""
        contexts = [_context(draft.region) for draft, _, _ in variant.instances]
        rows: dict[object, int] = {}  # instances that are alike in all, by what they are
        places: list[int] = []
        firsts: list[int] = []
        for at, (_, literals, _) in enumerate(variant.instances):
            texts = tuple([each and (each.text, each.usual) for each in literals])
            row = rows.setdefault((texts, tuple(contexts[at].items())), len(rows))
            if row == len(firsts):
                firsts.append(at)
            places.append(row)
        known = [
            Known(name, tuple([contexts[at].get((name, by_itself)) for at in firsts]), by_itself)
            for name, by_itself in dict.fromkeys(key for context in contexts for key in context)
        ]
        outputs = tuple([str(variant.instances[at][0].region.gives[0].output.channels) for at in firsts])
        parameters = Parameters(
            [variant.instances[at][1] for at in firsts], variant.order(), known, outputs, self._names.taken
        )
        name = self._names.free(class_name(_spelled(variant.draft.region) + variant.suffix))
        cls = Class(name, variant, parameters)
        self.list.append(cls)
        for (draft, _, units), row in zip(variant.instances, places, strict=True):
            arguments = [LiteralTemplate(p.values[row], p.usual, p.name) for p in parameters.list]
            self.instances[draft.region] = Instance(cls, arguments, units)


def input_names(region: ClassRegion) -> list[str]:
    """Return the names that a block has for the tensors it reads; ``x`` for a lone one."""
    called = region.called
    names: list[str] = []
    for tensor in region.reads:
        given = called.inputs.items() if called is not None else ()
        name = tensor.name if called is None else next((n for n, t in given if t is tensor), "x")
        names.append("x" if name == "input" else name)
    return ["x"] if len(names) == 1 and (called is None or names == ["input"]) else names


def _context(region: ClassRegion) -> dict[tuple[str, bool], str]:
    """Return what is known of a region besides its literals: parameters of the block, and how many
    channels it takes."""
    assert region.called is not None
    found = {}
    for name, value in region.called.values.items():
        if isinstance(value, (int, Fraction, Size)) or type(value) is str:
            found[name, True] = literal(value)
    for number, name in enumerate(input_names(region)):
        key = f"{name}_channels" if number else "in_channels"
        found[key, False] = str(region.reads[number].output.channels)
    return found


def _spelled(region: ClassRegion) -> str:
    """Return the name of a block; spelled out where it is the initials of its layers, as in ``cbr``."""
    ops = [unit.layer.op.name for unit in region.units if isinstance(unit, LayerUnit)]
    if len(ops) == len(region.units) and region.name == "".join([op[0] for op in ops]):
        return "_".join(ops)
    return region.name


def _kinds(steps: Iterable[LayerUnit]) -> list[object]:
    """Return what is equal for steps that are likely to be the same one in two calls of a block."""
    often: dict[object, int] = {}
    found: list[object] = []
    for step in steps:
        kind = (step.label, step.word, step.counterpart.form(True).key)
        often[kind] = often.get(kind, 0) + 1
        found.append((kind, often[kind]))
    return found


def _by_key(drafts: Iterable[Draft]) -> dict[object, list[Draft]]:
    found: dict[object, list[Draft]] = {}
    for draft in drafts:
        found.setdefault(draft.key, []).append(draft)
    return found


def _levels(regions: Sequence[ClassRegion]) -> Iterable[list[ClassRegion]]:
    """Return regions by block, those that others call first."""
    groups: dict[object, list[ClassRegion]] = {}
    inside: dict[str, set[str]] = {}
    heights: dict[ClassRegion, int] = {}
    for region in regions:
        groups.setdefault(region.name, []).append(region)
        children = [part.region for part in parts(region.units) if part.same is None]
        inside.setdefault(region.name, set()).update(child.name for child in children)
        heights[region] = 1 + max([heights[child] for child in children], default=0)
    try:
        order = TopologicalSorter(inside).static_order()
        return [groups[name] for name in order]
    except CycleError:
        # Blocks that are each other's parameters: how deep a call goes keeps them apart.
        groups = {}
        for region in sorted(regions, key=heights.__getitem__):
            groups.setdefault((heights[region], region.name), []).append(region)
        return list(groups.values())
