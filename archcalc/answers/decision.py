"""A person's decision about one answer."""

from __future__ import annotations

import zlib
from fractions import Fraction
from typing import NamedTuple

from ..source import Span

# The student of a decision that is about everybody who wrote the same.
EVERYBODY = "*"


class Decision(NamedTuple):
    """What a person decided about one answer.

    student      who, as the sheets name the student; EVERYBODY for all who wrote the same
    id           what else the student is known by, an address or a number; empty for none
    question     the quiz's id of the question
    answer       the words of the answer that it is about
    fingerprint  of those words, which decides where it is given: a spreadsheet may have changed the words
    points       that the answer is worth; None where nothing is said
    reading      what the answer is to be read as; empty where nothing is said
    reason       for the student's report
    place        where it stands, for messages
    """

    student: str
    question: str
    answer: str
    points: Fraction | None = None
    reading: str = ""
    reason: str = ""
    id: str = ""
    fingerprint: str = ""
    place: Span | None = None

    @property
    def made(self) -> bool:
        """Whether anything was decided: a person may have left it open."""
        return self.points is not None or bool(self.reading)

    def about(self, text: str) -> bool:
        """Whether the words of an answer are those that it is about."""
        if self.fingerprint:
            return self.fingerprint == fingerprint(text)
        return " ".join(self.answer.split()) == " ".join(text.split())

    @property
    def location(self) -> str:
        """Where it stands, for a report."""
        return str(self.place) if self.place is not None else "the decisions"


def fingerprint(text: str) -> str:
    """A short word that stands for the words of an answer, and that no spreadsheet takes for a number."""
    return f"w{zlib.crc32(' '.join(text.split()).encode('utf-8', 'surrogatepass')):08x}"
