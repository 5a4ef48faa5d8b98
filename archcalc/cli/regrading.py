"""Sheets that are marked, and marked under other conventions beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..answers.classroom import Classroom, Marked, Tally
    from ..answers.marking import Change
    from ..answers.sheets import Submission


class Regrading:
    """A run of sheets past the examiner; past another one before, to tell what changes.

    changed  of which student, what
    """

    def __init__(self, classroom: Classroom, before: Classroom | None, tally: Tally):
        self.classroom = classroom
        self.before = before
        self.tally = tally
        self.changed: list[tuple[str, Change]] = []

    def run(self, submissions: Iterable[Submission]) -> Iterator[Marked]:
        """Each sheet marked and counted in."""
        from ..answers.marking import changes

        for submission in submissions:
            (marked,) = self.classroom.mark([submission])
            if self.before is not None:
                (old,) = self.before.mark([submission])
                for change in changes(old.verdicts, marked.verdicts):
                    self.changed.append((submission.student, change))
            self.tally.add(marked)
            yield marked

    @property
    def under(self) -> str:
        """The conventions that differ from the quiz's."""
        if self.before is None:
            return ""
        new, old = self.classroom.quiz.conventions, self.before.quiz.conventions
        return ", ".join([f"{name}={new[name]}" for name in new if new[name] != old[name]])
