"""A class whose students have different variants, and what they write to a multiple choice.

The wrong ways to defeat: a sheet that is marked by the key of another variant, or of the first where none is
known; a letter that is read as a number; the text of a question, with the numbers of its
variant, as an answer.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from calling import Answer, call

from archcalc.answers.options import option_written
from archcalc.answers.sheets.listed_options import without_options

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = str(ROOT / "examples" / "quizzes" / "convolution.toml")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of four variants."""
    folder = tmp_path_factory.mktemp("variants") / "keys"
    found = call("quiz", TEMPLATE, "--variants", "4", "--seed", "9", "--format", "toml", "-o", f"{folder}/")
    assert found.code == 0, found.err
    return folder


@pytest.fixture(scope="module")
def variants() -> dict[str, list[dict[str, Any]]]:
    """The questions of these variants as their JSON has them."""
    text = call("quiz", TEMPLATE, "--variants", "4", "--seed", "9", "--format", "json").out
    return {one["variant"]: one["questions"] for one in json.loads(text)["variants"]}


def written(question: dict[str, Any]) -> str:
    """The right value as a student writes it."""
    value = question["right"]
    return "x".join(map(str, value)) if isinstance(value, list) else str(value)


def marked(keys: Path, sheets: Path) -> tuple[Answer, list[dict[str, str]]]:
    """The call, and a row per answer."""
    found = call("check", str(keys), str(sheets), "--format", "csv")
    assert found.code in (0, 1), found.err
    return found, list(csv.DictReader(io.StringIO(found.out)))


def test_each_sheet_is_marked_by_its_variant(
    keys: Path, variants: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """All students are right, by their own keys: where the variant stands on a line, in the name of the file,
    in the name of the folder. The questions stand there too. Defeats the key of the first for all."""
    for name, questions in variants.items():
        lines = [f"{one['question']}: {written(one)}" for one in questions]
        texts = [f"{one['question']} {one['text']}\n\nAnswer: {written(one)}\n" for one in questions]
        (tmp_path / f"line {name}.txt").write_text("\n".join([f"Variant: {name}", *lines]))
        (tmp_path / f"file-variant-{name}.txt").write_text("\n".join(lines))
        (tmp_path / f"texts {name}.md").write_text("\n".join([f"**Variant:** {name}", "", *texts]))
    found, rows = marked(keys, tmp_path)
    assert len(rows) == 3 * 4 * 4
    assert [row for row in rows if row["verdict"] != "right"] == [], found.out
    assert found.code == 0


def test_a_column_says_the_variant(
    keys: Path, variants: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Defeats a class list whose column is kept and not read."""
    ids = [one["question"] for one in variants["A"]]
    rows = [["student", "variant", *ids]]
    rows += [[f"s{name}", name.lower(), *map(written, questions)] for name, questions in variants.items()]
    path = tmp_path / "class.csv"
    path.write_text("\n".join([",".join(row) for row in rows]))
    found, answers = marked(keys, path)
    assert found.code == 0, found.out
    assert {row["verdict"] for row in answers} == {"right"}
    assert len({row["key"] for row in answers if row["question"] == "1b"}) > 1


def test_a_roster_says_the_variant(
    keys: Path, variants: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Defeats a roster that is written and not read."""
    mine = tmp_path / "keys"
    mine.mkdir()
    for path in keys.glob("*.toml"):
        (mine / path.name).write_text(path.read_text())
    assert (keys / "roster.csv").read_text().splitlines()[0] == "student,variant"
    (mine / "roster.csv").write_text("student,variant\nann,C\n4711,B\n,A\n")
    sheets = tmp_path / "sheets"
    sheets.mkdir()
    for name, variant, head in (("ann", "C", ""), ("bob", "B", "Matr. 4711\n")):
        lines = [f"{one['question']}: {written(one)}" for one in variants[variant]]
        (sheets / f"{name}.txt").write_text(head + "\n".join(lines))
    found, rows = marked(mine, sheets)
    assert {row["verdict"] for row in rows} == {"right"}, found.out


NOBODY_KNOWS = {
    "no variant": ("ann.txt", "", "nothing says which variant it is"),
    "a variant that there is not": ("ann.txt", "Variant: Q", "there is no variant `q`"),
    "two variants": ("ann-variant-A.txt", "Variant: B", "two variants"),
}


@pytest.mark.parametrize("name", NOBODY_KNOWS)
def test_without_a_readable_variant_a_person_decides(
    name: str, keys: Path, variants: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """The answers are right by variant A, and neither right nor wrong. Defeats marking by the first key."""
    file, head, message = NOBODY_KNOWS[name]
    lines = [f"{one['question']}: {written(one)}" for one in variants["A"]]
    (tmp_path / file).write_text("\n".join([head, *lines]))
    found, rows = marked(keys, tmp_path)
    assert found.code == 1
    assert {row["verdict"] for row in rows} == {"unreadable"}
    assert sum(float(row["open"]) for row in rows) == 6
    assert message in found.out
    assert rows[0]["answer"] == written(variants["A"][0])


def test_letters_name_options(keys: Path, variants: dict[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    """Each option by its letter: the right one is right, a wrong one gets the very reading that it carries.
    Defeats a letter that nobody reads, and options in another order than on the sheet."""
    for name, questions in variants.items():
        for number, option in enumerate(questions[1]["options"]):
            letter = "abcd"[number]
            for style, text in enumerate((letter, f"({letter.upper()})", f"{letter}) {option['text']}")):
                path = tmp_path / f"{name} {letter} {style} variant {name}.txt"
                path.write_text(f"1b: {text}")
    _, rows = marked(keys, tmp_path)
    of_choice = [row for row in rows if row["question"] == "1b"]
    assert len(of_choice) == 4 * 4 * 3
    for row in of_choice:
        name, letter, *_ = row["student"].split()
        option = variants[name][1]["options"]["abcd".index(letter)]
        assert row["verdict"] == ("right" if option["right"] else "wrong"), row
        assert row["reading"] == (option["words"] or ""), row


def test_a_class_of_variants_goes_into_every_format(
    keys: Path, variants: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Defeats a report that shows the key of one variant for all."""
    sheets = tmp_path / "sheets"
    sheets.mkdir()
    for name, questions in variants.items():
        lines = [f"{one['question']}: {written(one)}" for one in questions]
        (sheets / f"variant {name}.txt").write_text("\n".join(lines))
    assert "1b  conv1 parameters  by variant" in call("check", str(keys), str(sheets)).out
    record = json.loads(call("check", str(keys), str(sheets), "--format", "json").out)
    assert [one["right"] for one in record["questions"]] == [None] * 4
    for form in ("html", "moodle", "canvas", "nbgrader", "latex"):
        assert call("check", str(keys), str(sheets), "--format", form).code == 0, form
    out = tmp_path / "reports"
    found = call("check", str(keys), str(sheets), "--format", "html", "-o", str(out), "--solution")
    assert found.code == 0, found.err
    for name, questions in variants.items():
        (page,) = out.glob(f"variant_{name}.html")
        assert f"{questions[1]['right']:,}" in page.read_text()


ONE = '[[question]]\nid = "1"\nask = "params"\ntarget = "8x8x3 -> fc 4"\n'
KEY_A = f'variant = "A"\n{ONE}'
FOLDERS: dict[str, tuple[dict[str, str], str]] = {
    "empty": ({}, "has 0 keys"),
    "no variant": ({"a.toml": ONE}, "says no variant"),
    "no roster": ({"a.toml": KEY_A, "roster.csv": "a,b\n1,2\n"}, "is no roster"),
    "a roster of another quiz": (
        {"a.toml": KEY_A, "roster.csv": "student,variant\nann,Z\n"},
        "line 2: there is no variant `Z`",
    ),
    "two of a name": ({f"{name}.toml": KEY_A for name in "ab"}, "two keys of variant A"),
    "other questions": (
        {
            f"{name}.toml": f'variant = "{name}"\n[[question]]\nid = "{name}1"\nask = "params"\n'
            'target = "8x8x3 -> fc 4"\n'
            for name in "ab"
        },
        "other ids or points",
    ),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_fault_of_a_folder_of_keys_has_a_message(name: str, tmp_path: Path) -> None:
    files, message = FOLDERS[name]
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    found = call("check", str(tmp_path), str(ROOT / "examples" / "class" / "class.csv"))
    assert found.code == 2
    assert message in found.err


LETTERS: dict[str, str | None] = {
    "b": "750",
    "B)": "750",
    "(b)": "750",
    "b.": "750",
    "option b": "750",
    "b) 750": "750",
    "b: 750": "750",
    "a) 750": "",
    "e": "",
    "760": None,
    "about 760": None,
    "": None,
}


@pytest.mark.parametrize("text", LETTERS)
def test_what_a_letter_says(text: str) -> None:
    assert option_written(text, ["760", "750", "1,520"]) == LETTERS[text]


def test_sheets_that_are_filled_in_get_full_marks(
    keys: Path, variants: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """The Markdown that students get, with right values behind `Answer:`, of all variants as one class; and
    with one wrong option, which gets its own words. Defeats a sheet whose own words are read as answers."""
    sheets, made = tmp_path / "sheets", tmp_path / "made"
    words = ["quiz", TEMPLATE, "--variants", "4", "--seed", "9", "--format", "markdown", "-o", f"{made}/"]
    assert call(*words).code == 0
    sheets.mkdir()
    wrong: dict[str, str] = {}
    for name, questions in variants.items():
        blank = (made / f"{name}.md").read_text()
        answers = [written(one) for one in questions]
        assert blank.count("\nAnswer:\n") == len(answers)
        options = questions[1]["options"]
        right = next(at for at, option in enumerate(options) if option["right"])
        at = next(at for at, option in enumerate(options) if not option["right"])
        wrong[f"{name} wrong"] = options[at]["words"]
        for student, letter in ((name, "abcd"[right]), (f"{name} wrong", "abcd"[at])):
            answers[1] = letter
            text = blank
            for answer in answers:
                text = text.replace("\nAnswer:\n", f"\nAnswer: {answer}\n", 1)
            (sheets / f"{student}.md").write_text(text)
    rows = [row for row in marked(keys, sheets)[1] if row["question"]]
    assert len(rows) == 8 * 4
    for row in rows:
        if row["question"] == "1b" and row["student"] in wrong:
            assert (row["verdict"], row["reading"]) == ("wrong", wrong[row["student"]]), row
        else:
            assert row["verdict"] == "right", row


def test_a_list_of_options_is_the_question_and_one_alone_is_an_answer() -> None:
    """Defeats an answer `b) 750` that is taken for a part of the list, and time that grows as a square."""
    options = [("760", "1,520"), ("1", "2", "3")]
    text = "Q1\n- a) 760\n\n- b) 1,520\nb) 1,520\n(A) 1\n(B) 2\n"
    assert without_options(text, options) == "Q1\n\n\n\nb) 1,520\n(A) 1\n(B) 2\n"
    long = "a) 1\n" + "\n" * 100_000 + "a) 1\n" * 50_000
    assert without_options(long, options) == long
