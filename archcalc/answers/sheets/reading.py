"""The text of one student, with tables or without."""

from __future__ import annotations

from . import Fault, Submission
from .cells import read_cells
from .lines import read_lines
from .names import QuestionNames
from .tables import has_pipes


def read_text(text: str, source: str, student: str, ids: QuestionNames) -> Submission:
    """A student's sheet: the answers of its lines and of its tables."""
    lines = read_lines(text, ids)
    entries, aside = list(lines.entries), list(lines.aside)
    if not entries or has_pipes(text):
        cells = read_cells(text, ids)
        on_lines = {(entry.place, entry.question) for entry in entries}
        entries += [
            entry
            for entry in cells.entries
            if (entry.place.partition(",")[0], entry.question) not in on_lines
        ]
        read = {entry.place.partition(",")[0] for entry in cells.entries}
        aside = [fault for fault in aside if fault.place not in (*read, *cells.heads)]
        aside += cells.aside
    faults = tuple(lines.faults)
    if entries and all(entry.doubt for entry in entries):
        lost = [Fault(entry.place, entry.doubt, entry.text) for entry in entries]
        return Submission(student, source, (), faults, (), entries[0].doubt, (*aside, *lost))
    if not entries and text.strip():
        why = "none of the questions is on it"
        return Submission(student, source, (), faults, (), why, tuple(aside))
    return Submission(student, source, tuple(entries), faults, aside=tuple(aside))
