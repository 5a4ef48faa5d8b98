"""`archcalc sweep`: what it shows, writes and refuses."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from calling import call
from hypothesis import given, settings
from hypothesis import strategies as st

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.sweeping import running
from archcalc.sweeping.space import Axis
from archcalc.sweeping.swept import decimal

CHAIN = "16x16x3 -> conv {3, 5, 17} ? -> relu -> maxpool 2x2 -> conv {3, 9} 8"
WORDS = ["sweep", CHAIN, "--set", "filters=8..24:8"]
ROOT = Path(__file__).parent.parent


def rows(*words: str) -> list[dict[str, str]]:
    """The rows of the CSV."""
    found = call(*words, "--format", "csv")
    assert found.code in (0, 1), found.err
    return list(csv.DictReader(io.StringIO(found.out)))


def swept(*words: str) -> Any:
    """The record of the JSON."""
    found = call(*words, "--format", "json")
    assert found.code in (0, 1), found.err
    return json.loads(found.out)


# Figures ------------------------------------------------------------------------------------------


def test_every_row_is_what_summary_says() -> None:
    """Of every design, by the words that the answer gives for it. Defeats an axis that is put in another's
    place, and a spec that is not that of the row."""
    found = archcalc.sweep(CHAIN, {"filters": "8..24:8"}, quantities=("params", "macs", "peak", "saved"))
    assert len(found.rows) == 6
    for at, row in enumerate(found.rows):
        summary = archcalc.load(found.spec(at)).summary()
        totals = summary.to_dict()["totals"]
        assert row.quantities == {
            "params": totals["params"],
            "macs": totals["macs"],
            "peak": totals["peak_bytes"],
            "saved": totals["saved_bytes"],
        }
        assert row.output == summary.graph.output.output


def test_parameters_and_the_input_of_a_network() -> None:
    """Defeats a size of the input that is lost, and settings that are not those of the row."""
    words = ["sweep", "mobilenet_v2", "--set", "width={0.5, 1}", "--set", "input={128, 224}"]
    found = rows(*words, "--set", "classes=7")
    assert [(row["width"], row["input"], row["output"]) for row in found] == [
        ("0.5", "128", "7"),
        ("0.5", "224", "7"),
        ("1", "128", "7"),
        ("1", "224", "7"),
    ]
    beside = call(
        "summary", "mobilenet_v2", "--set", "width=0.5", "--set", "classes=7", "--input", "128x128x3"
    )
    for name in ("params", "macs"):
        assert f"{int(found[0][name]):,}" in beside.out


def test_the_screen_says_what_the_json_says() -> None:
    """All figures of the screen are those of the record. Defeats a screen with figures of its own."""
    for more in (
        [],
        ["--sort=-rf,params", "--top", "3"],
        ["--pareto=params,-rf"],
        ["--where", "params > 1K"],
    ):
        screen = call(*WORDS, *more, COLUMNS="120").out
        record = swept(*WORDS, *more)
        table = screen.split("\n\n")[1].splitlines()[2:]
        assert len(table) == len(record["designs"])
        for line, design in zip(table, record["designs"], strict=True):
            cells = line.split()
            assert cells[:3] == [str(value) for value in design["values"].values()]
            assert cells[3] == "x".join(map(str, design["output"]))
            quantities = design["quantities"]
            assert cells[4:6] == [f"{quantities[name]:,}" for name in ("params", "macs")]
            assert cells[7] == str(quantities["rf"])
        refused = record["refused"]
        for one in refused:
            assert f"{one['designs']}: {one['message']}" in " ".join(screen.split())
        assert record["computed"] == record["networks"] + sum(one["designs"] for one in refused)


GOLDEN = """\
16x16x3 -> conv {3, 5, 17} ? -> relu -> maxpool 2x2 -> conv {3, 9} 8

conv1.kernel  filters  conv2.kernel  output  parameters    MACs  peak  RF
─────────────────────────────────────────────────────────────────────────
           3        8             3   5x5x8         808  56,736   9.1   8
           5        8             3   4x4x8       1,192  95,616   7.5  10

designs    18, of which 12 are no networks
where      params < 2K
           3 meet it, of 6 networks
front      2 that no other betters: smallest parameters, largest RF
first      16x16x3 -> conv 3 8 -> relu -> maxpool 2x2 -> conv 3 8
refused    12: the window 9x9 is larger than the input 7x7, as with
           conv1.kernel=3, filters=8, conv2.kernel=9

MACs of conv and fc, no bias · peak in KiB · fp32, batch 1
RF: receptive field, last window
"""


def test_the_screen() -> None:
    found = call(*WORDS, "--where", "params < 2K", "--pareto=params,-rf", "--width", "80")
    assert found.code == 0
    assert found.out.replace("\n\n\n", "\n\n") == GOLDEN


@pytest.mark.parametrize("width", [40, 57, 80, 100])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    for more in ([], ["--refused"], ["--sort", "macs"]):
        out = call(*WORDS, *more, "--width", str(width)).out
        assert max(map(len, out.splitlines())) <= width
        assert "filters" in out or width < 57


# Choosing ----------------------------------------------------------------------------------------


def test_a_screen_shows_the_first_and_says_how_many_there_are() -> None:
    """Defeats rows that are silently lost."""
    words = ["sweep", "8x8x3 -> conv 3x3 ?", "--set", "filters=1..500"]
    screen = call(*words, "--sort=-params").out
    assert "the first 20 of 500 by largest parameters: --top N shows more, --format csv all" in screen
    assert len([line for line in screen.splitlines() if "6x6x" in line]) == 20
    assert "first 20 of 500: --format csv gives all" in call(*words).out
    assert len(rows(*words)) == 500
    top = call(*words, "--sort", "params", "--top", "30").out
    assert len([line for line in top.splitlines() if "6x6x" in line]) == 30
    assert "the first 30 of 500 by smallest parameters" in top


def test_an_axis_has_the_name_of_a_quantity(tmp_path: Path) -> None:
    """The axis has the name, and the quantity one behind `network.`. Defeats two columns of one name."""
    (tmp_path / "net.arch").write_text(
        "net deep depth=2\n  input 8x8x4\n  body: depth x conv 3x3 4 pad=1\n", encoding="utf-8"
    )
    words = ["sweep", str(tmp_path / "net.arch"), "--set", "depth=1..3", "--columns", "network.depth,params"]
    (first, *_, last) = rows(*words, "--sort=-depth")
    assert list(first) == ["depth", "output", "network.depth", "params"]
    assert (first["depth"], first["network.depth"], last["depth"]) == ("3", "3", "1")


def test_a_condition_on_what_differs() -> None:
    """By its name, also where a quantity is called so, whichever columns there are; a word is no number.
    Defeats a condition that is met by the network's stride in the place of the layer's."""
    words = ["sweep", "16x16x3 -> conv 3x3 4 stride=2 -> conv {3, 5} 8 stride={1, 2} pad={0, 1, half}"]
    for columns in ([], ["--columns", "stride"], ["--columns", "network.stride"]):
        found = rows(*words, *columns, "--where", "stride = 1 and pad < 1")
        assert [(row["kernel"], row["stride"], row["pad"]) for row in found] == [
            ("3", "1", "0"),
            ("5", "1", "0"),
        ]
        assert not columns or [row["network.stride"] for row in found] == ["2", "2"]


@settings(deadline=None, max_examples=100)
@given(
    st.text("0123456789.,:{}?- ex/[]'\"\\\x00é", max_size=14),
    st.sampled_from(["filters", "input", "conv1.kernel"]),
)
def test_any_text_is_values_or_one_message(text: str, name: str) -> None:
    """Hostile settings. Defeats a traceback, and ranges that are written out."""
    found = call(
        "sweep", CHAIN, "--set", f"{name}={text}", "--limit", "200", "--columns", "params", "--format", "csv"
    )
    assert found.code in (0, 1, 2)
    assert "internal" not in found.err
    assert found.code != 2 or (found.out == "" and "error" in found.err)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["--where", "--pareto", "--sort", "--columns", "--plot-quantities"]),
            st.one_of(
                st.text("params,-rf<=>3KMiB.()\x00é &", max_size=12),
                st.sampled_from(
                    ["params", "-rf,macs", "filters", "output", "params>3", "stride,start", "-conv1.kernel"]
                ),
            ),
        ),
        max_size=4,
    )
)
def test_any_options_are_an_answer_or_one_message(given_options: list[tuple[str, str]]) -> None:
    """Hostile words for all that is chosen. Defeats a traceback."""
    words = [f"{option}={text}" for option, text in given_options]
    for form in ("table", "csv"):
        found = call("sweep", "8x8x3 -> conv {1, 3, 9} {2, 4}", *words, "--format", form)
        assert found.code in (0, 1, 2)
        assert found.code != 2 or (found.out == "" and "error" in found.err)


def test_refused_designs_are_listed_with_their_own_numbers() -> None:
    """Defeats a reason that is that of the first design of its kind."""
    found = rows("sweep", "8x8x3 -> conv {3, 9, 11} 8", "--refused")
    assert found == [
        {"kernel": "9", "reason": "the window 9x9 is larger than the input 8x8"},
        {"kernel": "11", "reason": "the window 11x11 is larger than the input 8x8"},
    ]
    assert swept("sweep", "8x8x3 -> conv {3, 9, 11} 8", "--refused")["designs"][1] == {
        "number": 2,
        "values": {"kernel": 11},
        "reason": "the window 11x11 is larger than the input 8x8",
    }


def test_no_design_is_left() -> None:
    for words in (["sweep", "8x8x3 -> conv {9, 11} 8"], [*WORDS, "--where", "params < 3"]):
        for form in ("table", "csv", "jsonl", "json", "markdown"):
            assert call(*words, "--format", form).code == 1
    assert "none of them a network" in call("sweep", "8x8x3 -> conv {9, 11} 8").out
    assert call("sweep", "8x8x3 -> conv {3, 5} 8", "--refused").code == 1


def test_a_sample_is_drawn() -> None:
    """The same for the same seed, and the screen says from how many."""
    words = ["sweep", "8x8x3 -> conv 3x3 ?", "--set", "filters=1..1000", "--sample", "5"]
    found = [rows(*words, "--seed", seed) for seed in ("7", "7", "8")]
    assert found[0] == found[1] != found[2]
    assert len(found[0]) == 5
    assert "5, drawn from 1,000 with seed 7, all of them networks" in call(*words, "--seed", "7").out


# Formats -----------------------------------------------------------------------------------------


def test_all_files_hold_the_same(tmp_path: Path) -> None:
    """Streamed and sorted, CSV, JSON lines, Parquet and the record. Defeats a stream that loses its last
    part, a file in another order, and numbers that become floats."""
    parquet = pytest.importorskip("pyarrow.parquet")
    for more in ([], ["--sort=-params"], ["--pareto=params,-rf"], ["--refused"]):
        record = swept(*WORDS, *more)["designs"]
        as_csv = rows(*WORDS, *more)
        lines = [json.loads(line) for line in call(*WORDS, *more, "--format", "jsonl").out.splitlines()]
        path = tmp_path / "out.parquet"
        assert call(*WORDS, *more, "-o", str(path)).out == ""
        table = parquet.read_table(path).to_pylist()
        assert lines == table
        flat = [
            {**d["values"], **({"output": d["output"], **d["quantities"]} if "output" in d else {})}
            for d in record
        ]
        for one, design, cells, kept in zip(lines, flat, as_csv, record, strict=True):
            extra = {name: kept[name] for name in ("alike", "reason") if name in kept}
            assert one == {**design, **extra}
            assert list(one) == list(cells)
            shape = {"output": "x".join(map(str, one["output"]))} if "output" in one else {}
            assert cells == {name: str(value) for name, value in {**one, **shape}.items()}


def test_numbers_beyond_int64(tmp_path: Path) -> None:
    """Exact in CSV and JSON; refused by Parquet, which has no such column. Defeats floats, and a wrap."""
    words = ["sweep", "8x8x1000000000000 -> conv 3x3 ? bias=no", "--set", "filters={1, 1000000000}"]
    beyond = 10**21 * 9
    assert rows(*words)[1]["params"] == str(beyond)
    assert swept(*words, "--sort=-params")["designs"][0]["quantities"]["params"] == beyond
    assert json.loads(call(*words, "--format", "jsonl").out.splitlines()[1])["params"] == beyond
    pytest.importorskip("pyarrow")
    path = tmp_path / "x.parquet"
    found = call(*words, "-o", str(path))
    assert found.code == 2
    assert "no whole number that Parquet holds" in found.err
    assert not path.exists()


def test_fractions_and_what_is_not_known() -> None:
    words = ["sweep", "8x8x3 -> upsample {2, 3} -> conv 3x3 4", "--columns", "stride,rf"]
    assert [row["stride"] for row in rows(*words)] == ["1/2", "1/3"]
    words = ["sweep", "8 -> fc {3, 4}"]
    assert [row["rf"] for row in rows(*words)] == ["?", "?"]
    assert [design["quantities"]["rf"] for design in swept(*words)["designs"]] == [None, None]
    assert "? not known, or of the whole input" in call(*words).out


def test_parquet_without_pyarrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One message with the command that installs it. Defeats a traceback, and an empty file."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    found = call(*WORDS, "-o", str(tmp_path / "x.parquet"))
    assert found.code == 2
    assert "--format parquet needs pyarrow" in found.err
    assert "archcalc[parquet]" in found.err
    assert os.listdir(tmp_path) == []


def test_documents_hold_no_million() -> None:
    words = ["sweep", "8x8x3 -> conv 3x3 ?", "--set", "filters=1..100001", "--columns", "params"]
    from archcalc.cli import sweep

    sweep.MOST_IN_A_DOCUMENT, before = 100, sweep.MOST_IN_A_DOCUMENT
    try:
        found = call(*words, "--sample", "101", "--format", "json")
    finally:
        sweep.MOST_IN_A_DOCUMENT = before
    assert found.code == 2
    assert "101 designs are more than --format json holds" in found.err


# Refusals ----------------------------------------------------------------------------------------

FAULTS = [
    (["resnet18"], "nothing differs"),
    (["resnet18", "--set", "width=1..2"], "no parameter `width`"),
    (["resnet18", "--set", "classes"], "is not NAME=VALUES"),
    (["resnet18", "--set", "a b=1..2"], "is not NAME=VALUES"),
    (["resnet18", "--set", "classes=1..2", "--set", "classes=3..4"], "set twice"),
    ([CHAIN, "--top", "3"], "--top has no order"),
    ([CHAIN, "--seed", "3"], "--seed goes with --sample"),
    ([CHAIN, "--sort", "colour"], "names `colour`"),
    ([CHAIN, "--pareto", "params,"], "lacks a name"),
    ([CHAIN, "--columns", "params,,macs"], "lacks a name"),
    ([CHAIN, "--columns", "parms"], "no quantity of a network is called `parms`"),
    ([CHAIN, "--where", "params <"], ""),
    ([CHAIN, "--where", "colour < 3"], ""),
    (
        ["8x8x3 -> conv ? ?", "--set", "kernel=1..100000", "--set", "filters=1..100000"],
        "10,000,000,000 designs",
    ),
    (["8x8x3 -> conv ? ?", "--set", "kernel=1..9000000", "--set", "filters=1..2"], "9,000,000 values"),
    ([" -> ".join(["8x8x3", *["conv ? ?"] * 30]), "--sample", "5"], "designs"),
    (["8x8x3 -> conv {3, 5} 8", "--limit", "1"], "2 designs, and 1 are computed at most"),
    (["8x8x3 -> conv {3, 5 8"], ""),
    (["8x8x3 -> conv {} 8"], ""),
    (["/nowhere/net.arch", "--set", "a=1..2"], ""),
    ([CHAIN, CHAIN], "one word too many"),
    # What a shell makes of braces without quotes.
    (["mobilenet", "--set", "classes=3", "classes=5"], 'quote it, as in --set "width={0.5, 1}"'),
    (["mobilenet", "--set", "classes={3,", "5}"], 'quote it, as in --set "width={0.5, 1}"'),
]


@pytest.mark.parametrize(("words", "message"), FAULTS)
def test_what_is_refused(words: list[str], message: str) -> None:
    """One message, nothing on standard output, at once. Defeats a space that is written out."""
    began = time.monotonic()
    found = call("sweep", *words)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("error[")
    assert message in found.err
    assert "internal" not in found.err
    assert time.monotonic() - began < 20


def test_a_space_that_is_too_large_says_how_long_it_takes() -> None:
    """Defeats a refusal that leaves one to guess."""
    words = ["sweep", "8x8x3 -> conv ? ? -> conv ? ?", "--set", "conv1.filters=1..100000"]
    found = call(*words, "--set", "conv2.filters=1..100000")
    assert found.code == 2
    assert re.search(r"--limit \d+ computes them all, in about [\d,]+ (hour|day|year)s?", found.err)


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="nothing says how much memory a process took"
)
def test_millions_of_designs_take_little_memory(tmp_path: Path) -> None:
    """In a process of its own, as its memory is that of all that it did. Defeats designs that are kept."""
    code = (
        "import sys\nfrom archcalc.cli import main\ntry: main(sys.argv[1:])\n"
        "except SystemExit as end: code = end.code\n"
        # Not ru_maxrss, which a process has from the one that started it.
        "most = open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]\n"
        "print(code, most, file=sys.stderr)"
    )
    chain = "56x56x64 -> conv ? ? stride=? pad=? -> conv 3x3 128"
    sets = ["kernel=1..10", "stride=1..4", "pad=0..9", "filters=1..10000"]
    words = [chain, *(word for each in sets for word in ("--set", each)), "--pareto=params,-rf"]
    few = [*words[:-2], "filters=1..250", "-o", str(tmp_path / "all.csv")]
    for each, number in ((words, 4_000_000), (few, 100_000)):
        done = subprocess.run(
            [sys.executable, "-c", code, "sweep", *each], capture_output=True, text=True, cwd=ROOT
        )
        exit_code, kibibytes = map(int, done.stderr.split())
        assert exit_code == 0
        assert f"{number:,}, all of them networks" in done.stdout or number == 100_000
        assert kibibytes < 400 * 1024
    with open(tmp_path / "all.csv", encoding="utf-8") as file:
        assert sum(1 for _ in file) == 100_001


def test_arguments_of_the_api() -> None:
    for wrong in ({"top": 0, "sort": "params"}, {"sample": 0}, {"batch": 0}, {"dtype": "fp99"}):
        with pytest.raises(ValueError, match=r"and 1 at least|no dtype"):
            archcalc.sweep(CHAIN, **wrong)  # type: ignore[arg-type]
    with pytest.raises(SpecError):
        archcalc.sweep("resnet18")


# Python ------------------------------------------------------------------------------------------


def test_the_api_says_what_the_command_says() -> None:
    found = archcalc.sweep(CHAIN, {"filters": range(8, 25, 8)}, pareto="params,-rf", where="params < 2K")
    words = [*WORDS, "--pareto=params,-rf", "--where", "params < 2K"]
    assert json.loads(json.dumps(found.to_dict())) == swept(*words)
    assert found.to_csv() == call(*words, "--format", "csv").out
    assert "1,192" in str(found)
    assert "<table>" in found._repr_html_()
    assert found.course.complete
    assert [row.values["filters"] for row in found.rows[:2]] == [8, 8]
    assert found.rows[-1] == list(found.rows)[-1]
    many = archcalc.sweep("8x8x3 -> conv 3x3 ?", {"filters": "1..50"})
    assert (len(many.rows), str(many).count("6x6x")) == (50, 20)


def test_a_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    frame = archcalc.sweep(CHAIN, {"filters": [8, 16]}, sort="-params").dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == [
        "conv1.kernel",
        "filters",
        "conv2.kernel",
        "output",
        "params",
        "macs",
        "peak",
        "rf",
    ]
    assert frame["params"].is_monotonic_decreasing
    assert frame.index.name == "design"
    assert frame.iloc[0]["output"] == (4, 4, 8)


@pytest.mark.parametrize(
    ("chain", "names", "params"),
    [
        ("9x9x3 -> {1, 2} x ({1, 3} x (conv 3x3 8 pad=1))", ["repeat1.turns", "repeat2.turns"], (1, 3, 2, 6)),
        (
            "9x9x3 -> {1, 2} x (conv 3x3 8 pad=1) -> {1, 3} x (conv 3x3 8 pad=1)",
            ["repeat1.turns", "repeat2.turns"],
            (2, 4, 3, 5),
        ),
    ],
)
def test_several_counts_of_turns(chain: str, names: list[str], params: tuple[int, ...]) -> None:
    """Defeats one name for two counts, of which each then has the value of the last."""
    found = archcalc.sweep(chain)
    assert list(found.rows[0].values) == names
    assert [row.quantities["params"] for row in found.rows] == [224 + 584 * (n - 1) for n in params]


def test_decimal_values_are_numbers_in_frames(tmp_path: Path) -> None:
    """Defeats widths that are texts there: they can be neither compared with 0.6 nor drawn. What a float does
    not hold as it is typed stays a text."""
    pytest.importorskip("pandas")
    found = archcalc.sweep("mobilenet", {"width": "0.25..1:0.25"}, sort="-params")
    frame = found.dataframe()
    assert frame[frame["width"] > 0.6]["width"].tolist() == [1.0, 0.75]
    assert not decimal(Axis("width", (Fraction("0.50000000000000000001"), 1)))
    assert not decimal(Axis("width", (Fraction(1, 3), Fraction(1, 2))))
    assert not decimal(Axis("width", (1, 2)))
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "out.parquet"
    assert call("sweep", "mobilenet", "--set", "width=0.5..1:0.25", "-o", str(path)).code == 0
    assert parquet.read_table(path)["width"].to_pylist() == [0.5, 0.75, 1.0]


@pytest.mark.parametrize(
    ("chain", "carets"),
    [
        ("{28, 32}x32x1 -> conv 3x3 8", "{28, 32}"),
        ("64x64x{1, 3} -> conv 3x3 8", "{1, 3}"),
        ("28x28x1 -> {conv 3x3 8, conv 5x5 8} -> gap", "{conv 3x3 8, conv 5x5 8}"),
        ("28x28x1 -> conv 3x{3, 5} 8 -> gap", "{3, 5}"),
        ("28x28x1 -> conv 3x3 {4, 8} -> {relu, gelu}", "{relu, gelu}"),
    ],
)
def test_a_choice_in_a_place_that_takes_none(chain: str, carets: str) -> None:
    """Defeats a message about a ``?`` that nobody wrote, below a text that nobody wrote."""
    found = call("sweep", chain)
    assert found.code == 2
    assert "choices stand in the place of one value of a layer" in found.err
    assert f"1 | {chain}\n" in found.err
    assert found.err.splitlines()[4].strip("| ") == "^" * len(carets)
    assert chain.index(carets) == found.err.splitlines()[4].index("^") - len("1 | ")


def test_other_faults_stand_in_the_chain_as_written() -> None:
    """Defeats carets that are moved by the choices in front of them, and others that are not moved."""
    found = call("sweep", "28x28x1 -> conv {3, 5} 8, bn, relu -> conv {1, 3} 8")
    assert "expected the end of the line, found `,`" in found.err
    assert found.err.splitlines()[3:5] == [
        "1 | 28x28x1 -> conv {3, 5} 8, bn, relu -> conv {1, 3} 8",
        "  |                             ^",
    ]


# Ctrl-C ------------------------------------------------------------------------------------------


def interrupt_after(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Ctrl-C comes when so many parts of four designs were computed."""
    real = running.evaluated
    calls = [0]

    def watched(*arguments: Any) -> Any:
        calls[0] += 1
        if calls[0] == number + 1:  # the first one is of no design
            os.kill(os.getpid(), signal.SIGINT)
        return real(*arguments)

    monkeypatch.setattr(running, "FIRST", 4)
    monkeypatch.setattr(running, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(running, "evaluated", watched)


def test_ctrl_c_shows_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["sweep", "8x8x3 -> conv 3x3 ?", "--set", "filters=1..100"]
    interrupt_after(monkeypatch, 3)
    found = call(*words)
    assert found.code == 130
    assert "by Ctrl-C, 12 of 100 designs were computed" in found.out
    assert len([line for line in found.out.splitlines() if "6x6x" in line]) == 12
    interrupt_after(monkeypatch, 3)
    found = call(*words, "--format", "jsonl")
    assert found.code == 130
    assert len(found.out.splitlines()) in (8, 12)
    assert "stopped by Ctrl-C: 12 of 100 designs" in found.err
    interrupt_after(monkeypatch, 3)
    record = json.loads(call(*words, "--format", "json").out)
    assert (record["complete"], record["computed"], record["wanted"]) == (False, 12, 100)


@pytest.mark.slow
def test_a_process_stops_at_ctrl_c(tmp_path: Path) -> None:
    """With a file that is whole as far as it goes. Defeats a file that is cut within a line, one that is
    thrown away, and a traceback."""
    path = tmp_path / "all.csv"
    words = [
        *("sweep", "64x64x3 -> conv ? ? -> relu -> conv ? ? -> relu -> conv ? ?"),
        *("--set", "conv1.filters=1..400", "--set", "conv2.filters=1..400", "--set", "conv3.filters=1..400"),
        *("--limit", "1000000000000000", "-o", str(path)),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "archcalc", *words], stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 130, err
    found = re.search(r"stopped by Ctrl-C: ([\d,]+) of", err)
    assert found is not None, err
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("conv1.")
    assert {line.count(",") for line in lines} == {lines[0].count(",")}
    assert 1 < len(lines) <= int(found[1].replace(",", "")) + 1


@pytest.mark.slow
def test_a_reader_that_leaves_is_no_error() -> None:
    """As `head` does. Defeats a sweep that goes on for nobody."""
    words = ["sweep", "8x8x3 -> conv ? ?", "--set", "filters=1..100000", "--limit", "100000000000"]
    process = subprocess.Popen(
        [sys.executable, "-m", "archcalc", *words, "--format", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("kernel,filters")
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
