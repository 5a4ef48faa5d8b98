"""Values that are asked for: each ``?`` of a one-liner, each parameter set to ``?``; and what may
stand there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from ..diagnostics import Collector, Diagnostic, SpecError, TooManyProblemsError, did_you_mean, fail
from ..ops import registry
from ..ops.attributes import LARGEST, Attribute, Axes, Choice, Count, Extent, Flag, Padding, Word, show
from ..shape import Shape
from ..source import Source, Span
from .definitions import BlockParameter, Net
from .expand import Expansion
from .frames import Frame
from .library import Library
from .parser import parse_one_liner
from .syntax import (
    Assertion,
    BinaryOperation,
    Call,
    Chain,
    Item,
    Literal,
    Name,
    Reference,
    Repeat,
    Turns,
    Value,
)

# What the height and width of an input are called where they are asked for.
INPUT = "input"
# How far is looked at first: counts, sizes per axis, sizes of a whole map, paddings, turns of a
# repeat.
COUNTS, SIZES, EXTENTS, PADDINGS, TURNS = 1024, 32, 512, 32, 64
# Steps and end of a parameter that is no whole number, a multiplier of widths for one.
STEP, MOST = Fraction(1, 20), 4
# Attributes of which a layer has the more parameters, operations and values the larger they are.
GROWING = ("filters", "units", "multiplier")

_UNKNOWN = re.compile(r"\?\d+")


class Unknown:
    """A value that is asked for.

    name     what the answer calls it: ``pad``, ``conv2.pad``
    values   what may stand there, the least change first
    growing  the larger the value, the more of everything the network has
    step     how numbers go on beyond the largest; None where they do not
    span     the ``?`` in the text; None for a parameter that is set from outside
    """

    __slots__ = ("name", "values", "growing", "step", "span")

    def __init__(
        self, name: str, values: list[Any], growing: bool, step: int | Fraction | None, span: Span | None
    ):
        self.step = step
        self.name = name
        self.values = values
        self.growing = growing
        self.span = span

    @property
    def largest(self) -> Any:
        """The largest number that was looked at; None where there are none."""
        return max([v for v in self.values if not isinstance(v, (str, bool, tuple))], default=None)

    @property
    def looked(self) -> str:
        """How far it is looked, in words: ``0..32, half, same``."""
        parts = [self.ranges([v for v in self.values if not isinstance(v, (str, bool, tuple))])]
        parts += [show(value) for value in self.values if isinstance(value, (str, bool, tuple))]
        return ", ".join(filter(None, parts))

    @staticmethod
    def ranges(values: Iterable[Any]) -> str:
        """Numbers in words: ``3, 7..9, 16..64 by 16``."""
        numbers = sorted(values)
        parts: list[str] = []
        at = 0
        while at < len(numbers):
            end = at
            step = numbers[at + 1] - numbers[at] if at + 1 < len(numbers) else 0
            while end + 1 < len(numbers) and numbers[end + 1] - numbers[end] == step:
                end += 1
            if end - at < 2:
                end = at
            by = f" by {show(step)}" if end > at and step != 1 else ""
            parts.append(show(numbers[at]) + (f"..{show(numbers[end])}{by}" if end > at else ""))
            at = end + 1
        return ", ".join(parts)


# A one-liner with unknowns ------------------------------------------------------------------------


class Query:
    """A one-liner in which values are asked for.

    net    its syntax tree; each ``?`` is a parameter of it
    unknowns  what is asked for, in the order of the text
    asks   whether it asserts a shape
    full_names  of each attribute that is asked for, with the layer that has it in front
    kinds  what each of them takes, in words

    With ``up_to`` numbers are looked at up to it; with ``given`` somebody else says what may stand there,
    and an unknown of which archcalc cannot say it has no values. Raises SpecError for what is no one-liner,
    or a ``?`` where no value stands.
    """

    def __init__(self, text: str, library: Library, up_to: int | None = None, given: bool = False):
        diagnostics = Collector()
        self.source = Source("<command line>", text)
        try:
            file = parse_one_liner(self.source, diagnostics, unknowns=True)
        except TooManyProblemsError:
            raise SpecError(diagnostics.items) from None
        diagnostics.check()
        self.net = file.nets[""]
        self.unknowns: list[Unknown] = []
        self._defaults: list[Literal] = []
        self._library = library
        self._up_to = up_to
        self._given = given
        self._plain = True
        self._asserted: list[int] = []
        self._spots: dict[int, tuple[str, str, Attribute | None, Span]] = {}
        self._calls: dict[str, int] = {}
        for statement in self.net.body.statements:
            if statement.condition is not None or statement.out or statement.label is not None:
                self._plain = False
            self._item(statement.chain)
        self._name_unknowns()

    @property
    def asks(self) -> bool:
        """Whether it asserts a shape."""
        return bool(self._asserted)

    def substitute(self, values: Iterable[Any]) -> None:
        """Give each unknown a value."""
        for default, value in zip(self._defaults, values, strict=True):
            default.value = value

    def text(self, values: Iterable[Any]) -> str:
        """Return the one-liner with its values."""
        text = self.source.text
        for unknown, value in reversed(list(zip(self.unknowns, values, strict=True))):
            assert unknown.span is not None
            text = text[: unknown.span.start] + show(value) + text[unknown.span.end :]
        return " ".join(text.split()) if "\n" not in text else text

    def _name_unknowns(self) -> None:
        text = self.source.text
        for match in re.finditer(r"\?", text):
            at, span = match.start(), Span(self.source, match.start(), match.end())
            around = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
            if at in self._spots and not re.search(r"\w", around):
                continue
            if text.rfind("#", 0, at) > text.rfind("\n", 0, at):
                continue  # a comment
            message = "a `?` stands for a value of a layer or block, or for a count of turns"
            help = "as in `conv ? 64 pad=?`, `? x (conv 3x3 64)`"
            raise SpecError([Diagnostic("syntax", message, span, help=help)])
        spots = sorted(self._spots.items())
        names = [name for _, (name, _, _, _) in spots]
        self.full_names = {name: f"{owner}.{name}" for _, (name, owner, _, _) in spots}
        self.kinds = [attribute.kind if attribute is not None else "" for _, (_, _, attribute, _) in spots]
        parameters = []
        for start, (name, owner, attribute, span) in spots:
            full = f"{owner}.{name}" if names.count(name) > 1 else name
            growing = self._plain and attribute is not None and name in GROWING
            values = self._values(full, attribute, span)
            default = Literal(span, values[0] if values else 0)
            step = 1 if any(type(value) is int for value in values) else None
            self.unknowns.append(Unknown(full, values, growing, step, span))
            self._defaults.append(default)
            parameters.append(BlockParameter(span, f"?{start}", default))
        self.net.parameters = tuple(parameters)

    def _values(self, name: str, attribute: Attribute | None, span: Span) -> list[Any]:
        if attribute is None:
            most = COUNTS if name.rpartition(".")[2] != "turns" else TURNS
            return list(range(1, (self._up_to or most) + 1))
        found = values_of(attribute, self._asserted, self._up_to)
        if not found and not self._given:
            raise nothing_to_look_through(attribute.name, attribute.kind, span)
        return found

    # Looking for them ------------------------------------------------------------------------

    def _item(self, item: Item) -> None:
        if isinstance(item, Call):
            self._call(item)
        elif isinstance(item, Chain):
            for part in item.items:
                self._item(part)
        elif isinstance(item, Repeat):
            self._plain = self._plain and isinstance(item.count, Literal)
            number = self._calls["repeat"] = self._calls.get("repeat", 0) + 1
            self._value(item.count, "turns", f"repeat{number}", None)
            self._item(item.item)
        elif isinstance(item, Assertion):
            self._asserted += item.sizes
        else:
            self._plain = False

    def _call(self, call: Call) -> None:
        number = self._calls[call.name] = self._calls.get(call.name, 0) + 1
        owner = f"{call.name}{'_' * call.name[-1:].isdigit()}{number}"
        op = registry().get(call.name)
        block = self._library.block(call.name) if op is None else None
        names: list[str] = []
        if op is not None:
            names = list(op.positional)
        elif block is not None:
            names = [parameter.name for parameter in block.parameters]
        self._plain = self._plain and op is not None and not call.branches and not op.merge
        known = op.attributes if op is not None else {}
        for node in call.positional:
            takes = names and getattr(known.get(names[0]), "takes_tensor", False)
            if isinstance(node, Reference) and not takes:
                continue
            name = names.pop(0) if names else "value"
            self._value(node, name, owner, known.get(name))
        for argument in call.named:
            self._value(argument.value, argument.name, owner, known.get(argument.name))
        for branch in call.branches:
            for statement in branch.body.statements:
                self._item(statement.chain)

    def _value(self, node: Value, name: str, owner: str, attribute: Attribute | None) -> None:
        if isinstance(node, Name):
            if len(node.path) == 1 and _UNKNOWN.fullmatch(node.path[0]):
                start = node.span.start
                self._spots[start] = name, owner, attribute, Span(self.source, start, start + 1)
        elif isinstance(node, Turns):
            self._plain = False
            for value in node.values:
                self._value(value, name, owner, attribute)
        elif isinstance(node, BinaryOperation):
            # What is computed of it is not the attribute's own value.
            self._plain = False
            for operand in node.operands:
                self._value(operand, name, owner, None)


# What may stand there -----------------------------------------------------------------------------


def nothing_to_look_through(name: str, kind: str, span: Span | None) -> SpecError:
    """Return the fault of an unknown of which archcalc cannot say what may stand there."""
    message = f"`{name}` is {kind}: there is nothing to look through"
    return SpecError([Diagnostic("argument", message, span)])


def values_of(attribute: Attribute, asserted: Iterable[int] = (), up_to: int | None = None) -> list[Any]:
    """Return what may be the value of an attribute, the least change first: its default, numbers by their
    distance from it, or from the least without one, then words. Counts that the text asserts are
    looked at however large they are. ``up_to`` is the largest number where it is given. Empty for
    what cannot be looked through."""
    default = attribute.default
    numbers: list[int] = []
    if isinstance(attribute, Count):
        most = up_to or COUNTS
        numbers = list(range(attribute.least, most + 1))
        numbers += sorted({n for n in asserted if most < n <= LARGEST and up_to is None})
    elif isinstance(attribute, Axes):
        most = EXTENTS if isinstance(attribute, Extent) else SIZES
        numbers = list(range(attribute.least, (up_to or most) + 1))
    elif isinstance(attribute, Padding):
        numbers = list(range((up_to or PADDINGS) + 1))
    elif isinstance(attribute, Flag):
        return [default is not False, default is False]
    elif not isinstance(attribute, Choice):
        return []
    middle = default if isinstance(default, int) else numbers[0] if numbers else 0
    found: list[Any] = sorted(numbers, key=lambda number: (abs(number - middle), number))
    words = [Word(word) for word in attribute.words if word != "valid"]
    return found + sorted(words, key=lambda word: word != default)


def of_parameter(net: Net, name: str, up_to: int | None = None) -> Unknown:
    """Return a parameter of a network that is set to ``?``. Raises SpecError."""
    parameter = next((p for p in net.parameters if p.name == name), None)
    if parameter is None:
        names = [p.name for p in net.parameters]
        raise fail(
            "argument",
            f"{net.name or 'this'} has no parameter `{name}`",
            *did_you_mean(name, names),
            f"it has {', '.join(names)}" if names else "it has none",
        )
    default = parameter.default
    return of_number(name, default.value if isinstance(default, Literal) else None, up_to)


def of_number(name: str, value: Any, up_to: int | None = None) -> Unknown:
    """Return a number that is set to ``?``, by the value that it usually has. Raises SpecError."""
    if isinstance(value, float):
        value = Fraction(repr(value))
    found: list[Any]
    step: int | Fraction | None = None
    if isinstance(value, bool):
        found = [value, not value]
    elif isinstance(value, (int, Fraction)):
        near: set[int | Fraction] = set()
        step = STEP if isinstance(value, Fraction) else 1
        if isinstance(value, Fraction) or value == 1:  # a multiplier of widths is 1 by default
            steps = range(1, int((up_to or max(MOST, 2 * value)) / STEP) + 1)
            near.update(_plain(step * STEP) for step in steps)
        if not isinstance(value, Fraction):
            near.update(range(1, (up_to or max(TURNS, 2 * value)) + 1))
        found = sorted(near, key=lambda other: (abs(other - value), other))
    else:
        raise fail("argument", f"`{name}` is no number: there is nothing to look through")
    return Unknown(name, found, False, step, None)


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


# Trying -------------------------------------------------------------------------------------------


class TrialExpansion(Expansion):
    """An expansion that takes note of shapes that are not the asserted ones, and goes on. Without ``notes``
    it does not look for windows that do not come out even.

    missed  what was asserted, and what came
    """

    def __init__(self, library: Library, budget: int, notes: bool = True):
        self._noted_here = Collector()
        super().__init__(library, self._noted_here, budget, notes)
        self.missed: list[tuple[tuple[int, ...], tuple[int, ...]]] = []

    @property
    def leaves_over(self) -> bool:
        """Whether a window of it does not come out even."""
        return any(note.code == "fit" for note in self._noted_here.items)

    def mismatch(self, item: Assertion, shape: Shape, frame: Frame) -> None:
        self.missed.append((item.sizes, tuple(shape)))
