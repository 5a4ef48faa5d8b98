"""A network as a picture: boxes for the rows of a summary, clusters for opened ones, edges for the
tensors that pass between them. What it looks like is up to those who write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...analysis.totals import Totals
from ...graph import Graph, Layer
from ..kinds import BLOCK, FREE, HEAD, INPUT, MERGE, OUTPUT, REPEAT, WEIGHTED
from ..lines import clean, clean_line
from ..screens.folding import FoldedRow, Folding
from ..words import count, volume
from ..wrapping import shortened, wrapped

# Columns of the words in a box, and lines of them at most.
WIDEST, LONGEST = 36, 4
# Columns of the words above an opened item.
HEADING = 48


class Box:
    """A node of the picture.

    key     unlike that of any other box: the name of the tensor that it puts out
    kind    one of ``KINDS``
    lines   what stands in it
    layers  the layers it stands for; none for the end of an output
    """

    __slots__ = ("key", "kind", "lines", "layers")

    def __init__(self, key: str, kind: str, lines: list[str], layers: list[Layer]):
        self.key = key
        self.kind = kind
        self.lines = lines
        self.layers = layers


class Cluster:
    """An opened item; ``members`` are the boxes and clusters inside, in the order of the text."""

    __slots__ = ("lines", "members")

    def __init__(self, lines: list[str]):
        self.lines = lines
        self.members: list[Box | Cluster] = []

    def boxes(self) -> Iterator[Box]:
        """The boxes inside."""
        for member in self.members:
            if isinstance(member, Box):
                yield member
            else:
                yield from member.boxes()


class Edge(NamedTuple):
    """A tensor that a box reads. ``lines`` say its shape, and its name where it is not the last
    that its box computes."""

    source: Box
    target: Box
    tensor: Layer
    lines: list[str]


class Picture:
    """A graph drawn to a depth.

    depth       how far blocks are opened, from 1; None is the deepest of few rows
    all_layers  every layer in a box of its own: nothing is attached and nothing is folded
    with_heads  the layers of side heads too
    layout      order of the axes in shapes, ``hwc`` or ``chw``
    figures     counts of parameters and all shapes; without them only what is given: the shapes of inputs
    runs        equal turns of a repeat make one box

    ``root`` holds boxes and clusters, ``edges`` what passes between boxes, sorted by the reader;
    ``title`` is the name and what it is, ``depth`` how far it is opened, ``depths`` the same in words.
    """

    def __init__(
        self,
        graph: Graph,
        depth: int | None = None,
        all_layers: bool = False,
        with_heads: bool = False,
        layout: str = "hwc",
        figures: bool = True,
        runs: bool = True,
    ):
        self.layout = layout
        self.figures = figures
        self.layers = graph.select(with_heads)
        self.heads = graph.heads if with_heads else {}
        self._ends = {graph.output, *self.heads.values()}
        self._parameter_owners = Totals(graph, self.layers).parameter_owners
        self._counter = graph.counter
        self._counted = None if graph.counter is None else graph.counter.figures(graph, self.layers)
        self._last_reader = self._readers()
        folding = Folding(graph, self.layers)
        if all_layers:
            at = folding.levels
        else:
            at = folding.best() if depth is None else min(max(depth, 1), folding.levels)
        self.depth = at
        self.title = [clean_line(graph.metadata.name), clean(graph.metadata.title or "")]
        self.depths = f"depth {at} of {folding.levels}" if at < folding.levels else ""
        self.root = Cluster([])
        for source in graph.inputs:
            self.root.members.append(Box(clean(source.name), INPUT, [clean(source.name)], [source]))
        self._fill(folding.rows(at, runs=runs and not all_layers), all_layers)
        self._home = {layer: box for box in self.root.boxes() for layer in box.layers}
        self.edges = [edge for box in self.root.boxes() for edge in self._read(box)]
        self._end("output", graph.output, OUTPUT)
        for name, layer in self.heads.items():
            self._end(name, layer, HEAD)

    # Boxes -----------------------------------------------------------------------------------

    def _readers(self) -> dict[Layer, int]:
        """The index of the last layer that reads a tensor; beyond all layers for an output."""
        last: dict[Layer, int] = {}
        for layer in self.layers:
            for source in layer.inputs:
                last[source] = layer.index
        beyond = self.layers[-1].index + 1 if self.layers else 0
        last.update((layer, beyond) for layer in self._ends)
        return last

    def _fill(self, rows: Sequence[FoldedRow], all_layers: bool) -> None:
        """Boxes for closed rows, clusters for opened ones."""
        open_at = [self.root]  # the cluster that rows of an indent stand in
        passed = 0
        for row in rows:
            del open_at[row.indent + 1 :]
            if row.opened:
                words = [clean(row.name), shortened(clean(row.text), HEADING)]
                cluster = Cluster([word for word in dict.fromkeys(words) if word])
                open_at[-1].members.append(cluster)
                open_at.append(cluster)
                continue
            # Rows are stretches of the text. What a stretch begins with and no closed row holds
            # is attached to an opened one: it stands with the first of its parts.
            first = row.layers[0].index
            lead = []
            while self.layers[passed].index < first:
                lead.append(self.layers[passed])
                passed += 1
            passed += len(row.layers)
            if all_layers:
                boxes = [self._single(layer) for layer in lead + row.layers]
            else:
                boxes = list(self._of_row(row, lead))
            open_at[-1].members += boxes

    def _of_row(self, row: FoldedRow, lead: list[Layer]) -> Iterator[Box]:
        """The box of a closed row, and those of its attached layers that need a box in a picture: a reader
        would seem to read another tensor than it does."""
        before, after = len(row.before), len(row.layers) - len(row.after)
        core = row.layers[before:after]
        parts = [[layer] for layer in lead + row.layers[:before]]
        at = len(parts)
        parts += [core, *[[layer] for layer in row.layers[after:]]]
        start = 0
        for stop in range(1, len(parts) + 1):
            if stop < len(parts) and self._alone(parts[stop - 1][-1], parts[stop]):
                continue
            layers = [layer for part in parts[start:stop] for layer in part]
            if start <= at < stop:
                words = [part[0].text for part in parts[start:at]] + [row.alone]
                words += [part[0].text for part in parts[at + 1 : stop]]
                yield self._box(row.name, words, layers, row.turns, core)
            else:
                words = [part[0].text for part in parts[start:stop]]
                yield self._box(layers[0].name, words, layers, 1, layers[:1])
            start = stop

    def _alone(self, tensor: Layer, part: list[Layer]) -> bool:
        """Whether nothing but the layers behind a tensor reads it, and they nothing else."""
        if not tensor.index < self._last_reader.get(tensor, -1) <= part[-1].index:
            return False
        known = {tensor, *part}
        return all(source in known for layer in part for source in layer.inputs)

    def _single(self, layer: Layer) -> Box:
        return self._box(layer.name, [layer.text or layer.op.name], [layer], 1, [layer])

    def _box(self, name: str, words: list[str], layers: list[Layer], turns: int, core: list[Layer]) -> Box:
        """A box; ``core`` are those of its layers that it is named after."""
        params = [layer.facts.params for layer in layers if self._counts(layer)]
        *parts, last = clean(", ".join([word for word in words if word])).split(", ")
        wrapped_lines = wrapped([*[f"{part}," for part in parts], last], WIDEST, " ")
        if len(wrapped_lines) > LONGEST:
            wrapped_lines = [*wrapped_lines[: LONGEST - 1], wrapped_lines[LONGEST - 1] + " …"]
        lines = [clean(name), *wrapped_lines] if wrapped_lines != [clean(name)] else wrapped_lines
        if not self.figures:
            pass
        elif None in params:
            lines.append("? parameters")
        elif any(params):
            lines.append(f"{count(sum([p or 0 for p in params]))} parameters")
        if self.figures and self._counted is not None and self._counter is not None:
            figure = sum([self._counted[layer].figure for layer in layers])
            lines.append(f"{count(figure)} {self._counter.label}" if figure else "")
        lines = [line for line in lines if line]
        return Box(clean(layers[-1].name), _kind(core, turns), lines, layers)

    def _counts(self, layer: Layer) -> bool:
        """Whether its parameters are counted here, and not with another layer that has them."""
        return layer.facts.params is None or layer in self._parameter_owners

    # Edges -----------------------------------------------------------------------------------

    def _read(self, box: Box) -> Iterator[Edge]:
        """Yield what a box reads of others: a tensor once, or as often as one of its layers does."""
        read: dict[Layer, int] = {}
        for layer in box.layers:
            times: dict[Layer, int] = {}
            for source in layer.inputs:
                if self._home[source] is not box:
                    times[source] = times.get(source, 0) + 1
            for source, number in times.items():
                read[source] = max(number, read.get(source, 0))
        for source, number in read.items():
            yield from [self._edge(source, box)] * number

    def _end(self, name: str, layer: Layer, kind: str) -> None:
        """Add the end of an output."""
        box = Box(clean(f"{kind}: {name}"), kind, [clean(name)], [])
        self.root.members.append(box)
        self.edges.append(self._edge(layer, box))

    def _edge(self, tensor: Layer, target: Box) -> Edge:
        source = self._home[tensor]
        lines = [] if tensor is source.layers[-1] else [clean(tensor.name)]
        if self.figures or source.kind == INPUT:
            lines.append(volume(tensor.output, self.layout))
        return Edge(source, target, tensor, lines)


def _kind(core: list[Layer], turns: int) -> str:
    if turns > 1:
        return REPEAT
    main = [layer.op for layer in core if not layer.op.inline and not layer.op.is_norm]
    if len(main) > 1:
        return BLOCK
    op = main[0] if main else core[0].op
    return MERGE if op.merge else WEIGHTED if op.weighted else FREE
