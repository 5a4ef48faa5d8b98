"""The key of each variant, by which `archcalc check` marks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...answers.quiz_variants import ROSTER
from ...questions.keys import variant_key
from ...questions.posed import PosedQuiz, QuizVariant
from . import FilePieces, OneVariantFile, QuizSettings


class Format(OneVariantFile):
    """``--format toml``: a quiz for `archcalc check`; of several variants a folder."""

    suffixes = (".toml",)
    solutions = True
    holds, folder = "a file holds the key of one variant", "keys/"

    def variant(self, quiz: PosedQuiz, variant: QuizVariant, settings: QuizSettings) -> Iterable[str]:
        """The key of a variant."""
        return [variant_key(quiz, variant)]

    def files(self, quiz: PosedQuiz, settings: QuizSettings) -> Iterator[tuple[str, FilePieces]]:
        """A key for each variant, and a roster in which a teacher says which student has which."""
        yield from super().files(quiz, settings)
        yield ROSTER, ["student,variant\n", *[f",{variant.name}\n" for variant in quiz.variants]]
