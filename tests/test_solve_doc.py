"""docs/solve.md is true: its commands print what it shows, its Python runs, and what it finds is verified.
``python tests/test_solve_doc.py`` writes the output again."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from calling import call
from test_readme import commands, run

import archcalc

WIDTH = 100
ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "solve.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command[:60] for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    assert run(command, WIDTH) == "\n".join(shown).rstrip().split("\n")


def test_the_python_runs() -> None:
    (text,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(text, {})


def test_what_is_found_is_built() -> None:
    """The network for a microcontroller in PyTorch, layer by layer."""
    command = next(command for command, _ in CASES if "256KiB" in command)
    found = json.loads(call(*shlex.split(command)[1:], "--format", "json").out)
    assert found["proved"] is True
    spec = found["answers"][0]["spec"]
    assert archcalc.load(spec).summary(dtype="int8").totals["peak_bytes"] <= 256 * 1024
    pytest.importorskip("torch")
    assert call("verify", spec).code == 0


def write() -> None:
    """Write the output of the commands again."""

    def block(found: re.Match[str]) -> str:
        parts = []
        for command, _ in commands(found[1]):
            parts.append("\n".join([f"$ {command}", *run(command, WIDTH)]))
        return "```console\n" + "\n\n".join(parts) + "\n```"

    GUIDE.write_text(CONSOLE.sub(block, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()
