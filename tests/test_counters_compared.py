"""docs/counters_compared.md: the counters side by side, beside what the real tools printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from archcalc.counters import profiles

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "counters_compared.md").read_text(encoding="utf-8")
# What the tools printed, as `python -m benchmarks.counters` measured it.
PRINTED = json.loads((ROOT / "benchmarks" / "counters.json").read_text(encoding="utf-8"))["networks"]


@pytest.mark.slow
def test_the_page_is_that_of_today() -> None:
    """Defeats: figures that a changed profile no longer gives."""
    script = str(ROOT / "docs" / "counters_compared.py")
    assert subprocess.run([sys.executable, script, "--check"], check=False).returncode == 0


def column(number: int) -> dict[str, int]:
    """A column of the tables, by the names of the profiles."""
    rows = re.findall(r"^\| `([\w-]+)` (\|(?: [\d,]+[*†]* \|){2,})$", TEXT, re.MULTILINE)
    return {name: int(re.sub(r"\D", "", cells.split("|")[number])) for name, cells in rows}


@pytest.mark.parametrize(("number", "network"), [(1, "resnet50"), (2, "vit_b_16")])
def test_the_figures_are_those_that_the_tools_printed(number: int, network: str) -> None:
    """Of the networks that torchvision writes as the page says. Defeats: a profile that is near."""
    shown = column(number)
    assert set(shown) == set(profiles())
    measured = PRINTED[f"torchvision/{network}"]
    assert len(measured) >= 12
    assert {name: shown[name] for name in measured} == measured


def test_every_fault_on_the_page_has_its_reason() -> None:
    """Defeats: a star without a word."""
    starred = {line.split("`")[1] for line in TEXT.splitlines() if line.startswith("| `") and "*" in line}
    assert starred == {line.split("`")[1] for line in TEXT.splitlines() if line.startswith("- `")}
    assert starred
