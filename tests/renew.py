"""Writes anew what is generated: pages of docs/, golden screens, the outputs in the README.

``python tests/renew.py`` runs every script that writes such files, ``python tests/renew.py layers
screens`` only those with these words in their names. Read the difference before you commit it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCRIPTS = [
    "docs/layers.py",
    "docs/dictionary.py",
    "docs/onnx_operators.py",
    "docs/keras_layers.py",
    "docs/schema.py",
    "docs/quantities.py",
    "docs/counters.py",
    "docs/answers.py",
    "docs/misconceptions.py",
    "docs/zoo.py",
    "docs/counters_compared.py",
    "docs/lectures.py",
    "docs/pictures.py",
    "tests/test_screens.py",
    "tests/test_export.py",
    "tests/test_draw.py",
    "tests/test_scaled_pictures.py",
    "tests/test_page_pictures.py",
    "tests/test_sheets_doc.py",
    "tests/test_quizzes_doc.py",
    "tests/test_practice.py",
    "tests/test_practice_doc.py",
    "tests/test_course_doc.py",
    "tests/test_budgets_doc.py",
    "tests/test_values_doc.py",
    "tests/test_modules_doc.py",
    "tests/test_symbols_doc.py",
    "tests/test_sweep_doc.py",
    "tests/test_time_doc.py",
    "tests/test_docs_site.py",
    "tests/test_readme.py",
]


def main(words: list[str]) -> int:
    """The number of scripts that failed."""
    failed = 0
    for script in SCRIPTS:
        if not words or any(word in script for word in words):
            print(script, flush=True)
            failed += (
                subprocess.run([sys.executable, str(ROOT / script)], cwd=ROOT, check=False).returncode != 0
            )
    if (ROOT / ".git").exists():
        subprocess.run(["git", "diff", "--stat"], cwd=ROOT, check=False)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
