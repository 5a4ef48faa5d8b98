"""A layer table: one row per layer, one column per quantity; rows are named as a lecture names them."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ...diagnostics import nearest
from ...graph import Graph, Layer
from ..question import CALLED, QUANTITIES
from ..volumes import volume
from ..wording import LONGEST, normalised
from . import Fault, SheetAnswer
from .columns import column, with_unit
from .lines import read_lines
from .listing import ListingLine, listing_line
from .names import QuestionNames, bare
from .settings import disagreement, setting_called, unlike
from .tables import SheetRow, Tables, find_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

TOTAL = ("total", "totals", "sum", "all", "totalparams", "totalparameters", "totalmemory")
INPUT = ("input", "image", "inputimage", "data")
# How lectures begin the name of a row, and the ops, or groups of them, that it can be.
_KINDS = tuple(
    (re.compile(pattern), frozenset(ops.split(", ")))
    for pattern, ops in (
        (r"(max|avg|average|mean|global|sub|[-_ ])*(pool|sampl)|g[am]p\b|s\d+$", "pooling"),
        (r"t(ransposed?)?[-_ ]?conv|deconv|up-?conv", "tconv"),
        (r"((local|batch|layer|response|contrast)[-_ ]?)*norm|bn|lrn|local response", "normalisation"),
        (r"fc|fully|dense|linear|f\d+$|ip\d*$|inner ?product|classifier|output$", "fully connected"),
        (r"conv|c\d+$|\d+ ?x ?\d+ ?,? ?conv|depthwise|pointwise|dw|pw", "convolution"),
        (r"softmax|prob", "softmax"),
        (r"relu|activation|tanh|sigmoid|non-?linear", "activation"),
        (r"drop", "dropout"),
        (r"flat", "flatten, reshape"),
        (r"add|concat|merge|eltwise", "merge"),
    )
)


# What heads the column of the layers' names.
_NAMES = (
    "layer",
    "layers",
    "name",
    "layername",
    "layertype",
    "layer(type)",
    "type",
    "operation",
    "op",
    "block",
    "stage",
    "module",
)


class LayerSheet(NamedTuple):
    """A layer table, read: answers, what could not be read, and the rows' names by layer."""

    entries: list[SheetAnswer]
    faults: list[Fault]
    called: dict[str, str]


def read_layers(text: str, graph: Graph) -> LayerSheet | None:
    """The answers of a layer table, or of lines that say the same; None where there are none."""
    found = find_tables(text, is_layer_table)
    if found is None:
        listed = read_listing(text, graph)
        return listed if listed.entries else None
    whole = LayerSheet([], [], {})
    for table in found.tables:
        entries, faults, called = layer_entries((table.head, *table.rows), graph)
        whole.entries.extend(entries)
        whole.faults.extend(faults)
        whole.called.update(called)
    titles = [fault for fault in found.aside if _says_something(fault, found)]
    return whole._replace(faults=[*titles, *whole.faults])


def _says_something(fault: Fault, found: Tables) -> bool:
    """Whether a line beside a table is more than words above it."""
    above = int(fault.place.split()[1]) < found.tables[0].head.line
    return not above or any(sign.isdigit() for sign in fault.text)


def is_layer_table(head: Sequence[str]) -> bool:
    """Whether a table's head is a layer table's: a column of a quantity, and another of names."""
    known = [bool(column(cell)[0]) for cell in head]
    return any(known) and not all(known)


def _names_column(head: Sequence[str], read: Container[int]) -> int:
    """The column of the layers' names: by what it is called, else the first that is no quantity."""
    called = [at for at, cell in enumerate(head) if bare(cell) in _NAMES and at not in read]
    others = [at for at, cell in enumerate(head) if at not in read and not setting_called(cell)]
    return next(iter(called or others), 0)


def layer_entries(
    rows: Sequence[SheetRow], graph: Graph
) -> tuple[list[SheetAnswer], list[Fault], dict[str, str]]:
    """The answers of a layer table, what could not be read, and the rows' own names by layer."""
    head = rows[0]
    faults = []
    columns: dict[int, tuple[str, str]] = {}
    several = [cell for cell in head.cells if column(cell)[0] == "output"]
    for at, cell in enumerate(head.cells):
        quantity, unit = column(cell)
        if quantity == "output" and len(several) > 1 and "size" in cell.lower():
            quantity = "size"  # beside a column `out` of channels
        if quantity and quantity not in [known for known, _ in columns.values()]:
            columns[at] = quantity, unit
    first = _names_column(head.cells, columns)
    settings: dict[int, str] = {}
    for at, cell in enumerate(head.cells):
        if at in columns or at == first or not cell:
            continue
        if setting := setting_called(cell):
            settings[at] = setting
        else:
            faults.append(Fault(f"line {head.line}", f"the column `{cell}` is not read", cell))
    named = [(row, row.cells[first] if first < len(row.cells) else "") for row in rows[1:]]
    entries: list[SheetAnswer] = []
    called: dict[str, str] = {}
    for (row, name), layer in zip(named, aligned([name for _, name in named], graph), strict=True):
        place = f"line {row.line}"
        cells = row.cells
        if len(cells) > len(head.cells):
            why = f"{len(cells)} cells where {len(head.cells)} are expected: quote commas"
            faults.append(Fault(place, why, ", ".join(cells)))
        elif isinstance(layer, Fault):
            if any(at < len(cells) and cells[at] for at in (*columns, *settings, first)):
                faults.append(Fault(place, layer.message, ", ".join(filter(None, cells))))
        else:
            called[layer] = name
            for at, (quantity, unit) in columns.items():
                text = cells[at] if at < len(cells) else ""
                answer = with_unit(text, unit)
                if quantity == "output" and _sides_alone(head.cells[at], text, graph, layer):
                    quantity = "size"
                doubt = "a quotation mark is not closed" if 0 <= row.unclosed <= at else ""
                entries.append(SheetAnswer(f"{layer}.{quantity}", answer, f"{place}, {quantity}", doubt))
            for at, setting in settings.items():
                if at < len(cells) and (why := disagreement(cells[at], setting, graph, layer)):
                    faults.append(Fault(place, why, cells[at]))
    return entries, faults, called


def _sides_alone(head: str, text: str, graph: Graph, name: str) -> bool:
    """Whether a cell of a column ``size`` holds the sides of a volume without its channels."""
    layer = graph.layer(name)
    if layer is None or "size" not in head.lower() or len(text) > LONGEST:
        return False
    found = volume(normalised(text))
    axes = len(layer.output) - 1
    return found is not None and axes > 0 and len(found[0]) in (1, axes) and not found[1]


def read_listing(text: str, graph: Graph) -> LayerSheet:
    """The answers of a text whose lines are layers: ``conv1 params: 34,848``, ``total parameters =
    61,706``, ``CONV3-64: [224x224x64] memory: 3.2M weights: 1,728``, ``[55x55x96] CONV1: 96 11x11
    filters at stride 4``."""
    labels = _labels(graph)
    lines: list[ListingLine] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.split("\n"), 1):
        if _is_heading(line):
            continue
        found = listing_line(number, line)
        if found is None:
            labelled = read_lines(line, labels).entries
            if labelled:
                layer, _, quantity = labelled[0].question.rpartition(".")
                found = ListingLine(number, layer, "", ((quantity, labelled[0].text),), "")
        if found is None:
            faults.append(Fault(f"line {number}", "it is no layer with its figures", line.strip()))
        else:
            lines.append(found)
    entries: list[SheetAnswer] = []
    called: dict[str, str] = {}
    for row, match in zip(lines, aligned([row.name for row in lines], graph), strict=True):
        place = f"line {row.line}"
        if isinstance(match, Fault):
            faults.append(Fault(place, match.message, row.name))
            continue
        called.setdefault(match, row.name)
        answers = [("output", row.output)] if row.output else []
        for quantity, answer in (*answers, *row.answers):
            entries.append(SheetAnswer(f"{match}.{quantity}", answer, f"{place}, {quantity}"))
        faults += [Fault(place, why, row.words) for why in unlike(row.words, graph, match)]
    known = {bare(layer) for layer in called}
    called = {layer: name for layer, name in called.items() if bare(name) not in known}
    faults.sort(key=lambda fault: int(fault.place.split()[1]))
    return LayerSheet(entries, faults, called)


def _is_heading(line: str) -> bool:
    """Whether a line says nothing of a layer: a blank, a rule, a heading."""
    text = line.strip()
    return text.startswith("#") or text.endswith(":") or not any(c.isalnum() for c in text)


def _labels(graph: Graph) -> QuestionNames:
    """The questions about a network by the labels that sheets may give them."""
    words = {**{quantity: quantity for quantity in QUANTITIES}, **CALLED}
    return QuestionNames(
        {
            bare(layer) + bare(word): f"{layer}.{quantity}"
            for layer in (*graph.names(), "total")
            for word, quantity in words.items()
        }
    )


def labelled_entries(text: str, graph: Graph) -> tuple[list[SheetAnswer], list[Fault]]:
    """The answers of a text whose lines are layers, and what of it could not be read."""
    return read_listing(text, graph)[:2]


def aligned(names: Sequence[str], graph: Graph) -> list[str | Fault]:
    """The layer of each row, or why there is none.

    Rows that are called as a layer of the network are believed, and the rest matched in order by
    what their layers do, between those that are known. Where a lecture has numbers of its own, so
    that more is left over in that way, all are matched by what they do; last, a name may stand for
    a block of layers.
    """
    found = _aligned(names, graph, believe=True)
    if _left_over(found):
        other = _aligned(names, graph, believe=False)
        if _left_over(other) < _left_over(found):
            found = other
    blocks = {bare(label): label for label in graph.labels}
    if any(_SETTINGS.match(name) for name in names):
        blocks = {name: label for name, label in blocks.items() if not name.startswith("pool")}
    taken = set(found)
    for at, one in enumerate(found):
        block = blocks.get(bare(names[at]))
        if isinstance(one, Fault) and block is not None and block not in taken:
            found[at] = block
    return _with_suggestions(names, found, graph)


_NO_LAYER = "`{name}` is no layer of the network"
# Rows for which a layer of nearly the same name is looked for.
_SUGGESTIONS = 20


def _with_suggestions(names: Sequence[str], found: list[str | Fault], graph: Graph) -> list[str | Fault]:
    """The rows with a suggestion, a layer of nearly the same name, at the first that are no layers."""
    unknown = [
        at
        for at, one in enumerate(found)
        if isinstance(one, Fault) and one.message == _NO_LAYER.format(name=names[at])
    ]
    layers = [layer.name for layer in graph.layers]
    for at in unknown[:_SUGGESTIONS]:
        if near := nearest(names[at], layers):
            found[at] = Fault("", f"{_NO_LAYER.format(name=names[at])}: is it {near}?")
    return found


def _left_over(found: Sequence[str | Fault]) -> int:
    """How many rows have no layer, or one that another row has."""
    layers = [one for one in found if not isinstance(one, Fault)]
    return len(found) - len(set(layers))


def _aligned(names: Sequence[str], graph: Graph, believe: bool) -> list[str | Fault]:
    layers = list(graph.layers)
    known = {bare(layer.name): layer.name for layer in layers} if believe else {}
    if any(_SETTINGS.match(name) for name in names):  # so POOL2 is a 2x2 pooling
        known = {name: layer for name, layer in known.items() if not name.startswith("pool")}
    place = {layer.name: at for at, layer in enumerate(layers)}
    found = [_aside(name, graph) or known.get(bare(name), "") for name in names]
    result: list[str | Fault] = list(found)
    start, low = 0, 0
    for at, name in enumerate([*found, "end"]):
        if at < len(found) and name not in place:
            continue
        high = place.get(name, len(layers))
        rows = [row for row in range(start, at) if not found[row]]
        for row, match in _matched([names[row] for row in rows], layers[low:high]):
            result[rows[row]] = match
        start, low = at + 1, high + 1
    return result


def _aside(name: str, graph: Graph) -> str:
    """The names of rows that are no layers: the total, and the network's only input."""
    plain = bare(name)
    if plain in TOTAL:
        return "total"
    known = (*INPUT, bare(graph.inputs[0].name))
    typed = re.fullmatch(r"input[-_ ]?\d* *\(inputlayer\)", name.lower().strip())
    one = len(graph.inputs) == 1 and (plain in known or typed)
    return graph.inputs[0].name if one else ""


def _matched(names: Sequence[str], layers: Sequence[Layer]) -> Iterator[tuple[int, str | Fault]]:
    """Rows matched with layers by what they do, in order. A row is certain where the earliest
    match and the latest are the same."""
    rows = []
    kernels = _kernels(layers) if any(_SETTINGS.match(name) for name in names) else {}
    for at, name in enumerate(names):
        ops = ops_of(name)
        if ops:
            setting = _SETTINGS.match(name)
            exact = kernels.get((int(setting[1]), int(setting[2]))) if setting else None
            rows.append((at, exact or ops))
        else:
            yield at, Fault("", _NO_LAYER.format(name=name))
    earliest = dict(_greedy(rows, layers))
    latest = dict(_greedy(rows[::-1], layers[::-1]))
    for at, _ in rows:
        one, other = earliest.get(at), latest.get(at)
        if one is None or other is None:
            yield at, Fault("", f"`{names[at]}` is one more of its kind than the network has")
        elif one != other:
            yield at, Fault("", f"`{names[at]}` could be {one} or {other}: name it as one of them")
        else:
            yield at, one


# A convolution called by its kernel and its filters, as tables of VGG have it: CONV3-64.
_SETTINGS = re.compile(r" *conv *(\d{1,2})-(\d{1,5}) *$", re.IGNORECASE)


def _kernels(layers: Sequence[Layer]) -> dict[tuple[int, int], frozenset[str]]:
    """The names of the convolutions by their kernel and filters."""
    found: dict[tuple[int, int], set[str]] = {}
    for layer in layers:
        kernel = getattr(layer.op, "kernel", ())
        if layer.op.is_convolution and isinstance(kernel, tuple) and len(set(kernel)) == 1:
            found.setdefault((kernel[0], layer.output.channels), set()).add(layer.name)
    return {settings: frozenset(names) for settings, names in found.items()}


def ops_of(name: str) -> frozenset[str]:
    """The ops, or groups of them, that a row's name can mean; none where it says nothing."""
    words = " ".join(name.lower().split()).strip("*`_ ")
    return next((ops for pattern, ops in _KINDS if pattern.match(words)), frozenset())


def _greedy(rows: Sequence[tuple[int, frozenset[str]]], layers: Sequence[Layer]) -> Iterator[tuple[int, str]]:
    """Each row, with what it can be, and the first such layer behind the row before."""
    rest = iter(layers)
    for row, ops in rows:
        for layer in rest:
            if layer.name in ops or layer.op.name in ops or layer.op.group in ops:
                yield row, layer.name
                break
        else:
            return
