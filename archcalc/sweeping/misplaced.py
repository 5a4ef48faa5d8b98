"""Faults of a chain whose choices were taken out: they are shown in the text as it was written."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..diagnostics import Diagnostic, SpecError
from ..source import Source, Span

_MISPLACED = "choices stand in the place of one value of a layer, or of a count of turns"
_HELP = (
    "as in `conv {3x3, 1x5} {8, 16} pad={0, 1}`, `{2, 4} x (conv 3x3 64)`",
    "sizes of the input are given by --set input=96..224:32",
)


class _Choice(NamedTuple):
    """A choice, or a ``?``: where its ``?`` stands, and where it begins and ends in what was written."""

    at: int
    start: int
    end: int


def with_choices(error: SpecError, written: str, choices: re.Pattern[str]) -> SpecError:
    """A fault of a chain in which a ``?`` stands for each choice, at its place in the chain as written.

    Args:
        error: The fault.
        written: The chain with its choices.
        choices: What finds them, as the group ``choice``, and each ``?``, as ``asked``.

    Returns:
        The same fault; where a choice stands in a place that takes none, one that says so.

    Example:
        >>> import archcalc
        >>> try:
        ...     archcalc.sweep("{28, 32}x32x1 -> conv 3x3 8")
        ... except archcalc.SpecError as error:
        ...     print(str(error).splitlines()[0])
        <command line>:1:1: choices stand in the place of one value of a layer, or of a count of turns
    """
    found: list[_Choice] = []
    gone = 0
    for match in choices.finditer(written):
        if match["choice"] is not None:
            found.append(_Choice(match.start() - gone, match.start(), match.end()))
            gone += match.end() - match.start() - 1
    if not found:
        return error
    for one in error.diagnostics:
        text = one.span.source.text if one.span is not None else ""
        for choice in found:
            if one.span is not None and _touches(one.span, choice.at, text):
                span = Span(Source(one.span.source.name, written), choice.start, choice.end)
                return SpecError([Diagnostic("syntax", _MISPLACED, span, help=_HELP)])
    return SpecError([_moved(one, written, found) for one in error.diagnostics])


def _touches(span: Span, at: int, text: str) -> bool:
    """Whether a stretch holds a ``?``, or is one word with it."""
    if span.start <= at < span.end:
        return True
    if span.end == at:
        return text[at - 1 : at].isalnum()
    return span.start == at + 1 and text[at + 1 : at + 2].isalnum()


def _moved(one: Diagnostic, written: str, found: list[_Choice]) -> Diagnostic:
    """The same words at the place in what was written."""

    def place(at: int) -> int:
        return at + sum(choice.end - choice.start - 1 for choice in found if choice.at < at)

    def moved(span: Span) -> Span:
        return Span(Source(span.source.name, written), place(span.start), place(span.end))

    return Diagnostic(
        one.code,
        one.message,
        None if one.span is None else moved(one.span),
        severity=one.severity,
        label=one.label,
        others=[(moved(span), label) for span, label in one.others],
        notes=one.notes,
        help=one.help,
    )
