"""Sizes that somebody gives of an input, for readers of files whose inputs have sizes of their own."""

from __future__ import annotations

from typing import Any

from ...diagnostics import fail

# A larger size is no size.
LARGEST = 2**40


def input_sizes(name: str, given: Any, wanted: int | None) -> list[int]:
    """Read the sizes of an input.

    Args:
        name: The input, for messages.
        given: ``224x224x3``, a number, or numbers.
        wanted: How many axes it has without the batch; None where that is not known.

    Raises:
        SpecError: For what is no size, or too few or too many of them.
    """
    if isinstance(given, str):
        parts = given.split(":")[0].replace("×", "x").replace(",", "x").lower().split("x")
        if not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
            raise fail("argument", f"`{given}` is no size of the input {name}", "as in 224x224x3")
        given = [int(part) for part in parts]
    sizes = [given] if isinstance(given, int) else list(given)
    if not all(isinstance(size, int) and 0 < size < LARGEST for size in sizes):
        raise fail("argument", f"{given} is no size of the input {name}", "as in 224x224x3")
    if wanted is not None and len(sizes) != wanted:
        raise fail(
            "argument", f"the input {name} has {wanted} axes without the batch, and {len(sizes)} were given"
        )
    return sizes
