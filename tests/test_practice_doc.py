"""docs/practice.md is true: its commands print what they show. ``python tests/test_practice_doc.py`` writes
their output again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_readme import commands, run

from archcalc.cli.practice import MOST_COUNT, USUAL_COUNT, command

WIDTH = 80
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "practice.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    assert "\n".join(run(command, WIDTH)).rstrip() == "\n".join(shown).rstrip()


def test_the_page_names_the_options() -> None:
    """Defeats an option that nobody hears of, and a number of questions that has changed."""
    names = {name for one in command.params for name in one.opts if name.startswith("--")}
    explained = set(re.findall(r"--[a-z]+", TEXT))
    assert {"--seed", "--count", "--choices", "--format"} <= explained & names
    assert f"asked, {USUAL_COUNT} without it" in TEXT
    assert USUAL_COUNT < MOST_COUNT


def write() -> None:
    """Put the real output behind every command."""

    def fill(match: re.Match[str]) -> str:
        found = commands(match[1])
        blocks = ["\n".join([f"$ {command}", *run(command, WIDTH)]).rstrip() for command, _ in found]
        return "```console\n" + "\n\n".join(blocks) + "\n```"

    GUIDE.write_text(CONSOLE.sub(fill, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()
