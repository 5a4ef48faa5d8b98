"""Files of other tools, as text, in which settings are changed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from archcalc import SpecError, load

# What stands in the place of a number or a word.
WORDS = (
    "0",
    "1",
    "2",
    "-1",
    "-2",
    "7",
    "1000000000",
    "99999999999",
    "0.5",
    "1e99",
    "true",
    '"x"',
    "",
    "x",
    "nan",
)


def changed(text: str, source: random.Random) -> str:
    """A file in which some numbers and words stand in the place of others."""
    for _ in range(source.randint(1, 3)):
        tokens = list(re.finditer(r'-?\d+|"[^"]*"|\w+', text))
        if not tokens:
            return text
        one = source.choice(tokens)
        new = source.choice(WORDS) if source.random() < 0.6 else source.choice(tokens)[0]
        text = text[: one.start()] + new + text[one.end() :]
    return text


def pointless_messages(
    seed: int, texts: Sequence[str], written: Callable[[str], str], turns: int = 150
) -> list[str]:
    """The messages without a place, of files that are changed by chance; any other error is raised."""
    source = random.Random(seed)
    found = []
    for _ in range(turns):
        try:
            load(written(changed(source.choice(texts), source))).summary()
        except SpecError as error:
            found += [one.message for one in error.diagnostics if one.span is None]
    return found
