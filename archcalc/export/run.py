"""What an exported network does when it runs: its modules, and their calls in the order of the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from ..graph import Layer
from ..module_run import BatchSizes, Module, ModuleParameter, ModuleRun, RunCall
from ..ops.facts import Tensor
from ..shape import Shape
from ..torch_code import torch_code_of
from .call_sizes import CallSizes, UnknownSizesError, sizes_of_calls
from .drafts import Piece, Ref
from .source import Export
from .templates import LiteralTemplate, Made, Template, TextTemplate
from .units import ClassRegion, Cycle, LayerUnit, Part, Unit, UnitChain, UnitStack
from .variants import NOTHING

# Bytes of a position in a table.
INDEX = 8
_CLASS = re.compile(r"(?<![\w.])(?:\w+\.)*([A-Z]\w*)\(")
# The part of these that is a module of its own, and is called: they are made of a single linear map besides.
_CALLED_INSIDE = {"SelfAttention": "out_proj", "Attention": "out_proj"}


def run_of(export: Export, inputs: Sequence[Layer]) -> ModuleRun:
    """Return what the module of an export does when it runs on tensors like those of the graph."""
    running = _Running(export)
    region = export.network
    root = running.module_of(region, "")
    call = running.begin(root, None, _sizes(region.reads[0].output), _sizes(region.gives[0].output))
    running.region(region, root, call)
    readers: dict[Layer, list[Layer]] = {source: [] for source in inputs}
    for layer in region.layers():
        for source in layer.inputs:
            readers.get(source, []).append(layer)
    given: list[tuple[BatchSizes, int | None]] = []
    for source in inputs:
        words = readers[source] and all(at.op.indices_below is not None for at in readers[source])
        given.append((_sizes(source.output), INDEX if words else None))
    return ModuleRun(root, running.calls, given)


class _Running:
    """A run in the making: modules as they are made, calls as they happen."""

    def __init__(self, export: Export):
        self.calls: list[RunCall] = []
        self._export = export
        self._regions: dict[ClassRegion, Module] = {}
        self._rows: dict[Unit, list[Module]] = {}
        self._of_layer: dict[Layer, Module] = {}
        # Where a module is called again: the layers of this call, by those that it was made for.
        self._now: dict[Layer, Layer] = {}

    # Modules -----------------------------------------------------------------------------------

    def module_of(self, region: ClassRegion, path: str) -> Module:
        """The module of a region, made when it is first asked for."""
        found = self._regions.get(region)
        if found is not None:
            return found
        instance = self._export.instances[region]
        found = self._regions[region] = Module(instance.cls.name, path)
        names = self._export.written[instance.cls].attributes
        for piece, unit, name in zip(instance.cls.pieces, instance.units, names, strict=True):
            if name is None:
                continue
            made = found.child(name)
            if made is None:
                made = self._made(piece, unit, f"{path}.{name}" if path else name)
                found.children.append((name, made))
            elif isinstance(unit, LayerUnit):
                self._of_layer[unit.layer] = made
        return found

    def _made(self, piece: Piece, unit: Unit | None, path: str) -> Module:
        """The module of a piece."""
        if unit is None:
            return Module(NOTHING.partition("(")[0].removeprefix("nn."), path)
        if isinstance(unit, LayerUnit):
            form = unit.counterpart.form(unit.padded)
            template = form.module
            if piece.apply is None and form.in_row is not None:
                (template,) = form.in_row
            assert template is not None
            return self._of(unit.layer, template, path)
        return self._whole(unit, path)

    def _of(self, layer: Layer, template: Template, path: str) -> Module:
        """The module of a layer, with its parameters."""
        found = self._of_layer[layer] = _plain(template, path)
        for tensor in layer.facts.tensors or ():
            if not tensor.learned:
                continue
            place, *inner = found, *tensor.name.split(".")
            for step in inner[:-1]:
                child = place.child(step)
                if child is None:
                    kind = "Linear" if _CALLED_INSIDE.get(found.kind) == step else "Module"
                    child = Module(kind, f"{place.path}.{step}" if place.path else step)
                    place.children.append((step, child))
                place = child
            place.parameters.append(_parameter(layer, tensor, inner[-1]))
        return found

    def _whole(self, unit: Unit, path: str) -> Module:
        """The module of what is no layer."""
        if isinstance(unit, Part):
            return self.module_of(unit.same or unit.region, path)
        found = Module("ModuleList" if isinstance(unit, Cycle) else "Sequential", path)
        items: list[list[Unit]]
        if isinstance(unit, Cycle):
            items = [[turn] for turn in unit.turns]
        elif isinstance(unit, UnitStack):
            items = unit.turns
        else:
            assert isinstance(unit, UnitChain)
            self._rows[unit] = self._fill(found, unit.items)
            return found
        for turn in items:
            place = f"{path}.{len(found.children)}"
            row = Module("Sequential", place)
            made = self._fill(row, turn, place)
            if len(made) == 1:
                made[0].path = place
                found.children.append((str(len(found.children)), made[0]))
            else:
                found.children.append((str(len(found.children)), row))
        return found

    def _fill(self, row: Module, units: Sequence[Unit], alone: str = "") -> list[Module]:
        """Register the modules of units one behind the other, and return them. Where there is a single one,
        it may stand at the path ``alone`` instead."""
        sizes = [len(_in_row(unit)) for unit in units]
        whole = bool(alone) and sum(sizes) == 1
        for unit in units:
            made: list[Module] = []
            for template in _in_row(unit):
                place = alone if whole else f"{row.path}.{len(row.children)}"
                if not isinstance(unit, LayerUnit):
                    module = self._whole(unit, place)
                elif len(made) == len(_in_row(unit)) - 1:
                    assert template is not None
                    module = self._of(unit.layer, template, place)
                else:
                    assert template is not None
                    module = _plain(template, place)
                made.append(module)
                row.children.append((str(len(row.children)), module))
            self._rows[unit] = made if isinstance(unit, LayerUnit) else self._rows.get(unit, made)
        return [module for _, module in row.children]

    # Calls -------------------------------------------------------------------------------------

    def _sizes(self, layer: Layer) -> BatchSizes:
        return _sizes(self._now.get(layer, layer).output)

    def begin(
        self, module: Module, parent: RunCall | None, takes: BatchSizes | None, gives: BatchSizes | None
    ) -> RunCall:
        """A call of a module begins."""
        call = RunCall(module, parent, takes, gives)
        self.calls.append(call)
        return call

    def region(self, region: ClassRegion, module: Module, call: RunCall) -> None:
        """The forward pass of a region, in a module that may be another region's."""
        instance = self._export.instances[region]
        writing = self._export.written[instance.cls]
        pieces, names = instance.cls.pieces, writing.attributes
        tensors: dict[Ref, Layer] = {(-1, number): layer for number, layer in enumerate(region.reads)}
        for at, unit in enumerate(instance.units):
            past = pieces[at].past
            if unit is None:
                tensors[at, 0] = tensors[past if past is not None else pieces[at].refs[0]]
            else:
                tensors.update({(at, number): layer for number, layer in enumerate(unit.gives)})
        for line in writing.forward.order():
            if instance.units[line[-1]] is None and pieces[line[-1]].past is not None:
                continue  # a condition that does not hold
            for at in line:
                name, unit = names[at], instance.units[at]
                here = None if name is None else module.child(name)
                if unit is None:
                    assert here is not None
                    sizes = self._sizes(tensors[pieces[at].refs[0]])
                    self.begin(here, call, sizes, sizes)
                elif isinstance(unit, LayerUnit):
                    if here is None and pieces[at].like is not None:
                        here = self._of_layer.get(unit.owner.layer)
                    if pieces[at].apply is None:
                        self._row(unit, [here] if here is not None else [], call)
                    else:
                        self._layer(unit, here, call)
                else:
                    self._unit(unit, here, call)

    def _layer(self, unit: LayerUnit, module: Module | None, call: RunCall) -> None:
        """A layer, by its module or a function."""
        if module is None:
            call.layers.append(self._now.get(unit.layer, unit.layer).name)
            return
        apply = unit.counterpart.form(unit.padded).apply
        text = apply.text(iter([literal.text for literal in apply.literals]))
        layer = self._now.get(unit.layer, unit.layer)
        both = [_calls_of(text, layer, batch) for batch in (1, 2)]
        for number, (one, two) in enumerate(zip(*both, strict=True)):
            gives = None
            if one.gives is not None and two.gives is not None:
                gives = BatchSizes(one.gives, two.gives)
            found = self.begin(module, call, BatchSizes(one.takes, two.takes), gives)
            if number == 0:
                found.layers.append(layer.name)
            self._inside(found, layer)

    def _inside(self, call: RunCall, layer: Layer) -> None:
        """The calls within a module of a layer's own."""
        name = _CALLED_INSIDE.get(call.module.kind)
        part = None if name is None else call.module.child(name)
        weight = None if part is None else next((p for p in part.parameters if p.name == "weight"), None)
        if part is None or weight is None:
            return
        *spatial, channels = layer.output
        tokens = int(Shape((*spatial, 1)).values)
        self.begin(
            part,
            call,
            BatchSizes((1, tokens, weight.sizes[1]), (2, tokens, weight.sizes[1])),
            BatchSizes((1, tokens, int(channels)), (2, tokens, int(channels))),
        )

    def _unit(self, unit: Unit, module: Module | None, call: RunCall) -> None:
        """A call of what is no layer."""
        if isinstance(unit, Part):
            region = unit.same or unit.region
            module = self.module_of(region, "")
            found = self.begin(module, call, self._sizes(unit.reads[0]), self._sizes(unit.gives[0]))
            before = self._now
            if unit.same is not None:
                pairs = [*zip(region.reads, unit.region.reads, strict=True)]
                pairs += [
                    (one.layer, two.layer) for one, two in zip(region.steps, unit.region.steps, strict=True)
                ]
                self._now = {**before, **{one: before.get(two, two) for one, two in pairs}}
            self.region(region, module, found)
            self._now = before
            return
        if isinstance(unit, Cycle):
            for part in unit.turns:
                self._unit(part, None, call)
            return
        assert module is not None
        found = self.begin(module, call, self._sizes(unit.reads[0]), self._sizes(unit.gives[0]))
        if isinstance(unit, UnitStack):
            for (_, row), turn in zip(module.children, unit.turns, strict=True):
                if sum(len(_in_row(item)) for item in turn) == 1:
                    self._row(turn[0], [row], found)
                    continue
                inner = self.begin(row, found, self._sizes(turn[0].reads[0]), self._sizes(turn[-1].gives[0]))
                self._items(turn, row, inner)
        elif isinstance(unit, UnitChain):
            self._items(unit.items, module, found)

    def _items(self, units: Sequence[Unit], row: Module, call: RunCall) -> None:
        """Units in a row, one behind the other."""
        modules = iter([module for _, module in row.children])
        for unit in units:
            self._row(unit, [next(modules) for _ in _in_row(unit)], call)

    def _row(self, unit: Unit, modules: Sequence[Module], call: RunCall) -> None:
        """A unit that stands in a row, by its modules there."""
        if not isinstance(unit, LayerUnit):
            self._unit(unit, modules[0], call)
            return
        *before, module = modules
        layer = self._now.get(unit.layer, unit.layer)
        takes = self._sizes(unit.layer.inputs[0])
        for first in before:
            # What is flattened or padded in front of it.
            apply = unit.counterpart.form(unit.padded).apply
            text = apply.text(iter([literal.text for literal in apply.literals]))
            one, two = [_calls_of(text, layer, batch)[0].takes for batch in (1, 2)]
            gives = BatchSizes(one, two)
            self.begin(first, call, takes, gives)
            takes = gives
        found = self.begin(module, call, takes, self._sizes(unit.layer))
        found.layers.append(layer.name)
        self._inside(found, layer)


def _calls_of(text: str, layer: Layer, batch: int) -> list[CallSizes]:
    """The calls of the module of a layer, with their sizes for a batch."""
    inputs = [_at(source.output, batch) for source in layer.inputs]
    output = _at(layer.output, batch)
    try:
        calls = sizes_of_calls(text, inputs, output)
    except UnknownSizesError:
        return [CallSizes(inputs[0], None)]
    whole = torch_code_of(layer).whole
    if whole is not None:
        calls = [CallSizes(call.takes, (batch, *map(int, whole))) for call in calls]
    return calls


def _at(shape: Shape, batch: int) -> tuple[int, ...]:
    *spatial, channels = shape
    return (batch, int(channels), *map(int, spatial))


def _sizes(shape: Shape) -> BatchSizes:
    return BatchSizes(_at(shape, 1), _at(shape, 2))


def _in_row(unit: Unit) -> Sequence[Template | None]:
    """The modules of a unit in an nn.Sequential; None for one that is no layer's."""
    if isinstance(unit, LayerUnit):
        return unit.counterpart.form(unit.padded).in_row or ()
    return (None,)


def _parameter(layer: Layer, tensor: Tensor, name: str) -> ModuleParameter:
    trains = not layer.held and tensor.name not in layer.owner.op.frozen_names
    sizes = tuple([int(size) for size in tensor.shape])
    return ModuleParameter(name, sizes, trains, (layer.owner, tensor.name))


# Templates -------------------------------------------------------------------------------------


def _plain(template: Template, path: str) -> Module:
    """The module that a template makes, without its parameters."""
    made = _innermost(template)
    if isinstance(made, Made):
        function = made.function
    else:
        assert isinstance(made, TextTemplate)
        match = _CLASS.search(made.text(iter([literal.text for literal in made.literals])))
        function = match[1] if match else "Module"
    return Module(function.rpartition(".")[2], path, _kernel_size(made))


def _innermost(template: Template) -> Template:
    """What functions such as ``hold`` are given: they return it."""
    while hasattr(template, "inner"):
        template = template.inner
    while isinstance(template, Made) and not _CLASS.match(f"{template.function}("):
        first = template.arguments[0]
        if not isinstance(first, Template):
            break
        template = first
    return template


# Modules that keep the size of their window as one number per axis, however it is written.
_ON_AXES = ("nn.Conv", "nn.AvgPool1d")


def _kernel_size(template: Template) -> int | tuple[int, ...] | None:
    """The attribute ``kernel_size`` of a module."""
    if not isinstance(template, Made) or not template.function.startswith("nn."):
        return None
    literal = next((a for a in template.arguments if _is_kernel(a)), None)
    if not isinstance(literal, LiteralTemplate):
        return None
    value: int | tuple[int, ...] = ast.literal_eval(literal.text)
    if isinstance(value, int) and template.function.startswith(_ON_AXES):
        return (value,) * int(re.findall(r"\d", template.function)[-1])
    return value


def _is_kernel(argument: object) -> bool:
    return isinstance(argument, LiteralTemplate) and argument.role == "kernel_size"


def calls_by_layer(run: ModuleRun) -> Iterator[tuple[str, RunCall]]:
    """Yield each layer by name with the call of the module that it happens in."""
    for call in run.calls:
        for name in call.layers:
            yield name, call
