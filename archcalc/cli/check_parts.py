"""`archcalc check QUIZ SHEETS --part 3/8`, and `archcalc check QUIZ --merge PART …`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..diagnostics import fail
from .answer import write
from .check_output import call_of, maker_of
from .check_shared import CheckOptions, refuse_overwrite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..answers.class_run import Marker
    from ..answers.parts import MergedRun


def write_part(options: CheckOptions, marker: Marker, sheets: Sequence[str]) -> int:
    """Mark a part of the sheets, and write what came of it. Raises SpecError."""
    from ..answers.class_run import ClassRun, handed_in
    from ..answers.parts import PartNumber, PartSheets, part_lines
    from ..answers.processes import cores
    from ..report.open_answers import open_rows
    from ..report.terminal import watched

    part = PartNumber.read(options.part or "")
    handed = handed_in(sheets, marker.classroom.quiz, marker.variants)
    mine = PartSheets(handed.submissions, part)
    watch = partial(watched, words="marking", unit="sheets")
    jobs = options.jobs or cores()
    run = ClassRun(marker, handed._replace(submissions=mine), jobs, watch, open_rows)
    write(part_lines(run, maker_of(options), part, mine, call_of(options)), options.output)
    return 1 if run.tally.wrong or run.faults else 0


def refuse_part(options: CheckOptions) -> None:
    """Refuse what does not go with --part and --merge. Raises SpecError."""
    if options.part is not None and options.merge:
        raise fail("usage", "--part writes a part, and --merge reads parts")
    if options.part is not None:
        if options.open is not None:
            raise fail("usage", "--open goes with --merge", "a part has not seen all sheets")
        if options.output is None:
            raise fail("usage", "--part writes a file: name it with --output", "as in -o part3.jsonl")
        refuse_overwrite(options)


def merged_run(marker: Marker, paths: Sequence[str], options: CheckOptions) -> MergedRun:
    """The run whose parts are in files. Raises SpecError."""
    from ..answers.parts import MergedRun
    from ..report.courses import GradeRow, WhoseSheet
    from ..report.screens.student_report import IndexRow

    return MergedRun(marker, paths, call_of(options), (GradeRow, WhoseSheet, IndexRow))
