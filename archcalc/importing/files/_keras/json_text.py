"""JSON that a file holds, within bounds; and where the names of layers stand in it."""

from __future__ import annotations

import json
import re
from typing import Any

from ....source import Source, Span
from .. import refused

_LONGEST = 64 * 2**20
_DEEPEST = 200
_NAME = re.compile(r'"name"[ \n\t]{0,20}:[ \n\t]{0,20}"([^"\\]{1,400})"')


def parsed(source: Source) -> Any:
    """Read a text of JSON.

    Args:
        source: The text.

    Returns:
        Its value.

    Raises:
        SpecError: Where it is none, or very long, or nested very deep.
    """
    text = source.text
    if len(text) > _LONGEST:
        raise refused(f"the configuration is longer than {_LONGEST:,} characters", Span(source, 0, 0))
    depth = deepest = 0
    for sign in re.findall(r"[\[\]{}]", text):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > 10 * _DEEPEST:
        raise refused("the configuration is nested too deep", Span(source, 0, 0))
    try:
        return json.loads(text, parse_int=_whole)
    except json.JSONDecodeError as error:
        span = Span(source, error.pos, min(error.pos + 1, len(text)))
        raise refused(f"this is no JSON: {error.msg}", span) from None
    except (RecursionError, ValueError):
        raise refused("the configuration is nested too deep", Span(source, 0, 0)) from None


def _whole(digits: str) -> int:
    """A whole number; one of very many digits is none that a layer can have."""
    return int(digits) if len(digits) < 40 else 10**40


class JsonPlaces:
    """Where the names of layers stand in a configuration: each place is given once, in their order."""

    def __init__(self, source: Source):
        self.source = source
        self._found: dict[str, list[tuple[int, int]]] = {}
        for found in _NAME.finditer(source.text):
            self._found.setdefault(found[1], []).append(found.span())
        for places in self._found.values():
            places.reverse()

    def of(self, name: str) -> Span:
        """Return where the next layer of this name stands; the beginning where that is not known."""
        places = self._found.get(name)
        if not places:
            return Span(self.source, 0, 0)
        start, end = places.pop() if len(places) > 1 else places[0]
        return Span(self.source, start, end)
