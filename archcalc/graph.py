"""The graph that every analysis reads. It knows no text, no torch and no terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .shape import Shape

if TYPE_CHECKING:
    from .arithmetic import Expression
    from .code_form import CodeForm
    from .keras_listing import ListedLayer, ListedModel
    from .module_run import ModuleRun
    from .ops.base import Facts, Op
    from .ops.facts import Saved


class Origin:
    """Where a layer of an imported network is from.

    Attributes:
        module: The dotted name of the module that made it, ``layer1.0.conv1``; empty for the outermost. Of
            the file of another tool what that calls the layer.
        kind: The name of that module's class, or the word that the other tool has for such a layer.
        source: File and line of the code that called it, or where it stands in the file; None where that is
            not known.
        lifted: Whether archcalc has a layer for it; an ``opaque`` one has figures of PyTorch's own.
        form: How its code is written: as a module or a function; None where that was not seen.
        listed: The layer of Keras that it is a part of; None of another tool.
    """

    __slots__ = ("module", "kind", "source", "lifted", "form", "listed")

    def __init__(
        self,
        module: str,
        kind: str,
        source: tuple[str, int] | None = None,
        lifted: bool = True,
        form: CodeForm | None = None,
        listed: ListedLayer | None = None,
    ):
        self.module = module
        self.kind = kind
        self.source = source
        self.lifted = lifted
        self.form = form
        self.listed = listed

    def to_dict(self) -> dict[str, object]:
        """Return the JSON: module, source, kind and class, and how its code is written."""
        return {
            "module": self.module,
            "source": None if self.source is None else list(self.source),
            "kind": "lifted" if self.lifted else "opaque",
            "class": self.kind or None,
            **({} if self.form is None else {"written": self.form.form}),
        }


class Traced:
    """How a network was traced from a module.

    Attributes:
        target: What the user called the module.
        rung: How it was run: ``meta`` (no values), ``gradients`` (no values, with autograd) or
            ``cpu``; ``file`` where operations were read from a file, and nothing was run.
        why: Why it could not be run without values; empty where it was. Of a file what it is, as
            ``ONNX opset 17, by pytorch 2.13.0``.
        training: Whether it was in training mode.
        unused: The learned tensors that no output needs: name and sizes of each.
        notes: What else is to be known, a sentence each.
        mixed: The first operation that works across the elements of a batch; empty where none does. Then
            counts are those of a batch of one alone.
        until: The part of the module with which the network ends; empty where it is the whole module.
        run: Its modules, and their calls; None where they were not kept.
    """

    __slots__ = ("target", "rung", "why", "training", "unused", "notes", "mixed", "until", "run")

    def __init__(
        self,
        target: str,
        rung: str = "meta",
        why: str = "",
        training: bool = False,
        unused: tuple[tuple[str, tuple[int, ...]], ...] = (),
        notes: tuple[str, ...] = (),
        mixed: str = "",
        until: str = "",
        run: ModuleRun | None = None,
    ):
        self.target = target
        self.rung = rung
        self.why = why
        self.training = training
        self.unused = unused
        self.notes = notes
        self.mixed = mixed
        self.until = until
        self.run = run

    def to_dict(self) -> dict[str, object]:
        """Return the JSON: how it was run, and what was not seen."""
        return {
            "target": self.target,
            "rung": self.rung,
            "why": self.why or None,
            "training": self.training,
            "unused": {name: list(sizes) for name, sizes in self.unused},
            "notes": list(self.notes),
            "until": self.until or None,
        }


class CountedFigure(Protocol):
    """What a tool counts of a layer: the figure, and its terms, each with ``what`` and ``value``."""

    @property
    def figure(self) -> int: ...

    @property
    def terms(self) -> Sequence[Any]: ...


class Layer:
    """One layer, and at the same time the tensor that it puts out.

    Attributes:
        name: The full name: ``inception_3a.conv2``.
        op: The op with its arguments.
        inputs: The layers whose outputs it reads, in order.
        facts: What the op's rules say for these input shapes.
        path: The blocks that it stands in, outermost first, each with the label of its call or None.
        text: What the spec says, as reports show it: ``conv 3x3 64``.
        frozen: Whether its parameters are held fixed.
        owner: The layer whose parameters it uses: itself, unless it was written with ``like=``.
        index: Its place in the order of the text; inputs have negative ones.
        origin: The module that it is from, in a network that was imported; else None.

    Example:
        >>> layer = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").graph.layers[0]
        >>> layer.name, layer.op.kernel, layer.facts.params, str(layer.output)
        ('conv1', (5, 5), 760, '32x32x10')
    """

    __slots__ = ("name", "op", "inputs", "facts", "path", "frozen", "owner", "index", "text", "origin")

    def __init__(
        self,
        name: str,
        op: Op,
        inputs: tuple[Layer, ...],
        facts: Facts,
        path: tuple[tuple[str, str | None], ...] = (),
        text: str = "",
    ):
        self.name = name
        self.op = op
        self.inputs = inputs
        self.facts = facts
        self.path = path
        self.text = text
        self.frozen = False
        self.owner = self
        self.index = -1
        self.origin: Origin | None = None

    @property
    def output(self) -> Shape:
        """Shape of the output, channels last, without the batch."""
        return self.facts.output

    @property
    def shared(self) -> bool:
        """Whether its parameters are another layer's."""
        return self.owner is not self

    @property
    def held(self) -> bool:
        """Whether its parameters are held fixed: as those of the layer are that has them."""
        return self.owner.frozen or self.owner.op.held_fixed

    @property
    def trainable(self) -> int | None:
        """Learned values that are not held fixed; None if there is no rule."""
        if self.held:
            return 0
        params = self.facts.params
        frozen = self.owner.op.frozen_names
        if params is None or not frozen:
            return params
        fixed: int = sum([t.size for t in self.facts.tensors or () if t.name in frozen])
        return params - fixed

    @property
    def trains_weights(self) -> bool:
        """Whether a learned tensor is trained that is multiplied, and not only added: what backward
        needs of the input depends on it."""
        return any(self._trained_weights()) if self.owner.op.frozen_names else bool(self.trainable)

    @property
    def partly_trained(self) -> bool:
        """Whether some of its weights are trained and others are not: no rule tells them apart."""
        return bool(self.owner.op.frozen_names) and len(set(self._trained_weights())) > 1

    @property
    def saved(self) -> Saved | None:
        """What it keeps for the backward pass; None if there is no rule."""
        return None if self.partly_trained else self.facts.saved

    def _trained_weights(self) -> list[bool]:
        """Of each learned tensor that is multiplied, whether it is trained."""
        weights = [t.name for t in self.facts.tensors or () if t.learned and not t.is_bias]
        return [not self.held and name not in self.owner.op.frozen_names for name in weights]

    def __repr__(self) -> str:
        return f"<Layer {self.name}: {self.op.name} {self.output}>"


class Called:
    """A call of a block or network: its name, the values of its parameters, and the tensors that it
    starts from by the names it has for them."""

    __slots__ = ("name", "values", "inputs")

    def __init__(self, name: str, values: Mapping[str, object], inputs: Mapping[str, Layer]):
        self.name = name
        self.values = values
        self.inputs = inputs


class Group:
    """Layers that the spec writes as one thing: a statement, a block, a repeat, a turn of one.

    Reports fold by these. ``members`` are groups and layers in the order of the text; ``called``
    is set where they are a call.
    """

    __slots__ = ("kind", "name", "text", "members", "called")

    def __init__(self, kind: str, name: str | None = None, text: str = "", called: Called | None = None):
        self.kind = kind
        self.name = name
        self.text = text
        self.members: list[Group | Layer] = []
        self.called = called

    def layers(self) -> Iterator[Layer]:
        """All layers inside, in the order of the text."""
        for member in self.members:
            if isinstance(member, Group):
                yield from member.layers()
            else:
                yield member

    def with_layers(self, copies: Mapping[Layer, Layer]) -> Group:
        """Return the same groups over other layers; a layer without a copy is left out."""
        called = self.called
        if called is not None:
            inputs = {name: copies.get(layer, layer) for name, layer in called.inputs.items()}
            called = Called(called.name, called.values, inputs)
        result = Group(self.kind, self.name, self.text, called)
        for member in self.members:
            if isinstance(member, Group):
                part = member.with_layers(copies)
                if part.members:
                    result.members.append(part)
            elif member in copies:
                result.members.append(copies[member])
        return result

    def __repr__(self) -> str:
        return f"<Group {self.kind} {self.name}: {self.text}>"


class Label:
    """What a label names.

    Attributes:
        tensor: The layer whose output it is.
        first: Where the layers that are written under the label begin in ``Graph.layers``.
        last: Where they end: the index behind the last of them.

    Example:
        >>> label = archcalc.load("googlenet").graph.labels["inception_3a"]
        >>> label.last - label.first, str(label.tensor.output)
        (14, '28x28x256')
    """

    __slots__ = ("tensor", "first", "last")

    def __init__(self, tensor: Layer, first: int, last: int):
        self.tensor = tensor
        self.first = first
        self.last = last  # exclusive; indices into Graph.layers


class PublishedFigure:
    """A published figure, as a ``report`` line of the spec states it.

    Attributes:
        quantity: One of ``quantities.reports()``.
        of: The label it is about; None for the whole network.
        printed: The figure as printed: ``138M``.
        source: Where it is printed.
        conventions: Words that say how it was counted.
        wrong: Why it is wrong; None where it should agree.
        counter: The profile by which it was counted, as ``fvcore``; None for none.

    Example:
        >>> figure = archcalc.load("vgg16").graph.published_figures[0]
        >>> figure.quantity, figure.printed
        ('params', '138M')
    """

    __slots__ = ("quantity", "of", "printed", "source", "conventions", "wrong", "counter")

    def __init__(
        self,
        quantity: str,
        of: str | None,
        printed: str,
        source: str | None,
        conventions: tuple[str, ...],
        wrong: str | None,
        counter: str | None = None,
    ):
        self.quantity = quantity
        self.of = of
        self.printed = printed
        self.source = source
        self.conventions = conventions
        self.wrong = wrong
        self.counter = counter


class Metadata:
    """Where a network is from: what its spec says of it besides the layers.

    Attributes:
        name: Its name in the spec; of a chain the chain itself.
        title: What it is, in words.
        papers: The papers that it is from.
        notes: What else is to be known of it.
        family: The family that it belongs to.
        year: When it was published.
        parameters: The values of its parameters, as text, by name.
        file: The file of the spec.
        unsized: Whether its input was given without a size, and has one only to compute with.
        traced: How it was traced, of a network that is from a PyTorch module; else None.
        keras: Its layers as Keras lists them, of a network that is from Keras; else None.

    Example:
        >>> metadata = archcalc.load("vgg16").graph.metadata
        >>> metadata.family, metadata.year, metadata.parameters
        ('VGG', 2014, {'classes': '1000'})
    """

    __slots__ = (
        "name",
        "title",
        "papers",
        "notes",
        "family",
        "year",
        "parameters",
        "file",
        "unsized",
        "traced",
        "keras",
    )

    def __init__(
        self,
        name: str,
        title: str | None = None,
        papers: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
        family: str | None = None,
        year: int | None = None,
        parameters: dict[str, str] | None = None,
        file: str | None = None,
    ):
        self.name = name
        self.title = title
        self.papers = papers
        self.notes = notes
        self.family = family
        self.year = year
        self.parameters = parameters or {}
        self.file = file
        self.unsized = False
        self.traced: Traced | None = None
        self.keras: ListedModel | None = None


class GraphCounter(Protocol):
    """How another tool counts the layers of a graph.

    Attributes:
        label: What its figures are called: ``fvcore MACs``.
        unit: ``MACs`` or ``FLOPs``.
    """

    label: str
    unit: str

    def figures(self, graph: Graph, layers: Sequence[Layer]) -> Mapping[Layer, CountedFigure]:
        """Return what it counts of each layer, for one element of the batch."""

    def formulas(self, graph: Graph, layer: Layer) -> list[tuple[str, Expression]]:
        """Return how the figure of a layer is made: what each term counts, and its formula."""

    def to_dict(self, figure: int) -> dict[str, object]:
        """Return the JSON of a network's figure."""

    def sentences(self, figures: Iterable[CountedFigure]) -> list[str]:
        """Return what a reader has to know of the figures: what is counted, and what by a fault."""


class Graph:
    """A network: layers in the order of the text, which is an order they can be computed in.

    Attributes:
        metadata: Where it is from.
        inputs: The input tensors, as layers whose op is ``input``.
        layers: Everything else.
        output: The layer whose output is the main output.
        heads: Side heads by name.
        tree: The layers as the spec groups them.
        labels: What each label stands for, by its full name.
        published_figures: Figures to check; none where the network is not the declared one.
        changed: Whether input or parameters differ from the declared ones: then no published figure
            holds.
        whole_norms: Whether receptive fields count what group and instance norm take their statistics
            of.
        counter: How another tool counts it, where figures of one are asked for; else None.

    Example:
        >>> graph = archcalc.load("32x32x3 -> conv 5x5 10 pad=2 -> relu").graph
        >>> len(graph.layers), graph.output.name, graph.layers[1].inputs == (graph.layers[0],)
        (2, 'relu1', True)
    """

    __slots__ = (
        "metadata",
        "inputs",
        "layers",
        "output",
        "heads",
        "tree",
        "labels",
        "published_figures",
        "changed",
        "whole_norms",
        "counter",
        "_named",
    )

    def __init__(
        self,
        metadata: Metadata,
        inputs: tuple[Layer, ...],
        layers: tuple[Layer, ...],
        output: Layer,
        heads: dict[str, Layer],
        tree: Group,
        labels: dict[str, Label],
        published_figures: tuple[PublishedFigure, ...] = (),
        changed: bool = False,
        whole_norms: bool = False,
    ):
        self.metadata = metadata
        self.inputs = inputs
        self.layers = layers
        self.output = output
        self.heads = heads
        self.tree = tree
        self.labels = labels
        self.published_figures = published_figures
        self.changed = changed
        self.whole_norms = whole_norms
        self.counter: GraphCounter | None = None
        self._named: dict[str, Layer] | None = None
        for index, layer in enumerate(layers):
            layer.index = index
        for index, layer in enumerate(inputs):
            layer.index = index - len(inputs)

    @staticmethod
    def ancestors(*ends: Layer) -> set[Layer]:
        """The given layers and all they are computed from, inputs included."""
        found = set(ends)
        stack = list(ends)
        while stack:
            for source in stack.pop().inputs:
                if source not in found:
                    found.add(source)
                    stack.append(source)
        return found

    def main(self) -> list[Layer]:
        """The layers that the main output needs, in the order of the text."""
        return self.select(with_heads=False)

    def select(self, with_heads: bool) -> list[Layer]:
        """The layers of the main output, and of the side heads if asked for."""
        ends = (self.output, *self.heads.values()) if with_heads else (self.output,)
        needed = self.ancestors(*ends)
        if len(needed) == len(self.layers) + len(self.inputs):
            return list(self.layers)
        return [layer for layer in self.layers if layer in needed]

    @property
    def named(self) -> dict[str, Layer]:
        """The layers and inputs by name."""
        if self._named is None:
            self._named = {layer.name: layer for layer in reversed((*self.layers, *self.inputs))}
        return self._named

    def called(self, name: str) -> str:
        """What is called so; case does not matter where one name alone is spelt like this."""
        if name in self.named or name in self.labels:
            return name
        plain = name.lower()
        alike = [known for known in set(self.names()) if known.lower() == plain]
        return alike[0] if len(alike) == 1 else name

    def find(self, name: str) -> Label | None:
        """The label of this name; for a layer or an input, what its label would be. The case does not
        matter where one name alone is spelt like this. None if there is none."""
        return self._find(name) or self._find(self.called(name))

    def _find(self, name: str) -> Label | None:
        label = self.labels.get(name)
        if label is not None:
            return label
        layer = self.named.get(name)
        return None if layer is None else Label(layer, max(layer.index, 0), layer.index + 1)

    def layer(self, name: str) -> Layer | None:
        """The layer so named, else the last output of what the label stands for, in any case; else
        None."""
        return self._layer(name) or self._layer(self.called(name))

    def _layer(self, name: str) -> Layer | None:
        layer = self.named.get(name)
        if layer is not None:
            return layer
        label = self.labels.get(name)
        return label.tensor if label is not None else None

    def names(self) -> list[str]:
        """Everything that can be asked for by name."""
        return list(self.labels) + [layer.name for layer in (*self.inputs, *self.layers)]

    def frozen(self, last: int) -> Graph:
        """A copy in which the parameters of the first ``last`` layers are held fixed."""
        copies: dict[Layer, Layer] = {}
        for layer in (*self.inputs, *self.layers):
            copy = Layer(
                layer.name,
                layer.op,
                tuple([copies[source] for source in layer.inputs]),
                layer.facts,
                layer.path,
                layer.text,
            )
            copy.frozen = layer.frozen or 0 <= layer.index < last
            copy.origin = layer.origin
            copies[layer] = copy
            copy.owner = copies[layer.owner]
        found = Graph(
            self.metadata,
            tuple([copies[layer] for layer in self.inputs]),
            tuple([copies[layer] for layer in self.layers]),
            copies[self.output],
            {name: copies[layer] for name, layer in self.heads.items()},
            self.tree.with_layers(copies),
            {n: Label(copies[at.tensor], at.first, at.last) for n, at in self.labels.items()},
            self.published_figures,
            self.changed,
            self.whole_norms,
        )
        return found._with_counter(self.counter)

    def _with_counter(self, counter: GraphCounter | None) -> Graph:
        self.counter = counter
        return self

    def counted_by(self, counter: GraphCounter | None) -> Graph:
        """The same, whose layers have the figures of a counter besides their own."""
        return Graph(
            self.metadata,
            self.inputs,
            self.layers,
            self.output,
            self.heads,
            self.tree,
            self.labels,
            self.published_figures,
            self.changed,
            self.whole_norms,
        )._with_counter(counter)

    def counting_norms(self) -> Graph:
        """The same, whose receptive fields count what group and instance norm read for their
        statistics: the whole map."""
        return Graph(
            self.metadata,
            self.inputs,
            self.layers,
            self.output,
            self.heads,
            self.tree,
            self.labels,
            self.published_figures,
            self.changed,
            True,
        )._with_counter(self.counter)

    def reads_map(self, layer: Layer) -> bool:
        """Whether a layer takes its statistics of a map, of which receptive fields speak."""
        return layer.op.whole_statistics and layer.output.positions > 1

    def until(self, label: Label) -> Graph:
        """The network cut off behind a place."""
        layers = self.layers[: label.last]
        kept = {layer: layer for layer in (*self.inputs, *layers)}
        heads = {name: layer for name, layer in self.heads.items() if layer in kept}
        labels = {name: at for name, at in self.labels.items() if at.last <= label.last}
        tree = self.tree.with_layers(kept)
        return Graph(
            self.metadata, self.inputs, layers, label.tensor, heads, tree, labels, (), True, self.whole_norms
        )._with_counter(self.counter)
