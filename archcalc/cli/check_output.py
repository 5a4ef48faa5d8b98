"""What comes of the sheets that `archcalc check QUIZ SHEETS` marks: in which format, and where to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..diagnostics import fail
from ..report.answer import Answer, Page, Pieces
from ..report.courses import ClassExport, Gradebook, PerStudent, Platform
from ..report.courses import named as platform_named
from .answer import into_file, write_answer
from .check_shared import CLASS_FORMATS, CheckOptions, refuse_overwrite, solution_sheets
from .options import no_columns, not_in_format, writes_sheets
from .whole_folder import into_folder

if TYPE_CHECKING:
    from ..answers.classroom import Classroom, Marked, Unread
    from ..answers.quiz_item import QuizItem
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space
    from .regrading import Regrading


def platform_of(options: CheckOptions) -> Platform | None:
    """The platform that is written for; None for a format that every command has."""
    return platform_named(options.format) if options.format in CLASS_FORMATS else None


def writes_reports(options: CheckOptions) -> bool:
    """Whether a report per student is asked for: a document, and the output is a folder or has no ending."""
    path = options.output
    if path is None or options.format == "table" or not writes_sheets(options.format):
        return False
    return path.endswith(("/", os.sep)) or os.path.isdir(path) or not os.path.splitext(path)[1]


def refuse_output(options: CheckOptions) -> None:
    """Refuse options that the format has no place for, and files that are there. Raises SpecError."""
    form, platform = options.format, platform_of(options)
    if (options.hint or options.solution) and not (
        platform.feedback if platform is not None else writes_sheets(form)
    ):
        raise fail(
            "usage",
            f"--format {form} has no place for hints and solutions",
            "--hint and --solution are for a student's report, and for gradescope and moodle",
        )
    if options.visibility and not (platform is not None and platform.visibility):
        raise not_in_format("--visibility", options, "it is for --format gradescope")
    if options.assignment and not (platform is not None and platform.assignment):
        raise not_in_format("--assignment", options, "it is for grades: --format canvas, moodle or nbgrader")
    if isinstance(platform, PerStudent):
        if options.output is None:
            raise fail("usage", f"--format {form} writes a folder: name it with --output")
    elif writes_reports(options):
        no_columns(options)
    else:
        if platform is None:  # grades have columns, too
            no_columns(options)
        refuse_overwrite(options)


def write_class(
    classroom: Classroom,
    marked: Iterator[Marked],
    regrading: Regrading,
    faults: Sequence[Unread],
    sheets: Sequence[str],
    options: CheckOptions,
) -> bool:
    """Write what was marked, in the format asked for; whether something of it has to be said, such as a
    student whom the platform could not find. Raises SpecError."""
    from ..report.records.checking import class_record
    from ..report.screens.class_tables import answers_table

    quiz, items, tally = classroom.quiz, classroom.items, regrading.tally
    platform = platform_of(options)
    export = export_of(classroom, options)
    if isinstance(platform, PerStudent):
        _per_student(platform, export, marked, options)
    elif writes_reports(options):
        _reports(classroom, export, marked, options)
    else:
        beside = [*tally.aside, *faults]  # of the class as a whole, before a sheet is counted

        def table() -> FlatTable:
            return answers_table(items, marked, quiz.conventions, beside)

        special = {}
        if isinstance(platform, Gradebook):
            special[options.format] = _grades(platform, export, marked)
        answer = Answer(
            lambda: class_record(quiz, items, marked, tally, faults),
            table,
            _screens(classroom, marked, regrading, faults, sheets, options),
            special,
        )
        write_answer(answer, options)
    if not writes_sheets(options.format) or writes_reports(options):
        _report_unread([*faults, *tally.unread])
    if not isinstance(platform, Gradebook):
        return False
    _report_remarks(platform.remarks)
    return bool(platform.remarks)


def export_of(classroom: Classroom, options: CheckOptions) -> ClassExport:
    """What a platform is to be told."""
    return ClassExport(
        classroom.quiz,
        classroom.items,
        options.assignment or "",
        options.hint,
        options.solution,
        options.visibility or "",
    )


def _grades(platform: Gradebook, export: ClassExport, marked: Iterator[Marked]) -> Callable[[Page], Pieces]:
    return lambda page: platform.pieces(export, marked, page.columns)


def _screens(
    classroom: Classroom,
    marked: Iterator[Marked],
    regrading: Regrading,
    faults: Sequence[Unread],
    sheets: Sequence[str],
    options: CheckOptions,
) -> Callable[[Space], list[Sheet]]:
    """The report of the only student, or that of the class."""
    from ..report.screens.check_words import MarkedAnswers
    from ..report.screens.classes import MarkedClass, class_sheets, student_sheets

    quiz, items, tally = classroom.quiz, classroom.items, regrading.tally

    def laid_out(space: Space) -> list[Sheet]:
        first = next(marked, None)
        second = next(marked, None)
        if first is not None and second is None and not faults and regrading.before is None:
            taught = options.verbose or options.solution
            answers = MarkedAnswers(items, first.verdicts, quiz.conventions, options.hint, taught)
            made = student_sheets(quiz, first, answers, space)
            wrong = [item for item in items if not first.verdicts[item.id].right]
            solve = _solver(classroom, space)
            return made + [sheet for item in wrong for sheet in solve(item) if options.solution]
        if options.hint or options.solution:
            raise fail(
                "usage",
                "hints and solutions are for one student's sheet",
                f"as in archcalc check QUIZ {sheets[0]}/SHEET --hint"
                if os.path.isdir(sheets[0])
                else "--format html -o FOLDER has a report for each student",
            )
        for _ in marked:  # counted while they go by
            pass
        unread = [*faults, *tally.unread]
        found = MarkedClass(quiz, items, tally, unread, regrading.changed, regrading.under)
        return class_sheets(found, space, options.verbose)

    return laid_out


def _solver(classroom: Classroom, space: Space) -> Callable[[QuizItem], list[Sheet]]:
    """How the right value of a question comes about."""
    quiz = classroom.quiz
    targets = {question.id: question.target for question in quiz.questions}

    def solve(item: QuizItem) -> list[Sheet]:
        network = quiz.network(targets[item.id])
        layout = quiz.conventions["layout"]
        return solution_sheets(network, item.asked, space, quiz.batch, quiz.dtype, layout)

    return solve


def _report_unread(unread: Sequence[Unread]) -> None:
    """Say on standard error what nobody has read, where the answer itself is for a machine."""
    if not unread:
        return
    from ..report.lines import clean

    sys.stdout.flush()
    sys.stderr.write(f"{len(unread):,} not read: a person has to look at these\n")
    for one in unread[:20]:
        words = [one.student, one.place, one.reason]
        sys.stderr.write("  " + "  ".join([clean(" ".join(w.split())) for w in words if w]) + "\n")
    if len(unread) > 20:
        sys.stderr.write(f"  {len(unread) - 20:,} more with --format table\n")


def _report_remarks(remarks: Sequence[str]) -> None:
    """Say on standard error what the grades leave out."""
    from ..report.lines import clean_line

    sys.stdout.flush()
    for remark in remarks:
        sys.stderr.write(f"{clean_line(remark)}\n")


def _per_student(
    platform: PerStudent, export: ClassExport, marked: Iterator[Marked], options: CheckOptions
) -> None:
    """A file for each student; for a single sheet one file, where the output is named like one. Raises
    SpecError."""
    target = options.output
    assert target is not None
    if target.lower().endswith(".json"):
        refuse_overwrite(options)
        sheets = list(marked)
        if len(sheets) != 1:
            raise fail("usage", f"{target} is for one sheet, and there are {len(sheets)}", "name a folder")
        into_file(target, platform.file(export, sheets[0]))
        return
    into_folder(target, platform.files(export, marked), options.force)


def _reports(
    classroom: Classroom, export: ClassExport, marked: Iterator[Marked], options: CheckOptions
) -> None:
    """A report for each student, and an index. Raises SpecError."""
    from ..report.report_files import report_files
    from ..report.sheet import PAGE

    assert options.output is not None
    solve = _solver(classroom, PAGE)
    into_folder(options.output, report_files(options.format, export, marked, solve), options.force)
