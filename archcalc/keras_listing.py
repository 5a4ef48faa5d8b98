"""The layers of a model of Keras as Keras lists them: what each is called on, and what it puts out.

A network that was read from Keras keeps this beside its graph, whose layers are finer: a convolution with an
activation is one layer of Keras, and two of the graph. Keras' own summary shows this and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class ListedTensor(NamedTuple):
    """A tensor that a layer is called on: of which layer, which call of it, and which of its outputs."""

    layer: str
    call: int = 0
    output: int = 0


@dataclass(eq=False)
class ListedLayer:
    """A layer of a model. Layers of the graph that are from it state it in their origin.

    Attributes:
        name: Its name in the model.
        kind: The name of its class.
        calls: The tensors of each of its calls.
        output: What it puts out: a shape with the batch, None for a size that is open; or lists, tuples and
            dictionaries of shapes.
        trainable: Whether its own settings let its parameters be trained.
        width: Bytes of each of its numbers.
        operation: Whether it is an operation, and no layer.
        model: What is inside, of a model within the model.
    """

    name: str
    kind: str
    calls: list[list[ListedTensor]] = field(default_factory=list)
    output: Any = None
    trainable: bool = True
    width: int = 4
    operation: bool = False
    model: ListedModel | None = None


@dataclass(eq=False)
class ListedModel:
    """A model.

    Attributes:
        name: Its name.
        kind: ``Sequential`` or ``Functional``.
        layers: Its layers, those of class ``InputLayer`` among them.
        outputs: The tensors that it puts out.
        graph_layers: How many layers its graph has: a graph with fewer is a part of it.
        optimizer: How many numbers its optimizer holds, and their bytes; None where it has none yet.
    """

    name: str
    kind: str
    layers: list[ListedLayer]
    outputs: list[ListedTensor]
    graph_layers: int = 0
    optimizer: tuple[int, int] | None = None

    def shown(self, within: bool) -> Iterator[ListedLayer]:
        """Yield the layers that Keras lists: a ``Sequential`` hides its input, a model within another its
        operations.

        Args:
            within: Whether it stands within another model.
        """
        for layer in self.layers:
            hidden = layer.kind == "InputLayer" if self.kind == "Sequential" else within and layer.operation
            if not hidden:
                yield layer
