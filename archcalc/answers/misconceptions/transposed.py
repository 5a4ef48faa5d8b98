"""Misconceptions of what a transposed convolution puts out."""

from __future__ import annotations

from ...arithmetic import value_of
from ...ops.window import fitting, transposed, unchanged
from ..methods.volumes import VolumeMethod
from .belief import belief


def _spread(volume: VolumeMethod) -> bool:
    return bool(volume.windows) and all(window.rule is transposed for window in volume.windows)


@belief(
    "kernel left out of a transposed convolution",
    wrong="(W − 1)·S",
    why="The last position is spread over a whole window: F is added.",
    hint="How far does the last window reach?",
    source="pytorch/pytorch#172560",
)
def spread_kernel_forgotten(volume: VolumeMethod) -> VolumeMethod | None:
    return volume.each(kernel=0, dilation=1) if _spread(volume) else None


@belief(
    "a convolution's formula for a transposed one",
    wrong="⌊(W − F + 2·P) / S⌋ + 1",
    why="A transposed convolution makes the input larger: its formula is the other one solved for the input.",
    hint="Does a transposed convolution make its input smaller or larger?",
    source="5, kernel 2, stride 2: 10 -> 2",
)
def spread_as_forward(volume: VolumeMethod) -> VolumeMethod | None:
    return volume.each(rule=fitting) if _spread(volume) else None


@belief(
    "padding added to a transposed convolution's output",
    wrong="(W − 1)·S + 2·P + F",
    why="In a transposed convolution the padding is cut off the output.",
    hint="What happens to the rim of the output?",
    source="onnx/onnx#3357; pytorch/pytorch#8816 (8 -> 12)",
)
def spread_pad_added(volume: VolumeMethod) -> VolumeMethod | None:
    rims = [value_of(rim) for window in volume.windows for rim in (window.low, window.high)]
    if not _spread(volume) or not any(rims):
        return None
    return volume.each(grows=True)


@belief(
    "output padding forgotten",
    wrong="(W − 1)·S − 2·P + F",
    why="`output_pad` positions are added behind the output.",
    hint="Is anything added behind the output?",
    source="pytorch/pytorch#8816",
    special=True,
)
def spread_extra_forgotten(volume: VolumeMethod) -> VolumeMethod | None:
    if not _spread(volume) or not any(value_of(window.output_pad) for window in volume.windows):
        return None
    return volume.each(output_pad=0)


@belief(
    "size multiplied by the stride",
    wrong="W·S",
    why="That holds where the padding is chosen so. In general it is (W − 1)·S − 2·P + F.",
    hint="How many steps are there between W positions?",
    source="TensorFlow's same, taken to hold always",
)
def spread_times_size(volume: VolumeMethod) -> VolumeMethod | None:
    if not _spread(volume):
        return None
    return volume.mapped(lambda window: window.but(rule=unchanged, size=window.size * window.stride))
