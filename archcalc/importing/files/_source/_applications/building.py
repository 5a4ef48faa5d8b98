"""How the networks of ``keras.applications`` are built: what they all have in common."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..keras_values import KerasCode, TensorValue, tensors_of
from ..values import EvaluationError, UnknownValue


class Application(NamedTuple):
    """A network of Keras.

    Attributes:
        features: Writes the network up to its head; what it puts out.
        size: The side of the pictures that it has by default.
        top: Writes the head.
        name: The name of the model, of which ``{}`` is the side of the pictures; lower-case letters of the
            network's own by default.
        arguments: The parameters of its function, where they are in another order.
    """

    features: Callable[[Building, Any], Any]
    size: int = 224
    top: Callable[[Building, Any], Any] | None = None
    name: str = ""
    arguments: tuple[str, ...] = ()


class Building:
    """One network on its way into the layers of code.

    Args:
        host: What code has of Keras.
        word: The name of the network's function.
        network: The network.
        given: The arguments of the call.
        node: Its place in the code.
    """

    def __init__(
        self, host: KerasCode, word: str, network: Application, given: Mapping[str, Any], node: ast.AST
    ):
        self.host = host
        self.word = word
        self.network = network
        self.given = dict(given)
        self.node = node

    def model(self) -> Any:
        """Return the model. Raises EvaluationError."""
        top = self.flag("include_top", True)
        shape = self.given.get("input_shape")
        x = self.given.get("input_tensor")
        if shape is None:
            side = self.network.size if top else None
            shape = (side, side, 3)
        if (
            not isinstance(shape, (list, tuple))
            or len(shape) != 3
            or any(isinstance(one, UnknownValue) for one in shape)
        ):
            raise EvaluationError(
                "the size of the pictures is not known", self.node, "write it: `input_shape=(224, 224, 3)`"
            )
        if x is None:
            x = self.host.named_call("keras.Input", [tuple(shape)], {}, self.node)
        if not isinstance(x, TensorValue):
            raise EvaluationError("`input_tensor` is no tensor that is known", self.node)
        inputs = sources(x)
        x = self.network.features(self, x)
        if top:
            x = (self.network.top or default_top)(self, x)
        else:
            x = self._pooled(x)
        side = shape[0] if shape[0] is not None else self.network.size
        name = self.given.get("name") or (self.network.name or self.word.lower()).format(side)
        found = inputs[0] if len(inputs) == 1 else inputs
        made = self.host.named_call("keras.Model", [found, x], {"name": name}, self.node)
        made.nested = True  # code goes on from it: it is meant where there is no other
        return made

    def _pooled(self, x: Any) -> Any:
        pooling = self.given.get("pooling")
        if pooling not in ("avg", "max"):
            return x
        kind = {"avg": "GlobalAveragePooling2D", "max": "GlobalMaxPooling2D"}[pooling]
        named = self.word.startswith(("ResNet", "DenseNet", "EfficientNet"))
        return self(kind, x, name=f"{pooling}_pool" if named else None)

    def flag(self, name: str, default: bool) -> bool:
        """Return whether an argument of the call holds. Raises EvaluationError where that is not known."""
        value = self.given.get(name, default)
        if isinstance(value, UnknownValue):
            raise EvaluationError(f"`{name}` of {self.word} is not known", self.node)
        return bool(value)

    def number(self, name: str, default: Any) -> Any:
        """Return an argument of the call that is a number. Raises EvaluationError."""
        value = self.given.get(name, default)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise EvaluationError(
                f"`{name}` of {self.word} is not known", self.node, "write the number in its place"
            )
        return value

    def __call__(self, kind: str, reads: Any, *positional: Any, **settings: Any) -> Any:
        """Return what a new layer puts out. Raises EvaluationError."""
        given = {key: value for key, value in settings.items() if key != "name" or value is not None}
        return self.host.layer(kind, positional, given, self.node).call([reads], {}, self.node)

    def relu(self, x: Any, name: str | None = None) -> Any:
        """Return what a rectifier puts out."""
        return self("Activation", x, "relu", name=name)

    def norm(self, x: Any, name: str | None = None, **settings: Any) -> Any:
        """Return what a batch norm puts out."""
        return self("BatchNormalization", x, name=name, **settings)

    def padded_for(self, x: Any, kernel: int, name: str) -> Any:
        """Return a map with the rim that a stride of 2 with such a kernel has in these networks."""
        try:
            sizes = x.shape()[1:3]
        except EvaluationError:
            sizes = (None, None)
        half = kernel // 2
        less = [1 if size is None else 1 - size % 2 for size in sizes]
        return self("ZeroPadding2D", x, tuple([(half - one, half) for one in less]), name=name)


def sources(tensor: TensorValue) -> list[TensorValue]:
    """Return the inputs of a model that a tensor is made from."""
    found: list[TensorValue] = []
    waiting, seen = [tensor], set()
    while waiting:
        one = waiting.pop()
        if one.key in seen:
            continue
        seen.add(one.key)
        before = tensors_of(one.call_node.tensors())
        waiting += reversed(before)
        if not before:
            found.append(one)
    return found


def default_top(build: Building, x: Any) -> Any:
    """The head that most of the networks have."""
    x = build("GlobalAveragePooling2D", x, name="avg_pool")
    return classified(build, x)


def classified(build: Building, x: Any) -> Any:
    """The last layer of a head."""
    activation = build.given.get("classifier_activation", "softmax")
    return build("Dense", x, build.number("classes", 1000), activation=activation, name="predictions")


def divisible(value: float, divisor: int = 8) -> int:
    """Return a number of filters as a multiple of a divisor, and no less than nine tenths of it."""
    found = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * value else found


def repeated(*counts: Sequence[int]) -> list[Any]:
    """Return rows, each as often as its first number says, without that number."""
    return [tuple(rest) for times, *rest in counts for _ in range(times)]
