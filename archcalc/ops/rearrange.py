"""Axes in another order, split and merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import product, value_of
from ..shape import Shape
from .arrangement import FIRST, arrangement_of, merged_stride, strides_of
from .attributes import Text
from .axes import whole_axes
from .base import Free
from .input_windows import InputWindows, WindowsByInput
from .moved_windows import window_of_runs
from .pattern import Pattern, PatternName, followed_axes
from .torch_code import TorchCode
from .traits import VIEW
from .volume import Volume, flattened
from .window import EVERYTHING

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Rearrange(Free):
    """Axes in another order, split into parts and merged, as einops writes it.

    The left side of the pattern names the axes that arrive, the channels last; what stands in
    parentheses is one axis, of which the size of one part may be left out, and 1 is an axis of one
    position. The right side has the same names. A unit reads the positions that it is made of, as far
    as each axis of the output has those of one axis; otherwise the receptive field is the whole input.
    """

    name = "rearrange"
    storage = VIEW
    elsewhere = ("permute", "transpose", "einops", "movedim", "swapaxes")
    group = "rearrangement"
    positional = ("pattern",)
    shapes = "from any shape to the axes on the right of the pattern: as many values"
    example = '56x56x64 -> rearrange "(h p=2) (w q=2) c -> h w (p q c)"'
    source = "Rogozhnikov, Einops, ICLR 2022, section 4; PyTorch, torch.permute and torch.reshape"

    pattern = Text('the axes before and after, as in `"h w c -> w h c"`', required=True)

    def check(self) -> None:
        self.read  # noqa: B018

    @property
    def read(self) -> Pattern:
        """The pattern, read."""
        found: Pattern | None = self.__dict__.get("_pattern")
        if found is None:
            found = self.__dict__["_pattern"] = Pattern(self.pattern)
        return found

    def accept(self, x: Shape) -> None:
        self.read.accept(x)

    def volume(self, x: Shape) -> Volume:
        *spatial, channels = self.read.output(x)
        moves = followed_axes(self.read, x)
        if not spatial and len(x) > 1:
            return flattened(x)
        made = whole_axes(spatial)
        if len(x) == 1 or moves is None or all(at is None for at, _, _ in moves):
            return Volume(made, channels, x.channels, reads=EVERYTHING)
        windows = [
            window_of_runs(n, runs, beside, 1 if at is None else spatial[at])
            for n, (at, runs, beside) in zip(x.spatial, moves, strict=True)
        ]
        reads = InputWindows(windows, [at for at, _, _ in moves])
        return Volume(made, channels, x.channels, reads=WindowsByInput([reads]))

    def output(self, x: Shape) -> Shape:
        return self.read.output(x)

    def torch_code(self, x: Shape) -> TorchCode:
        before, after, sizes = self._torch_axes(x)
        order = {part.name: place for place, part in enumerate(before, 1)}
        moved = [order[part.name] for axis in after for part in axis]
        code = "x"
        if [value_of(sizes[part.name]) for part in before] != [x.channels, *x.spatial]:
            code += f".reshape(-1, {', '.join(str(sizes[part.name]) for part in before)})"
        if moved != sorted(moved):
            code += f".permute(0, {', '.join(map(str, moved))})"
        if not all(len(axis) == 1 for axis in after):
            code += (
                f".reshape(-1, {', '.join(str(product([sizes[p.name] for p in axis])) for axis in after)})"
            )
        return TorchCode(None, code, aliases=True)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        before, after, sizes = self._torch_axes(x)
        order = {part.name: place for place, part in enumerate(before, 1)}
        found = to.x
        if [value_of(sizes[part.name]) for part in before] != [value_of(n) for n in (x.channels, *x.spatial)]:
            found = to.reshape(found, *[sizes[part.name] for part in before])
        found = to.transpose(found, 0, *[order[part.name] for axis in after for part in axis])
        if not all(len(axis) == 1 for axis in after):
            found = to.reshape(found, *[product([sizes[p.name] for p in axis]) for axis in after])
        return to.node("Identity", to.x) if found == to.x else found

    def _torch_axes(self, x: Shape) -> tuple[list[PatternName], list[list[PatternName]], dict[str, int]]:
        """The parts that arrive and those of each axis behind, the channels first, and their sizes."""
        *rest, channels = self.read.before
        *behind, last = self.read.after
        return [part for axis in (channels, *rest) for part in axis], [last, *behind], self.read.sizes(x)

    def _strides(self, arrangement: str, x: Shape) -> tuple[list[int], bool]:
        """Strides of the output, channels last, where it is a view; and whether it is one."""
        sizes = {name: value_of(n) for name, n in self.read.sizes(x).items()}
        strides: dict[str, int] = {}
        for stride, axis in zip(strides_of(arrangement, x), self.read.before, strict=True):
            for part in reversed(axis):
                strides[part.name] = stride
                stride *= sizes[part.name]
        found = [
            merged_stride([strides[p.name] for p in axis], [sizes[p.name] for p in axis])
            for axis in self.read.after
        ]
        return [n or 0 for n in found], None not in found

    def copies(self, arrangements: tuple[str, ...], x: Shape) -> bool:
        return not self._strides(arrangements[0], x)[1]

    def arranges(self, arrangements: tuple[str, ...], x: Shape) -> str:
        strides, view = self._strides(arrangements[0], x)
        return arrangement_of(strides, [value_of(n) for n in self.output(x)]) if view else FIRST

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        sizes = self.read.sizes(Shape(x.shape))
        before = [part.name for axis in self.read.before for part in axis]
        after = [part.name for axis in self.read.after for part in axis]
        parts = x.reshape([sizes[name] for name in before]).transpose([before.index(name) for name in after])
        return parts.reshape(self.read.output(Shape(x.shape)))
