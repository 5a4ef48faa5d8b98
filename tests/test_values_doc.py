"""docs/values.md is true: its commands print what it shows. ``python tests/test_values_doc.py`` writes the
output again."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from test_readme import commands, run

WIDTH = 100
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "values.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    """Defeats output that was typed, or that the program has outgrown."""
    assert run(command, WIDTH) == "\n".join(shown).rstrip().split("\n")


def test_the_examples_in_python() -> None:
    """Defeats examples that the program has outgrown."""
    failed, tried = doctest.testfile(str(GUIDE), module_relative=False, encoding="utf-8")
    assert (failed, tried > 5) == (0, True)


def write() -> None:
    """Put the real output behind every command."""

    def fill(match: re.Match[str]) -> str:
        blocks = ["\n".join([f"$ {command}", *run(command, WIDTH)]) for command, _ in commands(match[1])]
        return "```console\n" + "\n\n".join(blocks) + "\n```"

    GUIDE.write_text(CONSOLE.sub(fill, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()
