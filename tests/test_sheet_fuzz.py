"""A short run of the sheets' fuzzer, seed fixed; `python -m tests.sheet_fuzz --minutes 10` is the
long one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_no_sheet_ends_in_anything_but_a_report_or_a_message() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sheet_fuzz", "--seed", "1", "--cases", "400", "--minutes", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 finds" in done.stdout


@pytest.mark.slow
def test_no_damaged_file_ends_a_class() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.file_fuzz", "--seed", "1", "--cases", "1500", "--minutes", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 finds" in done.stdout
