"""EfficientNets, after Tan and Le, 2019."""

from __future__ import annotations

import math
from typing import Any

from .building import Application, Building, classified, divisible

# Of each stage: kernel, repeats, filters in and out, expansion, stride.
_STAGES = (
    (3, 1, 32, 16, 1, 1),
    (3, 2, 16, 24, 6, 2),
    (5, 2, 24, 40, 6, 2),
    (3, 3, 40, 80, 6, 2),
    (5, 3, 80, 112, 6, 1),
    (5, 4, 112, 192, 6, 2),
    (3, 1, 192, 320, 6, 1),
)
# Of each network: width, depth, side of the pictures, dropout.
_SCALES = (
    (1.0, 1.0, 224, 0.2),
    (1.0, 1.1, 240, 0.2),
    (1.1, 1.2, 260, 0.3),
    (1.2, 1.4, 300, 0.3),
    (1.4, 1.8, 380, 0.4),
    (1.6, 2.2, 456, 0.4),
    (1.8, 2.6, 528, 0.5),
    (2.0, 3.1, 600, 0.5),
)


def _scaled(width: float, depth: float, size: int, dropout: float) -> Application:
    def features(build: Building, x: Any) -> Any:
        x = build("Rescaling", x, 1 / 255)
        x = build("Normalization", x)
        if build.given.get("weights", "imagenet") == "imagenet":
            x = build("Rescaling", x, [1 / math.sqrt(one) for one in (0.229, 0.224, 0.225)])
        x = build.padded_for(x, 3, "stem_conv_pad")
        x = build("Conv2D", x, divisible(32 * width), 3, strides=2, use_bias=False, name="stem_conv")
        x = _swish(build, build.norm(x, "stem_bn"), "stem_activation")
        number, whole = 0, sum(math.ceil(depth * repeats) for _, repeats, *_ in _STAGES)
        for stage, (kernel, repeats, before, after, expansion, stride) in enumerate(_STAGES, start=1):
            channels, put_out = divisible(before * width), divisible(after * width)
            for turn in range(math.ceil(depth * repeats)):
                name = f"block{stage}{chr(97 + turn)}_"
                first = stride if turn == 0 else 1
                x = _block(build, x, kernel, channels, put_out, expansion, first, name, 0.2 * number / whole)
                channels, number = put_out, number + 1
        x = build("Conv2D", x, divisible(1280 * width), 1, padding="same", use_bias=False, name="top_conv")
        return _swish(build, build.norm(x, "top_bn"), "top_activation")

    def top(build: Building, x: Any) -> Any:
        x = build("GlobalAveragePooling2D", x, name="avg_pool")
        return classified(build, build("Dropout", x, dropout, name="top_dropout"))

    return Application(features, size, top)


def _swish(build: Building, x: Any, name: str) -> Any:
    return build("Activation", x, "silu", name=name)


def _block(
    build: Building,
    x: Any,
    kernel: int,
    channels: int,
    put_out: int,
    expansion: int,
    stride: int,
    name: str,
    dropped: float,
) -> Any:
    skip, width = x, channels * expansion
    if expansion != 1:
        x = build("Conv2D", x, width, 1, padding="same", use_bias=False, name=f"{name}expand_conv")
        x = _swish(build, build.norm(x, f"{name}expand_bn"), f"{name}expand_activation")
    if stride == 2:
        x = build.padded_for(x, kernel, f"{name}dwconv_pad")
    padding = "valid" if stride == 2 else "same"
    x = build(
        "DepthwiseConv2D", x, kernel, strides=stride, padding=padding, use_bias=False, name=f"{name}dwconv"
    )
    x = _swish(build, build.norm(x, f"{name}bn"), f"{name}activation")
    y = build("GlobalAveragePooling2D", x, name=f"{name}se_squeeze")
    y = build("Reshape", y, (1, 1, width), name=f"{name}se_reshape")
    y = build(
        "Conv2D", y, max(1, channels // 4), 1, padding="same", activation="silu", name=f"{name}se_reduce"
    )
    y = build("Conv2D", y, width, 1, padding="same", activation="sigmoid", name=f"{name}se_expand")
    x = build("Multiply", [x, y], name=f"{name}se_excite")
    x = build("Conv2D", x, put_out, 1, padding="same", use_bias=False, name=f"{name}project_conv")
    x = build.norm(x, f"{name}project_bn")
    if stride == 1 and channels == put_out:
        if dropped:
            x = build("Dropout", x, dropped, noise_shape=(None, 1, 1, 1), name=f"{name}drop")
        x = build("Add", [x, skip], name=f"{name}add")
    return x


NETWORKS = {f"EfficientNetB{number}": _scaled(*scale) for number, scale in enumerate(_SCALES)}
