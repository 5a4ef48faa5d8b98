"""The table of `archcalc summary --like keras`: what Keras 3's ``model.summary()`` prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...analysis.summary import Summary, laid_out
from ...analysis.totals import DTYPES
from ...analysis.training import OPTIMIZERS
from ...keras_listing import ListedModel
from ...shape import Shape
from ..lines import Line, clean, clean_line
from ..sheet import Space
from ..words import count
from .keras_listed import ListedRows, shape_text, shapes
from .keras_model import KerasRow
from .keras_rows import KerasRows
from .tool_table import LikeOptions, OtherToolTable, Total

# Columns of a network that is a chain, and of one that is not: where each ends, of all.
_CHAIN, _GRAPH = (0.45, 0.8, 1.0), (0.3, 0.56, 0.74, 1.0)
# How wide Keras likes them.
_WIDTHS = {_CHAIN: 88, _GRAPH: 108}
# How much wider, with a column that says what is trained.
_TRAINABLE = 12
# What an optimizer holds besides what it remembers of each weight: how many steps it has made, a number
# of this many bytes (8 with TensorFlow), and its learning rate.
_STEPS_BYTES = 4


class Keras(OtherToolTable):
    """The summary of a network as Keras prints it."""

    tool = "Keras"
    version = "3.15.1"
    options = ("show_trainable", "line_length", "expand_nested", "optimizer")
    fields = ("name", "type", "output", "params", "connected_to", "trains", "depth")

    def __init__(self, summary: Summary, how: LikeOptions):
        super().__init__(summary, how)
        listed = summary.graph.metadata.keras
        if listed is not None and listed.graph_layers != len(summary.graph.layers):
            listed = None  # the network is cut off
        found: KerasRows | ListedRows
        if listed is None:
            found = KerasRows(summary, how.expand_nested)
        else:
            found = ListedRows(summary, listed, how.expand_nested)
            self.name = clean_line(listed.name)
        self.notes += found.notes
        self._rows = [*found.whole.ordered()]
        outer = [row for row, level in self._rows if not level]
        self._chain = found.chain if isinstance(found, ListedRows) else _one_by_one(outer)
        for row, level in self._rows:
            output: Any = self._laid_out(row)
            output = output[0] if len(output) == 1 else output
            counted = 0 if row.model is not None else row.counted
            sources = [str(source) for source in row.sources]
            self.records.append([row.name, row.kind, output, counted, sources, row.trains, level])
        self.heads = [("Layer (type)", False), ("Output Shape", False), ("Param #", True)]
        if not self._chain:
            self.heads.append(("Connected to", False))
        if how.show_trainable:
            self.heads.append(("Trainable", False))
        if isinstance(found, ListedRows) and listed is not None:
            self._add_up_listed(found, listed)
        else:
            self._add_up()

    def _laid_out(self, row: KerasRow) -> list[Shape]:
        if row.shape is not None:
            return [Shape(shape[1:]) for shape in shapes(row.shape)]
        return [Shape(laid_out(output, self.summary.layout)) for output in row.outputs]

    def _add_up(self) -> None:
        """The lines below the table."""
        summary = self.summary
        counts, unknown = summary.counts, any(record[3] is None for record in self.records)
        width = DTYPES[summary.dtype]
        held = counts.params - counts.trainable + counts.buffers
        of_optimizer = more_bytes = 0
        if summary.optimizer is not None:
            remembered = len(OPTIMIZERS[summary.optimizer].state) * counts.trainable
            of_optimizer, more_bytes = remembered + 2, _STEPS_BYTES - width
        found = [
            ("Total", counts.params + counts.buffers + of_optimizer, more_bytes),
            ("Trainable", counts.trainable, 0),
            ("Non-trainable", held, 0),
        ]
        if summary.optimizer is not None:
            found.append(("Optimizer", of_optimizer, more_bytes))
        for words, number, more in found:
            self._total(words, number, number * width + more, unknown)

    def _add_up_listed(self, found: ListedRows, listed: ListedModel) -> None:
        """The lines below the table of a model of Keras, each number with the bytes that it has there."""
        trained, held = found.trained, found.held
        of_optimizer = listed.optimizer or (0, 0)
        if self.summary.optimizer is not None:
            state = len(OPTIMIZERS[self.summary.optimizer].state)
            of_optimizer = state * trained[0] + 2, state * trained[1] + 4 + _STEPS_BYTES
        unknown = any(record[3] is None for record in self.records)
        number, size = (a + b + c for a, b, c in zip(trained, held, of_optimizer, strict=True))
        self._total("Total", number, size, unknown)
        self._total("Trainable", trained[0], trained[1], unknown)
        self._total("Non-trainable", held[0], held[1], unknown)
        if any(of_optimizer):
            self._total("Optimizer", of_optimizer[0], of_optimizer[1], unknown)

    def _total(self, words: str, number: int, size: int, unknown: bool) -> None:
        key = words.lower().replace("-", "_") + "_params"
        text = f"{count(number, unknown)} ({_size(size)})"
        self.totals.append(Total(key, f"{words} params", number, text))

    # Words ---------------------------------------------------------------------------------------

    def texts(self) -> Iterable[list[str]]:
        return [self._texts(row, level) for row, level in self._rows]

    def _texts(self, row: KerasRow, level: int) -> list[str]:
        start = "   " * level + "└ " if level else ""
        if row.shape is not None:
            shape = shape_text(row.shape)
        else:
            several = [f"({', '.join(map(str, ('None', *output)))})" for output in self._laid_out(row)]
            shape = several[0] if len(several) == 1 else f"[{', '.join(several)}]"
        cells = [f"{start}{clean(row.short)} ({row.kind})", shape, count(row.params)]
        if not self._chain:
            # Of a model within a model Keras knows no connections.
            sources = [] if level else row.sources
            cells.append(clean(", ".join(map(str, sources))) or "-")
        if self.how.show_trainable:
            cells.append("-" if row.trains is None else "Y" if row.trains else "N")
        return cells

    def table(self) -> tuple[list[str], Iterator[list[Any]]]:
        return list(self.fields), ([*record[:4], " ".join(record[4]), *record[5:]] for record in self.records)

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
        for texts in self.texts():
            yield [(between, "aside")]
            yield from self._cells(texts, widths, "│", space)
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


def _one_by_one(rows: Sequence[KerasRow]) -> bool:
    """Whether each row reads the one in front of it alone."""
    return all(
        [source.row for source in row.sources] == ([previous] if previous else [])
        for previous, row in zip([None, *rows], rows, strict=False)
    )


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
