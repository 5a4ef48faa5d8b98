"""The rows of malformed.md: what is wrong in a snippet, and what is said of it.

A row is a fenced block; below the line `---` stands what must come of it, a diagnostic a line:
code, line:column, message. Notes are left out, a warning's code is followed by `?`. A snippet of
statements alone stands for a network with the input 8x8x4; lines and columns are the snippet's.

    python -m tests.malformed          print the table as it comes out, to be read and compared
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from archcalc import SpecError, load
from archcalc.diagnostics import Diagnostic

TABLE = Path(__file__).resolve().parent / "malformed.md"
_FENCE = re.compile(r"^```\n(.*?)^---\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WHOLE = re.compile(r"^(net|block|default|layers)\b|\A\s*(#[^\n]*\s*)?\Z", re.MULTILINE)
_INPUT = "net n\n  input 8x8x4\n"


def rows() -> Iterator[tuple[int, str, list[str]]]:
    """Line, snippet and expectation of each row."""
    text = TABLE.read_text("utf-8")
    for fence in _FENCE.finditer(text):
        line = text.count("\n", 0, fence.start()) + 2
        yield line, fence[1], fence[2].splitlines()


def diagnose(snippet: str) -> list[Diagnostic]:
    """All that is found wrong."""
    whole = _WHOLE.search(snippet) is not None
    text = snippet if whole else _INPUT + re.sub("^(?=.)", "  ", snippet, flags=re.MULTILINE)
    try:
        found = load("-", stdin=text).diagnostics
    except SpecError as error:
        found = error.diagnostics
    return [d for d in found if d.severity != "note"]


def outcome(snippet: str) -> list[str]:
    """What is said of a snippet, as the table has it."""
    whole = _WHOLE.search(snippet) is not None
    lines = []
    for diagnostic in diagnose(snippet):
        place = "-"
        if diagnostic.span is not None:
            line, column = diagnostic.span.position
            place = f"{line}:{column}" if whole else f"{line - 2}:{column - 2}"
        mark = "?" if diagnostic.severity == "warning" else ""
        lines.append(f"{diagnostic.code}{mark} {place} {diagnostic.message}")
    return lines


if __name__ == "__main__":
    text = TABLE.read_text("utf-8")
    print(
        _FENCE.sub(
            lambda row: "```\n" + row[1] + "---\n" + "".join(f"{o}\n" for o in outcome(row[1])) + "```", text
        ),
        end="",
    )
