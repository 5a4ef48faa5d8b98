"""Syntax tree to graph: blocks are expanded, values put in, layers created and named."""

from __future__ import annotations

from typing import Any

from ..diagnostics import (
    WARNING,
    Collector,
    Diagnostic,
    PlacedError,
    SpecError,
    TooManyProblemsError,
    did_you_mean,
    fail,
)
from ..graph import Graph, Group, Layer, Metadata, PublishedFigure
from ..ops.attributes import Word, show
from ..ops.rearranging import Input
from ..shape import Shape
from ..source import Span
from .block_calls import alike
from .building import GraphBuilder
from .definitions import Net
from .frames import Frame, Here, Recent
from .layer_calls import LayerCall
from .library import Library
from .problems import BUDGET, Budget, Problems
from .syntax import Assertion
from .values import parameter_value
from .walk import Walk
from .words import Words

__all__ = ["BUDGET", "Expansion"]


class Expansion:
    """The expansion of one network. Everything that it finds wrong goes to ``diagnostics``; with ``notes``
    also what may surprise, as windows that do not come out even.

    builder      the graph while it is built: the calls behind its layers, what statements put out
    figure_spans  where each published figure stands
    """

    def __init__(self, library: Library, diagnostics: Collector, budget: int = BUDGET, notes: bool = True):
        self.builder = GraphBuilder()
        self.figure_spans: dict[PublishedFigure, Span] = {}
        self._words = Words(library)
        self._problems = Problems(diagnostics, notes)
        self._walk = Walk(
            self.builder, self._words, Budget(budget, self._problems), self._problems, self.mismatch
        )

    def network(
        self, net: Net, inputs: dict[str, Shape] | None = None, parameters: dict[str, Any] | None = None
    ) -> Graph:
        """Return the graph of a net, with other input shapes and parameters if they are given.

        Raises SpecError with all that is wrong with it.
        """
        diagnostics = self._problems.diagnostics
        try:
            graph = self._network(net, inputs or {}, parameters or {})
        except TooManyProblemsError:
            raise SpecError(diagnostics.items) from None
        diagnostics.check()
        assert graph is not None
        return graph

    def _network(self, net: Net, shapes: dict[str, Shape], given: dict[str, Any]) -> Graph | None:
        """Return the graph; None where a fault keeps it from being built."""
        for name in given:
            names = [p.name for p in net.parameters]
            if name not in names:
                help = did_you_mean(name, names)
                help.append(f"it has {', '.join(names)}" if names else "it has none")
                raise fail("argument", f"{net.name or 'this'} has no parameter `{name}`", *help)
        for remark in net.file.remarks if net.file is not None else ():
            self._problems.diagnostics.add(remark)
        builder = self.builder
        sources = [_source(head.name, shapes.get(head.name, Shape(head.sizes))) for head in net.inputs]
        inputs: dict[str, Layer | None] = {source.name: source for source in sources}
        builder.names.update({source.name: source for source in sources})
        frame = Frame(builder, self._words, self._problems, net, inputs)
        scope = builder.scope("")
        scope.taken.update(net.body.labels)
        here = Here(frame, scope, Group("net", net.name), Recent())
        start = sources[0] if sources else None
        as_declared = self._bind(net, given, here, start)
        if as_declared is None:
            return None
        pairs = zip(sources, net.inputs, strict=True)
        frame.asserts = as_declared and all(
            alike(tuple(source.output), tuple(head.sizes)) for source, head in pairs
        )
        here.recent.push(start)
        result = self._walk.statements(net.body, here, start)
        self._problems.diagnostics.check()
        assert result is not None
        if result in sources:
            message = f"the main path ends at the input `{result.name}`, with no layers"
            if not builder.layers:
                message = "the network has no layers"
            self._problems.report(Diagnostic("syntax", message, net.span), frame)
            return None
        graph = Graph(
            _metadata(net, frame),
            tuple(sources),
            tuple(builder.layers),
            result,
            builder.heads,
            here.group,
            builder.places,
            self._published_figures(net) if frame.asserts else (),
            not frame.asserts,
        )
        self._warn_of_unused(graph, net)
        return graph

    def forget(self) -> None:
        """Let go of what was kept of the values of this expansion, for further ones of the same text."""
        for forget in self.builder.forgets:
            forget()
        for call in {id(call): call for call in self.builder.calls}.values():
            for read in call.cache.values():
                if isinstance(read, LayerCall):
                    read.forget()

    def mismatch(self, item: Assertion, shape: Shape, frame: Frame) -> None:
        """Called where a shape is not the one that is asserted."""
        wanted = "x".join(map(str, item.sizes))
        message = f"the shape here is {shape}, not {wanted}"
        self._problems.report(Diagnostic("assert", message, item.span), frame)

    def _bind(self, net: Net, given: dict[str, Any], here: Here, start: Layer | None) -> bool | None:
        """Put the values of the parameters into the environment. The result says whether all are
        the declared ones; it is None where a fault keeps one from being known."""
        frame, as_declared = here.frame, True
        for parameter in net.parameters:
            if parameter.default is None:
                return None  # reported by the parser
            try:
                value = parameter_value(parameter.default, here, start)
            except PlacedError as error:
                self._problems.report(error.diagnostic, frame)
                return None
            except SpecError as error:
                node = parameter.default
                self._problems.report_file(error, node.span.text, node.span, frame)
                return None
            if parameter.name in given:
                other = given[parameter.name]
                if isinstance(other, Word):
                    other = frame.lookup(other) or other
                as_declared = as_declared and alike(other, value)
                value = other
            frame.env[parameter.name] = value
        return as_declared

    def _published_figures(self, net: Net) -> tuple[PublishedFigure, ...]:
        """Return the published figures of a net."""
        published_figures = []
        known = {**self.builder.places, **self.builder.names}
        for head in net.reports:
            if head.of is not None and head.of not in known:
                help = did_you_mean(head.of, known)
                message = f"nothing is called `{head.of}`"
                self._problems.diagnostics.add(Diagnostic("name", message, head.of_span, help=help))
                continue
            figure = PublishedFigure(
                head.quantity, head.of, head.printed, head.source, head.conventions, head.wrong, head.counter
            )
            published_figures.append(figure)
            self.figure_spans[figure] = head.span
        return tuple(published_figures)

    def _warn_of_unused(self, graph: Graph, net: Net) -> None:
        """Say which layers and inputs no output is computed from."""
        needed = graph.ancestors(graph.output, *graph.heads.values())
        if len(needed) == len(graph.layers) + len(graph.inputs):
            return
        seen: set[int] = set()
        for layer in graph.layers:
            call = self.builder.calls[layer.index]
            if layer in needed or id(call) in seen:
                continue
            seen.add(id(call))
            message = f"nothing uses what `{layer.name}` puts out; it is not counted"
            self._problems.diagnostics.add(Diagnostic("unused", message, call.span, severity=WARNING))
        for layer, head in zip(graph.inputs, net.inputs, strict=True):
            if layer not in needed:
                message = f"nothing uses the input `{layer.name}`"
                self._problems.diagnostics.add(Diagnostic("unused", message, head.span, severity=WARNING))


def _source(name: str, shape: Shape) -> Layer:
    """Return the layer that stands for an input."""
    op = Input(shape)
    layer = Layer(name, op, (), op.facts(()))
    layer.index = -1
    return layer


def _metadata(net: Net, frame: Frame) -> Metadata:
    """Return what a graph knows of the text that it is from."""
    return Metadata(
        net.name,
        net.title,
        tuple(net.papers),
        tuple(net.notes),
        net.family,
        net.year,
        {name: show(value) for name, value in frame.env.items()},
        frame.file.source.name,
    )
