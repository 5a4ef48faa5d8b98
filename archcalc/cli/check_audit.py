"""`archcalc check --audit QUIZ`."""

from __future__ import annotations

from ..diagnostics import fail
from ..report.answer import Answer
from .answer import write_answer
from .check_class import no_network_options, under_options
from .check_shared import CLASS_FORMATS, PICTURES, CheckOptions, refuse_overwrite
from .options import no_columns


def audited(options: CheckOptions) -> int:
    """Check a quiz itself. Exit code 1 where its key is not right. Raises SpecError."""
    from ..answers.audit import audit
    from ..answers.quiz_reading import read_quiz
    from ..report.records.checking import audit_record
    from ..report.screens.audit import audit_sheets, audit_table
    from ..report.terminal import Waiting

    path, *others = options.words
    if others:
        raise fail("usage", f"`{others[0]}` is one word too many: --audit reads no sheets")
    if options.format in (*CLASS_FORMATS, *PICTURES):
        raise fail("usage", f"--format {options.format} does not go with --audit")
    no_columns(options)
    refuse_overwrite(options)
    no_network_options(options)
    quiz = under_options(read_quiz(path), options)
    with Waiting(f"checking {path}"):
        findings = audit(quiz)
    answer = Answer(
        lambda: audit_record(quiz, findings),
        lambda: audit_table(findings),
        lambda space: audit_sheets(quiz, findings, space),
    )
    write_answer(answer, options)
    return 1 if any(finding.wrong for finding in findings) else 0
