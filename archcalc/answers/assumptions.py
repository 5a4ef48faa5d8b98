"""Assumptions about a question, alone or together, and the values that they give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ..graph import Layer
from .methods import Method
from .misconceptions import Belief, explanations


class Assumption(NamedTuple):
    """A belief, the words of its variant, and where it is followed: in every layer, or only in one layer
    before the one that the question is about."""

    belief: Belief
    words: str
    everywhere: bool = False
    alone: Layer | None = None

    @property
    def description(self) -> str:
        """For a reader."""
        return f"{self.words} in every layer" if self.everywhere else self.words

    @property
    def follows(self) -> bool:
        """Whether what arrives is other than it is."""
        return self.everywhere or self.alone is not None


class Hypothesis(NamedTuple):
    """How somebody may have come to a value: assumptions, and the conventions that hold."""

    assumptions: tuple[Assumption, ...]
    rules: tuple[Belief, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The beliefs that are assumed."""
        return tuple([assumption.belief.id for assumption in self.assumptions])


class Assumed(NamedTuple):
    """An assumption, the method changed by it, and what that comes to."""

    assumption: Assumption
    method: Method
    value: Any


class Alternative(NamedTuple):
    """The value under another convention. Without a hypothesis it has no working. It is ``far`` where it
    takes several conventions at once: two digits agree with one of so many values by chance."""

    value: Any
    words: str
    hypothesis: Hypothesis | None
    far: bool = False

    @property
    def reason(self) -> str:
        """Why the convention counts otherwise, for a student."""
        return " ".join(explanations(self.hypothesis.ids)) if self.hypothesis is not None else ""


def format_assumptions(assumptions: Iterable[Assumption]) -> str:
    """Format assumptions for a reader."""
    return ", and ".join([assumption.description for assumption in assumptions])
