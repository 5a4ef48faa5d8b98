"""A question: a quantity of a layer, or of a whole network, and its right answer."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import quantities
from ..analysis.contributors import contributors, of_chain
from ..analysis.summary import Row, Summary
from ..diagnostics import did_you_mean, fail
from ..graph import Graph, Layer
from ..shape import Shape
from .conventions import Conventions
from .methods import AssumedShapes, Method, method_of
from .methods.volumes import VolumeMethod, volume_of
from .working import Named, unnamed

if TYPE_CHECKING:
    from ..analysis.roofline import Device
    from .misconceptions import Belief

# What may be asked, with the word of a report: what is one number, or a volume.
QUANTITIES = {q.name: q.words for q in quantities.QUANTITIES.values() if q.form != quantities.BREAKDOWN}
# What else they are called; operations are asked about as one number.
CALLED = {
    word: meant.number or meant.name for word, meant in quantities.names().items() if word not in QUANTITIES
}
# Those of which a network has another value than its layers: they are asked of its last layer where
# nothing is said.
OF_LAST = ("output", "size", "pad")
# Those that a network or a block is the sum of its layers in.
SUMMED = tuple([q.name for q in quantities.QUANTITIES.values() if q.summed and q.name in QUANTITIES])
# Those of the last layer of a network that does not see everything.
_FIELD = ("rf", "stride", "start")
TOTAL = ("total", "totals", "network", "all", "sum")


class Unfit:
    """The answer of a layer that is none: its window does not fit, and is not to be rounded."""

    def __repr__(self) -> str:
        return "does not fit"


UNFIT = Unfit()


def quantity_called(word: str) -> str | None:
    """The quantity that a word means; None if there is none."""
    meant = quantities.called(word)
    return None if meant is None else meant.number or meant.name


class Subject:
    """A network that questions are asked about, and what is worked out of it once for all of them.

    summary  of the graph, in the batch and dtype that are asked about
    device   on which times are asked about; None where none is named
    """

    def __init__(
        self,
        graph: Graph,
        *,
        batch: int = 1,
        dtype: str = "fp32",
        with_heads: bool = False,
        device: Device | None = None,
    ):
        self.graph = graph
        self.device = device
        self.summary = Summary(graph, batch=batch, dtype=dtype, with_heads=with_heads)
        self._heads: Summary | None = None
        self._assumed_shapes: dict[str, AssumedShapes] = {"": AssumedShapes(graph)}
        self._changed: dict[str, list[Layer]] = {}

    def around(self, layer: Layer) -> Summary:
        """The summary in which a layer stands: that with the side heads for one of theirs."""
        if layer in self.summary.counts.layers or not layer.inputs:
            return self.summary
        if self._heads is None:
            self._heads = Summary(
                self.graph, batch=self.summary.batch, dtype=self.summary.dtype, with_heads=True
            )
        return self._heads

    @property
    def assumed_shapes(self) -> AssumedShapes:
        """The shapes as they are."""
        return self._assumed_shapes[""]

    def assuming(self, shapes: AssumedShapes) -> AssumedShapes:
        """The shapes of this network where those of another, or of this one, are assumed: the same rule
        is followed in both."""
        if shapes.graph is self.graph:
            return shapes
        if shapes.change is None or shapes.alone is not None:
            return self.assumed_shapes
        return AssumedShapes(self.graph, change=shapes.change)

    def following(self, belief: Belief, alone: Layer | None = None) -> AssumedShapes:
        """The shapes where a rule for sizes is followed in every layer, or in one alone."""
        key = belief.id if alone is None else f"{belief.id} {alone.name}"
        found = self._assumed_shapes.get(key)
        if found is None:
            found = self._assumed_shapes[key] = AssumedShapes(self.graph, change=belief.rule, alone=alone)
        return found

    def changed_by(self, belief: Belief) -> list[Layer]:
        """The layers whose output is another where a belief is assumed of them."""
        found = self._changed.get(belief.id)
        if found is None:
            found = self._changed[belief.id] = [
                layer for layer, volume in self._volumes if belief.rule(volume) is not None
            ]
        return found

    @cached_property
    def _volumes(self) -> list[tuple[Layer, VolumeMethod]]:
        """The layers whose ops state a volume, with it."""
        stated = [
            (layer, volume_of(layer.op, [above.output for above in layer.inputs]))
            for layer in self.graph.layers
        ]
        return [(layer, volume) for layer, volume in stated if volume is not None]


@dataclass(eq=False)
class Question:
    """A quantity of a layer of a network.

    layer     None for the whole network
    quantity  one of QUANTITIES
    block     the label of a block whose layers are added up, ``layer`` being its last; else empty
    """

    subject: Subject
    layer: Layer | None
    quantity: str
    conventions: Conventions
    block: str = ""
    called: str = ""  # as the task calls the layer, where that is another name
    ends: bool = False  # a field is asked of the network: the layer is the last with a window
    # Where the question names no layer of a chain: the last layer that adds to the sum.
    last: Layer | None = None
    # The scale and the unit in which the task wants a number, KiB as ("Ki", "bytes"); empty for none.
    stated_unit: tuple[str, str] = ("", "")
    chained: bool = False  # the question names no layer of a chain, whose last layer has its own number

    @property
    def graph(self) -> Graph:
        """The network's layers."""
        return self.subject.graph

    @property
    def summary(self) -> Summary:
        """The summary of the network."""
        return self.subject.summary

    @classmethod
    def read(cls, subject: Subject, ask: str, conventions: Conventions) -> Question:
        """``params``, ``conv1.params``, ``total.macs``. Without a layer: of the last layer of a
        chain, and of other networks the total. Raises SpecError."""
        graph = subject.graph
        before, dot, word = ask.rpartition(".")
        before = graph.called(before) if dot else before
        quantity = quantity_called(word)
        if quantity is None:
            examples = [f"{ask}.params, {ask}.output …"] if graph.layer(ask) is not None else []
            raise fail(
                "name",
                f"`{word}` is no quantity",
                *(examples or did_you_mean(word, QUANTITIES)),
                f"there are {', '.join(QUANTITIES)}",
            )
        chain = "->" in graph.metadata.name
        meant = quantities.asked_of(quantities.QUANTITIES[quantity], graph.counter)
        quantity = meant.name
        layer: Layer | None = None
        block = ""
        if dot and before.lower() not in TOTAL:
            layer = graph.layer(before)
            if layer is None:
                name = graph.metadata.name or "the network"
                raise fail("name", f"{name} has no layer `{before}`", *did_you_mean(before, graph.names()))
        elif quantity in _FIELD:
            # Behind the last layer that does not see everything there is nothing to ask.
            layer = subject.summary.fields.last_local() or graph.output
        elif quantity in OF_LAST:
            layer = graph.output
        elif chain and not dot and meant.layer is not None:
            layer = of_chain(subject.summary, meant)
        if layer is not None and meant.layer is None:
            raise fail("argument", f"{quantity} is of a whole network", f"ask total.{quantity}")
        if layer is not None and layer.name != before and before and quantity in SUMMED:
            place = graph.labels[before]
            block = before if place.last - place.first > 1 else ""
        asked = cls(subject, layer, quantity, conventions, block)
        if chain and not dot and meant.layer is not None and layer is None:
            asked.last = contributors(subject.summary, meant)[-1]
        asked.chained = (
            chain
            and not dot
            and meant.form == quantities.BYTES
            and (layer is not None and len(graph.layers) > 1 and meant.of_network)
        )
        asked.ends = quantity == "rf" and (not dot or before.lower() in TOTAL)
        if layer is not None and before and before != layer.name and not block:
            asked.called = before
        return asked

    # Whether its solution is the working of its method: `explain` has no other.
    solved_by_method = False

    @property
    def sides(self) -> dict[str, Question]:
        """The questions about the quantities that it is computed of; none where it is one itself."""
        return {}

    def method(self, assumed_shapes: AssumedShapes, named: Named = unnamed) -> Method | None:
        """How a textbook comes by its value for these shapes, its numbers with names or with other
        values; None where that is not known."""
        layers = self.layers if self.block else None
        return method_of(self.summary, self.layer, self.quantity, assumed_shapes, named, layers)

    def having(self, numbers: dict[str, int | Fraction]) -> Method | None:
        """The method with other numbers in the place of some of the quantities that it is computed of."""
        return None

    @property
    def layers(self) -> list[Layer]:
        """The layers that are added up: those of the block, or of the network; else the one."""
        if self.block:
            place = self.graph.labels[self.block]
            return list(self.graph.layers[place.first : place.last])
        return self.summary.layers if self.layer is None else [self.layer]

    @property
    def with_heads(self) -> int | None:
        """A total with the network's side heads in it; None where there are none, or none asked."""
        if self.layer is not None or not self.graph.heads or self.quantity not in SUMMED:
            return None
        subject = Subject(self.graph, batch=self.summary.batch, dtype=self.summary.dtype, with_heads=True)
        value = _of_network(Question(subject, None, self.quantity, self.conventions))
        return int(value) if value != self.plain else None

    @property
    def with_norm(self) -> tuple[int, str] | None:
        """For a layer with a normalisation behind it, the sum of both and words for it."""
        if self.layer is None or self.block or self.quantity not in SUMMED:
            return None
        behind = self.layer.index + 1
        norm = self.graph.layers[behind] if 0 < behind < len(self.graph.layers) else self.layer
        if norm.inputs != (self.layer,) or not (norm.op.is_norm and norm.op.weighted):
            return None
        value, more = self.plain, _of_layer(self, norm)
        return (value + more, f"{norm.name} counted with it") if value and more else None

    @property
    def other_numbers(self) -> list[tuple[Any, str]]:
        """The other numbers in which a quantity may be given, with the words for each. Of the sum
        over a chain, that of its last layer; of the memory of its last layer, that of it all. Of
        the field of a layer that sees everything: the whole image, where it is asked of the
        network, whose field is that of its last window; and the window over all positions that are
        left. Of one behind a gate, or a norm whose statistics are those of a map: the whole image.
        Nothing of others."""
        fields, graph = self.summary.fields, self.graph
        if self.last is not None:
            return [(_of_layer(self, self.last), f"that of the last layer alone, {self.last.name}")]
        if self.chained:
            return [(_of_network(self), "that of the whole chain, its input and all outputs")]
        layer = graph.output if self.ends else self.layer
        if self.quantity != "rf" or layer is None:
            return []
        extent = fields.main(layer)
        if extent is None:
            return []
        image = graph.inputs[0].output.spatial
        if not extent.whole:
            counted = [
                words
                for found, words in (
                    (extent.gated, "the gates counted, which see everything"),
                    (extent.normed, "the statistics of norms counted, which read the whole map"),
                )
                if found
            ]
            return [(_tidy(image), " and ".join(counted))] if counted else []
        found = [(_tidy(image), "that of the last layers, which see the whole image")]
        last = fields.last_local()
        before = fields.main(last) if last is not None else None
        if last is None or before is None or layer.index <= last.index:
            return found[: self.ends]
        if len(last.output) == len(image) + 1 and all(type(s) is int for s in before.stride):
            sizes = [
                size + (n - 1) * int(stride or 0)
                for size, n, stride in zip(before.size, last.output, before.stride, strict=False)
            ]
            found.append((_tidy(tuple(sizes)), f"all positions of {last.name} taken as one window"))
        return found if self.ends else found[1:]

    @property
    def addends(self) -> list[Layer]:
        """The layers that add something to a total."""
        summary = self.summary
        if self.quantity == "memory":
            made = (*self.graph.inputs, *summary.layers)
            return [layer for layer in made if summary.memory.new[layer]]
        if self.quantity in ("macs", "flops"):
            return [layer for layer in self.layers if layer.facts.macs]
        parameter_owners = summary.counts.parameter_owners
        return [layer for layer in self.layers if layer in parameter_owners and _of_layer(self, layer)]

    @property
    def uncounted(self) -> list[Layer]:
        """The layers without which a total is a lower bound: there is no rule for them."""
        rule = quantities.QUANTITIES[self.quantity].lacks
        if self.layer is not None or not rule:
            return []
        return self.summary.without_rule(rule)

    @property
    def name(self) -> str:
        """The question as a quiz writes it: ``conv1.params``, ``total.macs``."""
        return f"{self.where}.{self.quantity}"

    @property
    def where(self) -> str:
        """The layer, the block, or ``total``."""
        return self.block or (self.layer.name if self.layer is not None else "total")

    @property
    def explained_at(self) -> str | None:
        """Where its value is explained: a layer or a block; None for the whole network."""
        return self.where if self.block or self.layer is not None else None

    @property
    def words(self) -> str:
        """For a reader: ``conv1 parameters``."""
        return f"{self.called or self.where} {self.label}"

    @property
    def short(self) -> str:
        """As an answer on the command line names it: ``conv1.params``."""
        return f"{self.called or self.where}.{self.quantity}"

    @property
    def label(self) -> str:
        """The quantity for a reader."""
        if self.quantity == quantities.COUNTER.name and self.graph.counter is not None:
            return self.graph.counter.label
        return QUANTITIES[self.quantity]

    @property
    def unit(self) -> str:
        """The unit of its right value: ``bytes``, ``MACs``, ``positions``; empty for a volume."""
        form = quantities.QUANTITIES[self.quantity].form
        if form == quantities.SHAPE:
            return ""
        if form == quantities.SIZES:
            return "positions"
        if form == quantities.BYTES:
            return self.conventions["memory"]
        if self.quantity == quantities.COUNTER.name and self.graph.counter is not None:
            return self.graph.counter.unit
        halved = self.quantity == "flops" and self.conventions["operations"] == "mac"
        return QUANTITIES["macs" if halved else self.quantity]

    @property
    def plain(self) -> Any:
        """The right value by the usual conventions: an int, a Shape, a tuple with one int per axis; None
        where there is no rule."""
        if self.block:
            parts = [_of_layer(self, layer) for layer in self.layers]
            return None if None in parts else sum(parts)
        return _of_network(self) if self.layer is None else _of_layer(self, self.layer)


def _of_layer(asked: Question, layer: Layer) -> Any:
    """The value of a layer; its parameters are its own, though another layer has them too."""
    rule = quantities.QUANTITIES[asked.quantity].layer
    row = Row(layer, asked.subject.around(layer), alone=True)
    return None if rule is None else _tidy(rule(row))


def _of_network(asked: Question) -> Any:
    return _tidy(quantities.QUANTITIES[asked.quantity].of(asked.summary))


def _tidy(value: Any) -> Any:
    """One number per axis, as a single number where all are alike; None where one is unknown."""
    if not isinstance(value, tuple) or isinstance(value, Shape):
        return value
    if not value or None in value:
        return None
    sizes = tuple([int(size) if Fraction(size).denominator == 1 else size for size in value])
    return sizes[0] if len(set(sizes)) == 1 else sizes
