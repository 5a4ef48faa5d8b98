"""The formulas of a profile, and what their names stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cache
from operator import add, floordiv, mul, neg, sub, truediv
from typing import TYPE_CHECKING, Any, NamedTuple

from ..algebra.evaluation import calculation
from ..algebra.reading import LetterFormulaReader, UnreadFormulaError
from ..arithmetic import ceil_div, product, symbol
from ..diagnostics import did_you_mean
from ..ops import registry
from ..ops.attributes import Axes, Count, Flag, sizes_of

if TYPE_CHECKING:
    from ..arithmetic import Expression
    from ..graph import Layer

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_FUNCTIONS = ("floor", "ceil")


class UnknownValueError(Exception):
    """Raised where a layer has nothing that a name of a formula stands for; the message says what."""


class NamedValue(NamedTuple):
    """What a name of formulas means, and how it is read off a layer."""

    means: str
    read: Callable[[Layer], Any]


def _operations(field: str) -> Callable[[Layer], Any]:
    def read(layer: Layer) -> Any:
        operations = layer.facts.operations
        return None if operations is None else getattr(operations, field)

    return read


def _tensor(name: str) -> Callable[[Layer], int]:
    return lambda layer: sum([t.size for t in layer.facts.tensors or () if t.name == name])


def _kernel(layer: Layer) -> tuple[int, ...]:
    """The sizes of the window of a layer; of a pool over everything those of its input."""
    x = layer.inputs[0].output
    for rule in ("kernel_sizes", "kernels"):
        sizes = getattr(layer.op, rule, None)
        if sizes is not None and "kernel" in layer.op.attributes and len(x) > 1:
            return tuple(sizes(x))
    return tuple(x.spatial) if layer.op.pools else ()


def _windows(layer: Layer) -> list[Any]:
    """The windows of a layer that slides one."""
    windows = getattr(layer.op, "windows", None)
    return [] if windows is None else list(windows(layer.inputs[0].output))


def _step_cells(layer: Layer) -> int | None:
    windows = _windows(layer)
    return product([w.stride for w in windows]) if windows else None


def _forward_positions(layer: Layer) -> int | None:
    windows = _windows(layer)
    sizes = [(w.size + 2 * w.low - ((w.kernel - 1) * w.dilation + 1)) // w.stride + 1 for w in windows]
    return product(sizes) if windows else None


def _rest_cells(layer: Layer) -> int:
    pairs = zip(layer.inputs[0].output.spatial, layer.output.spatial or _ones(layer), strict=True)
    return int(product([n % m + 1 if n % m else n // m for n, m in pairs]))


def _score_macs(layer: Layer) -> int | None:
    """The MACs of attention that no learned weight takes part in."""
    if layer.facts.macs is None:
        return None
    tokens, read = layer.inputs[0].output.positions, layer.inputs[-1].output.positions
    learned = 0
    for tensor in layer.facts.tensors or ():
        if not tensor.is_bias:
            learned += tensor.size * (read if tensor.name in ("k_proj_weight", "v_proj_weight") else tokens)
    return int(layer.facts.macs - learned)


def _einsum_flops(layer: Layer) -> int | None:
    """Two for each MAC of its product as ``numpy.einsum_path`` prints them; attention has two products."""
    operations = layer.facts.operations
    if operations is None:
        return None
    macs = int(layer.facts.macs or 0)
    sums = 0
    if operations.special:
        sums = operations.special * layer.output.channels // layer.op.argument("heads")
    # numpy adds one to the cost of each product.
    return sum([int(float(f"{2 * one + 1:.3e}")) for one in (macs - sums, sums) if one])


def _ones(layer: Layer) -> tuple[int, ...]:
    return (1,) * len(layer.inputs[0].output.spatial)


def _values_in(layer: Layer) -> int:
    return int(layer.inputs[0].output.values)


NAMES: dict[str, NamedValue] = {
    "macs": NamedValue("its MACs, as `archcalc summary` counts them", lambda layer: layer.facts.macs),
    "mul_add": NamedValue("multiplications with the addition that takes them up", _operations("mul_add")),
    "mul": NamedValue("multiplications alone", _operations("mul")),
    "add": NamedValue("additions alone, biases among them", _operations("add")),
    "compare": NamedValue("comparisons", _operations("compare")),
    "div": NamedValue("divisions", _operations("div")),
    "special": NamedValue("transcendental functions", _operations("special")),
    "dot_products": NamedValue("dot products", _operations("outputs")),
    "bias_adds": NamedValue("additions of biases: one per value that has one", _operations("biases")),
    "params": NamedValue("its learned values", lambda layer: layer.facts.params),
    "biases": NamedValue("those of its learned values that are added", lambda layer: layer.facts.biases),
    "weight": NamedValue("values of the tensor `weight`", _tensor("weight")),
    "out_proj": NamedValue("of attention, values of the weight behind the heads", _tensor("out_proj.weight")),
    "score_macs": NamedValue(
        "of attention, MACs of the scores and of the sums that they weight", _score_macs
    ),
    "einsum_flops": NamedValue(
        "of products that torch.einsum computes, two for each MAC, in four digits", _einsum_flops
    ),
    "leading_out": NamedValue(
        "of a traced layer, the first axis of what it gives: more than 1 where positions were put "
        "into the batch",
        lambda layer: layer.origin.form.leading if layer.origin and layer.origin.form else 1,
    ),
    "scaled": NamedValue(
        "1 where a norm has a tensor `weight`, else 0",
        lambda layer: int(any(t.name == "weight" for t in layer.facts.tensors or ())),
    ),
    "shifted": NamedValue(
        "1 where a norm has a tensor `bias`, else 0",
        lambda layer: int(any(t.name == "bias" for t in layer.facts.tensors or ())),
    ),
    "values_in": NamedValue("values of its first input", _values_in),
    "all_in": NamedValue(
        "values of all its inputs", lambda layer: sum([int(source.output.values) for source in layer.inputs])
    ),
    "values_out": NamedValue("values of its output", lambda layer: int(layer.output.values)),
    "channels_in": NamedValue("channels of its first input", lambda layer: layer.inputs[0].output.channels),
    "channels_out": NamedValue("channels of its output", lambda layer: layer.output.channels),
    "positions_in": NamedValue(
        "positions of its first input", lambda layer: layer.inputs[0].output.positions
    ),
    "positions_out": NamedValue("positions of its output", lambda layer: layer.output.positions),
    "axes": NamedValue("axes of positions of its first input", lambda layer: len(layer.inputs[0].output) - 1),
    "inputs": NamedValue("how many tensors it reads", lambda layer: len(layer.inputs)),
    "kernel": NamedValue(
        "cells of its window; of a pool over everything positions", lambda layer: product(_kernel(layer))
    ),
    "step_cells": NamedValue(
        "cells that its window moves on: the strides of all axes, multiplied", _step_cells
    ),
    "forward_positions": NamedValue(
        "of a transposed convolution, positions that a convolution with its numbers would put out",
        _forward_positions,
    ),
    "rest_cells": NamedValue(
        "of an adaptive pool, per axis input / output, or where that leaves a rest the rest and 1",
        _rest_cells,
    ),
    "edge": NamedValue(
        "cells of its window along the first axis",
        lambda layer: _kernel(layer)[0] if _kernel(layer) else None,
    ),
}


@cache
def attribute_names() -> dict[str, str]:
    """The attributes of layers that are numbers, with what each means for a layer that has it."""
    found: dict[str, str] = {}
    for op in registry().values():
        for name, attribute in op.attributes.items():
            if isinstance(attribute, (Count, Axes, Flag)) and name not in NAMES:
                found.setdefault(name, attribute.help)
    return found


class CountedValues(Mapping[str, int]):
    """What the names of formulas stand for, for one layer. Raises UnknownValueError where it has no such
    thing."""

    def __init__(self, layer: Layer):
        self.layer = layer

    def __getitem__(self, name: str) -> int:
        layer = self.layer
        known = NAMES.get(name)
        if known is not None:
            value = known.read(layer)
        elif name in layer.op.attributes:
            value = layer.op.argument(name)
            value = product(sizes_of(value)) if isinstance(value, tuple) else value
        else:
            value = None
        if isinstance(value, bool):
            return int(value)
        if not isinstance(value, (int, Fraction)):
            raise UnknownValueError(f"`{layer.op.name}` has no `{name}` that is a number")
        return value  # type: ignore[return-value]

    def __iter__(self) -> Any:
        return iter([*NAMES, *self.layer.op.attributes])

    def __len__(self) -> int:
        return len(list(iter(self)))


class CounterFormula:
    """A formula of a profile, read once.

    Args:
        text: The formula: ``macs + bias_adds``.

    Raises:
        UnreadFormulaError: For a text that is no formula, or has names that mean nothing.
    """

    def __init__(self, text: str):
        known = [*NAMES, *attribute_names()]
        for word in _WORD.findall(text):
            if word not in known and word not in _FUNCTIONS:
                near = did_you_mean(word, known)
                raise UnreadFormulaError(f"`{word}` means nothing here" + (f"; {near[0]}" if near else ""))
        self.text = text
        self.expression: Expression = LetterFormulaReader(known).read(text)
        self._calculate = calculation(self.expression)

    def value(self, layer: Layer) -> int:
        """The number that it comes to for a layer.

        Raises:
            UnknownValueError: The layer has not what a name stands for, or the number is not whole.
        """
        try:
            found = self._calculate(CountedValues(layer))
        except ZeroDivisionError:
            raise UnknownValueError(f"`{self.text}` divides by zero") from None
        if found.denominator != 1:
            raise UnknownValueError(f"`{self.text}` comes to {found}, which is no whole number: round it")
        return found.numerator

    def recorded(self, layer: Layer) -> Expression:
        """The formula with the numbers of a layer in it.

        Raises:
            UnknownValueError: The layer has not what a name stands for.
        """
        return _recorded(self.expression, CountedValues(layer))


def _recorded(at: Expression, values: Mapping[str, int]) -> Expression:
    if at.operator == "symbol":
        return symbol(at.name, values[at.name])
    parts = [_recorded(part, values) for part in at.arguments]
    if at.operator == "number":
        return at
    if at.operator in ("floor", "ceil") and parts[0].operator == "/":
        above, below = parts[0].arguments
        whole: Expression = above // below if at.operator == "floor" else ceil_div(above, below)
        return whole
    if at.operator == "^":
        return product([parts[0]] * int(parts[1].value)) if parts[1].value else at
    return _OPERATIONS[at.operator](*parts)


_OPERATIONS: dict[str, Callable[..., Expression]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": truediv,
    "//": floordiv,
    "neg": neg,
    "floor": lambda part: part // 1,
    "ceil": lambda part: ceil_div(part, 1),
}


def formula_names() -> Iterable[tuple[str, str]]:
    """Give all names of formulas, each with what it means.

    Returns:
        Those that every layer has, and then the attributes that are numbers.
    """
    yield from ((name, known.means) for name, known in NAMES.items())
    yield from attribute_names().items()
