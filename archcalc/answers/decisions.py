"""What a person decided that no rule can: the points of an answer, or how it is to be read.

A decision is about the words of an answer. It holds in every later run, for as long as the
student's words are the same; where they changed, the answer is open again, and the report says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..diagnostics import MOST_ERRORS, Diagnostic, SpecError
from ..source import Span
from .decision import EVERYBODY, Decision, fingerprint
from .quiz_item import QuizItem
from .sheets import Submission
from .sheets.names import bare
from .verdict import DECIDED, UNREADABLE, Verdict
from .written import Ambiguous, Unreadable, Written, read
from .written_kinds import WrittenFormula


class StudentSetting(NamedTuple):
    """How the numbers of one student are read: the ``decimal`` sign, ``point`` or ``comma``."""

    student: str
    decimal: str
    id: str = ""
    place: Span | None = None


class Unheld(NamedTuple):
    """A decision that holds for no answer, and why."""

    decision: Decision
    reason: str


class Decisions:
    """The decisions of a course, each found by student and question.

    made      those that decide something
    settings  how the numbers of single students are read
    """

    def __init__(self, decisions: Iterable[Decision] = (), settings: Iterable[StudentSetting] = ()):
        """Raises SpecError for two decisions about the same answer."""
        self.made = tuple([decision for decision in decisions if decision.made])
        self.settings = tuple(settings)
        self._of: dict[str, list[Decision]] = {}
        faults: list[Diagnostic] = []
        seen: dict[tuple[str, str, str, str], Decision] = {}
        for decision in self.made:
            words = decision.fingerprint or fingerprint(decision.answer)
            key = (decision.student, decision.id, bare(decision.question), words)
            other = seen.setdefault(key, decision)
            if other is not decision:
                faults.append(
                    Diagnostic(
                        "decisions",
                        f"`{decision.question}` of {decision.student} is decided twice",
                        decision.place,
                        notes=(f"first at {other.location}",),
                    )
                )
            for name in {decision.student, decision.id} - {""}:
                self._of.setdefault(name, []).append(decision)
        self._decimals = {
            name: one.decimal for one in self.settings for name in (one.student, one.id) if name
        }
        if faults:
            raise SpecError(faults[:MOST_ERRORS])

    def decimal(self, submission: Submission) -> str:
        """The decimal sign that is set for a student; empty where none is."""
        if not self._decimals:
            return ""
        names = known_as(submission)
        return next((self._decimals[name] for name in names if name in self._decimals), "")

    def about(self, submission: Submission) -> list[Decision]:
        """The decisions about a student's answers, and behind them those about everybody's."""
        if not self._of:
            return []
        names = known_as(submission)
        found: dict[int, Decision] = {}
        for name in names:
            for decision in self._of.get(name, ()):
                if not decision.id or decision.id in names:
                    found.setdefault(id(decision), decision)
        return [*found.values(), *self._of.get(EVERYBODY, ())]

    def checked(self, items: Sequence[QuizItem]) -> list[Unheld]:
        """The decisions about questions that a quiz has not. Raises SpecError for points that are more
        than those of the question, and for readings that cannot be read."""
        known = {bare(item.id): item for item in items}
        unheld: list[Unheld] = []
        faults: list[Diagnostic] = []
        for decision in self.made:
            item = known.get(bare(decision.question))
            if item is None:
                unheld.append(Unheld(decision, f"the quiz has no question `{decision.question}`"))
                continue
            message = ""
            if decision.points is not None and decision.points > item.points:
                message = f"`{item.id}` is worth {item.points} points, and not {decision.points}"
            elif decision.reading:
                made = as_decided(decision, item, "")
                if isinstance(made, (Ambiguous, Unreadable)):
                    why = made.question if isinstance(made, Ambiguous) else made.reason
                    message = f"`{decision.reading}` cannot be read as an answer to `{item.id}`: {why}"
            if message:
                faults.append(Diagnostic("decisions", message, decision.place))
        if faults:
            raise SpecError(faults[:MOST_ERRORS])
        return unheld


def known_as(submission: Submission) -> tuple[str, ...]:
    """What a student is known by: the name, and what the platform says."""
    ids = [value for key, value in getattr(submission, "ids", ()) if value and key != "variant"]
    return tuple(dict.fromkeys([submission.student, *ids]))


def as_decided(decision: Decision, item: QuizItem, text: str) -> Written:
    """The reading of a decision, behind the words of the student."""
    if item.marker is not None:
        why = item.marker.unread(decision.reading)
        return Unreadable(text, why) if why else WrittenFormula(text, decision.reading)
    made = read(decision.reading, item.asked.quantity, "point")
    return made._replace(text=text)


class Settled:
    """The decisions about one sheet: what of them holds, and what does not.

    ``answers`` are those of the sheet, by question, as far as rules can read them; ``answered`` those
    with what was decided in their place.
    """

    def __init__(
        self,
        decisions: Decisions,
        items: Mapping[str, QuizItem],
        submission: Submission,
        answers: Mapping[str, Written],
    ):
        self.held: dict[str, Decision] = {}
        self.changed: dict[str, Decision] = {}
        self.answered = dict(answers)
        names = {bare(id): id for id in items} if (found := decisions.about(submission)) else {}
        for decision in found:
            question = names.get(bare(decision.question))
            if question is None or question in self.held:
                continue
            answer = answers.get(question)
            text = answer.text if answer is not None else ""
            if decision.about(text):
                self.held[question] = decision
                if decision.reading:
                    self.answered[question] = as_decided(decision, items[question], text)
            elif decision.student != EVERYBODY:
                self.changed.setdefault(question, decision)
        self.changed = {question: one for question, one in self.changed.items() if question not in self.held}

    @property
    def decided(self) -> set[str]:
        """The questions whose points no rule gives."""
        return {*self.changed, *[id for id, decision in self.held.items() if decision.points is not None]}

    def settle(self, verdicts: dict[str, Verdict], items: Mapping[str, QuizItem]) -> dict[str, Verdict]:
        """The verdicts of the rules, with what a person decided in their place."""
        for question, decision in self.held.items():
            verdict = verdicts[question]
            if decision.points is None:
                verdicts[question] = replace(verdict, decision=decision)
            else:
                verdicts[question] = Verdict(
                    DECIDED,
                    verdict.diagnosis,
                    verdict.written,
                    points=decision.points,
                    decision=decision,
                    remark=decision.reason,
                )
        for question, decision in self.changed.items():
            verdict = verdicts[question]
            was, now = decision.answer.strip() or "blank", verdict.written.text.strip() or "blank"
            verdicts[question] = Verdict(
                UNREADABLE,
                verdict.diagnosis,
                verdict.written,
                open=items[question].points,
                decision=decision,
                remark=f"it was decided upon when the answer was `{was}`, and now it is `{now}`",
            )
        return verdicts


def unheld(decisions: Decisions, held: Collection[Decision]) -> list[Unheld]:
    """The decisions that held for no answer of a whole run, ``held`` being those that did."""
    kept = set(map(id, held))
    return [
        Unheld(decision, "no sheet has this answer of this student")
        for decision in decisions.made
        if id(decision) not in kept
    ]
