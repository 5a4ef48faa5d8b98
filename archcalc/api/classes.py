"""Marked sheets: what ``archcalc.mark()`` gives."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .answers import MarkedAnswer
from .text import Report

if TYPE_CHECKING:
    from ..answers.class_run import ClassRun
    from ..answers.classroom import Classroom, Marked
    from ..answers.quiz import Quiz
    from ..answers.quiz_variants import QuizVariants
    from ..answers.sheets import Fault, Submission
    from ..answers.statistics import ClassStatistics
    from ..answers.tally import Unread
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space

# Under which key answers say which variant they are of.
VARIANT = "variant"


class SheetReport(Report):
    """A student's sheet, marked; the student's report where it is printed.

    Attributes:
        student: Whose it is.
        source: Where it stands.
        answers: The marked answers by the ids of the questions, in the order of the quiz.
        points: The points of the whole sheet, an exact ``Fraction``.
        of: The points of a sheet on which everything is right.
        open: Points that a person has still to decide upon: until then the sheet has no grade.
        unread: What of it was not read, each with ``place``, ``message`` and ``text``.

    Example:
        >>> quiz = {"target": "8x8x3 -> conv 3x3 8", "question": [{"id": "1", "ask": "params"}]}
        >>> sheet = archcalc.mark(quiz, [("ann", {"1": "216"})]).sheets[0]
        >>> sheet.student, sheet.points, sheet.of, sheet.answers["1"].verdict
        ('ann', Fraction(0, 1), Fraction(1, 1), 'wrong')
    """

    def __init__(self, classroom: Classroom, marked: Marked):
        quiz, submission = classroom.quiz, marked.submission
        self._classroom = classroom
        self._marked = marked
        self.student: str = submission.student
        self.source: str = submission.source
        self.answers: dict[str, MarkedAnswer] = {
            item.id: MarkedAnswer(item, marked.verdicts[item.id], quiz.conventions)
            for item in classroom.items
        }
        self.points: Fraction = marked.points
        self.of: Fraction = quiz.points
        self.open: Fraction = marked.open
        self.unread: tuple[Fault, ...] = (*submission.faults, *submission.aside)

    def __repr__(self) -> str:
        return f"<SheetReport {self.student}: {float(self.points):g} of {float(self.of):g} points>"

    def to_dict(self) -> dict[str, Any]:
        """Give the record of the sheet, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and numbers alone.

        Example:
            >>> quiz = {"target": "8x8x3 -> conv 3x3 8", "question": [{"id": "1", "ask": "params"}]}
            >>> archcalc.mark(quiz, {"1": "224"}).sheets[0].to_dict()["points"]
            1
        """
        from ..report.records.checking import sheet_record

        return sheet_record(self._classroom.items, self._marked)

    def _flat_table(self) -> FlatTable:
        """A line per answer."""
        from ..report.screens.class_tables import ANSWERS, answer_rows

        return ANSWERS, iter(answer_rows(self._classroom, self._marked))

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The student's report."""
        from ..report.screens.check_words import MarkedAnswers
        from ..report.screens.classes import student_sheets

        quiz = self._classroom.quiz
        answers = MarkedAnswers(self._classroom.items, self._marked.verdicts, quiz.conventions)
        return student_sheets(quiz, self._marked, answers, space)


class ClassReport(Report):
    """What ``archcalc.mark()`` returns: the marked sheets, and what the class as a whole did.

    Attributes:
        sheets: The marked sheets, in the order in which they were handed in.
        of: The points of a sheet on which everything is right.
        unread: What a person has to look at, each with ``student``, ``place``, ``text`` and ``reason``.

    Example:
        >>> quiz = {"target": "8x8x3 -> conv 3x3 8", "question": [{"id": "1", "ask": "params"}]}
        >>> found = archcalc.mark(quiz, [("ann", {"1": "224"}), ("bob", {"1": "216"})])
        >>> [(sheet.student, float(sheet.points)) for sheet in found.sheets]
        [('ann', 1.0), ('bob', 0.0)]
    """

    def __init__(self, run: ClassRun):
        self._run = run
        self.sheets: tuple[SheetReport, ...] = tuple(run.each(SheetReport))
        self.of: Fraction = run.classroom.quiz.points
        self.unread: tuple[Unread, ...] = (*run.faults, *run.tally.unread)

    def __repr__(self) -> str:
        return f"<ClassReport {len(self.sheets)} sheets>"

    @property
    def statistics(self) -> ClassStatistics:
        """The statistics of the class: ``mean``, ``questions`` with ``facility`` and ``discrimination`` …

        Example:
            >>> quiz = {"target": "8x8x3 -> conv 3x3 8", "question": [{"id": "1", "ask": "params"}]}
            >>> found = archcalc.mark(quiz, [("ann", {"1": "224"}), ("bob", {"1": "216"})]).statistics
            >>> found.questions[0].facility, found.misconceptions, found.few
            (Fraction(1, 2), {'bias forgotten': 1}, True)
        """
        from ..answers.statistics import ClassStatistics

        return ClassStatistics.of(self._run.tally)

    def __len__(self) -> int:
        return len(self.sheets)

    def __iter__(self) -> Iterator[SheetReport]:
        return iter(self.sheets)

    def to_dict(self) -> dict[str, Any]:
        """Give all sheets and what the class did, as ``archcalc check QUIZ SHEETS --format json`` writes it.

        Returns:
            Dicts, lists, strings and numbers alone.

        Example:
            >>> quiz = {"target": "8x8x3 -> conv 3x3 8", "question": [{"id": "1", "ask": "params"}]}
            >>> archcalc.mark(quiz, {"1": "224"}).to_dict()["questions"][0]["verdicts"]["right"]
            1
        """
        from ..report.records.checking import class_record

        run = self._run
        records = (sheet.to_dict() for sheet in self.sheets)
        record = class_record(run.classroom.quiz, records, run.tally, run.faults)
        made = {key: list(value) if isinstance(value, Iterator) else value for key, value in record.items()}
        return {key: value() if callable(value) else value for key, value in made.items()}

    def _flat_table(self) -> FlatTable:
        """A line per answer, sheet by sheet."""
        from ..report.screens.class_tables import answers_table

        rows = (list(sheet._flat_table()[1]) for sheet in self.sheets)
        return answers_table(rows, (*self._run.aside, *self._run.faults))

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The class, question by question."""
        from ..report.screens.classes import MarkedClass, class_sheets

        classroom, tally = self._run.classroom, self._run.tally
        found = MarkedClass(classroom.quiz, classroom.items, tally, self.unread)
        return class_sheets(found, space)


def mark(
    quiz: Quiz | str | os.PathLike[str] | Mapping[str, Any],
    submissions: Any,
    *,
    decisions: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
) -> ClassReport:
    """Mark sheets by a quiz.

    Args:
        quiz: The path of a quiz, its text, or a dict with the same keys:
            ``{"target": "vgg16", "question": [{"id": "1", "ask": "total.params"}]}``. Or a folder with the
            keys of its variants, as ``archcalc quiz --format toml -o keys/`` writes it.
        submissions: What was handed in. A path, to whatever ``archcalc check`` takes: a class list, a
            student's sheet, a folder, an export of a platform. Or the answers of one student by question,
            ``{"1a": "32x32x10"}``; or pairs of a student and such answers; or a list of paths. The variant
            of such answers stands in the roster of the folder, or under the key ``"variant"``.
        decisions: Files with what a person decided, as ``--decisions`` takes them.

    Returns:
        The marked sheets.

    Raises:
        SpecError: For a quiz that has faults, and a path where nothing can be read.
        TypeError: For a quiz or submissions of another kind.

    Example:
        >>> quiz = {"target": "32x32x3 -> conv 5x5 10 pad=2", "question": [{"id": "1", "ask": "params"}]}
        >>> found = archcalc.mark(quiz, [("ann", {"1": "760"}), ("bob", {"1": 750})])
        >>> [sheet.answers["1"].sentence for sheet in found]
        ['right', 'wrong, consistent with bias forgotten']
    """
    from ..answers.class_run import ClassRun, Handed, Marker, each_once, handed_in
    from ..answers.decision_files import read_decisions
    from ..answers.quiz_sources import quiz_of

    variants = _variants(quiz)
    found = variants.first if variants is not None else quiz_of(quiz)
    files = [decisions] if isinstance(decisions, (str, os.PathLike)) else decisions
    marker = Marker(found, read_decisions([os.fspath(path) for path in files]), None, variants)
    if isinstance(submissions, (str, os.PathLike)):
        return ClassReport(ClassRun(marker, handed_in([os.fspath(submissions)], found, variants)))
    several: list[Submission] = []
    faults: list[Unread] = []
    aside: list[Unread] = []
    for one in _parts(submissions):
        if isinstance(one, (str, os.PathLike)):
            handed = handed_in([os.fspath(one)], found, variants)
            several += handed.submissions
            faults += handed.faults
            aside += handed.aside
        else:
            several.append(_submission(one, len(several) + 1, found, variants is not None))
    return ClassReport(ClassRun(marker, Handed(each_once(several), tuple(faults), tuple(aside))))


def _parts(given: Any) -> Iterable[Any]:
    """What was handed in, one after the other. Raises TypeError."""
    if isinstance(given, Mapping):
        nested = bool(given) and all(isinstance(value, Mapping) for value in given.values())
        return list(given.items()) if nested else [("student", given)]
    if isinstance(given, Iterable) and not isinstance(given, (bytes, bytearray)):
        return given
    raise TypeError(f"submissions are a path, answers by question, or pairs, and not {type(given).__name__}")


def _variants(quiz: Any) -> QuizVariants | None:
    """The keys of a folder; None for what is no folder. Raises SpecError."""
    from ..answers.quiz_variants import read_variants

    if not isinstance(quiz, (str, os.PathLike)) or "\0" in os.fspath(quiz) or not os.path.isdir(quiz):
        return None
    return read_variants(os.fspath(quiz))


def _submission(one: Any, number: int, quiz: Quiz, varies: bool) -> Submission:
    """The sheet of one student: answers by question, or a student and such answers; where a quiz ``varies``,
    the name of the variant too. Raises TypeError."""
    from ..answers.sheets.given import submission_of
    from ..answers.sheets.names import by_name

    student, answers = str(number), one
    if isinstance(one, (tuple, list)) and len(one) == 2:
        student, answers = str(one[0]), one[1]
    if not isinstance(answers, Mapping):
        raise TypeError(f"answers are a dict by question, and not {type(answers).__name__}")
    ids = by_name([question.id for question in quiz.questions], quiz.texts, quiz.quantities)
    named = [key for key in answers if varies and str(key).strip().casefold() == VARIANT]
    rest = [(key, value) for key, value in answers.items() if key not in named]
    made = submission_of(rest, student, student, ids)
    return made._replace(ids=tuple([(VARIANT, str(answers[key])) for key in named]))
