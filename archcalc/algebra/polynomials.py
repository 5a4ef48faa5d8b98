"""Formulas in one form: sums of products of letters, with what is rounded down as a factor of its own.

Two formulas that differ in brackets, order or in what was multiplied out have the same form, and so are
equal whatever the letters stand for. The converse does not hold for rounded quotients: two forms may
differ and still have the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from ..arithmetic import CEIL_DIV, Expression, symbol

# Terms of a form, and the highest power: beyond them a formula is compared by its values alone.
MOST_TERMS, HIGHEST = 400, 64


class NoFormError(Exception):
    """Raised for a formula that has no such form here: it is too long, or holds what is no arithmetic."""


class NamedFactor(NamedTuple):
    """A letter, or what stands for a number of its own: ``floor`` of a form, ``inverse``, ``max`` …"""

    kind: str
    text: str  # tells it from others, and orders them

    @property
    def whole(self) -> bool:
        """Whether it is an integer whatever the letters stand for."""
        return self.kind != "inverse"


# Factors with their powers, ordered.
Product = tuple[tuple[NamedFactor, int], ...]


class NormalForm:
    """A formula in its one form. Immutable.

    terms  the number before each product of factors
    parts  the forms inside of factors that are no letters
    """

    __slots__ = ("terms", "parts")

    def __init__(
        self, terms: Mapping[Product, Fraction], parts: Mapping[NamedFactor, tuple[NormalForm, ...]]
    ):
        self.terms = {product: count for product, count in terms.items() if count}
        self.parts = parts
        if len(self.terms) > MOST_TERMS:
            raise NoFormError

    @property
    def text(self) -> str:
        """What tells it from other forms."""
        pieces = []
        for product, count in sorted(self.terms.items()):
            pieces.append(f"{count}*" + "*".join(f"{factor.text}^{power}" for factor, power in product))
        return "+".join(pieces) or "0"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NormalForm) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def constant(self) -> Fraction | None:
        """The number that it is; None where there are letters."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(()) if len(self.terms) == 1 else None

    @property
    def rounded(self) -> bool:
        """Whether it holds a number that was rounded, or the larger of two."""
        return any(factor.kind != "letter" for product in self.terms for factor, _ in product)

    def __add__(self, other: NormalForm) -> NormalForm:
        terms = dict(self.terms)
        for product, count in other.terms.items():
            terms[product] = terms.get(product, Fraction(0)) + count
        return NormalForm(terms, {**self.parts, **other.parts})

    def __neg__(self) -> NormalForm:
        return self.times(Fraction(-1))

    def __sub__(self, other: NormalForm) -> NormalForm:
        return self + -other

    def times(self, number: Fraction) -> NormalForm:
        """The form with every term multiplied."""
        return NormalForm({product: count * number for product, count in self.terms.items()}, self.parts)

    def __mul__(self, other: NormalForm) -> NormalForm:
        if len(self.terms) * len(other.terms) > 16 * MOST_TERMS:
            raise NoFormError
        terms: dict[Product, Fraction] = {}
        for one, first in self.terms.items():
            for two, second in other.terms.items():
                product = _product(one, two)
                terms[product] = terms.get(product, Fraction(0)) + first * second
        return NormalForm(terms, {**self.parts, **other.parts})

    def power(self, exponent: int) -> NormalForm:
        """The form multiplied by itself."""
        result = of_number(1)
        for _ in range(exponent):
            result = result * self
        return result

    @property
    def inverse(self) -> NormalForm:
        """One divided by it. Raises NoFormError for 0."""
        if not self.terms:
            raise NoFormError
        if len(self.terms) == 1:
            ((product, count),) = self.terms.items()
            turned = tuple([(factor, -power) for factor, power in product])
            return NormalForm({turned: 1 / count}, self.parts)
        lead = self.terms[min(self.terms)]
        scaled = self.times(1 / lead)
        return _special("inverse", (scaled,)).times(1 / lead)

    def floor(self) -> NormalForm:
        """The form, rounded down: what is whole anyway stands outside."""
        out: dict[Product, Fraction] = {}
        rest: dict[Product, Fraction] = {}
        for product, count in self.terms.items():
            whole = Fraction(0)
            if all(factor.whole and power > 0 for factor, power in product):
                whole = Fraction(count.numerator // count.denominator)
            out[product], rest[product] = whole, count - whole
        inside = NormalForm(rest, self.parts)
        whole_part = NormalForm(out, self.parts)
        return whole_part + _special("floor", (inside,)) if inside.terms else whole_part


def _product(one: Product, two: Product) -> Product:
    powers = dict(one)
    for factor, power in two:
        powers[factor] = powers.get(factor, 0) + power
        if abs(powers[factor]) > HIGHEST:
            raise NoFormError
    return tuple(sorted([(factor, power) for factor, power in powers.items() if power]))


def _special(kind: str, parts: tuple[NormalForm, ...]) -> NormalForm:
    factor = NamedFactor(kind, f"{kind}({', '.join(sorted(part.text for part in parts))})")
    known = {inner: of for part in parts for inner, of in part.parts.items()}
    return NormalForm({((factor, 1),): Fraction(1)}, {**known, factor: parts})


def of_number(number: int | Fraction) -> NormalForm:
    """Return the form of a number."""
    return NormalForm({(): Fraction(number)}, {})


def of_letter(name: str) -> NormalForm:
    """Return the form of a letter."""
    return NormalForm({((NamedFactor("letter", name), 1),): Fraction(1)}, {})


def form_of(made: Expression) -> NormalForm:
    """Return the form of a recorded formula.

    Args:
        made: The formula, in symbols and numbers.

    Raises:
        NoFormError: Where it is too long, or branches.

    Example:
        >>> from archcalc.algebra.polynomials import form_of
        >>> from archcalc.arithmetic import symbol
        >>> f, k = symbol("f", 3), symbol("k", 8)
        >>> form_of((f * f * 3 + 1) * k) == form_of(k + 3 * f * k * f)
        True
    """
    return _Former().form(made)


class _Former:
    """Works the forms of a formula out, each of its parts once."""

    def __init__(self) -> None:
        self.known: dict[int, NormalForm] = {}

    def form(self, made: Expression) -> NormalForm:
        stack = [made]
        while stack:
            at = stack[-1]
            missing = [part for part in at.arguments if id(part) not in self.known]
            if missing:
                stack += missing
                continue
            stack.pop()
            if id(at) not in self.known:
                self.known[id(at)] = self.join(at, [self.known[id(part)] for part in at.arguments])
        return self.known[id(made)]

    @staticmethod
    def join(at: Expression, parts: list[NormalForm]) -> NormalForm:
        operator = at.operator
        if operator == "symbol":
            return of_letter(at.name)
        if operator == "number":
            return of_number(at.value)
        if operator == "+":
            return parts[0] + parts[1]
        if operator == "-":
            return parts[0] - parts[1]
        if operator == "*":
            return parts[0] * parts[1]
        if operator == "neg":
            return -parts[0]
        if operator == "^":
            exponent = parts[1].constant
            if exponent is None or exponent.denominator != 1 or not 0 <= exponent <= HIGHEST:
                raise NoFormError
            return parts[0].power(int(exponent))
        if operator in ("/", "//", CEIL_DIV, "%"):
            quotient = parts[0] * parts[1].inverse
            if operator == "/":
                return quotient
            if operator == "//":
                return quotient.floor()
            if operator == "%":
                return parts[0] - parts[1] * quotient.floor()
            return -(-quotient).floor()
        if operator == "floor":
            return parts[0].floor()
        if operator == "ceil":
            return -(-parts[0]).floor()
        if operator in ("max", "min", "gcd"):
            return _special(operator, tuple(parts))
        raise NoFormError


# ---------------------------------------------------------------------------------------------
# Written again


class FormWriter:
    """Makes formulas of forms: the letters in the order of ``values``, which holds a value for each."""

    def __init__(self, values: Mapping[str, int]):
        self.values = dict(values)
        self.places = {name: place for place, name in enumerate(values)}

    def expanded(self, form: NormalForm) -> Expression:
        """The sum of its terms, the highest first; what is divided, over one line."""
        below, above = self._apart(form)
        numerator = self._sum(above)
        constant = below.constant
        if constant == 1:
            return numerator
        return Expression(
            "/", (numerator, self._sum(below)), Fraction(numerator.value) / self._sum(below).value
        )

    def factored(self, form: NormalForm) -> Expression:
        """The form with what all its terms have in common in front: ``k·(3·f² + 1)``."""
        if len(form.terms) < 2 or any(power < 0 for product in form.terms for _, power in product):
            return self.expanded(form)
        counts = [abs(count) for count in form.terms.values()]
        if any(count.denominator != 1 for count in counts):
            return self.expanded(form)
        common: dict[NamedFactor, int] | None = None
        for product in form.terms:
            powers = dict(product)
            common = (
                powers
                if common is None
                else {
                    factor: min(power, powers[factor]) for factor, power in common.items() if factor in powers
                }
            )
        assert common is not None
        number = Fraction(gcd(*[count.numerator for count in counts]))
        shared: Product = tuple(sorted(common.items()))
        if not shared and number == 1:
            return self.expanded(form)
        outside = NormalForm({shared: number}, form.parts)
        inside = form * outside.inverse
        found: Expression = self._sum(outside) * self._sum(inside)
        return found

    def _apart(self, form: NormalForm) -> tuple[NormalForm, NormalForm]:
        """What a form is divided by, and the rest of it."""
        powers: dict[NamedFactor, int] = {}
        for product in form.terms:
            for factor, power in product:
                if power < 0:
                    powers[factor] = max(powers.get(factor, 0), -power)
        number = lcm(*[count.denominator for count in form.terms.values()]) if form.terms else 1
        below = NormalForm({tuple(sorted(powers.items())): Fraction(number)}, form.parts)
        above = form * below
        inverses = {factor for product in above.terms for factor, _ in product if factor.kind == "inverse"}
        if len(inverses) == 1:
            (factor,) = inverses
            if all((factor, 1) in product for product in above.terms):
                rest = {
                    tuple([one for one in product if one[0] != factor]): count
                    for product, count in above.terms.items()
                }
                return below * form.parts[factor][0], NormalForm(rest, form.parts)
        return below, above

    def _order(self, product: Product) -> tuple[int, int, list[int]]:
        letters = [(self.places.get(factor.text, -1), power) for factor, power in product]
        first = -max([power for _, power in letters], default=0)
        rounded = any(place < 0 for place, _ in letters)
        degree = sum([power for _, power in product])
        return (0 if rounded else 1, -degree, [first, *[place for place, _ in sorted(letters)]])

    def _sum(self, form: NormalForm) -> Expression:
        terms = sorted(form.terms.items(), key=lambda term: self._order(term[0]))
        if not terms:
            return Expression("number", (), 0)
        written = [self._term(product, count, form) for product, count in terms]
        lead = next((i for i, (negative, _) in enumerate(written) if not negative), 0)
        written.insert(0, written.pop(lead))
        negative, result = written[0]
        if negative:
            plain = result.operator == "number"
            result = Expression("number", (), -result.value) if plain else -result
        for negative, part in written[1:]:
            result = result - part if negative else result + part
        return result

    def _term(self, product: Product, count: Fraction, form: NormalForm) -> tuple[bool, Expression]:
        """Whether a term is taken off, and its text without the sign."""
        factors: list[Expression] = []
        for factor, power in sorted(product, key=lambda one: (self.places.get(one[0].text, 99), one)):
            made, turned = self._factor(factor, form)
            if turned and power % 2:
                count = -count
            if power != 1:
                made = Expression("^", (made, Expression("number", (), power)), made.value**power)
            factors.append(made)
        size = abs(count)
        plain: int | Fraction = size.numerator if size.denominator == 1 else size
        if not factors:
            return count < 0, Expression("number", (), plain)
        result = factors[0] if plain == 1 else Expression("number", (), plain) * factors[0]
        for made in factors[1:]:
            result = result * made
        return count < 0, result

    def _factor(self, factor: NamedFactor, form: NormalForm) -> tuple[Expression, bool]:
        """A factor, and whether it is written with the other sign: ``⌈n/s⌉`` for ``−⌊−n/s⌋``."""
        if factor.kind == "letter":
            return symbol(factor.text, self.values.get(factor.text, 1)), False
        parts: Sequence[NormalForm] = form.parts[factor]
        if factor.kind == "floor":
            (inside,) = parts
            up = all(count < 0 for count in inside.terms.values())
            below, above = self._apart(-inside if up else inside)
            a, b = self._sum(above), self._sum(below)
            value = -(-a.value // b.value) if up else a.value // b.value
            return Expression(CEIL_DIV if up else "//", (a, b), value), up
        if factor.kind == "inverse":
            one = Expression("number", (), 1)
            inner = self._sum(parts[0])
            return Expression("/", (one, inner), Fraction(1) / inner.value), False
        made = [self.expanded(part) for part in parts]
        rules: dict[str, Callable[..., int]] = {"max": max, "min": min, "gcd": gcd}
        value = rules[factor.kind](*[one.value for one in made])
        return Expression(factor.kind, tuple(made), value), False


def pieces(made: Expression) -> int:
    """Return how many symbols, numbers and operations a formula has."""
    count, stack = 0, [made]
    while stack and count < 10_000:
        at = stack.pop()
        count += 1
        stack += at.arguments
    return count


def letters_of(forms: Iterable[NormalForm]) -> set[str]:
    """Return the letters in forms."""
    found: set[str] = set()
    for form in forms:
        for product in form.terms:
            for factor, _ in product:
                if factor.kind == "letter":
                    found.add(factor.text)
                else:
                    found |= letters_of(form.parts[factor])
    return found
