"""A table of answers: two columns of questions and answers, or a question in every cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from . import Fault, SheetAnswer
from .columns import column, split_unit, with_unit
from .lines import NO_ANSWER
from .names import QuestionNames, bare
from .tables import SheetRow, Table, every_table, one_number


class Cells(NamedTuple):
    """The answers of tables, cells of their rows that answer nothing, and the places of their
    heads."""

    entries: list[SheetAnswer]
    aside: list[Fault]
    heads: list[str]


def read_cells(text: str, ids: QuestionNames) -> Cells:
    """The answers of the tables of a text: two columns of questions and answers, or a row and a
    column per question, ``vgg16`` and ``params`` for the question ``vgg16 params``."""
    found = Cells([], [], [])
    for table in every_table(text):
        before = len(found.entries)
        for row in (table.head, *table.rows):
            crossed = list(_crossed(row, table, ids, found.aside)) if row is not table.head else []
            entries = crossed or list(_pair(row, table, ids, found.aside))
            found.entries.extend(entries)
        if len(found.entries) > before:
            found.heads.append(f"line {table.head.line}")
    return found


# What heads the column of the answers, where a table of questions has more columns than two.
_ANSWERS = (
    "answer",
    "answers",
    "youranswer",
    "response",
    "result",
    "solution",
    "value",
    "antwort",
    "antworten",
)


# What else heads a column beside that of the answers.
_BESIDE = (
    "",
    "points",
    "marks",
    "score",
    "unit",
    "units",
    "working",
    "calculation",
    "formula",
    "text",
    "question",
    "quantity",
    "layer",
    "target",
    "reason",
    "explanation",
    "how",
    "why",
    "note",
    "notes",
    "comment",
    "comments",
    "remark",
    "remarks",
)


def _is_answers(name: str) -> bool:
    return name in _ANSWERS or any(word in name for word in ("answer", "antwort", "response"))


def _whose(row: SheetRow, head: tuple[str, ...], ids: QuestionNames) -> str:
    """Why nobody knows whose the answers of a row are: several columns may hold some, as in a
    class list that has one column per student. Empty where one column says who."""
    if bare(head[0]) in ids:  # a list without a head
        return ""
    several = [
        cell
        for cell, text in zip(head[1:], row.cells[1:], strict=False)
        if bare(cell) not in _BESIDE and any(sign.isdigit() for sign in text)
    ]
    named = ", ".join(several)
    return f"several columns may be the answers: {named}" if len(several) > 1 else ""


def _pair(row: SheetRow, table: Table, ids: QuestionNames, aside: list[Fault]) -> Iterator[SheetAnswer]:
    """A question and its answer."""
    cells, head = row.cells, table.head.cells
    name = ids.get(bare(cells[0]))
    if name is None or len(cells) < 2:
        return
    place = f"line {row.line}"
    called = [at for at, cell in enumerate(head) if at and _is_answers(bare(cell))]
    at = called[0] if called and row is not table.head else 1
    if at >= len(cells):
        yield SheetAnswer(name, "", place)
        return
    doubt = "a quotation mark is not closed" if 0 <= row.unclosed <= at else ""
    doubt = doubt or ("" if called or row is table.head else _whose(row, head, ids))
    if len(cells) > 2 and (len(cells) > len(head) or one_number(cells, at)):
        many = f"{len(cells)} cells where {min(len(head), 2)} are expected"
        yield SheetAnswer(name, ", ".join(cells[1:]), place, f"{many}: quote answers with commas")
        return
    yield SheetAnswer(name, cells[at], place, doubt)
    aside += [
        Fault(place, NO_ANSWER, cell) for other, cell in enumerate(cells) if cell and other not in (0, at)
    ]


def _crossed(row: SheetRow, table: Table, ids: QuestionNames, aside: list[Fault]) -> Iterator[SheetAnswer]:
    """A question in each cell of a row."""
    place = f"line {row.line}"
    heads = table.head.cells
    where = bare(row.cells[0])
    moved = ""
    if len(row.cells) > len(heads):  # a comma without quotes: nothing says which column is which
        moved = f"{len(row.cells)} cells where {len(heads)} are expected: quote answers with commas"
    read = False
    left: list[Fault] = []
    for at, cell in enumerate(row.cells[1:], 1):
        words, unit = split_unit(heads[at]) if at < len(heads) else ("", "")
        quantity = column(heads[at])[0] if words else ""
        name = ids.get(where + bare(words)) if bare(words) else None
        name = name or (ids.get(where + quantity) if quantity else None)
        if name is not None:
            doubt = "a quotation mark is not closed" if 0 <= row.unclosed <= at else moved
            read = True
            yield SheetAnswer(name, with_unit(cell, unit), f"{place}, {heads[at]}", doubt)
        elif cell:
            left.append(Fault(place, NO_ANSWER, cell))
    if read:
        aside += left
