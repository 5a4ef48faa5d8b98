"""How diagnostics look: on a terminal, plain, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..diagnostics import ERROR, NOTE, WARNING, Diagnostic
from ..source import Span
from .lines import Line, clean
from .sheet import PAGE, Space

_ROLES = {ERROR: "bad", WARNING: "warn", NOTE: "title"}

# Source lines longer than this are shown around the fault alone.
LONGEST = 160


def diagnostic_lines(diagnostics: Sequence[Diagnostic], space: Space = PAGE) -> Iterator[Line]:
    """The screen: each diagnostic with its source, and how many there are."""
    for number, diagnostic in enumerate(diagnostics):
        if number:
            yield []
        yield from _one(diagnostic, space)
    named = [d for d in diagnostics if d.span is not None]
    if len(diagnostics) > 1 and named:
        yield []
        yield [(f"{clean(_file(named[0]))}: {tally(diagnostics)}", "")]


def _file(diagnostic: Diagnostic) -> str:
    assert diagnostic.span is not None
    return diagnostic.span.source.name


def tally(diagnostics: Sequence[Diagnostic]) -> str:
    """``2 errors, 1 note``."""
    parts = []
    for severity in (ERROR, WARNING, NOTE):
        number = sum(d.severity == severity for d in diagnostics)
        if number:
            parts.append(f"{number} {severity}{'s' if number > 1 else ''}")
    return ", ".join(parts)


def _one(diagnostic: Diagnostic, space: Space) -> Iterator[Line]:
    role = _ROLES[diagnostic.severity]
    yield [(f"{diagnostic.severity}[{diagnostic.code}]", role), (f": {clean(diagnostic.message)}", "title")]
    margin = 1
    if diagnostic.span is not None:
        marks = [(diagnostic.span, diagnostic.label, "^", role)]
        marks += [(span, label, "-", "second") for span, label in diagnostic.others]
        marks = [mark for mark in marks if mark[0].source is diagnostic.span.source]
        margin = max(len(str(span.position[0])) for span, *_ in marks)
        yield [(" " * margin + "--> ", "aside"), (clean(str(diagnostic.span)), "")]
        yield [(" " * (margin + 1) + "|", "aside")]
        last = 0
        for number in sorted({span.position[0] for span, *_ in marks}):
            if last and number > last + 1:
                yield [("…", "aside")]
            last = number
            yield from _source(number, [m for m in marks if m[0].position[0] == number], margin, space)
    for note in diagnostic.notes:
        yield [(" " * (margin + 1) + "= ", "aside"), ("note", "title"), (f": {clean(note)}", "")]
    for help in diagnostic.help:
        yield [(" " * (margin + 1) + "= ", "aside"), ("help", "title"), (f": {clean(help)}", "")]


def _source(
    number: int, marks: list[tuple[Span, str, str, str]], margin: int, space: Space
) -> Iterator[Line]:
    """A source line with its marks below."""
    source = marks[0][0].source
    text = source.line(number)
    columns = [span.position[1] - 1 for span, *_ in marks]
    shift = 0
    if len(text) > LONGEST:
        shift = max(0, min(columns) - 40)
        text = ("…" if shift else "") + text[shift : shift + LONGEST - 2] + "…"
        shift -= bool(shift)
    text = clean(text.replace("\t", " "))
    yield [(f"{number:>{margin}} | ", "aside"), (text, "")]
    for span, label, sign, role in marks:
        start = span.position[1] - 1 - shift
        length = max(1, min(span.end - span.start, max(len(text) - start, 1)))
        if "\n" in span.text:
            length = max(1, len(text) - start)
        before = " " * space.width_of(text[:start])
        below = sign * max(1, space.width_of(text[start : start + length]))
        line: Line = [(" " * (margin + 1) + "| ", "aside"), (before, ""), (below, role)]
        if label:
            line.append((f" {clean(label)}", ""))
        yield line


def plain_diagnostics(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """One diagnostic a line, its parts behind tabs: place, severity[code], message, help."""
    for diagnostic in diagnostics:
        place = str(diagnostic.span) if diagnostic.span is not None else ""
        parts = [
            place,
            f"{diagnostic.severity}[{diagnostic.code}]",
            diagnostic.message,
            "; ".join([*diagnostic.notes, *diagnostic.help]),
        ]
        yield "\t".join(clean(part) for part in parts).rstrip("\t")
