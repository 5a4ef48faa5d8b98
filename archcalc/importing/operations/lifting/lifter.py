"""Makes layers of operations, one by one, and remembers over which layer each tensor lies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....graph import Layer, Origin
from ....ops import registry
from ....ops.attributes import OpError, Size
from ....ops.base import Op
from ....ops.stated import format_tensors
from ..recording import BUFFER, PARAMETER, PREPARED, ModuleCall, Operation, Recording, Value
from .arranging import Arranging
from .code_forms import code_form
from .entering import entered
from .given import UnliftedError, are_constants, count, free, leaves_of, plain, short
from .multiply_adds import multiply_adds
from .placements import Placement
from .tensor_parts import TensorPart, TensorParts

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


class Lifter(Arranging):
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
        self._readers: dict[int, int] = {}
        self._of_call: dict[int, int] = {}
        # The values that an operation reads; and with them those that the module returns.
        self._read_inside = {value.index for operation in recording.operations for value in operation.inputs}
        self.read = self._read_inside | {value.index for _, value in recording.outputs}
        for value in recording.inputs:
            layer, self.placements[value.index] = entered(recording, value)
            self.inputs.append(layer)

    # Tensors ----------------------------------------------------------------------------------

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
        counted = len(self._counted)
        try:
            return self._layer(kind, inputs, tensors, leaves, attributes)
        except UnliftedError:
            parts = self.parts.leaves(tensors)
            if not any(isinstance(part, TensorPart) for part in parts):
                raise
            while len(self._counted) > counted:
                self._counted.popitem()  # the newest
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
        if "stored" in kind.attributes and are_constants(tensors):
            attributes["fixed"] = True
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
        modules = self.recording.modules
        around = None if call.parent is None else modules.get(call.parent.path)
        form = code_form(layer, operation, modules.get(call.path), around, self._operations_in(call) <= 1)
        layer.origin = Origin(path, call.kind, operation.source, layer.op.name != "opaque", form)
        learned = [leaf for leaf in leaves if leaf.kind == PARAMETER]
        if any(self.parts.overlaps(leaf, self.owners) for leaf in leaves):
            raise UnliftedError(f"`{layer.op.name}` shares a part of a tensor")
        if learned:
            first = next((self.owners[leaf.index] for leaf in learned if leaf.index in self.owners), None)
            if first is not None and self._shares(layer, first, learned):
                layer.owner = first.owner
        elif leaves:
            # Of stored tensors alone: a module that is called again.
            first = self.owners.get(leaves[0].index)
            if first is not None and self._stores(layer, first, leaves):
                layer.owner = first.owner
        for leaf in leaves:
            self.owners.setdefault(leaf.index, layer)
        layer.index = len(self.made)
        self.made.append(LiftedLayer(layer, operation, leaves))
        return layer

    def _operations_in(self, call: ModuleCall) -> int:
        """How many operations a call of a module did itself that compute something."""
        if not self._of_call:
            for operation in self.recording.operations:
                if not operation.view:
                    at = operation.call.index
                    self._of_call[at] = self._of_call.get(at, 0) + 1
        return self._of_call.get(call.index, 0)

    def _stores(self, layer: Layer, first: Layer, leaves: Sequence[Value]) -> bool:
        """Whether the stored tensors of a layer are all those of another of its kind."""
        axes = [{t.shape for t in at.facts.tensors or ()} for at in (layer, first)]
        alike = layer.op.name == first.op.name and axes[0] == axes[1]
        return alike and all(self.owners.get(leaf.index) is first for leaf in leaves)

    def _shares(self, layer: Layer, first: Layer, learned: Sequence[Value]) -> bool:
        """Whether all tensors of a layer are those of another. Raises UnliftedError where only some are, or
        where one of them has other axes there, as a matrix that is transposed has."""
        if all(self.owners.get(leaf.index) is first for leaf in learned):
            axes = [{t.shape for t in at.facts.tensors or () if t.learned} for at in (layer, first)]
            if not axes[0] <= axes[1]:
                raise UnliftedError(f"`{layer.op.name}` has a tensor of `{first.op.name}` with other axes")
            return True
        raise UnliftedError(f"`{layer.op.name}` shares some of its tensors only")

    def readers_of(self, leaf: Value) -> int:
        """How many operations on inputs read a parameter, or what is made of it."""
        if not self._readers:
            for operation in self.recording.operations:
                read = {at.index for v in operation.inputs if not v.depends for at in v.leaves}
                for index in read:
                    self._readers[index] = self._readers.get(index, 0) + 1
        return self._readers.get(leaf.index, 0)

    def constant(self, beside: Layer, value: Value, shape: Sequence[int]) -> Layer:
        """A tensor that depends on no input as a layer: learned, or computed, or taken from tables."""
        leaves = leaves_of([value])
        learned = len(leaves) == 1 and leaves[0].kind == PARAMETER and count(leaves[0]) == count(value)
        extra = {} if learned else {"fixed": True}
        size = Size(shape or (1,))
        owner = self.owners.get(leaves[0].index) if learned else None

        def made() -> Layer:
            if owner is not None and owner.op.name == "parameter":
                return self.layer("reshape", [owner], shape=size)
            return self.layer("parameter", [beside], (value,), shape=size, **extra)

        if owner is not None and owner.op.name == "parameter" and tuple(owner.output) == tuple(size):
            return owner
        return self.kept(("constant", value, size), made)

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
        while self._counted and next(reversed(self._counted.values())) >= mark:
            self._counted.popitem()
        while self.owners and next(reversed(self.owners.values())) in dropped:
            self.owners.popitem()
        if not dropped:
            return
        self._kept = {key: layer for key, layer in self._kept.items() if layer not in dropped}


def first(operation: Operation) -> Value:
    """The first argument of an operation."""
    return next(iter(operation.arguments.values()))  # type: ignore[no-any-return]
