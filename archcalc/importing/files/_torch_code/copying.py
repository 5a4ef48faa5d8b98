"""Copies of modules, as ``copy.deepcopy`` makes them: with tensors of their own."""

from __future__ import annotations

from typing import Any

from .._source.values import EvaluationError, PythonInstance
from .modules import MOST_MODULES, CodeModule, module_of
from .tensors import CodeParameter


def copied(module: CodeModule, seen: dict[int, Any] | None = None) -> CodeModule:
    """Return a module like another.

    Args:
        module: The other.
        seen: What has been copied already, by identity: what is shared within a module stays shared.

    Raises:
        EvaluationError: There would be too many modules.
    """
    seen = {} if seen is None else seen
    if id(module) in seen:
        known: CodeModule = seen[id(module)]
        return known
    run = module.run
    run.made += 1
    if run.made > MOST_MODULES:
        raise EvaluationError(f"this makes more than {MOST_MODULES:,} modules")
    found = module.blank()
    seen[id(module)] = found
    found.settings, found.work = dict(module.settings), module.work
    for name, tensor in module.tensors.items():
        found.tensors[name] = _tensor(tensor, seen)
    for name, child in module.children.items():
        found.children[name] = copied(child, seen)
    found.plain = {name: _value(one, seen) for name, one in module.plain.items()}
    if module.made_of is not None:
        made = PythonInstance(module.made_of.of)
        made.state, found.made_of = found, made
        made.values = {name: _value(one, seen) for name, one in module.made_of.values.items()}
    return found


def _tensor(tensor: CodeParameter, seen: dict[int, Any]) -> CodeParameter:
    if id(tensor) not in seen:
        dtype = tensor.value.dtype
        seen[id(tensor)] = CodeParameter(
            tensor.run, tensor.size, dtype, learned=tensor.learned, frozen=tensor.frozen
        )
    found: CodeParameter = seen[id(tensor)]
    return found


def _value(value: Any, seen: dict[int, Any]) -> Any:
    """An attribute of a copy."""
    module = module_of(value)
    if module is not None:
        return copied(module, seen).object
    if isinstance(value, CodeParameter):
        return _tensor(value, seen)
    if type(value) in (list, tuple):
        return type(value)([_value(one, seen) for one in value])
    if isinstance(value, dict):
        return {key: _value(one, seen) for key, one in value.items()}
    return value
