"""The pieces of a condition: numbers, texts and truths, and how they are joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from ..source import Span
from .bounds import Bounds, both, either, negated
from .condition_columns import lesser, texts
from .zoo_path import normal

NUMBER = "a number"
TEXT = "a text"
TRUTH = "a condition"
WORD = "a word"  # no quantity: a text where one is wanted, otherwise a mistake


def undecided(known: Mapping[str, Bounds]) -> bool | None:
    """What is known of a condition on texts, of which there are no bounds."""
    return None


class ConditionPart(NamedTuple):
    """A piece of the expression.

    kind   what it is
    span   where it stands
    value  its value for a record
    known  what is known of it where only bounds of the quantities are: of a number its bounds, of a
           condition whether it holds
    gap    of a condition, how far a record is from it
    lost   whether it is lost to records with more of everything
    named  of a number, the quantities that it is made of
    rows   of a number its column for columns of records, of a condition whether it holds, row by row
    gaps   of a condition, how far each of the records is from it
    """

    kind: str
    span: Span
    value: Callable[[Mapping[str, Any]], Any]
    known: Callable[[Mapping[str, Bounds]], Any] = lambda record: None
    gap: Callable[[Mapping[str, Any]], Fraction] = lambda record: Fraction(0)
    lost: Callable[[Mapping[str, Any]], bool] = lambda record: False
    named: tuple[str, ...] = ()
    rows: Callable[[Mapping[str, Any]], Any] = lambda columns: None
    gaps: Callable[[Mapping[str, Any]], Any] = lambda columns: 0.0


class ConditionComparison(NamedTuple):
    """One comparison of a condition: both sides, and the sign between them."""

    left: ConditionPart
    sign: str
    right: ConditionPart

    @property
    def text(self) -> str:
        """The comparison as written; a chained one by itself."""
        return f"{self.left.span.text} {self.sign} {self.right.span.text}"

    def holds(self, known: Mapping[str, Bounds]) -> bool | None:
        """Tell whether it holds of numbers of which bounds are known; None: that is undecided."""
        one, other = self.left.known(known), self.right.known(known)
        return one.compared(self.sign, other)  # type: ignore[no-any-return]


def one_of(one: ConditionPart, other: ConditionPart) -> ConditionPart:
    """Two conditions joined by ``or``."""
    return ConditionPart(
        TRUTH,
        one.span.to(other.span),
        lambda record: one.value(record) or other.value(record),
        lambda record: either(one.known(record), other.known(record)),
        lambda record: min(one.gap(record), other.gap(record)),
        lambda record: one.lost(record) and other.lost(record),
        rows=lambda columns: one.rows(columns) | other.rows(columns),
        gaps=lambda columns: lesser(one.gaps(columns), other.gaps(columns)),
    )


def all_of(one: ConditionPart, other: ConditionPart) -> ConditionPart:
    """Two conditions joined by ``and``."""
    return ConditionPart(
        TRUTH,
        one.span.to(other.span),
        lambda record: one.value(record) and other.value(record),
        lambda record: both(one.known(record), other.known(record)),
        lambda record: one.gap(record) + other.gap(record),
        lambda record: one.lost(record) or other.lost(record),
        rows=lambda columns: one.rows(columns) & other.rows(columns),
        gaps=lambda columns: one.gaps(columns) + other.gaps(columns),
    )


def turned_round(start: Span, one: ConditionPart) -> ConditionPart:
    """A condition behind ``not``."""
    return ConditionPart(
        TRUTH,
        start.to(one.span),
        lambda record: not one.value(record),
        lambda record: negated(one.known(record)),
        lambda record: Fraction(bool(one.value(record))),
        rows=lambda columns: ~one.rows(columns),
        gaps=lambda columns: one.rows(columns).astype(float),
    )


def loosely(one: Callable[..., Any]) -> Callable[..., str | None]:
    """A text whose case, ``-`` and ``_`` do not matter."""

    def value(record: Mapping[str, Any]) -> str | None:
        text = one(record)
        return None if text is None else normal(text)

    return value


def loosely_rows(one: Callable[..., Any]) -> Callable[..., Any]:
    """A column of texts, or one text, whose case, ``-`` and ``_`` do not matter."""

    def rows(columns: Mapping[str, Any]) -> Any:
        return texts(one(columns), normal)

    return rows
