"""`sweep --dask` and `archcalc.sweep(dask=)`: the answer of several processes is that of one, to the byte.

Defeats: tops and fronts of parts that are put together in another way than of the whole, reasons whose words
and order hang on how designs are parted, a worker that is killed with what it had, and Ctrl-C that leaves
processes behind.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calling import call

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.sweeping import cluster_parts, running
from archcalc.sweeping.cluster import Workers
from archcalc.sweeping.cluster_parts import TimedPart, parts_on
from archcalc.sweeping.findings import Selection
from archcalc.sweeping.request import Sweep, SweepRequest
from archcalc.sweeping.running import FIRST, MOST_AT_ONCE
from archcalc.sweeping.sampling import SweptDesigns

distributed = pytest.importorskip("distributed")

# 1,440 designs: some are refused, for two reasons; some have figures beyond int64.
CHAIN = (
    "32x32x3 -> conv {3, 33, 5} ? pad={0, half} -> conv {1, 31, 40} 8 groups={1, 3} "
    "-> fc {10, 1_000_000_000_000} -> fc 1_000_000_000"
)
SETTINGS = {"filters": "1..20"}
WORDS = ["sweep", CHAIN, "--set", "filters=1..20"]
ASKED: list[dict[str, Any]] = [
    {},
    {"sort": "macs,-rf", "top": 7},
    {"pareto": "params,-rf"},
    {"pareto": "params,-rf,macs", "sort": "-filters"},
    {"where": "rf >= 7 and params > 20G"},
    {"sample": 300, "seed": 3},
    {"refused": True},
]


def text(found: Any) -> str:
    return json.dumps(found.to_dict())


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
def address() -> Iterator[str]:
    """The address of a scheduler with two processes."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


# Equal ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_answer_is_that_of_one_process(threads: Any, asked: dict[str, Any]) -> None:
    """Records, reasons and their order included."""
    here = archcalc.sweep(CHAIN, SETTINGS, **asked)
    elsewhere = archcalc.sweep(CHAIN, SETTINGS, **asked, dask=threads)
    assert elsewhere.course.complete
    assert text(elsewhere) == text(here)
    assert str(elsewhere) == str(here)
    if not asked:
        assert len(here.found.refused) >= 2
        assert max(here.batch.columns["params"].tolist()) > 2**63


@pytest.mark.parametrize("size", [1, 7, 100])
def test_it_does_not_matter_how_it_is_parted(
    threads: Any, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are as fast as they are, and chunks as large as fits that. Defeats a reason in the words of
    whichever group of designs was worked out first."""
    settings = {"filters": f"1..{min(size + 1, 20)}"}
    wanted = [text(archcalc.sweep(CHAIN, settings, **asked)) for asked in ASKED[1:3]]
    monkeypatch.setattr(cluster_parts, "FIRST", size)
    monkeypatch.setattr(cluster_parts, "MOST_TO_CHOOSE", size)
    assert [text(archcalc.sweep(CHAIN, settings, **asked, dask=threads)) for asked in ASKED[1:3]] == wanted


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "plain", "table"])
def test_files_are_equal_to_the_byte(address: str, form: str, tmp_path: Path) -> None:
    more = [], ["--top", "9", "--sort=-rf,macs"], ["--pareto=params,-rf"], ["--sample", "90", "--refused"]
    for words in more:
        files = [tmp_path / "here", tmp_path / "there"]
        for file, option in zip(files, [[], ["--dask", address]], strict=True):
            found = call(*WORDS, *words, *option, "--format", form, "-o", str(file))
            assert found.code == 0, found.err
        assert files[0].read_bytes() == files[1].read_bytes(), words
        assert files[0].stat().st_size > 200


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_midst_of_a_command(address: str, tmp_path: Path) -> None:
    """Three are killed, one after the other, while the command runs."""
    words = ["sweep", "32x32x3 -> conv ? ? -> conv ? ? -> fc 10"]
    for setting in ("conv1.kernel=1..8", "conv1.filters=1..200", "conv2.kernel=1..8", "conv2.filters=1..200"):
        words += ["--set", setting]
    here = call(*words, "--pareto=params,-rf", "--format", "csv")
    done = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        with distributed.Client(address, set_as_default=False) as client:
            while not done.wait(0.3) and len(killed) < 3:
                for pid in client.run(os.getpid).values():
                    if pid not in killed:
                        os.kill(pid, signal.SIGKILL)
                        killed.append(pid)
                        break

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        elsewhere = call(*words, "--pareto=params,-rf", "--format", "csv", "--dask", address)
    finally:
        done.set()
        killer.join()
    assert len(killed) >= 1
    assert (elsewhere.code, elsewhere.out, elsewhere.err) == (here.code, here.out, here.err)


# Ends -------------------------------------------------------------------------------------------


def test_an_interrupt_shows_what_is_there(threads: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes while a part is waited for that takes long: the answer holds the parts before it, and
    nothing is computed behind it."""
    sweep = Sweep(SweepRequest(CHAIN, SETTINGS))
    calls = []

    def progress(done: int) -> None:
        calls.append(done)
        if done >= 200:
            signal.raise_signal(signal.SIGINT)

    with Workers(threads) as workers:
        run = running.Run(sweep, Selection(), SweptDesigns(sweep.space), parts_on(workers), progress)
        course = run.all()
        assert not course.complete
        assert 200 <= course.found.designs < sweep.space.size
        assert course.found.rows.numbers[-1] < course.found.designs
        began = time.monotonic()
        while workers._client.futures and time.monotonic() - began < 10:
            time.sleep(0.05)
        assert not workers._client.futures


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of a group")
def test_ctrl_c_at_a_terminal_leaves_nothing_behind(tmp_path: Path) -> None:
    """It reaches all processes of the terminal: one answers it, the others neither die of it nor print."""
    psutil = pytest.importorskip("psutil")
    words = [
        sys.executable,
        "-m",
        "archcalc",
        "sweep",
        "64x64x3 -> conv 3x3 ? -> conv 3x3 ? -> fc 10",
        "--dask",
        "2",
    ]
    for name in ("conv1.filters", "conv2.filters"):
        words += ["--set", f"{name}=1..10000"]
    words += ["--sort", "params", "--top", "3"]
    command = subprocess.Popen(
        words, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    children: list[Any] = []
    began = time.monotonic()
    while len(children) < 3 and time.monotonic() - began < 60:
        time.sleep(0.2)
        children = psutil.Process(command.pid).children(recursive=True)
    time.sleep(5)
    os.killpg(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 130
    assert err == ""
    assert "by Ctrl-C" in out or out == ""  # empty where no worker was there yet
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []


@pytest.mark.slow
def test_a_script_that_each_process_would_run_again(tmp_path: Path) -> None:
    """Defeats: processes that start processes, and nobody who says what to change."""
    script = tmp_path / "script.py"
    call_it = 'print(archcalc.sweep("8x8x3 -> conv {1, 3} 4", dask=1).found.designs)'
    script.write_text(f"import archcalc\n{call_it}\n")
    found = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert found.returncode == 1
    last = found.stderr[found.stderr.rindex("SpecError: ") :]
    assert last.startswith("SpecError: processes of this machine cannot be started: ")
    assert 'below `if __name__ == "__main__":`' in last
    call_it = call_it.replace("dask=1", "dask=True")
    script.write_text(f'import archcalc\nif __name__ == "__main__":\n    {call_it}\n')
    found = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, "2\n", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dask", CHAIN], "error[argument]: `32x32x3 -> "),
        ([CHAIN, "--dask", "here"], "error[argument]: `here` is no address of a scheduler"),
        ([CHAIN, "--dask", "0"], "error[argument]: 0 processes compute nothing"),
        ([CHAIN, "--dask", "none.json"], "error[file]: there is no file none.json"),
        (["lenet5 -> ", "--dask", "127.0.0.1:9"], "error["),
    ],
)
def test_what_is_no_address(words: list[str], message: str) -> None:
    """One message, and exit code 2; what is wrong with a request is found before anybody is looked for."""
    found = call("sweep", *words, "--set", "filters=1..3")
    assert found.code == 2
    assert found.err.startswith(message)
    assert found.err.count("error[") == 1


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from archcalc.sweeping import cluster

    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    monkeypatch.setattr(cluster.Workers.__init__, "__kwdefaults__", {"patience": 0.5, "without_workers": 1.0})
    found = call("sweep", CHAIN, "--set", "filters=1..3", "--dask", "127.0.0.1:9")
    assert found.code == 2
    assert found.err.startswith("error[cluster]: no scheduler of dask answers at 127.0.0.1:9: ")
    assert found.err.count("error[") == 1
    with pytest.raises(SpecError, match="no scheduler of dask answers"):
        archcalc.sweep(CHAIN, SETTINGS, dask="127.0.0.1:9")


# Chunks -----------------------------------------------------------------------------------------


class Pretended:
    """Workers that compute so many designs a second."""

    threads = 4

    def __init__(self, rate: float):
        self.rate = rate
        self.chunks: list[int] = []

    def results(self, sweep: Any, work: Any, chunks: Any) -> Iterator[TimedPart]:
        for chunk in chunks:
            count = chunk[1] - chunk[0] if isinstance(chunk, tuple) else len(chunk)
            self.chunks.append(count)
            yield TimedPart(count, count / self.rate, work(sweep, np.zeros(0, np.int64)).found)


@pytest.mark.parametrize(("rate", "most"), [(1e9, MOST_AT_ONCE), (5000, 5000), (3, 3)])
def test_a_task_takes_about_a_second(rate: float, most: int) -> None:
    """Defeats: chunks of a hundred thousand designs where each takes a second, and of a few where they take
    a microsecond; and one worker with the last large chunk for which all others wait."""
    size = 1_000_000 if rate > 100 else 500
    sweep = Sweep(SweepRequest("8x8x3 -> conv {1, 3} ?", {"filters": f"1..{size}"}))
    workers = Pretended(rate)
    list(parts_on(workers)(sweep, Selection(), SweptDesigns(sweep.space)))  # type: ignore[arg-type]
    assert sum(workers.chunks) == sweep.space.size
    assert workers.chunks[0] <= FIRST
    assert max(workers.chunks[1:]) <= most
    if rate > 100:
        assert max(workers.chunks) == most
        assert workers.chunks[-1] <= max(FIRST, most // 8)
