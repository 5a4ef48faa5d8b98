"""Styled lines of text: what screens are made of, and how they reach a terminal.

A line is a list of (text, role) pairs; what a role looks like is for the terminal to say.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import IO

Segment = tuple[str, str]
Line = list[Segment]

# Without UTF-8.
ASCII: dict[int, int | str] = {
    **str.maketrans(
        "━╸╺╴╶│┃┼─░┌┐└┘┏┳┓┡╇┩├┤┴≈✗↳⌋⌉·−×“”’╵█▄▀▁▔", "===--||+-#+++++++++++++~X>)).-x\"\"''#:\"_'"
    ),
    **{
        ord("◑"): "by",
        ord("✓"): "ok",
        ord("⌊"): "floor(",
        ord("⌈"): "ceil(",
        ord("…"): "..",
        ord("≥"): ">=",
        ord("µ"): "u",
    },
}


def in_encoding(text: str, encoding: str | None) -> str:
    """A text in the signs of an encoding; None has all of them."""
    if encoding is None or text.isascii():
        return text
    import re  # rarely needed

    # The dot joins sentences, multiplies in formulas, and is a dot in a map.
    text = re.sub(r"(?<=[\w)])·(?=[\w(])", "*", text.replace(" · ", ", "))
    return text.translate(ASCII).encode(encoding, "replace").decode(encoding)


def plain(line: Line) -> str:
    """A line without its styles."""
    return "".join([text for text, _ in line]).rstrip()


_SPACES = "\xa0\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def clean(text: str) -> str:
    """A stranger's text without what a terminal would obey, every sign in its place."""
    if text.isprintable():
        return text
    # Narrow and wide spaces are no printable signs to Python, but harmless.
    return "".join([c if c.isprintable() else " " if c in _SPACES else "�" for c in text])


def clean_line(text: str) -> str:
    """As ``clean``, and on one line."""
    return clean(" ".join(text.split()))


# Columns to lay out for where nobody says otherwise, those below which no screen is laid out, and
# the most that may be asked for.
USUAL, NARROWEST, MOST = 80, 40, 10_000


def width_at_hand(stream: IO[str]) -> int:
    """Columns to lay out for: what COLUMNS says, else those of the terminal behind a stream, else
    the usual ones, as in a pipe or a file."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and len(asked) < 6 and int(asked) > 0:
        return max(int(asked), NARROWEST)
    try:
        found = os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
    except (OSError, ValueError):
        found = 0
    return max(found, NARROWEST) if found else USUAL


def speaks_utf8(stream: IO[str]) -> bool:
    """Whether a stream can take our signs."""
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "") in ("utf8", "utf8sig")


def encoding_of(stream: IO[str]) -> str | None:
    """The encoding of a stream; None where it has all signs."""
    return None if speaks_utf8(stream) else getattr(stream, "encoding", None) or "ascii"


def hanging(start: Line, rows: Iterable[Line], margin: int) -> Iterator[Line]:
    """Rows behind a start; the second and later ones stand in by a margin."""
    for row in rows:
        yield [*start, *row]
        start = [(" " * margin, "")]


def trimmed(line: Line) -> Line:
    """A line without spaces at its end."""
    kept = list(line)
    while kept:
        text, role = kept[-1]
        short = text.rstrip()
        if short:
            kept[-1] = (short, role)
            break
        kept.pop()
    return kept
