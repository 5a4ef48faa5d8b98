"""`archcalc check QUIZ SHEETS`: one student's sheet, a class list, a folder of sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..diagnostics import fail
from .check_output import refuse_output, write_class
from .check_shared import CheckOptions, given_conventions, refuse_overwrite
from .options import first_given
from .regrading import Regrading

if TYPE_CHECKING:
    from ..answers.classroom import Classroom
    from ..answers.quiz import Quiz
    from ..answers.sheets import Submission


def marked_class(options: CheckOptions) -> int:
    """Mark sheets by a quiz. Exit code 1 where an answer is not right. Raises SpecError."""
    from ..answers.classroom import Tally, unread_of
    from ..answers.quiz import read_quiz
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
    refuse_output(options)
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
    unmatched = write_class(classroom, marked, regrading, faults, sheets, options)
    if options.open is not None:
        _write_open(options.open, regrading)
    wrong = any(
        number
        for verdicts in tally.verdicts.values()
        for kind, number in verdicts.items()
        if kind in ("wrong", "unreadable", "blank", "follow-through")
    )
    return 1 if wrong or tally.unread or faults or unmatched else 0


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
    from ..answers.conventions import Conventions
    from ..answers.decision_files import read_decisions

    decisions = read_decisions(options.decisions)
    if not options.conventions and options.layout == "hwc":
        return Classroom(quiz, decisions), None

    new = given_conventions(options)
    named = [text.partition("=")[0].strip() for text in options.conventions]
    named += ["layout"] if options.layout != "hwc" else []
    both = Conventions({**quiz.conventions, **{name: new[name] for name in named}})
    return Classroom(quiz._replace(conventions=both), decisions), Classroom(quiz, decisions)


def _write_open(path: str, regrading: Regrading) -> None:
    """The answers that a person has to decide upon, for `--decisions`. Raises SpecError."""
    from ..report.open_answers import open_file
    from .answer import into_file

    into_file(path, open_file(regrading.open, path.lower().endswith(".toml")))


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
