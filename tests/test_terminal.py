"""The terminal is drawn by rich, and by nothing else."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterable
from io import BytesIO, TextIOWrapper
from itertools import zip_longest
from pathlib import Path

import pytest
from calling import call, plain_signals
from lanes import slow_but

import archcalc
from archcalc.report.lines import Line
from archcalc.report.screens.explain import explain_sheets
from archcalc.report.screens.summary import summary_sheets
from archcalc.report.sheet import Space, screen
from archcalc.report.terminal import ready

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


@pytest.mark.parametrize("form", slow_but(["plain", "json", "csv"], 1))
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
    screen = re.sub(r"in \(\[.*\]\):", "in (['summary', 'lenet5'],):", code, flags=re.DOTALL)
    screen = screen.replace(f"'--format', {form!r}", "")
    drawn = subprocess.run([sys.executable, "-c", screen], capture_output=True)
    assert (drawn.returncode, drawn.stderr) == (1, b"")


def test_words_of_strangers_are_no_markup() -> None:
    """Defeats: a title that is bold, a face for ``:smile:``, a link to anywhere."""
    text = 'net a "[bold]x[/bold] [link=https://x.y]z[/] :smile: [/nothing]"\n  input 8x8x3\n  conv 3x3 4\n'
    assert "[bold]x[/bold] [link=https://x.y]z[/] :smile: [/nothing]" in call("summary", "-", stdin=text).out


def coloured(lines: Iterable[Line]) -> str:
    """What a terminal gets."""
    data = BytesIO()
    stream = TextIOWrapper(data, "utf-8", newline="\n")
    stream.isatty = lambda: True  # type: ignore[method-assign]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm")
        patch.delenv("NO_COLOR", raising=False)
        ready(lines, stream)()
    return data.getvalue().decode()


# Signs ------------------------------------------------------------------------------------------


def written(lines: Iterable[Line], encoding: str) -> str:
    data = BytesIO()
    stream = TextIOWrapper(data, encoding, newline="\n")
    ready(lines, stream)()
    return data.getvalue().decode(encoding)


def test_a_list_of_lines_is_written_as_a_generator_of_them_is() -> None:
    """Defeats: widths of an encoding that holds while something is written, and not before: columns
    of a list that are out of line in ASCII, and those of two screens made in turn."""
    explanation = archcalc.load("7x7x3 -> conv 3x3 4 stride=2").explain(None)
    found = archcalc.load("vgg16").summary()
    for sheets in (
        lambda space: explain_sheets(explanation, space),
        lambda space: summary_sheets(found, space),
    ):
        spaces = {name: Space(80, True, None if name == "utf-8" else name) for name in ("utf-8", "ascii")}
        alone = {name: written(screen(sheets(space), space), name) for name, space in spaces.items()}
        lists = {name: list(screen(sheets(space), space)) for name, space in spaces.items()}
        turns = zip_longest(*[screen(sheets(space), space) for space in spaces.values()], fillvalue=None)
        both = [[line for line in lines if line is not None] for lines in zip(*turns, strict=True)]
        for name, in_turn in zip(spaces, both, strict=True):
            assert alone[name] == written(lists[name], name) == written(in_turn, name)
        assert alone["ascii"] != alone["utf-8"]
    words = ["explain", "7x7x3 -> conv 3x3 4 stride=2", "--width", "80"]
    assert call(*words, encoding="ascii").out == written(
        screen(explain_sheets(explanation, spaces["ascii"]), spaces["ascii"]), "ascii"
    )


def test_a_style_is_begun_once_where_it_is_one() -> None:
    """Defeats escapes about every cell and space of a row, and a link that takes its neighbours along."""
    lines: list[Line] = [
        [("a", "bad"), (" b", "bad"), ("  ", ""), ("c", ""), ("see arXiv:1409.1556, 2", "aside")]
    ]
    text = coloured(lines)
    assert text.count("\x1b[1;31ma b\x1b[0m  c\x1b[2msee \x1b[0m") == 1
    assert re.search(r"\x1b]8;[^;]*;https://arxiv.org/abs/1409.1556\x1b.*arXiv:1409.1556", text)
    assert text.endswith("\x1b[2m, 2\x1b[0m\n")


# Progress ---------------------------------------------------------------------------------------

SLOW = (
    "import sys, time\n"
    "from archcalc.interrupts import install\n"
    "from archcalc.report import terminal\n"
    "install()\n"
    "terminal.PATIENCE = 0.05\n"
    "for item in terminal.watched(['[red]a\\x1b[2J', 'b'], 'working', 'things', 2, named=str):\n"
    "    time.sleep(float(sys.argv[1]))\n"
    "print('rich' in sys.modules)\n"
)


def on_a_terminal(seconds: float, number: int | None = None, **environment: str) -> tuple[str, str, int]:
    """What standard output and a terminal as standard error get of a slow run, perhaps ended by a
    signal, and its exit code."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(seconds)],
        stdout=subprocess.PIPE,
        stderr=follower,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
        preexec_fn=plain_signals,
        text=True,
    )
    os.close(follower)
    found = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        found += piece
        if number is not None and b"things" in found:
            process.send_signal(number)
            number = None
    os.close(leader)
    out, _ = process.communicate()
    return out, found.decode(), process.returncode


def test_what_takes_long_shows_a_bar_that_is_gone_at_the_end() -> None:
    """Defeats: a bar that stays, a cursor that does not come back, a name that a terminal obeys."""
    out, err, code = on_a_terminal(0.5)
    assert (out, code) == ("True\n", 0)
    assert "[red]a" in err
    assert "0 of 2 things" in err
    assert "1 of 2 things" in err
    assert "\x1b[2J" not in err
    assert err.endswith("\x1b[1A\x1b[2K"), "the line is empty again"
    assert err.rfind("\x1b[?25h") > err.rfind("\x1b[?25l") >= 0, "the cursor is there"


def test_what_is_quick_shows_none() -> None:
    """Defeats: a flash for every call, and rich imported for it."""
    assert on_a_terminal(0.0) == ("False\n", "", 0)
    assert on_a_terminal(0.3, TERM="dumb")[1] == ""


def test_there_is_no_bar_in_a_pipe() -> None:
    done = subprocess.run([sys.executable, "-c", SLOW, "0.2"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_ctrl_c_leaves_no_bar() -> None:
    """Defeats: a process that ends with its cursor hidden and half a bar on the screen."""
    out, err, code = on_a_terminal(60, signal.SIGINT)
    assert (out, code) == ("", 130)
    assert "\x1b[?25h" in err[err.rfind("\x1b[?25l") :]
    assert err.rstrip().endswith("\x1b[1A\x1b[2K")


# Help -------------------------------------------------------------------------------------------


def test_help_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: help that click writes by itself, without colour and wider than a terminal."""
    from archcalc.cli.help import HelpLines
    from archcalc.report.terminal import STYLES

    for command in ("", "summary"):
        for width in ("40", "60", "80", "200"):
            text = call(*command.split(), "--help", COLUMNS=width).out
            assert max(map(len, text.splitlines())) <= min(int(width), 80)
            assert text.startswith("Usage: archcalc")
    made: list[HelpLines] = []
    whole = HelpLines.__init__
    monkeypatch.setattr(HelpLines, "__init__", lambda self: (whole(self), made.append(self))[0])
    call("rf", "-h")
    roles = {role for line in made[0].lines for _, role in line}
    assert {"title", "option", "aside"} <= roles <= {"", *STYLES}
    assert ("--input", "option") in [part for line in made[0].lines for part in line]
