"""From files to JSON: each answer of each submission is in the output, in every form that can be read.

Submissions are made at random, written in each form, and marked through the command line. Of each answer that
a student wrote, the very words must stand in that student's record: as an answer, or among what was not read.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from calling import call

IDS = ("Q1", "Q2", "Q3", "Q4")
QUIZ = """
target = "32x32x3 -> conv 5x5 10 pad=2 -> maxpool 2x2"
[[question]]
id = "Q1"
ask = "conv1.output"
[[question]]
id = "Q2"
ask = "conv1.params"
[[question]]
id = "Q3"
ask = "conv1.macs"
[[question]]
id = "Q4"
ask = "maxpool1.output"
"""
WORDS = [
    *"32x32x10 7,60 760 768.000 768K 16x16x10 n/a 5·5·3·10+10 16×16×10 0,768M ~770k 1e3".split(),
    "750 (bias?)",
    "[None,32,32,10]",
    "I think 27",
    "3528 (3552 with bias)",
    "32 x 32 x 10",
    "no idea",
    "7 or 8",
    "=1+1",
    "zwölf",
    "760 \u202e067",
]
Answers = dict[str, str]
Student = tuple[str, Answers]


def students(seed: int) -> list[Student]:
    """Some students, each with answers to some of the questions."""
    rng = random.Random(seed)
    names = rng.sample(["ann", "bob", "eve", "li", "jürgen", "o'hara", "x y"], 3)
    return [(name, {id: rng.choice(WORDS) for id in IDS if rng.random() < 0.85}) for name in names]


def table(found: list[Student], between: str) -> str:
    """A class list."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=between, lineterminator="\n")
    writer.writerow(["student", *IDS])
    writer.writerows([name, *[answers.get(id, "") for id in IDS]] for name, answers in found)
    return out.getvalue()


def lines(label: str) -> Callable[[Answers], str]:
    """A student's text, its answers behind labels."""
    return lambda answers: "".join(
        [label.format(id, answer, id[1:]) + "\n" for id, answer in answers.items()]
    )


def notebook(answers: Answers) -> str:
    """A notebook with an answer per cell."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": f"{id}: {answer}", "id": id}
        for id, answer in answers.items()
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def page(answers: Answers) -> str:
    """A page with a paragraph per answer."""
    rows = [
        f"<p>{id}: {answer.replace('&', '&amp;').replace('<', '&lt;')}</p>" for id, answer in answers.items()
    ]
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>{''.join(rows)}</body></html>"


SHEETS: dict[str, tuple[str, Callable[[Answers], str]]] = {
    "lines": (".txt", lines("{0}: {1}")),
    "equals": (".txt", lines("{0} = {1}")),
    "question": (".txt", lines("Question {2}: {1}")),
    "bold": (".md", lines("**{0}** {1}")),
    "list": (".md", lines("- {0}: {1}")),
    "heading": (".md", lines("## {0}\n\n{1}\n")),
    "pipes": (".md", lambda a: "| question | answer |\n|---|---|\n" + lines("| {0} | {1} |")(a)),
    "json": (".json", lambda a: json.dumps(a)),
    "notebook": (".ipynb", notebook),
    "page": (".html", page),
}


def record(folder: Path, path: Path) -> dict[str, Any]:
    """The JSON of a class."""
    (folder / "quiz.toml").write_text(QUIZ)
    found = call("check", str(folder / "quiz.toml"), str(path), "--format", "json")
    assert found.code in (0, 1), found.err
    return dict(json.loads(found.out))


def bare(text: str) -> str:
    """A text without what a format may change: spaces, marks, signs that cannot be read."""
    return re.sub(r"[\s*_`|=\u202e\ufffd]+", "", text)


def everything(sheet: dict[str, Any]) -> str:
    """All words that a record has of a sheet."""
    parts = [one["answer"] for one in sheet["answers"]]
    parts += [one["text"] for one in (*sheet["faults"], *sheet["not_read"])]
    return "\n".join(map(bare, parts))


def check_all(found: dict[str, Any], handed_in: list[Student], named: bool = True) -> None:
    """Whether each answer of each student is in the record of that student."""
    sheets = {sheet["student"]: sheet for sheet in found["sheets"]}
    assert len(sheets) == len(handed_in)
    for name, answers in handed_in:
        sheet = sheets[name] if named else next(iter(sheets.values()))
        held = everything(sheet)
        lost = {id: answer for id, answer in answers.items() if bare(answer) not in held}
        assert not lost, (name, lost, sheet["unreadable"])
        wrong = {one["question"]: one for one in sheet["answers"] if one["verdict"] == "wrong"}
        for id, one in wrong.items():
            assert bare(one["answer"]) == bare(answers[id]), one


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize("seed", range(4))
def test_sheets_in_a_folder(form: str, seed: int, tmp_path: Path) -> None:
    """Defeats a reader that leaves out a line, a cell or an answer without a word."""
    suffix, write = SHEETS[form]
    handed_in = [(name, answers) for name, answers in students(seed) if answers]
    folder = tmp_path / "sheets"
    folder.mkdir()
    for name, answers in handed_in:
        (folder / f"{name}{suffix}").write_text(write(answers), "utf-8")
    check_all(record(tmp_path, folder), handed_in)


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("seed", range(4))
def test_class_lists(between: str, seed: int, tmp_path: Path) -> None:
    handed_in = students(seed)
    path = tmp_path / ("class.tsv" if between == "\t" else "class.csv")
    path.write_text(table(handed_in, between), "utf-8")
    check_all(record(tmp_path, path), handed_in)


@pytest.mark.parametrize("seed", range(3))
def test_office_files(seed: int, tmp_path: Path) -> None:
    """Word and Excel."""
    docx, openpyxl = pytest.importorskip("docx"), pytest.importorskip("openpyxl")
    handed_in = [(name, answers) for name, answers in students(seed) if answers]
    folder = tmp_path / "sheets"
    folder.mkdir()
    for name, answers in handed_in:
        document = docx.Document()
        for id, answer in answers.items():
            document.add_paragraph(f"{id}: {answer}".replace("\u202e", ""))
        document.save(str(folder / f"{name}.docx"))
    check_all(record(tmp_path, folder), handed_in)
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(table(handed_in, ","))):
        book.active.append([cell if not cell.startswith("=") else f" {cell}" for cell in row])
    book.save(str(tmp_path / "class.xlsx"))
    check_all(record(tmp_path, tmp_path / "class.xlsx"), handed_in)


@pytest.mark.parametrize(
    "suffix", [".docx", ".xlsx", ".odt", ".ods", ".pdf", ".ipynb", ".rtf", ".html", ".json"]
)
def test_files_that_are_broken(suffix: str, tmp_path: Path) -> None:
    """Defeats a traceback, and a student who is gone, where a file is not what its name says."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", "<" * 100)
        file.writestr("bomb", b"\0" * 5_000_000)
    broken = {
        "ann": b"",
        "bob": b"\x00\xff" * 500,
        "eve": archive.getvalue(),
        "li": b"%PDF-1.7\n",
        "jo": b"{" * 5000,
    }
    for name, data in broken.items():
        (folder / f"{name}{suffix}").write_bytes(data)
    found = record(tmp_path, folder)
    assert sorted(sheet["student"] for sheet in found["sheets"]) == sorted(broken)
    assert all(answer["verdict"] != "wrong" for sheet in found["sheets"] for answer in sheet["answers"])
