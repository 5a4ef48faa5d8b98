"""The parts of a sweep, computed by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import Any, NamedTuple

import numpy as np

from .cluster import Workers
from .findings import Findings, Selection
from .job import Chunk
from .request import Sweep
from .running import FIRST, MOST_AT_ONCE, Parts, part, parts_here
from .sampling import SweptDesigns

# Seconds that a task is to take: long beside what sending it costs, and short beside a sweep.
SECONDS = 1.0
# Of how many designs at most, where only the best of them are sent back; else as many as here.
MOST_TO_CHOOSE = 1 << 19


class TimedPart(NamedTuple):
    """What a task leaves: of how many designs, in how many seconds."""

    designs: int
    seconds: float
    found: Findings


def timed_part(selection: Selection, sweep: Sweep, numbers: np.ndarray) -> TimedPart:
    """Do a task: compute designs, and keep of them what is selected, so that little is sent."""
    began = monotonic()
    found = part(sweep, selection, numbers)
    return TimedPart(len(numbers), monotonic() - began, found)


def parts_on(workers: Workers) -> Parts:
    """Where the parts of a sweep are computed: on these workers.

    Args:
        workers: The workers.

    Returns:
        What ``Run`` takes. What a sweep finds there is what it finds here, to the byte: how it is parted has
        no part in it.
    """

    def parts(sweep: Sweep, selection: Selection, designs: SweptDesigns) -> Iterator[Findings]:
        nothing = part(sweep, selection, np.zeros(0, np.int64))
        chooses = bool(selection.pareto) or selection.top is not None
        chunks = _Chunks(workers, designs, MOST_TO_CHOOSE if chooses else MOST_AT_ONCE)
        for timed in workers.results(sweep, partial(timed_part, selection), chunks):
            if timed is None:
                yield nothing  # whoever iterates sees to Ctrl-C
            else:
                chunks.took(timed)
                yield timed.found

    return parts


@contextmanager
def parts_with(dask: Any) -> Iterator[Parts]:
    """Say where the parts of a sweep are computed.

    Args:
        dask: None for this process; else as ``Workers`` takes it, or True for as many processes as this
            machine has processors.

    Yields:
        What ``Run`` takes, in the block of a ``with``.

    Raises:
        SpecError: As ``Workers``.
    """
    if dask is None or dask is False:
        yield parts_here
        return
    with Workers(None if dask is True else dask) as workers:
        yield parts_on(workers)


class _Chunks(Iterator[Chunk]):
    """Chunks of designs that take about as long each: few at first, and smaller again at the end, so that
    all workers have something to do until then."""

    def __init__(self, workers: Workers, designs: SweptDesigns, most: int):
        self._workers = workers
        self._designs = designs
        self._start = 0
        self._size = FIRST
        self._most = most

    def took(self, timed: TimedPart) -> None:
        """Choose the size of those that come by how long one took."""
        fitting = int(timed.designs * SECONDS / max(timed.seconds, 1e-6))
        self._size = max(1, min(fitting, 4 * self._size, self._most))

    def __next__(self) -> Chunk:
        rest = self._designs.size - self._start
        if not rest:
            raise StopIteration
        fair = -(-rest // (2 * max(1, self._workers.threads)))
        size = min(self._size, max(fair, FIRST), rest)
        start, self._start = self._start, self._start + size
        # Where all designs are computed their numbers are their places: two numbers say which.
        if not self._designs.sampled:
            return start, start + size
        return self._designs.numbers(start, start + size)
