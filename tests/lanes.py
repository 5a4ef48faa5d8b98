"""What the quick lane leaves out: parameters that are marked as slow, and what ought to be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

# A test without the marker that computes for longer is named at the end of a run. Seconds of the processor:
# on a busy machine they grow a little, where those on the clock double.
SECONDS = 2.5
_NAME = "seconds of the processor"


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


def _processor_seconds() -> float:
    """Those of this process, and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    before = _processor_seconds()
    yield
    seconds = _processor_seconds() - before
    if seconds > SECONDS and item.get_closest_marker("slow") is None:
        item.user_properties.append((_NAME, round(seconds, 1)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name the tests that the quick lane had better leave out; a report of a worker tells of its own."""
    found = {
        report.nodeid: seconds
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, seconds in report.user_properties
        if name == _NAME
    }
    if found:
        terminalreporter.section("tests that compute for long and are not marked as slow")
        for nodeid, seconds in sorted(found.items(), key=lambda one: -one[1]):
            terminalreporter.write_line(f"{seconds:6} s  {nodeid}")
