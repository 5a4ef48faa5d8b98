"""A class list: one row per student, one column per question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ..platforms import exported
from ..platforms.base import PlatformTable, Roles
from ..platforms.heads import match, plain
from . import Fault, SheetAnswer, Submission
from .cells import is_answers
from .labels import SURE, label_at, widened
from .names import IDENTITY, OTHERS, WHO, QuestionNames, bare
from .tables import SheetRow, Table, Tables, find_tables, one_number


def class_list(text: str, ids: QuestionNames, source: str) -> ClassList | None:
    """The class list that a text is; None where it is none: a text with answers beside its table is a
    student's."""
    found = find_tables(text, lambda head: is_head(head, ids))
    if found is not None and any(_is_labelled(fault, ids) for fault in found.aside):
        return None
    return listed(found, ids, source)


def _holds_answer(cell: str, ids: QuestionNames) -> bool:
    """Whether a cell is a label with its answer, ``Q1: 48x32x24``, and no head."""
    label = label_at(widened(cell), ids) if len(cell) > 1 else None
    if label is None or label.end == len(cell):
        return False
    return cell[label.end].isdecimal() and not ids.texts.get(label.question, "").startswith(cell[label.end :])


def _is_labelled(fault: Fault, ids: QuestionNames) -> bool:
    """Whether a line beside a table is an answer with its label."""
    label = label_at(widened(fault.text), ids)
    return label is not None and bool(label.question) and label.sure == SURE


def listed(found: Tables | None, ids: QuestionNames, source: str) -> ClassList | None:
    """The class list in tables whose heads name questions; None where none of them is one."""
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


def is_head(head: Sequence[str], ids: QuestionNames) -> bool:
    """Whether cells are the head of a table of answers."""
    if len(head) < 2 or any("|" in cell or _holds_answer(cell, ids) for cell in head):
        return False
    if any(bare(cell) in ids for cell in head) or exported(head, ids) is not None:
        return True
    long = {at: cell for at, cell in enumerate(head) if len(cell) > _LONG}
    found = match(long, ids, loose=False) if long and ids.texts else None
    number = len(found.found) + len(found.unsure) if found is not None else 0
    return number > 1 or (number == 1 and any(bare(cell) in IDENTITY for cell in head))


# Signs of a cell that may be what a quiz asks in words.
_LONG = 8


def _is_class(table: Table, ids: QuestionNames) -> bool:
    """Whether a table whose head names questions has a row a student: a column says who, or the
    first column is called something else than a question. Where neither is so, it may be a list of
    questions and answers without a head."""
    if exported(table.head.cells, ids) is not None:
        return True
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


class Student(NamedTuple):
    """A row of a class list: the columns it is below, what tells who the student is, and the name."""

    columns: Columns
    row: SheetRow
    ids: dict[str, str]
    name: str

    @property
    def number(self) -> str:
        """What sets the student apart from another of the same name; empty where nothing does."""
        keys = ("id", "sis_id", "login", "email")
        return next((self.ids[key] for key in keys if self.ids.get(key)), "")


# Rows of tables that can be one student's.
_FEW = 24


def one_student(found: ClassList) -> Submission | None:
    """The sheet of one student that the rows of tables make; None where they are a class."""
    rows = list(islice(found.submissions(), _FEW))
    return _one_sheet(rows) if 1 < len(rows) < _FEW else None


def _one_sheet(rows: Sequence[Submission]) -> Submission | None:
    """The one sheet that the rows of tables make where they are no class: rows that say `Answer` or nothing
    in the place of a name, each of other questions; rows of working are not read. None where they are a
    class."""
    answers = [row for row in rows if _says_nobody(row)]
    others = [row for row in rows if row not in answers]
    if not answers or any(bare(row.student) not in _WORKING for row in others):
        return None
    entries = [entry for row in answers for entry in row.entries if entry.text]
    if len({entry.question for entry in entries}) < len(entries) or any(row.unreadable for row in rows):
        return None
    aside = [fault for row in rows for fault in row.aside]
    aside += [
        Fault(entry.place, "it is working, and no answer", entry.text)
        for row in others
        for entry in row.entries
        if entry.text
    ]
    first = answers[0]
    return first._replace(entries=tuple(entries), faults=(), details=(), aside=tuple(aside), ids=())


_WORKING = frozenset(
    (
        *(
            "working",
            "workings",
            "calculation",
            "formula",
            "reason",
            "rechnung",
            "rechenweg",
            "calcul",
            "cálculo",
        ),
        *("unit", "units", "points", "notes", "note", "remark", "comment"),
    )
)


def _says_nobody(row: Submission) -> bool:
    nameless = row.student == row.source.rpartition(", ")[2] and not any(text for _, text in row.details)
    return not row.platform and (is_answers(bare(row.student)) or nameless)


class ClassList:
    """The rows of a class list as submissions.

    platform  whose export it is; empty for none that is known
    faults    what is wrong with its columns, and what stands between and below its rows; ``odd``
              those of them that are of a column there is
    aside     what stands above its head
    """

    def __init__(self, found: Tables, ids: QuestionNames, source: str):
        self.source = source
        self.columns = [Columns(table, ids) for table in found.tables]
        self.platform = next((one.export.name for one in self.columns if one.export is not None), "")
        head = found.tables[0].head.line
        self.aside = [fault for fault in found.aside if int(fault.place.split()[1]) < head]
        self.odd = [fault for columns in self.columns for fault in columns.faults]
        self.beside = [fault for fault in found.aside if int(fault.place.split()[1]) >= head]
        self.faults = [*self.odd, *self.beside]
        known = {question for columns in self.columns for question in columns.asked}
        missing = [question for question in ids.values() if question not in known]
        place = f"line {found.tables[0].head.line}"
        if why := next((one.roles.why for one in self.columns if one.roles.why), ""):
            self.faults.append(Fault(place, why))
        elif missing:
            self.faults.append(Fault(place, f"there is no column for {', '.join(missing)}"))

    def submissions(self) -> Iterator[Submission]:
        """A submission a row, each student once."""
        students = [
            columns.student(row)
            for columns in self.columns
            for row in columns.table.rows
            if columns.is_student(row)
        ]
        rows = Counter([student.name for student in students])
        people: dict[str, set[str]] = {}
        for student in students:
            people.setdefault(student.name, set()).add(student.number)
        seen: Counter[tuple[str, str]] = Counter()
        taken: set[str] = set()
        for student in students:
            name = student.name
            faults: list[Fault] = []
            place = f"line {student.row.line}"
            if not name:
                name = place
                cells = ", ".join(filter(None, student.row.cells))
                faults.append(Fault(place, "it does not say who", cells))
            elif rows[name] > 1:
                several = people[name]
                number = student.number if len(several) > 1 else ""
                seen[name, number] += 1
                name = f"{name} ({number})" if number else name
                if seen[student.name, number] > 1:
                    count = seen[student.name, number]
                    faults.append(Fault(place, f"{name} has {count} rows"))
                    name = f"{name} ({count})"
            while name in taken:  # somebody is called like the second row of another
                name += "'"
            taken.add(name)
            yield student.columns.submission(student, name, faults, self.source)


class Columns:
    """The columns of one table of a class list.

    export  the platform that it is from; None for a list of one's own
    roles   what the columns hold; ``who`` the places of those that name a student, the surest first
    asked   the questions that have a column
    """

    def __init__(self, table: Table, names: QuestionNames):
        found = exported(table.head.cells, names)
        if found is not None and (parted := found[0].parted(table)) is not table:
            table, found = parted, exported(parted.head.cells, names)
        self.table = table
        self.names = names
        self.width = len(table.head.cells)
        # Whether rows end in commas where blanks stand: one that is shorter has lost something.
        full = sum(len(row.cells) == self.width for row in table.rows)
        self.whole = table.between == "," and 2 * full > len(table.rows)
        head = table.head.cells
        self.export: PlatformTable | None = found[0] if found is not None else None
        self.roles = found[1] if found is not None else general_roles(head, names)
        self.who = _who(head, self.roles)
        self.faults: list[Fault] = []
        self._known_words: dict[str, tuple[str, ...]] = {}
        self.asked = {*self.roles.questions.values()}
        self.odd: set[int] = set()
        place = f"line {table.head.line}"
        by_question: dict[str, int] = {}
        for at, question in list(self.roles.questions.items()):
            if at not in self.roles.worded and by_question.setdefault(question, at) != at:
                self.faults.append(Fault(place, f"two columns are question {question}", head[at]))
                del self.roles.questions[at]
                self.odd.add(at)
        for at, questions in self.roles.unsure.items():
            self.asked.update(questions)
            why = f"the column `{_brief(head[at])}` may be any of {', '.join(questions)}"
            self.faults.append(Fault(place, why, head[at]))
        for at, cell in enumerate(head):
            if at in self.odd or not self.is_odd(at):
                continue
            self.odd.add(at)
            if cell:
                self.faults.append(Fault(place, f"the column `{_brief(cell)}` is no question", cell))
        if table.head.unclosed >= 0:
            self.faults.append(
                Fault(place, "a quotation in the head is not closed", head[table.head.unclosed])
            )

    def is_odd(self, at: int) -> bool:
        """Whether nothing is known of a column."""
        roles = self.roles
        known = (roles.questions, roles.unsure, roles.ids, roles.details, roles.silent, self.who)
        return all(at not in places for places in known)

    def is_student(self, row: SheetRow) -> bool:
        """Whether a row is a student's."""
        return self.export is None or self.export.is_student(row.cells, self.roles)

    def student(self, row: SheetRow) -> Student:
        """Who a row is of."""
        cells = row.cells
        ids: dict[str, str] = {}
        for at, key in self.roles.ids.items():
            if at < len(cells) and cells[at]:
                ids.setdefault(key, cells[at])
        if self.export is not None:
            return Student(self, row, ids, self.export.student(ids))
        found = (
            " ".join([cells[at] for at in ats if at < len(cells) and cells[at]]) for ats in self.who_parts
        )
        return Student(self, row, ids, next(filter(None, found), ""))

    @property
    def who_parts(self) -> list[list[int]]:
        """The columns that name a student, one after the other, and those of the parts of a name."""
        parts = [at for at in self.who if self.roles.ids.get(at) in ("first", "last")]
        return [*[[at] for at in self.who if at not in parts], sorted(parts)]

    def submission(self, student: Student, name: str, faults: list[Fault], source: str) -> Submission:
        """The answers of a row."""
        row = student.row
        place = f"line {row.line}"
        cells, head, roles = row.cells, self.table.head.cells, self.roles
        if row.unclosed >= 0:
            faults.append(Fault(place, "a quotation mark is not closed", cells[row.unclosed]))
        kept = {**roles.details, **{at: head[at] for at in roles.ids}}
        found = Submission(
            name,
            f"{source}, {place}",
            faults=tuple(faults),
            details=tuple([(kept[at], cells[at]) for at in sorted(kept) if at < len(cells) and kept[at]]),
            aside=tuple(
                [
                    Fault(place, f"the column `{_brief(head[at])}` is no question", cell)
                    for at, cell in enumerate(cells[: self.width])
                    if cell and at in self.odd
                ]
            ),
            ids=tuple(student.ids.items()),
            attempt=cells[roles.attempt] if 0 <= roles.attempt < len(cells) else "",
            platform=self.export.name if self.export is not None else "",
        )
        if why := self._moved(cells) or roles.why:
            # A comma in an answer without quotes moves all that is behind it: nothing of the row
            # can be believed.
            lost = Fault(place, why, ", ".join(cells))
            return found._replace(unreadable=why, aside=(*found.aside, lost))
        entries = list(self._entries(row))
        answered = {entry.question for entry in entries}
        for question in sorted(self.asked - answered):  # a question that only some students had
            entries.append(SheetAnswer(question, "", place))
        return found._replace(entries=tuple(entries))

    def _entries(self, row: SheetRow) -> Iterator[SheetAnswer]:
        """The answers of a row, in the order of its columns."""
        cells, roles = row.cells, self.roles
        for at in sorted({*roles.questions, *roles.unsure}):
            text = cells[at] if at < len(cells) else ""
            text = plain(text) if self.export is not None else text
            doubt = "a quotation mark is not closed" if 0 <= row.unclosed <= at else ""
            questions = (roles.questions[at],) if at in roles.questions else roles.unsure[at]
            if (worded := roles.worded.get(at)) is not None and worded < len(cells) and cells[worded]:
                by_words = self._asked_in(cells[worded])
                questions = (
                    questions if len(questions) == 1 and questions[0] in by_words else by_words or questions
                )
            if len(questions) > 1:
                if text.strip(" -"):
                    doubt = f"it may be the answer to any of {', '.join(questions)}"
                    for question in questions:
                        yield SheetAnswer(question, text, f"line {row.line}, column {at + 1}", doubt)
                continue
            yield SheetAnswer(questions[0], text, f"line {row.line}, {questions[0]}", doubt)

    def _asked_in(self, words: str) -> tuple[str, ...]:
        """The questions that the words of what was asked may be; a class was asked the same."""
        if words not in self._known_words:
            found = match({0: words}, self.names, loose=True)
            self._known_words[words] = (found.found[0],) if found.found else found.unsure.get(0, ())
        return self._known_words[words]

    def _moved(self, cells: Sequence[str]) -> str:
        """Why the cells of a row are not those of their columns; empty where they may be."""
        if len(cells) > self.width:
            return f"{len(cells)} cells where {self.width} are expected: quote answers with commas"
        if len(cells) < self.width and self.whole:
            split = next((at for at in self.roles.questions if one_number(cells, at)), None)
            if split is not None:
                return (
                    f"{len(cells)} cells where {self.width} are expected: are {cells[split]} "
                    f"and {cells[split + 1]} one number?"
                )
        return ""


def general_roles(head: Sequence[str], names: QuestionNames) -> Roles:
    """What the columns of a list of one's own hold. Its first column says who, whatever it is called."""
    found = Roles()
    matched = match(dict(enumerate(head)), names, loose=False)
    found.questions, found.unsure = matched.found, matched.unsure
    for at, cell in enumerate(head):
        name = bare(cell)
        if at in found.questions or at in found.unsure or not cell:
            continue
        if name in IDENTITY:
            found.ids[at] = IDENTITY[name]
        elif name in OTHERS:
            found.details[at] = cell
    return found


def _who(head: Sequence[str], roles: Roles) -> list[int]:
    """The columns that say who: those known by their names, the surest first, then those of a first and
    a last name; else the first that is no question."""
    names = [bare(cell) if at in roles.ids else "" for at, cell in enumerate(head)]
    sure = [names.index(name) for name in WHO if name in names]
    parts = [at for at, key in roles.ids.items() if key in ("first", "last")]
    other = [
        at
        for at in range(len(head))
        if at not in (*roles.questions, *roles.unsure, *roles.silent, *roles.details)
    ]
    return [*sure, *parts] or other[:1]


def _brief(head: str) -> str:
    """The head of a column for a message."""
    words = " ".join(head.split())
    return words if len(words) <= 60 else f"{words[:59]}…"
