"""The diagnosis of a question that has one right answer."""

from __future__ import annotations

from ..diagnostics import fail
from .diagnosis import Diagnosis
from .question import Question

# The most layers without a rule that are named.
MOST_NAMES = 5


def diagnosed(asked: Question) -> Diagnosis:
    """The diagnosis of a question. Raises SpecError for one that archcalc cannot answer."""
    uncounted = asked.uncounted
    if uncounted:
        names = [layer.name for layer in uncounted[:MOST_NAMES]]
        if len(uncounted) > MOST_NAMES:
            names.append(f"{len(uncounted) - MOST_NAMES:,} more")
        raise fail(
            "question",
            f"there is no one right answer for {asked.name}: what archcalc counts is a lower bound",
            f"it has no rule for {', '.join(names)}",
        )
    diagnosis = Diagnosis(asked)
    if diagnosis.value is None:
        inputs = asked.graph.inputs
        if asked.quantity in ("rf", "stride", "start") and not any(len(at.output) > 1 for at in inputs):
            raise fail("question", f"{asked.name} is of positions of the input, and a vector has none")
        what = asked.layer.op.name if asked.layer is not None else "some layers"
        raise fail("question", f"there is no rule for {asked.name}: {what}")
    return diagnosis
