"""The tensors of pasted code: each has its sizes, and no values."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...operations.builder import OperationError, RecordingBuilder
from ...operations.recording import CONSTANT, Value
from .._source.values import EvaluationError, HostValue, UnknownValue
from .numbers import Numbers, nested, numbers_of

# So many numbers of a shape, and so many operations, no network has that people paste.
MOST_AXES = 16
MOST_OPERATIONS = 50_000


class CodeRun:
    """What is done while code is read: outside of ``forward`` on tensors that are constants.

    Attributes:
        builder: Writes the operations down.
        source: The file and the line that is being read.
        method: Does a method of a tensor.
        place: The file and the line of a part of the code.
        tracing: Whether the network runs.
    """

    def __init__(self, name: str):
        self.name = name
        self.builder = RecordingBuilder(name)
        self.source: tuple[str, int] | None = None
        self.method: Callable[[CodeTensor, str, list[Any], dict[str, Any]], Any] = _no_method
        self.place: Callable[[ast.AST], tuple[str, int]] = lambda node: (name, getattr(node, "lineno", 1))
        self.tracing = False

    def at(self, node: ast.AST | None) -> None:
        """Note the line that is being read."""
        if node is not None and hasattr(node, "lineno"):
            self.source = self.place(node)

    def do(self, name: str, *args: Any, called: str = "", **kwargs: Any) -> Any:
        """Do an operation of PyTorch, as ``RecordingBuilder.operation``.

        Returns:
            The tensor, or a tuple of them.

        Raises:
            EvaluationError: It cannot be done.
        """
        if self.builder.count > MOST_OPERATIONS:
            raise EvaluationError(f"this makes more than {MOST_OPERATIONS:,} operations")
        arguments = [self.given(argument) for argument in args]
        keywords = {key: self.given(argument) for key, argument in kwargs.items()}
        try:
            found = self.builder.operation(name, *arguments, source=self.source, called=called, **keywords)
        except OperationError as error:
            word = called or name
            raise EvaluationError(f"`{word}` cannot be read: {error}") from None
        made = self._tensors(found)
        if not self.tracing and isinstance(made, CodeTensor):
            made.numbers = numbers_of(name, args, made.sizes, made.dtype)
        return made

    def _tensors(self, found: Any) -> Any:
        if isinstance(found, Value):
            return CodeTensor(self, found)
        return tuple([CodeTensor(self, value) for value in found])

    def given(self, argument: Any) -> Any:
        """An argument as the builder takes it. Raises EvaluationError for one that is not known."""
        if isinstance(argument, CodeTensor):
            return argument.value
        if isinstance(argument, (list, tuple)):
            if len(argument) > 10_000:
                raise EvaluationError("this list is too long to be read")
            return tuple([self.given(part) for part in argument])
        if isinstance(argument, TypeWord):
            return argument.word
        if isinstance(argument, UnknownValue):
            why = f": {argument.reason}" if argument.reason else ""
            raise EvaluationError(f"this depends on a value that is not known{why}", argument.node)
        if argument is None or isinstance(argument, (bool, int, float, str)):
            return argument
        raise EvaluationError("this is no tensor and no number")


def _no_method(of: CodeTensor, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    raise EvaluationError(f"`{name}` cannot be read")


class TypeWord(HostValue):
    """A type or device: ``torch.float32``."""

    described = "a type"

    callable = False

    def __init__(self, word: str):
        self.word = word

    def attribute(self, name: str) -> Any:
        """Return the kind of a device, or what nobody needs to know."""
        if self.word == "cpu" and name in ("type", "index"):
            return "cpu" if name == "type" else None
        return UnknownValue(None, "what a type or a device is")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeWord) and other.word == self.word

    def __hash__(self) -> int:
        return hash(self.word)


class CodeTensor(HostValue):
    """A tensor.

    Attributes:
        run: Where it is used.
        numbers: What it holds, where the code says it; None where that is not known.
    """

    described = "a tensor"
    callable = False

    def __init__(self, run: CodeRun, value: Value):
        self.run = run
        self._value = value
        self._builder = run.builder
        self.numbers: Numbers | None = None

    def is_instance(self, kind: Any) -> bool:
        """Whether it is of a class."""
        word = getattr(kind, "path", "").rpartition(".")[2]
        return word in ("Tensor", "FloatTensor", "LongTensor")

    @property
    def dtype(self) -> str:
        """Its type."""
        return self.value.dtype

    def held(self) -> Any:
        """Return the numbers that it holds, in lists. Raises EvaluationError where they are not known."""
        if self.numbers is None:
            raise EvaluationError("this looks at the values of a tensor, and there are none")
        return nested(self.numbers, self.sizes)

    @property
    def value(self) -> Value:
        """It as the builder knows it. One that was made while the network was built is a constant."""
        if self._builder is not self.run.builder:
            was = self._value
            self._builder = self.run.builder
            self._value = self._builder.constant(was.sizes, was.number, was.dtype)
        return self._value

    @property
    def sizes(self) -> tuple[int, ...]:
        """Its sizes, of the first axis with a batch of one."""
        return self.value.sizes

    def shape(self) -> tuple[int, ...]:
        """Its sizes as numbers that may depend on the batch."""
        return tuple([self.run.builder.size(self.value, dim) for dim in range(len(self.sizes))])

    def attribute(self, name: str) -> Any:
        """Return an attribute or a method."""
        if name == "shape":
            return self.shape()
        if name in ("ndim", "dim"):
            return len(self.sizes) if name == "ndim" else TensorMethod(self, name)
        if name in ("T", "mT"):
            self.value  # noqa: B018 — it stands in this run
            word = "numpy_T" if name == "T" else name
            return self.run.do(word, self, called="torch.__get__")
        if name == "dtype":
            return TypeWord(self.value.dtype)
        if name == "data":
            return self
        if name in ("device", "requires_grad", "is_cuda", "grad", "is_mkldnn", "training"):
            return TypeWord("cpu") if name == "device" else False
        return TensorMethod(self, name)

    def item(self, index: Any) -> Any:
        """Return a part of it, as ``x[:, 0]``."""
        parts = list(index) if isinstance(index, tuple) else [index]
        if len(parts) > MOST_AXES:
            raise EvaluationError("this has too many axes")
        found, dim = self, 0
        named = len([at for at in parts if at is not None and at is not Ellipsis])
        called = "operator.__getitem__"
        chosen: dict[int, CodeTensor] = {}
        for at in parts:
            if at is Ellipsis:
                dim += len(self.sizes) - named
            elif at is None:
                found = self.run.do("unsqueeze", found, dim, called=called)
                dim += 1
            elif isinstance(at, slice):
                whole = (at.start, at.stop, at.step) == (None, None, None)
                if not whole:
                    stop = 2**63 - 1 if at.stop is None else at.stop
                    found = self.run.do("slice", found, dim, at.start or 0, stop, at.step or 1, called=called)
                dim += 1
            elif isinstance(at, int) and not isinstance(at, bool):
                found = self.run.do("select", found, dim, at, called=called)
                if len(parts) == 1:
                    found.numbers = self._numbers_at(at)
            elif isinstance(at, (CodeTensor, list)):
                chosen[dim] = at if isinstance(at, CodeTensor) else self._positions(at)
                dim += 1
            else:
                raise EvaluationError("this index cannot be read")
        if not chosen:
            return found
        if any(at.dtype == "bool" for at in chosen.values()):
            raise EvaluationError("how many values a mask leaves depends on values")
        indices = tuple([chosen.get(axis) for axis in range(max(chosen) + 1)])
        return self.run.do("index", found, indices, called=called)

    def _positions(self, places: list[Any]) -> CodeTensor:
        """A list of positions as a tensor."""
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in places):
            raise EvaluationError("this index cannot be read")
        return CodeTensor(self.run, self.run.builder.constant((len(places),), None, "int64"))

    def _numbers_at(self, at: int) -> Numbers | None:
        if self.numbers is None or not self.sizes:
            return None
        step = max(len(self.numbers) // max(self.sizes[0], 1), 1)
        at %= self.sizes[0]
        return self.numbers[at * step : (at + 1) * step]

    def write(self, index: Any, value: Any) -> None:
        """Write a part of it over, as ``x[:, 0] = value``. Raises EvaluationError."""
        self.numbers = None
        if not self.run.tracing:
            return
        part = self.item(index)
        called = "operator.__setitem__"
        if isinstance(value, CodeTensor):
            self.run.do("copy_", part, value, called=called)
        else:
            self.run.do("fill_", part, value, called=called)

    def operator(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Return ``self + other`` and the like."""
        self.run.at(node)
        if symbol in ("neg", "abs", "~"):
            single = "bitwise_not" if symbol == "~" else symbol
            word = "torch.abs" if symbol == "abs" else f"Tensor.{single}"
            return self.run.do(single, self, called=word)
        inplace = symbol.endswith("=") and symbol[:-1] in _OPERATORS
        name = _OPERATORS.get(symbol[:-1] if inplace else symbol)
        if name is None:
            raise EvaluationError(f"`{symbol}` of a tensor cannot be read", node)
        do = self.run.do
        if reflected and not isinstance(other, CodeTensor):
            if name == "sub":
                return do("rsub", self, other, called="Tensor.__rsub__")
            if name == "div":
                return do(
                    "mul", do("reciprocal", self, called="Tensor.__rdiv__"), other, called="Tensor.__rdiv__"
                )
            if name == "pow":
                return do("pow", other, self, called="Tensor.__rpow__")
            return do(name, self, other, called=f"operator.{name}")
        left, right = (other, self) if reflected else (self, other)
        called = "Tensor.pow" if name == "pow" else f"operator.{name}"
        if inplace:
            return do(f"{name}_", left, right, called=f"{called}_")
        return do(name, left, right, called=called)

    def compared(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Return the tensor that a comparison gives."""
        if symbol not in _MIRRORED or (other is None or isinstance(other, str)):
            return ...
        return self.operator(_MIRRORED[symbol] if reflected else symbol, other, False, node)

    def elements(self) -> Iterable[Any]:
        """Return what a loop over its first axis takes."""
        if not self.sizes or self.sizes[0] > 1000:
            raise EvaluationError("a loop over this tensor cannot be read")
        parts: tuple[CodeTensor, ...] = self.run.do("unbind", self, 0, called="Tensor.unbind")
        for at, part in enumerate(parts):
            part.numbers = self._numbers_at(at)
        return parts

    def length(self) -> int:
        """Return the size of its first axis."""
        if not self.sizes:
            raise EvaluationError("a tensor of one value has no length")
        return self.shape()[0]

    def truth(self) -> bool | None:
        """Whether the one number that it holds is not zero; mostly nothing is known of its values."""
        return bool(self.numbers[0]) if self.numbers is not None and len(self.numbers) == 1 else None


_OPERATORS = {
    **{"+": "add", "-": "sub", "*": "mul", "/": "div", "@": "matmul", "**": "pow", "//": "floor_divide"},
    **{"%": "remainder", ">": "gt", "<": "lt", ">=": "ge", "<=": "le", "==": "eq", "!=": "ne"},
    **{"&": "bitwise_and", "|": "bitwise_or", "^": "bitwise_xor"},
}


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


class CodeParameter(CodeTensor):
    """A tensor that a module registers.

    Attributes:
        learned: Whether it is a parameter, and no buffer.
        frozen: Whether it takes no gradient.
    """

    described = "a parameter"

    def __init__(
        self,
        run: CodeRun,
        sizes: Sequence[int],
        dtype: str = "float32",
        *,
        learned: bool = True,
        frozen: bool = False,
    ):
        try:
            value = run.builder.constant(tuple(sizes), None, dtype)
        except OperationError as error:
            raise EvaluationError(str(error)) from None
        super().__init__(run, value)
        self.learned = learned
        self.frozen = frozen
        self.size = value.sizes

    def register(self, name: str) -> None:
        """Register it in the run of the network; a second name is one that is tied."""
        builder = self.run.builder
        if self._builder is builder and self._value.kind != CONSTANT:
            builder.tie(name, self._value)
            return
        dtype = self._value.dtype
        if self.learned:
            self._value = builder.parameter(name, self.size, dtype, frozen=self.frozen)
        else:
            self._value = builder.buffer(name, self.size, dtype)
        self._builder = builder

    def set_attribute(self, name: str, value: Any) -> None:
        """``requires_grad = False`` freezes it."""
        if name == "requires_grad":
            self.frozen = not value
            self._value.frozen = self.frozen


class TensorMethod(HostValue):
    """A method of a tensor."""

    described = "a method of a tensor"

    def __init__(self, of: CodeTensor, name: str):
        self.of = of
        self.name = name

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return what it gives."""
        self.of.run.at(node)
        return self.of.run.method(self.of, self.name, list(positional), dict(keywords))
