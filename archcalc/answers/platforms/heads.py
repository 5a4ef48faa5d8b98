"""Which question a column of a platform's export is about: by its number, by the quiz's id, or by what the
quiz asks in words."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple
from unicodedata import combining, normalize

from ..sheets.names import QuestionNames, bare

# A number or a label in front of a question's words: `88001: `, `Q1. `, `3) `, `Question 4 - `.
_LABEL = re.compile(r"^\s*([^\W_][\w ]{0,18}?)\s*(?:[:.)\]]\s+|\s[-–—]\s+)(?=\S)")
# Signs of words that name one question, at least, where not all of the words are there.
_ENOUGH = 20
# How like the quiz's words those of a column are, at least, whose label is the question's.
_LIKE = 0.6
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def fold(text: str) -> str:
    """Words without what platforms change: capitals, accents, marks of HTML and Markdown, spaces."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    letters = [sign for sign in normalize("NFKD", text.casefold()) if not combining(sign)]
    return "".join([sign for sign in letters if sign.isalnum()])


class ColumnMatch(NamedTuple):
    """The questions of columns, by their places.

    found   one question
    unsure  several that a column may be about, and nothing says which
    """

    found: dict[int, str]
    unsure: dict[int, tuple[str, ...]]


def match(heads: Mapping[int, str], names: QuestionNames, loose: bool) -> ColumnMatch:
    """The questions of columns by their heads. ``loose``: the columns are known to hold questions, so that
    a part of the words is enough, or a label in front of other words."""
    words = {id: fold(text) for id, text in names.texts.items()}
    found: dict[int, str] = {}
    unsure: dict[int, tuple[str, ...]] = {}
    for at, head in heads.items():
        label, rest = _split(head)
        if (id := names.get(bare(head))) is not None:
            found[at] = id
            continue
        asked = [id for id, text in words.items() if text and text in (fold(head), fold(rest))]
        if not asked and loose:
            asked = _partly(fold(rest), words)
        called = names.get(bare(label)) if label else None
        if len(asked) > 1 and called in asked:
            asked = [str(called)]
        if len(asked) == 1:
            found[at] = asked[0]
        elif asked:
            unsure[at] = tuple(asked)
    if loose:
        known = {*found.values(), *[id for ids in unsure.values() for id in ids]}
        for at, head in heads.items():
            label, rest = _split(head)
            called = names.get(bare(label)) if label else None
            if called is None or called in known or at in found or at in unsure:
                continue
            text = words.get(called, "")
            if not text or SequenceMatcher(None, text, fold(rest), autojunk=False).ratio() > _LIKE:
                found[at] = called
    return ColumnMatch(found, unsure)


def _split(head: str) -> tuple[str, str]:
    """A label in front of the words of a head, and the words."""
    label = _LABEL.match(head)
    return (label[1], head[label.end() :]) if label else ("", head)


def _partly(head: str, words: Mapping[str, str]) -> list[str]:
    """The questions whose words a head holds, or that begin as a head which was cut off."""
    if len(head) < _ENOUGH:
        return []
    held = [id for id, text in words.items() if len(text) >= _ENOUGH and text in head]
    if len(held) > 1:  # the words of one may be a part of another's
        longest = max(len(words[id]) for id in held)
        held = [id for id in held if len(words[id]) == longest]
    return held or [id for id, text in words.items() if text.startswith(head)]


def numbered(numbers: Sequence[int], names: QuestionNames) -> dict[int, str]:
    """The questions that a platform numbers from 1 on: by their own numbers where all of them have one,
    else by their order where there are as many."""
    by_id = {number: names.get(str(number), "") for number in numbers}
    if {id for id in by_id.values() if id} == set(names.values()):
        return {number: id for number, id in by_id.items() if id}
    if len(numbers) == len(names) and sorted(numbers) == list(range(1, len(names) + 1)):
        return dict(zip(sorted(numbers), names.values(), strict=True))
    return {}


_MARKED = re.compile(r"</?(?:p|br|div|span|sup|sub|b|i|u|em|strong|li|ul|ol|code|pre)\b[^<>]{0,200}>", re.I)
_ENDS = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.I)
_RAISED = re.compile(r"<sup\b[^<>]{0,200}>\s*", re.I)


def plain(cell: str) -> str:
    """An answer that a platform exports as HTML, without its marks."""
    if "<" not in cell or not _MARKED.search(cell):
        return cell
    lines = _TAG.sub("", _RAISED.sub("^", _ENDS.sub("\n", cell))).split("\n")
    return html.unescape("\n".join([line.strip() for line in lines if line.strip()]))
