"""A table of answers: two columns of questions and answers, or a question in every cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..wording import normalised, suffix
from . import Fault, SheetAnswer
from .columns import column, split_unit, with_unit
from .labels import SURE, label_at, widened
from .lines import NO_ANSWER
from .names import QuestionNames, bare
from .repeated import QuestionTexts, words_of
from .tables import SheetRow, Table, every_table, one_number


class Cells(NamedTuple):
    """The answers of tables, cells of their rows that answer nothing, and the lines of the tables that
    were read."""

    entries: list[SheetAnswer]
    aside: list[Fault]
    lines: set[int]


def read_cells(text: str, ids: QuestionNames) -> Cells:
    """The answers of the tables of a text: columns of questions and answers, or a row and a
    column per question, ``vgg16`` and ``params`` for the question ``vgg16 params``. Of a table that
    answers nothing no line is read."""
    found = Cells([], [], set())
    for table in every_table(text):
        rows = (table.head, *table.rows)
        first = _questions_column(rows, ids)
        entries: list[SheetAnswer] = []
        aside: list[Fault] = []
        if table.between == "," and _are_values(rows, first, ids):
            continue
        for row in rows:
            crossed = list(_crossed(row, table, ids, aside)) if row is not table.head else []
            answers = crossed or list(_pairs(row, table, first, ids, aside))
            entries += answers
            heads = row is table.head and not any(any(c.isdigit() for c in cell) for cell in row.cells)
            if not answers and not heads:
                aside.append(Fault(f"line {row.line}", NO_ANSWER, ", ".join(filter(None, row.cells))))
        if entries:
            found.entries.extend(entries)
            found.aside.extend(aside)
            found.lines.update([row.line for row in rows])
    return found


def _are_values(rows: Sequence[SheetRow], first: int, ids: QuestionNames) -> bool:
    """Whether rows such as ``3,528`` are values, and no questions with their answers: unless each row names
    the question behind the one above."""
    if not any(one_number(row.cells, first) for row in rows):
        return False
    places = [ids.place(_asked(row.cells[first], ids)) if first < len(row.cells) else -1 for row in rows]
    places = places[1:] if places[0] < 0 and len(places) > 1 else places  # below a head
    return any(one >= other for one, other in pairwise([-1, *places]))


def _asked(cell: str, ids: QuestionNames) -> str:
    """The question that a cell names, with or without its text; empty for none."""
    if question := ids.get(bare(cell), ""):
        return question
    line = widened(cell.strip())
    label = label_at(line, ids)
    if label is not None and label.question and not label.start:
        rest = line[label.end :]
        text = ids.texts.get(label.question, "")
        if not rest or (text and words_of(rest) == words_of(text)):
            return label.question
    return QuestionTexts(ids.texts).asked_in(cell) if ids.texts else ""


def _questions_column(rows: Sequence[SheetRow], ids: QuestionNames) -> int:
    """The first column that names a question in most of its rows, else the first."""
    width = min(max(len(row.cells) for row in rows), 4)
    for at in range(width):
        named = sum(1 for row in rows if at < len(row.cells) and _asked(row.cells[at], ids))
        if 2 * named > len(rows) - 1:
            return at
    return 0


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


_ANSWER_WORDS = (
    "answer",
    "antwort",
    "response",
    "ergebnis",
    "lösung",
    "réponse",
    "résultat",
    "respuesta",
    "resultado",
    "risposta",
    "risultato",
    "antwoord",
    "resposta",
    "svar",
    "ответ",
    "答",
    "解",
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


def is_answers(name: str) -> bool:
    """Whether a bare name heads answers."""
    return name in _ANSWERS or any(word in name for word in _ANSWER_WORDS)


def _whose(row: SheetRow, head: tuple[str, ...], first: int, ids: QuestionNames) -> str:
    """Why nobody knows whose the answers of a row are: several columns may hold some, as in a
    class list that has one column per student. Empty where one column says who."""
    if any(_asked(cell, ids) for cell in head[: first + 1]):  # a list without a head
        return ""
    several = [
        cell
        for cell, text in zip(head[first + 1 :], row.cells[first + 1 :], strict=False)
        if bare(cell) not in _BESIDE and any(sign.isdigit() for sign in text)
    ]
    named = ", ".join(several)
    return f"several columns may be the answers: {named}" if len(several) > 1 else ""


def _pairs(
    row: SheetRow, table: Table, first: int, ids: QuestionNames, aside: list[Fault]
) -> Iterator[SheetAnswer]:
    """The question and the answer of a row, or several of each, side by side."""
    cells, head = row.cells, table.head.cells
    name = _asked(cells[first], ids) if first < len(cells) else ""
    if not name or len(cells) < 2:
        return
    place = f"line {row.line}"
    beside = [at for at in range(first, len(cells), 2) if cells[at]]
    if len(beside) > 1 and len(cells) % 2 == first % 2:
        several = [_asked(cells[at], ids) for at in beside]
        if all(several) and len({*several}) == len(several):
            for at, question in zip(beside, several, strict=True):
                yield SheetAnswer(question, cells[at + 1], place)
            return
    called = [at for at, cell in enumerate(head) if at != first and is_answers(bare(cell))]
    at = called[0] if called and row is not table.head else first + 1
    if at >= len(cells):
        yield SheetAnswer(name, "", place)
        aside += [
            Fault(place, NO_ANSWER, cell) for other, cell in enumerate(cells) if cell and other != first
        ]
        return
    if not called and not cells[at]:  # the answers may stand in another column
        at = next((other for other in range(at, len(cells)) if cells[other]), at)
    unit = _unit(cells, at, head)
    doubt = "a quotation mark is not closed" if 0 <= row.unclosed <= at else ""
    doubt = doubt or ("" if called or row is table.head else _whose(row, head, first, ids))
    label = label_at(widened(cells[at]), ids)
    if label is not None and label.worded and label.question not in ("", name) and label.sure == SURE:
        doubt = doubt or f"it names another question, {label.question}"
    if len(cells) > 2 and ((len(cells) > len(head) and not unit) or one_number(cells, at)):
        many = f"{len(cells)} cells where {min(len(head), 2)} are expected"
        yield SheetAnswer(name, ", ".join(cells[1:]), place, f"{many}: quote answers with commas")
        return
    yield SheetAnswer(name, f"{cells[at]} {unit}".strip(), place, doubt)
    aside += [
        Fault(place, NO_ANSWER, cell)
        for other, cell in enumerate(cells)
        if cell
        and other not in ((first, at, at + 1) if unit else (first, at))
        and not (other < first and _is_number(cell))
    ]


def _unit(cells: Sequence[str], at: int, head: Sequence[str]) -> str:
    """The unit of a number that stands in the cell behind it, `3.58 | million`; empty where none does."""
    behind = cells[at + 1] if at + 1 < len(cells) and cells[at][-1:].isdecimal() else ""
    named = at + 1 >= len(head) or not head[at + 1] or bare(head[at + 1]) in _UNITS
    plain = normalised(behind) if behind and named else ""
    return behind if plain[:1].isalpha() and suffix(plain, True) not in (None, ("", "")) else ""


_UNITS = frozenset(
    "unit units einheit einheiten unité unités unidad unidades unità eenheid enhet scale".split()
)


def _is_number(cell: str) -> bool:
    return cell.strip(". ").isdigit()


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
