"""docs/course.md and docs/answers.md are true: commands print what is shown, the quiz is that of the example,
every key and word is on the page. ``python tests/test_course_doc.py`` writes the outputs again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_readme import commands, run

from archcalc.answers import quiz_reading
from archcalc.answers.conventions import CONVENTIONS
from archcalc.answers.files import readers
from archcalc.answers.question import QUANTITIES
from archcalc.report import courses

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "course.md"
TEXT = GUIDE.read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "course"
WIDTH = 80
CONSOLE = re.compile(r"^( *)```console\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def blocks() -> list[tuple[str, list[str]]]:
    found = []
    for indent, block in CONSOLE.findall(TEXT):
        found += commands("".join([line.removeprefix(indent) for line in block.splitlines(keepends=True)]))
    return found


def real(command: str, folder: Path) -> list[str]:
    """What a command prints; what it writes goes to another folder."""
    return run(command.replace("--autograder autograder", f"--autograder {folder}/autograder"), WIDTH)


@pytest.mark.parametrize(("command", "shown"), blocks(), ids=[command for command, _ in blocks()])
def test_commands_print_what_is_shown(command: str, shown: list[str], tmp_path: Path) -> None:
    """Defeats: a recipe that the program has outgrown."""
    lines = [line.replace(f"{tmp_path}/", "") for line in real(command, tmp_path)]
    assert [line.rstrip() for line in lines] == [line.rstrip() for line in shown]


def test_there_are_three_recipes() -> None:
    commands_shown = " ".join([command for command, _ in blocks()])
    for words in ("--format moodle", "--format canvas", "--autograder"):
        assert words in commands_shown


def test_the_quiz_of_the_guide_is_that_of_the_example() -> None:
    arch, toml = (re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)[0] for kind in ("arch", "toml"))
    assert arch == (EXAMPLE / "nets.arch").read_text(encoding="utf-8")
    assert (EXAMPLE / "quiz.toml").read_text(encoding="utf-8").startswith(toml)


def test_the_page_of_all_that_may_be_written_is_that_of_today() -> None:
    """docs/answers.md is written from the tables: ``python docs/answers.py``."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "answers.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_key_and_name_is_on_the_page() -> None:
    """Defeats: a key of a quiz, a quantity, a convention, a file or a platform that nobody can find."""
    names = {*quiz_reading._TOP, *quiz_reading._QUESTION, *quiz_reading._MARKS, *CONVENTIONS, *QUANTITIES}
    names |= {choice for convention in CONVENTIONS.values() for choice in convention.choices}
    names |= {*readers(), *courses.names(), *courses.VISIBILITIES}
    assert len(names) > 90
    assert sorted(name for name in names if f"`{name}`" not in PAGE) == []


def write() -> None:
    """Put the real output behind every command."""
    import tempfile

    def fill(match: re.Match[str]) -> str:
        indent = match[1]
        block = "".join([line.removeprefix(indent) for line in match[2].splitlines(keepends=True)])
        lines = ["```console"]
        for command, _ in commands(block):
            with tempfile.TemporaryDirectory() as folder:
                shown = [line.replace(f"{folder}/", "").rstrip() for line in real(command, Path(folder))]
            lines += [f"$ {command}", *shown]
        return "\n".join([(indent + line).rstrip() for line in [*lines, "```"]])

    GUIDE.write_text(CONSOLE.sub(fill, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()
