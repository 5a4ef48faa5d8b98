"""Of which kind a tensor is that an operation makes, and which number it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .recording import CONSTANT, INPUT, MADE, PREPARED, Value

# Operators that read nothing of a tensor but its sizes, its type and its device.
UNREAD = frozenset(
    (
        *("zeros_like", "ones_like", "full_like", "empty_like", "rand_like", "randn_like", "randint_like"),
        *("new_zeros", "new_ones", "new_full", "new_empty", "new_empty_strided", "zero", "_shape_as_tensor"),
    )
)

# Operators that read of their second tensor nothing but its sizes or its type.
FIRST_ALONE = frozenset(("expand_as", "view_as", "reshape_as", "type_as", "resize_as", "resize_as_"))

# Operators that give the number that they are given.
SAME_NUMBER = frozenset(("detach", "alias", "clone", "contiguous", "view", "reshape", "expand", "unsqueeze"))

# Operators that make a tensor of one number, and the argument that holds it, or the number.
_NUMBERS: dict[str, str | int] = {
    "full": "fill_value",
    "scalar_tensor": "s",
    "full_like": "fill_value",
    "new_full": "fill_value",
    "zeros": 0,
    "ones": 1,
    "zeros_like": 0,
    "ones_like": 1,
    "new_zeros": 0,
    "new_ones": 1,
    "fill": "value",
    "zero": 0,
}


def kind_of(read: tuple[Value, ...]) -> tuple[str, tuple[Value, ...]]:
    """Return the kind of what is computed of values, and its leaves where it is PREPARED."""
    for value in read:
        if value.kind in (INPUT, MADE):
            return MADE, ()
    leaves = {leaf.index: leaf for value in read for leaf in value.leaves}
    if any(leaf.kind != CONSTANT for leaf in leaves.values()):
        return PREPARED, tuple(leaves.values())
    return CONSTANT, ()


def number_made(name: str, arguments: Mapping[str, Any]) -> int | float | bool | None:
    """Return the number that an operation puts into every place; None where it puts others."""
    known = _NUMBERS.get(name)
    if isinstance(known, str):
        known = arguments.get(known)
    return known if isinstance(known, (int, float, bool)) else None
