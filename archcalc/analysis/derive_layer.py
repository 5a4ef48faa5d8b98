"""The derivations of a layer's main quantities: its rules, run on symbols and read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..arithmetic import Expression, Number, product, symbol, total, value_of
from ..graph import Layer
from ..ops.attributes import Size
from ..ops.base import Op
from ..ops.facts import OperationCounts
from ..ops.tracing import trace
from ..shape import Shape
from .derivation import AXES, Derivation, Formula, additions_note, stored
from .derive_field import field
from .formula import Reader, symbols
from .summary import Row, Summary, laid_out
from .totals import DTYPES

# Quantities whose formula is the op's own: a derivation names its source.
SOURCED = (
    "output",
    "size",
    "params",
    "weights",
    "biases",
    "trainable",
    "buffers",
    "macs",
    "flops",
    "operations",
    "connections",
    "rf",
)


class MainDerivations:
    """The derivations of those quantities of a layer from which its others follow."""

    def __init__(self, summary: Summary, layer: Layer):
        self.summary = summary
        self.layer = layer
        self.row = Row(layer, summary)
        self.inputs = tuple([above.output for above in layer.inputs])
        op = layer.op
        self.op: Op = op
        self.shapes: tuple[Shape, ...] = ()
        if not self.inputs:
            self.output = trace(op, (layer.output,))[1][0]
        else:
            self.op, self.shapes = trace(op, self.inputs)
            self.output = self.op.output(*self.shapes)
        names = dict(self._names())
        unnamed = self._defaults()
        self.bare = Reader(names, unnamed)
        self.letters = list(self._letters())
        self.read = Reader(names, unnamed, self.letters)

    def _names(self) -> Iterator[tuple[str, str]]:
        """Names for symbols that are numbered by axis or by input. Axes that are alike share one name;
        others get the letter of the axis."""
        op = self.layer.op
        numbered: dict[str, Sequence[int]] = {}
        for name, attribute in op.attributes.items():
            value = op.argument(name)
            if isinstance(value, Size):
                numbered[attribute.symbol or name] = value
            elif isinstance(value, str) and attribute.symbol and self.shapes:
                # An amount that the rule works out of the others.
                sizes = op.textbook("output", *self.inputs)
                if isinstance(sizes, tuple):
                    made = [symbols(size) for size in sizes if isinstance(size, Expression)]
                    numbered[attribute.symbol] = [n for known in made for n in known.values()]
        for base, values in numbered.items():
            axes = AXES.get(len(values), "").lower()
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
            and op.argument(name) == attribute.default
        ]

    def _letters(self) -> Iterator[tuple[Number, str]]:
        """Letters for the sizes of the output."""
        *spatial, channels = self.output
        axes = AXES.get(len(spatial), [f"N{axis}_" for axis in range(1, len(spatial) + 1)])
        for size, letter in zip(spatial, axes, strict=True):
            yield size, f"{letter}o"
        yield channels, "Co"

    def derive(self, quantity: str) -> list[Derivation]:
        """The derivation of a quantity, in a list as sums have it."""
        found = self.worked_out(quantity)
        if found.value is None:
            found.notes = [self._no_rule(quantity)]
        if not found.source and found.formulas and quantity in SOURCED:
            op = self.layer.op
            found.source = op.sources.get(quantity, op.source)
        return [found]

    def worked_out(self, quantity: str) -> Derivation:
        """The formulas of a quantity, by the method that is called like it."""
        found: Derivation = getattr(self, f"_{quantity}")()
        return found

    def _no_rule(self, quantity: str) -> str:
        op = self.layer.op
        if quantity == "rf" and op.window(*self.inputs) is not None:
            return "no rule: a layer before it has none, or its windows are beyond all bounds"
        why = op.no_volume_reason if quantity == "rf" else op.counting.partition("no rule: ")[2]
        return f"no rule for {quantity} of `{op.name}`" + (f": {why}" if why else "")

    def _output(self) -> Derivation:
        layer, op = self.layer, self.layer.op
        value = laid_out(layer.output, self.summary.layout)
        count = self._values()
        if not layer.inputs:
            return Derivation("output", value, notes=["an input of the network", *count])
        if layer.output in self.inputs and all(
            isinstance(made, Expression) and made.operator == "symbol" for made in self.output
        ):
            return Derivation("output", value, notes=["the shape that arrives", *count])
        forms: Any = self.op.textbook("output", *self.shapes)
        sizes = list(forms) if forms is not None else list(self.output.spatial)
        made = [self.bare(size) for size in (*sizes, self.output.channels)]
        letters = [letter for _, letter in self.letters]
        formulas: list[Formula] = []
        for letter, size in zip(letters, made, strict=True):
            if size.operator == "number" or (size.operator == "symbol" and not self._given(size)):
                continue
            # Of axes that are alike, the last is shown.
            alike = [f for f in formulas if f.made.numbers == size.numbers]
            if alike and letter != "Co":
                formulas.remove(alike[0])
                formulas.append(Formula(f"{alike[0].of}, {letter}", size))
            else:
                formulas.append(Formula(letter, size))
        if not formulas and made[-1].operator != "number":
            formulas = [Formula("Co", made[-1])]
        notes = [*op.remarks("output", *self.inputs), *count]
        return Derivation("output", value, formulas, notes)

    def _given(self, size: Expression) -> bool:
        """Whether a side of the output is an argument of the layer, as the sides of a crop are."""
        arrives = self.inputs[0] if self.inputs else ()
        return len(self.output) == len(arrives) and size.name.startswith("size")

    def _values(self) -> list[str]:
        """How many values the output has: what a lecture calls neurons, or what `fc` reads."""
        sides = laid_out(self.layer.output, self.summary.layout)
        if len(sides) == 1:
            return []
        return [f"{'·'.join([str(n) for n in sides])} = {product(sides):,} values"]

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
            what = flag.help if flag is not None else "biases among them"
            notes.append(f"{what}; without them {(facts.params or 0) - shifts:,}")
        if facts.buffers:
            notes.append(stored(facts.buffers, facts.params or 0))
        notes += self.shared_notes()
        if layer.facts.params and not layer.trainable:
            notes.append("held fixed: none is trained")
        elif layer.owner.op.frozen_names:
            fixed = " and ".join(layer.owner.op.frozen_names)
            notes.append(f"{fixed} held fixed: {layer.trainable:,} are trained")
        if not learned:
            return Derivation("params", row.params, (), [*notes, "nothing to learn"])
        notes += layer.op.remarks("params", *self.inputs)
        return Derivation("params", row.params, [Formula("", made)], notes)

    def shared_notes(self) -> list[str]:
        """Where its parameters are counted, if that is with another layer."""
        row, layer = self.row, self.layer
        if row.params is None or not layer.shared or row.owns_parameters:
            return []
        return [f"they are those of `{layer.owner.name}`, and counted there"]

    def _macs(self) -> Derivation:
        op, value = self.layer.op, self.row.macs
        operations = self.op.operations(*self.shapes) if self.shapes else OperationCounts()
        if operations is None:
            return Derivation("macs", None)
        if not op.matrix_product:
            note = "MACs are those of convolutions, fully connected layers and matrix products"
            return Derivation("macs", value, (), [note])
        form = self.op.textbook("macs", *self.shapes)
        made = self.read(form if form is not None else operations.mul_add)
        notes = [f"a multiply and its add count once; as two operations {2 * (value or 0):,}"]
        counts, batch = self.layer.facts.operations, self.summary.batch
        if counts is not None and counts.biases:
            adds = batch * counts.biases
            notes.append(f"biases are not counted; they take {adds:,} additions")
        elif counts is not None and counts.outputs:
            sums = batch * counts.outputs
            fewer = 2 * (value or 0) - sums
            notes.append(f"a sum of n products takes n − 1 additions: counted so, {fewer:,}")
        notes += op.remarks("macs", *self.inputs)
        return Derivation("macs", value, [Formula("", self.batched(made))], notes)

    def batched(self, made: Expression) -> Expression:
        """A count of one image, for all of the batch."""
        batch = self.summary.batch
        return made if batch == 1 else symbol("N", batch) * made

    def _operations(self) -> Derivation:
        found = self.row.operations
        value = None if found is None else found.to_dict()
        operations = self.op.operations(*self.shapes) if self.shapes else OperationCounts()
        if operations is None:
            return Derivation("operations", None)
        form = self.op.textbook("macs", *self.shapes) if self.layer.op.matrix_product else None
        if form is not None:
            operations.mul_add = form
        formulas = [
            Formula(name, self.batched(self.read(count)))
            for name in OperationCounts.FIELDS
            if value_of(count := getattr(operations, name))
        ]
        notes = [self.layer.op.format_counting()]
        notes += filter(None, [additions_note(found)] if found is not None else [])
        return Derivation("operations", value, formulas, notes)

    def _memory(self) -> Derivation:
        summary, layer, row = self.summary, self.layer, self.row
        made = product([*[self.read(size) for size in self.output]])
        width = DTYPES[summary.dtype]
        formula = Formula("", self.batched(self.read(made)) * symbol("b", width))
        batch = "one image" if len(layer.output) == 3 else "one input"
        if summary.batch > 1:
            batch = f"a batch of {summary.batch}"
        notes = [f"bytes of the output, {batch}, {summary.dtype}"]
        if not row.activation_bytes:
            inplace = layer in summary.memory.inplace
            how = "written over its input" if inplace else "its input in another shape"
            notes.append(f"{how}: it takes no storage of its own")
        return Derivation("memory", row.output_bytes, [formula], notes)

    def _rf(self) -> Derivation:
        return field(self.summary, self.layer)
