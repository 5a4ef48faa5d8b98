"""The screens of `archcalc apply --as-matrix` and `--compose`: a layer as a matrix, kernels as one kernel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from ..lines import clean, clean_line
from ..matrices import BlackboardBlock, Equation, MatrixPanel
from ..sheet import FactsBlock, NotesBlock, Sheet
from .apply import PLANES, LayerView, panel_of

if TYPE_CHECKING:
    from ...loading.applying import Applied, Composition
    from ...values.as_matrix import LayerMatrix

# Columns of a matrix that is shown whole.
COLUMNS = 25


def matrix_sheets(applied: Applied, made: LayerMatrix) -> list[Sheet]:
    """The layer as a matrix, times the input as a vector."""
    layer = applied.values[-1].layer
    parts: list[MatrixPanel | str] = [panel_of(made.matrix, whole=COLUMNS), "·"]
    parts += [panel_of(made.input[:, None], whole=COLUMNS)]
    if (made.constant != 0).any():
        parts += ["+", panel_of(made.constant[:, None], whole=COLUMNS)]
    parts += ["=", panel_of(made.output[:, None], whole=COLUMNS)]
    rows, columns = made.matrix.shape
    words = f"{made.nonzero:,} of {made.matrix.size:,} cells are not 0"
    different = len({value for value in made.matrix.ravel().tolist() if value})
    facts = [("matrix", [(f"{rows}x{columns}, {words}", "")]), ("values", [(f"{different} different", "")])]
    notes = ["input and output are vectors, channel by channel and row by row"]
    return [
        Sheet(
            clean_line(layer.text),
            "as a matrix",
            f"{layer.inputs[0].output} -> {layer.output}",
            f"matrix {clean(layer.name)}",
            BlackboardBlock([parts]),
            FactsBlock(lambda space: facts),
            NotesBlock(notes),
        )
    ]


def composed_sheets(kernels: Sequence[Any], view: LayerView) -> list[Sheet]:
    """Kernels that follow each other as the one kernel that does the same."""
    parts: list[MatrixPanel | str] = []
    for kernel in kernels:
        parts += ["*"] if parts else []
        parts.append(panel_of(kernel))
    plane = view.values.output[:, :, 0]
    unit = view.unit or (0, 0)
    sums = view.sums() if len(kernels) == 2 else []
    frame = (unit[0], unit[0], unit[1], unit[1]) if sums else None
    parts += ["=", panel_of(plane, frame=frame)]
    counts = [int(kernel.size) for kernel in kernels]
    several = " + ".join(map(str, counts))
    facts = [("weights", [(f"{several} = {sum(counts)} one after the other, {plane.size} at once", "")])]
    sizes = ["x".join(map(str, kernel.shape)) for kernel in kernels]
    return [
        Sheet(
            " * ".join(sizes),
            "kernels that follow each other, as one",
            "x".join(map(str, plane.shape)),
            "composed kernels",
            BlackboardBlock([parts], sums),
            FactsBlock(lambda space: facts),
            NotesBlock(
                [
                    "the convolution of mathematics",
                    "the order does not matter",
                    "stride 1 and nothing between",
                ]
            ),
        )
    ]


def channels_sheets(made: Composition) -> list[Sheet]:
    """Kernels of several channels as one: for each filter and channel the sum over the channels between."""
    several = len(made.kernels) > 2
    filters, height, width, channels = made.output.shape
    equations: list[Equation] = []
    for filter, channel in islice(product(range(filters), range(channels)), PLANES):
        parts: list[MatrixPanel | str] = []
        if not several:
            first, last = made.kernels
            for between in range(min(first.shape[0], PLANES)):
                parts += ["+"] if parts else []
                parts += [panel_of(first[between, :, :, channel], f"filter {between + 1}"), "*"]
                parts.append(panel_of(last[filter, :, :, between], f"channel {between + 1}"))
            parts += ["+", "…"] if first.shape[0] > PLANES else []
            parts.append("=")
        title = f"filter {filter + 1}, channel {channel + 1}"
        equations.append([*parts, panel_of(made.output[filter, :, :, channel], title)])
    if filters * channels > PLANES:
        equations.append([f"… {filters * channels} kernels in all: csv, npy and json have them"])
    counts = [int(kernels.size) for kernels in made.kernels]
    words = " + ".join([f"{count:,}" for count in counts])
    texts = [f"{words} = {sum(counts):,} one after the other, {made.output.size:,} at once"]
    texts += [f"{k.shape[3]} channels to {k.shape[0]}, {k.shape[1]}x{k.shape[2]}" for k in made.kernels]
    facts = [("" if at else "weights", [(text, "")]) for at, text in enumerate(texts)]
    sizes = [f"{kernels.shape[1]}x{kernels.shape[2]}" for kernels in made.kernels]
    notes = [
        "the convolution of mathematics, added up over the channels between",
        "the first kernels act first",
        "stride 1 and nothing between",
    ]
    return [
        Sheet(
            " * ".join(sizes),
            "kernels that follow each other, as one",
            f"{height}x{width}, {channels} channels to {filters}",
            "composed kernels",
            BlackboardBlock(equations),
            FactsBlock(lambda space: facts),
            NotesBlock(notes),
        )
    ]
