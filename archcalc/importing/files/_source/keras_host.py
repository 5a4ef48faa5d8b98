"""What Keras gives to code: its layers, models and functions, by their names in any version."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from .._keras.vocabulary import nearest_class, vocabulary
from .keras_classes import KerasClasses
from .keras_data import ArrayValue, data_set, made_array, split_of_data
from .keras_functions import FUNCTIONS, MERGES, operation_of
from .keras_making import MADE
from .keras_values import KerasName, LayerValue, ShapeValue, TensorValue, tensors_of
from .plain import CONSTANTS
from .plain import FUNCTIONS as PLAIN
from .values import EvaluationError, HostValue, PythonClass, PythonFunction, PythonInstance, UnknownValue

_ROOTS = ("keras", "tensorflow", "tf", "tf_keras", "keras_core")
# Parts of Keras whose objects change no figure.
_ASIDE = (
    "optimizers losses metrics callbacks initializers regularizers constraints preprocessing utils datasets "
    "saving wrappers data random image io estimator"
).split()
# What Keras is set to, where nobody sets it otherwise.
_SETTINGS: Mapping[str, Any] = {
    "image_data_format": "channels_last",
    "image_dim_ordering": "tf",
    "floatx": "float32",
    "epsilon": 1e-7,
    "backend": "tensorflow",
}
# Names that code pasted without its imports uses.
_PASTED = {
    "keras": "keras",
    "tf": "tensorflow",
    "layers": "keras.layers",
    "models": "keras.models",
    "K": "keras.backend",
    "L": "keras.layers",
    "ops": "keras.ops",
    "applications": "keras.applications",
    "np": "numpy",
    "math": "math",
}


class KerasHost(KerasClasses):
    """Keras, for one file."""

    def imported(self, path: str, node: ast.AST) -> Any:
        """Return what an import gives."""
        return (
            self.named(path.lstrip("."))
            if path.partition(".")[0] in (*_ROOTS, "numpy", "math")
            else split_of_data(path, node)
        )

    def named(self, path: str) -> Any:
        """Return what a dotted path stands for."""
        return CONSTANTS[path] if path in CONSTANTS else KerasName(self, path)

    def undefined(self, name: str, node: ast.AST) -> Any:
        """Return what a name stands for that the code does not define."""
        if name in _PASTED:
            return KerasName(self, _PASTED[name])
        if name in vocabulary() or name in MADE or name in MERGES:
            return KerasName(self, f"keras.layers.{name}")
        if name[:1].isupper() and name.upper() != name and (self._stars or nearest_class(name)):
            return KerasName(self, f"keras.layers.{name}")
        return UnknownValue(node, f"`{name}` has no value in this code", name)

    def everything(self, path: str) -> None:
        """Take notice of ``from PATH import *``."""
        if path.partition(".")[0] in _ROOTS:
            self._stars.append(path)

    def setting(self, name: str, value: Any, top: bool) -> Any:
        """Return the value that somebody has set for a name, else the code's own."""
        settings = self.request.settings
        if name in settings and name != "net" and (value is ... or isinstance(value, UnknownValue) or top):
            if isinstance(value, (HostValue, PythonFunction, PythonClass, PythonInstance)) and not isinstance(
                value, UnknownValue
            ):
                return value
            self.used.add(name)
            return _literal(settings[name])
        return value

    def grows(self, value: Any) -> bool:
        """Whether a statement about a value may change the network."""
        if isinstance(value, (list, tuple)):
            return any(isinstance(one, (LayerValue, TensorValue)) for one in value)
        return isinstance(value, (LayerValue, TensorValue))

    # Calls of names ----------------------------------------------------------------------------

    def named_call(
        self, path: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """Return what a call of something of Keras makes. Raises EvaluationError."""
        parts = path.split(".")
        word = parts[-1]
        if path in PLAIN:
            values = [*positional, *keywords.values()]
            if any(isinstance(one, HostValue) for one in values):
                return UnknownValue(node)
            return self.evaluator.plain(PLAIN[path], positional, keywords, node)
        if word == "load_data" and "datasets" in parts:
            return data_set(parts[-2], node)
        if parts[0] in ("numpy", "math") or any(isinstance(one, ArrayValue) for one in positional):
            return made_array(path, positional, keywords, node)
        if "applications" in parts:
            return self._application(word, positional, keywords, node)
        if word in MERGES and ("layers" in parts or "merge" in parts):
            return self._merged(word, positional, keywords, node)
        if word == "get" and parts[-2:-1] == ["activations"] and positional:
            return (
                self.named(f"keras.activations.{positional[0]}")
                if isinstance(positional[0], str)
                else positional[0]
            )
        if word in _SETTINGS and not positional and not keywords:
            return _SETTINGS[word]
        if word in MADE:
            return MADE[word](self, list(positional), dict(keywords), node)
        if tensors_of([list(positional), *keywords.values()]):
            function = FUNCTIONS.get(word)
            if function is not None and word[0].islower():
                return function(self, list(positional), dict(keywords), node)
            if word in ("int_shape", "shape"):
                return ShapeValue(tensors_of(list(positional))[0].shape())
            if word in ("ndim", "rank"):
                return len(tensors_of(list(positional))[0].shape())
            return operation_of(self, path, list(positional), dict(keywords), node)
        if word[0].islower() or any(part in _ASIDE for part in parts[:-1]):
            return UnknownValue(node, f"it is from {path}")
        return self.layer(word, positional, keywords, node)

    def _merged(
        self, word: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """A function of old style that merges tensors. Raises EvaluationError."""
        given = dict(keywords)
        tensors = positional[0] if positional else given.pop("inputs", None)
        kind = MERGES[word]
        if word == "merge":
            mode = given.pop("mode", positional[1] if len(positional) > 1 else "sum")
            kinds = {
                "sum": "Add",
                "concat": "Concatenate",
                "mul": "Multiply",
                "ave": "Average",
                "max": "Maximum",
            }
            if mode not in kinds:
                raise EvaluationError(f"`merge` of mode {mode!r} is not read", node)
            kind = kinds[mode]
            axis = given.pop("concat_axis", None)
            given = {"axis": axis} if kind == "Concatenate" and axis is not None else {}
            positional = positional[:1]
        return self.layer(kind, positional[1:], given, node).call([tensors], {}, node)

    def _application(
        self, word: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        if word in ("preprocess_input", "decode_predictions"):
            if word == "preprocess_input" and tensors_of(list(positional)):
                return positional[0]
            return UnknownValue(node)
        from ._applications import application

        return application(self, word, positional, keywords, node)


def _literal(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    return value
