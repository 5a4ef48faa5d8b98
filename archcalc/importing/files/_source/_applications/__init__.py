"""The networks of ``keras.applications`` that code starts from: a file here per family, found by being
there."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from ..keras_values import KerasCode
from ..values import EvaluationError
from .building import Application, Building

_ARGUMENTS = ("include_top", "weights", "input_tensor", "input_shape", "pooling", "classes")


@cache
def networks() -> Mapping[str, Application]:
    """Return the networks that there are, by their names in Keras."""
    found: dict[str, Application] = {}
    for place in __path__:
        for name in sorted(os.listdir(place)):
            if name.endswith(".py") and name not in ("__init__.py", "building.py"):
                found.update(import_module(f"{__name__}.{name.removesuffix('.py')}").NETWORKS)
    return found


def application(
    host: KerasCode, word: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
) -> Any:
    """Return the model that a function of ``keras.applications`` makes. Raises EvaluationError."""
    network = networks().get(word)
    if network is None:
        raise EvaluationError(
            f"`{word}` of keras.applications is read from a file or a live model, and not from pasted code",
            node,
            *host.ways_out()[:1],
            f"`archcalc summary 'keras.applications:{word}(weights=None)'` reads the live model",
        )
    names = network.arguments or _ARGUMENTS
    given = {**dict(zip(names, positional, strict=False)), **keywords}
    return Building(host, word, network, given, node).model()
