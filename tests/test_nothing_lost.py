"""Every word of a sheet is accounted for: it is in an answer, in a label, in the question's own text, says
who the student is, or stands in the list of what was not read.

The wrong ways to defeat: a line between two answers that is dropped; cells of a table behind its answer; the
end of a line behind a second label; a line below an answer that is wrapped; a text of a question that is
taken away though the sheet says something else; a row that a table does not know; a pattern that takes a time
that grows with the square of the sheet.
"""

from __future__ import annotations

import random
import re
import time

import pytest
from lanes import slow_but

from archcalc.answers.sheets import Submission
from archcalc.answers.sheets.folder import sheet
from archcalc.answers.sheets.names import QuestionNames, by_name

IDS = [f"Q{number}" for number in range(1, 9)]
TEXTS = {id: f"What is the output volume of layer c{at} of the second network?" for at, id in enumerate(IDS)}
ASKED = dict.fromkeys(IDS, "params") | {"Q1": "output", "Q3": "output"}
NAMES = by_name(IDS, TEXTS, ASKED)
PARTS = by_name(["1a", "1b", "2.3", "VGG16 params", "total"])
FORMS = (
    *(
        "Q{}: ",
        "Q{} ",
        "**Q{}** ",
        "(Q{}) ",
        "Q{} – ",
        "Q{} => ",
        "{}) ",
        "{}. ",
        "{}: ",
        "Aufgabe {}: ",
        "#{} ",
    ),
    *(
        "Question n°{} : ",
        "Question {}\n",
        "## Q{}\n\n",
        "問{} ",
        "Answer to Q{}: ",
        "Ex. {} ",
        "{}\n",
        "{} = ",
    ),
    *(
        "- Q{}: ",
        "Q{} (corrected): ",
        "Q{}\t",
        "| {} | ",
        "Q1{}: ",
        "Part {} ",
        "ii) ",
        "Ql: ",
        "① ",
        "Q{}...",
        "Q{},",
    ),
)
_WORD = re.compile(r"[^\W_]+")


class Writer:
    """Writes sheets in which each word beside the labels is there once."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.used: list[str] = []

    def word(self) -> str:
        made = f"zq{len(self.used)}k"
        self.used.append(made)
        return made

    def number(self) -> str:
        made = str(7_000_001 + 1_003 * len(self.used))
        self.used.append(made)
        return made

    def answer(self) -> str:
        pick = self.random.randrange(10)
        if pick < 4:
            return self.number()
        return (
            lambda: f"{self.number()} {self.word()}",
            lambda: f"{self.number()} = {self.number()}",
            lambda: f"({self.number()}, {self.number()})",
            lambda: f"{self.word()}, {self.number()}; {self.word()}",
            lambda: f"~~{self.number()}~~ {self.number()}",
            lambda: "",
        )[pick - 4]()

    def label(self) -> str:
        return self.random.choice(FORMS).format(self.random.randrange(1, 10))

    def line(self) -> str:
        pick = self.random.randrange(14)
        if pick < 6:
            return self.label() + self.answer()
        return (
            lambda: f"{self.word()} {self.word()}",
            lambda: self.number(),
            lambda: f"= {self.number()}",
            lambda: self.label() + self.random.choice([*TEXTS.values()]) + "\n" + self.answer(),
            lambda: (
                self.label()
                + self.answer()
                + self.random.choice([", ", "; ", " ", "   "])
                + self.label()
                + self.answer()
            ),
            lambda: "",
            lambda: f"Name: {self.word()}",
            lambda: f"{self.label()}{self.number()},\n{self.word()}",
        )[pick - 6]()

    def lines(self) -> str:
        return "\n".join([self.line() for _ in range(self.random.randrange(1, 14))])

    def rows(self) -> list[list[str]]:
        columns = self.random.randrange(2, 5)
        rows = []
        for _ in range(self.random.randrange(1, 8)):
            label = self.random.choice(["Q{}", "{}", "", "word"]).format(self.random.randrange(1, 10))
            first = self.word() if label == "word" else label
            rows.append([first, *[self.answer().replace("|", " ") for _ in range(columns - 1)]])
        return rows

    def pipes(self) -> str:
        rows = self.rows()
        head = self.random.choice([["Q", "Answer", "Working", "Notes"], ["Q", "Working", "Answer", "x"]])[
            : len(rows[0])
        ]
        rule = "|" + "---|" * len(head)
        table = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
        table.insert(1, rule)
        return "\n".join([self.lines(), *table, self.lines()] if self.random.random() < 0.6 else table)

    def cells(self) -> str:
        between = self.random.choice(",;\t")
        rows = self.rows()
        if self.random.random() < 0.5:
            rows.insert(0, ["question", "answer", "working", "notes"][: len(rows[0])])
        return "\n".join([between.join([cell.replace(between, " ") for cell in row]) for row in rows])


def accounted(found: Submission) -> set[str]:
    texts = [entry.text for entry in found.entries]
    texts += [fault.text for fault in (*found.faults, *found.aside)]
    texts += [text for _, text in (*found.ids, *found.details)]
    return {word for text in texts for word in _WORD.findall(text)}


@pytest.mark.parametrize("kind", ["lines", "pipes", "cells"])
@pytest.mark.parametrize("names", [NAMES, PARTS], ids=["numbers", "names"])
def test_every_word_of_a_sheet_is_accounted_for(kind: str, names: QuestionNames) -> None:
    for seed in range(400):
        writer = Writer(seed)
        text = {"lines": writer.lines, "pipes": writer.pipes, "cells": writer.cells}[kind]()
        found = sheet(text, "ann.csv" if kind == "cells" else "ann.txt", "ann", names)
        words = {word for one in writer.used for word in _WORD.findall(one)}
        assert not words - accounted(found), f"seed {seed}:\n{text}\n{found}"


HOSTILE = (
    *(
        "Q1: 5 ",
        "Q1: 5, Q2: 6 ",
        "Q1 ",
        "1) 2 ",
        "(",
        "Q1: (",
        "1)\n",
        "question ",
        "~~",
        "* ",
        "1 / 2\n",
        "5\n",
    ),
    *(
        "Q1: 5,\n576,\n",
        "= 5\n",
        "| Q1 | 5 |\n",
        "|-|\n| Q1 | 5 ",
        ".",
        "Q.",
        "Q1" + "." * 70,
        "Ｑ１：",
        "①5 ",
    ),
    *(
        "ii) 5 ",
        "Ql: 5 ",
        "Q1,5\n",
        "Q1;5;",
        "- ",
        "#",
        "answer to ",
        "a",
        "Q1_",
        "1-",
        "\n",
        "Name: ",
        "Matr.",
    ),
    *(
        TEXTS["Q1"] + " ",
        TEXTS["Q2"] + "\n",
        "What is the\n",
        "\f1\n",
        "Q1\t5\t6\n",
        "x ",
        "«",
        "{[(",
        "5 x 5\n",
    ),
)


@pytest.mark.parametrize("piece", slow_but(HOSTILE, 8))
def test_the_time_of_a_sheet_grows_with_its_length(piece: str) -> None:
    """Defeats: a pattern with two spaces of any length side by side, each line added to a copy of all
    the lines before it: 60,000 signs would take minutes."""

    def seconds(signs: int) -> float:
        text = "Q1: " + piece * (signs // len(piece))
        before = time.process_time()
        sheet(text, "ann.txt", "ann", NAMES)
        return time.process_time() - before

    seconds(500)
    short, long = seconds(7_500), seconds(60_000)
    assert long < 30 * max(short, 0.02)
