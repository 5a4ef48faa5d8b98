"""Questions about layers that are given a matrix, for ``archcalc.check()``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..answers.conventions import Conventions
    from ..answers.quiz_item import QuizItem


class HandedMatrices(NamedTuple):
    """What layers are given, as ``archcalc.apply`` takes it."""

    on: Any
    kernels: Any = None
    biases: Any = None
    statistics: Mapping[str, Any] | None = None
    flip: bool = False

    def item(
        self, layers: Any, ask: str, conventions: Conventions, points: Fraction, digits: int | None
    ) -> QuizItem:
        """A question about the layers. Raises SpecError, and TypeError for layers that are no text."""
        from ..answers.matrices.items import matrix_item
        from ..answers.question import Subject
        from .applying import apply

        if not isinstance(layers, str):
            raise TypeError(f"layers that are given a matrix are a text, not {type(layers).__name__}")
        made = apply(
            layers,
            self.on,
            self.kernels,
            self.biases,
            self.statistics,
            flip=self.flip,
            layout=conventions["layout"],
        ).applied
        return matrix_item(
            Subject(made.graph), made, ask, conventions, self.flip, points=points, digits=digits
        )


def matrix_text(answer: Any) -> str:
    """An answer as a student would write it: nested lists and arrays in brackets."""
    if answer is None:
        return ""
    found = answer.tolist() if hasattr(answer, "tolist") else answer
    return _bracketed(found) if isinstance(found, (list, tuple)) else str(found)


def _bracketed(values: Any) -> str:
    if isinstance(values, (list, tuple)):
        return f"[{', '.join(map(_bracketed, values))}]"
    return str(values)
