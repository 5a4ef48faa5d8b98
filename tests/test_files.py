"""Files of every kind that students hand in, each written by another program than the one that reads it.

The wrong ways to defeat: numbers of lists, superscripts, text boxes and cells that are lost on the way; a
date that a spreadsheet made of a volume, read as a number; deleted text, and text that stands in a file
twice, read as answers; a file that unpacks without end.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archcalc.answers.sheets import Submission
from archcalc.answers.sheets.folder import stack

TEXTS = {
    "Q1": "What is the output volume of c1?",
    "Q2": "How many parameters does c1 have?",
    "Q3": "Receptive field of c3, in input pixels?",
}
ANSWERS = {"Q1": "48x32x24", "Q2": "3,528", "Q3": "27"}
LINES = [f"{question}: {answer}" for question, answer in ANSWERS.items()]


def sheet(folder: Path, name: str, data: bytes) -> Submission:
    """The sheet of one student, in a folder of them."""
    path = folder / "sheets" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    (one,) = stack(str(path.parent), list(TEXTS), TEXTS).submissions
    return one


def listed(folder: Path, name: str, data: bytes) -> list[Submission]:
    path = folder / name
    path.write_bytes(data)
    return list(stack(str(path), list(TEXTS), TEXTS).submissions)


def answers(one: Submission) -> dict[str, str]:
    return {entry.question: entry.text for entry in one.entries if not entry.doubt}


def left(one: Submission) -> str:
    return " / ".join([fault.text or fault.message for fault in (*one.faults, *one.aside)])


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# Word, written with python-docx, and with XML where that has no way --------------------------


def word(fill: Callable[[Any], None]) -> bytes:
    import docx

    document = docx.Document()
    fill(document)
    return saved(document)


def test_word_paragraphs_and_tables(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Week 5")
        document.add_paragraph(LINES[0])
        table = document.add_table(rows=2, cols=2)
        for row, line in zip(table.rows, LINES[1:], strict=True):
            row.cells[0].text, row.cells[1].text = line.split(": ")

    one = sheet(tmp_path, "ann.docx", word(fill))
    assert answers(one) == ANSWERS
    assert {entry.place.partition(",")[0] for entry in one.entries} == {"paragraph 2", "table 1"}


def test_word_writes_numbers_of_lists_itself(tmp_path: Path) -> None:
    """Defeats: paragraphs without the numbers that stand in no text."""

    def fill(document: Any) -> None:
        for answer in ANSWERS.values():
            document.add_paragraph(answer, style="List Number")

    assert answers(sheet(tmp_path, "ann.docx", word(fill))) == ANSWERS


def test_word_text_boxes_once_and_no_deleted_text(tmp_path: Path) -> None:
    from docx.oxml import parse_xml

    ns = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    ns += 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = f"<w:txbxContent><w:p><w:r><w:t>{LINES[0]}</w:t></w:r></w:p></w:txbxContent>"
    twice = f"<mc:AlternateContent><mc:Choice Requires='wps'>{box}</mc:Choice>"
    twice += f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    deleted = "<w:del><w:r><w:delText>Q2: 5</w:delText><w:t>Q2: 5</w:t></w:r></w:del>"
    inserted = f"<w:ins><w:r><w:t>{LINES[1]}</w:t></w:r></w:ins>"

    def fill(document: Any) -> None:
        body = document.element.body
        for inner in (f"<w:r>{twice}</w:r>", deleted + inserted, f"<w:r><w:t>{LINES[2]}</w:t></w:r>"):
            body.insert(len(body) - 1, parse_xml(f"<w:p {ns}>{inner}</w:p>"))

    one = sheet(tmp_path, "ann.docx", word(fill))
    assert [entry.text for entry in one.entries] == list(ANSWERS.values())


def test_word_superscripts_are_powers(tmp_path: Path) -> None:
    """Defeats: 10⁴ typed as a raised 4, which is read as 104."""

    def fill(document: Any) -> None:
        paragraph = document.add_paragraph("Q2: 3.5 × 10")
        paragraph.add_run("3").font.superscript = True

    assert answers(sheet(tmp_path, "ann.docx", word(fill)))["Q2"] == "3.5 × 10^3"


def test_word_heads_and_footnotes_are_listed(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.sections[0].header.paragraphs[0].text = "Ann Bee, Q9"
        document.add_paragraph(LINES[0])

    assert "Ann Bee, Q9" in left(sheet(tmp_path, "ann.docx", word(fill)))


# LibreOffice, written with odfpy -------------------------------------------------------------


def test_libreoffice_text(tmp_path: Path) -> None:
    from odf.opendocument import OpenDocumentText
    from odf.style import ListLevelProperties, Style, TextProperties
    from odf.table import Table, TableCell, TableRow
    from odf.text import List, ListItem, ListLevelStyleNumber, ListStyle, P, S, Span

    document = OpenDocumentText()
    raised = Style(name="up", family="text")
    raised.addElement(TextProperties(textposition="super 58%"))
    document.automaticstyles.addElement(raised)
    numbers = ListStyle(name="numbers")
    level = ListLevelStyleNumber(level="1", numformat="1", numsuffix=".")
    level.addElement(ListLevelProperties())
    numbers.addElement(level)
    document.automaticstyles.addElement(numbers)
    items = List(stylename="numbers")
    item = ListItem()
    item.addElement(P(text=ANSWERS["Q1"]))
    items.addElement(item)
    document.text.addElement(items)
    paragraph = P(text="Q2:")
    paragraph.addElement(S(c=2))
    paragraph.addText("3.5 × 10")
    paragraph.addElement(Span(stylename="up", text="3"))
    document.text.addElement(paragraph)
    table = Table(name="t")
    row = TableRow()
    for text in ("Q3", "27"):
        cell = TableCell(valuetype="string")
        cell.addElement(P(text=text))
        row.addElement(cell)
    table.addElement(row)
    document.text.addElement(table)
    one = sheet(tmp_path, "ann.odt", saved(document))
    assert answers(one) == {**ANSWERS, "Q2": "3.5 × 10^3"}


def ods(rows: list[list[tuple[str, str, str]]]) -> bytes:
    """A sheet of cells: the kind, the value, and what is shown."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    table = Table(name="Sheet1")
    for cells in rows:
        row = TableRow()
        for kind, value, shown in cells:
            names = {"float": "value", "percentage": "value", "date": "datevalue"}
            more = {names[kind]: value} if kind in names else {}
            cell = TableCell(valuetype=kind, **more)
            cell.addElement(P(text=shown))
            row.addElement(cell)
        table.addElement(row)
    document.spreadsheet.addElement(table)
    return saved(document)


def words(*texts: str) -> list[tuple[str, str, str]]:
    return [("string", "", text) for text in texts]


def test_libreoffice_sheet(tmp_path: Path) -> None:
    row = [*words("ann", "48x32x24"), ("float", "3528", "3.528"), ("date", "2026-04-03", "03.04.26")]
    (one,) = listed(tmp_path, "class.ods", ods([words("Student", *TEXTS), row]))
    assert answers(one) == {"Q1": "48x32x24", "Q2": "3528"}
    assert "made a date" in next(entry.doubt for entry in one.entries if entry.question == "Q3")
    assert one.source == "class.ods, row 2"


# Excel, written with openpyxl ----------------------------------------------------------------


def excel(*sheets: list[list[Any]], change: Callable[[Any], None] = lambda book: None) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        made = book.create_sheet()
        for row in rows:
            made.append(row)
    change(book)
    return saved(book)


def test_excel_class_list(tmp_path: Path) -> None:
    rows = [
        ["Week 5"],
        [],
        ["Student", *TEXTS.values()],
        ["ann", "48x32x24", 3528, 27.0],
        ["bob", "x", 0.5, None],
    ]
    ann, bob = listed(tmp_path, "class.xlsx", excel(rows))
    assert answers(ann) == {"Q1": "48x32x24", "Q2": "3528", "Q3": "27"}
    assert answers(bob) == {"Q1": "x", "Q2": "0.5", "Q3": ""}
    assert ann.source == "class.xlsx, row 4"
    assert ann.entries[0].place == "row 4, Q1"


def test_excel_sheet_of_one(tmp_path: Path) -> None:
    rows = [["Question", "Answer", "Working"], *[[q, a, "so"] for q, a in ANSWERS.items()]]
    assert answers(sheet(tmp_path, "ann.xlsx", excel(rows))) == ANSWERS
    assert answers(sheet(tmp_path, "ann.xlsx", excel([[q, a] for q, a in ANSWERS.items()]))) == ANSWERS


def test_excel_cells_are_what_was_typed(tmp_path: Path) -> None:
    """Defeats: a date as a number; a percentage as its hundredth; a unit in a format that is lost."""
    import datetime

    def change(book: Any) -> None:
        made = book.worksheets[0]
        made["C2"].number_format = '0 "KiB"'
        made["C3"].number_format = "0%"
        made["C4"].number_format = "0.00E+00"
        made["C5"].number_format = "0.00E+00"

    rows: list[list[Any]] = [
        ["Student", "Q1", "Q2"],
        ["a", datetime.date(2026, 4, 3), 144],
        ["b", "3-4", 0.25],
        ["c", True, 3580000],
        ["d", "", 3576960],
        ["e", "=1/3", 0.1 + 0.2],
        ["f", "", 123456789012],
    ]
    found = listed(tmp_path, "class.xlsx", excel(rows, change=change))
    assert [answers(one)["Q2"] for one in found] == [
        "144 KiB",
        "25%",
        "3.58E+6",
        "3576960",
        "0.3",
        "123456789012",
    ]
    assert answers(found[2])["Q1"] == "TRUE"
    assert "made a date" in found[0].entries[0].doubt
    assert "2026-04-03" in found[0].entries[0].text


def test_excel_formulas(tmp_path: Path) -> None:
    """Defeats: a formula whose value nobody has worked out, as a blank."""
    rows = [["Student", "Q1", "Q2", "Q3"], ["ann", "x", "=7*7*3*24", "=SUM(B1:B2)"]]
    (one,) = listed(tmp_path, "class.xlsx", excel(rows))
    assert answers(one)["Q2"] == "7*7*3*24"
    assert one.entries[2].text == "=SUM(B1:B2)"
    assert "formula" in one.entries[2].doubt


def test_excel_sheets_that_are_hidden_or_beside(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book.worksheets[1].sheet_state = "hidden"

    rows = [["Question", "Answer"], *[[q, a] for q, a in ANSWERS.items()]]
    other = [["Question", "Answer"], ["Q1", "5"]]
    one = sheet(tmp_path, "ann.xlsx", excel(rows, other, [["a remark"]], change=change))
    assert answers(one) == ANSWERS
    assert "hidden" in " ".join([fault.message for fault in one.faults])
    assert "Q1, 5" in left(one)
    assert "a remark" in left(one)


# HTML, RTF -----------------------------------------------------------------------------------


def test_html(tmp_path: Path) -> None:
    page = f"<html><head><title>x</title></head><body><p>{LINES[0]}</p><ol start=2><li>3.5&middot;10"
    page += "<sup>3</sup></li></ol><table><tr><th>Q3<td>27</tr></table><script>Q1: 5</script></body></html>"
    assert answers(sheet(tmp_path, "ann.html", page.encode())) == {**ANSWERS, "Q2": "3.5·10^3"}


def test_html_tables_of_a_class(tmp_path: Path) -> None:
    head = "".join([f"<th>{cell}</th>" for cell in ("Student", *TEXTS.values())])
    row = "".join([f"<td><p>{cell}</p></td>" for cell in ("ann", *ANSWERS.values())])
    page = f"<h1>Responses</h1><table><thead><tr>{head}</tr></thead><tr>{row}</tr></table>"
    (one,) = listed(tmp_path, "class.html", page.encode())
    assert (one.student, answers(one)) == ("ann", ANSWERS)


def test_rtf(tmp_path: Path) -> None:
    lines = [r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}", r"\pard Q1: 48\'d732\'d724\par"]
    lines += [r"{\listtext\tab 2.\tab}3.5 10{\super 3}\par"]
    lines += [r"\trowd\cellx10\cellx20\intbl Q3\cell 27\cell\row\pard{\pict\pngblip 00}}"]
    one = sheet(tmp_path, "ann.rtf", "\n".join(lines).encode())
    assert answers(one) == {"Q1": "48×32×24", "Q2": "3.5 10^3", "Q3": "27"}
    assert "picture" in left(one)


# PDF, written with reportlab -----------------------------------------------------------------


def pdf(*pages: list[str], picture: bool = False) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    for lines in pages:
        # From the last line to the first: what is drawn first need not stand first.
        for at, line in reversed(list(enumerate(lines))):
            canvas.drawString(72, 780 - 16 * at, line)
        if picture:
            canvas.rect(10, 10, 100, 100, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_pdf_lines_from_the_top(tmp_path: Path) -> None:
    """Defeats: the order of the file, in which the last line comes first."""
    one = sheet(tmp_path, "ann.pdf", pdf(LINES[:2], LINES[2:]))
    assert answers(one) == ANSWERS
    assert {entry.place.partition(",")[0] for entry in one.entries} == {"page 1", "page 2"}


def test_pdf_without_text_is_a_picture(tmp_path: Path) -> None:
    assert "picture" in sheet(tmp_path, "ann.pdf", pdf([], picture=True)).unreadable


# Notebooks -----------------------------------------------------------------------------------


def cell(kind: str, source: str, grade_id: str = "", solution: bool = True, out: str = "") -> dict[str, Any]:
    grader = {"grade_id": grade_id, "solution": solution, "locked": not solution, "grade": solution}
    made: dict[str, Any] = {"cell_type": kind, "metadata": {"nbgrader": grader} if grade_id else {}}
    made["source"] = source.splitlines(keepends=True)
    if kind == "code":
        made["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [out]}] if out else []
    return made


def notebook(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def test_notebook_text_before_code(tmp_path: Path) -> None:
    """Defeats: working in a code cell that contradicts the answer, or is answered twice."""
    code = cell("code", "# Q2\n7*7*3*24", out="3528\n")
    one = sheet(tmp_path, "ann.ipynb", notebook(cell("markdown", "\n\n".join(LINES)), code))
    assert answers(one) == ANSWERS
    assert "3528" in left(one)
    # Where the text has no answer, what the code printed is one.
    one = sheet(
        tmp_path,
        "ann.ipynb",
        notebook(cell("markdown", LINES[0]), code, cell("code", "print(1)", out="Q3: 27")),
    )
    assert answers(one) == {"Q1": "48x32x24", "Q2": "3528", "Q3": "27"}


CODE = {
    "a table": 'answers = {"Q1": "48x32x24", "Q2": 3528, "Q3": 27}',
    "names": 'Q1 = "48x32x24"\nQ2 = 3528  # parameters\nQ3 = 27',
}


@pytest.mark.parametrize("code", CODE.values(), ids=CODE)
def test_notebook_of_code_alone(tmp_path: Path, code: str) -> None:
    """Defeats: answers that stand in code alone, as blanks."""
    one = sheet(tmp_path, "ann.ipynb", notebook(cell("code", code)))
    found = {question: text.strip('"') for question, text in answers(one).items()}
    assert found == {"Q1": "48x32x24", "Q2": "3528", "Q3": "27"}
    assert "parameters" not in code or "# parameters" in left(one)
    one = sheet(tmp_path, "ann.ipynb", notebook(cell("code", "import torch")))
    assert one.unreadable


def test_notebook_code_below_a_heading(tmp_path: Path) -> None:
    """Defeats: what a cell printed and its code, which are one answer, as two; or as none."""
    cells = [cell("markdown", "## Question 2"), cell("code", "q2 = 7*7*3*24\nq2", out="3528")]
    one = sheet(tmp_path, "ann.ipynb", notebook(*cells))
    assert [(entry.question, entry.text) for entry in one.entries] == [("Q2", "3528")]
    assert "7*7*3*24" in left(one)


def test_notebook_of_nbgrader(tmp_path: Path) -> None:
    """Defeats: the task's own numbers as answers; a placeholder as an answer."""
    cells = [
        cell("markdown", f"**Q1** {TEXTS['Q1']} (7x7, 24 filters)", "task1", solution=False),
        cell("markdown", "48x32x24", "s1"),
        cell("markdown", "3,528", "answer_q2"),
        cell("markdown", "YOUR ANSWER HERE", "Q3"),
    ]
    one = sheet(tmp_path, "ann.ipynb", notebook(*cells))
    assert answers(one) == {"Q1": "48x32x24", "Q2": "3,528", "Q3": ""}


def test_nbgraders_tree(tmp_path: Path) -> None:
    for student in ("ann", "bob"):
        folder = tmp_path / "submitted" / student / "week5"
        folder.mkdir(parents=True)
        (folder / "week5.ipynb").write_bytes(notebook(cell("markdown", "\n\n".join(LINES))))
        (folder / "timestamp.txt").write_text("2026-05-04 09:41:00 UTC")
    for place in (tmp_path, tmp_path / "submitted"):
        found = list(stack(str(place), list(TEXTS), TEXTS).submissions)
        assert [(one.student, one.platform, answers(one)) for one in found] == [
            ("ann", "nbgrader", ANSWERS),
            ("bob", "nbgrader", ANSWERS),
        ]
        assert not any(one.faults for one in found)


# Folders -------------------------------------------------------------------------------------

METADATA = """---
submission_1:
  :submitters:
  - :name: Ann Bee
    :sid: '0071'
    :email: a@uni.example
  - :name: Bob Cee
    :sid: S2
    :email: b@uni.example
  :created_at: 2026-05-04 09:41:00.000000000 Z
  :results: !ruby/object:Thing
    x: 1
submission_2:
  :submitters:
  - :name: Ann Bee
    :sid: S3
    :email: c@uni.example
"""


def test_gradescopes_export(tmp_path: Path) -> None:
    """Defeats: a group of which one student gets marks; one who handed in nothing, and is not there."""
    (tmp_path / "submission_metadata.yml").write_text(METADATA)
    for name in ("submission_1", "submission_9"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "quiz answers (final) v2.txt").write_text("\n".join(LINES))
    found = {one.student: one for one in stack(str(tmp_path), list(TEXTS), TEXTS).submissions}
    assert list(found) == ["Ann Bee (0071)", "Bob Cee", "submission_9", "Ann Bee (S3)"]
    assert answers(found["Ann Bee (0071)"]) == answers(found["Bob Cee"]) == ANSWERS
    assert dict(found["Ann Bee (0071)"].ids) == {
        "name": "Ann Bee",
        "id": "0071",
        "email": "a@uni.example",
        "submission": "submission_1",
    }
    assert "Bob Cee" in left(found["Ann Bee (0071)"])
    assert "there is no submission_2" in found["Ann Bee (S3)"].unreadable
    assert "does not say whose" in found["submission_9"].faults[0].message


def test_several_sheets_of_one_student(tmp_path: Path) -> None:
    """Defeats: one of two sheets that counts without a word; a blank copy of the task as an answer."""
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "a.txt").write_text("\n".join([*LINES[:2], "Q3: 5"]))
    (tmp_path / "ann" / "b.md").write_text("\n".join(["Q1:", LINES[2]]))
    (one,) = stack(str(tmp_path), list(TEXTS), TEXTS).submissions
    assert "a.txt, b.md" in one.faults[0].message
    found = [(entry.question, entry.text, entry.place) for entry in one.entries]
    assert found == [
        ("Q1", "48x32x24", "a.txt, line 1"),
        ("Q2", "3,528", "a.txt, line 2"),
        ("Q3", "5", "a.txt, line 3"),
        ("Q3", "27", "b.md, line 2"),
    ]


# Files that somebody has made to harm --------------------------------------------------------


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
DEEP = b"<x>" * 5000 + b"</x>" * 5000
# Made where they are tried: two of them take a second.
BOMBS: dict[str, Callable[[], bytes]] = {
    "zip.docx": lambda: packed(word__document_xml=b" " * 150_000_000),
    "zip.xlsx": lambda: packed(xl__workbook_xml=b" " * 150_000_000),
    "entities.odt": lambda: packed(content_xml=ENTITIES),
    "deep.ods": lambda: packed(content_xml=DEEP),
    "deep.html": lambda: b"<div>" * 50_000,
    "open.html": lambda: b"<!--" * 50_000,
    "deep.ipynb": lambda: b'{"cells":' + b"[" * 100_000,
    "deep.rtf": lambda: b"{\\rtf1" + b"{" * 200_000,
    "half.pdf": lambda: pdf(LINES)[:700],
    "none.pdf": lambda: b"%PDF-1.7\n",
    "text.docx": lambda: b"Q1: 48x32x24",
    "empty.xlsx": lambda: b"",
    "old.doc": lambda: b"\xd0\xcf\x11\xe0",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_harmful_file_is_one_message(tmp_path: Path, name: str) -> None:
    """Defeats: a class that ends at one file."""
    (tmp_path / "bob.txt").write_text("\n".join(LINES))
    (tmp_path / name).write_bytes(BOMBS[name]())
    found = {one.student: one for one in stack(str(tmp_path), list(TEXTS), TEXTS).submissions}
    assert answers(found["bob"]) == ANSWERS
    other = found[name.partition(".")[0]]
    assert other.unreadable
    assert "\n" not in other.unreadable
    assert not answers(other)


def test_cells_without_end(tmp_path: Path) -> None:
    """Defeats: rows and columns that a sheet declares, or repeats, taken at their word."""
    huge = excel([["Q1", "48x32x24"]])
    name = "xl/worksheets/sheet1.xml"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(huge)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            data = old.read(one)
            if one == name:
                data = data.replace(b'ref="A1:B1"', b'ref="A1:XFD1048576"')
            new.writestr(one, data)
    assert answers(sheet(tmp_path, "ann.xlsx", out.getvalue()))["Q1"] == "48x32x24"
    (tmp_path / "sheets" / "ann.xlsx").unlink()
    table = ods([words("Q1", "48x32x24")])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(table)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            data = old.read(one)
            if one == "content.xml":
                blank = b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
                data = data.replace(b"</table:table-row>", blank)
                more = b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell/>'
                data = data.replace(b"</table:table>", more + b"</table:table-row></table:table>")
            new.writestr(one, data)
    assert answers(sheet(tmp_path, "ann.ods", out.getvalue()))["Q1"] == "48x32x24"


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    data = word(lambda document: document.add_paragraph(LINES[0]))
    monkeypatch.setitem(sys.modules, "docx", None)
    one = sheet(tmp_path, "ann.docx", data)
    assert one.unreadable == "reading .docx needs docx, which is missing: pip install 'archcalc[course]'"
