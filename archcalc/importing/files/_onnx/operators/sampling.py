"""What reads a map at places that another tensor gives, puts values back, or fits a map to a size."""

from __future__ import annotations

from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule

MODES = {"bilinear": 0, "linear": 0, "nearest": 1, "bicubic": 2, "cubic": 2}
OUTSIDE = {"zeros": 0, "border": 1, "reflection": 2}


def choice(node: OnnxNode, name: str, choices: dict[str, int], default: str) -> int:
    """The number of a word that an attribute says."""
    word = node.text(name, default)
    if word not in choices:
        node.refuse(f"its {name} is {word}, and none of {', '.join(choices)}")
    return choices[word]


@rule("GridSample")
def grid_sample(reader: OnnxReader, node: OnnxNode) -> Outputs:
    mode, outside = choice(node, "mode", MODES, "bilinear"), choice(node, "padding_mode", OUTSIDE, "zeros")
    aligned = bool(node.int("align_corners"))
    return reader.do("grid_sampler", node.value(0), node.value(1), mode, outside, aligned)


@rule("AffineGrid")
def affine_grid(reader: OnnxReader, node: OnnxNode) -> Outputs:
    size = node.sizes(1)
    return reader.do("affine_grid_generator", node.value(0), size, bool(node.int("align_corners")))


@rule("Col2Im")
def columns_to_image(reader: OnnxReader, node: OnnxNode) -> Outputs:
    size, kernel = node.numbers(1), node.numbers(2)
    axes = len(size)
    pads = node.ints("pads") or (0,) * (2 * axes)
    if axes != 2 or pads[:axes] != pads[axes:]:
        return node.unknown()
    stride, dilation = [node.ints(name) or (1,) * axes for name in ("strides", "dilations")]
    return reader.do("col2im", node.value(0), size, kernel, dilation, pads[:axes], stride)


@rule("MaxUnpool")
def max_unpool(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    axes = len(x.sizes) - 2
    kernel = node.ints("kernel_shape")
    stride, pads = node.ints("strides") or (1,) * axes, node.ints("pads") or (0,) * (2 * axes)
    if node.has(2):
        size = node.pair(2)[0][2:]
    else:
        size = tuple(
            [
                (n - 1) * s + k - pads[at] - pads[at + axes]
                for at, (n, s, k) in enumerate(zip(x.sizes[2:], stride, kernel, strict=True))
            ]
        )
    if axes not in (2, 3):
        return node.unknown()
    more = (stride, pads[:axes]) if axes == 3 else ()
    return reader.do(f"max_unpool{axes}d", x, node.value(1), size, *more)


@rule("CenterCropPad")
def centre(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    rank = len(x.sizes)
    axes = [axis % rank for axis in (node.ints("axes") or range(rank))]
    sides = [0] * (2 * rank)
    for axis, wanted in zip(axes, node.numbers(1), strict=True):
        size = x.sizes[axis]
        if wanted < size:
            start = (size - wanted) // 2
            x = reader.do("slice", x, axis, start, start + wanted)
        elif wanted > size:
            before = (wanted - size) // 2
            at = 2 * (rank - 1 - axis)
            sides[at : at + 2] = [before, wanted - size - before]
    return reader.do("constant_pad_nd", x, tuple(sides), 0) if any(sides) else reader.do("alias", x)
