"""Which of the figures of other tools explain an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from .assumptions import Reading
from .diagnosis import Diagnosis
from .forms import AnswerForm
from .readings import rough
from .tool_figures import OPERATIONS, ToolFigure, listed

# A figure that is given to the unit and no less is no chance.
LONG = 10**6


class Tools:
    """The tools whose figures an answer is.

    Two digits agree with one of so many figures by chance, and so may three of a network that was drawn
    up for a task.
    """

    def __init__(self, diagnosis: Diagnosis, forms: Sequence[AnswerForm]):
        self.diagnosis = diagnosis
        self.forms = forms

    @property
    def possible(self) -> bool:
        """Whether the answer may be a tool's figure at all."""
        asked = self.diagnosis.asked
        return asked.quantity in OPERATIONS and not any(rough(form) for form in self.forms)

    @cached_property
    def nearer(self) -> bool:
        """Whether a misconception explains the answer better: it comes to just that figure, or, in a network
        that was drawn up for a task, near one that is rounded."""
        drawn_up = self._drawn_up
        numbers = [form.number for form in self.forms if form.number is not None]
        return any(
            (number.exact and bool(self.diagnosis.readings(number.value, pairs=False)))
            or (drawn_up and bool(self.diagnosis.within(number.low, number.high, pairs=False)))
            for number in numbers
        )

    @cached_property
    def conventions(self) -> list[ToolFigure]:
        """Those that count so by their rule, the nearest first; none where a misconception is nearer."""
        figures = self.diagnosis.tool_figures.near(self.forms, "meant") if self.possible else []
        return [] if figures and self.nearer else figures

    @cached_property
    def faults(self) -> list[ToolFigure]:
        """Those that print the figure by a fault, the nearest first; where a misconception is nearer, only
        if the figure has so many digits that it is no chance."""
        figures = self.diagnosis.tool_figures.near(self.forms, "printed") if self.possible else []
        figures = [figure for figure in figures if figure.faults]
        return [] if figures and self.nearer and not self._long else figures

    def beside(self, readings: Sequence[Reading]) -> list[Reading]:
        """Readings with the tools that print the figure by a fault. In a network that was drawn up for a
        task, on which nobody ran one, they stand in the reading that is nearer, and are none of their own."""
        if not self.faults or not (self.nearer and readings):
            return [*[figure.reading() for figure in self.faults], *readings]
        if not self._drawn_up:
            return [*readings, *[figure.reading() for figure in self.faults]]
        first, *others = readings
        names = list(dict.fromkeys([figure.profile.tool for figure in self.faults]))
        prints = "print" if len(names) > 1 else "prints"
        more = f"{listed(names)} {prints} this figure too, by a fault."
        return [replace(first, reason=f"{first.explanation} {more}".lstrip()), *others]

    @property
    def _drawn_up(self) -> bool:
        """Whether the network was drawn up for a task."""
        metadata = self.diagnosis.asked.graph.metadata
        return not (metadata.family or metadata.traced)

    @property
    def _long(self) -> bool:
        """Whether the answer has too many digits to be a tool's figure by chance."""
        numbers = [form.number for form in self.forms if form.number is not None]
        return any(number.exact and abs(number.value) >= LONG for number in numbers)
