"""The screen of `archcalc explain`: each symbol above its number, the answer last on its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...analysis.derivation import Derivation, Formula, Way
from ...analysis.explanation import Explanation
from ...analysis.notation import number_text
from ...graph import Layer
from ...ops.facts import OperationCounts
from ...quantities import BYTES, QUANTITIES
from ..fitting import CUT, Rows
from ..grid import Cell, Column, Grid, Yield
from ..lines import Line, clean, clean_line
from ..sheet import PAGE, Sheet, SheetBlock, Space, TableBlock, TextBlock, fit
from ..words import amount, binary, stride, unit_for, volume_in
from ..working import Legend, Step, WorkingBlock
from .formulas import Pair, formula_pair, formula_pairs, signs_of

# Columns before a formula; the sign of equality stands two before it.
MARGIN = 12
# The screen is made for 80 columns, and no wider.
EDGE = 80
# A wider formula has its answer right behind it.
ALIGNED = 44
# Terms of a sum on a screen that shows all quantities, and where it is asked for alone.
FEW, MANY = 5, 12


def explain_sheets(explanation: Explanation, space: Space = PAGE) -> list[Sheet]:
    """Each quantity with its formulas; sums and steps as tables; what the symbols mean."""
    name, what, shapes = head(explanation)
    if space.drawn:  # symbols stand above numbers, and answers below each other
        lines = TextBlock(lambda space: explain_lines(explanation, space))
        return [Sheet(name, what, shapes, "explain", lines, headed=False)]
    alone = is_alone(explanation)
    blocks: list[SheetBlock] = []
    for derivation in explanation.derivations:
        named = is_named(derivation, alone)
        blocks.append(
            WorkingBlock(
                derivation.quantity,
                format_result(derivation),
                [
                    Step(formula, named, "".join(result(derivation, formula)))
                    for formula in shown_formulas(derivation, alone)
                ],
                format_notes(derivation),
                clean(derivation.source) if derivation.source else "",
            )
        )
        for number, grid in enumerate(tables(explanation, derivation, alone)):
            label = f"{explanation.label or 'total'} {derivation.quantity} {number or ''}"
            blocks.append(TableBlock(grid, f"{derivation.quantity}, {what}", label.strip()))
    shown = [formula for each in explanation.derivations for formula in shown_formulas(each, alone)]
    symbols = explanation.legend(shown)
    parts = format_legend(explanation)
    if symbols or parts:
        blocks.append(Legend(symbols, parts))
    return [Sheet(name, what, shapes, "explain", *blocks, spec=True)]


def explain_lines(explanation: Explanation, space: Space) -> Iterator[Line]:
    """The screen, for a width; None is as wide as it comes."""
    width = space.width
    edge = EDGE if width is None else min(width, EDGE)
    name, what, shapes = head(explanation)
    yield from space.of(edge if width is None else width).heading(name, what, shapes, edge)
    alone = is_alone(explanation)
    derivations = explanation.derivations
    pairs = {
        id(f): formula_pairs(f, space, is_named(d, alone), edge - MARGIN)
        for d in derivations
        for f in shown_formulas(d, alone)
    }
    reach = max(
        [
            space.width_of(lines[0][1])
            for lines in pairs.values()
            if len(lines) == 1 and space.width_of(lines[0][1]) <= ALIGNED
        ],
        default=0,
    )
    before = ""
    for derivation in derivations:
        yield []
        source = clean(derivation.source) if derivation.source != before else ""
        before = derivation.source or before
        yield from _derivation(explanation, derivation, alone, pairs, reach, source, space.of(edge))
    legend = format_legend(explanation)
    if legend:
        yield []
        yield from space.of(edge).asides(legend)


def head(explanation: Explanation) -> tuple[str, str, str]:
    """The subject of an explanation: name, words of the spec, shapes."""
    graph, layer = explanation.graph, explanation.layer
    layout = explanation.summary.layout
    name = clean_line(graph.metadata.name)
    output = volume_in(graph, layer.output, layout)
    if explanation.layers:
        arrives = [volume_in(graph, at.output, layout) for at in explanation.arriving]
        arrives = list(dict.fromkeys(arrives))
        number = len(explanation.layers)
        what = f"sums over {number} layers" if number != 1 else "sums over 1 layer"
        if explanation.label:
            name = f"{name} {clean(explanation.label)}"
        return name, what, f"{', '.join(arrives)} -> {output}".lstrip()
    called = clean(layer.name)
    name = called if "->" in name else f"{name} {called}"
    found = [volume_in(graph, above.output, layout) for above in layer.inputs]
    shapes = list(dict.fromkeys(found))
    arrives = shapes if len(shapes) < 3 else [f"{len(layer.inputs)} tensors"]
    return (
        name,
        clean(layer.text or layer.op.describe(())),
        (f"{', '.join(arrives)} -> {output}" if arrives else output),
    )


def is_alone(explanation: Explanation) -> bool:
    """Whether one quantity was asked for, so that all of it is shown."""
    return len({d.quantity for d in explanation.derivations} - {"peak"}) == 1


def shown_formulas(derivation: Derivation, alone: bool) -> list[Formula]:
    """The formulas that are written out: of operations only where they are asked for, and of a sum
    the table says it."""
    if derivation.terms or (derivation.quantity == "operations" and not alone):
        return []
    return derivation.formulas


def is_named(derivation: Derivation, alone: bool) -> bool:
    """Whether formulas say what they make: where there are several, or it is not the quantity."""
    return len(shown_formulas(derivation, alone)) > 1 or derivation.quantity == "operations"


def result(derivation: Derivation, formula: Formula) -> tuple[str, str]:
    """Return words before the answer, and the answer: what a formula comes to, or the whole that it ends."""
    value = number_text(formula.value)
    # Of a vector, the formula's value is the answer; a letter alone is said as a spec has it.
    whole = derivation.quantity in ("output", "size") and (
        len(derivation.value) > 1 or formula.made.operator == "symbol"
    )
    if whole and formula is derivation.formulas[-1]:
        return f"{value}, so ", "x".join(map(str, derivation.value))
    return "", value


def format_result(derivation: Derivation) -> str:
    """The answer as a screen writes it."""
    value: Any = derivation.value
    if value is None:
        return "?"
    if derivation.quantity == "output":
        return "x".join(map(str, value))
    if derivation.quantity == "operations":
        counts = [f"{name} {value[name]:,}" for name in OperationCounts.FIELDS if value[name]]
        return " · ".join(counts) or "0"
    if isinstance(value, list):
        return "x".join(["?" if part is None else str(part) for part in value]) or "all of it"
    if derivation.quantity != "rf":
        least = any(note.startswith("at least") for note in derivation.notes)
        return f"{'≥ ' if least else ''}{value:,}"
    if "size" in value:
        value = {"": value}
    return ", ".join([f"{name} {_format_size(extent)}".strip() for name, extent in value.items()])


def _format_size(extent: dict[str, Any]) -> str:
    sizes = "x".join(map(str, extent["size"]))
    if extent["global"]:
        return f"all of it: {sizes}" if sizes else "all of it"
    return sizes or "no positions"


def format_notes(derivation: Derivation) -> list[str]:
    """The notes; bytes in larger units too."""
    notes = [clean(note) for note in derivation.notes]
    if QUANTITIES[derivation.quantity].form == BYTES and derivation.value and notes:
        unit = unit_for(derivation.value)
        size = amount(derivation.value) if unit == "bytes" else (f"{binary(derivation.value, unit)} {unit}")
        if unit != "bytes":
            first, sign, rest = notes[0].partition(";")
            notes[0] = f"{first}: {size}{sign}{rest}"
    return notes


def format_legend(explanation: Explanation) -> list[str]:
    """The meanings of the symbols; letters of the same meaning together."""
    meanings: dict[str, list[str]] = {}
    alone = is_alone(explanation)
    shown = [formula for each in explanation.derivations for formula in shown_formulas(each, alone)]
    for name, means in explanation.legend(shown).items():
        meanings.setdefault(means.replace("_", " "), []).append(name)
    if alone and any(each.ways for each in explanation.derivations):
        # Heads of the table of steps.
        for name, means in (("F", "kernel"), ("S", "stride"), ("r", "field before"), ("j", "stride before")):
            if name not in meanings.setdefault(means, []):
                meanings[means].append(name)
    found = []
    for means, names in meanings.items():
        some = names if len(names) < 5 else [names[0], "…", names[-1]]
        found.append(f"{', '.join(some)} {means}")
    return found


def _derivation(
    explanation: Explanation,
    derivation: Derivation,
    alone: bool,
    pairs: dict[int, list[Pair]],
    reach: int,
    source: str,
    space: Space,
) -> Iterator[Line]:
    edge = space.width or EDGE
    label = (derivation.quantity.ljust(MARGIN), "title")
    if space.width_of(label[0]) > MARGIN:  # a long name stands on a line of its own
        yield [label]
        label = (" " * MARGIN, "")
    shown = shown_formulas(derivation, alone)
    grids = tables(explanation, derivation, alone, space)
    if shown:
        for place, formula in enumerate(shown):
            (above, below), *more = pairs[id(formula)]
            line: Line = [label if not place else (" " * MARGIN, ""), (above, "")]
            width_left = edge - MARGIN - space.width_of(above) - space.width_of(source)
            if not place and source and width_left >= 2:
                line += [(" " * width_left, ""), (source, "aside")]
                source = ""
            yield line
            yield from [[(" " * MARGIN + further[0], "")] for further in more]
            words, answer = result(derivation, formula)
            if formula.made.operator == "symbol" and len(shown) == 1:
                # Its number is all the working there is.
                bare = "x" not in answer
                yield [(f"{'= ':>{MARGIN}}", ""), ("" if bare else words, ""), (answer, "title")]
                continue
            named = is_named(derivation, alone) and formula.of
            sign = " " * MARGIN if named else f"{'= ':>{MARGIN}}"
            for further in more:
                yield [(sign, ""), (below, "")]
                sign, below = " " * MARGIN, further[1]
            came = f"{' ' * max(0, reach - space.width_of(below))}  = {words}"
            if MARGIN + space.width_of(below + came + answer) > edge:
                yield [(sign, ""), (below, "")]
                under = MARGIN + space.width_of(formula.of) + 3 if named else MARGIN
                sign, below, came = f"{'= ':>{under}}", "", words
            yield [(sign, ""), (below, ""), (came, ""), (answer, "title")]
    else:
        answer = format_result(derivation)
        line = [label]
        for place, text in enumerate(space.wrapped(answer.split(" · "), edge - MARGIN)):
            line = [label if not place else (" " * MARGIN, ""), (text, "title")]
            width_left = edge - MARGIN - space.width_of(text) - space.width_of(source)
            if not place and source and width_left >= 2:
                line += [(" " * width_left, ""), (source, "aside")]
                source = ""
            yield line
    for note in format_notes(derivation):
        yield from space.of(edge).hanging([(" " * MARGIN, "")], note, MARGIN, "aside")
    if source and alone:
        yield from space.of(edge).hanging([(" " * MARGIN, "")], f"from {source}", MARGIN, "aside")
    for grid in grids:
        if alone:
            yield []
            yield from grid.lines()
        else:
            for row in (*grid.rows, *grid.feet):
                yield [(" " * MARGIN, ""), *grid.line(row)]


def tables(explanation: Explanation, derivation: Derivation, alone: bool, space: Space = PAGE) -> list[Grid]:
    """The terms of a sum, or the steps of a receptive field where that is asked for alone."""
    if derivation.terms:
        if alone:
            return [_terms(derivation, MANY, space)]
        return [_terms(derivation, FEW, space.of(None if space.width is None else space.width - MARGIN))]
    if not alone:
        return []
    several = len({way.source for way in derivation.ways}) > 1
    return [_way(way, several, space) for way in derivation.ways]


def _terms(derivation: Derivation, most: int, space: Space) -> Grid:
    """The terms of a sum, equal ones together where they are many; what they are is cut to the
    width that is left."""
    terms, whole = derivation.gathered(most + 1), derivation.value
    shown = terms if len(terms) <= most + 1 else terms[:most]
    several = any(len(term.layers) > 1 for term in shown)

    def row(name: str, what: str, each: str, value: int) -> list[Cell]:
        share = (f"{100 * value / whole:.1f}%", "aside")
        middle: list[Cell] = [(each, "")] if several else []
        return [(name, ""), (what, "spec"), *middle, (f"{value:,}", ""), share]

    rows = []
    for term in shown:
        first, *more = term.layers
        name = clean(first.name) + (", …" if more else "")
        each = f"{len(more) + 1} x {term.each:,}" if more else ""
        rows.append(row(name, _what(term.layers), each, term.value))
    rest = terms[len(shown) :]
    if rest:
        left = sum([len(term.layers) for term in rest])
        rows.append(row(f"{left} others", "", "", sum([term.value for term in rest])))
    foot: list[list[Cell]] = [
        [("total", "sum"), ("", ""), *[("", "")] * several, (format_result(derivation), "sum"), ("", "")]
    ]
    # Words of the spec give way first, then names.
    columns = [
        Column("layer", name="layer", yields=(Yield(2, CUT, least=12),)),
        Column("what", name="what", yields=(Yield(1, CUT, least=5),)),
        *[Column("each", right=True, name="each")] * several,
        Column(derivation.quantity, right=True, name="value"),
        Column("share", right=True, name="share"),
    ]
    return fit(columns, Rows(columns, [*rows, *foot]), space, len(foot)).grid()


def _what(layers: Sequence[Layer]) -> str:
    """The words of the spec for equal terms: those of all, or of the first."""
    words = list(dict.fromkeys([clean(layer.text or layer.op.name) for layer in layers]))
    return words[0] if len(words) == 1 else f"{words[0]}, …"


def _way(way: Way, several: bool, space: Space) -> Grid:
    """The recursion of a receptive field, one row per layer that changes it; names are cut to the width
    there is."""
    times = signs_of(space)
    dilated = any(step.dilation != 1 for step in way.steps)
    last = way.steps[-1]
    rows: list[list[Cell]] = [
        [(clean(way.source.name), ""), ("", ""), ("", ""), ("", ""), ("1", ""), ("1", "")]
    ]
    for step in way.steps:
        if step.idle and step is not last:
            continue
        name = clean(step.layer.name)
        if step.kernel is None:
            rows.append(
                [(name, ""), ("", ""), ("", ""), ("everything", ""), (f"{step.size:,}", "sum"), ("", "")]
            )
            continue
        made = step.formula
        working = formula_pair(Formula("", made), space)[1] if made is not None else "~"
        kernel = f"{step.kernel}" + (f" /{step.dilation}" if step.dilation != 1 else "")
        rows.append(
            [
                (name, ""),
                (kernel, ""),
                (stride(step.stride), ""),
                (working, ""),
                (f"{step.size:,}", "sum" if step is last else ""),
                (stride(step.jump), ""),
            ]
        )
    mark = f" ({way.along})" if way.axes else ""
    dot = times.close
    # The letters of the formula above it.
    grown = f"r + (F {times.minus.strip()} 1){dot}{'D' + dot if dilated else ''}j"
    where = f"of {clean(way.source.name)}" if several else "layer"
    columns = [
        Column(where + mark, name="layer", yields=(Yield(1, CUT, least=12),)),
        Column("F /D" if dilated else "F", right=True, name="kernel"),
        Column("S", right=True, name="stride"),
        Column(grown, right=True, name="grown"),
        Column("r", right=True, name="size"),
        Column("j", right=True, name="jump"),
    ]
    return fit(columns, Rows(columns, rows), space).grid()
