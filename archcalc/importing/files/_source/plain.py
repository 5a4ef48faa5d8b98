"""Functions and methods of Python that code may use on plain values, each bounded in time and size."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .values import MOST_BITS, MOST_ITEMS, EvaluationError, HostValue, is_plain

OfTwo = Callable[[Any, Any], Any]


def bounded(items: Iterable[Any]) -> list[Any]:
    """Return a list of what a loop takes. Raises EvaluationError where it is too long."""
    found = []
    for one in items:
        found.append(one)
        if len(found) > MOST_ITEMS:
            raise EvaluationError(f"this makes more than {MOST_ITEMS:,} values")
    return found


def is_small(value: Any) -> bool:
    """Whether a value is plain, or holds few values: it is compared and shown in little time."""
    waiting, seen = [value], 0
    while waiting:
        one = waiting.pop()
        seen += 1
        if seen > 10_000:
            return False
        if isinstance(one, (list, tuple, set, frozenset)):
            waiting += one
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
    return True


def plainly(value: Any) -> bool:
    """Whether a value is plain all through."""
    if isinstance(value, (list, tuple, set)):
        return len(value) < 1000 and all(is_plain(one) for one in value)
    return is_plain(value)


def sized(length: int) -> bool:
    """Look whether a list or text may be so long, and return False. Raises EvaluationError."""
    if length > MOST_ITEMS:
        raise EvaluationError(f"this makes more than {MOST_ITEMS:,} values")
    return False


def _multiply(left: Any, right: Any) -> Any:
    for some, times in ((left, right), (right, left)):
        if isinstance(some, (str, bytes, list, tuple)) and isinstance(times, int):
            sized(len(some) * max(times, 0))
    _small_numbers(left, right)
    return left * right


def _small_numbers(*values: Any) -> None:
    if any(isinstance(one, int) and one.bit_length() > MOST_BITS for one in values):
        raise EvaluationError("this number is too large to be read")


def _power(left: Any, right: Any) -> Any:
    _small_numbers(left, right)
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > MOST_BITS:
        raise EvaluationError("this number is too large to be read")
    return left**right


def _shift(left: Any, right: Any) -> Any:
    _small_numbers(left, right)
    if isinstance(right, int) and right > MOST_BITS:
        raise EvaluationError("this number is too large to be read")
    return left << right


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, (str, bytes, list, tuple)) and isinstance(right, (str, bytes, list, tuple)):
        sized(len(left) + len(right))
    return left + right


def formatted(value: Any, form: str) -> str:
    """Return a value as a format has it. Raises EvaluationError for a long one."""
    if re.search(r"\d{4}", form) or not plainly(value):
        raise EvaluationError("this text cannot be read")
    _small_numbers(value)
    return format(value, form) if is_plain(value) else str(value)


def _percent(left: Any, right: Any) -> Any:
    if isinstance(left, str) and (re.search(r"\d{4}|\*", left) or not plainly(right)):
        raise EvaluationError("this text cannot be read")
    return left % right


BINARY: Mapping[str, OfTwo] = {
    "Add": _add,
    "Sub": operator.sub,
    "Mult": _multiply,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": _percent,
    "Pow": _power,
    "LShift": _shift,
    "RShift": operator.rshift,
    "BitOr": operator.or_,
    "BitAnd": operator.and_,
    "BitXor": operator.xor,
}
SYMBOLS = {
    "Add": "+",
    "Sub": "-",
    "Mult": "*",
    "Div": "/",
    "FloorDiv": "//",
    "Mod": "%",
    "Pow": "**",
    "MatMult": "@",
    "LShift": "<<",
    "RShift": ">>",
    "BitOr": "|",
    "BitAnd": "&",
    "BitXor": "^",
    "Eq": "==",
    "NotEq": "!=",
    "Lt": "<",
    "LtE": "<=",
    "Gt": ">",
    "GtE": ">=",
    "Is": "is",
    "IsNot": "is not",
    "In": "in",
    "NotIn": "not in",
}
COMPARED: Mapping[str, OfTwo] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "In": lambda one, some: one in some,
    "NotIn": lambda one, some: one not in some,
}


def _text(value: Any = "") -> str:
    if not plainly(value):
        raise EvaluationError("this text cannot be read")
    _small_numbers(value)
    return str(value)


def _joined(between: str, parts: Any) -> str:
    found = bounded(parts)
    sized(sum(len(part) + len(between) for part in found))
    return between.join(found)


def _replaced(text: str, old: str, new: str) -> str:
    sized((len(text) + 1) * max(len(new), 1) if len(new) > len(old) else len(text))
    return text.replace(old, new)


def _template(text: str, *positional: Any, **keywords: Any) -> str:
    some = [*positional, *keywords.values()]
    if re.search(r"\d{4}|[.\[!]", re.sub(r":\.\d", "", text)) or not all(plainly(one) for one in some):
        raise EvaluationError("this text cannot be read")
    if re.search(r":[^}:{]*\{", text):
        raise EvaluationError("this text cannot be read")
    return text.format(*positional, **keywords)


def _filled(text: str, width: int) -> str:
    sized(width)
    return text.zfill(width)


# Methods of plain values, by the kind of the value.
_METHODS: Mapping[type, Mapping[str, Callable[..., Any]]] = {
    str: {
        "join": _joined,
        "replace": _replaced,
        "format": _template,
        "zfill": _filled,
        **{
            name: getattr(str, name)
            for name in (
                "lower upper strip lstrip rstrip split rsplit startswith endswith title capitalize isdigit "
                "partition rpartition find index count removeprefix removesuffix swapcase isalpha isalnum "
                "islower isupper isspace splitlines rfind"
            ).split()
        },
    },
    list: {
        "append": lambda some, one: sized(len(some) + 1) or some.append(one),
        "extend": lambda some, more: some.extend(_more(some, bounded(more))),
        "insert": lambda some, at, one: sized(len(some) + 1) or some.insert(at, one),
        **{name: getattr(list, name) for name in ("pop", "reverse", "clear", "copy", "sort")},
        "remove": lambda some, one: some.pop(
            next(at for at, other in enumerate(some) if other is one or _same(other, one))
        ),
        "index": lambda some, one: next(
            at for at, other in enumerate(some) if other is one or _same(other, one)
        ),
        "count": lambda some, one: len([other for other in some if _same(other, one)]),
    },
    tuple: {
        "index": lambda some, one: next(at for at, other in enumerate(some) if _same(other, one)),
        "count": lambda some, one: len([other for other in some if _same(other, one)]),
    },
    dict: {
        **{
            name: getattr(dict, name)
            for name in (
                "items keys values get pop popitem copy setdefault update clear fromkeys move_to_end"
            ).split()
            if hasattr(dict, name)
        }
    },
    set: {
        "add": lambda some, one: sized(len(some) + 1) or some.add(one),
        "update": lambda some, more: some.update(bounded(more)),
        **{
            name: getattr(set, name)
            for name in (
                "remove discard clear copy union intersection difference symmetric_difference issubset "
                "issuperset isdisjoint pop"
            ).split()
        },
    },
    float: {"is_integer": float.is_integer},
    int: {"bit_length": int.bit_length},
}


def _more(some: list[Any], more: list[Any]) -> list[Any]:
    sized(len(some) + len(more))
    return more


def _same(one: Any, other: Any) -> bool:
    return one is other or (plainly(one) and plainly(other) and one == other)


def method_of(value: Any, name: str) -> Callable[..., Any] | None:
    """Return a method of a plain value, list or dictionary; None for one that cannot be read."""
    for kind, methods in _METHODS.items():
        if isinstance(value, kind):
            return methods.get(name)
    return None


def methods_of(kind: type) -> list[Callable[..., Any]]:
    """Return the methods that are known of a kind of plain values."""
    return list(_METHODS[kind].values())


def _range(*bounds: Any) -> range:
    _small_numbers(*bounds)
    return range(*bounds)


def _rounded(value: Any, digits: Any = None) -> Any:
    if isinstance(digits, int) and abs(digits) > 300:
        raise EvaluationError("this number is too large to be read")
    return round(value) if digits is None else round(value, digits)


def _whole(value: Any = 0, base: Any = None) -> int:
    if isinstance(value, str):
        sized(len(value) * 100)
        return int(value) if base is None else int(value, base)
    return int(value)


def _product(values: Any, start: Any = 1) -> Any:
    found = start
    for one in bounded(values):
        found = _multiply(found, one)
    return found


def _summed(values: Any, start: Any = 0) -> Any:
    found = start
    for one in bounded(values):
        found = _add(found, one)
    return found


def _in_order(values: Any, reverse: bool = False) -> list[Any]:
    found = bounded(values)
    if not is_small(found):
        raise EvaluationError("this cannot be put in order")
    return sorted(found, reverse=reverse)


def _zipped(some: Iterable[Any]) -> list[Any]:
    lists = [one if isinstance(one, range) else bounded(one) for one in some]
    return bounded(zip(*lists, strict=False))


BUILTINS: Mapping[str, Callable[..., Any]] = {
    "range": _range,
    "len": len,
    "int": _whole,
    "float": float,
    "str": _text,
    "repr": lambda value: repr(value) if is_plain(value) else _text(value),
    "bool": bool,
    "list": lambda values=(): bounded(values),
    "tuple": lambda values=(): tuple(bounded(values)),
    "dict": lambda values=(), **more: {
        **dict(bounded(values) if not isinstance(values, dict) else values),
        **more,
    },
    "set": lambda values=(): set(bounded(values)),
    "min": min,
    "max": max,
    "sum": _summed,
    "abs": abs,
    "round": _rounded,
    "pow": _power,
    "divmod": divmod,
    "zip": lambda *some: _zipped(some),
    "enumerate": lambda values, start=0: [(start + at, one) for at, one in enumerate(bounded(values))],
    "reversed": lambda values: bounded(values)[::-1],
    "sorted": _in_order,
    "any": lambda values: any(bounded(values)),
    "all": lambda values: all(bounded(values)),
    "format": formatted,
    "chr": chr,
    "ord": ord,
}
# Functions of libraries on plain numbers.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{
        f"math.{name}": getattr(math, name)
        for name in ("ceil", "floor", "sqrt", "log2", "log10", "log", "exp", "gcd", "trunc", "fabs")
    },
    "math.pow": lambda left, right: float(_power(left, right)),
    "math.prod": _product,
    "numpy.prod": _product,
    **{f"numpy.{name}": getattr(math, name) for name in ("ceil", "floor", "sqrt", "log2", "log")},
    **{f"numpy.{name}": {"int32": int, "int64": int}.get(name, int) for name in ("int32", "int64")},
    "numpy.power": _power,
    "numpy.maximum": max,
    "numpy.minimum": min,
    "numpy.sum": _summed,
    "copy.copy": lambda value: value.copy() if isinstance(value, (list, dict)) else value,
}
CONSTANTS: Mapping[str, Any] = {
    "math.pi": math.pi,
    "math.e": math.e,
    "numpy.pi": math.pi,
    "math.inf": math.inf,
}


def holds_host(value: Any) -> bool:
    """Whether a value of a library is in a list, tuple or dictionary."""
    if isinstance(value, HostValue):
        return True
    if isinstance(value, (list, tuple, set)):
        return any(isinstance(one, HostValue) for one in value)
    if isinstance(value, dict):
        return any(isinstance(one, HostValue) for one in value.values())
    return False
