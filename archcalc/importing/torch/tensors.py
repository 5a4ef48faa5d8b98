"""The tensors of a run, each with the value that it holds at a moment."""

from __future__ import annotations

import torch
from torch import nn

from ..operations.kinds import SAME_NUMBER, number_made
from ..operations.memory import LiveTensor, Memories, TensorMemory, ViewChain
from ..operations.recording import CONSTANT, INPUT, PARAMETER, ModuleCall, Operation, Value
from .aliasing import memory_key, without_values_like
from .module_calls import ModuleCalls
from .placing import Placing
from .schemas import dtype_word

GivenValues = list[tuple[torch.Tensor, Value]]


class Tensors(Memories):
    """The tensors of a run.

    Attributes:
        strays: Whether tensors have values though the run takes no memory for its inputs and weights: small
            constants are made in memory, so that they can be looked at.
    """

    def __init__(self, calls: ModuleCalls, placing: Placing):
        super().__init__()
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

    def current_call(self) -> ModuleCall:
        """The innermost call of a module that is under way."""
        return self._calls.current

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
        return self.newest(held)

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
        self.take_in(operation)
        found = self.made(tensor, operation, (value,), memory)
        operation.outputs = (found,)
        chain = ViewChain(None, (operation, 0, "self"))
        held = self._held[id(tensor)] = LiveTensor(tensor, found, memory, chain)
        return held

    def _new_root(self, tensor: torch.Tensor, kind: str, name: str) -> LiveTensor:
        memory = self.new_memory()
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
        found = self.new_value(tuple(tensor.shape), dtype_word(tensor.dtype), operation, read, memory)
        if found.kind == CONSTANT and tensor.numel() == 1:
            kept = operation.name in SAME_NUMBER and read
            found.number = read[0].number if kept else number_in(tensor, operation)
        return found

    def written(self, tensor: torch.Tensor, value: Value) -> None:
        """A tensor was written to and holds this value now: so its memory has changed."""
        self.write_over(self._held[id(tensor)], value)

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
                    chain = ViewChain(held.chain, (operation, number, name))
                    found = self.made(tensor, operation, read, memory)
                    operation.view = True
                    self._held[id(tensor)] = LiveTensor(tensor, found, memory, chain)
                    return found
        memory = self.new_memory()
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
    return number_made(operation.name, operation.arguments)
