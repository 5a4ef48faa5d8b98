"""Residual networks, after He and others: of 2015, and with the activation in front, of 2016."""

from __future__ import annotations

from typing import Any

from .building import Application, Building

_EPSILON = 1.001e-5


def _norm(build: Building, x: Any, name: str) -> Any:
    return build.norm(x, name, epsilon=_EPSILON)


def _stem(build: Building, x: Any, after: bool) -> Any:
    x = build("ZeroPadding2D", x, 3, name="conv1_pad")
    x = build("Conv2D", x, 64, 7, strides=2, name="conv1_conv")
    if after:
        x = build.relu(_norm(build, x, "conv1_bn"), "conv1_relu")
    x = build("ZeroPadding2D", x, 1, name="pool1_pad")
    return build("MaxPooling2D", x, 3, strides=2, name="pool1_pool")


def _residual(*repeats: int) -> Application:
    def features(build: Building, x: Any) -> Any:
        x = _stem(build, x, after=True)
        for stage, times in enumerate(repeats):
            for number in range(1, times + 1):
                stride = 2 if stage and number == 1 else 1
                x = _block(build, x, 64 << stage, stride, number == 1, f"conv{stage + 2}_block{number}")
        return x

    return Application(features)


def _block(build: Building, x: Any, filters: int, stride: int, projected: bool, name: str) -> Any:
    shortcut = x
    if projected:
        shortcut = build("Conv2D", x, 4 * filters, 1, strides=stride, name=f"{name}_0_conv")
        shortcut = _norm(build, shortcut, f"{name}_0_bn")
    x = build("Conv2D", x, filters, 1, strides=stride, name=f"{name}_1_conv")
    x = build.relu(_norm(build, x, f"{name}_1_bn"), f"{name}_1_relu")
    x = build("Conv2D", x, filters, 3, padding="same", name=f"{name}_2_conv")
    x = build.relu(_norm(build, x, f"{name}_2_bn"), f"{name}_2_relu")
    x = build("Conv2D", x, 4 * filters, 1, name=f"{name}_3_conv")
    x = _norm(build, x, f"{name}_3_bn")
    return build.relu(build("Add", [shortcut, x], name=f"{name}_add"), f"{name}_out")


def _activated_before(*repeats: int) -> Application:
    def features(build: Building, x: Any) -> Any:
        x = _stem(build, x, after=False)
        for stage, times in enumerate(repeats):
            for number in range(1, times + 1):
                stride = 2 if number == times and stage < 3 else 1
                name = f"conv{stage + 2}_block{number}"
                x = _block_before(build, x, 64 << stage, stride, number == 1, name)
        return build.relu(_norm(build, x, "post_bn"), "post_relu")

    return Application(features)


def _block_before(build: Building, x: Any, filters: int, stride: int, projected: bool, name: str) -> Any:
    before = build.relu(_norm(build, x, f"{name}_preact_bn"), f"{name}_preact_relu")
    if projected:
        shortcut = build("Conv2D", before, 4 * filters, 1, strides=stride, name=f"{name}_0_conv")
    else:
        shortcut = build("MaxPooling2D", x, 1, strides=stride) if stride > 1 else x
    x = build("Conv2D", before, filters, 1, use_bias=False, name=f"{name}_1_conv")
    x = build.relu(_norm(build, x, f"{name}_1_bn"), f"{name}_1_relu")
    x = build("ZeroPadding2D", x, 1, name=f"{name}_2_pad")
    x = build("Conv2D", x, filters, 3, strides=stride, use_bias=False, name=f"{name}_2_conv")
    x = build.relu(_norm(build, x, f"{name}_2_bn"), f"{name}_2_relu")
    x = build("Conv2D", x, 4 * filters, 1, name=f"{name}_3_conv")
    return build("Add", [shortcut, x], name=f"{name}_out")


_DEPTHS = {"50": (3, 4, 6, 3), "101": (3, 4, 23, 3), "152": (3, 8, 36, 3)}
NETWORKS = {
    **{f"ResNet{depth}": _residual(*repeats) for depth, repeats in _DEPTHS.items()},
    **{f"ResNet{depth}V2": _activated_before(*repeats) for depth, repeats in _DEPTHS.items()},
}
