"""Misconceptions of sums over a network."""

from __future__ import annotations

from collections.abc import Iterator

from ...ops.terms import BIAS, DEPTH, FILTERS, KERNEL, UNIT, WEIGHT, Factor, Term, factors
from ..methods.counts import CountMethod
from ..methods.sums import Addend, Sum
from .belief import CATALOGUE, CONVENTION, Variant, belief

# In longer sums a layer left out or counted twice explains too much.
MOST = 40


@belief(
    "biases not counted",
    quantities="params",
    wrong="Σ F·F·C·K",
    why="Tables that count weights only leave K out for every layer.",
    hint="Does the count include the biases?",
    source="CS231n, the table of VGG-16: 138,344,128 for 138,357,544",
    scope=CONVENTION,
)
def biases_not_counted(whole: Sum) -> Sum | None:
    return whole.each(lambda count: count.dropping(BIAS))


@belief(
    "biases of the fully connected layers forgotten",
    quantities="params",
    wrong="Σ, with H·W·C·K for fully connected layers",
    why="A fully connected unit has a bias as well.",
    hint="Which layers have biases?",
    source="DataCamp, an option (15,782 -> 1,668, and channels forgotten)",
)
def dense_biases_forgotten(whole: Sum) -> Sum | None:
    if all(part.kind == "fc" for part in whole.parts):
        return None
    return whole.each(lambda count: None if count.has_positions else count.dropping(BIAS))


@belief(
    "biases of one layer forgotten",
    quantities="params",
    wrong="Σ, with F·F·C·K for one layer",
    why="Every layer has its biases: all the others are in the sum.",
    hint="Is there a bias for each unit of every layer, the hidden ones too?",
    source="a lecture's network of one hidden layer (480,002,001 -> 480,001,001)",
    family=True,
)
def one_layers_biases_forgotten(whole: Sum) -> Iterator[Variant]:
    if 1 < len(whole.parts) <= MOST:
        for bare in whole.parts:
            count = bare.method.dropping(BIAS)
            if count is not None:
                parts = [bare._replace(method=count) if p is bare else p for p in whole.parts]
                yield Variant(f"biases of {bare.name} forgotten", whole.but(parts=tuple(parts)))


@belief(
    "a layer left out of the sum",
    wrong="Σ without one layer",
    why="One layer is missing in the sum.",
    hint="Are all layers in the sum?",
    source="Texas Wesleyan University, a quiz (27,210 -> 27,050)",
    family=True,
)
def layer_left_out(whole: Sum) -> Iterator[Variant]:
    if len(whole.parts) > 1:
        ends = [part for part in whole.parts if part.kind == "fc"][-1:]  # networks without a head
        for left in whole.parts if len(whole.parts) <= MOST else ends:
            method = whole.keeping(lambda part, left=left: part is not left)  # type: ignore[misc]
            if method is not None:
                yield Variant(f"{left.name} left out of the sum", method)


@belief(
    "a layer twice in the sum",
    wrong="Σ + one layer",
    why="One layer is in the sum twice.",
    hint="Is every layer in the sum once?",
    source="Texas Wesleyan University, a quiz (27,210 -> 27,370)",
    family=True,
)
def layer_twice(whole: Sum) -> Iterator[Variant]:
    if 1 < len(whole.parts) <= MOST:
        for twice in whole.parts:
            at = whole.parts.index(twice)
            parts = (*whole.parts[: at + 1], *whole.parts[at:])
            yield Variant(f"{twice.name} twice in the sum", whole.but(parts=parts))


@belief(
    "shared parameters counted for every layer that uses them",
    quantities=("params", "weights"),
    wrong="Σ, with what is shared more than once",
    why="Layers that share their parameters have them once between them.",
    hint="Which layers use the same parameters?",
    source="an exam on a siamese network, a branch counted twice",
    special=True,
)
def shared_twice(whole: Sum) -> Sum | None:
    return whole.but(parts=(*whole.parts, *whole.shared)) if whole.shared else None


@belief(
    "one layer in the place of the sum",
    wrong="one layer",
    why="That is what one layer adds. The sum goes over all of them.",
    hint="What is asked: a layer or the network?",
    source="Texas Wesleyan University, a quiz",
    family=True,
)
def one_layer_only(whole: Sum) -> Iterator[Variant]:
    if 1 < len(whole.parts) <= MOST:
        for only in whole.parts:
            yield Variant(f"{only.name} alone in the place of the sum", whole.but(parts=(only,)))


@belief(
    "fully connected layers left out",
    quantities=("params", "weights", "biases", "neurons"),
    wrong="Σ over convolutions",
    why="Fully connected layers have weights as well, and often most of them.",
    hint="Which layers are in the sum?",
    source="totals of convolutions alone, given for a whole network",
)
def dense_left_out(whole: Sum) -> Sum | None:
    return whole.keeping(lambda part: part.kind != "fc")


@belief(
    "convolutions only",
    quantities=("macs", "flops"),
    wrong="Σ over convolutions",
    why="Papers often count the operations of convolutions alone.",
    hint="Are the fully connected layers among what is counted?",
    source="VGG-16 as 15.3 G, of which fully connected layers are 0.12 G",
    scope=CONVENTION,
)
def convolutions_only(whole: Sum) -> Sum | None:
    return whole.keeping(lambda part: part.kind == "conv")


@belief(
    "convolutions left out",
    wrong="Σ over fully connected layers",
    why="Convolutions count as well.",
    hint="Which layers are in the sum?",
    source="the counterpart of leaving out the fully connected ones",
)
def convolutions_left_out(whole: Sum) -> Sum | None:
    return whole.keeping(lambda part: part.kind != "conv")


@belief(
    "normalisations left out",
    quantities=("params", "weights"),
    wrong="Σ over convolutions and fully connected layers",
    why="A normalisation learns a scale and a shift per channel: 2·C parameters.",
    hint="Which layers learn something?",
    source="tables that list convolutions only",
)
def norms_left_out(whole: Sum) -> Sum | None:
    return whole.keeping(lambda part: part.kind != "norm")


@belief(
    "a pooling layer among the parameters",
    quantities=("params", "weights"),
    wrong="Σ + (F·F·C + 1)·C",
    why="A pooling layer has nothing to learn, and adds nothing to the sum.",
    hint="Which layers have parameters?",
    source="a lecture's table of VGG-16: 138,423,208 for 138,357,544",
    family=True,
)
def pool_in_sum(whole: Sum) -> Iterator[Variant]:
    for pool in whole.elsewhere:
        for words, method in CATALOGUE["pool-parameters"].applied(pool.method):
            assert isinstance(method, CountMethod)
            more = whole.but(parts=(*whole.parts, Addend(pool.name, pool.kind, method)))
            words = words.replace("pooling layer", f"pooling layer {pool.name}")
            yield Variant(words, more)


@belief(
    "depthwise and pointwise layer counted as one ordinary convolution",
    quantities=("params", "weights", "macs", "flops"),
    wrong="(F·F·C + 1)·K",
    why="A separable convolution is two layers: F·F weights per channel, then a 1x1 convolution.",
    hint="How many layers is a depthwise separable convolution?",
    source="deeplearning.ai, a thread (542 -> 3,584)",
)
def separable_as_ordinary(whole: Sum) -> Sum | None:
    parts: list[Addend] = []
    for part in whole.parts:
        before = parts[-1] if parts else None
        joined = _joined(before.method, part.method) if before is not None else None
        if joined is None:
            parts.append(part)
        else:
            parts[-1] = part._replace(method=joined)
    return whole.but(parts=tuple(parts)) if len(parts) < len(whole.parts) else None


def _joined(depthwise: CountMethod, pointwise: CountMethod) -> CountMethod | None:
    """The ordinary convolution with the window of the one and the filters of the other."""
    first, second = depthwise.term(WEIGHT), pointwise.term(WEIGHT)
    if first is None or second is None or not first.depthwise:
        return None
    if not (second.has(KERNEL) and second.has(DEPTH)):
        return None
    filters = factors(FILTERS, second.of(FILTERS))
    kernel = factors(KERNEL, first.of(KERNEL))
    depth = Factor(DEPTH, depthwise.channels)
    terms = [Term(WEIGHT, (*kernel, depth, *filters), second.at)]
    if pointwise.term(BIAS) is not None:
        terms.append(Term(BIAS, (Factor(UNIT, 1), *filters)))
    return pointwise.but(terms=tuple(terms))
