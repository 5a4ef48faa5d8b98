"""The terminal is drawn by rich, and by nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from calling import call

ROOT = Path(__file__).resolve().parent.parent


def test_one_file_imports_rich() -> None:
    """Defeats: a second writer."""
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "archcalc").rglob("*.py"))
        if any(
            line.split()[:1] in (["from"], ["import"]) and line.split()[1].split(".")[0] == "rich"
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.strip()
        )
    ]
    assert found == ["archcalc/report/terminal.py"]


@pytest.mark.parametrize("form", ["json", "csv", "plain"])
def test_what_programs_read_is_made_without_rich(form: str) -> None:
    """Defeats: a script that calls archcalc a thousand times and waits for rich each time."""
    code = (
        "import sys\n"
        "from archcalc.cli import main\n"
        "for words in (['summary', 'lenet5'], ['rf', 'lenet5'], ['explain', 'lenet5'], ['list', 'lenet5'],\n"
        "              ['compare', 'lenet5', 'alexnet'], ['check', 'lenet5', 'params=3'],\n"
        "              ['solve', '8x8x1 -> conv ? 1 -> [6x6x1]'], ['summary', 'nothing']):\n"
        "    try:\n"
        f"        main([*words, '--format', {form!r}])\n"
        "    except SystemExit:\n"
        "        pass\n"
        "sys.exit('rich' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
    screen = code.replace(f"'--format', {form!r}", "")
    assert subprocess.run([sys.executable, "-c", screen], capture_output=True).returncode == 1


def test_words_of_strangers_are_no_markup() -> None:
    """Defeats: a title that is bold, a face for ``:smile:``, a link to anywhere."""
    text = 'net a "[bold]x[/bold] [link=https://x.y]z[/] :smile: [/nothing]"\n  input 8x8x3\n  conv 3x3 4\n'
    assert "[bold]x[/bold] [link=https://x.y]z[/] :smile: [/nothing]" in call("summary", "-", stdin=text).out
