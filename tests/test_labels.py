"""Answers are found below the labels that people write, in many languages and layouts.

The wrong ways to defeat: ``line.split(":")``; a list of English words; a number that stands alone below a
heading and is taken for the label of another question; the first line below a heading as the answer, where it
is the question's own text; a page number as an answer; the first of two answers of a line with all that
stands behind it; ``3,528`` without a label as 528 for question 3.
"""

from __future__ import annotations

import pytest

from archcalc.answers.sheets import Submission
from archcalc.answers.sheets.folder import sheet
from archcalc.answers.sheets.labels import question_called
from archcalc.answers.sheets.names import by_name

VALUES = (
    *("48x32x24", "3,528", "23x15x24", "3,576,960", "432", "27", "442,368", "12x8x96", "294,912", "147,456"),
    *("398,328", "9"),
)
IDS = [f"Q{at}" for at in range(1, 13)]
KINDS = (
    "output",
    "params",
    "output",
    "macs",
    "params",
    "rf",
    "macs",
    "output",
    "params",
    "memory",
    "params",
    "rf",
)
TEXTS = {
    id: f"What is the {kind} of layer c{at} (3x3, {at} filters) in the network above?"
    for at, (id, kind) in enumerate(zip(IDS, KINDS, strict=True), 1)
}
NAMES = by_name(IDS, TEXTS, dict(zip(IDS, KINDS, strict=True)))
RIGHT = dict(zip(IDS, VALUES, strict=True))
LETTERS = by_name(["1a", "1b", "1c", "2a", "2b", "3"], {}, {"1a": "output", "2a": "output"})


def read(text: str, names: object = NAMES, source: str = "ann.txt") -> Submission:
    return sheet(text, source, "ann", names)  # type: ignore[arg-type]


def answers(text: str, names: object = NAMES, source: str = "ann.txt") -> dict[str, str]:
    found = read(text, names, source).entries
    assert not [entry for entry in found if entry.doubt]
    assert len({entry.question for entry in found}) == len(found)
    return {entry.question: entry.text for entry in found}


def numbered(form: str) -> str:
    return "\n".join([form.format(at, value) for at, value in enumerate(VALUES, 1)])


@pytest.mark.parametrize(
    "form",
    [
        *(
            "Q{}: {}",
            "Q{} {}",
            "**Q{}** {}",
            "(Q{}) {}",
            "Q{} – {}",
            "Q{} => {}",
            "Q{}) {}",
            "Q{}. {}",
            "Q{}={}",
        ),
        *(
            "Answer to Q{}: {}",
            "Answer {}: {}",
            "A{}. {}",
            "Frage {}: {}",
            "Aufgabe {} {}",
            "Pregunta {}: {}",
        ),
        *("Question n°{} : {}", "No. {} {}", "Nr. {}: {}", "#{} {}", "Ex. {}: {}", "Übung {}: {}", "問{} {}"),
        *("第{}题：{}", "Domanda {}) {}", "Vraag {} {}", "Pergunta {} - {}", "Câu {}: {}", "Вопрос {}: {}"),
        *(
            "{}) {}",
            "{}. {}",
            "{}.) {}",
            "{}: {}",
            "({}) {}",
            "{} - {}",
            "{} = {}",
            "{} {}",
            "{}.- {}",
            "{}º) {}",
        ),
        *("Question {}\n{}", "{}\n{}", "## Q{}\n\n{}\n", "Q{}:\n\n{}\n", "**Question {}: {}**", "[{}] {}"),
        *("- Q{}: {}", "{}\t{}", "Q{}\t{}", "Q{}...... {}", "Q{} ----- {}", "Q{}     {}", "| {} | {} |"),
        *("Problem {}. {}", "Exercice {} : {}", "Soru {}) {}", "Q{} (2 points): {}", "Q0{}: {}", "Q.{} {}"),
        *("Réponse à la question {} : {}", "Antwort auf Frage {}: {}", "Task {} → {}", "Ｑ{}：{}"),
    ],
)
def test_labels_as_people_write_them(form: str) -> None:
    assert answers(f"Week 5, Maria Silva\n\n{numbered(form)}\n") == RIGHT


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"{id}: {value}" for id, value in RIGHT.items()),
        ", ".join(f"{id}: {value}" for id, value in RIGHT.items()),
        "; ".join(f"{at}) {value}" for at, value in enumerate(VALUES, 1)),
        " ".join(f"{at}. {value}" for at, value in enumerate(VALUES, 1)),
        ", ".join(f"{id} = {value}" for id, value in RIGHT.items()),
        "\n".join(VALUES),
        "- " + "\n- ".join(VALUES),
        "; ".join(VALUES),
    ],
)
def test_several_answers_of_a_line_and_answers_in_their_order(text: str) -> None:
    assert answers(text) == RIGHT


def test_answers_without_labels_are_read_where_they_fit_alone() -> None:
    """Defeats: eleven values for twelve questions, each marked as the answer to the question before."""
    assert any("in their order" in fault.message for fault in read("\n".join(VALUES)).aside)
    assert not read("\n".join(VALUES[1:])).entries
    assert not read("\n".join([VALUES[1], VALUES[0], *VALUES[2:]])).entries


@pytest.mark.parametrize(
    "form",
    [
        "{at}. {text}\n{value}",
        "Q{at}: {text} {value}",
        "{text}\n{value}\n",
        "{text} {value}",
        "Question {at} (1 point)\n{text}\nAnswer: {value}\n",
        "Q{at}  {wrapped}\n    {value}\n\n        1 / 2\n",
    ],
)
def test_the_questions_own_text_is_no_answer(form: str) -> None:
    lines = [
        form.format(at=at, text=text, value=value, wrapped=text.replace(" (", "\n   ("))
        for at, (text, value) in enumerate(zip(TEXTS.values(), VALUES, strict=True), 1)
    ]
    text = "\n".join(lines).replace("1 / 2", "1 / 2", 1)
    pages = iter(range(1, 13))
    text = "".join([f"{next(pages)} / 12" if part is None else part for part in _between(text, "1 / 2")])
    found = answers(text)
    assert {id: answer.removeprefix("Answer: ") for id, answer in found.items()} == RIGHT


def _between(text: str, mark: str) -> list[str | None]:
    found: list[str | None] = []
    for at, part in enumerate(text.split(mark)):
        found += [part] if not at else [None, part]
    return found


@pytest.mark.parametrize("way", ["i ii iii iv v vi", "I II III IV V VI", "① ② ③ ④ ⑤ ⑥"])
def test_numbers_of_other_kinds(way: str) -> None:
    between = ") " if way[0] in "iI" else " "
    text = "\n".join([sign + between + value for sign, value in zip(way.split(), VALUES, strict=False)])
    assert answers(text) == dict(list(RIGHT.items())[:6])


def test_a_digit_that_a_program_took_for_a_letter() -> None:
    assert answers("Ql: 48x32x24\nQ2: 3,528\nQlO: 147,456\nQll: 398,328") == {
        id: RIGHT[id] for id in ("Q1", "Q2", "Q10", "Q11")
    }


def test_a_number_below_a_heading_is_an_answer() -> None:
    """Defeats: the 9 below `Question 12` as the label of question 9."""
    assert answers("Question 9\n294,912\nQuestion 12\n9\n") == {"Q9": "294,912", "Q12": "9"}


def test_a_number_labels_what_its_neighbours_leave_out() -> None:
    assert answers("1. 48x32x24\n2 = 3,528\n3. 23x15x24")["Q2"] == "3,528"
    assert answers("Q2:\n3 528\nQ4: 3,576,960") == {"Q2": "3 528", "Q4": "3,576,960"}


def test_prose_and_sums_are_no_labels() -> None:
    for text in ("I think 27", "2 filters were used", "3*3*24", "Answer: 9", "2.5", "A 9 by 9 window"):
        assert not read(text).entries
    assert answers("Q11: Q2+Q5 = 398,328") == {"Q11": "Q2+Q5 = 398,328"}
    assert answers("Q4: 3,576,960 (see Q5: 432)") == {"Q4": "3,576,960 (see Q5: 432)"}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Q4:\n  3,576,\n  960", "3,576,960"),
        ("Q4:\nLet me think.\nwe have 3 channels\n3,576,960", "3,576,960"),
        ("Q4:\n9*24*48 = 10,368 per position\n3,576,960 MACs", "3,576,960 MACs"),
        ("Q4: 3,576,960\nbecause of the formula (n+2p-k)/s+1 in lecture 3", "3,576,960"),
        ("Q4:\n3*3*2 = 18\nFinal answer: 3,576,960", "Final answer: 3,576,960"),
        ("Q4\n1) look at lecture 3\n2) count: 3*3\n3,576,960\n\nQ1: a\nQ2: b\nQ3: c", "3,576,960"),
        ("Q4: ~~17~~ 3,576,960", "3,576,960"),
        ("Q10: 144\nKiB\nQ4: 5", "5"),
        ("Q4: 3.6\nM", "3.6 M"),
        ("Q4: 3,576,960\n\n5 May 2026", "3,576,960"),
        ("Q4: 9*24\n = 216", "9*24 = 216"),
        ("Q4\n10368 weights\n345 positions\n= 3576960", "= 3576960"),
    ],
)
def test_which_of_several_lines_is_the_answer(text: str, answer: str) -> None:
    assert answers(text)["Q4"] == answer


@pytest.mark.parametrize("text", ["Q2: 3,552\n3,528", "Q2: 3,552\nno, sorry: 3,528", "Q2:\n3,552\n3,528"])
def test_two_answers_below_a_label_are_for_a_person(text: str) -> None:
    found = read(f"Q1: 48x32x24\n{text}")
    assert [bool(entry.doubt) for entry in found.entries] == [False, True]


def test_a_volume_with_a_line_for_each_size() -> None:
    assert answers("Q1:\n- height 48\n- width 32\n- channels 24") == {
        "Q1": "height 48, width 32, channels 24"
    }


@pytest.mark.parametrize("label", ["Q2 (corrected):", "Correction Q2:", "Q2 new:", "Frage 2 (korrigiert):"])
def test_the_later_of_two_answers_where_the_student_says_so(label: str) -> None:
    found = read(f"Q2: 3,552\nQ3: 23x15x24\n{label} 3,528")
    assert {entry.question: entry.text for entry in found.entries} == {"Q3": "23x15x24", "Q2": "3,528"}
    assert [fault.text for fault in found.aside] == ["3,552"]
    twice = read("Q2: 3,552\nQ3: 23x15x24\nQ2: 3,528")
    assert [entry.text for entry in twice.entries if entry.question == "Q2"] == ["3,552", "3,528"]


@pytest.mark.parametrize(
    "text",
    [
        "1.\na) 4x4x4\nb) 5\n2.\na) 3x3x3\n(b) 6\n3. 9",
        "Exercise 1\n(a) 4x4x4 (b) 5\nExercise 2 a) 3x3x3 b) 6\n3: 9",
        "1 a) 4x4x4, b) 5\n2.a 3x3x3\n2(b) = 6\nQ3 9",
        "Question 1\n  a. 4x4x4\n  b. 5\nQuestion 2\n  a. 3x3x3\n  b. 6\nQuestion 3\n9",
    ],
)
def test_parts_of_exercises(text: str) -> None:
    assert answers(text, LETTERS) == {"1a": "4x4x4", "1b": "5", "2a": "3x3x3", "2b": "6", "3": "9"}


def test_names_that_are_no_numbers_are_counted() -> None:
    names = by_name(["volume", "params of conv1", "VGG16 params"])
    assert answers("1) 4x4x4\n2) 5\n3) 138M", names) == answers(
        "volume: 4x4x4\nparams of conv1 = 5\nVGG16 params 138M", names
    )


ROWS = list(RIGHT.items())
TABLES = {
    "working before": "| Q | Working | Answer |\n|--|--|--|\n"
    + "\n".join(f"| {i} | 3*3 | {v} |" for i, v in ROWS),
    "with its text": "| # | Question | Your answer |\n|--|--|--|\n"
    + "\n".join(f"| {at} | {TEXTS[i]} | {v} |" for at, (i, v) in enumerate(ROWS, 1)),
    "turned": f"| Question | {' | '.join(IDS)} |\n|{'--|' * 13}\n| Answer | {' | '.join(VALUES)} |\n"
    f"| Working | {' | '.join(['see notes'] * 12)} |\n",
    "two, turned": f"| {' | '.join(IDS[:6])} |\n|{'--|' * 6}\n| {' | '.join(VALUES[:6])} |\n\n"
    f"| {' | '.join(IDS[6:])} |\n|{'--|' * 6}\n| {' | '.join(VALUES[6:])} |\n",
    "side by side": "| Q | A | Q | A |\n|--|--|--|--|\n"
    + "\n".join(f"| {IDS[at]} | {VALUES[at]} | {IDS[at + 6]} | {VALUES[at + 6]} |" for at in range(6)),
    "two with a heading": "| Q | A |\n|--|--|\n"
    + "\n".join(f"| {i} | {v} |" for i, v in ROWS[:6])
    + "\n\nPart 2\n\n| Q | A |\n|--|--|\n"
    + "\n".join(f"| {i} | {v} |" for i, v in ROWS[6:]),
    "tabs": "Q\tWorking\tAnswer\n" + "\n".join(f"{i}\tsee\t{v}" for i, v in ROWS),
    "spaces": "Question    Answer      Working\n"
    + "\n".join(f"{i}         {v}      see notes" for i, v in ROWS),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_one_student(name: str) -> None:
    assert {id: answer.split("   ")[0] for id, answer in answers(TABLES[name]).items()} == RIGHT


def test_who_the_student_is_and_pages() -> None:
    text = (
        "Deep Vision        Week 5\nAbbott, Carl       Matr. 4711\n\nQ1: 48x32x24\n\n1 / 2\n"
        "Deep Vision        Week 5\nQ2: 3,528\n2 / 2\n"
    )
    found = read(text)
    assert found.ids == (("name", "Abbott, Carl"), ("id", "4711"))
    assert [entry.text for entry in found.entries] == ["48x32x24", "3,528"]
    assert [fault.text for fault in found.aside] == ["Deep Vision        Week 5"]


def test_a_head_of_a_column_is_a_label() -> None:
    assert [question_called(text, NAMES) for text in ("Aufgabe 2", "Q2.", "2", "Q2 3528", "Q13")] == [
        *["Q2"] * 3,
        "",
        "",
    ]
