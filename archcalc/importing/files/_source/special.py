"""Functions of Python that take functions, classes and objects of the code."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .classes import FieldDefault, named_tuple, type_of
from .plain import BUILTINS, bounded, is_small, methods_of
from .reader import Reader
from .values import (
    BoundMethod,
    Builtin,
    EvaluationError,
    HostValue,
    PythonClass,
    PythonError,
    PythonFunction,
    PythonInstance,
    RecordTuple,
    UnknownValue,
    lineage,
)

Positional = Sequence[Any]
Keywords = Mapping[str, Any]


class Partial(HostValue):
    """What ``functools.partial`` gives.

    Attributes:
        func: The function or class.
        args: Its first arguments.
        keywords: Its arguments by name.
    """

    def __init__(self, reader: Reader, func: Any, args: Positional, keywords: Keywords):
        self.reader = reader
        self.func = func
        self.args = tuple(args)
        self.keywords = dict(keywords)

    def attribute(self, name: str) -> Any:
        """Return one of its parts."""
        if name in ("func", "args", "keywords"):
            return getattr(self, name)
        raise PythonError(f"a partial function has no `{name}`", kind="AttributeError")

    def call(self, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
        """Return what its function gives."""
        given = {**self.keywords, **keywords}
        return self.reader.call(self.func, [*self.args, *positional], given, node)

    def type_of(self) -> Any:
        """Its class."""
        return Builtin("functools.partial")


def _none(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    return None


def _attribute(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    if len(positional) > 1 and isinstance(positional[1], str):
        try:
            return reader.attribute(positional[0], positional[1], node)
        except EvaluationError:
            if len(positional) < 3:
                raise
            return positional[2]
    return UnknownValue(node)


def _set(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    if len(positional) == 3 and isinstance(positional[1], str):
        reader.set_attribute(positional[0], positional[1], positional[2])


def _has(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    try:
        reader.attribute(positional[0], positional[1], node)
    except EvaluationError:
        return False
    return True


def _is_of(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    if len(positional) != 2:
        return UnknownValue(node)
    value, kinds = positional
    found = [_is_one(value, kind) for kind in (kinds if isinstance(kinds, tuple) else (kinds,))]
    return UnknownValue(node) if None in found and True not in found else True in found


_PLAIN: Mapping[str, Any] = {
    **{
        kind.__name__: kind for kind in (int, float, str, list, tuple, dict, set, bool, bytes, complex, range)
    },
    "Iterable": (list, tuple, dict, set, str, range),
    "Sequence": (list, tuple, str, range),
    "Sized": (list, tuple, dict, set, str, range),
    "Mapping": dict,
    "Number": (int, float, complex),
    "Hashable": (int, float, str, tuple),
    "OrderedDict": dict,
    "List": list,
    "Tuple": tuple,
    "Dict": dict,
    "NoneType": type(None),
}


_OF_CODE: Mapping[str, type] = {
    "partial": Partial,
    "type": PythonClass,
    "function": PythonFunction,
    "FunctionType": PythonFunction,
    "LambdaType": PythonFunction,
    "MethodType": BoundMethod,
}


def _is_one(value: Any, kind: Any) -> bool | None:
    if isinstance(value, UnknownValue) or isinstance(kind, UnknownValue):
        return None
    if isinstance(kind, PythonClass):
        return isinstance(value, PythonInstance) and kind in lineage(value.of)
    of_class = value.state if isinstance(value, PythonInstance) and value.state is not None else value
    if isinstance(of_class, HostValue) and hasattr(of_class, "is_instance") and isinstance(kind, HostValue):
        return bool(of_class.is_instance(kind))
    if isinstance(kind, Builtin) or hasattr(kind, "name"):
        word = kind.name.rpartition(".")[2]
        if word == "Callable":
            return _may_be_called(value)
        if word == "object":
            return True
        if word in _OF_CODE:
            return isinstance(value, _OF_CODE[word])
        if word in _PLAIN:
            return isinstance(value, _PLAIN[word])
        return False if isinstance(kind, Builtin) else None
    return False


def _may_be_called(value: Any) -> bool | None:
    if isinstance(value, UnknownValue):
        return None
    if isinstance(value, HostValue):
        return value.callable
    if isinstance(value, PythonInstance):
        return value.of.host() is not None or value.of.find("__call__") is not None
    return isinstance(value, (PythonFunction, PythonClass, BoundMethod, Builtin))


def _callable(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    found = _may_be_called(positional[0])
    return UnknownValue(node) if found is None else found


def _is_subclass(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    made, kinds = positional
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        if isinstance(made, PythonClass) and (kind in lineage(made) or kind == made.host()):
            return True
        if isinstance(made, UnknownValue) or isinstance(kind, UnknownValue):
            return UnknownValue(node)
        if made == kind:
            return True
    return False


def _mapped(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    function, *some = positional
    unknown = next((one for one in some if isinstance(one, UnknownValue)), None)
    if unknown is not None:
        return unknown
    lists = [bounded(reader.elements(one)) for one in some]
    return [reader.call(function, turn, {}, node) for turn in zip(*lists, strict=False)]


def _filtered(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    function, some = positional
    if isinstance(some, UnknownValue):
        return some
    found = []
    for one in bounded(reader.elements(some)):
        holds = reader.truth(one if function is None else reader.call(function, [one], {}, node))
        if holds is None:
            return UnknownValue(node)
        if holds:
            found.append(one)
    return found


def _by_key(name: str) -> Callable[..., Any]:
    """``sorted``, ``min`` or ``max``, which may be given a key."""

    def work(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
        words = dict(keywords)
        key = words.pop("key", None)
        unknown = next((one for one in positional if isinstance(one, UnknownValue)), None)
        if unknown is not None:
            return unknown
        some = positional[0] if len(positional) == 1 else positional
        if isinstance(some, HostValue):
            some = reader.elements(some)
        values = bounded(some) if hasattr(some, "__iter__") else [some]
        unknown = next((one for one in values if isinstance(one, UnknownValue)), None)
        if unknown is not None:
            return unknown
        keys: list[Any] = values if key is None else [reader.call(key, [one], {}, node) for one in values]
        if any(isinstance(one, HostValue) for one in keys):
            return UnknownValue(node)
        if not is_small(keys):
            raise EvaluationError("this cannot be put in order", node)
        if name != "sorted" and not values and "default" in words:
            return words["default"]

        def ordered() -> Any:
            places: list[int] = sorted(
                range(len(keys)), key=keys.__getitem__, reverse=bool(words.get("reverse"))
            )
            if name == "sorted":
                return [values[at] for at in places]
            chosen = min(keys) if name == "min" else max(keys)
            return values[keys.index(chosen)]

        return reader.python(ordered, node)

    return work


def _absolute(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    value = positional[0]
    if isinstance(value, HostValue):
        return value.operator("abs", None, False, node)
    return reader.python(lambda: abs(value), node)


def _summed(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    if isinstance(positional[0], UnknownValue):
        return positional[0]
    values = bounded(reader.elements(positional[0]))
    found: Any = positional[1] if len(positional) > 1 else keywords.get("start", 0)
    for one in values:
        found = reader.binary(ast.Add(), found, one, node)
    return found


def _type(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    return type_of(positional[0]) if len(positional) == 1 else UnknownValue(node)


def _vars(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    of = positional[0] if positional else None
    return of.values if isinstance(of, PythonInstance) else UnknownValue(node)


def _partial(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    if not positional:
        raise PythonError("partial needs a function", node, kind="TypeError")
    first, *rest = positional
    if isinstance(first, UnknownValue):
        return first
    return Partial(reader, first, rest, keywords)


def _reduced(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    function, some, *start = positional
    if isinstance(some, UnknownValue):
        return some
    values = [*start, *bounded(reader.elements(some))]
    if not values:
        raise PythonError("reduce is given nothing", node, kind="TypeError")
    found = values[0]
    for one in values[1:]:
        found = reader.call(function, [found, one], {}, node)
    return found


def _ordered(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    pairs = positional[0] if positional else {}
    if isinstance(pairs, UnknownValue):
        return pairs
    pairs = pairs if isinstance(pairs, dict) else [tuple(pair) for pair in bounded(reader.elements(pairs))]
    return reader.python(lambda: {**dict(pairs), **keywords}, node)


def _named_tuple(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    if len(positional) < 2 or not isinstance(positional[0], str):
        return UnknownValue(node)
    fields = positional[1]
    names = fields.replace(",", " ").split() if isinstance(fields, str) else bounded(fields)
    return named_tuple(positional[0], [str(one) for one in names], keywords.get("defaults") or (), node)


def _same(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    return positional[0] if positional else None


def _wraps(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    return Builtin("functools.same")


def _copied(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    """A copy of lists and objects of the code; the library copies what is its own."""
    value = positional[0]
    copy = reader.host.copied(value)
    if copy is not ...:
        return copy
    if isinstance(value, PythonInstance):
        made = PythonInstance(value.of)
        made.values = dict(value.values)
        return made
    if isinstance(value, (list, dict, set)):
        return value.copy()
    return value


def _deeply_copied(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    value = positional[0]
    if isinstance(value, list):
        return [_deeply_copied(reader, [one], {}, node) for one in value]
    if isinstance(value, tuple) and not isinstance(value, RecordTuple):
        return tuple([_deeply_copied(reader, [one], {}, node) for one in value])
    if isinstance(value, dict):
        return {key: _deeply_copied(reader, [one], {}, node) for key, one in value.items()}
    reader.step(node)
    return _copied(reader, positional, keywords, node)


def _chained(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    unknown = next((one for one in positional if isinstance(one, UnknownValue)), None)
    if unknown is not None:
        return unknown
    return bounded([one for some in positional for one in bounded(reader.elements(some))])


def _repeated(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    times = positional[1] if len(positional) > 1 else keywords.get("times")
    if not isinstance(times, int):
        raise EvaluationError("how often this is repeated is not known", node)
    return bounded(itertools.repeat(positional[0], times))


def _as_dict(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    of = positional[0]
    return dict(of.values) if isinstance(of, PythonInstance) else UnknownValue(node)


def _replaced(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    of = positional[0]
    if not isinstance(of, PythonInstance):
        return UnknownValue(node)
    made = PythonInstance(of.of)
    made.values = {**of.values, **keywords}
    return made


def _field(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    return FieldDefault(keywords)


def _globals(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    return dict(reader.globals.values)


def _next(reader: Reader, positional: Positional, keywords: Keywords, node: ast.AST) -> Any:
    if isinstance(positional[0], UnknownValue):
        return positional[0]
    for one in reader.elements(positional[0]):
        return one
    if len(positional) > 1:
        return positional[1]
    raise PythonError("there is nothing to take", node, kind="StopIteration")


def _not_known(reason: str) -> Callable[..., Any]:
    return lambda reader, positional, keywords, node: UnknownValue(node, reason)


SPECIAL: Mapping[str, Callable[..., Any]] = {
    "print": _none,
    "input": _not_known("it is typed in"),
    "open": _not_known("it is from a file"),
    "getattr": _attribute,
    "setattr": _set,
    "hasattr": _has,
    "isinstance": _is_of,
    "issubclass": _is_subclass,
    "callable": _callable,
    "map": _mapped,
    "filter": _filtered,
    "sorted": _by_key("sorted"),
    "min": _by_key("min"),
    "max": _by_key("max"),
    "abs": _absolute,
    "sum": _summed,
    "type": _type,
    "vars": _vars,
    "globals": _globals,
    "iter": _same,
    "next": _next,
    "object": _not_known("it is an object"),
    "super": _none,
    "staticmethod": _same,
    "property": _same,
    "functools.partial": _partial,
    "functools.reduce": _reduced,
    "functools.wraps": _wraps,
    "functools.same": _same,
    "functools.lru_cache": _wraps,
    "functools.cache": _same,
    "collections.OrderedDict": _ordered,
    "collections.defaultdict": lambda reader, positional, keywords, node: {},
    "collections.namedtuple": _named_tuple,
    "copy.copy": _copied,
    "copy.deepcopy": _deeply_copied,
    "itertools.chain": _chained,
    "itertools.repeat": _repeated,
    "dataclasses.dataclass": _wraps,
    "dataclasses.field": _field,
    "dataclasses.asdict": _as_dict,
    "dataclasses.replace": _replaced,
    "enum.auto": lambda reader, positional, keywords, node: Builtin("enum.auto"),
}
# Functions that look into what they are given: what is not known they give back.
OPENED = tuple([BUILTINS[name] for name in ("list", "tuple", "set", "zip", "enumerate", "reversed", "len")])
# Functions that take values which are not known, among others.
CONTAINERS = (
    *[BUILTINS[name] for name in ("list", "tuple", "dict", "zip", "enumerate", "reversed", "len")],
    *[method for kind in (list, dict, tuple, set) for method in methods_of(kind)],
)
