"""The method for a question, on the shapes that arrive or on those that a student believes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...analysis.sequences import flattened
from ...graph import Graph, Layer
from ...ops.attributes import OpError
from ...ops.base import Op
from ...ops.terms import Factor, Term, factors
from ...ops.window import Window
from ...shape import Shape
from ..working import Named, unnamed
from .base import Method
from .counts import BYTES, OF_STATES, OF_TOKENS, USES, VALUE, CountMethod
from .depths import Depth
from .fields import Field, field_of
from .products import bare_operations, count_of
from .rims import Rim
from .sums import Addend, Sum
from .volumes import VolumeMethod, volume_of

if TYPE_CHECKING:
    from ...analysis.summary import Summary

__all__ = ["AssumedShapes", "CountMethod", "Field", "Method", "Rim", "Sum", "VolumeMethod", "method_of"]

# What is counted for every image.
COUNTED = ("macs", "flops", *USES)
# Quantities that are computed as another: they are the same where no parameter is held fixed and no
# output is written over an input.
AS_OTHERS = {"trainable": "params", "activation_bytes": "memory"}
# Layers before another whose channels may be taken for its own.
NEAR = 300

SizeRule = Callable[[VolumeMethod], VolumeMethod | None]


class AssumedShapes:
    """The shapes of all tensors as somebody believes them to be.

    stated  shapes that are stated, in the place of those that the layers put out
    change  another rule for sizes, in every layer that it applies to
    alone   the only layer in which that rule is followed; None where it is followed in every layer
    """

    def __init__(
        self,
        graph: Graph,
        stated: Mapping[Layer, Shape] | None = None,
        change: SizeRule | None = None,
        alone: Layer | None = None,
    ):
        self.graph = graph
        self.stated = dict(stated or {})
        self.change = change
        self.alone = alone
        self._shapes: dict[Layer, Shape | None] = {}

    @property
    def right(self) -> bool:
        """Whether these are the right shapes."""
        return not self.stated and self.change is None

    def shape(self, layer: Layer) -> Shape | None:
        """The output shape of a layer; None where it is impossible."""
        if self.right:
            return layer.output
        shapes = self._shapes
        waiting = [layer]
        while waiting:  # only what it is computed from: a network may have thousands of layers
            at = waiting[-1]
            if at not in shapes and not self._is_touched(at):
                shapes[at] = at.output
            above = [] if at in shapes else [one for one in at.inputs if one not in shapes]
            if above:
                waiting += above
                continue
            if at not in shapes:
                shapes[at] = self._output(at, [shapes[one] for one in at.inputs])
            waiting.pop()
        return shapes[layer]

    def inputs(self, layer: Layer) -> list[Shape] | None:
        """The input shapes of a layer; None where one is impossible."""
        shapes = [self.shape(above) for above in layer.inputs]
        return None if any(shape is None for shape in shapes) else shapes  # type: ignore[return-value]

    def _is_touched(self, layer: Layer) -> bool:
        """Whether a layer may put out something else here."""
        before = self.alone is not None and not self.stated and layer.index < self.alone.index
        return bool(layer.inputs) and not before

    def _output(self, layer: Layer, inputs: list[Shape | None]) -> Shape | None:
        if layer in self.stated:
            return self.stated[layer]
        arriving = [shape for shape in inputs if shape is not None]
        if len(arriving) < len(inputs):
            return None
        if self.change is not None and self.alone in (None, layer):
            volume = volume_of(layer.op, arriving)
            changed = self.change(volume) if volume is not None else None
            if changed is not None:
                return changed.value
        return output(layer.op, arriving)


def output(op: Op, inputs: list[Shape]) -> Shape | None:
    """The output shape of an op for given inputs; None where it refuses them."""
    try:
        return op.facts(tuple(inputs)).output
    except OpError:
        return None


def method_of(
    summary: Summary,
    layer: Layer | None,
    quantity: str,
    assumed_shapes: AssumedShapes,
    named: Named = unnamed,
    block: Sequence[Layer] | None = None,
) -> Method | None:
    """The method for a quantity of a layer, or of the network or a block of it; None where there
    is none."""
    quantity = AS_OTHERS.get(quantity, quantity)
    if quantity == "param_bytes":
        learned = method_of(summary, layer, "params", assumed_shapes, named, block)
        return _stored_once(learned, summary, named)
    if quantity == "depth":
        return Depth(summary.graph)
    if layer is None or block is not None:
        return _of_network(summary, quantity, assumed_shapes, named, block)
    if quantity == "rf":
        source = summary.graph.inputs[0]
        return field_of(summary.fields, layer, source, named)
    if not layer.inputs and quantity in ("memory", "neurons"):
        stored = _of_shape(layer.output, named)
        return stored if quantity == "neurons" else _in_bytes(stored, summary, named)
    inputs = assumed_shapes.inputs(layer)
    if not inputs:
        return None
    try:
        layer.op.facts(tuple(inputs))  # the op takes such shapes
    except OpError:
        return None
    if quantity in ("output", "size"):
        return _volume(layer, inputs, named)
    if quantity == "pad":
        return _rim(layer.op, inputs, named)
    if quantity == "memory":
        values = _count("values", layer, inputs, assumed_shapes, named)
        if values is None:
            return None
        learned = _count("params", layer, inputs, assumed_shapes, named) if layer.facts.params else None
        kept = None if learned is None else _in_bytes(learned, summary, named, images=1)
        return _in_bytes(values, summary, named).but(learned=kept)
    if quantity == "neurons":
        return _count("values", layer, inputs, assumed_shapes, named)
    found = _count(quantity, layer, inputs, assumed_shapes, named)
    if found is not None and quantity in COUNTED:
        found = found.for_images(summary.batch)
    if found is not None and quantity in ("params", "weights"):
        others = [
            (above.name, above.output.channels)
            for above in (
                *summary.graph.inputs,
                *summary.graph.layers[max(layer.index - NEAR, 0) : layer.index],
            )
            if above.facts.params or not above.inputs
        ]
        arriving = layer.inputs[0].output.channels
        known = {channels: name for name, channels in reversed(others) if channels != arriving}
        found = found.but(elsewhere=tuple((name, channels) for channels, name in known.items()))
    return found


def _volume(layer: Layer, inputs: list[Shape], named: Named) -> VolumeMethod | None:
    volume = volume_of(layer.op, inputs, named)
    if volume is None:
        return None
    steps = layer.op.holds_states and len(volume.windows) == 1
    tokens = [Window(named("T", n)) for n in inputs[0].spatial] if _flattens(layer) else ()
    return volume.but(states=steps, tokens=tuple(tokens))


def _flattens(layer: Layer) -> str:
    """The kind of entries of the sequence that a layer flattens; empty where it flattens none."""
    made = flattened(layer)
    if made is None:
        return ""
    return OF_STATES if made.op.holds_states else OF_TOKENS


def _count(
    quantity: str, layer: Layer, inputs: list[Shape], assumed_shapes: AssumedShapes, named: Named
) -> CountMethod | None:
    count = count_of(quantity, layer.op, inputs, named)
    sequence = _flattens(layer)
    if quantity == "values" and layer.op.holds_states:
        sequence = OF_STATES  # whose values are those of all steps
    if count is not None and sequence:
        count = count.but(sequence=sequence)
    stated = assumed_shapes.stated.get(layer)
    if count is None or stated is None or count.volume is None or not count.volume.windows:
        return count
    # The positions are those that are believed in, however they came about.
    letters = ("Ho", "Wo") if len(stated) == 3 else ("Wo",) * (len(stated) - 1)
    if len(stated) != len(count.volume.windows) + 1:
        return count
    windows = [Window(named(letter, n)) for letter, n in zip(letters, stated.spatial, strict=True)]
    return count.but(volume=count.volume.but(windows=tuple(windows)))


def _in_bytes(count: CountMethod, summary: Summary, named: Named, images: int | None = None) -> CountMethod:
    """Values in bytes, for all images of the batch, or for ``images`` of them."""
    from ...analysis.totals import DTYPES

    count = count.for_images(summary.batch if images is None else images)
    width = Factor(BYTES, named("b", DTYPES[summary.dtype]))
    terms = [term._replace(factors=(*term.factors, width)) for term in count.terms]
    return count.but(quantity="memory", terms=tuple(terms))


def _stored_once(method: Method | None, summary: Summary, named: Named) -> Method | None:
    """Parameters in bytes, however many images there are."""
    made: dict[int, CountMethod] = {}

    def in_bytes(count: CountMethod) -> CountMethod:
        found = made.get(id(count))
        if found is None:  # layers that are alike share their count
            found = _in_bytes(count, summary, named, images=1).but(quantity="param_bytes")
            made[id(count)] = found
        return found

    def of(parts: Sequence[Addend]) -> tuple[Addend, ...]:
        return tuple([part._replace(method=in_bytes(part.method)) for part in parts])

    if isinstance(method, Sum):
        other, again = of(method.elsewhere), of(method.shared)
        return method.but(quantity="param_bytes", parts=of(method.parts), elsewhere=other, shared=again)
    return in_bytes(method) if isinstance(method, CountMethod) else None


def _rim(op: Op, inputs: list[Shape], named: Named) -> Rim | None:
    volume = volume_of(op, inputs, named)
    if volume is None or len({str(window.kernel) for window in volume.windows}) != 1:
        return None
    window = volume.windows[0]
    return Rim(window.kernel) if window.slides else None


# ---------------------------------------------------------------------------------------------
# Totals


def _of_network(
    summary: Summary,
    quantity: str,
    assumed_shapes: AssumedShapes,
    named: Named,
    block: Sequence[Layer] | None,
) -> Method | None:
    if quantity in ("memory", "peak", "inference"):
        return _stored(summary, quantity, assumed_shapes, named)
    if quantity == "neurons":
        kept = [layer for layer in summary.layers if layer.facts.params]
    elif block is not None:
        kept = list(block)
    elif quantity in ("params", "weights", "biases"):
        kept = [layer for layer in summary.layers if layer in summary.counts.parameter_owners]
    elif quantity in COUNTED:
        kept = list(summary.layers)
    else:
        return None
    parts: list[Addend] = []
    alike: Alike = {}
    for layer in kept:
        facts = layer.facts
        if quantity in COUNTED:
            if not facts.macs:
                continue
        elif not facts.params:
            continue
        part = _part(layer, "values" if quantity == "neurons" else quantity, assumed_shapes, named, alike)
        if part is None:
            return None
        parts.append(part)
    if not parts:
        return None
    many = quantity in COUNTED and summary.batch > 1
    if len(parts) == 1:  # the network is this one layer
        return parts[0].method.for_images(summary.batch if many else 1)
    times = (named("N", summary.batch),) if many else ()
    learned = quantity in ("params", "weights")

    def parts_of(layers: Iterable[Layer]) -> tuple[Addend, ...]:
        found = [_part(layer, quantity, assumed_shapes, named, alike) for layer in layers if learned]
        return tuple([part for part in found if part is not None])

    owners = summary.counts.parameter_owners
    pools = parts_of(layer for layer in summary.layers if layer.op.pools)
    again = parts_of(layer for layer in summary.layers if layer.facts.params and layer not in owners)
    return Sum(quantity, parts, times, pools).but(batch=many, shared=again)


# Counts of layers that are alike, by what makes them so.
Alike = dict[tuple[Any, ...], "CountMethod | None"]


def _key(layer: Layer, inputs: list[Shape], assumed_shapes: AssumedShapes) -> tuple[Any, ...] | None:
    """The key that layers with equal counts share; None where one is a case of its own."""
    op = layer.op
    if layer in assumed_shapes.stated:
        return None
    settings = tuple([str(op.argument(name)) for name in op.attributes])
    return (type(op), settings, _flattens(layer), *map(tuple, inputs))


def _part(
    layer: Layer, quantity: str, assumed_shapes: AssumedShapes, named: Named, alike: Alike
) -> Addend | None:
    """Return what a layer adds to a sum. Layers that are ``alike`` share their count: a network may have
    one layer ten thousand times."""
    inputs = assumed_shapes.inputs(layer)
    if not inputs:
        return None
    key = _key(layer, inputs, assumed_shapes)
    known = alike.get(key) if key is not None else None
    if known is not None:
        return Addend(layer.name, _kind(layer), known)
    try:
        facts = layer.op.facts(tuple(inputs))
    except OpError:
        return None
    count = _count(quantity, layer, inputs, assumed_shapes, named)
    if count is not None and key is not None:
        alike[key] = count
    if count is None and quantity in ("macs", "flops"):
        count = bare_operations(quantity, layer.name, facts.macs or 0, named)
    return None if count is None else Addend(layer.name, _kind(layer), count)


def _bare(quantity: str, name: str, number: int, named: Named) -> CountMethod:
    """A number about which nothing is known."""
    return CountMethod(quantity, (Term(VALUE, (Factor("", named(name, number)),)),))


def _kind(layer: Layer) -> str:
    op = layer.op
    if op.is_norm:
        return "norm"
    return "conv" if op.is_convolution else "fc" if op.counts_for_depth else "other"


def _stored(summary: Summary, quantity: str, assumed_shapes: AssumedShapes, named: Named) -> Sum | None:
    """Bytes: of all outputs, of what lives at once, or that and the parameters."""
    from ...analysis.totals import DTYPES

    width, memory = DTYPES[summary.dtype], summary.memory
    same: dict[Shape, CountMethod] = {}
    every = [
        _volume_part(at, summary, assumed_shapes, named, same)
        for at in (*summary.graph.inputs, *summary.layers)
        if memory.new[at]
    ]
    if any(part is None for part in every):
        return None
    whole = [part for part in every if part is not None]
    if quantity == "memory":
        alike: Alike = {}
        learned = [
            _part(layer, "params", assumed_shapes, named, alike)
            for layer in summary.layers
            if layer in summary.counts.parameter_owners and layer.facts.params
        ]
        kept = [
            part._replace(method=_in_bytes(part.method, summary, named, images=1))
            for part in learned
            if part is not None
        ]
        return Sum(quantity, whole).but(learned=tuple(kept if all(learned) else ()))
    live = {layer.name for layer in memory.alive()}
    parts = [part for part in whole if part.name in live]
    if quantity == "inference":
        stored = summary.counts.params + summary.counts.buffers
        count = _bare("memory", "params", stored, named)
        term = count.terms[0]
        term = term._replace(factors=(*term.factors, Factor(BYTES, named("b", width))))
        parts.append(Addend("parameters", "parameters", count.but(terms=(term,))))
    return Sum(quantity, parts, elsewhere=whole) if parts else None


def _volume_part(
    layer: Layer,
    summary: Summary,
    assumed_shapes: AssumedShapes,
    named: Named,
    same: dict[Shape, CountMethod],
) -> Addend | None:
    shape = assumed_shapes.shape(layer)
    if shape is None:
        return None
    if shape not in same:
        same[shape] = _in_bytes(_of_shape(shape, named), summary, named)
    return Addend(layer.name, "activations" if layer.inputs else "input", same[shape])


def _of_shape(shape: Shape, named: Named) -> CountMethod:
    sizes = factors("", [named("n", n) for n in shape])
    return CountMethod("values", (Term(VALUE, sizes),), named=named)
