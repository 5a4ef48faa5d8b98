"""How tables fit a width: what goes first, what never goes, and how wide a screen is where nobody
says it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from calling import call

from archcalc.language.library import Library
from archcalc.report import wrapping
from archcalc.report.fitting import ELASTIC, FOLDED, GONE, NARROW, SHORT, WRAPPED, Fitting, Look
from archcalc.report.grid import Cell, Column, Yield
from archcalc.report.lines import MOST
from archcalc.report.screens import compare, compare_layers, list, rf, summary
from archcalc.report.terminal import width_of
from archcalc.report.words import brief

pytestmark = pytest.mark.usefixtures("zoo_kept")

SETTING = re.compile(r"(?:stride|pad|dilation)=\S+?(?=[,\s)]|$)")
ZOO = sorted(Library().zoo)


def widest(text: str) -> int:
    return max(map(len, text.splitlines()))


# Settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["alexnet", "resnet50", "googlenet", "fcn32s", "vgg16"])
@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("command", ["summary", "rf"])
def test_settings_stay(command: str, network: str, width: int) -> None:
    """Defeats a table that cuts ``stride=4`` and keeps bars and figures of thirteen digits."""
    whole = call(command, network).out
    text = call(command, network, "--width", str(width)).out
    assert widest(text) <= width
    assert sorted(SETTING.findall(text)) == sorted(SETTING.findall(whole))
    assert "…" not in text
    if width == 80 and network != "vgg16":
        assert "│" not in text, "bars go before anything else"
        assert f"left out at {width} columns: {'bars' if command == 'summary' else 'picture'}" in (text)


@pytest.mark.slow
@pytest.mark.parametrize("network", ZOO)
def test_settings_stay_in_the_whole_zoo(network: str) -> None:
    for command in ("summary", "rf"):
        whole = call(command, network).out
        for width in (40, 80, 100):
            text = call(command, network, "--width", str(width)).out
            assert widest(text) <= width, (command, width)
            table, natural = (t.partition("\n\n")[2].partition("\n\n")[0] for t in (text, whole))
            assert sorted(SETTING.findall(table)) == sorted(SETTING.findall(natural))


def test_what_is_asked_for_stays(tmp_path: Path) -> None:
    """Defeats a screen that drops a column that somebody asked for, and one that is wider than it
    may be where names are long."""
    letters = "abcdefghij" * 7
    path = tmp_path / "long.arch"
    path.write_text(
        "net long\n  input 224x224x3\n"
        f"  {letters}one: conv 3x3 64 pad=1 -> relu\n"
        f"  {letters}two: conv 3x3 128 pad=1 -> relu\n",
        encoding="utf-8",
    )
    text = call("summary", str(path), "--columns", "macs,output", "--width", "80").out
    assert widest(text) <= 80
    head = text.splitlines()[2]
    assert "MACs" in head
    assert "output" in head
    assert "3,699,376,128" in text, "there is room for all digits"
    assert letters + "one" in re.sub(r"\s", "", text).replace("86,704,128", "").replace("224x224x64", "")
    narrow = call("summary", "vgg16", "--columns", "memory,rf,params,macs,what", "--width", "60")
    for head in ("memory", "RF", "MACs", "what"):
        assert head in narrow.out.splitlines()[3 if "arXiv" in narrow.out.splitlines()[1] else 2]


@pytest.mark.slow
def test_a_quantity_that_the_list_is_sorted_by_stays() -> None:
    """Defeats a list by MACs without MACs."""
    for asked, head in (("macs", "MACs"), ("rf", "RF"), ("peak_bytes", "peak_bytes")):
        text = call("list", "--sort", asked, "--width", "60").out
        assert head in text.splitlines()[0]
        assert widest(text) <= 60


@pytest.mark.slow
def test_the_list_uses_its_room() -> None:
    """Defeats a list that drops `which` and leaves columns blank."""
    text = call("list", "--width", "80").out
    assert "as taught today" in text
    assert "words of which" in text
    assert "which" in text.splitlines()[0]


# The width where nobody says it -----------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "summary googlenet",
        "summary vit_b_16",
        "rf resnet152",
        "compare lenet5 resnet50 vgg16",
        "list",
        "explain resnet50 macs",
        "summary resnet50 --chart",
        "ops conv",
    ],
)
@pytest.mark.slow
def test_a_pipe_is_80_wide_unless_somebody_says_otherwise(command: str, tmp_path: Path) -> None:
    """Defeats lines of 141 columns in a mail, and in a file."""
    words = command.split()
    usual = call(*words, COLUMNS="")
    assert usual.code == 0, usual.err
    assert widest(usual.out) <= 80
    assert widest(call(*words, COLUMNS="100").out) <= 100
    assert call(*words, "--width", "80", COLUMNS="60").out == usual.out
    path = tmp_path / "out.txt"
    call(*words, "-o", str(path), COLUMNS="")
    assert path.read_text(encoding="utf-8") == usual.out


def test_no_terminal_is_too_narrow() -> None:
    """Below 40 columns a screen is laid out for 40; a width that is no number says nothing."""
    for chart in ([], ["--chart"]):
        narrow = call("summary", "vgg16", *chart, COLUMNS="1")
        assert narrow.code == 0
        assert narrow.out == call("summary", "vgg16", *chart, "--width", "40").out
    usual = call("summary", "vgg16", "--width", "80").out
    for odd in ("0", "-3", "many", "9" * 5000):
        assert call("summary", "vgg16", COLUMNS=odd).out == usual


def test_a_real_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "archcalc", "summary", "googlenet"],
        capture_output=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
    )
    assert done.stdout.decode() == call("summary", "googlenet", COLUMNS="").out


# Digits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00K"),
        (9_994, "9.99K"),
        (9_995, "10.0K"),
        (61_706, "61.7K"),
        (99_950, "100K"),
        (999_499, "999K"),
        (999_500, "1.00M"),
        (1_849_688_064, "1.85G"),
        (15_470_264_320, "15.5G"),
        (181_365_854_976, "181G"),
        (10**18, "1.00E"),
        (10**22, "10,000E"),
        (None, "?"),
        (-61_706, "-61.7K"),
    ],
)
def test_three_digits(number: int | None, expected: str) -> None:
    """Defeats 1000K for 1.00M, and figures that are rounded twice."""
    assert brief(number) == expected


# The data on the columns ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [summary.COLUMNS, compare.COLUMNS, compare_layers.COLUMNS, list.COLUMNS, rf.COLUMNS],
    ids=["summary", "compare", "compare-layers", "list", "rf"],
)
def test_the_order_of_a_table_is_one_order(columns: tuple[Column, ...]) -> None:
    """What goes is said, bars and pictures go before all else, `what` never goes."""
    steps = [(step, column) for column in columns for step in column.yields]
    assert len({column.name for column in columns}) == len(columns)
    for step, column in steps:
        assert step.to in (SHORT, GONE, *ELASTIC)
        assert step.left_out or step.to in (NARROW, WRAPPED, FOLDED) or column.name.endswith(" ratio")
        assert column.name not in ("what", "name", "layer", "network") or step.to != GONE
    for column in columns:
        orders = [step.order for step in column.yields]
        assert orders == sorted(orders)
    drawn = [step.order for step, column in steps if column.name in ("bars", "picture")]
    losses = [
        step.order
        for step, column in steps
        if step.to in (SHORT, GONE) and column.name not in ("bars", "picture")
    ]
    assert not drawn or max(drawn) < min(losses)


class Words:
    """A table of words: of each column a long form and a short one."""

    def __init__(self, texts: dict[str, tuple[str, str]]):
        self.texts = texts

    def head(self, column: Column, look: Look) -> str:
        return column.head

    def cells(self, column: Column, look: Look) -> list[Cell]:
        return [(self.texts[column.name][look.short], "")]


def test_what_there_is_room_for_comes_back() -> None:
    """Defeats a table that gave up digits on the way to a column whose going made room for them."""
    columns = [
        Column("n", name="n"),
        Column("d", name="d", yields=(Yield(1, SHORT, "digits"),)),
        Column("w", name="w", yields=(Yield(2, GONE, "words"),)),
    ]
    fitting = Fitting(
        columns, Words({"n": ("name", "name"), "d": ("1,234,567", "1.23M"), "w": ("w" * 30, "w" * 30)})
    )
    assert fitting.width == 4 + 2 + 9 + 2 + 30
    fitting.fit(20)
    assert fitting.left_out == ["words"]
    assert fitting.grid().width == 15
    kept = Fitting(columns, fitting.content, asked=["w"])
    kept.fit(20)
    assert kept.left_out == ["digits"], "what is asked for stays, whatever the width"


# Strangers' words -------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["１", "⌊", "a", "e\u0301", "🙂", "·"])
@pytest.mark.parametrize(
    "breaking", [lambda text: wrapping.broken(text, 40), lambda text: wrapping.hung(text, 40, 4)]
)
def test_a_long_word_is_broken_in_linear_time(breaking: Callable[[str], list[str]], sign: str) -> None:
    """Defeats a loop that measures all that is left of a word for every line of it: an answer of
    60,000 full-width digits took minutes."""
    word = sign * (60_000 // len(sign))
    start = time.process_time()
    lines = breaking(f"left {word} right")
    assert time.process_time() - start < 10
    assert "".join(lines).replace(" ", "") == f"left{word}right"
    assert max(map(width_of, lines)) <= 40


@pytest.mark.parametrize("width", [None, 80, 10**9])
def test_many_parts_are_joined_in_linear_time(width: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a line that is measured anew for every part that joins it: the LaTeX of a net of
    8,000 heads took more than 40 s."""
    measured = 0

    def counting(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return width_of(text)

    monkeypatch.setattr(wrapping, "width_of", counting)
    parts = [f"head {number}: 3·3 parameters" for number in range(2_000)]
    lines = wrapping.wrapped(parts, width)
    assert measured < 3 * len("".join(parts))
    assert " · ".join(lines) == " · ".join(parts)
    assert all(width is None or width_of(line) <= width for line in lines)
    # A part more would not have fitted.
    assert width != 80 or all(width_of(line) > 50 for line in lines[:-1])


def test_no_width_is_named_that_cannot_be_asked_for() -> None:
    """Defeats: ``--width 84066 shows all``, which is refused."""
    row = "8x8x1" + " -> relu" * 2_000
    assert "no width shows all" in call("summary", row, "--width", "80").out
    assert call("summary", "vgg16", "--width", str(MOST)).code == 0
    assert call("summary", "vgg16", "--width", str(MOST + 1)).code == 2
