"""`archcalc check QUIZ SHEETS`: one student's sheet, a class list, a folder of sheets."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from ..diagnostics import fail
from ..report.answer import Answer, Page, Pieces
from ..report.formats.json import Encoded
from .answer import write_answer
from .check_shared import CheckOptions, given_conventions, refuse_overwrite, solution_sheets
from .options import first_given, no_columns, writes_sheets
from .whole_folder import into_folder

if TYPE_CHECKING:
    from ..answers.class_run import ClassRun, Marker
    from ..answers.classroom import Classroom, Marked
    from ..answers.quiz import Quiz
    from ..report.sheet import Sheet, Space


def marked_class(options: CheckOptions) -> int:
    """Mark sheets by a quiz. Exit code 1 where an answer is not right. Raises SpecError."""
    from ..answers.class_run import ClassRun, handed_in
    from ..answers.processes import cores
    from ..answers.quiz import read_quiz
    from ..report.open_answers import open_rows
    from ..report.terminal import watched

    path, *sheets = options.words
    if not sheets:
        raise fail(
            "usage",
            "there are no sheets to mark",
            f"as in archcalc check {path} class.csv",
            f"archcalc check --audit {path} checks the quiz itself",
        )
    _no_network_options(options)
    form = options.format
    shown = writes_sheets(form)
    if (options.hint and not shown and form != "gradescope") or (options.solution and not shown):
        raise fail(
            "usage",
            f"--format {form} has no place for hints and solutions",
            "--hint is for a student's report, and for gradescope",
        )
    if form == "gradescope":
        if options.output is None:
            raise fail("usage", "--format gradescope writes a folder: name it with --output")
    else:
        if form != "nbgrader":  # which has columns, too
            no_columns(options)
        refuse_overwrite(options)
    if options.open is not None:
        refuse_overwrite(options, options.open)
    quiz = read_quiz(path)
    marker = _marker(quiz, options)
    watch = partial(watched, words="marking", unit="sheets")
    run = ClassRun(marker, handed_in(sheets, quiz), options.jobs or cores(), watch, open_rows)
    _write(run, sheets, options)
    if options.open is not None:
        _write_open(options.open, run)
    return 1 if run.tally.wrong or run.faults else 0


def _marker(quiz: Quiz, options: CheckOptions) -> Marker:
    """The examiner; where other conventions are asked for, under those, and the quiz's own too."""
    from ..answers.class_run import Marker
    from ..answers.conventions import Conventions
    from ..answers.decision_files import read_decisions

    decisions = read_decisions(options.decisions)
    if not options.conventions and options.layout == "hwc":
        return Marker(quiz, decisions)
    new = given_conventions(options)
    named = [text.partition("=")[0].strip() for text in options.conventions]
    named += ["layout"] if options.layout != "hwc" else []
    both = Conventions({**quiz.conventions, **{name: new[name] for name in named}})
    return Marker(quiz._replace(conventions=both), decisions, quiz)


def _write(run: ClassRun, sheets: Sequence[str], options: CheckOptions) -> None:
    """Write what was marked, in the format asked for. Raises SpecError."""
    from ..report.flat import selected
    from ..report.formats.csv import csv_lines
    from ..report.records.checking import class_record, encoded_sheet
    from ..report.screens.class_tables import ANSWERS, GRADES, answer_rows, grade_row

    def record() -> Any:
        ascii = Page(None if options.output else sys.stdout).ascii
        texts = run.each(partial(encoded_sheet, ascii=ascii))
        return class_record(run.classroom.quiz, map(Encoded, texts), run.tally, run.faults)

    def grades(page: Page) -> Pieces:
        return csv_lines(selected((GRADES, run.each(grade_row)), page.columns))

    if options.format == "gradescope":
        _gradescope(run, options)
    else:
        answer = Answer(
            record,
            lambda: (ANSWERS, chain.from_iterable(run.each(answer_rows))),
            lambda space: _sheets(run, sheets, options, space),
            {"nbgrader": grades},
        )
        write_answer(answer, options)
    if not writes_sheets(options.format):
        _report_unread(run)


def _sheets(run: ClassRun, sheets: Sequence[str], options: CheckOptions, space: Space) -> list[Sheet]:
    """What a reader gets: a student's report where there is one sheet, else the class as a whole. Raises
    SpecError."""
    from ..report.screens.check_words import MarkedAnswers
    from ..report.screens.classes import MarkedClass, class_sheets, student_sheets

    quiz, items = run.classroom.quiz, run.classroom.items
    alone = run.alone
    tally = run.finish()
    if alone is not None and not run.faults and run.marker.before is None:
        taught = options.verbose or options.solution
        answers = MarkedAnswers(items, alone.verdicts, quiz.conventions, options.hint, taught)
        made = student_sheets(quiz, alone, answers, space)
        return made + (_solutions(run.classroom, alone, space) if options.solution else [])
    if options.hint or options.solution:
        raise fail(
            "usage",
            "hints and solutions are for one student's sheet",
            f"as in archcalc check QUIZ {sheets[0]}/SHEET --hint"
            if os.path.isdir(sheets[0])
            else "--format gradescope has a report for each student",
        )
    unread = [*run.faults, *tally.unread]
    found = MarkedClass(quiz, items, tally, unread, tally.changed, run.marker.under)
    return class_sheets(found, space, options.verbose)


def _write_open(path: str, run: ClassRun) -> None:
    """The answers that a person has to decide upon, for `--decisions`. Raises SpecError."""
    from ..report.open_answers import OpenAnswer, open_file
    from .answer import into_file

    into_file(path, open_file([OpenAnswer(*row) for row in run.found_beside], path.lower().endswith(".toml")))


def _solutions(classroom: Classroom, marked: Marked, space: Space) -> list[Sheet]:
    """How the right values of what is not right come about."""

    found: list[Sheet] = []
    quiz = classroom.quiz
    for item, question in zip(classroom.items, quiz.questions, strict=True):
        if not marked.verdicts[item.id].right:
            network = quiz.network(question.target)
            found += solution_sheets(
                network, item.asked, space, quiz.batch, quiz.dtype, quiz.conventions["layout"]
            )
    return found


def _report_unread(run: ClassRun) -> None:
    """Say on standard error what nobody has read, where the answer itself is for a machine."""
    unread = [*run.faults, *run.tally.unread]
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


def _no_network_options(options: CheckOptions) -> None:
    """Refuse what a quiz says itself. Raises SpecError."""
    option = first_given(
        input=options.inputs,
        set=options.settings,
        until=options.until,
        freeze=options.freeze,
        budget=options.budget,
    )
    if option:
        raise fail("usage", f"{option} does not go with a quiz: it says its networks itself")
    if options.batch != 1 or options.dtype != "fp32":
        raise fail("usage", "--batch and --dtype do not go with a quiz", "it has keys for them")


# ---------------------------------------------------------------------------------------------
# Gradescope


def _gradescope(run: ClassRun, options: CheckOptions) -> None:
    """A results.json for each student, in a folder of the student's; for a single sheet one file,
    where the output is named like one. Raises SpecError."""
    from ..report.screens.gradescope import FolderNames, gradescope_file

    target = options.output
    assert target is not None
    each = run.each(partial(gradescope_file, hint=options.hint))
    if target.lower().endswith(".json"):
        refuse_overwrite(options)
        texts = [text for _, text in each]
        if len(texts) != 1:
            raise fail("usage", f"{target} is for one sheet, and there are {len(texts)}", "name a folder")
        from .answer import into_file

        into_file(target, texts)
        return
    names = FolderNames()
    files = ((os.path.join(names.name(student), "results.json"), [text]) for student, text in each)
    into_folder(target, files, options.force)
