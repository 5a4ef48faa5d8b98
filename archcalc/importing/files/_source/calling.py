"""Reads calls: of functions and classes of the code, of functions of Python, of what a library gives."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from .classes import member
from .plain import BUILTINS, bounded
from .reader import Reader, ReturnedError
from .special import CONTAINERS, OPENED, SPECIAL
from .values import (
    BoundMethod,
    Builtin,
    EvaluationError,
    HostValue,
    NativeMethod,
    PythonClass,
    PythonFunction,
    PythonInstance,
    Scope,
    Super,
    UnknownValue,
)

_DEEPEST = 40


class CallReader(Reader):
    """Reads calls."""

    def _of_call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.find("super") is None:
            return self._super(node, scope)
        function = self.value(node.func, scope)
        positional = self.items(node.args, scope)
        keywords: dict[str, Any] = {}
        for one in node.keywords:
            value = self.value(one.value, scope)
            if one.arg is not None:
                keywords[one.arg] = value
            elif isinstance(value, dict):
                keywords.update({str(key): some for key, some in value.items()})
        return self.call(function, positional, keywords, node)

    def _super(self, node: ast.Call, scope: Scope) -> Any:
        current = scope.find("__class__")
        if current is None:
            raise EvaluationError("`super()` stands in no class", node)
        return Super(current.values["__class__"], current.values["__self__"])

    def call(
        self, function: Any, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """Return what a call gives. Raises EvaluationError."""
        if isinstance(function, HostValue):
            return function.call(positional, keywords, node)
        if isinstance(function, BoundMethod):
            if isinstance(function.function, PythonFunction):
                return self.function_call(function.function, (function.of, *positional), keywords, node)
            if isinstance(function.function, NativeMethod):
                return function.function.work(self, function.of, positional, keywords, node)
            return self.plain(function.function, (function.of, *positional), keywords, node)
        if isinstance(function, PythonFunction):
            return self.function_call(function, positional, keywords, node)
        if isinstance(function, PythonClass):
            return self._instance(function, positional, keywords, node)
        if isinstance(function, PythonInstance):
            found = function.of.find("__call__")
            if isinstance(found, PythonFunction):
                return self.function_call(found, (function, *positional), keywords, node)
            return self.host.called(function, positional, keywords, node)
        if isinstance(function, Builtin):
            special = SPECIAL.get(function.name)
            if special is not None:
                return special(self, positional, keywords, node)
            return self.plain(BUILTINS[function.name], positional, keywords, node)
        return UnknownValue(node)

    def plain(self, work: Any, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Call a function of Python on plain values. Raises EvaluationError."""
        if work is len and len(positional) == 1 and isinstance(positional[0], UnknownValue):
            return positional[0].length()
        unknown = next((one for one in positional if isinstance(one, UnknownValue)), None)
        if unknown is not None and work in OPENED:
            return unknown
        given = [self._iterable(one) for one in positional]
        if work is len and isinstance(given[0], HostValue):
            return given[0].length()
        if work not in CONTAINERS:
            held = next((one for one in [*given, *keywords.values()] if isinstance(one, HostValue)), None)
            if held is not None:
                return held if isinstance(held, UnknownValue) else UnknownValue(node)
        return self.python(lambda: work(*given, **keywords), node)

    def _iterable(self, value: Any) -> Any:
        if isinstance(value, HostValue) and not isinstance(value, UnknownValue):
            try:
                return bounded(value.elements())
            except EvaluationError:
                return value
        return value

    def _instance(
        self, made: PythonClass, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        if made.members:
            return member(made, positional, node)
        instance = PythonInstance(made)
        if made.host() is not None:
            self.host.instance(instance, positional, keywords, node)
        new = made.find("__new__")
        if isinstance(new, NativeMethod):
            return new.work(self, made, positional, keywords, node)
        init = made.find("__init__")
        if init is not None:
            self.call(BoundMethod(init, instance), positional, keywords, node)
        return instance

    def function_call(
        self, function: PythonFunction, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        if self.depth >= _DEEPEST:
            raise EvaluationError(f"functions call one another more than {_DEEPEST} deep", node)
        scope = Scope(function.scope)
        self._bind(function, positional, keywords, scope, node)
        if function.owner is not None:
            scope.values["__class__"] = function.owner
            scope.values["__self__"] = positional[0] if positional else None
        if isinstance(function.node, ast.Lambda):
            return self._deeper(lambda: self.value(function.node.body, scope))
        body = function.node.body
        yields = function.yields
        if yields:
            scope.values["__yielded__"] = []
        try:
            self._deeper(lambda: self.run(body, scope))
        except ReturnedError as returned:
            if not yields:
                return returned.value
        return scope.values["__yielded__"] if yields else None

    def function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope, kind: str = ""
    ) -> PythonFunction:
        """Return a function that the code defines. Raises EvaluationError."""
        defaults = [self.value(one, scope) for one in node.args.defaults]
        pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        by_name = {one.arg: self.value(value, scope) for one, value in pairs if value is not None}
        return PythonFunction(node, scope, defaults, by_name, kind)

    def _deeper(self, work: Any) -> Any:
        self.depth += 1
        try:
            return work()
        finally:
            self.depth -= 1

    def _bind(
        self,
        function: PythonFunction,
        positional: Sequence[Any],
        keywords: Mapping[str, Any],
        scope: Scope,
        node: ast.AST,
    ) -> None:
        """Give the parameters of a function their values. Raises EvaluationError."""
        arguments = function.node.args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        values = scope.values
        defaults = dict(zip(names[len(names) - len(function.defaults) :], function.defaults, strict=True))
        values.update({**function.by_name, **defaults})
        if len(positional) > len(names) and arguments.vararg is None:
            raise EvaluationError(
                f"{function.name} takes {len(names)} arguments, and {len(positional)} are given", node
            )
        values.update(zip(names, positional, strict=False))
        if arguments.vararg is not None:
            values[arguments.vararg.arg] = tuple(positional[len(names) :])
        known = {*names, *[one.arg for one in arguments.kwonlyargs]}
        values.update({name: value for name, value in keywords.items() if name in known})
        others = {name: value for name, value in keywords.items() if name not in known}
        if arguments.kwarg is not None:
            values[arguments.kwarg.arg] = others
        elif others:
            raise EvaluationError(f"{function.name} has no parameter `{next(iter(others))}`", node)
        for name in known:
            if name not in values:
                values[name] = self.host.setting(name, UnknownValue(node, "it is not given", name), True)
