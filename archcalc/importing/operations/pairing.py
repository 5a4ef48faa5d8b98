"""Two runs of a module, with a batch of one and a batch of two, laid beside each other."""

from __future__ import annotations

from .recording import Operation, Recording, Value, values_in

# PyTorch calls these only where it has to, which depends on the batch; they give the values that they get.
PASSED = frozenset(("contiguous",))


def pair(recording: Recording, other: Recording) -> bool:
    """Write into a recording what its operations and values are in another run.

    Args:
        recording: The run with a batch of one. Where the runs went the same way, ``Value.at_two`` of what
            its operations read and give is set, and ``Operation.at_two`` of them.
        other: The run with a batch of two.

    Returns:
        Whether the two did the same operations on the same tensors. Otherwise nothing is written.
    """
    pairs = _Pairs()
    ones, twos = [_in_order(run) for run in (recording, other)]
    alike = (
        len(ones) == len(twos)
        and all(pairs.operations(*both) for both in zip(ones, twos, strict=True))
        and [name for name, _ in recording.outputs] == [name for name, _ in other.outputs]
        and pairs.all(recording.inputs, other.inputs)
        and pairs.all([v for _, v in recording.outputs], [v for _, v in other.outputs])
    )
    if alike:
        for one, two in pairs.values.items():
            one.at_two = two.sizes
        for mine, theirs in pairs.counterparts.items():
            mine.at_two = theirs
    return alike


def grows_with_the_batch(recording: Recording, other: Recording, count: int) -> bool:
    """Tell whether a run on a batch does to each element what a run on one does: the same operations, of
    which every tensor is the same, or has one axis that is as many times as long as there are elements.

    Args:
        recording: The run on one element; what ``pair`` writes is written into it.
        other: The run on the batch.
        count: How many elements it has.
    """
    if not pair(recording, other):
        return False
    values = [value for operation in recording.operations for value in operation.outputs]
    values += [value for _, value in recording.outputs]
    outputs = {value.index for _, value in recording.outputs}
    for value in values:
        longer = [
            (mine, its) for mine, its in zip(value.sizes, value.at_two or (), strict=True) if mine != its
        ]
        if len(longer) > 1 or any(its != mine * count for mine, its in longer):
            return False
        if value.index in outputs and value.depends and not longer:
            return False
    return True


class _Pairs:
    """Values and operations of one run, each with its counterpart in the other."""

    def __init__(self) -> None:
        self.values: dict[Value, Value] = {}
        self.counterparts: dict[Operation, Operation] = {}

    def all(self, ones: tuple[Value, ...] | list[Value], twos: tuple[Value, ...] | list[Value]) -> bool:
        """Whether values are counterparts, pair by pair."""
        return len(ones) == len(twos) and all(self.both(*two) for two in zip(ones, twos, strict=True))

    def both(self, one: Value, two: Value) -> bool:
        """Whether two values are the same but for their sizes; those made of no input with what made them."""
        two = _origin(two)
        known = self.values.get(one)
        if known is not None:
            return known is two
        if _origin(one) is not one:
            self.values[one] = two
            return self.both(_origin(one), two)
        if (one.kind, one.name, one.dtype, len(one.sizes)) != (two.kind, two.name, two.dtype, len(two.sizes)):
            return False
        self.values[one] = two
        if one.operation is None or two.operation is None:
            return one.operation is two.operation
        return self.operations(one.operation, two.operation)

    def operations(self, one: Operation, two: Operation) -> bool:
        """Whether two operations do the same with the same values."""
        known = self.counterparts.get(one)
        if known is not None:
            return known is two
        self.counterparts[one] = two
        return (
            one.target == two.target
            and (one.call.path, one.call.number) == (two.call.path, two.call.number)
            and self.all(list(values_in(one.arguments.values())), list(values_in(two.arguments.values())))
            and self.all(one.outputs, two.outputs)
        )


def _in_order(recording: Recording) -> list[Operation]:
    """All operations that outputs need, on inputs or not, so that each comes after what it reads."""
    found: set[Operation] = set()
    waiting: list[Operation | None] = [value.operation for _, value in recording.outputs]
    waiting += recording.operations
    while waiting:
        operation = waiting.pop()
        if operation is not None and operation not in found:
            found.add(operation)
            waiting += [value.operation for value in operation.inputs]
    kept = [operation for operation in found if operation.name not in PASSED and operation.outputs]
    return sorted(kept, key=lambda operation: operation.outputs[0].index)


def _origin(value: Value) -> Value:
    """What a value is a copy of, where it is one that only PyTorch's memory needs."""
    while value.operation is not None and value.operation.name in PASSED:
        value = value.operation.arguments["self"]
    return value
