"""What a node of an ONNX file says: its inputs, its attributes, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, TypeAlias

from ....diagnostics import SpecError, fail
from ...operations.recording import Value
from .reader import OnnxReader
from .stating import COUNTED
from .tensors import KnownValues, OnnxTensor, pairs

# Types of attributes, as the format numbers them, and the fields that hold them.
_FIELDS = {
    1: "f",
    2: "i",
    3: "s",
    4: "t",
    5: "g",
    6: "floats",
    7: "ints",
    8: "strings",
    9: "tensors",
    10: "graphs",
}

# A version that is behind all others.
NEWEST = 1 << 30

_Whole: TypeAlias = int
_Real: TypeAlias = float


class OnnxNode:
    """A node as rules see it.

    Attributes:
        reader: Who reads the file.
        operator: Its operator, ``Conv``.
        domain: Where that is from; empty for ONNX's own.
        name: Its name; where it has none its operator and number, ``Conv 3``.
        version: The version of its domain that the file asks for.
        inputs: The names of its inputs; empty for one that is left out.
        outputs: The names of its outputs; empty for one that nobody wants.
        proto: The node of the file.
    """

    __slots__ = (
        "reader",
        "operator",
        "domain",
        "name",
        "version",
        "inputs",
        "outputs",
        "proto",
        "_attributes",
    )

    def __init__(self, reader: OnnxReader, proto: Any, name: str, domain: str, version: int):
        self.reader = reader
        self.proto = proto
        self.operator: str = proto.op_type
        self.domain = domain
        self.name = name
        self.version = version
        self.inputs: tuple[str, ...] = tuple(proto.input)
        self.outputs: tuple[str, ...] = tuple(proto.output)
        self._attributes = {one.name: one for one in proto.attribute}

    # Inputs -----------------------------------------------------------------------------------

    def has(self, at: int) -> bool:
        """Whether it has an input at a place."""
        return at < len(self.inputs) and bool(self.inputs[at])

    def tensor(self, at: int) -> OnnxTensor:
        """What stands for an input, whether it is known or made. Raises SpecError where there is none."""
        if not self.has(at):
            self.refuse(f"it has no input {at + 1}")
        found = self.reader.scope.get(self.inputs[at])
        if found is None:
            raise self.reader.missing(self.inputs[at], f"node {self.name} ({self}) reads it")
        return found

    def value(self, at: int) -> Value:
        """An input as a value of the recording; one that is known becomes a constant or parameter. Raises
        SpecError where there is none."""
        tensor = self.tensor(at)
        if tensor.parts is not None:
            self.refuse(f"its input {self.inputs[at]} is a list of tensors, and no tensor")
        return self.reader.value(tensor)

    def written(self, at: int) -> Value:
        """An input as ``value`` gives it, where values are written into it or cut out of it: one that a node
        fills with one number is a constant then, and no weight."""
        tensor = self.tensor(at)
        return self.reader.constant(tensor) if tensor.filled and tensor.value is None else self.value(at)

    def optional(self, at: int) -> Value | None:
        """An input as ``value`` gives it; None where it has none at that place."""
        return self.value(at) if self.has(at) else None

    def values(self) -> tuple[Value, ...]:
        """All inputs as values, those that are left out skipped."""
        return tuple([self.value(at) for at in range(len(self.inputs)) if self.has(at)])

    def weight(self, at: int) -> Value | None:
        """An input that is learned, where it depends on no input of the network: a parameter, whichever way
        the file states it. None where there is none."""
        return self.reader.weight(self.tensor(at)) if self.has(at) else None

    def learned(self, at: int) -> Value:
        """An input that may be a weight, of whole numbers too, or a number, or a tensor that is computed.
        Raises SpecError where there is none."""
        tensor = self.tensor(at)
        if tensor.depends or all(size == 1 for size in tensor.sizes):
            return self.reader.value(tensor)
        return self.reader.weight(tensor)

    def bias(self, at: int) -> Value | None:
        """An input that is learned and added, as ``weight`` gives it; None also for zeros that the file
        computes and does not store, which exporters write where there is no bias."""
        tensor = self.tensor(at) if self.has(at) else None
        if tensor is None or (tensor.known is not None and not tensor.stated and not tensor.known.one.any()):
            return None
        return self.weight(at)

    def buffer(self, at: int) -> Value | None:
        """An input that is kept and not learned, as the mean of a norm is. None where there is none."""
        return self.reader.weight(self.tensor(at), learned=False) if self.has(at) else None

    def known(self, at: int) -> KnownValues | None:
        """What an input holds, where that is known and it has one; None otherwise."""
        return self.tensor(at).known if self.has(at) else None

    def numbers(self, at: int) -> tuple[int, ...]:
        """The whole numbers that an input holds, the same for every batch. Raises SpecError where they are
        not known."""
        found = self.pair(at)
        if found[0] != found[1]:
            self.refuse(f"its input {self.inputs[at]} depends on the batch")
        return found[0]

    def pair(self, at: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The whole numbers that an input holds, with a batch of one and with a batch of two. Raises
        SpecError where they are not known."""
        found = self.tensor(at).known
        if found is None:
            self.refuse(f"what its input {self.inputs[at]} holds depends on values, and is not known")
        return found.integers()

    def sizes(self, at: int) -> tuple[int, ...]:
        """The whole numbers that an input holds as an argument: they may depend on the batch. Raises
        SpecError where they are not known."""
        return pairs(*self.pair(at))

    def number(self, at: int) -> float | None:
        """The one number that an input holds; None where it has none, or it is not known."""
        found = self.known(at)
        return None if found is None else found.scalar()

    # Attributes -------------------------------------------------------------------------------

    def says(self, name: str) -> bool:
        """Whether it has an attribute."""
        return name in self._attributes

    def attribute(self, name: str, kinds: Sequence[int], default: Any) -> Any:
        """The value of an attribute, of one of these types. Raises SpecError where it has another."""
        found = self._attributes.get(name)
        if found is None:
            return default
        kind = found.type or next((n for n in kinds if _stated(found, n)), kinds[0])
        if kind not in kinds:
            self.refuse(f"its attribute {name} has another type")
        return getattr(found, _FIELDS[kind])

    def text(self, name: str, default: str = "") -> str:
        """An attribute that is a text."""
        found = self.attribute(name, (3,), default)
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else found

    def ints(self, name: str, default: Sequence[int] | None = ()) -> tuple[int, ...]:
        """An attribute that is a list of whole numbers; one alone is a list of it."""
        found = self.attribute(name, (7, 2), default if default is not None else ())
        return (found,) if isinstance(found, int) else tuple(found)

    def floats(self, name: str, default: Sequence[float] = ()) -> tuple[float, ...]:
        """An attribute that is a list of numbers."""
        return tuple(self.attribute(name, (6,), default))

    def texts(self, name: str) -> tuple[str, ...]:
        """An attribute that is a list of texts."""
        return tuple([one.decode("utf-8", "replace") for one in self.attribute(name, (8,), ())])

    def graph(self, name: str) -> Any:
        """An attribute that is a graph of its own. Raises SpecError where there is none."""
        found = self.attribute(name, (5,), None)
        if found is None:
            self.refuse(f"it has no graph {name}")
        return found

    def as_own(self, operator: str, inputs: int) -> OnnxNode:
        """Return the node as one of ONNX's own operator, in its newest version, with its first inputs alone.

        Args:
            operator: What ONNX calls it.
            inputs: How many of its inputs that operator has.
        """
        found = OnnxNode(self.reader, self.proto, self.name, "", NEWEST)
        found.operator, found.inputs = operator, self.inputs[:inputs]
        return found

    def stated_whole(self, at: int) -> bool:
        """Whether the file states all sizes of an output, and none of them only as the batch."""
        found = self.reader.declared.of(self.outputs[at], self.reader.model, self.operator)
        return found is not None

    def unknown(self) -> Sequence[Value | None]:
        """What it puts out where there is no rule for it: a layer with the shape that the file
        states, whose work is not known. Raises SpecError where it states none."""
        results = []
        for name in self.outputs:
            stated = self.reader.declared.of(name, self.reader.model, self.operator) if name else None
            if stated is None and name and self.operator in COUNTED:
                self.refuse(f"how much it puts out depends on values, and {name} has no size before it runs")
            if stated is None and name:
                self.refuse(
                    "there is no rule for this operator, and the file does not state the shape of what it "
                    f"puts out, {name}",
                    "`onnx.shape_inference.infer_shapes_path(path)` writes shapes into a file",
                )
            if stated is not None:
                results.append(stated)
        target = f"{self.domain or 'onnx'}.{self.operator}"
        made = iter(self.reader.builder.stated(target, self.values(), results))
        return [next(made) if name else None for name in self.outputs]

    # Messages ---------------------------------------------------------------------------------

    def __str__(self) -> str:
        return f"{self.domain}.{self.operator}" if self.domain else self.operator

    def error(self, message: str, *help: str) -> SpecError:
        """Return the error for what is wrong with it."""
        return fail("file", f"{self.reader.file}: node {self.name} ({self}): {message}", *help)

    def refuse(self, message: str, *help: str) -> NoReturn:
        """Raise the error for what is wrong with it."""
        raise self.error(message, *help)

    # The last ones: inside the class their names are no types any more.

    def int(self, name: str, default: _Whole = 0) -> _Whole:
        """An attribute that is a whole number."""
        return _Whole(self.attribute(name, (2,), default))

    def float(self, name: str, default: _Real = 0.0) -> _Real:
        """An attribute that is a number."""
        return _Real(self.attribute(name, (1, 2), default))


def _stated(attribute: Any, kind: int) -> bool:
    """Whether a field of an attribute is there; old files have no types."""
    field = _FIELDS[kind]
    return (
        bool(getattr(attribute, field)) if field.endswith("s") and field != "s" else attribute.HasField(field)
    )
