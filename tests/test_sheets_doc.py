"""docs/sheets.md is true: its table of answers is read as it says, its quiz is one, its commands
print what they show. ``python tests/test_sheets_doc.py`` writes their output again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_readme import commands, run

from archcalc.answers.quiz_reading import parse_quiz
from archcalc.answers.written import Ambiguous, Unreadable, WrittenNumber, WrittenSizes, WrittenWord, read

# Columns of its blocks.
WIDTH = 80
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "sheets.md"
TEXT = GUIDE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+)` \| (\w+) \| (.+) \|$", TEXT, re.MULTILINE)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]
# Lines of an answer that the guide keeps.
KEPT_TOP, KEPT_END = 18, 6


def shown(text: str, asked: str) -> str:
    """An answer in the words of the guide."""
    found = read(text, asked)
    if isinstance(found, WrittenNumber):
        return str(found.value) if found.exact else f"[{found.low}, {found.high})"
    if isinstance(found, WrittenSizes):
        return "x".join(map(str, found.dims)) + (", channels last" if found.named else "")
    if isinstance(found, WrittenWord):
        return found.meaning
    return {Ambiguous: "asked about", Unreadable: "unreadable"}[type(found)]


@pytest.mark.parametrize(("text", "asked", "expected"), ROWS)
def test_answers_are_read_as_the_guide_says(text: str, asked: str, expected: str) -> None:
    assert shown(text, asked) == expected


def test_the_table_is_there() -> None:
    assert len(ROWS) > 35


def test_the_quiz_of_the_guide_is_one() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert [item.id for item in parse_quiz(text).items()] == ["1a", "1b", "2"]


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    assert cut(run(command, WIDTH)) == "\n".join(shown).rstrip().split("\n")


def cut(lines: list[str]) -> list[str]:
    """A long answer as the guide shows it."""
    short = len(lines) <= KEPT_TOP + KEPT_END
    return lines if short else [*lines[:KEPT_TOP], "⋮", *lines[-KEPT_END:]]


def write() -> None:
    """Put the real output behind every command."""

    def fill(match: re.Match[str]) -> str:
        blocks = ["\n".join([f"$ {command}", *cut(run(command, WIDTH))]) for command, _ in commands(match[1])]
        return "```console\n" + "\n\n".join(blocks) + "\n```"

    GUIDE.write_text(CONSOLE.sub(fill, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()
