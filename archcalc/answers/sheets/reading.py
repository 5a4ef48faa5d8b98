"""The text of one student, with tables or without: every line of it is accounted for."""

from __future__ import annotations

from . import Fault, Submission
from .cells import Cells, read_cells
from .lines import read_lines
from .names import QuestionNames
from .tables import delimiter, has_pipes


def read_text(text: str, source: str, student: str, names: QuestionNames) -> Submission:
    """A student's sheet: the answers of its tables, and of the lines beside them."""
    cells = read_cells(text, names) if has_pipes(text) or _is_tabbed(text) else Cells([], [], set())
    lines = read_lines(_without(text, cells.lines), names, _questions(cells))
    if not cells.entries and not lines.entries:
        cells = read_cells(text, names)
        lines = read_lines(_without(text, cells.lines), names, _questions(cells)) if cells.entries else lines
    entries = [*lines.entries, *cells.entries]
    aside = [*lines.aside, *cells.aside]
    faults, known = tuple(lines.faults), tuple(lines.student)
    if entries and all(entry.doubt for entry in entries):
        lost = [Fault(entry.place, entry.doubt, entry.text) for entry in entries]
        return Submission(
            student, source, faults=faults, unreadable=entries[0].doubt, aside=(*aside, *lost), ids=known
        )
    if not entries and text.strip():
        why = "none of the questions is on it"
        return Submission(student, source, faults=faults, unreadable=why, aside=tuple(aside), ids=known)
    return Submission(student, source, tuple(entries), faults, aside=tuple(aside), ids=known)


def _questions(cells: Cells) -> set[str]:
    return {entry.question for entry in cells.entries}


def _without(text: str, lines: set[int]) -> str:
    """A text with blanks for some of its lines."""
    if not lines:
        return text
    return "\n".join(["" if number in lines else line for number, line in enumerate(text.split("\n"), 1)])


def _is_tabbed(text: str) -> bool:
    """Whether a text is a table of more columns than two, parted by tabs."""
    return "\t" in text and delimiter(text) == "\t" and text.lstrip().split("\n", 1)[0].count("\t") > 1
