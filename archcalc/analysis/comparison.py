"""Networks beside each other: their totals, ratios to the first, accuracies where reported."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ..amounts import FIGURES
from ..graph import PublishedFigure
from ..quantities import MEASURED
from ..shape import Shape
from .receptive import FieldExtent
from .roofline import RooflineTotals
from .summary import Summary

# Totals that have a ratio to those of the first network.
COMPARED = ("params", "macs", "activation_bytes", "peak_bytes")
# How a network was tested, from what is compared most often to what is compared least.
_CROPS = ("single_crop", "", "ten_crop")
# What a source says that a figure is; papers print errors as often.
_ACCURACY, _ERROR = "accuracy", "error"


class Accuracy:
    """A reported accuracy in per cent; where an error was printed, what it leaves of a hundred.

    value   exact
    places  decimals as printed
    crop    ``single_crop`` and the like; empty where the spec does not say
    """

    __slots__ = ("value", "places", "crop", "figure")

    def __init__(self, figure: PublishedFigure):
        amount = FIGURES.read(figure.printed)
        assert amount is not None  # checked when the spec was parsed
        self.figure = figure
        printed = amount.number * FIGURES.scales[amount.scale]
        self.value = 100 - printed if self.from_error else printed
        self.places = max(amount.places, 0)
        self.crop = next((word for word in figure.conventions if word.endswith("crop")), "")

    @property
    def from_error(self) -> bool:
        """Whether what was printed is an error."""
        return _ERROR in (self.figure.source or "")

    @property
    def text(self) -> str:
        """``76.13``"""
        return f"{float(self.value):.{self.places}f}"

    def to_dict(self) -> dict[str, Any]:
        """The accuracy as a text, which keeps its digits, and what was printed where."""
        return {
            "accuracy": self.text,
            "printed": self.figure.printed,
            "source": self.figure.source,
            "convention": " ".join(self.figure.conventions) or None,
        }


def accuracy(summary: Summary, quantity: str) -> Accuracy | None:
    """The reported accuracy of a quantity (``top1``, ``top5``) that is best compared with others:
    of one crop, and of several the first. None where none is reported, or its source does not say
    whether it is an accuracy or an error."""
    found = [
        Accuracy(checked.figure)
        for checked in summary.published_figures
        if checked.figure.quantity == quantity
        and checked.figure.of is None
        and checked.figure.wrong is None
        and checked.figure.printed.endswith("%")
        and any(word in (checked.figure.source or "") for word in (_ACCURACY, _ERROR))
    ]
    return min(found, key=lambda a: _CROPS.index(a.crop) if a.crop in _CROPS else 1, default=None)


class Member:
    """A network of a comparison.

    bounds  those on a device, where it has one: the sums of a roofline
    blind  a layer has no rule for its receptive field
    field  that of the last layer before everything is seen at once; None if there is none, or blind
    """

    __slots__ = ("summary", "totals", "blind", "field", "accuracies", "at_least", "bounds")

    def __init__(self, summary: Summary):
        self.summary = summary
        self.totals = summary.totals
        seen_by = summary.fields.seen_by
        self.blind = any(seen_by[at] is None for at in summary.layers)
        last = None if self.blind else summary.fields.last_local()
        self.field: FieldExtent | None = summary.fields.main(last) if last is not None else None
        self.accuracies = {quantity: accuracy(summary, quantity) for quantity in MEASURED}
        below = list(self.totals.get("at_least", ()))
        self.bounds: RooflineTotals | None = None
        if summary.roofline is not None:
            self.bounds = summary.roofline.totals
            below += ["time"] if self.bounds.at_least else []
        self.at_least = frozenset(below)

    def value(self, quantity: str) -> int:
        """A total, or the least time."""
        if quantity == "time":
            assert self.bounds is not None
            return self.bounds.time
        value: int = self.totals[quantity]
        return value

    @property
    def name(self) -> str:
        """The name of the network, in one line."""
        return " ".join(self.summary.graph.metadata.name.split())

    @property
    def inputs(self) -> list[Shape]:
        """Shapes of the inputs, channels last."""
        return [source.output for source in self.summary.graph.inputs]


class Compared:
    """Several networks; the first is what the others are compared with.

    Raises ValueError for fewer than one, or if batch, dtype or layout differ.
    """

    def __init__(self, summaries: Sequence[Summary]):
        if not summaries:
            raise ValueError("nothing to compare")
        if len({(s.batch, s.dtype, s.layout) for s in summaries}) > 1:
            raise ValueError("batch, dtype and layout are one for all networks")
        if len({s.roofline.title if s.roofline is not None else None for s in summaries}) > 1:
            raise ValueError("the device is one for all networks")
        self.rows = [Member(summary) for summary in summaries]

    @property
    def first(self) -> Member:
        """The network that the others are compared with."""
        return self.rows[0]

    @property
    def compared(self) -> tuple[str, ...]:
        """The quantities that have ratios."""
        return COMPARED if self.first.bounds is None else (*COMPARED, "time")

    def ratio(self, member: Member, quantity: str) -> Fraction | None:
        """How many times the first network's, exact; None where one of the two is zero or only a
        lower bound. ``quantity`` is one of ``compared``."""
        if quantity in member.at_least or quantity in self.first.at_least:
            return None
        mine, its = member.value(quantity), self.first.value(quantity)
        return Fraction(mine, its) if mine and its else None

    def ratios(self, member: Member) -> dict[str, str | None]:
        """The ratios of a network as exact fractions, ``"9/25"``."""
        found = {quantity: self.ratio(member, quantity) for quantity in self.compared}
        return {quantity: None if r is None else str(r) for quantity, r in found.items()}
