"""`verify --against` with modules that do what no module should: each ends in one message."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from calling import call

pytest.importorskip("torch", reason="PyTorch is not installed")

CHAIN = "8x8x1 -> conv 3x3 4"

WILD = r"""
import os, signal, sys, threading, time
from torch import nn

def colours():
    for number in range(30):
        print(f"\x1b]0;owned\x07\x1b[2J line {number}\r")
    print("\x9b31m" + "x" * 500_000, file=sys.stderr)
    return nn.Conv2d(1, 4, 3)

def leaves(): os._exit(0)

def crashes(): os.kill(os.getpid(), signal.SIGSEGV)

def ends():
    print("\x1b[31mnot yet")
    raise GeneratorExit

def interrupts(): raise KeyboardInterrupt("\x1b[2J")

def yields():
    yield nn.Conv2d(1, 4, 3)

class Nameless(Exception):
    def __str__(self): raise ValueError

def nameless(): raise Nameless

class Mean(nn.Module):
    def __getattribute__(self, name):
        raise BaseException(name)

def mean(): return Mean()

def threads():
    threading.Thread(target=time.sleep, args=(1000,)).start()
    return nn.Conv2d(1, 4, 3)

def forks():
    if hasattr(os, "fork") and not os.fork():
        time.sleep(20)
        os._exit(0)
    return nn.Conv2d(1, 4, 3)

def asks():
    return nn.Conv2d(1, int(input("how many? ")), 3)
"""


@pytest.fixture
def wild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "wild.py").write_text(WILD)
    monkeypatch.chdir(tmp_path)
    return "wild"


@pytest.mark.parametrize(
    ("maker", "expected"),
    [
        ("leaves", "wild:leaves ends the program with exit code 0"),
        ("crashes", "wild:crashes crashes: its process was ended by SIGSEGV"),
        ("ends", "wild:ends raised GeneratorExit"),
        ("interrupts", "wild:interrupts raised KeyboardInterrupt: \\x1b[2J"),
        ("yields", "wild:yields makes no module but generator"),
        ("nameless", "wild:nameless raised Nameless"),
        ("mean", "wild:mean raised BaseException"),
        ("asks", "wild:asks raised EOFError"),
    ],
)
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_what_becomes_of_it_is_one_message(wild: str, maker: str, expected: str) -> None:
    """Defeats: foreign code in the process that answers: its exit code, 0 for one, would be ours,
    and its crash would end in nothing at all."""
    found = call("verify", CHAIN, "--against", f"{wild}:{maker}", stdin="4\n")
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"error[module]: {expected}")
    assert "Traceback" not in found.err
    assert "\x1b" not in found.err
    if maker == "ends":
        assert "it printed: \\x1b[31mnot yet" in found.err


@pytest.mark.slow
def test_what_it_prints_is_kept_apart(wild: str) -> None:
    """Defeats: control characters that reach the terminal, output without end, a text among the
    JSON."""
    found = call("verify", CHAIN, "--against", f"{wild}:colours", "--format", "json")
    assert found.code == 0
    assert json.loads(found.out)["agrees"] is True
    (remark,) = json.loads(found.err)["diagnostics"]
    assert remark["severity"] == "warning"
    assert "\\x1b]0;owned\\x07\\x1b[2J line 0" in remark["notes"]
    assert len(remark["notes"]) == 21
    table = call("verify", CHAIN, "--against", f"{wild}:colours")
    assert "the layer agrees" in table.out
    assert not any(ord(sign) < 32 and sign != "\n" for sign in table.err + table.out)
    assert "\x9b" not in table.err
    assert len(table.err) < 10_000


@pytest.mark.slow
@pytest.mark.parametrize("maker", ["threads", "forks"])
def test_nobody_waits_for_what_it_leaves_running(wild: str, maker: str) -> None:
    """Defeats: a wait for the end of a stream that a process of the module's holds open, or for
    its threads."""
    found = call("verify", CHAIN, "--against", f"{wild}:{maker}")
    assert (found.code, found.err) == (0, "")
