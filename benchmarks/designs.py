"""How many designs a second a sweep computes, beside a plain loop over the Python API."""

from __future__ import annotations

import random
import time

import numpy as np

from archcalc.network import load
from archcalc.sweeping.best import Goal
from archcalc.sweeping.cluster import Workers
from archcalc.sweeping.cluster_parts import parts_on
from archcalc.sweeping.engine import evaluated
from archcalc.sweeping.findings import Selection
from archcalc.sweeping.request import Sweep, SweepRequest
from archcalc.sweeping.running import Run

# Ten layers, of which four attributes differ: a million designs.
TEN_LAYERS = (
    "64x64x3 -> conv ? ? stride=? pad=? -> relu -> conv 3x3 128 pad=1 -> relu -> maxpool 2 -> "
    "conv 3x3 128 pad=1 -> relu -> conv 3x3 256 pad=1 -> global_avgpool -> fc 10"
)
SETTINGS = {"kernel": "1..10", "filters": "1..2500", "stride": "1..8", "pad": "0..4"}
QUANTITIES = ("params", "macs", "rf")
# Designs that the loop computes, and those of a part of the sweep.
SINGLE, PART = 300, 1 << 17


def seconds_of_a_million() -> float:
    """CPU seconds that a million designs take in a sweep: shapes, parameters, MACs, receptive fields."""
    sweep = Sweep(SweepRequest(TEN_LAYERS, SETTINGS, quantities=QUANTITIES))
    start = time.process_time()
    for first, last in sweep.space.chunks(PART):
        evaluated(sweep, np.arange(first, last))
    return (time.process_time() - start) * 1_000_000 / sweep.space.size


def seconds_of_a_million_one_by_one() -> float:
    """CPU seconds that a million designs would take in a loop: measured of some that are drawn."""
    sweep = Sweep(SweepRequest(TEN_LAYERS, SETTINGS, quantities=QUANTITIES))
    drawn = random.Random(0).sample(range(sweep.space.size), SINGLE)
    specs = [sweep.spec(sweep.space.design(number)) for number in drawn]
    start = time.process_time()
    for spec in specs:
        totals = load(spec).summary().totals
        assert totals["params"]
        assert totals["macs"]
    return (time.process_time() - start) * 1_000_000 / SINGLE


def seconds_on(workers: Workers) -> float:
    """CPU seconds that ten million designs and their front take the busiest of some workers, which are up."""
    settings = {**SETTINGS, "filters": "1..25_000"}
    sweep = Sweep(SweepRequest(TEN_LAYERS, settings, quantities=QUANTITIES))
    selection = Selection(pareto=(Goal("params"), Goal("rf", largest=True)))
    before = workers._client.run(time.process_time)
    course = Run(sweep, selection, parts=parts_on(workers)).all()
    assert course.found.designs == sweep.space.size
    after = workers._client.run(time.process_time)
    return max(after[worker] - before[worker] for worker in before)
