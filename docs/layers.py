"""Writes the reference of layers and blocks: ``python docs/layers.py`` (``--check`` compares)."""

from __future__ import annotations

import sys
from pathlib import Path

from generated import write_or_compare

from archcalc.cli.ops import pages
from archcalc.report.screens.ops_markdown import reference

PATH = Path(__file__).parent / "layers.md"


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({PATH: "".join(reference(pages()))})


if __name__ == "__main__":
    sys.exit(main())
