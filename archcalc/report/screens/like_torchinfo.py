"""The table of `archcalc summary --like torchinfo`: what torchinfo's ``summary()`` prints of the network
as a PyTorch module: the one that was traced, or the one that `archcalc export` writes.

torchinfo sees modules: what functions do, as flattening, adding and most activations, has no row. Its
multiply-adds are its own: a convolution's weights and biases once a position, those of any other layer
once. Bytes are counted for layers with parameters alone, outputs twice; MB are of 10^6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any

from ...analysis.summary import Summary
from ...analysis.totals import DTYPES
from ...loading.module_runs import module_run, of_tracing
from ...shape import Shape
from ..lines import Line, clean_line
from ..sheet import Space
from .tool_table import LikeOptions, OtherToolTable, Total
from .torchinfo_rows import TorchinfoRow, rows_of

# Columns of each column but the first, as many as torchinfo likes; of the first, at least.
_COLUMN, _FIRST = 25, 40
# Columns of a level.
_STEP = 5
# How far it opens modules by itself.
_DEPTH = 3
# Bytes of the object that a storage is, which torchinfo counts with an input.
STORAGE = 64
# Its columns by their names, with their heads.
COLUMNS = {
    "kernel_size": "Kernel Shape",
    "input_size": "Input Shape",
    "output_size": "Output Shape",
    "num_params": "Param #",
    "params_percent": "Param %",
    "mult_adds": "Mult-Adds",
    "trainable": "Trainable",
}
# Its settings of rows.
SETTINGS = ("depth", "var_names", "ascii_only", "hide_recursive_layers")


class Torchinfo(OtherToolTable):
    """The summary of a network as torchinfo prints it."""

    tool = "torchinfo"
    version = "1.8.0"
    options = ("depth", "columns", "settings")
    fields = (
        *("index", "name", "type", "output", "params", "mult_adds", "trainable", "recursive"),
        *("depth", "input", "kernel_size"),
    )
    # Whether a linear map is counted at each position.
    every_position = False

    def __init__(self, summary: Summary, how: LikeOptions):
        super().__init__(summary, how)
        width = DTYPES[summary.dtype]
        run = module_run(summary.graph, summary.with_heads)
        self._rows = rows_of(run, summary.batch, width, self.every_position)
        self._depth = how.depth or _DEPTH
        self._columns = _known(how.columns, COLUMNS, "column") or ("output_size", "num_params")
        self._settings = _known(how.settings, SETTINGS, "setting") or ("depth",)
        var_names = " (var_name)" if "var_names" in self._settings else ""
        index = ":depth-idx" if "depth" in self._settings else ""
        self.heads = [(f"Layer (type{var_names}{index})", False)]
        self.heads += [(COLUMNS[column], False) for column in self._columns]
        self._shown = [row for row in self._rows if self._shows(row)]
        self.records += map(self._record, self._shown)
        self._add_up(sum([prod(sizes.at(summary.batch)) * (w or width) + STORAGE for sizes, w in run.inputs]))

    def _shows(self, row: TorchinfoRow) -> bool:
        hidden = "hide_recursive_layers" in self._settings and row.again
        return row.place.depth <= self._depth and not hidden

    def _add_up(self, read: int) -> None:
        """The totals; ``read`` are the bytes of the inputs."""
        leaves = [row for row in self._rows if row.leaf]
        counted = [row for row in self._rows if not row.again]
        self._params = sum([row.params if row.leaf else max(row.direct, 0) for row in counted])
        trained = sum([row.trained if row.leaf else max(row.trained_direct, 0) for row in counted])
        for key, words, number in (
            ("total_params", "Total params", self._params),
            ("trainable_params", "Trainable params", trained),
            ("non_trainable_params", "Non-trainable params", self._params - trained),
        ):
            self.totals.append(Total(key, words, number, f"{number:,}"))
        macs = sum([row.mult_adds for row in leaves])
        units = (("T", 10**12), ("G", 10**9))
        unit, scale = next(((unit, scale) for unit, scale in units if macs >= scale), ("M", 10**6))
        text = f"{macs // scale:,}" if macs % scale == 0 else f"{macs / scale:,.2f}"
        self.totals.append(Total("mult_adds", f"Total mult-adds ({unit})", macs, text))
        outputs = sum([2 * row.bytes for row in leaves if row.params])
        held = sum([row.param_bytes for row in leaves if not row.again])
        for key, words, number in (
            ("input_bytes", "Input size", read),
            ("forward_backward_bytes", "Forward/backward pass size", outputs),
            ("param_bytes", "Params size", held),
            ("total_bytes", "Estimated Total Size", read + outputs + held),
        ):
            self.totals.append(Total(key, f"{words} (MB)", number, f"{number / 1e6:0.2f}"))

    def _closed(self, row: TorchinfoRow) -> bool:
        """Whether a row stands for all that is inside."""
        return row.leaf or row.place.depth == self._depth

    def _record(self, row: TorchinfoRow) -> list[Any]:
        """The row as data: figures of modules that no other row has, so that columns add up."""
        place, closed = row.place, self._closed(row)
        counted = 0 if row.again else row.params if closed else max(row.direct, 0)
        trained = 0 if row.again else row.trained if closed else max(row.trained_direct, 0)
        index = f"{place.depth}-{row.index}" if place.depth else ""
        mult_adds = row.mult_adds if row.leaf else row.inside if closed else 0
        again = row.again and row.params > 0
        kernel = place.module.kernel_size
        return [
            *(
                index,
                place.module.path,
                place.module.kind,
                Shape(row.gives),
                counted,
                mult_adds,
                trained,
                again,
            ),
            *(place.depth, Shape(row.takes), Shape((kernel,) if isinstance(kernel, int) else kernel or ())),
        ]

    # Words ---------------------------------------------------------------------------------------

    def texts(self) -> Iterable[list[str]]:
        return map(self._texts, self._shown)

    def _texts(self, row: TorchinfoRow) -> list[str]:
        start = ""
        if depth := row.place.depth:
            plain = "ascii_only" in self._settings
            branch, bar = ("+ ", "|    ") if plain else ("├─" if depth == 1 else "└─", "│    ")
            start = bar * (depth - 1) + branch
        return [start + self._called(row), *[getattr(self, f"_{column}")(row) for column in self._columns]]

    def _called(self, row: TorchinfoRow) -> str:
        place = row.place
        text = clean_line(place.module.kind)
        if "var_names" in self._settings:
            text += f" ({clean_line(place.name)})"
        return f"{text}: {place.depth}-{row.index}" if "depth" in self._settings and place.depth else text

    def _kernel_size(self, row: TorchinfoRow) -> str:
        kernel = row.place.module.kernel_size
        return _shown(list(kernel) if isinstance(kernel, tuple) else kernel)

    def _input_size(self, row: TorchinfoRow) -> str:
        return _shown(list(row.takes))

    def _output_size(self, row: TorchinfoRow) -> str:
        return _shown(list(row.gives))

    def _num_params(self, row: TorchinfoRow) -> str:
        if not row.params:
            return "--"
        if row.again:
            return "(recursive)"
        if self._closed(row):
            return f"{row.params:,}" if row.trained else f"({row.params:,})"
        return f"{row.direct:,}" if row.direct > 0 else "--"

    def _params_percent(self, row: TorchinfoRow) -> str:
        none = f"{'':5}--"
        if not self._params:
            return none
        if row.again:
            return "(recursive)"
        params = row.params if self._closed(row) else row.direct
        return f"{params / self._params:>7.2%}" if params else none

    def _mult_adds(self, row: TorchinfoRow) -> str:
        if not row.mult_adds:
            return "--"
        if row.leaf:
            return f"{row.mult_adds:,}"
        return f"{row.inside:,}" if self._closed(row) else "--"

    def _trainable(self, row: TorchinfoRow) -> str:
        if not row.params:
            return "--"
        return "False" if not row.trained else "True" if row.trained == row.params else "Partial"

    # The screen ----------------------------------------------------------------------------------

    def lines(self, space: Space) -> Iterator[Line]:
        width = space.width
        rows = [*self.texts()]
        # As torchinfo reckons, over all rows, up to a multiple of the columns of a level.
        longest = max([row.place.depth * _STEP + 1 + len(self._called(row)) for row in self._rows])
        first = -(-longest // _STEP) * _STEP if longest >= _FIRST else _FIRST
        column = _COLUMN
        if width is not None:
            needed = max([space.width_of(text) for _, *rest in rows for text in rest]) + 1
            column = max(min(column, (width - first) // len(self._columns)), needed)
        rule: Line = [("=" * (first + len(self._columns) * column), "aside")]
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
        for text in space.broken(self.imitated, space.width or len(self.imitated)):
            yield [(text, "aside")]

    @property
    def imitated(self) -> str:
        traced = of_tracing(self.summary.graph)
        what = "the traced module" if traced else "what `archcalc export --to torch` writes"
        return f"as torchinfo {self.version} prints {what}"


class TorchinfoMain(Torchinfo):
    """The summary as torchinfo's source prints it that no version has yet: it counts a linear map at each
    position (https://github.com/TylerYep/torchinfo/pull/318)."""

    version = "main"
    every_position = True


def _known(names: Sequence[str] | None, known: Iterable[str], what: str) -> tuple[str, ...] | None:
    """Names that torchinfo has. Raises ValueError for others."""
    for name in names or ():
        if name not in known:
            raise ValueError(f"torchinfo has no {what} {name!r}; there are {', '.join(known)}")
    return None if names is None else tuple(dict.fromkeys(names))


def _shown(value: object) -> str:
    return str(value) if value else "--"


def _line(cells: Sequence[str], first: int, column: int) -> Line:
    head, *rest = cells
    return [(f"{head:<{first}} " + " ".join([f"{text:<{column}}" for text in rest]).rstrip(), "")]
