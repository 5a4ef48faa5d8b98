"""Files of decisions: CSV with a row for each, or TOML with a ``[[decision]]`` for each."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from ..diagnostics import MOST_ERRORS, Diagnostic, SpecError, did_you_mean, fail
from ..files import read_bytes
from ..source import Source, Span
from ..toml_places import Places
from ..toml_text import read_toml
from .conventions import CONVENTIONS
from .decision import EVERYBODY, Decision
from .decisions import Decisions, StudentSetting

# What the person fills in, and what is there to know the answer by.
FILLED = ("points", "reading", "reason")
COLUMNS = ("student", "id", "question", "asked", "answer", "why", *FILLED, "of", "decimal", "fingerprint")
_DECISION = tuple([name for name in COLUMNS if name != "decimal"])
_STUDENT = ("student", "id", "decimal")
# Decisions of a course, at most: a class of thousands with everything open.
MOST = 200_000
# What the decimal sign of one student may be.
SIGNS = tuple([choice for choice in CONVENTIONS["decimal"].choices if choice != "ask"])


def read_decisions(paths: Iterable[str]) -> Decisions:
    """The decisions in files. Raises SpecError, with all faults of a file."""
    from .sheets.decoding import LARGEST, NotTextError, decoded

    decisions: list[Decision] = []
    settings: list[StudentSetting] = []
    for path in paths:
        try:
            text = decoded(read_bytes(path, LARGEST))
        except OSError as error:
            why = (error.strerror or "unreadable").lower()
            raise fail("file", f"cannot read {path}: {why}") from None
        except NotTextError as error:
            raise fail("file", f"cannot read {path}: {error}") from None
        reader = _Reader(Source(path, text))
        if path.lower().endswith(".toml"):
            reader.toml()
        else:
            reader.csv()
        if reader.faults:
            raise SpecError(reader.faults[:MOST_ERRORS])
        decisions += reader.decisions
        settings += reader.settings
    return Decisions(decisions, settings)


class _Reader:
    """Takes decisions from a file, and gathers what is wrong with it."""

    def __init__(self, source: Source):
        self.source = source
        self.decisions: list[Decision] = []
        self.settings: list[StudentSetting] = []
        self.faults: list[Diagnostic] = []

    def fault(self, message: str, place: Span, *help: str) -> None:
        self.faults.append(Diagnostic("decisions", message, place, help=help))
        if len(self.faults) >= MOST_ERRORS:
            raise SpecError(self.faults)

    def csv(self) -> None:
        """Rows behind a head that names the columns."""
        lines = self.source.text.split("\n")
        head = next((line for line in lines if line.strip()), "")
        sign = max(",;\t", key=head.count)
        rows = csv.reader(self.source.text.splitlines(keepends=True), delimiter=sign)
        names: list[str] = []
        last = 0
        try:
            for row in rows:
                place, last = self.line(last + 1), rows.line_num
                if not any(cell.strip() for cell in row):
                    continue
                if not names:
                    names = [cell.strip().lower() for cell in row]
                    for name in names:
                        if name not in COLUMNS:
                            self.fault(
                                f"there is no column `{name[:60]}` in decisions",
                                place,
                                *did_you_mean(name, COLUMNS),
                                f"there are {', '.join(COLUMNS)}",
                            )
                    if "student" not in names:
                        self.fault("there is no column `student`", place)
                    continue
                if len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
                    self.fault("the row has more cells than the head has", place)
                    continue
                self.entry(dict(zip(names, row, strict=False)), place)
        except csv.Error as error:
            raise SpecError(
                [Diagnostic("decisions", f"it is no CSV: {error}", self.line(last + 1))]
            ) from None

    def line(self, number: int) -> Span:
        """The place of a line."""
        starts = self.source.starts
        start = starts[min(number, len(starts)) - 1]
        return Span(self.source, start, start + len(self.source.line(min(number, len(starts)))))

    def toml(self) -> None:
        """Tables ``[[decision]]``, and ``[[student]]`` for how a student's numbers are read."""
        table = read_toml(self.source)
        places = Places(self.source)
        kinds = {"decision": _DECISION, "student": _STUDENT}
        for key in table:
            if key not in kinds:
                self.fault(
                    f"there is no key `{key[:60]}` here",
                    places.of("", 0, key),
                    *did_you_mean(key, kinds),
                    "[[decision]] begins a decision, [[student]] how the numbers of one are read",
                )
        for kind, keys in kinds.items():
            given = table.get(kind, [])
            if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
                self.fault(f"a {kind} is a table of its own: [[{kind}]]", places.of("", 0, kind))
                continue
            for number, one in enumerate(given):
                for key in one:
                    if key not in keys:
                        self.fault(
                            f"there is no key `{key[:60]}` here",
                            places.of(kind, number, key),
                            *did_you_mean(key, keys),
                            f"there are {', '.join(keys)}",
                        )
                texts = {key: _as_text(value) for key, value in one.items()}
                for key, value in texts.items():
                    if value is None:
                        self.fault(f"`{key}` is a text or a number", places.of(kind, number, key))
                self.entry({k: v for k, v in texts.items() if v is not None}, places.of(kind, number))

    def entry(self, cells: Mapping[str, str], place: Span) -> None:
        """One decision, or how one student's numbers are read."""
        found = {name: cell.strip() for name, cell in cells.items()}
        student, question = found.get("student", ""), found.get("question", "")
        if not student and not found.get("id"):
            self.fault("a decision says which `student` it is about", place, "`*` is everybody")
            return
        if sign := found.get("decimal", ""):
            if sign not in SIGNS:
                self.fault(
                    f"`decimal` is not `{sign[:60]}`",
                    place,
                    *did_you_mean(sign, SIGNS),
                    f"it is {' or '.join(SIGNS)}",
                )
                return
            self.settings.append(StudentSetting(student, sign, found.get("id", ""), place))
        filled = [name for name in FILLED if found.get(name)]
        if not question:
            if filled or not sign:
                self.fault("a decision says which `question` it is about", place)
            return
        if not filled:
            return  # it is still open
        if filled == ["reason"]:
            self.fault(
                "a reason alone decides nothing",
                place,
                "`points` are what the answer is worth, `reading` what it is to be read as",
            )
            return
        if "answer" not in found and not found.get("fingerprint"):
            self.fault(
                "a decision says which `answer` it is about",
                place,
                "it holds as long as the student's words are the same",
            )
            return
        if len(self.decisions) >= MOST:
            raise SpecError([Diagnostic("decisions", f"there are more than {MOST:,} decisions", place)])
        points = _points(found["points"]) if found.get("points") else None
        if found.get("points") and points is None:
            self.fault(f"`{found['points'][:60]}` is no number of points", place, "as in 1 or 0.5")
            return
        if student == EVERYBODY and found.get("id"):
            self.fault("a decision about everybody has no `id`", place)
            return
        self.decisions.append(
            Decision(
                student,
                question,
                found.get("answer", ""),
                points,
                found.get("reading", ""),
                found.get("reason", ""),
                found.get("id", ""),
                found.get("fingerprint", ""),
                place,
            )
        )


def _as_text(value: Any) -> str | None:
    """A value of a TOML in words; None where it is a table or worse."""
    if isinstance(value, str):
        return value
    if isinstance(value, Fraction):
        return str(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _points(text: str) -> Fraction | None:
    """Points as somebody wrote them, with a point or a comma; None where it is no number."""
    text = text.replace(",", ".")
    digits = text.replace("/", "").replace(".", "")
    if len(text) > 20 or not digits.isascii() or not digits.isdigit():
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
