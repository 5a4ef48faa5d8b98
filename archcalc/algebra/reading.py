"""Formulas as people write them: ``k(3f^2+1)``, ``f²·3·k + k``, ``\\frac{m-f+2p}{s}+1``, ``⌊(m−f)/s⌋ + 1``.

A small reader of its own, which passes over a text once; nothing is ever evaluated by Python.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction

from ..arithmetic import Expression

# What a stranger's text may ask of the machine: signs, brackets in brackets, the degree of what powers make.
LONGEST, DEEPEST, HIGHEST = 400, 30, 24

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SIGNS = {
    "×": "*",
    "·": "*",
    "⋅": "*",
    "∗": "*",
    "•": "*",
    "−": "-",
    "–": "-",
    "÷": "/",
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
    "**": "^",
}
# What TeX has for signs, longer words first; `\frac` is read by itself.
_TEX = [
    (r"\\left\s*|\\right\s*|\\[dt]?displaystyle|\\,|\\;|\\!|\\quad|\\ |\$", " "),
    (r"\\(?:cdot|times|ast)(?![A-Za-z])", "*"),
    (r"\\lfloor(?![A-Za-z])", "⌊"),
    (r"\\rfloor(?![A-Za-z])", "⌋"),
    (r"\\lceil(?![A-Za-z])", "⌈"),
    (r"\\rceil(?![A-Za-z])", "⌉"),
    (r"\\[dt]?frac(?![A-Za-z])", " frac "),
    (r"\\(?:mathrm|mathit|text|operatorname)\s*\{([A-Za-z]+)\}", r" \1 "),
]
_TOKEN = re.compile(
    r"(?:(?P<space>\s+)|(?P<number>\d+(?:\.\d+)?)|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<word>[A-Za-zΑ-Ωα-ω]+(?:_\{[A-Za-z0-9]+\}|_[A-Za-z0-9]+)?[0-9]*[₀-₉]*)"
    r"|(?P<sign>\*\*|//|[-+*/^()\[\]{}⌊⌋⌈⌉,×·⋅∗•−–÷]))"
)
_ROUNDING = {"floor": "floor", "int": "floor", "ceil": "ceil"}
_CLOSED_BY = {"(": ")", "⌊": "⌋", "⌈": "⌉"}
_EQUALS = re.compile(r"^[^=<>]*=\s*")


class UnreadFormulaError(Exception):
    """Raised for a text that is no formula; the message says why, as a question where it can be one."""


class LetterFormulaReader:
    """Reads formulas in certain letters.

    letters  those that there are; another case of one means it where that is no letter itself
    """

    def __init__(self, letters: Collection[str]):
        self.letters = list(letters)
        self._by_lower: dict[str, str] = {}
        for name in self.letters:
            lower = name.lower()
            self._by_lower[lower] = name if lower not in self._by_lower else ""
        self._longest = sorted(self.letters, key=len, reverse=True)
        self._kinds: list[str] = []
        self._texts: list[str] = []
        self._at = 0
        self._depth = 0

    def read(self, text: str) -> Expression:
        """Return the formula that a text is. Raises UnreadFormulaError."""
        parts = self.sizes(text, joined=False)
        return parts[0]

    def sizes(self, text: str, joined: bool = True) -> list[Expression]:
        """Return the formulas that a text is: several where they are ``joined`` by ``x``, ``×`` or commas.
        Raises UnreadFormulaError."""
        if len(text) > LONGEST:
            raise UnreadFormulaError(f"it is longer than {LONGEST} signs")
        self._split(_EQUALS.sub("", text.strip()), joined)
        if not self._kinds:
            raise UnreadFormulaError("it is empty")
        whole = joined and self._texts[0] == "(" and self._closing(0) == len(self._texts) - 1
        if whole and "," in self._outer(1):
            self._kinds, self._texts = self._kinds[1:-1], self._texts[1:-1]
        self._at = self._depth = 0
        found = [self._sum()]
        while joined and self._peek() in (",", "by"):
            self._at += 1
            found.append(self._sum())
        if self._at < len(self._texts):
            raise UnreadFormulaError(f"`{self._texts[self._at]}` is not expected there")
        return found

    # Words and signs ---------------------------------------------------------------------------

    def _split(self, text: str, joined: bool) -> None:
        for pattern, sign in _TEX:
            text = re.sub(pattern, sign, text)
        self._kinds, self._texts = [], []
        at, depth = 0, 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise UnreadFormulaError(f"`{text[at]}` is no part of a formula")
            at = found.end()
            kind = found.lastgroup or ""
            token = found[kind]
            if kind == "space":
                continue
            if kind == "sign":
                by = token == "×" and joined and not depth
                token = "by" if by else _SIGNS.get(token, token)
                depth += (token in _CLOSED_BY) - (token in ")⌋⌉")
                self._add("sign", token)
            elif kind == "word":
                self._word(token, joined and not depth)
            else:
                self._add(kind, token)

    def _add(self, kind: str, text: str) -> None:
        self._kinds.append(kind)
        self._texts.append(text)

    def _word(self, word: str, joined: bool) -> None:
        """The letters of a word, each by itself: ``fk`` is f times k, and ``fxf`` f by f."""
        plain = word.replace("{", "").replace("}", "")
        if plain.lower() in _ROUNDING or plain == "frac":
            self._add("function", plain.lower())
            return
        if plain.lower() in ("x", "by", "times"):
            self._add("sign", "by" if joined and plain.lower() != "times" else "*")
            return
        if (name := self._called(plain)) is not None:
            self._add("letter", name)
            return
        at = 0
        while at < len(plain):
            if plain[at] in "xX" and (at or self._kinds):
                self._add("sign", "by" if joined else "*")
                at += 1
                continue
            name = next((one for one in self._longest if plain.startswith(one, at)), None)
            size = len(name) if name is not None else 1
            name = name or self._called(plain[at])
            if name is not None:
                self._add("letter", name)
            elif plain[at] in "0123456789" and self._texts and self._texts[-1] in ("*", "by"):
                size = len(plain) - at - len(plain[at:].lstrip("0123456789"))
                self._add("number", plain[at : at + size])
            else:
                raise self._unknown(plain)
            at += size

    def _called(self, word: str) -> str | None:
        if word in self.letters:
            return word
        return self._by_lower.get(word.lower()) or None

    def _unknown(self, word: str) -> UnreadFormulaError:
        return UnreadFormulaError(
            f"what does `{word}` stand for? the letters of the question are {', '.join(self.letters)}"
        )

    def _closing(self, at: int) -> int:
        """Where the bracket at a place is closed; -1 for nowhere."""
        depth = 0
        for place in range(at, len(self._texts)):
            depth += (self._texts[place] in _CLOSED_BY) - (self._texts[place] in ")⌋⌉")
            if not depth:
                return place
        return -1

    def _outer(self, least: int) -> list[str]:
        """The signs within so many brackets."""
        depth, found = 0, []
        for text in self._texts:
            depth += (text in _CLOSED_BY) - (text in ")⌋⌉")
            if depth == least:
                found.append(text)
        return found

    # The grammar -------------------------------------------------------------------------------

    def _peek(self) -> str:
        return self._texts[self._at] if self._at < len(self._texts) else ""

    def _kind(self) -> str:
        return self._kinds[self._at] if self._at < len(self._kinds) else ""

    def _take(self, *signs: str) -> str:
        if self._kind() == "sign" and self._peek() in signs:
            self._at += 1
            return self._texts[self._at - 1]
        return ""

    def _sum(self) -> Expression:
        found = self._product()
        while sign := self._take("+", "-"):
            found = _made(sign, found, self._product())
        return found

    def _product(self) -> Expression:
        found = self._signed()
        while True:
            sign = self._take("*", "/", "//")
            if sign:
                found = _made(sign, found, self._signed())
            elif self._kind() in ("number", "letter", "function") or self._peek() in _CLOSED_BY:
                found = _made("*", found, self._power())  # `3f`, `k(f + 1)`
            else:
                return found

    def _signed(self) -> Expression:
        negative = False
        while sign := self._take("-", "+"):
            negative ^= sign == "-"
        found = self._power()
        return Expression("neg", (found,), None) if negative else found

    def _power(self) -> Expression:
        found = self._atom()
        while True:
            if self._kind() == "raised":
                exponent = int(self._texts[self._at].translate(_SUPERSCRIPTS))
                self._at += 1
            elif self._take("^"):
                exponent = self._exponent()
            else:
                return found
            if exponent * _degree(found) > HIGHEST:
                raise UnreadFormulaError("its power is too high")
            found = _made("^", found, _number(exponent))

    def _exponent(self) -> int:
        opened = self._take("(")
        if self._kind() != "number" or not self._peek().isdigit() or len(self._peek()) > 3:
            raise UnreadFormulaError("a power is a whole number here")
        self._at += 1
        exponent = int(self._texts[self._at - 1])
        if opened and self._peek() and self._peek() != ")":
            raise UnreadFormulaError("a power is a whole number here")
        if opened and not self._take(")"):
            raise UnreadFormulaError("`)` is missing")
        return exponent

    def _atom(self) -> Expression:
        kind, text = self._kind(), self._peek()
        if kind == "number":
            self._at += 1
            if len(text) > 15:
                raise UnreadFormulaError(f"{text} is too large")
            return _number(Fraction(text))
        if kind == "letter":
            self._at += 1
            return Expression("symbol", (), None, text)
        rounding = ""
        if kind == "function":
            self._at += 1
            if text == "frac":
                return _made("/", self._bracket("("), self._bracket("("))
            rounding = _ROUNDING[text]
        if self._peek() not in _CLOSED_BY or self._kind() != "sign":
            raise UnreadFormulaError(
                "something is missing at its end" if not text else f"`{text}` is not expected there"
            )
        opening = self._peek()
        inner = self._bracket(opening)
        rounding = rounding or {"⌊": "floor", "⌈": "ceil"}.get(opening, "")
        return Expression(rounding, (inner,), None) if rounding else inner

    def _bracket(self, opening: str) -> Expression:
        if not self._take(opening):
            raise UnreadFormulaError(f"`{opening}` is missing")
        self._depth += 1
        if self._depth > DEEPEST:
            raise UnreadFormulaError("it is nested too deeply")
        inner = self._sum()
        self._depth -= 1
        if not self._take(_CLOSED_BY[opening]):
            raise UnreadFormulaError(f"`{_CLOSED_BY[opening]}` is missing")
        return inner


def _number(value: Fraction | int) -> Expression:
    value = Fraction(value)
    return Expression("number", (), value.numerator if value.denominator == 1 else value)


def _made(sign: str, left: Expression, right: Expression) -> Expression:
    return Expression(sign, (left, right), None)


def _degree(made: Expression) -> int:
    """How high powers get in a formula: of a number 1, as of a letter."""
    if made.operator == "^":
        return _degree(made.arguments[0]) * int(made.arguments[1].value)
    parts = [_degree(part) for part in made.arguments]
    if made.operator in ("*", "/"):
        return sum(parts)
    return max(parts, default=1)
