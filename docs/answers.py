"""Writes docs/answers.md: all that may be written in a quiz and on a sheet, from the tables that read it.

``python docs/answers.py`` writes the file; with ``--check`` it only says whether it is that of today.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generated import write_or_compare

from archcalc.analysis.totals import DTYPES
from archcalc.answers import quiz_reading
from archcalc.answers.conventions import CONVENTION_WORDS, CONVENTIONS
from archcalc.answers.files import readers
from archcalc.answers.marks import OTHER_READINGS, Marks
from archcalc.answers.platforms import platforms
from archcalc.answers.question import QUANTITIES as ASKED
from archcalc.answers.sheets import labels
from archcalc.answers.sheets.columns import COLUMNS
from archcalc.answers.sheets.names import IDENTITY, OTHERS
from archcalc.answers.vocabulary import FACTORS, SCALE_WORDS, UNITS
from archcalc.quantities import TABLE
from archcalc.report import courses

PATH = Path(__file__).parent / "answers.md"
HEAD = """\
# All that may be written

`python docs/answers.py` writes this page from the tables that archcalc reads with. [sheets.md](sheets.md)
explains how an answer is read and what comes out, [course.md](course.md) goes from an empty folder to
marks on a platform. Case, accents, `-`, `_` and spaces do not matter in the words of this page.

"""
# What each key of a quiz is.
TOP = {
    "title": "the name of the quiz, in reports and as the name of the assignment",
    "target": "the network of all questions that do not name their own: a network of the zoo, a chain, or "
    "`FILE.arch:NAME` beside the quiz",
    "batch": "images at once, for memory and operations; usually 1",
    "dtype": "the type of the values, for memory; usually `fp32`: "
    + ", ".join([f"`{name}`" for name in DTYPES]),
    "conventions": "a table: how the course counts ([below](#conventions))",
    "marks": "a table: what an answer is worth ([below](#marks))",
    "question": "a table for each question, in their order: `[[question]]`",
    "students": 'a table for each student who needs one: `[students."Ann Lee"]` with `decimal = "comma"`',
    "variant": "of a quiz that was set in variants: the name of the variant that this is the key of",
    "seed": "of such a quiz: what its values were drawn with; marking does not need it",
    "matrix": "the matrix that the layers are given: rows parted by `;`, channels by `|`",
    "kernel": "the kernel of the layer that has weights, a matrix; or a table of kernels by their layers",
    "bias": "the bias of that layer: a number, or numbers; or a table by layers",
    "on": "the device of questions about `time`, `traffic` and `intensity`: `t4`, or the TOML file of one",
    "statistics": "mean and variance of normalisations, as `archcalc apply` takes them",
    "flip": "`true` where kernels are turned round, as mathematicians convolve",
}
QUESTION = {
    "id": "what the sheets call it: `Q1`, `1b`; letters and digits are needed, and no two may read alike",
    "target": "its network, where that is not the one of the quiz",
    "second": "another network, for what is computed of two: `A` is the target, `B` the second",
    "ask": "what it asks for: `[LAYER.]QUANTITY`, `total.QUANTITY` for the network",
    "points": "what it is worth; usually 1, at most 1,000,000",
    "key": "the answer of the teacher, which `--audit` compares with the right one",
    "digits": "digits to which an answer may be rounded without loss: with 3, 138M is right for 138,357,544",
    "least_digits": "digits to which an answer has to be rounded at least; fewer are `coarse`",
    "text": "the question in words: for reports, and for columns that are headed by it; `(in KiB)` states "
    "the unit",
    "batch": "images at once, where that is not the number of the quiz",
    "dtype": "the type of the values, where that is not the one of the quiz",
    "on": "its device, where that is not the one of the quiz",
    "unit": 'the unit of a bare number: `unit = "KiB"`',
    "conventions": "a table of conventions that hold for this question alone",
    "options": "the options of a multiple choice, in the order of the sheet; an answer may be a letter",
    "kind": '`"choice"` or `"written"`: of a quiz that is to be set, whether the question gets options',
    "choices": "how many options the question gets when it is set",
    "figure": "`true` where a picture of the network goes with the question when it is set",
    "matrix": "of a question about values: the matrix, where it is not the one of the quiz; `ask` is then "
    "`values`, `LAYER.values` or one cell, `values[1,2]`",
    "kernel": "its kernel, or a table of kernels by layers",
    "bias": "its bias, or a table of biases by layers",
    "statistics": "its means and variances",
    "flip": "whether its kernels are turned round",
}
# What each key of [marks] is; the default stands in `Marks`.
MARKS = {
    "rounded": "right, and rounded to fewer digits than the `digits` of the question",
    "convention": "right by another convention than that of the quiz, which the report names",
    "follow-through": "right given an earlier answer of the same student",
    "coarse": "rounded to fewer digits than `least_digits`",
    "cut_off": "cut off where it is to be rounded: 25.5M for 25,557,032",
    "slip": "wrong, and one slip of the pen away from the right answer: 3582 for 3528",
    "right_working": "a right working with a wrong result: `7*7*3*24 = 3518`",
    "wrong": "wrong in any other way",
}
OTHER_MARKS = {
    "cells": ("false", "whether an answer about values gets the share of its cells that are right"),
    "approximate": ("false", "whether `~35K` is a unit of its last digit wider on both sides"),
    "once": (
        "true",
        "whether one convention or mistake costs points once a sheet: where it comes again, the answer loses "
        'for it. `"conventions"` does so for conventions alone, `false` for nothing',
    ),
    "least_digits": ("1", "digits to which every answer has to be rounded at least"),
    "misconceptions": ("", "a table: the share of a wrong answer by what explains it"),
    "conventions": ("", "a table: the share of an answer by the convention under which it is right"),
}
PEOPLE = {
    "name": "full name",
    "first": "first name",
    "last": "last name",
    "email": "address",
    "id": "number or name of a student",
    "sis_id": "number in the register",
    "login": "name of an account",
    "section": "section",
    "submission": "what was handed in",
    "variant": "variant of the quiz that the student has",
}
# What a folder may be, which is no table.
FOLDERS = {
    "a folder": "a file per student, named like the student, or a folder per student",
    "Gradescope": "the export of an assignment, with `submission_metadata.yml`",
    "nbgrader": "`submitted/STUDENT/ASSIGNMENT/`",
    "Moodle": "the download of an assignment: `Ann Lee_4711_assignsubmission_file_`",
    "Canvas": "the download of an assignment: `leeann_501_88001_sheet.docx`",
}

CONVENTIONS_HEAD = """\
### Conventions

Keys of `[conventions]`, of `[question.conventions]`, and of `--convention NAME=CHOICE`. The first choice of
each is the usual one; `true` and `false` are `yes` and `no`.

"""
LABELS_HEAD = """\
## Labels

An answer follows the name of its question, with any of `:`, `=`, `)`, `.`, `-`, `→`, a tab or a space between
them, or stands on the line below. Before the name may stand a word for a question, and before that or in its
place a word for an answer (`Answer to Q2:`).

"""
CLASSES_HEAD = """\
## Headers

### Of a class list

A column is headed by the name of a question, as a label, or by its words. These columns say who:

"""
LAYERS_HEAD = """\
### Of a layer table

Columns are headed by a quantity, by what it is also called, or by one of these words. A unit may stand
behind it in brackets: `Params (M)`.

"""
FILES_TAIL = """\
Text files and notebooks need nothing else; for the others there is
`pip install 'archcalc[course]'`.

"""
MARKS_TAIL = """\
`blank` and `unreadable` answers have no share: a blank one has no points, and of one that was not read
the points are open until a person decides.

"""


def document() -> Iterator[str]:
    """The page in pieces."""
    yield HEAD
    yield "## Quizzes\n\n"
    yield from table(("key of the quiz", "what it is"), described(quiz_reading._TOP, TOP))
    yield from table(("key of a question", "what it is"), described(quiz_reading._QUESTION, QUESTION))
    yield "### Quantities\n\nWhat `ask` may name, of a layer and, behind `total.`, of the network.\n\n"
    rows = []
    for quantity in TABLE:
        if quantity.name in ASKED:
            called = ", ".join([f"`{word}`" for word in quantity.called if word.isidentifier()])
            rows.append((f"`{quantity.name}`", f"{quantity.means[:1].upper()}{quantity.means[1:]}", called))
    yield from table(("quantity", "what it is", "also called"), rows)
    yield CONVENTIONS_HEAD
    yield from table(
        ("key", "choice", "what it means"),
        [
            (f"`{name}`" if not at else "", f"`{choice}`", words)
            for name, convention in CONVENTIONS.items()
            for at, (choice, words) in enumerate(convention.choices.items())
        ],
    )
    yield from marks()
    yield "## Answers\n\n### Units\n\nA unit may stand behind a number. One that counts something else "
    yield "than what is asked for makes the answer a question for a person, or right by a convention.\n\n"
    yield from table(("unit", "words"), grouped(UNITS))
    yield "### Scales\n\nA scale may stand between a number and its unit.\n\n"
    scales = [(f"{FACTORS[name]:,}", words) for name, words in grouped(SCALE_WORDS, lambda key: key)]
    yield from table(("times", "words"), scales)
    yield LABELS_HEAD
    yield f"- words for a question: {listed(labels._ASKED)}\n"
    yield f"- words for a part or a number: {listed(labels._PART)}\n"
    yield f"- words for an answer: {listed(labels._ANSWER)}\n\n"
    yield CLASSES_HEAD
    yield from table(("who", "headers"), grouped(IDENTITY, PEOPLE.__getitem__))
    yield f"These are known, and hold no answers: {listed(OTHERS)}.\n\n"
    yield LAYERS_HEAD
    yield from table(("quantity", "headers"), grouped(COLUMNS))
    yield "## Files and platforms\n\n### Files\n\n"
    kinds = {reader.kind: reader for reader in readers().values()}
    suffixes = [
        (kind, ", ".join([f"`{suffix}`" for suffix in reader.suffixes]), reader.reads, reader.library)
        for kind, reader in sorted(kinds.items())
    ]
    yield from table(("file", "suffixes", "what is read", "with"), suffixes)
    yield FILES_TAIL
    yield "### What is read from platforms\n\n"
    read = [(platform.name, first(platform)) for platform in platforms()]
    yield from table(("table of", "what it is"), read)
    yield from table(("folder of", "what it is"), list(FOLDERS.items()))
    yield "### What is written for platforms\n\n"
    yield from table(
        ("`--format`", "what it is"),
        [(f"`{name}`", written(courses.named(name))) for name in courses.names()],
    )
    yield f"`--visibility` is one of {', '.join([f'`{word}`' for word in courses.VISIBILITIES])}.\n"


def marks() -> Iterator[str]:
    """`[marks]`, with the default of each key."""
    yield "### Marks\n\nKeys of `[marks]`. Each is the share of the points of a question, from 0 to 1.\n\n"
    rows = []
    for key, words in described(quiz_reading._SHARES, MARKS):
        usual = Marks.USUAL[quiz_reading._SHARES[key.strip("`")]]
        default = "as `wrong`" if key in ("`cut_off`", "`slip`") else f"{float(usual):g}"
        rows.append((key, default, words))
    yield from table(("share", "default", "of an answer that is"), rows)
    other = [key for key in quiz_reading._MARKS if key not in quiz_reading._SHARES]
    rows = [(key, *OTHER_MARKS[key.strip("`")]) for key, _ in described(other, OTHER_MARKS)]
    yield from table(("key", "default", "what it is"), rows)
    yield MARKS_TAIL
    yield "`[marks.misconceptions]` names the ids of [misconceptions.md](misconceptions.md), and these:\n\n"
    yield from table(
        ("id", "an answer that is"), [(f"`{id}`", words) for id, words in OTHER_READINGS.items()]
    )
    yield "`[marks.conventions]` names these ids, and misconceptions that are another way to count:\n\n"
    yield from table(("id", "right with"), [(f"`{id}`", words) for id, words in CONVENTION_WORDS.items()])


def described(keys: Iterable[str], words: Mapping[str, object]) -> list[tuple[str, str]]:
    """Each key with what it is. Raises KeyError for one that this page knows nothing of."""
    return [(f"`{key}`", str(words[key])) for key in keys]


def grouped(table: Mapping[str, str], called: object = None) -> list[tuple[str, str]]:
    """The words of a table, by what they mean."""
    found: dict[str, list[str]] = {}
    for word, meaning in table.items():
        found.setdefault(meaning, []).append(word)
    name = called if callable(called) else lambda key: f"`{key}`"
    return [(name(meaning), listed(words)) for meaning, words in found.items()]


def listed(words: Iterable[str]) -> str:
    """Words in their order of letters."""
    return ", ".join(sorted(words)).replace("|", "\\|")


def first(thing: object) -> str:
    """The first sentence of a docstring."""
    return " ".join((thing.__doc__ or "").split()).partition(". ")[0].rstrip(".")


def written(platform: courses.Platform) -> str:
    """What is written for a platform."""
    text = " ".join((platform.__doc__ or "").split())
    return text.partition("``: " if "``: " in text else "``. ")[2].rstrip(".")


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table, and an empty line below it."""
    yield f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n"
    for row in rows:
        yield f"| {' | '.join(row)} |\n"
    yield "\n"


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({PATH: "".join(document())})


if __name__ == "__main__":
    sys.exit(main())
