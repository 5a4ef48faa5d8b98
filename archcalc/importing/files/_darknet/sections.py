"""The sections of a configuration of Darknet, with the place of each setting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from ....diagnostics import nearest
from ....source import Source, Span
from .. import refused

_SECTION = re.compile(r"\[([^\]\n]{1,60})\]")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})(?:[eE][+-]?[0-9]{1,2})?")
# As many layers as darknet's largest networks have, tens of times over.
_MOST_SECTIONS = 20_000
_LARGEST = 10**9


class Section(NamedTuple):
    """A section: its word, where it stands, its settings, each with its place, and which are read."""

    word: str
    span: Span
    settings: dict[str, tuple[str, Span]]
    asked: set[str]

    def misspelled(self) -> Iterator[tuple[str, str]]:
        """Yield the settings that nobody has read and that are called nearly as one that is read and is not
        here: the setting, and that name."""
        missing = self.asked.difference(self.settings)
        for name in self.settings:
            near = None if name in self.asked else nearest(name, missing)
            if near is not None:
                yield name, near

    def text(self, key: str, default: str) -> str:
        """The value of a setting."""
        self.asked.add(key)
        return self.settings[key][0] if key in self.settings else default

    def place(self, key: str) -> Span:
        """Where a setting stands; the section where it has none."""
        return self.settings[key][1] if key in self.settings else self.span

    def number(self, key: str, default: int, least: int = 0) -> int:
        """A setting that is a whole number. Raises SpecError."""
        self.asked.add(key)
        if key not in self.settings:
            return default
        text, span = self.settings[key]
        if not re.fullmatch(r"[+-]?\d{1,10}", text):
            raise refused(f"`{key}` is no whole number: `{text[:40]}`", span)
        value = int(text)
        if not least <= value <= _LARGEST:
            raise refused(f"`{key}` is {value}, and not between {least} and {_LARGEST:,}", span)
        return value

    def decimal(self, key: str, default: str) -> Fraction:
        """A setting that is a number with a point. Raises SpecError."""
        text = self.text(key, default)
        if not _DECIMAL.fullmatch(text):
            raise refused(f"`{key}` is no number: `{text[:40]}`", self.place(key))
        return Fraction(text)


def sections(source: Source) -> Iterator[Section]:
    """Read the sections of a file. Raises SpecError."""
    current: Section | None = None
    count = 0
    for number, start in enumerate(source.starts, start=1):
        line = source.line(number)
        text = line.strip()
        if not text or text[0] in "#;":  # both begin comments
            continue
        begin = start + len(line) - len(line.lstrip())
        span = Span(source, begin, begin + len(text))
        if text[0] == "[":
            found = _SECTION.fullmatch(text)
            if found is None:
                raise refused("a section is a word in square brackets", span)
            if current is not None:
                yield current
            current = Section(found[1].strip().lower(), span, {}, set())
            count += 1
            if count > _MOST_SECTIONS:
                raise refused(f"the file has more than {_MOST_SECTIONS:,} sections", span)
            continue
        key, sign, value = text.partition("=")
        if current is None:
            raise refused("a file of Darknet begins with the section [net]", span)
        if not sign or not key.strip():
            raise refused("a setting is a name, `=` and a value", span)
        key = key.replace(" ", "").replace("\t", "")
        if key in current.settings:
            first = current.settings[key][1].position[0]
            raise refused(f"`{key}` stands here twice: in line {first} too", span)
        current.settings[key] = value.replace(" ", "").replace("\t", ""), span
    if current is not None:
        yield current
