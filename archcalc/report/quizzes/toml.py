"""The key of each variant, by which `archcalc check` marks it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...diagnostics import fail
from ...questions.keys import variant_key
from ...questions.posed import PosedQuiz, QuizVariant
from . import QuizFile, QuizSettings


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
