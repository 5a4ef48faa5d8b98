"""What operations are given: the parameters behind tensors, and arguments as attributes have them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any

from ....ops.attributes import LARGEST, Size
from ..recording import BUFFER, CONSTANT, PARAMETER, Value


class UnliftedError(Exception):
    """archcalc has no layer for what an operation does here; the text says why."""


def leaves_of(tensors: Sequence[Value | None]) -> list[Value]:
    """The parameters and buffers that tensors are, or are made of; each once."""
    found: dict[int, Value] = {}
    for tensor in tensors:
        if tensor is None:
            continue
        for leaf in tensor.leaves:
            if leaf.kind in (PARAMETER, BUFFER):
                found.setdefault(leaf.index, leaf)
    return list(found.values())


def are_constants(tensors: Sequence[Value | None]) -> bool:
    """Whether tensors are constants of the code, all that there are: none is a parameter or a buffer, or
    made of such."""
    found = [tensor for tensor in tensors if tensor is not None]
    return bool(found) and all(tensor.kind == CONSTANT for tensor in found)


def short(value: Value) -> str:
    """The name of a parameter within its module; in a list of parameters that of the list and its number."""
    around, _, name = value.name.rpartition(".")
    return f"{around.rpartition('.')[2] or 'tensor'}_{name}" if name.isdigit() else name or "tensor"


def free(name: str, taken: Collection[str]) -> str:
    """A name that is not taken: the name itself, or with a number."""
    found, number = name, 2
    while found in taken:
        found = f"{name}_{number}"
        number += 1
    return found


def count(value: Value) -> int:
    """How many values a tensor holds."""
    total = 1
    for size in value.sizes:
        total *= size
    return total


def plain(value: Any) -> Any:
    """An argument of PyTorch as an attribute has it: equal numbers for all axes are one."""
    if isinstance(value, (tuple, list)) and not isinstance(value, Size):
        if value and all(item == value[0] for item in value):
            return plain(value[0])
        return Size(value)
    if isinstance(value, float):
        return fraction(value)
    return value


def fraction(value: float) -> Fraction | int:
    """A number of PyTorch as a person wrote it: 0.1 is one tenth. Raises UnliftedError for infinity."""
    if value != value or abs(value) > LARGEST:
        raise UnliftedError(f"the number {value}")
    found = Fraction(repr(value))
    return found.numerator if found.denominator == 1 else found
