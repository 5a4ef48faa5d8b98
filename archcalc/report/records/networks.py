"""Records of what is computed of networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...analysis.derivation import Formula
from ...analysis.notation import written
from ...analysis.scope import Row
from ...analysis.summary import ReceptiveField, Summary, laid_out
from ...ops.attributes import plain_value
from ...shape import Shape
from . import headed
from .zoo import device_figures

if TYPE_CHECKING:
    from ...analysis.comparison import Compared
    from ...analysis.difference import NetworkDiff
    from ...analysis.explanation import Explanation
    from ...analysis.pixels import Seen
    from ...graph import Graph, Layer
    from ...letters.explanation import LetterExplanation
    from ...solving.designs import Solution
    from ..pictures.graph import Picture
    from ..screens.show import ShownSpec
    from ..screens.tool_table import OtherToolTable


def summary_record(summary: Summary) -> dict[str, Any]:
    """`summary`: the layers one after the other, so that many need little memory, then totals."""
    about = summary.graph.metadata
    asked: dict[str, Any] = {}
    if summary.optimizer is not None:
        asked["training"] = {
            "optimizer": summary.optimizer,
            "mixed": summary.mixed,
            "ledger": [share._asdict() for share in summary.breakdown()],
            "bytes": summary.training_bytes(),
            "step_bytes": summary.step_bytes,
        }
        if summary.training_at_least:
            asked["training"]["at_least"] = ["bytes", "step_bytes"]
    if summary.memory_limit is not None:
        asked["fits"] = summary.fits
        most = [what for what in summary.needs() if summary.at_most(what)]
        if most:
            asked["fits"]["at_most"] = most
    return headed(
        {
            "name": about.name,
            "title": about.title,
            "layout": summary.layout,
            "batch": summary.batch,
            "dtype": summary.dtype,
            "input": summary.input,
            "layers": (Row(layer, summary).to_dict() for layer in summary.layers),
            "totals": summary.totals,
            **asked,
            "outputs": summary.outputs,
            "reports": [checked.to_dict() for checked in summary.published_figures],
            "uncounted": summary.uncounted,
            **({} if about.traced is None else {"traced": about.traced.to_dict()}),
        }
    )


def other_tool_record(found: OtherToolTable) -> dict[str, Any]:
    """`summary --like`: shapes as lists, numbers exact, sizes in bytes."""
    return headed(
        {
            "like": found.tool.lower(),
            "version": found.version,
            "name": found.summary.graph.metadata.name,
            "layers": [
                {
                    field: list(value) if isinstance(value, Shape) else value
                    for field, value in zip(found.fields, record, strict=True)
                }
                for record in found.records
            ],
            "totals": {total.key: total.value for total in found.totals},
            **({"notes": found.notes} if found.notes else {}),
        }
    )


def fields_record(report: ReceptiveField) -> dict[str, Any]:
    """`rf`: the receptive field of every layer, or of one."""
    layout = report.summary.layout
    return headed(
        {
            "name": report.graph.metadata.name,
            "input": report.summary.input,
            "layers": [
                {"name": row.name, "op": row.op, "output": laid_out(row.output, layout), "rf": row.rf_dict()}
                for row in report.rows
            ],
        }
    )


def unit_record(
    summary: Summary, layer: Layer, unit: tuple[int, ...], seen: Mapping[Layer, Seen]
) -> dict[str, Any]:
    """`rf --at`: what one unit of a layer sees of every tensor before it."""
    extents = (summary.fields.of(layer) or {}).values()
    marks = [name for name in ("gated", "normed") if any(getattr(extent, name) for extent in extents)]
    return headed(
        {
            "name": summary.graph.metadata.name,
            "layer": layer.name,
            "unit": list(unit),
            "input": summary.input,
            "layers": list(seen_records(summary, seen)),
            **dict.fromkeys(marks, True),
        }
    )


def seen_records(summary: Summary, seen: Mapping[Layer, Seen]) -> Iterator[dict[str, Any]]:
    """First and last position of the window on each tensor, per axis, and of what of it is read."""
    for at in (*summary.graph.inputs, *summary.graph.layers):
        if at not in seen:
            continue
        window, pixels = seen[at]
        record = {"name": at.name, "op": at.op.name, "first": _ends(window, 0), "last": _ends(window, 1)}
        if pixels != window:  # a part of the window lies beyond the tensor
            record |= {"first_read": _ends(pixels, 0), "last_read": _ends(pixels, 1)}
        yield record


def _ends(block: Any, which: int) -> list[int | None]:
    return [None if ends is None else ends[which] for ends in block]


def explanation_record(explanation: Explanation) -> dict[str, Any]:
    """`explain`: how figures come about."""
    summary, layer = explanation.summary, explanation.layer
    return headed(
        {
            "name": explanation.graph.metadata.name,
            "layer": explanation.label or None,
            "layout": summary.layout,
            "batch": summary.batch,
            "dtype": summary.dtype,
            **({} if explanation.layers else {"op": layer.op.name}),
            "inputs": [laid_out(above.output, summary.layout) for above in explanation.arriving],
            "output": laid_out(layer.output, summary.layout),
            "symbols": explanation.legend(),
            "derivations": [derivation.to_dict() for derivation in explanation.derivations],
        }
    )


def letters_record(explanation: LetterExplanation) -> dict[str, Any]:
    """`explain` of a chain in letters. The numbers are those of an example, which ``letters`` states."""
    example = explanation.base_explanation
    record = explanation_record(example)
    found = []
    for derivation in explanation.derivations:
        formulas = []
        for formula in derivation.formulas:
            first, *more = formula.forms
            one = Formula(formula.of, first).to_dict()
            one["expanded"] = [written(made) for made in more]
            formulas.append(one)
        (value,) = [d.value for d in example.derivations if d.quantity == derivation.quantity]
        found.append(
            {
                "quantity": derivation.quantity,
                "value": value,
                "formulas": formulas,
                "notes": [*derivation.notes, *explanation.notes],
                "source": None,
            }
        )
    return {**record, "symbols": {}, "derivations": found, "letters": dict(explanation.base)}


def comparison_record(compared: Compared) -> dict[str, Any]:
    """`compare`: a network a record, totals as in a summary, ratios as exact fractions."""
    summary = compared.first.summary
    return headed(
        {
            "layout": summary.layout,
            "batch": summary.batch,
            "dtype": summary.dtype,
            "networks": [
                {
                    "name": row.summary.graph.metadata.name,
                    "title": row.summary.graph.metadata.title,
                    "input": row.summary.input,
                    "outputs": row.summary.outputs,
                    "totals": row.totals,
                    "rf": None if row.field is None else row.field.marked(),
                    **{q: None if a is None else a.to_dict() for q, a in row.accuracies.items()},
                    "ratios": compared.ratios(row),
                    "uncounted": row.summary.uncounted,
                    **({} if row.bounds is None else {"on": device_figures(row.bounds)}),
                }
                for row in compared.rows
            ],
        }
    )


def difference_record(diff: NetworkDiff) -> dict[str, Any]:
    """`compare --layers`: the pairs of layers, one by one, and the totals of both networks."""
    first = diff.first
    totals: dict[str, Any] = {}
    for name, cost in diff.totals.items():
        totals[name] = {**cost.to_dict(), "delta": diff.delta(name)}
        below = [word for word, less in zip(("first", "second"), diff.at_least[name], strict=True) if less]
        if below:
            totals[name]["at_least"] = below
    return headed(
        {
            "layout": first.layout,
            "batch": first.batch,
            "dtype": first.dtype,
            "networks": [
                {
                    "name": name,
                    "title": side.graph.metadata.title,
                    "input": side.input,
                    "outputs": side.outputs,
                    "uncounted": side.uncounted,
                }
                for name, side in zip(diff.names, (first, diff.second), strict=True)
            ],
            "layers": [pair.to_dict() for pair in diff.pairs],
            "totals": totals,
        }
    )


def solution_record(solution: Solution) -> dict[str, Any]:
    """`solve`: what was asked, how far it was looked, answers."""
    return headed(
        {
            "target": solution.target,
            "where": solution.where.text if solution.where is not None else None,
            "batch": solution.batch,
            "dtype": solution.dtype,
            "asked": [
                {"name": unknown.name, "looked": unknown.looked, "values": len(unknown.values)}
                for unknown in solution.unknowns
            ],
            "space": solution.space,
            "tried": solution.tried,
            "refused": solution.refused,
            "whole": solution.whole,
            "widened": solution.widened,
            "objective": None
            if solution.objective is None
            else {
                "quantity": solution.objective.quantity,
                "wanted": "largest" if solution.objective.sign > 0 else "smallest",
            },
            "method": solution.method,
            "bounded": solution.bounded,
            "proved": solution.proved,
            "bound": plain_value(solution.bound),
            "met": solution.met,
            "answers": [design.to_dict(solution.quantities) for design in solution.answers],
            "nearest": [design.to_dict(solution.quantities) for design in solution.nearest],
        }
    )


def spec_record(shown: ShownSpec) -> dict[str, Any]:
    """`show`: the lines of a spec, each with what it puts out."""
    lines = []
    for number in shown.numbers:
        shape = shown.shapes.get(number)
        output = None if shape is None else laid_out(shape, shown.layout)
        lines.append({"line": number, "text": shown.source.line(number), "output": output})
    return headed({"name": shown.name, "file": shown.file, "lines": lines})


def picture_record(picture: Picture) -> dict[str, Any]:
    """`draw`: boxes, the layers that each stands for, and the tensors that pass between them."""
    name, title = picture.title
    return headed(
        {
            "name": name,
            "title": title or None,
            "boxes": [
                {
                    "name": box.key,
                    "kind": box.kind,
                    "lines": box.lines,
                    "layers": [layer.name for layer in box.layers],
                }
                for box in picture.root.boxes()
            ],
            "edges": [
                {
                    "from": edge.source.key,
                    "to": edge.target.key,
                    "tensor": edge.tensor.name,
                    "shape": laid_out(edge.tensor.output, picture.layout),
                }
                for edge in picture.edges
            ],
        }
    )


def source_record(graph: Graph, tool: str, source: str) -> dict[str, Any]:
    """`export`: the source for another tool."""
    return headed({"name": graph.metadata.name, "to": tool, "source": source})
