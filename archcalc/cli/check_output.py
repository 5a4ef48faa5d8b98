"""What comes of the sheets that `archcalc check QUIZ SHEETS` marks: in which format, and where to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..diagnostics import fail
from ..report.answer import Answer, Page, Pieces
from ..report.courses import ExportSettings, Gradebook, PerStudent, Platform
from ..report.courses import named as platform_named
from .answer import into_file, write_answer
from .check_shared import CLASS_FORMATS, PICTURES, CheckOptions, refuse_overwrite
from .options import no_columns, not_in_format, writes_sheets
from .whole_folder import into_folder

if TYPE_CHECKING:
    from ..answers.class_run import ClassRun, PerSheet
    from ..answers.tally import Unread
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


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
    if options.statistics:
        if platform is not None:
            raise not_in_format(
                "--statistics", options, "it is a table, or a picture: --format html, csv, svg"
            )
        if options.hint or options.solution:
            raise fail("usage", "--statistics has no place for hints and solutions")
        no_columns(options)
        refuse_overwrite(options)
        return
    if form in PICTURES:
        raise not_in_format("check", options, "a picture is of the --statistics of a class")
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


def settings_of(options: CheckOptions) -> ExportSettings:
    """How a platform is written for."""
    return ExportSettings(options.assignment or "", options.hint, options.solution, options.visibility or "")


def maker_of(options: CheckOptions) -> PerSheet[Any]:
    """What is made of each sheet for the format that is asked for."""
    from ..answers.class_run import nothing
    from ..report.records.checking import encoded_sheet
    from ..report.report_files import Reports
    from ..report.screens.class_tables import answer_rows

    platform, settings = platform_of(options), settings_of(options)
    if options.statistics:
        return nothing
    if isinstance(platform, PerStudent):
        return partial(platform.file, settings=settings)
    if isinstance(platform, Gradebook):
        return partial(platform.row, settings=settings)
    document = options.format != "table" and writes_sheets(options.format)
    if writes_reports(options) or (document and options.part is not None):  # a class as a whole needs none
        return Reports(options.format, settings).report
    if options.format == "json":
        return encoded_sheet
    return nothing if writes_sheets(options.format) else answer_rows


def call_of(options: CheckOptions) -> dict[str, Any]:
    """What the calls that write the parts of a class and the one that merges them have in common."""
    return {"format": options.format, "statistics": options.statistics, **settings_of(options)._asdict()}


def write_class(run: ClassRun, sheets: Sequence[str], options: CheckOptions) -> bool:
    """Write what was marked, in the format asked for; whether students had to be left out of it. Raises
    SpecError."""
    platform = platform_of(options)
    settings = settings_of(options)
    if options.statistics:
        _statistics(run, options)
        return False
    if isinstance(platform, PerStudent):
        _per_student(platform, run, settings, options)
    elif writes_reports(options):
        _reports(run, settings, options)
    else:
        special = {}
        if isinstance(platform, Gradebook):
            special[options.format] = _grades(platform, run, settings, options)
        answer = Answer(
            lambda: _record(run, options),
            lambda: _answers(run, options),
            lambda space: _sheets(run, sheets, options, space),
            special,
        )
        write_answer(answer, options)
    if not writes_sheets(options.format) or writes_reports(options):
        _report_unread([*run.faults, *run.tally.unread])
    if not isinstance(platform, Gradebook):
        return False
    _report_remarks(platform.remarks)
    return bool(platform.remarks)


def _record(run: ClassRun, options: CheckOptions) -> Any:
    """The JSON value."""
    from ..report.formats.json import Encoded, in_ascii
    from ..report.records.checking import class_record

    texts = run.each(maker_of(options))
    if Page(None if options.output else sys.stdout).ascii:
        texts = map(in_ascii, texts)
    return class_record(run.classroom.quiz, map(Encoded, texts), run.tally, run.faults)


def _answers(run: ClassRun, options: CheckOptions) -> FlatTable:
    """The answers sheet by sheet, and behind them what was not read of the class as a whole."""
    from ..report.screens.class_tables import answers_table

    return answers_table(run.each(maker_of(options)), (*run.aside, *run.faults))


def _statistics(run: ClassRun, options: CheckOptions) -> None:
    """The statistics of a class. Raises SpecError."""
    from ..answers.statistics import ClassStatistics
    from ..report.records.checking import statistics_record
    from ..report.screens.class_statistics import statistics_sheets, statistics_table

    quiz, tally = run.classroom.quiz, run.finish()

    def drawn(form: str) -> bytes:
        from ..report.pictures.classes import class_picture

        return class_picture(quiz, tally, ClassStatistics.of(tally), form)

    pictures: dict[str, Callable[[Page], Pieces]] = {
        form: partial(lambda form, page: drawn(form), form) for form in PICTURES
    }
    answer = Answer(
        lambda: statistics_record(quiz, tally),
        lambda: statistics_table(ClassStatistics.of(tally)),
        lambda space: statistics_sheets(quiz, tally),
        pictures,
    )
    write_answer(answer, options)
    if not writes_sheets(options.format):
        _report_unread([*run.faults, *tally.unread])


def _grades(
    platform: Gradebook, run: ClassRun, settings: ExportSettings, options: CheckOptions
) -> Callable[[Page], Pieces]:
    """The table of a platform, for a page."""

    def pieces(page: Page) -> Pieces:
        rows = run.each(maker_of(options))
        return platform.pieces(run.classroom, rows, settings, page.columns)

    return pieces


def _sheets(run: ClassRun, sheets: Sequence[str], options: CheckOptions, space: Space) -> list[Sheet]:
    """What a reader gets: a student's report where there is one sheet, else the class as a whole. Raises
    SpecError."""
    from ..report.screens.check_words import MarkedAnswers
    from ..report.screens.classes import MarkedClass, class_sheets, student_sheets
    from ..report.screens.solutions import solution_sheets

    alone = run.alone
    classroom = run.marker.classroom_of(alone.submission) if alone is not None else run.classroom
    quiz, items = classroom.quiz, classroom.items
    tally = run.finish()
    if alone is not None and not run.faults and run.marker.before is None:
        taught = options.verbose or options.solution
        answers = MarkedAnswers(items, alone.verdicts, quiz.conventions, options.hint, taught)
        made = student_sheets(quiz, alone, answers, space)
        for item in items if options.solution else ():
            if not alone.verdicts[item.id].right:
                made += solution_sheets(item.diagnosis, space)
        return made
    if options.hint or options.solution:
        raise fail(
            "usage",
            "hints and solutions are for one student's sheet",
            f"as in archcalc check QUIZ {sheets[0]}/SHEET --hint"
            if os.path.isdir(sheets[0])
            else "--format html -o FOLDER writes a report for each student",
        )
    unread = [*run.faults, *tally.unread]
    found = MarkedClass(quiz, items, tally, unread, tally.changed, run.marker.under)
    return class_sheets(found, space, options.verbose)


def write_open(path: str, run: ClassRun) -> None:
    """The answers that a person has to decide upon, for `--decisions`. Raises SpecError."""
    from ..report.open_answers import OpenAnswer, open_file

    into_file(path, open_file([OpenAnswer(*row) for row in run.found_beside], path.lower().endswith(".toml")))


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
    platform: PerStudent, run: ClassRun, settings: ExportSettings, options: CheckOptions
) -> None:
    """A file for each student; for a single sheet one file, where the output is named like one. Raises
    SpecError."""
    target = options.output
    assert target is not None
    made = run.each(maker_of(options))
    if target.lower().endswith(".json"):
        refuse_overwrite(options)
        texts = [text for _, text in made]
        if len(texts) != 1:
            raise fail("usage", f"{target} is for one sheet, and there are {len(texts)}", "name a folder")
        into_file(target, texts)
        return
    into_folder(target, platform.files(made), options.force)


def _reports(run: ClassRun, settings: ExportSettings, options: CheckOptions) -> None:
    """A report for each student, and an index. Raises SpecError."""
    from ..report.report_files import Reports

    assert options.output is not None
    reports = Reports(options.format, settings)
    into_folder(options.output, reports.files(run.classroom, run.each(maker_of(options))), options.force)
