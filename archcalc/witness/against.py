"""A spec beside somebody else's module: the layers with parameters, one by one, and the sums."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import dropwhile

import torch

from ..analysis.summary import Summary
from ..graph import Graph, Layer
from .build import random_inputs
from .compare import Check, Difference
from .foreign import Foreign, ModuleRecord, run

# The sizes that make two layers alike: learned tensors and buffers, in no particular order.
Key = tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]


class Comparison:
    """A network beside a module of somebody else's.

    other       what was found of the module where it was run already, as in another process;
                without it, it is run in this one
    checks      the sequence of layers with parameters, their outputs and MACs, and the sums
    reordered   the same layers come in another order
    """

    batch = 1
    device = "meta"

    def __init__(self, graph: Graph, target: str, *, with_heads: bool = False, other: Foreign | None = None):
        self.graph = graph
        self.target = target
        self.torch = torch.__version__
        self.layers = graph.select(with_heads)
        summary = Summary(graph, with_heads=with_heads)
        self.other = (
            run(target, random_inputs(graph, 1), [at.name for at in graph.inputs]) if other is None else other
        )
        mine = [layer for layer in self.layers if layer.facts.tensors]
        theirs = self.other.records
        self.reordered = False
        pairs, missing, extra = self._pairs(mine, theirs)
        self.checks: list[Check] = [
            self._sequence(mine, missing, extra),
            self._outputs(pairs),
            self._macs(pairs),
            *self._sums(summary),
        ]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return all(check.agrees for check in self.checks)

    @property
    def sides(self) -> str:
        """Who stands against whom."""
        return f"the spec against {self.target}, PyTorch {self.torch}"

    def _pairs(
        self, mine: list[Layer], theirs: list[ModuleRecord]
    ) -> tuple[list[tuple[Layer, ModuleRecord]], list[Layer], list[ModuleRecord]]:
        """Layers of equal tensors side by side, in order as far as that goes; and what is left."""
        pairs = []
        rest, others = list(range(len(mine))), list(range(len(theirs)))

        def pair(i: int, j: int) -> None:
            pairs.append((mine[i], theirs[j]))
            rest.remove(i)
            others.remove(j)

        # Outputs tell branches apart whose tensors are of the same sizes.
        left = [(_key(layer), str(_dims(layer.output))) for layer in mine]
        right = [
            (_key_of(record), "" if record.output is None else str(_dims(record.output))) for record in theirs
        ]
        for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
            for step in range(block.size):
                pair(block.a + step, block.b + step)
        # Branches may be written in another order than they are run in.
        for parts in (2, 1):
            for i in list(rest):
                alike = [j for j in others if left[i][:parts] == right[j][:parts]]
                if alike:
                    self.reordered |= right[alike[0]][1] != ""
                    pair(i, alike[0])
        return pairs, [mine[i] for i in rest], [theirs[j] for j in others]

    def _sequence(self, mine: list[Layer], missing: list[Layer], extra: list[ModuleRecord]) -> Check:
        check = Check("layers with tensors")
        for layer in mine:
            tensors = _text(_key(layer)) if layer in missing else ""
            check.layer([Difference(layer.name, None, tensors, None)] if tensors else [])
        for record in extra:
            if record.learned or record.buffers:
                check.layer([Difference(record.name, record.kind, None, _text(_key_of(record)))])
        return check

    def _outputs(self, pairs: list[tuple[Layer, ModuleRecord]]) -> Check:
        check = Check("output shapes")
        for layer, record in pairs:
            if record.output is None:
                continue
            differs = [Difference(layer.name, record.name, tuple(layer.output), record.output)]
            check.layer(differs if _dims(layer.output) != _dims(record.output) else [])
        return check

    def _macs(self, pairs: list[tuple[Layer, ModuleRecord]]) -> Check:
        check = Check("MACs by layer")
        for layer, record in pairs:
            predicted = layer.facts.macs
            if predicted is None or record.macs is None:
                continue
            if predicted and not record.macs:
                check.unseen.append((layer.name, f"FlopCounterMode does not see {record.kind}"))
                continue
            differs = [Difference(layer.name, record.name, predicted, record.macs)]
            check.layer(differs if predicted != record.macs else [])
        return check

    def _sums(self, summary: Summary) -> list[Check]:
        counts = summary.counts
        found = []
        for quantity, predicted, measured in (
            ("parameters", counts.params, self.other.params),
            ("buffers", counts.buffers, self.other.buffers),
            ("MACs", counts.macs, self.other.macs),
        ):
            check = Check(quantity)
            check.of = None
            check.total(predicted, measured)
            if quantity == "parameters":
                check.unseen = [(name, "never called in inference") for name in self.other.idle]
            found.append(check)
        # The rule's peak is what the network needs; code may keep more alive, or write over less.
        peak = Check("peak of inference")
        peak.of = None
        peak.predicted = summary.scaled(summary.memory.peak)
        peak.measured = self.other.peak
        if peak.measured != peak.predicted:
            peak.unseen = [
                (
                    "the module",
                    "the rule says what the network needs; PyTorch's eager "
                    "mode keeps what the module's code and its caller hold",
                )
            ]
        found.append(peak)
        return found


def _key(layer: Layer) -> Key:
    tensors = () if layer.shared else layer.facts.tensors or ()
    return (
        _sizes([tuple(map(int, t.shape)) for t in tensors if t.learned]),
        _sizes([tuple(map(int, t.shape)) for t in tensors if not t.learned]),
    )


def _key_of(record: ModuleRecord) -> Key:
    return _sizes(record.learned), _sizes(record.buffers)


def _sizes(shapes: list[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    return tuple(sorted([_bare(_bare(shape)[::-1])[::-1] for shape in shapes]))


def _bare(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Without the ones in front: 1x1x768 and 768 hold the same, 1x7 and 7x1 do not."""
    return tuple(dropwhile(lambda n: n == 1, shape))


def _dims(output: Sequence[int]) -> list[int]:
    """The sizes of an output in no order: some have the channels last, and a map of one position
    may be a vector."""
    return sorted(n for n in output if n != 1)


def _text(key: Key) -> str:
    return " ".join("x".join(map(str, sizes)) for part in key for sizes in part)
