"""What a file holds as the sheet of a student, or as a class list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..files.document import Contents
from . import Fault, Submission
from .classes import ClassList, class_list, is_head, listed, one_student
from .given import answer_text, submission_of
from .listed_options import without_options
from .names import IDENTITY, QuestionNames, bare
from .reading import read_text
from .tables import ABOVE, Table, Tables
from .variant_names import variant_on_sheet

# Signs of one student's sheet: it is a page or two.
LONGEST = 200_000


def document_list(document: Contents, names: QuestionNames, source: str) -> ClassList | None:
    """The class list that a file holds; None where it is none."""
    if not document.tables:
        return class_list(document.text, names, source)
    kept, aside = [], []
    for rows in document.tables:
        at = next((at for at, row in enumerate(rows[:ABOVE]) if is_head(row.cells, names)), -1)
        if at >= 0:
            below = tuple([row for row in rows[at + 1 :] if row.cells != rows[at].cells])
            kept.append(Table(rows[at], below))
        for row in rows[:at] if at >= 0 else rows:
            words = ", ".join(filter(None, row.cells))
            aside.append(Fault(f"line {row.line}", "it is in no table of students", words))
    found = listed(Tables(tuple(kept), tuple(aside)), names, source) if kept else None
    if found is not None:
        tabled = {row.line for rows in document.tables for row in rows}
        for number, line in enumerate(document.text.split("\n"), 1):
            if line.strip() and number not in tabled and not line.startswith("|") and document.places:
                found.aside.append(Fault(f"line {number}", "it is in no table of students", line.strip()))
    return found


def submissions_of(found: ClassList, document: Contents) -> Iterator[Submission]:
    """The rows of a class list as submissions."""
    for one in found.submissions():
        yield placed(one, document)


def document_sheet(document: Contents, source: str, student: str, names: QuestionNames) -> Submission:
    """One student's sheet: lines, a table of questions and answers, a row of answers, or JSON."""
    if names.variants:
        names = names.of_variant(variant_on_sheet(document.text[:LONGEST], source))
    if names.options and len(document.text) <= LONGEST:
        document = document._replace(text=without_options(document.text, names.options))
    if len(document.text) > LONGEST:
        why = f"it has {len(document.text):,} signs, more than {LONGEST:,}"
        return Submission(student, source, unreadable=why)
    found = document_list(document, names, source)
    if found is not None:
        one = one_student(found)
        rows = [one] if one is not None else list(found.submissions())
        if len(rows) == 1:
            # The file says who, and what it leaves out is left blank.
            first = rows[0]
            aside = (*found.aside, *found.beside, *first.aside, *document.aside)
            faults = (*found.odd, *document.faults)
            row = first._replace(student=student, source=source, faults=faults, aside=aside)
            return placed(row, document)
        lines = enumerate(document.text.split("\n"), 1)
        left = [
            Fault(f"line {number}", "it is in a class list", line.strip())
            for number, line in lines
            if line.strip()
        ]
        why = "it is a class list, and no student's sheet: name it by itself"
        return placed(Submission(student, source, unreadable=why, aside=tuple(left)), document)
    if source.lower().endswith(".json"):
        return _json(document.text, source, student, names)
    return placed(_with_behind(document, source, student, names), document)


def _with_behind(document: Contents, source: str, student: str, names: QuestionNames) -> Submission:
    """The answers of a file's text, beside those that it gives by itself; what stands behind counts where
    there is no other answer."""
    found = read_text(document.text, source, student, names)
    faults, aside = (*document.faults, *found.faults), (*document.aside, *found.aside)
    entries = (*document.entries, *found.entries)
    if document.behind is not None:
        behind = read_text(document.behind.text, source, student, names)
        answered = {entry.question for entry in entries if entry.text.strip()}
        seen: set[tuple[str, str]] = set()  # what a cell printed stands before its code
        more = []
        for entry in behind.entries:
            where = (entry.question, document.behind.place(entry.place))
            if entry.question not in answered and where not in seen:
                seen.add(where)
                more.append(entry)
        if not entries and not more:
            found = found._replace(unreadable=found.unreadable or behind.unreadable)
        known = {entry.question for entry in more if entry.text.strip()}
        entries = tuple([entry for entry in entries if entry.question not in known])
        place = document.behind.place
        entries += tuple([entry._replace(place=place(entry.place)) for entry in more])
        left = [
            Fault(e.place, "the answer stands elsewhere", e.text) for e in behind.entries if e not in more
        ]
        aside += tuple(
            [fault._replace(place=place(fault.place)) for fault in (*left, *behind.faults, *behind.aside)]
        )
    return found._replace(
        entries=entries, faults=faults, aside=aside, unreadable="" if entries else found.unreadable
    )


def placed(one: Submission, document: Contents) -> Submission:
    """A submission whose places are those of its file, and which doubts what the file changed."""
    if not document.places:
        return one
    place = document.place
    doubts: dict[int, dict[str, str]] = {}
    for line, text, why in document.doubts:
        doubts.setdefault(line, {})[text] = why
    entries = []
    for entry in one.entries:
        number = entry.place.partition(",")[0].removeprefix("line ")
        of_line = doubts.get(int(number), {}) if number.isdigit() else {}
        why = next((why for text, why in of_line.items() if text and text in entry.text), "")
        entries.append(entry._replace(place=place(entry.place), doubt=entry.doubt or why))
    source, comma, row = one.source.rpartition(", line ")
    return one._replace(
        entries=tuple(entries),
        source=f"{source}, {place(f'line {row}')}" if comma else one.source,
        student=place(one.student) if comma and one.student == f"line {row}" else one.student,
        faults=tuple([fault._replace(place=place(fault.place)) for fault in one.faults]),
        aside=tuple([fault._replace(place=place(fault.place)) for fault in one.aside]),
    )


def _json(text: str, source: str, student: str, names: QuestionNames) -> Submission:
    """An object of answers by question."""
    import json

    try:
        # Of a name that stands there twice Python would keep the last alone.
        found = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return Submission(student, source, unreadable="it is no JSON")
    if not isinstance(found, _Pairs):
        return Submission(student, source, unreadable="its JSON is no object of answers")
    known: list[tuple[str, str]] = []
    answers: list[tuple[str, Any]] = []
    for name, value in found:
        role = IDENTITY.get(bare(name), "") if bare(name) not in names else ""
        if role and isinstance(value, (str, int)):
            known.append((role, str(value)))
        else:
            answers += _members(name, value, names)
    return submission_of(answers, source, student, names)._replace(ids=tuple(known))


# Members of a record of one answer: what names the question, and what is the answer.
_QUESTION = ("question", "id", "q", "name", "label", "number", "nr", "no", "frage", "aufgabe", "pregunta")
_ANSWER = ("answer", "response", "value", "result", "text", "antwort", "ergebnis", "réponse", "respuesta")


def _members(name: str, value: Any, names: QuestionNames) -> Iterator[tuple[str, Any]]:
    """Yield the answers that a member of a JSON object holds, each with the name of its question: one, or
    those of an object or of a list of records, ``"answers": {"1b": 34848}``."""
    if isinstance(value, _Pairs):
        record = {bare(key): one for key, one in value}
        if bare(name) not in names and any(bare(key) in names for key, _ in value):
            yield from value
            return
        number = next((record[key] for key in _ANSWER if key in record), None)
        if bare(name) in names and number is not None and set(record) <= {*_ANSWER, "unit"}:
            unit = record.get("unit") or ""
            yield name, f"{answer_text(number)} {unit}".strip()
            return
    elif isinstance(value, list) and bare(name) not in names:
        records = [{bare(key): one for key, one in row} for row in value if isinstance(row, _Pairs)]
        called = next((key for key in _QUESTION if records and all(key in one for one in records)), "")
        answer = next((key for key in _ANSWER if records and all(key in one for one in records)), "")
        if called and answer and len(records) == len(value):
            for one in records:
                yield str(one[called]), one[answer]
                left = {key: more for key, more in one.items() if key not in (called, answer)}
                yield from [(f"{one[called]}, {key}", more) for key, more in left.items() if more]
            return
    yield name, value


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object in their order."""

    def __str__(self) -> str:
        return "{" + ", ".join([f"{name}: {value}" for name, value in self]) + "}"
