"""The values of each ``?`` that meet a demand, and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ..analysis.receptive import FieldExtent
from ..analysis.summary import Summary, laid_out
from ..diagnostics import Diagnostic
from ..language.condition_columns import COMPARE
from ..language.conditions import Condition
from ..language.unknowns import Unknown
from ..ops.attributes import show
from ..shape import Shape
from .search import Candidate, Found, Objective

# Quantities that are shown of every design.
SHOWN = ("params", "macs", "rf")


class Miss(NamedTuple):
    """What a design misses of a demand.

    demand      as written: ``params <= 2M``, ``[28x28x128]``
    value       what the design has: a number, sizes, or None where that is not known
    limit       what it should be
    difference  the value less the limit, of sizes one by one; None where there is none
    """

    demand: str
    value: Any
    limit: Any
    difference: Any

    @classmethod
    def of_shape(cls, wanted: Sequence[int], came: Sequence[int]) -> Miss:
        """A shape that is not the asserted one."""
        alike = len(wanted) == len(came)
        apart = tuple([b - a for a, b in zip(wanted, came, strict=False)]) if alike else None
        return cls(f"[{'x'.join(map(str, wanted))}]", tuple(came), tuple(wanted), apart)

    @classmethod
    def of_condition(cls, condition: Condition, record: Mapping[str, Any]) -> list[Miss]:
        """The comparisons of a condition that do not hold."""
        found = []
        for at in condition.comparisons:
            left, right = at.left.value(record), at.right.value(record)
            known = not any(side is None or isinstance(side, str) for side in (left, right))
            if known and COMPARE[at.sign](left, right):
                continue
            if not at.left.named:
                left, right = right, left
            found.append(cls(at.text, left, right, left - right if known else None))
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON: demand, value, limit, difference."""
        return {name: _plain(value) for name, value in self._asdict().items()}


class Design:
    """Values that are put in, and what comes of it.

    values  by the names of what was asked for
    spec    the one-liner with them; None for a network whose parameters were asked for
    gap     how far it is from the demand; 0 where it meets it
    output  what the main path puts out, channels last
    field   the receptive field of its last layer that does not see everything: None where there is
            none; ``blind`` where it is not known
    record  its quantities
    misses  what it misses of the demand
    """

    __slots__ = ("values", "spec", "gap", "output", "record", "misses")

    def __init__(
        self,
        values: dict[str, Any],
        spec: str | None,
        gap: Fraction,
        record: Candidate,
        output: Shape | None = None,
    ):
        self.values = values
        self.spec = spec
        self.gap = gap
        self.record = record
        self.output: Shape = output or record.summary.graph.output.output
        self.misses: list[Miss] = []

    @property
    def field(self) -> FieldExtent | None:
        """The receptive field of its last layer that does not see everything."""
        summary = self.summary
        local = None if summary.blind else summary.local
        return local.extent if local is not None else None

    @property
    def blind(self) -> bool:
        """Whether its receptive field is not known."""
        return self.summary.blind

    def figure(self, name: str) -> Any:
        """A quantity, or one of its values."""
        return self.values[name] if name in self.values and name not in SHOWN else self.record[name]

    @property
    def summary(self) -> Summary:
        """All that is computed of it."""
        return self.record.summary

    def to_dict(self, quantities: list[str]) -> dict[str, Any]:
        """Return the JSON: values, output, quantities."""
        return {
            "values": {name: _json(value) for name, value in self.values.items()},
            "spec": self.spec,
            "output": laid_out(self.output, "hwc"),
            **{name: self.record[name] for name in quantities},
            **({"misses": [miss.to_dict() for miss in self.misses]} if self.misses else {}),
        }


class Solution:
    """The designs that were found, and how far it was looked.

    answers     designs that meet the demand, the smallest change first
    nearest     where none does, those that come nearest
    unknowns       what was asked for, and what was looked at
    quantities  those shown of a design: parameters, MACs, receptive field, and those of the demand
    tried       designs that were computed; ``refused`` of them are no networks
    space       how many designs there are
    whole       whether all were looked at, or ruled out
    widened     whether numbers beyond the first ranges were looked at
    below       why the next smaller input is no answer, where the network does not take it
    diagnostics  what else is to be said: of an input that looks channels first
    objective   what is as large or as small as can be; None where the smallest change comes first
    method      how it was looked, a constant of ``search``; ``bounded`` boxes of designs were bounded
    proved      whether the answers are proved to be the best of the space; where they are not, no design has
                more of what is wanted than ``bound``, or less, unless that is None
    met         how many designs meet the demand, of those that were computed
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    below: str = ""
    objective: Objective | None = None

    def __init__(
        self,
        target: str,
        where: Condition | None,
        unknowns: list[Unknown],
        found: Found,
        batch: int,
        dtype: str,
        widened: bool = False,
    ):
        self.target = target
        self.where = where
        self.unknowns = unknowns
        self.batch = batch
        self.dtype = dtype
        self.answers: list[Design] = [outcome.design for _, outcome in found.answers]
        self.nearest: list[Design] = [outcome.design for _, outcome in found.nearest]
        self.tried = found.tried
        self.refused = found.refused
        self.space = found.space
        self.whole = found.whole
        self.widened = widened
        self.method = found.method
        self.proved = found.proved
        self.met = found.met or len(found.answers)
        self.bounded = found.bounded
        self.bound = found.bound
        self.among = found.among
        named = where.named if where is not None else []
        asked = {unknown.name for unknown in unknowns}
        shown = [name for name in named if name not in asked and name != "output"]
        self.quantities = list(dict.fromkeys([*SHOWN, *shown]))


def _json(value: Any) -> Any:
    return value if isinstance(value, (bool, int)) else show(value)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return str(value) if isinstance(value, Fraction) else value
