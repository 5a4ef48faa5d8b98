"""From the text of a spec to what an editor shows of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..diagnostics import Diagnostic, SpecError, fail
from ..network import Network
from ..report.page.derivations import Derivations
from ..report.page.network import page_record, shown_quantities
from ..report.words import volume
from ..shape import Shape
from ..texts import LONGEST_SOURCE

# Layers of a network that is computed while somebody types, at most.
MOST_LAYERS = 5000
# Parameters that are given, at most, and characters of each.
MOST_PARAMETERS, LONGEST_PARAMETER = 100, 40
# What a text is called in messages.
STDIN = "<stdin>"
# Networks of a text among which one is chosen, at most.
MOST_NETS = 200
_NET = re.compile(r"^net[ ]+([A-Za-z_]\w{0,99})", re.MULTILINE)


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """Answer an editor.

    Args:
        question: ``text``, the spec; ``parameters``, values by name; ``net``, the name of one of its
            networks, where it holds several; ``what``: ``lines`` for diagnostics, the shape behind each
            line and parameters; ``page`` for the record of the page too; ``derivation`` for how the
            figure of a ``quantity`` comes about, of the layer whose number is ``layer``, or of the whole
            where it is None.

    Returns:
        ``diagnostics``, ``nets`` and the ``net`` that is meant, and what was asked for; of a text with
        errors nothing else.

    Example:
        >>> from archcalc.serving.answering import answer
        >>> found = answer({"text": "8x8x3 -> conv 3x3 4", "parameters": {}, "what": "lines"})
        >>> found["diagnostics"], found["shapes"]
        ([], {'1': '6x6x4'})
    """
    found: dict[str, Any] = {"nets": [], "net": None}
    try:
        text, parameters, what = _question(question)
        nets = list(dict.fromkeys(_NET.findall(text)))[:MOST_NETS]
        if len(nets) > 1:
            net = question.get("net")
            found = {"nets": nets, "net": net if net in nets else nets[0]}
        network = _network(text, found["net"], tuple(sorted(parameters.items())))
        if what == "derivation":
            return {"diagnostics": [], "derivation": _derivation(network, question)}
        return {**found, **_answer(network, what)}
    except SpecError as error:
        return {**found, "diagnostics": [diagnostic_record(each) for each in error.diagnostics]}


@lru_cache(maxsize=2)
def _network(text: str, net: str | None, given: tuple[tuple[str, str], ...]) -> Network:
    """The network of a text; the last ones are kept, as several questions are about one. Raises SpecError."""
    target = "-" if net is None else f"-:{net}"
    network = Network.of(target, stdin=text, budget=MOST_LAYERS)
    # A parameter may be gone from the text, and its slider not yet.
    known = {name: value for name, value in given if name in network.graph.metadata.parameters}
    return Network.of(target, None, known, stdin=text, budget=MOST_LAYERS) if known else network


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
    shapes = _shapes(network)
    found: dict[str, Any] = {
        "diagnostics": [diagnostic_record(each) for each in network.diagnostics],
        "shapes": {
            str(line): "varies" if shape is None else volume(shape, "hwc") for line, shape in shapes.items()
        },
        "parameters": dict(network.graph.metadata.parameters),
    }
    if what == "page":
        found["record"] = page_record(network.summary(), derived=False)
    return found


def _shapes(network: Network) -> dict[int, Shape | None]:
    """By line of the text the shape that it puts out; None where what it calls differs."""
    origins = [(layer, layer.origin) for layer in network.graph.layers if layer.origin is not None]
    if not origins:
        return network.excerpt()[2]
    # Text of another tool: the spec that is written from it has other lines.
    shapes: dict[int, Shape | None] = {}
    for layer, origin in origins:
        if origin.source is not None and origin.source[0] == STDIN:
            line, shape = origin.source[1], layer.output
            shapes[line] = shape if shapes.get(line, shape) == shape else None
    return shapes


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


def fault_record(error: Exception) -> dict[str, Any]:
    """Write a fault of archcalc as an answer: the editor goes on.

    Args:
        error: What was raised.

    Returns:
        An answer with one diagnostic.

    Example:
        >>> from archcalc.serving.answering import fault_record
        >>> fault_record(KeyError("a"))["diagnostics"][0]["message"]
        "archcalc has a fault: KeyError: 'a'"
    """
    if isinstance(error, MemoryError):
        return failed_record("this takes more memory than there is for it")
    return failed_record(f"archcalc has a fault: {type(error).__name__}: {error}"[:500])


def failed_record(message: str) -> dict[str, Any]:
    """Write an answer that is one error.

    Args:
        message: What there is to say.

    Returns:
        The answer; which networks the text has is not known.
    """
    records = [diagnostic_record(each) for each in fail("limit", message).diagnostics]
    return {"diagnostics": records, "nets": None, "net": None}


def diagnostic_record(diagnostic: Diagnostic) -> dict[str, Any]:
    """Write a diagnostic with the characters that it marks.

    Args:
        diagnostic: What there is to say.

    Returns:
        Its JSON form, and as ``length`` how many characters it marks on its line, from ``column`` on. What
        stands in another file than the text has its place in the message, and marks nothing.

    Example:
        >>> from archcalc.diagnostics import fail
        >>> from archcalc.serving.answering import diagnostic_record
        >>> record = diagnostic_record(fail("limit", "too long").diagnostics[0])
        >>> record["message"], record["line"], record["length"]
        ('too long', None, 0)
    """
    found: dict[str, Any] = diagnostic.to_dict()
    span = diagnostic.span
    found["length"] = 0 if span is None else max(1, span.end - span.start)
    if span is not None and span.source.name != STDIN:
        found.update(message=f"{span}: {diagnostic.message}", line=None, column=None, length=0)
    return found
