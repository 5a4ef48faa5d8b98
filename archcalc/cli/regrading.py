"""Sheets that are marked, and marked under other conventions beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..answers.classroom import Classroom, Marked, Tally
    from ..answers.decision import Decision
    from ..answers.marking import Change
    from ..answers.sheets import Submission
    from ..report.open_answers import OpenAnswer


class Regrading:
    """A run of sheets past the examiner; past another one before, to tell what changes.

    changed  of which student, what
    open     the answers that a person has to decide upon
    """

    def __init__(self, classroom: Classroom, before: Classroom | None, tally: Tally):
        self.classroom = classroom
        self.before = before
        self.tally = tally
        self.changed: list[tuple[str, Change]] = []
        self.open: list[OpenAnswer] = []

    def run(self, submissions: Iterable[Submission]) -> Iterator[Marked]:
        """Each sheet marked and counted in."""
        from ..answers.decisions import unheld
        from ..answers.marking import changes
        from ..report.open_answers import open_answers

        decisions = self.classroom.decisions
        held: dict[int, Decision] = {}
        for submission in submissions:
            (marked,) = self.classroom.mark([submission])
            if self.before is not None:
                (old,) = self.before.mark([submission])
                for change in changes(old.verdicts, marked.verdicts):
                    self.changed.append((submission.student, change))
            self.tally.add(marked)
            self.open += open_answers(self.classroom.quiz, self.classroom.items, marked)
            for verdict in marked.verdicts.values() if decisions.made else ():
                if verdict.decision is not None:
                    held[id(verdict.decision)] = verdict.decision
            yield marked
        self.tally.undecided(self.classroom.unheld, unheld(decisions, held.values()))

    @property
    def under(self) -> str:
        """The conventions that differ from the quiz's."""
        if self.before is None:
            return ""
        new, old = self.classroom.quiz.conventions, self.before.quiz.conventions
        return ", ".join([f"{name}={new[name]}" for name in new if new[name] != old[name]])
