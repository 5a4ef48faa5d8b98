"""Networks in the files of other tools: one file here per format, found by being there.

Each reader writes a spec in archcalc's own language, line by line, and says from which place of the file each
line is. So every rule, screen and message is that of a spec, and a message points into the user's own file.
A file is read as text: nothing is run, and nothing is imported from it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module

from ...diagnostics import Diagnostic, SpecError
from ...source import Source, Span


class TranslatedSource(Source):
    """A spec that was written from the file of another tool.

    Attributes:
        origins: For each line of the spec the place in the file that it was written from.
    """

    __slots__ = ("origins",)

    def __init__(self, name: str, text: str, origins: Iterable[Span]):
        super().__init__(name, text)
        self.origins = tuple(origins)

    def origin(self, span: Span) -> Span:
        """Return the place in the file that a place in the spec was written from."""
        line, _ = span.position
        return self.origins[min(line, len(self.origins)) - 1]


def in_file(diagnostic: Diagnostic) -> Diagnostic:
    """Return a diagnostic that points into the file that a spec was written from; one of another spec as it
    is."""
    span = diagnostic.span
    if span is None or not isinstance(span.source, TranslatedSource):
        return diagnostic
    others = [
        (other.source.origin(other) if isinstance(other.source, TranslatedSource) else other, label)
        for other, label in diagnostic.others
    ]
    return Diagnostic(
        diagnostic.code,
        diagnostic.message,
        span.source.origin(span),
        severity=diagnostic.severity,
        label=diagnostic.label,
        others=others,
        notes=(*diagnostic.notes, f"read as `{span.source.line(span.position[0]).strip()}`"),
        help=diagnostic.help,
    )


class SpecWriter:
    """Writes the spec of one network, with the place in the file that each line is from.

    Args:
        source: The file.
        name: What the network is called; characters that a name cannot have are replaced.
        tool: What wrote the file, for its title.

    Attributes:
        notes: What is to be known besides: what was not read, each with its place.
    """

    def __init__(self, source: Source, name: str, tool: str):
        self.source = source
        self.notes: list[Diagnostic] = []
        whole = Span(source, 0, 0)
        shown = os.path.basename(source.name).replace("\\", "/").replace('"', "'")
        self._lines = [(f'net {identifier(name)} "{shown}, a network of {tool}"', whole)]

    def line(self, text: str, span: Span) -> None:
        """Write a statement of the network."""
        self._lines.append((f"  {text}", span))

    def note(self, message: str, span: Span, *help: str) -> None:
        """Keep something that the reader could not express, for whoever reads the figures."""
        self.notes.append(Diagnostic("file", message, span, severity="note", help=help))

    def translated(self) -> TranslatedSource:
        """Return the spec."""
        text = "".join(f"{line}\n" for line, _ in self._lines)
        return TranslatedSource(self.source.name, text, [span for _, span in self._lines])


class FileFormat:
    """A format of files; a file of this folder holds one, as the class ``Format``.

    Attributes:
        tool: What the tool is called.
        suffixes: Ends of names of its files.
    """

    tool = ""
    suffixes: tuple[str, ...] = ()

    def recognises(self, text: str) -> bool:
        """Tell whether a text without a name is such a file."""
        raise NotImplementedError

    def write(self, source: Source) -> SpecWriter:
        """Write the spec of the network that a file holds.

        Args:
            source: The text of the file.

        Returns:
            The spec, with the place that each line is from.

        Raises:
            SpecError: For what is no such file, or what the language has no word for.
        """
        raise NotImplementedError


@cache
def formats() -> dict[str, FileFormat]:
    """Return the formats that there are, by name."""
    names = sorted(
        name.removesuffix(".py")
        for place in __path__
        for name in os.listdir(place)
        if name.endswith(".py") and not name.startswith("_")
    )
    return {name: import_module(f"{__name__}.{name}").Format() for name in names}


def by_suffix(path: str) -> FileFormat | None:
    """Return the format of a file by the end of its name; None where there is none."""
    suffix = os.path.splitext(path)[1].lower()
    return next((known for known in formats().values() if suffix in known.suffixes), None)


def by_text(text: str) -> FileFormat | None:
    """Return the format of a text that has no name; None where it is none of another tool."""
    return next((known for known in formats().values() if known.recognises(text)), None)


def identifier(name: str) -> str:
    """Return a name that the language takes, as like to the one given as can be."""
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:200]
    return plain if re.match(r"[A-Za-z]", plain) else f"net_{plain}".rstrip("_")


def refused(message: str, span: Span, *help: str) -> SpecError:
    """Return the error for a place in a file."""
    return SpecError([Diagnostic("file", message, span, help=help)])
