"""Reports in a notebook: a table without a style of its own."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..analysis.summary import ReceptiveField, Summary
from .words import count, field_size, per_axis, stride, volume

_RIGHT = ' style="text-align:right"'


def _table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], foot: Sequence[str] = ()
) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        inner = "".join(
            f"<{tag}{_RIGHT if index > 1 else ''}>{escape(cell)}</{tag}>"
            for index, cell in enumerate(cells)
        )
        return f"<tr>{inner}</tr>"

    body = "".join(line(row, "td") for row in rows)
    end = f"<tfoot>{line(foot, 'th')}</tfoot>" if foot else ""
    return (
        f"<table><caption>{escape(caption)}</caption><thead>{line(heads, 'th')}</thead>"
        f"<tbody>{body}</tbody>{end}</table>"
    )


def _caption(report: Summary) -> str:
    about = report.graph.about
    return f"{about.name}: {about.title}" if about.title else about.name


def summary_html(summary: Summary) -> str:
    """A summary, a row a layer."""
    rows = [
        [
            layer.name, layer.text or layer.op.name, volume(layer.output, summary.layout),
            count(layer.params),
            count(None if layer.facts.macs is None else layer.facts.macs * summary.batch),
            field_size(summary.fields.main(layer)),
        ]
        for layer in summary.layers
    ]  # fmt: skip
    totals = summary.counts
    return _table(
        _caption(summary),
        ["layer", "what", "output", "parameters", "MACs", "RF"],
        rows,
        ["total", "", "", count(totals.params), count(totals.macs * summary.batch), ""],
    )


def rf_html(report: ReceptiveField) -> str:
    """Receptive fields, a row a layer."""
    summary = report.summary
    rows = []
    for row in report.rows:
        extent = summary.fields.main(row.layer)
        known = extent is not None and not extent.whole
        strides = tuple(stride(s) for s in extent.stride) if extent is not None else ()
        rows.append(
            [
                row.name, row.layer.text or row.op, volume(row.output, summary.layout),
                field_size(extent),
                per_axis(strides) if known and strides and all(strides) else "",
                per_axis(extent.start) if extent is not None and known and extent.start else "",
            ]
        )  # fmt: skip
    return _table(
        _caption(summary), ["layer", "what", "output", "size", "stride", "start"], rows
    )
