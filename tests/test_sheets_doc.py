"""docs/sheets.md is true: its table of answers is read as it says, its quiz is one, its commands
print what they show. ``python tests/test_sheets_doc.py`` writes their output again."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from test_readme import commands, run

from archcalc.answers.conventions import CONVENTION_WORDS
from archcalc.answers.decision_files import COLUMNS, read_decisions
from archcalc.answers.marks import Marks
from archcalc.answers.quiz_reading import _MARKS, _QUESTION, _SHARES, parse_quiz
from archcalc.answers.sheets import Submission
from archcalc.answers.written import Ambiguous, Unreadable, WrittenNumber, WrittenSizes, WrittenWord, read

# Columns of its blocks.
WIDTH = 80
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "sheets.md"
TEXT = GUIDE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+)` \| (\w+) \| (.+) \|$", TEXT.split("## Sheets")[0], re.MULTILINE)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]
# Lines of an answer that the guide keeps.
TOMLS = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
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
    assert [item.id for item in parse_quiz(TOMLS[0]).items()] == ["1a", "1b", "2", "3"]


def test_the_values_of_the_guide_are_asked_for() -> None:
    values = [str(item.diagnosis.value) for item in parse_quiz(TOMLS[1]).items()]
    assert values[1:] == ["3 0; 3 1 | 0 1; 0 3", "4.25"]


def test_the_decisions_of_the_guide_are_some(tmp_path: Path) -> None:
    path = tmp_path / "decisions.toml"
    path.write_text(TOMLS[2], encoding="utf-8")
    found = read_decisions([str(path)])
    assert [(one.student, one.points, one.reading) for one in found.made] == [
        ("ann", Fraction(3, 2), ""),
        ("*", None, "3.220"),
    ]
    assert found.decimal(Submission("Haas, J.", "")) == "comma"


def rows_of(head: str) -> list[list[str]]:
    """The rows of a table of the guide, by the first cell of its head."""
    table = TEXT.split(f"| {head} |", 1)[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")[2:]]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_tables_name_every_key() -> None:
    """Defeats: a key that is read and not described, and one that is described and not read."""
    assert {key for row in rows_of("of a question") for key in named(row[0])} == set(_QUESTION)
    shares = {key for row in rows_of("of `[marks]`") for key in named(row[0])}
    assert shares == {*_MARKS} - {"misconceptions", "conventions"}
    assert {row[0].strip("`"): row[1] for row in rows_of("id")} == CONVENTION_WORDS
    assert {key for row in rows_of("column or key") for key in named(row[0])} == set(COLUMNS)


def test_the_usual_shares_are_those() -> None:
    usual = {row[0].strip("`"): row[1] for row in rows_of("of `[marks]`")}
    for key, kind in _SHARES.items():
        if not usual[key].startswith("as "):
            assert Marks().shares[kind] == Fraction(usual[key]), key


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
