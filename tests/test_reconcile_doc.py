"""docs/reconcile.md is true: its commands print what it shows, its costs are those of the search.
``python tests/test_reconcile_doc.py`` writes the output again."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from test_readme import commands, run

from archcalc.reconciling import assumptions

WIDTH = 100
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "reconcile.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    """Defeats output that was typed, or that the program has outgrown."""
    assert run(command, WIDTH) == "\n".join(shown).rstrip().split("\n")


def test_python_is_true() -> None:
    """Defeats lines of Python that were typed."""
    found = doctest.DocTestParser().get_doctest(
        TEXT.split("```python")[1].split("```")[0], {}, "guide", None, 0
    )
    assert doctest.DocTestRunner().run(found).failed == 0


def test_costs() -> None:
    """Defeats a table of costs that the search has outgrown."""
    table = TEXT.split("| assumption | cost |")[1].split("\n\n")[0]
    listed = {int(cost) for cost in re.findall(r"\| (\d+) \|", table)}
    assert {value for name, value in vars(assumptions).items() if name.endswith("_COST")} <= listed


def write() -> None:
    """Put the real output behind every command."""

    def fill(match: re.Match[str]) -> str:
        blocks = ["\n".join([f"$ {command}", *run(command, WIDTH)]) for command, _ in commands(match[1])]
        return "```console\n" + "\n\n".join(blocks) + "\n```"

    GUIDE.write_text(CONSOLE.sub(fill, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()
