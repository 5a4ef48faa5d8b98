"""Densely connected networks, after Huang and others, 2016."""

from __future__ import annotations

from typing import Any

from .building import Application, Building

_EPSILON = 1.001e-5
_GROWTH = 32


def _norm(build: Building, x: Any, name: str) -> Any:
    return build.norm(x, name, epsilon=_EPSILON)


def _dense(*repeats: int) -> Application:
    def features(build: Building, x: Any) -> Any:
        x = build("ZeroPadding2D", x, 3)
        x = build("Conv2D", x, 64, 7, strides=2, use_bias=False, name="conv1_conv")
        x = build.relu(_norm(build, x, "conv1_bn"), "conv1_relu")
        x = build("MaxPooling2D", build("ZeroPadding2D", x, 1), 3, strides=2, name="pool1")
        channels = 64
        for stage, times in enumerate(repeats, start=2):
            for number in range(1, times + 1):
                x = _unit(build, x, f"conv{stage}_block{number}")
            channels += times * _GROWTH
            if stage <= len(repeats):
                channels //= 2
                x = build.relu(_norm(build, x, f"pool{stage}_bn"), f"pool{stage}_relu")
                x = build("Conv2D", x, channels, 1, use_bias=False, name=f"pool{stage}_conv")
                x = build("AveragePooling2D", x, 2, strides=2, name=f"pool{stage}_pool")
        return build.relu(_norm(build, x, "bn"), "relu")

    return Application(features)


def _unit(build: Building, x: Any, name: str) -> Any:
    y = build.relu(_norm(build, x, f"{name}_0_bn"), f"{name}_0_relu")
    y = build("Conv2D", y, 4 * _GROWTH, 1, use_bias=False, name=f"{name}_1_conv")
    y = build.relu(_norm(build, y, f"{name}_1_bn"), f"{name}_1_relu")
    y = build("Conv2D", y, _GROWTH, 3, padding="same", use_bias=False, name=f"{name}_2_conv")
    return build("Concatenate", [x, y], name=f"{name}_concat")


NETWORKS = {
    "DenseNet121": _dense(6, 12, 24, 16),
    "DenseNet169": _dense(6, 12, 32, 32),
    "DenseNet201": _dense(6, 12, 48, 32),
}
