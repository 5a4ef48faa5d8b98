"""Parameters of tests, some of which the quick lane leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def slow_where(values: Iterable[Any], is_slow: Callable[[Any], bool]) -> list[Any]:
    """Values for ``parametrize``; those that take long are marked as slow."""
    return [pytest.param(one, marks=pytest.mark.slow) if is_slow(one) else one for one in values]


def slow_but(values: Iterable[Any], quick: int) -> list[Any]:
    """Values for ``parametrize``, of which so many, from all over the list, are not marked as slow."""
    every = list(values)
    step = max(1, len(every) // quick)
    chosen = set(range(0, len(every), step)[:quick])
    return [
        one if number in chosen else pytest.param(one, marks=pytest.mark.slow)
        for number, one in enumerate(every)
    ]
