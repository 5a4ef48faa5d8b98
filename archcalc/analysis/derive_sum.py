"""The derivations of sums over layers, and what lives at the peak."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..arithmetic import symbol, total, value_of
from ..graph import Layer
from ..ops.facts import OperationCounts
from ..quantities import COUNTER, QUANTITIES
from .derivation import Derivation, Formula, SumTerm, additions_note, stored
from .derive_counts import LayerDerivations
from .summary import Row, Summary
from .totals import deepest, weighted


class SumDerivations:
    """The derivations of sums over layers: all, or those that a label stands for."""

    def __init__(self, summary: Summary, layers: Sequence[Layer], last: Layer, whole: bool):
        self.summary = summary
        self.layers = layers
        self.last = last
        self.whole = whole

    def derive(self, quantity: str) -> list[Derivation]:
        """The derivations of a quantity."""
        if quantity == "output":
            at = self.last
            while len(at.inputs) == 1 and at.inputs[0].output == at.output:
                at = at.inputs[0]
            (found,) = LayerDerivations(self.summary, at).derive("output")
            if at is not self.last:
                found.notes.append(f"that of `{at.name}`; what follows keeps it")
            return [found]
        if quantity in ("rf", "stride", "start"):
            return [self._field(quantity)]
        if quantity in ("size", "pad"):
            return LayerDerivations(self.summary, self.last).derive(quantity)
        if quantity == "memory":
            return [self._activations("memory"), *([self._peak()] if self.whole else [])]
        if quantity == COUNTER.name:
            return [self._counter()]
        rules: dict[str, Callable[[], Derivation]] = {
            "peak": self._peak,
            "operations": self._operations,
            "neurons": self._neurons,
            "depth": self._depth,
            "inference": self._inference,
            "activation_bytes": self._activations,
        }
        return [rules[quantity]() if quantity in rules else self._sum(quantity)]

    def _field(self, quantity: str) -> Derivation:
        """The field of a label's last layer, or of a network's last layer that does not see everything."""
        local = self.summary.fields.last_local() if self.whole else None
        (found,) = LayerDerivations(self.summary, local or self.last).derive(quantity)
        if local is not None and local is not self.last:
            found.notes.append(f"`{local.name}` is the last before everything is seen")
        return found

    def _sum(self, quantity: str) -> Derivation:
        rows = [Row(layer, self.summary) for layer in self.layers]
        rule = QUANTITIES[quantity].layer
        assert rule is not None
        known = [(row.layer, rule(row)) for row in rows]
        missing = [layer for layer, value in known if value is None]
        notes = list(self._left_out(quantity, missing))
        heads = self.summary.graph.heads
        if self.whole and heads and not self.summary.with_heads:
            notes.append(f"what only the side heads need ({', '.join(heads)}) is left out")
        if quantity == "macs":
            value = sum([value or 0 for _, value in known])
            notes.insert(0, f"a multiply and its add count once; as two operations {2 * value:,}")
        elif quantity not in ("params", "macs"):
            notes.insert(0, QUANTITIES[quantity].means)
        shared = [row.layer for row in rows if row.layer.shared and not row.owns_parameters]
        if quantity == "params":
            params = sum([value or 0 for _, value in known])
            biases = sum(
                [
                    tensor.size
                    for row in rows
                    if row.owns_parameters
                    for tensor in row.layer.facts.tensors or ()
                    if tensor.learned and tensor.is_bias
                ]
            )
            if biases:
                notes.append(f"biases are {biases:,} of them; without them {params - biases:,}")
            if shared:
                notes.append(f"shared ones are counted once: {_listed(shared)} have another's")
            buffers = sum([row.buffers or 0 for row in rows])
            if buffers:
                notes.append(stored(buffers, params))
        return _summed(quantity, [(layer, value or 0) for layer, value in known], notes)

    def _counter(self) -> Derivation:
        """What the graph's counter counts, and what it is."""
        figures, counter = self.summary.counter_figures, self.summary.graph.counter
        if figures is None or counter is None:
            return Derivation(COUNTER.name, None, (), [COUNTER.means])
        counted = [(layer, Row(layer, self.summary).counter or 0) for layer in self.layers]
        its = [figures[layer] for layer in self.layers if layer in figures]
        return _summed(COUNTER.name, counted, counter.sentences(its))

    @staticmethod
    def _left_out(quantity: str, missing: list[Layer]) -> Iterator[str]:
        if missing:
            yield f"at least: no rule for {quantity} of {_listed(missing)}"

    def _operations(self) -> Derivation:
        counted = [(layer, Row(layer, self.summary).operations) for layer in self.layers]
        formulas, value = [], {}
        for name in OperationCounts.FIELDS:
            counts = [(at, getattr(operations, name)) for at, operations in counted if operations is not None]
            whole = _summed(name, counts, ())
            value[name] = whole.value
            formulas += [Formula(name, formula.made) for formula in whole.formulas]
        missing = [layer for layer, operations in counted if operations is None]
        notes = list(self._left_out("operations", missing))
        notes += filter(None, [additions_note(OperationCounts(**value))])
        return Derivation("operations", value, formulas, notes)

    def _activations(self, quantity: str = "activation_bytes") -> Derivation:
        summary = self.summary
        made = [*summary.graph.inputs, *self.layers] if self.whole else self.layers
        sizes = [(at, summary.scaled(summary.memory.new[at])) for at in made]
        notes = [f"bytes of all outputs, {summary.dtype}; what is written over its input adds none"]
        return _summed(quantity, sizes, notes)

    def _peak(self) -> Derivation:
        summary = self.summary
        memory = summary.memory
        at = memory.at.name if memory.at is not None else "none"
        live = [(layer, summary.scaled(memory.new[layer])) for layer in memory.alive()]
        alive = "its input is" if len(live) < 3 else "its input, and what is read later, are"
        note = "the most that lives at once, parameters apart: behind "
        note += f"`{at}`, while {alive} still there"
        found = _summed("peak", live, [note])
        if held := summary.param_bytes:
            found.notes.append(f"with the {held:,} bytes of the parameters {held + found.value:,}")
        return found

    def _inference(self) -> Derivation:
        summary = self.summary
        parts = {
            "params": summary.param_bytes,
            "buffers": summary.counts.buffers * summary.width,
            "peak": summary.scaled(summary.memory.peak),
        }
        made = total([symbol(name, size) for name, size in parts.items() if size])
        notes = [f"bytes of parameters, buffers and the peak of the activations, {summary.dtype}"]
        return Derivation("inference", value_of(made), [Formula("", made)], notes)

    def _neurons(self) -> Derivation:
        layers = [layer for layer in self.layers if layer.facts.params]
        notes = ["values of the outputs of the layers that have parameters"]
        return _summed("neurons", [(at, int(at.output.values)) for at in layers], notes)

    def _depth(self) -> Derivation:
        """The layers on the deepest path."""
        path = deepest(self.summary.graph, self.summary.ends)
        words = [f"`{layer.name}`" for layer in path]
        if len(words) > 8:
            words = [*words[:4], "…", *words[-3:]]
        notes = [
            "convolutions and fully connected layers on the longest path are counted; "
            "pooling, norms and activations are not"
        ]
        notes += [", ".join(words)] if words else []
        every = len(deepest(self.summary.graph, self.summary.ends, weighted))
        if every != len(path):
            notes.append(f"with all layers that have weights, norms apart, {every}")
        return Derivation("depth", len(path), (), notes)


def _listed(layers: Sequence[Layer]) -> str:
    names = [f"`{layer.name}`" for layer in layers]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")


def _summed(quantity: str, values: Sequence[tuple[Layer, int]], notes: Iterable[str]) -> Derivation:
    """A sum of what layers add, the largest first; those that add nothing are left out."""
    terms = [SumTerm(layer, value) for layer, value in values if value]
    made = total([symbol(term.layer.name, term.value) for term in terms])
    terms.sort(key=lambda term: -term.value)
    formulas = [Formula("", made)] if terms else []
    return Derivation(quantity, value_of(made), formulas, notes, terms=terms)
