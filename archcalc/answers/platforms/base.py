"""What the exports of platforms have in common: columns that hold answers, say who, or do not matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..sheets.names import QuestionNames
from ..sheets.tables import Table
from .heads import fold, match


def identities(**heads: str) -> Mapping[str, str]:
    """The keys of ``sheets.IDS`` by the folded heads of columns, which stand in a text per key."""
    return {head: key for key, words in heads.items() for head in words.split()}


@dataclass
class Roles:
    """What the columns of a table of students hold, by their places.

    questions  the question of a column
    unsure     the questions that a column may be about where that is not certain
    worded     for a column of answers, the column that holds the words of what was asked
    ids        columns that say who, by the names of ``sheets.IDS``
    details    columns that are kept with the student, by their heads
    silent     columns that hold neither: points, feedback, times
    attempt    the column that numbers a student's attempts; -1 for none
    why        why there is no answer in the table where that is known
    """

    questions: dict[int, str] = field(default_factory=dict)
    unsure: dict[int, tuple[str, ...]] = field(default_factory=dict)
    worded: dict[int, int] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    details: dict[int, str] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    attempt: int = -1
    why: str = ""


class PlatformTable:
    """A platform's table of answers, one row per student.

    name      of the platform
    identity  heads of columns that say who, folded, by the names of ``sheets.IDS``
    known     heads of columns that do not matter, folded
    """

    name = ""
    identity: Mapping[str, str] = {}
    known: frozenset[str] = frozenset()

    def recognises(self, head: Sequence[str]) -> bool:
        """Whether a head of columns is this platform's."""
        raise NotImplementedError

    def roles(self, head: Sequence[str], names: QuestionNames) -> Roles:
        """What the columns hold."""
        found = Roles()
        asked: dict[int, str] = {}
        silent = self.silent(head)
        for at, cell in enumerate(head):
            key = self.identity.get(fold(cell))
            if at in silent:
                found.silent.add(at)
            elif key and key not in found.ids.values():
                found.ids[at] = key
            elif fold(cell) in self.known or not cell:
                found.silent.add(at)
            else:
                asked[at] = cell
        self.questions(asked, found, names)
        return found

    def silent(self, head: Sequence[str]) -> set[int]:
        """The places of columns that belong to others: points, feedback."""
        return set()

    def questions(self, asked: Mapping[int, str], found: Roles, names: QuestionNames) -> None:
        """Match the columns that may hold answers with the questions."""
        found.questions, found.unsure = match(asked, names, loose=True)

    def parted(self, table: Table) -> Table:
        """The table with a column for each answer, where a cell of the platform holds several."""
        return table

    def is_student(self, cells: Sequence[str], roles: Roles) -> bool:
        """Whether a row is a student's: platforms add rows of means."""
        return True

    def student(self, ids: Mapping[str, str]) -> str:
        """What a student is called; empty where nothing says it."""
        parts = " ".join([ids[key] for key in ("first", "last") if ids.get(key)])
        return (
            ids.get("name")
            or parts
            or next((ids[key] for key in ("id", "sis_id", "login", "email") if ids.get(key)), "")
        )
