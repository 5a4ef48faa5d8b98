"""Makes layers of operations, one by one, and remembers over which layer each tensor lies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....graph import Layer, Origin
from ....ops import registry
from ....ops.attributes import OpError, Size
from ....ops.base import Op
from ....ops.rearranging import Input
from ....ops.stated import format_tensors
from ....shape import Shape
from ..recording import BUFFER, PARAMETER, PREPARED, Operation, Recording, Value
from . import patterns
from .given import UnliftedError, count, free, leaves_of, plain, short
from .multiply_adds import multiply_adds
from .placements import (
    BATCH,
    COPIES,
    ONE_BATCH,
    Atom,
    Cut,
    Dim,
    Placement,
    has_batch,
    merged,
    regrouped,
    size_of,
    without_batch,
)
from .tensor_parts import TensorPart, TensorParts

# What slides over a map or makes it larger, and the most channels that an image comes with.
WINDOWS = ("conv", "max_pool", "avg_pool", "adaptive", "upsample")
MOST_COLOURS = 4
# What an image goes through before that: it is normalized, and laid into a batch.
SAME_MAP = frozenset(
    "sub div mul add unsqueeze select stack clone to _to_copy copy write archcalc.write".split()
)
# What leaves the axes of a tensor as they are, beside padding.
SAME_AXES = frozenset("sub div mul add neg relu tanh sigmoid clamp dropout clone to _to_copy".split())
RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")
# What leaves the batch and the positions of a sequence as they are.
SAME_POSITIONS = SAME_AXES | {"embedding", "linear", "layer_norm", "rms_norm", "gelu", "silu"}
LiftingRule = Callable[["Lifter", Operation], "Placement | Sequence[Placement | None] | None"]
RULES: dict[str, LiftingRule] = {}


def rule(*names: str) -> Callable[[LiftingRule], LiftingRule]:
    """Make a function the rule of the operations of these names."""

    def enter(function: LiftingRule) -> LiftingRule:
        for name in names:
            RULES[name] = function
        return function

    return enter


class LiftedLayer:
    """A layer, the operation that it was made for, and the parameters and buffers that it uses."""

    __slots__ = ("layer", "operation", "leaves")

    def __init__(self, layer: Layer, operation: Operation, leaves: Sequence[Value]):
        self.layer = layer
        self.operation = operation
        self.leaves = tuple(leaves)


class Lifter:
    """The layers so far.

    made        the layers with the operations that they are for, in order
    placements  over which layer each tensor lies, by ``Value.index``
    mixed       the first operation that works across the elements of a batch
    ends        what the highest layers of recurrences end with, by ``Value.index`` of what all of them do
    reasons     why operations have no layer but ``opaque``, with how often
    """

    def __init__(self, recording: Recording):
        self.recording = recording
        self.made: list[LiftedLayer] = []
        self.inputs: list[Layer] = []
        self.placements: dict[int, Placement] = {}
        self.operation: Operation | None = None
        self._counted: dict[Operation, int] = {}
        self.mixed = ""
        self.ends: dict[int, Placement] = {}
        self.reasons: dict[str, int] = {}
        self._kept: dict[object, Layer] = {}
        self.owners: dict[int, Layer] = {}
        self.parts = TensorParts()
        # The values that an operation reads; and with them those that the module returns.
        self._read_inside = {value.index for operation in recording.operations for value in operation.inputs}
        self.read = self._read_inside | {value.index for _, value in recording.outputs}
        for value in recording.inputs:
            self.enter_input(value)

    # Tensors ----------------------------------------------------------------------------------

    def enter_input(self, value: Value) -> None:
        """Enter an input: maps with the channels last, everything else as it is."""
        sizes = value.sizes
        batch = self._batch_axis(value)
        rest = tuple([size for axis, size in enumerate(sizes) if axis != batch])
        batched = batch is not None
        is_map = self._is_map(value, len(rest)) if batched else self._is_single_image(value)
        if value.dtype.startswith("float") and is_map:
            shape = Shape([*rest[1:], rest[0]])
            axes: list[int] = [len(rest) - 1, *range(len(rest) - 1)]
        else:
            shape = Shape(rest or (1,))
            axes = list(range(len(rest)))
        op = Input(shape)
        layer = Layer(value.name, op, (), op.facts(()))
        self.inputs.append(layer)
        below = Placement(layer, ())
        dims = [below.whole(axis) for axis in axes]
        if batch is not None:
            dims.insert(batch, (ONE_BATCH,))
        self.placements[value.index] = Placement(layer, dims)

    def _batch_axis(self, value: Value) -> int | None:
        """The axis along which the batch of an input stands: the first; of a sequence that a recurrence reads
        which has the positions first, the second. None where there is none."""
        sizes = value.sizes
        first = 0 if sizes and sizes[0] == 1 else None
        if len(sizes) < 2 or sizes[1] != 1:
            return first
        same = {value}
        for operation in self.recording.operations:
            if same.isdisjoint(operation.inputs):
                continue
            if operation.name in RECURRENT:
                return first if operation.arguments.get("batch_first", True) else 1
            if operation.name in SAME_POSITIONS:
                same.update(operation.outputs)
        return first

    def _is_map(self, value: Value, axes: int) -> bool:
        """Whether the channels of an input come first: of images, unless what reads it says otherwise; of a
        signal where a window reads it."""
        if axes < 2:
            return False
        same = {value}
        for operation in self.recording.operations:
            if same.isdisjoint(operation.inputs):
                continue
            if operation.name.startswith((*WINDOWS, "batch_norm", "group_norm", "instance_norm")):
                return True
            if operation.name in ("linear", "layer_norm", "rms_norm", *RECURRENT):
                return False
            if "pad" in operation.name or operation.name in SAME_AXES:
                same.update(operation.outputs)
        return axes in (3, 4)

    def _is_single_image(self, value: Value) -> bool:
        """Whether it is an image without a batch, as detectors take them: a window reads it, once it was
        normalized and had a batch before it."""
        if len(value.sizes) != 3 or value.sizes[0] > MOST_COLOURS:
            return False
        same = {value}
        for operation in self.recording.operations:
            if same.isdisjoint(operation.inputs):
                continue
            if operation.name.startswith(WINDOWS):
                return True
            if operation.name not in SAME_MAP:
                return False
            same.update(operation.outputs)
        return False

    def view(self, value: Any) -> Placement:
        """Over which layer a tensor lies. Raises UnliftedError where it depends on no input."""
        found = self.placements.get(value.index) if isinstance(value, Value) else None
        if found is None:
            raise UnliftedError(f"{value!r} depends on no input")
        return found

    def knows(self, value: Any) -> bool:
        """Whether it is a tensor that depends on an input."""
        return isinstance(value, Value) and value.index in self.placements

    def is_read(self, value: Value) -> bool:
        """Whether an operation reads a tensor."""
        return value.index in self._read_inside

    # Layers -----------------------------------------------------------------------------------

    def layer(
        self, name: str, inputs: Sequence[Layer], tensors: Sequence[Value | None] = (), /, **attributes: Any
    ) -> Layer:
        """A layer of an op.

        Args:
            name: The word of the op.
            inputs: What it reads.
            tensors: The parameters and buffers that it uses; None for one that is not there.
            attributes: The arguments of the op.

        Returns:
            The layer, which was entered.

        Raises:
            UnliftedError: Where the op refuses, or has other tensors.
        """
        kind = registry().get(name)
        if kind is None:
            raise UnliftedError(f"there is no layer `{name}`")
        leaves = leaves_of(tensors)
        counted = dict(self._counted)
        try:
            return self._layer(kind, inputs, tensors, leaves, attributes)
        except UnliftedError:
            parts = self.parts.leaves(tensors)
            if not any(isinstance(part, TensorPart) for part in parts):
                raise
            self._counted = counted
        return self._layer(kind, inputs, tensors, parts, attributes)

    def _layer(
        self,
        kind: type[Op],
        inputs: Sequence[Layer],
        tensors: Sequence[Value | None],
        leaves: list[Value],
        given: Mapping[str, Any],
    ) -> Layer:
        attributes = dict(given)
        name = kind.name
        if "stored" in kind.attributes and leaves and all(leaf.kind == BUFFER for leaf in leaves):
            attributes["stored"] = True
        if attributes.get("fixed") or kind.states_tensors:
            # What is made of tensors that other layers have states only those that none has.
            leaves = [leaf for leaf in leaves if leaf.index not in self.owners]
        learned = [leaf for leaf in leaves if leaf.kind == PARAMETER]
        fixed = [leaf for leaf in learned if leaf.frozen]
        if fixed and "frozen" in kind.attributes:
            # By name where others are trained; and of `bn`, whose frozen=yes means buffers.
            whole = len(fixed) == len(learned) and name != "bn"
            attributes["frozen"] = whole or " ".join([short(leaf) for leaf in fixed])
        try:
            attributes = {
                key: Size(value) if key == "kernel" and len(value) > 1 else plain(value)
                for key, value in attributes.items()
                if key in kind.attributes or not (value is None or value is False)
            }
            unknown = attributes.keys() - kind.attributes.keys()
            if unknown:
                raise UnliftedError(f"`{name}` has no {', '.join(sorted(unknown))}")
            op = kind(**attributes)
            if tensors and "extra" in kind.attributes:
                more = self._with_extra(op, inputs, leaves)
                if more:
                    attributes.update(more)
                    op = kind(**attributes)
            prepared = 0 if "extra_macs" not in kind.attributes else self.prepared_macs(tensors)
            if prepared:
                attributes["extra_macs"] = prepared
                op = kind(**attributes)
            facts = op.facts(tuple([layer.output for layer in inputs]))
        except OpError as error:
            raise UnliftedError(f"`{name}`: {error}") from None
        shown = [
            key
            for key, attribute in kind.attributes.items()
            if key in attributes and op.argument(key) != attribute.default
        ]
        layer = Layer("", op, tuple(inputs), facts, (), op.describe(shown))
        self._check_tensors(layer, leaves)
        return self._enter(layer, leaves)

    def _check_tensors(self, layer: Layer, leaves: Sequence[Value]) -> None:
        """Hold what the op says of its tensors against those that PyTorch used. Raises UnliftedError."""
        stated = layer.facts.tensors
        if stated is None:
            if leaves:
                raise UnliftedError(f"`{layer.op.name}` does not know its tensors")
            return
        mine = sorted([(t.learned, t.size) for t in stated])
        theirs = sorted([(leaf.kind == PARAMETER, count(leaf)) for leaf in leaves])
        if mine != theirs:
            raise UnliftedError(f"`{layer.op.name}` has tensors of {mine} values, PyTorch of {theirs}")

    def within(self, value: Value) -> str:
        """The name of a parameter within the module that is running, as the name of one tensor."""
        path = self.operation.call.path if self.operation is not None else ""
        name = value.name[len(path) + 1 :] if path and value.name.startswith(f"{path}.") else value.name
        return re.sub(r"\W", "_", name) or "tensor"

    def prepared_macs(self, tensors: Sequence[Value | None]) -> int:
        """The multiply-adds that tensors were made by, of parameters alone; each is counted once."""
        total = 0
        waiting = [t.operation for t in tensors if t is not None and t.kind == PREPARED]
        while waiting:
            operation = waiting.pop()
            if operation is None or operation in self._counted:
                continue
            self._counted[operation] = len(self.made)
            total += multiply_adds(operation) or 0
            waiting += [value.operation for value in operation.inputs if not self.knows(value)]
        return total

    def _with_extra(self, op: Op, inputs: Sequence[Layer], leaves: Sequence[Value]) -> dict[str, str]:
        """What a layer must state besides its own tensors, where its weights are made of others."""
        left = list(leaves)
        stated = op.tensors(*[layer.output for layer in inputs]) or ()
        for tensor in stated:
            alike = [at for at in left if (at.kind == PARAMETER, count(at)) == (tensor.learned, tensor.size)]
            if not alike:
                return {}
            left.remove(next((at for at in alike if short(at) == tensor.name), alike[0]))
        words: dict[bool, dict[str, tuple[int, ...]]] = {True: {}, False: {}}
        for leaf in left:
            taken = {*words[True], *words[False], *[tensor.name for tensor in stated]}
            words[leaf.kind == PARAMETER][free(self.within(leaf).replace(".", "_"), taken)] = leaf.sizes
        return {
            key: format_tensors(tensors)
            for key, tensors in (("extra", words[True]), ("extra_buffers", words[False]))
            if tensors and key in op.attributes
        }

    def _enter(self, layer: Layer, leaves: Sequence[Value] = ()) -> Layer:
        operation = self.operation
        assert operation is not None
        call = operation.call
        home = next(
            (leaf.name.rpartition(".")[0] for leaf in leaves if leaf.name and leaf.kind == PARAMETER), None
        )
        path = call.path
        if home is not None:
            # A weight that is computed anew at each use is registered below the module that uses it.
            home = "" if home.startswith("parametrizations.") else home.partition(".parametrizations.")[0]
        if home is not None and (not path or home.startswith(f"{path}.")):
            path = home
        layer.origin = Origin(path, call.kind, operation.source, layer.op.name != "opaque")
        learned = [leaf for leaf in leaves if leaf.kind == PARAMETER]
        if any(self.parts.overlaps(leaf, self.owners) for leaf in leaves):
            raise UnliftedError(f"`{layer.op.name}` shares a part of a tensor")
        if learned:
            first = next((self.owners[leaf.index] for leaf in learned if leaf.index in self.owners), None)
            if first is not None and self._shares(layer, first, learned):
                layer.owner = first.owner
        for leaf in leaves:
            self.owners.setdefault(leaf.index, layer)
        layer.index = len(self.made)
        self.made.append(LiftedLayer(layer, operation, leaves))
        return layer

    def _shares(self, layer: Layer, first: Layer, learned: Sequence[Value]) -> bool:
        """Whether all tensors of a layer are those of another. Raises UnliftedError where only some are, or
        where one of them has other axes there, as a matrix that is transposed has."""
        if all(self.owners.get(leaf.index) is first for leaf in learned):
            axes = [{t.shape for t in at.facts.tensors or () if t.learned} for at in (layer, first)]
            if not axes[0] <= axes[1]:
                raise UnliftedError(f"`{layer.op.name}` has a tensor of `{first.op.name}` with other axes")
            return True
        raise UnliftedError(f"`{layer.op.name}` shares some of its tensors only")

    def constant(self, beside: Layer, value: Value, shape: Sequence[int]) -> Layer:
        """A tensor that depends on no input as a layer: learned, or computed, or taken from tables."""
        leaves = leaves_of([value])
        learned = len(leaves) == 1 and leaves[0].kind == PARAMETER and count(leaves[0]) == count(value)
        extra = {} if learned else {"fixed": True}
        return self.layer("parameter", [beside], (value,), shape=Size(shape or (1,)), **extra)

    def plain_constant(self, beside: Layer, shape: Sequence[int]) -> Layer:
        """A number as a layer, for what takes tensors alone."""
        return self.layer("parameter", [beside], shape=Size(shape), fixed=True)

    def fresh(self, tensors: Sequence[Value | None]) -> list[Value]:
        """The parameters and buffers that tensors are made of, or the parts of them, that no layer has."""
        leaves = leaves_of(tensors)
        if any(self.parts.overlaps(leaf, self.owners) for leaf in leaves):
            leaves = [x for x in self.parts.leaves(tensors) if not self.parts.overlaps(x, self.owners)]
        return [leaf for leaf in leaves if leaf.index not in self.owners]

    def is_used(self, value: Value) -> bool:
        """Whether a layer has the parameters that a tensor is made of."""
        return any(leaf.index in self.owners for leaf in leaves_of([value]))

    def kept(self, key: object, make: Callable[[], Layer]) -> Layer:
        """The layer that was made for a key before, else the one that is made now."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
        return found

    def mark(self) -> int:
        """A place to go back to."""
        return len(self.made)

    def back(self, mark: int) -> None:
        """Drop the layers made since."""
        dropped = {made.layer for made in self.made[mark:]}
        del self.made[mark:]
        self._counted = {key: at for key, at in self._counted.items() if at < mark}
        self._kept = {key: layer for key, layer in self._kept.items() if layer not in dropped}
        self.owners = {key: layer for key, layer in self.owners.items() if layer not in dropped}

    # From views to layers ---------------------------------------------------------------------

    def forced(self, source: Layer | Cut) -> Layer:
        """The layer itself, of a part one that cuts it out."""
        if isinstance(source, Layer):
            return source
        at = source

        def make() -> Layer:
            if at.axis == len(at.layer.output) - 1:
                return self.layer("take", [at.layer], channels=at.count, offset=at.start)
            return self.layer("slice", [at.layer], start=at.start, stop=at.start + at.count, axis=at.axis)

        return self.kept(("cut", at.layer, at.axis, at.start, at.count), make)

    def arranged(self, view: Placement, groups: Sequence[Dim]) -> Layer:
        """A layer with an axis for each group of parts, and all values in it. Raises UnliftedError."""
        groups = [merged([atom for atom in group if atom.axis != BATCH]) for group in groups]
        if any(atom.axis == COPIES for group in groups for atom in group):
            return self._copied(view, groups)
        shape = view.shape
        sizes = [size_of(group) for group in groups] or [1]
        if len(sizes) == 1 and len(shape) > 1 and patterns.channels_first(shape, groups[0] if groups else ()):
            source = self.forced(view.source)
            return self.kept(("flatten", source), lambda: self.layer("flatten", [source]))
        if patterns.in_order(shape, groups):
            if tuple(sizes) == tuple(shape):
                return self.forced(view.source)
            source = self.forced(view.source)
            return self.kept(
                ("reshape", source, tuple(sizes)), lambda: self.layer("reshape", [source], shape=Size(sizes))
            )
        source = self.forced(view.source)
        fold = patterns.shuffled(shape, groups)
        if fold is not None:
            return self.kept(
                ("shuffle", source, fold), lambda: self.layer("channel_shuffle", [source], groups=fold)
            )
        text = patterns.written(shape, groups or [()])
        if text is None:
            raise UnliftedError("a tensor that holds a part of a layer only")
        return self.kept(("rearrange", source, text), lambda: self.layer("rearrange", [source], pattern=text))

    def _copied(self, view: Placement, groups: Sequence[Dim]) -> Layer:
        """The same with copies along some axes: first an axis of one position for each, then copies along it,
        then the axes that belong together as one."""
        segments: list[Dim] = []
        sizes = []
        for group in groups:
            sizes.append(size_of(group))
            waiting: list[Atom] = []
            for atom in group:
                if atom.axis == COPIES:
                    if waiting:
                        segments.append(tuple(waiting))
                    segments.append((atom,))
                    waiting = []
                else:
                    waiting.append(atom)
            if waiting or not group:
                segments.append(tuple(waiting))
        copied = [segment[0].size if segment and segment[0].axis == COPIES else 1 for segment in segments]
        kept = [
            merged(segment) if times == 1 else () for segment, times in zip(segments, copied, strict=True)
        ]
        layer = self.arranged(view, kept)
        for axis, times in enumerate(copied):
            if times > 1:
                layer = self._repeated(layer, axis, times)
        if tuple(layer.output) == tuple(sizes):
            return layer
        return self.kept(
            ("reshape", layer, tuple(sizes)), lambda: self.layer("reshape", [layer], shape=Size(sizes))
        )

    def _repeated(self, layer: Layer, axis: int, times: int) -> Layer:
        return self.kept(
            ("repeat", layer, axis, times), lambda: self.layer("repeat", [layer], times=times, axis=axis)
        )

    def with_channels(self, view: Placement, dim: int) -> tuple[Layer, Placement]:
        """A layer whose channels are one axis of the tensor, and the tensor over it.

        All other axes stay as they lie, whatever they are, since the op works at each position.
        """
        dim %= len(view.dims)
        channels = without_batch(view.dims[dim])
        lies = not has_batch(view.dims[dim]) and view.complete and self.covers(view)
        if lies and channels == view.whole(len(view.shape) - 1):
            layer = self.forced(view.source)
            return layer, view.on(layer)
        others = [n for n in range(len(view.dims)) if n != dim]
        axes = [n for n in others if without_batch(view.dims[n]) or not has_batch(view.dims[n])]
        layer = self.arranged(view, [*[view.dims[n] for n in axes], channels])
        return layer, laid(layer, view.dims, [*axes, dim])

    def covers(self, view: Placement) -> bool:
        """Whether the tensor has all values of the layer."""
        return size_of([a for d in view.dims for a in d if a.axis >= 0]) == int(view.shape.values)

    def as_map(self, view: Placement, axes: int) -> tuple[Layer, Placement]:
        """A layer for windows along the last ``axes`` axes of the tensor; the channels are the axis before
        them, and whatever stands before those is an axis in front."""
        count = len(view.dims)
        channel = count - axes - 1
        if channel < 0:
            raise UnliftedError("too few axes")
        front = [n for n in range(channel) if without_batch(view.dims[n])]
        order = [*front, *range(channel + 1, count), channel]
        layer = self.arranged(view, [view.dims[n] for n in order])
        return layer, laid(layer, view.dims, order)

    def in_order(self, view: Placement) -> tuple[Layer, Placement, list[int]]:
        """A layer with the axes of the tensor in their order, the batch left out; the tensor over it; and the
        axes of the tensor that the layer has."""
        axes = [n for n, dim in enumerate(view.dims) if without_batch(dim) or not has_batch(dim)]
        layer = self.arranged(view, [view.dims[n] for n in axes])
        return layer, laid(layer, view.dims, axes), axes

    def natural(self, view: Placement) -> tuple[Layer, Placement, list[int]]:
        """As ``in_order``, but the axis that holds channels comes last, as everywhere in archcalc."""
        axes = [n for n, dim in enumerate(view.dims) if without_batch(dim) or not has_batch(dim)]
        last = len(view.shape) - 1
        channels = [n for n in axes if any(atom.axis == last for atom in view.dims[n])]
        if channels:
            axes.remove(channels[-1])
            axes.append(channels[-1])
        layer = self.arranged(view, [view.dims[n] for n in axes])
        return layer, laid(layer, view.dims, axes), axes

    def reshaped(self, view: Placement, sizes: Sequence[int]) -> Placement:
        """The same values in other axes. Raises UnliftedError."""
        dims = regrouped(view.dims, sizes)
        if dims is None:
            layer, ordered, _ = self.in_order(view)
            flat = self.arranged(
                Placement(layer, ordered.dims), [tuple([a for d in ordered.dims for a in d])]
            )
            dims = regrouped(Placement(flat, [(ONE_BATCH,), Placement(flat, ()).whole(0)]).dims, sizes)
            if dims is None:
                raise UnliftedError("a view that splits nothing evenly")
            return Placement(flat, dims)
        return Placement(view.source, dims)


def laid(layer: Layer, dims: Sequence[Dim], order: Sequence[int]) -> Placement:
    """A tensor over a layer whose axes are the axes ``order`` of the tensor: where the batch stood, it stays,
    and axes that the layer lacks have one position."""
    below = Placement(layer, ())
    shape = layer.output
    found: list[Dim] = [((ONE_BATCH,) if has_batch(dim) else ()) for dim in dims]
    if len(shape) == len(order):
        for axis, dim in enumerate(order):
            found[dim] = (*found[dim], *below.whole(axis))
    return Placement(layer, found)


def first(operation: Operation) -> Value:
    """The first argument of an operation."""
    return next(iter(operation.arguments.values()))  # type: ignore[no-any-return]
