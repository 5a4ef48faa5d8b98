"""Published figures beside computed ones.

A figure agrees if it equals the computed value rounded, or cut off ("truncated" in the JSON), at
its printed digits: papers do both, and which one it was is always said.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from ..amounts import FIGURES, Amount
from ..arithmetic import last_place
from ..graph import Graph, Layer, PublishedFigure
from ..quantities import BYTES, CONVENTIONS, MEASURED, REPORTED, Quantity
from .receptive import Fields
from .scope import Row, Scope
from .totals import Totals, depth, weighted

# The powers of 1000, or of 1024 where that is said.
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "b": 3, "t": 4}


class Checked(NamedTuple):
    """A published figure and what is computed.

    computed  the exact value, or a size per axis; None for what cannot be computed
    agrees    None where there is nothing to compare
    how       exact, rounded or truncated
    """

    figure: PublishedFigure
    computed: int | str | None
    agrees: bool | None
    how: str | None

    @property
    def words(self) -> str:
        """How it agrees, for a reader: ``agrees, cut off``."""
        endings = {"exact": "", "rounded": ", rounded", "truncated": ", cut off"}
        return f"agrees{endings[self.how or 'exact']}"

    @property
    def fault(self) -> bool:
        """The spec says one thing and the computation another: an agreement that fails, or a
        figure marked wrong that is right."""
        return self.agrees is not None and self.agrees == (self.figure.wrong is not None)

    def to_dict(self) -> dict[str, object]:
        """The JSON record of the figure."""
        figure = self.figure
        return {
            "quantity": figure.quantity,
            "of": figure.of,
            "printed": figure.printed,
            "computed": self.computed,
            "agrees": self.agrees,
            "how": self.how,
            "convention": " ".join(figure.conventions) or None,
            "counter": figure.counter,
            "wrong": figure.wrong,
            "source": figure.source,
        }


def check(graph: Graph, fields: Fields, main: Totals | None = None) -> list[Checked]:
    """Check all published figures of a graph. Empty where the network is not the declared one.
    ``main`` are the totals of the main output, where they have been added up already."""
    known: dict[object, Scope] = {}
    if main is not None:
        known[None, False, False] = Scope(graph, graph.main(), (graph.output,), fields=fields, counts=main)
    return [_check(figure, graph, fields, known) for figure in graph.published_figures]


def compare(printed: str, computed: int, kibi: bool = False) -> str | None:
    """How a printed figure agrees with a computed value: exact, rounded, truncated, or None.

    >>> compare("138M", 138_357_544), compare("1.5G", 1_582_671_872), compare("1.5G", 1_400_000_000)
    ('rounded', 'truncated', None)
    """
    amount = _amount(printed)
    if amount is None:
        return None
    scale = _scale(amount, kibi)
    found, digits = amount.number * scale, amount.places
    if computed == found:
        return "exact"
    step = scale / Fraction(10) ** digits
    steps = Fraction(computed) / step
    if (steps + Fraction(1, 2)).__floor__() * step == found:
        return "rounded"
    if steps.__floor__() * step != found:
        return None
    # The noughts of 300M may only hold their place: that is two digits, as in an answer.
    step *= 1 if digits else last_place(int(found / step))
    near = (Fraction(computed) / step + Fraction(1, 2)).__floor__() * step == found
    return "rounded" if near else "truncated"


def figure_value(printed: str, kibi: bool = False) -> Fraction | None:
    """The number that is printed, with K = 1024 where the figure says so; None where sizes are printed."""
    amount = _amount(printed)
    return amount.number * _scale(amount, kibi) if amount is not None else None


def _amount(printed: str) -> Amount | None:
    """The printed number; None where it is no count, as 84.7% and 7x7 are not."""
    amount = FIGURES.read(printed)
    return amount if amount is not None and amount.scale in _POWERS else None


def _scale(amount: Amount, kibi: bool) -> Fraction:
    return Fraction(1024 if kibi else 1000) ** _POWERS[amount.scale]


def checked(figure: PublishedFigure, graph: Graph, fields: Fields) -> Checked:
    """One published figure of a graph, checked."""
    return _check(figure, graph, fields, {})


def _check(figure: PublishedFigure, graph: Graph, fields: Fields, known: dict[object, Scope]) -> Checked:
    if figure.quantity in MEASURED:
        return Checked(figure, None, None, None)
    quantity = REPORTED[figure.quantity]
    # Most figures are about the whole network, which is added up once.
    key = (figure.of, "heads" in figure.conventions, "conv" in figure.conventions)
    if key not in known:
        layers, ends = _extent(figure, graph)
        known[key] = Scope(graph, layers, ends, fields=fields)
    scope = known[key]
    if figure.counter is not None:
        return _by_counter(figure, graph, scope.layers)
    value = _value(quantity, figure, scope)
    if value is None or isinstance(value, tuple):
        return _of_sizes(figure, value)
    if "weights" in figure.conventions:
        value -= scope.counts.biases * (scope.width if quantity.form == BYTES else 1)
    if "bias" in figure.conventions:
        value += sum(
            layer.facts.operations.biases
            for layer in scope.layers
            if layer.facts.macs and layer.facts.operations is not None
        )
    if "weighted" in figure.conventions:
        value = depth(graph, scope.ends, weighted)
    how = compare(figure.printed, value, "kibi" in figure.conventions)
    return Checked(figure, value, how is not None, how)


def _by_counter(figure: PublishedFigure, graph: Graph, layers: list[Layer]) -> Checked:
    """A figure that a tool printed, beside what its profile counts. How the code was written that it counted
    is not known: with modules for what may be one, or as archcalc exports it."""
    from ..counters import count, profile
    from ..counters.modules import as_module

    by = profile(str(figure.counter))
    modules = {layer.op.name: form for layer in layers if (form := as_module(layer)) is not None}
    doubled = figure.quantity == "flops" and by.unit == "MACs" and "flops" not in by.prints.lower()
    values = [(1 + doubled) * count(by, graph, writing=way, layers=layers).figure for way in (modules, None)]
    found = [(value, compare(figure.printed, value, "kibi" in figure.conventions)) for value in values]
    value, how = next((one for one in found if one[1]), found[0])
    return Checked(figure, value, how is not None, how)


def _value(quantity: Quantity, figure: PublishedFigure, scope: Scope) -> Any:
    """The value of a quantity, of the network or of what a label stands for."""
    if figure.of is None:
        return quantity.of(scope)
    if quantity.total is not None:
        return quantity.of(scope)
    if quantity.layer is None:
        return None
    whole = Scope(scope.graph, scope.graph.layers, scope.ends, fields=scope.fields)
    if quantity.summed:
        return sum([quantity.layer(Row(layer, whole)) or 0 for layer in scope.layers])
    label = scope.graph.find(figure.of)
    return quantity.layer(Row(label.tensor, whole)) if label is not None else None


def _extent(figure: PublishedFigure, graph: Graph) -> tuple[list[Layer], tuple[Layer, ...]]:
    """The layers that a figure is about, and where they end."""
    heads = "heads" in figure.conventions
    if figure.of is None:
        layers = graph.select(heads)
        ends = (graph.output, *graph.heads.values()) if heads else (graph.output,)
    else:
        label = graph.find(figure.of)
        assert label is not None  # checked when the spec was expanded
        layers = list(graph.layers[label.first : label.last])
        ends = (label.tensor,)
    if "conv" in figure.conventions:
        layers = [layer for layer in layers if layer.op.is_convolution]
    return layers, ends


def _of_sizes(figure: PublishedFigure, sizes: tuple[Any, ...] | None) -> Checked:
    """A figure of one number per axis, which may be given once where all are equal."""
    if not sizes or None in sizes:
        return Checked(figure, None, None, None)
    text = "x".join(map(str, sizes))
    alike = len(set(sizes)) == 1 and type(sizes[0]) is int
    if alike and "x" not in figure.printed:
        how = compare(figure.printed, sizes[0])
        return Checked(figure, sizes[0], how is not None, how)
    agrees = text == figure.printed
    return Checked(figure, text, agrees, "exact" if agrees else None)


def ways_of_counting(figure: PublishedFigure) -> list[str]:
    """The words behind ``as`` for a reader."""
    found = [
        CONVENTIONS[word].words if word in CONVENTIONS else word.replace("_", " ")
        for word in figure.conventions
    ]
    return [*found, f"as {figure.counter} counts"] if figure.counter else found
