"""The table of `archcalc summary --like keras`: what Keras 3's ``model.summary()`` prints.

Keras has its own habits, and rows follow them: an activation directly behind a convolution or fully
connected layer is an argument of that layer; a depthwise convolution and the pointwise one directly
behind it are one SeparableConv; flattening, and padding that is neither "same" nor "valid", are
layers; the moving statistics of batch norm are parameters that are not trained. A layer that is
used again has no row of its own, but is connected once more; one that takes the weights of another
kind of layer is none of these, and has its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...analysis.summary import Row, Summary, laid_out
from ...analysis.totals import DTYPES
from ...graph import Layer
from ...ops.convolution import Conv, DepthwiseConv
from ...ops.volume import Volume
from ...ops.window import same_padding
from ...shape import Shape
from ..lines import Line, clean
from ..sheet import Space
from ..words import count, volume
from .tool_table import LikeOptions, OtherToolTable, Total, camel

# Columns of a network that is a chain, and of one that is not: where each ends, of all.
_CHAIN, _GRAPH = (0.45, 0.8, 1.0), (0.3, 0.56, 0.74, 1.0)
# How wide Keras likes them.
_WIDTHS = {_CHAIN: 88, _GRAPH: 108}
# How much wider, with a column that says what is trained.
_TRAINABLE = 12


class Keras(OtherToolTable):
    """The summary of a network as Keras prints it."""

    tool = "Keras"
    version = "3.15.1"
    options = ("show_trainable", "line_length")
    fields = ("name", "type", "output", "params", "connected_to", "trains")

    def __init__(self, summary: Summary, how: LikeOptions):
        super().__init__(summary, how)
        self._homes: dict[Layer, tuple[list[Any], int]] = {}  # its row, and which use of it
        self._uses: dict[Layer, int] = {}
        self._names = {layer.name for layer in (*summary.graph.inputs, *summary.graph.layers)}
        self._readers: dict[Layer, int] = {}
        ends = [summary.graph.output, *summary.graph.heads.values()]
        for source in [*ends, *[s for layer in summary.layers for s in layer.inputs]]:
            self._readers[source] = self._readers.get(source, 0) + 1
        for source in summary.graph.inputs:
            self._row(source, source.name, _type(source), source.output, 0, [])
        for layer in summary.layers:
            self._add(layer)
        self._chain = all(
            record[4] == ([previous[0] + "[0][0]"] if previous else [])
            for previous, record in zip([None, *self.records], self.records, strict=False)
        )
        for record in self.records:
            record[2] = Shape(laid_out(record[2], summary.layout))
        self.heads = [("Layer (type)", False), ("Output Shape", False), ("Param #", True)]
        if not self._chain:
            self.heads.append(("Connected to", False))
        if how.show_trainable:
            self.heads.append(("Trainable", False))
        counts, unknown = summary.counts, any(row[3] is None for row in self.records)
        held = counts.params - counts.trainable + counts.buffers
        for words, number in (
            ("Total", counts.params + counts.buffers),
            ("Trainable", counts.trainable),
            ("Non-trainable", held),
        ):
            size = _size(number * DTYPES[summary.dtype])
            key = words.lower().replace("-", "_") + "_params"
            text = f"{count(number, unknown)} ({size})"
            self.totals.append(Total(key, f"{words} params", number, text))

    # Rows ----------------------------------------------------------------------------------------

    def _row(
        self, layer: Layer, name: str, kind: str, shape: Shape, params: int | None, sources: list[str]
    ) -> list[Any]:
        tensors = layer.facts.tensors or () if params != 0 else ()
        record = [name, kind, shape, params, sources, not layer.held if tensors else None]
        self.records.append(record)
        self._homes[layer] = record, 0
        return record

    def _add(self, layer: Layer) -> None:
        """A row for a layer, or its place in the row of another."""
        row = Row(layer, self.summary)
        params = None if row.params is None else row.params + (row.buffers or 0)
        source = layer.inputs[0]
        if self._readers[source] == 1 and _one_layer(source, layer):
            record, _ = self._homes[layer] = self._homes[source]
            if layer.facts.tensors:
                record[5] = bool(record[5]) or not layer.held
            if source.op.matrix_product and layer.op.matrix_product:
                record[:2] = layer.name, f"Separable{_type(layer)}"
                record[3] += params
            record[2] = layer.output
            return
        if _used_again(layer) and layer.owner in self._homes:
            record, _ = self._homes[layer.owner]
            self._uses[layer.owner] = use = self._uses.get(layer.owner, 0) + 1
            self._homes[layer] = record, use
            record[2] = layer.output
            record[4] += self._sources(layer)
            return
        sources = self._sources(layer)
        if layer.op.flattens and len(source.output) > 1:
            flat = Shape((source.output.values,))
            name = self._free("flatten")
            self._row(layer, name, "Flatten", flat, 0, sources)
            sources = [f"{name}[0][0]"]
        elif padded := _padded(layer.facts.volume):
            name = self._free(f"{layer.name}_pad")
            kind = f"ZeroPadding{len(padded) - 1}D"
            self._row(layer, name, kind, padded, 0, sources)
            sources = [f"{name}[0][0]"]
        self._row(layer, layer.name, _type(layer), layer.output, params, sources)
        if layer.shared and not _used_again(layer):
            self.notes.append(
                f"{clean(layer.name)}: takes its weights from {clean(layer.owner.name)}, counted "
                "there; in Keras one has to write such a layer"
            )
        theirs = layer.op.keras_output(*[at.output for at in layer.inputs])
        if theirs is not None:
            self.notes.append(
                f"{clean(layer.name)}: the kernel is smaller than the stride, and Keras' own layer "
                f"puts out {volume(theirs, self.summary.layout)} here"
            )

    def _sources(self, layer: Layer) -> list[str]:
        found = []
        for source in layer.inputs:
            record, use = self._homes[source]
            found.append(f"{record[0]}[{use}][0]")
        return found

    def _free(self, name: str) -> str:
        """A name that no layer has, numbered as Keras does it."""
        free, number = name, 0
        while free in self._names:
            number += 1
            free = f"{name}_{number}"
        self._names.add(free)
        return free

    # Words ---------------------------------------------------------------------------------------

    def cells(self, record: Sequence[Any]) -> list[str]:
        name, kind, shape, params, sources, trains = record
        sizes = ", ".join(map(str, ("None", *shape)))
        cells = [f"{clean(name)} ({kind})", f"({sizes})", count(params)]
        if not self._chain:
            cells.append(clean(", ".join(sources)) or "-")
        if self.how.show_trainable:
            cells.append("-" if trains is None else "Y" if trains else "N")
        return cells

    def table(self) -> tuple[list[str], Iterator[list[Any]]]:
        return list(self.fields), ([*record[:4], " ".join(record[4]), record[5]] for record in self.records)

    # The screen ----------------------------------------------------------------------------------

    def lines(self, space: Space) -> Iterator[Line]:
        width = space.width
        usual = _CHAIN if self._chain else _GRAPH
        ends: tuple[float, ...] = usual
        widest = _WIDTHS[usual]
        if self.how.show_trainable:
            ends, widest = (*[end * 0.90 for end in ends], 1.0), widest + _TRAINABLE
        if width is not None:
            widest = min(widest, width - 4)
        widest = self.how.line_length or widest
        widths = _columns(ends, widest)
        yield [(f'Model: "{self.name}"', "title")]
        yield [(_rule("┏━┳┓", widths), "aside")]
        yield from self._cells([head for head, _ in self.heads], widths, "┃", space)
        between = _rule("┡━╇┩", widths)
        for record in self.records:
            yield [(between, "aside")]
            yield from self._cells(self.cells(record), widths, "│", space)
            between = _rule("├─┼┤", widths)
        yield [(_rule("└─┴┘", widths), "aside")]
        for total in self.totals:
            yield [(f" {total.words}: ", "title"), (total.printed, "")]
        for note in (*self.notes, self.imitated):
            for text in space.broken(note, width or widest):
                yield [(text, "aside")]

    def _cells(self, texts: Sequence[str], widths: Sequence[int], bar: str, space: Space) -> Iterator[Line]:
        """A row of the table on as many lines as its cells need, too long a word cut."""
        cells = [
            space.broken(" ".join([space.shortened(word, width - 2) for word in text.split(" ")]), width - 2)
            for text, width in zip(texts, widths, strict=True)
        ]
        for number in range(max(map(len, cells))):
            line: Line = [(bar, "aside")]
            for parts, width, (head, right) in zip(cells, widths, self.heads, strict=True):
                part = parts[number] if number < len(parts) else ""
                gap = " " * (width - 2 - space.width_of(part))
                if head == "Trainable":
                    half = len(gap) // 2
                    part, gap = gap[:half] + part, gap[half:]
                text = f" {gap}{part} " if right else f" {part}{gap} "
                line += [(text, ""), (bar, "aside")]
            yield line


def _type(layer: Layer) -> str:
    """Keras' class for a layer."""
    axes = max([len(source.output) for source in layer.inputs], default=1) - 1
    return layer.op.keras.format(axes) or camel(layer.op.name)


def _used_again(layer: Layer) -> bool:
    """Whether a layer is another one, called once more: the same op, with all its parameters."""
    owner = layer.owner
    return (
        layer.shared
        and layer.op.name == owner.op.name
        and (len(layer.facts.tensors or ()) == len(owner.facts.tensors or ()))
    )


def _one_layer(source: Layer, layer: Layer) -> bool:
    """Whether Keras has a layer for both, the second directly behind the first."""
    if layer.op.keras == "Activation":
        return source.op.counts_for_depth
    first, second = source.op, layer.op
    if not (isinstance(first, DepthwiseConv) and isinstance(second, Conv)) or first.bias:
        return False
    alone = set(_numbers(second.kernel)) == set(_numbers(second.stride)) == {1}
    return alone and second.groups == 1 and second.output(source.output)[:-1] == source.output[:-1]


def _numbers(value: Any) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)


def _padded(stated: Volume | None) -> Shape | None:
    """The input with its rim of zeros, where Keras needs a layer for that."""
    if stated is None or not stated.slides:
        return None
    windows = stated.windows
    if all((w.low, w.high) == same_padding(w.size, w.span, w.stride) for w in windows):
        return None
    if not any(w.low or w.high for w in windows):
        return None
    return Shape((*[w.size + w.low + w.high for w in windows], stated.arriving))


def _columns(ends: Sequence[float], width_left: int) -> list[int]:
    """Columns of the cells: parts of the width, less an equal share of what the rules take."""
    cuts = [int(end * width_left) for end in ends]
    widths = [end - start + 2 for start, end in zip([0, *cuts], cuts, strict=False)]
    excess = sum(widths) + len(widths) + 1 - width_left
    for at in range(len(widths)):
        share = round(excess / (len(widths) - at))
        widths[at] -= share
        excess -= share
    return widths


def _rule(signs: str, widths: Sequence[int]) -> str:
    return signs[0] + signs[2].join([signs[1] * width for width in widths]) + signs[3]


def _size(bytes: int) -> str:
    """Bytes as Keras writes them, in steps of 1024."""
    size = float(bytes)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"
