"""The values of a spec: exact numbers, sizes, words, blocks; and the expressions over them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..arithmetic import RuleTruth, largest, maximum, quotient, smallest, where
from ..diagnostics import PlacedError, UnknownSizeError, did_you_mean, fault
from ..graph import Layer
from ..ops.attributes import Attribute, Flag, Size, Word, is_number, show, whole, worded
from .frames import Here
from .syntax import DIGITS, FINEST, LARGEST, BinaryOperation, Literal, Name, Reference, Turns, Value
from .words import Callee


def evaluate(node: Value, here: Here, current: Layer | None) -> Any:
    """Return the value of an expression. Raises PlacedError, or
    UnknownSizeError behind an earlier fault."""
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
    if isinstance(node, BinaryOperation):
        return _operate(node, here, current)
    if isinstance(node, Turns):
        return evaluate(choose(node, here), here, current)
    raise fault("value", "a tensor is not a value", node, "its sizes are `label.h`, `.w`, `.c`")


def choose(node: Turns, here: Here) -> Value:
    """Return the value of a list that this turn of the innermost repeat takes."""
    if here.turn is None:
        raise fault("value", "a list belongs to a repeat, and there is none around it", node)
    turn, count = here.turn
    given = len(node.values)
    if node.fill is None:
        if given != count:
            raise fault(
                "value",
                f"{given} values for {count} turns",
                node,
                "`..` behind a value repeats it as often as needed",
            )
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
    """Return the value of an argument of a layer; words are resolved by the attribute's type."""
    if isinstance(node, Turns):
        node = choose(node, here)
    if isinstance(node, Name) and len(node.path) == 1:
        word = node.path[0]
        if word in attribute.words:
            return Word(word)
        switch = {"true": True, "false": False}.get(word.lower())
        if switch is not None and isinstance(attribute, Flag) and word not in here.frame.env:
            return switch
        env = here.frame.env
        if word in env:
            value = env[word]
            if isinstance(value, Callee) and value.name in attribute.words:
                return Word(value.name)  # a block of that name, but here it can only be the word
            return value
        meant = worded(word, attribute.words)
        if meant is not None:
            return meant
        if attribute.any_word:
            return Word(word)
        if word != "in":
            candidates = [*attribute.words, *env]
            kinds = f"neither a parameter nor {attribute.kind}" if attribute.words else ("no parameter")
            raise fault("name", f"`{word}` is {kinds}", node, *did_you_mean(word, candidates))
    if isinstance(node, Reference):
        if not getattr(attribute, "takes_tensor", False):
            raise fault(
                "value",
                f"`{attribute.name}` is {attribute.kind}, not a tensor",
                node,
                f"its sizes are `{node.path}.h`, `{node.path}.w` and `{node.path}.c`",
            )
        tensor = here.frame.tensor(node)
        if tensor is None:
            raise UnknownSizeError
        return Size(tensor.output.spatial)
    return evaluate(node, here, current)


def parameter_value(node: Value, here: Here, current: Layer | None) -> Any:
    """Return the value of an argument of a block: the caller's parameter, else a block or layer, else a
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
    """Return the value of what stands behind ``if``."""
    return _yes_or_no(evaluate(node, here, current), node)


def _yes_or_no(value: Any, node: Value) -> bool:
    if not isinstance(value, bool):
        raise fault("value", f"a condition is yes or no, not {show(value)}", node)
    return value


def _channels(current: Layer | None) -> int:
    if current is None:
        raise UnknownSizeError
    channels: int = current.output[-1]
    return channels


def _unknown_name(node: Name, here: Here) -> PlacedError:
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
        raise UnknownSizeError
    shape = tensor.output
    back = {"c": 1, "w": 2, "h": 3}[which]
    if back > len(shape):
        what = "height" if which == "h" else "width"
        raise fault("shape", f"{shape} has no {what}", node)
    side: int = shape[-back]
    return side


def _number(value: Any, node: Value) -> int | Fraction:
    if not is_number(value):
        raise fault("value", f"{show(value)} is not a number", node)
    return value  # type: ignore[no-any-return]


def _bounded(value: int | Fraction, node: Value) -> int | Fraction:
    if not isinstance(value, int):
        if value.denominator > FINEST:
            raise fault("limit", f"a number has up to {DIGITS} digits behind the point", node)
        if isinstance(value, Fraction) and value.denominator == 1:
            value = value.numerator
    if not -LARGEST <= value <= LARGEST:
        raise fault("limit", f"numbers go up to {LARGEST:,}", node)
    return value


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": quotient,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}
# These look at their operands before, or instead of, computing.
_BINARY.update(dict.fromkeys(("==", "!=", "and", "or"), lambda a, b: None))


def _operate(node: BinaryOperation, here: Here, current: Layer | None) -> Any:
    # Operators of one strength lean to the left, and may be many: that side is walked in a loop.
    spine = []
    left: Value = node
    while isinstance(left, BinaryOperation) and left.operator in _BINARY:
        spine.append(left)
        left = left.operands[0]
    if not spine:
        return _apply(node, here, current)
    value = evaluate(left, here, current)
    for at in reversed(spine):
        right = at.operands[1]
        if at.operator in ("and", "or"):
            if _yes_or_no(value, at.operands[0]) != (at.operator == "or"):
                value = condition(right, here, current)
            continue
        other = evaluate(right, here, current)
        if at.operator in ("==", "!="):
            value = _equal(value, other, at) == (at.operator == "==")
            continue
        a, b = _number(value, at.operands[0]), _number(other, right)
        if at.operator in ("/", "//", "%") and b == 0:
            raise fault("value", "division by zero", right)
        value = _BINARY[at.operator](a, b)
        # Yes and no are plain: what a comparison of many designs comes to, all of them have to agree on.
        value = bool(value) if isinstance(value, (bool, RuleTruth)) else _bounded(value, at)
    return value


def _apply(node: BinaryOperation, here: Here, current: Layer | None) -> Any:
    """`not`, a minus, a function."""
    operator, operands = node.operator, node.operands
    if operator == "not":
        return not condition(operands[0], here, current)
    numbers = [_number(evaluate(operand, here, current), operand) for operand in operands]
    if operator == "neg":
        return -numbers[0]
    if operator == "min":
        return smallest(numbers)
    if operator == "max":
        return largest(numbers)
    if operator == "divisible":
        return _bounded(_divisible(numbers, operands), node)
    return _size(numbers, operands)


def _equal(a: Any, b: Any, node: BinaryOperation) -> bool:
    def kind(value: Any) -> str:
        if isinstance(value, bool):
            return "yes or no"
        return "a number" if is_number(value) else type(value).__name__

    if kind(a) != kind(b):
        raise fault("value", f"{show(a)} and {show(b)} cannot be compared", node)
    return bool(a == b)


def _divisible(numbers: list[int | Fraction], operands: tuple[Value, ...]) -> int | Fraction:
    """Return the multiple of d nearest to v, at least d, and not below 90 % of v.

    Source: MobileNet's reference code, ``make_divisible``; its 90 % clause first in MobileNetV2.
    """
    v, d = numbers
    if whole(d) is None or d < 1:
        raise fault("value", "the divisor is a whole number from 1", operands[1])
    rounded = maximum(d, (v + quotient(d, 2)) // d * d)
    found: int | Fraction = where(rounded < Fraction(9, 10) * v, rounded + d, rounded)
    return found


def _size(numbers: list[int | Fraction], operands: tuple[Value, ...]) -> Size:
    for number, operand in zip(numbers, operands, strict=True):
        if whole(number) is None or number < 0:
            raise fault("value", f"a size is a whole number, not {show(number)}", operand)
    return Size(whole(number) for number in numbers)
