"""docs/lectures.md: of today, and every answer in it is the official one."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from calling import call

DOCS = Path(__file__).parent.parent / "docs"
TEXT = (DOCS / "lectures.md").read_text(encoding="utf-8")
OFFICIAL: dict[str, list[Any]] = json.loads(
    (Path(__file__).parent / "data" / "exam_answers.json").read_text(encoding="utf-8")
)["answers"]

sys.path.insert(0, str(DOCS))
lectures = importlib.import_module("lectures")
exams = {exam.key: exam for group in lectures.EXAMS.values() for exam in group}
questions = [question for topic in lectures.TOPICS for question in topic.questions]

# Figures of worked examples of lectures, each right there or corrected: copied from them, not from
# the document.
WORKED = re.findall(
    r"\S+",
    """
28x28x6 24x24x10 5x5x1 3x3x1 7x7x1 2.33 55x55x96 27x27x96 13x13x256 6x6x256 32x32x10 760 34,848
34,944 2,048 30,977 3,097,801 93,322 3,453,121 60,000 61,706 44,426 60,965,224 659,272 433,290
55,050 353,642 401,408 7,225,344 2,508,800 20,070,400 37,632 4,608 656 19,632,062,464
3,644,493,824 3,663,761,408 480,000 230,400,960,001 480,002,001 8,003,072,000 178,640 267,960
138,344,128 60,950,432 576,000 112,896,000 26,880 5,268,480 30,730 120,000 614,656 885,120
1,327,488 884,992 37,752,832 16,781,312 4,097,000 62,378,344 1,792 36,928 73,856 147,584 295,168
590,080 1,180,160 2,359,808 102,764,544 138,357,544 65,664 15,470,264,320 724,406,816
1,135,256,096 11,282,415,616 60,192,808 6,998,552 13,378,280 250,986 19x19x192 35x35x288 17x17x768
8x8x1280 8x8x2048 55,744 22x22x64 74,858
""",
)


def official(key: str) -> str:
    """The official answer as a screen writes it: ``55x55x96``, ``290,400``."""
    value = OFFICIAL[key][1]
    if isinstance(value, list) and len(value) > 1:
        return "x".join(map(str, value))
    return f"{value[0] if isinstance(value, list) else value:,}"


@pytest.mark.slow
def test_the_file_is_that_of_today() -> None:
    """`python docs/lectures.py` writes it. Defeats output that was typed, or outgrown."""
    script = str(DOCS / "lectures.py")
    assert subprocess.run([sys.executable, script, "--check"], check=False).returncode == 0


def test_a_stale_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Defeats a check that cannot fail."""
    monkeypatch.setattr(lectures, "document", lambda: iter([TEXT]))
    monkeypatch.setattr(lectures, "PATH", tmp_path / "lectures.md")
    monkeypatch.setattr(sys, "argv", ["lectures.py", "--check"])
    assert lectures.main() == 1
    lectures.PATH.write_text(TEXT.replace("34,944", "34,945"), encoding="utf-8")
    assert lectures.main() == 1
    assert "python docs/lectures.py" in capsys.readouterr().err
    lectures.PATH.write_text(TEXT, encoding="utf-8")
    assert lectures.main() == 0


@pytest.mark.parametrize("key", OFFICIAL)
def test_the_official_answer_stands_in_the_output(key: str) -> None:
    """Of each exam question, once in the document. Defeats a call that answers another question,
    and a figure that is only a part of a longer one."""
    exam = exams[key]
    asks = OFFICIAL[key][0]
    answer = official(key)
    if asks == "size":
        assert exam.says.startswith(f"{answer}x")
    else:
        assert exam.says == answer
    given = call(*lectures.shlex.split(exam.command))
    assert given.code == 0, given.err
    shown = " ".join(given.out.split())
    assert re.search(rf"(?<![\w,.]){re.escape(exam.says)}(?!\w|[,.]\d)", shown), given.out
    assert [group.key for group in exams.values()].count(key) == 1
    assert TEXT.count(f"| {exam.asked} | `{lectures.typed(exam.command)}` |") == 1
    assert exam.wrong != exam.says


def test_no_exam_question_is_left_out() -> None:
    assert sorted(exams) == sorted(OFFICIAL)
    assert len(exams) == sum(len(group) for group in lectures.EXAMS.values())


@pytest.mark.parametrize("figure", WORKED)
def test_figures_of_the_worked_examples(figure: str) -> None:
    """Each stands in the output of a call. Defeats a lecture whose question is left out."""
    blocks = "".join(re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL))
    printed = [line for line in blocks.splitlines() if not line.startswith("$ ")]
    assert lectures.stands(figure, "\n".join(printed))


def test_wrong_figures_do_not_stand_in_outputs() -> None:
    """What a slide prints wrongly is not what the call says, and what is right is."""
    slips = [question for question in questions if question.slip is not None]
    assert len(slips) > 15
    for question in slips:
        outputs = " ".join([lectures.output(command) for command in question.commands])
        figures = re.findall(r"\d[\d,]{6,}", question.slip.printed)
        assert not any(lectures.stands(figure, outputs) for figure in figures), question.asked
        for figure in re.findall(r"\d[\d,]{6,}(?= |$)", question.slip.right):
            if figure != "15,237,608":  # values; the call says bytes
                assert lectures.stands(figure, outputs), question.asked
    assert lectures.stands(f"{15_237_608 * 4:,}", TEXT)


def test_an_answer_that_is_not_there_is_refused() -> None:
    """Defeats a question whose answer has changed and is written down again."""
    question = lectures.Question("What?", ("explain alexnet conv1 params",), ("34,94",))
    with pytest.raises(ValueError, match="34,94"):
        list(lectures.asked(question))
    with pytest.raises(ValueError, match="does not stand"):
        lectures.answering("explain alexnet conv1 params", "4,944")
    with pytest.raises(ValueError, match="no layer"):
        lectures.output("explain alexnet conv9 params")


def test_links_lead_somewhere() -> None:
    anchors = [lectures.anchor(name) for name in re.findall(r"^##+ (.*)$", TEXT, re.MULTILINE)]
    links = re.findall(r"\]\(#([^)]*)\)", TEXT)
    assert links
    assert set(links) <= set(anchors)
    assert len(set(anchors)) == len(anchors)


def test_outputs_do_not_depend_on_who_writes_them() -> None:
    """Defeats a path of a machine in a message."""
    assert not re.search(r"/(tmp|home|work|root|usr)/", TEXT)
