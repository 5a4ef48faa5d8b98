"""The Python API: a target becomes a network, a network gives reports."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .diagnostics import ERROR, WARNING, Collector, Diagnostic, SpecError, fail
from .graph import Graph, Layer, PublishedFigure
from .inputs import doubts, flattened_sequences, given_shapes, square_signals, written_in
from .language.definitions import Net
from .language.expand import BUDGET, Expansion
from .language.lexer import ARROW
from .language.library import Library
from .language.one_line import one_line
from .language.other_tools import code, file_of
from .language.syntax import Statement
from .shape import Shape
from .source import Source, Span
from .unsized import no_size, unsized

if TYPE_CHECKING:
    from .api.comparisons import ComparisonReport
    from .api.explanations import ExplanationReport
    from .api.summaries import ReceptiveFieldReport, SummaryReport
    from .report.pictures.graphviz import Drawing

_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")


class Network:
    """A network, ready to be asked. Immutable.

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

    @property
    def name(self) -> str:
        """Its name in the spec; the chain itself for a one-liner."""
        return self.graph.metadata.name

    def summary(
        self,
        *,
        batch: int = 1,
        dtype: str = "fp32",
        with_heads: bool = False,
        layout: str = "hwc",
        optimizer: str | None = None,
        mixed: bool = False,
        memory_limit: int | None = None,
    ) -> SummaryReport:
        """Output volume, parameters, operations, memory and receptive field of every layer, and
        totals.

        With an ``optimizer`` ("sgd", "momentum", "adam" …) also what training holds, in ``mixed``
        precision if asked for; with ``memory_limit``, in bytes, the largest batch that fits into it.
        Raises ValueError for an unknown dtype, layout or optimizer, a batch below 1, or mixed
        precision that mixes nothing.
        """
        from .api.summaries import SummaryReport

        return SummaryReport(
            self.graph,
            batch=batch,
            dtype=dtype,
            with_heads=with_heads,
            layout=layout,
            optimizer=optimizer,
            mixed=mixed,
            memory_limit=memory_limit,
        )

    def receptive_field(self, layer: str | None = None, *, layout: str = "hwc") -> ReceptiveFieldReport:
        """Receptive fields of all layers, or of one. Raises SpecError for an unknown layer."""
        from .api.summaries import ReceptiveFieldReport

        found = self.layer(layer) if layer is not None else None
        return ReceptiveFieldReport(self.graph, found, layout=layout)

    def explain(
        self,
        layer: str | None = None,
        quantity: str | None = None,
        *,
        batch: int = 1,
        dtype: str = "fp32",
        with_heads: bool = False,
        layout: str = "hwc",
    ) -> ExplanationReport:
        """Where the numbers of a layer are from, or those of a network: formulas, the numbers put
        in, results, conventions.

        layer     a layer; a label that stands for several: their sums; ``total``: the network's
                  sums; None: the network's sums, or of a chain the layer that is meant: the only
                  one that adds to the sum, for what is no sum the last
        quantity  one of those of ``docs/quantities.md``, by any of its names: ``params``, ``rf``,
                  ``step_macs``; None for output, parameters, MACs, operations, memory and field

        ``with_heads`` has the layers of side heads in the network's sums. Raises SpecError for an
        unknown layer or quantity, ValueError for an unknown dtype, layout or a batch below 1.
        """
        from .analysis.explained import explained
        from .api.explanations import ExplanationReport

        how: dict[str, Any] = {"batch": batch, "dtype": dtype, "with_heads": with_heads, "layout": layout}
        return explained(ExplanationReport, self.graph, layer, quantity, **how)

    def draw(
        self,
        format: str = "dot",
        *,
        depth: int | None = None,
        all_layers: bool = False,
        direction: str = "TB",
        with_heads: bool = False,
        layout: str = "hwc",
    ) -> Drawing:
        """A picture of the graph as text, ``dot`` for Graphviz or ``mermaid``; a notebook shows it
        as a picture.

        depth       how far blocks are opened, from 1; None is the deepest of few boxes
        all_layers  every layer in a box of its own
        direction   ``TB``, from top to bottom, or ``LR``, from left to right

        A node of the DOT is called like the tensor that leaves it. Raises ValueError for a word
        that is none of these.
        """
        for word, known in (
            (format, ("dot", "mermaid")),
            (direction, ("TB", "LR")),
            (layout, ("hwc", "chw")),
        ):
            if word not in known:
                raise ValueError(f"{word!r} is neither {known[0]} nor {known[1]}")
        from .report.pictures.dot import dot_text
        from .report.pictures.graph import Picture
        from .report.pictures.graphviz import Drawing
        from .report.pictures.mermaid import mermaid_text

        picture = Picture(self.graph, depth, all_layers, with_heads, layout)
        dot, mermaid = dot_text(picture, direction), mermaid_text(picture, direction)
        boxes = sum(1 for _ in picture.root.boxes())
        return Drawing.of(mermaid if format == "mermaid" else dot, dot, mermaid, boxes)

    def export(self, to: str = "torch", *, with_heads: bool = False) -> str:
        """The network as Python source that builds it without archcalc: a file for PyTorch.

        Its forward pass gives the main output; with heads a tuple, the main output first. Raises
        SpecError for a layer that PyTorch has no counterpart of, ValueError for another ``to``.
        """
        if to != "torch":
            raise ValueError(f"{to!r} is not torch")
        from .export.source import Export

        return Export(self.graph, with_heads).text

    def layer(self, name: str) -> Layer:
        """The layer so named, else the last one of what the label stands for. Raises SpecError."""
        found = self.graph.layer(name)
        if found is None:
            raise self._no_layer(name)
        return found

    def until(self, name: str) -> Network:
        """The network up to and including a layer or label. Raises SpecError."""
        place = self.graph.find(name)
        if place is None:
            raise self._no_layer(name)
        if place.tensor in self.graph.inputs:
            raise fail("argument", f"there are no layers up to `{name}`: it is an input")
        return self._with(self.graph.until(place))

    def counting_norms(self) -> Network:
        """The same, whose receptive fields count what group and instance norm read for their
        statistics: the whole map."""
        return self._with(self.graph.counting_norms())

    def freeze(self, name: str) -> Network:
        """The network with all parameters up to and including a layer or label held fixed.

        Raises SpecError.
        """
        place = self.graph.find(name)
        if place is None:
            raise self._no_layer(name)
        if place.tensor in self.graph.inputs:
            raise fail("argument", f"there are no layers up to `{name}`: it is an input")
        return self._with(self.graph.frozen(place.last))

    def _with(self, graph: Graph) -> Network:
        return Network(graph, self.diagnostics, self._net, self._shapes, self._spans)

    def doubts(self, summary: SummaryReport) -> list[Diagnostic]:
        """Warnings for published figures that should agree and do not, or the other way about."""
        found = []
        for checked in summary.published_figures:
            if not checked.fault:
                continue
            figure = checked.figure
            printed = f"{figure.quantity}{f' of {figure.of}' if figure.of else ''} {figure.printed}"
            verdict = "agrees, though it is marked wrong" if checked.agrees else "does not agree"
            value = checked.computed
            right = f"{value:,}" if isinstance(value, int) else value
            message = f"the published {printed} {verdict}: computed {right}"
            found.append(Diagnostic("report", message, self._spans.get(figure), severity=WARNING))
        return found

    def excerpt(self) -> tuple[Source, list[int], dict[int, Shape | None]]:
        """The lines of the spec that make the network, and the shapes that its statements put out
        by line: None where calls or turns differ."""
        from .language.excerpt import excerpt

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

    def _no_layer(self, name: str) -> SpecError:
        from .analysis.explained import no_layer

        return no_layer(self.graph, name)

    def __repr__(self) -> str:
        return f"<Network {self.name}: {len(self.graph.layers)} layers>"

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def load(
    target: str,
    input: Any = None,
    *,
    budget: int | None = None,
    layout: str = "hwc",
    stdin: str | None = None,
    library: Library | None = None,
    **parameters: Any,
) -> Network:
    """The network that a target means.

    target      a name of the zoo, a file (``nets.arch`` or ``nets.arch:name``), or a one-liner
                (``"32x32x3 -> conv 5x5 10 pad=2"``); ``-`` is the text in ``stdin``
    input       another input shape, ``"321x321x3"`` or ``(321, 321, 3)``; by name where there are
                several: ``{"image": (224, 224, 3)}``
    budget      the most layers it may have
    layout      how ``input`` and the sizes of a one-liner are written: ``hwc``, channels last, or
                ``chw``, channels first
    parameters  of the network: ``classes=10``

    Raises SpecError, which carries the diagnostics, and ValueError for another layout.
    """
    return build(target, input, parameters, budget=budget, layout=layout, stdin=stdin, library=library)


def compare(
    *targets: str | Network,
    batch: int = 1,
    dtype: str = "fp32",
    with_heads: bool = False,
    layout: str = "hwc",
) -> ComparisonReport:
    """Networks, or targets as ``load`` takes them, beside each other, with ratios to the first.

    The options are those of ``Network.summary``. Raises SpecError for a target that is none, and
    ValueError for no target, an unknown dtype or layout, or a batch below 1.
    """
    from .api.comparisons import ComparisonReport

    library = Library()
    networks = [build(at, library=library) if isinstance(at, str) else at for at in targets]
    return ComparisonReport(
        [
            network.summary(batch=batch, dtype=dtype, with_heads=with_heads, layout=layout)
            for network in networks
        ]
    )


def build(
    target: str,
    input: Any = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    budget: int | None = None,
    layout: str = "hwc",
    stdin: str | None = None,
    library: Library | None = None,
) -> Network:
    """As ``load``, the network's parameters in a mapping. Raises SpecError."""
    if unsized(target):
        raise no_size(target)
    library = library or Library()
    net = find(target, library, stdin)
    if not net.name:
        written_in(net, layout)
    diagnostics = Collector()
    expansion = Expansion(library, diagnostics, budget or BUDGET)
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
    spans = {layer: call.span for layer, call in zip(graph.layers, expansion.builder.calls, strict=True)}
    notes = (
        *diagnostics.items,
        *doubted,
        *square_signals(net, graph),
        *flattened_sequences(graph, spans.get),
    )
    return Network(graph, notes, net, expansion.builder.outputs, expansion.figure_spans)


def find(target: str, library: Library, stdin: str | None = None) -> Net:
    """The syntax tree of a target's network. Raises SpecError."""
    if target == "-":
        return _from_text(stdin if stdin is not None else "", library)
    if ARROW.search(target):
        return _one_liner(target)
    path, _, name = target.partition(":")
    other = file_of(target)
    if other is not None:
        raise other
    if path.endswith(".arch") or "/" in target or os.sep in target:
        return library.net_of_file(path, name or None)
    if _MODULE.match(target):
        raise fail(
            "target",
            f"{target} names a PyTorch module; tracing one is not possible yet",
            "write it as a spec: `archcalc ops` lists the layers",
        )
    if not target.strip():
        raise fail("target", "the target is empty", "`archcalc list` shows the zoo")
    try:
        return library.zoo_net(target)
    except SpecError as error:
        if re.fullmatch(r"\d+([x×*]\d+)*", target):
            raise fail(
                "target",
                f"`{target}` is a size, and no network",
                'a chain of layers goes on from it: "32x32x3 -> conv 5x5 10 pad=2"',
            ) from None
        pasted = code(Source("<command line>", target))
        if pasted is not None:
            raise pasted from None
        if "." in path and os.path.isfile(path):
            return library.net_of_file(path, name or None)
        beside = f"{path}.arch"
        if os.path.isfile(beside) and len(error.diagnostics) == 1:
            first = error.diagnostics[0]
            help = f"there is a file {beside} here: say {beside}{target[len(path) :]}"
            raise fail(first.code, first.message, help, *first.help) from None
        raise


def _one_liner(text: str) -> Net:
    from .diagnostics import TooManyProblemsError
    from .language.parser import parse_one_liner

    diagnostics = Collector()
    source = Source("<command line>", text)
    try:
        file = parse_one_liner(source, diagnostics)
        diagnostics.check()
    except (TooManyProblemsError, SpecError):
        raise code(source) or SpecError(diagnostics.items) from None
    return file.nets[""]


def _from_text(text: str, library: Library) -> Net:
    from .language.library import pick

    text = text.removeprefix("\ufeff")
    if not re.search(r"(?:^|[\r\n])(net|block|default)\b", text) and ARROW.search(text):
        return _one_liner(text.strip())
    return pick(library.text("<stdin>", text), "<stdin>", None)


def parameter(name: str, value: Any) -> Any:
    """A parameter's value from Python or from the text of ``--set``. Raises SpecError."""
    from fractions import Fraction

    from .ops.base import Size, Word

    if isinstance(value, (int, Fraction, Word, Size)):  # bools too
        return value
    if isinstance(value, float):
        return parameter(name, repr(value))
    if isinstance(value, tuple):
        return Size(value)
    if not isinstance(value, str):
        raise fail("argument", f"`{name}` cannot be {value!r}")
    from .language.parser import literal

    return literal(name, value)
