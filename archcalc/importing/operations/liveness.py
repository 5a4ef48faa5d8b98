"""What of a run the outputs need, and what of that the inputs reach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from .recording import MADE, PARAMETER, PREPARED, Operation, Recording, Value


def needed(operations: Iterable[Operation], outputs: Iterable[Value]) -> list[Operation]:
    """Return the operations on inputs that the outputs need, in the order in which they happened."""
    wanted = {output.operation for output in outputs if output.kind == MADE}
    found: list[Operation] = []
    for operation in reversed(list(operations)):
        if operation in wanted:
            found.append(operation)
            wanted.update([value.operation for value in operation.inputs if value.kind == MADE])
    return found[::-1]


def preparing(operations: Iterable[Operation], outputs: Iterable[Value]) -> set[Operation]:
    """Return the operations on parameters and buffers alone whose results operations read, or outputs are."""
    found: set[Operation] = set()
    waiting = [value for operation in operations for value in operation.inputs]
    waiting += outputs
    while waiting:
        value = waiting.pop()
        operation = value.operation
        if value.kind == PREPARED and operation is not None and operation not in found:
            found.add(operation)
            waiting += operation.inputs
    return found


# Operations whose result is the same whatever stood in the tensor that they write over.
_OVERWRITING = ("copy", "zero", "fill")


def used_parameters(operations: Iterable[Operation], outputs: Iterable[Value]) -> set[Value]:
    """Return the parameters that operations read, as they are or worked over, and outputs that are some.

    What is written over before anybody reads it is not used, though the operation that writes names it.
    """
    found: set[Value] = set()
    read = set(outputs)
    for operation in reversed(list(operations)):
        if read.intersection(operation.outputs):
            whole = operation.inplace and operation.name in _OVERWRITING
            target = operation.arguments.get("self" if whole else "out")
            read.update([value for value in operation.inputs if value is not target])
    for value in read:
        if value.kind == PARAMETER:
            found.add(value)
        elif value.kind == PREPARED:
            found.update([leaf for leaf in value.leaves if leaf.kind == PARAMETER])
    return found


def keep_needed(
    recording: Recording, operations: Sequence[Operation], by_recorder: Collection[Operation], count: int
) -> None:
    """Write into a recording the operations that its outputs need, and what nothing needs.

    Args:
        recording: The recording, with its outputs and modules.
        operations: All operations in their order.
        by_recorder: Those among them that nobody did who ran: views done again, and writes.
        count: How many operations were done.
    """
    outputs = [value for _, value in recording.outputs]
    live = needed(operations, outputs)
    recording.operations = tuple(live)
    kept = [o for o in (*live, *preparing(live, outputs)) if o not in by_recorder]
    recording.skipped = count - len(kept)
    used = used_parameters(live, outputs)
    registered = recording.parameters()
    if recording.until:  # of what else there is nobody knows whether something needs it
        inside = recording.until.partition("#")[0]
        parts = [part for path, part in recording.modules.items() if f"{path}.".startswith(f"{inside}.")]
        registered = list(dict.fromkeys([value for part in parts for value in part.parameters.values()]))
    recording.unused = tuple([value for value in registered if value not in used])
