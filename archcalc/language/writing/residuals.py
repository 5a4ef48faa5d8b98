"""Blocks that add what arrives to what they make, and the same blocks without the sum."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations

from .items import LayerItem, ShortcutItem, Slot, SpecStatement, shape_of
from .nodes import BlockNode

# A block with its statements.
Use = tuple[BlockNode, list[SpecStatement]]
# What an op calls the channels that it makes.
_CHANNELS = ("filters", "units", "channels")


class ResidualPair:
    """Blocks of one class, of which some add what arrives.

    Attributes:
        uses: Each with its statements, the sum left out.
        added: Whether each has the sum.
    """

    def __init__(self, uses: list[Use], added: list[bool], item: LayerItem, first: bool):
        self.uses = uses
        self.added = added
        self._item = item
        self._first = first

    def sum(self, when: str) -> SpecStatement:
        """The statement of the sum, which is there under a condition; what is added gets a label."""
        last = self.uses[0][1][-1]
        if last.label is None:
            last.label = "y"
        item = LayerItem(self._item.op, dict(self._item.arguments), self._item.arriving)
        item.references = ("x", last.label) if self._first else (last.label, "x")
        found = SpecStatement(None, [item], None)
        found.when = when
        return found


def residual_pairs(
    alike: Mapping[Hashable, Sequence[BlockNode]], bodies: Mapping[BlockNode, list[SpecStatement]]
) -> list[ResidualPair]:
    """Find bodies that are a sum of what arrives with what other bodies of the same class come to.

    Args:
        alike: The blocks whose bodies differ in values alone.
        bodies: The statements of each block.
    """
    plain: dict[Hashable, Sequence[BlockNode]] = {}
    for nodes in alike.values():
        if len(nodes[0].reads) == 1:
            plain[(nodes[0].called, _shape(bodies[nodes[0]]))] = nodes
    found: list[ResidualPair] = []
    for nodes in alike.values():
        sums = {node: _sum(bodies[node]) for node in nodes}
        first = sums[nodes[0]]
        if len(nodes[0].reads) != 1 or first is None:
            continue
        item, inner, identity_first = first
        others = plain.get((nodes[0].called, _shape(inner)), ())
        labels = {statement.label for statement in inner}
        if not others or labels & {"x", "y"} or any(at is None for at in sums.values()):
            continue
        uses: list[Use] = [(node, bodies[node]) for node in others]
        uses += [(node, at[1]) for node, at in sums.items() if at is not None]
        found.append(ResidualPair(uses, [False] * len(others) + [True] * len(nodes), item, identity_first))
    return found


def _shape(statements: list[SpecStatement]) -> Hashable:
    return shape_of(statements)


def _sum(statements: list[SpecStatement]) -> tuple[LayerItem, list[SpecStatement], bool] | None:
    """The sum that a body is, the statements of its other branch, and whether what arrives is the first."""
    if len(statements) != 1 or len(statements[0].items) != 1 or statements[0].label is not None:
        return None
    (item,) = statements[0].items
    if not isinstance(item, LayerItem) or item.op.name != "add" or len(item.branches) != 2:
        return None
    same = [_is_identity(branch) for branch in item.branches]
    if sum(same) != 1:
        return None
    return item, list(item.branches[same.index(False)]), same[0]


def _is_identity(branch: Sequence[SpecStatement]) -> bool:
    if not branch:
        return True
    (*_, last) = branch[-1].items
    return len(branch) == 1 and isinstance(last, ShortcutItem) and last.words == "identity"


def condition(given: Mapping[str, list[Slot]], arriving: Sequence[int], wanted: list[bool]) -> str | None:
    """A condition on the parameters of a block that holds in just those of its uses.

    Args:
        given: The values of each parameter, one per use.
        arriving: The channels that arrive at each use.
        wanted: Where it holds.
    """
    atoms: list[tuple[str, list[bool]]] = []
    for name, values in sorted(given.items(), key=lambda item: item[1][0].word != "stride"):
        if values[0].word == "stride":
            atoms.append((f"{name} == 1", [slot.value == 1 for slot in values]))
        elif values[0].word in _CHANNELS:
            same = [slot.value == source for slot, source in zip(values, arriving, strict=True)]
            atoms.append((f"x.c == {name}", same))
    for count in (1, 2):
        for chosen in combinations(atoms, count):
            if [all(column) for column in zip(*[holds for _, holds in chosen], strict=True)] == wanted:
                return " and ".join([text for text, _ in chosen])
    return None
