"""The screen of `archcalc apply`: input and window, kernel, sums and result, as on a blackboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ...values.planes import planes_of
from ..lines import clean, clean_line
from ..matrices import DIGITS, MORE, BlackboardBlock, Equation, MatrixPanel, number_texts
from ..sheet import NotesBlock, Sheet

if TYPE_CHECKING:
    from ...values import LayerValues
    from ...values.steps import CellStep

# Rows and columns of a matrix that is shown whole, those that are shown of a larger one, and the most
# matrices of a kind.
WHOLE, CUT, PLANES = 16, 8, 4
# Characters of a sum that nobody asked for.
LONGEST = 400


class LayerView(NamedTuple):
    """What is shown of a layer.

    Attributes:
        values: Its values.
        unit: The position of the output whose window is marked; None marks none.
        steps: The cells that are written out.
        asked: Whether somebody asked for these.
        sequence: Whether arrays of two axes are matrices as they stand.
    """

    values: LayerValues
    unit: tuple[int, ...] | None
    steps: Sequence[CellStep]
    asked: bool
    sequence: bool = False

    # Windows ----------------------------------------------------------------------------------

    @property
    def window(self) -> list[range] | None:
        """What the unit reads along each axis of the input; None where it is no window."""
        windows = self.values.layer.facts.windows
        if self.unit is None or not isinstance(windows, tuple) or len(windows) != len(self.unit):
            return None
        found = [window.reads(at) for window, at in zip(windows, self.unit, strict=True)]
        return found if all(found) else None

    @property
    def reach(self) -> list[tuple[int, int]]:
        """The positions that are shown along each axis: those of the input, and the padding before and
        behind it."""
        sizes = self.values.inputs[0].shape[:-1]
        windows = self.values.layer.facts.windows
        if self.window is None or not isinstance(windows, tuple):
            return [(0, n) for n in sizes]
        ends = []
        for n, window in zip(sizes, windows, strict=True):
            if not window.slides:
                ends.append((0, n))
                continue
            first, last = window.reads(0), window.reads(window.output - 1)
            ends.append((min(0, first[0]), max(n, last[-1] + 1)))
        return ends

    @property
    def _pads_with_counted_zeros(self) -> bool:
        """Whether all that lies beyond the input is padding that a mean counts as zeros."""
        windows = self.values.layer.facts.windows
        if not getattr(self.values.layer.op, "count_pad", False) or not isinstance(windows, tuple):
            return False
        sizes = self.values.inputs[0].shape[:-1]
        return all(
            low >= -window.low and high <= n + window.high
            for n, window, (low, high) in zip(sizes, windows, self.reach, strict=True)
        )

    # Matrices ---------------------------------------------------------------------------------

    def inputs(self) -> list[MatrixPanel]:
        """The channels of the input, each with its padding and the window."""
        from ...arrays.patches import ZEROS

        x = self.values.inputs[0]
        op = self.values.layer.op
        rim = getattr(op, "pad_mode", ZEROS)
        window, reach = self.window, self.reach
        fill = "0" if op.is_convolution or self._pads_with_counted_zeros else "·"
        panels = []
        planes = planes_of(x, self.sequence)
        for number, plane in enumerate(planes[:PLANES]):
            ends, reads = self._on_plane(plane, reach, window)
            frame = read = None
            if reads is not None:
                frame = tuple(
                    [
                        place
                        for along, (low, high) in zip(reads, ends, strict=True)
                        for place in (max(min(along), low) - low, min(max(along), high - 1) - low)
                    ]
                )
                read = {(y - ends[0][0], x - ends[1][0]) for y in reads[0] for x in reads[1]}
                if frame[1] < frame[0] or frame[3] < frame[2]:  # it reads nothing of what is shown
                    frame = read = None
            rows, columns, frame = _shown_part(ends, frame)
            texts = _texts(plane, rows, columns, rim, fill)
            beyond = {
                (i, j)
                for i, y in enumerate(rows)
                for j, x in enumerate(columns)
                if y is not None
                and x is not None
                and not (0 <= y < plane.shape[0] and 0 <= x < plane.shape[1])
            }
            top, left = rows[0] if rows[0] is not None else 0, columns[0] if columns[0] is not None else 0
            if read is not None:
                read = {(y + ends[0][0] - top, x + ends[1][0] - left) for y, x in read}
                if rows[0] is None or columns[0] is None:
                    read = None
            title = f"channel {number + 1}" if len(planes) > 1 else ""
            panels.append(MatrixPanel(texts, frame, read, beyond, _titled(title, plane, rows, columns)))
        return panels

    def _on_plane(
        self, plane: Any, reach: list[tuple[int, int]], window: list[range] | None
    ) -> tuple[list[tuple[int, int]], list[range] | None]:
        """The rows and columns of a matrix that are shown, and those that are read."""
        height, width = plane.shape
        if len(reach) == 2:
            return reach, window
        if len(reach) == 1 and self.sequence:
            return [reach[0], (0, width)], None if window is None else [window[0], range(width)]
        if len(reach) == 1:
            return [(0, 1), reach[0]], None if window is None else [range(1), window[0]]
        return [(0, height), (0, width)], None

    def outputs(self) -> list[MatrixPanel]:
        """The channels of the output, the unit marked."""
        planes = planes_of(self.values.output, self.sequence)
        what = "filter" if self.values.layer.op.is_convolution else "channel"
        panels = []
        for number, plane in enumerate(planes[:PLANES]):
            frame = None
            if self.window is not None and self.unit is not None and len(self.unit) < 3:
                whole_row = len(self.unit) == 1 and self.sequence
                y, x = (*self.unit, 0) if whole_row else (0, *self.unit)[-2:]
                frame = (y, y, x, plane.shape[1] - 1 if whole_row else x)
            title = f"{what} {number + 1}" if len(planes) > 1 else ""
            panels.append(panel_of(plane, title, frame))
        return panels

    def equations(self) -> list[Equation]:
        """The board: input, kernel and result of each filter; of another layer input and result."""
        inputs, outputs = self.inputs(), self.outputs()
        kernels = self._kernels()
        if kernels is not None:
            return [self._filter(inputs, outputs, kernels, number) for number in range(len(outputs))]
        if len(self.values.inputs) > 1:
            parts: list[MatrixPanel | str] = []
            for x in self.values.inputs:
                parts += [panel_of(plane) for plane in planes_of(x, self.sequence)[:PLANES]]
            return [[*parts, "->", *outputs]]
        product = self._product()
        if product is not None:
            return [product]
        weights = [
            panel_of(tensor if tensor.ndim == 2 else tensor[None, :], name)
            for name, tensor in self.values.tensors.items()
            if tensor.ndim < 3 and name not in self.values.assumed
        ]
        if len(inputs) == len(outputs) and not weights:
            return [[one, "->", other] for one, other in zip(inputs, outputs, strict=True)]
        return [[*inputs, *weights, "->", *outputs]]

    def _kernels(self) -> Any:
        """The kernels of a convolution, filters x channels x rows x columns; None where there are none."""
        weight = self.values.tensors.get("weight")
        if not self.values.layer.op.is_convolution or weight is None or not 3 <= weight.ndim <= 4:
            return None
        if self.values.layer.op.weight_by_input:
            weight = weight.swapaxes(0, 1)
        weight = weight[:, :, None] if weight.ndim == 3 else weight
        return weight if weight.shape[0] == self.values.output.shape[-1] else None

    def _filter(
        self, inputs: Sequence[MatrixPanel], outputs: Sequence[MatrixPanel], kernels: Any, number: int
    ) -> Equation:
        channels = self.values.inputs[0].shape[-1]
        depth = kernels.shape[1]
        group = number // max(kernels.shape[0] * depth // channels, 1)
        parts: list[MatrixPanel | str] = []
        for place in range(depth):
            channel = group * depth + place
            if channel >= len(inputs):
                parts += ["+", MORE]
                break
            parts += ["+"] if parts else []
            title = f"filter {number + 1}" if kernels.shape[0] > 1 else ""
            parts += [inputs[channel], "*", panel_of(kernels[number, place], title)]
        bias = self.values.tensors.get("bias")
        if bias is not None and "bias" not in self.values.assumed:
            parts += ["+", number_texts([bias[number]])[0]]
        return [*parts, "=", outputs[number]]

    def _product(self) -> Equation | None:
        """The product of a weight and a vector, and a bias; None for another layer."""
        weight, (x,) = self.values.tensors.get("weight"), self.values.inputs
        if (
            weight is None
            or weight.ndim != 2
            or x.ndim != 1
            or weight.shape != (*self.values.output.shape, *x.shape)
        ):
            return None
        parts: list[MatrixPanel | str] = [panel_of(weight), "·", panel_of(x[:, None])]
        bias = self.values.tensors.get("bias")
        if bias is not None and "bias" not in self.values.assumed:
            parts += ["+", panel_of(bias[:, None])]
        return [*parts, "=", panel_of(self.values.output[:, None])]

    # Sums -------------------------------------------------------------------------------------

    def sums(self) -> list[tuple[str, str]]:
        """The cells that are written out, each with its calculation."""
        several = self.values.output.shape[-1] > 1 and self.values.output.ndim > 1
        what = "filter" if self.values.layer.op.is_convolution else "channel"
        found = []
        for step in self.steps:
            if step.kind == "value" and not self.asked:
                continue  # 1 = 1
            *position, channel = step.position
            if not position:
                cell = str(channel)
            else:
                cell = f"({', '.join(map(str, position))})"
                cell += f" {what} {channel + 1}" if several else ""
            text = step.text
            if not self.asked and len(text) > LONGEST:
                terms, _, value = text.rpartition(" = ")
                text = f"{terms[:LONGEST].rpartition(' ')[0]} … = {value}"
            found.append((cell, text))
        return found


def views(
    layers: Sequence[LayerValues], steps: Sequence[Sequence[CellStep]], asked: bool, sequence: bool
) -> list[LayerView]:
    """What is shown of layers: the window of the first of the cells that are written out of each."""
    found = []
    for values, shown in zip(layers, steps, strict=True):
        unit = shown[0].position[:-1] if shown else (0,) * (values.output.ndim - 1)
        found.append(LayerView(values, unit or None, shown, asked, sequence))
    return found


def apply_sheets(views: Sequence[LayerView], flip: bool) -> list[Sheet]:
    """A sheet for each layer: what arrives, what is done, what comes out."""
    sheets = []
    for number, view in enumerate(views):
        layer = view.values.layer
        arrives = " and ".join(["x".join(map(str, x.shape)) for x in view.values.inputs])
        aside = f"{arrives} -> {layer.output}"
        blackboard = BlackboardBlock(view.equations(), view.sums())
        notes = NotesBlock(list(_notes(view, flip))) if number == len(views) - 1 else NotesBlock()
        sheets.append(
            Sheet(
                clean_line(layer.text or layer.name),
                "",
                aside,
                f"apply {clean(layer.name)}",
                blackboard,
                notes,
            )
        )
    return sheets


def _notes(view: LayerView, flip: bool) -> Iterator[str]:
    values = view.values
    if values.layer.op.is_convolution:
        yield (
            "the kernel is turned round first" if flip else "the kernel is not turned round: --flip does that"
        )
    if view.sums():
        yield "positions are counted from 0"
    if any("·" in row for panel in view.inputs() for row in panel.cells):
        yield "· lies beyond the input, and is left out"
    if not values.exact:
        yield f"floats, shown with {DIGITS} digits"
    if any(MORE in row for panel in (*view.inputs(), *view.outputs()) for row in panel.cells):
        yield "… is left out here: -o FILE.csv or FILE.npy writes all of it"
    more = len(planes_of(values.output, view.sequence)) - PLANES
    if more > 0:
        yield f"{more} more channels are not shown"


# Parts of large matrices ---------------------------------------------------------------------------

# Positions that are shown; None is a row or column in which MORE stands.
Shown = list["int | None"]


def _shown_part(
    ends: Sequence[tuple[int, int]], frame: tuple[int, ...] | None, whole: int = WHOLE
) -> tuple[Shown, Shown, Any]:
    """The rows and columns that are shown, and the frame as it lies in them."""
    rows, top = _along(*ends[0], frame[:2] if frame else None, whole)
    columns, left = _along(*ends[1], frame[2:] if frame else None, whole)
    if frame is None:
        return rows, columns, None
    return rows, columns, (frame[0] - top, frame[1] - top, frame[2] - left, frame[3] - left)


def _along(low: int, high: int, framed: Sequence[int] | None, whole: int) -> tuple[Shown, int]:
    """The positions that are shown along an axis, and how many are left out before them."""
    if high - low <= whole:
        return list(range(low, high)), 0
    first, last = (framed[0], framed[1]) if framed else (0, 0)
    start = max(0, min(first - 2, high - low - CUT))
    stop = min(high - low, max(start + CUT, last + 2))
    shown: Shown = [low + at for at in range(start, stop)]
    if stop < high - low:
        shown.append(None)
    if start:
        shown.insert(0, None)
    return shown, start - bool(start)


def _texts(plane: Any, rows: Shown, columns: Shown, rim: str, fill: str) -> list[list[str]]:
    import numpy as np

    from ...arrays.exact import filled
    from ...arrays.patches import stretched

    ys, xs = [y for y in rows if y is not None], [x for x in columns if x is not None]
    marked = filled(list(range(plane.size)), plane.shape)
    for axis, places in ((0, ys), (1, xs)):
        marked = stretched(marked, axis, places[0], places[-1] + 1, rim, -1)
    flat = plane.ravel()
    indices = [at for at in marked.ravel().tolist() if at >= 0]
    texts = dict(zip(indices, number_texts([_plain(flat[at]) for at in indices]), strict=True))
    shown = iter([texts.get(at, fill) for at in np.asarray(marked).ravel().tolist()])
    found = []
    for y in rows:
        if y is None:
            found.append([MORE] * len(columns))
            continue
        found.append([MORE if x is None else next(shown) for x in columns])
    return found


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def panel_of(
    plane: Any, title: str = "", frame: tuple[int, int, int, int] | None = None, whole: int = WHOLE
) -> MatrixPanel:
    """Lay a matrix out for a screen, a large one cut.

    Args:
        plane: An array of two axes.
        title: A few words above it.
        frame: First and last row, first and last column of a frame.
        whole: Rows and columns up to which it is shown whole.
    """
    rows, columns, framed = _shown_part([(0, n) for n in plane.shape], frame, whole)
    texts = _texts(plane, rows, columns, "zeros", "0")
    return MatrixPanel(texts, framed, None, (), _titled(title, plane, rows, columns))


def _titled(title: str, plane: Any, rows: Shown, columns: Shown) -> str:
    size = "x".join(map(str, plane.shape)) if None in (*rows, *columns) else ""
    return ", ".join([part for part in (title, size) if part])
