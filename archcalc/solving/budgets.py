"""Whether a network keeps within its budgets: conditions on its quantities, decided one by one."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ..analysis.scope import Row
from ..analysis.summary import Summary
from ..diagnostics import did_you_mean, fail, no_layer
from ..graph import Graph, Layer
from ..language.bounds import Bounds, Rational, all_hold
from ..language.condition_parts import ConditionComparison, ConditionPart
from ..language.conditions import Condition
from ..quantities import (
    ALIASES,
    BYTES,
    CONDITIONED,
    COUNT,
    DURATION,
    ON_DEVICE,
    ON_DEVICE_ALIASES,
    QUANTITIES,
    QUOTIENT,
    SHAPE,
    Quantity,
    called,
    measured,
    names,
)

# Layers without a rule that a reason names.
MOST_NAMES = 3
# What a place may be called that is the whole network.
_TOTAL = ("total", "totals")
# The rules whose lack makes a quantity a lower bound, in words.
_RULES = {
    "params": "parameters",
    "macs": "operations",
    "backward": "gradients",
    "saved": "kept bytes",
    "rf": "receptive field",
    "": "time",
}


class KnownBounds(NamedTuple):
    """What is known of a quantity.

    bounds  its number, or where it lies
    form    BYTES, or a count or size
    reason  why only bounds are known; empty where the number is
    """

    bounds: Bounds
    form: str = COUNT
    reason: str = ""


class Judgement:
    """A comparison of a condition, and whether it holds.

    text        as written
    left, right what is known of both sides
    sign        the sign between them
    holds       None where that cannot be decided
    reason      why only bounds are known; empty where numbers are
    """

    __slots__ = ("text", "left", "sign", "right", "holds", "reason", "quantity_first")

    def __init__(self, comparison: ConditionComparison, known: dict[str, KnownBounds]):
        bounds = {name: at.bounds for name, at in known.items()}
        self.text = comparison.text
        self.sign = comparison.sign
        self.left, self.right = [_side(part, known, bounds) for part in (comparison.left, comparison.right)]
        self.holds = comparison.holds(bounds)
        self.reason = "; ".join(dict.fromkeys(at.reason for at in (self.left, self.right) if at.reason))
        # Where a number stands in front, `1M < params`, the quantity is what is measured.
        self.quantity_first = bool(comparison.left.named) or not comparison.right.named

    @property
    def measured(self) -> KnownBounds:
        """The side that is measured."""
        return self.left if self.quantity_first else self.right

    @property
    def limit(self) -> KnownBounds:
        """The side that it is measured by."""
        return self.right if self.quantity_first else self.left

    @property
    def difference(self) -> Rational | None:
        """What is measured less the limit; of a lower bound the least that it can be. None where it is
        not known."""
        low, limit = self.measured.bounds.low, self.limit.bounds.exact
        return None if low is None or limit is None else low - limit

    def to_dict(self) -> dict[str, Any]:
        """The JSON record."""
        return {
            "text": self.text,
            "holds": self.holds,
            "value": _json(self.measured.bounds.low),
            "at_least": self.measured.bounds.exact is None and self.measured.bounds.low is not None,
            "limit": _json(self.limit.bounds.exact),
            "difference": _json(self.difference),
            "bytes": self.measured.form == BYTES,
            "reason": self.reason or None,
        }


class BudgetCondition:
    """One condition, and whether the network keeps within it.

    text         as written
    comparisons  the comparisons that it is made of
    holds        None where that cannot be decided
    """

    def __init__(self, text: str, quantities: PlacedQuantities):
        called = {**ALIASES, **ON_DEVICE_ALIASES}
        condition = Condition(text, (*CONDITIONED, *ON_DEVICE), called=called, placed=quantities.placed)
        known = {name: quantities.known(name) for name in condition.named}
        self.text = text
        self.comparisons = [Judgement(at, known) for at in condition.comparisons]
        self.holds = condition.decided({name: at.bounds for name, at in known.items()})

    def to_dict(self) -> dict[str, Any]:
        """The JSON record."""
        return {
            "where": self.text,
            "holds": self.holds,
            "comparisons": [judgement.to_dict() for judgement in self.comparisons],
        }


class Budgets:
    """Conditions on a network, and whether it keeps within all of them.

    Args:
        summary: The summary of the network, in the batch and dtype that are meant.
        conditions: The conditions, as ``archcalc check --where`` takes them.

    Raises:
        SpecError: For what is no condition, and names that there are not; it points at the place.

    Example:
        >>> from archcalc.solving.budgets import Budgets
        >>> budgets = Budgets(archcalc.load("resnet50").summary(), ["macs < 4G and rf >= 300"])
        >>> budgets.holds, [(at.text, at.holds, at.difference) for at in budgets.conditions[0].comparisons]
        (False, [('macs < 4G', False, 89184256), ('rf >= 300', True, 127)])
    """

    def __init__(self, summary: Summary, conditions: Sequence[str]):
        self.summary = summary
        quantities = PlacedQuantities(summary)
        self.conditions = [BudgetCondition(text, quantities) for text in conditions]

    @property
    def holds(self) -> bool | None:
        """Whether all hold; None where that cannot be decided."""
        return all_hold(budget.holds for budget in self.conditions)


class PlacedQuantities:
    """What is known of the quantities of a network and of its places."""

    def __init__(self, summary: Summary):
        self.summary = summary
        self._places: dict[str, tuple[str, Quantity]] = {}

    def placed(self, text: str) -> str:
        """The key of a quantity of a place, ``conv1.params``. Raises SpecError."""
        place, _, word = text.rpartition(".")
        graph = self.summary.graph
        plain = word.lower()
        meant = called(word) or ON_DEVICE.get(ON_DEVICE_ALIASES.get(plain, plain))
        if meant is None or meant.form == SHAPE:
            raise fail(
                "name",
                f"no quantity is called `{word}`",
                *did_you_mean(word.lower(), names()),
                f"there are {', '.join(CONDITIONED)}",
            )
        if meant.name in ON_DEVICE:
            self._need_device(meant)
        else:
            meant = QUANTITIES[meant.number or meant.name]
        if place.lower() in _TOTAL and graph.find(place) is None:
            return meant.name
        if graph.find(place) is None and not _inside(graph, place):
            raise no_layer(graph.metadata.name, place, graph.names())
        if meant.layer is None:
            raise fail("argument", f"{meant.name} is of a whole network", f"say {meant.name} alone")
        self._places[text] = graph.called(place), meant
        return text

    def known(self, name: str) -> KnownBounds:
        """What is known of a quantity, or of one of a place."""
        if name in self._places:
            place, quantity = self._places[name]
            return self._of_place(place, quantity)
        if name in ON_DEVICE:
            return self._on_device(ON_DEVICE[name])
        quantity = names()[name]
        quantity = QUANTITIES[quantity.number or quantity.name]
        form = quantity.form
        summary = self.summary
        if quantity.lacks and summary.lacks(quantity.lacks):
            low = quantity.of(summary)
            return KnownBounds(Bounds(low, None), form, self._lacking(quantity.lacks, summary.layers))
        value = measured(name, summary)
        if value is not None:
            return KnownBounds(Bounds.exactly(value), form)
        if summary.blind:
            return KnownBounds(Bounds(), form, self._lacking("rf", summary.layers))
        if summary.local is None:
            return KnownBounds(Bounds(), form, f"there is no {quantity.words}: every layer sees everything")
        return KnownBounds(Bounds(), form, f"there is no one {quantity.words}")

    def _on_device(self, quantity: Quantity) -> KnownBounds:
        """What is known of a quantity that a device adds. Raises SpecError where there is none."""
        self._need_device(quantity)
        value = quantity.of(self.summary)
        assert self.summary.roofline is not None
        uncounted = [row.layer for row in self.summary.roofline.totals.uncounted]
        if uncounted:
            low = None if quantity.form == QUOTIENT else value
            return KnownBounds(Bounds(low, None), quantity.form, self._lacking("", uncounted))
        if value is None:
            return KnownBounds(Bounds(), quantity.form, "nothing is moved")
        return KnownBounds(Bounds.exactly(value), quantity.form)

    def _need_device(self, quantity: Quantity) -> None:
        if self.summary.roofline is None:
            raise fail(
                "argument",
                f"`{quantity.name}` is of a network on a device",
                "say which: --on h100, or a TOML file",
            )

    def _of_place(self, place: str, quantity: Quantity) -> KnownBounds:
        graph = self.summary.graph
        layer, label = graph.named.get(place), graph.find(place)
        assert quantity.layer is not None  # checked when it was read
        if layer is not None:
            layers = [layer]
        elif label is not None:
            layers = list(graph.layers[label.first : label.last]) if quantity.summed else [label.tensor]
        else:
            layers = _inside(graph, place) if quantity.summed else _inside(graph, place)[-1:]
        alone = len(layers) == 1
        summary = self._around(layers)
        values = [quantity.layer(Row(layer, summary, alone=alone)) for layer in layers]
        lacking = [layer for layer, value in zip(layers, values, strict=True) if value is None]
        if lacking:
            if quantity.name in ON_DEVICE:
                return KnownBounds(Bounds(), quantity.form, self._lacking("", lacking))
            if quantity.form not in (COUNT, BYTES):
                return KnownBounds(Bounds(), quantity.form, self._lacking("rf", lacking))
            low = sum(value for value in values if value is not None)
            return KnownBounds(
                Bounds(low, None), quantity.form, self._lacking(quantity.lacks or "rf", lacking)
            )
        value = values[0] if len(values) == 1 else sum(values)
        if isinstance(value, tuple):
            if not value or None in value:
                return KnownBounds(Bounds(), quantity.form, f"{place} has no one {quantity.words}")
            value = min(value) if quantity.name == "start" else max(value)
        return KnownBounds(Bounds.exactly(value), quantity.form)

    def _around(self, layers: Sequence[Layer]) -> Summary:
        """The summary in which layers stand: that with the side heads for theirs."""
        summary = self.summary
        if all(layer in summary.counts.layers or not layer.inputs for layer in layers):
            return summary
        found = Summary(summary.graph, batch=summary.batch, dtype=summary.dtype, with_heads=True)
        found.roofline = summary.roofline and summary.roofline.of_scope(found)
        return found

    def _lacking(self, rule: str, layers: Sequence[Layer]) -> str:
        """Why a quantity is not known: the layers without a rule for it."""
        summary = self.summary
        if not rule:
            found = list(layers)
        elif rule == "rf":
            found = [layer for layer in layers if summary.fields.seen_by[layer] is None]
        else:
            without = set(summary.without_rule(rule))
            found = [layer for layer in layers if layer in without]
        named = [layer.name for layer in found[:MOST_NAMES]]
        if len(found) > MOST_NAMES:
            named.append(f"{len(found) - MOST_NAMES:,} more")
        return f"no rule for the {_RULES[rule]} of {', '.join(named)}"


def _inside(graph: Graph, place: str) -> list[Layer]:
    """The layers of a module of an imported network, ``layer2`` of ``layer2.0.conv1``."""
    return [layer for layer in graph.layers if layer.name.startswith(f"{place}.")]


def _side(part: ConditionPart, known: dict[str, KnownBounds], bounds: dict[str, Bounds]) -> KnownBounds:
    """What is known of one side of a comparison."""
    inside = [known[name] for name in part.named]
    reason = "; ".join(dict.fromkeys(at.reason for at in inside if at.reason))
    forms = {at.form for at in inside}
    unit = len(forms) == 1 and not set("*/") & set(part.span.text)
    form = next((form for form in (BYTES, DURATION) if unit and form in forms), COUNT)
    return KnownBounds(part.known(bounds), form, reason)


def _json(number: Rational | None) -> int | str | None:
    if isinstance(number, Fraction) and number.denominator != 1:
        return str(number)
    return None if number is None else int(number)
