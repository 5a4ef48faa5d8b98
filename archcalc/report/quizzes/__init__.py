"""What a quiz that is set is written in: one file per format, found by being in this folder.

A file holds a class ``Format``, which is a ``QuizFile`` (any number of variants stand in one file) or a
``QuizFolder`` (a quiz is several files). The name of the file is what ``--format`` of `archcalc quiz`
takes; one that has the name of a format of every command is written in its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ...questions.posed import PosedQuiz, QuizVariant

# The text of a file in pieces, or its bytes.
FilePieces = Iterable[str | bytes]


class QuizSettings(NamedTuple):
    """How a quiz is written.

    solutions  right values and how they come about stand in it, where students would read it
    """

    solutions: bool = False


class QuizFormat:
    """A format of quizzes.

    suffixes   ends of the names of files that are in it; the first is that of files in a folder
    solutions  there is a place for solutions that students do not see before they have answered: they
               stand in it, asked for or not
    """

    suffixes: tuple[str, ...] = ()
    solutions = False

    def files(self, quiz: PosedQuiz, settings: QuizSettings) -> Iterator[tuple[str, FilePieces]]:
        """The files of a folder: the path of each below the folder, and its text. Raises SpecError."""
        raise NotImplementedError


class QuizFile(QuizFormat):
    """A format in which a file holds any number of variants; in a folder each has a file of its own."""

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[str | bytes]:
        """A file that holds some variants. Raises SpecError."""
        raise NotImplementedError

    def files(self, quiz: PosedQuiz, settings: QuizSettings) -> Iterator[tuple[str, FilePieces]]:
        """A file for each variant, by its name. Raises SpecError."""
        for variant in quiz.variants:
            yield f"{variant.name}{self.suffixes[0]}", self.pieces(quiz, [variant], settings)


class OneVariantFile(QuizFile):
    """A format in which a file holds one variant.

    holds   what a file holds, for the message about several
    folder  a folder that may be named in its place
    """

    holds, folder = "", ""

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[str | bytes]:
        """The one variant. Raises SpecError where there are several."""
        if len(variants) > 1:
            from ...diagnostics import fail

            message = f"{self.holds}, and there are {len(variants)} variants"
            raise fail("usage", message, f"name a folder: -o {self.folder}")
        return self.variant(quiz, variants[0], settings)

    def variant(self, quiz: PosedQuiz, variant: QuizVariant, settings: QuizSettings) -> Iterable[str]:
        """The file of a variant. Raises SpecError."""
        raise NotImplementedError


class QuizFolder(QuizFormat):
    """A format that takes several files."""


def names() -> list[str]:
    """The formats that there are."""
    found = {
        name.removesuffix(".py")
        for place in __path__
        for name in os.listdir(place)
        if name.endswith(".py") and not name.startswith("_")
    }
    return sorted(found)


def named(name: str) -> QuizFormat:
    """A format by its name, which is one of ``names()``."""
    made: QuizFormat = import_module(f"{__name__}.{name}").Format()
    return made
