"""What Python's own library gives to code: its names, as far as they mean something for a network."""

from __future__ import annotations

import ast
import string
from collections.abc import Mapping, Sequence
from typing import Any

from .special import SPECIAL
from .values import Builtin, HostValue, UnknownValue

_MODULES = (
    "functools",
    "collections",
    "dataclasses",
    "enum",
    "copy",
    "itertools",
    "string",
    "typing",
    "abc",
    "types",
)
_CONSTANTS: Mapping[str, Any] = {
    f"string.{name}": getattr(string, name)
    for name in ("ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "punctuation", "printable")
} | {"typing.TYPE_CHECKING": False}
# Names that code pasted without its imports uses.
PASTED: Mapping[str, str] = {
    "OrderedDict": "collections.OrderedDict",
    "namedtuple": "collections.namedtuple",
    "defaultdict": "collections.defaultdict",
    "partial": "functools.partial",
    "reduce": "functools.reduce",
    "dataclass": "dataclasses.dataclass",
    "deepcopy": "copy.deepcopy",
    "Enum": "enum.Enum",
    "NamedTuple": "typing.NamedTuple",
    "chain": "itertools.chain",
}


class StandardModule(HostValue):
    """A module of Python's library.

    Attributes:
        path: Its dotted path.
    """

    def __init__(self, path: str):
        self.path = path
        self.described = f"`{path}`"

    def attribute(self, name: str) -> Any:
        """Return what the path goes on to."""
        found = standard(f"{self.path}.{name}")
        return UnknownValue(None, f"`{self.path}.{name}` is not read") if found is None else found


class TypeName(HostValue):
    """A word for types, as ``Optional`` and ``List``: what stands in it says nothing of a figure.

    Attributes:
        name: Its name.
    """

    def __init__(self, name: str):
        self.name = name
        self.described = f"`{name}`"

    def attribute(self, name: str) -> Any:
        """Return its name, or what is not known."""
        return self.name if name == "__name__" else UnknownValue(None)

    def item(self, index: Any) -> Any:
        """``List[int]`` is a type."""
        return self

    def operator(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Types are joined."""
        return self

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """``TypeVar("T")`` is a type; ``cast(type, value)`` is the value."""
        if self.name == "cast" and len(positional) == 2:
            return positional[1]
        return TypeName(self.name)


def standard(path: str) -> Any:
    """Return what a dotted path of Python's library stands for.

    Args:
        path: The path, ``functools.partial``.

    Returns:
        Its value; None where it means nothing for a network, or is of another library.
    """
    if path in _CONSTANTS:
        return _CONSTANTS[path]
    root, _, word = path.partition(".")
    if root not in _MODULES:
        return None
    if not word or path == "collections.abc":
        return StandardModule(path)
    if path in SPECIAL or path in _BASES:
        return Builtin(path)
    if root in ("typing", "abc") or path.startswith("collections.abc."):
        return TypeName(path.rpartition(".")[2])
    return None


_BASES = (
    "types.FunctionType",
    "types.LambdaType",
    "types.MethodType",
    "types.ModuleType",
    "enum.Enum",
    "enum.IntEnum",
    "typing.NamedTuple",
    "enum.StrEnum",
)
