"""The syntax tree: what the parser makes of a file, before any value is known."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from ..ops.attributes import Size
from ..source import Span

# Numbers of a spec. Figures of reports may be larger.
LARGEST = 10**12
# Their denominators: other tools print a float32 as 0.4000000059604645, and small ones longer.
DIGITS = 40
FINEST = 10**DIGITS


class Node:
    """A piece of syntax and where it stands."""

    __slots__ = ("span",)

    def __init__(self, span: Span):
        self.span = span


# Values ---------------------------------------------------------------------------------------


class Literal(Node):
    """A number, a size, or a quoted string (``value``)."""

    __slots__ = ("value",)

    def __init__(self, span: Span, value: int | Fraction | Size | str):
        super().__init__(span)
        self.value = value


class Name(Node):
    """A name or a path: a parameter, a word, a block, or a size such as ``x.c`` or ``in.h``."""

    __slots__ = ("path",)

    def __init__(self, span: Span, path: tuple[str, ...]):
        super().__init__(span)
        self.path = path

    @property
    def text(self) -> str:
        return ".".join(self.path)


class Reference(Node):
    """``@label``: a tensor. As an item, the path goes on from it."""

    __slots__ = ("path",)

    def __init__(self, span: Span, path: str):
        super().__init__(span)
        self.path = path


class BinaryOperation(Node):
    """An operator or function with its operands; ``operator`` as written."""

    __slots__ = ("operator", "operands")

    def __init__(self, span: Span, operator: str, operands: tuple[Value, ...]):
        super().__init__(span)
        self.operator = operator
        self.operands = operands


class Turns(Node):
    """``[2, 1..]``: a value for each turn of a repeat. ``fill`` is the index of the one that is
    taken as often as needed, None if there is none."""

    __slots__ = ("values", "fill")

    def __init__(self, span: Span, values: tuple[Value, ...], fill: int | None):
        super().__init__(span)
        self.values = values
        self.fill = fill


Value: TypeAlias = "Literal | Name | Reference | BinaryOperation | Turns"


class Argument(Node):
    """``name=value``; the span covers both."""

    __slots__ = ("name", "value")

    def __init__(self, span: Span, name: str, value: Value):
        super().__init__(span)
        self.name = name
        self.value = value


# Items ----------------------------------------------------------------------------------------


class Call(Node):
    """A layer, a block, or ``use``. ``defaults`` are the house rules in force at this line.

    ``cache`` is the expansion's: what it found out about this call once for all.
    """

    __slots__ = ("name", "name_span", "positional", "named", "branches", "defaults", "cache")

    def __init__(
        self,
        span: Span,
        name: str,
        name_span: Span,
        positional: tuple[Value, ...],
        named: tuple[Argument, ...],
        defaults: dict[str, dict[str, Argument]],
    ):
        super().__init__(span)
        self.name = name
        self.name_span = name_span
        self.positional = positional
        self.named = named
        self.branches: tuple[Branch, ...] = ()
        self.defaults = defaults
        self.cache: dict[object, object] = {}


class Repeat(Node):
    """``count x item``. ``items`` are what a turn consists of; ``sole`` if that is one thing."""

    __slots__ = ("count", "item", "items", "sole")

    def __init__(self, span: Span, count: Value, item: Item):
        super().__init__(span)
        self.count = count
        self.item = item
        self.items = _unwrapped(item)
        self.sole = _sole(self.items)


class Chain(Node):
    """Items one after the other, in parentheses or as the whole of a statement."""

    __slots__ = ("items",)

    def __init__(self, span: Span, items: tuple[Item, ...]):
        super().__init__(span)
        self.items = items


class Assertion(Node):
    """``[56x56x256]``."""

    __slots__ = ("sizes",)

    def __init__(self, span: Span, sizes: tuple[int, ...]):
        super().__init__(span)
        self.sizes = sizes


Item: TypeAlias = "Call | Repeat | Chain | Assertion | Reference"


class Branch(Node):
    """The statements behind one ``|``."""

    __slots__ = ("body",)

    def __init__(self, span: Span, body: Body):
        super().__init__(span)
        self.body = body


class Statement(Node):
    """A chain with what may stand around it.

    items  what the chain consists of, parentheses around all of it taken off
    sole   whether that is one thing, assertions apart: a label is then the label of that thing
    turns  the repeat whose turns the label names: the only one among the items
    """

    __slots__ = ("out", "label", "label_span", "chain", "condition", "items", "sole", "turns", "_calls")

    def __init__(
        self,
        span: Span,
        chain: Chain,
        out: bool,
        label: str | None,
        label_span: Span | None,
        condition: Value | None,
    ):
        super().__init__(span)
        self.chain = chain
        self.out = out
        self.label = label
        self.label_span = label_span
        self.condition = condition
        self.items = _unwrapped(chain)
        self.sole = _sole(self.items)
        repeats = [item for item in self.items if isinstance(item, Repeat)]
        self.turns = repeats[0] if label is not None and len(repeats) == 1 else None
        self._calls: dict[str, int] | None = None

    def call_counts(self) -> dict[str, int]:
        """Tell how often each name is called here, in branches too."""
        if self._calls is None:
            self._calls = {}
            for call in all_calls(self.chain):
                self._calls[call.name] = self._calls.get(call.name, 0) + 1
        return self._calls


def _unwrapped(item: Item) -> tuple[Item, ...]:
    """Return the items of a chain, or the one thing that is none."""
    items: tuple[Item, ...] = (item,)
    while len(items) == 1 and isinstance(items[0], Chain):
        items = items[0].items
    return items


def _sole(items: tuple[Item, ...]) -> bool:
    return sum(not isinstance(item, Assertion) for item in items) == 1


class Body:
    """Statements in order."""

    __slots__ = ("statements", "_labels", "_calls")

    def __init__(self, statements: tuple[Statement, ...]):
        self.statements = statements
        self._labels: dict[str, Statement] | None = None
        self._calls: dict[str, int] | None = None

    def call_counts(self) -> dict[str, int]:
        """Tell how often each name is called here, in branches too."""
        if self._calls is None:
            self._calls = {}
            for statement in self.statements:
                for name, count in statement.call_counts().items():
                    self._calls[name] = self._calls.get(name, 0) + count
        return self._calls

    @property
    def labels(self) -> dict[str, Statement]:
        """The labels given here, in branches too."""
        if self._labels is None:
            self._labels = {}
            for statement in self.walk():
                if statement.label is not None:
                    self._labels.setdefault(statement.label, statement)
        return self._labels

    def walk(self) -> Iterator[Statement]:
        """Yield all statements, those of branches included."""
        for statement in self.statements:
            yield statement
            for call in calls(statement.chain):
                for branch in call.branches:
                    yield from branch.body.walk()


def calls(item: Item) -> Iterator[Call]:
    """Yield the calls of an item, without those in branches of a merge."""
    if isinstance(item, Call):
        yield item
    elif isinstance(item, Chain):
        for part in item.items:
            yield from calls(part)
    elif isinstance(item, Repeat):
        yield from calls(item.item)


def all_calls(item: Item) -> Iterator[Call]:
    """Yield the calls of an item, those in branches of a merge included."""
    for call in calls(item):
        yield call
        for branch in call.branches:
            for statement in branch.body.statements:
                yield from all_calls(statement.chain)


def shortcut_in(body: Body) -> Call | None:
    """Return the ``shortcut`` that ends a branch."""
    last = body.statements[-1] if body.statements else None
    if last is None or last.out:
        return None
    item = last.chain.items[-1]
    return item if isinstance(item, Call) and item.name == "shortcut" else None
