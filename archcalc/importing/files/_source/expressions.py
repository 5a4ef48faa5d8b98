"""Reads the expressions of code, besides calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from .classes import type_of
from .neighbours import LazyImport
from .plain import BINARY, BUILTINS, COMPARED, SYMBOLS, bounded, formatted, is_small, method_of, sized
from .reader import Reader
from .special import SPECIAL
from .standard import PASTED, standard
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
    Super,
    UnknownValue,
    lineage,
)


class ExpressionReader(Reader):
    """Reads expressions."""

    def value(self, node: ast.AST, scope: Scope) -> Any:
        """Return the value of an expression. Raises EvaluationError."""
        self.step(node)
        handler = getattr(self, f"_of_{type(node).__name__.lower()}", None)
        if handler is None:
            return UnknownValue(node, "such an expression is not read")
        try:
            return handler(node, scope)
        except EvaluationError as error:
            if error.node is None:
                error.node = node
            raise

    def _of_constant(self, node: ast.Constant, scope: Scope) -> Any:
        return node.value

    def _of_name(self, node: ast.Name, scope: Scope) -> Any:
        found = scope.find(node.id)
        if found is not None:
            value = found.values[node.id]
            if isinstance(value, LazyImport):
                value = found.values[node.id] = value.found()
            return value
        set_value = self.host.setting(node.id, ..., True)
        if set_value is not ...:
            return set_value
        if node.id in BUILTINS or node.id in SPECIAL:
            return Builtin(node.id)
        if node.id in PASTED:
            return standard(PASTED[node.id])
        return self.host.undefined(node.id, node)

    def _of_tuple(self, node: ast.Tuple, scope: Scope) -> Any:
        return tuple(self.items(node.elts, scope))

    def _of_list(self, node: ast.List, scope: Scope) -> Any:
        return self.items(node.elts, scope)

    def _of_set(self, node: ast.Set, scope: Scope) -> Any:
        return self.python(lambda: set(self.items(node.elts, scope)), node)

    def items(self, nodes: Sequence[ast.expr], scope: Scope) -> list[Any]:
        """Return the values of expressions, those of one with a star one by one. Raises EvaluationError."""
        found: list[Any] = []
        for one in nodes:
            if isinstance(one, ast.Starred):
                found = bounded(chain(found, self.elements(self.value(one.value, scope))))
            else:
                found.append(self.value(one, scope))
        return found

    def _of_dict(self, node: ast.Dict, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                more = self.value(value, scope)
                found.update(more if isinstance(more, dict) else {})
                continue
            name, one = self.value(key, scope), self.value(value, scope)
            self.python(partial(found.__setitem__, name, one), node)
        return found

    def _of_joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Any:
        parts = [self.value(one, scope) for one in node.values]
        unknown = next((one for one in parts if isinstance(one, UnknownValue)), None)
        return unknown or "".join([str(one) for one in bounded(parts)])

    def _of_formattedvalue(self, node: ast.FormattedValue, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        form = "" if node.format_spec is None else self.value(node.format_spec, scope)
        if isinstance(value, (HostValue, PythonFunction, PythonClass, PythonInstance)) or not isinstance(
            form, str
        ):
            return UnknownValue(node)
        if node.conversion == ord("r"):
            value = repr(value) if isinstance(value, str) else value
        return self.python(lambda: formatted(value, form), node)

    def _of_unaryop(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            holds = self.truth(value)
            return UnknownValue(node) if holds is None else not holds
        if isinstance(value, HostValue):
            return value.operator("neg" if isinstance(node.op, ast.USub) else "~", None, False, node)
        work = {ast.USub: lambda: -value, ast.UAdd: lambda: +value, ast.Invert: lambda: ~value}
        return self.python(work[type(node.op)], node)

    def _of_binop(self, node: ast.BinOp, scope: Scope) -> Any:
        return self.binary(node.op, self.value(node.left, scope), self.value(node.right, scope), node)

    def binary(self, op: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        """Return what an operator makes of two values. Raises EvaluationError."""
        word = type(op).__name__
        for one, other in ((left, right), (right, left)):
            if isinstance(one, UnknownValue):
                return one.operator(SYMBOLS[word], other, one is right, node)
        if isinstance(left, HostValue):
            return left.operator(SYMBOLS[word], right, False, node)
        if isinstance(right, HostValue):
            return right.operator(SYMBOLS[word], left, True, node)
        if word not in BINARY:
            return UnknownValue(node)
        return self.python(lambda: BINARY[word](left, right), node)

    def _of_boolop(self, node: ast.BoolOp, scope: Scope) -> Any:
        stops = isinstance(node.op, ast.Or)
        value: Any = None
        for one in node.values:
            value = self.value(one, scope)
            holds = self.truth(value)
            if holds is stops:
                return value
            if holds is None:
                return self._despite(node, value, scope)
        return value

    def _despite(self, node: ast.BoolOp, unknown: Any, scope: Scope) -> Any:
        """What ``a and b`` is where `a` is not known: no more than that, unless `b` does not hold."""
        if isinstance(node.op, ast.Or):
            return unknown
        for one in node.values:
            try:
                if self.truth(self.value(one, scope)) is False:
                    return False
            except EvaluationError:
                continue
        return unknown

    def _of_compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        for op, side in zip(node.ops, node.comparators, strict=True):
            right = self.value(side, scope)
            word = type(op).__name__
            if isinstance(left, UnknownValue) or isinstance(right, UnknownValue):
                return UnknownValue(node)
            special = _compared(SYMBOLS[word], left, right, node)
            if special is not ...:
                if len(node.ops) > 1:
                    raise EvaluationError("this comparison cannot be read", node)
                return special
            if word in ("Is", "IsNot"):
                holds: Any = (left is right or _alike(left, right)) == (word == "Is")
            elif not is_small(left) or not is_small(right):
                raise EvaluationError("these values cannot be compared", node)
            else:
                holds = self.python(partial(COMPARED[word], left, right), node)
            if not holds:
                return False
            left = right
        return True

    def _of_ifexp(self, node: ast.IfExp, scope: Scope) -> Any:
        holds = self.truth(self.value(node.test, scope))
        if holds is None:
            return UnknownValue(node.test)
        return self.value(node.body if holds else node.orelse, scope)

    def _of_namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _of_lambda(self, node: ast.Lambda, scope: Scope) -> Any:
        return self.function(node, scope)

    def _of_slice(self, node: ast.Slice, scope: Scope) -> Any:
        bounds = [
            None if one is None else self.value(one, scope) for one in (node.lower, node.upper, node.step)
        ]
        unknown = next((one for one in bounds if isinstance(one, UnknownValue)), None)
        return unknown or slice(*bounds)

    def _of_subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        some, index = self.value(node.value, scope), self.value(node.slice, scope)
        if isinstance(some, HostValue):
            return some.item(index)
        if isinstance(index, UnknownValue):
            nothing = isinstance(node.slice, ast.Slice) and isinstance(some, (tuple, list)) and not some
            return some if nothing else index  # any part of nothing is nothing
        if isinstance(some, PythonInstance):
            method = some.of.find("__getitem__")
            return UnknownValue(node) if method is None else self.call(method, [some, index], {}, node)
        if isinstance(some, PythonClass) and isinstance(index, str) and index in some.members:
            return some.members[index]
        if isinstance(some, (PythonFunction, PythonClass, BoundMethod, Builtin)):
            return UnknownValue(node)
        return self.python(lambda: some[index], node)

    def _of_starred(self, node: ast.Starred, scope: Scope) -> Any:
        raise EvaluationError("a star cannot be read here", node)

    def _of_listcomp(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Any:
        found: list[Any] = []
        for inner in self._turns(node.generators, Scope(scope)):
            if inner is None:
                return UnknownValue(node)
            found.append(self.value(node.elt, inner))
        return found

    _of_generatorexp = _of_listcomp

    def _of_yield(self, node: ast.Yield, scope: Scope) -> Any:
        self._yielded(scope, node).append(None if node.value is None else self.value(node.value, scope))

    def _of_yieldfrom(self, node: ast.YieldFrom, scope: Scope) -> Any:
        self._yielded(scope, node).extend(bounded(self.elements(self.value(node.value, scope))))

    def _yielded(self, scope: Scope, node: ast.AST) -> list[Any]:
        """What the function that is under way has yielded."""
        held = scope.find("__yielded__")
        if held is None:
            raise EvaluationError("`yield` stands in no function", node)
        found: list[Any] = held.values["__yielded__"]
        sized(len(found))
        return found

    def _of_setcomp(self, node: ast.SetComp, scope: Scope) -> Any:
        values: list[Any] = []
        for inner in self._turns(node.generators, Scope(scope)):
            if inner is None:
                return UnknownValue(node)
            values.append(self.value(node.elt, inner))
        return self.python(lambda: set(values), node)

    def _of_dictcomp(self, node: ast.DictComp, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        for inner in self._turns(node.generators, Scope(scope)):
            if inner is None:
                return UnknownValue(node)
            key, value = self.value(node.key, inner), self.value(node.value, inner)
            self.python(partial(found.__setitem__, key, value), node)
        return found

    def _turns(self, generators: Sequence[ast.comprehension], scope: Scope) -> Iterator[Scope | None]:
        """Yield the scope of a comprehension, with its values by turn; None for an unknown loop."""
        first, *others = generators
        some = self.value(first.iter, scope)
        if isinstance(some, UnknownValue):
            yield None
            return
        for one in self.elements(some):
            self.step(first.iter)
            inner = Scope(scope)
            self.assign(first.target, one, inner)
            holds = [self.truth(self.value(test, inner)) for test in first.ifs]
            if None in holds:
                raise EvaluationError(
                    "whether this condition holds is not known", first.ifs[holds.index(None)]
                )
            if all(holds):
                if others:
                    yield from self._turns(others, inner)
                else:
                    yield inner

    def _of_attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        return self.attribute(value, node.attr, node)

    def attribute(self, value: Any, name: str, node: ast.AST) -> Any:
        """Return an attribute of a value. Raises EvaluationError."""
        if isinstance(value, HostValue):
            return type_of(value) if name == "__class__" else value.attribute(name)
        if isinstance(value, Super):
            return self._of_super(value, name, node)
        if isinstance(value, PythonInstance):
            return self._of_instance(value, name, node)
        if name == "__class__":
            return type_of(value)
        if isinstance(value, PythonClass):
            return self._of_class(value, name, node)
        if isinstance(value, (PythonFunction, Builtin)) and name in ("__name__", "__qualname__"):
            return value.name.rpartition(".")[2]
        if isinstance(value, PythonFunction) and name == "__module__":
            return self.globals.values["__name__"]
        if isinstance(value, RecordTuple) and name in value.names:
            return value[value.names.index(name)]
        method = method_of(value, name)
        if method is None and value is None:
            raise PythonError(f"None has no `{name}`", node, kind="AttributeError")
        return UnknownValue(node) if method is None else BoundMethod(method, value)

    def _of_super(self, value: Super, name: str, node: ast.AST) -> Any:
        of = value.instance.of if isinstance(value.instance, PythonInstance) else value.of
        line = lineage(of)
        for base in line[line.index(value.of) + 1 :] if value.of in line else ():
            if name in base.values:
                return self._bound(base.values[name], value.instance, node)
        inherited = (
            self.host.inherited(value.instance, name) if isinstance(value.instance, PythonInstance) else ...
        )
        return _Nothing() if inherited is ... else inherited

    def _of_instance(self, value: PythonInstance, name: str, node: ast.AST) -> Any:
        if name in value.values:
            return value.values[name]
        found = value.of.find(name)
        if found is not None:
            return self._bound(found, value, node)
        inherited = self.host.inherited(value, name)
        if inherited is not ...:
            return inherited
        if name == "__class__":
            return value.of
        if name == "__dict__":
            return value.values
        if name == "__module__":
            return self.globals.values["__name__"]
        method = value.of.find("__getattr__")
        if method is not None and not name.startswith("__"):
            return self.call(method, [value, name], {}, node)
        raise PythonError(f"an object of {value.of.name} has no `{name}`", node, kind="AttributeError")

    def _of_class(self, value: PythonClass, name: str, node: ast.AST) -> Any:
        if name in value.members:
            return value.members[name]
        found = value.find(name)
        if isinstance(found, PythonFunction) and found.kind == "classmethod":
            return BoundMethod(found, value)
        if found is None and name in ("__name__", "__qualname__"):
            return value.name
        if found is None and name == "__module__":
            return self.globals.values["__name__"]
        if found is None and name == "__members__":
            return dict(value.members)
        return UnknownValue(node) if found is None else found

    def _bound(self, found: Any, of: Any, node: ast.AST) -> Any:
        if isinstance(found, NativeMethod):
            return BoundMethod(found, of)
        if isinstance(found, PythonFunction) and found.kind != "staticmethod":
            method = BoundMethod(
                found, of.of if found.kind == "classmethod" and isinstance(of, PythonInstance) else of
            )
            return self.call(method, (), {}, node) if found.kind == "property" else method
        return found

    def truth(self, value: Any) -> bool | None:
        """Return whether a condition holds; None where that is not known."""
        if isinstance(value, HostValue):
            return value.truth()
        return bool(value)

    def elements(self, value: Any) -> Iterable[Any]:
        """Return what a loop over a value takes. Raises EvaluationError."""
        if isinstance(value, HostValue):
            return value.elements()
        if isinstance(value, PythonInstance) and value.of.find("__iter__") is not None:
            return self.elements(self.call(value.of.find("__iter__"), [value], {}, value.of.node))
        if isinstance(value, PythonClass) and value.members:
            return list(value.members.values())
        if isinstance(value, (list, tuple, str, range, dict, set)) or hasattr(value, "__iter__"):
            return value  # type: ignore[no-any-return]
        raise EvaluationError(f"a loop over {str(value)[:40]} cannot be read")


class _Nothing(HostValue):
    """What ``super()`` has of a library's class: a call of it changes nothing that is read."""

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return nothing."""
        return None


def _alike(left: Any, right: Any) -> bool:
    return isinstance(left, (bool, int, str, Builtin)) and type(left) is type(right) and left == right


def _compared(symbol: str, left: Any, right: Any, node: ast.AST) -> Any:
    """What a comparison gives that means something of its own for a value of a library; ``...`` if none."""
    if isinstance(left, HostValue):
        found = left.compared(symbol, right, False, node)
        if found is not ...:
            return found
    return right.compared(symbol, left, True, node) if isinstance(right, HostValue) else ...
