"""How long a built network takes: the median of several forward passes, and of each layer in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median_low
from typing import NamedTuple

import torch
from torch import Tensor

from ..graph import Graph, Layer
from . import measure
from .build import Built, build, random_inputs

# What a network can be built in, by dtype; tf32 is fp32 whose products have fewer digits.
TORCH_DTYPES = {
    "fp64": torch.float64,
    "fp32": torch.float32,
    "tf32": torch.float32,
    "fp16": torch.float16,
    "bf16": torch.bfloat16,
}
# Passes before the first that counts, the most and the fewest that do, and seconds after which no more
# follow.
WARM_UP, MOST, FEWEST, ENOUGH = 3, 30, 5, 3.0
# A nanosecond and a millisecond in picoseconds.
_NANOSECOND, _MILLISECOND = 10**3, 10**9


class Timing(NamedTuple):
    """Times in picoseconds.

    whole    the median of a forward pass
    layers   the median of each layer, measured in passes of their own: each ends with a mark
    repeats  how many passes of either kind count
    torch    the version of PyTorch
    device   what it ran on, as PyTorch calls it
    """

    whole: int
    layers: Mapping[Layer, int]
    repeats: int
    torch: str
    device: str


def timed(graph: Graph, layers: Sequence[Layer], *, device: str, batch: int, dtype: str) -> Timing:
    """Measure how long the layers take in a forward pass without gradients. Raises SpecError for a layer
    without a counterpart in PyTorch."""
    with torch.no_grad(), _digits(dtype):
        built = build(graph, layers, device=device).to(TORCH_DTYPES[dtype])
        inputs = _inputs(graph, batch, device, dtype)
        clock = _events if device == "cuda" else _seconds
        for _ in range(WARM_UP):
            clock(built, inputs, None)
        wholes = [sum([passed for _, passed in clock(built, inputs, None)]) for _ in _repeats()]
        by_layer: dict[Layer, list[int]] = {layer: [] for layer in layers}
        for _ in range(len(wholes)):
            for layer, passed in clock(built, inputs, layers):
                if layer is not None:
                    by_layer[layer].append(passed)
    name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    found = {layer: median_low(times) for layer, times in by_layer.items() if times}
    return Timing(median_low(wholes), found, len(wholes), torch.__version__, name)


def _repeats() -> Iterator[int]:
    """Count passes until there are enough."""
    start = time.perf_counter()
    for number in range(MOST):
        if number >= FEWEST and time.perf_counter() - start > ENOUGH:
            return
        yield number


@contextmanager
def _digits(dtype: str) -> Iterator[None]:
    """Products with the digits of the dtype: in fp32 all of them, which is not what PyTorch does by
    itself."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = dtype == "tf32"
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def _inputs(graph: Graph, batch: int, device: str, dtype: str) -> list[Tensor]:
    found = random_inputs(graph, batch, device)
    return [x.to(TORCH_DTYPES[dtype]) if x.is_floating_point() else x for x in found]


# Of a pass its layers with their times, or without layers the time of the whole.
LayerTimes = list[tuple["Layer | None", int]]


def _seconds(built: Built, inputs: Sequence[Tensor], layers: Sequence[Layer] | None) -> LayerTimes:
    """One pass, by the clock of the processor."""
    marks: list[tuple[Layer | None, int]] = []
    seen = _marking(layers, lambda layer: marks.append((layer, time.perf_counter_ns())))
    start = time.perf_counter_ns()
    measure.infer(built, list(inputs), seen)
    if layers is None:
        marks.append((None, time.perf_counter_ns()))
    found = []
    for layer, mark in marks:
        found.append((layer, (mark - start) * _NANOSECOND))
        start = mark
    return found


def _events(built: Built, inputs: Sequence[Tensor], layers: Sequence[Layer] | None) -> LayerTimes:
    """One pass, by events in CUDA's stream."""

    def event() -> torch.cuda.Event:
        made = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        made.record()
        return made

    marks: list[tuple[Layer | None, torch.cuda.Event]] = []
    seen = _marking(layers, lambda layer: marks.append((layer, event())))
    torch.cuda.synchronize()
    start = event()
    measure.infer(built, list(inputs), seen)
    if layers is None:
        marks.append((None, event()))
    torch.cuda.synchronize()
    found = []
    for layer, mark in marks:
        passed = start.elapsed_time(mark)
        found.append((layer, round(passed * _MILLISECOND)))
        start = mark
    return found


def _marking(
    layers: Sequence[Layer] | None, mark: Callable[[Layer], None]
) -> Callable[[Layer, Tensor], None] | None:
    """What is called with every layer, where layers are measured."""
    return None if layers is None else lambda layer, output: mark(layer)
