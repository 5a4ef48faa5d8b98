"""Statistics of a class: how hard its questions were, and how well they tell students apart.

All are of the sheets on which nothing is open: the points of the others are not final. Figures are exact
until they are shown; only then a root is drawn.

facility        the mean share of the points of a question that was given
deviation       the standard deviation of that share, with n - 1
discrimination  the correlation of the points of a question with those of all others together: the
                discrimination index of Moodle (docs.moodle.org/dev/Quiz_statistics_calculations), which for
                answers that are right or wrong is the point-biserial coefficient, corrected for the question
                itself
upper_lower     the facility among the best 27 % less that among the last 27 %: T. L. Kelley, The selection of
                upper and lower groups for the validation of test items, Journal of Educational Psychology 30,
                1939. Of students with as many points as those at the edge of a group, it holds a like share
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

from .misconceptions import CATALOGUE
from .quiz_item import QuizItem
from .tally import Tally

# Below this number of sheets, a figure says little.
FEW = 10
SHARE = Fraction(27, 100)


class Root(NamedTuple):
    """The root of an exact square, with a sign."""

    square: Fraction
    sign: int = 1

    def __float__(self) -> float:
        return self.sign * sqrt(self.square)


class QuestionStatistics(NamedTuple):
    """The statistics of a question; None where there is nothing to compute one of.

    misconceptions  how many answers each explains, by its name, the most frequent first
    conventions     how many answers are right by each, in words
    """

    item: QuizItem
    facility: Fraction | None
    deviation: Root | None
    discrimination: Root | None
    upper_lower: Fraction | None
    misconceptions: dict[str, int]
    conventions: dict[str, int]


class ClassStatistics(NamedTuple):
    """The statistics of a class.

    sheets  on which nothing is open, and that the figures are of; ``open`` is how many others there are
    """

    sheets: int
    open: int
    mean: Fraction | None
    median: Fraction | None
    deviation: Root | None
    lowest: Fraction | None
    highest: Fraction | None
    questions: tuple[QuestionStatistics, ...]
    misconceptions: dict[str, int]
    conventions: dict[str, int]

    @property
    def few(self) -> bool:
        """Whether there are too few sheets for the figures to say much."""
        return self.sheets < FEW

    @property
    def caution(self) -> str:
        """The words that say how little figures of few sheets say."""
        return f"of {self.sheets} sheets, fewer than {FEW}: these figures say little"

    @classmethod
    def of(cls, tally: Tally) -> ClassStatistics:
        """The statistics of the sheets that were counted."""
        totals = sorted(tally.scored)
        number = sum([count for count, _ in tally.scored.values()])
        points = Sums.of([(total, tally.scored[total][0]) for total in totals])
        questions = tuple([_of_question(tally, at, points) for at in range(len(tally.items))])
        return cls(
            number,
            tally.sheets - number,
            points.mean,
            _median(totals, [tally.scored[total][0] for total in totals]),
            _root(points.variance),
            totals[0] if totals else None,
            totals[-1] if totals else None,
            questions,
            _named(_added(tally.beliefs.values())),
            dict(_added(tally.conventions.values()).most_common()),
        )


class Sums(NamedTuple):
    """Numbers that occur several times: how many, their sum, and the sum of their squares."""

    number: int
    first: Fraction
    second: Fraction

    @classmethod
    def of(cls, values: Iterable[tuple[Fraction, int]]) -> Sums:
        """Of values, and how often each occurs."""
        number, first, second = 0, Fraction(0), Fraction(0)
        for value, count in values:
            number, first, second = number + count, first + value * count, second + value * value * count
        return cls(number, first, second)

    @property
    def mean(self) -> Fraction | None:
        """The mean; None of nothing."""
        return self.first / self.number if self.number else None

    @property
    def spread(self) -> Fraction:
        """The sum of the squares of the differences from the mean."""
        return self.second - self.first * self.first / self.number if self.number else Fraction(0)

    @property
    def variance(self) -> Fraction | None:
        """The variance with n - 1; None of fewer than two."""
        return self.spread / (self.number - 1) if self.number > 1 else None


def _of_question(tally: Tally, at: int, totals: Sums) -> QuestionStatistics:
    item = tally.items[at]
    points = Sums.of(tally.given[item.id].items())
    most, variance = item.points, points.variance
    graded = bool(most) and points.mean is not None
    return QuestionStatistics(
        item,
        points.mean / most if graded and points.mean is not None else None,
        _root(variance / most**2) if most and variance is not None else None,
        _discrimination(tally, at, points, totals),
        _upper_lower(tally, at) / most if graded else None,
        _named(tally.beliefs[item.id]),
        dict(tally.conventions[item.id].most_common()),
    )


def _discrimination(tally: Tally, at: int, points: Sums, totals: Sums) -> Root | None:
    """The correlation of a question with the rest; None where all have the same points in one of the two."""
    both = sum([total * sums[at] for total, (_, sums) in tally.scored.items()], Fraction(0))
    rest = Sums(points.number, totals.first - points.first, totals.second - 2 * both + points.second)
    spreads = points.spread * rest.spread
    if not spreads:
        return None
    together = both - points.second - points.first * rest.first / points.number
    return Root(together * together / spreads, -1 if together < 0 else 1)


def _upper_lower(tally: Tally, at: int) -> Fraction:
    """The mean of a question's points in the best 27 %, less that in the last 27 %."""
    size = SHARE * sum([count for count, _ in tally.scored.values()])

    def mean(totals: Iterable[Fraction]) -> Fraction:
        left, found = size, Fraction(0)
        for total in totals:
            count, sums = tally.scored[total]
            taken = min(left, Fraction(count))
            found += sums[at] * taken / count
            left -= taken
            if not left:
                break
        return found / size

    ordered = sorted(tally.scored)
    return mean(reversed(ordered)) - mean(ordered)


def _median(values: list[Fraction], counts: list[int]) -> Fraction | None:
    number = sum(counts)
    if not number:
        return None
    places = [(number - 1) // 2, number // 2]
    found, passed = [], 0
    for value, count in zip(values, counts, strict=True):
        found += [value for place in places if passed <= place < passed + count]
        passed += count
    return sum(found, Fraction(0)) / 2


def _root(square: Fraction | None) -> Root | None:
    return None if square is None else Root(square)


def _added(counters: Iterable[Counter[str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for counter in counters:
        found += counter
    return found


def _named(ids: Counter[str]) -> dict[str, int]:
    """Misconceptions by their names, the most frequent first."""
    return {CATALOGUE[id].name: number for id, number in ids.most_common()}
