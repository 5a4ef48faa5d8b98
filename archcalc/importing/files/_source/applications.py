"""The networks of ``keras.applications`` that code starts from."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from .keras_values import KerasCode
from .values import EvaluationError

# The convolutions of the VGG networks, by the filters of each block.
_VGG = {
    "VGG16": ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)),
    "VGG19": ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)),
}


def application(
    host: KerasCode, word: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> Any:
    """Return the model that a function of ``keras.applications`` makes. Raises EvaluationError."""
    names = ("include_top", "weights", "input_tensor", "input_shape", "pooling", "classes")
    given = {**dict(zip(names, positional, strict=False)), **keywords}
    if word not in _VGG:
        raise EvaluationError(
            f"`{word}` of keras.applications is read from a file or a live model, and not from pasted code",
            node,
            *host.ways_out()[:1],
            f"`archcalc summary 'keras.applications:{word}(weights=None)'` reads the live model",
        )
    return _vgg(host, word, given, node)


def _vgg(host: KerasCode, word: str, given: dict[str, Any], node: ast.AST) -> Any:
    top = given.get("include_top", True) is not False
    shape = given.get("input_shape") or ((224, 224, 3) if top else None)

    def made(kind: str, *positional: Any, **settings: Any) -> Any:
        return host.layer(kind, positional, settings, node)

    x = given.get("input_tensor")
    if x is None:
        if shape is None:
            shape = (None, None, 3)
        x = host.named_call("keras.Input", [shape], {}, node)
    inputs = x
    for block, (repeats, filters) in enumerate(_VGG[word], start=1):
        for number in range(1, repeats + 1):
            name = f"block{block}_conv{number}"
            conv = made("Conv2D", filters, 3, padding="same", activation="relu", name=name)
            x = conv.call([x], {}, node)
        x = made("MaxPooling2D", 2, strides=2, name=f"block{block}_pool").call([x], {}, node)
    if top:
        x = made("Flatten", name="flatten").call([x], {}, node)
        for name in ("fc1", "fc2"):
            x = made("Dense", 4096, activation="relu", name=name).call([x], {}, node)
        classes = given.get("classes", 1000)
        x = made("Dense", classes, activation="softmax", name="predictions").call([x], {}, node)
    elif given.get("pooling") in ("avg", "max"):
        kind = {"avg": "GlobalAveragePooling2D", "max": "GlobalMaxPooling2D"}[given["pooling"]]
        x = made(kind).call([x], {}, node)
    return host.named_call("keras.Model", [inputs, x], {"name": word.lower()}, node)
