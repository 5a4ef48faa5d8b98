"""The table of `archcalc summary --like fvcore`: what fvcore's ``flop_count_table()`` prints of the network
as a PyTorch module: parameters and FLOPs (by which it means multiply-adds) of each module, and the sizes of
parameters.

Modules that have neither are left out; a module with a single part that has the same figures stands in its
row. Below the depth nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any

from ...analysis.summary import Summary
from ...counters import count, profile
from ...loading.module_runs import module_run, of_tracing
from ...module_run import Module, RunCall
from ..lines import Line, clean_line
from ..sheet import Space
from .tool_table import LikeOptions, OtherToolTable, Total

# How far fvcore opens modules by itself.
_DEPTH = 3
# Columns that a heading has to spare.
_ROOM = 2
# From where on a number is written in a unit of so many.
_UNITS = ((10**14, 1e15, "P"), (10**11, 1e12, "T"), (10**8, 1e9, "G"), (10**5, 1e6, "M"), (10**2, 1e3, "K"))


class FvcoreEntry:
    """A module or a parameter in the table, by its dotted name."""

    def __init__(self, name: str, params: str, flops: str):
        self.name = name
        self.params = params
        self.flops = flops
        self.parts: list[FvcoreEntry] = []


class Fvcore(OtherToolTable):
    """The table by module as fvcore prints it."""

    tool = "fvcore"
    version = "0.1.5.post20221221"
    options = ("depth",)
    fields = ("name", "type", "params", "mult_adds")
    heads = (("module", False), ("#parameters or shape", False), ("#flops", False))

    def __init__(self, summary: Summary, how: LikeOptions):
        super().__init__(summary, how)
        graph = summary.graph
        run = module_run(graph, summary.with_heads)
        counted = count(profile("fvcore"), graph, layers=summary.layers)
        figures = {
            layer.name: each.figure * summary.batch
            for layer, each in zip(summary.layers, counted.layers, strict=True)
        }
        self._flops: dict[str, int] = {}
        self._called = {call.module.path for call in run.calls}
        for call in run.calls:
            for name in call.layers:
                self._add(call.module.path, figures.get(name, 0))
        attending = {layer.name for layer in summary.layers if layer.op.name == "attention"}
        for call in run.calls:
            if not call.layers and call.parent is not None and attending.intersection(call.parent.layers):
                self._flops[call.module.path] = self._flops.get(call.module.path, 0) + _linear(call, summary)
        self._params: dict[str, int] = {}
        for parameter in run.root.named_parameters():
            for path in (*_around(parameter.name), parameter.name):
                self._params[path] = self._params.get(path, 0) + prod(parameter.sizes)
        root = self._place(run.root, "")
        self._rows = [*self._rows_of(root, 0, "")] if root is not None else []
        for path, module in _modules(run.root):
            if self._params.get(path) or self._flops.get(path):
                shown = [path, module.kind, self._params.get(path, 0), self._flops.get(path, 0)]
                self.records.append(shown)
        self.totals += [
            Total("total_params", "Parameters", self._params.get("", 0), f"{self._params.get('', 0):,}"),
            Total("mult_adds", "flops", self._flops.get("", 0), f"{self._flops.get('', 0):,}"),
        ]

    def _add(self, path: str, figure: int) -> None:
        for name in (*_around(path), path) if path else ("",):
            self._flops[name] = self._flops.get(name, 0) + figure

    def _place(self, module: Module, path: str) -> FvcoreEntry | None:
        """A module with what is told of inside; None where there is nothing to tell."""
        flops, params = self._flops.get(path, 0), self._params.get(path, 0)
        shown = _size(flops) if path in self._called else ""
        found = FvcoreEntry(path, _size(params) if params else "", shown)
        prefix = f"{path}." if path else ""
        for parameter in module.parameters:
            found.parts.append(FvcoreEntry(f"{prefix}{parameter.name}", str(parameter.sizes), ""))
        for name, child in module.children:
            place = self._place(child, f"{prefix}{name}")
            if place is not None:
                found.parts.append(place)
        # What has no parameters comes behind what has some.
        found.parts.sort(key=lambda part: not self._params.get(part.name))
        return found if flops or params or found.parts or not path else None

    def _rows_of(self, place: FvcoreEntry, depth: int, start: str) -> Iterator[list[str]]:
        """The rows of a place and of what is inside."""
        name, params, flops = place.name, place.params, place.flops
        while len(place.parts) == 1:
            (part,) = place.parts
            both = [(params, part.params), (flops, part.flops)]
            if any(a != b and a and b for a, b in both):
                break
            (params, flops), place = [a or b for a, b in both], part
            name = place.name
        if depth == 0:
            start = f"{name}." if name else ""
        indent = " " * depth
        shown = name.removeprefix(start) if depth and start else name
        yield [f"{indent}{text}" for text in (clean_line(shown) or "model", params, flops)]
        if depth < (self.how.depth or _DEPTH):
            for part in place.parts:
                yield from self._rows_of(part, depth + 1, start)

    @property
    def imitated(self) -> str:
        traced = of_tracing(self.summary.graph)
        what = "the traced module" if traced else "what `archcalc export --to torch` writes"
        return f"as fvcore {self.version} prints {what}"

    def cells(self, record: Sequence[Any]) -> list[str]:
        return [str(value) for value in record]

    def texts(self) -> Iterable[list[str]]:
        return self._rows

    def lines(self, space: Space) -> Iterator[Line]:
        rows = [[head for head, _ in self.heads], *self._rows]
        widths = [
            max([len(head) + _ROOM, *[space.width_of(row[at]) for row in self._rows]])
            for at, (head, _) in enumerate(self.heads)
        ]
        for number, row in enumerate(rows):
            yield [("| " + " | ".join([f"{t:<{w}}" for t, w in zip(row, widths, strict=True)]) + " |", "")]
            if number == 0:
                yield [("|" + "|".join([":" + "-" * (width + 1) for width in widths]) + "|", "aside")]
        for text in space.broken(self.imitated, space.width or len(self.imitated)):
            yield [(text, "aside")]


def _linear(call: RunCall, summary: Summary) -> int:
    """What fvcore counts of the linear map behind the heads of attention, which is a module: part of the
    layer's figure too."""
    sizes = call.takes.at(summary.batch) if call.takes is not None else ()
    return sum([prod(sizes[:-1]) * prod(p.sizes) for p in call.module.parameters if p.name == "weight"])


def _modules(module: Module, path: str = "") -> Iterator[tuple[str, Module]]:
    yield path, module
    for name, child in module.children:
        yield from _modules(child, f"{path}.{name}" if path else name)


def _around(path: str) -> list[str]:
    """The dotted names of what something stands in, the network first."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(len(parts))]


def _size(number: int) -> str:
    """A number to three digits behind the point, in a unit from a tenth of it on."""
    for least, unit, letter in _UNITS:
        if number > least:
            return f"{number / unit:.3f}".rstrip("0").rstrip(".") + letter
    return str(number)
