"""What is assumed to explain a figure, and what each assumption costs.

A cost of ``c`` says that about one figure in ``2**c`` is printed so. The costs were set by the published
figures of the zoo: of ten that are not our MACs, about four are another way of building the same
network, two are FLOPs, and one each another size, a tool's convention, and a misprint.
"""

from __future__ import annotations

from typing import NamedTuple

# Kinds of assumptions, in the order in which a reader is told of them: which network, what of it, how its
# code is written, how it is counted, and how the number is printed.
NETWORK, PART, WRITING, CONVENTION, PRINTING = "network", "part", "writing", "convention", "printing"
KINDS = (NETWORK, PART, WRITING, CONVENTION, PRINTING)


class FigureAssumption(NamedTuple):
    """One thing that has to be so.

    kind   one of KINDS
    id     a word for it, as ``counter:fvcore`` or ``input:227x227x3``
    words  what it is, for a reader: ``fvcore``, ``input 227x227x3``, ``cut off``
    cost   how rare it is, in powers of two
    """

    kind: str
    id: str
    words: str
    cost: int


# Costs by what is assumed.
FLOPS_COST = 1  # two FLOPs a MAC, where the figure says neither
COUNTER_COST = 2  # what a tool prints
COUNTER_HALVED_COST = 4  # half of what a tool prints as FLOPs, or twice what it prints as MACs
CONVENTION_COST = 4  # one kind of operation counted with the MACs, or left out
BUILT_OTHERWISE_COST = 3  # the same network built otherwise: resnet50_v1 for resnet50
RELATIVE_COST = 7  # another network of the family
INPUT_COST = 5
CLASSES_COST = 5  # 1,000 or 1,001
OTHER_CLASSES_COST = 6
PARAMETER_COST = 5
HEADS_COST = 3
PART_COST = 4  # without the classifier, convolutions alone
WRITING_COST = 4
FAULTLESS_COST = 4  # a tool's rule without its faults
CUT_OFF_COST = 2
BINARY_COST = 6  # K, M and G as powers of 1,024
MISPRINT_COST = 9  # one digit


def cost_of(assumptions: tuple[FigureAssumption, ...]) -> int:
    """The cost of several assumptions together."""
    return sum([assumption.cost for assumption in assumptions])


def ordered(assumptions: tuple[FigureAssumption, ...]) -> tuple[FigureAssumption, ...]:
    """Assumptions in the order in which a reader is told of them."""
    return tuple(sorted(assumptions, key=lambda assumption: KINDS.index(assumption.kind)))
