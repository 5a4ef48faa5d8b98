"""How the figures of layers come about, as text; equal texts stand once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...analysis.explanation import Explanation
from ..screens.explain import (
    format_legend,
    format_notes,
    format_result,
    is_named,
    result,
    shown_formulas,
    tables,
)
from ..working import Step

if TYPE_CHECKING:
    from ...analysis.derivation import Derivation
    from ...analysis.summary import Summary
    from ...graph import Layer
    from ...quantities import Quantity

# What has a derivation besides the quantities that are one number.
SHAPES = ("output", "rf")


class Derivations:
    """Derivations of a network's figures. ``texts`` holds each once."""

    def __init__(self, summary: Summary, quantities: Iterable[Quantity]):
        self._summary = summary
        self._names = (*[quantity.name for quantity in quantities], *SHAPES)
        self._known: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        """The texts, in the order of their numbers."""
        return list(self._known)

    def of(self, layer: Layer | None) -> list[int]:
        """The numbers of the texts of a layer, or of the whole: the quantities in their order, then output
        and field."""
        texts = [self.text(layer, name) for name in self._names]
        return [self._known.setdefault(text, len(self._known)) for text in texts]

    def text(self, layer: Layer | None, quantity: str) -> str:
        """How a figure comes about."""
        summary = self._summary
        explanation = Explanation(summary.graph, layer, quantities=(quantity,), summary=summary)
        return "\n\n".join([_text(explanation, each) for each in explanation.derivations])


def _text(explanation: Explanation, derivation: Derivation) -> str:
    """The working of a quantity: formulas with their numbers, notes, where the rule is from."""
    lines = [f"{derivation.quantity} {format_result(derivation)}"]
    for formula in shown_formulas(derivation, True):
        step = Step(formula, is_named(derivation, True), "".join(result(derivation, formula)))
        lines += step.texts
    if derivation.terms:
        for grid in tables(explanation, derivation, True):
            lines += ["".join([part for part, _ in line]).rstrip() for line in grid.lines()]
    lines += format_notes(derivation)
    if derivation.source:
        lines.append(f"from {derivation.source}")
    legend = [] if derivation.terms else format_legend(explanation)
    if legend:
        lines.append(" · ".join(legend))
    return "\n".join(lines)
