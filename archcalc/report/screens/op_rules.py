"""The rules of an op in symbols: they are run on letters, and what comes out is read off.

Nothing here knows an op: an option that changes a rule is found by running the rule with it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from ...arithmetic import Number, written
from ...graph import Graph
from ...ops.attributes import Choice, Flag, OpError, Padding, Size, Word, show
from ...ops.base import Op
from ...ops.input_windows import WindowsByInput
from ...ops.tracing import trace
from ...ops.traits import INPLACE, NEW, VIEW
from ...ops.window import EVERYTHING
from ...shape import Shape

# A rule in symbols: what it says of each thing it speaks of.
NamedFormulas = dict[str, str]

STORAGES = {
    NEW: "new",
    INPLACE: "written over its input, where it is the only reader",
    VIEW: "that of its input, where it is the only reader",
}
NO_RULE = "no rule"
# A longer size has a formula of its own.
SHORT = 14


class Sample:
    """An op on letters: with its defaults, and with each option that may change a rule."""

    def __init__(self, op: Op, inputs: tuple[Shape, ...]):
        self.op = op
        self.inputs = inputs

    @classmethod
    def of(cls, op: type[Op], graph: Graph | None) -> Sample | None:
        """The op as its example has it, the options left to their defaults; None for an op that
        the language replaces by others."""
        if op.expanded or inspect.isabstract(op):
            return None
        layers = graph.layers if graph is not None else ()
        layer = next((layer for layer in layers if type(layer.op) is op), None)
        given = {}
        for name, attribute in op.attributes.items():
            if attribute.required and layer is None:
                return None
            # What the example must say: an option may have no default at all.
            value: Any = layer.op.argument(name) if layer is not None else None
            if attribute.required or (attribute.default is None and value is not None):
                one = isinstance(value, Size) and len(set(value)) == 1
                given[name] = value[0] if one else value
        made = op(**given)
        shapes = tuple(at.output for at in layer.inputs) if layer else (Shape((8, 8, 8)),)
        if len(shapes) == 1 and len(shapes[0]) == 1:
            try:  # a map shows more than a vector
                wide = (Shape((7, 7, shapes[0].channels)),)
                made.facts(wide)
                return cls(made, wide)
            except OpError:
                pass
        return cls(made, shapes)

    def variants(self, paddings: bool) -> Iterator[tuple[str, Op]]:
        """An option and the op with it, for each value but the default."""
        for name, attribute in self.op.attributes.items():
            values: list[object] = []
            if isinstance(attribute, Flag):
                values = [not attribute.default]
            elif isinstance(attribute, Choice) and not attribute.required:
                values = [Word(word) for word in attribute.words if word != attribute.default]
            elif isinstance(attribute, Padding) and paddings and not attribute.required:
                # The other words are amounts, for which the letter stands.
                values = [Word("same")]
            for value in values:
                yield f"{name}={show(value)}", self.op.with_attributes(**{name: value})

    def with_options(
        self, rule: Callable[[Op, tuple[Shape, ...]], NamedFormulas], paddings: bool = False
    ) -> NamedFormulas:
        """The formulas of a rule, and how they differ with an option."""
        usual = rule(*trace(self.op, self.inputs))
        found = {name: [text] for name, text in usual.items()}
        for option, op in self.variants(paddings):
            other = rule(*trace(op, self.inputs))
            for name in (*usual, *(name for name in other if name not in usual)):
                if other.get(name) != usual.get(name):
                    # What is only added to the usual form stands alone: `not learned with stored=yes`.
                    text = other.get(name, "none").removeprefix(f"{usual.get(name)}, ")
                    found.setdefault(name, []).append(f"{text} with {option}")
        return {name: "; ".join(texts) for name, texts in found.items()}

    def format_output(self, op: Op, inputs: tuple[Shape, ...]) -> NamedFormulas:
        """The output's shape, nothing where it is the input's. A size that is more than a letter or
        two has a formula of its own: of axes that are alike but for the letter, the first."""
        formulas = self.primed(op, inputs)
        sizes = [_named(text, formulas) for text in _texts(op.output(*inputs))]
        if len(inputs) == 1 and sizes == _texts(inputs[0]):
            return {}
        found, known = {"": " x ".join(sizes)}, set()
        for letter, formula in formulas.items():
            pattern = re.sub(rf"\b{letter[:-1]}\b", "?", formula)
            if pattern not in known:
                found[f"{letter} ="] = formula
            known.add(pattern)
        return found

    def format_tensors(self, op: Op, inputs: tuple[Shape, ...]) -> NamedFormulas:
        """The tensors by name, with their shapes."""
        tensors = op.tensors(*inputs)
        if tensors is None:
            return {"": NO_RULE}
        formulas, found = self.primed(op, inputs), NamedFormulas()
        for tensor in tensors:
            sizes = " x ".join([_named(text, formulas) for text in _texts(tensor.shape)])
            found[tensor.name] = sizes + ("" if tensor.learned else ", not learned")
        return found

    def format_saved_rule(self, op: Op, inputs: tuple[Shape, ...]) -> NamedFormulas:
        """The tensors that are saved for the backward pass. Where an option takes the rule away is said
        for the op as a whole."""
        saved, usual = op.saves(*inputs), self.op.saves(*self.inputs)
        words = None if saved is None else saved.words(several=op.merge)
        if usual is not None and words in (None, usual.words(several=op.merge)):
            return {"": self.op.format_saved(*self.inputs)}  # where there is no rule is part of it
        return {"": op.format_saved(*inputs) if words is None else words}

    def primed(self, op: Op, inputs: tuple[Shape, ...]) -> NamedFormulas:
        """Letters of the output's axes, H' and the like, and what stands behind them: of axes whose
        size is long, with one option at least."""
        both = enumerate(zip(_texts(op.output(*inputs)), inputs[0].spatial, strict=False))
        return {f"{written(arrives)}'": text for axis, (text, arrives) in both if axis in self.long}

    @cached_property
    def long(self) -> set[int]:
        """Axes of the output whose size is not just a letter or two, with one option at least."""
        found = set()
        for op in (self.op, *(op for _, op in self.variants(paddings=True))):
            traced, inputs = trace(op, self.inputs)
            sizes = _texts(traced.output(*inputs))[:-1]
            found |= {axis for axis, text in enumerate(sizes) if len(text) > SHORT}
        return found


def _texts(numbers: Iterable[Number]) -> list[str]:
    return [_rounded_up(written(number)) for number in numbers]


def _named(text: str, formulas: NamedFormulas) -> str:
    """A text with letters for the formulas that stand in it."""
    for letter, formula in formulas.items():
        text = text.replace(f"({formula})", letter).replace(formula, letter)
    return text


def _rounded_up(text: str) -> str:
    """``-(-A // B)`` as ``ceil(A / B)``: what is meant by it."""
    while (start := text.find("-(-")) >= 0:
        depth, end, sign = 0, start + 1, 0
        for end in range(start + 1, len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
            if depth == 1 and text.startswith(" // ", end):
                sign = end
        above, below = text[start + 3 : sign], text[sign + 4 : end]
        text = f"{text[:start]}ceil({above} / {below}){text[end + 1 :]}"
    return text


def format_window(op: Op, inputs: tuple[Shape, ...]) -> NamedFormulas:
    """The positions that unit i reads along an axis."""
    windows = op.window(*inputs)
    if windows is None:
        return {"": NO_RULE}
    if isinstance(windows, WindowsByInput):
        return {"": windows.words}
    if isinstance(windows, str):
        return {"": "the whole input" if windows == EVERYTHING else "nothing"}
    if not windows:
        return {"": "the whole vector, which has no positions"}
    return {"": windows[0].words}
