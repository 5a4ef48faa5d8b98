"""Spaces of designs for tests: random networks of which some numbers are parameters, and whether the
figures of many designs are those of each."""

from __future__ import annotations

import random
import re

import numpy as np
from random_networks import network_of

from archcalc.quantities import CONDITIONED
from archcalc.sweeping import one_by_one
from archcalc.sweeping.engine import evaluated
from archcalc.sweeping.request import Sweep

QUANTITIES = tuple(name for name in CONDITIONED if name != "counter")

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


def same(sweep: Sweep, numbers: np.ndarray) -> None:
    """Hold the designs against those that are computed one by one."""
    many, single = evaluated(sweep, numbers), one_by_one.evaluated(sweep, numbers)
    assert (many.holds == single.holds).all()
    for row, number in enumerate(numbers.tolist()):
        design = sweep.space.design(number)
        reasons = [
            batch.refusals[batch.refused[row] - 1].kind if batch.refused[row] else None
            for batch in (many, single)
        ]
        assert reasons[0] == reasons[1], design
        if reasons[0] is None:
            assert many.output(row) == single.output(row), design
            for name in sweep.quantities:
                assert many.columns[name][row] == single.columns[name][row], (design, name)


def sampled(sweep: Sweep, count: int) -> np.ndarray:
    if sweep.space.size <= count:
        return np.arange(sweep.space.size)
    picked = np.random.default_rng(0).choice(sweep.space.size, count, replace=False)
    return np.sort(picked)
