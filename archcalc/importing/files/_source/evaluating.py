"""Reads Python code from its syntax tree, as far as its values are plain: loops over known ranges, functions,
classes, texts. Nothing is run or imported; every step is counted, so that reading ends.

What the values of a library do, a ``Host`` knows: what an import gives, and what is made of a class.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .plain import BINARY, BUILTINS, COMPARED, SYMBOLS, bounded, formatted, is_small, method_of
from .values import (
    BoundMethod,
    EvaluationError,
    HostValue,
    PythonClass,
    PythonFunction,
    PythonInstance,
    Scope,
    Super,
    UnknownValue,
)

# So many parts of code are read, loops counted each time.
_STEPS = 1_000_000
_DEEPEST = 40
# What Python itself raises for values that do not fit.
_FAULTS = (
    ArithmeticError,
    AttributeError,
    IndexError,
    KeyError,
    StopIteration,
    TypeError,
    ValueError,
    RuntimeError,
)


class _ReturnedError(Exception):
    def __init__(self, value: Any):
        super().__init__()
        self.value = value


class _BreakError(Exception):
    pass


class _ContinueError(Exception):
    pass


class Host:
    """What a library gives to code."""

    def imported(self, path: str, node: ast.AST) -> Any:
        """Return what an import gives.

        Args:
            path: Its dotted path, ``keras.layers.Dense``.
            node: The place.
        """
        return UnknownValue(node, f"it is from {path}")

    def everything(self, path: str) -> None:
        """Take notice of ``from PATH import *``."""

    def undefined(self, name: str, node: ast.AST) -> Any:
        """Return the value of a name that the code has given none. Raises EvaluationError."""
        return UnknownValue(node, f"`{name}` has no value in this code", name)

    def instance(
        self, made: PythonInstance, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> None:
        """Take notice of an object whose class is made from one of the library, before ``__init__``."""

    def inherited(self, made: PythonInstance, name: str) -> Any:
        """Return an attribute that an object has from the library; ``...`` where it has none."""
        return ...

    def called(
        self, made: PythonInstance, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """Return what a call of an object gives, whose class has no ``__call__``. Raises EvaluationError."""
        raise EvaluationError(f"an object of {made.of.name} cannot be called", node)

    def assigned(self, made: PythonInstance, name: str, value: Any) -> None:
        """Take notice of an attribute that an object is given."""

    def setting(self, name: str, value: Any, top: bool) -> Any:
        """Return the value that a name gets: another than the code's where somebody has set one."""
        return value

    def grows(self, value: Any) -> bool:
        """Whether a statement about a value may change the network, so that it cannot be left out."""
        return False


class Evaluator:
    """Reads one file.

    Args:
        host: The library.
    """

    def __init__(self, host: Host):
        self.host = host
        self.globals = Scope()
        self.globals.values["__name__"] = "__main__"
        self.steps = 0
        self.depth = 0
        self.at: list[ast.AST] = []

    # Statements --------------------------------------------------------------------------------

    def run(self, body: Sequence[ast.stmt], scope: Scope | None = None) -> None:
        """Read statements. Raises EvaluationError."""
        scope = self.globals if scope is None else scope
        for statement in body:
            self._step(statement)
            handler = getattr(self, f"_do_{type(statement).__name__.lower()}", None)
            if handler is None:
                raise EvaluationError("this statement cannot be read", statement)
            try:
                handler(statement, scope)
            except EvaluationError as error:
                if error.node is None:
                    error.node = statement
                raise

    def _step(self, node: ast.AST) -> None:
        self.steps += 1
        if self.steps > _STEPS:
            raise EvaluationError(f"this code takes more than {_STEPS:,} steps", node)

    def _do_expr(self, node: ast.Expr, scope: Scope) -> None:
        self.value(node.value, scope)

    def _do_pass(self, node: ast.stmt, scope: Scope) -> None:
        pass

    _do_assert = _do_pass

    def _do_delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.values.pop(target.id, None)

    def _do_global(self, node: ast.Global, scope: Scope) -> None:
        scope.shared.update(dict.fromkeys(node.names, scope.top))

    def _do_nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            found = scope.outer.find(name) if scope.outer else None
            scope.shared[name] = found or scope.top

    def _do_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            path = alias.name if alias.asname else alias.name.partition(".")[0]
            scope.assign(alias.asname or path, self.host.imported(path, node))

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            module = "." * node.level + (node.module or "")
            if alias.name == "*":
                self.host.everything(module)
            else:
                scope.assign(alias.asname or alias.name, self.host.imported(f"{module}.{alias.name}", node))

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.assign(target, value, scope)

    def _do_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value, scope), scope)

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        old = self.value(_loaded(node.target), scope)
        other = self.value(node.value, scope)
        if isinstance(old, list) and isinstance(node.op, ast.Add):
            old.extend(bounded([*old, *self.elements(other)])[len(old) :])
            self.assign(node.target, old, scope)
            return
        self.assign(node.target, self.binary(node.op, old, other, node), scope)

    def assign(self, target: ast.AST, value: Any, scope: Scope) -> None:
        """Give a target of an assignment its value. Raises EvaluationError."""
        if isinstance(target, ast.Name):
            if isinstance(value, UnknownValue) and value.name != target.id:
                value = value.named(target.id)
            scope.assign(target.id, self.host.setting(target.id, value, scope.outer is None))
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, scope)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, scope)
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.value(target.value, scope), target.attr, value)
        elif isinstance(target, ast.Subscript):
            some, index = self.value(target.value, scope), self.value(target.slice, scope)
            if isinstance(some, (list, dict)):
                self._python(lambda: some.__setitem__(index, value), target)

    def _unpack(self, target: ast.Tuple | ast.List, value: Any, scope: Scope) -> None:
        names = target.elts
        if isinstance(value, UnknownValue):
            for name in names:
                self.assign(name, value, scope)
            return
        parts = bounded(self.elements(value))
        star = next((at for at, name in enumerate(names) if isinstance(name, ast.Starred)), None)
        if star is not None:
            behind = len(names) - star - 1
            parts = [*parts[:star], parts[star : len(parts) - behind], *parts[len(parts) - behind :]]
        if len(parts) != len(names):
            raise EvaluationError(f"{len(names)} names are given {len(parts)} values", target)
        for name, part in zip(names, parts, strict=True):
            self.assign(name, part, scope)

    def set_attribute(self, of: Any, name: str, value: Any) -> None:
        """Set an attribute. Raises EvaluationError."""
        if isinstance(of, PythonInstance):
            of.values[name] = value
            self.host.assigned(of, name, value)
        elif isinstance(of, PythonClass):
            of.values[name] = value
        elif isinstance(of, HostValue):
            of.set_attribute(name, value)

    def _do_if(self, node: ast.If, scope: Scope) -> None:
        holds = self.truth(self.value(node.test, scope))
        if holds is None:
            self._left_out([*node.body, *node.orelse], scope, node.test)
            return
        self.run(node.body if holds else node.orelse, scope)

    def _do_for(self, node: ast.For, scope: Scope) -> None:
        some = self.value(node.iter, scope)
        if isinstance(some, UnknownValue):
            self._left_out(node.body, scope, node.iter)
            return
        for one in self.elements(some):
            self._step(node)
            self.assign(node.target, one, scope)
            try:
                self.run(node.body, scope)
            except _BreakError:
                return
            except _ContinueError:
                continue
        self.run(node.orelse, scope)

    def _do_while(self, node: ast.While, scope: Scope) -> None:
        while True:
            self._step(node)
            holds = self.truth(self.value(node.test, scope))
            if holds is None:
                self._left_out(node.body, scope, node.test)
                return
            if not holds:
                break
            try:
                self.run(node.body, scope)
            except _BreakError:
                return
            except _ContinueError:
                continue
        self.run(node.orelse, scope)

    def _left_out(self, body: Sequence[ast.stmt], scope: Scope, test: ast.AST) -> None:
        """Leave statements out whose condition is not known. Raises EvaluationError where they could change
        the network."""
        for node in ast.walk(ast.Module(list(body), [])):
            self._step(node)
            if isinstance(node, (ast.Return, ast.Break)) and scope.outer is not None:
                raise EvaluationError("whether this condition holds is not known", test)
            if isinstance(node, ast.Name):
                found = scope.find(node.id)
                if isinstance(node.ctx, ast.Store):
                    old = found.values[node.id] if found else None
                    if self.host.grows(old):
                        raise EvaluationError("whether this condition holds is not known", test)
                    scope.assign(
                        node.id,
                        self.host.setting(node.id, UnknownValue(test, "", node.id), scope.outer is None),
                    )
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _GROWING
            ):
                base = node.func.value
                held = scope.find(base.id) if isinstance(base, ast.Name) else None
                if held is not None and isinstance(base, ast.Name) and self.host.grows(held.values[base.id]):
                    raise EvaluationError("whether this condition holds is not known", test)

    def _do_break(self, node: ast.stmt, scope: Scope) -> None:
        raise _BreakError

    def _do_continue(self, node: ast.stmt, scope: Scope) -> None:
        raise _ContinueError

    def _do_return(self, node: ast.Return, scope: Scope) -> None:
        raise _ReturnedError(None if node.value is None else self.value(node.value, scope))

    def _do_raise(self, node: ast.Raise, scope: Scope) -> None:
        raise EvaluationError("the code raises an error here", node)

    def _do_with(self, node: ast.With, scope: Scope) -> None:
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, scope)
        self.run(node.body, scope)

    def _do_try(self, node: ast.Try, scope: Scope) -> None:
        self.run(node.body, scope)
        self.run(node.orelse, scope)
        self.run(node.finalbody, scope)

    _do_trystar = _do_try

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        kinds = [one.id for one in node.decorator_list if isinstance(one, ast.Name)]
        kind = next((one for one in kinds if one in ("staticmethod", "classmethod", "property")), "")
        scope.assign(node.name, self._function(node, scope, kind))

    _do_asyncfunctiondef = _do_functiondef

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope, kind: str = ""
    ) -> PythonFunction:
        defaults = [self.value(one, scope) for one in node.args.defaults]
        pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        by_name = {one.arg: self.value(value, scope) for one, value in pairs if value is not None}
        return PythonFunction(node, scope, defaults, by_name, kind)

    def _do_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self.value(one, scope) for one in node.bases]
        inner = Scope(scope)
        self.run(node.body, inner)
        made = PythonClass(node.name, bases, inner.values, node)
        for value in inner.values.values():
            if isinstance(value, PythonFunction):
                value.owner = made
                value.scope = scope
        scope.assign(node.name, made)

    # Expressions -------------------------------------------------------------------------------

    def value(self, node: ast.AST, scope: Scope) -> Any:
        """Return the value of an expression. Raises EvaluationError."""
        self._step(node)
        handler = getattr(self, f"_of_{type(node).__name__.lower()}", None)
        if handler is None:
            return UnknownValue(node, "such an expression is not read")
        try:
            return handler(node, scope)
        except EvaluationError as error:
            if error.node is None:
                error.node = node
            raise

    def _python(self, work: Any, node: ast.AST) -> Any:
        try:
            return work()
        except _FAULTS as error:
            text = str(error) or type(error).__name__
            raise EvaluationError(f"Python fails here: {text[:120]}", node) from None
        except MemoryError:
            raise EvaluationError("this value is too large to be read", node) from None

    def _of_constant(self, node: ast.Constant, scope: Scope) -> Any:
        return node.value

    def _of_name(self, node: ast.Name, scope: Scope) -> Any:
        found = scope.find(node.id)
        if found is not None:
            return found.values[node.id]
        set_value = self.host.setting(node.id, ..., True)
        if set_value is not ...:
            return set_value
        if node.id in BUILTINS or node.id in _SPECIAL:
            return _Builtin(node.id)
        return self.host.undefined(node.id, node)

    def _of_tuple(self, node: ast.Tuple, scope: Scope) -> Any:
        return tuple(self._items(node.elts, scope))

    def _of_list(self, node: ast.List, scope: Scope) -> Any:
        return self._items(node.elts, scope)

    def _of_set(self, node: ast.Set, scope: Scope) -> Any:
        return self._python(lambda: set(self._items(node.elts, scope)), node)

    def _items(self, nodes: Sequence[ast.expr], scope: Scope) -> list[Any]:
        found: list[Any] = []
        for one in nodes:
            if isinstance(one, ast.Starred):
                found = bounded([*found, *self.elements(self.value(one.value, scope))])
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
            self._python(lambda name=name, one=one: found.__setitem__(name, one), node)
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
        return self._python(lambda: formatted(value, form), node)

    def _of_unaryop(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            holds = self.truth(value)
            return UnknownValue(node) if holds is None else not holds
        if isinstance(value, HostValue):
            return value.operator("neg" if isinstance(node.op, ast.USub) else "~", None, False, node)
        work = {ast.USub: lambda: -value, ast.UAdd: lambda: +value, ast.Invert: lambda: ~value}
        return self._python(work[type(node.op)], node)

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
        return self._python(lambda: BINARY[word](left, right), node)

    def _of_boolop(self, node: ast.BoolOp, scope: Scope) -> Any:
        stops = isinstance(node.op, ast.Or)
        value: Any = None
        for one in node.values:
            value = self.value(one, scope)
            holds = self.truth(value)
            if holds is None or holds is stops:
                return value
        return value

    def _of_compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        for op, side in zip(node.ops, node.comparators, strict=True):
            right = self.value(side, scope)
            word = type(op).__name__
            if isinstance(left, UnknownValue) or isinstance(right, UnknownValue):
                return UnknownValue(node)
            if word in ("Is", "IsNot"):
                holds: Any = (left is right or _alike(left, right)) == (word == "Is")
            elif not is_small(left) or not is_small(right):
                raise EvaluationError("these values cannot be compared", node)
            else:
                holds = self._python(lambda word=word, a=left, b=right: COMPARED[word](a, b), node)
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
        return self._function(node, scope)

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
            return index
        if isinstance(some, (PythonFunction, PythonClass, PythonInstance, BoundMethod)):
            return UnknownValue(node)
        return self._python(lambda: some[index], node)

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

    def _of_setcomp(self, node: ast.SetComp, scope: Scope) -> Any:
        values = [
            self.value(node.elt, inner) for inner in self._turns(node.generators, Scope(scope)) if inner
        ]
        return self._python(lambda: set(values), node)

    def _of_dictcomp(self, node: ast.DictComp, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        for inner in self._turns(node.generators, Scope(scope)):
            if inner is None:
                return UnknownValue(node)
            key, value = self.value(node.key, inner), self.value(node.value, inner)
            self._python(lambda key=key, value=value: found.__setitem__(key, value), node)
        return found

    def _turns(self, generators: Sequence[ast.comprehension], scope: Scope) -> Iterator[Scope | None]:
        """Yield the scope of a comprehension, with its values by turn; None for an unknown loop."""
        first, *others = generators
        some = self.value(first.iter, scope)
        if isinstance(some, UnknownValue):
            yield None
            return
        for one in self.elements(some):
            self._step(first.iter)
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
            return value.attribute(name)
        if isinstance(value, Super):
            for base in value.of.bases:
                found = base.find(name) if isinstance(base, PythonClass) else None
                if found is not None:
                    return self._bound(found, value.instance, node)
            inherited = (
                self.host.inherited(value.instance, name)
                if isinstance(value.instance, PythonInstance)
                else ...
            )
            return _Nothing() if inherited is ... else inherited
        if isinstance(value, PythonInstance):
            if name in value.values:
                return value.values[name]
            found = value.of.find(name)
            if found is not None:
                return self._bound(found, value, node)
            inherited = self.host.inherited(value, name)
            if inherited is ...:
                raise EvaluationError(f"an object of {value.of.name} has no `{name}`", node)
            return inherited
        if isinstance(value, PythonClass):
            found = value.find(name)
            if isinstance(found, PythonFunction) and found.kind == "classmethod":
                return BoundMethod(found, value)
            return UnknownValue(node) if found is None else found
        method = method_of(value, name)
        return UnknownValue(node) if method is None else BoundMethod(method, value)

    def _bound(self, found: Any, of: Any, node: ast.AST) -> Any:
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
        if isinstance(value, (list, tuple, str, range, dict, set)) or hasattr(value, "__iter__"):
            return value  # type: ignore[no-any-return]
        raise EvaluationError(f"a loop over {str(value)[:40]} cannot be read")

    # Calls -------------------------------------------------------------------------------------

    def _of_call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.find("super") is None:
            return self._super(node, scope)
        function = self.value(node.func, scope)
        positional = self._items(node.args, scope)
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
                return self._function_call(function.function, (function.of, *positional), keywords, node)
            return self._plain(function.function, (function.of, *positional), keywords, node)
        if isinstance(function, PythonFunction):
            return self._function_call(function, positional, keywords, node)
        if isinstance(function, PythonClass):
            return self._instance(function, positional, keywords, node)
        if isinstance(function, PythonInstance):
            found = function.of.find("__call__")
            if found is not None:
                return self._function_call(found, (function, *positional), keywords, node)
            return self.host.called(function, positional, keywords, node)
        if isinstance(function, _Builtin):
            special = _SPECIAL.get(function.name)
            if special is not None:
                return special(self, positional, keywords, node)
            return self._plain(BUILTINS[function.name], positional, keywords, node)
        return UnknownValue(node)

    def _plain(self, work: Any, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Call a function of Python on plain values."""
        if work is len and len(positional) == 1 and isinstance(positional[0], UnknownValue):
            return positional[0].length()
        given = [self._iterable(one) for one in positional]
        if work not in _CONTAINERS and any(
            isinstance(one, UnknownValue) for one in [*given, *keywords.values()]
        ):
            return next(one for one in [*given, *keywords.values()] if isinstance(one, UnknownValue))
        return self._python(lambda: work(*given, **keywords), node)

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
        instance = PythonInstance(made)
        if made.host() is not None:
            self.host.instance(instance, positional, keywords, node)
        init = made.find("__init__")
        if init is not None:
            self._function_call(init, (instance, *positional), keywords, node)
        return instance

    def _function_call(
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
        try:
            self._deeper(lambda: self.run(body, scope))
        except _ReturnedError as returned:
            return returned.value
        return None

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


class _Builtin:
    """A function of Python."""

    __slots__ = ("name",)

    def __init__(self, name: str):
        self.name = name


class _Nothing(HostValue):
    """What ``super()`` has of a library's class: a call of it changes nothing that is read."""

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return nothing."""
        return None


def _alike(left: Any, right: Any) -> bool:
    return isinstance(left, (bool, int, str)) and type(left) is type(right) and left == right


def _loaded(node: ast.AST) -> ast.AST:
    """The target of an assignment, as an expression that is read."""
    return node


def _ignored(
    evaluator: Evaluator, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> Any:
    return None


def _attribute(
    evaluator: Evaluator, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> Any:
    if len(positional) > 1 and isinstance(positional[1], str):
        try:
            return evaluator.attribute(positional[0], positional[1], node)
        except EvaluationError:
            if len(positional) < 3:
                raise
            return positional[2]
    return UnknownValue(node)


def _set(evaluator: Evaluator, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
    if len(positional) == 3 and isinstance(positional[1], str):
        evaluator.set_attribute(positional[0], positional[1], positional[2])


def _is_of(
    evaluator: Evaluator, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> Any:
    if len(positional) != 2:
        return UnknownValue(node)
    value, kinds = positional
    found = [_is_one(value, kind) for kind in (kinds if isinstance(kinds, tuple) else (kinds,))]
    return UnknownValue(node) if None in found and True not in found else True in found


def _is_one(value: Any, kind: Any) -> bool | None:
    if isinstance(value, UnknownValue) or isinstance(kind, UnknownValue):
        return None
    if isinstance(kind, _Builtin):
        known = {
            "int": int,
            "float": float,
            "str": str,
            "list": list,
            "tuple": tuple,
            "dict": dict,
            "bool": bool,
        }
        return isinstance(value, known[kind.name]) if kind.name in known else None
    if isinstance(kind, PythonClass):
        return isinstance(value, PythonInstance) and kind in _lineage(value.of)
    if isinstance(value, HostValue) and hasattr(value, "is_instance"):
        return bool(value.is_instance(kind))
    return False


def _lineage(made: PythonClass) -> list[PythonClass]:
    return [made, *[one for base in made.bases if isinstance(base, PythonClass) for one in _lineage(base)]]


def _mapped(
    evaluator: Evaluator, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> Any:
    function, *some = positional
    lists = [bounded(evaluator.elements(one)) for one in some]
    return [evaluator.call(function, turn, {}, node) for turn in zip(*lists, strict=False)]


def _filtered(
    evaluator: Evaluator, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> Any:
    function, some = positional
    return [
        one for one in evaluator.elements(some) if evaluator.truth(evaluator.call(function, [one], {}, node))
    ]


def _has(evaluator: Evaluator, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
    try:
        evaluator.attribute(positional[0], positional[1], node)
    except EvaluationError:
        return False
    return True


_SPECIAL: Mapping[str, Callable[..., Any]] = {
    "print": _ignored,
    "input": lambda evaluator, positional, keywords, node: UnknownValue(node, "it is typed in"),
    "open": lambda evaluator, positional, keywords, node: UnknownValue(node, "it is from a file"),
    "getattr": _attribute,
    "setattr": _set,
    "hasattr": _has,
    "isinstance": _is_of,
    "map": _mapped,
    "filter": _filtered,
    "type": lambda evaluator, positional, keywords, node: UnknownValue(node),
    "super": _ignored,
    "staticmethod": lambda evaluator, positional, keywords, node: positional[0],
    "property": lambda evaluator, positional, keywords, node: positional[0],
}
# Functions that take values which are not known, among others.
_CONTAINERS = (
    *[BUILTINS[name] for name in ("list", "tuple", "dict", "zip", "enumerate", "reversed", "len")],
    method_of([], "append"),
    method_of([], "extend"),
    method_of({}, "update"),
    method_of({}, "get"),
    method_of({}, "setdefault"),
    method_of([], "insert"),
)
# Methods that add to a model or a list.
_GROWING = ("add", "append", "extend", "insert", "pop")
