"""Convolutions: plain, depthwise, separable and transposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from .....ops.attributes import Size, Word
from ..activations import activated
from ..calls import Call, Value, per_axis
from ..settings import shown
from ..vocabulary import LayerClass

# Words of Keras 1 for settings of convolutions.
_RENAMED = {"nb_filter": "filters", "subsample_length": "strides", "atrous_rate": "dilation_rate"}
# Its words for the sides of a kernel, by the number of its axes.
_SIDES = {1: ("filter_length",), 2: ("nb_row", "nb_col"), 3: ("kernel_dim1", "kernel_dim2", "kernel_dim3")}
_REST = (
    "kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, "
    "bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None"
)


def axes_of(call: Call) -> int:
    """Return how many axes a class works on: the digit in its name."""
    return _axes_in(call.layer.class_name)


def _axes_in(class_name: str) -> int:
    return int(next(one for one in reversed(class_name.removesuffix("Transpose")) if one.isdigit()))


def _unless_ones(values: Sequence[int]) -> Any:
    """A number for each axis as an argument of an op; None where all are 1, which is not written."""
    return per_axis(values) if any(value != 1 for value in values) else None


def map_of(call: Call, axes: int) -> Value:
    """Return what arrives, channels behind, for a layer over so many axes. Raises SpecError."""
    x = call.channels_last(call.x, call.settings.channels_first())
    if x.rank != axes + 2:
        raise call.refused(
            f"it works on {axes} axes and the channels, and {'x'.join(map(str, x.sizes))} arrives"
        )
    return x


class _Convolution(LayerClass):
    """What the convolutions have in common."""

    renamed: ClassVar[Mapping[str, str]] = _RENAMED

    def configuration(
        self, class_name: str, positional: Sequence[Any], keywords: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Keras 1 has the sizes of the kernel one by one: ``Convolution2D(64, 3, 3)``."""
        positional, keywords = list(positional), dict(keywords)
        axes = _axes_in(class_name)
        old = [keywords.pop(word) for word in _SIDES[axes] if word in keywords]
        if old:
            keywords["kernel_size"] = tuple(old) if axes > 1 else old[0]
        elif (
            axes > 1
            and "onvolution" in class_name
            and len(positional) > axes
            and all(isinstance(one, int) for one in positional[1 : 1 + axes])
        ):
            positional[1 : 1 + axes] = [tuple(positional[1 : 1 + axes])]
        return super().configuration(class_name, positional, keywords)

    at_each_step = True

    def window(self, call: Call, axes: int, causal: bool = False) -> dict[str, Any]:
        """Return kernel, stride, dilation and pad as arguments of an op. Raises SpecError."""
        settings = call.settings
        kernel = settings.sizes("kernel_size", axes)
        dilation = settings.sizes("dilation_rate", axes)
        words = ("valid", "same", "causal") if causal else ("valid", "same")
        padding = settings.word("padding", words)
        pad: Any = Word("same") if padding == "same" else None
        steps = call.x.steps
        if padding == "causal":
            pad = Size((*(0, 0) * steps, dilation[0] * (kernel[0] - 1), 0))
        ones = (1,) * steps
        return {
            "kernel": per_axis((*ones, *kernel)),
            "stride": _unless_ones((*ones, *settings.sizes("strides", axes))),
            "dilation": _unless_ones((*ones, *dilation)),
            "pad": pad,
        }


class Conv(_Convolution):
    """Convolutions over one to three axes."""

    names = (
        *("Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D"),
        *("AtrousConvolution1D", "AtrousConvolution2D", "AtrousConv1D", "AtrousConv2D"),
    )
    signature = (
        "filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, groups=1, "
        f"activation=None, use_bias=True, {_REST}"
    )

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        x = map_of(call, axes)
        settings = call.settings
        put_out = call.op(
            "conv",
            x,
            filters=settings.count("filters"),
            groups=settings.count("groups"),
            bias=settings.flag("use_bias"),
            **self.window(call, axes, causal=axes == 1),
        )
        return activated(call, put_out)


class DepthwiseConv(_Convolution):
    """A filter, or several, for each channel alone."""

    names = ("DepthwiseConv1D", "DepthwiseConv2D")
    signature = (
        "kernel_size, strides=1, padding='valid', depth_multiplier=1, data_format=None, dilation_rate=1, "
        "activation=None, use_bias=True, depthwise_initializer='glorot_uniform'"
    )

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        settings = call.settings
        put_out = call.op(
            "dwconv",
            map_of(call, axes),
            multiplier=settings.count("depth_multiplier"),
            bias=settings.flag("use_bias"),
            **self.window(call, axes),
        )
        return activated(call, put_out)


class SeparableConv(_Convolution):
    """A depthwise convolution, and a pointwise one behind it."""

    names = ("SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D")
    signature = (
        "filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, "
        "depth_multiplier=1, activation=None, use_bias=True"
    )

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        settings = call.settings
        inside = call.op(
            "dwconv",
            map_of(call, axes),
            part="depthwise",
            multiplier=settings.count("depth_multiplier"),
            bias=False,
            **self.window(call, axes, causal=axes == 1),
        )
        put_out = call.op(
            "conv",
            inside,
            kernel=per_axis((1,) * (axes + inside.steps)),
            filters=settings.count("filters"),
            bias=settings.flag("use_bias"),
        )
        return activated(call, put_out)


class LocallyConnected(_Convolution):
    """A convolution with a kernel and a bias of its own at every position, as Keras 2 has it."""

    names = ("LocallyConnected1D", "LocallyConnected2D")
    at_each_step = False
    signature = (
        "filters, kernel_size, strides=1, padding='valid', data_format=None, activation=None, use_bias=True"
    )

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        settings = call.settings
        put_out = call.op(
            "local",
            map_of(call, axes),
            kernel=per_axis(settings.sizes("kernel_size", axes)),
            filters=settings.count("filters"),
            stride=_unless_ones(settings.sizes("strides", axes)),
            pad=Word("same") if settings.word("padding", ("valid", "same")) == "same" else None,
            bias=settings.flag("use_bias"),
        )
        return activated(call, put_out)


class ConvTranspose(_Convolution):
    """Transposed convolutions.

    Source of the sizes: the documentation of ``Conv2DTranspose``.
    """

    names = (
        "Conv1DTranspose",
        "Conv2DTranspose",
        "Conv3DTranspose",
        "Convolution2DTranspose",
        "Deconvolution2D",
        "Deconv2D",
    )
    signature = (
        "filters, kernel_size, strides=1, padding='valid', output_padding=None, data_format=None, "
        f"dilation_rate=1, activation=None, use_bias=True, {_REST}"
    )

    def write(self, call: Call) -> Value:
        axes = axes_of(call)
        settings = call.settings
        x = map_of(call, axes)
        kernel = settings.sizes("kernel_size", axes)
        strides = settings.sizes("strides", axes)
        dilation = settings.sizes("dilation_rate", axes)
        same = settings.word("padding", ("valid", "same")) == "same"
        given = settings.value("output_padding")
        more = None if given is None else settings.sizes("output_padding", axes, 0)
        pads: list[int] = []
        behind: list[int] = []
        for axis, (size, stride, step) in enumerate(zip(kernel, strides, dilation, strict=True)):
            extent = (size - 1) * step + 1
            if more is not None:
                if more[axis] >= stride:
                    raise settings.refused(
                        "output_padding", f"`output_padding` is smaller than the stride: {shown(given)}"
                    )
                rim = extent // 2 if same else 0
                pads += [rim, rim]
                behind.append(more[axis])
            else:
                rim = max(extent - stride, 0) if same else 0
                pads += [rim // 2, rim - rim // 2]
                behind.append(max(stride - extent, 0))
        ones, none = (1,) * x.steps, (0,) * x.steps
        pads = [*none, *none, *pads]
        put_out = call.op(
            "tconv",
            x,
            kernel=per_axis((*ones, *kernel)),
            filters=settings.count("filters"),
            stride=_unless_ones((*ones, *strides)),
            dilation=_unless_ones((*ones, *dilation)),
            pad=pads[0] if len(set(pads)) == 1 else Size(tuple(pads)),
            output_pad=per_axis((*none, *behind)) if any(behind) else None,
            bias=settings.flag("use_bias"),
        )
        return activated(call, put_out)
