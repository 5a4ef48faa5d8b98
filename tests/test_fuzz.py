"""A short run of the fuzzer, seed fixed; `python -m tests.fuzz --minutes 10` is the long one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_no_text_ends_in_anything_but_a_result_or_a_diagnostic() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--seed", "1", "--cases", "4000", "--minutes", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 finds" in done.stdout
