"""Chains whose input has no size, ``?x?x64 -> conv 3x3 128``: what does not depend on it is
answered all the same.

The chain is read with two sizes (``two_sizes.py``); what is the same of both does not depend on them.
"""

from __future__ import annotations

import re

from ..diagnostics import SpecError, fail
from ..language.lexer import ARROW

_HEAD = re.compile(r"\s*(?:\d+|\?)(?:\s*[x×*]\s*(?:\d+|\?))+\s*(?:" + ARROW.pattern + ")")
# The sizes that are tried, and by how much the next `?` has more.
TRIED = (224, 32, 1024)
MORE = 32


def unsized(target: str) -> bool:
    """Tell whether a target is a chain that begins with a ``?`` for a size."""
    head = _HEAD.match(target)
    return head is not None and "?" in head[0]


def depends(what: str, target: str) -> SpecError:
    """Return the error for what cannot be computed without a size."""
    return fail(
        "argument",
        f"{what} depends on the size of the input",
        f"write it in the place of the `?`, as in {with_size(target.strip(), TRIED[0])}",
    )


def no_size(target: str) -> SpecError:
    """Return the error where all that is asked for depends on sizes."""
    return fail(
        "argument",
        "the input has no size",
        f"as in {with_size(target.strip(), TRIED[0])}",
        "`explain` and `check` answer what does not depend on it, as parameters",
        "`solve` finds the value of a `?` behind the input",
    )


def unsized_axes(target: str) -> list[int]:
    """Return the axes of a chain's input for whose size there stands a ``?``."""
    head = _HEAD.match(target)
    sizes = re.split("[x×*]", head[0]) if head is not None else []
    return [axis for axis, size in enumerate(sizes) if "?" in size]


def with_size(target: str, size: int) -> str:
    """Return the chain with sizes for each ``?`` of its input."""
    head = _HEAD.match(target)
    assert head is not None
    parts = head[0].split("?")
    sized = parts[0]
    for number, part in enumerate(parts[1:]):
        sized += f"{size + number * MORE}{part}"
    return sized + target[head.end() :]
