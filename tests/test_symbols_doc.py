"""docs/symbols.md is true: its commands print what it shows. ``python tests/test_symbols_doc.py`` writes the
output again."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from test_readme import commands, run

from archcalc.answers.quiz_reading import parse_quiz

WIDTH = 100
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "symbols.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    """Defeats output that was typed, or that the program has outgrown."""
    assert run(command, WIDTH) == "\n".join(shown).rstrip().split("\n")


def test_the_quiz_is_one() -> None:
    """And asks in letters."""
    (text,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    items = parse_quiz(text).items()
    assert [item.letters is not None for item in items] == [True, True]
    assert [item.diagnosis.value for item in items] == ["(3·f·f + 1)·k", "1 + n·(k − 1)"]


def test_the_examples_in_python() -> None:
    """Defeats examples that the program has outgrown."""
    failed, tried = doctest.testfile(str(GUIDE), module_relative=False, encoding="utf-8")
    assert (failed, tried) == (0, 6)


def write() -> None:
    """Write the output of the commands again."""

    def fill(match: re.Match[str]) -> str:
        lines: list[str] = []
        for command, _ in commands(match[1]):
            lines += [f"$ {command}", *run(command, WIDTH)]
        return "```console\n" + "\n".join(lines) + "\n```"

    GUIDE.write_text(CONSOLE.sub(fill, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()
