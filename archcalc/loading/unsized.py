"""Chains whose input has no size, ``?x?x64 -> conv 3x3 128``: what does not depend on it is
answered all the same.

The chain is read with two sizes; what is the same of both does not depend on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..diagnostics import SpecError, fail
from ..language.lexer import ARROW

if TYPE_CHECKING:
    from . import N

_HEAD = re.compile(r"\s*(?:\d+|\?)(?:\s*[x×*]\s*(?:\d+|\?))+\s*(?:" + ARROW.pattern + ")")
# The first of the sizes that are tried, two at a time, and by how much the next `?` has more.
_TRIED = (224, 32, 1024)
_MORE = 32


def unsized(target: str) -> bool:
    """Tell whether a target is a chain that begins with a ``?`` for a size."""
    head = _HEAD.match(target)
    return head is not None and "?" in head[0]


def pair(target: str, load: Callable[[str], N]) -> tuple[N, N]:
    """Return the network with two sizes of its input. Raises SpecError where none fits it."""
    refused: SpecError | None = None
    for size in _TRIED:
        try:
            found = load(_with(target, size)), load(_with(target, 2 * size + _MORE))
        except SpecError as error:
            refused = refused or error
            continue
        for network in found:
            network.graph.metadata.name = ARROW.sub("->", target.strip())
            network.graph.metadata.unsized = True
        return found
    assert refused is not None
    first = refused.diagnostics[0]
    first.help = (*first.help, "the `?` of the input stood for a size: write one")
    raise refused


def depends(what: str, target: str) -> SpecError:
    """Return the error for what cannot be computed without a size."""
    return fail(
        "argument",
        f"{what} depends on the size of the input",
        f"write it in the place of the `?`, as in {_with(target.strip(), _TRIED[0])}",
    )


def no_size(target: str) -> SpecError:
    """Return the error where all that is asked for depends on sizes."""
    return fail(
        "argument",
        "the input has no size",
        f"as in {_with(target.strip(), _TRIED[0])}",
        "`explain` and `check` answer what does not depend on it, as parameters",
        "`solve` finds the value of a `?` behind the input",
    )


def _with(target: str, size: int) -> str:
    """Return the chain with sizes for each ``?`` of its input."""
    head = _HEAD.match(target)
    assert head is not None
    parts = head[0].split("?")
    sized = parts[0]
    for number, part in enumerate(parts[1:]):
        sized += f"{size + number * _MORE}{part}"
    return sized + target[head.end() :]
