"""Rules are arithmetic: the same on ints and on recorded symbols, and readable afterwards."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_ops import COMPUTING, layers

from archcalc.arithmetic import (
    Expression,
    Number,
    ceil_div,
    common_divisor,
    maximum,
    minimum,
    product,
    symbol,
    total,
    value_of,
    where,
)
from archcalc.ops import registry
from archcalc.ops.attributes import Size
from archcalc.ops.facts import Extra, OperationCounts, Saved, Tensor
from archcalc.ops.input_windows import InputWindows, WindowsByInput
from archcalc.ops.tracing import trace
from archcalc.ops.window import WORKED_OUT, Window
from archcalc.shape import Shape

# Functions that the printed arithmetic uses.
FUNCTIONS = {"max": max, "min": min, "gcd": math.gcd, "where": lambda condition, a, b: a if condition else b}


def read_back(text: str, **names: Any) -> Any:
    """What Python makes of printed arithmetic."""
    return eval(text, {"__builtins__": {}, **FUNCTIONS, **names})


# Ops --------------------------------------------------------------------------------------------

# Numbers that the formulas of an op hold themselves; 0 to 3 are in all of them. Four gates of an
# LSTM, four linear maps of attention, the additions of a step with one bias or two, four values
# that an Lp pool keeps, four numbers a box, and up to four branches of a stack.
CONSTANTS = {
    "gelu": {6},
    "stack": {4},
    "attention": {4},
    "lstm": {4, 5, 6, 8, 12},
    "gru": {4, 5, 6, 7, 11},
    "lstm_cell": {4, 5, 8, 12},
    "gru_cell": {4, 5, 6, 7, 11},
    "lppool": {4},
    "upsample": {4},
    "grid_sample": {4},
    "resize": {4},
    "nms": {4},
}


def numbers_of(result: Any) -> Iterator[tuple[str, Any]]:
    """All numbers of what a rule returns, each with the place where it stands."""
    if isinstance(result, (tuple, list)):
        for place, part in enumerate(result):
            for below, number in numbers_of(part):
                yield f"{place}.{below}", number
    elif isinstance(result, WindowsByInput):
        yield from numbers_of(result.of)
    elif isinstance(result, InputWindows):
        yield from numbers_of((result.windows, result.axes))
    elif isinstance(result, Extra):  # a width is no count
        yield from numbers_of((result.values, result.fixed))
    elif isinstance(result, (Tensor, OperationCounts, Window, Saved)):
        slots = [name for cls in type(result).__mro__ for name in getattr(cls, "__slots__", ())]
        for name in sorted({*slots, *getattr(result, "__dict__", ())}):
            if name not in WORKED_OUT and not name.startswith("_"):
                for below, number in numbers_of(getattr(result, name)):
                    yield f"{name}.{below}", number
    else:
        yield "", result


def leaves(expression: Expression) -> Iterator[Expression]:
    """The numbers and symbols at the ends of an expression."""
    stack = [expression]
    while stack:
        at = stack.pop()
        stack += at.arguments
        if not at.arguments:
            yield at


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(COMPUTING))
@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_rules_agree_on_ints_and_symbols(name: str, data: st.DataObject) -> None:
    """Output, tensors, ledger, window, connections and what is kept, on numbers and on symbols.

    A rule that branches on a number fails here, since a symbol has no truth value; so does one
    that rounds through floats or reaches around the symbols for a plain number.
    """
    op, inputs = data.draw(layers(COMPUTING[name]))
    traced, shapes = trace(op, inputs)
    constants = {0, 1, 2, 3} | CONSTANTS.get(name, set())
    for rule in ("output", "tensors", "operations", "window", "connections", "saves"):
        plain = list(numbers_of(getattr(op, rule)(*inputs)))
        recorded = list(numbers_of(getattr(traced, rule)(*shapes)))
        assert [(at, value_of(number)) for at, number in recorded] == plain, rule
        for at, number in recorded:
            # Numbers of a table of connections, of a pattern, of tensors that are stated in words, or the
            # two parts of a factor that is a fraction.
            holders = "connect", "by", "pattern", "stated", "buffers", "extra", "extra_buffers"
            table = any(getattr(op, name, None) is not None for name in holders)
            if not isinstance(number, Expression):
                plain_number = isinstance(number, int) and number not in constants
                assert table or not plain_number, (rule, at, number)
                continue
            symbols: dict[str, Expression] = {}
            for leaf in leaves(number):
                if leaf.operator == "number":
                    assert table or leaf.value in constants, (rule, at, leaf)
                else:
                    assert symbols.setdefault(leaf.name, leaf) is leaf, f"two are {leaf.name}"
            known = {symbol_name: leaf.value for symbol_name, leaf in symbols.items()}
            assert read_back(number.numbers) == number.value, (rule, at)
            assert read_back(number.text, **known) == number.value, (rule, at)


def test_what_a_student_reads() -> None:
    """The derivations of a convolution, in the letters of the field."""
    conv = registry()["conv"](kernel=Size((5, 5)), filters=10, pad=2)
    traced, (x,) = trace(conv, (Shape((32, 32, 3)),))
    height, _, channels = traced.output(x)
    assert height.text == "(H + P + P - ((F1 - 1)*D + 1)) // S + 1"
    assert height.numbers == "(32 + 2 + 2 - ((5 - 1)*1 + 1)) // 1 + 1"
    assert (height.value, channels.text) == (32, "K")
    operations = traced.operations(x)
    assert operations is not None
    assert operations.mul_add.value == 32 * 32 * 10 * 5 * 5 * 3


def test_letters_are_distinct() -> None:
    """Defeats: D for the depth of a volume and for the dilation of its convolution."""
    conv = registry()["conv"](kernel=3, filters=8)
    _, (x,) = trace(conv, (Shape((16, 112, 112, 3)),))
    assert [size.text for size in x] == ["T", "H", "W", "C"]
    _, (x, y) = trace(registry()["add"](), (Shape((7, 8)), Shape((7, 8))))
    assert [size.text for size in (*x, *y)] == ["W1", "C1", "W2", "C2"]


@pytest.mark.parametrize("name", ["adaptive_avgpool", "adaptive_maxpool"])
@given(n=st.integers(1, 40), size=st.integers(1, 40))
def test_the_largest_share_of_adaptive_pooling(name: str, n: int, size: int) -> None:
    """`kernel` is the largest share, and all shares together are the cells that are counted.

    Defeats: ceil(n / size), which is one short for 10 to 7.
    """
    op: Any = registry()[name](size=size)
    x = Shape((n, 1))
    (window,) = op.window(x)
    shares = [window.last(i) - window.first(i) + 1 for i in range(size)]
    assert window.kernel == max(shares)
    assert op.cells(x) == sum(shares)
    assert (window.first(0), window.last(size - 1)) == (0, n - 1)


# Expressions ------------------------------------------------------------------------------------

BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "/": lambda a, b: a / b,
    "max": maximum,
    "min": minimum,
    "gcd": common_divisor,
    "ceil_div": ceil_div,
    "<": lambda a, b: where(a < b, a, b),
    "==": lambda a, b: where(a == b, a, b),
    "compared": lambda a, b: where((a <= b) == (b != a), a, b),
}


def grown(parts: st.SearchStrategy[Number]) -> st.SearchStrategy[Number]:
    """Larger expressions from smaller ones."""

    def join(operator: str, a: Number, b: Number) -> Number:
        if operator == "/" and not isinstance(a, Expression) and not isinstance(b, Expression):
            return a
        try:
            return BINARY[operator](a, b)
        except (ZeroDivisionError, TypeError):  # gcd of a fraction
            return a + b

    pairs = st.builds(join, st.sampled_from(sorted(BINARY)), parts, parts)
    return pairs | parts.map(lambda a: -a)


def expressions() -> st.SearchStrategy[Expression]:
    names = [symbol(name, value) for name, value in [("F", 3), ("H", 32), ("P", 0), ("z", -2)]]
    plain = st.integers(-3, 9) | st.fractions(-1, 1, max_denominator=4)
    made = st.recursive(st.sampled_from(names) | plain, grown, max_leaves=12)
    return made.filter(lambda e: isinstance(e, Expression))


def exact(text: str) -> str:
    """Printed arithmetic with fractions for numbers, so that 1/3 stays what it is."""
    return re.sub(r"\b\d+\b", lambda digits: f"Fraction({digits[0]})", text)


def read_exactly(text: str, **names: int) -> Any:
    def gcd(a: Fraction, b: Fraction) -> int:
        return math.gcd(int(a), int(b))

    known = {name: Fraction(value) for name, value in names.items()}
    return read_back(exact(text), Fraction=Fraction, gcd=gcd, **known)


@pytest.mark.slow
@given(expressions())
@settings(max_examples=1500)
def test_printed_arithmetic_has_the_value(expression: Expression) -> None:
    """Defeats: brackets lost behind a minus or a division, a chained comparison."""
    assert read_exactly(expression.numbers) == expression.value
    assert read_exactly(expression.text, F=3, H=32, P=0, z=-2) == expression.value


@pytest.mark.slow
@given(expressions())
@settings(max_examples=500)
def test_no_bracket_can_go(expression: Expression) -> None:
    """Without any one pair of brackets Python reads another expression. Double minus aside."""
    text = expression.text
    tree = ast.dump(ast.parse(text, mode="eval"))
    for begin, end in brackets(text):
        shorter = text[:begin] + text[begin + 1 : end] + text[end + 1 :]
        if "--" not in shorter:
            assert ast.dump(ast.parse(shorter, mode="eval")) != tree, (text, shorter)


def brackets(text: str) -> Iterator[tuple[int, int]]:
    """The places of the brackets that group, not those of a call."""
    opened: list[int] = []
    for place, character in enumerate(text):
        if character == "(":
            opened.append(place)
        elif character == ")":
            begin = opened.pop()
            if not (begin and text[begin - 1].isalnum()):
                yield begin, place


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda a, b, c: a + (b - c), "a + b - c"),
        (lambda a, b, c: a - (b - c), "a - (b - c)"),
        (lambda a, b, c: a * (b * c), "a*b*c"),
        (lambda a, b, c: a * (b // c), "a*(b // c)"),
        (lambda a, b, c: a // (b * c), "a // (b*c)"),
        (lambda a, b, c: (a + b) * c, "(a + b)*c"),
        (lambda a, b, c: ceil_div(a + b, c), "-(-(a + b) // c)"),
        (lambda a, b, c: -(a * b), "-a*b"),
        (lambda a, b, c: -(a % b * c), "-(a % b*c)"),
        (lambda a, b, c: a % -(b * c), "a % (-b*c)"),
        (lambda a, b, c: a * (b // c * a), "a*(b // c*a)"),
        (lambda a, b, c: maximum(a, b) % c, "max(a, b) % c"),
        (lambda a, b, c: where(a < b, b, c), "where(a < b, b, c)"),
        (lambda a, b, c: a * Fraction(1, 2), "a*(1/2)"),
    ],
)
def test_brackets(make: Any, text: str) -> None:
    assert make(symbol("a", 7), symbol("b", 5), symbol("c", 3)).text == text


def test_a_number_that_is_recorded_cannot_decide() -> None:
    size = symbol("H", 3)
    for attempt in (lambda: bool(size), lambda: 1 if size > 2 else 0, lambda: max(size, 2)):
        with pytest.raises(TypeError, match="branch on a number"):
            attempt()
    for attempt in (lambda: int(size), lambda: range(size), lambda: float(size), lambda: {size}):
        with pytest.raises(TypeError):
            attempt()


def test_long_sums_can_be_printed() -> None:
    """A concatenation of thousands. Defeats: printing by recursion."""
    sum_of_all = total(symbol(f"C{i}", 1) for i in range(5000))
    assert sum_of_all.value == 5000
    assert sum_of_all.numbers == " + ".join(["1"] * 5000)


def test_sums_and_products_begin_with_their_first() -> None:
    """Defeats: `0 + H` and `1*H` in every derivation."""
    assert total([symbol("H", 3)]).text == product([symbol("H", 3)]).text == "H"
    assert (total([]), product([])) == (0, 1)
