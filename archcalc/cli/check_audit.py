"""`archcalc check --audit QUIZ`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..diagnostics import fail
from .answer import answer, answer_json, flat_answer, width_for
from .options import no_columns


def audited(words: Sequence[str], options: dict[str, Any]) -> int:
    """Check a quiz itself. Exit code 1 where its key is not right. Raises SpecError."""
    from .._version import __version__
    from ..answers.audit import audit
    from ..answers.quiz import read_quiz
    from ..report.screens.audit import audit_lines, audit_record, audit_table
    from .check_shared import refuse_overwrite

    if len(words) > 1:
        raise fail("usage", f"`{words[1]}` is one word too many: --audit reads no sheets")
    form = options["form"]
    if form in ("gradescope", "nbgrader"):
        raise fail("usage", f"--format {form} does not go with --audit")
    no_columns(options)
    refuse_overwrite(options)
    quiz = read_quiz(words[0])
    findings = audit(quiz)
    if form == "json":
        records = [audit_record(finding) for finding in findings]
        answer_json(
            {
                "archcalc": __version__,
                "title": quiz.title,
                "conventions": dict(quiz.conventions),
                "questions": records,
            },
            options["output"],
        )
    elif form == "table":
        answer(audit_lines(quiz, findings, width_for(options)), options["output"])
    else:
        flat_answer(audit_table(findings), form, options["columns"], options["output"])
    return 1 if any(finding.wrong for finding in findings) else 0
