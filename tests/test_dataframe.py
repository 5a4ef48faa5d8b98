"""Reports as data frames of pandas: the flat table's columns in real types."""

from __future__ import annotations

import csv
import io
import sys
from fractions import Fraction
from unittest import mock

import pytest
from calling import call

from archcalc import Network, load
from archcalc.api.summaries import ReceptiveFieldReport, SummaryReport

Report = SummaryReport | ReceptiveFieldReport
COUNTS = ["params", "trainable", "buffers", "macs", "output_bytes", "activation_bytes", "saved_bytes"]
FLAGS = ["rf_aligned", "rf_global", "rf_gated"]


def test_without_pandas() -> None:
    """One line that says what to do."""
    with mock.patch.dict(sys.modules, {"pandas": None}), pytest.raises(ImportError) as caught:
        load("lenet5").summary().to_dataframe()
    install = f"{sys.executable} -m pip install pandas"
    assert str(caught.value) == f"to_dataframe() needs pandas: {install}"
    assert caught.value.__suppress_context__


def two() -> Network:
    """A network of two inputs of one axis and three, behind an upsampling."""
    text = "net a\n  input left: 8x8x3\n  input right: 8x8x3\n  up: @left -> upsample 2\n"
    return load("-", stdin=text + "  also: @right -> upsample 2\n  add @up @also\n")


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "nasnet_mobile"])
def test_the_flat_table(name: str) -> None:
    """The same lines and columns, no value lost on the way. Defeats numbers as texts or floats."""
    pandas = pytest.importorskip("pandas")
    summary = load(name).summary()
    frame = summary.to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    header, *rows = csv.reader(io.StringIO(summary.to_csv()))
    assert [frame.index.name, *frame.columns] == header
    assert list(frame.index) == [row[0] for row in rows]
    for head in COUNTS:
        assert str(frame[head].dtype) == "Int64"
        assert [str(value) for value in frame[head]] == [row[header.index(head)] for row in rows]
    for head in FLAGS:
        assert str(frame[head].dtype) == "boolean"
    totals = summary.totals
    for head in ("params", "trainable", "buffers", "macs", "saved_bytes"):
        assert frame[head].sum() == totals[head]


def test_shapes_and_fields_are_tuples() -> None:
    pandas = pytest.importorskip("pandas")
    frame = load("vgg16").summary(layout="chw").to_dataframe()
    row = frame.loc["conv1_1"]
    assert row["output"] == (64, 224, 224)
    assert type(row["output"]) is tuple
    assert (row["rf_size"], row["rf_stride"], row["rf_start"]) == ((3, 3), (1, 1), (-1, -1))
    assert all(type(step) is int for step in row["rf_stride"])
    assert frame.loc["fc6", "rf_stride"] is pandas.NA, "there is none where all is seen"
    assert bool(frame.loc["fc6", "rf_global"])
    up = load("8x8x3 -> upsample 2").receptive_field().to_dataframe()
    assert up["rf_stride"].iloc[-1] == (Fraction(1, 2), Fraction(1, 2))
    assert list(up.columns) == ["op", "output", "rf_size", "rf_stride", "rf_start", *FLAGS]
    one = load("vgg16").receptive_field("pool5").to_dataframe()
    assert list(one.index) == ["pool5"]
    assert one.loc["pool5", "rf_size"] == (212, 212)


def test_several_inputs() -> None:
    pytest.importorskip("pandas")
    frame = two().summary().to_dataframe()
    assert frame.loc["add1", "rf_size"] == {"left": (1, 1), "right": (1, 1)}
    assert frame.loc["up", "rf_global"] == {"left": False}
    assert str(frame["params"].dtype) == "Int64"


def test_what_has_no_rule(mystery: str) -> None:
    pandas = pytest.importorskip("pandas")
    text = f"net odd\n  input 8x8x3\n  conv 3x3 4\n  what: {mystery}\n  conv 1x1 5\n"
    frame = load("-", stdin=text).summary().to_dataframe()
    assert frame.loc["what", "params"] is pandas.NA
    assert frame.loc["conv2", "rf_size"] is pandas.NA
    assert frame.loc["conv2", "rf_aligned"] is pandas.NA
    assert str(frame["params"].dtype) == "Int64"
    assert frame["params"].sum() == 112 + 25


def test_numbers_beyond_64_bits_stay_exact() -> None:
    """Defeats a sum that wraps around, though every number of it fits."""
    pytest.importorskip("pandas")
    summary = load("lenet5").summary(batch=3 * 10**13)
    frame = summary.to_dataframe()
    assert all(value < 2**63 for value in frame["macs"])
    assert frame["macs"].sum() == summary.totals["macs"] > 2**63
    assert str(frame["params"].dtype) == "Int64"


def test_no_import_before_it_is_asked_for() -> None:
    assert call("summary", "lenet5", "--format", "csv").code == 0
    script = "import sys; from archcalc import load; load('lenet5').summary().to_csv()\n"
    script += "assert 'pandas' not in sys.modules"
    import subprocess

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
