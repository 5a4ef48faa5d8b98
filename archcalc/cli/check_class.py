"""`archcalc check QUIZ SHEETS`: one student's sheet, a class list, a folder of sheets."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..diagnostics import fail
from ..report.answer import Answer, Page, Pieces
from .answer import write_answer
from .check_shared import CheckOptions, given_conventions, refuse_overwrite, solution_sheets
from .options import first_given, no_columns, writes_sheets
from .whole_folder import into_folder

if TYPE_CHECKING:
    from ..answers.classroom import Classroom, Marked, Tally, Unread
    from ..answers.decision import Decision
    from ..answers.marking import Change
    from ..answers.quiz import Quiz
    from ..answers.sheets import Submission
    from ..report.open_answers import OpenAnswer
    from ..report.sheet import Sheet, Space


def marked_class(options: CheckOptions) -> int:
    """Mark sheets by a quiz. Exit code 1 where an answer is not right. Raises SpecError."""
    from ..answers.classroom import Tally, unread_of
    from ..answers.quiz_reading import read_quiz
    from ..answers.sheets.folder import stack
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
    classroom, before = _classrooms(quiz, options)
    ids = [question.id for question in quiz.questions]
    stacks = [stack(sheet, ids, quiz.texts) for sheet in sheets]
    faults = unread_of([fault for one in stacks for fault in one.faults])
    tally = Tally(classroom.items)
    tally.aside += unread_of([fault for one in stacks for fault in one.aside])
    regrading = Regrading(classroom, before, tally)
    each = (one for found in stacks for one in found.submissions)
    every = each_once(each) if len(stacks) > 1 else each
    marked = regrading.run(watched(every, "marking", "sheets"))
    _write(classroom, marked, regrading, faults, sheets, options)
    if options.open is not None:
        _write_open(options.open, regrading)
    wrong = any(
        number
        for verdicts in tally.verdicts.values()
        for kind, number in verdicts.items()
        if kind in ("wrong", "unreadable", "blank", "follow-through")
    )
    return 1 if wrong or tally.unread or faults else 0


def each_once(submissions: Iterable[Submission]) -> Iterator[Submission]:
    """Sheets from several places, each student once: who comes again gets a number and a fault."""
    from ..answers.sheets import Fault

    seen: dict[str, list[str]] = {}
    for one in submissions:
        places = seen.setdefault(one.student, [])
        places.append(one.source)
        if len(places) > 1:
            fault = Fault(one.source, f"{one.student} has {len(places)} sheets")
            one = one._replace(student=f"{one.student} ({len(places)})", faults=(*one.faults, fault))
        yield one


def _classrooms(quiz: Quiz, options: CheckOptions) -> tuple[Classroom, Classroom | None]:
    """The examiner; where other conventions are asked for, under those, and the quiz's own too."""
    from ..answers.classroom import Classroom
    from ..answers.decision_files import read_decisions

    decisions = read_decisions(options.decisions)
    if not options.conventions and options.layout == "hwc":
        return Classroom(quiz, decisions), None

    new = given_conventions(options)
    named = [text.partition("=")[0].strip() for text in options.conventions]
    named += ["layout"] if options.layout != "hwc" else []
    return Classroom(quiz.under({name: new[name] for name in named}), decisions), Classroom(quiz, decisions)


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


def _write(
    classroom: Classroom,
    marked: Iterator[Marked],
    regrading: Regrading,
    faults: Sequence[Unread],
    sheets: Sequence[str],
    options: CheckOptions,
) -> None:
    """Write what was marked, in the format asked for. Raises SpecError."""
    from ..report.records.checking import class_record
    from ..report.screens.check_words import MarkedAnswers
    from ..report.screens.class_tables import answers_table, grades_table
    from ..report.screens.classes import MarkedClass, class_sheets, student_sheets

    quiz, items, tally = classroom.quiz, classroom.items, regrading.tally

    def laid_out(space: Space) -> list[Sheet]:
        first = next(marked, None)
        second = next(marked, None)
        if first is not None and second is None and not faults and regrading.before is None:
            taught = options.verbose or options.solution
            answers = MarkedAnswers(items, first.verdicts, quiz.conventions, options.hint, taught)
            made = student_sheets(quiz, first, answers, space)
            return made + (_solutions(classroom, first, space) if options.solution else [])
        if options.hint or options.solution:
            raise fail(
                "usage",
                "hints and solutions are for one student's sheet",
                f"as in archcalc check QUIZ {sheets[0]}/SHEET --hint"
                if os.path.isdir(sheets[0])
                else "--format gradescope has a report for each student",
            )
        for _ in marked:  # counted while they go by
            pass
        unread = [*faults, *tally.unread]
        found = MarkedClass(quiz, items, tally, unread, regrading.changed, regrading.under)
        return class_sheets(found, space, options.verbose)

    def grades(page: Page) -> Pieces:
        from ..report.flat import selected
        from ..report.formats.csv import csv_lines

        return csv_lines(selected(grades_table(quiz, items, marked), page.columns))

    if options.format == "gradescope":
        _gradescope(classroom, marked, options)
    else:
        answer = Answer(
            lambda: class_record(quiz, items, marked, tally, faults),
            lambda: answers_table(items, marked, quiz.conventions),
            laid_out,
            {"nbgrader": grades},
        )
        write_answer(answer, options)
    if not writes_sheets(options.format):
        _report_unread(tally, faults)


def _write_open(path: str, regrading: Regrading) -> None:
    """The answers that a person has to decide upon, for `--decisions`. Raises SpecError."""
    from ..report.open_answers import open_file
    from .answer import into_file

    into_file(path, open_file(regrading.open, path.lower().endswith(".toml")))


def _solutions(classroom: Classroom, marked: Marked, space: Space) -> list[Sheet]:
    """How the right values of what is not right come about."""

    from ..report.screens.solution import kept_conventions, solution_sheet

    found: list[Sheet] = []
    quiz = classroom.quiz
    for item, question in zip(classroom.items, quiz.questions, strict=True):
        if marked.verdicts[item.id].right:
            continue
        if kept_conventions(item.diagnosis):
            found.append(solution_sheet(item.diagnosis, space))
        else:
            network = quiz.network(question.target)
            found += solution_sheets(
                network,
                item.asked,
                space,
                quiz.batch_of(question),
                quiz.dtype_of(question),
                item.asked.conventions["layout"],
            )
    return found


def _report_unread(tally: Tally, faults: Sequence[Unread]) -> None:
    """Say on standard error what nobody has read, where the answer itself is for a machine."""
    unread = [*faults, *tally.unread]
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


def _gradescope(classroom: Classroom, marked: Iterator[Marked], options: CheckOptions) -> None:
    """A results.json for each student, in a folder of the student's; for a single sheet one file,
    where the output is named like one. Raises SpecError."""
    from ..report.formats.json import json_pieces
    from ..report.screens.gradescope import FolderNames, gradescope

    target = options.output
    assert target is not None

    def pieces(sheet: Marked) -> Iterator[str]:
        return json_pieces(gradescope(classroom.items, sheet, classroom.quiz, options.hint))

    if target.lower().endswith(".json"):
        refuse_overwrite(options)
        sheets = list(marked)
        if len(sheets) != 1:
            raise fail("usage", f"{target} is for one sheet, and there are {len(sheets)}", "name a folder")
        from .answer import into_file

        into_file(target, pieces(sheets[0]))
        return
    names = FolderNames()
    files = (
        (os.path.join(names.name(sheet.submission.student), "results.json"), pieces(sheet))
        for sheet in marked
    )
    into_folder(target, files, options.force)
