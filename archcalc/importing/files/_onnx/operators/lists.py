"""Lists of tensors, as far as it is known which tensors they hold."""

from __future__ import annotations

from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from ..tensors import KnownValues, OnnxTensor


def _parts(node: OnnxNode) -> tuple[OnnxTensor, ...]:
    """The tensors of the list that a node reads first. Raises SpecError where it is none."""
    found = node.tensor(0).parts
    if found is None:
        node.refuse(f"its input {node.inputs[0]} is no list of tensors that are known")
    return found


def _place(node: OnnxNode, at: int, count: int, default: int) -> int:
    """The place in a list of so many that an input states. Raises SpecError where there is no such place."""
    place = node.numbers(at)[0] if node.has(at) else default
    if not -count <= place < count:
        node.refuse(f"there is no place {place} in a list of {count} tensors")
    return place % count


@rule("SequenceEmpty", "SequenceConstruct")
def listed(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return [OnnxTensor.list_of([node.tensor(at) for at in range(len(node.inputs))])]


@rule("SplitToSequence")
def cut(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Parts of as many positions as are stated; without that of one each, whose axis may go."""
    x, axis, kept = node.value(0), node.int("axis"), True
    size = x.sizes[axis]
    if not node.has(1):
        parts, kept = [1] * size, bool(node.int("keepdims", 1))
    elif node.tensor(1).sizes:
        parts = list(node.numbers(1))
    else:
        each = node.numbers(1)[0]
        if each < 1:
            node.refuse(f"it is cut into parts of {each}")
        parts = [min(each, size - start) for start in range(0, size, each)]
    made = reader.do("split_with_sizes", x, tuple(parts), axis)
    if not kept:
        made = [reader.do("squeeze", one, axis) for one in made]
    return [OnnxTensor.list_of([OnnxTensor.of("", one) for one in made])]


@rule("SequenceAt")
def at_place(reader: OnnxReader, node: OnnxNode) -> Outputs:
    parts = _parts(node)
    return [parts[_place(node, 1, len(parts), 0)]]


@rule("SequenceInsert")
def inserted(reader: OnnxReader, node: OnnxNode) -> Outputs:
    parts = list(_parts(node))
    place = _place(node, 2, len(parts) + 1, len(parts)) if node.has(2) else len(parts)
    return [OnnxTensor.list_of([*parts[:place], node.tensor(1), *parts[place:]])]


@rule("SequenceErase")
def erased(reader: OnnxReader, node: OnnxNode) -> Outputs:
    parts = list(_parts(node))
    del parts[_place(node, 1, len(parts), len(parts) - 1)]
    return [OnnxTensor.list_of(parts)]


@rule("SequenceLength")
def length(reader: OnnxReader, node: OnnxNode) -> Outputs:
    import numpy as np

    count = np.asarray(len(_parts(node)), dtype=np.int64)
    return [OnnxTensor("", (), (), "int64", KnownValues(count))]


@rule("ConcatFromSequence")
def joined(reader: OnnxReader, node: OnnxNode) -> Outputs:
    values = tuple([reader.value(one) for one in _parts(node)])
    word = "stack" if node.int("new_axis") else "cat"
    return reader.do(word, values, node.int("axis"))


@rule("SequenceMap", "Optional", "OptionalGetElement", "OptionalHasElement")
def unread(reader: OnnxReader, node: OnnxNode) -> Outputs:
    node.refuse("a list of tensors, or one that may be missing, is no tensor, and is not read")
