"""The wire form of protobuf, as far as it takes to leave the bytes of weights out of an ONNX file.

A field is a number that says which it is and how it is written, and its value; a value of a length has that
length in front. So a tensor is skipped by its length, and none of its bytes is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from mmap import mmap

# How a value is written.
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}

Bytes = mmap | bytes


class WireError(Exception):
    """Bytes that are no message; the text says why."""


class MessageKind:
    """What is to be known of a kind of message.

    Attributes:
        parts: The messages that it holds, by the number of the field.
        data: The numbers of the fields that are left out where they are long: values of tensors, and texts
            for people.
        longest: How long they may be, in bytes.
        dropped: The numbers of the fields that nothing is read of.
    """

    __slots__ = ("parts", "data", "longest", "dropped")

    def __init__(self, data: tuple[int, ...] = (), longest: int = 1 << 11, dropped: tuple[int, ...] = ()):
        self.parts: Mapping[int, MessageKind] = {}
        self.data = frozenset(data)
        self.longest = longest
        self.dropped = frozenset(dropped)


# Values of a tensor, in bytes, that may be a shape, indices or a table.
LONGEST_VALUES = 1 << 16

# A text by its name: the trace of the stack of a node is longer than all the rest of it.
_NAMED = MessageKind(data=(2,))
_TENSOR = MessageKind(data=(4, 5, 6, 7, 9, 10, 11, 12), longest=LONGEST_VALUES)
_SPARSE, _ATTRIBUTE, _TYPE, _VALUE = (
    MessageKind(),
    MessageKind(data=(13,)),
    MessageKind(),
    MessageKind(data=(3,)),
)
_NODE, _GRAPH, _FUNCTION = MessageKind(data=(6,)), MessageKind(data=(10,)), MessageKind(data=(8,))
# The training of a model is another graph, which nobody runs.
MODEL = MessageKind(data=(6,), dropped=(20,))
_TENSOR.parts = {13: MessageKind(), 16: _NAMED}
_SPARSE.parts = {1: _TENSOR, 2: _TENSOR}
_ATTRIBUTE.parts = {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE}
_ATTRIBUTE.parts |= {14: _TYPE, 15: _TYPE}
# A type is a tensor, which has sizes, or a sequence, a map or an optional, of which each has a type inside.
_SIZES, _TENSOR_TYPE, _INSIDE = MessageKind(), MessageKind(), MessageKind()
_SIZES.parts = {1: MessageKind()}
_TENSOR_TYPE.parts = {2: _SIZES}
_INSIDE.parts = {1: _TYPE}
_MAP = MessageKind()
_MAP.parts = {2: _TYPE}
_TYPE.parts = {1: _TENSOR_TYPE, 4: _INSIDE, 5: _MAP, 8: _TENSOR_TYPE, 9: _INSIDE}
_VALUE.parts = {2: _TYPE, 4: _NAMED}
_NODE.parts = {5: _ATTRIBUTE, 9: _NAMED}
_GRAPH.parts = {
    1: _NODE,
    5: _TENSOR,
    11: _VALUE,
    12: _VALUE,
    13: _VALUE,
    14: MessageKind(),
    15: _SPARSE,
    16: _NAMED,
}
_FUNCTION.parts = {7: _NODE, 9: MessageKind(), 11: _ATTRIBUTE, 12: _VALUE, 14: _NAMED}
MODEL.parts = {7: _GRAPH, 8: MessageKind(), 14: _NAMED, 25: _FUNCTION, 26: MessageKind()}

# A part of a message: from one place of the file up to another, or bytes.
_Piece = tuple[int, int] | bytes


class Limits:
    """How large what is left of a file may be.

    Attributes:
        bytes: Its bytes.
        messages: Its messages, inside and beside each other.
        depth: How many messages may be inside each other.
    """

    __slots__ = ("bytes", "messages", "depth")

    def __init__(self, bytes: int = 1 << 25, messages: int = 2_000_000, depth: int = 60):
        self.bytes = bytes
        self.messages = messages
        self.depth = depth


def lean(data: Bytes, limits: Limits) -> bytes:
    """Return a model without the values of its tensors, but those that are few.

    Args:
        data: The file.
        limits: How large it may be.

    Raises:
        WireError: For what is no such message, or is too large.
    """
    scan = _Scan(data, limits)
    pieces = scan.within(0, len(data), MODEL, 1)
    size = sum(map(_length, pieces))
    if size > limits.bytes:
        raise WireError(f"without its weights it has {size:,} bytes, more than {limits.bytes:,}")
    return b"".join([piece if isinstance(piece, bytes) else data[piece[0] : piece[1]] for piece in pieces])


class _Scan:
    """One way through a file."""

    def __init__(self, data: Bytes, limits: Limits):
        self.data = data
        self.limits = limits
        self.messages = 0

    def within(self, at: int, end: int, kind: MessageKind, depth: int) -> list[_Piece]:
        """What is left of the message that lies from a place up to another. Raises WireError."""
        self.messages += 1
        if self.messages > self.limits.messages:
            raise WireError(f"it holds more than {self.limits.messages:,} messages")
        if depth > self.limits.depth:
            raise WireError(f"its messages lie more than {self.limits.depth} deep inside each other")
        data, found, kept = self.data, [], at
        while at < end:
            start = at
            key, at = _varint(data, at, end)
            number, form = key >> 3, key & 7
            if form == _VARINT:
                _, at = _varint(data, at, end)
                continue
            if form == _LENGTH:
                length, at = _varint(data, at, end)
            elif form in _FIXED:
                length = _FIXED[form]
            else:
                raise WireError(f"no field begins at byte {start:,}")
            if length > end - at:
                raise WireError(f"the field at byte {start:,} goes beyond the end")
            part = kind.parts.get(number) if form == _LENGTH else None
            if part is not None:
                inside = self.within(at, at + length, part, depth + 1)
                left = sum(map(_length, inside))
                if left != length:
                    found += [(kept, start), _number(number << 3 | _LENGTH), _number(left), *inside]
                    kept = at + length
            elif number in kind.dropped or (number in kind.data and length > kind.longest):
                found.append((kept, start))
                kept = at + length
            at += length
        return [*found, (kept, end)]


def _length(piece: _Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece[1] - piece[0]


def _number(value: int) -> bytes:
    """A number as it is written: seven bits a byte, the lowest first."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _varint(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """A number, and the place behind it. Raises WireError."""
    value = shift = 0
    start = at
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise WireError(f"no number stands at byte {start:,}")
    raise WireError(f"it is cut off at byte {end:,}")
