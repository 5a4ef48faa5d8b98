"""Text broken into lines: at joints, at spaces, at a word with ``…``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .lines import Line, plain
from .terminal import folded, width_of, width_of_line


def wrapped(parts: Sequence[str], width: int | None, between: str = " · ") -> list[str]:
    """Parts joined by a sign, broken into lines at the joints, and inside a part if it must be."""
    rows: list[list[str]] = []
    gap, used = width_of(between), 0
    for part in parts:
        wide = width_of(part)
        if rows and (width is None or used + gap + wide <= width):
            rows[-1].append(part)
            used += gap + wide
        else:
            rows += [[line] for line in broken(part, width)]
            used = width_of(rows[-1][0])
    return [between.join(row) for row in rows]


def broken(text: str, width: int | None) -> list[str]:
    """A sentence broken at its spaces, and inside a word where that is wider than the line."""
    if width is None or width_of(text) <= width:
        return [text]
    return [plain(line) for line in folded([(text, "")], max(width, 8))]


def hung(text: str, width: int, indent: int) -> list[str]:
    """A text broken at its spaces, and inside a word where that is wider than a line; the second
    and later lines have ``indent`` columns less. An arrow stays with what follows it."""
    text = text.replace("-> ", f"->{_GLUE}")
    first = plain(next(folded([(text, "")], max(width, 1))))
    rest = text[len(first) :].lstrip(" ")
    lines = [first, *(plain(line) for line in folded([(rest, "")], max(width - indent, 1)))]
    return [line.replace(_GLUE, " ") for line in lines if line]


# In the place of a space at which no line may end.
_GLUE = "\ue000"


def fitted(lines: Iterable[Line], width: int) -> Iterator[Line]:
    """Lines of which none is wider: a rule is cut, any other is broken at its spaces, or inside a
    word where that is wider than the line. Nothing is lost."""
    for line in lines:
        if width_of_line(line) <= width:
            yield line
        elif all(set(text) <= {"─", " "} for text, _ in line):
            yield [("─" * width, line[-1][1])]
        else:
            yield from folded(line, width)


def shortened(text: str, width: int, gone: str = "…") -> str:
    """A text cut at a word to fit, with a sign for what is gone."""
    if width_of(text) <= width:
        return text
    # A stranger's text may be long, and is cut sign by sign. A sign may add no width: hence more
    # than fit.
    words = text[: 4 * width + 8].split(" ")
    while len(words) > 1:
        words.pop()
        cut = " ".join(words).rstrip(",") + gone
        if width_of(cut) <= width:
            return cut
    word = words[0].rstrip(",")
    while word and width_of(word + gone) > width:
        word = word[:-1]
    return word + gone


def heading(name: str, title: str, aside: str, edge: int, width: int | None) -> list[Line]:
    """The name, what it is, and at the right edge where it is from; on more lines if it must be."""
    left: Line = [(name, "title")]
    if title:
        left += [("  ", ""), (title, "")]
    used = width_of(name) + (2 + width_of(title) if title else 0)
    edge = max(edge, 60) if width is None else min(max(edge, 60), width)
    if aside and used + 2 + width_of(aside) <= edge:
        return [[*left, (" " * (edge - used - width_of(aside)), ""), (aside, "aside")]]
    if width is None or used <= width:
        lines = [left]
    else:
        lines = [[(part, "title")] for part in broken(name, width)]
        lines += [[(part, "")] for part in broken(title, width)] if title else []
    return lines + [[(part, "aside")] for part in (broken(aside, width) if aside else [])]
