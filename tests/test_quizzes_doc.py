"""docs/quizzes.md is true: its template is one, its tables name every key, its commands print what they show.
``python tests/test_quizzes_doc.py`` writes their output again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_readme import commands, run

import archcalc
from archcalc.answers.quiz_reading import TEMPLATE, parse_quiz
from archcalc.questions.templates import QuizTemplate
from archcalc.questions.variants import posed_variants

WIDTH = 80
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "quizzes.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]
TOML, MATRICES, ON_DEVICE = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def test_the_template_of_the_guide_is_one() -> None:
    made = posed_variants(QuizTemplate.of(TOML, "guide.toml"), 1, 20)
    assert [one.id for one in made.variants[0].questions] == ["1a", "1b", "2"]
    assert all(len(variant.questions[1].choices) == 4 for variant in made.variants)


def test_a_question_about_values_is_one() -> None:
    made = posed_variants(QuizTemplate.of(MATRICES, "guide.toml"), 1, 5)
    assert len({str(variant.questions[0].value) for variant in made.variants}) > 1


def test_the_table_names_every_key() -> None:
    """Defeats a key of templates that nobody hears of."""
    described = set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
    assert described == {*TEMPLATE, "kind", "choices", "figure"}


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    assert "\n".join(run(command, WIDTH)).rstrip() == "\n".join(shown).rstrip()


def write() -> None:
    """Put the real output behind every command."""

    def fill(match: re.Match[str]) -> str:
        found = commands(match[1])
        blocks = ["\n".join([f"$ {command}", *run(command, WIDTH)]).rstrip() for command, _ in found]
        return "```console\n" + "\n\n".join(blocks) + "\n```"

    GUIDE.write_text(CONSOLE.sub(fill, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()


def test_the_quiz_on_a_device_is_one() -> None:
    """What it asks for is worked out on the device, of the batch of each question."""
    one, two = parse_quiz(ON_DEVICE).items()
    assert one.diagnosis.value == archcalc.load("vgg16").time("t4", dtype="fp16").rows[-8].intensity
    assert two.asked.summary.batch == 16
