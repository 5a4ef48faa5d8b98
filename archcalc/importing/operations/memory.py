"""Which tensors share memory, and what each of them holds after one of them was written to.

A piece of memory has a root, the first tensor that was seen in it; every other is a view, with the operations
that lead from the root to it. Where a view is written to, the root becomes newer by an operation ``write``;
where a view is read after another tensor of its memory was written to, its operations are done again on the
root as it is then. So every value stays what it was, and the recording needs no memory.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from .kinds import kind_of
from .recording import PREPARED, ModuleCall, Operation, Value

# A view operation, the number of its output that leads on, and the argument that it is a view of.
ViewStep = tuple[Operation, int, str]


class ViewChain:
    """The view operations that lead from the root of a memory to a tensor: the last, and the chain before.

    A chain of its own for each view would be as many steps as views follow one another, squared.

    Args:
        before: The chain that the last step goes on from; None at the root.
        step: The last step.
    """

    __slots__ = ("before", "step")

    def __init__(self, before: ViewChain | None, step: ViewStep):
        self.before = before
        self.step = step

    @staticmethod
    def steps(last: ViewChain | None) -> list[ViewStep]:
        """Return the steps of a chain, from the root on."""
        found: list[ViewStep] = []
        while last is not None:
            found.append(last.step)
            last = last.before
        return found[::-1]


class TensorMemory:
    """A piece of memory.

    Attributes:
        number: A number of its own.
        root: The first tensor that was seen in it.
        version: How often it was written to.
        spoiled: Whether something without values was written to it, so that what stands in it is wrong.
    """

    __slots__ = ("number", "root", "version", "spoiled")

    def __init__(self, number: int):
        self.number = number
        self.root: LiveTensor | None = None
        self.version = 0
        self.spoiled = False


class LiveTensor:
    """A tensor of a run, with the value that it holds.

    Attributes:
        tensor: The tensor as who makes the recording has it.
        value: Its newest value; where ``version`` is older than that of the memory, the value of then.
        memory: The memory that it is in.
        chain: The view operations that lead from the root of the memory to it; None for the root.
        version: How often the memory had been written to when ``value`` was right.
    """

    __slots__ = ("tensor", "value", "memory", "chain", "version")

    def __init__(self, tensor: Any, value: Value, memory: TensorMemory, chain: ViewChain | None = None):
        self.tensor = tensor
        self.value = value
        self.memory = memory
        self.chain = chain
        self.version = memory.version
        if memory.root is None:
            memory.root = self


class Memories:
    """The values of a run and the memory that they are in: what all that write recordings have in common.

    Attributes:
        operations: All operations in their order, needed or not.
        recorded: The operations among them that are no one's who ran: views done again, and writes.
        values: All values in their order.
    """

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.recorded: set[Operation] = set()
        self.values: list[Value] = []
        self._storages = 0

    @abstractmethod
    def current_call(self) -> ModuleCall:
        """The innermost call of a module that is under way."""

    def new_memory(self) -> TensorMemory:
        """A piece of memory that nothing is in."""
        memory = TensorMemory(self._storages)
        self._storages += 1
        return memory

    def new_value(
        self,
        sizes: tuple[int, ...],
        dtype: str,
        operation: Operation,
        read: tuple[Value, ...],
        memory: TensorMemory,
        at_two: tuple[int, ...] | None = None,
    ) -> Value:
        """Make the value that an operation gives, of the kind that the values it read make it."""
        kind, leaves = kind_of(read)
        value = Value(len(self.values), sizes, dtype, kind, "", operation, memory.number)
        value.at_two = at_two
        if kind == PREPARED:
            value.leaves = leaves
        self.values.append(value)
        return value

    def take_in(self, operation: Operation) -> None:
        """Take in an operation that is no one's who ran."""
        self.operations.append(operation)
        self.recorded.add(operation)

    def newest(self, held: LiveTensor) -> Value:
        """Return the value that a tensor holds now."""
        if held.version != held.memory.version:
            self._refresh(held)
        return held.value

    def _refresh(self, held: LiveTensor) -> None:
        """Bring a view up to date after another tensor of its memory was written to."""
        root = held.memory.root
        assert root is not None
        value, call = root.value, self.current_call()
        for step, number, name in ViewChain.steps(held.chain):
            arguments = {**step.arguments, name: value}
            again = Operation(step.target, step.name, arguments, call, step.source, view=True)
            again.outputs = tuple(
                [
                    self.new_value(o.sizes, o.dtype, again, (value,), held.memory, o.at_two)
                    for o in step.outputs
                ]
            )
            self.take_in(again)
            value = again.outputs[number]
        held.value = value
        held.version = held.memory.version

    def write_over(self, held: LiveTensor, value: Value) -> None:
        """A tensor was written to and holds this value now: so its memory has changed."""
        root = held.memory.root
        assert root is not None
        held.value = value
        held.memory.version += 1
        held.version = held.memory.version
        if root is held:
            return
        steps = tuple([(operation, number) for operation, number, _ in ViewChain.steps(held.chain)])
        before = root.value
        arguments = {"self": before, "view": value, "steps": steps}
        source = value.operation.source if value.operation is not None else None
        write = Operation("archcalc.write", "write", arguments, self.current_call(), source)
        newer = self.new_value(before.sizes, before.dtype, write, (before, value), held.memory, before.at_two)
        write.outputs = (newer,)
        self.take_in(write)
        root.value = newer
        root.version = held.memory.version
