"""A model as Keras has it: layers, what they are called on, and the order in which Keras lists them.

Layers with more layers behind them come first. Those that are equally far from the end stand in the order in
which a walk from the outputs back to the inputs meets them. A layer that is called several times stands where
its first call needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ...graph import Layer
from ...shape import Shape


class KerasTensor(NamedTuple):
    """What a row puts out: at which use of it, and which of its outputs."""

    row: KerasRow
    use: int
    number: int

    def __str__(self) -> str:
        return f"{self.row.name}[{self.use}][{self.number}]"


class KerasRow:
    """A layer of Keras, or a model within a model.

    name     its name, behind those of the models that it stands in
    short    its name alone
    kind     Keras' class
    outputs  the shapes that it puts out
    counted  parameters that no row before it has; None if there is no rule
    held     all its parameters, by the layers that have them and which part of those it is
    trains   whether any of them is trained; None without parameters
    uses     what it is called on, each time
    model    what is inside, of a model
    shape    the shapes that it puts out, with the batch, as Keras itself has them; None: those of outputs
    """

    def __init__(self, name: str, short: str, kind: str, output: Shape):
        self.name = name
        self.short = short
        self.kind = kind
        self.outputs = [output]
        self.counted: int | None = 0
        self.held: dict[tuple[Layer, int], int | None] = {}
        self.trains: bool | None = None
        self.uses: list[list[KerasTensor]] = []
        self.model: KerasModel | None = None
        self.shape: Any = None

    @property
    def params(self) -> int | None:
        """All parameters, each once."""
        found = self.held.values()
        known = [params for params in found if params is not None]
        return None if len(known) < len(found) else sum(known)

    @property
    def sources(self) -> list[KerasTensor]:
        """What it is connected to."""
        return [tensor for use in self.uses for tensor in use]


class KerasModel:
    """A model: the whole one, or one within another.

    prefix   what names begin with
    parent   the model that it stands in
    row      its row there
    rows     what is inside
    inputs   its own inputs, by the layers outside that they stand for
    outputs  the layers whose outputs are its own
    homes    the rows of layers, and which use of each
    ends     what it puts out, where rows are Keras' own layers
    """

    def __init__(self, prefix: str = "", parent: KerasModel | None = None, row: KerasRow | None = None):
        self.prefix = prefix
        self.parent = parent
        self.row = row
        self.rows: list[KerasRow] = []
        self.inputs: dict[Layer, KerasRow] = {}
        self.outputs: dict[Layer, KerasTensor] = {}
        self.homes: dict[Layer, tuple[KerasRow, int]] = {}
        self.ends: list[KerasTensor] = []

    def around(self) -> Iterator[KerasModel]:
        """Yield the models that it stands in, itself first."""
        model: KerasModel | None = self
        while model is not None:
            yield model
            model = model.parent

    def ordered(self, level: int = 0) -> Iterator[tuple[KerasRow, int]]:
        """Yield its rows as Keras orders them, those of models within behind their own, with levels."""
        for row in in_order(self.rows, [*self.outputs.values(), *self.ends]):
            yield row, level
            if row.model is not None:
                yield from row.model.ordered(level + 1)


_Node = tuple[KerasRow, int]


def in_order(rows: Sequence[KerasRow], outputs: Iterable[KerasTensor]) -> list[KerasRow]:
    """The rows of a model, as Keras orders them."""
    met: dict[KerasRow, int] = {}
    depths = _depths(_walked(outputs, met))
    behind: dict[KerasRow, int] = {}
    for (row, _), depth in depths.items():
        behind[row] = max(depth, behind.get(row, 0))
    # An input that nothing reads stands at the end.
    return sorted(rows, key=lambda row: (-behind.get(row, 0), met.get(row, -1)))


def is_chain(model: KerasModel) -> bool:
    """Whether Keras takes the layers of a model for a chain: each is called once, on one tensor, and no two
    are equally far from the end."""
    depths = _depths(_walked(model.ends, {}))
    rows = {row for row, _ in depths}
    alone = len(rows) == len(set(depths.values())) == len(depths)
    return alone and all(len(row.uses[use]) < 2 for row, use in depths) and rows.issuperset(model.rows)


def _depths(nodes: Sequence[_Node]) -> dict[_Node, int]:
    """How far each call is from the end; calls of one layer are equally far."""
    depths: dict[_Node, int] = {}
    behind: dict[KerasRow, int] = {}
    for node in reversed(nodes):
        row, use = node
        depths[node] = behind[row] = max(depths.get(node, 0), behind.get(row, 0))
        for source in row.uses[use]:
            before = source.row, source.use
            depths[before] = max(depths[node] + 1, depths.get(before, 0))
    return depths


def _walked(outputs: Iterable[KerasTensor], met: dict[KerasRow, int]) -> list[_Node]:
    """The calls of layers in an order in which they can be computed; ``met`` is filled with the order in
    which the walk begins with each row."""
    nodes: list[_Node] = []
    seen: set[_Node] = set()
    for output in outputs:
        stack = [((output.row, output.use), False)]
        while stack:
            node, finished = stack.pop()
            if finished:
                nodes.append(node)
                continue
            if node in seen:
                continue
            seen.add(node)
            row, use = node
            met.setdefault(row, len(met))
            stack.append((node, True))
            stack += [((source.row, source.use), False) for source in reversed(row.uses[use])]
    return nodes
