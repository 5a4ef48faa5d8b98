"""A class list: a row a student, a column a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from . import Entry, Fault, Submission
from .names import DETAILS, WHO, bare
from .tables import Row


def is_class(rows: Sequence[Row], ids: Mapping[str, str]) -> bool:
    """Whether a table is a class list: its head names questions, and its first column does not."""
    if len(rows) < 2 or len(rows[0].cells) < 2:
        return False
    below = [bare(row.cells[0]) for row in rows[1:]]
    return any(bare(cell) in ids for cell in rows[0].cells) and not any(n in ids for n in below)


class ClassList:
    """The rows of a class list as submissions.

    faults  what is wrong with its columns; ``odd`` those of them that are of a column there is
    """

    def __init__(self, rows: Sequence[Row], ids: Mapping[str, str], source: str):
        head = rows[0].cells
        self.rows = rows[1:]
        self.source = source
        self.width = len(head)
        self.faults: list[Fault] = []
        self.questions: dict[int, str] = {}
        self.details: dict[int, str] = {}
        place = f"line {rows[0].line}"
        for at, cell in enumerate(head):
            name = bare(cell)
            if name in ids and ids[name] not in self.questions.values():
                self.questions[at] = ids[name]
            elif name in ids:
                self.faults.append(Fault(place, f"two columns are question {ids[name]}"))
            elif at and cell and name not in DETAILS:
                self.faults.append(Fault(place, f"the column `{cell}` is no question"))
            else:
                self.details[at] = cell
        known = set(self.questions.values())
        self.odd = list(self.faults)
        missing = [question for question in ids.values() if question not in known]
        if missing:
            self.faults.append(Fault(place, f"there is no column for {', '.join(missing)}"))
        self.who = self._who(head)

    def _who(self, head: Sequence[str]) -> int:
        """The column that says who: by its name, else the first that is no question."""
        names = [bare(cell) if at in self.details else "" for at, cell in enumerate(head)]
        for name in WHO:
            if name in names:
                return names.index(name)
        return next(iter(self.details), -1)

    def submissions(self) -> Iterable[Submission]:
        """A submission a row, each student once."""
        seen: dict[str, int] = {}
        for row in self.rows:
            yield self._submission(row, seen)

    def _submission(self, row: Row, seen: dict[str, int]) -> Submission:
        place = f"line {row.line}"
        cells = row.cells
        source = f"{self.source}, {place}"
        who = cells[self.who] if 0 <= self.who < len(cells) else ""
        faults = []
        if not who:
            who = place
            faults.append(Fault(place, "it does not say who"))
        seen[who] = seen.get(who, 0) + 1
        if seen[who] > 1:
            faults.append(Fault(place, f"{who} has {seen[who]} rows"))
            who = f"{who} ({seen[who]})"
        details = tuple([
            (name, cells[at]) for at, name in self.details.items() if at < len(cells) and name
        ])  # fmt: skip
        extra = cells[self.width :]
        if any(extra):
            # A comma in an answer without quotes moves all that is behind it: nothing of the row
            # can be believed.
            why = f"{len(cells)} cells where {self.width} are expected: quote answers with commas"
            return Submission(who, source, (), tuple(faults), details, why)
        entries = tuple([
            Entry(question, cells[at] if at < len(cells) else "", f"{place}, {question}")
            for at, question in self.questions.items()
        ])  # fmt: skip
        return Submission(who, source, entries, tuple(faults), details)
