"""The table of `archcalc summary --like torchinfo`: what torchinfo's ``summary()`` prints of the
network as PyTorch builds it, every layer a module below the network's own.

torchinfo sees modules: what functions do, as flattening, adding and concatenating, has no row. Its
multiply-adds are its own: a convolution's weights and biases once a position, those of any other
layer once. Bytes are counted for layers with parameters alone, outputs twice; MB are of 10^6.
The row of a network that ends in a sequence has the order of axes of its last layer's row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

from ...analysis.summary import Row, Summary
from ...analysis.totals import DTYPES
from ...export.identifiers import net_name
from ...graph import Layer
from ...ops.facts import Tensor
from ...ops.torch_code import TorchCode
from ...shape import Shape
from ..lines import Line
from ..sheet import Space
from .tool_table import OtherToolTable, Total, camel

# Columns of each column but the first, as many as torchinfo likes; of the first, at least.
_COLUMN, _FIRST = 25, 40
# Bytes of the object that a storage is, which torchinfo counts with an input.
STORAGE = 64
_CLASS = re.compile(r"\b([A-Z]\w*)\(")


class Torchinfo(OtherToolTable):
    """The summary of a network as torchinfo prints it."""

    tool = "torchinfo"
    fields = ("index", "name", "type", "output", "params", "mult_adds", "trainable", "recursive")
    heads = (("Layer (type:depth-idx)", False), ("Output Shape", False), ("Param #", False))

    def __init__(self, summary: Summary):
        super().__init__(summary)
        self._width = DTYPES[summary.dtype]
        self._seen: set[Layer] = set()
        self._depths = {1: 0, 2: 0}
        self._macs = self._held = self._outputs = 0
        # Whether a layer's tensor has its channels last.
        self._last: dict[Layer, bool] = {}
        end = summary.graph.output
        net: list[Any] = ["", "", net_name(summary.graph.metadata), end.output, 0, 0, 0, False]
        self.records.append(net)
        for layer in summary.layers:
            torch_code = layer.op.torch_code(*[source.output for source in layer.inputs])
            # Some modules want the channels last, and get them; what treats each value by itself
            # takes tensors as they come.
            last = torch_code is not None and "movedim" in torch_code.apply
            if len(layer.output) == 2 and layer.op.inline and layer.facts.pointwise:
                last = last or self._last.get(layer.inputs[0], False)
            self._last[layer] = last
            if torch_code is None or torch_code.module is not None:
                self._add(layer, torch_code)
        net[3] = self._shape(end.output, len(end.output) == 2 and self._last.get(end, False))
        counts = summary.counts
        read = sum([summary.bytes_of(at.output) + STORAGE for at in summary.graph.inputs])
        for key, words, number in (
            ("total_params", "Total params", counts.params),
            ("trainable_params", "Trainable params", counts.trainable),
            ("non_trainable_params", "Non-trainable params", counts.params - counts.trainable),
        ):
            self.totals.append(Total(key, words, number, f"{number:,}"))
        unit, scale = next(
            ((unit, scale) for unit, scale in (("T", 10**12), ("G", 10**9)) if self._macs >= scale),
            ("M", 10**6),
        )
        text = f"{self._macs // scale:,}" if self._macs % scale == 0 else (f"{self._macs / scale:,.2f}")
        self.totals.append(Total("mult_adds", f"Total mult-adds ({unit})", self._macs, text))
        whole = read + self._outputs + self._held
        for key, words, number in (
            ("input_bytes", "Input size", read),
            ("forward_backward_bytes", "Forward/backward pass size", self._outputs),
            ("param_bytes", "Params size", self._held),
            ("total_bytes", "Estimated Total Size", whole),
        ):
            self.totals.append(Total(key, f"{words} (MB)", number, f"{number / 1e6:0.2f}"))

    def _shape(self, output: Shape, last: bool = False) -> Shape:
        """A shape with the batch in front, the channels behind it or last."""
        *spatial, channels = output
        sizes = [*spatial, channels] if last else [channels, *spatial]
        return Shape((self.summary.batch, *sizes))

    def _add(self, layer: Layer, torch_code: TorchCode | None) -> None:
        """A row for a module, and one for each module inside that has tensors of its own."""
        kind = camel(layer.op.name)
        if torch_code is not None and (found := _CLASS.search(torch_code.module or "")):
            kind = found[1]
        row = Row(layer, self.summary)
        again = layer.owner in self._seen
        self._seen.add(layer.owner)
        learned = [t for t in layer.facts.tensors or () if t.learned]
        inside: dict[str, list[Tensor]] = {}
        for tensor in learned:
            inside.setdefault(tensor.name.rpartition(".")[0], []).append(tensor)
        direct = inside.pop("", [])
        # Of what a module puts out, the network may take a part.
        shape = self._shape(layer.output, self._last[layer])
        if torch_code is not None and torch_code.whole is not None:
            shape = self._shape(torch_code.whole, True)
        frozen = bool(learned) and not row.trainable and not again
        self._module(1, layer.name, kind, shape, direct, again, frozen, not inside)
        for name, tensors in inside.items():
            # The linear maps inside a module work on the last axis.
            shape = self._shape(layer.output, True)
            self._module(2, f"{layer.name}.{name}", "Linear", shape, tensors, again, frozen, True)

    def _module(
        self,
        depth: int,
        name: str,
        kind: str,
        shape: Shape,
        tensors: Sequence[Tensor],
        again: bool,
        frozen: bool,
        leaf: bool,
    ) -> None:
        params = sum([tensor.size for tensor in tensors])
        macs = sum([_mult_adds(tensor, kind, shape) for tensor in tensors])
        self._depths[depth] += 1
        index = f"{depth}-{self._depths[depth]}"
        if leaf:
            self._macs += macs
            self._outputs += 2 * self._width * prod(shape) if params else 0
            self._held += 0 if again else self._width * params
        counted, trained = 0 if again else params, 0 if again or frozen else params
        self.records.append([index, name, kind, shape, counted, macs, trained, again and params > 0])

    # Words ---------------------------------------------------------------------------------------

    def cells(self, record: Sequence[Any]) -> list[str]:
        index, _, kind, shape, params, _, trainable, again = record
        shown = f"{params:,}" if params else "(recursive)" if again else "--"
        if params and not trainable:
            shown = f"({shown})"
        indent = {"": "", "1": "├─", "2": "│    └─"}[index[:1]]
        head = f"{indent}{kind}" + (f": {index}" if index else "")
        return [head, str(list(shape)), shown]

    # The screen ----------------------------------------------------------------------------------

    def lines(self, space: Space) -> Iterator[Line]:
        width = space.width
        rows = [self.cells(record) for record in self.records]
        first = max([space.width_of(head) for head, *_ in rows])
        # As torchinfo reckons, with five columns a level, up to a multiple of five.
        if first + 4 >= _FIRST:
            first = -(-(first + 4) // 5) * 5
        first = max(first, _FIRST)
        column = _COLUMN
        if width is not None:
            needed = max([space.width_of(text) for _, *rest in rows for text in rest]) + 1
            column = max(min(column, (width - first) // 2), needed)
        rule: Line = [("=" * (first + 2 * column), "aside")]
        yield rule
        yield _line([head for head, _ in self.heads], first, column)
        yield rule
        for row in rows:
            yield _line(row, first, column)
        yield rule
        for total in self.totals:
            yield [(f"{total.words}: ", ""), (total.printed, "")]
            if total.key == "mult_adds":
                yield rule
        yield rule


def _line(cells: Sequence[str], first: int, column: int) -> Line:
    head, *rest = cells
    return [(f"{head:<{first}} " + " ".join([f"{text:<{column}}" for text in rest]), "")]


def _mult_adds(tensor: Tensor, kind: str, shape: Shape) -> int:
    """torchinfo's multiply-adds of a parameter: it knows it by its name."""
    name = tensor.name.rpartition(".")[2]
    if name in ("weight", "bias"):
        uses = shape[0] * prod(shape[2:]) if "Conv" in kind else shape[0]
    elif "weight" in name or "bias" in name:
        uses = prod(shape[:2])
    else:
        return 0
    return int(tensor.size * uses)
