"""The screen of `archcalc rf`: one table per input of the network, with a picture of the fields."""

from __future__ import annotations

from ...analysis.receptive import FieldExtent
from ...analysis.summary import Summary
from ...graph import Layer
from ..bars import image_edges, span_picture
from ..fitting import FOLDED, GONE, NARROW, WRAPPED, Look
from ..grid import Cell, Column, Yield
from ..lines import clean, clean_line
from ..sheet import PAGE, NotesBlock, Sheet, Space, TableBlock, fit
from ..words import AXES, called_where, field_size, marks_explained, per_axis, positions, stride, volume
from .folding import FoldedRow, Folding, every_layer

# Cells of the picture, at most and at least; always odd, so that it has a middle.
WIDEST, NARROWEST = 49, 23
# The columns in order, and what each gives up where the width is too small: the picture first.
COLUMNS = (
    Column(
        "layer",
        name="layer",
        yields=(Yield(1, FOLDED, least=32), Yield(8, FOLDED, least=16), Yield(11, FOLDED, least=8)),
    ),
    Column(
        "what",
        name="what",
        yields=(Yield(4, WRAPPED, least=24), Yield(7, WRAPPED, least=10), Yield(10, FOLDED, least=8)),
    ),
    Column("output", True, name="output", yields=(Yield(9, GONE, "output"),)),
    Column("size", True, name="size"),
    Column("stride", True, name="stride", yields=(Yield(6, GONE, "stride"),)),
    Column("start", True, name="start", yields=(Yield(5, GONE, "start"),)),
    Column(
        "",
        name="picture",
        drawn=True,
        yields=(Yield(2, NARROW, least=NARROWEST, by=2), Yield(3, GONE, "picture")),
    ),
)
# Rows of a picture that can be taken in at a glance.
FEW = 24


# A row: its name, the spec's words, the shape, and the field; None: no rule.
SeenRow = tuple[str, str, str, "FieldExtent | None"]


def rf_sheets(
    summary: Summary,
    layers: list[Layer],
    space: Space = PAGE,
    depth: int | None = None,
    all_layers: bool = False,
) -> list[Sheet]:
    """The fields of the given layers, one table per input of the network.

    depth       how far blocks are opened, from 1; None is the deepest of few rows
    all_layers  every layer on a row of its own
    """
    rows, depths = rows_of(summary, layers, depth, all_layers)
    *others, last = summary.graph.inputs
    sheets = [_Content(summary, rows, source).sheet(space) for source in others]
    return [*sheets, _Content(summary, rows, last).sheet(space, depths)]


def rows_of(
    summary: Summary, layers: list[Layer], depth: int | None, all_layers: bool
) -> tuple[list[FoldedRow], str]:
    """The rows of the given layers, and how far they are opened, in words."""
    if all_layers:
        return every_layer(layers), ""
    folding = Folding(summary.graph, layers)
    # Each turn of a repeat sees more than the one before, so turns are put together only where
    # they would be too many.
    runs = depth is None and folding.levels > 1 and folding.best(False, False, FEW) == 1
    at = folding.best(runs, False, FEW) if depth is None else min(depth, folding.levels)
    return folding.rows(at, runs, False), (f"depth {at} of {folding.levels}" if at < folding.levels else "")


class _Content:
    """The fields of rows in one input of the network."""

    def __init__(self, summary: Summary, rows: list[FoldedRow], source: Layer):
        self.summary = summary
        self.source = source
        # Rows that see the input, and what they see of it; None: no rule.
        self.seen: list[SeenRow] = []
        fields = summary.fields.of(source) or {}
        shape = volume(source.output, summary.layout)
        self.seen.append((clean(source.name), "", shape, fields.get(source)))
        for row in rows:
            found = summary.fields.of(row.last)
            if found is None or source in found:
                shape = volume(row.last.output, summary.layout)
                extent = found[source] if found is not None else None
                self.seen.append((clean(row.name), clean(row.text), shape, extent))
        self.extents = [extent for *_, extent in self.seen if extent is not None and extent.size]
        # The picture shows the height of an image or a volume.
        spatial = source.output.spatial
        self.drawn = max(len(spatial) - 2, 0)
        self.image = spatial[self.drawn] if spatial else 0
        local = [extent.size[self.drawn] for extent in self.extents if not extent.whole]
        self.widest = max(local, default=1)

    def sheet(self, space: Space, depths: str = "") -> Sheet:
        """The table, as much of it as fits, and what its signs mean; ``depths`` says how far blocks
        are opened."""
        columns = [column for column in COLUMNS if self.image > 1 or column.name != "picture"]
        fitting = fit(columns, self, space)
        summary = self.summary
        picture = any(column.name == "picture" for column in fitting.shown)
        label = "rf"
        if len(summary.graph.inputs) > 1:
            label += f" {clean(self.source.name)}"
        return Sheet(
            clean_line(summary.graph.metadata.name),
            self._title(picture),
            volume(self.source.output, summary.layout),
            label,
            TableBlock(fitting.grid()),
            NotesBlock(self._conventions(picture), fitting.left_out_note, [depths] if depths else []),
        )

    @property
    def _unit(self) -> str:
        return "pixels" if len(self.source.output) == 3 else "positions"

    def _title(self, picture: bool) -> str:
        title = f"receptive fields in input {self._unit}"
        if not self.extents:
            title = "receptive fields"
        axes = AXES.get(len(self.source.output.spatial), ())
        if len(axes) > 1 and self.extents:
            alike = (
                all(
                    len(set(values)) <= 1
                    for extent in self.extents
                    for values in (extent.size, extent.stride, extent.start)
                )
                and len(set(self.source.output.spatial)) == 1
            )
            title += ", " + (" = " if alike else " x ").join(axes)
            if not alike and picture:
                title += f", {axes[self.drawn]} drawn"
        if len(self.summary.graph.inputs) > 1:
            title += f", of the input {clean(self.source.name)}"
        return title

    def _conventions(self, picture: bool) -> list[str]:
        parts = []
        if any(not extent.whole for extent in self.extents):
            parts.append(f"unit i sees size {self._unit} from start + i·stride")
        else:
            parts.append("all: each unit sees the whole input")
        if picture:
            parts.append(f"━ in the {called_where(self.source.output)}, ─ beyond")
        parts += marks_explained([field_size(extent) for extent in self.extents])
        return parts

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""
        if column.name == "picture":
            return image_edges(self.image, self.widest, look.width or WIDEST)
        return column.head

    def cells(self, column: Column, look: Look) -> list[Cell]:
        """One cell per row."""
        return [self._cell(row, column.name, look.width or WIDEST) for row in self.seen]

    def _cell(self, row: SeenRow, column: str, picture: int) -> Cell:
        name, words, output, extent = row
        texts = {"layer": (name, ""), "what": (words, "spec"), "output": (output, "")}
        if column in texts:
            return texts[column]
        if extent is None:
            return ("?", "warn") if column == "size" else ("", "")
        if column == "size":
            return (field_size(extent), "")
        if column == "picture":
            if not extent.size:
                return ("", "")
            size = self.image if extent.whole else extent.size[self.drawn]
            return span_picture(size, self.image, self.widest, picture)
        if extent.whole or not extent.size:
            return ("", "")
        if column == "start":
            return (per_axis(positions(extent.start), ","), "")
        strides = [stride(step) for step in extent.stride]
        return (per_axis(strides) if all(strides) else "", "")
