"""A recording while patterns are looked for in it, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .recording import CONSTANT, MADE, PREPARED, Operation, Recording, Value

# Operations that give the values that they are given.
SAME = frozenset(("to", "_to_copy", "type_as", "contiguous", "alias", "clone", "detach", "lift_fresh"))


class Rewriting:
    """A recording while patterns are looked for in it.

    Attributes:
        recording: The recording.
        readers: The operations that read a value, in their order, each once. (The values of the dictionary
            say nothing: it is a set that keeps its order.)
        outputs: The values that the module returns.
        gone: The operations that were replaced.
    """

    def __init__(self, recording: Recording):
        self.recording = recording
        self.readers: dict[Value, dict[Operation, None]] = {}
        for operation in recording.operations:
            self._reads(operation)
        self.gone: set[Operation] = set()
        self._instead: dict[Operation, list[Operation]] = {}
        self.outputs = {value for _, value in recording.outputs}
        self._next = 1 + max(
            [v.index for o in recording.operations for v in (*o.inputs, *o.outputs)], default=0
        )

    def maker(self, value: Any) -> Operation | None:
        """The operation on inputs that gives a value and nothing else; None where it is none."""
        if not isinstance(value, Value) or value.kind != MADE or value.operation is None:
            return None
        return value.operation if len(value.operation.outputs) == 1 else None

    def only_reader(self, value: Value) -> Operation | None:
        """The operation that alone reads a value; None where there is none or another, or it is an output."""
        readers = self.readers.get(value, {})
        return next(iter(readers)) if len(readers) == 1 and value not in self.outputs else None

    def read_by_only(self, value: Value, operations: Iterable[Operation]) -> bool:
        """Whether nothing but these operations reads a value."""
        return value not in self.outputs and self.readers.get(value, {}).keys() <= set(operations)

    def new(
        self, name: str, target: str, arguments: dict[str, Any], like: Operation, sizes: tuple[int, ...]
    ) -> Operation:
        """Make an operation on the first tensor of its arguments that only moves values, beside another."""
        operation = Operation(target, name, arguments, like.call, like.source, view=True)
        given = operation.inputs[0]
        kind = MADE if given.depends else CONSTANT if given.kind == CONSTANT else PREPARED
        made = Value(self._next, sizes, given.dtype, kind, "", operation)
        made.storage = given.storage
        if kind == PREPARED:
            made.leaves = given.leaves
        self._next += 1
        operation.outputs = (made,)
        return operation

    def replace(
        self, old: Iterable[Operation], new: Operation, last: Operation, before: list[Operation]
    ) -> None:
        """Put an operation in the place of the last of some; it gives what that gave.

        Args:
            old: All operations that go.
            new: The one that comes.
            last: The one of ``old`` whose output ``new`` gives.
            before: Operations that have to happen just before the new one.
        """
        gone = set(old)
        self.gone |= gone
        new.outputs = last.outputs
        for value in new.outputs:
            value.operation = new
        self._instead[last] = [*[b for b in before if b.output.kind == MADE], new]
        for operation in gone:
            for value in operation.inputs:
                self.readers.get(value, {}).pop(operation, None)
        for operation in (*before, new):
            self._reads(operation)

    def _reads(self, operation: Operation) -> None:
        for value in operation.inputs:
            self.readers.setdefault(value, {})[operation] = None

    def finish(self) -> None:
        """Write the operations that are left into the recording, in their order."""
        left: list[Operation] = []
        waiting = list(self.recording.operations)[::-1]
        while waiting:
            operation = waiting.pop()
            if operation in self._instead:
                waiting += self._instead.pop(operation)[::-1]
            elif operation not in self.gone:
                left.append(operation)
        self.recording.operations = tuple(left)


def number(argument: Any) -> int | float | None:
    """The number that an argument is or holds; None where it is none or not known."""
    if isinstance(argument, Value):
        argument = argument.number if not argument.depends else None
    return argument if isinstance(argument, (int, float)) and not isinstance(argument, bool) else None


def last_axis(operation: Operation, value: Value) -> bool:
    """Whether the ``dim`` of an operation is the last axis of a value."""
    dim = operation.arguments.get("dim")
    if isinstance(dim, tuple):
        dim = dim[0] if len(dim) == 1 else None
    return isinstance(dim, int) and dim % max(1, len(value.sizes)) == len(value.sizes) - 1


def floating(value: Value) -> bool:
    """Whether a value is of a type with a decimal point."""
    return "float" in value.dtype
