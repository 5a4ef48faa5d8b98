"""Recorded arithmetic as a reader wants it: nothing that does nothing, one letter for one number.

A rule records all that it does (``H + P + P - ((F1 - 1)*D + 1)``); what is shown leaves out what is
1 or 0 here, adds up what is alike, and calls a size of the output by its letter (``W + 2*P - F``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..arithmetic import CEIL_DIV, Expression, Number, symbol

_SUMS = ("+", "-")


def number(value: Any) -> Expression:
    """A plain number as an expression."""
    return Expression("number", (), value)


class Reader:
    """Turns recorded numbers into what is shown.

    names    another name for a symbol
    plain    symbols that are shown as their number: options that are left at their default
    letters  expressions that have a letter of their own, with it
    """

    def __init__(
        self, names: Mapping[str, str], plain: Iterable[str] = (), letters: Iterable[tuple[Number, str]] = ()
    ):
        self._names = names
        self._plain = frozenset(plain)
        self._letters: dict[str, str] = {}
        for made, letter in letters:
            if isinstance(made, Expression) and made.arguments:
                self._letters[made.text] = letter
        self._known: dict[int, tuple[Expression, Expression]] = {}

    def __call__(self, recorded: Number) -> Expression:
        """The number, simplified for a reader."""
        if not isinstance(recorded, Expression):
            return number(recorded)
        known = self._known.get(id(recorded))
        if known is None:
            # The recorded one is kept too: its id must not be given to another.
            known = self._known[id(recorded)] = recorded, self._read(recorded)
        return known[1]

    def _read(self, at: Expression) -> Expression:
        operator = at.operator
        if self._has_letter(at):
            return symbol(self._letters[at.text], at.value)
        if operator == "symbol":
            if at.name in self._plain:
                return number(at.value)
            name = self._names.get(at.name, at.name)
            return at if name == at.name else symbol(name, at.value)
        if operator == "number":
            return at
        if operator == "where":
            condition, then, otherwise = at.arguments
            return self(then if condition.value else otherwise)
        if operator == "neg":
            return self._sum(at)
        if operator in _SUMS:
            return self._sum(at)
        if operator == "*":
            return self._product(at)
        if operator in ("//", "/", CEIL_DIV):
            return self._divided(operator, *at.arguments)
        parts = tuple([self(part) for part in at.arguments])
        if all(part.operator == "number" for part in parts):
            return number(at.value)
        return Expression(operator, parts, at.value)

    def _has_letter(self, at: Expression) -> bool:
        return bool(self._letters and at.arguments) and at.text in self._letters

    def _divided(self, operator: str, above: Expression, below: Expression) -> Expression:
        a, b = self(above), self(below)
        exact = a.value % b.value == 0
        value = a.value // b.value if operator == "//" else -(-a.value // b.value)
        if operator == "/":
            if b.value == 1 and b.operator == "number":
                return a
            return Expression("/", (a, b), a.value // b.value) if exact else a / b
        if b.operator == "number" and b.value == 1:
            return a
        if a.operator == b.operator == "number":
            return number(value)
        if exact and a.operator in ("symbol", "number") and operator == "//":
            return Expression("/", (a, b), value)  # a share, as of channels among groups
        return Expression(operator, (a, b), value)

    def _sum(self, at: Expression) -> Expression:
        """The sum with like terms added up, the plain number last, and no term that is zero."""
        counts: dict[str, Any] = {}
        bases: dict[str, Expression] = {}
        rest: Any = 0
        stack: list[tuple[Any, Expression, bool]] = [(1, at, False)]
        while stack:
            sign, node, read = stack.pop()
            closed = not read and node is not at and self._has_letter(node)
            if node.operator in _SUMS and not closed:
                left, right = node.arguments
                stack.append((sign if node.operator == "+" else -sign, right, read))
                stack.append((sign, left, read))
            elif node.operator == "neg" and not closed:
                stack.append((-sign, node.arguments[0], read))
            elif not read:
                stack.append((sign, self(node), True))
            else:
                factor, base = _leading(node)
                if base is None:
                    rest += sign * factor
                else:
                    key = base.text
                    bases[key] = base
                    counts[key] = counts.get(key, 0) + sign * factor
        terms = [(count, bases[key]) for key, count in counts.items() if count]
        first = next((i for i, (count, _) in enumerate(terms) if count > 0), 0)
        terms = [*terms[first : first + 1], *terms[:first], *terms[first + 1 :]]
        if rest > 0 and terms and terms[0][0] < 0:
            return self._joined(number(rest), terms)
        if not terms:
            return number(rest)
        (count, base), *others = terms
        result = self._joined(_times(count, base), others)
        return result + rest if rest > 0 else result - -rest if rest < 0 else result

    @staticmethod
    def _joined(result: Expression, terms: Iterable[tuple[Any, Expression]]) -> Expression:
        for count, base in terms:
            part = _times(abs(count), base)
            result = result + part if count > 0 else result - part
        return result

    def _product(self, at: Expression) -> Expression:
        """The plain numbers in front as one, and no 1."""
        factors: list[Expression] = []
        factor: Any = 1
        stack: list[tuple[Expression, bool]] = [(at, False)]
        while stack:
            node, read = stack.pop()
            closed = not read and node is not at and self._has_letter(node)
            if node.operator == "*" and not closed:
                left, right = node.arguments
                stack += [(right, read), (left, read)]
            elif not read:
                stack.append((self(node), True))
            elif node.operator == "number":
                factor *= node.value
            else:
                factors.append(node)
        if not factors or factor == 0:
            return number(at.value)
        result = factors[0] if factor == 1 else factor * factors[0]
        for other in factors[1:]:
            result = result * other
        return result


def _leading(at: Expression) -> tuple[Any, Expression | None]:
    """A term as a plain number times the rest; None for no rest."""
    if at.operator == "number":
        return at.value, None
    factors = []
    while at.operator == "*":
        factors.append(at.arguments[1])
        at = at.arguments[0]
    if at.operator == "number":
        base = factors.pop()
        factor = at.value
    else:
        base, factor = at, 1
    for part in reversed(factors):
        base = base * part
    return factor, base


def _times(count: Any, base: Expression) -> Expression:
    if count == 1:
        return base
    factors = []
    while base.operator == "*":
        factors.append(base.arguments[1])
        base = base.arguments[0]
    result: Expression = count * base
    for part in reversed(factors):
        result = result * part
    return result


def symbols(made: Expression) -> dict[str, Any]:
    """The symbols of an expression and their values, in the order of the text."""
    found: dict[str, Any] = {}
    stack = [made]
    while stack:
        at = stack.pop()
        if at.operator == "symbol":
            found.setdefault(at.name, at.value)
        stack += reversed(at.arguments)
    return found


def tree(made: Expression) -> dict[str, Any]:
    """The JSON of an expression: ``{"op", "args"}``, ``{"symbol", "value"}``, ``{"number"}``. Long
    sums and products are flat; divisions are ``/``, and ``//`` rounded down, ``ceil_div`` up."""
    if made.operator == "symbol":
        return {"symbol": made.name, "value": plain(made.value)}
    if made.operator == "number":
        return {"number": plain(made.value)}
    parts = list(made.arguments)
    if made.operator in ("+", "*"):
        while parts[0].operator == made.operator:
            parts[:1] = parts[0].arguments
    return {"op": made.operator, "args": [tree(part) for part in parts]}


def plain(value: Any) -> int | str:
    """A whole number as it is, a fraction as ``"1/2"``."""
    return int(value) if value.denominator == 1 else str(value)
