"""The layers that Keras would have of a network, as rows of its summary.

Keras has its own habits, and rows follow them: an activation directly behind a convolution or fully
connected layer is an argument of that layer; a depthwise convolution and the pointwise one directly
behind it are one SeparableConv; flattening, and padding that is neither "same" nor "valid", are
layers; recurrent layers on top of each other are several, and both directions of one are a
Bidirectional; the moving statistics of batch norm are parameters that are not trained. A layer that is
used again has no row of its own, but is connected once more; one that takes the weights of another
kind of layer is none of these, and has its row. With nested models, a block that has a label is a model
within the model, which takes the tensors from outside as inputs of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ...analysis.summary import Row, Summary
from ...graph import Layer
from ...ops.convolution import Conv, DepthwiseConv
from ...ops.volume import Volume
from ...ops.window import same_padding
from ...shape import Shape
from ..lines import clean
from ..words import volume
from .keras_model import KerasModel, KerasRow, KerasTensor
from .tool_table import camel


class KerasRows:
    """The rows of a network.

    whole  the model
    notes  where Keras itself does something else, in sentences
    """

    def __init__(self, summary: Summary, nested: bool):
        self.whole = KerasModel()
        self.notes: list[str] = []
        self._summary = summary
        self._models: dict[tuple[KerasModel, str], KerasModel] = {}
        self._of: dict[Layer, KerasModel] = {}
        self._again = _blocks_again(summary.layers) if nested else {}
        self._first_calls: dict[Layer, tuple[Layer, int]] = {}
        self._nested = nested
        self._names = {layer.name for layer in (*summary.graph.inputs, *summary.graph.layers)}
        self._readers: dict[Layer, int] = {}
        for source in [*summary.ends, *[s for layer in summary.layers for s in layer.inputs]]:
            self._readers[source] = self._readers.get(source, 0) + 1
        for source in summary.graph.inputs:
            self._of[source] = self.whole
            self._row(self.whole, source, source.name, _type(source), source.output, [])
        for layer in summary.layers:
            self._add(layer)
        for end in summary.ends:
            self.whole.outputs[end] = self._tensor(self.whole, end)
        for model in reversed(self._models.values()):
            self._close(model)

    # Models ----------------------------------------------------------------------------------------

    def _model(self, layer: Layer) -> KerasModel:
        """The model that a layer stands in."""
        found = self.whole
        for _, label in layer.path if self._nested else ():
            if label is not None:
                found = self._models.get((found, label)) or self._begun(found, label)
        return found

    def _begun(self, parent: KerasModel, label: str) -> KerasModel:
        """A model for a block, with its row."""
        name = parent.prefix + label
        row = KerasRow(name, label, "Functional", Shape(()))
        made = self._models[parent, label] = KerasModel(f"{name}.", parent, row)
        row.model = made
        row.uses.append([])
        parent.rows.append(row)
        return made

    def _close(self, model: KerasModel) -> None:
        """The figures of a model's row, from what is inside."""
        row = model.row
        assert row is not None
        for inner in model.rows:
            row.held.update(inner.held)
            if inner.trains is not None:
                row.trains = bool(row.trains) or inner.trains
        row.outputs = [tensor.row.outputs[tensor.number] for tensor in model.outputs.values()]

    def _tensor(self, model: KerasModel, layer: Layer) -> KerasTensor:
        """The output of a layer, as it is read inside of a model."""
        first_call, use = self._first_calls.get(layer, (layer, 0))
        home = self._of[first_call]
        if home is model:
            row, use = home.homes[layer]
            return KerasTensor(row, use, 0)
        for inside in home.around():
            if inside.parent is model:
                # It comes out of a model within this one.
                if first_call not in inside.outputs:
                    inside.outputs[first_call] = self._tensor(inside, first_call)
                assert inside.row is not None
                return KerasTensor(inside.row, use, list(inside.outputs).index(first_call))
        assert model.parent is not None
        assert model.row is not None
        taken = model.inputs.get(layer)
        if taken is None:
            name = self._free(model, "input")
            taken = KerasRow(name, name.removeprefix(model.prefix), "InputLayer", layer.output)
            taken.uses.append([])
            model.inputs[layer] = taken
            model.rows.append(taken)
            model.row.uses[0].append(self._tensor(model.parent, layer))
        return KerasTensor(taken, 0, 0)

    # Rows ------------------------------------------------------------------------------------------

    def _row(
        self,
        model: KerasModel,
        layer: Layer,
        name: str,
        kind: str,
        output: Shape,
        sources: list[KerasTensor],
        params: int | None = 0,
        part: int = 0,
    ) -> KerasRow:
        """A row, for a layer or what Keras needs in front of it."""
        row = KerasRow(name, name.removeprefix(model.prefix), kind, output)
        row.uses.append(sources)
        row.counted = params
        if params != 0:
            row.held[layer.owner, part] = params
            row.trains = not layer.held if layer.facts.tensors else None
        model.rows.append(row)
        model.homes[layer] = row, 0
        return row

    def _add(self, layer: Layer) -> None:
        """A row for a layer, or its place in the row of another."""
        if layer in self._again:
            self._again_as(layer)
            return
        model = self._of[layer] = self._model(layer)
        params = _with_statistics(Row(layer, self._summary))
        first = layer.inputs[0]
        if self._readers[first] == 1 and self._of.get(first) is model and _one_layer(first, layer):
            self._join(model, layer, params)
            return
        sources = [self._tensor(model, source) for source in layer.inputs]
        repeated = _used_again(layer)
        if repeated and layer.owner in model.homes:
            row, _ = model.homes[layer.owner]
            model.homes[layer] = row, len(row.uses)
            row.uses.append(sources)
            row.outputs = [layer.output]
            return
        sources = self._before(model, layer, sources)
        kind = _type(layer)
        parts = layer.op.keras_parts(*[at.output for at in layer.inputs])
        for number, part in enumerate(parts):
            kind, params = part.kind, 0 if layer.shared else part.params
            if number == len(parts) - 1:
                break
            name = self._free(model, f"{layer.name.removeprefix(model.prefix)}_l{number}")
            below = self._row(model, layer, name, kind, part.output, sources, params, number)
            sources = [KerasTensor(below, 0, 0)]
        row = self._row(model, layer, layer.name, kind, layer.output, sources, params, len(parts))
        if repeated:
            owner = Row(layer.owner, self._summary)
            row.held[layer.owner, len(parts)] = _with_statistics(owner)
            row.trains = not layer.held
        elif layer.shared:
            self.notes.append(
                f"{clean(layer.name)}: takes its weights from {clean(layer.owner.name)}, counted "
                "there; in Keras one has to write such a layer"
            )
        theirs_output = layer.op.keras_output(*[at.output for at in layer.inputs])
        if theirs_output is not None:
            self.notes.append(
                f"{clean(layer.name)}: the kernel is smaller than the stride, and Keras' own layer "
                f"puts out {volume(theirs_output, self._summary.layout)} here"
            )

    def _join(self, model: KerasModel, layer: Layer, params: int | None) -> None:
        """A layer that has its place in the row of the one in front of it."""
        first = layer.inputs[0]
        row, _ = model.homes[layer] = model.homes[first]
        if layer.facts.tensors:
            row.trains = bool(row.trains) or not layer.held
        if first.op.matrix_product and layer.op.matrix_product:
            row.name, row.short = layer.name, layer.name.removeprefix(model.prefix)
            row.kind = f"Separable{_type(layer)}"
            row.counted = None if row.counted is None or params is None else row.counted + params
            row.held[layer.owner, 0] = params
        row.outputs = [layer.output]

    def _before(self, model: KerasModel, layer: Layer, sources: list[KerasTensor]) -> list[KerasTensor]:
        """What Keras needs in front of a layer; returns what the layer is called on then."""
        arriving = layer.inputs[0].output
        if layer.op.flattens and len(arriving) > 1:
            name, kind, output = "flatten", "Flatten", Shape((arriving.values,))
        elif padded := _padded(layer.facts.volume):
            name, output = f"{layer.name.removeprefix(model.prefix)}_pad", padded
            kind = f"ZeroPadding{len(padded) - 1}D"
        else:
            return sources
        row = self._row(model, layer, self._free(model, name), kind, output, sources)
        return [KerasTensor(row, 0, 0)]

    def _again_as(self, layer: Layer) -> None:
        """A layer of a block that is called again: the model of the first call is connected once more."""
        first_call, taken = self._again[layer]
        model = self._of[first_call]
        while model.row is not None and model.row.name != taken.label:
            assert model.parent is not None
            model = model.parent
        row = model.row
        assert row is not None
        assert model.parent is not None
        if layer is taken.pairs[0][1]:
            row.uses.append([])
            pairs = {a: b for one, two in taken.pairs for a, b in zip(one.inputs, two.inputs, strict=True)}
            row.uses[-1] += [self._tensor(model.parent, pairs[source]) for source in model.inputs]
        self._first_calls[layer] = first_call, len(row.uses) - 1

    def _free(self, model: KerasModel, name: str) -> str:
        """A name that no layer has, numbered as Keras does it."""
        free, number = model.prefix + name, 0
        while free in self._names:
            number += 1
            free = f"{model.prefix}{name}_{number}"
        self._names.add(free)
        return free


class _Repeated(NamedTuple):
    """A call of a block that shares all that another has learned: the label of the other one, and the
    layers of both, one for one."""

    label: str
    pairs: list[tuple[Layer, Layer]]


def _blocks_again(layers: Iterable[Layer]) -> dict[Layer, tuple[Layer, _Repeated]]:
    """The layers of blocks that are called again, each with its first_call in the block's first call."""
    blocks: dict[tuple[str, ...], list[Layer]] = {}
    for layer in layers:
        labels = [label for _, label in layer.path if label is not None]
        for end in range(1, len(labels) + 1):
            blocks.setdefault(tuple(labels[:end]), []).append(layer)
    found: dict[Layer, tuple[Layer, _Repeated]] = {}
    for key in sorted(blocks, key=len):
        inside = blocks[key]
        shared = next((layer for layer in inside if layer.shared), None)
        if shared is None or shared in found:
            continue
        labels = [label for _, label in shared.owner.path if label is not None]
        first = (*key[:-1], *labels[len(key) - 1 : len(key)])
        pairs = [*zip(blocks.get(first, ()), inside, strict=False)]
        if first == key or not len(pairs) == len(inside) == len(blocks.get(first, ())):
            continue
        if all(_same(one, two) for one, two in pairs):
            taken = _Repeated(".".join(first), pairs)
            found.update({two: (one, taken) for one, two in pairs})
    return found


def _same(one: Layer, two: Layer) -> bool:
    """Whether the second is the first, called again; where nothing is learned, whether it may be."""
    alike = one.op.name == two.op.name and len(one.facts.tensors or ()) == len(two.facts.tensors or ())
    return alike and (not one.facts.tensors or one.owner is two.owner)


def _with_statistics(row: Row) -> int | None:
    """Parameters with the moving statistics."""
    return None if row.params is None else row.params + (row.buffers or 0)


def _type(layer: Layer) -> str:
    """Keras' class for a layer."""
    axes = max([len(source.output) for source in layer.inputs], default=1) - 1
    return layer.op.keras.format(axes) or camel(layer.op.name)


def _used_again(layer: Layer) -> bool:
    """Whether a layer is another one, called once more: the same op, with all its parameters."""
    owner = layer.owner
    return (
        layer.shared
        and layer.op.name == owner.op.name
        and (len(layer.facts.tensors or ()) == len(owner.facts.tensors or ()))
    )


def _one_layer(source: Layer, layer: Layer) -> bool:
    """Whether Keras has a layer for both, the second directly behind the first."""
    if layer.op.keras == "Activation":
        return source.op.counts_for_depth
    first, second = source.op, layer.op
    if not (isinstance(first, DepthwiseConv) and isinstance(second, Conv)) or first.bias:
        return False
    alone = set(_numbers(second.kernel)) == set(_numbers(second.stride)) == {1}
    return alone and second.groups == 1 and second.output(source.output)[:-1] == source.output[:-1]


def _numbers(value: Any) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)


def _padded(stated: Volume | None) -> Shape | None:
    """The input with its rim of zeros, where Keras needs a layer for that."""
    if stated is None or not stated.slides:
        return None
    windows = stated.windows
    if all((w.low, w.high) == same_padding(w.size, w.span, w.stride) for w in windows):
        return None
    if not any(w.low or w.high for w in windows):
        return None
    return Shape((*[w.size + w.low + w.high for w in windows], stated.arriving))
