"""`archcalc check QUIZ --autograder FOLDER`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence

from ..diagnostics import SpecError, fail
from ..report.lines import clean
from .check_shared import CheckOptions
from .options import apart, first_given
from .whole_folder import into_folder


def write_autograder(options: CheckOptions) -> int:
    """Write a quiz as an autograder of Gradescope. Raises SpecError."""
    from ..answers.quiz_reading import read_quiz
    from ..report.autograder import ARCHIVE, autograder_files, quiz_files

    path, *others = options.words
    folder = options.autograder
    assert folder is not None
    if others:
        raise fail("usage", f"`{others[0]}` is one word too many: --autograder reads no sheets")
    _refuse(options)
    quiz = read_quiz(path)
    quiz.items()
    try:
        beside = quiz_files(path, [question.target for question in quiz.questions])
    except ValueError as error:
        raise fail(
            "file", f"the autograder cannot take {error} along", "put the spec into the folder of the quiz"
        ) from None
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {error.filename}: {why}") from None
    name = os.path.basename(path)
    _try_out(name, beside)
    files = autograder_files(name, beside, _words(options))
    into_folder(folder, ((name, [data]) for name, data in files.items()), options.force)
    sys.stdout.write(
        clean(f"{os.path.join(folder, ARCHIVE)}: upload it as the autograder of an assignment") + "\n"
    )
    return 0


def _refuse(options: CheckOptions) -> None:
    """Refuse what an autograder has no place for. Raises SpecError."""
    given = first_given(
        output=options.output,
        decisions=options.decisions,
        open=options.open,
        jobs=options.jobs,
        columns=options.columns,
        assignment=options.assignment,
        audit=options.audit,
        input=options.inputs,
        set=options.settings,
    )
    if given:
        raise apart("--autograder", given)


def _words(options: CheckOptions) -> list[str]:
    """The options that hold for every submission."""
    words = [word for text in options.conventions for word in ("--convention", text)]
    words += ["--layout", options.layout] if options.layout != "hwc" else []
    words += ["--visibility", options.visibility] if options.visibility else []
    return words + (["--solution"] if options.solution else [])


def _try_out(quiz: str, files: Mapping[str, bytes]) -> None:
    """Read the quiz from what is packed alone. Raises SpecError where it needs another file."""
    from ..answers.quiz_reading import read_quiz

    with tempfile.TemporaryDirectory(prefix="archcalc-") as folder:
        for name, data in files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
        try:
            read_quiz(os.path.join(folder, quiz)).items()
        except SpecError as error:
            why: Sequence[str] = [one.message for one in error.diagnostics[:2]]
            raise fail("file", "the quiz needs a file that does not stand beside it", *why) from None
