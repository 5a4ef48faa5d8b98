"""The schemas of PyTorch's operations, from a table: the names of arguments, their types and defaults.

``schemas.txt`` holds a line for each overload, in PyTorch's own notation; a line is read when it is
asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from .recording import Value
from .sizing import OperationError

# The overload that is taken where several fit: where a tensor meets a number, PyTorch notes that of tensors.
_LAST = ("Scalar", "Scalar_Tensor", "Scalar_mode", "Tensor_Scalar")


class SchemaArgument:
    """An argument of a schema.

    Attributes:
        name: Its name.
        type: Its type without what says that it may be None or in how many copies it comes: ``int``.
        optional: Whether it may be None.
        listed: Whether it is a list.
        count: How many numbers a single number stands for, where it is a list.
        required: Whether there is no default.
        default: The default.
        written: Whether the operation writes into it.
        seen: Whether the operation may give a view of it.
        named: Whether it is given by its name alone.
        gaps: Whether parts of the list may be None.
    """

    __slots__ = (
        *(
            "name",
            "type",
            "optional",
            "listed",
            "count",
            "required",
            "default",
            "written",
            "seen",
            "named",
            "gaps",
        ),
    )

    def __init__(self, text: str, named: bool):
        stated, sign, default = text.partition("=")
        kind, _, self.name = stated.rpartition(" ")
        self.named = named
        self.optional = kind.endswith("?")
        kind = kind.removesuffix("?")
        self.listed = kind.endswith("]")
        kind, _, count = kind.removesuffix("]").partition("[") if self.listed else (kind, "", "")
        self.count = int(count or 0)
        self.gaps = kind.endswith("?")  # parts of the list may be None
        kind = kind.removesuffix("?")
        kind, _, alias = kind.partition("(")
        self.written = "!" in alias
        self.seen = bool(alias)
        self.type = _TYPES.get(kind, kind)
        self.required = not sign
        self.default = self.kept(_literal(default)) if sign else None

    def takes(self, value: Any) -> bool:
        """Whether a value may be given for it."""
        if value is None:
            return self.optional
        if self.listed:
            if isinstance(value, (tuple, list)):
                return all((part is None and self.gaps) or self._takes_one(part) for part in value)
            return self.count > 0 and self._takes_one(value)
        return self._takes_one(value)

    def _takes_one(self, value: Any) -> bool:
        kinds = _KINDS.get(self.type)
        if kinds is None:
            return isinstance(value, (str, int)) and not isinstance(value, bool)
        if isinstance(value, bool) and self.type not in ("bool", "Scalar", "Tensor"):
            return False
        return isinstance(value, kinds)

    def kept(self, value: Any) -> Any:
        """A value as the recording has it: a single number for a list as many times as there are axes."""
        if self.listed and value is not None:
            return tuple(value) if isinstance(value, (tuple, list)) else (value,) * max(self.count, 1)
        if self.type == "float" and type(value) is int:
            return float(value)
        return value


# Tensors for which PyTorch notes numbers, where the code has numbers.
NUMBERS = {
    **dict.fromkeys("add sub mul div true_divide floor_divide remainder fmod rsub".split(), ("other",)),
    **dict.fromkeys("eq ne lt le gt ge bitwise_and bitwise_or bitwise_xor".split(), ("other",)),
    "where": ("self", "other"),
    "pow": ("exponent",),
    "masked_fill": ("value",),
}
_TYPES = {"SymInt": "int"}
_KINDS: dict[str, tuple[type, ...]] = {
    "Tensor": (Value,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
    "Scalar": (int, float, complex),
}
_WORDS = {"None": None, "True": True, "False": False}


def _literal(text: str) -> Any:
    """A default as the recording has it."""
    if text.startswith("["):
        inner = text[1:-1].strip()
        return tuple([_literal(part.strip()) for part in inner.split(",")]) if inner else ()
    if text in _WORDS:
        return _WORDS[text]
    if text.startswith(('"', "'")):
        return text[1:-1]
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


class Schema:
    """An operator with an overload.

    Attributes:
        name: Its plain name, ``add``.
        target: Its name with namespace and overload, ``aten.add.Tensor``.
        arguments: Its arguments in order.
        views: Whether it may give a view of an argument.
    """

    __slots__ = ("name", "overload", "arguments", "views", "space")

    def __init__(self, line: str):
        head, _, rest = line.partition("(")
        space, sign, head = head.rpartition("::")
        self.space = space if sign else "aten"
        self.name, _, overload = head.partition(".")
        self.overload = overload or "default"
        inside, _, results = rest.rpartition(" -> ")
        found, named = [], False
        for text in _parts(inside.strip()[:-1]):
            if text == "*":
                named = True
            else:
                found.append(SchemaArgument(text, named))
        self.arguments = tuple(found)
        self.views = "(a" in results

    def target(self, inplace: bool = False) -> str:
        """The name with namespace and overload; ``aten.add_.Tensor`` of the form that writes over its first
        argument."""
        return f"{self.space}.{self.name}{'_' if inplace else ''}.{self.overload}"

    def bound(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], inplace: bool = False
    ) -> dict[str, Any] | None:
        """The arguments by name, with defaults; None where they do not fit. The form that writes over its
        first argument calls that ``self``."""
        if inplace and "self" in kwargs and self.arguments:
            kwargs = {self.arguments[0].name if name == "self" else name: v for name, v in kwargs.items()}
        found = self._bound(args, kwargs)
        if inplace and found is not None:
            first = next(iter(found))
            found = {"self" if name == first else name: value for name, value in found.items()}
        return found

    def _bound(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any] | None:
        places = [argument for argument in self.arguments if not argument.named]
        if len(args) > len(places):
            return None
        given = {argument.name: value for argument, value in zip(places, args, strict=False)}
        if given.keys() & kwargs.keys():
            return None
        given.update(kwargs)
        found: dict[str, Any] = {}
        for argument in self.arguments:
            if argument.name in given:
                value = given.pop(argument.name)
                number = found and argument.name in NUMBERS.get(self.name, ())
                if not argument.takes(value) and not (number and isinstance(value, (int, float, complex))):
                    return None
                found[argument.name] = argument.kept(value)
            elif argument.required:
                return None
            else:
                found[argument.name] = argument.default
        return found if not given else None


def _parts(text: str) -> list[str]:
    """Arguments between commas that stand in no brackets."""
    found, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == "," and not depth:
            found.append(text[start:place].strip())
            start = place + 1
    last = text[start:].strip()
    return [*found, last] if last else found


@lru_cache(maxsize=1)
def _lines() -> dict[str, list[str]]:
    """The lines of the table by the plain name of the operation."""
    found: dict[str, list[str]] = {}
    table = files(__package__).joinpath("schemas.txt").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line:
            name = line.partition("(")[0].partition(".")[0].rpartition("::")[2]
            found.setdefault(name, []).append(line)
    return found


@cache
def schemas(name: str) -> tuple[Schema, ...]:
    """Return the schemas of an operation, those that are tried first in front; none where it is not known."""
    found = [Schema(line) for line in _lines().get(name, ())]
    return tuple(sorted(found, key=lambda schema: schema.overload in _LAST))


def resolved(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Schema, dict[str, Any], bool]:
    """Find the overload of an operation that takes these arguments.

    Args:
        name: Its name: ``add``, ``relu_`` for the form that writes over its first argument, or the
            whole, ``aten.add.Tensor``.
        args: The arguments by place.
        kwargs: The arguments by name.

    Returns:
        The schema, the arguments by name with their defaults, and whether it writes over its first argument.

    Raises:
        OperationError: Nobody knows the operation, or it takes no such arguments.
    """
    plain, overload = name.removeprefix("aten."), ""
    if "." in plain:
        plain, _, overload = plain.partition(".")
    inplace = plain.endswith("_") and not plain.endswith("__")
    plain = plain.removesuffix("_") if inplace else plain
    known = schemas(plain)
    if not known:
        raise OperationError(f"there is no rule for what `{name}` gives", name)
    for schema in known:
        if overload in ("", schema.overload):
            found = schema.bound(args, kwargs, inplace)
            if found is not None:
                return schema, found, inplace
    first = known[0]
    words = ", ".join(argument.name for argument in first.arguments)
    raise OperationError(f"it does not take these arguments: it takes {words}", plain)
