"""What the parts of an evaluator share: the names of the file, and how far reading has gone."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from .hosting import Host
from .values import EvaluationError, PythonError, PythonFunction, Scope

# So many parts of code are read, loops counted each time.
_STEPS = 1_000_000
# What Python itself raises for values that do not fit.
_FAULTS = (
    ArithmeticError,
    AttributeError,
    IndexError,
    KeyError,
    StopIteration,
    TypeError,
    ValueError,
    RuntimeError,
)


class ImportedFiles(Protocol):
    """Finds the files of Python whose names the code imports."""

    def module(self, reader: Reader, node: ast.AST, level: int, path: str) -> Any:
        """Return the file that an import means; None where it means a library."""


class ReturnedError(Exception):
    """A function returns.

    Attributes:
        value: What it returns.
    """

    def __init__(self, value: Any):
        super().__init__()
        self.value = value


class BreakError(Exception):
    """A loop ends."""


class ContinueError(Exception):
    """A turn of a loop ends."""


class Reader:
    """The state of an evaluator, and what its parts call of one another.

    Args:
        host: The library.

    Attributes:
        globals: The names of the file.
        files: The files beside it, whose imports are read; None for code that is pasted.
        steps: How many parts of code have been read.
        depth: How many functions are under way, one within another.
    """

    def __init__(self, host: Host):
        self.host = host
        self.globals = Scope()
        self.globals.values["__name__"] = "__main__"
        self.files: ImportedFiles | None = None
        self.steps = 0
        self.depth = 0

    def step(self, node: ast.AST) -> None:
        """Count a part of code. Raises EvaluationError where there are too many."""
        self.steps += 1
        if self.steps > _STEPS:
            raise EvaluationError(f"this code takes more than {_STEPS:,} steps", node)

    def python(self, work: Callable[[], Any], node: ast.AST) -> Any:
        """Return what something of Python gives. Raises EvaluationError where Python itself fails."""
        try:
            return work()
        except _FAULTS as error:
            kind = type(error).__name__
            text = str(error) or kind
            raise PythonError(f"Python fails here: {text[:120]}", node, kind=kind) from None
        except MemoryError:
            raise EvaluationError("this value is too large to be read", node) from None

    def run(self, body: Sequence[ast.stmt], scope: Scope | None = None) -> None:
        """Read statements. Raises EvaluationError."""
        raise NotImplementedError

    def assign(self, target: ast.AST, value: Any, scope: Scope) -> None:
        """Give a target of an assignment its value. Raises EvaluationError."""
        raise NotImplementedError

    def set_attribute(self, of: Any, name: str, value: Any) -> None:
        """Set an attribute. Raises EvaluationError."""
        raise NotImplementedError

    def value(self, node: ast.AST, scope: Scope) -> Any:
        """Return the value of an expression. Raises EvaluationError."""
        raise NotImplementedError

    def items(self, nodes: Sequence[ast.expr], scope: Scope) -> list[Any]:
        """Return the values of expressions, those of one with a star one by one. Raises EvaluationError."""
        raise NotImplementedError

    def binary(self, op: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        """Return what an operator makes of two values. Raises EvaluationError."""
        raise NotImplementedError

    def attribute(self, value: Any, name: str, node: ast.AST) -> Any:
        """Return an attribute of a value. Raises EvaluationError."""
        raise NotImplementedError

    def truth(self, value: Any) -> bool | None:
        """Return whether a condition holds; None where that is not known."""
        raise NotImplementedError

    def elements(self, value: Any) -> Iterable[Any]:
        """Return what a loop over a value takes. Raises EvaluationError."""
        raise NotImplementedError

    def call(
        self, function: Any, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """Return what a call gives. Raises EvaluationError."""
        raise NotImplementedError

    def function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope, kind: str = ""
    ) -> PythonFunction:
        """Return a function that the code defines. Raises EvaluationError."""
        raise NotImplementedError

    def leave_out(self, statement: ast.stmt, error: EvaluationError, scope: Scope) -> None:
        """Leave out a statement of a file that cannot be read. Raises EvaluationError where that matters."""
        raise NotImplementedError
