"""Misconceptions of how far a unit sees."""

from __future__ import annotations

from ...arithmetic import value_of
from ..methods.windows import ADDED, LAST, MULTIPLIED, Field, Path
from .entry import CONVENTION, entry

_WESLEYAN = "Texas Wesleyan University, a quiz"


@entry(
    "kernels-added", "kernels added up", Field,
    wrong="Σ F",
    tell="The first layer sees F positions. Each one after it adds F − 1 to both rims together.",
    hint="What do two windows have in common that lie side by side?",
    source=f"{_WESLEYAN} (5 -> 6)",
)  # fmt: skip
def _(field: Field) -> Field | None:
    return field.each(lambda path: path.but(how=ADDED) if len(path.steps) > 1 else None)


@entry(
    "kernels-multiplied", "kernels multiplied", Field,
    wrong="Π F",
    tell="Neighbouring windows overlap: a layer adds F − 1 positions, as far apart as the "
         "strides before it say.",
    hint="What do two windows have in common that lie side by side?",
    source=f"{_WESLEYAN} (5 -> 9)",
)  # fmt: skip
def _(field: Field) -> Field | None:
    return field.each(lambda path: path.but(how=MULTIPLIED) if len(path.steps) > 1 else None)


@entry(
    "last-kernel", "the last kernel only", Field,
    wrong="F",
    tell="That is how far it sees in the layer before. Each position there sees further.",
    hint="What does a position of the layer before see?",
    source=f"{_WESLEYAN} (5 -> 3)",
)  # fmt: skip
def _(field: Field) -> Field | None:
    return field.each(lambda path: path.but(how=LAST) if len(path.steps) > 1 else None)


@entry(
    "strides-forgotten", "strides forgotten", Field,
    wrong="1 + Σ (F − 1)",
    tell="Behind a stride, neighbouring positions are further apart in the image: F − 1 counts "
         "times the product of the strides before.",
    hint="How far apart in the image are two neighbours of this layer's input?",
    source="KTU, an answer key (16 -> 11)",
)  # fmt: skip
def _(field: Field) -> Field | None:
    def change(path: Path) -> Path | None:
        steps = tuple([step._replace(stride=1) for step in path.steps])
        return path.but(steps=steps) if any(value_of(s.stride) != 1 for s in path.steps) else None

    return field.each(change)


@entry(
    "pools-left-out", "pooling layers left out", Field,
    wrong="1 + Σ (F − 1)·J over convolutions",
    tell="A pooling window widens the field like any other, and its stride counts for all layers "
         "behind it.",
    hint="Which layers have a window?",
    source="KTU, a list of pitfalls (16 -> 9)",
)  # fmt: skip
def _(field: Field) -> Field | None:
    def change(path: Path) -> Path | None:
        kept = tuple([step for step in path.steps if not step.pools])
        return path.but(steps=kept) if 0 < len(kept) < len(path.steps) else None

    return field.each(change)


@entry(
    "own-stride", "a layer's own stride counted for itself", Field,
    wrong="1 + Σ (F − 1)·J·S",
    tell="A layer reads positions that are as far apart as the strides before it say. Its own "
         "stride counts for the layers behind it.",
    hint="From which layer on does a stride count?",
    source="a common reading of the recursion (16 -> 19)",
)  # fmt: skip
def _(field: Field) -> Field | None:
    def change(path: Path) -> Path | None:
        if all(value_of(step.stride) == 1 for step in path.steps):
            return None
        return path.but(steps=tuple([step._replace(own=True) for step in path.steps]))

    return field.each(change)


@entry(
    "layers-reversed", "layers taken in reverse order", Field,
    wrong="1 + Σ (F − 1)·(product of the strides behind)",
    tell="The strides that count for a layer are those of the layers between it and the image.",
    hint="Which layers lie between this one and the image?",
    source="frgfm/torch-scan#33 (212 -> 308)",
)  # fmt: skip
def _(field: Field) -> Field | None:
    return field.each(lambda path: path.but(steps=path.steps[::-1]))


@entry(
    "output-size-for-field", "size of the output in the place of the field", Field,
    wrong="⌊(W − F + 2·P) / S⌋ + 1",
    tell="That is how many positions the layer puts out. The field is what one of them sees.",
    hint="Is the question about the layer's output or about one unit of it?",
    source="a course's own solution",
    family=True,
)  # fmt: skip
def _(field: Field) -> Field | None:
    return field.each(
        lambda path: path.but(steps=(), start=path.size) if path.size > 1 else None
    )


@entry(
    "field-before", "the field of the layer before", Field,
    wrong="r of the layer before",
    tell="The layer itself widens the field by (F − 1)·J.",
    hint="Which layer is asked about?",
    source="vlfeat/matconvnet#854 (48 -> 40)",
)  # fmt: skip
def _(field: Field) -> Field | None:
    return field.each(
        lambda path: path.but(steps=path.steps[:-1]) if len(path.steps) > 1 else None
    )


@entry(
    "field-clipped", "cut off at the rim of the image", Field,
    wrong="min(r, W)",
    tell="A field may be larger than the image: it reaches into the padding.",
    hint="Does the field end where the image ends?",
    source="Araujo et al., Distill 2019, do not cut it off (483 for 224)",
    scope=CONVENTION,
)  # fmt: skip
def _(field: Field) -> Field | None:
    return field.each(lambda path: path.but(limit=True))
