"""Devices: figures with their sources, and files of one's own."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from calling import call

from archcalc.analysis.totals import DTYPES
from archcalc.devices import device, devices
from archcalc.devices.reading import read_devices
from archcalc.diagnostics import SpecError


@pytest.mark.parametrize("name", [each.name for each in devices()])
def test_every_device_has_a_source(name: str) -> None:
    """Defeats a figure that nobody can look up, a sparse peak among dense ones, and digits of another
    unit."""
    found = device(name)
    assert len(found.source) > 15
    assert found.title
    assert found.year is None or 2010 < found.year < 2030
    assert (found.year is None) == (name == "cpu")
    assert 10**10 <= found.bandwidth <= 10**13
    assert set(found.peaks) <= set(DTYPES)
    assert "fp32" in found.peaks
    order = [found.peaks[each] for each in ("fp32", "fp16", "int8") if each in found.peaks]
    assert order == sorted(order)
    for alias in found.aliases:
        assert device(alias) is found
        assert device(alias.upper()) is found


def test_dense_figures() -> None:
    """Data sheets print 1,979 TFLOPS for the H100 and 624 for the A100 in fp16: with sparsity, twice the
    dense ones."""
    assert device("h100").peaks["fp16"] == 989_400_000_000_000
    assert device("a100").peaks["bf16"] == 312 * 10**12
    # Four cores of 2.4 GHz, two multiply-adds of four lanes a cycle.
    assert device("pi5").peaks["fp32"] == 4 * 2_400_000_000 * 16
    assert device("cpu").peaks["fp32"] == 8 * 4_000_000_000 * 32


OWN = """\
[board]
title = "our board"
source = "measured"
bandwidth = 1.5
[board.peak]
int8 = 0.004
fp32 = 0.001
"""


def test_a_device_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(OWN)
    found = device(str(path))
    assert (found.name, found.title, found.bandwidth) == ("board", "our board", 1_500_000_000)
    assert found.peaks == {"int8": 4 * 10**9, "fp32": 10**9}
    answer = call("time", "lenet5", "--on", str(path))
    assert answer.code == 0, answer.err
    assert "our board" in answer.out
    path.write_text(OWN + OWN.replace("board", "second"))
    assert device(f"{path}:second").name == "second"
    with pytest.raises(SpecError, match="describes 2 devices"):
        device(str(path))
    with pytest.raises(SpecError, match="no device `bord`"):
        device(f"{path}:bord")


FAULTS = {
    "bandwidth = 3": "stands outside of a table",
    "": "describes no device",
    "[a]\npeak.fp32 = 1": "has no `bandwidth`",
    "[a]\nbandwidth = 0\npeak.fp32 = 1": "above 0",
    "[a]\nbandwidth = 1e400\npeak.fp32 = 1": "above 0",
    "[a]\nbandwidth = 1e12\npeak.fp32 = 1": "above 0",
    "[a]\nbandwidth = inf\npeak.fp32 = 1": "above 0",
    "[a]\nbandwidth = true\npeak.fp32 = 1": "is a number",
    '[a]\nbandwidth = "3"\npeak.fp32 = 1': "is a number",
    "[a]\nbandwidth = 1.0000000001\npeak.fp32 = 1": "at most 9 decimals",
    "[a]\nbandwidth = 1\npeak.fp33 = 1": "no dtype `fp33`",
    "[a]\nbandwidth = 1\npeak = 3": "`peak` is a table",
    "[a]\nbandwidth = 1\n[a.peak]": "has no figure",
    "[a]\nbandwidth = 1": "has no `peak`",
    "[a]\nbandwidth = 1\npeak.fp32 = 1\ncores.number = 1": "both `peak` and `cores`",
    "[a]\nbandwidth = 1\n[a.cores]\nnumber = 2": "has no `clock`",
    "[a]\nbandwidth = 1\n[a.cores]\nnumber = 2.5\nclock = 1\nper_cycle.fp32 = 1": "a whole number",
    "[a]\nbandwidth = 1\n[a.cores]\nnumber = 2\nclock = 1\nper_cycle = 1": "is a table of operations",
    "[a]\nbandwidth = 1\npeak.fp32 = 1\nspeed = 3": "no key `speed`",
    "[a]\nbandwidth = 1\npeak.fp32 = 1\naliases = 3": "`aliases` is a list",
    '[a]\nbandwidth = 1\npeak.fp32 = 1\nyear = "now"': "`year` is a whole number",
    "[a]\nbandwidth = 1\npeak.fp32 = 1\ntitle = 3": "`title` is a text",
    '[a]\nbandwidth = 1\npeak.fp32 = 1\n[b]\nbandwidth = 1\npeak.fp32 = 1\naliases = ["a"]': "second device",
    "[a": "it is no TOML",
}


@pytest.mark.parametrize("text", FAULTS)
def test_faults_of_a_file(text: str, tmp_path: Path) -> None:
    """One message at the place, exit code 2. Defeats an error of Python, and a device made of half a
    table."""
    path = tmp_path / "bad.toml"
    path.write_text(text)
    answer = call("time", "lenet5", "--on", str(path))
    assert answer.code == 2
    assert answer.out == ""
    assert FAULTS[text] in answer.err
    assert answer.err.count("error[") == 1
    assert "Traceback" not in answer.err
    if "bandwidth" in text:
        assert f"{path}:" in answer.err


def test_a_fault_stands_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(OWN.replace("int8", "int9"))
    assert f"{path}:6:1" in call("time", "lenet5", "--on", str(path)).err


def test_broken_files_end_in_a_message() -> None:
    """Mutations of a file: a device, or a SpecError. Defeats every other error of Python."""
    dice = random.Random(3)
    text = OWN + "[b]\nbandwidth = 2\n[b.cores]\nnumber = 2\nclock = 1.5\n[b.cores.per_cycle]\nfp16 = 8\n"
    read = 0
    for _ in range(1500):
        broken = list(text)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(broken))
            broken[at : at + dice.randint(0, 3)] = dice.choice(
                ["", "\n", "[", "]", "=", '"', ".", "9", "e9", "-", "\x00", "{}"]
            )
        try:
            read += bool(read_devices("".join(broken), "x.toml"))
        except SpecError:
            continue
    assert 30 < read < 1450


def test_the_start_of_other_commands_reads_no_device() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom archcalc.cli import main\n"
        "try: main(['summary', 'lenet5'])\nexcept SystemExit: pass\n"
        "print([m for m in sys.modules if 'archcalc.devices' in m or 'roofline' in m], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
