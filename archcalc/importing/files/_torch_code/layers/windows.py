"""Convolutions, pooling, resizing, padding and what moves values between positions and channels."""

from __future__ import annotations

from typing import Any

from ..._source.values import EvaluationError
from ..functional import functional
from ..modules import CodeModule
from ..tensors import CodeTensor
from ..vocabulary import Work, axes, forget, layer, same_named, settled


def _ready_conv(m: CodeModule, a: dict[str, Any]) -> None:
    kernel = axes(a["kernel_size"], m.rank)
    transposed = "Transpose" in m.base
    fan_in, fan_out, groups = a["in_channels"], a["out_channels"], a["groups"]
    if fan_in % groups or fan_out % groups or min(fan_in, fan_out, groups) < 1:
        raise EvaluationError(f"{m.base}: {fan_in} and {fan_out} channels do not part into {groups} groups")
    sizes = (fan_in, fan_out // groups) if transposed else (fan_out, fan_in // groups)
    padding = a["padding"] if isinstance(a["padding"], str) else axes(a["padding"], m.rank)
    bias = a["bias"]
    forget(m, "bias")
    m.settings.clear()
    settled(
        m,
        in_channels=fan_in,
        out_channels=fan_out,
        kernel_size=kernel,
        stride=axes(a["stride"], m.rank),
        padding=padding,
        dilation=axes(a["dilation"], m.rank),
        transposed=transposed,
        output_padding=axes(a.get("output_padding", 0), m.rank),
        groups=groups,
        padding_mode=a["padding_mode"],
    )
    m.parameter("weight", *sizes, *kernel)
    m.parameter("bias", fan_out, present=bias)


@layer(
    "Conv1d Conv2d Conv3d",
    "conv",
    "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, "
    "padding_mode='zeros', device=None, dtype=None",
    _ready_conv,
)
def _conv(m: CodeModule, input: CodeTensor) -> Any:
    padding = m.setting("padding")
    if m.setting("padding_mode") != "zeros":
        kernel, dilation = m.setting("kernel_size"), m.setting("dilation")
        if padding == "valid":
            padding = (0,) * m.rank
        if padding == "same":
            totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
            rims = [side for total in reversed(totals) for side in (total // 2, total - total // 2)]
        else:
            rims = [side for one in reversed(padding) for side in (one, one)]
        input = functional(m.run, "pad", input, tuple(rims), mode=m.setting("padding_mode"))
        padding = (0,) * m.rank
    return functional(
        m.run,
        f"conv{m.rank}d",
        input,
        m.tensors["weight"],
        m.tensors.get("bias"),
        m.setting("stride"),
        padding,
        m.setting("dilation"),
        m.setting("groups"),
    )


@layer(
    "ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "conv",
    "in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, "
    "dilation=1, padding_mode='zeros', device=None, dtype=None",
    _ready_conv,
)
def _conv_transpose(m: CodeModule, input: CodeTensor, output_size: Any = None) -> Any:
    more = m.setting("output_padding")
    if output_size is not None:
        wanted = tuple(output_size)[-m.rank :]
        words = ("kernel_size", "stride", "padding", "dilation")
        window = zip(*[m.setting(word) for word in words], strict=True)
        least = [
            (size - 1) * s - 2 * p + d * (k - 1) + 1
            for size, (k, s, p, d) in zip(input.sizes[2:], window, strict=True)
        ]
        more = tuple([int(one) - other for one, other in zip(wanted, least, strict=True)])
    return functional(
        m.run,
        f"conv_transpose{m.rank}d",
        input,
        m.tensors["weight"],
        m.tensors.get("bias"),
        m.setting("stride"),
        m.setting("padding"),
        more,
        m.setting("groups"),
        m.setting("dilation"),
    )


def _ready_max_pool(m: CodeModule, a: dict[str, Any]) -> None:
    if a["stride"] is None:
        m.plain.pop("stride", None)
        settled(m, stride=a["kernel_size"])


@layer(
    "MaxPool1d MaxPool2d MaxPool3d",
    "pooling",
    "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False",
    _ready_max_pool,
)
def _max_pool(m: CodeModule, input: CodeTensor) -> Any:
    words = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
    return functional(m.run, f"max_pool{m.rank}d", input, *[m.setting(word) for word in words])


def _ready_avg_pool(m: CodeModule, a: dict[str, Any]) -> None:
    stride = a["kernel_size"] if a["stride"] is None else a["stride"]
    m.plain.pop("stride", None)
    settled(m, stride=stride)
    if m.rank == 1:
        settled(m, **{word: axes(m.settings[word], 1) for word in ("kernel_size", "stride", "padding")})


@layer(
    "AvgPool1d",
    "pooling",
    "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True",
    _ready_avg_pool,
)
@layer(
    "AvgPool2d AvgPool3d",
    "pooling",
    "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None",
    _ready_avg_pool,
)
def _avg_pool(m: CodeModule, input: CodeTensor) -> Any:
    words = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    rest = [] if m.rank == 1 else [m.setting("divisor_override")]
    return functional(m.run, f"avg_pool{m.rank}d", input, *[m.setting(word) for word in words], *rest)


@layer("AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d", "pooling", "output_size")
def _adaptive_avg_pool(m: CodeModule, input: CodeTensor) -> Any:
    return functional(m.run, f"adaptive_avg_pool{m.rank}d", input, m.setting("output_size"))


@layer(
    "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d", "pooling", "output_size, return_indices=False"
)
def _adaptive_max_pool(m: CodeModule, input: CodeTensor) -> Any:
    sizes = m.setting("output_size")
    return functional(m.run, f"adaptive_max_pool{m.rank}d", input, sizes, m.setting("return_indices"))


def _ready_upsample(m: CodeModule, a: dict[str, Any]) -> None:
    settled(m, name=m.base)
    scale = a.get("scale_factor")
    if scale is not None:
        m.settings.pop("scale_factor", None)
        scale = tuple([float(one) for one in scale]) if isinstance(scale, tuple) else float(scale)
        m.plain["scale_factor"] = scale
        if isinstance(scale, float):
            settled(m, scale_factor=scale)
    if "mode" not in a:
        settled(m, mode="nearest" if "Nearest" in m.base else "bilinear")
        if "Bilinear" in m.base:
            settled(m, align_corners=True)


@layer(
    "Upsample",
    "upsampling",
    "size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None",
    _ready_upsample,
)
@layer(
    "UpsamplingNearest2d UpsamplingBilinear2d", "upsampling", "size=None, scale_factor=None", _ready_upsample
)
def _upsample(m: CodeModule, input: CodeTensor) -> Any:
    words = ("size", "scale_factor", "mode", "align_corners")
    given = {word: m.plain.get(word, m.settings.get(word)) for word in words}
    return functional(m.run, "interpolate", input, **given)


def _ready_pad(m: CodeModule, a: dict[str, Any]) -> None:
    m.plain.pop("padding", None)
    settled(m, padding=axes(a["padding"], 2 * m.rank))
    if "Zero" in m.base:
        settled(m, value=0.0)


def _padder(mode: str) -> Work:
    def pad(m: CodeModule, input: CodeTensor) -> Any:
        value = m.settings.get("value") if mode == "constant" else None
        return functional(m.run, "pad", input, m.setting("padding"), mode, value)

    return pad


for _rank in "123":
    layer(f"ZeroPad{_rank}d", "padding", "padding", _ready_pad)(_padder("constant"))
    layer(f"ConstantPad{_rank}d", "padding", "padding, value", _ready_pad)(_padder("constant"))
    layer(f"ReflectionPad{_rank}d", "padding", "padding", _ready_pad)(_padder("reflect"))
    layer(f"ReplicationPad{_rank}d", "padding", "padding", _ready_pad)(_padder("replicate"))
    layer(f"CircularPad{_rank}d", "padding", "padding", _ready_pad)(_padder("circular"))


layer("PixelShuffle", "pixelshuffle", "upscale_factor")(same_named("pixel_shuffle", "upscale_factor"))
layer("PixelUnshuffle", "pixelshuffle", "downscale_factor")(same_named("pixel_unshuffle", "downscale_factor"))
layer("ChannelShuffle", "channelshuffle", "groups")(same_named("channel_shuffle", "groups"))
_FOLD = ("kernel_size", "dilation", "padding", "stride")
layer("Unfold", "fold", "kernel_size, dilation=1, padding=0, stride=1")(same_named("unfold", *_FOLD))
layer("Fold", "fold", "output_size, kernel_size, dilation=1, padding=0, stride=1")(
    same_named("fold", "output_size", *_FOLD)
)
