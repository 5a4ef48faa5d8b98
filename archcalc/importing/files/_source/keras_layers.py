"""The layers that code makes, with their settings as a description has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._keras.vocabulary import ArgumentsError, nearest_class, vocabulary
from .keras_graphs import MOST_CALLS, KerasGraphs
from .keras_values import Call, KerasName, LayerValue
from .values import EvaluationError, HostValue, PythonClass, PythonFunction, PythonInstance

_NEUTRAL = re.compile(
    r".*(?:initializer|regularizer|constraint|seed|weights|momentum|epsilon|callbacks)$"
    r"|(?:init|[Wb]_.*|dropout.*|recurrent_dropout|rate|stddev|alpha|input_tensor)$"
)
# Other names of classes; Keras names a layer by the first.
_OTHER_NAMES = (
    *[(f"MaxPool{axes}D", f"MaxPooling{axes}D") for axes in "123"],
    *[(f"AvgPool{axes}D", f"AveragePooling{axes}D") for axes in "123"],
    ("Convolution", "Conv"),
)


class KerasLayers(KerasGraphs):
    """Layers by the names of their classes."""

    def layer(
        self, word: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> LayerValue:
        """Make a layer of a class. Raises EvaluationError."""
        self.made += 1
        if self.made > MOST_CALLS:
            raise EvaluationError(f"this code makes more than {MOST_CALLS:,} layers", node)
        known = vocabulary().get(word)
        if known is None:
            near = nearest_class(word)
            hints = [f"did you mean `{near}`?"] if near else []
            raise EvaluationError(f"the layer `{word}` of Keras is not read", node, *hints, *self.ways_out())
        given = dict(keywords)
        name, trainable = given.pop("name", None), given.pop("trainable", True)
        shape = self._first_shape(word, given)
        try:
            config = known.configuration(word, list(positional), given)
        except ArgumentsError as error:
            raise EvaluationError(str(error), node) from None
        name = config.pop("name", None) or name
        config = {key: self._plain_setting(word, key, value, node) for key, value in config.items()}
        config = {key: value for key, value in config.items() if value is not ...}
        if shape is not None:
            config["batch_shape"] = shape
        kind = known.names[0] if word not in ("InputLayer",) else word
        kind = word if word in known.names and word[0].isupper() and not known.old_signature else kind
        made = LayerValue(self, kind, name if isinstance(name, str) else self.free(kind), config, node)
        made.trainable = trainable is not False
        return made

    def _plain_setting(self, word: str, name: str, value: Any, node: ast.AST) -> Any:
        """A setting as a description has it; ``...`` where it changes no figure. Raises EvaluationError."""
        if name in ("activation", "recurrent_activation") and isinstance(value, (KerasName, Call)):
            return getattr(value, "path", "").rpartition(".")[2]
        if isinstance(value, LayerValue):
            return self.description(value)
        if isinstance(value, KerasName) and "dtype" in name:
            return value.path.rpartition(".")[2]
        parts = value if isinstance(value, (list, tuple)) else [value]
        unknown = next(
            (
                one
                for one in parts
                if isinstance(one, (HostValue, PythonFunction, PythonClass, PythonInstance))
            ),
            None,
        )
        if isinstance(value, (list, tuple)) and all(isinstance(one, LayerValue) for one in value):
            return [self.description(one) for one in value]
        if unknown is None:
            return value
        if _NEUTRAL.match(name):
            return ...
        if word == "Lambda" and isinstance(unknown, (PythonFunction, KerasName)):
            return value
        raise self.not_known(f"`{name}` of {word}", unknown, node)

    def not_known(self, what: str, value: Any, node: ast.AST) -> EvaluationError:
        """Return the error about a value that the code does not tell."""
        name = getattr(value, "name", "") or ""
        reason = getattr(value, "reason", "") or ""
        help = [f"`--set {name}=10` gives it"] if name else ["write the number in its place"]
        message = f"{what} is not known: it depends on " + (f"`{name}`" if name else "a value of data")
        return EvaluationError(message + (f"; {reason}" if reason else ""), node, *help, *self.ways_out()[:1])

    def _first_shape(self, word: str, given: dict[str, Any]) -> Any:
        """What arguments of a first layer say of the input, with the batch; None where they say nothing."""
        shape = given.pop("input_shape", None)
        whole = given.pop("batch_input_shape", None)
        length = given.pop("input_length", None)
        width = given.pop("input_dim", None) if word != "Embedding" else None
        if whole is not None:
            return self.sizes_of(whole)
        if shape is not None:
            sizes = self.sizes_of(shape)
            return None if sizes is None else (None, *sizes)
        if word == "Embedding":
            return (None, length) if isinstance(length, int) else None
        if isinstance(width, int):
            return (None, length, width) if length is not None else (None, width)
        return None

    def sizes_of(self, shape: Any) -> tuple[Any, ...] | None:
        """A shape; None where its sizes are not known, so that ``--input`` gives them."""
        if isinstance(shape, int):
            shape = (shape,)
        if not isinstance(shape, (list, tuple)) or any(isinstance(one, HostValue) for one in shape):
            return None
        return tuple(shape)

    def free(self, kind: str) -> str:
        """Return the name that Keras gives the next layer of a class."""
        for other, first in _OTHER_NAMES:
            kind = kind.replace(other, first)
        snake = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", kind))
        snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", snake).lower()
        number = self._numbers.get(snake, 0)
        self._numbers[snake] = number + 1
        return f"{snake}_{number}" if number else snake
