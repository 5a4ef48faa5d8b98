"""The networks that a figure may be about beside the one that was named: the same built otherwise, with
another input or other parameters, and its relatives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from ..analysis.published_figures import figure_value
from ..diagnostics import SpecError
from ..graph import Graph, Layer
from ..language.library import Library
from ..loading import LoadedNetwork
from ..ops.attributes import OpError
from ..ops.rearranging import Input
from ..shape import Shape
from ..texts import read
from .assumptions import (
    BUILT_OTHERWISE_COST,
    CLASSES_COST,
    INPUT_COST,
    NETWORK,
    OTHER_CLASSES_COST,
    PARAMETER_COST,
    RELATIVE_COST,
    FigureAssumption,
)

# Sides of square images on which networks are measured.
SIDES = (
    *(28, 32, 64, 96, 112, 128, 160, 192, 224, 227, 231, 240, 256, 260, 288, 299, 300, 320, 331, 336, 352),
    *(380, 384, 400, 416, 448, 456, 480, 500, 512, 528, 544, 600, 608, 640, 768, 800, 896, 1024, 1280),
)
# Classes of data sets: ImageNet with the class for none, CIFAR, VOC, COCO, Places, ImageNet-21k.
CLASSES = (1000, 1001, 10, 100, 20, 21, 80, 90, 91, 200, 365, 21841, 21843)
# Factors by which families scale their networks.
FACTORS = ("0.25", "0.35", "0.5", "0.75", "1", "1.1", "1.2", "1.3", "1.4", "1.5", "2")
# A network in the file of its family, and the counts that are reported of it.
_NET = re.compile(r"^net (\w+)", re.MULTILINE)
_REPORT = re.compile(r"^ +report (?:macs|flops|params|total) +([\w.]+)", re.MULTILINE)
# The largest family that is looked through.
LARGEST_FAMILY = 30


class NetworkVariant:
    """A network that a figure may be about.

    assumptions  what has to be so; none for the one that was named
    network      it, read when it is asked for; None where it does not fit
    classes      how many classes it has, where that alone is another number
    ratio        how many times as many operations it is likely to have, where that can be said
    slack        how far from that it may be, as a share of it
    same_code    whether its layers have the names and the code of the named one
    sketch       the layers of the named network on another input, where that is likely to be this network:
                 it is not read for that; None where nobody can tell without reading it
    """

    def __init__(
        self,
        assumptions: tuple[FigureAssumption, ...],
        make: Callable[[], LoadedNetwork],
        classes: int | None = None,
        ratio: Fraction | None = None,
        slack: Fraction = Fraction(1, 4000),
        same_code: bool = False,
        sketch: NetworkVariant | None = None,
    ):
        self.assumptions = assumptions
        self.sketch = sketch
        self.classes = classes
        self.ratio = ratio
        self.slack = slack
        self.same_code = same_code
        self._make = make

    @cached_property
    def network(self) -> LoadedNetwork | None:
        """The network; None where its sizes do not fit or it has no such parameter."""
        try:
            return self._make()
        except (OpError, SpecError):
            return None

    @property
    def words(self) -> str:
        """What it is, for a reader."""
        return ", ".join([assumption.words for assumption in self.assumptions])


class Variants:
    """The variants of a network.

    Args:
        network: The network that was named.
        target: What it was called; None for one that cannot be made again, as a traced module.
        input: The sizes of its input that were asked for.
        parameters: The values of parameters that were asked for.
    """

    def __init__(
        self,
        network: LoadedNetwork,
        target: str | None,
        input: Any = None,
        parameters: Mapping[str, Any] | None = None,
    ):
        self.named = NetworkVariant((), lambda: network)
        self._graph = network.graph
        self._target = target
        self._input = input
        self._parameters = dict(parameters or {})
        self._library = Library()  # files are read once for all

    def built_otherwise(self) -> list[NetworkVariant]:
        """The same network of the zoo in other versions: resnet50_v1 for resnet50."""
        return [
            self._relative(name, BUILT_OTHERWISE_COST)
            for name in self._family
            if same_network(name, self._name)
        ]

    def relatives(self, near: Callable[[Fraction], bool]) -> list[NetworkVariant]:
        """The other networks of the family of which a figure is reported that is ``near``. Only what is
        reported is read of the others: they are many."""
        return [
            self._relative(name, RELATIVE_COST)
            for name in self._family
            if not same_network(name, self._name) and any(map(near, self._reported.get(name, ())))
        ]

    @cached_property
    def _reported(self) -> dict[str, list[Fraction]]:
        """The counts that the file of the family reports of each network, as they are printed."""
        path = self._library.zoo.get(self._name)
        text = read(path) if path is not None else ""
        parts = _NET.split(text)
        found: dict[str, list[Fraction]] = {}
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            values = [figure_value(printed) for printed in _REPORT.findall(body)]
            found[name] = [value for value in values if value is not None]
        return found

    def inputs(self, near: Callable[[Fraction], bool]) -> Iterator[NetworkVariant]:
        """The network on other inputs. ``near`` says of a ratio of areas whether it is worth a look."""
        graph = self._graph
        if self._target is None or len(graph.inputs) != 1 or len(graph.inputs[0].output) != 3:
            return
        height, width, channels = map(int, graph.inputs[0].output)
        for side in SIDES:
            if (side, side) == (height, width) or not near(Fraction(side * side, height * width)):
                continue
            yield self._resized(Shape((side, side, channels)))

    def parameters(self) -> Iterator[NetworkVariant]:
        """The network with another value of one of its parameters."""
        if self._target is None:
            return
        for name, text in self._graph.metadata.parameters.items():
            for value in _other_values(name, text):
                cost = PARAMETER_COST
                if name == "classes":
                    cost = CLASSES_COST if value in ("1000", "1001") else OTHER_CLASSES_COST
                words = f"{value} classes" if name == "classes" else f"{name}={value}"
                assumption = FigureAssumption(NETWORK, f"set:{name}={value}", words, cost)
                variant = self._made((assumption,), parameters={name: value})
                if name == "classes":
                    variant.classes = int(value)
                    variant.same_code = True
                elif name in ("width", "depth"):
                    factor = Fraction(value) / Fraction(text)
                    variant.ratio = factor * factor if name == "width" else factor
                    variant.slack = Fraction(1, 5)
                yield variant

    def _resized(self, shape: Shape) -> NetworkVariant:
        assumption = FigureAssumption(NETWORK, f"input:{shape}", f"input {shape}", INPUT_COST)
        loaded = self._made((assumption,), input=str(shape))

        def make() -> LoadedNetwork:
            # On a smaller input a side head may have nothing left to read: then the rest is the network.
            return loaded.network or LoadedNetwork(main_on(self._graph, shape))

        def sketched() -> LoadedNetwork:
            return LoadedNetwork(main_on(self._graph, shape))

        sketch = None if self._graph.heads else NetworkVariant((assumption,), sketched, same_code=True)
        variant = NetworkVariant((assumption,), make, same_code=True, sketch=sketch)
        try:
            macs = macs_on(self._graph, shape)
        except OpError:  # of a spec whose layers are given by the sizes of others
            ratio = Fraction(shape.positions, self._graph.inputs[0].output.positions)
            variant.ratio, variant.slack = ratio, Fraction(1, 20)
        else:
            ours = sum([layer.facts.macs or 0 for layer in self._graph.main()])
            variant.ratio, variant.slack = Fraction(macs, ours) if ours else None, Fraction(1, 500)
        return variant

    @property
    def _name(self) -> str:
        return self._graph.metadata.name

    @cached_property
    def _family(self) -> list[str]:
        """The other networks in the file of this one, where it is one of the zoo."""
        zoo = Library().zoo
        path = zoo.get(self._name)
        found = [name for name, place in zoo.items() if place == path and name != self._name]
        return found if path is not None and len(found) <= LARGEST_FAMILY else []

    def _relative(self, name: str, cost: int) -> NetworkVariant:
        def make() -> LoadedNetwork:
            return LoadedNetwork.of(name, self._input, library=self._library)

        return NetworkVariant((FigureAssumption(NETWORK, f"network:{name}", name, cost),), make)

    def _made(
        self,
        assumptions: tuple[FigureAssumption, ...],
        input: Any = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> NetworkVariant:
        def make() -> LoadedNetwork:
            values = {**self._parameters, **(parameters or {})}
            return LoadedNetwork.of(self._target, input or self._input, values, library=self._library)

        return NetworkVariant(assumptions, make)


def same_network(one: str, other: str) -> bool:
    """Whether two networks of a family are one built in two ways: ``resnet50_v1`` and ``resnet50``."""
    short, long = sorted((one, other), key=len)
    if long.startswith(f"{short}_"):
        return True
    stem = short.rpartition("_")[0]
    return bool(stem) and long.startswith(f"{stem}_") and stem[-1].isdigit() and "_cifar" not in long


def _other_values(name: str, text: str) -> Iterator[str]:
    """Other values that a parameter is likely to have."""
    if text in ("yes", "no"):
        yield "no" if text == "yes" else "yes"
    elif name == "classes":
        yield from [str(number) for number in CLASSES if str(number) != text]
    elif name in ("width", "depth"):
        yield from [factor for factor in FACTORS if Fraction(factor) != Fraction(text)]
    elif text.isdigit():
        number = int(text)
        yield from [
            str(n) for n in (number - 1, number + 1, 2 * number, number // 2) if n > 0 and n != number
        ]


def classifier_of(graph: Graph) -> list[Layer]:
    """The last layer with weights on the way to the main output, and all behind it, where it is a fully
    connected one; else nothing."""
    at = graph.output
    found = [at]
    while not at.facts.params and len(at.inputs) == 1 and at.inputs[0].inputs:
        at = at.inputs[0]
        found.append(at)
    return found if at.op.flattens and at.facts.params else []


def macs_on(graph: Graph, shape: Shape) -> int:
    """The MACs of a network of one input on an input of another shape, if its layers stay as they are.

    Raises OpError where a layer does not take what arrives.
    """
    outputs = dict.fromkeys(graph.inputs, shape)
    macs = 0
    for layer in graph.main():
        facts = layer.op.facts(tuple([outputs[source] for source in layer.inputs]))
        outputs[layer] = facts.output
        macs += facts.macs or 0
    return macs


def main_on(graph: Graph, shape: Shape) -> Graph:
    """The layers of the main output of a network of one input, on an input of another shape.

    Raises OpError where a layer does not take what arrives.
    """
    copies: dict[Layer, Layer] = {}
    for source in graph.inputs:
        op = Input(shape)
        copies[source] = Layer(source.name, op, (), op.facts(()))
    layers = graph.main()
    for layer in layers:
        inputs = tuple([copies[source] for source in layer.inputs])
        facts = layer.op.facts(tuple([source.output for source in inputs]))
        copy = copies[layer] = Layer(layer.name, layer.op, inputs, facts, layer.path, layer.text)
        copy.frozen, copy.origin = layer.frozen, layer.origin
        copy.owner = copies.get(layer.owner, copy)
    return Graph(
        graph.metadata,
        tuple([copies[source] for source in graph.inputs]),
        tuple([copies[layer] for layer in layers]),
        copies[graph.output],
        {},
        graph.tree.with_layers(copies),
        {},
        changed=True,
    )
