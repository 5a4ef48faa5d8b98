"""Random spaces of designs, for property tests: random networks of which some numbers are parameters."""

from __future__ import annotations

import random
import re

from random_networks import network_of

# A whole number that stands alone: not one of a size, a label or a text.
_NUMBER = re.compile(r"(?<=[ =])\d+(?=\s|$)")
_NET = re.compile(r"^net (\w+)")


def space_of(seed: int, layers: int = 8, axes: int = 5) -> tuple[str, dict[str, str]]:
    """The text of a network with parameters, and the values that each may have: some make no network."""
    rng = random.Random(seed)
    found: dict[str, int] = {}

    def put(match: re.Match[str]) -> str:
        if len(found) == axes or rng.random() < 0.6:
            return match.group()
        name = f"p{len(found)}"
        found[name] = int(match.group())
        return name

    text = network_of(seed, layers)
    lines = [
        line if line.lstrip().startswith(("input", "net")) else _NUMBER.sub(put, line)
        for line in text.split("\n")
    ]
    declared = " ".join(f"{name}={value}" for name, value in found.items())
    text = _NET.sub(rf"net \1 {declared}", "\n".join(lines), count=1)
    settings = {}
    for name, value in found.items():
        values = sorted({value, value + 1, 2 * value, 3 * value, max(value - 1, 0)})
        settings[name] = f"{{{', '.join(map(str, values))}}}"
    return text, settings
