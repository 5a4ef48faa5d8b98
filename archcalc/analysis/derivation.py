"""Where a number is from: formulas recorded from the rules that compute it. JSON of ``explain``.

Nothing is computed here a second time. A layer's rules are run on symbols and read back
(:mod:`~archcalc.analysis.formula`); a sum holds what the summary adds up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .. import __version__
from ..arithmetic import Expression, Number, product, symbol, total, value_of
from ..graph import Graph, Layer
from ..ops.base import Ledger, Op, Size, trace
from ..ops.rearranging import Input
from ..shape import Shape
from .formula import Reader, plain, symbols, tree
from .notation import written
from .recursion import SOURCE, Step, steps
from .summary import Row, Summary, laid_out
from .totals import DTYPES

QUANTITIES = ("output", "params", "macs", "operations", "memory", "rf")
# What else they are called.
CALLED = {
    "shape": "output", "volume": "output", "size": "output", "parameters": "params",
    "weights": "params", "flops": "macs", "mac": "macs", "ops": "operations", "bytes": "memory",
    "activations": "memory", "peak": "memory", "field": "rf", "receptive_field": "rf",
}  # fmt: skip

# Letters of the axes of an input, and what they mean.
_SIDES = {"T": "input depth", "H": "input height", "W": "input width", "C": "channels in"}
_OUTPUT = {
    "To": "output depth", "Ho": "output height", "Wo": "output width", "Co": "channels out",
}  # fmt: skip
_OTHERS = {
    "b": "bytes a value", "N": "images of the batch", "r": "field before", "j": "stride before",
    "k": "kernel", "d": "dilation",
}  # fmt: skip
STORED = "{:,} more are stored but not learned: Keras counts them too"
_AXES = {1: "W", 2: "HW", 3: "THW"}


class Formula:
    """A number and how it was made.

    of     what it is: ``Wo``, ``mul_add``; empty where the quantity says it
    made   the expression, in symbols
    """

    __slots__ = ("of", "made")

    def __init__(self, of: str, made: Expression):
        self.of = of
        self.made = made

    @property
    def value(self) -> Any:
        return self.made.value

    def to_dict(self) -> dict[str, Any]:
        """The JSON: the value, the text in symbols and in numbers, and the tree."""
        return {
            "of": self.of or None,
            "value": plain(self.value),
            "formula": written(self.made),
            "numbers": written(self.made, numbers=True),
            "expression": tree(self.made),
        }


class Term:
    """A part of a sum: a layer, what it is, and what it adds."""

    __slots__ = ("layer", "value")

    def __init__(self, layer: Layer, value: int):
        self.layer = layer
        self.value = value


class Derivation:
    """Where one quantity is from.

    quantity  one of QUANTITIES, or ``peak``
    value     what ``summary`` says, as in its JSON; None if there is no rule
    formulas  how it is made; none where there is nothing to compute
    notes     the conventions that matter here, a sentence each
    source    where the formula is from
    terms     of a sum: what it adds up, the largest first
    ways      of a receptive field: the steps, for each input of the network and group of axes
    """

    def __init__(
        self,
        quantity: str,
        value: Any,
        formulas: Sequence[Formula] = (),
        notes: Iterable[str] = (),
        source: str = "",
        terms: Sequence[Term] = (),
        ways: Sequence[Way] = (),
    ):
        self.quantity = quantity
        self.value = value
        self.formulas = list(formulas)
        self.notes = list(notes)
        self.source = source
        self.terms = list(terms)
        self.ways = list(ways)

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        found: dict[str, Any] = {
            "quantity": self.quantity,
            "value": self.value,
            "formulas": [formula.to_dict() for formula in self.formulas],
            "notes": self.notes,
            "source": self.source or None,
        }
        if self.terms:
            found["terms"] = [{"layer": t.layer.name, "value": t.value} for t in self.terms]
        if self.ways:
            found["steps"] = [way.to_dict() for way in self.ways]
        return found


class Way:
    """The steps of a receptive field in one input of the network, along axes that are alike."""

    __slots__ = ("source", "axes", "steps")

    def __init__(self, source: Layer, axes: str, steps: list[Step]):
        self.source = source
        self.axes = axes  # ``HW``, ``H``; empty where all are alike
        self.steps = steps

    @property
    def along(self) -> str:
        """The axes in words: ``height, width``."""
        words = {letter: word.removeprefix("input ") for letter, word in _SIDES.items()}
        return ", ".join([words.get(letter, letter) for letter in self.axes])

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        return {
            "input": self.source.name,
            "axes": self.axes or None,
            "steps": [step.to_dict() for step in self.steps],
        }


class Explanation:
    """What ``explain`` says: derivations of a layer's quantities, or of sums over layers.

    layer   the layer; the last one, where it is about several
    layers  those that are added up; empty for one layer
    label   what was asked for: a layer, a label, or empty for the whole network
    """

    def __init__(
        self,
        graph: Graph,
        layer: Layer | None = None,
        layers: Sequence[Layer] | None = None,
        label: str = "",
        quantities: Sequence[str] = QUANTITIES,
        *,
        batch: int = 1,
        dtype: str = "fp32",
        layout: str = "hwc",
    ):
        main = graph.ancestors(graph.output)
        heads = layer is not None and layer not in main
        self.summary = Summary(graph, batch=batch, dtype=dtype, layout=layout, with_heads=heads)
        self.graph = graph
        self.label = label or (layer.name if layer is not None else "")
        if layer is not None and layers is None:
            self.layer, self.layers = layer, []
            work: LayerDerivations | SumDerivations = LayerDerivations(self.summary, layer)
        else:
            self.layers = list(layers) if layers is not None else self.summary.layers
            self.layer = layer or graph.output
            work = SumDerivations(self.summary, self.layers, self.layer, whole=layers is None)
        self.derivations = [
            derivation for quantity in quantities for derivation in work.derive(quantity)
        ]

    @property
    def legend(self) -> dict[str, str]:
        """What the symbols of all formulas stand for, in the order they come."""
        op = self.layer.op
        words = {**_SIDES, **_OUTPUT, **_OTHERS}
        for name, attribute in op.attributes.items():
            words[attribute.symbol or name] = name
        found: dict[str, str] = {}
        if self.layers:
            return found
        for derivation in self.derivations:
            for formula in derivation.formulas:
                for name in symbols(formula.made):
                    base = re.sub(r"(?<=[A-Za-z])([hwtblr]|\d+)$", "", name)
                    means = words.get(name) or words.get(base)
                    if means is not None and means != name:
                        found[name] = means
        return found

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        summary, layer = self.summary, self.layer
        found: dict[str, Any] = {
            "archcalc": __version__,
            "name": self.graph.about.name,
            "layer": self.label or None,
            "layout": summary.layout,
            "batch": summary.batch,
            "dtype": summary.dtype,
        }
        if not self.layers:
            found["op"] = layer.op.name
            found["inputs"] = [laid_out(above.output, summary.layout) for above in layer.inputs]
            found["output"] = laid_out(layer.output, summary.layout)
        return {
            **found,
            "symbols": self.legend,
            "derivations": [derivation.to_dict() for derivation in self.derivations],
        }


class LayerDerivations:
    """The derivations of one layer."""

    def __init__(self, summary: Summary, layer: Layer):
        self.summary = summary
        self.layer = layer
        self.row = Row(layer, summary)
        self.inputs = tuple([above.output for above in layer.inputs])
        op = layer.op
        self.op: Op = op
        self.shapes: tuple[Shape, ...] = ()
        if isinstance(op, Input):
            (size,) = trace(op, (op.shape,))[1]
            self.output = size
        else:
            self.op, self.shapes = trace(op, self.inputs)
            self.output = self.op.output(*self.shapes)
        names = dict(self._names())
        unnamed = self._defaults()
        self.bare = Reader(names, unnamed)
        self.letters = list(self._letters())
        self.read = Reader(names, unnamed, self.letters)

    def _names(self) -> Iterator[tuple[str, str]]:
        """Names for symbols that are numbered, an axis or an input: one for what is alike, the
        letter of the axis for what is not."""
        op = self.layer.op
        numbered: dict[str, Sequence[int]] = {}
        for name, attribute in op.attributes.items():
            value = getattr(op, name)
            if isinstance(value, Size):
                numbered[attribute.symbol or name] = value
            elif isinstance(value, str) and attribute.symbol and self.shapes:
                # An amount that the rule works out of the others.
                sizes = op.textbook("output", *self.inputs)
                if isinstance(sizes, tuple):
                    made = [symbols(size) for size in sizes if isinstance(size, Expression)]
                    numbered[attribute.symbol] = [n for known in made for n in known.values()]
        for base, values in numbered.items():
            axes = _AXES.get(len(values), "").lower()
            if base == "P" and len(values) == 4:
                axes = "tblr"
            for place, _ in enumerate(values):
                mark = "" if len(set(values)) == 1 else axes[place] if axes else str(place + 1)
                yield f"{base}{place + 1}", f"{base}{mark}"
        if len(self.inputs) > 1:
            traced = [(made.name, made.value) for shape in self.shapes for made in shape]
            for letter in {name.rstrip("0123456789") for name, _ in traced}:
                same = [(n, value) for n, value in traced if n.rstrip("0123456789") == letter]
                if len({value for _, value in same}) == 1:
                    for name, _ in same:
                        yield name, letter

    def _defaults(self) -> list[str]:
        """Symbols of options left alone: they are no part of what a reader is shown, but for the
        letters that every textbook has."""
        op = self.layer.op
        return [
            attribute.symbol or name
            for name, attribute in op.attributes.items()
            if not attribute.required
            and attribute.symbol not in ("S", "P")
            and getattr(op, name) == attribute.default
        ]

    def _letters(self) -> Iterator[tuple[Number, str]]:
        """Letters for the sizes of the output."""
        *spatial, channels = self.output
        axes = _AXES.get(len(spatial), [f"N{axis}_" for axis in range(1, len(spatial) + 1)])
        for size, letter in zip(spatial, axes, strict=True):
            yield size, f"{letter}o"
        yield channels, "Co"

    def derive(self, quantity: str) -> list[Derivation]:
        """The derivation of a quantity, in a list as sums have it."""
        found: Derivation = getattr(self, f"_{quantity}")()
        if found.value is None:
            found.notes = [self._no_rule(quantity)]
        if not found.source and found.formulas and quantity != "memory":
            op = self.layer.op
            found.source = op.sources.get(quantity, op.source)
        return [found]

    def _no_rule(self, quantity: str) -> str:
        op = self.layer.op
        if quantity == "rf" and op.window(*self.inputs) is not None:
            return "no rule: a layer before it has none, or its windows are beyond all bounds"
        why = op.counting.partition("no rule: ")[2] if quantity != "rf" else ""
        return f"no rule for {quantity} of `{op.name}`" + (f": {why}" if why else "")

    def _output(self) -> Derivation:
        layer, op = self.layer, self.layer.op
        value = laid_out(layer.output, self.summary.layout)
        if not layer.inputs:
            return Derivation("output", value, notes=["an input of the network"])
        if layer.output in self.inputs and all(
            isinstance(made, Expression) and made.operator == "symbol" for made in self.output
        ):
            return Derivation("output", value, notes=["the shape that arrives"])
        forms: Any = self.op.textbook("output", *self.shapes)
        sizes = list(forms) if forms is not None else list(self.output.spatial)
        made = [self.bare(size) for size in (*sizes, self.output.channels)]
        letters = [letter for _, letter in self.letters]
        formulas: list[Formula] = []
        for letter, size in zip(letters, made, strict=True):
            if size.operator in ("symbol", "number"):
                continue
            # Of axes that are alike, the last is said.
            alike = [f for f in formulas if f.made.numbers == size.numbers]
            if alike and letter != "Co":
                formulas.remove(alike[0])
                formulas.append(Formula(f"{alike[0].of}, {letter}", size))
            else:
                formulas.append(Formula(letter, size))
        if not formulas:
            formulas = [Formula("Co", made[-1])]
        return Derivation("output", value, formulas, op.remarks("output", *self.inputs))

    def _params(self) -> Derivation:
        row, layer, facts = self.row, self.layer, self.layer.facts
        tensors = self.op.tensors(*self.shapes) if self.shapes else ()
        if tensors is None:
            return Derivation("params", None)
        learned = [tensor for tensor in tensors if tensor.learned]
        form = self.op.textbook("params", *self.shapes) if learned else None
        made = self.read(form if form is not None else total([t.size for t in learned]))
        notes = []
        shifts = sum([t.size for t in facts.tensors or () if t.learned and t.is_bias])
        if shifts and shifts != facts.params:
            flag = layer.op.attributes.get("bias")
            said = flag.help if flag is not None else "biases among them"
            notes.append(f"{said}; without them {(facts.params or 0) - shifts:,}")
        if facts.buffers:
            notes.append(STORED.format(facts.buffers))
        if row.params is not None and layer.shared and not row.charged:
            notes.append(f"they are those of `{layer.owner.name}`, and counted there")
        if layer.facts.params and not layer.trainable:
            notes.append("held fixed: none is trained")
        if not learned:
            return Derivation("params", row.params, (), [*notes, "nothing to learn"])
        notes += layer.op.remarks("params", *self.inputs)
        return Derivation("params", row.params, [Formula("", made)], notes)

    def _macs(self) -> Derivation:
        op, value = self.layer.op, self.row.macs
        ledger = self.op.operations(*self.shapes) if self.shapes else Ledger()
        if ledger is None:
            return Derivation("macs", None)
        if not op.matrix_product:
            note = "MACs are those of convolutions, fully connected layers and matrix products"
            return Derivation("macs", value, (), [note])
        form = self.op.textbook("macs", *self.shapes)
        made = self.read(form if form is not None else ledger.mul_add)
        notes = [f"a multiply and its add count once; as two operations {2 * (value or 0):,}"]
        adds = self.layer.facts.ledger.add if self.layer.facts.ledger is not None else 0
        if self.row.params and adds and getattr(op, "bias", False):
            adds *= self.summary.batch
            notes.append(f"biases are not counted; they take {adds:,} additions")
        notes += op.remarks("macs", *self.inputs)
        return Derivation("macs", value, [Formula("", self._batched(made))], notes)

    def _batched(self, made: Expression) -> Expression:
        batch = self.summary.batch
        return made if batch == 1 else symbol("N", batch) * made

    def _operations(self) -> Derivation:
        found = self.row.operations
        value = None if found is None else found.to_dict()
        ledger = self.op.operations(*self.shapes) if self.shapes else Ledger()
        if ledger is None:
            return Derivation("operations", None)
        form = self.op.textbook("macs", *self.shapes) if self.layer.op.matrix_product else None
        if form is not None:
            ledger.mul_add = form
        formulas = [
            Formula(name, self._batched(self.read(count)))
            for name in Ledger.FIELDS
            if value_of(count := getattr(ledger, name))
        ]
        return Derivation("operations", value, formulas, [self.layer.op.counting])

    def _memory(self) -> Derivation:
        summary, layer, row = self.summary, self.layer, self.row
        made = product([*[self.read(size) for size in self.output]])
        width = DTYPES[summary.dtype]
        formula = Formula("", self._batched(self.read(made)) * symbol("b", width))
        batch = "one image" if len(layer.output) == 3 else "one input"
        if summary.batch > 1:
            batch = f"a batch of {summary.batch}"
        notes = [f"bytes of the output, {batch}, {summary.dtype}"]
        if not row.activation_bytes:
            over = layer in summary.memory.over
            how = "written over its input" if over else "its input in another shape"
            notes.append(f"{how}: it takes no storage of its own")
        return Derivation("memory", row.output_bytes, [formula], notes)

    def _rf(self) -> Derivation:
        return field(self.summary, self.layer)


def field(summary: Summary, layer: Layer) -> Derivation:
    """The derivation of a receptive field."""
    value = Row(layer, summary).rf_dict()
    found = summary.fields.of(layer)
    if found is None:
        return Derivation("rf", None)
    ways: list[Way] = []
    notes: list[str] = []
    formulas: list[Formula] = []
    for source in found:
        axes = _AXES.get(len(source.output) - 1, "")
        own: list[tuple[str, list[Step]]] = []
        for axis in range(len(source.output) - 1):
            found_steps = steps(summary.fields, layer, source, axis)
            letter = axes[axis] if axes else str(axis + 1)
            if own and _alike(own[-1][1], found_steps):
                own[-1] = own[-1][0] + letter, own[-1][1]
            else:
                own.append((letter, found_steps))
        ways += [
            Way(source, letters if len(own) > 1 else "", taken) for letters, taken in own if taken
        ]
    for way in ways:
        said = way.steps[-1].formula
        if said is not None and way.steps[-1].layer is layer:
            names = ", ".join([f"r{letter.lower()}" for letter in way.axes])
            formulas.append(Formula(names, said))
    notes += _field_notes(layer, ways, any(extent.gated for extent in found.values()))
    return Derivation("rf", value, formulas, notes, SOURCE if ways else "", ways=ways)


def _alike(one: list[Step], other: list[Step]) -> bool:
    return len(one) == len(other) and all(a.alike(b) for a, b in zip(one, other, strict=True))


def _field_notes(layer: Layer, ways: list[Way], gated: bool) -> Iterator[str]:
    every = [step for way in ways for step in way.steps]
    whole = [step for step in every if step.kernel is None]
    if whole:
        yield f"`{whole[0].layer.name}` reads everything that arrives: from there on all is seen"
    elif ways:
        for way in ways:
            step = way.steps[-1]
            name = f"{way.along}: " if way.axes else ""
            if step.jump is not None and step.start is not None:
                yield (
                    f"{name}neighbours are {step.jump} apart, unit 0's window starts at "
                    f"{step.start}"
                )
    elif layer.inputs:
        yield "an input that is a vector has no positions to follow"
    else:
        yield "a unit of the input sees itself"
    if any(step.branches > 1 for step in every):
        yield "where paths meet, the widest is followed"
    if any(step.exact and step.kernel is not None for step in every):
        yield (
            "~ not by the recursion: the window around all paths, or the widest of windows that "
            "differ"
        )
    if gated:
        yield "a gate that sees everything is left out of its product"


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
        if quantity == "rf":
            if not self.whole:
                return [field(self.summary, self.last)]
            local = self.summary.fields.last_local()
            if local is None:
                return [field(self.summary, self.last)]
            found = field(self.summary, local)
            if local is not self.last:
                found.notes.append(f"that of `{local.name}`, the last before everything is seen")
            return [found]
        if quantity == "memory":
            return list(self._memory())
        if quantity == "operations":
            return [self._operations()]
        return [self._sum(quantity)]

    def _sum(self, quantity: str) -> Derivation:
        rows = [Row(layer, self.summary) for layer in self.layers]
        known = [(row.layer, getattr(row, quantity)) for row in rows]
        missing = [layer for layer, value in known if value is None]
        notes = list(self._left_out(quantity, missing))
        if quantity == "macs":
            value = sum([value or 0 for _, value in known])
            notes.insert(0, f"a multiply and its add count once; as two operations {2 * value:,}")
        shared = [row.layer for row in rows if row.layer.shared and not row.charged]
        if quantity == "params":
            params = sum([value or 0 for _, value in known])
            biases = sum([
                tensor.size for row in rows if row.charged
                for tensor in row.layer.facts.tensors or () if tensor.learned and tensor.is_bias
            ])  # fmt: skip
            if biases:
                notes.append(f"biases are {biases:,} of them; without them {params - biases:,}")
            if shared:
                notes.append(f"shared ones are counted once: {_listed(shared)} have another's")
            buffers = sum([row.buffers or 0 for row in rows])
            if buffers:
                notes.append(STORED.format(buffers))
        return _summed(quantity, [(layer, value or 0) for layer, value in known], notes)

    @staticmethod
    def _left_out(quantity: str, missing: list[Layer]) -> Iterator[str]:
        if missing:
            yield f"at least: no rule for {quantity} of {_listed(missing)}"

    def _operations(self) -> Derivation:
        ledgers = [(layer, Row(layer, self.summary).operations) for layer in self.layers]
        formulas, value = [], {}
        for name in Ledger.FIELDS:
            counts = [(at, getattr(ledger, name)) for at, ledger in ledgers if ledger is not None]
            whole = _summed(name, counts, ())
            value[name] = whole.value
            formulas += [Formula(name, formula.made) for formula in whole.formulas]
        missing = [layer for layer, ledger in ledgers if ledger is None]
        notes = self._left_out("operations", missing)
        return Derivation("operations", value, formulas, notes)

    def _memory(self) -> Iterator[Derivation]:
        summary = self.summary
        memory, scaled = summary.memory, summary.scaled
        made = [*self.summary.graph.inputs, *self.layers] if self.whole else self.layers
        sizes = [(at, scaled(memory.new[at])) for at in made]
        notes = [f"bytes of all outputs, {summary.dtype}; what is written over its input adds none"]
        yield _summed("memory", sizes, notes)
        if self.whole:
            at = memory.at.name if memory.at is not None else "none"
            live = [(layer, scaled(memory.new[layer])) for layer in memory.alive()]
            note = f"the most that lives at once, parameters apart: behind `{at}`, while its input"
            yield _summed("peak", live, [f"{note} is still there"])


def _listed(layers: Sequence[Layer]) -> str:
    names = [f"`{layer.name}`" for layer in layers]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")


def _summed(
    quantity: str, values: Sequence[tuple[Layer, int]], notes: Iterable[str]
) -> Derivation:
    """A sum of what layers add, the largest first; those that add nothing are left out."""
    terms = [Term(layer, value) for layer, value in values if value]
    made = total([symbol(term.layer.name, term.value) for term in terms])
    terms.sort(key=lambda term: -term.value)
    formulas = [Formula("", made)] if terms else []
    return Derivation(quantity, value_of(made), formulas, notes, terms=terms)
