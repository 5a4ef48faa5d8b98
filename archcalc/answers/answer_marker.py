"""Questions that read and mark their answers by themselves: formulas in letters, matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from .diagnosis import Diagnosis
from .judging import FollowThrough
from .question import Question
from .verdict import Verdict
from .written import Written


class EarlierAnswer(NamedTuple):
    """A question about the same layers that has its verdict already."""

    id: str
    asked: Question
    verdict: Verdict


class AnswerMarker(Protocol):
    """Reads and marks the answers of a question whose answers are no numbers."""

    def unread(self, text: str) -> str:
        """Why a text cannot be read as an answer; empty where it can."""

    def verdict(
        self, diagnosis: Diagnosis, written: Written, follow_through: FollowThrough | None = None
    ) -> Verdict:
        """The verdict on an answer, as it was written."""

    def start(self, earlier: Sequence[EarlierAnswer]) -> FollowThrough | None:
        """The question as a student's own earlier answers put it; None where nothing comes of them."""
