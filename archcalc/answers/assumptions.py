"""Assumptions about a question, alone or together, and the values that they give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ..graph import Layer
from .methods import Method
from .methods.calculated import Calculated
from .misconceptions import Belief, explanations
from .working import Working

# What explains an answer that is not simply right. A convention is one of them; PUBLISHED is the
# figure of a paper or a lecture, which may be wrong for any reason.
SLIP, MISCONCEPTION, CUT_OFF, FACTOR, PUBLISHED = ("slip", "misconception", "cut-off", "factor", "published")
# The slip of somebody whose working is right and whose result is not: 7*7*3*24 = 3582.
RIGHT_WORKING = "right-working"


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
    def of_the_whole(self) -> bool:
        """Whether it is about how quantities are put together, and not about one of them: there are few
        such, so that even a rounded share tells them apart."""
        return all(assumption.belief.of == (Calculated,) for assumption in self.assumptions)

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
    takes several conventions at once: two digits agree with one of so many values by chance.
    ``taken_back`` is the name of a convention of the quiz that does not hold."""

    value: Any
    words: str
    hypothesis: Hypothesis | None
    far: bool = False
    taken_back: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The conventions: those of the quiz that do not hold by their names, others as the catalogue
        has them."""
        others = self.hypothesis.ids if self.hypothesis is not None else ("side-heads",)
        return (*filter(None, [self.taken_back]), *others)

    @property
    def reason(self) -> str:
        """Why the convention counts otherwise, for a student."""
        return " ".join(explanations(self.hypothesis.ids)) if self.hypothesis is not None else ""


def format_assumptions(assumptions: Iterable[Assumption]) -> str:
    """Format assumptions for a reader."""
    return ", and ".join([assumption.description for assumption in assumptions])


@dataclass(eq=False)
class Reading:
    """A way in which a wrong answer may have come about.

    ids       the beliefs of the catalogue that are assumed, one or two
    words     the beliefs for a reader: ``bias forgotten``
    value     what comes of it, exactly: it is inside of what was written
    made      how: a working, or what works one out when somebody looks; None where there is nothing to show
    hint      one step for the student that does not give the answer away
    kind      SLIP (of the pen), MISCONCEPTION, CUT_OFF, FACTOR, PUBLISHED, or CONVENTION, where a
              convention explains it as well as the kind of the verdict does
    reason    why the answer is not right, a sentence; empty where the catalogue has it by the ids
    special   it is about an argument or a kind of layer that few have
    worked    the answer was worked out in its numbers
    follows   it starts from an earlier answer of the student's
    """

    ids: tuple[str, ...]
    words: str
    value: Any
    made: Working | Callable[[], Working | None] | None
    hint: str = ""
    kind: str = MISCONCEPTION
    reason: str = ""
    special: bool = False
    worked: bool = False
    follows: bool = False

    @cached_property
    def working(self) -> Working | None:
        """How the value comes about; None where there is nothing to show."""
        return self.made() if callable(self.made) else self.made

    @property
    def explanation(self) -> str:
        """Why it is wrong, in sentences for a student; empty where nothing is known."""
        return self.reason or " ".join(explanations(self.ids))

    @property
    def slip(self) -> bool:
        """Whether it is a slip of the pen, and no misconception."""
        return self.kind == SLIP
