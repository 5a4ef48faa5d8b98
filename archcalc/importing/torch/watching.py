"""One run of a module, watched: every operation on tensors and every call of a module is written down."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from types import CodeType
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from .aliasing import Held, Memory, Step, memory_key, same_place
from .copies import without_memory
from .placing import Placing
from .recording import (
    BUFFER,
    CONSTANT,
    INPUT,
    MADE,
    PARAMETER,
    PREPARED,
    ModuleCall,
    ModuleInfo,
    Operation,
    Value,
)
from .schemas import PLAIN, Plan, dtype_word, word
from .sources import called_from
from .trees import parts, replaced, tensors_in

Given = list[tuple[torch.Tensor, Value]]


class Watcher(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down what happens while it is on.

    Attributes:
        operations: All operations in their order, needed or not.
        values: All values in their order.
        modules: All modules of the tree, and those that were called and stand in no tree, by path.
        calls: All calls of modules in the order in which they began.
        own: The operations among them that are the recorder's own: views done again, and writes.
        count: How many operations the module has done; those of the recorder's own are none of them.
        looked: Where a number was read out of a tensor that depends on an input: file and line.
        at: Operator, file and line of what was done last; it tells where a run broke.
        unregistered: Names of parameters that no module of the tree registers.
    """

    supports_higher_order_operators = True

    def __init__(self, module: nn.Module, outermost: CodeType, placing: Placing):
        super().__init__()  # type: ignore[no-untyped-call]
        self._placing = placing
        self._without_memory = placing.device.type == "meta"
        self._strays = False
        self._twins: dict[int, torch.Tensor] = {}
        self._names: dict[int, str] | None = None
        self.operations: list[Operation] = []
        self.values: list[Value] = []
        self.modules: dict[str, ModuleInfo] = {}
        self.calls: list[ModuleCall] = []
        self.own: set[Operation] = set()
        self.count = 0
        self.looked: list[tuple[str, int] | None] = []
        self.at: tuple[str, tuple[str, int] | None] | None = None
        self.unregistered: list[str] = []
        self._module = module
        self._outermost = outermost
        self._plans: dict[Any, Plan] = {}
        self._held: dict[int, Held] = {}
        self._memories: dict[int, Memory] = {}
        self._leaves: dict[int, tuple[torch.Tensor, str, str]] = {}
        self._leaf_values: dict[int, Value] = {}
        self._infos: dict[int, ModuleInfo] = {}
        self._kept: list[Any] = []
        self._stack: list[ModuleCall] = []
        self._storages = 0
        for path, part in module.named_modules():
            self._enter(path, part)

    # ---- modules

    def _enter(self, path: str, module: nn.Module) -> ModuleInfo:
        """Take a module in, with what it registers."""
        info = self.modules[path] = self._infos[id(module)] = ModuleInfo(path, type(module).__name__)
        self._kept.append(module)
        prefix = f"{path}." if path else ""
        for kind, registered in ((PARAMETER, module._parameters), (BUFFER, module._buffers)):
            for name, tensor in registered.items():
                if tensor is not None and id(tensor) not in self._leaves:
                    self._leaves[id(tensor)] = (tensor, kind, f"{prefix}{name}")
        return info

    def registered(self) -> None:
        """Write down the parameters and buffers of all modules, those too that nothing read."""
        for module in self._kept:
            info = self._infos[id(module)]
            for tensors, found in ((module._parameters, info.parameters), (module._buffers, info.buffers)):
                for name, tensor in tensors.items():
                    if tensor is None or name == "num_batches_tracked":
                        continue
                    if id(tensor) in self._leaves:
                        self._taken(tensor)
                        found[name] = self._leaf_values[id(tensor)]

    @contextmanager
    def modules_watched(self) -> Iterator[None]:
        """Write down calls of modules, until the block ends."""
        watcher, thread = self, get_ident()
        original = nn.Module.__call__

        def watched(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if get_ident() != thread:
                return original(self, *args, **kwargs)
            call = watcher._begin(self, args, kwargs)
            result = original(self, *args, **kwargs)
            watcher._end(call, result)
            return result

        nn.Module.__call__ = watched  # type: ignore[method-assign]
        try:
            yield
        finally:
            nn.Module.__call__ = original  # type: ignore[method-assign]

    def _begin(self, module: nn.Module, args: Any, kwargs: Any) -> ModuleCall:
        info = self._infos.get(id(module)) or self._stranger(module)
        info.calls += 1
        stack = self._stack
        call = ModuleCall(info.path, info.kind, info.calls, stack[-1] if stack else None, len(self.calls))
        self.calls.append(call)
        stack.append(call)
        call.arguments = self._values_of((args, kwargs)) if kwargs else self._values_of(args)
        return call

    def _end(self, call: ModuleCall, result: Any) -> None:
        call.results = self._values_of(result)
        while self._stack and self._stack.pop() is not call:
            pass  # calls that an exception ended, which the module has caught

    def _stranger(self, module: nn.Module) -> ModuleInfo:
        """Take in a module that is called and stands in no tree: one in a list, or made on the way."""
        parent = self._stack[-1].path if self._stack else ""
        name = self._name(module) or ".".join([part for part in (parent, type(module).__name__) if part])
        path, number = name, 1
        while path in self.modules:
            number += 1
            path = f"{name}_{number}"
        before = set(self._leaves)
        for inner, part in module.named_modules():
            if id(part) not in self._infos:
                self._enter(f"{path}.{inner}" if inner else path, part)
        self.unregistered += [
            name for key, (_, kind, name) in self._leaves.items() if key not in before and kind == PARAMETER
        ]
        return self._infos[id(module)]

    def _values_of(self, tree: Any) -> tuple[Value, ...]:
        if isinstance(tree, torch.Tensor):
            return (self.told(tree),)
        return tuple([self.told(tensor) for _, tensor in tensors_in(tree)])

    # ---- tensors

    def begin(self, tensor: torch.Tensor, name: str) -> Value:
        """Take in a tensor that the module is given."""
        return self._new_root(tensor, INPUT, name).value

    def told(self, tensor: torch.Tensor) -> Value:
        """Return the value that a tensor holds now."""
        held = self._held.get(id(tensor))
        if held is None:
            held = self._taken(tensor)
        if held.version != held.memory.version:
            self._refresh(held)
        return held.value

    def _taken(self, tensor: torch.Tensor) -> Held:
        """Take in a tensor that no operation has made."""
        known = self._held.get(id(tensor))
        if known is not None:
            return known
        if id(tensor) in self._leaves:
            _, kind, name = self._leaves[id(tensor)]
            held = self._new_root(tensor, kind, name)
            self._leaf_values[id(tensor)] = held.value
            held.value.frozen = kind == PARAMETER and not tensor.requires_grad
            return held
        memory = self._memories.get(memory_key(tensor) or 0)
        if memory is not None and memory.root is not None:
            return self._hidden_view(tensor, memory)
        if isinstance(tensor, nn.Parameter) or (tensor.requires_grad and tensor.is_leaf):
            name = self._name(tensor) or f"unregistered_{len(self.unregistered) + 1}"
            self.unregistered.append(name)
            held = self._new_root(tensor, PARAMETER, name)
            held.value.frozen = not tensor.requires_grad
            return held
        held = self._new_root(tensor, CONSTANT, self._name(tensor))
        made_of = self._placing.numbers.get(id(tensor))
        held.value.number = made_of[1] if made_of else number_in(tensor)
        return held

    def _name(self, thing: Any) -> str:
        """The name of an attribute that holds a tensor or a module without registering it, or that of a place
        in a list or dictionary; empty where none is found."""
        if self._names is None:
            self._names = names_of_unregistered(self._module)
        return self._names.get(id(thing), "")

    def _hidden_view(self, tensor: torch.Tensor, memory: Memory) -> Held:
        """Take in a view that was made where no operation shows, as ``.data`` is."""
        root = memory.root
        assert root is not None
        value = self.told(root.tensor)
        arguments = {
            "self": value,
            "size": tuple(tensor.shape),
            "stride": tuple(tensor.stride()),
            "storage_offset": tensor.storage_offset(),
        }
        operation = Operation("aten.as_strided.default", "as_strided", arguments, self.call, view=True)
        self._add_own(operation)
        found = self._value(tensor, operation, (value,), memory)
        operation.outputs = (found,)
        held = self._held[id(tensor)] = Held(tensor, found, memory, ((operation, 0, "self"),))
        return held

    def _new_root(self, tensor: torch.Tensor, kind: str, name: str) -> Held:
        memory = Memory(self._storages)
        self._storages += 1
        key = memory_key(tensor)
        if key is not None:
            self._memories.setdefault(key, memory)
        value = Value(
            len(self.values), tuple(tensor.shape), dtype_word(tensor.dtype), kind, name, None, memory.number
        )
        self.values.append(value)
        held = self._held[id(tensor)] = Held(tensor, value, memory)
        self._strays = self._strays or (self._without_memory and not tensor.is_meta)
        return held

    def _value(
        self, tensor: torch.Tensor, operation: Operation, read: tuple[Value, ...], memory: Memory
    ) -> Value:
        """Make the value that an operation gives, of the kind that the values it read make it."""
        return self._like(tuple(tensor.shape), dtype_word(tensor.dtype), operation, read, memory)

    def _like(
        self,
        sizes: tuple[int, ...],
        dtype: str,
        operation: Operation,
        read: tuple[Value, ...],
        memory: Memory,
    ) -> Value:
        kind, leaves = kind_of(read)
        value = Value(len(self.values), sizes, dtype, kind, "", operation, memory.number)
        if kind == PREPARED:
            value.leaves = leaves
        self.values.append(value)
        return value

    def _refresh(self, held: Held) -> None:
        """Bring a view up to date after another tensor of its memory was written to."""
        root = held.memory.root
        assert root is not None
        value = root.value
        for step, number, name in held.chain:
            again = Operation(
                *(step.target, step.name, {**step.arguments, name: value}, self.call, step.source), view=True
            )
            again.outputs = tuple(
                [self._like(o.sizes, o.dtype, again, (value,), held.memory) for o in step.outputs]
            )
            self._add_own(again)
            value = again.outputs[number]
        held.value = value
        held.version = held.memory.version

    def _written(self, tensor: torch.Tensor, value: Value) -> None:
        """A tensor was written to and holds this value now: so its memory has changed."""
        held = self._held[id(tensor)]
        root = held.memory.root
        assert root is not None
        held.value = value
        held.memory.version += 1
        held.version = held.memory.version
        if root is held:
            return
        steps = tuple([(operation, number) for operation, number, _ in held.chain])
        arguments = {"self": root.value, "view": value, "steps": steps}
        write = Operation("archcalc.write", "write", arguments, self.call, self.at and self.at[1])
        newer = self._like(root.value.sizes, root.value.dtype, write, (root.value, value), held.memory)
        write.outputs = (newer,)
        self._add_own(write)
        root.value = newer
        root.version = held.memory.version

    # ---- operations

    def _add_own(self, operation: Operation) -> None:
        self.operations.append(operation)
        self.own.add(operation)

    @property
    def call(self) -> ModuleCall:
        """The innermost call of a module that is under way."""
        return self._stack[-1]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        plan = self._plans.get(func)
        if plan is None:
            plan = self._plans[func] = Plan(func)
        if plan.idle:
            return func(*args, **(kwargs or {}))
        if plan.source_alone and same_place(args[0], args[1]):
            return args[0]  # `x[:2] += 1` ends with this
        given: Given = []
        arguments = plan.defaults.copy()
        if plan.names:
            for name, argument in zip(plan.names, args):  # noqa: B905 — those left out have defaults
                arguments[name] = self._argument(argument, given)
        else:
            for place, argument in enumerate(args):
                arguments[str(place)] = self._argument(argument, given)
        if kwargs:
            for name, argument in kwargs.items():
                arguments[name] = self._argument(argument, given)
        source = called_from(sys._getframe(1), self._outermost)
        self.at = (plan.target, source)
        self.count += 1
        if self._strays:
            result = self._with_twins(func, plan, given, args, kwargs or {})
        else:
            result = func(*args, **kwargs) if kwargs else func(*args)
        operation = Operation(plan.target, plan.name, arguments, self.call, source)
        return self._ended(plan, operation, given, args, kwargs, result)

    def _with_twins(self, func: Any, plan: Plan, given: Given, args: Any, kwargs: Any) -> Any:
        """Do an operation on tensors of which some are in memory though the run takes none: those that stand
        about in the module, or that it makes there. Where they meet others they are read without values."""
        without = [tensor.is_meta for tensor, _ in given]
        if any(without) and not all(without) and not plan.writes:
            args, kwargs = replaced((args, kwargs), self._twin)
        return func(*args, **kwargs)

    def _twin(self, tensor: torch.Tensor) -> torch.Tensor:
        if tensor.is_meta:
            return tensor
        found = self._twins.get(id(tensor))
        if found is None:
            found = self._twins[id(tensor)] = without_memory(tensor)
        return found

    def _argument(self, argument: Any, given: Given) -> Any:
        kind = type(argument)
        if kind in PLAIN:
            return argument
        if isinstance(argument, torch.Tensor):
            value = self.told(argument)
            given.append((argument, value))
            return value
        if kind is list or kind is tuple:
            return tuple([self._argument(part, given) for part in argument])
        return word(argument)

    def _ended(
        self, plan: Plan, operation: Operation, given: Given, args: Any, kwargs: Any, result: Any
    ) -> Any:
        """Write down an operation that is done, and return its result."""
        read: tuple[Value, ...] = tuple([value for _, value in given])
        if plan.unread:
            read = ()
        elif plan.first_alone:
            read = read[:1]
        elif plan.source_alone:
            read = read[1:]
        written = self._targets(plan, args, kwargs) if plan.writes else []
        outputs: list[Value] = []
        newer: list[tuple[torch.Tensor, Value]] = []
        returned: set[int] = set()

        def note(tensor: torch.Tensor) -> torch.Tensor:
            returned.add(id(tensor))
            if any(tensor is target for target in written):
                value = self._value(tensor, operation, read, self._held[id(tensor)].memory)
                newer.append((tensor, value))
                outputs.append(value)
                return tensor
            if id(tensor) in self._held:
                # The same tensor comes back, as from dropout that does nothing: it is another value.
                tensor = torch.ops.aten.alias.default(tensor)
            outputs.append(self._output(tensor, operation, len(outputs), given, read))
            return tensor

        if isinstance(result, torch.Tensor):
            result = note(result)
        elif isinstance(result, (tuple, list)):
            result = type(result)([note(part) if isinstance(part, torch.Tensor) else part for part in result])
        elif result is not None and any(value.depends for value in read):
            self.looked.append(operation.source)
        for tensor in written:
            if id(tensor) not in returned:
                value = self._value(tensor, operation, read, self._held[id(tensor)].memory)
                newer.append((tensor, value))
                outputs.append(value)
        operation.outputs = tuple(outputs)
        operation.inplace = bool(newer)
        if outputs:
            self.operations.append(operation)
        for tensor, value in newer:
            self._written(tensor, value)
        return result

    def _targets(self, plan: Plan, args: Any, kwargs: Any) -> list[torch.Tensor]:
        """The tensors that an operation writes into."""
        found: list[torch.Tensor] = []
        for name in plan.writes:
            place = plan.names.index(name)
            argument = args[place] if place < len(args) else (kwargs or {}).get(name)
            found += [tensor for _, tensor in tensors_in(argument)]
        return found

    def _output(
        self, tensor: torch.Tensor, operation: Operation, number: int, given: Given, read: tuple[Value, ...]
    ) -> Value:
        """Take in a tensor that an operation gives, a view of one of its arguments or a new one."""
        key = memory_key(tensor)
        memory = None if key is None else self._memories.get(key)
        if memory is not None:
            for argument, value in given:
                held = self._held[id(argument)]
                if held.memory is memory:
                    name = next((name for name, v in operation.arguments.items() if v is value), "self")
                    step: Step = (operation, number, name)
                    found = self._value(tensor, operation, read, memory)
                    operation.view = True
                    self._held[id(tensor)] = Held(tensor, found, memory, (*held.chain, step))
                    return found
        memory = Memory(self._storages)
        self._storages += 1
        if key is not None:
            self._memories[key] = memory
        found = self._value(tensor, operation, read, memory)
        if found.kind == CONSTANT and tensor.numel() == 1:
            found.number = number_in(tensor, operation)
        self._held[id(tensor)] = Held(tensor, found, memory)
        self._strays = self._strays or (self._without_memory and not tensor.is_meta)
        return found


def kind_of(read: tuple[Value, ...]) -> tuple[str, tuple[Value, ...]]:
    """Return the kind of what is computed of values, and its leaves where it is PREPARED."""
    for value in read:
        if value.kind in (INPUT, MADE):
            return MADE, ()
    leaves = {leaf.index: leaf for value in read for leaf in value.leaves}
    if any(leaf.kind != CONSTANT for leaf in leaves.values()):
        return PREPARED, tuple(leaves.values())
    return CONSTANT, ()


# Operators that make a tensor of one number, and the argument that holds it, or the number.
_NUMBERS: dict[str, str | int] = {
    "full": "fill_value",
    "scalar_tensor": "s",
    "full_like": "fill_value",
    "new_full": "fill_value",
    "zeros": 0,
    "ones": 1,
    "zeros_like": 0,
    "ones_like": 1,
    "new_zeros": 0,
    "new_ones": 1,
}


def number_in(tensor: torch.Tensor, operation: Operation | None = None) -> int | float | bool | None:
    """Return the number that a tensor of one element holds; None where it is not known."""
    if tensor.numel() != 1:
        return None
    if not tensor.is_meta:
        try:
            found = tensor.item()
        except (RuntimeError, NotImplementedError):
            return None
        return found if isinstance(found, (int, float, bool)) else None
    if operation is None:
        return None
    told = _NUMBERS.get(operation.name)
    if isinstance(told, str):
        told = operation.arguments.get(told)
    return told if isinstance(told, (int, float, bool)) else None


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
