"""Memory of training: parameters, gradients, optimizer state, what is kept; and what fits."""

from __future__ import annotations

from typing import NamedTuple

from .totals import DTYPES


class Optimizer(NamedTuple):
    """An optimizer, and what it remembers of every trained value."""

    title: str
    state: tuple[str, ...]


# By the name that --optimizer takes. PyTorch's torch.optim with its defaults, except that momentum
# is SGD with momentum (Nesterov's too); step counters, one per tensor, are not counted.
OPTIMIZERS = {
    "sgd": Optimizer("SGD", ()),
    "momentum": Optimizer("SGD with momentum", ("momentum",)),
    "adagrad": Optimizer("Adagrad", ("sum of squares",)),
    "rmsprop": Optimizer("RMSprop", ("mean of squares",)),
    "adadelta": Optimizer("Adadelta", ("mean of squares", "mean of squared steps")),
    "adam": Optimizer("Adam", ("first moment", "second moment")),
    "adamw": Optimizer("AdamW", ("first moment", "second moment")),
}

# The type of master copies and of the optimizer's state in mixed precision.
MASTER = "fp32"


class TrainingShare(NamedTuple):
    """One line of the breakdown of what training holds: ``values`` of ``dtype`` take ``bytes``.
    Where values of several types stand together, there are no ``values`` and no ``dtype``."""

    what: str
    dtype: str | None
    values: int | None
    bytes: int


def breakdown(
    optimizer: str, dtype: str, mixed: bool, params: int, trainable: int, buffers: int, saved_bytes: int
) -> list[TrainingShare]:
    """The lines of what training holds, which add up to all of it but the library's workspace and
    the gradients of activations in passing.

    ``mixed`` is mixed precision: parameters and gradients of ``dtype`` beside an fp32 master copy
    and optimizer state (arXiv:1710.03740; arXiv:1910.02054, section 3.1). Otherwise everything is
    of ``dtype``. ``saved_bytes`` is what is kept for the backward pass.
    """
    found: list[TrainingShare] = []

    def add(what: str, kind: str, values: int) -> None:
        if values:
            found.append(TrainingShare(what, kind, values, values * DTYPES[kind]))

    state = MASTER if mixed else dtype
    add("parameters", dtype, params)
    if mixed:
        add("master copy", MASTER, trainable)
    add("gradients", dtype, trainable)
    for name in OPTIMIZERS[optimizer].state:
        add(name, state, trainable)
    add("buffers", state, buffers)
    found.append(TrainingShare("kept for backward", None, None, saved_bytes))
    return found


def largest_batch(memory_limit: int, one: int, two: int) -> int | None:
    """The largest batch that takes at most ``memory_limit`` bytes, where ``one`` element takes ``one`` and
    two take ``two``, and more take in proportion; 0 if not even one fits, None if any does."""
    if one > memory_limit:
        return 0
    step = two - one
    return 1 + (memory_limit - one) // step if step else None
