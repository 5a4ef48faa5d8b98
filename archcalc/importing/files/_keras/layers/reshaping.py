"""Layers that arrange values anew, pad, cut and enlarge."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar

from .....ops.attributes import Size, Word
from ..calls import Call, Value, per_axis
from ..vocabulary import LayerClass
from .convolution import axes_of, map_of

# What may stand between the values of an image that is enlarged.
_MODES = "nearest, bilinear and bicubic are"


class Reshape(LayerClass):
    """The same values with other axes."""

    names = ("Reshape",)
    at_each_step = True
    signature = "target_shape"

    def write(self, call: Call) -> Value:
        settings = call.settings
        x = call.in_order(call.x)
        sizes = settings.value("target_shape")
        sizes = list(sizes) if isinstance(sizes, (list, tuple)) else [sizes]
        if any(isinstance(one, bool) or not isinstance(one, int) or one < -1 for one in sizes) or not sizes:
            raise settings.wrong("target_shape", "sizes, one of which may be -1")
        steps, values = [*x.shape][: x.steps], prod(x.sizes)
        if sizes.count(-1) == 1:
            rest = prod([one for one in sizes if one != -1])
            if not rest or values % rest:
                raise settings.refused(
                    "target_shape", f"{values:,} values make no {'x'.join(map(str, sizes))}"
                )
            sizes[sizes.index(-1)] = values // rest
        if len(sizes) == 1 and sizes[0] == values and not steps:
            return call.op("flatten", x)
        return call.op("reshape", x, shape=per_axis([*steps, *sizes]))


class Permute(LayerClass):
    """The axes in another order."""

    names = ("Permute",)
    signature = "dims"

    def write(self, call: Call) -> Value:
        x = call.in_order(call.x)
        dims = call.settings.numbers("dims", 1)
        if sorted(dims) != list(range(1, x.rank)):
            raise call.settings.wrong("dims", f"the numbers 1 to {x.rank - 1} in some order")
        letters = "abcdefghijk"[: len(x.shape)]
        pattern = f"{' '.join(letters)} -> {' '.join([letters[at - 1] for at in dims])}"
        return call.op("rearrange", x, pattern=pattern)


class RepeatVector(LayerClass):
    """A vector, so many times."""

    names = ("RepeatVector",)
    signature = "n"

    def write(self, call: Call) -> Value:
        x = call.op("reshape", call.x, shape=Size((1, call.x.shape.values)))
        return call.op("repeat", x, times=call.settings.count("n"))


def _rims(call: Call, name: str, axes: int) -> list[tuple[int, int]]:
    """What is added or cut in front of and behind each axis. Raises SpecError."""
    settings = call.settings
    value = settings.value(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value] * axes if axes > 1 else [(value, value)]
    if axes == 1 and isinstance(value, (list, tuple)) and len(value) == 2:
        value = [value]
    if not isinstance(value, (list, tuple)) or len(value) != axes:
        raise settings.wrong(name, "a number, or one or two for each axis")
    found = []
    for one in value:
        pair = one if isinstance(one, (list, tuple)) else (one, one)
        if len(pair) != 2 or any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in pair):
            raise settings.wrong(name, "a number, or one or two for each axis")
        found.append((pair[0], pair[1]))
    return found


class ZeroPadding(LayerClass):
    """A rim of zeros."""

    names = ("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
    at_each_step = True
    signature = "padding=1, data_format=None"

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        x = map_of(call, axes)
        sides = [0, 0] * x.steps + [side for pair in _rims(call, "padding", axes) for side in pair]
        return call.op("zeropad", x, pad=sides[0] if len(set(sides)) == 1 else Size(tuple(sides)))


class Cropping(LayerClass):
    """A map without its rim."""

    names = ("Cropping1D", "Cropping2D", "Cropping3D")
    at_each_step = True
    signature = "cropping=1, data_format=None"

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        x = map_of(call, axes)
        rims = [(0, 0)] * x.steps + _rims(call, "cropping", axes)
        left = [size - sum(rim) for size, rim in zip(x.shape[:-1], rims, strict=True)]
        if min(left) < 1:
            raise call.settings.refused("cropping", "nothing is left of the map")
        return call.op("crop", x, size=per_axis(left), offset=per_axis([rim[0] for rim in rims]))


class UpSampling(LayerClass):
    """A map enlarged by whole factors."""

    names = ("UpSampling1D", "UpSampling2D", "UpSampling3D")
    signature = "size=2, data_format=None, interpolation='nearest'"
    renamed: ClassVar[Mapping[str, str]] = {"length": "size"}

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        mode = call.settings.word("interpolation", ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"))
        if mode not in ("nearest", "bilinear", "bicubic"):
            raise call.settings.refused(
                "interpolation", f"{mode} is not read", "nearest, bilinear and bicubic are"
            )
        attributes: dict[str, Any] = {} if mode == "nearest" else {"mode": Word(mode)}
        return call.op(
            "upsample", map_of(call, axes), factor=per_axis(call.settings.sizes("size", axes)), **attributes
        )


class Resizing(LayerClass):
    """Images of another size."""

    names = ("Resizing",)
    signature = "height, width, interpolation='bilinear', crop_to_aspect_ratio=False, data_format=None"

    def write(self, call: Call) -> Value:
        settings = call.settings
        mode = settings.word("interpolation", ("nearest", "bilinear", "bicubic", "area", "lanczos3"))
        if mode not in ("nearest", "bilinear", "bicubic"):
            raise settings.refused(
                "interpolation", f"{mode} is not read", "nearest, bilinear and bicubic are"
            )
        size = Size((settings.count("height"), settings.count("width")))
        attributes: dict[str, Any] = {} if mode == "nearest" else {"mode": Word(mode)}
        return call.op("resize", map_of(call, 2), size=size, **attributes)


class CenterCrop(LayerClass):
    """The middle of images."""

    names = ("CenterCrop",)
    signature = "height, width, data_format=None"

    def write(self, call: Call) -> Value:
        settings = call.settings
        x = map_of(call, 2)
        size = (settings.count("height"), settings.count("width"))
        if size[0] > x.shape[0] or size[1] > x.shape[1]:
            raise call.refused("the images are smaller than what is cut out of them")
        offset = ((x.shape[0] - size[0]) // 2, (x.shape[1] - size[1]) // 2)
        return call.op("crop", x, size=Size(size), offset=Size(offset))
