"""Folders of what was handed in: one's own, Gradescope's export, nbgrader's tree, and the downloads of
Moodle's and Canvas' assignments. They say which files are whose."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..files import is_read, not_read
from ..sheets import Fault
from .gradescope import METADATA, Submitter, read_metadata

# What a folder holds besides sheets, and nobody handed in.
_NOT_HANDED_IN = ("submission_metadata", "metadata", "thumbs", "desktop")
_LEFT = ("._", ".DS_Store", ".git", ".ipynb_checkpoints", ".~lock", "__MACOSX", "__pycache__")
_HIDDEN = "its name begins with a dot, and it is not read"
# Moodle's `Ann Bee_4711_assignsubmission_file_`, Canvas' `beeann_501_88001_sheet.docx`.
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_.*)?")
_CANVAS = re.compile(r"(?P<name>[^\W\d_]+)(?:_LATE)?_(?P<id>\d+)_(?P<submission>\d{2,})_.+")


@dataclass
class HandedIn:
    """What one student handed in.

    source      where: the file, or the folder
    files       the sheets, by their paths in the folder of all
    within      whether the files stand in a folder of the student's own
    ids         what tells who the student is, by the names of ``sheets.IDS``
    unreadable  why nothing of it can be read; empty where something may be
    """

    student: str
    source: str
    files: list[str] = field(default_factory=list)
    within: bool = False
    faults: list[Fault] = field(default_factory=list)
    aside: list[Fault] = field(default_factory=list)
    ids: tuple[tuple[str, str], ...] = ()
    platform: str = ""
    unreadable: str = ""


@dataclass
class Folder:
    """What stands in a folder: what each student handed in, and what is wrong with the folder."""

    students: list[HandedIn]
    faults: list[Fault]


def handed_in(path: str) -> Folder:
    """What was handed in below a folder. Raises OSError."""
    names = sorted(os.listdir(path))
    if METADATA in names:
        return _gradescope(path, names)
    if "submitted" in names and os.path.isdir(os.path.join(path, "submitted")):
        inner = sorted(os.listdir(os.path.join(path, "submitted")))
        return _nbgrader(path, "submitted", [name for name in inner if not name.startswith(".")])
    kept = [name for name in names if not _beside(name)]
    if kept and all(_is_nbgrader(os.path.join(path, name)) for name in kept):
        return _nbgrader(path, "", kept)
    hidden = [Fault(name, _HIDDEN) for name in names if name.startswith(".") and not _litter(name)]
    return Folder(list(_by_student(path, kept)), hidden)


def _by_student(path: str, names: list[str]) -> Iterator[HandedIn]:
    """A folder of one's own: `ann.txt`, or the sheets in `ann/`."""
    students: dict[str, list[str]] = {}
    for name in names:
        students.setdefault(_called(path, name)[0], []).append(name)
    for student, found in students.items():
        one = HandedIn(student, found[0] if len(found) == 1 else student)
        _, one.ids, one.platform = _called(path, found[0])
        folders = [name for name in found if _is_folder(os.path.join(path, name))]
        for name in found:
            if name in folders and (what := _export(os.path.join(path, name))):
                one.unreadable = f"it is {what}, and no student's: name it by itself"
            elif name in folders:
                _gather(path, name, one)
            elif is_read(name) or len(found) == 1:
                one.files.append(name)
            else:
                one.faults.append(Fault(name, not_read(name)))
        one.within = folders == found and len(found) == 1
        if not one.files and not folders:
            one.files = found[:1]
        yield one


def _called(path: str, name: str) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """The student whose file or folder this is, by its name, what else the name says, and the platform."""
    stem = name if _is_folder(os.path.join(path, name)) else os.path.splitext(name)[0]
    if found := _MOODLE.fullmatch(stem):
        return f"{found['name']}", (("name", found["name"]), ("submission", found["id"])), "moodle"
    if (found := _CANVAS.fullmatch(name)) and not _is_folder(os.path.join(path, name)):
        ids = (("id", found["id"]), ("submission", found["submission"]))
        return f"{found['name']} ({found['id']})", ids, "canvas"
    return stem, (), ""


def _gather(path: str, folder: str, one: HandedIn) -> None:
    """Find the sheets in a student's own folder, wherever in it."""

    def closed(error: OSError) -> None:
        where = os.path.relpath(error.filename or path, os.path.join(path, folder))
        why = (error.strerror or "unreadable").lower()
        one.unreadable = f"it cannot be read: {why}"
        one.faults.append(Fault(where, why))

    for inside, folders, names in os.walk(os.path.join(path, folder), onerror=closed):
        folders[:] = sorted([name for name in folders if not _litter(name)])
        for name in sorted(names):
            full = os.path.join(inside, name)
            place = os.path.relpath(full, os.path.join(path, folder))
            if name.startswith(".") and not _litter(name):
                one.faults.append(Fault(place, _HIDDEN))
            elif not _beside(name) and is_read(name):
                one.files.append(os.path.relpath(full, path))
            elif not _beside(name):
                one.faults.append(Fault(place, not_read(name)))
    if one.files:
        one.unreadable = ""


# ---------------------------------------------------------------------------------------------
# Gradescope


def _gradescope(path: str, names: list[str]) -> Folder:
    """Gradescope's export: a folder per submission, and a file that says whose they are."""
    faults: list[Fault] = []
    by_folder = read_metadata(os.path.join(path, METADATA), faults)
    folders = [name for name in names if not _beside(name) and name != METADATA]
    students: list[HandedIn] = []
    for name in [*folders, *[name for name in by_folder if name not in folders]]:
        submitters = by_folder.get(name) or [Submitter("", "", "")]
        for person in submitters:
            one = HandedIn(person.called or name, name, ids=person.ids(name), platform="gradescope")
            if name not in folders:
                one.unreadable = f"nothing of theirs is in the export: there is no {name}"
            elif _is_folder(os.path.join(path, name)):
                one.within = True
                _gather(path, name, one)
            else:
                one.files.append(name)
            if name in folders and not person.called and by_folder:
                one.faults.append(Fault(name, f"{METADATA} does not say whose it is"))
            if len(submitters) > 1:
                others = ", ".join([other.called for other in submitters if other is not person])
                one.aside.append(Fault(name, f"it was handed in together with {others}"))
            students.append(one)
    return Folder(apart(students), faults)


def apart(students: list[HandedIn]) -> list[HandedIn]:
    """Students of one name, each with what sets them apart behind it."""
    people: dict[str, set[str]] = {}
    for one in students:
        people.setdefault(one.student, set()).add(_number(one))
    seen: dict[str, int] = {}
    for one in students:
        if len(people[one.student]) > 1 and _number(one):
            one.student = f"{one.student} ({_number(one)})"
        seen[one.student] = seen.get(one.student, 0) + 1
        if seen[one.student] > 1:
            count = seen[one.student]
            one.faults.append(Fault(one.source, f"{one.student} has {count} submissions"))
            one.student = f"{one.student} ({count})"
    return students


def _number(one: HandedIn) -> str:
    ids = dict(one.ids)
    return ids.get("id") or ids.get("email") or ""


# ---------------------------------------------------------------------------------------------
# nbgrader


def _is_nbgrader(path: str) -> bool:
    """Whether a folder is a student's in nbgrader's tree: `STUDENT/ASSIGNMENT/*.ipynb`."""
    if not _is_folder(path):
        return False
    inner = [os.path.join(path, name) for name in os.listdir(path) if not name.startswith(".")]
    return bool(inner) and all(
        os.path.isdir(one) and any(name.endswith(".ipynb") for name in os.listdir(one)) for one in inner
    )


def _export(path: str) -> str:
    """What a folder is in which a platform keeps the sheets of many; empty for a student's own."""
    try:
        names = [name for name in os.listdir(path) if not _beside(name) or name == METADATA]
    except OSError:
        return ""  # it says so where its sheets are looked for
    if METADATA in names:
        return "an export of Gradescope"
    several = len(names) > 1 and all(_is_tree(os.path.join(path, name)) for name in names)
    return "a tree of nbgrader" if several else ""


def _is_tree(path: str) -> bool:
    try:
        return _is_nbgrader(path)
    except OSError:
        return False


def _nbgrader(path: str, above: str, names: list[str]) -> Folder:
    """nbgrader's tree: a folder per student, in it one per assignment."""
    students = []
    for name in names:
        place = os.path.join(above, name)
        one = HandedIn(name, place, within=True, ids=(("id", name),), platform="nbgrader")
        students.append(one)
        full = os.path.join(path, place)
        if not _is_folder(full):
            one.within, one.files = False, [place]
            continue
        assignments = [
            inner
            for inner in sorted(os.listdir(full))
            if _is_folder(os.path.join(full, inner)) and not _litter(inner)
        ]
        if len(assignments) > 1:
            one.unreadable = f"several assignments: {', '.join(assignments)}"
            continue
        _gather(path, place, one)
        one.files = [file for file in one.files if os.path.basename(file) != "timestamp.txt"]
        books = [file for file in one.files if file.endswith(".ipynb")]
        if books:
            others = [file for file in one.files if file not in books]
            one.aside += [Fault(file, "it is no notebook, and not read") for file in others]
            one.files = books
    return Folder(students, [])


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _beside(name: str) -> bool:
    """Whether a file is none that a student handed in."""
    return name.startswith(".") or _litter(name)


def _litter(name: str) -> bool:
    """Whether a file is one that systems and editors leave in folders."""
    stem = os.path.splitext(os.path.basename(name))[0]
    return name.startswith((*_LEFT, "~$")) or stem.lower() in _NOT_HANDED_IN
