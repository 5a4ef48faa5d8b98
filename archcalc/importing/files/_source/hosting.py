"""What a library gives to code that is read: the values of its names, and what is made of its classes."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .values import EvaluationError, PythonInstance, UnknownValue

# Libraries that whoever has a network has.
_LIBRARIES = ("torch", "torchvision", "keras", "tensorflow", "tf_keras", "numpy")


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

    def knows(self, root: str) -> bool:
        """Whether everybody has a library, of whose path the first word is given."""
        return root in sys.stdlib_module_names or root in _LIBRARIES

    def undefined(self, name: str, node: ast.AST) -> Any:
        """Return the value of a name that the code has given none. Raises EvaluationError."""
        return UnknownValue(node, f"`{name}` has no value in this code", name)

    def base(self, value: Any, made: ast.ClassDef) -> Any:
        """Return a class that the code makes another one from.

        Args:
            value: What the code names.
            made: The class that is made.
        """
        return value

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

    def copied(self, value: Any) -> Any:
        """Return a copy of a value of the library; ``...`` for another value."""
        return ...
