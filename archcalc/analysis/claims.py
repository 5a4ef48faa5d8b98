"""Published figures beside computed ones.

A figure agrees if it equals the computed value rounded or truncated at its printed digits: papers
do both, and which one it was is always said.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..graph import Claim, Graph, Layer
from ..quantities import MEASURED
from .receptive import Fields
from .totals import Totals

_SUFFIXES = {"K": 1, "M": 2, "G": 3, "B": 3, "T": 4}


class Checked:
    """A claim and what is computed.

    computed  the exact value, or a size per axis; None for what cannot be computed
    agrees    None where there is nothing to compare
    how       exact, rounded or truncated
    """

    __slots__ = ("claim", "computed", "agrees", "how")

    def __init__(
        self, claim: Claim, computed: int | str | None, agrees: bool | None, how: str | None
    ):
        self.claim = claim
        self.computed = computed
        self.agrees = agrees
        self.how = how

    @property
    def fault(self) -> bool:
        """The spec says one thing and the computation another: an agreement that fails, or a
        figure marked wrong that is right."""
        return self.agrees is not None and self.agrees == (self.claim.wrong is not None)

    def to_dict(self) -> dict[str, object]:
        """The JSON of the contract."""
        claim = self.claim
        return {
            "quantity": claim.quantity,
            "of": claim.of,
            "printed": claim.printed,
            "computed": self.computed,
            "agrees": self.agrees,
            "how": self.how,
            "convention": " ".join(claim.conventions) or None,
            "wrong": claim.wrong,
            "source": claim.source,
        }


def check(graph: Graph, fields: Fields, main: Totals | None = None) -> list[Checked]:
    """All claims of a graph, checked. Empty where the network is not the declared one. ``main`` are
    the totals of the main output, where they have been added up already."""
    known: dict[object, tuple[list[Layer], Totals]] = {}
    if main is not None:
        known[None, False, False] = graph.main(), main
    return [_check(claim, graph, fields, known) for claim in graph.claims]


def compare(printed: str, computed: int, kibi: bool = False) -> str | None:
    """How a printed figure agrees with a computed value: exact, rounded, truncated, or None.

    >>> compare("138M", 138_357_544), compare("1.5G", 1_582_671_872), compare("1.5G", 1_400_000_000)
    ('rounded', 'truncated', None)
    """
    text = printed.replace("_", "")
    scale = Fraction(1)
    if text[-1] in _SUFFIXES:
        scale = Fraction(1024 if kibi else 1000) ** _SUFFIXES[text[-1]]
        text = text[:-1]
    if not text.replace(".", "", 1).isdigit():
        return None
    digits = len(text.partition(".")[2])
    figure = Fraction(text)
    exact = Fraction(computed) / scale
    if exact == figure:
        return "exact"
    ten = 10**digits
    scaled = exact * ten
    if (scaled + Fraction(1, 2)).__floor__() == figure * ten:
        return "rounded"
    if scaled.__floor__() == figure * ten:
        return "truncated"
    return None


def _check(
    claim: Claim,
    graph: Graph,
    fields: Fields,
    known: dict[object, tuple[list[Layer], Totals]],
) -> Checked:
    if claim.quantity in MEASURED:
        return Checked(claim, None, None, None)
    if claim.quantity == "rf":
        return _check_rf(claim, graph, fields)
    # Most figures are about the whole network, which is added up once.
    key = (claim.of, "heads" in claim.conventions, "conv" in claim.conventions)
    if key not in known:
        extent, ends = _extent(claim, graph)
        known[key] = extent, Totals(graph, extent, ends)
    layers, totals = known[key]
    value = _QUANTITIES[claim.quantity](totals)
    if "weights" in claim.conventions:
        value -= totals.biases * (4 if claim.quantity == "bytes" else 1)
    if "bias" in claim.conventions:
        value += sum(
            layer.facts.ledger.biases
            for layer in layers
            if layer.facts.macs and layer.facts.ledger is not None
        )
    how = compare(claim.printed, value, "kibi" in claim.conventions)
    return Checked(claim, value, how is not None, how)


_QUANTITIES: dict[str, Callable[[Totals], int]] = {
    "params": lambda totals: totals.params,
    "trainable": lambda totals: totals.trainable,
    "total": lambda totals: totals.params + totals.buffers,
    "macs": lambda totals: totals.macs,
    "flops": lambda totals: totals.flops,
    "connections": lambda totals: totals.connections,
    "units": lambda totals: totals.units,
    "depth": lambda totals: totals.depth,
    "bytes": lambda totals: 4 * totals.params,
}


def _extent(claim: Claim, graph: Graph) -> tuple[list[Layer], tuple[Layer, ...]]:
    """The layers a claim is about, and where they end."""
    heads = "heads" in claim.conventions
    if claim.of is None:
        layers = graph.select(heads)
        ends = (graph.output, *graph.heads.values()) if heads else (graph.output,)
    else:
        place = graph.find(claim.of)
        assert place is not None  # checked when the spec was expanded
        layers = list(graph.layers[place.first : place.last])
        ends = (place.tensor,)
    if "conv" in claim.conventions:
        layers = [layer for layer in layers if layer.op.is_convolution]
    return layers, ends


def _check_rf(claim: Claim, graph: Graph, fields: Fields) -> Checked:
    if claim.of is None:
        layer = fields.last_local()
    else:
        place = graph.find(claim.of)
        layer = place.tensor if place is not None else None
    extent = fields.main(layer) if layer is not None else None
    if extent is None or not extent.size:
        return Checked(claim, None, None, None)
    if len(set(extent.size)) == 1:
        how = compare(claim.printed, extent.size[0])
        return Checked(claim, extent.size[0], how is not None, how)
    text = "x".join(map(str, extent.size))
    agrees = text == claim.printed
    return Checked(claim, text, agrees, "exact" if agrees else None)
