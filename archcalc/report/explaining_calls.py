"""The calls of archcalc that show how a right value comes about."""

from __future__ import annotations

import string
from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from ..answers.matrices.given import shown

if TYPE_CHECKING:
    from ..questions.posed import PosedQuestion

# Signs that mean nothing to a shell.
_BARE = {*string.ascii_letters, *string.digits, *"-_./:,=@%+"}


def explain_words(question: PosedQuestion) -> list[str]:
    """The words of the call of archcalc that shows how the right value comes about."""
    asked, posed = question.item.asked, question.question
    target = posed.target
    if question.item.letters is not None:
        layer, _, quantity = posed.ask.rpartition(".")
        return ["explain", target, *([layer] if layer else []), quantity]
    if posed.given is not None:
        given = posed.given
        roles = {"--kernel": given.kernels, "--bias": given.biases, "--statistics": given.statistics}
        texts = [word for name, several in roles.items() for text in several for word in (name, shown(text))]
        return ["apply", target, shown(given.matrix), *texts, *(["--flip"] if given.flip else [])]
    options = []
    if asked.summary.batch != 1:
        options += ["--batch", str(asked.summary.batch)]
    if asked.summary.dtype != "fp32":
        options += ["--dtype", asked.summary.dtype]
    if asked.sides:
        return ["explain", target, *filter(None, [posed.second]), posed.ask, *options]
    return ["explain", target, asked.explained_at or "total", asked.quantity, *options]


def command_text(words: Sequence[str]) -> str:
    """A call of archcalc as a shell takes it."""
    return " ".join(["archcalc", *map(_quoted, words)])


def _quoted(word: str) -> str:
    if word and not set(word) - _BARE:
        return word
    return f'"{word}"' if not set(word) & set('"$`\\!') else quote(word)
