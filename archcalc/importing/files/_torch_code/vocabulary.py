"""What a class of ``torch.nn`` is: its parameters in order, the tensors that it registers, its settings, and
what it does."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from .._source.values import EvaluationError, UnknownValue
from .functional import functional
from .modules import CodeModule
from .tensors import CodeTensor

Ready = Callable[[CodeModule, dict[str, Any]], None]
Work = Callable[..., Any]


class ModuleClass:
    """A class of ``torch.nn``.

    Attributes:
        name: Its name.
        file: The file of ``torch.nn.modules`` that defines it.
        signature: Its parameters with their defaults, as Python writes them.
        ready: Makes a module of it ready.
        work: What it does: takes the module and what that is given.
    """

    __slots__ = ("name", "file", "signature", "ready", "work")

    def __init__(self, name: str, file: str, signature: str, ready: Ready | None, work: Work | None):
        self.name = name
        self.file = file
        self.signature = signature
        self.ready = ready
        self.work = work

    @property
    def defined(self) -> str:
        """Its class, with the module of Python that defines it."""
        return f"torch.nn.modules.{self.file}.{self.name}"

    def made(self, module: CodeModule, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Make a module ready. Raises EvaluationError where the arguments do not fit."""
        given = bound(self.name, self.signature, args, kwargs)
        for key in ("device", "dtype"):
            given.pop(key, None)
        for key, value in given.items():
            if isinstance(value, UnknownValue):
                raise EvaluationError(
                    f"`{key}` of {self.name} is not known{f': {value.reason}' if value.reason else ''}",
                    value.node,
                    f"--set {value.name or key}=… gives its value",
                )
            value = given[key] = tuple(value) if isinstance(value, list) else value
            if _is_setting(value):
                module.settings[key] = value
            else:
                module.plain[key] = value
        module.work = self.work
        if self.ready is not None:
            try:
                self.ready(module, given)
            except (TypeError, ValueError, ZeroDivisionError) as error:
                raise EvaluationError(f"{self.name} does not take these arguments") from error


@cache
def _parameters(signature: str) -> tuple[tuple[str, Any], ...]:
    """The parameters of a signature, each with its default; ``...`` where it has none."""
    call = ast.parse(f"def f({signature}): 0").body[0]
    assert isinstance(call, ast.FunctionDef)
    names = [one.arg for one in call.args.args]
    defaults = [ast.literal_eval(one) for one in call.args.defaults]
    return tuple(zip(names, [*[...] * (len(names) - len(defaults)), *defaults], strict=True))


def bound(name: str, signature: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name, with the defaults of a signature. Raises EvaluationError."""
    parameters = _parameters(signature)
    if len(args) > len(parameters):
        raise EvaluationError(f"{name} takes at most {len(parameters)} arguments, and {len(args)} are given")
    found = dict(parameters)
    found.update(zip(found, args, strict=False))
    for key, value in kwargs.items():
        if key not in found and key not in ("device", "dtype"):
            raise EvaluationError(f"{name} has no parameter `{key}`")
        found[key] = value
    for key, value in found.items():
        if value is ...:
            raise EvaluationError(f"{name} needs `{key}`")
    return found


def _is_setting(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(type(part) is int for part in value)
    return type(value) in (int, float, bool, str)


CLASSES: dict[str, ModuleClass] = {}


def layer(names: str, file: str, signature: str = "", ready: Ready | None = None) -> Callable[[Work], Work]:
    """Enter classes of ``torch.nn`` that do what the decorated function does."""

    def enter(work: Work) -> Work:
        for name in names.split():
            CLASSES[name] = ModuleClass(name, file, signature, ready, work)
        return work

    return enter


def axes(value: Any, rank: int) -> tuple[int, ...]:
    """One number for each axis."""
    found = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    if len(found) != rank or any(not isinstance(one, int) or isinstance(one, bool) for one in found):
        raise ValueError
    return found


def settled(module: CodeModule, **settings: Any) -> None:
    """State settings of a module."""
    module.settings.update(settings)


def forget(module: CodeModule, *names: str) -> None:
    """Drop arguments that are no settings of a module."""
    for name in names:
        module.settings.pop(name, None)
        module.plain.pop(name, None)


def same_named(name: str, *words: str) -> Work:
    """A class that does the function of a name with some of its settings."""

    def work(m: CodeModule, input: CodeTensor) -> Any:
        return functional(m.run, name, input, *[m.setting(word) for word in words])

    return work
