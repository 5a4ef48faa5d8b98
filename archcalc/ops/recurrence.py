"""A recurrent layer's steps on literal values, whatever a step does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation

# What a step hands on: the state, and of an LSTM the cell.
Carried = tuple[Any, ...]


class StepTensors:
    """The tensors of a layer and direction, for the maps of a step.

    Args:
        calc: The layer's tensors, and arithmetic.
        end: The end of the tensors' names: ``_l0_reverse``.
        gates: Maps of input and state in a step.
    """

    def __init__(self, calc: Calculation, end: str, gates: int):
        self.calc = calc
        self.end = end
        self.gates = gates

    def of_input(self, x: Array) -> list[Array]:
        """The maps of the input, a gate each."""
        return self._maps("ih", x)

    def of_state(self, state: Array) -> list[Array]:
        """The maps of the state, a gate each."""
        return self._maps("hh", state)

    def of_both(self, x: Array, state: Array) -> list[Array]:
        """The sums of both."""
        return [a + b for a, b in zip(self.of_input(x), self.of_state(state), strict=True)]

    def candidate(self, state: Array) -> Array:
        """The last map of another state, without a bias."""
        weight = self._split(self.calc.tensors[f"weight_hh{self.end}"])[-1]
        return self.calc.matmul(state, weight.T)

    def projected(self, state: Array) -> Array:
        """The state that one more map makes shorter, where there is one."""
        weight = self.calc.tensors.get(f"weight_hr{self.end}")
        return state if weight is None else self.calc.matmul(state, weight.T)

    def _maps(self, kind: str, x: Array) -> list[Array]:
        found = self.calc.linear(x, f"weight_{kind}{self.end}", f"bias_{kind}{self.end}")
        return self._split(found)

    def _split(self, x: Array) -> list[Array]:
        return self.calc.shares(x, [len(x) // self.gates] * self.gates)


def walked(op: Any, calc: Calculation, steps: Array, rows: Sequence[Array]) -> tuple[Array, list[Array]]:
    """Run all layers of a recurrent layer over a sequence.

    Args:
        op: The recurrent layer.
        calc: Its tensors, and arithmetic.
        steps: What arrives, a row per step.
        rows: The states before the first step, a row for each layer: first all states, then all cells. None:
            zeros.

    Returns:
        The states of the highest layer after all steps, and what all layers end with, a row each.
    """
    ways, ends = (2 if op.bidirectional else 1), []
    for number in range(op.layers):
        begun = [calc.shares(row, [len(row) // ways] * ways) for row in rows[number :: op.layers]]
        made, last = [], []
        for way in range(ways):
            tensors = StepTensors(calc, f"_l{number}{'_reverse' * way}", op.maps)
            carried: Carried = tuple([each[way] for each in begun]) or op.zeros(calc)
            states = []
            for x in steps[::-1] if way else steps:
                carried = op.advance(tensors, x, carried)
                states.append(carried[0])
            made.append(calc.stacked(states[::-1] if way else states, 0))
            last.append(carried)
        steps = calc.joined(made, 1)
        ends.append([calc.joined(parts, 0) for parts in zip(*last, strict=True)])
    return steps, [row for kind in zip(*ends, strict=True) for row in kind]
