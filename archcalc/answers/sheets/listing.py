"""A line of a listing, a layer with its figures, as lectures and tools print it:
``CONV3-64: [224x224x64] memory: 224*224*64=3.2M weights: (3*3*3)*64 = 1,728``,
``[55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0``."""

from __future__ import annotations

import re
from typing import NamedTuple

from .columns import column

# A volume in brackets.
_VOLUME = re.compile(r"[\[(] ?\d+(?: ?[x\u00d7*,] ?\d+)* ?[\])]")
# A remark in brackets behind a figure.
_REMARK = re.compile(r" \((?=[^()]*[a-z]{3})[^()]*\)$", re.IGNORECASE)
# Words of a quantity, at most, and signs of a line in which they are looked for.
_WORDS, _LONGEST = 3, 1000


class ListingLine(NamedTuple):
    """A line about a layer.

    line     the number of the line
    name     as the line calls the layer
    output   its volume; empty for none
    answers  quantities and what the line gives for them
    words    what else stands there
    """

    line: int
    name: str
    output: str
    answers: tuple[tuple[str, str], ...]
    words: str


def listing_line(number: int, line: str) -> ListingLine | None:
    """Read a line about a layer; None where it states no figure of one."""
    text = " ".join(line[:_LONGEST].split()).lstrip("-*> ")
    if len(line) > _LONGEST:
        return None
    pieces = text.split(":")
    output, first = _volume_of(pieces[0])
    if ":" not in text and not output:
        return None
    name, key = _ending(first, 1)
    answers: list[tuple[str, str]] = []
    words: list[str] = []
    for at, piece in enumerate(pieces[1:], 1):
        last = at == len(pieces) - 1
        value, following = (piece.strip(), "") if last else _ending(piece.strip())
        if key:
            remark = _REMARK.search(value)
            if remark is not None:
                value = value[: remark.start()]
                words.append(remark[0].strip())
            answers.append((key, value))
        else:
            if not output:
                output, value = _volume_of(value)
            if value:
                words.append(value)
        key = following
    if not output and not answers:
        return None
    return ListingLine(number, name.strip(" .-"), output, tuple(answers), ": ".join(words))


def _volume_of(text: str) -> tuple[str, str]:
    """A volume in brackets, and the text without it."""
    found = _VOLUME.search(text)
    if found is None:
        return "", text.strip()
    return found[0], f"{text[: found.start()]} {text[found.end() :]}".strip()


def _ending(text: str, name: int = 0) -> tuple[str, str]:
    """A text without the quantity that it ends in, and that quantity; empty for none. Before it at
    least ``name`` words are something else."""
    words = text.split(" ")
    for count in range(min(_WORDS, len(words) - name), 0, -1):
        quantity, _ = column(" ".join(words[-count:]))
        if quantity:
            return " ".join(words[:-count]).strip(" ,;|"), quantity
    return text, ""
