"""The values that something may have, as written: ``16..256:16``, ``{3, 5, 7}``, ``{relu, gelu}``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..amounts import SPEC_NUMBERS
from ..diagnostics import Diagnostic, SpecError
from ..language.parser import literal
from ..source import Source, Span

# The most values along one axis.
MOST = 1_000_000

_RANGE = re.compile(
    r"\s*(?P<first>[^.:\s]+(?:\.\d+)?)\s*\.\.\s*(?P<last>[^:\s]+?)\s*(?::\s*(?P<step>\S+))?\s*"
)
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def is_many(text: str) -> bool:
    """Whether a text stands for several values, and not for one."""
    bare = _QUOTED.sub("", text).strip()
    return bare.startswith("{") or ".." in bare


def read_values(name: str, text: str, called: str = "") -> tuple[Any, ...]:
    """Read the values that something may have.

    Args:
        name: What it is, for messages.
        text: A range ``a..b`` or ``a..b:step``, both ends included; or values and ranges between braces.
        called: What the text is called where a message points into it; by default the option.

    Returns:
        The values in the order of the text, each once.

    Raises:
        SpecError: For a text that is neither, a range without an end, or too many values.

    Example:
        >>> from archcalc.sweeping.values import read_values
        >>> read_values("width", "16..64:16"), read_values("kernel", "{3, 5x5, same}")
        ((16, 32, 48, 64), (3, (5, 5), 'same'))
    """
    source = Source(called or f"--set {name}", text)
    start, stop = len(text) - len(text.lstrip()), len(text.rstrip())
    if text[start:stop].startswith("{"):
        if not text[start:stop].endswith("}"):
            raise _fault(source, start, stop, "the braces are not closed", "as in {3, 5, 7}")
        parts = list(_parts(text, start + 1, stop - 1))
    else:
        parts = [(start, stop)]
    found: dict[tuple[type, Any], Any] = {}
    for first, last in parts:
        for value in _part(source, name, first, last):
            found.setdefault((type(value), value), value)
            if len(found) > MOST:
                raise _fault(source, first, last, f"`{name}` has more than {MOST:,} values")
    return tuple(found.values())


def _parts(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The places between commas; a quoted comma parts nothing."""
    quoted = [match.span() for match in _QUOTED.finditer(text, start, stop)]
    first = start
    for at in range(start, stop + 1):
        inside = any(low < at < high for low, high in quoted)
        if at == stop or (text[at] == "," and not inside):
            yield first, at
            first = at + 1


def _part(source: Source, name: str, start: int, stop: int) -> Iterator[Any]:
    text = source.text[start:stop]
    start, stop = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
    text = source.text[start:stop]
    if not text:
        raise _fault(source, start, max(stop, start + 1), "a value is missing", "as in {3, 5, 7}")
    found = None if text.startswith('"') else _RANGE.fullmatch(text)
    if found is None:
        yield _value(source, name, start, stop)
        return
    ends = {}
    for which in ("first", "last", "step"):
        if found[which] is None:
            ends[which] = Fraction(1)
            continue
        number = SPEC_NUMBERS.value(found[which])
        if number is None:
            at = start + found.start(which)
            message = f"`{found[which]}` is no number"
            raise _fault(source, at, at + len(found[which]), message, "as in 16..256:16")
        ends[which] = number
    first, last, step = ends["first"], ends["last"], ends["step"]
    if step <= 0:
        at = start + found.start("step")
        raise _fault(source, at, stop, "a step is larger than 0")
    if last < first:
        raise _fault(source, start, stop, "the range ends before it begins", f"as in {last}..{first}")
    count = int((last - first) / step) + 1
    if count > MOST:
        raise _fault(source, start, stop, f"`{name}` has {count:,} values, more than {MOST:,}")
    if first.denominator == step.denominator == 1:
        yield from range(first.numerator, last.numerator // last.denominator + 1, step.numerator)
        return
    for place in range(count):
        value = first + place * step
        yield value.numerator if value.denominator == 1 else value


def _value(source: Source, name: str, start: int, stop: int) -> Any:
    try:
        return literal(name, source.text[start:stop])
    except SpecError as error:
        first = error.diagnostics[0]
        raise _fault(source, start, stop, first.message, *first.help) from None


def _fault(source: Source, start: int, stop: int, message: str, *help: str) -> SpecError:
    span = Span(source, start, max(stop, start + 1))
    return SpecError([Diagnostic("argument", message, span, help=help)])
