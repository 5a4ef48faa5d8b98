"""How models of Keras, and what makes them, are told from other objects: Keras is not imported for it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from typing import Any

# Keras, and the version before it that TensorFlow still has.
PACKAGES = ("keras", "tf_keras")
# Functions that are looked through for one that calls Keras.
_MOST_FUNCTIONS = 200


def is_model(thing: Any) -> bool:
    """Tell whether an object is a model of Keras, of whatever backend.

    Args:
        thing: Any object.

    Example:
        >>> from archcalc.importing.keras_objects import is_model
        >>> is_model("resnet50")
        False
    """
    return not inspect.isclass(thing) and "Model" in kinds(type(thing))


def kinds(kind: type) -> set[str]:
    """The names of the classes of Keras that a class is derived from."""
    try:
        return {one.__name__ for one in kind.__mro__ if one.__module__.partition(".")[0] in PACKAGES}
    except Exception:  # a class that answers in its own way
        return set()


def package_of(kind: type) -> str:
    """The package of Keras that a class is from."""
    found = [one.__module__.partition(".")[0] for one in kind.__mro__]
    return next(name for name in found if name in PACKAGES)


def calls_keras(maker: Any) -> bool:
    """Whether the code of what makes a model, or of what that calls, speaks of Keras."""
    if inspect.isclass(maker):
        return "Model" in kinds(maker)
    waiting = [maker]
    met: set[int] = set()
    while waiting and len(met) < _MOST_FUNCTIONS:
        function = inspect.unwrap(_plain(waiting.pop()))
        code = getattr(function, "__code__", None)
        if code is None or id(code) in met:
            continue
        met.add(id(code))
        if str(getattr(function, "__module__", "")).partition(".")[0] in PACKAGES:
            return True
        within = getattr(function, "__globals__", {})
        for name in _names(code):
            value = within.get(name)
            if name in PACKAGES or _of_keras(value):
                return True
            if inspect.isfunction(value):
                waiting.append(value)
    return False


def _plain(function: Any) -> Any:
    """The function behind a bound method or a partial call."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__func__", function)


def _names(code: Any) -> Iterator[str]:
    """The names that a code object looks up, and functions within it; ``keras.layers`` is two names."""
    waiting = [code]
    while waiting:
        one = waiting.pop()
        for name in one.co_names:
            yield from name.split(".")
        waiting += [value for value in one.co_consts if inspect.iscode(value)]


def _of_keras(value: Any) -> bool:
    """Whether a global value is Keras' own, or a module of it."""
    name = getattr(value, "__name__" if inspect.ismodule(value) else "__module__", None)
    return isinstance(name, str) and name.partition(".")[0] in PACKAGES
