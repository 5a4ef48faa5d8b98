"""A stranger's quiz is read at once, or refused in one message: numbers beyond all bounds, keys of
very many parts, and very many faults.

The wrong ways to defeat: ``Fraction("1e9999999")``, which writes ten million noughts; ``str`` of a
number of more digits than Python turns into text; ``10 ** digits``; a suggestion for each of
100,000 unknown keys.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from calling import call

from archcalc.answers.quiz_reading import parse_quiz
from archcalc.diagnostics import SpecError

QUESTION = '[[question]]\nid = "1"\ntarget = "8x8x3 -> conv 3x3 8"\nask = "params"\n'
MANY_KEYS = "\n".join([f"k{i} = 1" for i in range(100_000)]) + "\n"
QUIZZES = {
    "points": QUESTION + "points = 1e9999999\n",
    "points near nought": QUESTION + "points = 1e-9999999\n",
    "points of many digits": QUESTION + "points = 0." + "3" * 5000 + "\n",
    "points that are none": QUESTION + "points = nan\n",
    "a share": "[marks]\nrounded = 1e-99999999\n" + QUESTION,
    "a share in hexadecimal": "[marks]\nrounded = 0x" + "f" * 4000 + "\n" + QUESTION,
    "an id": QUESTION.replace('"1"', "0x" + "f" * 3600),
    "an id with an exponent": QUESTION.replace('"1"', "1e9999999"),
    "a convention": "[conventions]\nbias = 1e4300\n" + QUESTION,
    "a convention in hexadecimal": "[conventions]\nbias = 0x" + "f" * 4000 + "\n" + QUESTION,
    "a target": QUESTION.replace("8x8x3 -> conv 3x3 8", "a/\\u0000"),
    "a key of parts": "a" + ".a" * 20_000 + " = 1\n" + QUESTION,
    "a key of some parts": "a" + ".a" * 990 + " = 1\n" + QUESTION,
    "a table of parts": "[a" + ".a" * 20_000 + "]\n" + QUESTION,
    "a nest": "x = " + "[" * 20_000 + "\n" + QUESTION,
    "digits": QUESTION + "digits = 999999999999999999\n",
    "digits with an exponent": QUESTION + "digits = 1e17\n",
    "a batch": f"batch = 1{'0' * 300}\n" + QUESTION,
    "a batch in hexadecimal": "batch = 0x" + "f" * 4000 + "\n" + QUESTION,
    "keys": MANY_KEYS + QUESTION,
    "keys of a question": QUESTION + MANY_KEYS,
    "conventions": "[conventions]\n" + MANY_KEYS + QUESTION,
    "misconceptions": "[marks.misconceptions]\n" + MANY_KEYS + QUESTION,
    "questions": "".join(
        [QUESTION.replace('"1"', f'"{i}"').replace("params", "parms") for i in range(1, 3000)]
    ),
    "a dtype": f'dtype = "{"a" * 100_000}"\n' + QUESTION,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUIZZES)
def test_it_is_refused_at_once(name: str, tmp_path: Path) -> None:
    quiz = tmp_path / "quiz.toml"
    quiz.write_text(QUIZZES[name])
    (tmp_path / "s.txt").write_text("1: 224\n")
    for words in ([str(quiz), str(tmp_path / "s.txt")], ["--audit", str(quiz)]):
        start = time.process_time()
        found = call("check", *words)
        assert time.process_time() - start < 3
        assert found.code == 2
        assert not found.out
        assert "internal" not in found.err
        assert found.err.count("\nerror[") < 20
        assert len(found.err) < 30_000


def test_one_message_for_one_fault() -> None:
    for name in ("points", "a share", "an id", "a convention", "digits", "a key of parts"):
        with pytest.raises(SpecError) as error:
            parse_quiz(QUIZZES[name]).items()
        assert len(error.value.diagnostics) == 1, name


@pytest.mark.parametrize(
    "text",
    [
        "points = 2.5",
        "points = 1e3",
        "points = 0x10",
        "digits = 3",
        "key = 34944",
        "key = 3.5e4",
        'text = "' + "wait … " * 100 + "." * 300 + '"',
    ],
)
def test_what_is_usual_is_read(text: str) -> None:
    assert parse_quiz(QUESTION + text + "\n").questions
