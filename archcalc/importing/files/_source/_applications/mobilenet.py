"""MobileNets, after Howard and others, 2017, and Sandler and others, 2018."""

from __future__ import annotations

from typing import Any

from .building import Application, Building, classified, divisible, repeated


def _first(build: Building, x: Any) -> Any:
    alpha = build.number("alpha", 1.0)
    x = build("Conv2D", x, int(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="conv1")
    x = build("ReLU", build.norm(x, "conv1_bn"), 6.0, name="conv1_relu")
    rows = repeated((1, 64, 1), (1, 128, 2), (1, 128, 1), (1, 256, 2), (1, 256, 1), (1, 512, 2), (5, 512, 1))
    for number, (filters, stride) in enumerate([*rows, (1024, 2), (1024, 1)], start=1):
        if stride == 2:
            x = build("ZeroPadding2D", x, ((0, 1), (0, 1)), name=f"conv_pad_{number}")
        x = build(
            "DepthwiseConv2D",
            x,
            3,
            padding="same" if stride == 1 else "valid",
            depth_multiplier=build.number("depth_multiplier", 1),
            strides=stride,
            use_bias=False,
            name=f"conv_dw_{number}",
        )
        x = build("ReLU", build.norm(x, f"conv_dw_{number}_bn"), 6.0, name=f"conv_dw_{number}_relu")
        name = f"conv_pw_{number}"
        x = build("Conv2D", x, int(filters * alpha), 1, padding="same", use_bias=False, name=name)
        x = build("ReLU", build.norm(x, f"conv_pw_{number}_bn"), 6.0, name=f"conv_pw_{number}_relu")
    return x


def _first_top(build: Building, x: Any) -> Any:
    classes = build.number("classes", 1000)
    x = build("GlobalAveragePooling2D", x, keepdims=True)
    x = build("Dropout", x, build.number("dropout", 0.001), name="dropout")
    x = build("Conv2D", x, classes, 1, padding="same", name="conv_preds")
    x = build("Reshape", x, (classes,), name="reshape_2")
    return build("Activation", x, "softmax", name="predictions")


def _inverted(build: Building, x: Any) -> Any:
    alpha = build.number("alpha", 1.0)
    channels = divisible(32 * alpha)
    x = build("Conv2D", x, channels, 3, strides=2, padding="same", use_bias=False, name="Conv1")
    x = build("ReLU", build.norm(x, "bn_Conv1"), 6.0, name="Conv1_relu")
    rows = repeated(
        *((1, 16, 1, 1), (1, 24, 2, 6), (1, 24, 1, 6), (1, 32, 2, 6), (2, 32, 1, 6), (1, 64, 2, 6)),
        *((3, 64, 1, 6), (3, 96, 1, 6), (1, 160, 2, 6), (2, 160, 1, 6), (1, 320, 1, 6)),
    )
    for number, (filters, stride, expansion) in enumerate(rows):
        skip, name = x, f"block_{number}_" if number else "expanded_conv_"
        if number:
            width = expansion * channels
            x = build("Conv2D", x, width, 1, padding="same", use_bias=False, name=f"{name}expand")
            x = build("ReLU", build.norm(x, f"{name}expand_BN"), 6.0, name=f"{name}expand_relu")
        if stride == 2:
            x = build.padded_for(x, 3, f"{name}pad")
        padding = "same" if stride == 1 else "valid"
        x = build(
            "DepthwiseConv2D", x, 3, strides=stride, padding=padding, use_bias=False, name=f"{name}depthwise"
        )
        x = build("ReLU", build.norm(x, f"{name}depthwise_BN"), 6.0, name=f"{name}depthwise_relu")
        put_out = divisible(int(filters * alpha))
        x = build("Conv2D", x, put_out, 1, padding="same", use_bias=False, name=f"{name}project")
        x = build.norm(x, f"{name}project_BN")
        if stride == 1 and channels == put_out:
            x = build("Add", [skip, x], name=f"{name}add")
        channels = put_out
    last = divisible(1280 * alpha) if alpha > 1.0 else 1280
    x = build("Conv2D", x, last, 1, use_bias=False, name="Conv_1")
    return build("ReLU", build.norm(x, "Conv_1_bn"), 6.0, name="out_relu")


def _inverted_top(build: Building, x: Any) -> Any:
    return classified(build, build("GlobalAveragePooling2D", x))


_ARGUMENTS = ("input_shape", "alpha", "include_top", "weights", "input_tensor", "pooling", "classes")
NETWORKS = {
    "MobileNet": Application(
        _first,
        top=_first_top,
        name="mobilenet_1.00_{}",
        arguments=(*_ARGUMENTS[:2], "depth_multiplier", "dropout", *_ARGUMENTS[2:]),
    ),
    "MobileNetV2": Application(
        _inverted, top=_inverted_top, name="mobilenetv2_1.00_{}", arguments=_ARGUMENTS
    ),
}
