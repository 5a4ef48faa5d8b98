"""Sheets in files and folders: every one becomes a submission, readable or not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...diagnostics import fail
from ...files import read_bytes
from . import Fault, Submission
from .classes import class_list
from .decoding import LARGEST, NotTextError, decoded
from .given import submission_of
from .names import QuestionNames, by_name
from .reading import read_text

SHEETS = (".txt", ".md", ".markdown", ".csv", ".tsv", ".json")
# Signs of one student's sheet: it is a page or two.
LONGEST = 200_000
# What a folder holds besides sheets, and nobody handed in.
_NOT_HANDED_IN = ("submission_metadata", "metadata", "thumbs", "desktop")
_LEFT = ("._", ".DS_Store", ".git", ".ipynb_checkpoints", ".~lock", "__MACOSX")


class SheetStack:
    """The sheets that a path leads to.

    faults  what is wrong with the class list as a whole, or with the folder
    aside   what stands beside the rows of the class list
    """

    def __init__(
        self, submissions: Iterable[Submission], faults: Iterable[Fault] = (), aside: Iterable[Fault] = ()
    ):
        self.submissions = submissions
        self.faults = list(faults)
        self.aside = list(aside)


def stack(
    path: str,
    questions: Iterable[str],
    texts: Mapping[str, str] | None = None,
    quantities: Mapping[str, str] | None = None,
) -> SheetStack:
    """A class list, a student's sheet, or a folder of them. ``texts`` are the quiz's questions in words,
    ``quantities`` what they ask for. Raises SpecError where there is no such path or nothing in it."""
    ids = by_name(questions, texts, quantities)
    if os.path.isdir(path):
        return _folder(path, ids)
    try:
        text = text_of(path)
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None
    except NotTextError as error:
        raise fail("file", f"cannot read {path}: {error}") from None
    listed = class_list(text, ids, os.path.basename(path))
    if listed is not None:
        return SheetStack(listed.submissions(), listed.faults, listed.aside)
    return SheetStack([sheet(text, os.path.basename(path), _stem(path), ids)])


def text_of(path: str) -> str:
    """The text of a sheet. Raises NotTextError and OSError."""
    return decoded(read_bytes(path, LARGEST))


def sheet(text: str, source: str, student: str, ids: QuestionNames) -> Submission:
    """One student's sheet: lines, a table of questions and answers, a row of answers, or JSON."""
    if len(text) > LONGEST:
        why = f"it has {len(text):,} signs, more than {LONGEST:,}"
        return Submission(student, source, unreadable=why)
    listed = class_list(text, ids, source)
    if listed is not None:
        found = list(listed.submissions())
        if len(found) == 1:
            # The file says who, and what it leaves out is left blank.
            first = found[0]
            return first._replace(
                student=student, source=source, faults=tuple(listed.odd), aside=(*listed.aside, *first.aside)
            )
        return Submission(student, source, unreadable="it is a class list")
    if source.lower().endswith(".json"):
        return _json(text, source, student, ids)
    return read_text(text, source, student, ids)


def _json(text: str, source: str, student: str, ids: QuestionNames) -> Submission:
    """An object of answers by question."""
    import json

    try:
        # Of a name that stands there twice Python would keep the last alone.
        found = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return Submission(student, source, unreadable="it is no JSON")
    if not isinstance(found, _Pairs):
        return Submission(student, source, unreadable="its JSON is no object of answers")
    return submission_of(found, source, student, ids)


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object in their order."""

    def __str__(self) -> str:
        return "{" + ", ".join([f"{name}: {value}" for name, value in self]) + "}"


# ---------------------------------------------------------------------------------------------
# Folders


def _folder(path: str, ids: QuestionNames) -> SheetStack:
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None
    handed_in = [name for name in names if not _beside(name)]
    hidden = [Fault(name, _HIDDEN) for name in names if name.startswith(".") and not _litter(name)]
    if not handed_in:
        hints = [f"{len(hidden)} whose names begin with a dot are not read"] if hidden else []
        raise fail("file", f"there are no sheets in {path}", *hints)
    return SheetStack(_of_folder(path, handed_in, ids), hidden)


def _of_folder(path: str, names: list[str], ids: QuestionNames) -> Iterator[Submission]:
    """A submission a student: `ann.txt`, or the sheet in `ann/`."""
    students: dict[str, list[str]] = {}
    for name in names:
        full = os.path.join(path, name)
        is_folder = os.path.isdir(full) and not os.path.islink(full)
        students.setdefault(name if is_folder else _stem(name), []).append(name)
    for student, files in students.items():
        sheets = [name for name in files if _is_sheet(name)] or files
        folders = [name for name in files if os.path.isdir(os.path.join(path, name))]
        if len(files) > 1 and folders:
            sheets = files
        if len(sheets) > 1:
            yield Submission(student, student, unreadable=_several(sheets))
            continue
        full = os.path.join(path, sheets[0])
        if sheets == folders and not os.path.islink(full):
            found = _of_student(full, student, ids)
        else:
            found = _of_file(full, sheets[0], student, ids)
        others = [_other(name) for name in files if name not in sheets]
        yield found._replace(faults=(*found.faults, *others))


def _of_student(path: str, student: str, ids: QuestionNames) -> Submission:
    """The sheet in a student's own folder, wherever in it."""
    found: list[str] = []
    faults: list[Fault] = []

    denied: list[str] = []

    def closed(error: OSError) -> None:
        where = os.path.relpath(error.filename or path, path)
        denied.append((error.strerror or "unreadable").lower())
        faults.append(Fault(where, denied[-1]))

    for folder, inside, names in os.walk(path, onerror=closed):
        inside[:] = sorted([name for name in inside if not _litter(name)])
        for name in sorted(names):
            inner = os.path.relpath(os.path.join(folder, name), path)
            if name.startswith(".") and not _litter(name):
                faults.append(Fault(inner, _HIDDEN))
            elif not _beside(name) and _is_sheet(name):
                found.append(inner)
            elif not _beside(name):
                faults.append(_other(inner))
    if len(found) == 1:
        one = _of_file(os.path.join(path, found[0]), f"{student}/{found[0]}", student, ids)
        return one._replace(faults=(*one.faults, *faults))
    if found:
        why = _several(found)
    else:
        why = f"it cannot be read: {denied[0]}" if denied else "there is no sheet in it"
    return Submission(student, student, (), tuple(faults), unreadable=why)


def _of_file(path: str, source: str, student: str, ids: QuestionNames) -> Submission:
    if not _is_sheet(source):
        why = f"it is none of {', '.join(SHEETS)}"
    elif os.path.islink(path) or not os.path.isfile(path):
        why = "it is no file of its own"
    else:
        try:
            return sheet(text_of(path), source, student, ids)
        except NotTextError as error:
            why = str(error)
        except OSError as error:
            why = (error.strerror or "unreadable").lower()
    return Submission(student, source, unreadable=why)


_HIDDEN = "its name begins with a dot, and it is not read"


def _several(names: list[str]) -> str:
    more = f" and {len(names) - 4:,} more" if len(names) > 4 else ""
    return f"several sheets: {', '.join(names[:4])}{more}"


def _other(name: str) -> Fault:
    return Fault(name, f"it is none of {', '.join(SHEETS)}, and not read")


def _is_sheet(name: str) -> bool:
    return name.lower().endswith(SHEETS)


def _stem(name: str) -> str:
    return os.path.splitext(os.path.basename(name))[0]


def _beside(name: str) -> bool:
    """Whether a file is none that a student handed in."""
    return name.startswith(".") or _litter(name)


def _litter(name: str) -> bool:
    """Whether a file is one that systems and editors leave in folders."""
    return name.startswith((*_LEFT, "~$")) or _stem(name).lower() in _NOT_HANDED_IN
