"""From the text of a spec to what an editor shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..diagnostics import SpecError, fail
from ..network import Network
from ..report.page.derivations import Derivations
from ..report.page.network import page_record, shown_quantities
from ..report.words import volume
from ..texts import LONGEST_SOURCE

# Layers of a network that is computed while somebody types, at most.
MOST_LAYERS = 5000
# Parameters that are given, at most, and digits of each.
MOST_PARAMETERS, LONGEST_PARAMETER = 100, 40


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """Answer an editor.

    Args:
        question: ``text``, the spec; ``parameters``, values by name; ``what``: ``lines`` for diagnostics,
            the shape behind each line and parameters; ``page`` for the record of the page too;
            ``derivation`` for how the figure of a ``quantity`` comes about, of the layer whose number is
            ``layer``, or of the whole where it is None.

    Returns:
        ``diagnostics``, and what was asked for; of a text with errors nothing else.

    Example:
        >>> from archcalc.serving.answering import answer
        >>> found = answer({"text": "8x8x3 -> conv 3x3 4", "parameters": {}, "what": "lines"})
        >>> found["diagnostics"], found["shapes"]
        ([], {'1': '6x6x4'})
    """
    try:
        text, parameters, what = _question(question)
        network = Network.of("-", stdin=text, budget=MOST_LAYERS)
        # A parameter may be gone from the text, and its slider not yet.
        known = {name: v for name, v in parameters.items() if name in network.graph.metadata.parameters}
        if known:
            network = Network.of("-", None, known, stdin=text, budget=MOST_LAYERS)
        if what == "derivation":
            return {"diagnostics": [], "derivation": _derivation(network, question)}
        return _answer(network, what)
    except SpecError as error:
        return {"diagnostics": [_diagnostic(each) for each in error.diagnostics]}


def _question(question: Mapping[str, Any]) -> tuple[str, dict[str, str], str]:
    """The parts of a question. Raises SpecError for what no editor asks."""
    text, parameters, what = question.get("text"), question.get("parameters"), question.get("what")
    if not isinstance(text, str) or not isinstance(parameters, dict) or what not in WHAT:
        raise fail("usage", "the question has no text, no parameters, or asks for nothing that there is")
    if len(text) > LONGEST_SOURCE:
        raise fail("limit", f"the text has more than {LONGEST_SOURCE:,} characters")
    few = len(parameters) <= MOST_PARAMETERS
    if not few or any(not isinstance(v, str) or len(v) > LONGEST_PARAMETER for v in parameters.values()):
        raise fail("limit", "too many parameters, or one that is too long")
    return text, {str(name): value for name, value in parameters.items()}, what


WHAT = ("lines", "page", "derivation")


def _answer(network: Network, what: str) -> dict[str, Any]:
    _, _, shapes = network.excerpt()
    found: dict[str, Any] = {
        "diagnostics": [_diagnostic(each) for each in network.diagnostics],
        "shapes": {
            str(line): "varies" if shape is None else volume(shape, "hwc") for line, shape in shapes.items()
        },
        "parameters": dict(network.graph.metadata.parameters),
    }
    if what == "page":
        found["record"] = page_record(network.summary(), derived=False)
    return found


def _derivation(network: Network, question: Mapping[str, Any]) -> str:
    """How one figure comes about."""
    summary = network.summary()
    names = [*[quantity.name for quantity in shown_quantities(summary)], "output", "rf"]
    quantity, number = question.get("quantity"), question.get("layer")
    layers = [*network.graph.inputs, *summary.layers]
    if quantity not in names:
        raise fail("usage", f"there is no quantity {quantity!r}")
    if number is not None and (not isinstance(number, int) or not 0 <= number < len(layers)):
        raise fail("usage", f"there is no layer {number!r}")
    layer = None if number is None else layers[number]
    if layer is not None and layer.index < 0:
        return f"{layer.name} is given"
    derivations = Derivations(summary, [])
    return derivations.text(layer, str(quantity))


def _diagnostic(diagnostic: Any) -> dict[str, Any]:
    """A diagnostic with the characters that it marks: where on its line, and how many."""
    found: dict[str, Any] = diagnostic.to_dict()
    span = diagnostic.span
    found["length"] = 0 if span is None else max(1, span.end - span.start)
    return found
