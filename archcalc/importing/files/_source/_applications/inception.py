"""Inception of the third version, after Szegedy and others, 2015, and Xception, after Chollet, 2016."""

from __future__ import annotations

from typing import Any

from .building import Application, Building


class _Inception:
    """The pieces of an Inception network."""

    def __init__(self, build: Building):
        self.build = build

    def conv(
        self, x: Any, filters: int, rows: int, columns: int, strides: int = 1, padding: str = "same"
    ) -> Any:
        x = self.build(
            "Conv2D", x, filters, (rows, columns), strides=strides, padding=padding, use_bias=False
        )
        return self.build.relu(self.build.norm(x, scale=False))

    def chain(self, x: Any, *rows: tuple[int, int, int]) -> Any:
        for row in rows:
            x = self.conv(x, *row)
        return x

    def pooled(self, x: Any, filters: int) -> Any:
        x = self.build("AveragePooling2D", x, 3, strides=1, padding="same")
        return self.conv(x, filters, 1, 1)

    def joined(self, parts: list[Any], name: str | None = None) -> Any:
        return self.build("Concatenate", parts, axis=3, name=name)


def _inception(build: Building, x: Any) -> Any:
    net = _Inception(build)
    x = net.conv(x, 32, 3, 3, 2, "valid")
    x = net.conv(x, 32, 3, 3, 1, "valid")
    x = net.conv(x, 64, 3, 3)
    x = build("MaxPooling2D", x, 3, strides=2)
    x = net.conv(x, 80, 1, 1, 1, "valid")
    x = net.conv(x, 192, 3, 3, 1, "valid")
    x = build("MaxPooling2D", x, 3, strides=2)
    for number, width in enumerate((32, 64, 64)):
        one = net.conv(x, 64, 1, 1)
        five = net.chain(x, (48, 1, 1), (64, 5, 5))
        twice = net.chain(x, (64, 1, 1), (96, 3, 3), (96, 3, 3))
        x = net.joined([one, five, twice, net.pooled(x, width)], f"mixed{number}")
    three = net.conv(x, 384, 3, 3, 2, "valid")
    twice = net.conv(net.chain(x, (64, 1, 1), (96, 3, 3)), 96, 3, 3, 2, "valid")
    x = net.joined([three, twice, build("MaxPooling2D", x, 3, strides=2)], "mixed3")
    for number, width in enumerate((128, 160, 160, 192), start=4):
        one = net.conv(x, 192, 1, 1)
        seven = net.chain(x, (width, 1, 1), (width, 1, 7), (192, 7, 1))
        twice = net.chain(x, (width, 1, 1), (width, 7, 1), (width, 1, 7), (width, 7, 1), (192, 1, 7))
        x = net.joined([one, seven, twice, net.pooled(x, 192)], f"mixed{number}")
    three = net.conv(net.conv(x, 192, 1, 1), 320, 3, 3, 2, "valid")
    seven = net.conv(net.chain(x, (192, 1, 1), (192, 1, 7), (192, 7, 1)), 192, 3, 3, 2, "valid")
    x = net.joined([three, seven, build("MaxPooling2D", x, 3, strides=2)], "mixed8")
    for number in range(2):
        one = net.conv(x, 320, 1, 1)
        three = net.conv(x, 384, 1, 1)
        three = net.joined([net.conv(three, 384, 1, 3), net.conv(three, 384, 3, 1)], f"mixed9_{number}")
        twice = net.chain(x, (448, 1, 1), (384, 3, 3))
        twice = net.joined([net.conv(twice, 384, 1, 3), net.conv(twice, 384, 3, 1)])
        x = net.joined([one, three, twice, net.pooled(x, 192)], f"mixed{9 + number}")
    return x


def _separable(build: Building, x: Any, filters: int, name: str, before: bool = True) -> Any:
    if before:
        x = build.relu(x, f"{name}_act")
    x = build("SeparableConv2D", x, filters, 3, padding="same", use_bias=False, name=name)
    return build.norm(x, f"{name}_bn")


def _xception(build: Building, x: Any) -> Any:
    for number, (filters, stride) in enumerate(((32, 2), (64, 1)), start=1):
        name = f"block1_conv{number}"
        x = build("Conv2D", x, filters, 3, strides=stride, use_bias=False, name=name)
        x = build.relu(build.norm(x, f"{name}_bn"), f"{name}_act")
    for block, widths in enumerate([(128, 128), (256, 256), (728, 728), *[None] * 8, (728, 1024)], start=2):
        skip = x
        if widths is None:
            for number in (1, 2, 3):
                x = _separable(build, x, 728, f"block{block}_sepconv{number}")
            x = build("Add", [x, skip])
            continue
        skip = build("Conv2D", x, widths[1], 1, strides=2, padding="same", use_bias=False)
        skip = build.norm(skip)
        for number, filters in enumerate(widths, start=1):
            x = _separable(build, x, filters, f"block{block}_sepconv{number}", before=block > 2 or number > 1)
        x = build("MaxPooling2D", x, 3, strides=2, padding="same", name=f"block{block}_pool")
        x = build("Add", [x, skip])
    for number, filters in enumerate((1536, 2048), start=1):
        name = f"block14_sepconv{number}"
        x = build.relu(_separable(build, x, filters, name, before=False), f"{name}_act")
    return x


NETWORKS = {
    "InceptionV3": Application(_inception, 299, name="inception_v3"),
    "Xception": Application(_xception, 299),
}
