"""docs/sweep.md is true: its commands print what it shows, its Python runs, what it recommends is verified.
``python tests/test_sweep_doc.py`` writes the output again."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from calling import call
from test_readme import CONSOLE, commands, run

import archcalc

WIDTH = 100
ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "sweep.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]
SEARCHES = [words for words, _ in CASES if "--where" in words]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    if "verify" in command:
        pytest.importorskip("torch")
        # What PyTorch is called, and where it runs, is that of the machine.
        real = run(command, WIDTH)
        assert real[2:] == "\n".join(shown).rstrip().split("\n")[2:]
        return
    assert run(command, WIDTH) == "\n".join(shown).rstrip().split("\n")


def test_blocks_are_no_wider_than_a_page() -> None:
    assert [line for _, shown in CASES for line in shown if len(line) > WIDTH] == []


def test_what_is_recommended_is_verified() -> None:
    """Each call of verify is a design of the table above it. Defeats a network that no search found."""
    assert len(SEARCHES) == 2
    for search, verified in zip(SEARCHES, [words for words, _ in CASES if " verify " in words], strict=True):
        words = shlex.split(search)[1:]
        found = call(*words, "--format", "jsonl")
        options = shlex.split(verified)
        sets = dict(option.split("=") for option in options if "=" in option)
        size = options[options.index("--input") + 1].split("x")[0]
        beside = [
            line
            for line in found.out.splitlines()
            if f'"width": "{sets["width"]}"' in line and f'"input": {size},' in line
        ]
        assert len(beside) == 1, verified
        network = {name: value for name, value in sets.items() if name != "input"}
        summary = archcalc.load(
            words[1],
            f"{size}x{size}x3",
            **{name: float(value) if "." in value else int(value) for name, value in network.items()},
        ).summary(dtype="int8" if "int8" in words else "fp32")
        assert f'"params": {summary.totals["params"]}, "macs": {summary.totals["macs"]},' in beside[0]


@pytest.mark.parametrize("search", SEARCHES)
def test_the_front_is_that_of_all_designs(search: str) -> None:
    """Beside a plain comparison of every design that meets the condition. Defeats a front that leaves out a
    design, in the docs of all places."""
    import json

    words = shlex.split(search)[1:]
    (pareto,) = [word.partition("=")[2].split(",") for word in words if word.startswith("--pareto")]
    whole = [word for word in words if not word.startswith("--pareto")]
    lines = [json.loads(line) for line in call(*whole, "--format", "jsonl").out.splitlines()]
    signs = [(name.lstrip("-"), -1 if name.startswith("-") else 1) for name in pareto]
    keys = [tuple(sign * line[name] for name, sign in signs) for line in lines]
    front = {
        key
        for key in keys
        if not any(all(a <= b for a, b in zip(o, key, strict=True)) and o != key for o in keys)
    }
    found = [json.loads(line) for line in call(*words, "--format", "jsonl").out.splitlines()]
    assert {tuple(sign * line[name] for name, sign in signs) for line in found} == front
    assert len(found) == len(front)


def test_the_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    (text,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(text, {})
    assert "3 that no other betters" in capsys.readouterr().out


def main() -> None:
    """Write the output of every command again."""

    def renewed(match: re.Match[str]) -> str:
        lines = []
        for command, _ in commands(match[1]):
            lines += [f"$ {command}", *run(command, WIDTH), ""]
        return "```console\n" + "\n".join(lines[:-1]) + "\n```"

    GUIDE.write_text(CONSOLE.sub(renewed, TEXT), encoding="utf-8")


if __name__ == "__main__":
    main()
