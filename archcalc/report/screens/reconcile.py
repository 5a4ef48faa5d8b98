"""The screen of `archcalc reconcile`: each printed figure, what gives it, and how that differs from ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...reconciling.candidates import FigureTerm
from ...reconciling.search import FigureExplanation, ReconciledFigure, Reconciliation
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, clean_line
from ..sheet import FactsBlock, NotesBlock, Sheet, Space, TableBlock, TextBlock
from ..words import volume

COLUMNS = "printed verdict assumptions figure unit terms chance sources".split()
# Where the texts of the screen are broken at the latest.
EDGE = 100
_VERDICTS = {True: ("✓ ", "good"), False: ("? ", "warn"), None: ("✗ ", "bad")}


def reconcile_table(report: Reconciliation) -> FlatTable:
    """A record per explanation; of a figure without one the nearest."""

    def records() -> Iterator[list[Any]]:
        for figure in report.figures:
            for verdict, one in _rows(figure):
                yield [
                    figure.printed.text,
                    verdict,
                    "; ".join([assumption.words for assumption in one.assumptions]),
                    one.value,
                    one.unit,
                    " + ".join([f"{term.value} {term.what}" for term in one.terms]),
                    str(one.chance),
                    "; ".join(one.sources),
                ]

    return COLUMNS, records()


def _rows(figure: ReconciledFigure) -> Iterator[tuple[str, FigureExplanation]]:
    for one in figure.explanations:
        yield "explained" if one.believed else "guess", one
    if figure.nearest is not None:
        yield "nearest", figure.nearest


def reconcile_sheets(report: Reconciliation, space: Space, verbose: bool = False) -> list[Sheet]:
    """One sheet: the figures in the order in which they were given; with ``verbose`` all guesses."""
    graph = report.network.graph
    about = " ".join([volume(source.output) for source in graph.inputs])
    return [
        Sheet(
            clean_line(graph.metadata.name),
            clean_line(graph.metadata.title or ""),
            about,
            "reconcile",
            (
                TextBlock(lambda space: _lines(report, space, verbose))
                if space.drawn
                else TableBlock(_grid(report, verbose))
            ),
            FactsBlock(lambda space: _runs(report, space)),
            NotesBlock(_notes(report, verbose)),
        )
    ]


def _grid(report: Reconciliation, verbose: bool) -> Grid:
    """A table for documents: a row per explanation, or for what comes nearest."""
    heads = ("printed", "", "exact", "", "why", "sum")
    columns = [Column(head, right=place in (0, 2)) for place, head in enumerate(heads)]
    rows: list[list[Cell]] = []
    for figure in report.figures:
        for alike in [*_shown(figure, verbose), *([[figure.nearest]] if figure.nearest is not None else [])]:
            one = alike[0]
            sign, role = _VERDICTS[None if one is figure.nearest else one.believed]
            why = _any_of(alike) if one is not figure.nearest else f"the nearest: {reasons(one)}"
            if not one.believed and one is not figure.nearest:
                why = f"{why} ({chance_words(one)})"
            if figure.wrong:
                why = f"{why}; {clean(figure.wrong)}"
            total = sum_of(one.terms) if len(one.terms) > 1 else ""
            cells = (clean(figure.printed.text), sign.strip(), f"{one.value:,}", one.unit, why, total)
            rows.append([(cell, role if place == 1 else "") for place, cell in enumerate(cells)])
    return Grid(columns, rows)


# Layers of a tool's run that are named where they differ.
_NAMED = 3


def _runs(report: Reconciliation, space: Space) -> Iterator[tuple[str, Line]]:
    """What tools printed that were run, beside what their profiles say."""
    word = "run"
    for run in report.runs:
        same = run.figure == run.by_profile
        text = f"{run.counter} {run.version} prints {run.figure:,}"
        text += ", as its profile says" if same else f", and its profile says {run.by_profile:,}"
        if run.layers:
            alike = run.layers - len(run.differing)
            text += f"; {alike:,} of {run.layers:,} layers are alike"
        for name, figure, by_profile in run.differing[:_NAMED]:
            text += f"; {name} {figure:,}, by the profile {by_profile:,}"
        for part in space.broken(text, space.width):
            yield word, [(part, "" if same else "warn")]
            word = ""


def _notes(report: Reconciliation, verbose: bool) -> list[str]:
    """What the signs mean, those that are there, and how many guesses are left out."""
    notes = []
    explanations = [one for figure in report.figures for one in figure.explanations]
    if any(one.believed for one in explanations):
        notes.append("✓ explained")
    if any(not one.believed for one in explanations):
        notes.append("? fits, but so may chance")
    if any(figure.nearest for figure in report.figures):
        notes.append("✗ nothing known gives it")
    hidden = sum([len(_alike(one.explanations)) - len(_shown(one, verbose)) for one in report.figures])
    if hidden:
        notes.append(f"{hidden} less likely {'guess' if hidden == 1 else 'guesses'} left out: -v")
    return notes


def _lines(report: Reconciliation, space: Space, verbose: bool) -> Iterator[Line]:
    space = space.of(min(space.width or EDGE, EDGE))
    margin = max([space.width_of(clean(figure.printed.text)) for figure in report.figures]) + 2
    for figure in report.figures:
        yield from _figure(figure, margin, space, verbose)
        yield []


def _figure(figure: ReconciledFigure, margin: int, space: Space, verbose: bool) -> Iterator[Line]:
    """A figure: what gives it, the sum, and what is to be known of it."""
    start: Line = [(clean(figure.printed.text).ljust(margin), "title")]
    for alike in _shown(figure, verbose):
        yield from _explanation(alike, start, margin, space)
        start = [(" " * margin, "")]
    if figure.nearest is not None:
        near = figure.nearest
        off = near.value - figure.printed.number.value
        percent = float(abs(off) * 100 / figure.printed.number.value)
        words = f"{percent:.1f} % {'above' if off > 0 else 'below'} it: {reasons(near)}"
        yield from space.hanging(
            [*start, _VERDICTS[None]], "nothing known gives it; the nearest is", margin + 2
        )
        yield from space.hanging(
            [(" " * (margin + 2), "")], f"{near.value:,} {near.unit}, {words}", margin + 2
        )
    if figure.wrong:
        yield from space.hanging([(" " * (margin + 2), "")], clean(figure.wrong), margin + 2, "aside")


def _alike(explanations: Sequence[FigureExplanation]) -> list[list[FigureExplanation]]:
    """The explanations that come to the same value stand together; the sum is that of the first."""
    found: dict[tuple[object, ...], list[FigureExplanation]] = {}
    for one in explanations:
        found.setdefault((one.value, one.unit, one.believed), []).append(one)
    return list(found.values())


def _shown(figure: ReconciledFigure, verbose: bool) -> list[list[FigureExplanation]]:
    """The explanations that are shown: all that are more than guesses, else the likeliest guess, and those
    that are as likely."""
    found = _alike(figure.explanations)
    if verbose or figure.explained or not found:
        return found
    return [alike for alike in found if alike[0].cost == found[0][0].cost]


def _any_of(alike: Sequence[FigureExplanation]) -> str:
    return " or ".join([reasons(other) for other in alike])


def _explanation(
    alike: Sequence[FigureExplanation], start: Line, margin: int, space: Space
) -> Iterator[Line]:
    one, indent = alike[0], [(" " * (margin + 2), "")]
    why = _any_of(alike)
    yield from space.hanging(
        [*start, _VERDICTS[one.believed]], f"{one.value:,} {one.unit}: {why}", margin + 2
    )
    if len(one.terms) > 1:
        yield from space.hanging(indent, f"= {sum_of(one.terms)}", margin + 4, "aside")
    if one.sources:
        yield from space.hanging(
            indent, f"printed in {', '.join(map(clean, one.sources))}", margin + 2, "aside"
        )
    if not one.believed:
        yield from space.hanging(indent, chance_words(one), margin + 2, "aside")


def reasons(one: FigureExplanation) -> str:
    """What has to be so, in words."""
    title = one.title.partition(", ")[2]
    found = []
    for assumption in one.assumptions:
        aside = f" ({title})" if title and assumption.id.startswith("network:") else ""
        found.append(clean(assumption.words + aside))
    return ", ".join(found) or "as archcalc counts"


def sum_of(terms: Sequence[FigureTerm]) -> str:
    """``4,089,184,256 our MACs + 22,227,968 norms − 1,000 biases``."""
    first, *others = terms
    more = [f"{'−' if term.value < 0 else '+'} {abs(term.value):,} {clean(term.what)}" for term in others]
    return " ".join([f"{first.value:,} {clean(first.what)}", *more])


def chance_words(one: FigureExplanation) -> str:
    """How likely it is to fit by chance."""
    if one.chance >= 1:
        return "by chance every figure of so few digits would fit"
    return f"by chance 1 in {round(1 / one.chance):,} figures like it would fit as well"
