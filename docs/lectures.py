"""Writes what lectures and exams ask: ``python docs/lectures.py`` (``--check`` compares).

The questions are data: of the lectures in ``lecture_questions.py``, each shown with its call and
the real output; of code that lectures show in ``lecture_listings.py``; of exams in
``exam_questions.py``, in tables with the line that answers.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from difference_questions import DIFFERENCES, INPUTS
from exam_questions import EXAMS, Exam
from generated import write_or_compare
from lecture_listings import LISTINGS, LectureListing
from lecture_listings import TEXT as LISTINGS_TEXT
from lecture_questions import KERAS, Question
from lecture_questions import TOPICS as COUNTED
from lecture_values import VALUES
from marked_values import MARKED

from archcalc.cli import main as archcalc

PATH = Path(__file__).parent / "lectures.md"
ROOT = Path(__file__).parent.parent
TOPICS = (*COUNTED, VALUES, MARKED, DIFFERENCES, INPUTS)
INTRODUCTION = """\
# What lectures ask

Questions of courses on convolutional networks, each with the call that answers it and what that
call prints, written by `python docs/lectures.py`. A figure that a slide has wrong is named where it
is asked for; all of them stand together [at the end](#where-slides-err). Notes on a spec, which go
to standard error, are left out here. In a shell, quote a chain, or it takes the `>`.

"""
KERAS_TEXT = """\

## The table of Keras

Twenty networks, and what Keras prints as their parameters: learned values and, where a network has
batch norm, its moving statistics. The size of a file is four bytes for each and a little more; the
depth column follows no one convention (VGG-16 counts 23 Keras layers, DenseNet-121 its 121 layers
with weights) and is not computed.

"""
EXAM_TEXT = """\

## Exams and textbooks

The same calculations where marks were given for them: the line of the output that answers. Where
no layer is named, a volume is that of a chain's last layer, and a sum that of the whole chain.
"""
ERRORS_TEXT = """\

## Where slides err

"""


@contextmanager
def in_project() -> Iterator[None]:
    """Paths in a call begin in the folder of the project, from wherever this script is run."""
    before = os.getcwd()
    os.chdir(ROOT)
    try:
        yield
    finally:
        os.chdir(before)


def output(command: str, *, fails: bool = False) -> str:
    """What a call prints, as where there is no terminal; of one that fails, its message. Raises ValueError
    if it fails and should not, or the other way round."""
    printed, shown = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n"), io.StringIO()
    environment = {"PATH": "", "HOME": ""}
    with (
        in_project(),
        mock.patch.dict("os.environ", environment, clear=True),
        redirect_stdout(printed),
        redirect_stderr(shown),
    ):
        try:
            archcalc(shlex.split(command))
        except SystemExit as end:
            code = end.code
    wrong_answer = code == 1 and command.startswith("check ")
    if (bool(code) and not wrong_answer) != fails:
        raise ValueError(f"archcalc {command}: {shown.getvalue()}")
    printed.flush()
    printed.seek(0)
    return shown.getvalue() if fails else printed.read()


def typed(command: str) -> str:
    """A call as it is typed."""
    return "archcalc " + command.replace("'", '"')


def whole(answer: str) -> re.Pattern[str]:
    """Finds an answer that is not a part of a larger number or shape."""
    return re.compile(rf"(?<![\w,.]){re.escape(answer)}(?!\w|[,.]\d)")


def stands(answer: str, text: str) -> bool:
    """Whether an answer stands in a text, however that is broken into lines."""
    return whole(answer).search(" ".join(text.split())) is not None


def answering(command: str, answer: str) -> str:
    """The part of an output that answers, on one line: the working with its result, what a total
    adds up, what a note says beside the working, or a row. Raises ValueError without an answer."""
    text = output(f"{command} --format markdown").replace("**", "")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    table = [[c.strip() for c in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    workings = [line.removeprefix("= ") for line in lines if line.startswith("= ")]
    notes = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    for working in workings:
        if stands(answer, working):
            return working
    if table and table[-1][0] == "total" and answer in table[-1]:
        terms = [cells[-3] if " x " in cells[-3] else cells[-2] for cells in table[2:-1]]
        return f"{' + '.join(terms)} = {answer}"
    for cells in table[2:]:
        if answer in cells:
            return ", ".join([" ".join(pair) for pair in zip(table[0], cells[:2], strict=False)])
    for note in notes:
        if stands(answer, note):
            return "; ".join([*workings[:1], note])
    for line in lines[1:]:
        if stands(answer, line):
            return "; ".join([line, *notes[:1]])
    raise ValueError(f"{answer} does not stand in {text}")


def anchor(heading: str) -> str:
    """What GitHub calls a heading in a link."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def document() -> Iterator[str]:
    """The whole text. Raises ValueError where an answer is not what it should be."""
    yield INTRODUCTION
    headings = [topic.name for topic in TOPICS]
    headings += ["Listings of code", "The table of Keras", "Exams and textbooks", "Where slides err"]
    for heading in headings:
        yield f"- [{heading}](#{anchor(heading)})\n"
    for topic in TOPICS:
        yield f"\n## {topic.name}\n\n{topic.text}"
        for question in topic.questions:
            yield from asked(question)
    yield f"\n## Listings of code\n\n{LISTINGS_TEXT}"
    for listing in LISTINGS:
        yield from code_of(listing)
    yield KERAS_TEXT
    yield from keras()
    yield EXAM_TEXT
    for name, exams in EXAMS.items():
        yield f"\n### {name}, in exams\n\n"
        yield from table(["asked", "call", "answer", "where"], [row(exam) for exam in exams])
    yield ERRORS_TEXT
    slips = [(topic, q) for topic in TOPICS for q in topic.questions if q.slip is not None]
    errors = [
        [q.slip.printed, f"**{q.slip.right}**", q.slip.why, f"[{t.name}](#{anchor(t.name)})"]
        for t, q in slips
        if q.slip is not None
    ]
    for name, exams in EXAMS.items():
        place = f"[{name}, in exams](#{anchor(name + ', in exams')})"
        errors += [[e.wrong, f"**{e.says}**", e.remark, place] for e in exams if e.wrong]
    yield from table(["printed", "right", "why", "topic"], errors)


def asked(question: Question) -> Iterator[str]:
    """A question of a lecture, its calls, what they print, and what a slide makes of it."""
    yield f"\n**{question.asked}**\n\n```console\n"
    texts = [output(command).rstrip("\n") for command in question.commands]
    missing = [shown for shown in question.says if not any(stands(shown, text) for text in texts)]
    if missing:
        raise ValueError(f"{question.commands}: no {missing} in {texts}")
    for place, (command, text) in enumerate(zip(question.commands, texts, strict=True)):
        yield "\n" * bool(place) + f"$ {typed(command)}\n{text}\n"
    yield "```\n"
    if question.slip is not None:
        slip = question.slip
        why = slip.why[0].upper() + slip.why[1:]
        yield f"\nA slide says: {slip.printed}. **Right: {slip.right}.** {why}.\n"
    if question.note:
        yield f"\n{question.note}\n"


def code_of(listing: LectureListing) -> Iterator[str]:
    """A listing, what the call says of it, and what the lecture says. Raises ValueError without an answer."""
    text = output(listing.command, fails=listing.fails).rstrip("\n")
    missing = [shown for shown in listing.says if not stands(shown, text)]
    if missing:
        raise ValueError(f"{listing.command}: no {missing} in {text}")
    code = (ROOT / listing.path).read_text(encoding="utf-8")
    yield f"\n**{listing.asked}** [{listing.name}.py](../{listing.path})\n\n```python\n{code}```\n"
    yield f"\n```console\n$ {typed(listing.command)}\n{text}\n```\n\n{listing.lecture}\n"


def keras() -> Iterator[str]:
    """The table of Keras, one call per network."""
    rows = []
    for name, printed in KERAS.items():
        command = f"explain {name} params"
        text = " ".join(output(command).split())
        learned = re.search(r"(?<= params )[\d,]+", text)
        if learned is None or not stands(f"{printed:,}", text):
            raise ValueError(f"{name}: no {printed:,} in {text}")
        rows.append([f"`{typed(command)}`", learned[0], f"{printed:,}"])
    yield from table(["call", "learned", "as Keras counts"], rows, right=(1, 2))


def row(exam: Exam) -> list[str]:
    """A row of the exams."""
    answer = answering(exam.command, exam.says)
    bold = whole(exam.says).sub(f"**{exam.says}**", answer)
    remark = f"<br>{exam.remark}" if exam.remark else ""
    return [exam.asked, f"`{typed(exam.command)}`", bold + remark, exam.source]


def table(heads: list[str], rows: list[list[str]], right: tuple[int, ...] = ()) -> Iterator[str]:
    """A table with pipes."""
    rule = ["--:" if place in right else "---" for place in range(len(heads))]
    for cells in [heads, rule, *rows]:
        yield "| " + " | ".join(cells) + " |\n"


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({PATH: "".join(document())})


if __name__ == "__main__":
    sys.exit(main())
