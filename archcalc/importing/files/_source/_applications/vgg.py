"""VGG, after Simonyan and Zisserman, 2014."""

from __future__ import annotations

from typing import Any

from .building import Application, Building, classified


def _vgg(*repeats: int) -> Application:
    def features(build: Building, x: Any) -> Any:
        for block, (times, filters) in enumerate(
            zip(repeats, (64, 128, 256, 512, 512), strict=True), start=1
        ):
            for number in range(1, times + 1):
                name = f"block{block}_conv{number}"
                x = build("Conv2D", x, filters, 3, padding="same", activation="relu", name=name)
            x = build("MaxPooling2D", x, 2, strides=2, name=f"block{block}_pool")
        return x

    return Application(features, top=_top)


def _top(build: Building, x: Any) -> Any:
    x = build("Flatten", x, name="flatten")
    for name in ("fc1", "fc2"):
        x = build("Dense", x, 4096, activation="relu", name=name)
    return classified(build, x)


NETWORKS = {"VGG16": _vgg(2, 2, 3, 3, 3), "VGG19": _vgg(2, 2, 4, 4, 4)}
