"""A class list: one row per student, one column per question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import Fault, SheetAnswer, Submission
from .names import DETAILS, IDENTITY, NAMES, WHO, QuestionNames, bare
from .tables import SheetRow, Table, Tables, find_tables, one_number


def class_list(text: str, ids: QuestionNames, source: str) -> ClassList | None:
    """The class list that a text is; None where it is none."""
    found = find_tables(text, lambda head: _is_head(head, ids))
    if found is None:
        return None
    kept = tuple([table for table in found.tables if _is_class(table, ids)])
    if not kept:
        return None
    others = [
        Fault(f"line {row.line}", "it is in no table of students", " | ".join(row.cells))
        for table in found.tables
        if table not in kept
        for row in (table.head, *table.rows)
    ]
    return ClassList(Tables(kept, (*found.aside, *others)), ids, source)


def _is_head(head: Sequence[str], ids: QuestionNames) -> bool:
    return len(head) > 1 and any(bare(cell) in ids for cell in head)


def _is_class(table: Table, ids: QuestionNames) -> bool:
    """Whether a table whose head names questions has a row a student: a column says who, or the
    first column is called something else than a question. Where neither is so, it may be a list of
    questions and answers without a head."""
    if not table.rows:
        return False
    names = [bare(cell) for cell in table.head.cells]
    if any(name in WHO and name not in ids for name in names):
        return True
    if all(len(row.cells) < 2 for row in table.rows):
        return False  # a line of a text that a comma stands in
    if names[0] not in ids:
        return True
    if any(name and name not in ids for name in names):
        return False
    return not any(bare(row.cells[0]) in ids for row in table.rows)


class ClassList:
    """The rows of a class list as submissions.

    faults  what is wrong with its columns, and what stands between and below its rows; ``odd``
            those of them that are of a column there is
    aside   what stands above its head
    """

    def __init__(self, found: Tables, ids: QuestionNames, source: str):
        self.source = source
        self.columns = [Columns(table, ids) for table in found.tables]
        head = found.tables[0].head.line
        self.aside = [fault for fault in found.aside if int(fault.place.split()[1]) < head]
        self.odd = [fault for columns in self.columns for fault in columns.faults]
        self.faults = [*self.odd, *[fault for fault in found.aside if fault not in self.aside]]
        known = {question for columns in self.columns for question in columns.questions.values()}
        missing = [question for question in ids.values() if question not in known]
        if missing:
            place = f"line {found.tables[0].head.line}"
            self.faults.append(Fault(place, f"there is no column for {', '.join(missing)}"))

    def submissions(self) -> Iterator[Submission]:
        """A submission a row, each student once."""
        seen: dict[str, int] = {}
        for columns in self.columns:
            for row in columns.table.rows:
                yield columns.submission(row, seen, self.source)


class Columns:
    """The columns of one table of a class list.

    questions  the question of a column, by its place; ``details`` the names of the others
    who        the places of the columns that say who
    """

    def __init__(self, table: Table, ids: QuestionNames):
        self.table = table
        self.width = len(table.head.cells)
        # Whether rows end in commas where blanks stand: one that is shorter has lost something.
        full = sum(len(row.cells) == self.width for row in table.rows)
        self.whole = table.between == "," and 2 * full > len(table.rows)
        self.faults: list[Fault] = []
        self.questions: dict[int, str] = {}
        self.details: dict[int, str] = {}
        head = table.head.cells
        place = f"line {table.head.line}"
        for at, cell in enumerate(head):
            name = bare(cell)
            if name in ids and ids[name] not in self.questions.values():
                self.questions[at] = ids[name]
            elif name in ids:
                self.faults.append(Fault(place, f"two columns are question {ids[name]}", cell))
            elif at and cell and name not in DETAILS:
                self.faults.append(Fault(place, f"the column `{cell}` is no question", cell))
            else:
                self.details[at] = cell
        if table.head.unclosed >= 0:
            self.faults.append(
                Fault(place, "a quotation in the head is not closed", head[table.head.unclosed])
            )
        self.who = self._who(head)

    def _who(self, head: Sequence[str]) -> tuple[int, ...]:
        """The columns that say who: one by its name, or those of a first and a last name, else
        the first that is no question."""
        names = [bare(cell) if at in self.details else "" for at, cell in enumerate(head)]
        for name in WHO:
            if name in names:
                return (names.index(name),)
        parts = [names.index(name) for name in NAMES if name in names]
        return tuple(sorted(parts) or list(self.details)[:1])

    def submission(self, row: SheetRow, seen: dict[str, int], source: str) -> Submission:
        """The answers of a row. ``seen``: how many rows each student has had."""
        place = f"line {row.line}"
        cells = row.cells
        source = f"{source}, {place}"
        who = " ".join([cells[at] for at in self.who if at < len(cells) and cells[at]])
        faults = []
        if not who:
            who = place
            faults.append(Fault(place, "it does not say who", ", ".join(filter(None, cells))))
        seen[who] = seen.get(who, 0) + 1
        if seen[who] > 1:
            faults.append(Fault(place, f"{who} has {seen[who]} rows"))
            who = f"{who} ({seen[who]})"
        if row.unclosed >= 0:
            faults.append(Fault(place, "a quotation mark is not closed", cells[row.unclosed]))
        details = tuple([(name, cells[at]) for at, name in self.details.items() if at < len(cells) and name])
        aside = tuple(
            [
                Fault(place, f"the column `{self.table.head.cells[at]}` is no question", cell)
                for at, cell in enumerate(cells[: self.width])
                if cell and at not in self.questions and at not in self.details
            ]
        )
        if why := self._moved(cells):
            # A comma in an answer without quotes moves all that is behind it: nothing of the row
            # can be believed.
            lost = Fault(place, why, ", ".join(cells))
            return Submission(who, source, (), tuple(faults), details, why, (*aside, lost), self.ids(cells))
        entries = []
        for at, question in self.questions.items():
            doubt = "a quotation mark is not closed" if 0 <= row.unclosed <= at else ""
            text = cells[at] if at < len(cells) else ""
            entries.append(SheetAnswer(question, text, f"{place}, {question}", doubt))
        return Submission(who, source, tuple(entries), tuple(faults), details, "", aside, self.ids(cells))

    def ids(self, cells: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """What a row tells of who the student is, by the names of ``IDS``: the first column of a kind."""
        found: dict[str, str] = {}
        for at, name in self.details.items():
            key = IDENTITY.get(bare(name), "")
            if key and at < len(cells) and cells[at]:
                found.setdefault(key, cells[at])
        return tuple(found.items())

    def _moved(self, cells: Sequence[str]) -> str:
        """Why the cells of a row are not those of their columns; empty where they may be."""
        if len(cells) > self.width:
            return f"{len(cells)} cells where {self.width} are expected: quote answers with commas"
        if len(cells) < self.width and self.whole:
            split = next((at for at in self.questions if one_number(cells, at)), None)
            if split is not None:
                return (
                    f"{len(cells)} cells where {self.width} are expected: are {cells[split]} "
                    f"and {cells[split + 1]} one number?"
                )
        return ""
