"""Writes the reference of layers and blocks: ``python docs/layers.py`` (``--check`` compares)."""

from __future__ import annotations

import sys
from pathlib import Path

from archcalc.cli.ops import pages
from archcalc.report.screens.ops_markdown import reference

PATH = Path(__file__).parent / "layers.md"


def main() -> int:
    """Write the reference, or compare it with what is there."""
    text = "".join(reference(pages()))
    if "--check" not in sys.argv:
        PATH.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if PATH.exists() and PATH.read_text(encoding="utf-8") == text:
        return 0
    print("out of date: layers.md; run python docs/layers.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
