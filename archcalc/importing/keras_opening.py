"""Layers of somebody's own class in a live model of Keras, which are opened: what they call shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..diagnostics import fail
from .keras_objects import PACKAGES, kinds


def foreign_classes(model: Any) -> list[Any]:
    """Return the classes of layers within a model that are somebody's own, each once.

    Args:
        model: The model; its own class is not among them.
    """
    found: dict[Any, None] = {}
    waiting, met = [*getattr(model, "_layers", ())], {id(model)}
    while waiting:
        layer = waiting.pop()
        if id(layer) in met:
            continue
        met.add(id(layer))
        waiting += getattr(layer, "_layers", ())
        kind = type(layer)
        if kind.__module__.partition(".")[0] not in PACKAGES and "Layer" in kinds(kind):
            found[kind] = None
    return [*found]


@contextmanager
def opened_classes(classes: list[Any]) -> Iterator[None]:
    """Let calls of layers of these classes be what their ``call`` does, and no layer of its own.

    Args:
        classes: The classes; they are as before behind the block.
    """
    before: Mapping[Any, Any] = {kind: vars(kind).get("__call__") for kind in classes}

    def called(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if not layer.built:
            layer.build(*[getattr(one, "shape", None) for one in args[:1]])
        return layer.call(*args, **kwargs)

    try:
        for kind in classes:
            kind.__call__ = called
        yield
    finally:
        for kind, call in before.items():
            if call is None:
                del kind.__call__
            else:
                kind.__call__ = call


def functional(keras: Any, model: Any, name: str, given: Any, call: Callable[[], Any]) -> Any:
    """Return a functional model of what a call of a model does on symbols.

    Args:
        keras: The package of Keras.
        model: The model.
        name: What messages call it.
        given: The symbols.
        call: What calls the model.

    Raises:
        SpecError: Where the model stores numbers that no layer of Keras holds.
    """
    with opened_classes(foreign_classes(model)):
        put_out = call()
    plain = keras.Model(given, put_out, name=model.name)
    mine, theirs = (sum([math.prod(one.shape) for one in each.weights]) for each in (plain, model))
    if mine != theirs:
        raise fail(
            "module",
            f"{name}: the layers of Keras in it store {mine:,} numbers, and the model {theirs:,}: it "
            "computes with some that are in none of them",
            "a layer of Keras for each of them shows them",
        )
    return plain
