"""What a model of Keras is, however it was given: as a file, a live model, or code.

Every way in makes these objects, and the spec is written from them alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ....source import Span


class LayerOutput(NamedTuple):
    """A tensor that a layer puts out: which call of the layer, and which of the tensors of that call."""

    layer: str
    call: int = 0
    output: int = 0


@dataclass(frozen=True)
class ConstantTensor:
    """A tensor of literal values in a call: its sizes, and the value where it is a single one."""

    sizes: tuple[int, ...]
    value: float | None = None


@dataclass
class KerasCall:
    """One call of a layer.

    Attributes:
        positional: What is given by position: a ``LayerOutput``, a plain value, or lists, tuples and
            dictionaries of these.
        keywords: What is given by name: ``value``, ``key``, ``initial_state``, ``mask``, ``training`` …
        span: Where the call stands.
    """

    positional: tuple[Any, ...]
    keywords: dict[str, Any]
    span: Span

    def reads(self) -> Iterator[LayerOutput]:
        """Yield the tensors that the call reads, in their order."""
        yield from tensors_in(self.positional)
        yield from tensors_in(self.keywords)


@dataclass
class KerasLayer:
    """A layer: what it is, and its calls. All calls share its parameters.

    Attributes:
        class_name: The name of its class, ``Conv2D``; of an operation of ``keras.ops`` that class's name.
        name: Its name in the model; no other layer of the model has it.
        config: Its settings by the names of Keras 3. A layer within it, as of ``Bidirectional``, is a
            ``KerasLayer`` too.
        span: Where it stands.
        calls: Its calls, in their order.
        trainable: Whether its parameters are trained, as its own settings tell.
        model: The model that it is; None where it is a layer.
        package: The package that registered a class of somebody's own; empty for a class of Keras.
        places: Where single settings stand, as far as that is known.
        build_shape: The shape that it was built for, with the batch, as its file tells.
        operation: Whether it is an operation of ``keras.ops``, and no layer.
        at: The number of the call that is being written.
        shapes: The shapes of what its calls put out, with the batch, as whoever reads them states them: by
            the call, and the tensor of that call.
    """

    class_name: str
    name: str
    config: dict[str, Any]
    span: Span
    calls: list[KerasCall] = field(default_factory=list)
    trainable: bool = True
    model: KerasModel | None = None
    package: str = ""
    places: dict[str, Span] = field(default_factory=dict)
    build_shape: Any = None
    operation: bool = False
    at: int = 0
    shapes: dict[tuple[int, int], tuple[Any, ...]] = field(default_factory=dict)

    def place(self, setting: str) -> Span:
        """Where a setting stands; the layer where that is not known."""
        return self.places.get(setting, self.span)


@dataclass
class KerasModel:
    """A model.

    Attributes:
        kind: ``Sequential`` or ``Functional``.
        name: Its name.
        layers: Its layers, those of class ``InputLayer`` among them, in the order of the model.
        inputs: The tensors that are its inputs: a ``LayerOutput``, or a list or dictionary of these.
        outputs: The tensors that it puts out, in the same form.
        span: Where it stands.
    """

    kind: str
    name: str
    layers: list[KerasLayer]
    inputs: Any
    outputs: Any
    span: Span

    @classmethod
    def chain(cls, name: str, layers: Sequence[KerasLayer], span: Span, shape: Any = None) -> KerasModel:
        """Make the model of a ``Sequential``.

        Args:
            name: Its name.
            layers: Its layers, with or without an ``InputLayer`` in front; their calls are filled in.
            span: Where it stands.
            shape: The shape of the input with the batch, where no layer tells it.

        Returns:
            The model, with an ``InputLayer``; its shape is None where nothing tells it.
        """
        found = list(layers)
        if not found or found[0].class_name != "InputLayer":
            first = found[0] if found else None
            stated = shape if first is None else first.config.get("batch_shape") or shape
            dtype = None if first is None else first.config.get("dtype")
            names = {layer.name for layer in found}
            free, number = "input", 1
            while free in names:
                number += 1
                free = f"input_{number}"
            at = span if first is None else first.span
            settings = {"batch_shape": stated, "dtype": dtype}
            found.insert(0, KerasLayer("InputLayer", free, settings, at))
        for before, layer in zip([None, *found], found, strict=False):
            read = () if before is None else (LayerOutput(before.name),)
            layer.calls = [KerasCall(read, {}, layer.span)]
        return cls("Sequential", name, found, LayerOutput(found[0].name), LayerOutput(found[-1].name), span)


def tensors_in(value: Any) -> Iterator[LayerOutput]:
    """Yield the tensors within lists, tuples and dictionaries, in their order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, LayerOutput):
            yield one
        elif isinstance(one, (list, tuple)):
            waiting += reversed(one)
        elif isinstance(one, dict):
            waiting += reversed(one.values())
