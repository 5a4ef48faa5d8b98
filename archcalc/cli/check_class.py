"""`archcalc check QUIZ SHEETS`: one student's sheet, a class list, a folder of sheets."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..diagnostics import fail
from .check_output import refuse_output, write_class, write_open
from .check_parts import merged_run, refuse_part, write_part
from .check_shared import CheckOptions, given_conventions, refuse_overwrite
from .options import first_given

if TYPE_CHECKING:
    from ..answers.class_run import Marker
    from ..answers.quiz import Quiz


def marked_class(options: CheckOptions) -> int:
    """Mark sheets by a quiz. Exit code 1 where an answer is not right. Raises SpecError."""
    from ..answers.class_run import ClassRun, handed_in
    from ..answers.processes import cores
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
    no_network_options(options)
    refuse_part(options)
    if options.part is not None:
        return write_part(options, marker_at(path, options), sheets)
    refuse_output(options)
    if options.open is not None:
        refuse_overwrite(options, options.open)
    marker = marker_at(path, options)
    if options.merge:
        run: ClassRun = merged_run(marker, sheets, options)
    else:
        watch = partial(watched, words="marking", unit="sheets")
        run = ClassRun(
            marker,
            handed_in(sheets, marker.classroom.quiz, marker.variants),
            options.jobs or cores(),
            watch,
            open_rows,
        )
    left_out = write_class(run, sheets, options)
    if options.open is not None:
        write_open(options.open, run)
    return 1 if run.tally.wrong or run.faults or left_out else 0


def marker_at(path: str, options: CheckOptions) -> Marker:
    """The examiner of a quiz, or of the variants in a folder. Raises SpecError."""
    import os

    from ..answers.quiz_reading import read_quiz
    from ..answers.quiz_variants import read_variants

    if os.path.isdir(path):
        from ..answers.class_run import Marker
        from ..answers.decision_files import read_decisions

        if options.conventions or options.layout != "hwc":
            raise fail("usage", "--convention does not go with variants", "their keys have [conventions]")
        variants = read_variants(path)
        return Marker(variants.first, read_decisions(options.decisions), None, variants)
    return marker_of(read_quiz(path), options)


def marker_of(quiz: Quiz, options: CheckOptions) -> Marker:
    """The examiner; where other conventions are asked for, under those, and the quiz's own too."""
    from ..answers.class_run import Marker
    from ..answers.decision_files import read_decisions

    decisions = read_decisions(options.decisions)
    under = under_options(quiz, options)
    return Marker(quiz, decisions) if under is quiz else Marker(under, decisions, quiz)


def under_options(quiz: Quiz, options: CheckOptions) -> Quiz:
    """A quiz under the conventions that a call asks for, in the place of its own. Raises SpecError."""
    if not options.conventions and options.layout == "hwc":
        return quiz
    new = given_conventions(options)
    named = [text.partition("=")[0].strip() for text in options.conventions]
    named += ["layout"] if options.layout != "hwc" else []
    return quiz.under({name: new[name] for name in named})


def no_network_options(options: CheckOptions) -> None:
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
