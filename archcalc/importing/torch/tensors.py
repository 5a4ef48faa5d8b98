"""The tensors of a run, each with the value that it holds at a moment."""

from __future__ import annotations

import torch
from torch import nn

from ..operations.recording import CONSTANT, INPUT, MADE, PARAMETER, PREPARED, Operation, Value
from .aliasing import LiveTensor, TensorMemory, ViewStep, memory_key, without_values_like
from .module_calls import ModuleCalls
from .placing import Placing
from .schemas import dtype_word

GivenValues = list[tuple[torch.Tensor, Value]]


class Tensors:
    """The tensors of a run.

    Attributes:
        operations: All operations in their order, needed or not.
        own: The operations among them that are the recorder's own: views done again, and writes.
        values: All values in their order.
        strays: Whether tensors have values though the run takes no memory for its inputs and weights: small
            constants are made in memory, so that they can be looked at.
    """

    def __init__(self, calls: ModuleCalls, placing: Placing):
        self.operations: list[Operation] = []
        self.recorded: set[Operation] = set()
        self.values: list[Value] = []
        self.strays = False
        self._calls = calls
        self._placing = placing
        self._without_memory = placing.device.type == "meta"
        self._held: dict[int, LiveTensor] = {}
        self._memories: dict[int, TensorMemory] = {}
        self._leaf_values: dict[int, Value] = {}
        self._replacements: dict[int, torch.Tensor] = {}
        self._originals: dict[int, torch.Tensor] = {}
        self._inner: dict[int, tuple[torch.Tensor, Operation]] = {}
        self._storages = 0

    def memory_of(self, tensor: torch.Tensor) -> TensorMemory:
        """The memory of a tensor that was taken in."""
        return self._held[id(tensor)].memory

    def knows(self, tensor: torch.Tensor) -> bool:
        """Whether a tensor was taken in."""
        return id(tensor) in self._held

    def leaf(self, tensor: torch.Tensor) -> Value:
        """Return the value that a parameter or buffer held before the run."""
        self._taken(tensor)
        return self._leaf_values[id(tensor)]

    def keep_inner(self, tensors: list[torch.Tensor], operation: Operation) -> None:
        """Remember tensors that an operation has made inside, should a gradient read them."""
        for tensor in tensors:
            if id(tensor) not in self._held:
                self._inner[id(tensor)] = (tensor, operation)

    def same_place(self, one: object, other: object) -> bool:
        """Whether two tensors are the same elements of the same memory."""
        if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
            return False
        held, others = self._held.get(id(one)), self._held.get(id(other))
        return (
            held is not None
            and others is not None
            and held.memory is others.memory
            and one.shape == other.shape
            and one.dtype == other.dtype
            and one.stride() == other.stride()
            and one.storage_offset() == other.storage_offset()
        )

    def begin(self, tensor: torch.Tensor, name: str) -> Value:
        """Take in a tensor that the module is given."""
        return self._new_root(tensor, INPUT, name).value

    def value_of(self, tensor: torch.Tensor) -> Value:
        """Return the value that a tensor holds now."""
        held = self._held.get(id(tensor))
        if held is None:
            held = self._taken(tensor)
        if held.version != held.memory.version:
            self._refresh(held)
        return held.value

    def _taken(self, tensor: torch.Tensor) -> LiveTensor:
        """Take in a tensor that no operation has made."""
        known = self._held.get(id(tensor))
        if known is not None:
            return known
        if id(tensor) in self._calls.registered:
            _, kind, name = self._calls.registered[id(tensor)]
            held = self._new_root(tensor, kind, name)
            self._leaf_values[id(tensor)] = held.value
            held.value.frozen = kind == PARAMETER and not tensor.requires_grad
            return held
        memory = self._memories.get(memory_key(tensor) or 0)
        if memory is not None and memory.root is not None:
            return self._hidden_view(tensor, memory)
        if id(tensor) in self._inner:
            _, operation = self._inner[id(tensor)]
            found = self.output(tensor, operation, len(operation.outputs), [], operation.inputs)
            operation.outputs = (*operation.outputs, found)
            return self._held[id(tensor)]
        if isinstance(tensor, nn.Parameter) or (tensor.requires_grad and tensor.is_leaf):
            name = self._calls.name_of(tensor) or f"unregistered_{len(self._calls.unregistered) + 1}"
            self._calls.unregistered.append(name)
            held = self._new_root(tensor, PARAMETER, name)
            held.value.frozen = not tensor.requires_grad
            return held
        held = self._new_root(tensor, CONSTANT, self._calls.name_of(tensor))
        held.value.number = number_in(tensor)
        return held

    def _hidden_view(self, tensor: torch.Tensor, memory: TensorMemory) -> LiveTensor:
        """Take in a view that was made where no operation shows, as ``.data`` is."""
        root = memory.root
        assert root is not None
        value = self.value_of(root.tensor)
        arguments = {
            "self": value,
            "size": tuple(tensor.shape),
            "stride": tuple(tensor.stride()),
            "storage_offset": tensor.storage_offset(),
        }
        operation = Operation(
            "aten.as_strided.default", "as_strided", arguments, self._calls.current, view=True
        )
        self._add_own(operation)
        found = self.made(tensor, operation, (value,), memory)
        operation.outputs = (found,)
        held = self._held[id(tensor)] = LiveTensor(tensor, found, memory, ((operation, 0, "self"),))
        return held

    def _new_root(self, tensor: torch.Tensor, kind: str, name: str) -> LiveTensor:
        memory = TensorMemory(self._storages)
        self._storages += 1
        key = memory_key(tensor)
        if key is not None:
            self._memories.setdefault(key, memory)
        value = Value(
            len(self.values), tuple(tensor.shape), dtype_word(tensor.dtype), kind, name, None, memory.number
        )
        self.values.append(value)
        held = self._held[id(tensor)] = LiveTensor(tensor, value, memory)
        self.strays = self.strays or (self._without_memory and not tensor.is_meta)
        return held

    def made(
        self, tensor: torch.Tensor, operation: Operation, read: tuple[Value, ...], memory: TensorMemory
    ) -> Value:
        """Make the value that an operation gives, of the kind that the values it read make it."""
        found = self._like(tuple(tensor.shape), dtype_word(tensor.dtype), operation, read, memory)
        if found.kind == CONSTANT and tensor.numel() == 1:
            kept = operation.name in SAME_NUMBER and read
            found.number = read[0].number if kept else number_in(tensor, operation)
        return found

    def _like(
        self,
        sizes: tuple[int, ...],
        dtype: str,
        operation: Operation,
        read: tuple[Value, ...],
        memory: TensorMemory,
    ) -> Value:
        kind, leaves = kind_of(read)
        value = Value(len(self.values), sizes, dtype, kind, "", operation, memory.number)
        if kind == PREPARED:
            value.leaves = leaves
        self.values.append(value)
        return value

    def _add_own(self, operation: Operation) -> None:
        self.operations.append(operation)
        self.recorded.add(operation)

    def _refresh(self, held: LiveTensor) -> None:
        """Bring a view up to date after another tensor of its memory was written to."""
        root = held.memory.root
        assert root is not None
        value, call = root.value, self._calls.current
        for step, number, name in held.chain:
            arguments = {**step.arguments, name: value}
            again = Operation(step.target, step.name, arguments, call, step.source, view=True)
            again.outputs = tuple(
                [self._like(o.sizes, o.dtype, again, (value,), held.memory) for o in step.outputs]
            )
            self._add_own(again)
            value = again.outputs[number]
        held.value = value
        held.version = held.memory.version

    def written(self, tensor: torch.Tensor, value: Value) -> None:
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
        source = value.operation.source if value.operation is not None else None
        write = Operation("archcalc.write", "write", arguments, self._calls.current, source)
        newer = self._like(root.value.sizes, root.value.dtype, write, (root.value, value), held.memory)
        write.outputs = (newer,)
        self._add_own(write)
        root.value = newer
        root.version = held.memory.version

    def output(
        self,
        tensor: torch.Tensor,
        operation: Operation,
        number: int,
        given: GivenValues,
        read: tuple[Value, ...],
    ) -> Value:
        """Take in a tensor that an operation gives, a view of one of its arguments or a new one."""
        key = memory_key(tensor)
        memory = None if key is None else self._memories.get(key)
        if memory is not None:
            for argument, value in given:
                held = self._held[id(argument)]
                if held.memory is memory:
                    name = next((name for name, v in operation.arguments.items() if v is value), "self")
                    step: ViewStep = (operation, number, name)
                    found = self.made(tensor, operation, read, memory)
                    operation.view = True
                    self._held[id(tensor)] = LiveTensor(tensor, found, memory, (*held.chain, step))
                    return found
        memory = TensorMemory(self._storages)
        self._storages += 1
        if key is not None:
            self._memories[key] = memory
        found = self.made(tensor, operation, read, memory)
        self._held[id(tensor)] = LiveTensor(tensor, found, memory)
        self.strays = self.strays or (self._without_memory and not tensor.is_meta)
        return found

    # ---- constants in memory, in a run that takes none

    def without_values(self, tensor: torch.Tensor) -> bool:
        """Whether a tensor has no values: it has no memory, or something without values was written to it."""
        return tensor.is_meta or self._held[id(tensor)].memory.spoiled

    def replacement(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return a tensor without memory that stands for one in memory; for another that itself."""
        if tensor.is_meta:
            return tensor
        found = self._replacements.get(id(tensor))
        if found is None:
            found = self._replacements[id(tensor)] = without_values_like(tensor)
            self._originals[id(found)] = tensor
            key = memory_key(found)
            if key is not None:
                self._memories[key] = self._held[id(tensor)].memory
        return found

    def original(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return the tensor for which one stands."""
        return self._originals.get(id(tensor), tensor)

    def spoil(self, tensor: torch.Tensor) -> None:
        """Something without values is written to a tensor: from now on nobody may look at its memory."""
        self._held[id(tensor)].memory.spoiled = True
        key = memory_key(tensor)
        if key is not None:
            self._placing.spoiled.add(key)


def kind_of(read: tuple[Value, ...]) -> tuple[str, tuple[Value, ...]]:
    """Return the kind of what is computed of values, and its leaves where it is PREPARED."""
    for value in read:
        if value.kind in (INPUT, MADE):
            return MADE, ()
    leaves = {leaf.index: leaf for value in read for leaf in value.leaves}
    if any(leaf.kind != CONSTANT for leaf in leaves.values()):
        return PREPARED, tuple(leaves.values())
    return CONSTANT, ()


# Operators that give the number that they are given.
SAME_NUMBER = frozenset(("detach", "alias", "clone", "contiguous", "view", "reshape", "expand", "unsqueeze"))

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
    "fill": "value",
    "zero": 0,
}


def number_in(tensor: torch.Tensor, operation: Operation | None = None) -> int | float | bool | None:
    """Return the number that a tensor of one element holds; None where it is not known."""
    if tensor.numel() != 1:
        return None
    if not tensor.is_meta:
        try:
            with torch._C._DisableTorchDispatch():  # this is no reading of the module's
                found = tensor.item()
        except (RuntimeError, NotImplementedError):
            return None
        return found if isinstance(found, (int, float, bool)) else None
    if operation is None:
        return None
    known = _NUMBERS.get(operation.name)
    if isinstance(known, str):
        known = operation.arguments.get(known)
    return known if isinstance(known, (int, float, bool)) else None
