"""The modules of a recording and their calls, as tools that hook modules see them."""

from __future__ import annotations

from collections.abc import Iterable

from ....module_run import BatchSizes, Module, ModuleParameter, ModuleRun, RunCall
from ..recording import Recording, Value
from .lifter import LiftedLayer

# Bytes of a value, by its type; that of the weights is the network's, which may be asked to be another one.
_BYTES = {"int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1, "bool": 1, "complex64": 8}


def module_run(recording: Recording, made: Iterable[LiftedLayer]) -> ModuleRun:
    """Return the modules that were run, each layer with the call in which it happened."""
    modules: dict[str, Module] = {}
    for path, info in recording.modules.items():
        modules[path] = Module(info.kind, path, info.kernel_size)
        modules[path].parameters = [_parameter(name, value) for name, value in info.parameters.items()]
    for path, info in recording.modules.items():
        modules[path].children = [(name, modules[at.path]) for name, at in info.children.items()]
    layers: dict[object, list[str]] = {}
    for one in made:
        layers.setdefault(one.operation.call, []).append(one.layer.name)
    calls: dict[object, RunCall] = {}
    for call in recording.calls:
        takes, gives = call.first
        parent = None if call.parent is None else calls[call.parent]
        calls[call] = RunCall(
            modules[call.path], parent, _sizes(takes), _sizes(gives), layers.get(call, ()), _bytes(gives)
        )
    given = [(_batched(value), _bytes(value)) for value in recording.inputs]
    return ModuleRun(modules[""], list(calls.values()), given)


def _parameter(name: str, value: Value) -> ModuleParameter:
    return ModuleParameter(name, value.sizes, not value.frozen, value.index, _bytes(value))


def _sizes(value: Value | None) -> BatchSizes | None:
    return None if value is None else _batched(value)


def _batched(value: Value) -> BatchSizes:
    """The sizes of a value; where no batch of two was tried, the elements stand along the first axis."""
    one = value.sizes
    return BatchSizes(one, value.at_two or (*[2 * size for size in one[:1]], *one[1:]))


def _bytes(value: Value | None) -> int | None:
    return None if value is None else _BYTES.get(value.dtype)
