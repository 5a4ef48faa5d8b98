"""The derivations of a layer's quantities that follow from its parameters, operations and field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..arithmetic import Expression, Number, product, symbol, total, value_of
from ..ops.base import Op
from ..ops.facts import OperationCounts
from ..quantities import COUNTER
from .derivation import MULTIPLIED, QUANTITIES, Derivation, Formula
from .derive_field import field
from .derive_layer import MainDerivations
from .receptive import plain
from .totals import DTYPES


def _weights(work: MainDerivations) -> Derivation:
    """The weights: the parameters that are multiplied, in the textbook form where one is known."""
    facts = work.layer.facts
    form: Any = work.op.textbook("weights", *work.shapes) if work.shapes else None
    found = _tensors(work, "weights", work.row.weights, False, form)
    if facts.biases and found.formulas:
        found.notes.append(f"the biases are {facts.biases:,} more")
    return found


def _biases(work: MainDerivations) -> Derivation:
    found = _tensors(work, "biases", work.row.biases, True)
    if not found.formulas and found.value == 0 and not found.notes:
        found.notes.append("it has no biases")
    return found


def _tensors(
    work: MainDerivations, name: str, value: int | None, biases: bool, form: Any = None
) -> Derivation:
    tensors = work.op.tensors(*work.shapes) if work.shapes else ()
    if tensors is None:
        return Derivation(name, None)
    sizes = [t.size for t in tensors if t.learned and t.is_bias == biases]
    whole = value_of(total(sizes))
    made = form if form is not None and value_of(form) == whole else total(sizes)
    formulas = [Formula("", work.read(made))] if sizes else []
    return Derivation(name, value, formulas, work.shared_notes())


def _trainable(work: MainDerivations) -> Derivation:
    (found,) = work.derive("params")
    frozen = work.layer.facts.params and not work.layer.trainable
    names = work.layer.owner.op.frozen_names
    if names and not frozen:
        notes = [f"all of its {found.value:,} parameters but {' and '.join(names)}", *work.shared_notes()]
        return Derivation("trainable", work.row.trainable, [], notes)
    notes = ["all parameters of the layer"] if found.value and not frozen else found.notes
    return Derivation("trainable", work.row.trainable, [] if frozen else found.formulas, notes)


def _buffers(work: MainDerivations) -> Derivation:
    tensors = work.op.tensors(*work.shapes) if work.shapes else ()
    if tensors is None:
        return Derivation("buffers", None)
    sizes = [(t.name, t.size) for t in tensors if not t.learned]
    notes = [f"stored and not learned: {', '.join(name for name, _ in sizes)}"] if sizes else []
    formulas = [Formula("", work.read(total([size for _, size in sizes])))] if sizes else []
    return Derivation("buffers", work.row.buffers, formulas, notes or ["it stores none"])


def _neurons(work: MainDerivations) -> Derivation:
    made = work.read(product([*[work.read(size) for size in work.output]]))
    return Derivation("neurons", value_of(made), [Formula("", made)], ["values of the output"])


def _connections(work: MainDerivations) -> Derivation:
    value = work.row.connections
    if not value or not work.shapes:
        notes = ["units that sum no weighted inputs have none"] if value == 0 else []
        return Derivation("connections", value, (), notes)
    made = work.read(work.op.connections(*work.shapes))
    notes = ["for each unit the inputs that it reads, and one for its bias"]
    return Derivation("connections", value, [Formula("", made)], notes)


def _flops(work: MainDerivations) -> Derivation:
    (macs,) = work.derive("macs")
    if not macs.formulas:
        return Derivation("flops", work.row.flops, (), macs.notes)
    notes = ["a multiplication and an addition for each MAC; biases are not counted"]
    return Derivation("flops", work.row.flops, [Formula("", 2 * macs.formulas[0].made)], notes)


def _backward_macs(work: MainDerivations) -> Derivation:
    value = work.row.backward_macs
    op, layer = work.op, work.layer
    if not op.matrix_product or value is None or not work.shapes:
        return Derivation("backward_macs", value, (), work.derive("macs")[0].notes)
    trained, input_gradient = work.row.summary.counts.backward.parts(layer)
    parts = ["of the weights"] * trained + ["of what arrives"] * input_gradient
    notes = [f"the gradients {' and '.join(parts)}" if parts else "no gradient is computed"]
    if layer.facts.params and not trained:
        notes.append("its parameters are held fixed")
    if not input_gradient:
        notes.append("nothing before it is trained: no gradient goes on to what arrives")
    if type(layer.op).backward is Op.backward:
        form: Number | None = op.textbook("macs", *work.shapes)
        operations = op.operations(*work.shapes)
        assert operations is not None
        made = product([trained + input_gradient, form if form is not None else operations.mul_add])
    else:
        made = op.backward(trained, input_gradient, *work.shapes)
    formulas = [Formula("", work.batched(work.read(made)))] if value else []
    return Derivation("backward_macs", value, formulas, notes)


def _step_macs(work: MainDerivations) -> Derivation:
    row = work.row
    return _of_names(
        "step_macs",
        row.step_macs,
        [("macs", row.macs), ("backward_macs", row.backward_macs)],
        "the forward and the backward pass",
    )


def _multiplications(work: MainDerivations) -> Derivation:
    found = work.row.operations
    if found is None:
        return Derivation("multiplications", None)
    if not found.mul:
        entry = _entry(work, "mul_add")
        return Derivation(
            "multiplications",
            found.multiplications,
            entry.formulas,
            ["one for each multiply-add"] if entry.formulas else [],
        )
    return _of_names(
        "multiplications", found.multiplications, [("mul_add", found.mul_add), ("mul", found.mul)], ""
    )


def _additions(work: MainDerivations) -> Derivation:
    found = work.row.operations
    if found is None:
        return Derivation("additions", None)
    return _of_names(
        "additions",
        found.additions,
        [("mul_add", found.mul_add), ("add", found.add), ("outputs", -found.outputs)],
        MULTIPLIED if found.outputs else "",
    )


def _of_names(name: str, value: Any, parts: list[tuple[str, Any]], note: str) -> Derivation:
    """A sum of other quantities by their names; those below 0 are taken off."""
    if value is None:
        return Derivation(name, None)
    made: Any = None
    for part, number in parts:
        if number:
            one = symbol(part, abs(number))
            made = one if made is None else made + one if number > 0 else made - one
    formulas = [Formula("", made)] if isinstance(made, Expression) else []
    return Derivation(name, value, formulas, [note] if note else [])


def _entry(work: MainDerivations, name: str) -> Derivation:
    (found,) = work.derive("operations")
    if found.value is None:
        return Derivation(name, None)
    formulas = [Formula("", formula.made) for formula in found.formulas if formula.of == name]
    return Derivation(name, found.value[name], formulas, [work.layer.op.format_counting()])


def _activation_bytes(work: MainDerivations) -> Derivation:
    (found,) = work.derive("memory")
    value = work.row.activation_bytes
    return Derivation("activation_bytes", value, found.formulas if value else (), found.notes)


def _param_bytes(work: MainDerivations) -> Derivation:
    value, params = work.row.param_bytes, work.row.params
    dtype = work.summary.dtype
    if not params:
        return Derivation("param_bytes", value, (), ["nothing to learn"] if params == 0 else [])
    made = symbol("params", params) * symbol("b", DTYPES[dtype])
    return Derivation("param_bytes", value, [Formula("", made)], [f"{dtype}, buffers apart"])


def _saved(work: MainDerivations) -> Derivation:
    saved = work.layer.op.format_saved(*work.inputs)
    notes = [f"it keeps {saved}", "what an earlier layer keeps already is counted there"]
    return Derivation("saved", work.row.saved_bytes, (), notes)


def _size(work: MainDerivations) -> Derivation:
    (found,) = work.derive("output")
    formulas = [formula for formula in found.formulas if formula.of != "Co"]
    single = len(work.layer.output) == 1
    notes = ["a vector: its length"] if single else [*work.layer.op.remarks("output", *work.inputs)]
    return Derivation("size", list(work.row.size), found.formulas if single else formulas, notes)


def _pad(work: MainDerivations) -> Derivation:
    value = work.row.pad
    notes = ["zeros on each side"] if value is not None else []
    return Derivation("pad", None if value is None else list(value), (), notes)


def of_field(work: MainDerivations, name: str) -> Derivation:
    """The stride or the start of a receptive field: what the recursion comes to."""
    extent = work.row.extent
    found = field(work.summary, work.layer)
    sizes = getattr(extent, name) if extent is not None else None
    if not sizes:
        return Derivation(name, None if extent is None else [], (), found.notes)
    value = [None if size is None else plain(size) for size in sizes]
    strides = (
        [
            symbol(step.layer.name, step.stride)
            for step in found.ways[0].steps
            if step.stride not in (None, 1) and step.branches == 1
        ]
        if found.ways
        else []
    )
    made = product(strides)
    formulas = []
    if name == "stride" and strides and {value_of(made)} == set(sizes):
        assert isinstance(made, Expression)
        formulas = [Formula("", made)]
    return Derivation(name, value, formulas, found.notes, found.source, ways=found.ways)


def _counter(work: MainDerivations) -> Derivation:
    """What the graph's counter counts of the layer, term by term."""
    figures, counter = work.summary.counter_figures, work.summary.graph.counter
    if figures is None or counter is None:
        return Derivation(COUNTER.name, None, (), [COUNTER.means])
    layer = work.layer
    value = work.row.counter
    found = figures.get(layer)
    notes = counter.sentences([found] if found is not None else [])
    formulas = [Formula(what, made) for what, made in counter.formulas(work.summary.graph, layer)]
    if len(formulas) > 1:
        formulas.append(Formula("", total([symbol(each.of, each.value) for each in formulas])))
    elif formulas:
        formulas = [Formula("", formulas[0].made)]
    if work.summary.batch > 1:
        notes.append(f"of one element of the batch, times {work.summary.batch:,}")
    if not formulas:
        notes.append(f"it counts nothing for `{layer.op.name}`")
    return Derivation(COUNTER.name, value, formulas, notes)


_RULES: dict[str, Callable[[MainDerivations], Derivation]] = {
    COUNTER.name: _counter,
    "weights": _weights,
    "biases": _biases,
    "trainable": _trainable,
    "buffers": _buffers,
    "neurons": _neurons,
    "connections": _connections,
    "flops": _flops,
    "backward_macs": _backward_macs,
    "step_macs": _step_macs,
    "multiplications": _multiplications,
    "additions": _additions,
    "activation_bytes": _activation_bytes,
    "param_bytes": _param_bytes,
    "saved": _saved,
    "size": _size,
    "pad": _pad,
    "stride": lambda work: of_field(work, "stride"),
    "start": lambda work: of_field(work, "start"),
}


class LayerDerivations(MainDerivations):
    """The derivations of one layer."""

    def worked_out(self, quantity: str) -> Derivation:
        """The formulas of a quantity of the table."""
        if quantity in QUANTITIES:
            return super().worked_out(quantity)
        if quantity in OperationCounts.FIELDS:
            return _entry(self, quantity)
        return _RULES[quantity](self)
