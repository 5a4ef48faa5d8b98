"""The modules of a run: what they register, and when they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import torch
from torch import nn

from ..operations.recording import BUFFER, PARAMETER, ModuleCall, ModuleInfo, Value
from .trees import parts, tensors_in

ValueOf = Callable[[torch.Tensor], Value]


class ModuleCalls:
    """The modules of a run.

    Attributes:
        modules: All modules of the tree, and those that were called and stand in no tree, by path.
        calls: All calls of modules in the order in which they began.
        registered: The parameters and buffers of the modules by ``id``: the tensor, its kind, its first name.
        unregistered: Names of parameters that no module of the tree registers.
        elsewhere: Whether modules of the tree were called in another thread, where nothing is seen.
    """

    def __init__(self, module: nn.Module):
        self.modules: dict[str, ModuleInfo] = {}
        self.calls: list[ModuleCall] = []
        self.registered: dict[int, tuple[torch.Tensor, str, str]] = {}
        self.unregistered: list[str] = []
        self.elsewhere = False
        self._module = module
        self._infos: dict[int, ModuleInfo] = {}
        self._kept: list[nn.Module] = []
        self._stack: list[ModuleCall] = []
        self._ended = 0
        self._names: dict[int, str] | None = None
        for path, part in module.named_modules():
            self._enter(path, part)

    @property
    def current(self) -> ModuleCall:
        """The innermost call of a module that is under way."""
        return self._stack[-1] if self._stack else self.calls[0]

    def holds(self, module: nn.Module) -> bool:
        """Whether a module is of the tree."""
        return id(module) in self._infos

    def name_of(self, thing: Any) -> str:
        """The name of an attribute that holds a tensor or a module without registering it, or that of a place
        in a list or dictionary; empty where none is found."""
        if self._names is None:
            self._names = names_of_unregistered(self._module)
        return self._names.get(id(thing), "")

    def _enter(self, path: str, module: nn.Module) -> ModuleInfo:
        """Take a module in, with what it registers."""
        info = self.modules[path] = self._infos[id(module)] = described_module(path, module)
        self._kept.append(module)
        prefix = f"{path}." if path else ""
        for kind, registered in ((PARAMETER, module._parameters), (BUFFER, module._buffers)):
            for name, tensor in registered.items():
                if tensor is not None and id(tensor) not in self.registered:
                    self.registered[id(tensor)] = (tensor, kind, f"{prefix}{name}")
        return info

    def complete(self, leaf: Callable[[torch.Tensor], Value]) -> None:
        """Write down the parameters and buffers of all modules, those too that nothing read."""
        for module in self._kept:
            info = self._infos[id(module)]
            parts = [(name, part) for name, part in module._modules.items() if part is not None]
            info.children = {name: self._infos[id(part)] for name, part in parts if id(part) in self._infos}
            info.kernel_size = _kernel_size(module)
            for tensors, found in ((module._parameters, info.parameters), (module._buffers, info.buffers)):
                for name, tensor in tensors.items():
                    if tensor is not None and name != "num_batches_tracked" and id(tensor) in self.registered:
                        found[name] = leaf(tensor)

    @contextmanager
    def watched(self, value_of: ValueOf) -> Iterator[None]:
        """Write down calls of modules, until the block ends.

        Args:
            told: Gives the value that a tensor holds.
        """
        calls, thread = self, get_ident()
        original = nn.Module.__call__

        def call_watched(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if get_ident() != thread:
                calls.elsewhere = calls.elsewhere or calls.holds(self)
                return original(self, *args, **kwargs)
            call = calls._begin(self, args, kwargs, value_of)
            result = original(self, *args, **kwargs)
            calls._end(call, result, value_of)
            return result

        nn.Module.__call__ = call_watched  # type: ignore[method-assign]
        try:
            yield
        finally:
            nn.Module.__call__ = original  # type: ignore[method-assign]

    def _begin(self, module: nn.Module, args: Any, kwargs: Any, value_of: ValueOf) -> ModuleCall:
        info = self._infos.get(id(module)) or self._stranger(module)
        info.calls += 1
        stack = self._stack
        call = ModuleCall(info.path, info.kind, info.calls, stack[-1] if stack else None, len(self.calls))
        self.calls.append(call)
        stack.append(call)
        call.arguments = values_of((args, kwargs) if kwargs else args, value_of)
        if args:
            given = call.arguments if not kwargs else values_of(args, value_of)
            call.first = (given[0] if given else None, None)
        return call

    def _end(self, call: ModuleCall, result: Any, value_of: ValueOf) -> None:
        call.results = values_of(result, value_of) or values_of(_attributes(result), value_of)
        if call.results:
            call.first = (call.first[0], call.results[-1 if isinstance(result, dict) else 0])
        call.ended = self._ended
        self._ended += 1
        while self._stack and self._stack.pop() is not call:
            pass  # calls that an exception ended, which the module has caught

    def _stranger(self, module: nn.Module) -> ModuleInfo:
        """Take in a module that is called and stands in no tree: one in a list, or made on the way."""
        parent = self._stack[-1].path if self._stack else ""
        name = self.name_of(module) or ".".join([part for part in (parent, type(module).__name__) if part])
        path, number = name, 1
        while path in self.modules:
            number += 1
            path = f"{name}_{number}"
        before = len(self.registered)
        for inner, part in module.named_modules():
            if id(part) not in self._infos:
                self._enter(f"{path}.{inner}" if inner else path, part)
        new = list(self.registered.values())[before:]
        self.unregistered += [name for _, kind, name in new if kind == PARAMETER]
        return self._infos[id(module)]


def _kernel_size(module: nn.Module) -> int | tuple[int, ...] | None:
    """The attribute of a module of that name, where it holds whole numbers."""
    size = getattr(module, "kernel_size", None)
    if isinstance(size, (tuple, list)) and all(type(axis) is int for axis in size):
        return tuple(size)
    return size if type(size) is int else None


# Classes of torch.nn that hold other modules and compute nothing themselves.
_HOLDERS = (nn.Module, nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)


def described_module(path: str, module: nn.Module) -> ModuleInfo:
    """Return what is known of a module before it runs."""
    kind = type(module)
    base = next((c for c in kind.__mro__ if c.__module__.startswith("torch.nn.")), nn.Module)
    name = "" if base in _HOLDERS else base.__name__
    settings = {key: value for key, value in vars(module).items() if _is_setting(key, value)} if name else {}
    leaf = next(module.children(), None) is None
    defined = f"{kind.__module__}.{kind.__qualname__}"
    return ModuleInfo(path, kind.__name__, name, base is kind and bool(name), leaf, settings, defined)


def _is_setting(name: str, value: object) -> bool:
    if name.startswith("_") or name == "training":
        return False
    if isinstance(value, tuple):
        return all(type(part) is int for part in value)
    return type(value) in (int, float, bool, str)


def _attributes(result: Any) -> Any:
    """What objects hold that are no containers: images with their sizes, as detectors pass them on."""
    if isinstance(result, (tuple, list)):
        return [_attributes(part) for part in result]
    return None if isinstance(result, nn.Module) else getattr(result, "__dict__", None)


def values_of(tree: Any, value_of: ValueOf) -> tuple[Value, ...]:
    """Return the values of the tensors of a tree, in order."""
    if isinstance(tree, torch.Tensor):
        return (value_of(tree),)
    return tuple([value_of(tensor) for _, tensor in tensors_in(tree)])


def names_of_unregistered(module: nn.Module) -> dict[int, str]:
    """Return the dotted names of the tensors and modules that attributes, lists and dictionaries of a module
    hold without registering them, by ``id``."""
    found: dict[int, str] = {}
    for path, part in module.named_modules():
        for name, attribute in vars(part).items():
            if name not in ("_parameters", "_buffers", "_modules"):
                _collect(attribute, f"{path}.{name}" if path else name, 3, found)
    return found


def _collect(tree: Any, name: str, depth: int, found: dict[int, str]) -> None:
    if isinstance(tree, (torch.Tensor, nn.Module)):
        found.setdefault(id(tree), name)
    elif depth:
        for key, part in parts(tree):
            _collect(part, f"{name}.{key}", depth - 1, found)
