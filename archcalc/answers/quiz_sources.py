"""A quiz from what a program has: a path, a text, a table, or a quiz."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .quiz import Quiz
from .quiz_reading import parse_quiz, read_quiz


def quiz_of(given: Quiz | str | os.PathLike[str] | Mapping[str, Any]) -> Quiz:
    """The quiz that is meant. Raises SpecError, with all its faults, and TypeError for what is none."""
    if isinstance(given, Quiz):
        return given
    if isinstance(given, Mapping):
        return parse_quiz(as_toml(given))
    if isinstance(given, str) and ("\n" in given or "[[" in given):
        return parse_quiz(given)
    if isinstance(given, (str, os.PathLike)):
        return read_quiz(os.fspath(given))
    raise TypeError(f"a quiz is a path, a text of TOML or a dict, and not {type(given).__name__}")


def as_toml(table: Mapping[str, Any]) -> str:
    """A table as TOML, so that messages can point at a line of it. Raises TypeError for a value that TOML
    has no form for."""
    return "\n".join(_table(table, "")) + "\n"


def _table(table: Mapping[str, Any], path: str) -> Iterator[str]:
    nested = {key: value for key, value in table.items() if isinstance(value, Mapping) or _tables(value)}
    for key, value in table.items():
        if key not in nested:
            yield f"{_key(key)} = {_value(value, key)}"
    for key, value in nested.items():
        name = f"{path}.{_key(key)}" if path else _key(key)
        if isinstance(value, Mapping):
            yield f"[{name}]"
            yield from _table(value, name)
            continue
        for one in value:
            yield f"[[{name}]]"
            yield from _table(one, name)


def _tables(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _key(key: Any) -> str:
    name = str(key)
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _text(name)


def _value(value: Any, key: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, os.PathLike)):
        return _text(os.fspath(value))
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, Fraction):
        return str(float(value))
    if isinstance(value, Sequence):
        return f"[{', '.join([_value(one, key) for one in value])}]"
    raise TypeError(f"`{key}` of a quiz is no {type(value).__name__}")


def _text(text: str) -> str:
    """A text of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
