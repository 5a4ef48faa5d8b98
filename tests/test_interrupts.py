"""Signals that end the command: one clean end from the first moment on, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from calling import plain_signals

from archcalc.interrupts import Temporary, Undone, Uninterrupted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")

ROOT = Path(__file__).resolve().parent.parent
QUIZ = ROOT / "examples" / "class" / "quiz.toml"
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP] if sys.platform != "win32" else []


@contextmanager
def started(*words: str, cwd: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A run of its own, ended in any case."""
    process = subprocess.Popen(
        [sys.executable, "-m", "archcalc", *words],
        cwd=cwd,
        preexec_fn=plain_signals,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_it_waits(number: int) -> None:
    """Defeats: a traceback of an import or of what was going on; an exit code of an answer."""
    with started("summary", "-") as process:
        time.sleep(0.6)  # it has started, and reads standard input
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert (out, err, process.returncode) == (b"", b"", 128 + number)


def test_the_first_moment() -> None:
    """Defeats: handlers that are in place only after everything has been imported. The moment is
    chosen by what has been imported: archcalc itself, and nothing else of it."""
    code = (
        "import sys, os, signal, builtins\n"
        "whole = builtins.__import__\n"
        "def bomb(name, *rest, **more):\n"
        "    if name in ('click', 'cli') or name.startswith('click.'):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return whole(name, *rest, **more)\n"
        "builtins.__import__ = bomb\n"
        "from archcalc.__main__ import run\n"
        "sys.argv = ['archcalc', 'summary', 'vgg16']\n"
        "run()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, preexec_fn=plain_signals)
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 130)


def long_class(folder: Path, rows: int = 50_000) -> Path:
    """A class list that takes a while."""
    path = folder / "class.csv"
    lines = [f"s{i},{i}x32x10,{10**6 + i},{10**7 + i}" for i in range(rows)]
    path.write_text("\n".join(["student,1a,1b,1c", *lines, ""]))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("form", ["csv", "gradescope"])
def test_no_mark_is_left_behind(tmp_path: Path, number: int, form: str) -> None:
    """Defeats: temporary files that only Ctrl-C removes."""
    long_class(tmp_path)
    words = ["check", str(QUIZ), "class.csv", "--format", form, "-o", "out"]
    with started(*words, cwd=tmp_path) as process:
        end = time.monotonic() + 60
        while len(os.listdir(tmp_path)) < 2:  # until the temporary one is there
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (out, err, process.returncode) == (b"", b"", 128 + number)
    assert os.listdir(tmp_path) == ["class.csv"]


def test_what_is_ignored_stays_so(tmp_path: Path) -> None:
    """Defeats: a run under nohup that ends with the terminal after all."""
    process = subprocess.Popen(
        [sys.executable, "-m", "archcalc", "summary", "-"],
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN) and None,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        time.sleep(0.6)
        process.send_signal(signal.SIGHUP)
        out, err = process.communicate(b"8x8x3 -> relu", timeout=60)
        assert (err, process.returncode) == (b"", 0)
        assert b"relu1" in out
    finally:
        process.kill()
        process.wait()


def test_an_action_is_run_however_a_block_ends(tmp_path: Path) -> None:
    found: list[int] = []
    with Undone(lambda: found.append(1)):
        pass
    with pytest.raises(ValueError, match="x"), Undone(lambda: found.append(2)):
        raise ValueError("x")
    assert found == [1, 2]
    with Temporary(str(tmp_path)) as path:
        assert not os.path.lexists(path)
        os.mkdir(path)
        Path(path, "file").write_text("x")
    with Temporary(str(tmp_path), "a", "z") as path:
        Path(path).write_text("x")
        assert os.path.basename(path)[0] + path[-1] == "az"
    with Temporary(str(tmp_path)):
        pass
    assert os.listdir(tmp_path) == []


def test_what_must_be_done_whole_is(tmp_path: Path) -> None:
    """Defeats: a signal between two renames, after which neither folder is in its place."""
    code = (
        "import os, signal\n"
        "from archcalc.interrupts import Uninterrupted, Undone, install\n"
        "install()\n"
        "with Undone(lambda: print('undone', flush=True)):\n"
        "    with Uninterrupted():\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        with Uninterrupted(): pass\n"
        "        print('whole', flush=True)\n"
        "    print('never', flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, preexec_fn=plain_signals
    )
    assert (done.stdout, done.stderr) == ("whole\nundone\n", "")
    assert done.returncode == 128 + signal.SIGTERM
    with Uninterrupted():
        pass
