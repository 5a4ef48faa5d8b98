"""Python files beside a listing, in its own folder or package: read when the code imports something of them,
from their syntax tree too. No other file is opened, and none for code that is pasted."""

from __future__ import annotations

import ast
import os
from typing import Any

from .python_file import Listing
from .reader import Reader
from .values import EvaluationError, HostValue, Scope, UnknownValue

# So many files beside one are read.
_MOST_FILES = 64


class PythonModule(HostValue):
    """A file beside the code, or a folder of such.

    Attributes:
        name: What imports call it.
        values: What it gives names to.
    """

    def __init__(self, files: FilesBeside | None, name: str, path: str):
        self.name = name
        self.path = path
        self.values: dict[str, Any] = {}
        self._files = files
        self.described = f"the file {os.path.basename(path)}"

    @classmethod
    def holding(cls, path: str, module: PythonModule) -> PythonModule:
        """Return folders without files of their own that lead to a module: ``a`` of ``import a.b``."""
        for name in reversed(path.split(".")[1:]):
            outer = cls(None, name, os.path.dirname(module.path))
            outer.values[name] = module
            module = outer
        return module

    def attribute(self, name: str) -> Any:
        """Return what it has by a name. Raises EvaluationError where it has nothing."""
        self._opened()
        value = self.values.get(name)
        if isinstance(value, LazyImport):
            value = self.values[name] = value.found()
        if name in self.values:
            return value
        below = None if self._files is None else self._files.below(self, name)
        if below is None:
            raise EvaluationError(f"{self.described} has no `{name}` that can be read")
        return below

    def _opened(self) -> None:
        if self._files is not None:
            self._files.read(self)

    def offered(self) -> dict[str, Any]:
        """Return what ``from it import *`` gives. Raises EvaluationError."""
        self._opened()
        names = self.values.get("__all__")
        if not isinstance(names, (list, tuple)):
            names = [name for name in self.values if not name.startswith("_")]
        return {name: self.values[name] for name in names if isinstance(name, str) and name in self.values}


class LazyImport:
    """A name that is imported from a file beside the code, and that nothing has used yet.

    Args:
        module: The file.
        name: The name in it.
        node: The import.
    """

    def __init__(self, module: PythonModule, name: str, node: ast.AST):
        self.module = module
        self.name = name
        self.node = node

    def found(self) -> Any:
        """Return its value; one that is not known where the file has none."""
        try:
            return self.module.attribute(self.name)
        except EvaluationError as error:
            return UnknownValue(self.node, error.message, self.name)


class FilesBeside:
    """The files beside one.

    Args:
        listing: The code, and later that of the files that are read.
        reader: Reads it.
    """

    def __init__(self, listing: Listing, reader: Reader):
        self._listing = listing
        self._reader = reader
        self._read: dict[str, PythonModule] = {}
        self._done: set[str] = set()
        folder = os.path.dirname(os.path.realpath(listing.path or ""))
        self._first, self._limit, top = folder, folder, folder
        while os.path.isfile(os.path.join(top, "__init__.py")) and os.path.dirname(top) != top:
            self._limit, top = top, os.path.dirname(top)
        # The folders in which the first word of an import may stand.
        self._roots = [top] if top != folder else []

    def module(self, reader: Reader, node: ast.AST, level: int, path: str) -> PythonModule | None:
        """Return the file that an import means.

        Args:
            reader: Reads the code.
            node: The import.
            level: How many dots stand before its path.
            path: The path.

        Returns:
            The file, not read yet; None where it means none beside the code.
        """
        first = path.partition(".")[0]
        within = bool(self._roots) and first == os.path.basename(self._limit)
        if self._listing.path is None or (not level and not within and reader.host.knows(first)):
            return None
        here = os.path.dirname(os.path.realpath(self._listing.span(node).source.name))
        words = path.split(".") if path else []
        if level:
            for _ in range(level - 1):
                here = os.path.dirname(here)
            return self._at(here, words)
        for root in self._roots if within else dict.fromkeys((here, self._first)):
            found = self._at(root, words)
            if found is not None:
                return found
        named = os.path.basename(self._first) == words[0]
        return self._at(os.path.dirname(self._first), words) if named else None

    def below(self, module: PythonModule, name: str) -> PythonModule | None:
        """Return a file in the folder of a package; None where there is none."""
        if os.path.basename(module.path) != "__init__.py":
            return None
        found = self._at(os.path.dirname(module.path), [name])
        if found is not None:
            self.read(found)
        return found

    def _at(self, root: str, words: list[str]) -> PythonModule | None:
        base = os.path.join(root, *words)
        for path in (base + ".py", os.path.join(base, "__init__.py")):
            real = os.path.realpath(path)
            if self._may_open(real) and os.path.isfile(real):
                return self._read.setdefault(real, PythonModule(self, ".".join(words), real))
        path = os.path.join(os.path.realpath(base), "__init__.py")
        if self._may_open(path) and os.path.isdir(base):
            self._done.add(path)  # a folder without a file of its own
            return self._read.setdefault(path, PythonModule(self, ".".join(words), path))
        return None

    def _may_open(self, path: str) -> bool:
        """Whether a file, links followed, lies in the folder or package of the code."""
        return path.startswith(self._limit + os.sep)

    def read(self, module: PythonModule) -> None:
        """Read a file, unless that has been done. Raises EvaluationError where there are too many."""
        if module.path in self._done:
            return
        self._done.add(module.path)
        if len(self._done) > _MOST_FILES:
            raise EvaluationError(f"this code imports more than {_MOST_FILES} files beside it")
        scope = Scope()
        scope.values = module.values
        scope.values["__name__"] = module.name
        for statement in self._listing.beside(module.path).body:
            try:
                self._reader.run([statement], scope)
            except EvaluationError as error:
                self._reader.leave_out(statement, error, scope)
