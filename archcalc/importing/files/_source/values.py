"""The values that code has while it is read, besides plain ones of Python: what is not known, functions and
classes of the code itself, and what belongs to a library."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

# Code that is read holds no longer texts and lists, and no larger numbers.
MOST_ITEMS = 100_000
MOST_BITS = 10_000
# A class is made from no more classes.
_LONGEST_LINE = 200


class EvaluationError(Exception):
    """Code cannot be read on from a place.

    Attributes:
        message: What is the matter.
        node: The place in the code; None for the call that is being read.
        help: Ways out.
    """

    def __init__(self, message: str, node: ast.AST | None = None, *help: str):
        super().__init__(message)
        self.message = message
        self.node = node
        self.help = help


class PythonError(EvaluationError):
    """Python itself would fail here, or the code raises an error.

    Attributes:
        kind: The name of the class of the error.
    """

    def __init__(self, message: str, node: ast.AST | None = None, *help: str, kind: str = ""):
        super().__init__(message, node, *help)
        self.kind = kind


class HostValue:
    """A value that a library gives meaning to: a layer, a tensor, a module. What it does not define fails."""

    # What a message calls it, and whether it can be called.
    described = "this value"
    callable = True

    def attribute(self, name: str) -> Any:
        """Return an attribute. Raises EvaluationError."""
        raise EvaluationError(f"{self.described} has no `{name}` that can be read")

    def set_attribute(self, name: str, value: Any) -> None:
        """Set an attribute; one that means nothing is forgotten."""

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return what a call gives. Raises EvaluationError."""
        raise EvaluationError(f"{self.described} cannot be called", node)

    def item(self, index: Any) -> Any:
        """Return an item. Raises EvaluationError."""
        raise EvaluationError(f"items of {self.described} cannot be read")

    def operator(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Return the value of ``self symbol other``, or with ``reflected`` the other way round.

        Raises:
            EvaluationError: Where the operator means nothing.
        """
        raise EvaluationError(f"`{symbol}` of {self.described} cannot be read", node)

    def compared(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Return what a comparison gives; ``...`` where values are compared as Python does."""
        return ...

    def elements(self) -> Iterable[Any]:
        """Return what a loop over it takes. Raises EvaluationError."""
        raise EvaluationError(f"a loop over {self.described} cannot be read")

    def length(self) -> int:
        """Return how many elements it has. Raises EvaluationError."""
        raise EvaluationError(f"how long {self.described} is cannot be read")

    def truth(self) -> bool | None:
        """Whether a condition holds that it is; None where that is not known."""
        return True

    def type_of(self) -> Any:
        """Return its class, as ``type`` does; what is not known by default."""
        return UnknownValue(None, "its class is not known")


class UnknownValue(HostValue):
    """A value that reading cannot tell, such as the size of data. All that is made of it is not known either.

    Attributes:
        node: Where it is from.
        name: The name that the code gave it last, which a setting can name; empty where it has none.
        reason: Why it is not known.
    """

    described = "a value that is not known"

    def __init__(self, node: ast.AST | None, reason: str = "", name: str = ""):
        self.node = node
        self.reason = reason
        self.name = name

    def named(self, name: str) -> UnknownValue:
        """Return the same value, with the name that the code gives it."""
        return UnknownValue(self.node, self.reason, name)

    def length(self) -> Any:
        """Its length is not known either."""
        return self

    def attribute(self, name: str) -> Any:
        """Return a value that is not known either."""
        return self

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return a value that is not known either."""
        return UnknownValue(node, self.reason)

    def item(self, index: Any) -> Any:
        """Return a value that is not known either."""
        return self

    def operator(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Return a value that is not known either."""
        return UnknownValue(self.node, self.reason, self.name)

    def elements(self) -> Iterable[Any]:
        """A loop over it is not known."""
        raise EvaluationError("what this loop runs over is not known", self.node)

    def truth(self) -> bool | None:
        """Nothing is known of it."""
        return None

    def __repr__(self) -> str:
        return f"<unknown {self.name}>"


class Scope:
    """Names and their values, with the scope around."""

    __slots__ = ("values", "outer", "shared")

    def __init__(self, outer: Scope | None = None):
        self.values: dict[str, Any] = {}
        self.outer = outer
        self.shared: dict[str, Scope] = {}  # names that `global` or `nonlocal` takes from another scope

    def find(self, name: str) -> Scope | None:
        """Return the scope that holds a name; None where none does."""
        scope: Scope | None = self
        while scope is not None and name not in scope.values:
            scope = scope.outer
        return scope

    def assign(self, name: str, value: Any) -> None:
        """Give a name a value."""
        self.shared.get(name, self).values[name] = value

    @property
    def top(self) -> Scope:
        """The scope of the file."""
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope


class PythonFunction:
    """A function of the code.

    Attributes:
        node: Its definition.
        scope: The scope that it was defined in.
        defaults: The values of its defaults, from the end of its parameters; those by name only by name.
        kind: How it belongs to a class: ``staticmethod``, ``classmethod``, ``property``, or empty.
        owner: The class that it was defined in; None for a plain function.
    """

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        scope: Scope,
        defaults: Sequence[Any],
        by_name: Mapping[str, Any],
        kind: str = "",
    ):
        self.node = node
        self.scope = scope
        self.defaults = tuple(defaults)
        self.by_name = dict(by_name)
        self.kind = kind
        self.owner: PythonClass | None = None

    @cached_property
    def yields(self) -> bool:
        """Whether a call of it gives a generator."""
        waiting: list[ast.AST] = [] if isinstance(self.node, ast.Lambda) else list(self.node.body)
        while waiting:
            node = waiting.pop()
            if isinstance(node, (ast.Yield, ast.YieldFrom)):
                return True
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
                waiting += ast.iter_child_nodes(node)
        return False

    @property
    def name(self) -> str:
        """Its name; of a lambda ``lambda``."""
        return getattr(self.node, "name", "lambda")

    def __repr__(self) -> str:
        return f"<function {self.name}>"


class PythonClass:
    """A class of the code.

    Attributes:
        name: Its name.
        bases: The classes that it is made from.
        values: Its attributes.
        node: Its definition.
        members: The objects of an ``Enum``, by name.
        line: It and the classes that it is made from, in the order in which Python looks.
    """

    def __init__(self, name: str, bases: Sequence[Any], values: Mapping[str, Any], node: ast.AST):
        self.name = name
        self.bases = tuple(bases)
        self.values = dict(values)
        self.node = node
        self.members: dict[str, PythonInstance] = {}
        self.line = _line(self)

    def find(self, name: str) -> Any:
        """Return an attribute of it or of a class before it; None where there is none."""
        return next((one.values[name] for one in lineage(self) if name in one.values), None)

    def is_made_of(self, path: str) -> bool:
        """Whether a class of Python, ``enum.Enum``, is one of those that it is made from."""
        bases = [base for one in lineage(self) for base in one.bases]
        return any(isinstance(base, Builtin) and base.name == path for base in bases)

    def host(self) -> HostValue | None:
        """Return the class of a library that it is made from; None where there is none."""
        bases = [base for one in self.line for base in one.bases]
        known = (base for base in bases if isinstance(base, HostValue) and not isinstance(base, UnknownValue))
        return next(known, None)

    def __repr__(self) -> str:
        return f"<class {self.name}>"


class PythonInstance:
    """An object of a class of the code.

    Attributes:
        of: Its class.
        values: Its attributes.
        state: What the library keeps of it.
    """

    def __init__(self, of: PythonClass):
        self.of = of
        self.values: dict[str, Any] = {}
        self.state: Any = None

    def __repr__(self) -> str:
        return f"<{self.of.name} object>"


class BoundMethod:
    """A function of a class, or of a plain value, with the object that it belongs to."""

    def __init__(self, function: Any, of: Any):
        self.function = function
        self.of = of


class Builtin:
    """A function or class of Python, by its path: ``len``, ``functools.partial``."""

    __slots__ = ("name",)

    def __init__(self, name: str):
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Builtin) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class NativeMethod:
    """A method that Python gives a class of the code, as ``@dataclass`` does ``__init__``.

    Attributes:
        work: What it does: takes the evaluator, the object, the arguments and the place.
    """

    __slots__ = ("work",)

    def __init__(self, work: Callable[[Any, Any, Sequence[Any], Mapping[str, Any], ast.AST], Any]):
        self.work = work


class RecordTuple(tuple[Any, ...]):
    """A tuple whose parts have names, as of a ``namedtuple``.

    Attributes:
        names: The names of its parts.
    """

    names: tuple[str, ...] = ()


class Super:
    """What ``super()`` gives within a method."""

    def __init__(self, of: PythonClass, instance: Any):
        self.of = of
        self.instance = instance


def is_plain(value: Any) -> bool:
    """Whether a value is a number, a text, a truth value or None."""
    return value is None or isinstance(value, (bool, int, float, complex, str, bytes))


def lineage(made: PythonClass) -> list[PythonClass]:
    """Return a class of the code with those that it is made from, in the order in which Python looks."""
    return made.line


def _line(made: PythonClass) -> list[PythonClass]:
    bases = [base for base in made.bases if isinstance(base, PythonClass)]
    rest = [*[list(base.line) for base in bases], bases]
    if sum(map(len, rest)) > _LONGEST_LINE:
        raise EvaluationError(f"{made.name} is made from more than {_LONGEST_LINE} classes", made.node)
    found = [made]
    while rest := [line for line in rest if line]:
        heads = [line[0] for line in rest]
        free = [head for head in heads if not any(head in line[1:] for line in rest)]
        first = (free or heads)[0]
        found.append(first)
        rest = [[one for one in line if one is not first] for line in rest]
    return found
