"""A question over 36 million designs: `solve` beside a loop that makes each of them: a sample is run."""

from __future__ import annotations

import itertools
import time

QUESTION = "56x56x64 -> conv ? ? stride=? pad=? -> [28x28x128]"
LOOP = "56x56x64 -> conv {} {} stride={} pad={}"
SAMPLE = 400


def seconds_of_a_question() -> float:
    """CPU seconds until all answers are known."""
    import archcalc

    start = time.process_time()
    found = archcalc.solve(QUESTION)
    assert found.proved
    assert found.met == 152
    return time.process_time() - start


def seconds_of_a_loop() -> float:
    """CPU seconds of a loop over all of the designs, from those of a sample of it."""
    import archcalc

    start = time.process_time()
    values = itertools.product(range(1, 33), (1, 64, 128, 1024), (1, 2, 3), (0, 1))
    for design in itertools.islice(values, SAMPLE):
        archcalc.load(LOOP.format(*design)).graph.output.output  # noqa: B018
    return (time.process_time() - start) / SAMPLE * 32 * 1024 * 32 * 35
