"""The formats of answers: one file each, found by being in this folder.

A file holds a class ``Format``, which writes an answer in pieces of text. The name of the file is
what ``--format`` takes. A format for documents writes sheets: it is a ``Document``, with a method
for each kind of block.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from ..answer import Answer, Page
from ..sheet import PAGE

if TYPE_CHECKING:
    from ...diagnostics import Diagnostic
    from ..lines import Line
    from ..matrices import BlackboardBlock
    from ..sheet import FactsBlock, NotesBlock, PictureBlock, Sheet, SheetBlock, TableBlock, TextBlock
    from ..working import Legend, WorkingBlock


class Writer:
    """A format.

    suffixes  ends of the names of files that are in it
    columns   there are columns to choose: it writes flat tables
    sheets    it writes sheets: whatever is on a screen can be written
    """

    suffixes: tuple[str, ...] = ()
    columns = False
    sheets = False

    def pieces(self, answer: Answer, page: Page) -> Iterable[str]:
        """The text of an answer, in pieces. Raises SpecError."""
        raise NotImplementedError

    def diagnostics(self, diagnostics: Sequence[Diagnostic], ascii: bool) -> str | None:
        """What is wrong, as text for whoever reads this format; None where a screen says it."""
        return None

    def screen(self, answer: Answer, page: Page) -> Iterable[Line] | None:
        """The lines of a screen, to be written in what signs and colours a stream has; None of what
        is text wherever it goes. Raises SpecError."""
        return None


def in_reach(pieces: Iterable[str], page: Page) -> Iterator[str]:
    """Text in which all other signs are character references, where only ASCII arrives: HTML reads them,
    and so does Markdown."""
    for text in pieces:
        yield text.encode("ascii", "xmlcharrefreplace").decode() if page.ascii else text


class Document(Writer):
    """A format that writes sheets one below the other, block by block."""

    sheets = True

    def pieces(self, answer: Answer, page: Page) -> Iterable[str]:
        """Write all sheets."""
        return in_reach(self.document(answer.sheets(PAGE)), page)

    def document(self, sheets: Iterable[Sheet]) -> Iterator[str]:
        """Sheets one below the other."""
        for number, sheet in enumerate(sheets):
            if number:
                yield "\n"
            yield from self.sheet(sheet)

    def sheet(self, sheet: Sheet) -> Iterator[str]:
        """A heading, and the blocks below it."""
        raise NotImplementedError

    def block(self, block: SheetBlock) -> Iterable[str]:
        """A block, by the method for its kind."""
        found: Iterable[str] = getattr(self, block.kind)(block)
        return found

    def table(self, block: TableBlock) -> Iterable[str]:
        """A table."""
        raise NotImplementedError

    def facts(self, block: FactsBlock) -> Iterable[str]:
        """Facts, each behind a word."""
        raise NotImplementedError

    def notes(self, block: NotesBlock) -> Iterable[str]:
        """Notes."""
        raise NotImplementedError

    def text(self, block: TextBlock) -> Iterable[str]:
        """Lines as they stand."""
        raise NotImplementedError

    def picture(self, block: PictureBlock) -> Iterable[str]:
        """A picture: nothing, where a format shows none."""
        return ()

    def working(self, block: WorkingBlock) -> Iterable[str]:
        """How a figure comes about: without a way of its own, as lines."""
        return self.text(block.as_text())

    def blackboard(self, block: BlackboardBlock) -> Iterable[str]:
        """Matrices side by side: without a way of their own, as lines."""
        return self.text(block.as_text())

    def legend(self, block: Legend) -> Iterable[str]:
        """Write what symbols mean: as notes, where a format has no way of its own."""
        return self.notes(block.as_notes())


def names() -> list[str]:
    """The formats that there are: the one for terminals, then the others."""
    found = {
        name.removesuffix(".py")
        for place in __path__
        for name in os.listdir(place)
        if name.endswith(".py") and not name.startswith("_")
    }
    return sorted(found, key=lambda name: (name != "table", name))


def named(name: str) -> Writer:
    """A format by its name, which is one of ``names()``."""
    writer: Writer = import_module(f"{__name__}.{name}").Format()
    return writer


def of_suffix(suffix: str) -> str | None:
    """The format that files of a suffix are in."""
    return next((name for name in names() if suffix in named(name).suffixes), None)
