"""The values of a spec: exact numbers, sizes, words, blocks; and the expressions over them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..graph import Layer
from ..ops.attributes import Attribute, Size, Word, show, whole
from .diagnostics import Fault, Unknown, did_you_mean, fault
from .frames import Here
from .syntax import Literal, Name, Operation, Reference, Turns, Value

# Numbers of more bits than this come from an expression run wild.
MOST_BITS = 256


def evaluate(node: Value, here: Here, current: Layer | None) -> Any:
    """The value of an expression. Raises Fault, or Unknown behind an earlier fault."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        if len(node.path) == 1:
            env = here.frame.env
            word = node.path[0]
            if word in env:
                return env[word]
            if word == "in":
                return _channels(current)
            raise _unknown_name(node, here)
        return _size_of(node, here, current)
    if isinstance(node, Operation):
        return _operate(node, here, current)
    if isinstance(node, Turns):
        return evaluate(choose(node, here), here, current)
    raise fault("value", "a tensor is not a value", node, "its sizes are `label.h`, `.w`, `.c`")


def choose(node: Turns, here: Here) -> Value:
    """The value of a list that this turn of the innermost repeat takes."""
    if here.turn is None:
        raise fault("value", "a list belongs to a repeat, and there is none around it", node)
    turn, count = here.turn
    given = len(node.values)
    if node.fill is None:
        if given != count:
            raise fault(
                "value", f"{given} values for {count} turns", node,
                "`..` behind a value repeats it as often as needed",
            )  # fmt: skip
        return node.values[turn]
    before, after = node.fill, given - node.fill - 1
    if before + after > count:
        raise fault("value", f"at least {before + after} turns for this list, not {count}", node)
    if turn < before:
        return node.values[turn]
    if turn >= count - after:
        return node.values[given - (count - turn)]
    return node.values[node.fill]


def attribute_value(node: Value, attribute: Attribute, here: Here, current: Layer | None) -> Any:
    """The value of an argument of a layer; words are resolved by the attribute's type."""
    if isinstance(node, Turns):
        node = choose(node, here)
    if isinstance(node, Name) and len(node.path) == 1:
        word = node.path[0]
        if word in attribute.words:
            return Word(word)
        env = here.frame.env
        if word in env:
            return env[word]
        if word != "in":
            candidates = [*attribute.words, *env]
            kinds = f"neither a parameter nor {attribute.kind}" if attribute.words else (
                "no parameter")  # fmt: skip
            raise fault("name", f"`{word}` is {kinds}", node, *did_you_mean(word, candidates))
    if isinstance(node, Reference):
        if not getattr(attribute, "takes_tensor", False):
            raise fault("value", "a tensor is not a value", node)
        tensor = here.frame.tensor(node)
        if tensor is None:
            raise Unknown
        return Size(tensor.output.spatial)
    return evaluate(node, here, current)


def parameter_value(node: Value, here: Here, current: Layer | None) -> Any:
    """The value of an argument of a block: the caller's parameter, else a block or layer, else a
    word."""
    if isinstance(node, Turns):
        node = choose(node, here)
    if isinstance(node, Name) and len(node.path) == 1:
        word = node.path[0]
        env = here.frame.env
        if word in env:
            return env[word]
        if word == "in":
            return _channels(current)
        callee = here.frame.lookup(word)
        return callee if callee is not None else Word(word)
    return evaluate(node, here, current)


def condition(node: Value, here: Here, current: Layer | None) -> bool:
    """The value of what stands behind ``if``."""
    value = evaluate(node, here, current)
    if not isinstance(value, bool):
        raise fault("value", f"a condition is yes or no, not {show(value)}", node)
    return value


def _channels(current: Layer | None) -> int:
    if current is None:
        raise Unknown
    return int(current.output[-1])


def _unknown_name(node: Name, here: Here) -> Fault:
    word = node.path[0]
    help = did_you_mean(word, here.frame.env)
    if word in here.frame.inputs or word in here.frame.body_labels():
        help = [f"its sizes are `{word}.h`, `{word}.w`, `{word}.c`"]
    return fault("name", f"there is no parameter `{word}`", node, *help)


def _size_of(node: Name, here: Here, current: Layer | None) -> int:
    """``in.h``, ``label.w``, ``input.c``."""
    *path, which = node.path
    if which not in ("h", "w", "c"):
        raise fault("name", f"a tensor has `.h`, `.w` and `.c`, no `.{which}`", node)
    if path == ["in"]:
        tensor = current
    else:
        tensor = here.frame.tensor(Reference(node.span, ".".join(path)))
    if tensor is None:
        raise Unknown
    shape = tensor.output
    back = {"c": 1, "w": 2, "h": 3}[which]
    if back > len(shape):
        what = "height" if which == "h" else "width"
        raise fault("shape", f"{shape} has no {what}", node)
    return int(shape[-back])


def _number(value: Any, node: Value) -> int | Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        raise fault("value", f"{show(value)} is not a number", node)
    return value


def _bounded(value: int | Fraction, node: Value) -> int | Fraction:
    if isinstance(value, Fraction):
        if value.denominator == 1:
            value = value.numerator
        elif value.denominator.bit_length() > MOST_BITS:
            raise fault("limit", "the number has too many digits", node)
    size = value if isinstance(value, int) else value.numerator
    if size.bit_length() > MOST_BITS:
        raise fault("limit", "the number is too large", node)
    return value


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_COMPUTE: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: Fraction(a) / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}


def _operate(node: Operation, here: Here, current: Layer | None) -> Any:
    operator, operands = node.operator, node.operands
    if operator in ("and", "or"):
        left = condition(operands[0], here, current)
        if left == (operator == "or"):
            return left
        return condition(operands[1], here, current)
    if operator == "not":
        return not condition(operands[0], here, current)
    values = [evaluate(operand, here, current) for operand in operands]
    if operator in ("==", "!="):
        return _equal(values, node) == (operator == "==")
    numbers = [_number(v, o) for v, o in zip(values, operands, strict=True)]
    if operator in _COMPARE:
        return _COMPARE[operator](*numbers)
    if operator in _COMPUTE:
        if operator in ("/", "//", "%") and numbers[1] == 0:
            raise fault("value", "division by zero", operands[1])
        return _bounded(_COMPUTE[operator](*numbers), node)
    if operator == "neg":
        return -numbers[0]
    if operator == "min":
        return min(numbers)
    if operator == "max":
        return max(numbers)
    if operator == "divisible":
        return _bounded(_divisible(numbers, operands), node)
    return _size(numbers, operands)


def _equal(values: list[Any], node: Operation) -> bool:
    def kind(value: Any) -> str:
        if isinstance(value, bool):
            return "yes or no"
        return "a number" if isinstance(value, (int, Fraction)) else type(value).__name__

    if kind(values[0]) != kind(values[1]):
        raise fault("value", f"{show(values[0])} and {show(values[1])} cannot be compared", node)
    return bool(values[0] == values[1])


def _divisible(numbers: list[int | Fraction], operands: tuple[Value, ...]) -> int | Fraction:
    """The multiple of d nearest to v, at least d, and not below 90 % of v.

    Source: MobileNet's reference code, ``make_divisible``; its 90 % clause first in MobileNetV2.
    """
    v, d = numbers
    if whole(d) is None or d < 1:
        raise fault("value", "the divisor is a whole number from 1", operands[1])
    rounded = max(d, (v + Fraction(d, 2)) // d * d)
    return rounded + d if rounded < Fraction(9, 10) * v else rounded


def _size(numbers: list[int | Fraction], operands: tuple[Value, ...]) -> Size:
    for number, operand in zip(numbers, operands, strict=True):
        if whole(number) is None or number < 0:
            raise fault("value", f"a size is a whole number, not {show(number)}", operand)
    return Size(whole(number) for number in numbers)


