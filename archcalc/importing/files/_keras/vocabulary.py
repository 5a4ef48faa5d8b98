"""The layers of Keras that can be read: one class for each class of Keras, or for a family of them.

The classes stand in ``layers/``, operations in ``operations/``, and are found by being there. A class states
how its layer is called in code (names and order of its parameters, defaults, words of older versions), and
what spec it is.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

from ....diagnostics import nearest
from .calls import Call, Value
from .settings import shown

# What an operation without a rule is read as.
UNKNOWN = "*"
_CLASSES: dict[str, LayerClass] = {}
_OPERATIONS: dict[str, LayerClass] = {}


class ArgumentsError(Exception):
    """Arguments in code do not fit a layer."""


class LayerClass:
    """A class of layers.

    Attributes:
        names: What the class is called: its name, and those of older versions.
        signature: The parameters of Keras 3 as Python writes them, in their order, with defaults. Those that
            every layer has, and those that change no figure, may be missing.
        renamed: Parameters of older versions, and what they are called now.
        old_signature: The parameters of Keras 1, in their order, by the names of Keras 3; where it differs.
        at_each_step: Whether it is read within ``TimeDistributed``, at each step by itself.
    """

    _known: ClassVar[dict[str, LayerClass]] = _CLASSES
    names: ClassVar[tuple[str, ...]] = ()
    signature: ClassVar[str] = ""
    renamed: ClassVar[Mapping[str, str]] = {}
    old_signature: ClassVar[str] = ""
    at_each_step: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in vars(cls).get("names", ()):
            if name in cls._known:
                raise TypeError(f"two classes are called {name}")
            cls._known[name] = cls()

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by name, in their order, each with its default; ``...`` for one without."""
        return _parameters(self.signature)

    def default(self, name: str) -> Any:
        """The default of a parameter; ``...`` where it has none."""
        return self.parameters.get(name, ...)

    def configuration(
        self, class_name: str, positional: Sequence[Any], keywords: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the settings that a call in code gives, by the names of Keras 3.

        Args:
            class_name: The name of the class, as the code has it.
            positional: Arguments by position.
            keywords: Arguments by name.

        Returns:
            The settings.

        Raises:
            ArgumentsError: Where there are too many, or one is given twice.
        """
        order = [*self.parameters]
        if self.old_signature and self.is_old(class_name, positional, keywords):
            order = [*_parameters(self.old_signature)]
        if len(positional) > len(order):
            raise ArgumentsError(f"{class_name} takes {len(order)} arguments by position")
        found = dict(zip(order, positional, strict=False))
        for word, value in keywords.items():
            name = self.renamed.get(word) or _RENAMED.get(word, word)
            if name in found:
                raise ArgumentsError(f"{class_name} is given `{shown(name)}` twice")
            found[name] = value
        return self.modern(found)

    def is_old(self, class_name: str, positional: Sequence[Any], keywords: Mapping[str, Any]) -> bool:
        """Tell whether a call is one of Keras 1."""
        return any(word in self.renamed or word in _RENAMED for word in keywords)

    def modern(self, config: dict[str, Any]) -> dict[str, Any]:
        """Return settings by the names of Keras 3, of a configuration that an older version wrote."""
        for old, new in (*_RENAMED.items(), *self.renamed.items()):
            if old in config:
                value = config.pop(old)
                config.setdefault(new, value)
        return config

    def write(self, call: Call) -> Value | list[Value]:
        """Write what a call of the layer is in the spec.

        Args:
            call: The call: its settings, what it reads, and how to write a line.

        Returns:
            What it puts out.

        Raises:
            SpecError: For what the language has no word for.
        """
        raise NotImplementedError


class OperationClass(LayerClass):
    """A class of operations of ``keras.ops``: what a functional model holds where code calls a function."""

    _known: ClassVar[dict[str, LayerClass]] = _OPERATIONS


# Words of Keras 1 that several layers have, and what they are called now.
_RENAMED = {
    "border_mode": "padding",
    "subsample": "strides",
    "dim_ordering": "data_format",
    "bias": "use_bias",
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
}


@cache
def _parameters(signature: str) -> dict[str, Any]:
    """The parameters that a signature lists."""
    tree = ast.parse(f"lambda {signature}: 0", mode="eval").body
    assert isinstance(tree, ast.Lambda)
    arguments = tree.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    found = dict.fromkeys(names[: len(names) - len(arguments.defaults)], ...)
    values = [ast.literal_eval(one) for one in arguments.defaults]
    return {**found, **dict(zip(names[len(found) :], values, strict=True))}


@cache
def vocabulary() -> Mapping[str, LayerClass]:
    """Return the classes of layers that are known, by each of their names."""
    _import_all()
    return _CLASSES


@cache
def operations() -> Mapping[str, LayerClass]:
    """Return the operations of ``keras.ops`` that are known, by the names of their classes."""
    _import_all()
    return _OPERATIONS


def operands(
    class_name: str, positional: Sequence[Any], keywords: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return what a call of an operation in code reads, and the settings that it gives.

    Args:
        class_name: The name of the class of the operation.
        positional: Arguments by position: tensors and numbers first, then settings in their order.
        keywords: Arguments by name; settings are taken out.

    Returns:
        What it reads by position, and the settings.
    """
    names = [*operations()[class_name].parameters]
    settings = {key: keywords.pop(key) for key in [*keywords] if key in names}
    if class_name == "Einsum":
        return list(positional[1:]), {names[0]: positional[0], **settings}
    count = {"Take": 2, "Where": 3, "Matmul": 2}.get(class_name, 1) if names else len(positional)
    return list(positional[:count]), {**settings, **dict(zip(names, positional[count:], strict=False))}


@cache
def _import_all() -> None:
    """Import the files of ``layers/`` and ``operations/``, which make the classes known."""
    from . import layers, operations

    for package in (layers, operations):
        for place in package.__path__:
            for name in sorted(os.listdir(place)):
                if name.endswith(".py") and name != "__init__.py":
                    import_module(f"{package.__name__}.{name.removesuffix('.py')}")


def nearest_class(name: str) -> str | None:
    """Return the name of a class that is known and nearly called so."""
    return nearest(name, vocabulary())
