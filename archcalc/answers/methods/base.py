"""Methods: the numbers of a rule by name, and the rule, so that both can be changed.

A right value comes from the analyses of archcalc. A method says once more, in the way of a
textbook, how a student would come by it; a misconception is a change of a method. Where a method
does not give the right value, the layer is not one that it knows, and there is none.
"""

from __future__ import annotations

from typing import Any, TypeVar

from ..working import Working

M = TypeVar("M", bound="Method")


class Method:
    """Base of the methods. Immutable: ``but`` gives a changed copy."""

    def but(self: M, **changes: Any) -> M:
        """A copy with other values of some fields."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **changes)
        return copy

    @property
    def value(self) -> Any:
        """The value of the method: an int, a Shape, a tuple with one int per axis; None where it comes to
        nothing that could be an answer."""
        raise NotImplementedError

    @property
    def working(self) -> Working:
        """The value, with the working that leads to it."""
        raise NotImplementedError
