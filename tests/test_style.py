"""Types and style: mypy over the package in strict mode, ruff over everything.

Defeats: a README that promises both while nobody runs them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_style() -> None:
    pytest.importorskip("ruff")
    _run("ruff", "check", "--no-cache", ".")
    _run("ruff", "format", "--check", "--no-cache", ".")


@pytest.mark.slow
def test_types() -> None:
    pytest.importorskip("mypy")
    _run("mypy")
