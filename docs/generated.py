"""What every script of this folder does with the files that it makes: it writes them, or compares them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path


def write_or_compare(files: Mapping[Path, str]) -> int:
    """Write the files; with ``--check`` on the command line only compare them with what is there.

    Args:
        files: the text of each file, by its path.

    Returns:
        The exit code: 0 where all is well, 1 where a file is missing or another one, with a line on
        standard error that says which script writes it anew.
    """
    if "--check" not in sys.argv[1:]:
        for path, text in files.items():
            path.write_text(text, encoding="utf-8", newline="\n")
        return 0
    stale = [
        path.name
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if stale:
        script = f"docs/{Path(sys.argv[0]).name}"
        print(f"out of date: {', '.join(stale)}; run python {script}", file=sys.stderr)
    return 1 if stale else 0
