"""Which input positions a unit reads, found by gradients through the network's own modules.

What is nonzero in the gradient of a unit is what it reads. The gradient is taken a layer at a time
and only asked where it is nonzero, so nothing underflows however deep the network is. Kernels are
all ones on a single channel, a maximum is a sum, normalisations and activations pass everything on
where it is, and a gate that sees everything is left out, as the definition has it. Norms that take
their statistics of the whole map are looked at by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ..analysis.pixels import Pixels
from ..analysis.receptive import Fields, FieldsByInput, ReadBlock
from ..graph import Graph, Group, Layer
from ..ops.input_windows import WindowsByInput
from ..ops.window import NOTHING
from .build import NAMES, Apply, compiled, reads_several, torch_code_of
from .modules.norms import BatchNorm, FrozenBatchNorm, LocalContrastNorm

# Layers of a network that are measured, at most.
MOST_LAYERS = 8
# What a maximum reads shows one position at a time: values are drawn until so many draws show nothing new.
STEADY = 40
# Draws that show what the first one showed, before a layer counts as one of which each draw shows all.
ALIKE = 3
# Positions of a map that are changed one after the other, at most, and how often.
MOST_CHANGED = 1024
DRAWS = 40
# Shares of zeros that are drawn: whether all are, or none is, shows where the others leave it open.
ZEROS = (0.5, 0.0, 0.9, 0.98)
_CONVS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_POOLS = (
    nn.MaxPool1d,
    nn.MaxPool2d,
    nn.MaxPool3d,
    nn.AvgPool1d,
    nn.AvgPool2d,
    nn.AvgPool3d,
    nn.LPPool1d,
    nn.LPPool2d,
    nn.LPPool3d,
)
_ADAPTIVE: dict[Any, Any] = {
    nn.AdaptiveMaxPool1d: nn.AdaptiveAvgPool1d,
    nn.AdaptiveMaxPool2d: nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool3d: nn.AdaptiveAvgPool3d,
}
# At inference these are pointwise: their statistics are fixed, or those of a position by itself;
# and a softmax over a single channel is 1 whatever it reads. Norms whose statistics are those of a
# map are left out too, as the definition has it, but they are named (``reads_map``).
_POINTWISE = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
    nn.LayerNorm,
    BatchNorm,
    FrozenBatchNorm,
    nn.Softmax,
)
_CONVOLVE = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


class _Pads:
    """torch.nn.functional, but a rim of any one value is one of zeros: only places matter."""

    def __getattr__(self, name: str) -> Any:
        return getattr(F, name)

    @staticmethod
    def pad(x: Tensor, pad: Sequence[int], mode: str = "constant", value: float = 0) -> Tensor:
        """Zeros around a tensor, or a rim that is made of it."""
        return F.pad(x, list(pad), mode=mode)


@lru_cache(maxsize=4096)
def _padding_with_zeros(source: str) -> Apply:
    """The function of a layer's module and input that this code is, with rims of zeros."""
    return cast(Apply, eval(f"lambda m, x: {source}", {**NAMES, "F": _Pads()}))


@lru_cache(maxsize=4096)
def _without_values(source: str) -> nn.Module:
    """The module that this code makes, to be looked at."""
    with torch.device("meta"):
        return cast(nn.Module, compiled(source)())


class _Sums(nn.Module):
    """A pool of any kind as the sum of each window."""

    def __init__(self, pool: Any, axes: int):
        super().__init__()
        self.kernel = _each(pool.kernel_size, axes)
        self.stride = _each(pool.stride if pool.stride is not None else self.kernel, axes)
        self.padding = _each(getattr(pool, "padding", 0), axes)
        self.dilation = _each(getattr(pool, "dilation", 1), axes)
        self.ceil_mode = pool.ceil_mode

    def forward(self, x: Tensor) -> Tensor:
        """PyTorch's rule: with ceil_mode a last window may hang over, if it starts inside."""
        sides = []
        for n, k, s, p, d in zip(
            x.shape[2:], self.kernel, self.stride, self.padding, self.dilation, strict=True
        ):
            reach, more = (k - 1) * d + 1, 0
            if self.ceil_mode:
                windows = -(-(n + 2 * p - reach) // s) + 1
                if (windows - 1) * s >= n + p:
                    windows -= 1
                more = max((windows - 1) * s + reach - (n + 2 * p), 0)
            sides += [p + more, p]
        x = F.pad(x, sides[::-1])
        ones = x.new_ones(1, 1, *self.kernel)
        return _CONVOLVE[len(self.kernel)](x, ones, stride=self.stride, dilation=self.dilation)


def _each(value: Any, axes: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes


def _plain(module: nn.Module | None, axes: int) -> nn.Module | None:
    """The module on a single channel with kernels of ones; None where there is no such thing."""
    if isinstance(module, _POOLS):
        return _Sums(module, axes)
    if type(module) in _ADAPTIVE:
        adaptive: Any = module
        return _ADAPTIVE[type(module)](adaptive.output_size)  # type: ignore[no-any-return]
    if isinstance(module, nn.Linear):
        single = nn.Linear(1, 1, bias=False)
        nn.init.ones_(single.weight)
        return single
    if not isinstance(module, (*_CONVS, *_TRANSPOSED)):
        return None
    options: dict[str, Any] = {
        "stride": module.stride,
        "padding": module.padding,
        "dilation": module.dilation,
    }
    if isinstance(module, _TRANSPOSED):
        options["output_padding"] = module.output_padding
    kind: Any = type(module)
    made = kind(1, 1, module.kernel_size, bias=False, **options)
    nn.init.ones_(made.weight)
    return made  # type: ignore[no-any-return]


@contextmanager
def _own_kernels() -> Iterator[None]:
    """PyTorch's own kernels: those of oneDNN take twice as long on a single channel."""
    mkldnn: Any = torch.backends.mkldnn
    before, mkldnn.enabled = mkldnn.enabled, False
    try:
        yield
    finally:
        mkldnn.enabled = before


def back(layer: Layer, masks: Tensor) -> list[Tensor | None]:
    """Return what is read of each input of a layer by the positions in ``masks``, a batch of them: true
    where something is read. None for an input that is left out or has no positions."""
    asked = masks.reshape(len(masks), -1).any(1)
    if not bool(asked.all()):
        # Units of earlier layers ask nothing of this one.
        found = back(layer, masks[asked]) if bool(asked.any()) else [None] * len(layer.inputs)
        return [None if part is None else _spread(part, asked) for part in found]
    windows = layer.facts.windows
    many = isinstance(windows, WindowsByInput) or (len(layer.inputs) > 1 and isinstance(windows, tuple))
    if layer.op.stops_gradient and (many or isinstance(windows, tuple)):
        return _by_changes(layer, masks)
    if isinstance(windows, WindowsByInput) or (many and not layer.op.merge):
        return _by_inputs(layer, masks)
    if layer.op.merge:
        # A vector among maps has no positions, whichever place it stands at.
        return [masks if source.output.spatial else asked for source in layer.inputs]
    if layer.facts.windows == NOTHING:
        return [None] * len(layer.inputs)
    if not layer.inputs[0].output.spatial:
        return [asked, *[None] * (len(layer.inputs) - 1)]
    if len(layer.inputs) > 1:  # attention to another tensor reads all of it
        every = [source.output.spatial for source in layer.inputs]
        return [masks.new_ones((len(masks), *sizes)) if sizes else None for sizes in every]
    torch_code = torch_code_of(layer)
    source = layer.inputs[0].output
    spatial = source.spatial
    module = None if torch_code.module is None else _without_values(torch_code.module)
    if (isinstance(module, _POINTWISE) and layer.facts.pointwise) or layer.op.whole_statistics:
        return [masks]
    apply = _padding_with_zeros(torch_code.apply)
    plain = _plain(module, len(spatial))
    if plain is not None:
        # Raised where its code adds channels to those that arrive.
        with suppress(RuntimeError), _own_kernels():
            # Gradients are sums of ones or of shares of one: floats of any width tell them from 0.
            return [_gradient(plain, apply, masks, 1, spatial, torch.float32)]
    return [_by_values(layer, module, apply, masks)]


def _by_inputs(layer: Layer, masks: Tensor) -> list[Tensor | None]:
    """What a layer reads of each of its inputs, as it is, on random values."""
    torch_code = torch_code_of(layer)
    module = None if torch_code.module is None else compiled(torch_code.module)().eval().double()
    what = "xs" if reads_several(layer) else "x"
    apply: Apply = compiled(torch_code.apply, f"m, {what}")
    shapes = [source.output for source in layer.inputs]
    unused: set[int] = set()

    def draw() -> list[Tensor]:
        xs = [
            torch.rand(len(masks), x.channels, *x.spatial, dtype=torch.float64, requires_grad=True)
            for x in shapes
        ]
        made = apply(module, xs if what == "xs" else xs[0])
        weights = masks.unsqueeze(1) * torch.rand_like(made)
        gradients = torch.autograd.grad(made, xs, weights, allow_unused=True)
        unused.update([number for number, part in enumerate(gradients) if part is None])
        return [
            torch.zeros(len(masks), *x.spatial, dtype=torch.bool) if part is None else (part != 0).any(1)
            for x, part in zip(shapes, gradients, strict=True)
        ]

    found = draw()
    unchanged = 0
    while unchanged < ALIKE:  # which positions it reads may depend on the values
        more = [a | b for a, b in zip(found, draw(), strict=True)]
        unchanged = unchanged + 1 if all(map(torch.equal, more, found)) else 0
        found = more
    if unused or not any(map(torch.any, found)):  # a condition, or steps, which have no slope
        return _by_changes(layer, masks)
    return [part if x.spatial else None for x, part in zip(shapes, found, strict=True)]


def _by_changes(layer: Layer, masks: Tensor) -> list[Tensor | None]:
    """What a layer reads of each of its inputs, by changing one position after the other: of layers whose
    output has no gradient, or steps. Of maps too large for that, it is the windows that are believed."""
    torch_code = torch_code_of(layer)
    module = None if torch_code.module is None else compiled(torch_code.module)().eval().double()
    what = "xs" if reads_several(layer) else "x"
    apply: Apply = compiled(torch_code.apply, f"m, {what}")
    shapes = [source.output for source in layer.inputs]
    found: list[Tensor | None] = []
    for index, shape in enumerate(shapes):
        count = prod(shape.spatial)
        if not shape.spatial:
            found.append(None)
            continue
        if count > MOST_CHANGED:
            found.append(masks if shape.spatial == layer.output.spatial else None)
            continue
        changed = torch.zeros(count, prod(layer.output.spatial), dtype=torch.bool)
        for draw in range(DRAWS):
            zeros = ZEROS[draw % len(ZEROS)]
            xs = [_drawn(zeros, 1, x.channels, *x.spatial) for x in shapes]
            before = apply(module, xs if what == "xs" else xs[0])
            many = [x.repeat(count, *[1] * (x.dim() - 1)) for x in xs]
            flat = many[index].flatten(2)
            for place in range(count):
                flat[place, :, place] = _drawn(0.5, shape.channels)
            many[index] = flat.reshape(count, shape.channels, *shape.spatial)
            after = apply(module, many if what == "xs" else many[0])
            same = (after == before) | (after.isnan() & before.isnan())
            changed |= ~same.all(1).flatten(1)
        read = masks.flatten(1).double() @ changed.double().T > 0
        found.append(read.reshape(len(masks), *shape.spatial))
    return found


def _drawn(zeros: float, *sizes: int) -> Tensor:
    """Few different values, so that some are equal, and a share of zeros; in equal parts some of them
    are infinite, or no numbers."""
    values = torch.randint(1, 5, sizes).double()
    values[values > 2] -= 5
    values[torch.rand(sizes) < zeros] = 0
    if zeros == 0.5:
        values[torch.rand(sizes) < 1 / 16] = torch.inf
        values[torch.rand(sizes) < 1 / 16] = torch.nan
    return values


def _by_values(layer: Layer, module: nn.Module | None, apply: Apply, masks: Tensor) -> Tensor:
    """What a layer reads as it is, on random values."""
    source = layer.inputs[0].output
    channels = 1
    if not _single(module, apply, source.spatial, layer.output.spatial):
        channels = source.channels
    elif isinstance(module, LocalContrastNorm):
        # Of one channel or two it makes constants where the square is a single position.
        channels = 3
    code = torch_code_of(layer).module
    real = None if code is None else compiled(code)().eval().double()
    found = _gradient(real, apply, masks, channels, source.spatial)
    if not bool(found.any()):  # steps have no slope
        (changed,) = _by_changes(layer, masks)
        return found if changed is None else changed
    windows = layer.facts.windows
    if isinstance(windows, tuple) and all(window.pointwise for window in windows):
        for _ in range(STEADY):  # it may have no slope where a value is small
            if torch.equal(found, masks):
                break
            found = found | _gradient(real, apply, masks, channels, source.spatial)
        return found
    for _ in range(ALIKE):  # a maximum can show the same positions twice by chance
        more = _gradient(real, apply, masks, channels, source.spatial)
        if not torch.equal(found, more):
            break
    else:
        return found
    unchanged = 0
    while unchanged < STEADY:  # which positions it reads depends on the values
        unchanged = unchanged + 1 if bool((found | more == found).all()) else 0
        found = found | more
        more = _gradient(real, apply, masks, channels, source.spatial)
    return found


def _gradient(
    module: nn.Module | None,
    apply: Apply,
    masks: Tensor,
    channels: int,
    spatial: Sequence[int],
    dtype: torch.dtype = torch.float64,
) -> Tensor:
    """Where the gradient of the positions in ``masks`` is not 0, for one draw of the values that arrive."""
    x = torch.rand(masks.shape[0], channels, *spatial, dtype=dtype, requires_grad=True)
    read = apply(module, x)
    weights = masks.unsqueeze(1).to(read.dtype).expand_as(read)
    if channels > 1:
        # Not the same for all: those of a normalisation sum to a constant.
        weights = weights * torch.rand_like(read)
    (gradient,) = torch.autograd.grad(read, x, weights)
    least = _least_weight(module, spatial, read.shape[2:])
    return (gradient.abs() > least).any(1)


def _least_weight(module: nn.Module | None, spatial: Sequence[int], wide: Sequence[int]) -> float:
    """Less than the least weight of an interpolation that is not 0; 0 for all else.

    A unit of an axis made p/q times as long lies a multiple of 1/(2p) from the position before it,
    and so are its two weights multiples of that; of a cubic one they are no less than a third of the
    square. Where corners are aligned, it is the distances that are made longer. Where a unit lies on
    a position, the weight of the next comes out as 0 or, for lack of digits, as next to nothing.
    """
    if not isinstance(module, nn.Upsample) or module.mode == "nearest":
        return 0
    corners = int(bool(module.align_corners))
    sizes = [
        (max(before - corners, 1), max(after - corners, 1))
        for before, after in zip(spatial, wide, strict=True)
    ]
    parts = [2 * Fraction(after, before).numerator for before, after in sizes]
    if module.mode == "bicubic":
        return 0.5 / prod([3 * part * part for part in parts])
    return 0.5 / prod(parts)


def reads_map(layer: Layer) -> bool:
    """Whether a unit of a norm reads every position for its statistics, by gradients through the
    module itself."""
    source = layer.inputs[0].output
    torch_code = torch_code_of(layer)
    module = compiled(torch_code.module or "None")().double().eval()
    apply: Apply = compiled(torch_code.apply, "m, x")
    x = torch.rand(1, source.channels, *source.spatial, dtype=torch.float64, requires_grad=True)
    unit = (0, 0, *[0] * len(source.spatial))
    (gradient,) = torch.autograd.grad(apply(module, x)[unit], x)
    return bool((gradient != 0).any(1).all())


def _spread(part: Tensor, rows: Tensor) -> Tensor:
    """Rows of a batch back in their places among others, in which nothing is true."""
    whole = part.new_zeros(len(rows), *part.shape[1:])
    whole[rows] = part
    return whole


def _single(module: nn.Module | None, apply: Apply, spatial: Sequence[int], behind: Sequence[int]) -> bool:
    """Whether a layer without tensors of its own takes a single channel, for the same positions."""
    if module is not None and any(True for _ in (*module.parameters(), *module.buffers())):
        return False
    try:
        # Behind the first channel there is nothing to take.
        made = apply(module, torch.empty(1, 1, *spatial, device="meta"))
        return made.numel() > 0 and tuple(made.shape[2:]) == tuple(behind)
    except (RuntimeError, ValueError, IndexError, TypeError):
        return False


# A unit of a layer.
LayerAndUnit = tuple[Layer, tuple[int, ...]]


def read_by(graph: Graph, units: Sequence[LayerAndUnit]) -> list[dict[Layer, ReadBlock]]:
    """First and last position, an axis, that each unit reads of the network's inputs: of those that
    it reads something of. A layer that sees everything on the way is not allowed."""
    count = len(units)
    needs: dict[Layer, Tensor] = {}
    known = Fields(graph).seen_by

    def need(layer: Layer, masks: Tensor) -> None:
        needs[layer] = needs[layer] | masks if layer in needs else masks

    for number, (layer, unit) in enumerate(units):
        masks = torch.zeros(count, *layer.output.spatial, dtype=torch.bool)
        masks[number][unit] = True
        need(layer, masks)
    for at in reversed(graph.layers):
        if at in needs:
            for source, read in zip(at.inputs, back(at, needs.pop(at)), strict=True):
                # A vector is followed where it is a part of a map: the gates of one see everything.
                if read is not None and (source.output.spatial or _is_local(known[source])):
                    need(source, read)
    return [
        {
            source: _ends(needs[source][number])
            for source in graph.inputs
            if source in needs and source.output.spatial and bool(needs[source][number].any())
        }
        for number in range(count)
    ]


def _is_local(seen: FieldsByInput | None) -> bool:
    """Whether a tensor sees no input of the network whole."""
    return seen is not None and not any(tensor_field.whole for tensor_field in seen.values())


def _ends(mask: Tensor) -> ReadBlock:
    found: list[tuple[int, int] | None] = []
    for axis in range(mask.dim()):
        others = [other for other in range(mask.dim()) if other != axis]
        line = mask.any(dim=others) if others else mask
        places = line.nonzero().flatten().tolist()
        found.append((places[0], places[-1]) if places else None)
    return tuple(found)


class PredictedBlock:
    """The block of an input that a unit reads by the rules: first and last pixel per axis, None where nothing
    is read. Gradients must say the same."""

    def __init__(self, block: ReadBlock):
        self.block = block

    def allows(self, measured: ReadBlock | None) -> bool:
        """Whether a measured block is this one; None where nothing is read."""
        if measured is None or None in measured:
            # Who reads nothing along one axis reads nothing at all.
            return None in self.block
        return self.block == measured


def predicted(
    graph: Graph, layer: Layer, unit: tuple[int, ...], pixels: Pixels | None = None
) -> dict[Layer, PredictedBlock] | None:
    """Return what a unit reads by the rules of the inputs that it sees; None if there is no rule."""
    blocks = (pixels or Pixels(graph)).of_unit(layer, unit)
    if blocks is None:
        return None
    return {
        source: PredictedBlock(blocks[source])
        for source in graph.inputs
        if source in blocks and source.output.spatial
    }


def measurable(graph: Graph, fields: Fields, layers: Sequence[Layer]) -> list[Layer]:
    """The layers with positions that see every input of theirs through windows."""
    found = []
    for layer in layers:
        seen = fields.seen_by[layer]
        if layer.output.spatial and seen is not None and not any(v.whole for v in seen.values()):
            found.append(layer)
    return found


def stage_ends(graph: Graph, fields: Fields, layers: Sequence[Layer]) -> list[Layer]:
    """The last layers of the parts that the spec is written in, as far as they can be measured;
    at most MOST_LAYERS, spread over the depth."""
    able = set(measurable(graph, fields, layers))
    ends = []
    members = graph.tree.members
    while len(members) == 1 and isinstance(members[0], Group):
        members = members[0].members
    for member in members:
        inside = [member] if isinstance(member, Layer) else list(member.layers())
        local = [layer for layer in inside if layer in able]
        if local:
            ends.append(local[-1])
    ends = list(dict.fromkeys(ends))
    if len(ends) <= MOST_LAYERS:
        return ends
    last = len(ends) - 1
    return [ends[round(i * last / (MOST_LAYERS - 1))] for i in range(MOST_LAYERS)]


def some_units(layer: Layer) -> list[tuple[int, ...]]:
    """The first unit of a layer, one in the middle and the last."""
    spatial = tuple(layer.output.spatial)
    places = [tuple([0] * len(spatial)), tuple([n // 2 for n in spatial]), tuple([n - 1 for n in spatial])]
    return list(dict.fromkeys(places))


def fields(
    graph: Graph, known: Fields, layers: Sequence[Layer]
) -> Iterator[tuple[Layer, tuple[int, ...], dict[Layer, PredictedBlock], dict[Layer, ReadBlock]]]:
    """For the ends of stages and some of their units: what they read of the inputs by the rules,
    and by gradients."""
    units = [(layer, unit) for layer in stage_ends(graph, known, layers) for unit in some_units(layer)]
    found = read_by(graph, units)
    pixels = Pixels(graph, known)
    for (layer, unit), blocks in zip(units, found, strict=True):
        expected = predicted(graph, layer, unit, pixels)
        if expected is not None:
            yield layer, unit, expected, blocks
