"""Where a number is from: formulas recorded from the rules that compute it, and their JSON.

Nothing is computed here a second time. A layer's rules are run on symbols and read back
(:mod:`~archcalc.analysis.formula`); a sum holds what the summary adds up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..arithmetic import Expression
from ..graph import Layer
from ..ops.facts import OperationCounts
from .formula import plain, tree
from .notation import written
from .recursion import FieldStep

# Those that are explained where none is asked for.
QUANTITIES = ("output", "params", "macs", "operations", "memory", "rf")

# Letters of the axes of an input, and what they mean.
SIDES = {"T": "input depth", "H": "input height", "W": "input width", "C": "channels in"}
AXES = {1: "W", 2: "HW", 3: "THW"}

MULTIPLIED = "n products of a dot product take n − 1 additions, and a bias one more"


def stored(buffers: int, params: int) -> str:
    """The note on what is stored but not learned."""
    return f"{buffers:,} more are stored but not learned; with them, as Keras counts, {params + buffers:,}"


def additions_note(operations: OperationCounts) -> str:
    """Multiplications and additions of some operations, in words; empty where there are neither."""
    if not operations.multiplications and not operations.additions:
        return ""
    words = f"{operations.multiplications:,} multiplications and {operations.additions:,} additions"
    return f"{words}: {MULTIPLIED}" if operations.outputs else words


@dataclass(eq=False)
class Formula:
    """A number and how it was made.

    of     what it is: ``Wo``, ``mul_add``; empty where the quantity says it
    made   the expression, in symbols
    """

    of: str
    made: Expression

    @property
    def value(self) -> Any:
        return self.made.value

    def to_dict(self) -> dict[str, Any]:
        """The JSON: the value, the text in symbols and in numbers, and the tree."""
        return {
            "of": self.of or None,
            "value": plain(self.value),
            "formula": written(self.made),
            "numbers": written(self.made, numbers=True),
            "expression": tree(self.made),
        }


class SumTerm(NamedTuple):
    """A part of a sum: a layer, what it is, and what it adds."""

    layer: Layer
    value: int


class Terms(NamedTuple):
    """Terms of a sum that are equal, as one: ``5 x 2,359,808``."""

    layers: list[Layer]
    each: int

    @property
    def value(self) -> int:
        """The sum of the terms."""
        return len(self.layers) * self.each


class Derivation:
    """Where one quantity is from.

    quantity  a name of the table of quantities
    value     what ``summary`` says, as in its JSON; None if there is no rule
    formulas  how it is made; none where there is nothing to compute
    notes     the conventions that matter here, a sentence each
    source    where the formula is from
    terms     of a sum: what it adds up, the largest first
    ways      of a receptive field: the steps, for each input of the network and group of axes
    """

    def __init__(
        self,
        quantity: str,
        value: Any,
        formulas: Sequence[Formula] = (),
        notes: Iterable[str] = (),
        source: str = "",
        terms: Sequence[SumTerm] = (),
        ways: Sequence[Way] = (),
    ):
        self.quantity = quantity
        self.value = value
        self.formulas = list(formulas)
        self.notes = list(notes)
        self.source = source
        self.terms = list(terms)
        self.ways = list(ways)

    def gathered(self, most: int) -> list[Terms]:
        """The terms, equal ones of one kind of layer together where there are more than ``most``,
        what adds most first. Of a peak, where each is one that lives, they stand as they are."""
        alone = self.quantity == "peak" or len(self.terms) <= most
        found: dict[object, Terms] = {}
        for place, term in enumerate(self.terms):
            key = place if alone else (term.layer.op.name, term.value)
            found.setdefault(key, Terms([], term.value)).layers.append(term.layer)
        return sorted(found.values(), key=lambda terms: -terms.value)

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        found: dict[str, Any] = {
            "quantity": self.quantity,
            "value": self.value,
            "formulas": [formula.to_dict() for formula in self.formulas],
            "notes": self.notes,
            "source": self.source or None,
        }
        if self.terms:
            found["terms"] = [{"layer": t.layer.name, "value": t.value} for t in self.terms]
        if self.ways:
            found["steps"] = [way.to_dict() for way in self.ways]
        return found


class Way(NamedTuple):
    """The steps of a receptive field in one input of the network, along axes that are alike."""

    source: Layer
    axes: str  # ``HW``, ``H``; empty where all are alike
    steps: list[FieldStep]

    @property
    def along(self) -> str:
        """The axes in words: ``height, width``."""
        words = {letter: word.removeprefix("input ") for letter, word in SIDES.items()}
        return ", ".join([words.get(letter, letter) for letter in self.axes])

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        return {
            "input": self.source.name,
            "axes": self.axes or None,
            "steps": [step.to_dict() for step in self.steps],
        }
