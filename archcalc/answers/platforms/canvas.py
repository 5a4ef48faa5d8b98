"""Canvas: the student analysis of a quiz, each column of answers with one of points behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..sheets.names import QuestionNames
from .base import PlatformTable, Roles, identities
from .heads import fold

# `88001: What is …`, and no answer behind a number.
_ITEM = re.compile(r"\d+: ?[^\d\s].*[^\W\d]{3}", re.DOTALL)
_POINTS = re.compile(r"\d+(?:[.,]\d+)?")


class Platform(PlatformTable):
    """Canvas' student analysis."""

    name = "canvas"
    identity = identities(
        name="name student", id="id", sis_id="sisid sisuserid", login="sisloginid", section="section"
    )
    known = frozenset(
        """sectionid sectionsisid rootaccount submitted attempt ncorrect nincorrect score itemid itemtype
        earnedpoints pointspossible status""".split()
    )

    def recognises(self, head: Sequence[str]) -> bool:
        words = [fold(cell) for cell in head]
        items = sum(
            bool(_ITEM.match(cell) and _POINTS.fullmatch(behind))
            for cell, behind in zip(head, [*head[1:], ""], strict=True)
        )
        counted = {"ncorrect", "nincorrect", "attempt", "submitted"} & set(words)
        return items > 1 or ("name" in words and "sisid" in words and bool(counted or items))

    def roles(self, head: Sequence[str], names: QuestionNames) -> Roles:
        found = super().roles(head, names)
        words = [fold(cell) for cell in head]
        found.attempt = words.index("attempt") if "attempt" in words else -1
        return found

    def silent(self, head: Sequence[str]) -> set[int]:
        return {at for at, cell in enumerate(head) if at and _POINTS.fullmatch(cell)}
