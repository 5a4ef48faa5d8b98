"""Published figures in answers: what a summary knows of a figure, the verdict on it says as well.

A figure may have been looked up, and be that of a paper that counted otherwise, miscounted, or is
about another network of the family; the figures of those stand here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..analysis.claims import Checked, checked, figure
from ..graph import Claim, Graph
from ..quantities import CONVENTIONS, COUNT, REPORTED
from .cutting import WORDS
from .diagnosis import Diagnosis
from .forms import AnswerForm
from .question import Question
from .relatives import family
from .verdict import CUT_OFF, PUBLISHED, Reading

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
        source = self.found.claim.source
        return f"as printed in {source}" if source else "as it is printed"

    @property
    def words(self) -> str:
        """For a reader: where it is printed, and of which other network."""
        return f"the figure of {self.network}, {self.place}" if self.network else self.place

    @property
    def reason(self) -> str:
        """What a summary says of it: why it is wrong, or what it stands for and how it agrees."""
        claim, computed = self.found.claim, self.found.computed
        if claim.wrong:
            return claim.wrong
        right = f"{computed:,}" if isinstance(computed, int) else str(computed)
        quantity = REPORTED[claim.quantity]
        counted = quantity.form == COUNT and quantity.name != "depth"
        whole = f"{right} {quantity.words}" if counted else f"{quantity.words} {right}"
        conventions = [whole, *_conventions(claim)]
        return ", ".join([*conventions, *self.found.words.split(", ")[1:]])

    def reading(self, right: Any) -> Reading:
        """What a wrong answer is then consistent with, where this is the right one."""
        words, kind = self.words, PUBLISHED
        if self.found.how == "truncated" and (not self.network or self.found.computed == right):
            words, kind = f"{WORDS}, {words}", CUT_OFF
        return Reading((kind,), words, self.found.computed, None, _HINT, kind=kind, reason=self.reason)


def printed(diagnosis: Diagnosis, forms: Iterable[AnswerForm]) -> list[Printed]:
    """The published figures of the network itself that an answer repeats."""
    if diagnosis.follows:
        return []
    asked, forms = diagnosis.asked, list(forms)
    claims = [c for form in forms for c in _repeated(asked.graph, asked, form)]
    return [Printed(checked(claim, asked.graph, asked.summary.fields)) for claim in claims]


def printed_of_relatives(diagnosis: Diagnosis, forms: Iterable[AnswerForm]) -> Iterator[Printed]:
    """Those of other networks of its family."""
    asked, forms = diagnosis.asked, list(forms)
    if diagnosis.follows:
        return
    for name, subject in family(asked):
        for form in forms:
            for claim in _repeated(subject.graph, asked, form):
                yield Printed(checked(claim, subject.graph, subject.summary.fields), name)


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
        claim = one.found.claim
        cut = one.found.how == "truncated"
        if one.found.agrees and not cut and not claim.wrong and claim.conventions:
            words = f"{', '.join(_conventions(claim))}, {one.place}"
            yield {"kind": "convention", "convention": words}


def _conventions(claim: Claim) -> list[str]:
    return [
        CONVENTIONS[word].words if word in CONVENTIONS else word.replace("_", " ")
        for word in claim.conventions
    ]


def _repeated(graph: Graph, asked: Question, form: AnswerForm) -> Iterator[Claim]:
    """The published figures of a quantity that are just what was written."""
    value = form.number.value if form.number is not None else form.value
    whole = asked.layer is None or asked.ends
    for claim in graph.claims:
        if claim.of != (None if whole else asked.where) or claim.quantity not in REPORTED:
            continue
        name = _AS.get(claim.quantity, REPORTED[claim.quantity].name)
        if name == asked.quantity and figure(claim.printed) == value:
            yield claim
