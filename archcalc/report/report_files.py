"""A folder of reports: a document per student, and an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..answers.classroom import Classroom, Marked
from ..answers.quiz_item import QuizItem
from .answer import Answer, Page
from .courses import ExportSettings
from .file_names import FileNames
from .formats import named
from .screens.feedback import Feedback
from .screens.solutions import solution_sheets
from .screens.student_report import IndexRow, index_sheets, report_sheets
from .sheet import PAGE, Sheet

INDEX = "index"
# The first line of a file of a format that has no place of its own for whose it is.
OPENINGS = {"markdown": "<!-- archcalc report -->\n\n", "latex": "% archcalc report\n"}


class Reports:
    """The reports of a class, in a format for documents."""

    def __init__(self, form: str, settings: ExportSettings):
        self.form = form
        self.settings = settings
        self._solutions: dict[str, Sequence[Sheet]] = {}

    def report(self, classroom: Classroom, sheet: Marked) -> tuple[IndexRow, str]:
        """A student in the index, and the report. Another process may do this."""
        submission, settings = sheet.submission, self.settings
        feedback = Feedback(classroom.quiz, classroom.items, sheet, settings.hint, settings.solution)
        made = report_sheets(classroom.quiz, feedback)
        for item in classroom.items if settings.solution else ():
            if not sheet.verdicts[item.id].right:
                made += self._solution(item)
        unread = len(feedback.not_read)
        row = IndexRow(submission.student, submission.source, "", sheet.points, sheet.open, unread)
        return row, self._text(made)

    def files(
        self, classroom: Classroom, made: Iterable[tuple[IndexRow, str]]
    ) -> Iterator[tuple[str, Iterable[str]]]:
        """The name of each report, and its text; the index comes last."""
        suffix = named(self.form).suffixes[0]
        names = FileNames([INDEX])
        rows = []
        for row, text in made:
            file = f"{names.name(row.student)}{suffix}"
            rows.append(row._replace(file=file))
            yield file, [text]
        yield f"{INDEX}{suffix}", [self._text(index_sheets(classroom.quiz, rows))]

    def _solution(self, item: QuizItem) -> Sequence[Sheet]:
        """How the right value of a question comes about."""
        if item.id not in self._solutions:
            self._solutions[item.id] = solution_sheets(item.diagnosis, PAGE)
        return self._solutions[item.id]

    def _text(self, sheets: Sequence[Sheet]) -> str:
        """Sheets as a document."""
        answer = Answer(lambda: None, lambda: ([], iter(())), lambda space: sheets)
        return OPENINGS.get(self.form, "") + "".join(named(self.form).pieces(answer, Page()))
