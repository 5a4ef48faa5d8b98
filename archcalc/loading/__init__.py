"""What a target means, up to the graph: text is read here, and reports are made above."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, TypeVar

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
from .inputs import doubts, flattened_sequences, given_shapes, square_signals, written_in
from .own_ops import load_ops, with_installed
from .targets import find
from .unsized import no_size, unsized

N = TypeVar("N", bound="LoadedNetwork")


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
        target: str,
        input: Any = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        budget: int | None = None,
        layout: str = "hwc",
        stdin: str | None = None,
        library: Library | None = None,
        ops: str | None = None,
    ) -> N:
        """The network that a target means; the arguments are those of ``archcalc.load``.

        Raises SpecError, and ValueError for an unknown layout.
        """
        if ops is not None:
            load_ops(ops)
        if unsized(target):
            raise no_size(target)
        values = parameters or {}
        return with_installed(
            lambda: cls._read(target, input, values, budget or BUDGET, layout, stdin, library or Library())
        )

    @classmethod
    def _read(
        cls: type[N],
        target: str,
        input: Any,
        parameters: Mapping[str, Any],
        budget: int,
        layout: str,
        stdin: str | None,
        library: Library,
    ) -> N:
        """As ``of``, with the ops that there are."""
        net = find(target, library, stdin)
        if not net.name:
            written_in(net, layout)
        diagnostics = Collector()
        expansion = Expansion(library, diagnostics, budget)
        values = {name: parameter(name, value) for name, value in parameters.items()}
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
        spans = {layer: call.span for layer, call in zip(graph.layers, expansion.builder.calls, strict=True)}
        notes = (
            *diagnostics.items,
            *doubted,
            *square_signals(net, graph),
            *flattened_sequences(graph, spans.get),
        )
        return cls(graph, notes, net, expansion.builder.outputs, expansion.figure_spans)

    @property
    def name(self) -> str:
        """Its name in the spec; the chain itself for a one-liner."""
        return self.graph.metadata.name

    def layer(self, name: str) -> Layer:
        """The layer so named, else the last one of what the label stands for. Raises SpecError."""
        found = self.graph.layer(name)
        if found is None:
            raise no_layer(self.name, name, self.graph.names())
        return found

    def until(self: N, name: str) -> N:
        """The network up to and including a layer or label. Raises SpecError."""
        return self._with(self.graph.until(self._label(name)))

    def freeze(self: N, name: str) -> N:
        """The network with all parameters up to and including a layer or label held fixed.

        Raises SpecError.
        """
        return self._with(self.graph.frozen(self._label(name).last))

    def counting_norms(self: N) -> N:
        """The same, whose receptive fields count what group and instance norm read for their
        statistics: the whole map."""
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
        """The lines of the spec that make the network, and the shapes that its statements put out
        by line: None where calls or turns differ."""
        from ..language.excerpt import excerpt

        net = self._net
        assert net is not None
        assert net.file is not None
        source = net.file.source
        shapes: dict[int, Shape | None] = {}
        for statement, shape in self._shapes.items():
            if statement.span.source is source:
                shapes[statement.span.position[0]] = shape
        numbers = excerpt(net.file, net)
        return source, numbers, shapes

    def __repr__(self) -> str:
        return f"<Network {self.name}: {len(self.graph.layers)} layers>"


def parameter(name: str, value: Any) -> Any:
    """A parameter's value from Python or from the text of ``--set``. Raises SpecError."""
    if isinstance(value, (int, Fraction, Word, Size)):  # bools too
        return value
    if isinstance(value, float):
        return parameter(name, repr(value))
    if isinstance(value, tuple):
        return Size(value)
    if not isinstance(value, str):
        raise fail("argument", f"`{name}` cannot be {value!r}")
    return literal(name, value)
