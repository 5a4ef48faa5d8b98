"""A file of TensorFlow Lite as its tensors and operators, without its weights."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ....diagnostics import NOTE, Diagnostic, SpecError, fail
from ....packages import needed
from .._mapped import mapped
from .description import FileGraph, FileOperator, FileTensor
from .magic import MAGIC, MAGIC_AT

if TYPE_CHECKING:
    import mmap

# What accessors raise where a file points out of itself.
BROKEN = (struct.error, ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
# How much of each there may be in one file.
MOST_TENSORS = 200_000
MOST_OPERATORS = 100_000
MOST_NUMBERS = 4_000_000
MOST_CHARACTERS = 1 << 25
MOST_AXES = 16
# So many bytes of a tensor are read, where it may hold a shape or indices; larger ones are weights.
MOST_BYTES = 1 << 17
# So many bytes of all tensors together.
MOST_BYTES_READ = 1 << 26
# So many values of numbers with a decimal point.
MOST_REAL = 64
# Bytes of a value by type; half bytes where several stand in one.
_BITS = {"float64": 64, "int64": 64, "uint64": 64, "complex64": 64, "float32": 32, "int32": 32, "uint32": 32}
_BITS |= {"float16": 16, "bfloat16": 16, "int16": 16, "uint16": 16, "int8": 8, "uint8": 8, "bool": 8}
_BITS["int4"] = 4


def is_broken(name: str, why: str) -> SpecError:
    """Return the error for a file that is no model."""
    return fail(
        "file",
        f"{name} is no model of TensorFlow Lite that can be read: {why}",
        "`tf.lite.Interpreter(path)` looks a file over",
    )


class FileModel:
    """A file that is open.

    Args:
        path: The file.
        data: Its bytes.

    Attributes:
        notes: What is to be said besides.
    """

    def __init__(self, path: str, data: mmap.mmap):
        self.path = path
        self.notes: list[Diagnostic] = []
        self._numbers = MOST_NUMBERS
        self._characters = MOST_CHARACTERS
        self._bytes = MOST_BYTES_READ
        self._library = needed("tflite", path)
        self._read: dict[int, FileGraph] = {}
        if data[MAGIC_AT : MAGIC_AT + len(MAGIC)] != MAGIC:
            raise is_broken(path, "its fifth to eighth byte are not TFL3")
        with self._reading():
            self._model = self._library.Model.GetRootAs(data)
            self._graphs = int(self._model.SubgraphsLength())
            self._codes = self._operator_codes()
            if not 0 < self._graphs <= MOST_OPERATORS:
                raise is_broken(path, f"it holds {self._graphs} graphs")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Turn what accessors raise into one message."""
        try:
            yield
        except BROKEN as error:
            raise is_broken(self.path, f"it points out of itself ({type(error).__name__})") from None

    def chosen(self, name: Any) -> FileGraph:
        """Return the graph that is read.

        Args:
            name: What the caller calls it: a signature, a name or a number; None for the first.

        Raises:
            SpecError: Where there is none of that name, or it cannot be read.
        """
        with self._reading():
            names = self._names()
            number = 0
            if name is not None:
                found = [at for at, words in enumerate(names) if str(name) in (*words, str(at))]
                if not found:
                    known = ", ".join([words[0] if words else str(at) for at, words in enumerate(names)][:20])
                    raise fail("argument", f"{self.path} has no graph `{name}`", f"it has {known}")
                number = found[0]
            else:
                self._note_others(names)
            return self.graph(number)

    def _note_others(self, names: list[list[str]]) -> None:
        """Note that there are other networks in the file: those that have a signature."""
        signatures = [self._model.SignatureDefs(at) for at in range(self._signatures)]
        others = {one.SubgraphIndex() for one in signatures} - {0}
        called = [names[at][0] for at in sorted(others) if at < len(names) and names[at]]
        if called:
            main = names[0][0] if names[0] else "the first"
            self.notes.append(
                Diagnostic(
                    "file",
                    f"of {1 + len(called)} networks in the file {main} is read",
                    severity=NOTE,
                    help=[f"--set net=NAME takes another one: {', '.join(called[:8])}"],
                )
            )

    @property
    def _signatures(self) -> int:
        return min(int(self._model.SignatureDefsLength()), 4 * self._graphs)

    def graph(self, number: int) -> FileGraph:
        """Return a graph of the file. Raises SpecError where there is none, or it cannot be read."""
        if not 0 <= number < self._graphs:
            raise is_broken(self.path, f"it has no graph {number}")
        if number not in self._read:
            with self._reading():
                self._read[number] = self._graph(number)
        return self._read[number]

    def _names(self) -> list[list[str]]:
        """What each graph is called: by signatures first, then by itself."""
        found: list[list[str]] = [[] for _ in range(self._graphs)]
        for at in range(self._signatures):
            signature = self._model.SignatureDefs(at)
            graph = signature.SubgraphIndex()
            key = self._text(signature.SignatureKey())
            if graph < self._graphs and key:
                found[graph].append(key)
        for at in range(self._graphs):
            name = self._text(self._model.Subgraphs(at).Name())
            if name:
                found[at].append(name)
        return found

    # Parts ------------------------------------------------------------------------------------

    def _text(self, data: bytes | None) -> str:
        """A name; what is no text in UTF-8 has its bytes replaced."""
        if not data:
            return ""
        self._characters -= len(data)
        if self._characters < 0:
            raise fail("limit", f"{self.path} has more than {MOST_CHARACTERS:,} characters of names")
        text = data[:4096].decode("utf-8", "replace")
        return "".join([sign if sign.isprintable() else "?" for sign in text])

    def _list(self, length: int, at: Any) -> tuple[int, ...]:
        """A list of whole numbers."""
        self._numbers -= length
        if self._numbers < 0:
            raise fail("limit", f"{self.path} has more than {MOST_NUMBERS:,} numbers in its lists")
        return tuple([at(n) for n in range(length)])

    def _operator_codes(self) -> list[tuple[str, str]]:
        """Which operators there are: a word of the format, and the name of one that it has not."""
        words = {n: word for word, n in vars(self._library.BuiltinOperator).items() if isinstance(n, int)}
        count = self._model.OperatorCodesLength()
        if count > MOST_OPERATORS:
            raise fail("limit", f"{self.path} has more than {MOST_OPERATORS:,} kinds of operators")
        found = []
        for at in range(count):
            code = self._model.OperatorCodes(at)
            number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
            custom = self._text(code.CustomCode())
            found.append((words.get(number, f"OPERATOR_{number}"), custom))
        return found

    def _graph(self, number: int) -> FileGraph:
        graph = self._model.Subgraphs(number)
        counts = graph.TensorsLength(), graph.OperatorsLength()
        if counts[0] > MOST_TENSORS or counts[1] > MOST_OPERATORS:
            raise fail("limit", f"{self.path} has {counts[0]:,} tensors and {counts[1]:,} operators")
        types = {n: word.lower() for word, n in vars(self._library.TensorType).items() if isinstance(n, int)}
        found = FileGraph(
            [self._tensor(graph.Tensors(at), at, types) for at in range(counts[0])],
            [self._operator(graph.Operators(at), at) for at in range(counts[1])],
            self._list(graph.InputsLength(), graph.Inputs),
            self._list(graph.OutputsLength(), graph.Outputs),
        )
        used = [*found.inputs, *found.outputs, *[t for one in found.operators for t in one.outputs]]
        used += [t for one in found.operators for t in one.inputs if t != -1]
        wrong = next((t for t in used if not 0 <= t < counts[0]), None)
        if wrong is not None:
            raise is_broken(self.path, f"it has no tensor {wrong}")
        return found

    def _tensor(self, tensor: Any, at: int, types: dict[int, str]) -> FileTensor:
        axes = tensor.ShapeLength(), tensor.ShapeSignatureLength()
        if max(axes) > MOST_AXES:
            raise is_broken(self.path, f"tensor {at} has {max(axes):,} axes")
        name = self._text(tensor.Name()) or f"tensor {at}"
        sizes = tuple([tensor.Shape(n) for n in range(axes[0])])
        signature = tuple([tensor.ShapeSignature(n) for n in range(axes[1])])
        if any(size < 0 for size in sizes):
            signature = signature or sizes
            sizes = tuple([max(size, 1) if size == -1 else size for size in sizes])
        if any(size < 0 for size in sizes) or (signature and len(signature) != len(sizes)):
            raise is_broken(self.path, f"the tensor {name[:80]} has the shape {signature or sizes}")
        dtype = types.get(tensor.Type(), "float32")
        quantization = tensor.Quantization()
        steps = quantization is not None and quantization.ScaleLength() > 0
        found = FileTensor(at, name, sizes, signature, dtype, steps)
        self._fill(found, tensor)
        return found

    def _fill(self, found: FileTensor, tensor: Any) -> None:
        """Say whether a tensor is held by the file, and take its values where they are few."""
        number = tensor.Buffer()
        if not number:
            return
        if number >= self._model.BuffersLength():
            raise is_broken(self.path, f"the tensor {found.name[:80]} has a buffer that is none")
        buffer = self._model.Buffers(number)
        length, beside = buffer.DataLength(), buffer.Size()
        if not length and (not beside or buffer.Offset() < 2):
            return
        length = length or beside
        found.stored = True
        bits = _BITS.get(found.dtype)
        if bits is None or tensor.Sparsity() is not None:
            return
        wanted = -(-found.count * bits // 8)
        if length != wanted:
            raise is_broken(
                self.path,
                f"the tensor {found.name[:80]} has {found.count:,} values ({found.dtype}) in {length} bytes",
            )
        real = found.dtype.startswith(("float", "bfloat"))
        few = found.count <= MOST_REAL if real else length <= MOST_BYTES
        vector = len(found.sizes) == 1 and length <= MOST_BYTES
        if not (few or vector) or bits < 8 or not buffer.DataLength() or self._bytes < length:
            return
        self._bytes -= length
        data = bytes(buffer.DataAsNumpy()[:length])
        found.zeros = vector and not any(data)
        if few and not found.steps:
            found.data = data

    def _operator(self, operator: Any, at: int) -> FileOperator:
        code = operator.OpcodeIndex()
        if code >= len(self._codes):
            raise is_broken(self.path, f"operator {at} has a kind that is none")
        word, custom = self._codes[code]
        return FileOperator(
            at,
            word,
            custom if word == "CUSTOM" else "",
            self._list(operator.InputsLength(), operator.Inputs),
            self._list(operator.OutputsLength(), operator.Outputs),
            operator,
        )


@contextmanager
def opened(path: str) -> Iterator[FileModel]:
    """Open a file while the block runs. Raises SpecError where it is none, or tflite is missing."""
    with mapped(path, is_broken) as data:
        yield FileModel(path, data)


def shape_of(sizes: Sequence[int]) -> str:
    """Return sizes as messages have them."""
    return "x".join(map(str, sizes)) or "()"
