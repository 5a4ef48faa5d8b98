"""The table of `archcalc solve`: one design per row, the smallest change first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ...ops.attributes import show
from ...quantities import BYTES, names
from ...solving.designs import Design, Miss, Solution
from ...solving.search import BISECTION, BRANCH_AND_BOUND, GROWN_RANGES
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, clean_line
from ..sheet import FactsBlock, NotesBlock, Sheet, Space, TableBlock
from ..words import amount, count, counted_besides, field_size, macs_of, volume

# Answers that a screen shows, unless all are wanted.
SHOWN = 10
HEADS = {"params": "parameters", "macs": "MACs", "rf": "RF", "flops": "FLOPs"}


def solve_table(solution: Solution) -> FlatTable:
    """A record an answer; where there is none, one for each that comes nearest."""
    names = [unknown.name for unknown in solution.unknowns]
    header = ["verdict", *names, "output", *_quantities(solution), "spec", "misses"]

    def records() -> Iterator[list[Any]]:
        for verdict, designs in (("meets", solution.answers), ("nearest", solution.nearest)):
            for design in designs:
                yield [
                    verdict,
                    *[show(design.values[name]) for name in names],
                    design.output,
                    *[design.record[name] for name in _quantities(solution)],
                    design.spec or "",
                    "; ".join(missed(miss) for miss in design.misses),
                ]

    return header, records()


def solve_sheets(solution: Solution, all_answers: bool = False) -> list[Sheet]:
    """Answers, or what comes nearest; how far it was looked below."""
    answers = solution.answers
    shown = answers if all_answers else answers[:SHOWN]
    return [
        Sheet(
            clean_line(solution.target),
            "",
            "",
            "solve",
            TableBlock(_grid(solution, shown or solution.nearest)),
            FactsBlock(lambda space: _facts(solution, len(shown), space)),
            NotesBlock(_notes(solution, shown)),
        )
    ]


def _grid(solution: Solution, designs: Sequence[Design]) -> Grid:
    names = [unknown.name for unknown in solution.unknowns]
    columns = [Column(clean(name), right=True) for name in names]
    columns.append(Column("output", right=True))
    columns += [
        Column(HEADS.get(name, name.replace("_", " ").removesuffix(" bytes")), right=True)
        for name in _quantities(solution)
    ]
    missing = any(design.misses for design in designs)
    if missing:
        columns.append(Column("misses"))
    rows: list[list[Cell]] = []
    for design in designs:
        met = "sum" if not design.gap else ""
        cells: list[Cell] = [(show(design.values[name]), met) for name in names]
        cells.append((volume(design.output), ""))
        cells += [(_figure(design, name), "") for name in _quantities(solution)]
        if missing:
            cells.append(("; ".join(missed(miss) for miss in design.misses), ""))
        rows.append(cells)
    return Grid(columns, rows)


def _quantities(solution: Solution) -> list[str]:
    """The quantities that have a column: an output has its own."""
    return [name for name in solution.quantities if name != "output"]


def missed(miss: Miss) -> str:
    """By how much a demand is missed: ``params <= 3: +73``, ``[27x27x10]: +1, +1, 0``."""
    if miss.difference is None:
        return f"{miss.demand}: {'not known' if miss.value is None else 'another number of axes'}"
    apart = miss.difference if isinstance(miss.difference, tuple) else (miss.difference,)
    return f"{miss.demand}: {', '.join(map(_signed, apart))}"


def _signed(number: int | Fraction) -> str:
    sign = "+" if number > 0 else "−" if number < 0 else ""
    size = abs(number)
    return f"{sign}{size:,}" if isinstance(size, int) else f"{sign}{show(size)}"


def _figure(design: Design, name: str) -> str:
    value = design.record[name]
    if name == "rf":
        return field_size(design.field) if design.field is not None else ("?" if design.blind else "all")
    if value is not None and _form(name) == BYTES:
        return amount(value)
    return str(value) if isinstance(value, (Fraction, str)) else count(value)


def _form(name: str) -> str:
    """The form of a quantity of a condition: bytes, or a number."""
    return names()[name.rpartition(".")[2]].form


def _facts(solution: Solution, shown: int, space: Space) -> Iterator[tuple[str, Line]]:
    """The lines on what is wanted, what was found and how far the search went."""
    number = solution.met
    if not number:
        found = f"none meets it{_ends_of(solution)}; these come nearest"
    elif solution.objective is not None:
        found = "one meets it" if number == 1 else f"{_best(solution, shown)} of {number:,} that meet it"
        if not solution.whole:
            found = f"{_best(solution, shown)}; {number:,} of those that were tried meet the demand"
    elif shown < number:
        found = f"the first {shown} of {number:,} that meet it: --all shows them"
        if number > len(solution.answers):
            found += f" up to {len(solution.answers):,}"
    else:
        found = "one meets it" if number == 1 else f"{number:,} meet it"
        if solution.widened and number >= SHOWN:
            found = f"the smallest {number} that meet it; larger ones may as well"
    parts = [("found", found)]
    if solution.objective is not None and number:
        parts.append(("proved", _proof(solution)))
    if number > 1 and (solution.whole or solution.objective is None):
        parts += [("between", text) for text in [", ".join(_ends(solution))] if text]
    if solution.below:
        parts.append(("below", clean_line(solution.below)))
    if number == 1 and solution.answers[0].spec is not None:
        parts.append(("spec", clean(solution.answers[0].spec)))
    if solution.where is not None:
        parts.append(("where", clean_line(solution.where.text)))
    looked = " · ".join(f"{clean(unknown.name)} {unknown.looked}" for unknown in solution.unknowns)
    parts += [("looked at", looked), ("", _effort(solution))]
    for word, text in parts:
        for index, line in enumerate(space.broken(text, space.width)):
            yield word if not index else "", [(line, "")]


def _best(solution: Solution, shown: int) -> str:
    """What comes first where something is to be as large or as small as can be: ``the most params``."""
    assert solution.objective is not None
    quantity, sign = solution.objective
    word = "most" if sign > 0 else "least"
    return f"the {shown} with the {word} {HEADS.get(quantity, quantity.replace('_', ' '))}"


def _proof(solution: Solution) -> str:
    """Whether what was found is proved to be the best, and how."""
    if not solution.proved:
        looked = f"no: {solution.tried:,} of {solution.space:,} designs were looked at"
        if solution.bound is None or solution.objective is None:
            return looked
        word = "more" if solution.objective.sign > 0 else "less"
        return f"{looked}; none has {word} than {_signed(solution.bound).lstrip('+')}"
    if solution.method in (BRANCH_AND_BOUND, BISECTION):
        return f"yes, by {solution.method}: bounds rule out that another design is better"
    return "yes: all designs were looked at"


def _effort(solution: Solution) -> str:
    """How many designs were tried, and what became of the others."""
    effort = f"tried {solution.tried:,} of {solution.space:,} designs"
    if solution.proved and solution.method in (BRANCH_AND_BOUND, BISECTION):
        others = "the others" if solution.whole else "better ones"
        effort += f", ruled out {others} by bounds of {solution.bounded:,} boxes ({solution.method})"
    elif solution.whole and solution.tried == solution.space:
        effort = f"tried all {solution.space:,} designs" if solution.space > 1 else "tried it"
    elif solution.method == GROWN_RANGES:
        effort = f"tried {solution.tried:,} designs, larger numbers as long as they came nearer"
    elif solution.whole:
        effort += ", ruled out the others: larger than what is too large"
    elif solution.method in (BRANCH_AND_BOUND, BISECTION):
        effort += f" and bounded {solution.bounded:,} boxes ({solution.method}): --limit sets another number"
    elif solution.objective is not None:
        effort += ", the least changes and from some on to better ones: --limit sets another number"
    else:
        effort += ", the least changes: --limit sets another number"
    if not solution.met and solution.whole and any(unknown.step is not None for unknown in solution.unknowns):
        effort += "; --up-to N looks further"
    if solution.refused:
        effort += f"; {solution.refused:,} are no networks"
    return effort


def _ends_of(solution: Solution) -> str:
    """How far it was looked where nothing was found: `` up to kernel 32``."""
    ends = [(unknown.name, unknown.largest) for unknown in solution.unknowns if unknown.largest is not None]
    if not ends or not solution.whole:
        return ""
    return " up to " + ", ".join([f"{clean(name)} {show(number)}" for name, number in ends])


def _ends(solution: Solution) -> Iterator[str]:
    """The least and largest number that answers have, of each unknown where they differ."""
    for at, unknown in enumerate(solution.unknowns):
        values = (
            list(solution.among[at])
            if solution.among
            else [design.values[unknown.name] for design in solution.answers]
        )
        numbers = [value for value in values if not isinstance(value, (str, bool, tuple))]
        if len(set(numbers)) > 1:
            ends = f"{show(min(numbers))}..{show(max(numbers))}"
            whole = solution.whole and len(solution.unknowns) == 1 and len(numbers) == len(values)
            yield f"{clean(unknown.name)} {unknown.ranges(numbers) if whole else ends}"


def _notes(solution: Solution, shown: Sequence[Design]) -> list[str]:
    parts = ["smallest change first"] if len(shown) > 1 and solution.objective is None else []
    if any(design.misses for design in shown or solution.nearest):
        parts.append("misses: what it has less what is demanded")
    layers = [layer for design in shown for layer in design.record.summary.layers]
    parts.append(macs_of(counted_besides(layers), solution.batch))
    if any(_form(name) == BYTES for name in solution.quantities):
        parts.append(f"{solution.dtype}, batch {solution.batch:,}")
    parts.append("RF: receptive field, last window")
    return parts
