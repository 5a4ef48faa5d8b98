"""Sheets as a class hands them in, whole: what of each is read as the answer to which question."""

from __future__ import annotations

import json

import pytest

from archcalc.answers.sheets import Submission
from archcalc.answers.sheets.folder import sheet
from archcalc.answers.sheets.names import by_name

TEXTS = {
    "1": "What is the output volume of c1?",
    "2": "How many parameters does c1 have, without biases of its filters?",
    "3": "Receptive field of c1?",
    "4": "Parameters of fc5?",
}
ASKED = {"1": "output", "2": "params", "3": "rf", "4": "params"}
RIGHT = {"1": "48x32x24", "2": "3528", "3": "27", "4": "960100"}


def read(text: str, source: str = "ann.txt", names: tuple[str, ...] = ("1", "2", "3", "4")) -> Submission:
    return sheet(text, source, "ann", by_name(names, TEXTS, ASKED))


def answers(text: str, source: str = "ann.txt", names: tuple[str, ...] = ("1", "2", "3", "4")) -> object:
    return {entry.question: entry.doubt or entry.text for entry in read(text, source, names).entries}


SHEETS = {
    # a reader that knows a label at the beginning of a line alone
    "sentences": "Dear all. For question 1 I got 48x32x24, for question 2 it is 3528.\n"
    "For Q3 I have 27 and for Q4 960100.",
    "a list of one line": "My answers: 1: 48x32x24 2: 3528 3: 27 4: 960100",
    "slashes": "Q1 48x32x24 / Q2 3528 / Q3 27 / Q4 960100",
    "semicolons of a scan": "Q1; 48x32x24\nQ2; 3528\nQ3: 27\nQ4; 960100",
    "lines to write on": "Q1_____48x32x24\nQ2 ____3528____\nQ3 ____ 27\nQ4: ______960100______",
    "a script whose vowels are signs": "".join([f"प्रश्न {id}: {text}\n" for id, text in RIGHT.items()]),
    "boxes": "- [x] Q1: 48x32x24\n- [ ] Q2: 3528\n- [X] Q3: 27\n- [x] Q4: 960100",
    # one that takes a question's own text for the answer, where its words are divided or its number bare
    "divided words": "Q1: 48x32x24\n"
    "Q2. How many parameters does c1 have, without bi-\nases of its filters? 3528\n"
    "Q3 27\nQ4 960100",
    "numbers and texts": "1 What is the output volume of c1?\n48x32x24\n2 How many parameters does c1 have, "
    "without biases of its filters?\n3528\n3 Receptive field of c1?\n27\n4 Parameters of fc5?\n960100",
}


@pytest.mark.parametrize("name", SHEETS)
def test_every_answer_is_found(name: str) -> None:
    found = read(SHEETS[name])
    texts = {entry.question: entry.text for entry in found.entries}
    assert texts.keys() == RIGHT.keys()
    for question, right in RIGHT.items():
        assert texts[question].rstrip(".").endswith(right)
        assert not next(entry for entry in found.entries if entry.question == question).doubt


def test_words_before_the_labels_of_a_line_are_not_lost() -> None:
    """Defeats a reader that finds the labels and drops what stands before them."""
    found = read(SHEETS["sentences"])
    assert [fault.text for fault in found.aside] == ["Dear all."]


@pytest.mark.parametrize(
    "text",
    [
        "Q3: 27, as in question 1: 48x32x24",
        "Q3: 27\nI used the same formula as in Q2: 3528",
        "Q3: 27\nsee the hint. It says: 1 and 2",
    ],
)
def test_what_refers_to_a_question_is_no_answer_to_it(text: str) -> None:
    """Defeats a reader that takes every name of a question for a label."""
    assert {entry.question for entry in read(text).entries} == {"3"}


def test_numbers_without_words_go_on_to_the_end() -> None:
    """Defeats one that believes a bare number only between two surer labels."""
    names = ("1a", "2.1", "2.2", "3", "4")
    text = "1a: 5\n2.1 30x20; 2.2 15\n3 27\n4 960100\n"
    assert answers(text, names=names) == {"1a": "5", "2.1": "30x20", "2.2": "15", "3": "27", "4": "960100"}


def test_a_number_that_is_torn_is_no_label() -> None:
    """The other way: with words before the labels, ``4 960`` is not question 4."""
    assert answers("Q1: 48x32x24\nQ2: 3528\nQ3: 27\n4 = 2*2\n") == {"1": "48x32x24", "2": "3528", "3": "27"}


def test_steps_with_names_lead_to_the_last() -> None:
    """Defeats one that takes the first layer's field for the answer because it stands beside the label."""
    text = "Q3: c1: 7\n    p1: 7 + 2*2 = 11\n    c2: 11 + 2*4 = 19\n    c3: 19 + 2*4 = 27\nQ4: 960100"
    assert answers(text) == {"3": "c3: 19 + 2*4 = 27", "4": "960100"}


def test_a_volume_behind_an_arrow_is_not_joined_to_the_line_of_a_side() -> None:
    text = "Q1: H = (96 - 7 + 6)/2 + 1 = 48.5 -> floor 48\n W = 65.5/2 = 32.5 -> floor 32\n => 48 x 32 x 24\n"
    assert answers(text) == {"1": "=> 48 x 32 x 24"}


@pytest.mark.parametrize(
    "text",
    [
        {"name": "Ann", "answers": RIGHT},
        {"name": "Ann", "answers": [{"question": f"Q{id}", "answer": text} for id, text in RIGHT.items()]},
        {"name": "Ann", **{id: {"value": text} for id, text in RIGHT.items()}},
    ],
)
def test_json_with_the_answers_inside(text: dict[str, object]) -> None:
    """Defeats a reader of flat objects alone, which called each of these a question that there is not."""
    found = read(json.dumps({**text, "comment": "left over"}), "ann.json")
    assert {entry.question: entry.text for entry in found.entries} == RIGHT
    assert [fault.text for fault in found.faults] == ["left over"]
    assert dict(found.ids) == {"name": "Ann"}


@pytest.mark.parametrize(
    "rows",
    [
        "| Question | Answer | Unit |\n|---|---|---|\n| Q2 | 3.528 | thousand |\n| Q3 | 27 | |",
        "| Question | Value | Einheit |\n|---|---|---|\n| Q2 | 3.528 | k |\n| Q3 | 27 | px |",
    ],
)
def test_a_unit_in_its_own_column_belongs_to_the_number(rows: str) -> None:
    """Defeats one that reads the number alone, by which 3.528 thousand is wrong."""
    found = answers(rows)
    assert found in ({"2": "3.528 thousand", "3": "27"}, {"2": "3.528 k", "3": "27 px"})


def test_what_is_no_unit_is_not_read_with_the_number() -> None:
    found = read("| Question | Answer | Unit |\n|---|---|---|\n| Q2 | 3528 | no idea |\n| Q3 | 27 | |")
    assert {entry.question: entry.text for entry in found.entries} == {"2": "3528", "3": "27"}
    assert [fault.text for fault in found.aside] == ["no idea"]


def test_an_answer_in_a_later_column() -> None:
    """Defeats one that calls an answer blank, because the column beside its question is."""
    assert answers("| Nr | Rechnung | Wert |\n|---|---|---|\n| Q2 | | 3528 |\n| Q3 | | 27 |") == {
        "2": "3528",
        "3": "27",
    }


def test_a_table_that_begins_further_right() -> None:
    """Defeats one that takes rows behind a blank column for students without a name."""
    pytest.importorskip("openpyxl")
    import io

    from openpyxl import Workbook

    from archcalc.answers.files import read_document
    from archcalc.answers.sheets.documents import document_sheet

    book = Workbook()
    for row, (question, text) in enumerate(RIGHT.items(), 4):
        book.active.cell(row, 3, f"Q{question}")
        book.active.cell(row, 4, text)
    book.active["C2"] = "Week 5"
    file = io.BytesIO()
    book.save(file)
    names = by_name(("1", "2", "3", "4"), TEXTS, ASKED)
    found = document_sheet(read_document("a.xlsx", file.getvalue(), names), "a.xlsx", "a", names)
    assert {entry.question: entry.text for entry in found.entries} == RIGHT
    assert [(fault.place, fault.text) for fault in found.aside] == [("row 2", "Week 5")]


def test_frames_around_questions_are_no_tables() -> None:
    """Defeats one that takes a box of one column for a table without answers."""
    pytest.importorskip("docx")
    import io

    from docx import Document

    from archcalc.answers.files import read_document
    from archcalc.answers.sheets.documents import document_sheet

    paper = Document()
    for question, text in RIGHT.items():
        frame = paper.add_table(rows=2, cols=1)
        frame.cell(0, 0).text = f"{question}. {TEXTS[question]}"
        frame.cell(1, 0).text = text
        paper.add_paragraph("")
    paper.add_table(rows=1, cols=1).cell(0, 0).text = "the rest\nof it"
    file = io.BytesIO()
    paper.save(file)
    names = by_name(("1", "2", "3", "4"), TEXTS, ASKED)
    found = document_sheet(read_document("a.docx", file.getvalue(), names), "a.docx", "a", names)
    assert {entry.question: entry.text for entry in found.entries} == RIGHT
    assert {entry.place for entry in found.entries} == {f"table {at}, row 2" for at in (1, 2, 3, 4)}
    assert [fault.text for fault in found.aside] == ["the rest", "of it"]
