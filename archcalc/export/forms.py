"""How the exported source writes each layer: as a module, or as a function."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from ..code_form import FUNCTION, MODULE, CodeForm
from ..diagnostics import SpecError
from ..graph import Graph, Layer
from ..torch_code import torch_code_of
from .classes import Classes
from .cutting import Cutting
from .identifiers import Names
from .templates import Counterpart, LiteralTemplate, Made, Template
from .units import Cycle, LayerUnit, Part, Unit, UnitChain, UnitStack

# What a piece of source calls that computes; what only moves values is passed over.
_CALL = re.compile(r"(?:\bF|\btorch|\bx|\))\.(\w+)\(")
_MOVES = frozenset(("flatten", "movedim", "pad", "transpose", "permute", "reshape", "view", "unsqueeze"))


def code_forms(graph: Graph, with_heads: bool) -> dict[Layer, CodeForm]:
    """Return how the exported source writes layers.

    Args:
        graph: The network.
        with_heads: Whether the layers that only side heads need are exported too.

    Returns:
        The form of each layer. One without a counterpart in PyTorch stands as a module without a name.
    """
    layers = graph.select(with_heads)
    ends = (graph.output, *graph.heads.values()) if with_heads else (graph.output,)
    try:
        cutting = Cutting(graph, layers, ends)
    except SpecError:
        return {layer: _alone(layer) for layer in layers}
    found: dict[Layer, CodeForm] = {}
    known: dict[tuple[int, bool], CodeForm] = {}
    # Blocks of one class may have a row of modules where one of them leaves it out.
    instances = Classes(cutting.regions, cutting.network, Names()).instances
    for region in (cutting.network, *cutting.regions):
        units = [unit for unit in instances[region].units if unit is not None]
        for unit, in_row in _steps(units, False):
            key = id(unit.counterpart), in_row
            if key not in known:
                known[key] = _form(unit.counterpart, in_row)
            found[unit.layer] = known[key]
    return found


def _steps(units: Iterable[Unit], in_row: bool) -> Iterable[tuple[LayerUnit, bool]]:
    """The steps of a region, each with whether it stands in an nn.Sequential. Those of parts stand in regions
    of their own, or are those of another part again."""
    for unit in units:
        if isinstance(unit, LayerUnit):
            yield unit, in_row
        elif isinstance(unit, UnitChain):
            yield from _steps(unit.items, True)
        elif isinstance(unit, UnitStack):
            for turn in unit.turns:
                yield from _steps(turn, True)
        elif isinstance(unit, Part) and unit.same is not None:
            yield from _steps(unit.region.units, False)
        elif isinstance(unit, Cycle):
            continue


def _alone(layer: Layer) -> CodeForm:
    try:
        code = torch_code_of(layer)
    except SpecError:
        return CodeForm(MODULE)
    return _form(Counterpart(code, len(layer.inputs[0].output) - 1), False)


def _form(counterpart: Counterpart, in_row: bool) -> CodeForm:
    form = counterpart.form()
    template: Template | None = form.module
    if in_row and form.in_row:
        template = form.in_row[-1]
    if template is None:
        return CodeForm(FUNCTION, _function(form.apply.text(iter([t.text for t in form.apply.literals]))))
    made = template if isinstance(template, Made) else None
    while made is not None and not made.function.startswith("nn."):
        inner = next((a for a in made.arguments if isinstance(a, Made)), None)
        if inner is None:
            break
        made = inner
    if made is None:
        return CodeForm(MODULE)
    if made.function.startswith("nn."):
        return CodeForm(MODULE, made.function.removeprefix("nn."), settings=_settings(made))
    return CodeForm(FUNCTION, "", made.function)


def _function(apply: str) -> str:
    """The function that a piece of source calls: the last one, which takes what the others give."""
    names = [name for name in _CALL.findall(apply) if name not in _MOVES]
    return names[0] if names else ""


def _settings(made: Made) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for keyword, argument in zip(made.keywords, made.arguments, strict=True):
        if isinstance(argument, LiteralTemplate):
            try:
                found[keyword or argument.role] = ast.literal_eval(argument.text)
            except ValueError:
                continue
    return found
