"""A class run: sheets marked in their order, in this process or by several, and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar

from ..loading.own_ops import load_ops, own_files
from .classroom import Classroom, Marked
from .marking import changes
from .quiz import Quiz
from .sheets import Fault, Submission
from .tally import SheetCount, Tally, Unread, unread_of

T = TypeVar("T")

# What is made of a marked sheet. Another process makes it: a function of a module, or a partial of one,
# and what it gives are texts, numbers and lists.
PerSheet = Callable[[Classroom, Marked], T]

# Gives on what it is given.
Watch = Callable[[Iterator[Any]], Iterator[Any]]

# Up to this number of sheets it takes longer to start processes than to mark.
FEW = 400


class Marker:
    """Marks sheets by a quiz; by another version of it before, to tell what changes.

    classroom  of the quiz
    before     of the other version; None where there is none
    """

    def __init__(self, quiz: Quiz, before: Quiz | None = None):
        """Raises SpecError, with all faults of the quiz."""
        self.classroom = Classroom(quiz)
        self.before = Classroom(before) if before is not None else None

    @property
    def quizzes(self) -> tuple[Quiz, Quiz | None]:
        """What it was made of."""
        return self.classroom.quiz, self.before.quiz if self.before is not None else None

    def mark(self, submission: Submission) -> tuple[Marked, SheetCount]:
        """A marked sheet, and what a class counts of it."""
        (marked,) = self.classroom.mark([submission])
        if self.before is None:
            return marked, SheetCount.of(marked)
        (old,) = self.before.mark([submission])
        return marked, SheetCount.of(marked, changes(old.verdicts, marked.verdicts))

    @property
    def under(self) -> str:
        """The conventions that differ from those of the other version."""
        if self.before is None:
            return ""
        new, old = self.classroom.quiz.conventions, self.before.quiz.conventions
        return ", ".join([f"{name}={new[name]}" for name in new if new[name] != old[name]])


class Handed(NamedTuple):
    """What was handed in: the sheets, and what is wrong with the class lists or folders as a whole.

    aside  what stands beside the rows of class lists
    """

    submissions: Iterable[Submission]
    faults: tuple[Unread, ...] = ()
    aside: tuple[Unread, ...] = ()


def handed_in(paths: Iterable[str], quiz: Quiz) -> Handed:
    """The sheets at some paths, each student once. Raises SpecError."""
    from .sheets.folder import stack

    ids = [question.id for question in quiz.questions]
    stacks = [stack(path, ids) for path in paths]
    each = (one for found in stacks for one in found.submissions)
    return Handed(
        each_once(each) if len(stacks) > 1 else each,
        tuple(unread_of([fault for one in stacks for fault in one.faults])),
        tuple(unread_of([fault for one in stacks for fault in one.aside])),
    )


def each_once(submissions: Iterable[Submission]) -> Iterator[Submission]:
    """Sheets from several places, each student once: who comes again gets a number and a fault."""
    seen: dict[str, int] = {}
    for one in submissions:
        seen[one.student] = seen.get(one.student, 0) + 1
        if seen[one.student] > 1:
            fault = Fault(one.source, f"{one.student} has {seen[one.student]} sheets")
            one = one._replace(student=f"{one.student} ({seen[one.student]})", faults=(*one.faults, fault))
        yield one


class ClassRun:
    """Sheets on their way past the examiner.

    marker  marks them
    tally   counts them while they go by
    faults  what is wrong with the class lists or folders as a whole
    alone   the marked sheet, where there is no other; the run is over then

    ``watch`` shows how far a run is: it gives on what it is given.
    """

    def __init__(self, marker: Marker, handed: Handed, jobs: int = 1, watch: Watch = iter):
        self.marker = marker
        self.faults = handed.faults
        self.tally = Tally(marker.classroom.items)
        self.tally.aside += handed.aside
        self._jobs = jobs
        self._watch = watch
        coming = iter(handed.submissions)
        first = list(islice(coming, 2))
        self._coming: Iterable[Submission] = chain(first, coming)
        self.alone: Marked | None = None
        if len(first) == 1:
            self.alone, count = marker.mark(first[0])
            self._alone_count = count

    @property
    def classroom(self) -> Classroom:
        """The quiz, worked out."""
        return self.marker.classroom

    def each(self, make: PerSheet[T]) -> Iterator[T]:
        """What is made of each sheet, in their order; the tally counts a sheet before it is given."""
        for count, made in self._watch(self._made(make)):
            self.tally.count(count)
            yield made

    def finish(self) -> Tally:
        """The tally of all sheets."""
        for _ in self.each(nothing):
            pass
        return self.tally

    def _made(self, make: PerSheet[T]) -> Iterator[tuple[SheetCount, T]]:
        if self.alone is not None:
            yield self._alone_count, make(self.classroom, self.alone)
            return
        coming = iter(self._coming)
        if self._jobs > 1:
            first = list(islice(coming, FEW))
            coming = chain(first, coming)
            if len(first) == FEW:
                from .processes import in_order

                set_up = partial(_counting, *self.marker.quizzes, make, own_files())
                yield from in_order(set_up, coming, self._jobs)
                return
        for submission in coming:
            marked, count = self.marker.mark(submission)
            yield count, make(self.classroom, marked)


def _counting(
    quiz: Quiz, before: Quiz | None, make: PerSheet[T], files: Sequence[str]
) -> Callable[[Submission], tuple[SheetCount, T]]:
    """What another process does with each sheet."""
    for path in files:
        load_ops(path)
    marker = Marker(quiz, before)

    def count(submission: Submission) -> tuple[SheetCount, T]:
        marked, counted = marker.mark(submission)
        return counted, make(marker.classroom, marked)

    return count


def nothing(classroom: Classroom, marked: Marked) -> None:
    """A maker where the tally is all that is asked for."""


def the_sheet(classroom: Classroom, marked: Marked) -> Any:
    """A maker that gives the marked sheet itself: for a run in one process."""
    return marked
