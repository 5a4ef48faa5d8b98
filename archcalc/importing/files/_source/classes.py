"""Classes to which Python gives methods: of ``@dataclass``, ``NamedTuple`` and ``Enum``."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from .reader import Reader
from .values import (
    BoundMethod,
    Builtin,
    EvaluationError,
    HostValue,
    NativeMethod,
    PythonClass,
    PythonError,
    PythonFunction,
    PythonInstance,
    RecordTuple,
    Scope,
    lineage,
)


class FieldDefault(HostValue):
    """What ``field(default_factory=list)`` says of a field.

    Attributes:
        keywords: What it was given.
    """

    def __init__(self, keywords: Mapping[str, Any]):
        self.keywords = dict(keywords)


def finished(reader: Reader, made: PythonClass, scope: Scope) -> None:
    """Give a class the methods that Python gives it.

    Args:
        reader: Reads the code.
        made: The class.
        scope: Where it was defined.

    Raises:
        EvaluationError: Where its fields are none.
    """
    assert isinstance(made.node, ast.ClassDef)
    decorators = [one.func if isinstance(one, ast.Call) else one for one in made.node.decorator_list]
    names = [getattr(one, "id", getattr(one, "attr", "")) for one in decorators]
    if "dataclass" in names:
        made.values.setdefault("__init__", NativeMethod(_initialised))
        made.values["__dataclass_fields__"] = {**_inherited(made), **_annotated(made)}
    elif made.is_made_of("typing.NamedTuple"):
        made.values["__dataclass_fields__"] = _annotated(made)
        made.values["__new__"] = NativeMethod(_new_tuple)
    elif made.is_made_of("enum.Enum") or made.is_made_of("enum.IntEnum") or made.is_made_of("enum.StrEnum"):
        _enumerate(made)


def named_tuple(name: str, fields: Sequence[str], defaults: Sequence[Any], node: ast.AST) -> PythonClass:
    """Return the class that ``namedtuple`` makes."""
    first = len(fields) - len(defaults)
    given = {word: ... if at < first else defaults[at - first] for at, word in enumerate(fields)}
    values = {"__dataclass_fields__": given, "__new__": NativeMethod(_new_tuple), "_fields": tuple(fields)}
    return PythonClass(name, (), values, node)


def _annotated(made: PythonClass) -> dict[str, Any]:
    """The fields that a class has of its own, with their defaults; ``...`` for one that has none."""
    assert isinstance(made.node, ast.ClassDef)
    found: dict[str, Any] = {}
    for statement in made.node.body:
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        if not isinstance(target, ast.Name) or not isinstance(statement, ast.AnnAssign):
            continue
        if "ClassVar" in ast.dump(statement.annotation):
            continue
        default = made.values.get(target.id, ...)
        if isinstance(default, FieldDefault) and default.keywords.keys().isdisjoint(
            ("default", "default_factory")
        ):
            default = ...
            made.values.pop(target.id, None)
        found[target.id] = default
    return found


def _inherited(made: PythonClass) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in reversed(lineage(made)[1:]):
        found.update(one.values.get("__dataclass_fields__", {}))
    return found


def _filled(
    reader: Reader, of: PythonClass, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> dict[str, Any]:
    """The fields of an object with their values. Raises EvaluationError where one has none."""
    fields: dict[str, Any] = of.find("__dataclass_fields__")
    named = [
        name
        for name, default in fields.items()
        if not (isinstance(default, FieldDefault) and default.keywords.get("init") is False)
    ]
    if len(positional) > len(named):
        raise EvaluationError(
            f"{of.name} takes {len(named)} arguments, and {len(positional)} are given", node
        )
    given = {**dict(zip(named, positional, strict=False)), **keywords}
    strange = next((name for name in given if name not in named), None)
    if strange is not None:
        raise EvaluationError(f"{of.name} has no field `{strange}`", node)
    found: dict[str, Any] = {}
    for name, default in fields.items():
        if name in given:
            found[name] = given[name]
        elif isinstance(default, FieldDefault):
            factory = default.keywords.get("default_factory")
            found[name] = (
                default.keywords.get("default") if factory is None else reader.call(factory, (), {}, node)
            )
        elif default is ...:
            raise EvaluationError(f"{of.name} needs `{name}`", node)
        else:
            found[name] = default
    return found


def _initialised(
    reader: Reader, of: Any, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> None:
    if not isinstance(of, PythonInstance):
        raise EvaluationError("this is no object of a dataclass", node)
    for name, value in _filled(reader, of.of, positional, keywords, node).items():
        reader.set_attribute(of, name, value)
    after = of.of.find("__post_init__")
    if isinstance(after, PythonFunction):
        reader.call(BoundMethod(after, of), (), {}, node)


def _new_tuple(
    reader: Reader, of: Any, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> RecordTuple:
    found = _filled(reader, of, positional, keywords, node)
    made = RecordTuple(found.values())
    made.names = tuple(found)
    return made


def _enumerate(made: PythonClass) -> None:
    """Make the objects of an ``Enum``; a second name of a value is the same object."""
    number = 0
    by_value: dict[int, PythonInstance] = {}
    for name, value in made.values.items():
        if name.startswith("_") or isinstance(value, (PythonFunction, PythonClass, NativeMethod)):
            continue
        if isinstance(value, Builtin) and value.name == "enum.auto":
            number += 1
            value = number
        elif isinstance(value, int):
            number = value
        found = by_value.get(id(value))
        if found is None:
            found = by_value[id(value)] = PythonInstance(made)
            found.values = {"value": value, "name": name, "_value_": value, "_name_": name}
        made.members[name] = found


def member(made: PythonClass, positional: Sequence[Any], node: ast.AST) -> PythonInstance:
    """Return the object of an ``Enum`` that has a value. Raises EvaluationError."""
    wanted = positional[0] if positional else None
    for one in made.members.values():
        if one is wanted or one.values["value"] is wanted or _equal(one.values["value"], wanted):
            return one
    raise PythonError(f"{made.name} has no such value", node, kind="ValueError")


def _equal(one: Any, other: Any) -> bool:
    plain = (int, float, str, bool)
    return isinstance(one, plain) and isinstance(other, plain) and one == other


def type_of(value: Any) -> Any:
    """Return the class of a value, as ``type`` does."""
    if isinstance(value, PythonInstance):
        return value.of
    if isinstance(value, (PythonClass, Builtin)):
        return Builtin("type")
    if isinstance(value, (PythonFunction, BoundMethod)):
        return Builtin("function")
    if isinstance(value, HostValue):
        return value.type_of()
    return Builtin(type(value).__name__)
