"""The key of each variant, by which `archcalc check` marks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...answers.quiz_variants import ROSTER
from ...diagnostics import fail
from ...questions.keys import variant_key
from ...questions.posed import PosedQuiz, QuizVariant
from . import FilePieces, QuizFile, QuizSettings


class Format(QuizFile):
    """``--format toml``: a quiz for `archcalc check`; of several variants a folder."""

    suffixes = (".toml",)
    solutions = True

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[str]:
        """The key of one variant. Raises SpecError where there are several."""
        if len(variants) > 1:
            raise fail(
                "usage",
                f"{len(variants)} variants have a key each, and one file holds one",
                "name a folder: -o keys/",
            )
        return [variant_key(quiz, variants[0])]

    def files(self, quiz: PosedQuiz, settings: QuizSettings) -> Iterator[tuple[str, FilePieces]]:
        """A key for each variant, and a roster in which a teacher says which student has which."""
        yield from super().files(quiz, settings)
        yield ROSTER, ["student,variant\n", *[f",{variant.name}\n" for variant in quiz.variants]]
