"""The quick lane stays quick: what takes long and is not marked is named at the end of a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lanes import slow_but, slow_where

TESTS = """\
import subprocess, sys, time
import lanes, pytest
lanes.SECONDS = 0.2

def compute():
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass

def test_long(): compute()
def test_in_a_process(): subprocess.run([sys.executable, "-c", "sum(range(30_000_000))"])
def test_waits(): time.sleep(0.4)
@pytest.mark.slow
def test_marked(): compute()
"""


@pytest.mark.parametrize("workers", ["0", pytest.param("1", marks=pytest.mark.slow)])
def test_what_takes_long_is_named(workers: str, tmp_path: Path) -> None:
    """Defeats: the time on the clock, which a busy machine doubles; a process whose time nobody counts; a
    report that stays with the worker; a word about what is marked."""
    (tmp_path / "test_times.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", workers, "-p", "lanes", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    _, _, named = done.stdout.partition("are not marked as slow")
    names = {line.rpartition("::")[2] for line in named.splitlines() if "::" in line}
    assert names == {"test_long", "test_in_a_process"}


def quick(values: list[object]) -> list[object]:
    return [one for one in values if one in range(100)]


def test_some_parameters_are_quick() -> None:
    """Defeats: a lane without any, and the first few of a list whose kinds stand one behind another."""
    assert quick(slow_but(range(12), 3)) == [0, 4, 8]
    assert quick(slow_but(range(2), 5)) == [0, 1]
    assert quick(slow_where(range(6), lambda one: one > 3)) == [0, 1, 2, 3]
    assert len(slow_but(range(12), 3)) == len(slow_where(range(12), bool)) == 12
