"""Published figures in answers: what a summary knows of a figure, the verdict on it says as well.

A figure may have been looked up, and be that of a paper that counted otherwise, miscounted, or is
about another network of the family; the figures of those stand here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..analysis.published_figures import Checked, checked, figure_value, ways_of_counting
from ..graph import Graph, PublishedFigure
from ..quantities import COUNT, REPORTED
from .assumptions import CUT_OFF, PUBLISHED, Reading
from .cutting import WORDS
from .diagnosis import Diagnosis
from .forms import AnswerForm
from .question import Question
from .relatives import family

_HINT = "Where does the figure come from, and is it about this network?"
# Quantities of published figures that are asked about by another name.
_AS = {"total": "params"}


class Printed(NamedTuple):
    """A published figure that an answer repeats, and the network that it is about; None for the one
    that is asked about."""

    found: Checked
    network: str | None = None

    @property
    def place(self) -> str:
        """Where it is printed."""
        source = self.found.figure.source
        return f"as printed in {source}" if source else "as it is printed"

    @property
    def words(self) -> str:
        """For a reader: where it is printed, and of which other network."""
        return f"the figure of {self.network}, {self.place}" if self.network else self.place

    @property
    def reason(self) -> str:
        """A sentence for a summary: why the figure is wrong, or what it stands for and how it agrees."""
        figure, computed = self.found.figure, self.found.computed
        if figure.wrong:
            return figure.wrong
        right = f"{computed:,}" if isinstance(computed, int) else str(computed)
        quantity = REPORTED[figure.quantity]
        counted = quantity.form == COUNT and quantity.name != "depth"
        whole = f"{right} {quantity.words}" if counted else f"{quantity.words} {right}"
        conventions = [whole, *ways_of_counting(figure)]
        return ", ".join([*conventions, *self.found.words.split(", ")[1:]])

    def reading(self, right: Any) -> Reading:
        """The reading of a wrong answer that is this published figure."""
        words, kind = self.words, PUBLISHED
        if self.found.how == "truncated" and (not self.network or self.found.computed == right):
            words, kind = f"{WORDS}, {words}", CUT_OFF
        return Reading((kind,), words, self.found.computed, None, _HINT, kind=kind, reason=self.reason)


def printed(diagnosis: Diagnosis, forms: Iterable[AnswerForm]) -> list[Printed]:
    """The published figures of the network itself that an answer repeats."""
    if diagnosis.follows:
        return []
    asked, forms = diagnosis.asked, list(forms)
    published_figures = [c for form in forms for c in _repeated(asked.graph, asked, form)]
    return [Printed(checked(figure, asked.graph, asked.summary.fields)) for figure in published_figures]


def printed_of_relatives(diagnosis: Diagnosis, forms: Iterable[AnswerForm]) -> Iterator[Printed]:
    """The figures that are printed of other networks of the same family."""
    asked, forms = diagnosis.asked, list(forms)
    if diagnosis.follows:
        return
    for name, subject in family(asked):
        for form in forms:
            for figure in _repeated(subject.graph, asked, form):
                yield Printed(checked(figure, subject.graph, subject.summary.fields), name)


def of_relatives(diagnosis: Diagnosis, form: AnswerForm) -> Iterator[Reading]:
    """The figure of a relative: another network of the same family."""
    if diagnosis.follows:
        return
    what = "volume" if diagnosis.asked.quantity == "output" else "figure"
    found = [relative for relative in diagnosis.relatives if form.agrees(relative.value)]
    for way in dict.fromkeys([relative.words for relative in found]):
        alike = [relative for relative in found if relative.words == way]
        names = [relative.name for relative in alike]
        networks = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        yield Reading(
            ("other-network",),
            f"the {what} of {networks}{way}",
            alike[0].value,
            None,
            "Which network is meant?",
        )


def by_convention(found: Iterable[Printed]) -> Iterator[dict[str, Any]]:
    """Figures that are right as their publication counts."""
    for one in found:
        figure = one.found.figure
        cut = one.found.how == "truncated"
        if one.found.agrees and not cut and not figure.wrong and ways_of_counting(figure):
            words = f"{', '.join(ways_of_counting(figure))}, {one.place}"
            yield {"kind": "convention", "convention": words, "convention_ids": ("as-published",)}


def _repeated(graph: Graph, asked: Question, form: AnswerForm) -> Iterator[PublishedFigure]:
    """The published figures of a quantity that are just what was written."""
    value = form.number.value if form.number is not None else form.value
    whole = asked.layer is None or asked.ends
    for figure in graph.published_figures:
        if figure.of != (None if whole else asked.where) or figure.quantity not in REPORTED:
            continue
        name = _AS.get(figure.quantity, REPORTED[figure.quantity].name)
        if name == asked.quantity and figure_value(figure.printed) == value:
            yield figure
