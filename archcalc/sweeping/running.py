"""Running a sweep: part after part, in the order of the designs' numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import chain
from threading import current_thread, main_thread
from time import monotonic
from typing import NamedTuple

import numpy as np

from ..interrupts import AwaitedInterrupt
from .engine import evaluated
from .findings import Findings, Selection, counts_of, findings, gathered
from .request import Sweep
from .sampling import SweptDesigns

# How many designs are computed at once: so few at first, and twice as many each time, as long as that
# takes less than a quarter of a second, so that Ctrl-C and a bar wait for no more.
FIRST, MOST_AT_ONCE = 1 << 6, 1 << 17
SECONDS = 0.25

# What gives the parts of a sweep, however large, in the order of their designs, in which files are written;
# another one may have them computed elsewhere, by ``part``.
Parts = Callable[[Sweep, Selection, SweptDesigns], Iterable[Findings]]


def part(sweep: Sweep, wanted: Selection, numbers: np.ndarray) -> Findings:
    """Compute some designs, and keep what is wanted of them.

    Args:
        sweep: Whose designs they are.
        wanted: What is wanted of the sweep.
        numbers: The designs, in ascending order.

    Returns:
        What they leave; it can be sent to another process.
    """
    return findings(evaluated(sweep, numbers), wanted, sweep.space)


def parts_here(sweep: Sweep, wanted: Selection, chosen: SweptDesigns) -> Iterator[Findings]:
    """The parts of a sweep, computed in this process one after the other."""
    start, size = 0, FIRST
    while start < chosen.size:
        began = monotonic()
        yield part(sweep, wanted, chosen.numbers(start, start + size))
        start += size
        took = monotonic() - began
        if took < SECONDS / 2:
            size = min(2 * size, MOST_AT_ONCE)
        elif took > 2 * SECONDS:
            size = max(size // 2, 1)


class Course(NamedTuple):
    """How far a sweep came.

    found      what the designs left that were computed
    designs    how many there are to compute
    seconds    how long it took
    complete   whether all of them were computed: not after Ctrl-C
    """

    found: Findings
    designs: int
    seconds: float
    complete: bool


class Run:
    """A sweep that runs: iterating over it gives what each part leaves, and ``course`` says how far it came.

    Ctrl-C ends the iteration behind a part, with all that was found until then.

    Args:
        sweep: Whose designs are computed.
        wanted: What is wanted of them.
        chosen: Which are computed; all of the space without it.
        parts: Where they are computed.
        progress: What is called with the number of designs that are done.

    Example:
        >>> from archcalc.sweeping.best import Goal
        >>> from archcalc.sweeping.findings import Selection
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> from archcalc.sweeping.running import Run
        >>> sweep = Sweep(SweepRequest("32x32x3 -> conv {3, 5, 7} {8, 16, 24}", {}))
        >>> found = Run(sweep, Selection(sort=(Goal("params", largest=True),), top=2)).all()
        >>> found.found.rows.columns["params"].tolist(), found.complete
        ([2368, 3552], True)
    """

    def __init__(
        self,
        sweep: Sweep,
        wanted: Selection,
        chosen: SweptDesigns | None = None,
        parts: Parts = parts_here,
        progress: Callable[[int], None] | None = None,
    ):
        self.sweep = sweep
        self.wanted = wanted
        self.chosen = SweptDesigns(sweep.space) if chosen is None else chosen
        self._parts = parts
        self._progress = progress
        # What no design leaves; then what all of them did so far, of the rows those of the last part.
        self._counts = part(sweep, wanted, np.zeros(0, np.int64))
        self._seconds = 0.0
        self._complete = False

    def __iter__(self) -> Iterator[Findings]:
        began = monotonic()
        parts = iter(self._parts(self.sweep, self.wanted, self.chosen))
        try:
            # Only the main thread hears of Ctrl-C.
            heard = current_thread() is main_thread()
            with AwaitedInterrupt() if heard else nullcontext(nullcontext()) as awaited:
                while True:
                    with awaited:  # Ctrl-C that came while a part was computed, or what it left was used
                        pass
                    found = next(parts, None)
                    if found is None:
                        self._complete = True
                        return
                    self._counts = counts_of(self._counts, found)
                    self._seconds = monotonic() - began
                    if self._progress is not None:
                        self._progress(self._counts.designs)
                    yield found
        except KeyboardInterrupt:
            return
        finally:
            self._seconds = monotonic() - began
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    @property
    def course(self) -> Course:
        """How far it came, without the designs that are kept."""
        return Course(self._counts, self.chosen.size, self._seconds, self._complete)

    def all(self) -> Course:
        """Run it to its end, and put together what its parts leave."""
        found = gathered(chain([self._counts], self), self.wanted, self.sweep.space)
        return self.course._replace(found=found)
