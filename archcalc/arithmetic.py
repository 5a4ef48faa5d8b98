"""Arithmetic that runs on numbers, on recorded symbols and on many numbers at a time alike.

The rules of the layers are written once, as plain arithmetic. On ints they compute; on
:class:`Expression` they leave an expression tree behind, whose ``value`` is the number and whose
``text`` is the derivation; on lanes (``archcalc.sweeping.lanes``) they compute for many designs at
once. A rule holds no ``if`` on a number: the helpers here do what an ``if`` would, for every kind of
number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

# A number of a rule: an int (or Fraction), a recorded expression, or lanes.
Number = Any


class RuleNumber:
    """A number that works its own operations out, where an int would be computed with.

    ``operation`` gets one of ``+ - * // / % == != < <= > >= max min gcd ceil_div share`` and both
    operands, of which one at least is of its class. It returns NotImplemented for what is no number.
    """

    __slots__ = ()

    @classmethod
    def operation(cls, operator: str, left: Number, right: Number) -> Any:
        """Work an operation out."""
        raise NotImplementedError

    def selected(self, then: Number, otherwise: Number) -> Number:
        """``then`` where this condition holds, else ``otherwise``."""
        raise NotImplementedError

    @property
    def certain(self) -> bool:
        """Whether this condition is known to hold."""
        raise NotImplementedError

    @property
    def whole(self) -> Number | None:
        """This number as a whole one; None where it is none."""
        raise NotImplementedError

    def __add__(self, other: Number) -> Any:
        return self.operation("+", self, other)

    def __radd__(self, other: Number) -> Any:
        return self.operation("+", other, self)

    def __sub__(self, other: Number) -> Any:
        return self.operation("-", self, other)

    def __rsub__(self, other: Number) -> Any:
        return self.operation("-", other, self)

    def __mul__(self, other: Number) -> Any:
        return self.operation("*", self, other)

    def __rmul__(self, other: Number) -> Any:
        return self.operation("*", other, self)

    def __floordiv__(self, other: Number) -> Any:
        return self.operation("//", self, other)

    def __rfloordiv__(self, other: Number) -> Any:
        return self.operation("//", other, self)

    def __truediv__(self, other: Number) -> Any:
        return self.operation("/", self, other)

    def __rtruediv__(self, other: Number) -> Any:
        return self.operation("/", other, self)

    def __mod__(self, other: Number) -> Any:
        return self.operation("%", self, other)

    def __rmod__(self, other: Number) -> Any:
        return self.operation("%", other, self)

    def __lt__(self, other: Number) -> Any:
        return self.operation("<", self, other)

    def __le__(self, other: Number) -> Any:
        return self.operation("<=", self, other)

    def __gt__(self, other: Number) -> Any:
        return self.operation(">", self, other)

    def __ge__(self, other: Number) -> Any:
        return self.operation(">=", self, other)

    def __eq__(self, other: object) -> Any:
        return self.operation("==", self, other)

    def __ne__(self, other: object) -> Any:
        return self.operation("!=", self, other)

    __hash__ = None  # type: ignore[assignment]  # equality is no plain truth, so it cannot serve a dict


class RuleTruth(RuleNumber):
    """Whether something holds, for each of many numbers."""

    __slots__ = ()


class Expression(RuleNumber):
    """A number that remembers how it was made.

    ``operator`` is one of ``+ - * // / % neg max min gcd ceil_div where == != < <= > >=`` or ``number``
    or ``symbol``; ``arguments`` are expressions; ``value`` is what it comes to.
    """

    __slots__ = ("operator", "arguments", "value", "name")

    def __init__(self, operator: str, arguments: tuple[Expression, ...], value: Any, name: str = ""):
        self.operator = operator
        self.arguments = arguments
        self.value = value
        self.name = name

    @classmethod
    def operation(cls, operator: str, left: Number, right: Number) -> Expression:
        if operator == "share":  # it comes out even: nothing is rounded
            above, below = _lift(left), _lift(right)
            return Expression("/", (above, below), above.value // below.value)
        return _binary(operator, left, right)

    def selected(self, then: Number, otherwise: Number) -> Expression:
        a, b = _lift(then), _lift(otherwise)
        return Expression("where", (self, a, b), a.value if self.value else b.value)

    @property
    def certain(self) -> bool:
        return bool(self.value)

    @property
    def whole(self) -> Expression | None:
        return self if Fraction(self.value).denominator == 1 else None

    def __neg__(self) -> Expression:
        return Expression("neg", (self,), -self.value)

    def __bool__(self) -> bool:
        raise TypeError("a rule must not branch on a number: use where(), maximum() or ceil_div()")

    @property
    def text(self) -> str:
        """The derivation in symbols: ``(W + 2*P - F) // S + 1``."""
        return _render(self, False)[0]

    @property
    def numbers(self) -> str:
        """The formula with the numbers put in: ``(32 + 2*2 - 5) // 1 + 1``."""
        return _render(self, True)[0]

    def __repr__(self) -> str:
        return f"<{self.text} = {self.value}>"


def symbol(name: str, value: int | Fraction) -> Expression:
    """A named number to run a rule on."""
    return Expression("symbol", (), value, name)


def value_of(number: Number) -> Any:
    """The plain number behind a number or a recorded expression."""
    return number.value if isinstance(number, Expression) else number


def written(number: Number) -> str:
    """A number as text: in symbols, where it is recorded."""
    return number.text if isinstance(number, Expression) else str(number)


def _lift(number: Number) -> Expression:
    if isinstance(number, Expression):
        return number
    return Expression("number", (), number)


_COMPUTE: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "/": lambda a, b: Fraction(a) / b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "max": max,
    "min": min,
    "gcd": math.gcd,
    "ceil_div": lambda a, b: -(-a // b),
}


def _binary(operator: str, left: Number, right: Number) -> Expression:
    a, b = _lift(left), _lift(right)
    return Expression(operator, (a, b), _COMPUTE[operator](a.value, b.value))


# A division that is rounded up.
CEIL_DIV = "ceil_div"

# How tightly a text binds; one that binds less tightly than its place asks for is put in brackets.
_COMPARISON, _SUM, _PRODUCT, _UNARY, _ATOM = range(1, 6)
_BINDS = {
    "<": _COMPARISON,
    "<=": _COMPARISON,
    ">": _COMPARISON,
    ">=": _COMPARISON,
    "==": _COMPARISON,
    "!=": _COMPARISON,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "//": _PRODUCT,
    "/": _PRODUCT,
    "%": _PRODUCT,
}


def _render(node: Expression, numbers: bool) -> tuple[str, int]:
    """The text of an expression, and how tightly it binds.

    Brackets stand only where the value would change without them: not in ``a + (b - c)``, which is
    ``a + b - c`` for exact numbers. The left side is walked in a loop: a sum has as many terms as a
    concatenation has branches.
    """
    above = []
    while node.operator in _BINDS:
        above.append(node)
        node = node.arguments[0]
    text, binds = _operand(node, numbers)
    for node in reversed(above):
        operator, level = node.operator, _BINDS[node.operator]
        if binds < level or binds == level == _COMPARISON:
            text = f"({text})"
        right = node.arguments[1]
        other, binds = _render(right, numbers)
        free = operator == "+" or (operator == "*" and _is_product(right))
        if binds < level or (binds == level and not free):
            other = f"({other})"
        text = f"{text}*{other}" if operator == "*" else f"{text} {operator} {other}"
        binds = level
    return text, binds


def _is_product(node: Expression) -> bool:
    """Whether nothing but multiplications joins the factors, so that they may be regrouped."""
    if node.operator != "*":
        return False
    while node.operator == "*":
        node = node.arguments[0]
    return _BINDS.get(node.operator) != _PRODUCT and not isinstance(node.value, Fraction)


def _operand(node: Expression, numbers: bool) -> tuple[str, int]:
    """As ``_render``, for what is no operation with a left side."""
    operator = node.operator
    if operator == "symbol" and not numbers:
        return node.name, _ATOM
    if operator in ("symbol", "number"):
        value = node.value
        whole = not isinstance(value, Fraction) or value.denominator == 1
        return str(value), _PRODUCT if not whole else _UNARY if value < 0 else _ATOM
    if operator == "neg":
        inner = node.arguments[0]
        text, binds = _render(inner, numbers)
        if _is_product(inner):
            return "-" + text, _PRODUCT
        return "-" + (text if binds == _ATOM else f"({text})"), _UNARY
    if operator == CEIL_DIV:
        above, below = node.arguments
        return _render(-(-above // below), numbers)
    return f"{operator}({', '.join(_render(a, numbers)[0] for a in node.arguments)})", _ATOM


def ceil_div(a: Number, b: Number) -> Number:
    """``a / b``, rounded up."""
    for number in (a, b):
        if isinstance(number, RuleNumber):
            return number.operation(CEIL_DIV, a, b)
    return -(-a // b)


def share(a: Number, b: Number) -> Number:
    """``a / b`` that comes out even, as a share of channels: nothing is rounded."""
    for number in (a, b):
        if isinstance(number, RuleNumber):
            return number.operation("share", a, b)
    return a // b


def maximum(a: Number, b: Number) -> Number:
    """The larger of two."""
    for number in (a, b):
        if isinstance(number, RuleNumber):
            return number.operation("max", a, b)
    return a if a >= b else b


def minimum(a: Number, b: Number) -> Number:
    """The smaller of two."""
    for number in (a, b):
        if isinstance(number, RuleNumber):
            return number.operation("min", a, b)
    return a if a <= b else b


def common_divisor(a: Number, b: Number) -> Number:
    """The greatest common divisor of two."""
    for number in (a, b):
        if isinstance(number, RuleNumber):
            return number.operation("gcd", a, b)
    return math.gcd(a, b)


def where(condition: Any, then: Number, otherwise: Number) -> Number:
    """``then`` if the condition holds, else ``otherwise``."""
    if isinstance(condition, RuleNumber):
        return condition.selected(then, otherwise)
    return then if condition else otherwise


def certainly(condition: Any) -> bool:
    """Whether a condition holds, of many numbers for each of them: what is done then only saves work."""
    return condition.certain if isinstance(condition, RuleNumber) else bool(condition)


def quotient(a: Number, b: Number) -> Number:
    """``a / b`` exactly; a whole number where it is one."""
    for number in (a, b):
        if isinstance(number, RuleNumber):
            return number.operation("/", a, b)
    return Fraction(a) / b if a % b else a // b


def largest(numbers: Iterable[Number]) -> Number:
    """The largest of some; there is one at least."""
    return _folded(maximum, numbers)


def smallest(numbers: Iterable[Number]) -> Number:
    """The smallest of some; there is one at least."""
    return _folded(minimum, numbers)


def _folded(join: Callable[[Number, Number], Number], numbers: Iterable[Number]) -> Number:
    every = iter(numbers)
    found = next(every)
    for number in every:
        found = join(found, number)
    return found


def product(numbers: Iterable[Number]) -> Number:
    """The product of all; 1 for none."""
    result: Number = 1
    first = True
    for number in numbers:
        result = number if first else result * number
        first = False
    return result


def total(numbers: Iterable[Number]) -> Number:
    """The sum of all; 0 for none."""
    result: Number = 0
    first = True
    for number in numbers:
        result = number if first else result + number
        first = False
    return result


def key_of(value: Any) -> Any:
    """What a table knows a value by. Of numbers that are no plain ones, which object they are: whether they
    are equal is no plain truth. A table with such keys keeps the values too.

    Example:
        >>> from archcalc.arithmetic import key_of, symbol
        >>> width = symbol("W", 8)
        >>> key_of((8, width)) == key_of((8, width)), key_of((8, width)) == key_of((8, symbol("W", 8)))
        (True, False)
    """
    if isinstance(value, RuleNumber):
        return RuleNumber, id(value)
    return tuple(map(key_of, value)) if isinstance(value, tuple) else value


def last_place(whole: int) -> int:
    """What a unit of the last digit is that counts: 10 for 800, of which the last nought may only
    hold its place. Two digits always count."""
    step = 1
    while whole >= 100 * step and whole % (10 * step) == 0:
        step *= 10
    return step
