"""A region as templates: what its source would be, with places for literals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..graph import Layer
from .templates import Held, LiteralTemplate, Made, RowTemplate, Template, TextTemplate, TimesTemplate
from .units import ClassRegion, Cycle, LayerUnit, Part, Unit, UnitChain, UnitStack, inside

# Where a tensor is from, seen from inside a region: an input's number with -1 in front, or a
# unit's number and which of its outputs.
Ref = tuple[int, int]


@dataclass(eq=False)
class Piece:
    """A unit of a region with its source.

    module  what makes its module; None where it has none of its own
    apply   how a layer is applied, as in its PyTorch code; None for everything else
    refs    where what it reads is from
    like    number of the layer, counted through the region, whose parameters it uses
    row     the modules that do the same in an nn.Sequential; None where none do
    flag    number of the flag by which it can be left out, None where it is always there
    past    the ref that stands for its output where it is left out; None if it is then a module
            that does nothing
    """

    unit: Unit
    module: Template | None
    apply: TextTemplate | None
    refs: tuple[Ref, ...]
    like: int | None = None
    row: list[Template] | None = None
    flag: int | None = None
    past: Ref | None = None

    def __post_init__(self) -> None:
        made = [template for template in (self.module, self.apply) if template is not None]
        self.literals = [literal for template in made for literal in template.literals]
        self.key = (
            type(self.unit),
            self.unit.label,
            self.unit.word if isinstance(self.unit, LayerUnit) else None,
            self.module.key if self.module is not None else None,
            self.apply.key if self.apply is not None else None,
            len(self.unit.gives),
            self.like,
        )


class Draft:
    """A region as pieces.

    padded  every step that can has its padding in front
    gives   where its outputs are from
    key     equal for regions that differ in literals alone
    """

    def __init__(self, region: ClassRegion, call: Callable[[ClassRegion], Made], padded: bool = False):
        self.region = region
        self._call = call
        self._padded = padded
        self._held = held(region.layers()) if region.called is not None else False
        origins: dict[Layer, Ref] = {tensor: (-1, number) for number, tensor in enumerate(region.reads)}
        numbers: dict[Layer, int] = {}
        if any(_shares(unit) for unit in region.units):
            numbers = {layer: number for number, layer in enumerate(region.layers())}
        self.pieces: list[Piece] = []
        for at, unit in enumerate(region.units):
            refs = tuple([origins[tensor] for tensor in unit.reads])
            self.pieces.append(self._piece(unit, refs, numbers))
            for number, tensor in enumerate(unit.gives):
                origins[tensor] = (at, number)
        self.gives = tuple([origins[tensor] for tensor in region.gives])
        self.key = (tuple([(piece.key, piece.refs) for piece in self.pieces]), self.gives, len(region.reads))

    @property
    def literals(self) -> list[LiteralTemplate]:
        """The literals of all pieces, in order."""
        return [literal for piece in self.pieces for literal in piece.literals]

    def _piece(self, unit: Unit, refs: tuple[Ref, ...], numbers: dict[Layer, int]) -> Piece:
        if isinstance(unit, LayerUnit):
            form = unit.counterpart.form(self._pads(unit))
            if not unit.shares:
                module = form.module and self._hold(form.module, unit)
                row = form.in_row
                if row is not None and module is not None:
                    row = [*row[:-1], module]
                return Piece(unit, module, form.apply, refs, row=row)
            same = unit.counterpart.source == unit.owner.counterpart.source
            owner = numbers[unit.owner.layer]
            return Piece(unit, None if same else form.module, form.apply, refs, owner)
        if isinstance(unit, Part) and unit.same is not None:
            return Piece(unit, None, None, refs, numbers[unit.same.steps[0].layer])
        module = self._module(unit)
        return Piece(unit, module, None, refs, row=[module] if unit.modular else None)

    def _module(self, unit: Unit, hold: bool = True) -> Template:
        """Return what makes the module of a unit that is no layer; with its parameters held fixed where
        they are, unless ``hold`` says that it is done outside."""
        whole = hold and not self._held and held(unit.layers())
        hold = hold and not whole
        if isinstance(unit, Part):
            found: Template = self._call(unit.region)
        elif isinstance(unit, UnitChain):
            found = self._row(unit.items, hold)
        elif isinstance(unit, Cycle):
            found = RowTemplate(runs([self._module(turn, hold) for turn in unit.turns]), "nn.ModuleList(")
        else:
            assert isinstance(unit, UnitStack)
            found = RowTemplate(runs([self._turn(turn, hold) for turn in unit.turns]))
        return Held(found) if whole else found

    def _turn(self, units: list[Unit], hold: bool) -> Template:
        row = self._row(units, hold)
        return row.items[0] if len(row.items) == 1 else row

    def _row(self, units: list[Unit], hold: bool) -> RowTemplate:
        return RowTemplate([item for unit in units for item in self._element(unit, hold)])

    def _element(self, unit: Unit, hold: bool) -> list[Template]:
        """Return a unit inside an nn.Sequential."""
        if not isinstance(unit, LayerUnit):
            return [self._module(unit, hold)]
        found = unit.counterpart.form(self._pads(unit)).in_row
        assert found is not None
        return [*found[:-1], self._hold(found[-1], unit)] if hold else found

    def _hold(self, template: Template, unit: Unit) -> Template:
        """Return a module with its parameters held fixed, unless the whole region's are."""
        return Held(template) if not self._held and held(unit.layers()) else template

    def _pads(self, unit: LayerUnit) -> bool:
        """Tell whether a step is written with its padding in front."""
        return unit.padded or (self._padded and unit.counterpart.can_pad)


def held(layers: Iterable[Layer]) -> bool:
    """Tell whether layers have parameters, and all of them are held fixed."""
    some = False
    for layer in layers:
        if layer.facts.params:
            if not layer.held:
                return False
            some = True
    return some


def _shares(unit: Unit) -> bool:
    """Tell whether it uses a module of something else."""
    return unit.shares if isinstance(unit, LayerUnit) else isinstance(unit, Part) and bool(unit.same)


def parts(units: Iterable[Unit]) -> list[Part]:
    """Return the calls of classes among them."""
    return [unit for unit in inside(units) if isinstance(unit, Part)]


def padding_steps(region: ClassRegion) -> list[LayerUnit]:
    """Return the steps of a region whose padding could stand in front, in the order of a draft."""
    return [unit for unit in inside(region.units) if isinstance(unit, LayerUnit) and unit.counterpart.can_pad]


def runs(items: list[Template]) -> list[Template]:
    """Return the same modules, fewer words: equal neighbours as a loop, and those whose numbers grow by
    the same amount from one to the next."""
    found: list[Template] = []
    at = 0
    texts = [tuple([literal.text for literal in item.literals]) for item in items]
    while at < len(items):
        count = 1
        while at + count < len(items) and _equal(items, texts, at, at + count):
            count += 1
        steps: list[int | None] = [None] * len(texts[at])
        if count == 1 and at + 1 < len(items):
            grown = _growth(items, texts, at)
            if grown is not None and any(step is not None for step in grown):
                count = 2
                while at + count < len(items) and _growth(items, texts, at + count - 1) == grown:
                    count += 1
                # Two have some step between them in any case, and the second may begin a run.
                if count > 2:
                    steps = grown
                else:
                    count = 1
        found.append(items[at] if count == 1 else TimesTemplate(items[at], count, steps))
        at += count
    return found


def _equal(items: list[Template], texts: list[tuple[str, ...]], a: int, b: int) -> bool:
    return items[a].key == items[b].key and texts[a] == texts[b]


def _growth(items: list[Template], texts: list[tuple[str, ...]], at: int) -> list[int | None] | None:
    """Return by how much each literal grows to the next item, None where it does not; None where they
    differ otherwise."""
    if items[at].key != items[at + 1].key:
        return None
    steps: list[int | None] = []
    for one, other in zip(texts[at], texts[at + 1], strict=True):
        if one == other:
            steps.append(None)
        elif one.isdigit() and other.isdigit():
            steps.append(int(other) - int(one))
        else:
            return None
    return steps
