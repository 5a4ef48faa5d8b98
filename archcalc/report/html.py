"""Reports in a notebook: a table without a style of its own, a row an item of the spec."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..analysis.summary import ReceptiveField, Summary
from .folding import Folding
from .summary_screen import Item, stored
from .words import count, field_size, per_axis, positions, stride, unit_for, volume

# Cells from the third on are numbers.
_RIGHT = ' style="text-align:right"'


def _table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], foot: Sequence[str] = ()
) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        inner = []
        for index, cell in enumerate(cells):
            indent = len(cell) - len(cell.lstrip())
            style = _RIGHT if index > 1 else ""
            if indent:
                style = f' style="padding-left:{indent}em"'
            inner.append(f"<{tag}{style}>{escape(cell.lstrip())}</{tag}>")
        return f"<tr>{''.join(inner)}</tr>"

    body = "".join([line(row, "td") for row in rows])
    end = f"<tfoot>{line(foot, 'th')}</tfoot>" if foot else ""
    return (
        f"<table><caption>{escape(caption)}</caption><thead>{line(heads, 'th')}</thead>"
        f"<tbody>{body}</tbody>{end}</table>"
    )


def _caption(report: Summary) -> str:
    about = report.graph.about
    return f"{about.name}: {about.title}" if about.title else about.name


def summary_html(summary: Summary) -> str:
    """A summary, folded as on a terminal."""
    rows = []
    for source in summary.graph.inputs:
        shape = volume(source.output, summary.layout)
        field = field_size(summary.fields.main(source))
        memory = stored(summary, source.output.values)
        rows.append([source.name, "", shape, "", "", memory, field])
    folding = Folding(summary.graph, summary.layers)
    for row in folding.rows(folding.best()):
        item = Item(row, summary)
        rows.append(
            [item.name, item.what(True), item.output, count(item.params), count(item.macs),
             item.memory, item.field]
        )  # fmt: skip
    counts = summary.counts
    unit = unit_for(summary.scaled(summary.memory.activations))
    unknown = {quantity for _, quantity in counts.uncounted}
    return _table(
        _caption(summary),
        ["layer", "what", "output", "parameters", "MACs", f"memory ({unit})", "RF"],
        rows,
        [
            "total", "", "", count(counts.params, "params" in unknown),
            count(counts.macs * summary.batch, "macs" in unknown),
            stored(summary, summary.memory.activations), "",
        ],
    )  # fmt: skip


def rf_html(report: ReceptiveField) -> str:
    """Receptive fields, a row a layer."""
    summary = report.summary
    rows = []
    for row in report.rows:
        extent = summary.fields.main(row.layer)
        cells = [row.name, row.layer.text or row.op, volume(row.output, summary.layout)]
        if extent is None or extent.whole or not extent.size:
            cells += [field_size(extent), "", ""]
        else:
            strides = [stride(step) for step in extent.stride]
            cells += [
                field_size(extent),
                per_axis(strides) if all(strides) else "",
                per_axis(positions(extent.start), ","),
            ]
        rows.append(cells)
    return _table(
        _caption(summary), ["layer", "what", "output", "size", "stride", "start"], rows
    )
