"""Sampling of a map at places that another tensor gives, and the grids of such places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, product, value_of
from ..shape import Shape
from .arrangement import FIRST
from .attributes import Axes, Choice, Flag, OpError, spread
from .base import Op
from .facts import OperationCounts, Saved
from .input_windows import WindowsByInput, own_position
from .torch_code import TorchCode, literal
from .volume import Volume
from .window import EVERYTHING, Window, stated, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class GridSample(Op):
    """A map read at the places of a grid, between whose positions values are interpolated.

    What arrives is the map; the grid comes by name, `grid_sample @grid`, and has as many numbers at
    each position as the map has axes: x first, from -1 at one end to 1 at the other. The output has
    the positions of the grid. Where a unit reads is data, so it may see anything of the map.
    """

    name = "grid_sample"
    synonyms = ("gridsample", "gridsampler")
    group = "enlarging"
    several = True
    takes_arriving = True
    arrangement = FIRST
    shapes = "from a map and a grid of places to the positions of the grid, the channels of the map"
    example = "16x16x8 -> g: conv 3x3 2 pad=1 -> tanh\n@input -> grid_sample @g"
    source = "arXiv:1506.02025, section 3.3; PyTorch, torch.nn.functional.grid_sample"
    counting = (
        "per output: bilinear mul_add 2 per axis multiplied (4 on a map), bicubic 4 per axis (16), not "
        "among the MACs; nearest none; places and weights, the same for all channels, are not counted"
    )
    no_torch_reason = "PyTorch's takes two or three axes, and the bicubic one two"

    mode = Choice(("bilinear", "nearest", "bicubic"), "what stands between the values", "bilinear")
    outside = Choice(
        ("zeros", "border", "reflection"), "what is read outside of the map (changes no count)", "zeros"
    )
    align_corners = Flag("-1 and 1 are the centres of the outer positions, not their ends", False)

    def accept(self, x: Shape, *grids: Shape) -> None:
        self.need_positions(x)
        if len(grids) != 1:
            raise OpError("argument", f"`{self.name}` takes its grid by name, as in `{self.name} @grid`")
        (grid,) = grids
        if len(grid) != len(x) or grid.channels != len(x) - 1:
            raise OpError(
                "shape",
                f"the grid of a map of {len(x) - 1} axes has as many, and {len(x) - 1} numbers at each "
                f"position; {grid} has not",
                "input",
                branch=1,
            )

    def volume(self, x: Shape, *grids: Shape) -> Volume:
        grid = grids[0]
        reads = WindowsByInput([EVERYTHING, own_position(grid)])
        return Volume(unchanged_axes(grid.spatial), x.channels, x.channels, reads=reads)

    def operations(self, x: Shape, *grids: Shape) -> OperationCounts:
        if self.mode == "nearest":
            return OperationCounts()
        each = 2 if self.mode == "bilinear" else 4
        return OperationCounts(mul_add=product([x.channels, *grids[0].spatial, *[each] * len(x.spatial)]))

    def saves(self, x: Shape, *grids: Shape) -> Saved:
        return Saved(inputs=True)

    def torch_code(self, x: Shape, *grids: Shape) -> TorchCode | None:
        if len(x) not in (3, 4) or (self.mode == "bicubic" and len(x) == 4):
            return None
        options = [
            f", {name}={literal(str(value))}"
            for name, value, usual in (
                ("mode", self.mode, "bilinear"),
                ("padding_mode", self.outside, "zeros"),
            )
            if value != usual
        ]
        corners = bool(self.align_corners)
        return TorchCode(
            None, f"F.grid_sample(xs[0], xs[1].movedim(1, -1){''.join(options)}, align_corners={corners})"
        )

    def onnx_code(self, to: OnnxCode, x: Shape, *grids: Shape) -> str | None:
        if len(x) not in (3, 4) or (self.mode == "bicubic" and len(x) == 4):
            return None
        modes = {"bilinear": "linear", "bicubic": "cubic"} if to.opset >= 20 else {}
        return to.node(
            "GridSample",
            to.x,
            to.channels_last(to.xs[1], len(x) - 1),
            mode=modes.get(str(self.mode), str(self.mode)),
            padding_mode=str(self.outside),
            align_corners=int(bool(self.align_corners)),
        )

    def evaluate(self, calc: Calculation, x: Array, grid: Array) -> Array:
        from ..arrays.places import GridPlaces

        places = GridPlaces(x.shape[:-1], str(self.mode), str(self.outside), bool(self.align_corners))
        return calc.by_unit(grid.shape[:-1], lambda unit: places.value(x, grid[unit]))


class AffineGrid(Op):
    """The grid of places that an affine map of the output's own places comes to.

    What arrives are the numbers of the map, 6 of a plane and 12 of space, as a vector, or as 2x3 and
    3x4. `grid_sample` reads at such places: together they are a spatial transformer.
    """

    name = "affine_grid"
    synonyms = ("affinegrid",)
    group = "enlarging"
    arrangement = FIRST
    matrix_product = True
    counted_as = "affine grids"
    positional = ("size",)
    shapes = "from 6 numbers to `size` positions of 2, from 12 to `size` of 3"
    example = "6 -> affine_grid 16x16"
    source = "arXiv:1506.02025, section 3.2; PyTorch, torch.nn.functional.affine_grid"
    counting = "mul_add: axes*(axes + 1) per position, outputs axes; the places themselves are not counted"

    size = Axes("height and width of the grid, or depth, height and width", required=True)
    align_corners = Flag("-1 and 1 are the centres of the outer positions, not their ends", False)

    def sizes(self, x: Shape) -> tuple[Number, ...]:
        """Positions of the grid along each of its axes, of which the numbers tell how many there are."""
        return spread(self.size, 2 if value_of(x.values) == 6 else 3, "size")

    def accept(self, x: Shape) -> None:
        if tuple(x) not in ((6,), (12,), (2, 3), (3, 4)):
            raise OpError(
                "shape", f"an affine map has 6 numbers, or 2x3, or 12, or 3x4; {x} arrives", "input"
            )
        self.sizes(x)

    def volume(self, x: Shape) -> Volume:
        sizes = self.sizes(x)
        windows = [Window(rule=stated, target=n) for n in sizes]
        return Volume(windows, len(sizes), x.channels, reads=EVERYTHING)

    def operations(self, x: Shape) -> OperationCounts:
        sizes = self.sizes(x)
        positions = product(sizes)
        return OperationCounts(mul_add=positions * x.values, outputs=positions * len(sizes))

    def backward(self, trained: bool, input_gradient: bool, x: Shape) -> Number:
        return product([*self.sizes(x), x.values, input_gradient])

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def torch_code(self, x: Shape) -> TorchCode:
        sizes = self.sizes(x)
        axes = len(sizes)
        numbers = f"x.view(-1, {axes}, {axes + 1})" if len(x) == 1 else "x.movedim(1, -1)"
        grid = ", ".join(map(str, ("len(x)", 1, *sizes)))
        corners = bool(self.align_corners)
        return TorchCode(None, f"F.affine_grid({numbers}, [{grid}], align_corners={corners}).movedim(-1, 1)")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        if to.opset < 20:
            return None
        sizes = self.sizes(x)
        axes = len(sizes)
        numbers_of = to.reshape(to.x, axes, axes + 1) if len(x) == 1 else to.channels_last(to.x, len(x) - 1)
        whole = to.node("Concat", to.batch_of(to.x), to.ints(1, *sizes), axis=0)
        grid = to.node("AffineGrid", numbers_of, whole, align_corners=int(bool(self.align_corners)))
        return to.channels_first(grid, axes)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        from ..arrays.places import centres

        sizes = [value_of(n) for n in self.sizes(Shape(x.shape))]
        numbers = x.reshape(len(sizes), len(sizes) + 1)
        ways = [centres(n, bool(self.align_corners)) for n in sizes]

        def place(unit: tuple[int, ...]) -> Array:
            here = [way[at] for way, at in zip(ways, unit, strict=True)][::-1]
            return sum([numbers[:, axis] * at for axis, at in enumerate(here)]) + numbers[:, -1]

        return calc.by_unit(sizes, place)
