"""The Python API: a target becomes a network, a network gives reports."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from .diagnostics import WARNING, Diagnostic
from .language.library import Library
from .loading import LoadedNetwork

if TYPE_CHECKING:
    from .api.comparisons import ComparisonReport
    from .api.explanations import ExplanationReport
    from .api.solutions import SolutionReport
    from .api.summaries import ReceptiveFieldReport, SummaryReport
    from .report.pictures.graphviz import Drawing


class Network(LoadedNetwork):
    """A network, ready to be asked. Immutable.

    graph        the layers
    diagnostics  warnings and notes that came up while the spec was read
    """

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
    ops: str | None = None,
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
    return Network.of(
        target, input, parameters, budget=budget, layout=layout, stdin=stdin, library=library, ops=ops
    )


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
    networks = [Network.of(at, library=library) if isinstance(at, str) else at for at in targets]
    return ComparisonReport(
        [
            network.summary(batch=batch, dtype=dtype, with_heads=with_heads, layout=layout)
            for network in networks
        ]
    )


def solve(
    target: str,
    where: str | None = None,
    set: Mapping[str, Any] | None = None,
    *,
    input: Any = None,
    batch: int = 1,
    dtype: str = "fp32",
    limit: int = 5000,
    up_to: int | None = None,
    budget: int | None = None,
    stdin: str | None = None,
) -> SolutionReport:
    """The values of each ``?`` that meet a demand, the smallest change first.

    target  a one-liner with ``?`` in the place of values; or a network, as ``load`` takes it
    where   a condition on the quantities of the network: ``"params <= 1M and rf >= 31"``
    set     values of a network's parameters; ``"?"`` asks for one
    input   another input shape of a network
    batch, dtype  as in a summary
    limit   the most designs that are tried
    up_to   the largest number that is looked at; without one they grow where nothing meets the
            demand and larger ones come nearer
    budget  the most layers one may have
    stdin   the text that ``-`` stands for

    The demand is ``where`` together with the shapes that a one-liner asserts, ``[28x28x128]``.
    Raises SpecError where nothing is asked or demanded, or no value makes a network.
    """

    from .api.solutions import SolutionReport
    from .loading.own_ops import with_installed
    from .solving.designs import solved

    found = partial(
        solved,
        SolutionReport,
        target,
        where,
        set,
        input=input,
        batch=batch,
        dtype=dtype,
        limit=limit,
        up_to=up_to,
        budget=budget,
        stdin=stdin,
    )
    return with_installed(found)
