"""What an operator says: its inputs, its options, and what messages call it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from ....diagnostics import SpecError, fail
from ....packages import needed
from ...operations.recording import Value
from .._known import KnownValues, pairs
from .description import FileOperator
from .reader import TfliteReader, TfliteTensor, dtype_of

# A table of the format without any field, and where it begins: every option has its default.
_EMPTY, _EMPTY_AT = b"\x04\x00\x04\x00\x04\x00\x00\x00", 4
# So many numbers there may be in one option.
_MOST_IN_OPTION = 64
FUSED = {0: "", 1: "relu", 2: "hardtanh", 3: "relu6", 4: "tanh", 5: "sign"}


class TfliteOperator:
    """An operator as rules see it.

    Attributes:
        reader: Who reads the file.
        stated: The operator of the file.
        word: What the format calls it.
        inputs: The numbers of its inputs; -1 for one that is left out.
        outputs: The numbers of its outputs.
    """

    __slots__ = ("reader", "stated", "word", "inputs", "outputs")

    def __init__(self, reader: TfliteReader, stated: FileOperator):
        self.reader = reader
        self.stated = stated
        self.word = stated.word
        self.inputs = stated.inputs
        self.outputs = stated.outputs

    # Inputs -----------------------------------------------------------------------------------

    def has(self, at: int) -> bool:
        """Whether it has an input at a place."""
        return at < len(self.inputs) and self.inputs[at] >= 0

    def tensor(self, at: int) -> TfliteTensor:
        """What stands for an input. Raises SpecError where there is none."""
        if not self.has(at):
            self.refuse(f"it has no input {at + 1}")
        found = self.reader.tensors.get(self.inputs[at])
        if found is None:
            raise self.reader.missing(self.inputs[at], f"{self.called} reads it")
        return found

    def value(self, at: int) -> Value:
        """An input as a value of the recording. Raises SpecError where there is none."""
        return self.reader.value(self.tensor(at))

    def values(self) -> tuple[Value, ...]:
        """All inputs as values, those that are left out skipped."""
        return tuple([self.value(at) for at in range(len(self.inputs)) if self.has(at)])

    def known(self, at: int) -> KnownValues | None:
        """What an input holds, where that is known and it has one; None otherwise."""
        return self.tensor(at).known if self.has(at) else None

    def pair(self, at: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The whole numbers that an input holds, with a batch of one and with a batch of two. Raises
        SpecError where they are not known."""
        found = self.tensor(at).known
        if found is None:
            name = self.tensor(at).stated.name[:120]
            self.refuse(f"what its input {name} holds depends on values, and is not known")
        return found.integers()

    def numbers(self, at: int) -> tuple[int, ...]:
        """The whole numbers that an input holds, the same for every batch. Raises SpecError where they are
        not known."""
        one, two = self.pair(at)
        if one != two:
            self.refuse(f"its input {self.tensor(at).stated.name[:120]} depends on the batch")
        return one

    def sizes(self, at: int) -> tuple[int, ...]:
        """The whole numbers that an input holds as an argument: they may depend on the batch."""
        return pairs(*self.pair(at))

    def number(self, at: int) -> float | None:
        """The one number that an input holds; None where it has none, or it is not known."""
        found = self.known(at)
        return None if found is None else found.scalar()

    def axes(self, at: int, rank: int) -> tuple[int, ...]:
        """The axes that an input names, counted from the front, each once. Raises SpecError for those that
        there are not."""
        return tuple(dict.fromkeys([self.axis(n, rank) for n in self.numbers(at)]))

    def axis(self, axis: int, rank: int) -> int:
        """An axis counted from the front. Raises SpecError where there is none."""
        if not -rank <= axis < rank:
            self.refuse(f"it names the axis {axis} of {rank}")
        return axis % rank

    # Options ----------------------------------------------------------------------------------

    def options(self, kind: str) -> Any:
        """The options of a kind, ``Conv2DOptions``; with the defaults of the format where it has none.
        Raises SpecError where it has options of another kind."""
        library = needed("tflite", self.reader.file)
        found = getattr(library, kind)()
        number = self.stated.record.BuiltinOptionsType()
        table = self.stated.record.BuiltinOptions() if number else None
        if table is None:
            found.Init(_EMPTY, _EMPTY_AT)
            return found
        if number != getattr(library.BuiltinOptions, kind):
            self.refuse(f"its options are none of {kind}")
        found.Init(table.Bytes, table.Pos)
        return found

    def newer_options(self, kind: str) -> Any:
        """The options of a kind that the format has had since it had more than 127 of them. Raises SpecError
        where it has none of that kind."""
        library = needed("tflite", self.reader.file)
        found = getattr(library, kind)()
        table = self.stated.record.BuiltinOptions2()
        if table is None or self.stated.record.BuiltinOptions2Type() != getattr(
            library.BuiltinOptions2, kind
        ):
            self.refuse(f"its options are none of {kind}")
        found.Init(table.Bytes, table.Pos)
        return found

    def custom_options(self) -> bytes:
        """The options of an operator that the format does not know, the first ones of them."""
        length = min(self.stated.record.CustomOptionsLength(), _MOST_IN_OPTION)
        return bytes([self.stated.record.CustomOptions(n) for n in range(length)])

    def list_of(self, options: Any, field: str) -> tuple[int, ...]:
        """An option that is a list of whole numbers."""
        length = getattr(options, f"{field}Length")()
        if length > _MOST_IN_OPTION:
            self.refuse(f"its option {field} has {length:,} numbers")
        return tuple([int(getattr(options, field)(n)) for n in range(length)])

    def activated(self, value: Value, options: Any) -> Value:
        """A value behind the activation that an operator ends with. Raises SpecError where it is none."""
        number = int(options.FusedActivationFunction())
        word = FUSED.get(number)
        if word is None:
            self.refuse(f"it ends with the activation {number}, which is none")
        if not word:
            return value
        return self.reader.activation(self.stated, word, value)

    def unknown(self, graphs: Sequence[int] = (), values: Sequence[Value] | None = None) -> tuple[Value, ...]:
        """What it puts out where there is no rule for it: a layer with the shape that the file states, whose
        work is not known. Raises SpecError where the file states none.

        Args:
            graphs: The graphs that it runs, whose weights it has.
            values: What it reads, where that is not simply its inputs.
        """
        results: list[tuple[tuple[int, ...], str]] = []
        reader = self.reader
        for number in self.outputs:
            stated = reader.graph.tensors[number]
            if any(size == -1 for size in stated.signature[1:]) or any(size < 1 for size in stated.sizes):
                self.refuse(
                    "there is no rule for this operator, and the file does not state the shape of what it "
                    f"puts out, {stated.name[:120]}"
                )
            results.append((reader.with_batch(stated), dtype_of(stated)))
        inner = [one for graph in graphs for one in reader.graph_of(graph).tensors if one.is_weight]
        weights = [reader.weight(TfliteTensor(one), word="inner") for one in inner]
        return reader.builder.stated(
            f"tflite.{self}", [*(self.values() if values is None else values), *weights], results
        )

    # Messages ---------------------------------------------------------------------------------

    def __str__(self) -> str:
        return str(self.stated)

    @property
    def called(self) -> str:
        """What messages call it: its place, its kind and what it puts out."""
        name = self.reader.graph.tensors[self.outputs[0]].name[:120] if self.outputs else ""
        return f"operator {self.stated.number} ({self}{', ' if name else ''}{name})"

    def error(self, message: str, *help: str) -> SpecError:
        """Return the error for what is wrong with it."""
        return fail("file", f"{self.reader.file}: {self.called}: {message}", *help)

    def refuse(self, message: str, *help: str) -> NoReturn:
        """Raise the error for what is wrong with it."""
        raise self.error(message, *help)
