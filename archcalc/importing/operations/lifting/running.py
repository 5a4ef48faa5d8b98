"""Makes the layers of one operation: by its rule, or as an opaque one."""

from __future__ import annotations

from ..recording import Operation
from .given import UnliftedError
from .lifter import RULES, Lifter
from .placements import Placement
from .unknown import opaque


def run(lifter: Lifter, operation: Operation) -> None:
    """Make the layers of an operation."""
    lifter.operation = operation
    mark = lifter.mark()
    found = RULES.get(operation.name)
    try:
        if found is None:
            raise UnliftedError(f"no rule for {operation.target}")
        made = found(lifter, operation)
        views = [made] if made is None or isinstance(made, Placement) else list(made)
        for value, view in zip(operation.outputs, views, strict=False):
            if view is not None and view.sizes != value.sizes:
                raise UnliftedError(f"{operation.target}: {view.sizes} for {value.sizes}")
        if not any(views):
            raise UnliftedError(f"{operation.target}: no output has a layer")
        views += [None] * (len(operation.outputs) - len(views))
        for value, view in zip(operation.outputs, views, strict=True):
            # A tensor without a layer would be taken for a constant, and all before it would be lost.
            if view is None and lifter.is_read(value) and all(value.sizes):
                raise UnliftedError(f"{operation.target}: an output without a layer is read")
    except (
        UnliftedError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        StopIteration,
        AssertionError,
    ) as why:
        # What is no UnliftedError is a fault of a rule: the layer is opaque, and the tests see the reason.
        lifter.back(mark)
        words = str(why) if isinstance(why, UnliftedError) else f"a fault of its rule, {why!r}"
        reason = f"{operation.target}: {words}"
        if "the batch" in words and not lifter.mixed:
            lifter.mixed = f"{operation.name} in {operation.call.path or operation.call.kind}"
        lifter.reasons[reason] = lifter.reasons.get(reason, 0) + 1
        try:
            views = list(opaque(lifter, operation, words))
        except UnliftedError:
            # A tensor without a single value is no output of a layer. What reads it goes on from the rest.
            lifter.back(mark)
            views = []
    for value, view in zip(operation.outputs, views, strict=False):
        if view is not None:
            lifter.placements[value.index] = view
