"""Layers with windows: convolutions, pools, and what undoes them.

Sources: src/caffe/layers/base_conv_layer.cpp, pooling_layer.cpp, spp_layer.cpp, im2col_layer.cpp.
"""

from __future__ import annotations

from typing import Any, ClassVar

from .....ops.attributes import Size, Word
from ..blobs import Blob
from ..calls import CaffeCall, per_axis, positions
from ..vocabulary import LayerType


def window_sizes(call: CaffeCall, name: str, axes: int, default: int | None, least: int) -> list[int]:
    """Return a setting of a window for each axis: given once, once per axis, or by `_h` and `_w`.

    Raises:
        SpecError: Where it is missing, or given otherwise.
    """
    settings = call.settings
    stem = "kernel" if name == "kernel_size" else name
    by_axis = [f"{stem}_h", f"{stem}_w"]
    values = settings.numbers(name, least)
    if any(settings.all(one) for one in by_axis):
        if values and stem == "kernel":
            raise call.refused(f"it has `{name}` and `{by_axis[0]}`", name)
        if axes != 2:
            raise call.refused(f"`{by_axis[0]}` and `{by_axis[1]}` are of windows over two axes", by_axis[0])
        given = [settings.number(one, -1, least) for one in by_axis]
        rest = -1 if default is None else default
        values = [rest if one == -1 else one for one in given]
        if -1 in values:
            raise call.refused(f"it has no `{by_axis[values.index(-1)]}`")
    if not values:
        if default is None:
            raise call.refused(f"it has no {name}", settings.span)
        values = [default]
    if len(values) not in (1, axes):
        raise call.refused(f"`{name}` stands {len(values)} times, and the window has {axes} axes", name)
    return values * axes if len(values) == 1 else values


def as_size(values: list[int]) -> Any:
    """Return the sizes of a window as an argument of an op."""
    return values[0] if len(values) == 1 else Size(tuple(values))


class CaffeConvolution(LayerType):
    """Convolutions, plain and by groups of channels."""

    types: ClassVar[tuple[str, ...]] = (
        "Convolution",
        "ConvolutionDepthwise",
        "DepthwiseConvolution",
        "ConvolutionDepthWise",
    )
    param = "convolution_param"
    op = "conv"

    def window(self, call: CaffeCall, axes: int) -> dict[str, Any]:
        """Return kernel, stride, rim and dilation as arguments of an op. Raises SpecError."""
        return {
            "kernel": as_size(window_sizes(call, "kernel_size", axes, None, 1)),
            "stride": per_axis(window_sizes(call, "stride", axes, 1, 1)),
            "pad": per_axis(window_sizes(call, "pad", axes, 0, 0)),
            "dilation": per_axis(window_sizes(call, "dilation", axes, 1, 1)),
        }

    def write(self, call: CaffeCall) -> list[Blob]:
        settings = call.settings
        filters = settings.number("num_output", 0)
        depthwise = call.layer.word not in ("Convolution", "Deconvolution")
        bias = settings.true("bias_term", True)
        if not filters and not depthwise:
            raise call.refused("it has no num_output", settings.span)
        made: list[Blob] = []
        for blob in call.blobs:
            if call.axis(blob) != 1:
                raise call.refused("an axis other than 1 is not read", "axis")
            x = call.map(blob)
            channels = x.written.output.channels
            options = self.window(call, max(len(blob.axes) - 2, 1))
            groups = channels if depthwise else settings.number("group", 1, 1)
            made.append(
                call.op(
                    self.op,
                    x,
                    part=f"{len(made) + 1}" if made else "",
                    like=made[0] if made else None,
                    filters=filters or channels,
                    groups=groups,
                    bias=bias,
                    frozen=call.layer.frozen(1 + bias),
                    **options,
                )
            )
        return made


class Deconvolution(CaffeConvolution):
    """Transposed convolutions; `pad` is cut off what they put out."""

    types = ("Deconvolution", "DeconvolutionDepthwise")
    op = "tconv"


class CaffePooling(LayerType):
    """Pools. Sizes are rounded up, so that a last window begins on the map and may reach beyond it."""

    types = ("Pooling",)
    param = "pooling_param"

    def write(self, call: CaffeCall) -> list[Blob]:
        settings, x = call.settings, call.map(call.x)
        kind = settings.word("pool", ("MAX", "AVE", "STOCHASTIC"), "MAX")
        if settings.true("global_pooling", False):
            if any(settings.all(name) for name in ("kernel_size", "kernel_h", "kernel_w")):
                raise call.refused("a global pool has no kernel_size", "kernel_size")
            if kind == "STOCHASTIC":
                made = call.opaque((1, 1, x.written.output.channels), x, operation="Pooling STOCHASTIC")
                return [Blob(made, x.axes)]
            word = "adaptive_avgpool" if kind == "AVE" else "adaptive_maxpool"
            return [call.op(word, x, size=Size((1,) * max(len(x.axes) - 2, 1)))]
        axes = max(len(x.axes) - 2, 1)
        kernel = window_sizes(call, "kernel_size", axes, None, 1)
        stride = window_sizes(call, "stride", axes, 1, 1)
        pad = window_sizes(call, "pad", axes, 0, 0)
        down = settings.word("round_mode", ("CEIL", "FLOOR"), "CEIL") == "FLOOR"
        down = down or not settings.true("ceil_mode", True)
        if not down and not any(pad):
            self._last_windows(call, positions(x.written.output), kernel, stride)
        # A pool that is no mean has the places of its maxima too.
        options: dict[str, Any] = {
            "kernel": as_size(kernel),
            "stride": per_axis(stride),
            "pad": per_axis(pad),
            "round": Word("floor" if down else "ceil"),
        }
        if kind == "STOCHASTIC":
            sizes = call.sizes_of("maxpool", x, **options)
            return [Blob(call.opaque(sizes, x, operation="Pooling STOCHASTIC"), x.axes)]
        made_here = call.op("avgpool" if kind == "AVE" else "maxpool", x, **options)
        return [made_here, Blob(made_here.written, made_here.axes, indices=True)]

    def _last_windows(
        self, call: CaffeCall, sizes: tuple[int, ...], kernel: list[int], stride: list[int]
    ) -> None:
        """Refuse a window that lies beyond the map: without a rim Caffe does not leave it out."""
        for size, width, step in zip(sizes, kernel, stride, strict=False):
            if size >= width and -(-(size - width) // step) * step >= size:
                raise call.refused(
                    f"its last window begins beyond the map of {size}, and holds nothing: the step {step} is "
                    f"larger than the window {width}",
                    "stride",
                )


class PyramidPooling(LayerType):
    """Spatial pyramid pooling: pools to 1, 2, 4, 8 … parts per axis, as one vector."""

    types = ("SPP",)
    param = "spp_param"

    def write(self, call: CaffeCall) -> Blob:
        settings, x = call.settings, call.map(call.x)
        height = settings.number("pyramid_height", 0)
        if not 1 <= height <= 12:
            raise call.refused(f"`pyramid_height` is {height}, and not between 1 and 12", "pyramid_height")
        kind = settings.word("pool", ("MAX", "AVE", "STOCHASTIC"), "MAX")
        if kind == "STOCHASTIC":
            raise call.refused("the pool STOCHASTIC depends on chance", "pool")
        parts = []
        for level in range(height):
            bins = 2**level
            kernel = [-(-size // bins) for size in positions(x.written.output)]
            pad = [
                (width * bins - size + 1) // 2
                for width, size in zip(kernel, positions(x.written.output), strict=True)
            ]
            pooled = call.op(
                "avgpool" if kind == "AVE" else "maxpool",
                x,
                part=f"level{level}",
                kernel=as_size(kernel),
                pad=per_axis(pad),
                round=Word("ceil"),
            )
            parts.append(call.op("flatten", pooled, part=f"values{level}", axes=(None, 0)))
        return call.op("concat", *parts) if len(parts) > 1 else call.op("identity", parts[0])


class WindowsAsChannels(LayerType):
    """The values of each window as the channels of a position."""

    types = ("Im2col",)
    param = "convolution_param"

    def write(self, call: CaffeCall) -> Blob:
        x = call.map(call.x)
        axes = max(len(x.axes) - 2, 1)
        return call.op(
            "im2col",
            x,
            kernel=as_size(window_sizes(call, "kernel_size", axes, None, 1)),
            stride=per_axis(window_sizes(call, "stride", axes, 1, 1)),
            pad=per_axis(window_sizes(call, "pad", axes, 0, 0)),
            dilation=per_axis(window_sizes(call, "dilation", axes, 1, 1)),
        )


class PaddingOfOld(LayerType):
    """A rim of zeros, a layer of the first form."""

    types = ("Padding",)
    param = "convolution_param"

    def write(self, call: CaffeCall) -> Blob:
        return call.op("zeropad", call.map(call.x), pad=call.settings.number("pad", 0))
