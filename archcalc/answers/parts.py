"""A class that is marked in parts, on several machines: what a part writes, and how parts become one again.

Every n-th sheet belongs to a part. Each part reads all sheets, so that a student who comes twice is known to
all of them, and marks its own. It writes lines of JSON: a head, a line for each sheet, and an end. Merged,
they are what a run in one piece gives, to the byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from fractions import Fraction
from hashlib import sha256
from typing import IO, Any, NamedTuple

from .._version import __version__
from ..diagnostics import fail
from .class_run import ClassRun, Handed, Marker, Passed, PerSheet
from .sheets import Submission
from .tally import SheetCount, Unread

# What a file of a part begins with.
MARK = "archcalc part"
# The longest line that is read.
LONGEST = 2**26


class PartNumber(NamedTuple):
    """Part ``number`` of ``parts``, counted from 1."""

    number: int
    parts: int

    @classmethod
    def read(cls, text: str) -> PartNumber:
        """``3/8``. Raises SpecError."""
        number, slash, parts = text.partition("/")
        whole = [
            int(one) if one.isascii() and one.isdecimal() and len(one) < 7 else 0 for one in (number, parts)
        ]
        if not slash or not 1 <= whole[0] <= whole[1]:
            raise fail("argument", f"`--part {text}` is no part", "as in --part 3/8, from 1/8 to 8/8")
        return cls(*whole)


class PartSheets:
    """The sheets of a part, of all that were handed in.

    total  how many there are in all, once they have gone by
    """

    def __init__(self, submissions: Iterable[Submission], part: PartNumber):
        self._all = submissions
        self._part = part
        self.total = 0

    def __iter__(self) -> Iterator[Submission]:
        for submission in self._all:
            mine = self.total % self._part.parts == self._part.number - 1
            self.total += 1
            if mine:
                yield submission


def part_lines(
    run: ClassRun, make: PerSheet[Any], part: PartNumber, sheets: PartSheets, call: Mapping[str, Any]
) -> Iterator[str]:
    """The lines of a part. ``call`` is what its merging has to be called with. Raises SpecError."""
    head = {
        MARK: list(part),
        "archcalc": __version__,
        "quiz": digest(run.marker),
        "call": dict(call),
        "faults": [list(one) for one in run.faults],
        "aside": [list(one) for one in run.aside],
    }
    yield json.dumps(head) + "\n"
    for count, made, beside in run.passed(make):
        run.tally.count(count)
        yield json.dumps([count.plain(), _plain(made), beside]) + "\n"
    if sheets.total == 1:
        raise fail("usage", "there is one sheet, which has no parts")
    yield json.dumps({"sheets": sheets.total}) + "\n"


def digest(marker: Marker) -> str:
    """What two markings have in common that give the same: the quiz, what is right, and what was decided."""
    classroom = marker.classroom
    right = [(item.id, str(item.diagnosis.value), str(item.points)) for item in classroom.items]
    decided = [tuple(map(str, one[:8])) for one in classroom.decisions.made]
    settings = [tuple(map(str, one[:3])) for one in classroom.decisions.settings]
    keys = (
        []
        if marker.variants is None
        else [
            repr(sorted(marker.variants.roster.items())),
            *[quiz.places.source.text for quiz in marker.variants.quizzes.values()],
        ]
    )
    text = repr((classroom.quiz.places.source.text, right, decided, settings, marker.under, *keys))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class MergedRun(ClassRun):
    """A run whose sheets were marked in parts."""

    def __init__(
        self, marker: Marker, paths: Iterable[str], call: Mapping[str, Any], types: Iterable[type[Any]] = ()
    ):
        """``types`` are the kinds of rows that sheets may have been made into. Raises SpecError for files
        that are no parts, or not those of one run."""
        self._paths = list(paths)
        self._types = {one.__name__: one for one in types}
        heads = [_head(path) for path in self._paths]
        self._in_order(heads)
        expected = {"archcalc": __version__, "quiz": digest(marker), "call": dict(call)}
        for path, head in zip(self._paths, heads, strict=True):
            for key, value in expected.items():
                if head.get(key) != value:
                    raise _other(path, key, head.get(key), value)
        faults = tuple([Unread(*one) for one in heads[0]["faults"]])
        aside = tuple([Unread(*one) for one in heads[0]["aside"]])
        super().__init__(marker, Handed((), faults, aside))

    def _in_order(self, heads: list[dict[str, Any]]) -> None:
        """Put the parts in their order. Raises SpecError where one is missing or there twice."""
        parts = [tuple(head[MARK]) for head in heads]
        wanted = [(number, parts[0][1]) for number in range(1, parts[0][1] + 1)] if parts else []
        if sorted(parts) != wanted:
            missing = [f"{number}/{of}" for number, of in wanted if (number, of) not in parts]
            why = f"there is no part {', '.join(missing[:5])}" if missing else "parts are there twice"
            raise fail("file", f"these are not the parts of one run: {why}")
        order = sorted(range(len(parts)), key=parts.__getitem__)
        self._paths = [self._paths[at] for at in order]
        heads[:] = [heads[at] for at in order]

    def _made(self, make: PerSheet[Any]) -> Iterator[Passed[Any]]:
        with ExitStack() as stack:
            files = [stack.enter_context(_opened(path)) for path in self._paths]
            number = 0
            for file in files:
                _line(file)
            while True:
                file = files[number % len(files)]
                found = _line(file)
                if isinstance(found, dict):
                    break
                number += 1
                count, made, beside = found
                yield SheetCount.of_plain(count), self._made_of(made), beside
            ends = [found, *[_line(other) for other in files if other is not file]]
            if any(end != {"sheets": number} for end in ends):
                raise fail("file", "these are not the parts of one run: they count different sheets")

    def _made_of(self, value: Any) -> Any:
        """What ``_plain`` was given."""
        if isinstance(value, list):
            return [self._made_of(one) for one in value]
        if not isinstance(value, dict):
            return value
        ((kind, inside),) = value.items()
        if kind == "fraction":
            return Fraction(inside)
        found = [self._made_of(one) for one in inside]
        return tuple(found) if kind == "tuple" else self._types[kind](*found)


def _plain(value: Any) -> Any:
    """A value made of lists, tuples, rows, fractions, texts and numbers, as JSON takes it."""
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, tuple):
        kind = "tuple" if type(value) is tuple else type(value).__name__
        return {kind: [_plain(one) for one in value]}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _opened(path: str) -> IO[str]:
    try:
        return open(path, encoding="utf-8")
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None


def _line(file: IO[str]) -> Any:
    """The next line. Raises SpecError."""
    try:
        found = json.loads(file.readline(LONGEST))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, (dict, list)):
        raise fail("file", f"{file.name} is no whole part", "a part is written by --part")
    return found


def _head(path: str) -> dict[str, Any]:
    """The head of a part. Raises SpecError."""
    with _opened(path) as file:
        found = _line(file)
    part = found.get(MARK) if isinstance(found, dict) else None
    lists = isinstance(found, dict) and all(isinstance(found.get(key), list) for key in ("faults", "aside"))
    if not (
        isinstance(part, list) and len(part) == 2 and all(isinstance(one, int) for one in part) and lists
    ):
        raise fail("file", f"{path} is no part", "a part is written by --part")
    return dict(found)


def _other(path: str, key: str, found: Any, wanted: Any) -> Exception:
    """The error for a part of another run."""
    if key == "call" and isinstance(found, dict):
        differs = [f"{name} {found.get(name)!r}" for name in wanted if found.get(name) != wanted[name]]
        return fail("file", f"{path} was made with another call: {', '.join(differs)}")
    what = "another version of archcalc" if key == "archcalc" else "another quiz, or other decisions"
    return fail("file", f"{path} was made with {what}")
