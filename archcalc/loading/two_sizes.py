"""A chain whose input has no size, read with two."""

from __future__ import annotations

from collections.abc import Callable

from ..diagnostics import SpecError
from ..language.lexer import ARROW
from . import N
from .unsized import MORE, TRIED, with_size


def pair(target: str, load: Callable[[str], N]) -> tuple[N, N]:
    """Return the network with two sizes of its input. Raises SpecError where none fits it."""
    refused: SpecError | None = None
    for size in TRIED:
        try:
            found = load(with_size(target, size)), load(with_size(target, 2 * size + MORE))
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
