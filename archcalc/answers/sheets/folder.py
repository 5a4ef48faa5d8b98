"""Sheets in files and folders: every one becomes a submission, readable or not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from ...spec.diagnostics import fail
from . import Entry, Fault, Submission
from .classes import ClassList, is_class
from .columns import column, split_unit, with_unit
from .decoding import LARGEST, NoText, decoded
from .lines import read_lines
from .names import bare, by_name
from .tables import Row, csv_rows, has_pipes, markdown_rows

SHEETS = (".txt", ".md", ".markdown", ".csv", ".tsv", ".json")
# Signs of one student's sheet: it is a page or two.
LONGEST = 200_000
# What a folder holds besides sheets, and nobody handed in.
_NOT_HANDED_IN = ("submission_metadata", "metadata", "thumbs", "desktop")


class Stack:
    """The sheets that a path leads to.

    faults  what is wrong with the class list as a whole, or with the folder
    """

    def __init__(self, submissions: Iterable[Submission], faults: Iterable[Fault] = ()):
        self.submissions = submissions
        self.faults = list(faults)


def stack(path: str, questions: Iterable[str]) -> Stack:
    """A class list, a student's sheet, or a folder of them. Raises SpecError where there is no
    such path or nothing in it."""
    ids = by_name(questions)
    if os.path.isdir(path):
        return _folder(path, ids)
    try:
        text = text_of(path)
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None
    except NoText as error:
        raise fail("file", f"cannot read {path}: {error}") from None
    listed = _class_list(text, ids, os.path.basename(path))
    if listed is not None:
        return Stack(listed.submissions(), listed.faults)
    return Stack([sheet(text, os.path.basename(path), _stem(path), ids)])


def text_of(path: str) -> str:
    """The text of a sheet. Raises NoText and OSError."""
    with open(path, "rb") as file:
        return decoded(file.read(LARGEST + 1))


def table_of(text: str) -> list[Row]:
    """The table of a sheet. Raises ValueError."""
    return markdown_rows(text) if has_pipes(text) else csv_rows(text)


def _class_list(text: str, ids: Mapping[str, str], source: str) -> ClassList | None:
    try:
        rows = table_of(text)
    except ValueError:
        return None
    return ClassList(rows, ids, source) if is_class(rows, ids) else None


def sheet(text: str, source: str, student: str, ids: Mapping[str, str]) -> Submission:
    """One student's sheet: lines, a table of questions and answers, a row of answers, or JSON."""
    if len(text) > LONGEST:
        why = f"it has {len(text):,} signs, more than {LONGEST:,}"
        return Submission(student, source, unreadable=why)
    listed = _class_list(text, ids, source)
    if listed is not None:
        found = list(listed.submissions())
        if len(found) == 1:
            # The file says who, and what it leaves out is left blank.
            own = found[0]
            return own._replace(student=student, source=source, faults=tuple(listed.odd))
        return Submission(student, source, unreadable="it is a class list")
    if source.lower().endswith(".json"):
        return _json(text, source, student, ids)
    entries, faults = read_lines(text, ids)
    if not entries:
        entries = _cells(text, ids)
    if not entries and text.strip():
        why = "none of the questions is on it"
        return Submission(student, source, (), tuple(faults), (), why)
    return Submission(student, source, tuple(entries), tuple(faults))


def _cells(text: str, ids: Mapping[str, str]) -> list[Entry]:
    """The answers of a table: two columns of questions and answers, or a row and a column a
    question, ``vgg16`` and ``params`` for the question ``vgg16 params``."""
    try:
        rows = table_of(text)
    except ValueError:
        return []
    found = []
    for row in rows:
        name = ids.get(bare(row.cells[0]))
        if name is not None and len(row.cells) == 2:
            found.append(Entry(name, row.cells[1], f"line {row.line}"))
    for row in rows[1:]:
        if len(row.cells) > len(rows[0].cells):
            continue  # a comma without quotes: nothing says which column is which
        for head, cell in zip(rows[0].cells[1:], row.cells[1:], strict=False):
            words, unit = split_unit(head)
            where = bare(row.cells[0])
            name = ids.get(where + bare(words)) or ids.get(where + column(head)[0])
            if name is not None:
                found.append(Entry(name, with_unit(cell, unit), f"line {row.line}, {head}"))
    return found


def _json(text: str, source: str, student: str, ids: Mapping[str, str]) -> Submission:
    """An object of answers by question."""
    import json

    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Submission(student, source, unreadable="it is no JSON")
    if not isinstance(found, dict):
        return Submission(student, source, unreadable="its JSON is no object of answers")
    entries, faults = [], []
    for name, value in found.items():
        question = ids.get(bare(name))
        if question is None:
            faults.append(Fault(source, f"there is no question `{name}`"))
        else:
            listed = isinstance(value, list) and all(isinstance(one, int) for one in value)
            said = "x".join(map(str, value)) if listed else "" if value is None else str(value)
            entries.append(Entry(question, said, name))
    return Submission(student, source, tuple(entries), tuple(faults))


def _folder(path: str, ids: Mapping[str, str]) -> Stack:
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None
    handed_in = [name for name in names if not _beside(name)]
    if not handed_in:
        raise fail("file", f"there are no sheets in {path}")
    return Stack(_of_folder(path, handed_in, ids))


def _of_folder(path: str, names: list[str], ids: Mapping[str, str]) -> Iterator[Submission]:
    for name in names:
        full = os.path.join(path, name)
        if os.path.isdir(full) and not os.path.islink(full):
            yield _of_student(full, name, ids)
        else:
            yield _of_file(full, name, _stem(name), ids)


def _of_student(path: str, student: str, ids: Mapping[str, str]) -> Submission:
    """The sheet in a student's own folder, wherever in it."""
    found = []
    for folder, inside, names in os.walk(path):
        inside.sort()
        found += [
            os.path.relpath(os.path.join(folder, name), path) for name in sorted(names)
            if not _beside(name) and name.lower().endswith(SHEETS)
        ]  # fmt: skip
    if len(found) == 1:
        return _of_file(os.path.join(path, found[0]), f"{student}/{found[0]}", student, ids)
    why = f"several sheets: {', '.join(found[:4])}" if found else "there is no sheet in it"
    return Submission(student, student, unreadable=why)


def _of_file(path: str, source: str, student: str, ids: Mapping[str, str]) -> Submission:
    if not source.lower().endswith(SHEETS):
        why = f"it is none of {', '.join(SHEETS)}"
    elif os.path.islink(path) or not os.path.isfile(path):
        why = "it is no file of its own"
    else:
        try:
            return sheet(text_of(path), source, student, ids)
        except NoText as error:
            why = str(error)
        except OSError as error:
            why = (error.strerror or "unreadable").lower()
    return Submission(student, source, unreadable=why)


def _stem(name: str) -> str:
    return os.path.splitext(os.path.basename(name))[0]


def _beside(name: str) -> bool:
    return name.startswith((".", "~$")) or _stem(name).lower() in _NOT_HANDED_IN
