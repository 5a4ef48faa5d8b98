"""Misconceptions of what layers move on a device, and of how long that takes."""

from __future__ import annotations

from collections.abc import Iterator

from ..methods.rooflines import ADDED, COMPUTING, INPUTS, MOVING, OUTPUTS, PARAMETERS, SLOWER, RooflineMethod
from .belief import CONVENTION, Variant, belief

_WHY = "A layer reads its inputs and its parameters from the memory, and writes its output there."
_HINT = "What does a layer read, and what does it write?"
_SOURCE = "the roofline of a layer, from which one of the three is left out"


@belief(
    "one side of the roof alone",
    quantities="time",
    wrong="bytes / bandwidth, or operations / peak",
    why="The slower of the two sides bounds the time of a layer: moving its bytes, or computing.",
    hint="Does the layer wait for the memory, or for computing?",
    special=True,
    source="times that are operations divided by the peak, whatever is moved",
)
def one_side_of_the_roof(method: RooflineMethod) -> Iterator[Variant]:
    if method.side == SLOWER and method.operations:
        one = len(method.layers) == 1
        memory, compute = (
            (", where the memory bounds it", ", where computing bounds it")
            if one
            else (" alone in every layer", " alone in every layer")
        )
        yield Variant(f"the time of computing{memory}", method.but(side=COMPUTING))
        yield Variant(f"the time of moving{compute}", method.but(side=MOVING))


@belief("the outputs forgotten", wrong="inputs + parameters", why=_WHY, hint=_HINT, source=_SOURCE)
def outputs_unmoved(method: RooflineMethod) -> RooflineMethod | None:
    return method.without(OUTPUTS)


@belief("the inputs forgotten", wrong="parameters + outputs", why=_WHY, hint=_HINT, source=_SOURCE)
def inputs_unmoved(method: RooflineMethod) -> RooflineMethod | None:
    return method.without(INPUTS)


@belief("the parameters forgotten", wrong="inputs + outputs", why=_WHY, hint=_HINT, source=_SOURCE)
def parameters_unmoved(method: RooflineMethod) -> RooflineMethod | None:
    return method.without(PARAMETERS)


@belief(
    "one image in the place of the batch",
    wrong="for one image",
    why="Each image of the batch is read, computed and written; the parameters are read once for all.",
    hint="For how many images?",
    source="the same mistake in memory and MACs",
)
def one_image_moved(method: RooflineMethod) -> RooflineMethod | None:
    return None if method.one is None else method.but(layers=method.one, one=None, images=1)


@belief(
    "the parameters read again for each image",
    wrong="N·(inputs + parameters + outputs)",
    why="A batch reads the parameters once, which is why larger batches use a device better.",
    hint="How often are the parameters read for a batch?",
    source="figures of one image that are multiplied by the batch",
)
def parameters_moved_again(method: RooflineMethod) -> RooflineMethod | None:
    if method.one is None:
        return None
    layers = [
        at._replace(moved={**at.moved, PARAMETERS: method.images * at.moved[PARAMETERS]})
        for at in method.layers
    ]
    found = method.but(layers=tuple(layers))
    return found if found.bytes != method.bytes else None


@belief(
    "bits in the place of bytes",
    wrong="8·bytes",
    why="A byte is eight bits, and bandwidths are stated in bytes a second.",
    hint="In which unit is the bandwidth stated?",
    source="widths of types, as fp16, that are taken for bytes",
)
def bits_for_bytes(method: RooflineMethod) -> RooflineMethod:
    return method.but(scale=method.scale * 8)


@belief(
    "values in the place of bytes",
    wrong="bytes / width",
    why="A value takes as many bytes as its type has: 4 in single precision.",
    hint="How many bytes does one value take?",
    source="the same mistake in memory",
)
def values_for_bytes(method: RooflineMethod) -> RooflineMethod | None:
    return method.but(scale=method.scale / method.width) if method.width > 1 else None


@belief(
    "a multiply-add taken for one operation",
    quantities=("intensity", "time"),
    wrong="MACs / bytes",
    why="A multiply-add is two operations, and the peak of a device counts both.",
    hint="How many operations is a multiply-add?",
    source="peaks in FLOPS that are divided into MACs",
)
def macs_for_operations(method: RooflineMethod) -> Iterator[Variant]:
    alone, all = method.computing(1, 0), method.computing(1, 1)
    if alone is not None and any(at.macs for at in method.layers):
        yield Variant("MACs in the place of operations", alone)
        if all is not None and all.operations != alone.operations:
            yield Variant("a multiply-add taken for one operation", all)


@belief(
    "two operations for a MAC, and no other operations",
    quantities=("intensity", "time"),
    wrong="2·MACs / bytes",
    why="Additions of biases and comparisons are operations too; most texts leave them out.",
    hint="Which operations are counted besides the multiply-adds?",
    source="texts that count 2·MACs alone",
    scope=CONVENTION,
)
def products_alone(method: RooflineMethod) -> RooflineMethod | None:
    found = method.computing(2, 0)
    return found if found is not None and found.operations != method.operations else None


@belief(
    "the times of moving and of computing added",
    quantities="time",
    wrong="bytes / bandwidth + operations / peak",
    why="A device moves and computes at the same time: the slower of the two is left.",
    hint="Can a device compute while it moves?",
    source="the roofline read as a sum",
)
def sides_of_the_roof_added(method: RooflineMethod) -> RooflineMethod:
    return method.but(side=ADDED)


@belief(
    "layers that run beside each other",
    quantities="time",
    wrong="max(Σ bytes / bandwidth, Σ operations / peak)",
    why="Of layers one after the other, the times are added; all at once they take what all bytes or all "
    "operations take.",
    hint="Do the layers run one after the other?",
    source="the second bound of `archcalc time`",
    scope=CONVENTION,
)
def layers_side_by_side(method: RooflineMethod) -> RooflineMethod | None:
    return method.but(together=True) if len(method.layers) > 1 else None


@belief(
    "bytes per operation",
    quantities="intensity",
    wrong="bytes / operations",
    why="Intensity is operations for each byte: the more of them, the less a layer waits for the memory.",
    hint="Which of the two is divided by the other?",
    source="a quotient turned round",
)
def intensity_turned(method: RooflineMethod) -> RooflineMethod | None:
    return method.but(turned=True) if method.operations else None
