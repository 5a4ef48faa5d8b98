"""A folder of reports: a document per student, and an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..answers.classroom import Marked
from ..answers.quiz_item import QuizItem
from .answer import Answer, Page
from .courses import ClassExport
from .file_names import FileNames
from .formats import Writer, named
from .screens.feedback import Feedback
from .screens.student_report import IndexRow, index_sheets, report_sheets
from .sheet import Sheet

INDEX = "index"
# The first line of a file of a format that has no place of its own for whose it is.
OPENINGS = {"markdown": "<!-- archcalc report -->\n\n", "latex": "% archcalc report\n"}

Solve = Callable[[QuizItem], Sequence[Sheet]]


def report_files(
    form: str, export: ClassExport, sheets: Iterable[Marked], solve: Solve
) -> Iterator[tuple[str, Iterable[str]]]:
    """The name of each report, and its text; the index comes last. ``solve`` says how the right value of a
    question comes about, where solutions are asked for."""
    writer = named(form)
    suffix = writer.suffixes[0]
    names = FileNames([INDEX])
    rows: list[IndexRow] = []
    solutions: dict[str, Sequence[Sheet]] = {}
    for sheet in sheets:
        submission = sheet.submission
        feedback = Feedback(export.quiz, export.items, sheet, export.hint, export.solution)
        made = report_sheets(export.quiz, feedback)
        for item in export.items if export.solution else ():
            if not sheet.verdicts[item.id].right:
                if item.id not in solutions:
                    solutions[item.id] = solve(item)
                made += solutions[item.id]
        file = f"{names.name(submission.student)}{suffix}"
        unread = len(feedback.not_read)
        rows.append(IndexRow(submission.student, submission.source, file, sheet.points, sheet.open, unread))
        yield file, _text(writer, form, made)
    yield f"{INDEX}{suffix}", _text(writer, form, index_sheets(export.quiz, export.most, rows))


def _text(writer: Writer, form: str, sheets: Sequence[Sheet]) -> Iterator[str]:
    """Sheets as a document."""
    answer = Answer(lambda: None, lambda: ([], iter(())), lambda space: sheets)
    yield OPENINGS.get(form, "")
    yield from writer.pieces(answer, Page())
