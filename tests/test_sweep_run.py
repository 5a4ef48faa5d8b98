"""A sweep that runs: its counts, its progress, and how far it came at Ctrl-C."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from threading import Thread
from typing import Any

import numpy as np

from archcalc.sweeping import running
from archcalc.sweeping.best import Goal
from archcalc.sweeping.findings import Findings, Selection
from archcalc.sweeping.request import Sweep, SweepRequest
from archcalc.sweeping.running import Course, Run, part, parts_here
from archcalc.sweeping.sampling import SweptDesigns

REQUEST = SweepRequest("16x16x3 -> conv {3, 5, 17, 19} {8, 16} pad={0, 1} -> gap", {}, where="params < 1000")


WHOLE = Selection()


def course(wanted: Selection = WHOLE, **more: Any) -> Course:
    return Run(Sweep(REQUEST), wanted, **more).all()


def test_what_a_run_counts() -> None:
    """16 designs, of which those without a window that fits are refused, by reason; 8 filters of 5x5 and
    fewer weights meet the condition. Defeats designs that vanish."""
    done: list[int] = []
    found = course(progress=done.append)
    assert (found.designs, found.complete, done) == (16, True, [16])
    assert (found.found.designs, found.found.networks, found.found.met) == (16, 10, 6)
    assert [(one.designs, one.refusal.example) for one in found.found.refused.values()] == [(6, 8)]
    assert found.found.rows.numbers.tolist() == [0, 1, 2, 3, 4, 5]


def test_parts_of_any_size_come_to_the_same(monkeypatch: Any) -> None:
    """Where they are computed elsewhere, too, in another order. Defeats a run that needs their order."""
    wanted = Selection(pareto=(Goal("params"), Goal("rf", True)))

    def elsewhere(sweep: Sweep, wanted: Selection, chosen: SweptDesigns) -> Iterator[Findings]:
        for start in reversed(range(0, chosen.size, 3)):
            yield part(Sweep(sweep.request), wanted, chosen.numbers(start, start + 3))

    ones = [course(wanted), course(wanted, parts=elsewhere)]
    monkeypatch.setattr(running, "FIRST", 1)
    ones.append(course(wanted))
    for found in ones:
        assert found.found.rows.numbers.tolist() == [0, 4]
        assert found.found.alike is not None
        assert found.found.alike.tolist() == [2, 2]
        assert found.found.refused == ones[0].found.refused


def test_ctrl_c_leaves_what_there_is(monkeypatch: Any) -> None:
    """Behind the part that is computed; afterwards Ctrl-C means what it meant. Defeats an answer that is
    lost, and one that looks whole."""

    def parts(sweep: Sweep, wanted: Selection, chosen: SweptDesigns) -> Iterator[Findings]:
        for number, found in enumerate(parts_here(sweep, wanted, chosen)):
            if number == 2:
                os.kill(os.getpid(), signal.SIGINT)
            yield found

    monkeypatch.setattr(running, "FIRST", 2)
    monkeypatch.setattr(running, "MOST_AT_ONCE", 2)
    before = signal.getsignal(signal.SIGINT)
    found = course(parts=parts)
    assert not found.complete
    assert (found.designs, found.found.designs) == (16, 6)
    assert found.found.rows.numbers.tolist() == [0, 1, 2, 3, 4, 5]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_thread_may_sweep() -> None:
    """Defeats a handler of signals, which only the main thread may set."""
    found: list[Course] = []
    thread = Thread(target=lambda: found.append(course()))
    thread.start()
    thread.join()
    assert found[0].complete


def test_a_sample_is_swept() -> None:
    """Defeats a sample that the parts count twice or number anew."""
    sweep = Sweep(REQUEST)
    chosen = SweptDesigns(sweep.space, 7, 3)
    found = Run(sweep, Selection(refused=True), chosen).all()
    whole = Run(sweep, Selection()).all()
    assert (found.designs, found.found.designs) == (7, 7)
    kept = [n for n in chosen.numbers(0, 7).tolist() if n >= 8 and n not in whole.found.rows.numbers]
    assert set(found.found.rows.numbers.tolist()) <= set(kept)
    assert len(found.found.rows.numbers) == 7 - found.found.networks
    assert np.all(np.diff(chosen.numbers(0, 7)) > 0)
