"""What a profile counts of a network, layer by layer and term by term."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..code_form import CodeForm
from ..diagnostics import fail
from .formulas import UnknownValueError
from .profile import EVERY, CounterRule, Profile

if TYPE_CHECKING:
    from ..arithmetic import Expression
    from ..graph import Graph, Layer


class HasGraph(Protocol):
    """A network that was loaded."""

    @property
    def graph(self) -> Graph:
        """Its layers."""


class CountedTerm(NamedTuple):
    """A part of a figure: what is counted, how much, and the fault by which it is, or None."""

    what: str
    value: int
    fault: str | None = None


class CountedLayer(NamedTuple):
    """What a profile counts of a layer. ``known`` says whether it has a rule for it."""

    name: str
    op: str
    figure: int
    terms: tuple[CountedTerm, ...]
    known: bool = True


class Counted(NamedTuple):
    """What a profile counts of a network.

    Attributes:
        profile: The profile.
        figure: The sum, for one element of the batch.
        layers: The layers, in the order of the network.
        uncounted: The names of the layers that compute something and that it has no rule for.
        faults: Whether what the tool counts by its faults is in the figures.
    """

    profile: Profile
    figure: int
    layers: tuple[CountedLayer, ...]
    uncounted: tuple[str, ...]
    faults: bool


def count(
    profile: Profile,
    network: HasGraph | Graph,
    faults: bool = True,
    writing: Mapping[str, CodeForm] | None = None,
    layers: Sequence[Layer] | None = None,
) -> Counted:
    """Count a network as a profile says.

    Args:
        profile: How to count.
        network: The network, or its graph.
        faults: Whether to count what the tool counts by its faults: then the figure is what it prints.
        writing: How the code of layers is written, by their names or by the names of their ops. Of others it
            is as a traced module was seen to run, and as ``archcalc export`` writes it for a spec.
        layers: The layers to count; those that the main output needs where none are given.

    Returns:
        The figure, for one element of the batch.

    Raises:
        SpecError: A rule of the profile asks for what a layer does not have.

    Example:
        >>> from archcalc.counters import count, profile
        >>> count(profile("fvcore"), archcalc.load("resnet50")).figure
        4111412224
    """
    graph: Graph = getattr(network, "graph", network)  # type: ignore[arg-type]
    chosen = graph.main() if layers is None else list(layers)
    forms = written_forms(graph, chosen)
    training = graph.metadata.traced is not None and graph.metadata.traced.training
    known: dict[tuple[int, int], tuple[int, tuple[CountedTerm, ...], bool]] = {}
    kept: list[CodeForm] = []
    found: list[CountedLayer] = []
    for layer in chosen:
        form = forms[layer]
        if writing:
            form = writing.get(layer.name) or writing.get(layer.op.name) or form
        key = (id(layer.facts), id(form))
        counted = known.get(key)
        if counted is None:
            kept.append(form)
            counted = known[key] = _counted(profile, layer, form, faults, training)
        found.append(CountedLayer(layer.name, layer.op.name, *counted))
    uncounted = tuple(
        [layer.name for layer, its in zip(chosen, found, strict=True) if not its.known and _computes(layer)]
    )
    return Counted(profile, sum([layer.figure for layer in found]), tuple(found), uncounted, faults)


def count_layer(
    profile: Profile, layer: Layer, form: CodeForm, faults: bool = True, training: bool = False
) -> CountedLayer:
    """Count one layer as a profile says.

    Args:
        profile: How to count.
        layer: The layer.
        form: How its code is written.
        faults: See ``count``.
        training: Whether the network is in training mode.

    Returns:
        What it counts of the layer, for one element of the batch.

    Raises:
        SpecError: See ``count``.
    """
    return CountedLayer(layer.name, layer.op.name, *_counted(profile, layer, form, faults, training))


def written_forms(graph: Graph, layers: Sequence[Layer]) -> dict[Layer, CodeForm]:
    """Give how the code of layers is written: as it ran, of a traced module; else as it is exported."""
    seen = {layer: layer.origin.form for layer in layers if layer.origin is not None and layer.origin.form}
    if len(seen) == len(layers):
        return seen
    exported = _exported_forms(graph, False)
    if any(layer not in exported for layer in layers):
        exported = {**_exported_forms(graph, True), **exported}
    return {layer: seen.get(layer) or exported.get(layer) or CodeForm() for layer in layers}


@lru_cache(maxsize=4)
def _exported_forms(graph: Graph, with_heads: bool) -> dict[Layer, CodeForm]:
    """How an export writes the layers of a network; kept for the next counter that counts it."""
    from ..export.forms import code_forms

    return code_forms(graph, with_heads)


def formulas(
    profile: Profile, layer: Layer, form: CodeForm, faults: bool = True, training: bool = False
) -> list[tuple[str, Expression]]:
    """Give how a profile counts one layer: what each term counts, and its formula with the numbers in it.

    Args:
        profile: How to count.
        layer: The layer.
        form: How its code is written.
        faults: See ``count``.
        training: Whether the network is in training mode.
    """
    rule = _rule(profile.rules, layer, form, training)
    if rule is None:
        return []
    found = list(rule.terms.items())
    for fault in rule.faults if faults else ():
        if fault.conditions.hold(layer, form, training):
            found.append((fault.fault, fault.amount))
    made = [(what, formula.recorded(layer)) for what, formula in found]
    return [(what, expression) for what, expression in made if expression.value]


def _counted(
    profile: Profile, layer: Layer, form: CodeForm, faults: bool, training: bool
) -> tuple[int, tuple[CountedTerm, ...], bool]:
    rule = _rule(profile.rules, layer, form, training)
    if rule is None:
        return 0, (), False
    terms = []
    try:
        for what, formula in rule.terms.items():
            terms.append(CountedTerm(what, formula.value(layer)))
        for fault in rule.faults if faults else ():
            if fault.conditions.hold(layer, form, training):
                terms.append(CountedTerm(fault.fault, fault.amount.value(layer), fault.fault))
    except UnknownValueError as error:
        raise fail("counter", f"{layer.name}: the rule of {profile.name} cannot count it: {error}") from None
    kept = tuple([term for term in terms if term.value])
    return sum([term.value for term in kept]), kept, True


def _rule(rules: Iterable[CounterRule], layer: Layer, form: CodeForm, training: bool) -> CounterRule | None:
    """The first rule that holds of a layer."""
    for rule in rules:
        named = layer.op.name in rule.ops or rule.ops == (EVERY,)
        if named and rule.conditions.hold(layer, form, training):
            return rule
    return None


def _computes(layer: Layer) -> bool:
    """Whether a layer does anything that could be counted, or nobody knows."""
    operations = layer.facts.operations
    return operations is None or any(operations.to_dict().values())
