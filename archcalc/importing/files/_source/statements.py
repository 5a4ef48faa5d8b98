"""Reads the statements of code."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Any

from .classes import finished
from .neighbours import LazyImport, PythonModule
from .plain import bounded, sized
from .reader import BreakError, ContinueError, Reader, ReturnedError
from .standard import standard
from .values import (
    Builtin,
    EvaluationError,
    HostValue,
    PythonClass,
    PythonError,
    PythonFunction,
    PythonInstance,
    Scope,
    UnknownValue,
)

# Methods that add to a model or a list.
_GROWING = ("add", "append", "extend", "insert", "pop")


class StatementReader(Reader):
    """Reads statements."""

    def run(self, body: Sequence[ast.stmt], scope: Scope | None = None) -> None:
        """Read statements. Raises EvaluationError."""
        scope = self.globals if scope is None else scope
        for statement in body:
            self.step(statement)
            handler = getattr(self, f"_do_{type(statement).__name__.lower()}", None)
            if handler is None:
                raise EvaluationError("this statement cannot be read", statement)
            try:
                handler(statement, scope)
            except EvaluationError as error:
                if error.node is None:
                    error.node = statement
                raise

    def _do_expr(self, node: ast.Expr, scope: Scope) -> None:
        self.value(node.value, scope)

    def _do_pass(self, node: ast.stmt, scope: Scope) -> None:
        pass

    def _do_assert(self, node: ast.Assert, scope: Scope) -> None:
        try:
            holds = self.truth(self.value(node.test, scope))
        except PythonError:
            raise
        except EvaluationError:
            return  # nothing is known of it
        if holds is False:
            raise PythonError("this assertion does not hold", node, kind="AssertionError")

    def _do_delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.values.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                some, index = self.value(target.value, scope), self.value(target.slice, scope)
                if isinstance(some, (list, dict)):
                    if isinstance(index, UnknownValue):
                        raise EvaluationError("what is taken out here is not known", target)
                    self.python(partial(some.__delitem__, index), target)
            elif isinstance(target, ast.Attribute):
                of = self.value(target.value, scope)
                if isinstance(of, PythonInstance):
                    of.values.pop(target.attr, None)

    def _do_global(self, node: ast.Global, scope: Scope) -> None:
        scope.shared.update(dict.fromkeys(node.names, scope.top))

    def _do_nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            found = scope.outer.find(name) if scope.outer else None
            scope.shared[name] = found or scope.top

    def _do_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            path = alias.name if alias.asname else alias.name.partition(".")[0]
            beside = self.beside(node, 0, alias.name)
            if beside is not None:
                if not alias.asname:
                    beside = self.beside(node, 0, path) or PythonModule.holding(alias.name, beside)
                scope.assign(alias.asname or path, beside)
                continue
            scope.assign(alias.asname or path, self.imported(path, node))

    def imported(self, path: str, node: ast.AST) -> Any:
        """Return what an import of a library gives."""
        found = standard(path)
        return self.host.imported(path, node) if found is None else found

    def beside(self, node: ast.AST, level: int, path: str) -> PythonModule | None:
        """Return the file beside the code that an import means; None where it means a library."""
        found: PythonModule | None = (
            None if self.files is None else self.files.module(self, node, level, path)
        )
        return found

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        beside = self.beside(node, node.level, node.module or "")
        for alias in node.names:
            if alias.name == "*":
                if beside is not None:
                    scope.values.update(beside.offered())
                elif not node.level:
                    self.host.everything(node.module or "")
                continue
            value: Any
            if beside is not None:
                value = LazyImport(beside, alias.name, node)
            elif node.level:
                path = "." * node.level + (node.module or "")
                reason = f"`{alias.name}` is from `{path}`, and there is no such file beside this code"
                value = UnknownValue(node, reason, alias.name)
            else:
                value = self.imported(f"{node.module}.{alias.name}", node)
            scope.assign(alias.asname or alias.name, value)

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.assign(target, value, scope)

    def _do_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value, scope), scope)

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        old = self.value(node.target, scope)
        other = self.value(node.value, scope)
        if isinstance(old, list) and isinstance(node.op, ast.Add):
            old.extend(bounded(chain(old, self.elements(other)))[len(old) :])
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
                self.python(lambda: some.__setitem__(index, value), target)
                sized(len(some))

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
            self.step(node)
            self.assign(node.target, one, scope)
            try:
                self.run(node.body, scope)
            except BreakError:
                return
            except ContinueError:
                continue
        self.run(node.orelse, scope)

    def _do_while(self, node: ast.While, scope: Scope) -> None:
        while True:
            self.step(node)
            holds = self.truth(self.value(node.test, scope))
            if holds is None:
                self._left_out(node.body, scope, node.test)
                return
            if not holds:
                break
            try:
                self.run(node.body, scope)
            except BreakError:
                return
            except ContinueError:
                continue
        self.run(node.orelse, scope)

    def _left_out(self, body: Sequence[ast.stmt], scope: Scope, test: ast.AST) -> None:
        """Leave statements out whose condition is not known. Raises EvaluationError where they could change
        the network."""
        for node in ast.walk(ast.Module(list(body), [])):
            self.step(node)
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
        raise BreakError

    def _do_continue(self, node: ast.stmt, scope: Scope) -> None:
        raise ContinueError

    def _do_return(self, node: ast.Return, scope: Scope) -> None:
        raise ReturnedError(None if node.value is None else self.value(node.value, scope))

    def _do_raise(self, node: ast.Raise, scope: Scope) -> None:
        raised, text = node.exc, ""
        if isinstance(raised, ast.Call):
            first = raised.args[0] if raised.args else None
            try:
                message = None if first is None else self.value(first, scope)
            except EvaluationError:
                message = None
            text = f": {message[:120]}" if isinstance(message, str) else ""
            raised = raised.func
        name = getattr(raised, "id", getattr(raised, "attr", ""))
        raise PythonError(f"the code raises {name or 'an error'} here{text}", node, kind=name)

    def _do_with(self, node: ast.With, scope: Scope) -> None:
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, scope)
        self.run(node.body, scope)

    def _do_try(self, node: ast.Try, scope: Scope) -> None:
        try:
            self._imports(node)
            self.run(node.body, scope)
        except PythonError as error:
            handler = next((one for one in node.handlers if _catches(one, error.kind)), None)
            if handler is None:
                raise
            if handler.name:
                scope.assign(handler.name, UnknownValue(handler, "it is an error", handler.name))
            self.run(handler.body, scope)
        else:
            self.run(node.orelse, scope)
        finally:
            self.run(node.finalbody, scope)

    _do_trystar = _do_try

    def _imports(self, node: ast.Try) -> None:
        """Look whether a library that is imported here, and may be missing, is one that everybody has.

        Raises:
            PythonError: It is not, and there is code for that.
        """
        if not any(_catches(one, "ImportError") for one in node.handlers):
            return
        for statement in node.body:
            if isinstance(statement, ast.Import):
                paths = [alias.name for alias in statement.names]
            elif isinstance(statement, ast.ImportFrom) and not statement.level:
                paths = [statement.module or ""]
            else:
                continue
            for path in paths:
                if not self.host.knows(path.partition(".")[0]) and self.beside(statement, 0, path) is None:
                    raise PythonError(f"`{path}` may not be installed", statement, kind="ImportError")

    def _do_match(self, node: ast.Match, scope: Scope) -> None:
        subject = self.value(node.subject, scope)
        for case in node.cases:
            holds = self._fits(case.pattern, subject, scope)
            if holds and case.guard is not None:
                holds = self.truth(self.value(case.guard, scope))
            if holds is None:
                raise EvaluationError("which case holds is not known", case.pattern)
            if holds:
                self.run(case.body, scope)
                return

    def _fits(self, pattern: ast.pattern, subject: Any, scope: Scope) -> bool | None:
        if isinstance(pattern, ast.MatchAs):
            holds = True if pattern.pattern is None else self._fits(pattern.pattern, subject, scope)
            if holds and pattern.name is not None:
                scope.assign(pattern.name, subject)
            return holds
        if isinstance(subject, UnknownValue):
            return None
        if isinstance(pattern, ast.MatchValue):
            wanted = self.value(pattern.value, scope)
            return None if isinstance(wanted, UnknownValue) else bool(subject == wanted)
        if isinstance(pattern, ast.MatchSingleton):
            return subject is pattern.value
        if isinstance(pattern, ast.MatchOr):
            found = [self._fits(one, subject, scope) for one in pattern.patterns]
            return True if True in found else None if None in found else False
        raise EvaluationError("this pattern cannot be read", pattern)

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        names = [getattr(one, "id", getattr(one, "attr", "")) for one in node.decorator_list]
        if "setter" in names or "deleter" in names:
            return
        kind = next((one for one in names if one in ("staticmethod", "classmethod", "property")), "")
        kind = "property" if "cached_property" in names else kind
        scope.assign(node.name, self._decorated(node, self.function(node, scope, kind), scope))

    _do_asyncfunctiondef = _do_functiondef

    def _decorated(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, made: Any, scope: Scope
    ) -> Any:
        """What decorators of the code make of a function or class; other decorators change no figure."""
        for one in reversed(node.decorator_list):
            try:
                if self._added_to_class(one, made, scope):
                    continue
                decorator = self.value(one, scope)
                if isinstance(decorator, Builtin) and decorator.name.startswith("dataclasses."):
                    continue
                if not isinstance(decorator, (PythonFunction, PythonClass)):
                    continue
                found = self.call(decorator, [made], {}, one)
            except EvaluationError:
                continue
            if isinstance(found, (PythonFunction, PythonClass)):
                made = found
        return made

    def _added_to_class(self, decorator: ast.expr, made: Any, scope: Scope) -> bool:
        """Make a method of a function below ``@add_to_class(Net)``, as a textbook writes them; False for
        another decorator."""
        function = decorator.func if isinstance(decorator, ast.Call) else None
        word = getattr(function, "attr", getattr(function, "id", ""))
        if word != "add_to_class" or not isinstance(decorator, ast.Call) or len(decorator.args) != 1:
            return False
        of = self.value(decorator.args[0], scope)
        if not isinstance(of, PythonClass) or not isinstance(made, PythonFunction):
            return False
        made.owner = of
        of.values[made.name] = made
        return True

    def _do_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self.host.base(self.value(one, scope), node) for one in node.bases]
        inner = Scope(scope)
        self.run(node.body, inner)
        made = PythonClass(node.name, bases, inner.values, node)
        for value in inner.values.values():
            if isinstance(value, PythonFunction) and value.scope is inner:
                value.owner = made
                value.scope = scope
        finished(self, made, scope)
        scope.assign(node.name, self._decorated(node, made, scope))

    def leave_out(self, statement: ast.stmt, error: EvaluationError, scope: Scope) -> None:
        """Leave out a statement of a file that cannot be read: what it gives values to is not known.

        Raises:
            EvaluationError: It may change the network.
        """
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                scope.values[node.id] = UnknownValue(error.node or statement, error.message, node.id)
            for name in _filled(node):  # a list of which nobody knows how far it was filled
                if isinstance(scope.values.get(name), (list, dict, set)):
                    scope.values[name] = UnknownValue(error.node or statement, error.message, name)
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node is statement:
                scope.values[node.name] = UnknownValue(error.node or statement, error.message, node.name)


def _filled(node: ast.AST) -> list[str]:
    """The names of what a part of the code may put something into."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
        parts = [node.value]
    elif isinstance(node, ast.Call):
        parts = [*node.args, *[one.value for one in node.keywords]]
        if isinstance(node.func, ast.Attribute):
            parts.append(node.func.value)
    else:
        return []
    return [part.id for part in parts if isinstance(part, ast.Name)]


def _catches(handler: ast.ExceptHandler, kind: str) -> bool:
    """Whether a handler takes an error of Python."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {getattr(one, "id", getattr(one, "attr", "")) for one in kinds}
    related = {kind, "Exception", "BaseException"}
    related |= {"ImportError", "ModuleNotFoundError"} if kind == "ImportError" else set()
    related |= {"LookupError"} if kind in ("KeyError", "IndexError") else set()
    related |= {"ArithmeticError"} if kind == "ZeroDivisionError" else set()
    return bool(names & related)
