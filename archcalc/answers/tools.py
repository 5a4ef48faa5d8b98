"""Which of the figures of other tools explain an answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from .diagnosis import Diagnosis
from .forms import AnswerForm
from .readings import rough
from .tool_figures import OPERATIONS, ToolFigure, near


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
        metadata = self.diagnosis.asked.graph.metadata
        drawn_up = not (metadata.family or metadata.traced)
        numbers = [form.number for form in self.forms if form.number is not None]
        return any(
            (number.exact and bool(self.diagnosis.readings(number.value, pairs=False)))
            or (drawn_up and bool(self.diagnosis.within(number.low, number.high, pairs=False)))
            for number in numbers
        )

    @property
    def conventions(self) -> list[ToolFigure]:
        """Those that count so by their rule, the nearest first."""
        return near(self.diagnosis.tool_figures, self.forms, "meant") if self.possible else []

    @property
    def faults(self) -> list[ToolFigure]:
        """Those that print the figure by a fault, the nearest first."""
        found = near(self.diagnosis.tool_figures, self.forms, "printed") if self.possible else []
        return [figure for figure in found if figure.faults]
