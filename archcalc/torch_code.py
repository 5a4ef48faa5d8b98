"""A layer's counterpart in PyTorch, as source: what needs no torch."""

from __future__ import annotations

import ast
import builtins
import pkgutil
from copy import copy
from functools import cache
from importlib.util import find_spec

from .diagnostics import fail
from .graph import Layer
from .ops.base import Op
from .ops.dot_products import DotProducts
from .ops.stated import stated_besides
from .ops.torch_code import SourceCall, TorchCode, call


def torch_code_of(layer: Layer) -> TorchCode:
    """A layer's source in PyTorch. Raises SpecError where its op has none."""
    torch_code = layer.op.torch_code(*[source.output for source in layer.inputs])
    if torch_code is None:
        why = "PyTorch's layers have three axes at most"
        if type(layer.op).torch_code is Op.torch_code:
            why = "its class states no `torch_code`"
        why = layer.op.no_torch_reason or why
        raise fail(
            "torch",
            f"{layer.name}: `{layer.op.name}` has no counterpart in PyTorch: {why}",
            "--until takes the part before it",
        )
    torch_code = _without_learning(layer.owner, torch_code)
    torch_code = _with_stated(layer.owner, torch_code)
    names, module = layer.owner.op.frozen_names, torch_code.module
    if names and module is not None:
        torch_code = copy(torch_code)
        torch_code.module = call("hold", _as_call(module), *names)
    for name in unknown_names(torch_code.module or "", torch_code.apply):
        raise fail(
            "torch",
            f"{layer.name}: the PyTorch code of `{layer.op.name}` names `{name}`, which nothing defines",
            "a module that PyTorch lacks is a class in archcalc/witness/modules",
        )
    return torch_code


def _without_learning(owner: Layer, torch_code: TorchCode) -> TorchCode:
    """The code of a layer whose weights are buffers, or constants, where those of its module are learned."""
    held = [held for held in ("stored", "fixed") if owner.op.__dict__.get(held) is True]
    if not held or torch_code.module is None or not isinstance(owner.op, DotProducts):
        return torch_code
    found = copy(torch_code)
    found.module = call("as_buffers" if held == ["stored"] else "as_constants", _as_call(torch_code.module))
    return found


def _with_stated(owner: Layer, torch_code: TorchCode) -> TorchCode:
    """The code of a layer with the tensors registered that its owner states besides those of the rule."""
    besides = stated_besides(owner.op, *[source.output for source in owner.inputs])
    if not besides:
        return torch_code
    module = _as_call(torch_code.module or call("nn.Identity"))
    for tensor in besides:
        register = "with_parameter" if tensor.learned else "with_buffer"
        module = call(register, module, tensor.name, *map(int, tensor.shape))
    found = copy(torch_code)
    found.module = module
    return found


def _as_call(module: str) -> SourceCall:
    """The source of a module, which may be that of an op outside of archcalc: a text."""
    if isinstance(module, SourceCall):
        return module
    made = call(module.partition("(")[0])
    found = SourceCall(module)
    found.function, found.arguments = made.function, ()
    return found


@cache
def lacking_modules() -> dict[str, str]:
    """The modules that PyTorch lacks: their source by name, in an order in which it can stand."""
    place = find_spec("archcalc.witness.modules")
    assert place is not None
    found: dict[str, str] = {}
    for part in sorted([part.name for part in pkgutil.iter_modules(place.submodule_search_locations)]):
        source = (pkgutil.get_data("archcalc.witness.modules", f"{part}.py") or b"").decode("utf-8")
        found |= {
            node.name: ast.get_source_segment(source, node) or ""
            for node in ast.parse(source).body
            if isinstance(node, (ast.ClassDef, ast.FunctionDef))
        }
    return found


@cache
def unknown_names(*sources: str) -> list[str]:
    """Names in expressions that mean nothing where they are evaluated: in a built or exported network."""
    nodes = [node for source in sources if source for node in ast.walk(ast.parse(source))]
    known = {"torch", "nn", "F", "m", "x", "xs", *dir(builtins)}
    known |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    known |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    found = [node.id for node in nodes if isinstance(node, ast.Name) and node.id not in known]
    return [name for name in found if name not in lacking_modules()]
