"""Sheets of every kind come to the same small thing, and one that is broken stops nothing.

The wrong ways to defeat: ``open(path).read()`` (a byte order mark in the first id, cp1252 crashes);
``line.split(":")``; a class list whose row with an unquoted ``34,944`` is marked one column off;
a layer table matched by position or by the first name that fits; links followed out of the folder.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archcalc
from archcalc.answers.sheets import Fault, SheetAnswer, Submission
from archcalc.answers.sheets.columns import column
from archcalc.answers.sheets.decoding import NotTextError, decoded
from archcalc.answers.sheets.folder import sheet, stack
from archcalc.answers.sheets.layers import aligned, labelled_entries, layer_entries
from archcalc.answers.sheets.names import bare, by_name
from archcalc.answers.sheets.tables import csv_rows, markdown_rows
from archcalc.answers.written import Unreadable, read
from archcalc.diagnostics import SpecError

IDS = ["1a", "1b", "2", "conv1.params", "3.1", "31"]


def answers(text: str, source: str = "sheet.md") -> dict[str, str]:
    found = sheet(text, source, "s1", by_name(IDS))
    return {entry.question: entry.text for entry in found.entries}


@pytest.mark.parametrize(
    "data",
    [
        "1a: 55×55×96\r\n".encode(),
        "\ufeff1a: 55×55×96\n".encode(),
        "1a: 55×55×96\r".encode("cp1252"),
        "\ufeff1a: 55×55×96\n".encode("utf-16-le"),
        "\ufeff1a: 55×55×96\n".encode("utf-16-be"),
        "1a: 55×55×96\n".encode("utf-16-le"),
        "1a: 55×55×96\n".encode("utf-16-be"),
    ],
)
def test_encodings(data: bytes) -> None:
    assert decoded(data) == "1a: 55×55×96\n"


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04" + b"\0" * 40, b"a" * (9 * 2**20)]
)
def test_what_is_no_text(data: bytes) -> None:
    with pytest.raises(NotTextError):
        decoded(data)


@pytest.mark.parametrize("stray", [b"\0", b"\x01", b"\x07", b"\x1b", b"\x1c", b"\x1f", b"\x7f"])
def test_a_stray_byte_spoils_the_cell_it_is_in_alone(tmp_path: Path, stray: bytes) -> None:
    """Defeats: a class list that is refused for one byte of one answer; 7\\x1c600, read as the
    thousands of 7 600."""
    path = tmp_path / "class.csv"
    path.write_bytes(b"student,1a,1b\ns1,7" + stray + b"600,760\ns2,760" + stray + b",760\ns3,760,760\n")
    found = [
        [read(entry.text) for entry in one.entries] for one in stack(str(path), ["1a", "1b"]).submissions
    ]
    assert [isinstance(first, Unreadable) for first, _ in found] == [True, True, False]
    assert all(second == read("760") for _, second in found)


@pytest.mark.parametrize(
    "line",
    [
        "1b: 34,848",
        "1b:34,848",
        "1b) 34,848",
        "1b. 34,848",
        "1b = 34,848",
        "1b 34,848",
        "Q1b: 34,848",
        "Question 1b: 34,848",
        "1 b: 34,848",
        "1(b) 34,848",
        "(1b) 34,848",
        "- 1b: 34,848",
        "* **1b**: 34,848",
        "**1b:** 34,848",
        "### 1b\n\n34,848",
        "1b:\n34,848",
        "> 1b: 34,848",
        "| 1b | 34,848 |",
        "1b - 34,848",
        "1b\t34,848",
        "| 1b | 34,848 | a remark |",
        "`1b`: 34,848",
        "1B: 34,848",
    ],
)
def test_ways_to_write_a_label(line: str) -> None:
    assert answers(f"Name: A. Student\nSheet of 12 May\n\n{line}\n") == {"1b": "34,848"}


def test_labels_are_told_apart() -> None:
    text = "conv1.params: 1\n3.1: 2\n31: 3\n2: 4\n"
    assert answers(text) == {"conv1.params": "1", "3.1": "2", "31": "3", "2": "4"}
    # Prose that begins with a number answers no question, and a formula is no label.
    assert answers("2 filters were used\n1a: 55x55x96\n") == {"1a": "55x55x96"}


def test_blank_and_negative_answers_stay() -> None:
    assert answers("1a:\n1b: -\n2: -5\n") == {"1a": "", "1b": "-", "2": "-5"}


def test_a_question_that_is_none_is_reported() -> None:
    found = sheet("1a: 5\n7x: 12\n", "sheet.md", "s1", by_name(IDS))
    assert found.faults == (Fault("line 2", "there is no question `7x`", "7x: 12"),)


def test_a_flood_of_lines_is_told_in_a_few_words() -> None:
    found = sheet("1a: 5\n" + "7x: 12\n" * 500, "sheet.md", "s1", by_name(IDS))
    assert len(found.faults) == 11
    assert "490 more" in found.faults[-1].message
    assert "signs" in sheet("x" * 10**6, "sheet.md", "s1", by_name(IDS)).unreadable


def test_tables_of_two_columns_json_and_one_row() -> None:
    assert answers('question,answer\n1a,55x55x96\n1b,"34,848"\n', "s.csv") == {
        "1a": "55x55x96",
        "1b": "34,848",
    }
    assert not sheet("1a;1b\n5;6\n", "s.csv", "s1", by_name(IDS)).faults
    assert answers("1a;1b\n55x55x96;34,848\n", "s.csv") == {"1a": "55x55x96", "1b": "34,848"}
    text = '{"1a": [55, 55, 96], "1b": 34848, "2": null, "1z": 1}'
    assert answers(text, "s.json") == {"1a": "55x55x96", "1b": "34848", "2": ""}
    for broken in ("{", "[1]", "[" * 100_000):
        assert sheet(broken, "s.json", "s1", by_name(IDS)).unreadable


def test_a_table_with_a_question_in_every_cell() -> None:
    text = "|network|params (M)|FLOPs|\n|---|---|---|\n|VGG-16|138|19.6B|\n|x|1|2|"
    ids = by_name(["vgg16 params", "vgg16 flops"])
    found = sheet(text, "s.md", "s1", ids).entries
    assert [(one.question, one.text) for one in found] == [
        ("vgg16 params", "138 M"),
        ("vgg16 flops", "19.6B"),
    ]
    quoted = sheet('q,a,b\n1,"34,944",5\n', "s.csv", "s1", by_name(["1a", "1b"])).entries
    assert [(one.question, one.text) for one in quoted] == [("1a", "34,944"), ("1b", "5")]
    # A layer table answers questions that are called by layer and quantity.
    text = "| layer | # Parameters |\n|---|---|\n| conv1 | 34,944 |"
    found = sheet(text, "s.md", "s1", by_name(["conv1.params"])).entries
    assert [one.text for one in found] == ["34,944"]
    assert sheet("q,a,b\n1,34,944,5\n", "s.csv", "s1", by_name(["1a", "1b"])).unreadable


def test_a_sheet_without_answers_is_unread_and_not_blank() -> None:
    assert sheet("I was ill.\n", "sheet.md", "s1", by_name(IDS)).unreadable
    assert not sheet("", "sheet.md", "s1", by_name(IDS)).unreadable  # handed in empty


def class_list(tmp_path: Path, text: str) -> tuple[list[Submission], list[Fault]]:
    path = tmp_path / "class.csv"
    path.write_bytes(text.encode("utf-8-sig"))
    found = stack(str(path), IDS[:3])
    return list(found.submissions), found.faults


def test_a_class_list(tmp_path: Path) -> None:
    text = 'Name,SID,Email,Q1a,1 (b),2\r\nAda,s1,a@x,55x55x96,"34,848",760\r\nBob,s2,b@x,,-,1\r\n'
    found, faults = class_list(tmp_path, text)
    assert not faults
    assert [one.student for one in found] == ["s1", "s2"]  # the id, and not the name
    assert found[0].entries[1] == SheetAnswer("1b", "34,848", "line 2, 1b")
    assert [entry.text for entry in found[1].entries] == ["", "-", "1"]
    assert ("Email", "a@x") in found[0].details


def test_an_unquoted_comma_moves_nobody_one_column_on(tmp_path: Path) -> None:
    text = "student,1a,1b,2\ns1,5x5,34,848,760\ns2,5x5,34848,760\n"
    found, _ = class_list(tmp_path, text)
    assert "quote" in found[0].unreadable
    assert not found[0].entries
    assert not found[1].unreadable


def test_semicolons_tabs_and_answers_with_line_ends(tmp_path: Path) -> None:
    text = 'student;1a;1b;2\ns1;5x5;34,848;"7\n60"\ns2;5x5;1;2\n'
    found, _ = class_list(tmp_path, text)
    assert [entry.text for entry in found[0].entries] == ["5x5", "34,848", "7\n60"]
    assert found[1].source == "class.csv, line 4"
    found, _ = class_list(tmp_path, "student\t1a\t1b\t2\ns1\t5x5\t34,848\t1\n")
    assert found[0].entries[1].text == "34,848"


def test_a_spreadsheets_own_line_is_believed() -> None:
    rows = csv_rows("sep=;\na;b,c\n1;2\n")
    assert [(row.line, row.cells) for row in rows] == [(2, ("a", "b,c")), (3, ("1", "2"))]


def test_columns_and_rows_that_do_not_fit_are_reported(tmp_path: Path) -> None:
    text = "student,1a,1a,9z\ns1,1,2,3\ns1,4\n,5,6,7\n"
    found, faults = class_list(tmp_path, text)
    shown = " ".join(fault.message for fault in faults)
    assert "two columns are question 1a" in shown
    assert "`9z` is no question" in shown
    assert "no column for 1b, 2" in shown
    assert [one.student for one in found] == ["s1", "s1 (2)", "line 4"]
    assert all(one.faults for one in found[1:])


def test_a_folder(tmp_path: Path) -> None:
    for name, text in (("b.txt", "1a: 1"), ("a.md", "1a: 2"), (".hidden.md", "1a: 3")):
        (tmp_path / name).write_text(text)
    (tmp_path / "c.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / "d.txt").write_bytes(b"\x00\x01\x02")
    (tmp_path / "carl").mkdir()
    (tmp_path / "carl" / "answers.txt").write_text("1a: 4")
    (tmp_path / "dora").mkdir()
    (tmp_path / "submission_metadata.json").write_text("{}")
    found = list(stack(str(tmp_path), IDS).submissions)
    assert [one.student for one in found] == ["a", "b", "c", "carl", "d", "dora"]
    assert [bool(one.unreadable) for one in found] == [False, False, True, False, True, True]


def test_links_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("1a: 5")
    folder = tmp_path / "sheets"
    (folder / "eve").mkdir(parents=True)
    os.symlink(secret, folder / "mallory.txt")
    os.symlink(secret, folder / "eve" / "sheet.txt")
    os.symlink(tmp_path, folder / "trudy")
    found = list(stack(str(folder), IDS).submissions)
    assert all(one.unreadable and not one.entries for one in found)


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):  # an empty folder
        with pytest.raises(SpecError):
            stack(str(path), IDS)


VGG = [
    "INPUT",
    *["CONV3-64"] * 2,
    "POOL2",
    *["CONV3-128"] * 2,
    "POOL2",
    *["CONV3-256"] * 3,
    "POOL2",
    *["CONV3-512"] * 3,
    "POOL2",
    *["CONV3-512"] * 3,
    "POOL2",
    "FC",
    "FC",
    "FC",
    "TOTAL",
]


def test_rows_named_as_a_lecture_names_them() -> None:
    graph = archcalc.load("vgg16").graph
    found = aligned(VGG, graph)
    assert found[:4] == ["input", "conv1_1", "conv1_2", "pool1"]
    assert found[-5:] == ["pool5", "fc6", "fc7", "fc8", "total"]
    # Numbers of the lecture's own: `conv5` is the fifth convolution, and not the fifth block.
    names = [f"conv{n}" for n in range(1, 14)]
    assert aligned(names, graph)[4] == "conv3_1"
    lenet = archcalc.load("lenet5_modern").graph
    assert aligned(["C1", "S2", "C3", "S4", "F5", "F6", "output"], lenet) == [
        "conv1",
        "pool1",
        "conv2",
        "pool2",
        "fc3",
        "fc4",
        "fc5",
    ]


def test_a_row_that_could_be_two_layers_is_asked_about() -> None:
    graph = archcalc.load("lenet5_modern").graph
    found = aligned(["conv1", "pool1", "dense", "foo", "total"], graph)
    assert found[:2] == ["conv1", "pool1"]
    assert isinstance(found[2], Fault)
    assert "fc3 or fc5" in found[2].message
    assert isinstance(found[3], Fault)
    assert "no layer" in found[3].message
    many = aligned(["conv"] * 3, graph)
    assert all(isinstance(one, Fault) for one in many)


def test_names_of_the_network_are_believed() -> None:
    graph = archcalc.load("32x32x3 -> conv 3x3 8 -> maxpool 2x2 -> conv 3x3 8").graph
    assert aligned(["conv2"], graph) == ["conv2"]  # not the first convolution
    assert aligned(["conv2 ", "CONV1"], graph)[0] == "conv2"


@pytest.mark.parametrize(
    ("head", "quantity", "unit"),
    [
        ("output", "output", ""),
        ("Output size", "output", ""),
        ("# params", "params", ""),
        ("#Parameters", "params", ""),
        ("Params (M)", "params", "M"),
        ("memory (MB)", "memory", "MB"),
        ("memory [in MB]", "memory", "MB"),
        ("GFLOPs", "flops", "G"),
        ("RF", "rf", ""),
        ("Receptive field", "rf", ""),
        ("weights", "weights", ""),
        ("kernel", "", ""),
    ],
)
def test_heads_of_columns(head: str, quantity: str, unit: str) -> None:
    assert column(head) == (quantity, unit)


def test_a_layer_table() -> None:
    graph = archcalc.load("lenet5_modern").graph
    text = """Some words.

| layer | output  | params (K) | kernel |
|-------|---------|-----------:|--------|
| conv1 | 28x28x6 | 156        | 5x5    |
| Pool1 | 14x14x6 |            | 2x2    |
| total |         | 61.7       |        |
"""
    entries, faults, called = layer_entries(markdown_rows(text), graph)
    assert [(entry.question, entry.text) for entry in entries] == [
        ("conv1.output", "28x28x6"),
        ("conv1.params", "156 K"),
        ("pool1.output", "14x14x6"),
        ("pool1.params", ""),
        ("total.output", ""),
        ("total.params", "61.7 K"),
    ]
    assert not faults  # the kernels are those of the network
    assert called == {"conv1": "conv1", "pool1": "Pool1", "total": "total"}
    assert entries[0].place == "line 5, output"


def test_lines_that_are_called_by_layer_and_quantity() -> None:
    graph = archcalc.load("lenet5_modern").graph
    text = "conv1 params: 156\n- fc3.params = 48,120\nTotal parameters: 61,706\nfc5 output 10\n"
    entries, _ = labelled_entries(text, graph)
    assert [(entry.question, entry.text) for entry in entries] == [
        ("conv1.params", "156"),
        ("fc3.params", "48,120"),
        ("total.params", "61,706"),
        ("fc5.output", "10"),
    ]


def test_a_layer_table_in_csv_with_an_unquoted_comma() -> None:
    graph = archcalc.load("lenet5_modern").graph
    rows = csv_rows("layer,output,params\nconv1,28x28x6,156\nconv2,10x10x16,2,416\n")
    entries, faults, _ = layer_entries(rows, graph)
    assert [entry.question for entry in entries] == ["conv1.output", "conv1.params"]
    assert "quote" in faults[0].message


def test_names_without_what_varies() -> None:
    names = ("1b", "Q1b", "1 (b)", "1.b", "question 1 b", "**1b**")
    assert {bare(name) for name in names} == {"1b"}
    assert bare("1.1") != bare("11")
    assert bare("quality") == "quality"


@given(st.text(max_size=300))
def test_any_text_is_a_sheet(text: str) -> None:
    for source in ("s.md", "s.csv", "s.json"):
        found = sheet(text, source, "s1", by_name(IDS))
        assert all(entry.question in IDS for entry in found.entries)


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    with suppress(NotTextError):
        decoded(data)


@given(st.lists(st.sampled_from([*VGG[:4], "foo", "conv1_1", "conv1", "fc6", ""]), max_size=8))
def test_any_rows_are_aligned(names: list[str]) -> None:
    graph = archcalc.load("lenet5_modern").graph
    assert len(aligned(names, graph)) == len(names)


@given(st.text('a,;"|\n\t1', max_size=60))
def test_any_table_is_read(text: str) -> None:
    markdown_rows(text)
    with suppress(ValueError):
        csv_rows(text)
