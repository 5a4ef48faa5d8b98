"""What a target means, up to the graph: text is read here, and reports are made above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from ..diagnostics import ERROR, Collector, Diagnostic, SpecError, fail, no_layer
from ..graph import Graph, Label, Layer, PublishedFigure
from ..language.definitions import Net
from ..language.expand import BUDGET, Expansion
from ..language.library import Library
from ..language.one_line import one_line
from ..language.parser import literal
from ..language.syntax import Statement
from ..ops.attributes import Size, Word
from ..shape import Shape
from ..source import Source, Span
from .inputs import by_name, doubts, flattened_sequences, given_shapes, square_signals, written_in
from .targets import find, imported, live, module_of, origins, parameters_of, placed, plain_name, runs_no_code
from .unsized import no_size, unsized

if TYPE_CHECKING:
    from ..importing.files import ImportedGraph
    from ..importing.opened import Opened

N = TypeVar("N", bound="LoadedNetwork")
T = TypeVar("T")


class LoadedNetwork:
    """A network as it was read: its graph, and what the spec says besides it. Immutable.

    graph        the layers
    diagnostics  warnings and notes that came up while the spec was read
    """

    def __init__(
        self,
        graph: Graph,
        diagnostics: tuple[Diagnostic, ...] = (),
        net: Net | None = None,
        shapes: dict[Statement, Shape | None] | None = None,
        spans: dict[PublishedFigure, Span] | None = None,
    ):
        self.graph = graph
        self.diagnostics = diagnostics
        self._net = net
        self._shapes = shapes or {}  # what each statement puts out
        self._spans = spans or {}  # where each published figure stands

    @classmethod
    def of(
        cls: type[N],
        target: Any,
        input: Any = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        budget: int | None = None,
        layout: str = "hwc",
        stdin: str | None = None,
        library: Library | None = None,
        ops: str | None = None,
        training: bool = False,
        runs_code: bool = False,
        until: str = "",
        file_format: str = "",
    ) -> N:
        """Read the network that a target means.

        Args:
            target: As for ``archcalc.load``, which explains all that have no line here.
            input: See ``archcalc.load``.
            parameters: Parameters of the network by name; arguments of what makes a module.
            budget: See ``archcalc.load``.
            layout: See ``archcalc.load``.
            stdin: See ``archcalc.load``.
            library: See ``archcalc.load``.
            ops: See ``archcalc.load``.
            training: See ``archcalc.load``.
            runs_code: Whether the caller has asked for the code of a module to be run. Without it a target
                that names a module is refused: one may stand in a quiz or a spec of somebody else's.
            until: See ``archcalc.load``.
            file_format: See ``archcalc.load``.

        Returns:
            The network, an object of this class.

        Raises:
            SpecError: For a target that is none, or a spec that has faults.
            ValueError: For an unknown layout.

        Example:
            >>> from archcalc.loading import LoadedNetwork
            >>> LoadedNetwork.of("resnet18", parameters={"classes": 10}).graph.output.output
            (10,)
        """
        if ops is not None:
            from .own_ops import load_ops

            load_ops(ops)
        input = by_name(input)
        module = module_of(target, file_format) if isinstance(target, str) else target
        other_tool: Net | ImportedGraph | None = None
        remarks: tuple[Diagnostic, ...] = ()
        if module is not None:
            if not runs_code:
                raise runs_no_code(str(target))
            from ..importing.opened import Opened

            with nullcontext(module) if isinstance(module, Opened) else Opened(module, parameters) as opened:
                if opened.model is None:
                    return cls._traced(opened, input, budget, layout=layout, training=training, until=until)
                target, parameters, remarks = opened.name, None, tuple(opened.remarks)
                other_tool, input = live(opened, input, training, layout=layout)
        elif runs_code and (stored := parameters_of(target)) is not None:
            raise stored.no_graph()
        elif training:
            raise fail("argument", f"{target} is a spec: training mode is that of modules")
        if not file_format and unsized(target):
            raise no_size(target)
        known = library or Library()
        if other_tool is None:
            other_tool = imported(target, stdin, input, parameters, layout=layout, file_format=file_format)
        if other_tool is not None and not isinstance(other_tool, Net):
            read_in = cls(within(other_tool.graph, budget), other_tool.diagnostics)
            return read_in.until(until) if until else read_in
        if other_tool is not None:
            parameters = None  # its reader has used them

        def read() -> N:
            net = other_tool or find(target, known, stdin, file_format)
            if not net.name:
                written_in(net, layout)
            diagnostics = Collector()
            expansion = Expansion(known, diagnostics, budget or BUDGET)
            values = {name: parameter(name, value) for name, value in (parameters or {}).items()}
            shapes = given_shapes(net, input, layout)
            doubted = doubts(net, shapes, layout)
            try:
                graph = expansion.network(net, shapes, values)
            except SpecError as error:
                first = next(d for d in error.diagnostics if d.severity == ERROR)
                first.help += tuple(doubt.message for doubt in doubted)
                raise
            if not net.name:
                graph.metadata.name = one_line(net)  # a chain is its own name
            spans = {
                layer: call.span for layer, call in zip(graph.layers, expansion.builder.calls, strict=True)
            }
            if isinstance(other_tool, Net):
                origins(graph, expansion.builder.calls)
            notes = (
                *diagnostics.items,
                *doubted,
                *square_signals(net, graph),
                *flattened_sequences(graph, spans.get),
                *remarks,
            )
            return cls(graph, notes, net, expansion.builder.outputs, expansion.figure_spans)

        try:
            loaded = with_all_ops(read)
        except SpecError as error:
            raise SpecError(placed(error.diagnostics)) from None
        loaded.diagnostics = placed(loaded.diagnostics)
        return loaded.until(until) if until else loaded

    @classmethod
    def _traced(
        cls: type[N],
        opened: Opened,
        input: Any,
        budget: int | None,
        *,
        layout: str,
        training: bool,
        until: str,
    ) -> N:
        """The network of a PyTorch module, which is run. Raises SpecError."""
        from ..importing.torch import import_network

        graph, notes = import_network(
            opened.target, input, opened.settings, layout=layout, training=training, until=until
        )
        traced = cls(within(graph, budget), (*opened.remarks, *notes))
        ends = graph.metadata.traced is not None and graph.metadata.traced.until == until
        return traced if ends else traced.until(until)

    @property
    def name(self) -> str:
        """The name in the spec; of a chain the chain itself.

        Example:
            >>> archcalc.load("32x32x3 -> conv 5x5 10").name
            '32x32x3 -> conv 5x5 10'
        """
        return self.graph.metadata.name

    def layer(self, name: str) -> Layer:
        """Look a layer up.

        Args:
            name: The name of a layer, or a label: then the last layer that it stands for is meant.

        Returns:
            The layer.

        Raises:
            SpecError: For a name that neither has.

        Example:
            >>> archcalc.load("vgg16").layer("conv1_1")
            <Layer conv1_1: conv 224x224x64>
        """
        found = self.graph.layer(name)
        if found is None:
            raise no_layer(self.name, name, self.graph.names())
        return found

    def until(self: N, name: str) -> N:
        """Cut the network off behind a layer or label.

        Args:
            name: The layer or label that is the last.

        Returns:
            The network up to there.

        Raises:
            SpecError: For a name that neither has, or that is an input.

        Example:
            >>> archcalc.load("vgg16").until("pool5").graph.output.output
            (7, 7, 512)
        """
        return self._with(self.graph.until(self._label(name)))

    def freeze(self: N, name: str) -> N:
        """Hold all parameters up to a layer or label fixed: they are not trained.

        Args:
            name: The layer or label that is the last one held fixed.

        Returns:
            The network with these layers frozen.

        Raises:
            SpecError: For a name that neither has, or that is an input.

        Example:
            >>> archcalc.load("vgg16").freeze("pool5").summary().totals["trainable"]
            123642856
        """
        return self._with(self.graph.frozen(self._label(name).last))

    def counting_norms(self: N) -> N:
        """Count the whole map, that group and instance norm read for their statistics, in receptive fields.

        Returns:
            The network whose receptive fields do so.

        Example:
            >>> net = archcalc.load("8x8x4 -> conv 3x3 4 pad=1 -> instancenorm")
            >>> [at.receptive_field().rows[1].extent.size for at in (net, net.counting_norms())]
            [(3, 3), (8, 8)]
        """
        return self._with(self.graph.counting_norms())

    def _with(self: N, graph: Graph) -> N:
        return type(self)(graph, self.diagnostics, self._net, self._shapes, self._spans)

    def _label(self, name: str) -> Label:
        """The label of a part that has layers. Raises SpecError."""
        label = self.graph.find(name)
        if label is None:
            raise no_layer(self.name, name, self.graph.names())
        if label.tensor in self.graph.inputs:
            raise fail("argument", f"there are no layers up to `{name}`: it is an input")
        return label

    def excerpt(self) -> tuple[Source, list[int], dict[int, Shape | None]]:
        """Give the lines of the spec that make the network.

        Returns:
            The source; the numbers of its lines; and by line the shape that a statement puts out, None
            where calls or turns differ.

        Example:
            >>> source, lines, shapes = archcalc.load("lenet5").excerpt()
            >>> source.line(lines[0])
            'net lenet5 "LeNet-5, as published, partial C3 table"'
        """
        from ..language.excerpt import excerpt

        net = self._net
        if net is None:  # of a module, which has no spec: one is written
            written = type(self).of("-", stdin=self.as_spec())
            spec, lines, outputs = written.excerpt()
            return Source(self.name, spec.text), lines, outputs
        assert net.file is not None
        source = net.file.source
        shapes: dict[int, Shape | None] = {}
        for statement, shape in self._shapes.items():
            if statement.span.source is source:
                shapes[statement.span.position[0]] = shape
        numbers = excerpt(net.file, net)
        return source, numbers, shapes

    def as_spec(self) -> str:
        """Write the network as a spec: of one that was traced from a module, from its layers.

        Returns:
            The text, which loads to the same network.

        Raises:
            SpecError: For a network that is from a spec already.

        Example:
            >>> archcalc.load("lenet5").as_spec()
            Traceback (most recent call last):
            ...
            archcalc.diagnostics.SpecError: lenet5 is a spec already: `archcalc show` prints it
        """
        if self._net is not None:
            raise fail("argument", f"{self.name} is a spec already: `archcalc show` prints it")
        from ..language.writing import write

        return write(self.graph, plain_name(self.name))

    def __repr__(self) -> str:
        return f"<Network {self.name}: {len(self.graph.layers)} layers>"


def within(graph: Graph, budget: int | None) -> Graph:
    """A graph that was read, where it has no more layers than it may. Raises SpecError."""
    most = budget or BUDGET
    if len(graph.layers) > most:
        raise fail("limit", f"the network has {len(graph.layers):,} layers, more than {most:,}", "--budget")
    return graph


def with_all_ops(read: Callable[[], T]) -> T:
    """What ``read`` returns; where a word is not known, once more with the ops of installed packages."""
    try:
        return read()
    except SpecError as error:
        from .own_ops import more_ops

        if not more_ops(error):
            raise
    return read()


def parameter(name: str, value: Any) -> Any:
    """Read the value of a network's parameter.

    Args:
        name: The parameter, for messages.
        value: A value from Python, or the text of ``--set``.

    Returns:
        The value as a spec has it: an int, a Fraction, a Size, a word, a string, a bool.

    Raises:
        SpecError: For what cannot be a value.

    Example:
        >>> from archcalc.loading import parameter
        >>> parameter("width", "0.75"), parameter("size", (3, 3)), parameter("norm", "yes")
        (Fraction(3, 4), (3, 3), True)
    """
    if isinstance(value, (int, Fraction, Word, Size)):  # bools too
        return value
    if isinstance(value, float):
        return parameter(name, repr(value))
    if isinstance(value, tuple):
        return Size(value)
    if not isinstance(value, str):
        raise fail("argument", f"`{name}` cannot be {value!r}")
    return literal(name, value)
