"""What several tests share."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

# What PyTorch computes here is small, and threads that wait for each other cost more than they do.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Hundreds of processes are started here; each would compile the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Nothing of a test stays on the machine, nor is read from there.
os.environ["ARCHCALC_CACHE"] = "off"

import pytest
from hypothesis import HealthCheck, settings
from lanes import pytest_runtest_call, pytest_terminal_summary

from archcalc.loading import own_ops
from archcalc.ops import registry
from archcalc.ops.base import Op
from archcalc.shape import Shape

__all__ = ["pytest_runtest_call", "pytest_terminal_summary"]  # hooks of pytest

# The tests, whose assertions are rewritten, are kept for the next run as well.
sys.dont_write_bytecode = False

# The first example of a test imports what it needs, and machines are busy: how long one takes says
# nothing.
settings.register_profile(
    "archcalc", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("archcalc")


def pytest_collection_finish() -> None:
    """Ten thousand tests and what they import stay: collections of garbage do not look through them
    again and again, a sixth of the time of tests that make networks."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def _zoo_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # of all workers
    return str(folder / "zoo")


@pytest.fixture
def zoo_kept(_zoo_folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of the whole zoo are worked out once for all tests that list it and change no rule."""
    monkeypatch.setenv("XDG_CACHE_HOME", _zoo_folder)
    monkeypatch.setenv("ARCHCALC_CACHE", "")


@pytest.fixture
def ops_as_before() -> Iterator[None]:
    """The ops that there were before a test are there behind it."""
    ops = registry()
    before = dict(ops)
    yield
    ops.clear()
    ops.update(before)
    for name in [name for name in sys.modules if name.startswith("archcalc_ops_of ")]:
        del sys.modules[name]
    own_ops._sources.clear()  # other processes run again what is there


@pytest.fixture
def mystery() -> Iterator[str]:
    """A word of the language for a layer that has an output and no other rule."""
    ops = registry()

    class Mystery(Op):
        """A layer of which nothing is known but its output."""

        name = "mystery"
        group = "activation"
        weighted = True

        def output(self, x: Shape) -> Shape:  # type: ignore[override]
            return x

        def tensors(self, x: Shape) -> None:  # type: ignore[override]
            return None

    yield "mystery"
    del ops["mystery"]
