"""The README is true: its commands print what it shows, its Python runs, its spec expands.

``python tests/test_readme.py`` writes the real output behind every command again. Output may be cut
by a line ``⋮``; what is cut away is not compared.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import archcalc

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
MERMAID = re.compile(r"```sh\n(archcalc draw [^\n]*)\n```\n\n```mermaid\n(.*?)```", re.DOTALL)
ARCH = re.compile(r"```arch\n(.*?)```", re.DOTALL)
# Columns of its blocks: GitHub shows no more without a bar to push.
WIDTH = 100
# Lines of a long answer that the README keeps.
KEPT_TOP, KEPT_END = 14, 8


def run(command: str, width: int = WIDTH) -> list[str]:
    """What a command prints in so many columns, errors included."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}
    env["COLUMNS"] = str(width)
    env.pop("ARCHCALC_FORMAT", None)
    done = subprocess.run(
        ["bash", "-c", command],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout.splitlines()


def commands(block: str) -> list[tuple[str, list[str]]]:
    """Commands of a console block, each with the lines that follow it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    """Defeats output that was typed, or that the program has outgrown."""
    real = run(command)
    while shown and not shown[-1]:
        shown = shown[:-1]
    if "⋮" not in shown:
        assert real == shown
        return
    cut = shown.index("⋮")
    assert real[:cut] == shown[:cut]
    rest = shown[cut + 1 :]
    assert not rest or real[-len(rest) :] == rest


def test_blocks_are_no_wider_than_a_page() -> None:
    lines = [line for command, shown in CASES if "--format" not in command for line in shown]
    assert [line for line in lines if len(line) > WIDTH] == []


@pytest.mark.parametrize(("command", "shown"), MERMAID.findall(TEXT))
def test_drawings_are_what_is_drawn(command: str, shown: str) -> None:
    assert run(command) == shown.splitlines()


def test_python_of_the_tour_runs() -> None:
    """The first Python block prints the totals it asks for."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(PYTHON.findall(TEXT)[0], "README.md", "exec"), {})
    totals = archcalc.load("googlenet", classes=10).summary(batch=32).totals
    assert printed.getvalue().split()[:2] == [str(totals["params"]), str(totals["macs"])]


def test_the_spec_of_the_readme_expands(tmp_path: Path) -> None:
    """Counted by hand: 3 stages of three basic units, the widths of the CIFAR nets."""
    path = tmp_path / "tiny.arch"
    path.write_text(ARCH.findall(TEXT)[0], encoding="utf-8")
    net = archcalc.load(str(path))
    stem = 3 * 3 * 3 * 16 + 32
    basic = {
        (c, k): 9 * c * k + 9 * k * k + 4 * k + (c * k + 2 * k if c != k else 0)
        for c, k in [(16, 16), (16, 32), (32, 32), (32, 64), (64, 64)]
    }
    total = stem + 3 * basic[16, 16] + basic[16, 32] + 2 * basic[32, 32]
    total += basic[32, 64] + 2 * basic[64, 64] + 650
    assert net.summary().totals["params"] == total


def test_pictures_are_of_real_output() -> None:
    """Defeats a picture of yesterday's output."""
    script = README.parent / "docs" / "pictures.py"
    assert subprocess.run([sys.executable, str(script), "--check"], check=False).returncode == 0


def write() -> None:
    """Put the real output behind every command."""

    def fill(match: re.Match[str]) -> str:
        lines: list[str] = []
        for command, _ in commands(match.group(1)):
            real = run(command)
            if len(real) > KEPT_TOP + KEPT_END + 2:
                real = [*real[:KEPT_TOP], "⋮", *real[-KEPT_END:]]
            if lines:
                lines.append("")
            lines += [f"$ {command}", *real]
        return "```console\n" + "\n".join(lines) + "\n```"

    def draw(match: re.Match[str]) -> str:
        real = "\n".join(run(match[1]))
        return f"```sh\n{match[1]}\n```\n\n```mermaid\n{real}\n```"

    README.write_text(MERMAID.sub(draw, CONSOLE.sub(fill, TEXT)), encoding="utf-8")


if __name__ == "__main__":
    write()
