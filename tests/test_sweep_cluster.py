"""A sweep on several processes: what comes back is what this process computes itself, to the byte.

Defeats: parts in the order in which they are done; a part that is lost with its worker; a worker that reads
the files of its own machine; tasks without number; a cluster that nobody answers for, waited for without end.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from archcalc.diagnostics import SpecError
from archcalc.loading.own_ops import OpsOfFiles, load_ops, own_texts
from archcalc.ops import registry
from archcalc.packages import needed
from archcalc.sweeping import cluster as clusters
from archcalc.sweeping import job as jobs
from archcalc.sweeping.batch import DesignBatch
from archcalc.sweeping.cluster import AHEAD, Workers, is_address
from archcalc.sweeping.engine import evaluated
from archcalc.sweeping.job import Job
from archcalc.sweeping.request import Sweep, SweepRequest

distributed = pytest.importorskip("distributed")

# Some designs of it are no networks, some have no whole receptive field, and some figures are beyond int64.
CHAIN = SweepRequest(
    "32x32x3 -> conv {3, 5, 40} ? pad={0, half} -> conv 3x3 8 -> fc {10, 1_000_000_000} -> fc 1_000_000_000",
    {"filters": "{1..4, 1000}"},
    quantities=("params", "macs", "rf", "peak"),
    where="rf >= 7",
)


@pytest.fixture(scope="module")
def threads() -> Iterator[Any]:
    """A client of two workers that are threads of this process: up at once."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def processes() -> Iterator[Workers]:
    """Two processes, as ``--dask 2`` starts them."""
    with Workers(2) as cluster:
        yield cluster


def chunks(sweep: Sweep, size: int) -> list[tuple[int, int]]:
    return list(sweep.space.chunks(size))


def plain(batches: Iterable[DesignBatch | None]) -> list[Any]:
    """All that stands in batches, types of columns and of their values included. None comes while nothing
    else does."""
    return [
        (
            batch.numbers.tolist(),
            {
                name: (str(column.dtype), [(type(value), value) for value in column.tolist()])
                for name, column in batch.columns.items()
            },
            (batch.sizes.shape, batch.sizes.tolist()),
            (str(batch.refused.dtype), batch.refused.tolist()),
            batch.refusals,
            batch.holds.tolist(),
        )
        for batch in batches
        if batch is not None
    ]


def here(sweep: Sweep, parts: Iterable[tuple[int, int]]) -> list[Any]:
    return plain(evaluated(sweep, np.arange(*part)) for part in parts)


# Work that is done in place of the engine's ----------------------------------------------------


class Slowed(NamedTuple):
    """The engine, slow for the designs in front of a number."""

    before: int
    seconds: float

    def __call__(self, sweep: Sweep, numbers: np.ndarray) -> DesignBatch:
        if numbers[0] < self.before:
            time.sleep(self.seconds)
        return evaluated(sweep, numbers)


class Deadly(NamedTuple):
    """The engine, which ends its process at a design: once where there is a file to remember it by."""

    number: int
    once: str = ""

    def __call__(self, sweep: Sweep, numbers: np.ndarray) -> DesignBatch:
        if self.number in numbers and not (self.once and os.path.exists(self.once)):
            if self.once:
                Path(self.once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return evaluated(sweep, numbers)


def refusing(sweep: Sweep, numbers: np.ndarray) -> DesignBatch:
    """The engine on a sweep that has a fault which only a worker finds."""
    if numbers[0] > 0:
        sweep.graph({**sweep.space.design(0), "filters": -3})
    return evaluated(sweep, numbers)


# Equal ------------------------------------------------------------------------------------------


def test_parts_come_as_they_are_here_and_in_their_order(threads: Any) -> None:
    """The first parts take longest: as they are done, they would come last."""
    sweep = Sweep(CHAIN)
    parts = chunks(sweep, 11)
    with Workers(threads) as cluster:
        got = plain(cluster.results(sweep, Slowed(22, 0.1), parts))
    want = here(sweep, parts)
    assert got == want
    shown = repr(want)
    assert "object" in shown, "no figure is beyond int64"
    assert "int64" in shown
    assert any(part[3][1] != [0] * len(part[0]) for part in want), "every design is a network"


def test_numbers_that_are_no_stretch(threads: Any) -> None:
    sweep = Sweep(CHAIN)
    some = np.array([0, 7, 8, 50, sweep.space.size - 1])
    with Workers(threads) as cluster:
        assert plain(cluster.results(sweep, evaluated, [some])) == plain([evaluated(sweep, some)])


@pytest.mark.slow
def test_processes_compute_what_this_one_does(processes: Workers) -> None:
    sweep = Sweep(CHAIN)
    parts = chunks(sweep, 17)
    assert plain(processes.results(sweep, evaluated, parts)) == here(sweep, parts)
    pids = processes._client.run(os.getpid)
    assert len(set(pids.values()) | {os.getpid()}) == 3


# Files ------------------------------------------------------------------------------------------


def folder_of_specs(folder: Path) -> Path:
    """A spec that calls a block beside it and uses a network beside it, which is a link as well."""
    (folder / "mine.arch").write_text(
        "net mine width=8 kernel=3\n  input 32x32x3\n  unit width kernel\n  use tail\n\n"
        "net other\n  input 8x8x3\n  fc 2\n"
    )
    (folder / "parts.arch").write_text("block unit c k\n  conv k c pad=0 -> relu\n")
    (folder / "tail.arch").write_text("net tail\n  input 28x28x8\n  fc 10\n")
    with suppress(OSError):  # a system without links: the block is there once
        (folder / "again.arch").symlink_to("parts.arch")
    (folder / "noise.arch").write_bytes(b"\xff\xfe\x00")
    return folder / "mine.arch"


def test_the_files_of_a_spec_are_sent(tmp_path: Path, threads: Any) -> None:
    """Defeats: a worker that looks for the file on its own machine, that misses a block beside it, or takes
    a link for a second file which has that block."""
    path = folder_of_specs(tmp_path)
    request = SweepRequest(f"{path}:mine", {"kernel": "1..35", "width": "{4, 8}"})
    sweep = Sweep(request)
    want = here(sweep, [(0, 1), (1, 70)])
    assert 0 in want[1][3][1], "no design is a network"
    assert want[1][4], "all designs are networks"
    with Workers(threads) as cluster:
        results = cluster.results(sweep, Slowed(1, 0), [(0, 1), (1, 70)])
        first = next(results)
        for file in tmp_path.iterdir():
            file.unlink()
        assert plain([first, *results]) == want


def test_a_file_of_another_tool_is_sent_as_a_spec(tmp_path: Path) -> None:
    cfg = tmp_path / "small.cfg"
    cfg.write_text(
        "[net]\nwidth=32\nheight=32\nchannels=3\n\n[convolutional]\nfilters=8\nsize=3\nstride=1\npad=1\n"
        "activation=leaky\n"
    )
    sweep = Sweep(SweepRequest(str(cfg), {"input": "{16, 32, 64}"}))
    want = here(sweep, [(0, 3)])
    job = Job.of(sweep)
    cfg.unlink()
    assert plain([job.computed(evaluated, (0, 3))]) == want


def test_what_needs_no_file_sends_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: a name of the zoo that has the folder of the zoo sent."""
    monkeypatch.chdir(tmp_path)
    folder_of_specs(tmp_path)
    for request in (
        SweepRequest("resnet18", {"classes": "2..10"}),
        SweepRequest("32x32x3 -> conv {3, 5} 8", {}),
        SweepRequest("-", {"k": "1..3"}, stdin="net a k=3\n  input 8x8x3\n  conv k 4\n"),
    ):
        job = Job.of(Sweep(request))
        assert job.files == {}
        assert job.request == request


def test_ops_are_sent_and_stay_with_their_sweep(tmp_path: Path) -> None:
    """Defeats: ops of one user that are there for the next one, and two users whose ops have one name."""
    jobs_sent = []
    for factor in (2, 3):
        folder = tmp_path / str(factor)
        folder.mkdir()
        path = folder / "ops.py"
        path.write_text(
            "from archcalc.ops.base import Free, Op\nfrom archcalc.shape import Shape\n\n"
            "class Own(Free, Op):\n"
            '    """Own."""\n'
            '    name = "own_op"\n    example = "8x8x3 -> own_op"\n    source = "here"\n\n'
            f"    def output(self, x):\n        return Shape([*x[:-1], {factor} * x[-1]])\n"
        )
        with OpsOfFiles({}):
            load_ops(str(path))
            request = SweepRequest("8x8x3 -> conv {1, 3} 4 pad=half -> own_op -> conv 1x1 4", {})
            sweep = Sweep(request)
            jobs_sent.append((Job.of(sweep), here(sweep, [(0, 2)])))
        path.unlink()
    assert jobs_sent[0][1] != jobs_sent[1][1]
    again = [(job._replace(token=job.token + "again"), want) for job, want in jobs_sent]
    for job, want in [*jobs_sent, *again, *jobs_sent]:
        assert plain([job.computed(evaluated, (0, 2))]) == want
        assert "own_op" not in registry()
        assert own_texts() == {}


def test_an_op_that_no_worker_knows_is_named(ops_as_before: None) -> None:
    """Defeats: an op of a notebook whose every design is no network on a worker, where nobody has defined
    it."""

    class Unsent(registry()["relu"]):  # type: ignore[misc]
        name = "unsent_op"

    job = Job.of(Sweep(SweepRequest("8x8x3 -> conv {1, 3} 4 -> unsent_op", {})))
    assert job.words == ["unsent_op"]
    assert job.computed(evaluated, (0, 1)).refused.tolist() == [0]
    del registry()["unsent_op"]
    with pytest.raises(SpecError, match="a worker does not know `unsent_op`"):
        job._replace(token="elsewhere").computed(evaluated, (0, 1))


def test_few_sweeps_are_kept_open(tmp_path: Path) -> None:
    path = folder_of_specs(tmp_path)
    sent = [Job.of(Sweep(SweepRequest(f"{path}:mine", {"width": f"1..{n}"}))) for n in range(2, 9)]
    folders = []
    for job in sent:
        job.computed(evaluated, (0, 1))
        folders.append(jobs._opened[job.token].folder.name)
    assert len(jobs._opened) <= jobs.MOST_OPEN
    assert [os.path.exists(folder) for folder in folders[-2:]] == [True, True]
    assert not os.path.exists(folders[0])


# Bounds and ends -----------------------------------------------------------------------------------


def test_few_tasks_are_out_at_a_time(threads: Any) -> None:
    """Defeats: a task for each of a million parts at once, and results that pile up behind a slow reader."""
    sweep = Sweep(CHAIN)
    drawn = 0

    def parts() -> Iterator[tuple[int, int]]:
        nonlocal drawn
        for number in range(200):
            drawn += 1
            yield number % 50, number % 50 + 1

    with Workers(threads) as cluster:
        results = cluster.results(sweep, evaluated, parts())
        for number in range(20):
            while next(results) is None:
                pass
            assert drawn <= number + 2 + AHEAD * 2
        time.sleep(0.2)
        assert drawn <= 21 + AHEAD * 2
        results.close()
        wait_until(lambda: not cluster._client.futures)


def wait_until(met: Callable[[], bool]) -> None:
    for _ in range(200):
        if met():
            return
        time.sleep(0.05)
    raise AssertionError("not within ten seconds")


def test_whoever_stops_waiting_has_nothing_computed_behind_him(threads: Any) -> None:
    """Ctrl-C is seen to while a part is waited for, and not only behind it."""
    sweep = Sweep(CHAIN)
    with Workers(threads) as cluster:
        results = cluster.results(sweep, Slowed(1000, 0.7), chunks(sweep, 10))
        assert next(results) is None
        results.close()
        wait_until(lambda: not cluster._client.futures)


def test_a_fault_that_a_worker_finds_is_the_same_fault(threads: Any) -> None:
    sweep = Sweep(CHAIN)
    with pytest.raises(SpecError) as raised, Workers(threads) as cluster:
        list(cluster.results(sweep, refusing, chunks(sweep, 20)))
    with pytest.raises(SpecError) as wanted:
        refusing(sweep, np.arange(20, 40))
    assert str(raised.value) == str(wanted.value)
    assert [d.to_dict() for d in raised.value.diagnostics] == [d.to_dict() for d in wanted.value.diagnostics]


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing(processes: Workers, tmp_path: Path) -> None:
    """One dies in the middle of a part, and another one from outside, with what it had computed."""
    sweep = Sweep(CHAIN)
    parts = chunks(sweep, 5)
    once = tmp_path / "once"
    got = []
    for part in processes.results(sweep, Deadly(23, str(once)), parts):
        if part is not None:
            got.append(part)
        if part is not None and len(got) == 10:
            os.kill(next(iter(processes._client.run(os.getpid).values())), signal.SIGKILL)
    assert once.exists()
    assert plain(got) == here(sweep, parts)


@pytest.mark.slow
def test_designs_that_end_every_worker_end_the_sweep() -> None:
    import dask

    sweep = Sweep(CHAIN)
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        Workers(1) as cluster,
        pytest.raises(SpecError) as raised,
    ):
        list(cluster.results(sweep, Deadly(5), chunks(sweep, 10)))
    assert str(raised.value).startswith("computing the designs 0 to 9 ended 1 worker")


# Clusters that are none ---------------------------------------------------------------------------


def refused(where: Any, **settings: float) -> str:
    with pytest.raises(SpecError) as raised, Workers(where, **settings):
        pass
    assert len(raised.value.diagnostics) == 1
    return str(raised.value)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("127.0.0.1:9", "no scheduler of dask answers at 127.0.0.1:9: "),
        ("foo://127.0.0.1:9", "no scheduler of dask answers at foo://127.0.0.1:9: "),
        ("tcp://127.0.0.1:99999", "no scheduler of dask answers at tcp://127.0.0.1:99999: "),
        ("vgg16", "`vgg16` is no address of a scheduler"),
        ("", "`` is no address of a scheduler"),
        ("there/is/none.json", "there is no file there/is/none.json"),
        ("0", "0 processes compute nothing"),
    ],
)
def test_addresses_at_which_nobody_is(where: str, message: str, capfd: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    assert refused(where, patience=0.5).startswith(message)
    assert time.monotonic() - began < 10
    assert capfd.readouterr().err == ""


def test_a_scheduler_file_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    for text in ("", "{", "[]", "{}", '{"address": 3}', '{"address": "tcp://127.0.0.1:9"}'):
        file.write_text(text)
        assert refused(str(file), patience=0.5).startswith(f"no scheduler of dask answers at {file}: ")


def test_a_cluster_without_workers() -> None:
    with (
        distributed.LocalCluster(
            n_workers=0, processes=False, protocol="tcp", dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False),
    ):
        message = refused(cluster.scheduler_address, patience=0.5)
    assert "has had no worker for" in message
    assert f"start some: dask worker {cluster.scheduler_address}" in message


def test_workers_that_are_all_gone(threads: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: waiting without end for workers that are not coming back."""
    sweep = Sweep(CHAIN)
    with Workers(threads, without_workers=0.2) as cluster:
        monkeypatch.setattr(Workers, "threads", property(lambda self: 0))
        with pytest.raises(SpecError, match="has had no worker for"):
            list(cluster.results(sweep, Slowed(1000, 0.7), [(0, 1)]))


def test_a_worker_with_another_archcalc(threads: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start, and where a worker joins later."""
    monkeypatch.setattr(clusters, "__version__", "99.1")
    message = refused(threads)
    assert re.match(
        r"the worker \S+ has archcalc [\d.]+\S*, and here it is 99.1: their figures may differ", message
    )
    assert "pip install archcalc==99.1" in message
    job = Job.of(Sweep(CHAIN))._replace(version="99.1")
    with pytest.raises(SpecError, match=r"a worker has archcalc \S+, and here it is 99\.1"):
        job.computed(evaluated, (0, 1))
    job = Job.of(Sweep(CHAIN))._replace(designs=3)
    with pytest.raises(SpecError, match=r"a worker finds .* designs, where there are 3"):
        job.computed(evaluated, (0, 1))


def test_a_worker_without_archcalc() -> None:
    """Its answer is the error that it got when it looked for it, as dask.distributed sends it on."""
    error = Exception("ModuleNotFoundError(\"No module named 'archcalc'\")")
    client = SimpleNamespace(
        wait_for_workers=lambda count, timeout: None, run=lambda work, on_error: {"tcp://10.0.0.7:4": error}
    )
    cluster = Workers("10.0.0.7:8786")
    cluster._client = client
    with pytest.raises(SpecError, match=r"the worker tcp://10.0.0.7:4 has no archcalc, or an older one"):
        cluster._check_workers()


def test_dask_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SpecError, match=r"--dask needs dask\.distributed: .*pip install 'archcalc\[dask\]'"):
        needed("distributed", "--dask")
    with pytest.raises(SpecError), Workers(2):
        pass


def test_what_is_an_address() -> None:
    good = ["10.0.0.7:8786", "tcp://10.0.0.7:8786", "tls://head.cluster:8786/", "[::1]:8786", "a.json", "12"]
    bad = [
        "",
        "vgg16",
        "nets.arch:small",
        "32x32x3 -> conv 3x3 8",
        "-",
        "head",
        ":8786",
        "a b:1",
        "10.0.0.7:",
    ]
    assert [text for text in good if not is_address(text)] == []
    assert [text for text in bad if is_address(text)] == []
