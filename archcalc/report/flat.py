"""Flat tables: a header of the JSON contract's names, then a record a line. Plain text and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..analysis.receptive import Extent
from ..analysis.summary import ReceptiveField, Row, Summary
from ..graph import Layer
from .lines import clean
from .words import positions, volume

if TYPE_CHECKING:
    from ..witness.against import Comparison
    from ..witness.compare import Verification

# Header, and records of as many texts.
Table = tuple[list[str], Iterator[list[str]]]

SUMMARY = [
    "name", "op", "output", "params", "trainable", "buffers", "macs", "output_bytes",
    "rf_size", "rf_stride", "rf_start", "rf_aligned", "rf_global", "rf_gated",
    "activation_bytes", "saved_bytes",
]  # fmt: skip
RF = ["name", "op", "output", "rf_size", "rf_stride", "rf_start", "rf_aligned", "rf_global",
      "rf_gated"]  # fmt: skip


def number(value: int | None) -> str:
    """A bare integer; ``?`` for what has no rule."""
    return "?" if value is None else str(value)


def summary_table(summary: Summary) -> Table:
    """A record an input and a layer."""
    return SUMMARY, _summary_records(summary)


def _summary_records(summary: Summary) -> Iterator[list[str]]:
    layout = summary.layout
    for source in summary.graph.inputs:
        yield [
            source.name, "input", volume(source.output, layout), "0", "0", "0", "0",
            str(summary.bytes_of(source.output)), *_field(summary, source),
            str(summary.bytes_of(source.output)), "0",
        ]  # fmt: skip
    for layer in summary.layers:
        row = Row(layer, summary)
        yield [
            layer.name, layer.op.name, volume(layer.output, layout), number(row.params),
            number(row.trainable), number(row.buffers), number(row.macs),
            str(row.output_bytes), *_field(summary, layer),
            str(row.activation_bytes), number(row.saved_bytes),
        ]  # fmt: skip


def rf_table(report: ReceptiveField) -> Table:
    """A record a layer, and one an input where no layer was asked for."""
    summary = report.summary
    layers = [row.layer for row in report.rows]
    if report.layer is None:
        layers = [*summary.graph.inputs, *layers]

    def records() -> Iterator[list[str]]:
        for layer in layers:
            yield [
                layer.name, layer.op.name, volume(layer.output, summary.layout),
                *_field(summary, layer),
            ]  # fmt: skip

    return RF, records()


VERIFY = ["quantity", "verdict", "layers", "layers_agree", "predicted", "measured", "differences"]


def verify_table(found: Comparison | Verification) -> Table:
    """A record a quantity."""

    def records() -> Iterator[list[str]]:
        for check in found.checks:
            record = check.to_dict()
            numbers = [record[key] for key in VERIFY[2:6]]
            yield [
                check.quantity, "agrees" if check.agrees else "differs",
                *("" if n is None else str(n) for n in numbers), str(len(check.differences)),
            ]  # fmt: skip

    return VERIFY, records()


def _field(summary: Summary, layer: Layer) -> list[str]:
    found = summary.fields.of(layer)
    if found is None:
        return ["?"] * 6
    several = len(summary.graph.inputs) > 1
    parts = [_extent(extent) for extent in found.values()]
    if not several:
        return parts[0]
    names = [source.name for source in found]
    return [
        ";".join(f"{name}={value}" for name, value in zip(names, column, strict=True))
        for column in zip(*parts, strict=True)
    ]


def _extent(extent: Extent) -> list[str]:
    strides = "" if None in extent.stride else ",".join(map(str, extent.stride))
    return [
        ",".join(map(str, extent.size)), strides, ",".join(positions(extent.start)),
        *("yes" if flag else "no" for flag in (extent.aligned, extent.whole, extent.gated)),
    ]  # fmt: skip


def with_columns(table: Table, names: list[str]) -> Table:
    """The table with only these columns, in this order."""
    header, records = table
    at = [header.index(name) for name in names]
    return names, ([record[index] for index in at] for record in records)


def plain_lines(table: Table) -> Iterator[str]:
    """Tab-separated, for pipes and screen readers."""
    header, records = table
    yield "\t".join(header)
    for record in records:
        yield "\t".join(clean(text) for text in record)


def csv_lines(table: Table) -> Iterator[str]:
    """Comma-separated, quoted where needed."""
    import csv

    class Echo:
        """What the writer writes is what it is given back."""

        def write(self, text: str) -> str:
            return text

    writer: Any = csv.writer(Echo(), lineterminator="")
    header, records = table
    yield writer.writerow(header)
    for record in records:
        yield writer.writerow([clean(text) for text in record])


def csv_text(table: Table) -> str:
    """A whole CSV."""
    return "".join([line + "\n" for line in csv_lines(table)])
