"""How right values come about, as `archcalc explain` shows it; under conventions that it does not know,
as the conventions have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...analysis.durations import Duration
from ...analysis.explained import explained
from ...analysis.explanation import Explanation
from ...answers.diagnosis import Diagnosis
from ...answers.working import WorkingLine
from ...graph import Layer
from ...loading.applying import Applied
from ...values.chosen_steps import first_steps
from ..lines import Line, clean, clean_line
from ..sheet import Sheet, Space, TextBlock
from .apply import LayerView, apply_sheets, views
from .check_words import format_numbers, format_value, signs_of
from .explain import explain_sheets
from .letters import letter_sheets


def solution_sheets(diagnosis: Diagnosis, space: Space) -> list[Sheet]:
    """How the right value of a question comes about."""
    asked = diagnosis.asked
    if diagnosis.letters is not None:
        return letter_sheets(diagnosis.letters, space)
    if diagnosis.applied is not None:
        return apply_sheets(_views(diagnosis.applied, asked.layers), diagnosis.flip)
    if asked.sides or asked.solved_by_method or (diagnosis.rules and diagnosis.value != asked.plain):
        name = clean_line(asked.graph.metadata.name)
        lines = TextBlock(lambda space: solution_lines(diagnosis, space))
        return [Sheet(name, clean(asked.words), "", "solution", lines, headed=not space.drawn)]
    summary = asked.summary
    how = {"batch": summary.batch, "dtype": summary.dtype, "layout": asked.conventions["layout"]}
    found = explained(Explanation, asked.graph, asked.where, asked.quantity, **how)
    return explain_sheets(found, space)


def _views(applied: Applied, layers: Sequence[Layer]) -> list[LayerView]:
    """Each layer up to the one asked about, with its first cell written out."""
    shown = [values for values in applied.values if values.layer in layers]
    return views(shown, first_steps(shown), False, applied.sequence)


def solution_lines(diagnosis: Diagnosis, space: Space) -> Iterator[Line]:
    """The working, symbols above numbers, line by line."""
    asked = diagnosis.asked
    if space.drawn:
        yield from space.heading(
            clean_line(asked.graph.metadata.name), clean(asked.words), "", space.width or 80
        )
    yield []
    working = diagnosis.working
    for line in working.lines if working is not None else ():
        yield from _working_line(line, space)
    value = format_value(diagnosis.value, asked.conventions["layout"])
    unit = f" {asked.unit}" if asked.unit and not isinstance(diagnosis.value, Duration) else ""
    yield [(f"{clean(asked.words)} = {value}{unit}", "title")]
    yield from space.asides(
        [asked.conventions.words_of(name) for name, _ in asked.conventions.rules]
        + ([asked.conventions.words_of("counter")] if diagnosis.counter_figure is not None else [])
    )


def _working_line(line: WorkingLine, space: Space) -> Iterator[Line]:
    label = f"{line.of}: " if line.of else ""
    symbols = "".join([name for name, _ in signs_of(space).tokens(line.made)])
    numbers = f"{format_numbers(line.made, space)} = {format_value(line.made.value)}"
    texts = [symbols, numbers] if symbols != format_numbers(line.made, space) else [numbers]
    for text in texts:
        for part in space.broken(f"{label}{text}", space.width):
            yield [(part, "")]
