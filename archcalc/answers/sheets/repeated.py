"""The question's own text, which sheets repeat before the answer, whole or wrapped over lines."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import NamedTuple
from unicodedata import normalize

_WORD = re.compile(r"[^\W_]+")
# So many words of a question in their order are no answer.
_ENOUGH = 4
# Words by which the question of a line without a label is looked up.
_FIRST = 3
# What stands behind a question's text: its points, and signs.
_BEHIND = re.compile(
    r"[\s?:.!)\]*_`]*(?:[(\[]?\d{1,3}(?:[.,]\d{1,2})? ?(?:points?|pts?|marks?|punkte?|pkt|puntos?|punti|"
    r"pontos?)\b\.?[)\]]?)?[\s?:.!)\]*_`]*",
    re.IGNORECASE,
)


class LinePart(NamedTuple):
    """A part of a line of a sheet, without what labels it.

    line     the number of the line
    text     its words
    labelled whether it stands on the line of the label
    apart    whether a blank line stands before it
    """

    line: int
    text: str
    labelled: bool = False
    apart: bool = False


@lru_cache(maxsize=1 << 10)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a question's text, without signs and case."""
    return tuple(_WORD.findall(normalize("NFKC", text).lower()))


def without_text(pieces: list[LinePart], text: str) -> list[LinePart]:
    """The pieces below a label without the question's own text at their beginning: all of its words, or
    enough of them to be no answer, up to the end of a line or a question mark."""
    words = words_of(text)
    at = 0
    end = 0
    left = pieces
    while left and at < len(words):
        left = _unhyphenated(left, words)
        line = left[0].text
        before, end = at, 0
        rest = False
        for found in _WORD.finditer(line):
            rest = at == len(words) or _plain(found[0]) != words[at]
            if rest:
                break
            at += 1
            end = found.end()
        if rest or at == before or at == len(words):
            break
        left, end = left[1:], 0
    if not at or not (at == len(words) or (at >= _ENOUGH and (not end or left[0].text[end] in "?:."))):
        return pieces
    if not end:
        return left
    behind = _BEHIND.match(left[0].text, end)
    answer = left[0].text[behind.end() if behind is not None else end :]
    return [left[0]._replace(text=answer), *left[1:]] if answer else left[1:]


def _unhyphenated(pieces: list[LinePart], words: tuple[str, ...]) -> list[LinePart]:
    """The pieces with a word of the question put together that is divided between the first two."""
    first = pieces[0].text
    if len(pieces) < 2 or not first.endswith(("-", "\u2010", "\u00ad")):
        return pieces
    start, rest = first[:-1], pieces[1].text
    head, tail = _WORD.findall(start[-40:])[-1:], _WORD.match(rest)
    if not head or tail is None or _plain(head[0] + tail[0]) not in words:
        return pieces
    return [pieces[0]._replace(text=start + rest), *pieces[2:]]


def _plain(word: str) -> str:
    return (word if word.isascii() else normalize("NFKC", word)).lower()


class QuestionTexts:
    """The texts of a quiz, looked up by how they begin."""

    def __init__(self, texts: dict[str, str]):
        self.texts = texts

    @cached_property
    def _by_beginning(self) -> dict[tuple[str, ...], list[str]]:
        found: dict[tuple[str, ...], list[str]] = {}
        for question, text in self.texts.items():
            words = words_of(text)
            if len(words) >= _FIRST:
                found.setdefault(words[:_FIRST], []).append(question)
        return found

    def asked_in(self, line: str) -> str:
        """The question whose text a line begins with, or is a part of; empty for none, or for two."""
        if not self.texts:
            return ""
        spoken = []
        for found in _WORD.finditer(line):
            spoken.append(_plain(found[0]))
            if len(spoken) == _FIRST and tuple(spoken) not in self._by_beginning:
                return ""
            if len(spoken) > 200:
                break
        best: list[str] = []
        most = _ENOUGH - 1
        for question in self._by_beginning.get(tuple(spoken[:_FIRST]), ()):
            words = words_of(self.texts[question])
            same = next(
                (at for at, (one, other) in enumerate(zip(spoken, words, strict=False)) if one != other),
                min(len(spoken), len(words)),
            )
            if same < min(len(words), len(spoken)):
                continue
            if same > most or (same == len(words) and same >= _FIRST):
                best, most = [question], same
            elif same == most:
                best.append(question)
        return best[0] if len(best) == 1 else ""
