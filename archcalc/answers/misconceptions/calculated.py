"""Misconceptions of differences, quotients and percentages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from ...arithmetic import Expression
from ..methods.calculated import Calculated
from .belief import CONVENTION, Variant, belief

_LIKELY = "a likely mistake: no source has printed it"
# A change of one node of an expression; None where it does not apply there.
NodeRule = Callable[[Expression], "Expression | None"]


def _at_first(made: Expression, rule: NodeRule) -> Expression | None:
    """An expression with its first node changed to which a rule applies, from the outside in."""
    changed = rule(made)
    if changed is not None:
        return changed
    for place, part in enumerate(made.arguments):
        inner = _at_first(part, rule)
        if inner is not None:
            parts = (*made.arguments[:place], inner, *made.arguments[place + 1 :])
            return Expression(made.operator, parts, None)
    return None


def _changed(whole: Calculated, rule: NodeRule) -> Calculated | None:
    made = _at_first(whole.made, rule)
    return None if made is None else whole.but(made=made)


def _joined(operator: str, one: Expression, other: Expression) -> Expression:
    return Expression(operator, (one, other), None)


def _is(made: Expression, number: int) -> bool:
    return made.operator == "number" and made.value == number


def _same(one: Expression, other: Expression) -> bool:
    return one.text == other.text


_ONE = Expression("number", (), 1)


def _turned(operator: str) -> NodeRule:
    def rule(at: Expression) -> Expression | None:
        return _joined(operator, at.arguments[1], at.arguments[0]) if at.operator == operator else None

    return rule


@belief(
    "the difference turned round",
    wrong="b − a for a − b",
    why="The number that something is compared with is taken off: how many more a has than b is a − b.",
    hint="Which of the two numbers is taken from the other?",
    source=_LIKELY,
)
def difference_turned(whole: Calculated) -> Calculated | None:
    return _changed(whole, _turned("-"))


@belief(
    "the quotient turned round",
    wrong="b/a for a/b",
    why="The share of a in b is a/b: what it is a share of stands below.",
    hint="What is it a share of?",
    source=_LIKELY,
)
def quotient_turned(whole: Calculated) -> Calculated | None:
    return _changed(whole, _turned("/"))


@belief(
    "a share of the other number",
    wrong="(a − b)/b for (a − b)/a",
    why="What is saved is a share of what there was before.",
    hint="A share of which of the two numbers is wanted?",
    source=_LIKELY,
)
def wrong_base(whole: Calculated) -> Calculated | None:
    def rule(at: Expression) -> Expression | None:
        if at.operator not in ("-", "/"):
            return None
        one, other = at.arguments
        if at.operator == "-" and _is(one, 1) and other.operator == "/":
            a, b = other.arguments
            return _joined("/", _joined("-", b, a), a)
        if at.operator == "/" and one.operator == "-":
            a, b = one.arguments
            if _same(other, a) or _same(other, b):
                return _joined("/", one, b if _same(other, a) else a)
        return None

    return _changed(whole, rule)


@belief(
    "what is left, and not what is saved",
    wrong="b/a for (a − b)/a",
    why="What is saved is the rest: 1 less the share that is left.",
    hint="Is that the part that is saved, or the part that remains?",
    source=_LIKELY,
)
def left_for_saved(whole: Calculated) -> Calculated | None:
    def rule(at: Expression) -> Expression | None:
        if at.operator not in ("-", "/"):
            return None
        one, other = at.arguments
        if at.operator == "-" and _is(one, 1) and other.operator == "/":
            return other
        if at.operator == "/" and one.operator == "-" and _same(one.arguments[0], other):
            return _joined("/", one.arguments[1], other)
        return None

    return _changed(whole, rule)


@belief(
    "what is saved, and not what is left",
    wrong="(b − a)/b for a/b",
    why="A share is what there is; the rest up to 1 is what is not there.",
    hint="Is that the part itself, or what remains beside it?",
    source=_LIKELY,
)
def saved_for_left(whole: Calculated) -> Calculated | None:
    made = whole.made
    if made.operator != "/" or any(part.operator == "-" for part in made.arguments):
        return None
    return whole.but(made=_joined("-", _ONE, made))


@belief(
    "one number alone, and no difference",
    wrong="a for a − b",
    why="How many more there are is the difference of both numbers: a − b.",
    hint="How many were there before?",
    source="an option: 557,056 for the 278,528 that making an LSTM bidirectional adds",
    family=True,
)
def one_number_alone(whole: Calculated) -> Iterator[Variant]:
    if whole.made.operator != "-" or whole.percent:
        return
    for part in whole.made.arguments:
        if part.operator == "symbol":
            words = next(side.words for side in whole.sides if side.key == part.name)
            yield Variant(f"{words} alone, and no difference", whole.but(made=part))


@belief(
    "both numbers added, and no difference",
    wrong="a + b for a − b",
    why="How many more there are is the difference of both numbers: a − b.",
    hint="Is a sum wanted, or a difference?",
    source="an option: 835,584, three layers of 278,528, for what making an LSTM bidirectional adds",
)
def added_for_difference(whole: Calculated) -> Calculated | None:
    def rule(at: Expression) -> Expression | None:
        plain = at.operator == "-" and not _is(at.arguments[0], 1)
        return _joined("+", *at.arguments) if plain else None

    return _changed(whole, rule)


@belief(
    "both taken for equal, as if they shared their numbers",
    wrong="0 for a − b",
    why="Each of the two has numbers of its own: nothing is shared between them.",
    hint="Do the two share what is counted?",
    source="an option: 0 for the 278,528 that making an LSTM bidirectional adds",
)
def taken_for_equal(whole: Calculated) -> Calculated | None:
    made = whole.made
    alone = made.operator == "-" and all(part.operator == "symbol" for part in made.arguments)
    return whole.but(made=_joined("-", made.arguments[0], made.arguments[0])) if alone else None


@belief(
    "a hundredth of it: the sign for per cent behind a share of one",
    wrong="0.125 % for 12.5 %",
    why="Per cent are hundredths: 0.125 is 12.5 %.",
    hint="How many of a hundred are that?",
    source=_LIKELY,
    slight=True,
)
def hundred_twice(whole: Calculated) -> Calculated | None:
    if not _quotient(whole):
        return None
    return whole.but(made=_joined("/", whole.made, Expression("number", (), 100)))


@belief(
    "in per cent, without the sign for it",
    wrong="12.5 for 1/8",
    why="12.5 of a hundred are 12.5 %, or 0.125.",
    hint="Of how many is that?",
    source=_LIKELY,
    scope=CONVENTION,
)
def percent_unsigned(whole: Calculated) -> Calculated | None:
    if not _quotient(whole) or whole.percent:
        return None
    return whole.but(made=_joined("*", Expression("number", (), 100), whole.made))


def _quotient(whole: Calculated) -> bool:
    value = whole.value
    return whole.percent or (isinstance(value, Fraction) and abs(value) < 1)
