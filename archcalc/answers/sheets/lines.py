"""One student's sheet, text or Markdown: ``1b: 34,848``, ``Q1 (b) = 34,848``, ``| 1b | 34,848 |``,
or the question as a heading with the answer below."""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import Entry, Fault
from .names import bare
from .tables import pipe_cells

# Lists, quotations, headings.
_MARK = re.compile(r"^\s*(?:[-*+>]\s+|#+\s*)*")
# Where a label may end.
_END = re.compile(r"[:=)\]\t|]|\.(?!\d)|(?<=\s)-(?=\s)|\s")
# What looks like a label.
_LABEL = re.compile(r"(?:q|question\s*)?\(?\d{1,2}\s*[.(]?\s*[a-z]?\)?\s*[:=)]", re.IGNORECASE)
_RULE = re.compile(r"[\s|:=_*-]*")
# Faults that are told of a sheet one by one.
MOST = 10


def read_lines(text: str, ids: Mapping[str, str]) -> tuple[list[Entry], list[Fault]]:
    """The answers of a sheet. ``ids`` are the questions by their bare names."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    waiting = ""
    for number, line in enumerate(text.split("\n"), 1):
        said = _MARK.sub("", line).strip()
        if _RULE.fullmatch(said):
            continue
        place = f"line {number}"
        question, rest = _labelled(said, ids)
        if question:
            if waiting:
                entries.append(Entry(waiting, "", place))
            waiting = "" if rest else question
            if rest:
                entries.append(Entry(question, rest, place))
        elif found := _LABEL.match(said):
            faults.append(Fault(place, f"there is no question `{found[0].rstrip(' :=)')}`"))
        elif waiting:
            entries.append(Entry(waiting, said, place))
            waiting = ""
    if waiting:
        entries.append(Entry(waiting, "", f"line {number}"))
    if len(faults) > MOST:
        more = f"{len(faults) - MOST:,} more lines answer no question"
        faults[MOST:] = [Fault(faults[MOST].place, more)]
    return entries, faults


def _labelled(line: str, ids: Mapping[str, str]) -> tuple[str, str]:
    """The question that a line answers, and the answer; no question where it answers none."""
    if line.startswith("|"):
        cells = pipe_cells(line)
        question = ids.get(bare(cells[0]), "")
        return question, " ".join(cells[1:2]) if question else ""
    best = ""
    rest = ""
    for end in (*[found.start() for found in _END.finditer(line[:80])], len(line)):
        label = line[:end].rstrip()
        question = ids.get(bare(label), "")
        if not question or not (label[-1].isalnum() or label[-1] in ")]*_`"):
            continue
        behind = line[end:].lstrip()
        if end < len(line) and line[end].isspace() and not _separated(behind, question):
            continue
        best, rest = question, behind
    return best, _answer(rest, emphasised=line[0] in "*_`")


def _answer(behind: str, emphasised: bool) -> str:
    """What stands behind a label without what separates the two. ``**1b:** 760``: the marks that
    the label began are not the answer's."""
    marks = "*_`" if emphasised else ""
    rest = behind.lstrip(":=)]|. \t" + marks)
    return rest[1:].lstrip() if rest == behind and rest.startswith("- ") else rest


def _separated(behind: str, question: str) -> bool:
    """Whether a label ends at a space: prose may begin with a number too."""
    if behind[:1] in ":=)]|-":
        return True
    name = bare(question)
    return len(name) > 3 or (name.isalnum() and not name.isdigit() and not name.isalpha())
