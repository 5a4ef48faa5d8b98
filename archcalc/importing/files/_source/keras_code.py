"""The network in a text of Keras code: which of its models is meant, and the spec of it."""

from __future__ import annotations

import ast
from typing import Any

from ....diagnostics import SpecError, did_you_mean, fail
from .. import Request, SpecWriter, refused
from .._keras.writing import written
from .keras_host import KerasHost
from .keras_values import ModelValue, tensors_of
from .python_file import Listing
from .values import EvaluationError, PythonClass, PythonFunction, PythonInstance


def keras_network(listing: Listing, request: Request) -> SpecWriter:
    """Write the spec of the network that a text of Keras code makes.

    Args:
        listing: The code.
        request: What the caller wants besides; settings that the code has a use for are taken out.

    Returns:
        The spec.

    Raises:
        SpecError: For what cannot be read, at its place in the text.
    """
    host = KerasHost(listing, request)
    try:
        host.evaluator.run(listing.tree.body)
        model = _wanted(host, _models(host), request)
        described = host.model(model)
    except EvaluationError as error:
        raise refused(error.message, host.span(error.node), *(error.help or host.ways_out())) from None
    except RecursionError:
        raise refused("this code is nested too deep to be read", host.span(None)) from None
    for name in host.used:
        request.settings.pop(name, None)
    request.settings.pop("net", None)
    return written(described, listing.source, request)


def _models(host: KerasHost) -> dict[str, ModelValue]:
    """The models that the code makes, by the names that they have in it. Raises EvaluationError."""
    found = _named(host)
    if not found:
        _build(host)
        found = _named(host)
    if not found and host.nodes:
        return {"model": _left_open(host)}
    return found


def _named(host: KerasHost) -> dict[str, ModelValue]:
    found: dict[str, ModelValue] = {}
    for name, value in [*host.evaluator.globals.values.items()]:
        if (
            isinstance(value, ModelValue)
            and value not in found.values()
            and (value.items or not value.sequential)
        ):
            found[name] = value
        if isinstance(value, PythonInstance) and value.state is not None and not value.state.get("nested"):
            model = host.own_model(value, name) if value.of.find("call") is not None else None
            if model is not None:
                found[name] = model
    for model in host.models:
        if model not in found.values() and (model.items or not model.sequential):
            found.setdefault(model.name, model)
    return found


def _build(host: KerasHost) -> None:
    """Call functions and classes that the code defines and does not use. Raises EvaluationError."""
    failed: EvaluationError | None = None
    for name, value in [*host.evaluator.globals.values.items()]:
        before = len(host.models)
        try:
            if (isinstance(value, PythonFunction) and not isinstance(value.node, ast.Lambda)) or (
                isinstance(value, PythonClass) and getattr(value.host(), "path", "").endswith("Model")
            ):
                made = host.evaluator.call(value, (), {}, value.node)
            else:
                continue
        except EvaluationError as error:
            failed = failed or error
            del host.models[before:]
            continue
        if isinstance(made, (ModelValue, PythonInstance)):
            host.evaluator.globals.values[f"{name}()"] = made
    if failed is not None and not host.models and not host.nodes:
        raise failed


def _left_open(host: KerasHost) -> ModelValue:
    """The model of tensors that the code puts into none: from its inputs to what is made last."""
    if host.lost is not None:
        raise host.lost
    last = host.nodes[-1]
    model = ModelValue(host, "Functional", "model", last.node, False)
    model.outputs = last.result()
    inputs = [call for layer, calls in host.ordered([], model.outputs) for call in calls]
    model.inputs = [call.result() for call in inputs if call.layer.class_name == "InputLayer"]
    return model


def _wanted(host: KerasHost, found: dict[str, ModelValue], request: Request) -> ModelValue:
    """The model that is meant. Raises SpecError, EvaluationError."""
    name = request.settings.get("net")
    if not found:
        raise fail(
            "target",
            f"{host.listing.name} makes no model of Keras that can be read",
            "a model is a Sequential, a Model of inputs and outputs, or a function that returns one",
            *host.ways_out()[:1],
        )
    if name is not None:
        by_name = {**{model.name: model for model in found.values()}, **found}
        if name not in by_name:
            known = ", ".join(found)
            raise fail(
                "argument", f"{host.listing.name} has no network `{name}`", *did_you_mean(name, found), known
            )
        return by_name[name]
    wholes = {key: model for key, model in found.items() if not model.nested} or found
    wholes = {key: model for key, model in wholes.items() if not _within(host, model, wholes)} or wholes
    if len(wholes) == 1:
        return next(iter(wholes.values()))
    names = ", ".join(found)
    first = next(iter(wholes))
    raise fail(
        "target",
        f"{host.listing.name} holds several networks: {names}",
        f"`--set net={first}` reads one of them",
    )


def _within(host: KerasHost, model: ModelValue, others: dict[str, ModelValue]) -> bool:
    """Whether another model has all layers of a model, and more; or the same, and was made before."""
    mine = {id(layer) for layer in _all(model)}
    before = True
    for other in others.values():
        if other is model:
            before = False
            continue
        theirs = {id(layer) for layer in _all(other)}
        if mine < theirs or (before and mine == theirs):
            return True
    return False


def _all(model: ModelValue) -> list[Any]:
    return [
        one for one in (model.items if model.sequential else model.layers()) if one.class_name != "InputLayer"
    ]


__all__ = ["SpecError", "keras_network", "tensors_of"]
