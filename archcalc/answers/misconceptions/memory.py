"""Misconceptions of how much is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...arithmetic import value_of
from ...ops.terms import Factor
from ..methods.counts import BYTES, CountMethod
from ..methods.sums import Sum
from .belief import CONVENTION, Variant, belief


@belief(
    "bytes a value forgotten",
    quantities=("memory", "param_bytes"),
    wrong="Ho·Wo·K",
    why="A value takes 4 bytes in single precision.",
    hint="How many bytes does one value take?",
    source="a published exercise (36 MB -> 9 MB)",
)
def bytes_forgotten(count: CountMethod) -> CountMethod | None:
    if not any(term.has(BYTES) for term in count.terms):
        return None
    return count.each(lambda term: term.without(BYTES))


@belief(
    "batch forgotten",
    quantities=("memory", "macs", "flops"),
    wrong="for one image",
    why="Every image of the batch has activations of its own.",
    hint="For how many images?",
    source="Géron, Hands-On Machine Learning, an exercise (565 MB -> 54 MB)",
)
def batch_forgotten(count: CountMethod | Sum) -> CountMethod | Sum | None:
    if count.batch:
        return count.but(times=count.times[1:], batch=False)
    return count.each(_of_one_image) if isinstance(count, Sum) else None


def _of_one_image(count: CountMethod) -> CountMethod | None:
    return count.but(times=count.times[1:], batch=False) if count.batch else None


@belief(
    "forward and backward pass",
    quantities="memory",
    wrong="2·Σ",
    why="Training keeps a gradient for each value as well: about twice as much.",
    hint="For the forward pass alone, or for training?",
    source="CS231n: “only forward! ~*2 for bwd”",
    scope=CONVENTION,
)
def backward_too(whole: Sum) -> Sum:
    return whole.multiplied(2)


@belief(
    "the input left out",
    quantities="memory",
    wrong="Σ without the input",
    why="The image is kept as well, as the first of the volumes.",
    hint="Is the image among what is kept?",
    source="lectures differ in whether the first row counts",
    scope=CONVENTION,
)
def input_left_out(whole: Sum) -> Sum | None:
    return whole.keeping(lambda part: part.kind != "input")


@belief(
    "all layers' outputs in the place of those that live at once",
    quantities=("peak", "inference"),
    wrong="Σ over all layers",
    why="At inference a volume can go as soon as the next one is there: two consecutive ones "
    "are needed at a time.",
    hint="Which volumes have to be there at the same time?",
    source="Géron, Hands-On Machine Learning, first edition (12.6 MB -> 17.8 MB)",
)
def every_layer_at_once(whole: Sum) -> Sum | None:
    every = [part for part in whole.elsewhere if part.kind in ("input", "activations")]
    rest = [part for part in whole.parts if part.kind == "parameters"]
    return whole.but(parts=(*every, *rest)) if every else None


@belief(
    "values kept twice",
    quantities="memory",
    wrong="2·b·Ho·Wo·K",
    why="A layer's output is stored once: an activation is written over it, and a gradient is no activation.",
    hint="How often is each value stored?",
    source="exams that count a layer's output before and behind its activation",
    family=True,
)
def kept_twice(count: CountMethod) -> CountMethod:
    return count.multiplied(count.named("", 2))


def _of_width(count: CountMethod, width: int) -> CountMethod | None:
    """The count with another number of bytes per value."""
    if all(value_of(number) == width for term in count.terms for number in term.of(BYTES)):
        return None
    other = Factor(BYTES, count.named("b", width))
    return count.each(
        lambda term: term._replace(factors=tuple([other if f.role == BYTES else f for f in term.factors]))
    )


def _precision(width: int, called: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return belief(
        f"{width} bytes per value, as in {called} precision",
        quantities=("memory", "param_bytes"),
        wrong=f"{width}·Ho·Wo·K",
        why="The task says in which type values are stored: in single precision, if it says "
        "nothing, which takes 4 bytes.",
        hint="How many bytes does one value take here?",
        source="exams in which fp16 is taken for fp32, or the reverse",
    )


@_precision(2, "half")
def half_precision(count: CountMethod) -> CountMethod | None:
    return _of_width(count, 2)


@_precision(4, "single")
def single_precision(count: CountMethod) -> CountMethod | None:
    return _of_width(count, 4)


@_precision(8, "double")
def double_precision(count: CountMethod) -> CountMethod | None:
    return _of_width(count, 8)


@belief(
    "bytes of the parameters in the place of the activations",
    quantities="memory",
    wrong="b·(F·F·C + 1)·K",
    why="Asked is what is stored of the values that a layer puts out. Its parameters are stored besides.",
    hint="Is the question about what a layer puts out, or about what it learns?",
    source="exams in which a layer's parameters are taken for its activations",
    family=True,
)
def weights_stored(method: CountMethod | Sum) -> Iterator[Variant]:
    alone = "bytes of the parameters in the place of the activations"
    both = "bytes of the parameters counted with the activations"
    if isinstance(method, Sum):
        if method.learned:
            yield Variant(alone, method.but(parts=method.learned))
            yield Variant(both, method.but(parts=(*method.parts, *method.learned)))
    elif method.learned is not None:
        yield Variant(alone, method.learned)
        if not method.batch:
            yield Variant(both, method.but(terms=(*method.terms, *method.learned.terms)))
