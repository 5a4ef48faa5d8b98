"""The Python API: a target becomes a network, a network gives reports."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from os import PathLike, fsdecode
from typing import TYPE_CHECKING, Any, Literal, overload

from .diagnostics import WARNING, Diagnostic, SpecError
from .language.library import Library
from .loading import LoadedNetwork, with_all_ops

if TYPE_CHECKING:
    from .analysis.roofline import Device
    from .api.comparisons import ComparisonReport
    from .api.explanations import ExplanationReport
    from .api.reconciliations import ReconciliationReport
    from .api.solutions import SolutionReport
    from .api.summaries import ReceptiveFieldReport, SummaryReport
    from .api.times import TimeReport
    from .code_form import CodeForm
    from .counters import Counted
    from .report.page import PageText
    from .report.pictures.graphviz import Drawing


class Network(LoadedNetwork):
    """A network, ready to be asked. It does not change: methods give other networks.

    Networks are made by ``archcalc.load``.

    Attributes:
        graph: The layers, as an ``archcalc.graph.Graph``.
        diagnostics: Warnings and notes that came up while the spec was read.

    Example:
        >>> net = archcalc.load("32x32x3 -> conv 5x5 10 pad=2 -> maxpool 2x2")
        >>> [(layer.name, str(layer.output)) for layer in net.graph.layers]
        [('conv1', '32x32x10'), ('maxpool1', '16x16x10')]
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
        on: str | Device | None = None,
    ) -> SummaryReport:
        """Compute output, parameters, operations, memory and receptive field of every layer, and totals.

        Args:
            batch: Images per batch, from 1. Operations and activations are those of the whole batch.
            dtype: The type of values and parameters: ``fp32``, ``fp16``, ``bf16``, ``fp64`` or ``int8``.
            with_heads: Whether the layers of side heads count too.
            layout: The order of the axes in the shapes of the report: ``hwc`` or ``chw``.
            optimizer: Also what training holds: ``sgd``, ``momentum``, ``adam`` and others.
            mixed: Whether training is in mixed precision.
            memory_limit: Bytes of a device, for the largest batch that fits into them.
            on: A device, as ``time()`` takes it, for conditions on ``time``, ``traffic`` and ``intensity``.

        Returns:
            The report: ``rows``, ``totals``; a table where it is printed.

        Raises:
            ValueError: For an unknown dtype, layout or optimizer, a batch below 1, mixed precision that
                mixes nothing, or a dtype of which the device has no peak.

        Example:
            >>> totals = archcalc.load("vgg16").summary(batch=2).totals
            >>> totals["params"], totals["macs"]
            (138357544, 30940528640)
        """
        from .api.summaries import SummaryReport

        found = SummaryReport(
            self.graph,
            batch=batch,
            dtype=dtype,
            with_heads=with_heads,
            layout=layout,
            optimizer=optimizer,
            mixed=mixed,
            memory_limit=memory_limit,
        )
        if on is not None:
            from .analysis.roofline import Roofline
            from .devices import device

            found.roofline = Roofline(found, device(on) if isinstance(on, str) else on)
        return found

    def counted_by(self, counter: str, *, faults: bool = True) -> Network:
        """Give the network with the figures of another tool besides its own, in summaries and explanations.

        Args:
            counter: The name of a profile, as ``fvcore``, or the path of a TOML file.
            faults: Whether to count what the tool counts by its faults.

        Returns:
            The network; its ``counter`` is a quantity as all others.

        Raises:
            SpecError: For a counter that there is not, or a file that is no profile.

        Example:
            >>> archcalc.load("vgg16").counted_by("torchinfo").summary().totals["counter"]["figure"]
            15483821032
        """
        from .counters import NetworkCounter

        return self._with(self.graph.counted_by(NetworkCounter(counter, faults)))

    def count(
        self, counter: str, *, faults: bool = True, writing: Mapping[str, CodeForm] | None = None
    ) -> Counted:
        """Count the operations as another tool does.

        Args:
            counter: The name of a profile, as ``fvcore``, or the path of a TOML file.
            faults: Whether to count what the tool counts by its faults: then the figure is what it prints.
            writing: How the code of layers is written, by their names or by the names of their ops; by
                default as a traced module ran, or as ``export`` writes a spec.

        Returns:
            The figure, and that of each layer with its terms.

        Raises:
            SpecError: For a counter that there is not, or a file that is no profile.

        Example:
            >>> counted = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").count("ptflops")
            >>> counted.figure, [(term.what, term.value) for term in counted.layers[0].terms]
            (778240, [('multiply-adds', 768000), ('biases', 10240)])
        """
        from .counters import count, profile

        return count(profile(counter), self.graph, faults, writing)

    def time(
        self,
        on: str | Device,
        *,
        batch: int = 1,
        dtype: str = "fp32",
        fused: bool = False,
        measured: int | None = None,
        with_heads: bool = False,
        layout: str = "hwc",
    ) -> TimeReport:
        """Bound from below how long a forward pass takes on a device: a roofline.

        Args:
            on: A device that comes with archcalc, ``h100``, a TOML file of one's own, or a ``Device``.
            batch: Images per batch, from 1.
            dtype: The type of values and parameters; the device has a peak for it.
            fused: Whether what works value by value is computed together with the product before it.
            measured: Picoseconds that a run took, for its share of the bound.
            with_heads: Whether the layers of side heads count too.
            layout: The order of the axes in the shapes of the report: ``hwc`` or ``chw``.

        Returns:
            The report: ``rows``, ``totals``; a table where it is printed. Times are in picoseconds.

        Raises:
            ValueError: For a dtype of which the device has no peak, a batch below 1, or an unknown layout.
            SpecError: For a device that there is not, and a file that describes none.

        Example:
            >>> report = archcalc.load("vgg16").time("h100")
            >>> report.totals.bound, round(report.totals.time / 10**6, 1)
            ('compute', 649.6)
        """
        from .analysis.summary import Summary
        from .api.times import TimeReport
        from .devices import device

        scope = Summary(self.graph, batch=batch, dtype=dtype, with_heads=with_heads, layout=layout)
        found = device(on) if isinstance(on, str) else on
        return TimeReport(scope, found, fused=fused, measured=measured)

    def receptive_field(self, layer: str | None = None, *, layout: str = "hwc") -> ReceptiveFieldReport:
        """Compute the receptive fields of all layers, or of one.

        Args:
            layer: The name of a layer or a label; None for all layers.
            layout: The order of the axes in the shapes of the report: ``hwc`` or ``chw``.

        Returns:
            The report: for each layer and axis the size of the field, the stride between neighbouring
            fields, and where the first begins, all in positions of the input.

        Raises:
            SpecError: For an unknown layer.
            ValueError: For an unknown layout.

        Example:
            >>> report = archcalc.load("vgg16").receptive_field("pool5")
            >>> report.rows[0].extent.size
            (212, 212)
        """
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
        """Derive the numbers of a layer, or of a network: formulas, the numbers put in, results.

        Args:
            layer: A layer; a label that stands for several layers, for their sums; ``total`` for the
                network's sums. None means the network's sums; of a chain the layer that is meant: the
                only one that adds to a sum, and for what is no sum the last.
            quantity: One of docs/quantities.md, by any of its names: ``params``, ``rf``, ``step_macs``.
                None means output, parameters, MACs, operations, memory and receptive field.
            batch: Images per batch, from 1.
            dtype: The type of values and parameters, as in ``summary``.
            with_heads: Whether the layers of side heads are in the network's sums.
            layout: The order of the axes in shapes: ``hwc`` or ``chw``.

        Returns:
            The derivations; formulas where they are printed.

        Raises:
            SpecError: For an unknown layer or quantity.
            ValueError: For an unknown dtype or layout, or a batch below 1.

        Example:
            >>> report = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").explain("conv1", "params")
            >>> report.derivations[0].value
            760
        """
        from .analysis.explained import explained
        from .api.explanations import ExplanationReport

        how: dict[str, Any] = {"batch": batch, "dtype": dtype, "with_heads": with_heads, "layout": layout}
        return explained(ExplanationReport, self.graph, layer, quantity, **how)

    def draw(
        self,
        format: str | None = None,
        *,
        style: str = "blocks",
        depth: int | None = None,
        all_layers: bool = False,
        direction: str = "TB",
        with_heads: bool = False,
        layout: str = "hwc",
    ) -> Drawing:
        """Draw the graph as text that is, or that Graphviz or Mermaid makes, a picture; a notebook shows it.

        Args:
            format: ``dot`` for Graphviz or ``mermaid``; with another style ``svg`` or ``tikz``. None means
                the first of them.
            style: ``blocks``, boxes of words; ``volumes``, tensors to scale; or ``unet``, the same on levels.
            depth: How far blocks are opened, from 1. None means the deepest level that has few boxes.
            all_layers: Whether every layer has a box of its own.
            direction: ``TB``, from top to bottom, or ``LR``, from left to right.
            with_heads: Whether side heads are drawn.
            layout: The order of the axes in shapes: ``hwc`` or ``chw``.

        Returns:
            The text, a ``str``. A node of the DOT has the name of the tensor that leaves it.

        Raises:
            ValueError: For another format, style, direction or layout.
            SpecError: For ``unet`` where maps do not shrink and grow again, and for too many boxes.

        Example:
            >>> text = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").draw("mermaid")
            >>> "flowchart TB" in text
            True
        """
        known_formats = ("dot", "mermaid") if style == "blocks" else ("svg", "tikz")
        format = known_formats[0] if format is None else format
        for word, known in (
            (style, ("blocks", "volumes", "unet")),
            (format, known_formats),
            (direction, ("TB", "LR")),
            (layout, ("hwc", "chw")),
        ):
            if word not in known:
                raise ValueError(f"{word!r} is neither {', '.join(known[:-1])} nor {known[-1]}")
        if style != "blocks":
            from .report.pictures.scaled import scaled_drawing

            return scaled_drawing(self.graph, style, format, depth, all_layers, with_heads, layout)
        from .report.pictures.dot import dot_text
        from .report.pictures.graph import Picture
        from .report.pictures.graphviz import Drawing
        from .report.pictures.mermaid import mermaid_text

        picture = Picture(self.graph, depth, all_layers, with_heads, layout)
        dot, mermaid = dot_text(picture, direction), mermaid_text(picture, direction)
        boxes = sum(1 for _ in picture.root.boxes())
        return Drawing.of(mermaid if format == "mermaid" else dot, dot, mermaid, boxes)

    @overload
    def export(self, to: Literal["torch"] = "torch", *, with_heads: bool = False) -> str: ...

    @overload
    def export(self, to: str, *, with_heads: bool = False, batch: int | None = None) -> str | bytes: ...

    def export(self, to: str = "torch", *, with_heads: bool = False, batch: int | None = None) -> str | bytes:
        """Write the network for another tool: as Python source that needs no archcalc, or as a graph.

        The forward pass of the module returns the main output; with heads a tuple, the main output first.

        Args:
            to: What it is for: ``torch``, ``onnx``, ``tensorboard`` or ``model-explorer``.
            with_heads: Whether side heads are part of it.
            batch: Elements of a batch, for all but ``torch``; None for any number of them in ONNX, for one
                where figures stand in the graph.

        Returns:
            The text of a Python file or of JSON; the bytes of an ONNX file or of a log of TensorBoard.

        Raises:
            SpecError: For a layer that the other tool has no counterpart of, or where its package is missing.
            ValueError: For another ``to``, and a batch where there is none.

        Example:
            >>> text = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").export()
            >>> [line.strip() for line in text.splitlines() if "Conv2d" in line]
            ['self.conv = nn.Conv2d(3, 10, 5, padding=2)']
            >>> '"macs"' in archcalc.load("lenet5").export("model-explorer")
            True
        """
        from .report.exports import ToolSettings, named, names

        if to not in names():
            raise ValueError(f"{to!r} is not {', '.join(names()[:-1])} or {names()[-1]}")
        format = named(to)
        if batch is not None and "batch" not in format.settings:
            raise ValueError(f"{format.what} is for any batch")
        return format.content(self.graph, ToolSettings(with_heads, batch))

    def onnx(
        self,
        *,
        weights: str = "none",
        batch: int | None = None,
        opset: int | None = None,
        with_heads: bool = False,
    ) -> bytes:
        """Write the network as an ONNX file, for which the onnx package is needed, and not PyTorch.

        Tensors have the names of the layers that put them out, weights those of the layer that has them,
        ``conv1.weight``, and nodes those of the blocks in which they stand: ``/conv2_1/conv1/Conv``.

        Args:
            weights: ``none``: names and sizes, each tensor full of one number; ``random``: values, always
                the same ones.
            batch: Elements of a batch; None for any number of them, called ``N``.
            opset: The version of ONNX's operators; None for 21.
            with_heads: Whether side heads are put out too.

        Returns:
            The bytes of the file.

        Raises:
            SpecError: For layers that ONNX has no operators for, all of them, or where the onnx package
                is missing.
            ValueError: For other ``weights``.

        Example:
            >>> data = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").onnx()
            >>> len(data) < 1000, b"/conv1/Conv" in data
            (True, True)
        """
        from .report.exports import ToolSettings
        from .report.exports.onnx import Format

        return Format().content(self.graph, ToolSettings(with_heads, batch, weights, opset))

    def page(
        self, *, batch: int = 1, dtype: str = "fp32", with_heads: bool = False, layout: str = "hwc"
    ) -> PageText:
        """Write the network as a page: one HTML file that needs nothing else.

        It shows the graph, the table, how each number comes about, receptive fields and what was published.

        Args:
            batch: Images per batch, as in ``summary``.
            dtype: The type of values and parameters, as in ``summary``.
            with_heads: Whether side heads are shown.
            layout: The order of the axes in shapes: ``hwc`` or ``chw``.

        Returns:
            The text, a ``str``; a notebook shows the page in a frame.

        Raises:
            ValueError: For an unknown dtype or layout, or a batch below 1.

        Example:
            >>> text = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").page()
            >>> text.startswith("<!DOCTYPE html>"), "</html>" in text
            (True, True)
        """
        from .report.page import PageText, page

        summary = self.summary(batch=batch, dtype=dtype, with_heads=with_heads, layout=layout)
        return PageText("".join(page(summary)))

    def doubts(self, summary: SummaryReport) -> list[Diagnostic]:
        """Compare published figures with the computed ones.

        Args:
            summary: The report of ``summary()``.

        Returns:
            A warning for each figure that should agree and does not, or that is marked wrong and agrees.

        Example:
            >>> net = archcalc.load("vgg16")
            >>> net.doubts(net.summary())
            []
        """
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
    target: Any,
    input: Any = None,
    *,
    budget: int | None = None,
    layout: str = "hwc",
    stdin: str | None = None,
    library: Library | None = None,
    ops: str | None = None,
    training: bool = False,
    until: str = "",
    file_format: str = "",
    **parameters: Any,
) -> Network:
    """Read the network that a target means.

    Args:
        target: A name of the zoo, a file (``nets.arch`` or ``nets.arch:name``, or that of another tool,
            ``yolov3.cfg``), or a chain (``"32x32x3 -> conv 5x5 10 pad=2"``); ``-`` is the text in ``stdin``.
            Or a PyTorch module, which
            is traced: the module itself, or what names it and makes it, ``torchvision.models:resnet50``,
            ``path/to/file.py:Net(width=64)``. Then its code is run. A model of Keras is read from the object,
            or from what names or makes it, in the same way.
        input: Another input shape, ``"321x321x3"`` or ``(321, 321, 3)``; by name where there are
            several inputs: ``{"image": (224, 224, 3)}``, or ``"image=224x224x3 mask=224x224x1"``. Of a
            module what its ``forward`` is given: sizes without the batch, with their type as in
            ``"128:int64"``, or tensors.
        budget: The most layers that it may have; 50,000 where it is None.
        layout: The order of the axes in ``input`` and in the sizes of a chain: ``hwc``, channels
            last, or ``chw``, channels first.
        stdin: The text that ``-`` stands for.
        library: Where the zoo and the blocks are from; calls that share one read its files once.
        ops: A Python file that defines layers of your own. It is run, and its layers are known from
            then on; importing a module that defines them does the same.
        training: Whether a module is traced in training mode.
        until: The layer or label that is the last: the network is cut off behind it. Of a module what
            follows may fail, once a part of this name is complete.
        file_format: Which tool's format a file or text has, where its name and content do not tell:
            ``"caffe"``, ``"darknet"``.
        parameters: Parameters of the network, by name: ``classes=10``; of a module arguments of what makes
            it.

    Returns:
        The network.

    Raises:
        SpecError: For a target that is none, or a spec that has faults; it carries all of them.
        ValueError: For an unknown layout.

    Example:
        >>> archcalc.load("resnet18", classes=10)
        <Network resnet18: 68 layers>
        >>> archcalc.load("32x32x3 -> conv 5x5 10 pad=2").graph.output.output
        (32, 32, 10)
    """
    if isinstance(target, PathLike):
        target = fsdecode(target)
    try:
        return Network.of(
            target,
            input,
            parameters,
            budget=budget,
            layout=layout,
            stdin=stdin,
            library=library,
            ops=ops,
            training=training,
            runs_code=True,
            until=until,
            file_format=file_format,
        )
    except SpecError:
        from .loading.letters import needs_numbers

        needed = needs_numbers(target) if isinstance(target, str) else None
        if needed is None:
            raise
        raise needed from None


def trace(module: Any, *args: Any, **kwargs: Any) -> Network:
    """Trace a PyTorch module on arguments of ``forward``: it is run once, in eval mode and without values.

    Args:
        module: The module; it stays as it is.
        args: Arguments of ``forward`` by position. Of tensors the sizes and types are taken; their values
            only where the module looks at values.
        kwargs: Arguments of ``forward`` by name.

    Returns:
        The network.

    Raises:
        SpecError: Where the module fails on these arguments.

    Example:
        >>> import torch
        >>> module = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU())
        >>> archcalc.trace(module, torch.empty(1, 3, 32, 32)).summary().totals["macs"]
        194400
    """
    from .importing.torch import traced
    from .packages import needed

    name = type(module).__name__
    needed("torch", name, "torch")
    from .importing.torch.inputs import Arguments

    graph, notes = traced(module, lambda built: [Arguments(args, kwargs)], name, training=False)
    return Network(graph, tuple(notes))


def compare(
    *targets: Any,
    batch: int = 1,
    dtype: str = "fp32",
    with_heads: bool = False,
    layout: str = "hwc",
    on: str | Device | None = None,
) -> ComparisonReport:
    """Set networks beside each other, with ratios to the first.

    Args:
        targets: Networks, or targets as ``load`` takes them.
        batch: Images per batch, from 1.
        dtype: The type of values and parameters, as in ``Network.summary``.
        with_heads: Whether the layers of side heads count too.
        layout: The order of the axes in shapes: ``hwc`` or ``chw``.
        on: A device, as ``Network.time`` takes it, for the least time of each.

    Returns:
        The report; a table where it is printed.

    Raises:
        SpecError: For a target that is none, and a device that there is not.
        ValueError: For no target, an unknown dtype or layout, or a batch below 1.

    Example:
        >>> report = archcalc.compare("vgg16", "alexnet")
        >>> report.ratios(report.rows[1])["params"]
        '7797293/17294693'
    """
    from .api.comparisons import ComparisonReport

    library = Library()
    networks = [
        at if isinstance(at, Network) else Network.of(at, library=library, runs_code=True) for at in targets
    ]
    return ComparisonReport(
        [
            network.summary(batch=batch, dtype=dtype, with_heads=with_heads, layout=layout, on=on)
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
    limit: int | None = None,
    up_to: int | None = None,
    budget: int | None = None,
    stdin: str | None = None,
    even: bool = False,
    counter: str | None = None,
    faults: bool = True,
    maximize: str | None = None,
    minimize: str | None = None,
) -> SolutionReport:
    """Find the values of each ``?`` that meet a demand, the smallest change first, or the best of them.

    The demand is ``where``, together with the shapes that a chain asserts: ``-> [28x28x128]``.

    Args:
        target: A chain with ``?`` in the place of values; or a network, as ``load`` takes it.
        where: A condition on the quantities of the network: ``"params <= 1M and rf >= 31"``.
        set: Values of a network's parameters by name; ``"?"`` asks for one.
        input: Another input shape of a network.
        batch: Images per batch, from 1.
        dtype: The type of values and parameters, as in ``Network.summary``.
        limit: The most designs that are tried. None: 4,000,000 where many are computed at a time, 5,000
            where each is made by itself.
        up_to: The largest number that is looked at. None: numbers grow where nothing meets the demand
            and larger ones come nearer.
        budget: The most layers that a design may have.
        stdin: The text that ``-`` stands for.
        even: Whether every window has to come out even.
        counter: The name of a profile, or the path of a TOML file: ``where`` may then name ``counter``.
        faults: Whether the counter counts what its tool counts by its faults.
        maximize: A quantity, or one of the values: the designs that have the most of it come first.
        minimize: A quantity, or one of the values: the designs that have the least of it come first.

    Returns:
        The designs that meet the demand, or those that come nearest; and whether they are proved to be the
        best.

    Raises:
        SpecError: Where nothing is asked or demanded, or no value makes a network.
        ValueError: For an unknown dtype, a batch below 1, or both ``maximize`` and ``minimize``.

    Example:
        >>> solution = archcalc.solve("56x56x64 -> conv 3x3 8 stride=2 pad=? -> [28x28x8]")
        >>> [design.values for design in solution.answers][0]
        {'pad': 1}
        >>> best = archcalc.solve("32x32x3 -> conv 3x3 ? -> conv 3x3 ?", "params <= 9K", maximize="macs")
        >>> best.answers[0].values, best.proved
        ({'conv1.filters': 243, 'conv2.filters': 1}, True)
    """

    if maximize is not None and minimize is not None:
        raise ValueError("a design cannot have the most of one quantity and the least of another")
    from .api.solutions import SolutionReport
    from .counters import NetworkCounter
    from .solving.finding import solved

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
        even=even,
        counter=None if counter is None else NetworkCounter(counter, faults),
        best=(maximize, 1) if maximize is not None else (minimize, -1) if minimize is not None else None,
    )
    return with_all_ops(found)


def reconcile(target: Any, *figures: str, input: Any = None, **parameters: Any) -> ReconciliationReport:
    """Find out why printed figures of a network are what they are, and how they differ from ours.

    Args:
        target: As ``load`` takes it.
        figures: Figures as they are printed: ``"4.11G"``, ``"8.2 GFLOPs"``, ``"25.6M params"``,
            ``"97.8MiB"``, ``"50 layers"``.
        input: Another input shape, as ``load`` takes it.
        parameters: Parameters of the network, by name.

    Returns:
        For each figure the explanations that need the fewest assumptions, or what comes nearest.

    Raises:
        SpecError: For a target that is none, and for what is no figure.

    Example:
        >>> report = archcalc.reconcile("resnet50", "3.86G", "8.2G")
        >>> [assumption.words for assumption in report.figures[0].explanations[0].assumptions]
        ['resnet50_v1']
    """
    from .api.reconciliations import ReconciliationReport

    network = load(target, input, **parameters)
    again = target if isinstance(target, str) and network.graph.metadata.traced is None else None
    return ReconciliationReport(network, figures, again, input, parameters)
