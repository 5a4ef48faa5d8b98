"""Quantities of networks beside each other: differences, quotients and shares, with the first network's."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

from ..analysis.summary import Summary
from .calculated import question_of, single_number
from .conventions import Conventions
from .question import Question, Subject


class ComparedValue:
    """A quantity of one network, and what it is beside that of the first.

    asked  the question about the quantity of this network
    first  that about the first network; None for the first itself
    """

    def __init__(self, name: str, asked: Question, first: ComparedValue | None):
        self.name = name
        self.asked = asked
        self.first = first
        self.value = single_number(asked.name, asked)

    @cached_property
    def at_least(self) -> bool:
        """Whether layers are left out of the value, for which there is no rule."""
        return bool(self.asked.uncounted)

    @property
    def difference(self) -> int | Fraction | None:
        """What it has more than the first; None for the first, and where one of the two is not known."""
        if self.first is None or self.at_least or self.first.at_least:
            return None
        return self.value - self.first.value

    @property
    def ratio(self) -> Fraction | None:
        """How many times the first's; None also where that is zero."""
        if self.difference is None or not self.first or not self.first.value:
            return None
        return Fraction(self.value) / self.first.value

    @property
    def change(self) -> Fraction | None:
        """The difference as a share of the first's; None where there is no ratio."""
        return None if self.ratio is None else self.ratio - 1


class ComparedQuantity:
    """A quantity of each of several networks.

    text    the quantity, or what is computed of several, as it was asked
    values  one value for each network
    """

    def __init__(self, text: str, names: Sequence[str], summaries: Sequence[Summary], agreed: Conventions):
        self.text = " ".join(text.split())
        self.values: list[ComparedValue] = []
        for name, summary in zip(names, summaries, strict=True):
            subject = Subject(
                summary.graph, batch=summary.batch, dtype=summary.dtype, with_heads=summary.with_heads
            )
            first = self.values[0] if self.values else None
            self.values.append(ComparedValue(name, question_of(subject, self.text, agreed), first))

    @property
    def unit(self) -> str:
        """The unit of the values; empty for a quotient."""
        return self.values[0].asked.unit

    @property
    def percent(self) -> bool:
        """Whether the values are in per cent."""
        return bool(getattr(self.values[0].value, "percent", False))


class ComparedQuantities:
    """Quantities of networks beside each other.

    Args:
        summaries: The networks; the first is what the others are compared with.
        texts: The quantities, ``params(fc6)``, ``macs(conv1) / macs``.

    Raises SpecError for what is no quantity, or not one of each network, or no one number.
    """

    def __init__(self, summaries: Sequence[Summary], texts: Sequence[str]):
        first = summaries[0]
        agreed = Conventions({"layout": first.layout} if first.layout != "hwc" else {})
        self.summaries = list(summaries)
        self.names = [" ".join(summary.graph.metadata.name.split()) for summary in summaries]
        self.quantities = [ComparedQuantity(text, self.names, self.summaries, agreed) for text in texts]
