"""Other numbers of positions, and channels that become positions."""

from __future__ import annotations

from typing import Any

from ..recording import Operation
from .given import UnliftedError
from .lifter import Lifter, first, rule
from .placements import Placement
from .windows import in_front, moved


@rule(
    "upsample_nearest1d",
    "upsample_nearest2d",
    "upsample_nearest3d",
    "upsample_linear1d",
    "upsample_bilinear2d",
    "upsample_trilinear3d",
    "upsample_bicubic2d",
    "_upsample_bilinear2d_aa",
    "_upsample_bicubic2d_aa",
    "upsample_nearest_exact1d",
    "upsample_nearest_exact2d",
    "_upsample_nearest_exact2d",
)
def upsample(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    axes = next(int(letter) for letter in operation.name if letter.isdigit())
    layer, placed = lifter.as_map(lifter.view(first(operation)), axes)
    name = operation.name
    if name.endswith("_aa"):
        raise UnliftedError("antialiasing, which reads as many positions as become one")
    mode = "nearest" if "nearest" in name else "bicubic" if "bicubic" in name else "bilinear"
    extra: dict[str, Any] = {"align_corners": True} if given.get("align_corners") else {}
    before, after = layer.output.spatial[-axes:], operation.output.sizes[-axes:]
    front = len(layer.output) - 1 - axes
    pairs = list(zip(before, after, strict=True))
    factors = given.get("scale_factors")
    if not extra and all(b % a == 0 for a, b in pairs):
        # By whole factors the nearest position is the same, whichever way it is looked for.
        whole = in_front(len(layer.output), axes, 1, [b // a for a, b in pairs])
        made = lifter.layer("upsample", [layer], factor=whole, mode=mode)
        return moved(made, placed, axes)
    if "exact" in name:
        mode = "nearest_exact"
    if (
        factors is not None
        and not extra
        and any(a * f != b for (a, b), f in zip(pairs, factors, strict=True))
    ):
        # The factor as it is, and not that of sizes that were rounded.
        if front or len(set(factors)) > 1:
            raise UnliftedError("factors that differ from axis to axis, with rounded sizes")
        made = lifter.layer("resize", [layer], by=factors[0], mode=mode)
    else:
        made = lifter.layer("resize", [layer], size=(*layer.output[:front], *after), mode=mode, **extra)
    return moved(made, placed, axes)


@rule("pixel_shuffle")
def pixel_shuffle(lifter: Lifter, operation: Operation) -> Placement:
    layer, placed = lifter.as_map(lifter.view(first(operation)), 2)
    return moved(
        lifter.layer("pixel_shuffle", [layer], factor=operation.arguments["upscale_factor"]), placed, 2
    )


@rule("pixel_unshuffle")
def pixel_unshuffle(lifter: Lifter, operation: Operation) -> Placement:
    layer, placed = lifter.as_map(lifter.view(first(operation)), 2)
    made = lifter.layer("pixel_unshuffle", [layer], factor=operation.arguments["downscale_factor"])
    return moved(made, placed, 2)


@rule("channel_shuffle")
def channel_shuffle(lifter: Lifter, operation: Operation) -> Placement:
    layer, placed = lifter.with_channels(lifter.view(first(operation)), 1)
    return placed.on(lifter.layer("channel_shuffle", [layer], groups=operation.arguments["groups"]))
