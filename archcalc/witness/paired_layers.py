"""Which layers of a spec and of a module belong together: those with the same tensors, or the same products.

Both are in the order of their text as far as that goes; branches may be written in another order than they
run in. Where one side has in one layer what the other has in several, as an attention and its projections,
the layers of a block or module stand for the one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import dropwhile

from ..graph import Layer
from .foreign import LayerRecord

TensorShapes = tuple[tuple[int, ...], ...]
# What makes two layers alike: the sizes of learned tensors and of buffers, in no particular order.
TensorSizes = tuple[TensorShapes, TensorShapes]


class LayersPair:
    """Layers of a spec beside those of a module; one side may be empty."""

    def __init__(self, layers: Sequence[Layer], records: Sequence[LayerRecord]):
        self.layers = layers
        self.records = records

    @property
    def name(self) -> str:
        """The last layer of the spec, by name; where there is none, of the module."""
        return self.layers[-1].name if self.layers else self.records[-1].name

    @property
    def record_name(self) -> str:
        """The last layer of the module, by name."""
        return self.records[-1].name

    @property
    def kind(self) -> str:
        """What the module is, or its layer."""
        return self.records[-1].kind

    @property
    def layer_tensors(self) -> TensorSizes:
        """The sizes of the tensors of the spec's layers."""
        return _joined([tensors_of(layer) for layer in self.layers])

    @property
    def record_tensors(self) -> TensorSizes:
        """The sizes of the tensors of the module's layers."""
        return _joined([tensors_of_record(record) for record in self.records])

    @property
    def has_tensors(self) -> bool:
        """Whether a layer of either side has tensors, its own or shared ones."""
        return any(layer.facts.tensors for layer in self.layers) or any(map(any, self.record_tensors))

    @property
    def layer_output(self) -> tuple[int, ...]:
        """What the spec's layers put out in the end."""
        return tuple(map(int, self.layers[-1].output))

    @property
    def record_output(self) -> tuple[int, ...]:
        """What the module's layers put out in the end."""
        return self.records[-1].output

    @property
    def outputs_alike(self) -> bool:
        """Whether the outputs are of the same sizes."""
        return _dims(self.layer_output) == _dims(self.record_output)

    @property
    def layer_macs(self) -> int | None:
        """The multiply-adds of the spec's layers; None where one has no rule."""
        return _sum([layer.facts.macs for layer in self.layers])

    @property
    def record_macs(self) -> int | None:
        """Those of the module's layers."""
        return _sum([record.macs for record in self.records])

    @property
    def remarks(self) -> list[str]:
        """How the latter were found, where that is to be said."""
        return list(dict.fromkeys([record.remark for record in self.records if record.remark]))


class PairedLayers:
    """Layers of a spec and of a module, paired.

    pairs      in no particular order
    missing    layers of the spec that the module lacks
    extra      layers of the module that the spec lacks
    reordered  whether the same layers come in another order
    """

    def __init__(self, layers: Sequence[Layer], records: Sequence[LayerRecord]):
        self.pairs: list[LayersPair] = []
        self.reordered = False
        self._mine = [layer for layer in layers if layer.facts.tensors or layer.facts.macs]
        self._theirs = [record for record in records if record.learned or record.buffers or record.macs]
        self._left = [self._marks(tensors_of(at), at.facts.macs, at.output) for at in self._mine]
        self._right = [self._marks(tensors_of_record(at), at.macs, at.output) for at in self._theirs]
        self._rest = dict.fromkeys(range(len(self._mine)))
        self._others = dict.fromkeys(range(len(self._theirs)))
        self._in_order()
        self._in_any_order(lambda mark: mark)
        self._groups()
        # Of the same tensors, and with another output; then of other tensors that are used in the same way.
        self._in_any_order(lambda mark: mark[0])
        self._of_the_same_work()
        self.missing = [LayersPair([self._mine[i]], []) for i in self._rest]
        self.extra = [LayersPair([], [self._theirs[j]]) for j in self._others]

    def _marks(
        self, tensors: TensorSizes, macs: int | None, output: Sequence[int]
    ) -> tuple[Hashable, tuple[int, ...]]:
        # What has no tensors is told apart by its products.
        return (tensors if any(tensors) else macs), tuple(_dims(output))

    def _pair(self, mine: Sequence[int], theirs: Sequence[int]) -> None:
        self.pairs.append(LayersPair([self._mine[i] for i in mine], [self._theirs[j] for j in theirs]))
        for i in mine:
            del self._rest[i]
        for j in theirs:
            del self._others[j]

    def _in_order(self) -> None:
        # Outputs tell branches apart whose tensors are of the same sizes.
        matcher = SequenceMatcher(None, self._left, self._right, autojunk=False)
        for block in matcher.get_matching_blocks():
            for step in range(block.size):
                self._pair([block.a + step], [block.b + step])

    def _in_any_order(self, part: Callable[[tuple[Hashable, tuple[int, ...]]], Hashable]) -> None:
        waiting: dict[Hashable, list[int]] = {}
        for j in self._others:
            waiting.setdefault(part(self._right[j]), []).append(j)
        for i in list(self._rest):
            alike = waiting.get(part(self._left[i]))
            if alike:
                self.reordered = True
                self._pair([i], [alike.pop(0)])

    def _of_the_same_work(self) -> None:
        for i in list(self._rest):
            macs, dims = self._mine[i].facts.macs, self._left[i][1]
            alike = [
                j for j in self._others if macs and (self._theirs[j].macs, self._right[j][1]) == (macs, dims)
            ]
            if alike:
                self._pair([i], alike[:1])

    def _groups(self) -> None:
        """A layer of the one side beside those of a module, or a block, of the other."""
        for group in _groups_below([(j, self._theirs[j].path) for j in self._others]):
            if all(j in self._others for j in group):
                self._one_of_mine(group)
        for group in _groups_below([(i, _around(self._mine[i].name)) for i in self._rest]):
            if all(i in self._rest for i in group):
                self._one_of_theirs(group)

    def _one_of_mine(self, group: Sequence[int]) -> None:
        whole = LayersPair([], [self._theirs[j] for j in group])
        mark = self._marks(whole.record_tensors, whole.record_macs, whole.record_output)
        found = next((i for i in self._rest if self._left[i] == mark), None)
        if found is not None:
            self._pair([found], group)

    def _one_of_theirs(self, group: Sequence[int]) -> None:
        whole = LayersPair([self._mine[i] for i in group], [])
        mark = self._marks(whole.layer_tensors, whole.layer_macs, whole.layer_output)
        found = next((j for j in self._others if self._right[j] == mark), None)
        if found is not None:
            self._pair(group, [found])


def _groups_below(places: Sequence[tuple[int, str]]) -> Iterator[list[int]]:
    """Yield what stands below each part of dotted names, if it is several, the deepest parts first."""
    below: dict[str, list[int]] = {}
    for number, path in places:
        steps = path.split(".") if path else []
        for depth in range(len(steps) + 1):
            below.setdefault(".".join(steps[:depth]), []).append(number)
    for _, group in sorted(below.items(), key=lambda item: -len(item[0].split(".")) if item[0] else 1):
        if len(group) > 1:
            yield group


def _around(name: str) -> str:
    return name.rpartition(".")[0]


def tensors_of(layer: Layer) -> TensorSizes:
    """The sizes of a layer's tensors; none where they are those of another layer."""
    tensors = () if layer.shared else layer.facts.tensors or ()
    learned = [tuple(map(int, tensor.shape)) for tensor in tensors if tensor.learned]
    others = [tuple(map(int, tensor.shape)) for tensor in tensors if not tensor.learned]
    return _sizes(learned), _sizes(others)


def tensors_of_record(record: LayerRecord) -> TensorSizes:
    """The sizes of the tensors of a module's layer."""
    return _sizes(record.learned), _sizes(record.buffers)


def _joined(tensors: Sequence[TensorSizes]) -> TensorSizes:
    learned, others = ([size for one in tensors for size in one[part]] for part in (0, 1))
    return tuple(sorted(learned)), tuple(sorted(others))


def _sum(macs: Sequence[int | None]) -> int | None:
    known = [n for n in macs if n is not None]
    return sum(known) if len(known) == len(macs) else None


def _sizes(shapes: Sequence[Sequence[int]]) -> TensorShapes:
    return tuple(sorted([_bare(_bare(shape)[::-1])[::-1] for shape in shapes]))


def _bare(shape: Sequence[int]) -> tuple[int, ...]:
    """Without the ones in front: 1x1x768 and 768 hold the same, 1x7 and 7x1 do not."""
    return tuple(dropwhile(lambda n: n == 1, shape))


def _dims(output: Sequence[int]) -> list[int]:
    """The sizes of an output in no order: some have the channels last, and a map of one position
    may be a vector."""
    return sorted(int(n) for n in output if n != 1)


def text_of(tensors: TensorSizes) -> str:
    """The sizes of tensors: ``64x3x7x7 64``."""
    return " ".join("x".join(map(str, sizes)) for part in tensors for sizes in part)
