"""Flat tables: a header of the JSON contract's names, then one record per line. Plain text and CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..analysis.receptive import FieldExtent
from ..analysis.summary import ReceptiveField, Row, Summary, laid_out
from ..diagnostics import did_you_mean, fail
from ..graph import Layer
from ..quantities import COUNTER, QUANTITIES, names
from ..shape import Shape
from .lines import clean

if TYPE_CHECKING:
    from ..analysis.derivation import Derivation
    from ..analysis.explanation import Explanation
    from ..letters.explanation import LetterExplanation

# Header, and records of as many values: numbers, flags, shapes, tuples of a value an axis, texts.
# None is what has no rule, an empty text what does not apply. Where there are several inputs, the
# fields are dicts by their names.
FlatTable = tuple[list[str], Iterator[list[Any]]]

SUMMARY = (
    "name op output params trainable buffers macs output_bytes rf_size rf_stride rf_start rf_aligned "
    "rf_global rf_gated activation_bytes saved_bytes like"
).split()
RF = ["name", "op", "output", "rf_size", "rf_stride", "rf_start", "rf_aligned", "rf_global", "rf_gated"]
# Behind them, for networks that have such a norm.
NORMED = "rf_normed"


def summary_table(summary: Summary, further: Sequence[str] = ()) -> FlatTable:
    """One record per input and layer; ``further`` quantities behind the others."""
    header, records = [*SUMMARY, NORMED], _summary_records(summary)
    if not _normed(summary):
        header, records = SUMMARY, map(_unmarked, records)
    if summary.graph.counter is not None and COUNTER.name not in further:
        further = [*further, COUNTER.name]
    if not further:
        return header, records
    rules = [rule for name in further if (rule := QUANTITIES[name].layer) is not None]
    layers = [*summary.graph.inputs, *summary.layers]
    more = ([rule(Row(layer, summary)) for rule in rules] for layer in layers)
    return [*header, *further], ([*a, *b] for a, b in zip(records, more, strict=True))


def _unmarked(record: list[Any]) -> list[Any]:
    """A record without the mark of norms."""
    return record[:-1]


def _normed(summary: Summary) -> bool:
    """Whether receptive fields leave out the statistics of a norm."""
    graph = summary.graph
    return not graph.whole_norms and any(graph.reads_map(layer) for layer in graph.layers)


def _summary_records(summary: Summary) -> Iterator[list[Any]]:
    layout = summary.layout
    for source in summary.graph.inputs:
        size = summary.bytes_of(source.output)
        *field, normed = _field(summary, source)
        yield [source.name, "input", _shape(source, layout), 0, 0, 0, 0, size, *field, size, 0, "", normed]
    for layer in summary.layers:
        row = Row(layer, summary)
        *field, normed = _field(summary, layer)
        yield [
            layer.name,
            layer.op.name,
            _shape(layer, layout),
            row.params,
            row.trainable,
            row.buffers,
            row.macs,
            row.output_bytes,
            *field,
            row.activation_bytes,
            row.saved_bytes,
            layer.owner.name if layer.shared else "",
            normed,
        ]


def rf_table(report: ReceptiveField) -> FlatTable:
    """One record per layer, and one per input where no layer was asked for."""
    summary = report.summary
    layers = [row.layer for row in report.rows]
    if report.layer is None:
        layers = [*summary.graph.inputs, *layers]

    def records() -> Iterator[list[Any]]:
        for layer in layers:
            shape = _shape(layer, summary.layout)
            yield [layer.name, layer.op.name, shape, *_field(summary, layer)]

    if _normed(summary):
        return [*RF, NORMED], records()
    return RF, (record[:-1] for record in records())


EXPLAIN = ["layer", "quantity", "of", "formula", "numbers", "result", "value", "source", "notes"]


def explain_table(explanation: Explanation) -> FlatTable:
    """A record a formula, and one for a quantity without any."""
    from ..analysis.notation import written

    def records() -> Iterator[list[Any]]:
        for derivation in explanation.derivations:
            notes = "; ".join(derivation.notes)
            value = _explained(derivation)
            leading = [explanation.label or "total", derivation.quantity]
            source_and_notes = [derivation.source, notes]
            for formula in derivation.formulas:
                made = formula.made
                yield [
                    *leading,
                    formula.of,
                    written(made),
                    written(made, numbers=True),
                    formula.value,
                    value,
                    *source_and_notes,
                ]
            if not derivation.formulas:
                yield [*leading, "", "", "", "", value, *source_and_notes]

    return EXPLAIN, records()


def letters_table(explanation: LetterExplanation) -> FlatTable:
    """A record a formula in letters, and one for a quantity without any; there are no numbers."""
    from ..analysis.notation import written

    def records() -> Iterator[list[Any]]:
        for derivation in explanation.derivations:
            leading = [explanation.label or explanation.layer or "total", derivation.quantity]
            notes = "; ".join([*derivation.notes, *explanation.notes])
            for formula in derivation.formulas:
                texts = [written(made) for made in formula.forms]
                yield [*leading, formula.of, texts[0], "", "", texts[-1], "", notes]
            if not derivation.formulas:
                yield [*leading, "", "", "", "", "", "", notes]

    return EXPLAIN, records()


def _explained(derivation: Derivation) -> Any:
    """The value of a quantity in one field."""
    value = derivation.value
    if derivation.quantity == "output":
        return Shape(value)
    if isinstance(value, list):
        return tuple(value)
    if derivation.quantity == "rf" and value is not None:
        if "size" in value:
            return tuple(value["size"])
        return {name: tuple(extent["size"]) for name, extent in value.items()}
    return value


def _shape(layer: Layer, layout: str) -> Shape:
    return Shape(laid_out(layer.output, layout))


def _field(summary: Summary, layer: Layer) -> list[Any]:
    found = summary.fields.of(layer)
    if found is None:
        return [None] * 7
    parts = [_extent(extent) for extent in found.values()]
    if len(summary.graph.inputs) == 1:
        return parts[0]
    names = [source.name for source in found]
    return [dict(zip(names, values, strict=True)) for values in zip(*parts, strict=True)]


def _extent(extent: FieldExtent) -> list[Any]:
    steps = [s if s is None or s.denominator > 1 else s.numerator for s in extent.stride]
    return [
        tuple(extent.size),
        "" if None in steps else tuple(steps),
        tuple(extent.start),
        extent.aligned,
        extent.whole,
        extent.gated,
        extent.normed,
    ]


def text_of(value: Any) -> str:
    """A value as plain text and CSV write it; ``?`` for what has no rule."""
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple) and not isinstance(value, Shape):
        return ",".join(["-" if part is None else str(part) for part in value])
    if isinstance(value, dict):
        return ";".join([f"{clean(name)}={text_of(part)}" for name, part in value.items()])
    return clean(str(value))


def chosen(columns: str | None, known: Mapping[str, str]) -> list[str] | None:
    """The columns that ``--columns`` names. ``known`` maps what may be written to what is meant.
    Raises SpecError."""
    if columns is None:
        return None
    found = []
    for name in columns.split(","):
        word = name.strip().lower()
        meant = known.get(name.strip()) or known.get(word)
        meant = meant or known.get("_".join(word.replace("-", "_").split()))
        if meant is None:
            raise fail(
                "argument",
                f"there is no column `{name.strip()}`",
                *did_you_mean(name.strip(), known),
                f"there are {', '.join(dict.fromkeys(known.values()))}",
            )
        if meant not in found:
            found.append(meant)
    return found


def selected(table: FlatTable, columns: str | None) -> FlatTable:
    """The table with the columns that ``--columns`` names, in that order. Raises SpecError."""
    header, records = table
    known = {name: name for name in header}
    called = {word: q.number or q.name for word, q in names().items()}
    known.update({w: name for w, name in called.items() if name in known and w not in known})
    kept = chosen(columns, known)
    if kept is None:
        return table
    at = [header.index(name) for name in kept]
    return kept, ([record[index] for index in at] for record in records)


# Where a spreadsheet would take the rest of a cell for a formula: at its start, and behind a
# semicolon, which parts cells in some countries.
_FORMULA = re.compile("(^|;)(?=[=+@＝＋－＠-])")


def cell(value: Any) -> str:
    """A value as plain text and CSV write it. A text that a spreadsheet would run as a formula has
    an apostrophe in front; numbers are numbers, below zero too."""
    if type(value) is int:  # most cells are, and there may be millions
        return str(value)
    text = text_of(value)
    return _FORMULA.sub(r"\1'", text) if isinstance(value, (str, dict)) else text
