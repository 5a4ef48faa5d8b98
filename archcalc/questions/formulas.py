"""Formulas of templates: ``{2*c}`` in a text, ``n % s == 0`` in a condition.

The operators are those of the language, and bind as in it: ``or``, ``and``, ``not``, comparisons, which
chain, ``+ - * / // %``. An operand is a number, a name, a text in quotes, or stands in parentheses.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from ..language.precedence import PrecedenceReader

DrawnValues = Mapping[str, Any]
TemplatePart = Callable[[DrawnValues], Any]

LONGEST, DEEPEST = 1000, 40
# A value that is larger is no size of anything.
LARGEST = 10**18

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+)|(?P<name>[^\W\d]\w*)|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<mark>//|<=|>=|==|!=|[-+*/%<>=()])|(?P<end>\Z)|(?P<other>.))""",
    re.DOTALL,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class TemplateFormulaError(Exception):
    """Raised for a text that is no formula, and for one that has no value; the message says why."""


class TemplateToken(NamedTuple):
    kind: str
    text: str


class TemplateFormula(PrecedenceReader[TemplateToken, TemplatePart]):
    """A formula, ready to be worked out with values.

    text   as written
    names  the names in it
    """

    def __init__(self, text: str):
        """Raises TemplateFormulaError."""
        self.text = text
        self.names: set[str] = set()
        if len(text) > LONGEST:
            raise TemplateFormulaError(f"it is longer than {LONGEST:,} characters")
        found = list(_TOKEN.finditer(text))
        self._tokens = [TemplateToken(one.lastgroup or "", one[one.lastgroup or 0]) for one in found]
        self._at = 0
        self._depth = 0
        self._part = self.expression()
        if self.token().kind != "end":
            self._unexpected()

    def value(self, values: DrawnValues) -> Any:
        """What it comes to: an int, a Fraction, a text, or True or False. Raises TemplateFormulaError."""
        made = self._part(values)
        if isinstance(made, Fraction) and made.denominator == 1:
            made = int(made)
        return made

    def holds(self, values: DrawnValues) -> bool:
        """Whether a condition holds. Raises TemplateFormulaError where it is none."""
        found = self._part(values)
        if not isinstance(found, bool):
            raise TemplateFormulaError(f"`{self.text}` is no condition")
        return found

    def _unexpected(self) -> NoReturn:
        token = self.token()
        raise TemplateFormulaError(
            "it ends where a value is expected" if token.kind == "end" else f"`{token.text}` is unexpected"
        )

    # The grammar -------------------------------------------------------------------------------

    def token(self) -> TemplateToken:
        return self._tokens[self._at]

    def operator(self) -> str:
        token = self.token()
        return token.text if token.kind in ("mark", "name") else ""

    def take_operator(self, left: TemplatePart | None, chained: bool) -> TemplateToken:
        token = self.token()
        self._at += 1
        if left is None:
            self._deeper()
        return token

    def negated(self, sign: TemplateToken, operand: TemplatePart) -> TemplatePart:
        self._depth -= 1
        return lambda values: not _truth(operand(values))

    def joined(
        self,
        start: TemplateToken,
        left: TemplatePart,
        sign: TemplateToken,
        right: TemplatePart,
        middle: TemplatePart | None,
    ) -> TemplatePart:
        name = sign.text
        if name == "and":
            return lambda values: _truth(left(values)) and _truth(right(values))
        if name == "or":
            return lambda values: _truth(left(values)) or _truth(right(values))
        if name in _COMPARE:
            compare = _COMPARE[name]
            if middle is None:
                return lambda values: _compared(compare, name, left(values), right(values))
            between = middle
            return lambda values: (
                _truth(left(values)) and _compared(compare, name, between(values), right(values))
            )
        return lambda values: _worked(name, left(values), right(values))

    def operand(self) -> TemplatePart:
        token = self.token()
        if token.kind in ("end", "other") or token.text in ("and", "or", "not"):
            self._unexpected()
        self._at += 1
        if token.kind == "number":
            number = int(token.text[:40])
            return lambda values: number
        if token.kind == "text":
            text = token.text[1:-1]
            return lambda values: text
        if token.kind == "name":
            name = token.text
            self.names.add(name)
            return lambda values: values[name]
        self._deeper()
        if token.text == "-":
            below = self.operand()
            self._depth -= 1
            return lambda values: _worked("-", 0, below(values))
        if token.text != "(":
            self._at -= 1
            self._unexpected()
        inner = self.expression()
        if self.operator() != ")":
            self._unexpected()
        self._at += 1
        self._depth -= 1
        return inner

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise TemplateFormulaError(f"it is nested more than {DEEPEST} deep")


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TemplateFormulaError(f"`{value}` is no condition")
    return value


def _compared(compare: Callable[[Any, Any], bool], name: str, left: Any, right: Any) -> bool:
    if isinstance(left, str) != isinstance(right, str):
        raise TemplateFormulaError(f"`{left}` cannot be compared with `{right}`")
    if isinstance(left, str) and name not in ("=", "==", "!="):
        raise TemplateFormulaError(f"`{left}` is neither more nor less than `{right}`")
    return compare(left, right)


def _worked(sign: str, left: Any, right: Any) -> Any:
    for value in (left, right):
        if isinstance(value, (str, bool)):
            raise TemplateFormulaError(f"`{value}` is no number")
    if sign in ("/", "//", "%") and right == 0:
        raise TemplateFormulaError("it divides by 0")
    if sign == "/":
        made = Fraction(left) / right
    else:
        work = {"+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv}
        made = work.get(sign, operator.mod)(left, right)
    if abs(made) > LARGEST:
        raise TemplateFormulaError(f"it comes to more than {LARGEST:,}")
    return made
