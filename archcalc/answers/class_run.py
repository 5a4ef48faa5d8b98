"""A class run: sheets marked in their order, in this process or by several, and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..loading.own_ops import load_ops, own_files
from .classroom import Classroom, Marked
from .decisions import Decisions, unheld
from .marking import Change, changes
from .quiz import Quiz
from .quiz_variants import QuizVariants
from .sheets import Fault, Submission
from .tally import SheetCount, Tally, Unread, unread_of

if TYPE_CHECKING:
    from .sheets.names import QuestionNames

T = TypeVar("T")

# What is made of a marked sheet. Another process makes it: a function of a module, or a partial of one,
# and what it gives are texts, numbers and lists.
PerSheet = Callable[[Classroom, Marked], T]

# A sheet that has gone by: what is counted of it, what was made of it, and what was made beside that.
Passed = tuple[SheetCount, T, list[Any]]
# Gives on what it is given.
Watch = Callable[[Iterator[Any]], Iterator[Any]]

# Up to this number of sheets it takes longer to start processes than to mark.
FEW = 400


def nothing(classroom: Classroom, marked: Marked) -> list[Any]:
    """Make nothing of a sheet, where the tally is all that is asked for."""
    return []


class Marker:
    """Marks sheets by a quiz; by another version of it before, to tell what changes.

    classroom  of the quiz
    before     of the other version; None where there is none
    """

    def __init__(
        self,
        quiz: Quiz,
        decisions: Decisions | None = None,
        before: Quiz | None = None,
        variants: QuizVariants | None = None,
    ):
        """``variants`` are the keys of a quiz that has several; ``quiz`` is then the first of them. Raises
        SpecError, with all faults of the quiz, or of what a person decided."""
        self.classroom = Classroom(quiz, decisions)
        self.before = Classroom(before, decisions) if before is not None else None
        self.variants = variants
        for item in self.classroom.items:
            item.varies = variants is not None and len(variants.quizzes) > 1
        self._by_variant = {quiz.variant.casefold(): self.classroom}
        self._numbers = {id(one): number for number, one in enumerate(self.classroom.decisions.made)}

    @property
    def made_of(self) -> tuple[Quiz, Decisions, Quiz | None, QuizVariants | None]:
        """What it was made of."""
        before = self.before.quiz if self.before is not None else None
        return self.classroom.quiz, self.classroom.decisions, before, self.variants

    def classroom_of(self, submission: Submission) -> Classroom:
        """The classroom of the variant that a sheet is of; the first where that is not known. Raises
        SpecError, with all faults of its quiz."""
        if self.variants is None:
            return self.classroom
        name, _ = self.variants.of(submission)
        if name and name not in self._by_variant:
            quiz = self.variants.quizzes[name]
            self._by_variant[name] = Classroom(quiz, self.classroom.decisions)
        return self._by_variant[name] if name else self.classroom

    def mark(self, submission: Submission) -> tuple[Marked, SheetCount]:
        """A marked sheet, and what a class counts of it. A sheet of no known variant is for a person."""
        classroom = self.classroom_of(submission)
        if self.variants is not None and not submission.unreadable:
            submission = submission._replace(unreadable=self.variants.of(submission)[1])
        (marked,) = classroom.mark([submission])
        changed: Iterable[Change] = ()
        if self.before is not None:
            (old,) = self.before.mark([submission])
            changed = changes(old.verdicts, marked.verdicts)
        made = [verdict.decision for verdict in marked.verdicts.values() if verdict.decision is not None]
        return marked, SheetCount.of(marked, changed, [self._numbers[id(decision)] for decision in made])

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


def handed_in(paths: Iterable[str], quiz: Quiz, variants: QuizVariants | None = None) -> Handed:
    """The sheets at some paths, each student once. Raises SpecError."""
    from .sheets.folder import stack
    from .sheets.names import by_name

    def names_in(words: Quiz) -> QuestionNames:
        found = by_name([one.id for one in words.questions], words.texts, words.quantities)
        found.options = [one.options for one in words.questions if one.options]
        return found

    names = names_in(quiz)
    if variants is not None:
        names.variants = {name: names_in(one) for name, one in variants.quizzes.items()}
    stacks = [stack(path, names) for path in paths]
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
    aside   what stands beside the rows of class lists
    alone   the marked sheet, where there is no other; the run is over then

    ``watch`` shows how far a run is: it gives on what it is given. What ``beside`` makes of each sheet is
    gathered in ``found_beside``.
    """

    def __init__(
        self,
        marker: Marker,
        handed: Handed,
        jobs: int = 1,
        watch: Watch = iter,
        beside: PerSheet[list[Any]] = nothing,
    ):
        self.marker = marker
        self.faults = handed.faults
        self.aside = handed.aside
        self.tally = Tally(marker.classroom.items)
        self.tally.aside += handed.aside
        self._jobs = jobs
        self._watch = watch
        self._beside = beside
        self.found_beside: list[Any] = []
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
        for count, made, beside in self.passed(make):
            self.tally.count(count)
            self.found_beside += beside
            yield made
        decisions = self.classroom.decisions
        held = [decisions.made[number] for number in self.tally.held]
        self.tally.undecided(self.classroom.unheld, unheld(decisions, held))

    def passed(self, make: PerSheet[T]) -> Iterator[Passed[T]]:
        """What is counted and made of each sheet, before the tally counts it."""
        return self._watch(self._made(make))

    def finish(self) -> Tally:
        """The tally of all sheets."""
        for _ in self.each(nothing):
            pass
        return self.tally

    def _made(self, make: PerSheet[T]) -> Iterator[Passed[T]]:
        if self.alone is not None:
            yield self._passed(self.alone, self._alone_count, make)
            return
        coming = iter(self._coming)
        if self._jobs > 1:
            first = list(islice(coming, FEW))
            coming = chain(first, coming)
            if len(first) == FEW:
                from .processes import in_order

                set_up = partial(_counting, *self.marker.made_of, make, self._beside, own_files())
                yield from in_order(set_up, coming, self._jobs)
                return
        for submission in coming:
            marked, count = self.marker.mark(submission)
            yield self._passed(marked, count, make)

    def _passed(self, marked: Marked, count: SheetCount, make: PerSheet[T]) -> Passed[T]:
        classroom = self.marker.classroom_of(marked.submission)
        return count, make(classroom, marked), self._beside(classroom, marked)


def _counting(
    quiz: Quiz,
    decisions: Decisions,
    before: Quiz | None,
    variants: QuizVariants | None,
    make: PerSheet[T],
    beside: PerSheet[list[Any]],
    files: Sequence[str],
) -> Callable[[Submission], Passed[T]]:
    """What another process does with each sheet."""
    for path in files:
        load_ops(path)
    marker = Marker(quiz, decisions, before, variants)

    def count(submission: Submission) -> Passed[T]:
        marked, counted = marker.mark(submission)
        classroom = marker.classroom_of(marked.submission)
        return counted, make(classroom, marked), beside(classroom, marked)

    return count
