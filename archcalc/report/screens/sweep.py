"""The table of `archcalc sweep`: one design per row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ...ops.attributes import show
from ...quantities import BYTES, QUANTITIES
from ...sweeping.findings import RefusedKind
from ...sweeping.swept import Swept, reason
from ..fitting import CUT, FOLDED, GONE, SHORT, Look
from ..flat import FlatTable
from ..grid import Cell, Column, Yield
from ..lines import Line, clean, clean_line
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, Space, TableBlock, fit
from ..words import binary, brief, count, counted_besides, macs_of, unit_for, volume

# Designs that a screen shows where nobody says how many.
SHOWN = 20
# Reasons that it shows.
REASONS = 5
HEADS = {"params": "parameters", "macs": "MACs", "rf": "RF", "flops": "FLOPs"}


def sweep_table(swept: Swept) -> FlatTable:
    """A record per design."""
    return swept.header, swept.records()


def sweep_sheets(swept: Swept, space: Space = PAGE, shown: int | None = None) -> list[Sheet]:
    """Designs, ``shown`` of them at most; how many there are, and why others are none."""
    content = _Content(swept, shown)
    call = swept.plan.call
    asked = {goal.name for goal in (*swept.plan.selection.pareto, *swept.plan.selection.sort)}
    fitting = fit(content.columns(), content, space, asked=asked)
    drawn = {column.name for column in fitting.shown}
    return [
        Sheet(
            clean_line(
                call.request.target if call.request.target != "-" else swept.plan.sweep.net.name or "-"
            ),
            "",
            "",
            "sweep",
            *([TableBlock(fitting.grid())] if content.rows else []),
            FactsBlock(lambda space: _facts(swept, len(content.rows), space)),
            NotesBlock(content.notes(drawn), fitting.left_out_note),
            spec="->" in call.request.target,
        )
    ]


class _Content:
    """The cells of the table, and what stands below it."""

    def __init__(self, swept: Swept, shown: int | None):
        self.swept = swept
        self.plan = swept.plan
        self.rows = swept.rows[:shown]
        self.refused = self.plan.selection.refused
        self.alike = any(row.alike > 1 for row in self.rows)
        # Of each quantity in bytes the unit of its column.
        self.units = {
            name: unit_for(max([row.quantities[head] or 0 for row in self.rows], default=0))
            for head, name in zip(self.plan.heads, self.plan.quantities, strict=True)
            if QUANTITIES[name].form == BYTES
        }

    def columns(self) -> list[Column]:
        """What differs, the output, the quantities; what a narrow screen gives up from the right on."""
        axes = [
            Column(clean(axis.name), True, name=f"axis {axis.name}", yields=(Yield(99, FOLDED, least=6),))
            for axis in self.plan.space.axes
        ]
        if self.refused:
            return [*axes, Column("reason", name="reason", yields=(Yield(1, CUT, "words", least=20),))]
        gone = len(self.plan.heads)
        quantities = [
            Column(
                head_of(head),
                True,
                name=name,
                yields=(
                    Yield(2, SHORT, f"digits of {head_of(head)}"),
                    Yield(50 + gone - at, GONE, head_of(head)),
                ),
            )
            for at, (head, name) in enumerate(zip(self.plan.heads, self.plan.quantities, strict=True))
        ]
        output = Column(self.plan.output_head, True, name="output", yields=(Yield(40, GONE, "output"),))
        alike = [Column("alike", True, name="alike")] if self.alike else []
        return [*axes, output, *quantities, *alike]

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""
        return "params" if column.name == "params" and look.short else column.head

    def cells(self, column: Column, look: Look) -> list[Cell]:
        """One cell per design."""
        name = column.name
        if name.startswith("axis "):
            axis = name.removeprefix("axis ")
            return [(clean(show(row.values[axis])), "sum") for row in self.rows]
        if name == "reason":
            return [(clean(reason(self.plan, row.number)), "") for row in self.rows]
        if name == "output":
            return [(volume(row.output), "") for row in self.rows]
        if name == "alike":
            return [(count(row.alike), "aside") for row in self.rows]
        head = dict(zip(self.plan.quantities, self.plan.heads, strict=True))[name]
        return [_figure(row.quantities[head], look.short, self.units.get(name)) for row in self.rows]

    def notes(self, shown: set[str]) -> list[str]:
        """The conventions behind what is on this screen."""
        request = self.plan.call.request
        parts = []
        if "macs" in shown and self.rows:
            layers = self.plan.sweep.summary(self.rows[0].values).layers
            parts.append(macs_of(counted_besides(layers), request.batch))
        if not self.rows:
            return []
        units: dict[str, list[str]] = {}
        for name in self.units:
            if name in shown:
                units.setdefault(self.units[name], []).append(head_of(name))
        if units:
            parts += [f"{', '.join(names)} in {unit}" for unit, names in units.items()]
            parts.append(f"{request.dtype}, batch {request.batch:,}")
        if "rf" in shown:
            parts.append("RF: receptive field, last window")
        if not self.refused and any(None in row.quantities.values() for row in self.rows):
            parts.append("? not known, or of the whole input")
        if "alike" in shown:
            parts.append("alike: designs that are equal in what is compared, the first of them shown")
        return parts


def head_of(name: str) -> str:
    """What a quantity, or something that differs, is called above its column."""
    return HEADS.get(name, name.replace("_", " "))


def _figure(value: Any, short: bool, unit: str | None) -> Cell:
    if value is None:
        return ("?", "warn")
    if unit is not None:
        return (binary(value, unit, 1), "")
    if isinstance(value, Fraction):
        return (show(value), "")
    return ((brief if short else count)(value), "")


def _facts(swept: Swept, shown: int, space: Space) -> Iterator[tuple[str, Line]]:
    """The lines on how far the sweep came, what was found, and what is refused."""
    for word, text in _sentences(swept, shown):
        for index, line in enumerate(space.broken(text, space.width)):
            yield word if not index else "", [(line, "")]


def _sentences(swept: Swept, shown: int) -> Iterator[tuple[str, str]]:
    plan, found, course = swept.plan, swept.found, swept.course
    yield "designs", _computed(swept)
    where = plan.call.request.where
    if where is not None:
        yield "where", clean_line(where)
        yield "", f"{_met(found.met)} it, of {_networks(found.networks)}"
    goals = plan.selection.pareto
    if goals and not plan.selection.refused:
        front = len(found.rows.numbers)
        words = "one that no other betters" if front == 1 else f"{front:,} that no other betters"
        yield "front", f"{words}: {_goals(goals)}"
        if found.unknown:
            yield "", f"{found.unknown:,} cannot be compared: a quantity of theirs is not known"
    total = (
        found.designs - found.networks
        if plan.selection.refused
        else (len(found.rows.numbers) if goals else found.met)
    )
    if shown < total:
        order = plan.selection.sort
        words = f"the first {shown:,} of {total:,}" + (f" by {_goals(order)}" if order else "")
        if plan.call.top is None:
            words += (
                ": --top N shows more, --format csv all" if order or goals else ": --format csv gives all"
            )
        yield "shown", words
    if shown and not plan.selection.refused and (goals or plan.selection.sort):
        yield "first", clean_line(plan.sweep.spec(swept.rows[0].values))
    if not plan.selection.refused:
        yield from _reasons(swept, sorted(found.refused.values(), key=lambda one: -one.designs))
    if not course.complete:
        yield "stopped", f"by Ctrl-C, {found.designs:,} of {course.designs:,} designs were computed"


def _computed(swept: Swept) -> str:
    plan, found = swept.plan, swept.found
    words = (
        f"{found.designs:,}" if swept.course.complete else f"{found.designs:,} of {swept.course.designs:,}"
    )
    if plan.designs.sampled:
        words += f", drawn from {plan.space.size:,} with seed {plan.call.seed}"
    refused = found.designs - found.networks
    if not refused:
        return words + (", all of them networks" if found.designs > 1 else "")
    return words + (", none of them a network" if not found.networks else f", of which {_are(refused)}")


def _are(number: int) -> str:
    return "one is no network" if number == 1 else f"{number:,} are no networks"


def _met(number: int) -> str:
    return {0: "none meets", 1: "one meets"}.get(number, f"{number:,} meet")


def _networks(number: int) -> str:
    return "one network" if number == 1 else f"{number:,} networks"


def _goals(goals: Sequence[Any]) -> str:
    return ", ".join([f"{'largest' if goal.largest else 'smallest'} {head_of(goal.name)}" for goal in goals])


def _reasons(swept: Swept, kinds: Sequence[RefusedKind]) -> Iterator[tuple[str, str]]:
    """Why designs are no networks, the commonest reason first, each with an example."""
    for number, one in enumerate(kinds[:REASONS]):
        values = swept.plan.space.design(one.refusal.example)
        example = ", ".join([f"{name}={show(value)}" for name, value in values.items()])
        text = f"{one.designs:,}: {one.refusal.message}, as with {example}"
        yield "" if number else "refused", clean_line(text)
    if len(kinds) > REASONS:
        rest = sum(one.designs for one in kinds[REASONS:])
        yield "", f"{rest:,} for {len(kinds) - REASONS:,} further reasons: --refused lists them"
