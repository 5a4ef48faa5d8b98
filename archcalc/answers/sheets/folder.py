"""Sheets in files and folders: every one becomes a submission, readable or not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...diagnostics import fail
from ...files import read_bytes
from ..files import is_read, largest, not_read, read_document
from ..files.document import Contents, FileError
from ..platforms.folders import HandedIn, handed_in
from . import Fault, Submission
from .classes import one_student
from .documents import document_list, document_sheet, submissions_of
from .names import QuestionNames, by_name


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
    questions: QuestionNames | Iterable[str],
    texts: Mapping[str, str] | None = None,
    quantities: Mapping[str, str] | None = None,
) -> SheetStack:
    """A class list, a student's sheet, or a folder of them. ``questions`` are the names of the questions, or
    their ids; with ids ``texts`` are the quiz's questions in words, ``quantities`` what they ask for. Raises
    SpecError where there is no such path or nothing in it."""
    names = questions if isinstance(questions, QuestionNames) else by_name(questions, texts, quantities)
    if os.path.isdir(path):
        return _folder(path, names)
    source = os.path.basename(path)
    try:
        document = document_of(path, names)
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None
    except FileError as error:
        raise fail("file", f"cannot read {path}: {error}") from None
    found = document_list(document, names, source)
    if found is not None and one_student(found) is None:
        place = document.place
        faults = [fault._replace(place=place(fault.place)) for fault in (*found.faults, *document.faults)]
        aside = [fault._replace(place=place(fault.place)) for fault in (*found.aside, *document.aside)]
        return SheetStack(submissions_of(found, document), faults, aside)
    return SheetStack([document_sheet(document, source, os.path.splitext(source)[0], names)])


def document_of(path: str, names: QuestionNames) -> Contents:
    """What a file holds. Raises FileError and OSError."""
    return read_document(path, read_bytes(path, largest(path)), names)


def text_of(path: str) -> str:
    """The text of a file, its tables in Markdown. Raises FileError and OSError."""
    return document_of(path, by_name(())).text


def sheet(text: str, source: str, student: str, ids: QuestionNames) -> Submission:
    """One student's sheet, of a text: lines, a table of questions and answers, a row of answers, or JSON."""
    return document_sheet(Contents(text), source, student, ids)


def _folder(path: str, names: QuestionNames) -> SheetStack:
    try:
        found = handed_in(path)
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None
    if not found.students:
        number = len(found.faults)
        hints = [f"{number} whose names begin with a dot are not read"] if number else []
        raise fail("file", f"there are no sheets in {path}", *hints)
    return SheetStack(_submissions(path, found.students, names), found.faults)


def _submissions(path: str, students: Iterable[HandedIn], names: QuestionNames) -> Iterator[Submission]:
    """A submission a student, from all files of the student's."""
    for one in students:
        found = [_of_file(os.path.join(path, file), file, one, names) for file in one.files]
        if one.unreadable or not found:
            why = one.unreadable or "there is no sheet in it"
            joined = Submission(one.student, one.source, unreadable=why)
        else:
            joined = found[0] if len(found) == 1 else _joined(found, one)
        ids = {**dict(joined.ids), **dict(one.ids)}
        yield joined._replace(
            student=one.student,
            faults=(*joined.faults, *one.faults),
            aside=(*joined.aside, *one.aside),
            ids=tuple(ids.items()),
            platform=one.platform or joined.platform,
        )


def _of_file(path: str, source: str, one: HandedIn, names: QuestionNames) -> Submission:
    if not is_read(source):
        why = not_read(source)
    elif os.path.islink(path) or not os.path.isfile(path):
        why = "it is no file of its own"
    else:
        try:
            return document_sheet(document_of(path, names), source, one.student, names)
        except FileError as error:
            why = str(error)
        except OSError as error:
            why = (error.strerror or "unreadable").lower()
    return Submission(one.student, source, unreadable=why)


def _joined(found: Sequence[Submission], one: HandedIn) -> Submission:
    """Several sheets of one student as one. What they answer otherwise is answered twice; a blank in one of
    them is none in another."""
    files = [os.path.relpath(sheet.source, one.source) if one.within else sheet.source for sheet in found]
    named = ", ".join(files[:4]) + (f" and {len(files) - 4:,} more" if len(files) > 4 else "")
    faults = [Fault(one.source, f"several sheets, read together: {named}")]
    aside: list[Fault] = []
    for sheet, file in zip(found, files, strict=True):
        if sheet.unreadable:
            faults.append(Fault(file, sheet.unreadable))
        faults += [fault._replace(place=f"{file}, {fault.place}") for fault in sheet.faults]
        aside += [fault._replace(place=f"{file}, {fault.place}") for fault in sheet.aside]
    entries = [
        entry._replace(place=f"{file}, {entry.place}")
        for sheet, file in zip(found, files, strict=True)
        for entry in sheet.entries
    ]
    answered = {entry.question for entry in entries if entry.text.strip(" -")}
    entries = [entry for entry in entries if entry.text.strip(" -") or entry.question not in answered]
    ids = {key: value for sheet in reversed(found) for key, value in sheet.ids}
    return Submission(
        one.student,
        one.source,
        tuple(entries),
        tuple(faults),
        aside=tuple(aside),
        unreadable="" if entries else f"several sheets: {named}, and no answer on them",
        ids=tuple(ids.items()),
    )
