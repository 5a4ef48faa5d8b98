"""Misconceptions of how much is stored."""

from __future__ import annotations

from ..methods.counts import BYTES, Count
from ..methods.sums import Sum
from .entry import CONVENTION, entry


@entry(
    "bytes-forgotten", "bytes a value forgotten", Count, "memory",
    wrong="Ho·Wo·K",
    tell="A value takes 4 bytes in single precision.",
    hint="How many bytes does one value take?",
    source="a published exercise (36 MB -> 9 MB)",
)  # fmt: skip
def _(count: Count) -> Count | None:
    if not any(term.has(BYTES) for term in count.terms):
        return None
    return count.but(terms=tuple([term.without(BYTES) for term in count.terms]))


@entry(
    "batch-forgotten", "batch forgotten", (Count, Sum), "memory", "macs", "flops",
    wrong="for one image",
    tell="Every image of the batch has activations of its own.",
    hint="For how many images?",
    source="Géron, Hands-On Machine Learning, an exercise (565 MB -> 54 MB)",
)  # fmt: skip
def _(count: Count | Sum) -> Count | Sum | None:
    if count.batch:
        return count.but(times=count.times[1:], batch=False)
    return count.each(_of_one_image) if isinstance(count, Sum) else None


def _of_one_image(count: Count) -> Count | None:
    return count.but(times=count.times[1:], batch=False) if count.batch else None


@entry(
    "backward-too", "forward and backward pass", Sum, "memory",
    wrong="2·Σ",
    tell="Training keeps a gradient for each value as well: about twice as much.",
    hint="For the forward pass alone, or for training?",
    source="CS231n: “only forward! ~*2 for bwd”",
    scope=CONVENTION,
)  # fmt: skip
def _(whole: Sum) -> Sum:
    return whole.multiplied(2)


@entry(
    "input-left-out", "the input left out", Sum, "memory",
    wrong="Σ without the input",
    tell="The image is kept as well, as the first of the volumes.",
    hint="Is the image among what is kept?",
    source="lectures differ in whether the first row counts",
    scope=CONVENTION,
)  # fmt: skip
def _(whole: Sum) -> Sum | None:
    return whole.keeping(lambda part: part.kind != "input")


@entry(
    "every-layer-at-once", "all layers' outputs in the place of those that live at once", Sum,
    "peak", "inference",
    wrong="Σ over all layers",
    tell="At inference a volume can go as soon as the next one is there: two consecutive ones "
         "are needed at a time.",
    hint="Which volumes have to be there at the same time?",
    source="Géron, Hands-On Machine Learning, first edition (12.6 MB -> 17.8 MB)",
)  # fmt: skip
def _(whole: Sum) -> Sum | None:
    every = [part for part in whole.elsewhere if part.kind in ("input", "activations")]
    rest = [part for part in whole.parts if part.kind == "parameters"]
    return whole.but(parts=(*every, *rest)) if every else None
