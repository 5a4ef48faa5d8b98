"""What every tool prints of one network beside ours, and where each differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..counters import Profile, profile, profiles
from ..loading import LoadedNetwork
from .operations import FACTORS, KINDS, MACS, OperationFigures, ToolSum
from .writings import WrittenCode

# The kinds of differences, in the order of the table; what is of none of them is OTHER.
BIASES, ATTENTION, OTHER = "biases", "attention", "other"
DIFFERENCES = ("norms", "activations", "pooling", BIASES, ATTENTION, OTHER)


class ToolFault(NamedTuple):
    """A fault of a tool, why it is one, and how much it changes the figure of a network."""

    fault: str
    reason: str
    amount: int


class CountByTool(NamedTuple):
    """What a tool prints of a network.

    Attributes:
        profile: How the tool counts.
        figure: What it prints of the code that `archcalc export` writes, or of a traced module's own.
        with_modules: What it prints where activations and pools are modules, each of them.
        differences: By kind, how much more than ours, in the tool's unit; they add up to the difference.
        faults: Which of it are faults.
    """

    profile: Profile
    figure: int
    with_modules: int
    differences: dict[str, int]
    faults: tuple[ToolFault, ...]


class CountsByTools:
    """What all tools print of a network.

    Args:
        network: The network.

    Example:
        >>> from archcalc.reconciling.tools import CountsByTools
        >>> rows = CountsByTools(archcalc.load("resnet50")).rows
        >>> [row.figure for row in rows if row.profile.name == "flopcounter"]
        [8178368512]
    """

    def __init__(self, network: LoadedNetwork):
        self.network = network
        whole = OperationFigures(network, 0)
        self._figures = whole
        self.macs = whole.parts[0].macs
        self.uncounted = [layer.name for layer, rule in whole.parts[0].counts.uncounted if rule == "macs"]
        seen = WrittenCode((), whole.forms)
        found = [(profile(name), whole.printed(profile(name), seen)) for name in profiles()]
        self.rows: Sequence[CountByTool] = [self._row(by, its) for by, its in found if its is not None]

    @property
    def name(self) -> str:
        """The name of the network."""
        return self.network.graph.metadata.name

    def _row(self, by: Profile, counted: ToolSum) -> CountByTool:
        usual = self._figures.printed_by_tools.get(by.name, counted.figure)
        differences = dict.fromkeys(DIFFERENCES, 0)
        amounts: dict[str, int] = {}
        factor = FACTORS[by.unit]
        for layer, its, number in counted.layers:
            kind = _kind(layer.op.group)
            rest = its.figure - factor * (layer.facts.macs or 0)
            for term in its.terms:
                if term.fault:
                    amounts[term.fault] = amounts.get(term.fault, 0) + number * term.value
                elif term.what == BIASES and kind == OTHER:
                    differences[BIASES] += number * term.value
                    rest -= term.value
            differences[kind] += number * rest
        faults = [ToolFault(fault, by.faults[fault], amount) for fault, amount in amounts.items() if amount]
        return CountByTool(by, counted.figure, usual, differences, tuple(faults))


def _kind(group: str) -> str:
    if group == "sequence":
        return ATTENTION
    kind = KINDS.get(group, OTHER)
    return kind if kind in DIFFERENCES else OTHER


def ours(figures: CountsByTools, unit: str) -> int:
    """Our figure of a network in a unit."""
    return figures.macs * FACTORS.get(unit, FACTORS[MACS])
