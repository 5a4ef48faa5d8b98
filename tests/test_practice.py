"""A practice in the terminal: students that are simulated, scripts that are typed, signals and bad input.

The wrong ways to defeat: a verdict other than that of ``check``; a step that comes back with the same
numbers, or not at all; a hint or a first verdict that holds the right value; an end without a summary.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from calling import call, plain_signals
from lanes import slow_but

from archcalc.questions.keys import key_text
from archcalc.questions.pools import NetworkPool, QuestionPool, TemplatePool
from archcalc.questions.posed import PosedQuestion
from archcalc.questions.practice import BACK, FIRST, HELPED, LEADING, NOT, SOLUTION, Practice, PracticeTurn
from archcalc.report.lines import plain
from archcalc.report.screens.practice import hint_lines, verdict_lines
from archcalc.report.sheet import Space

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "examples" / "quizzes" / "convolution.toml"
GOLDEN = ROOT / "tests" / "practice_screens"

Student = Callable[[PracticeTurn], str]


def typed(value: Any) -> str:
    """A value as a student writes it."""
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def practised(pool: QuestionPool, student: Student, seed: int, count: int) -> Practice:
    """A whole practice of a student, who answers until a question has ended."""
    found = Practice(pool, seed, count)
    while (turn := found.next()) is not None:
        while not turn.ended:
            found.answer(student(turn))
        found.settled()
    return found


def right(turn: PracticeTurn) -> str:
    """The answer of one who knows it: read off the key, as a teacher has it."""
    return key_text(turn.question)


def believing(id: str) -> Student:
    """One who always makes one mistake, where it makes a difference, and no other."""

    def answer(turn: PracticeTurn) -> str:
        for value, hypotheses in turn.question.item.diagnosis.singles.items():
            if any(one.ids == (id,) for one in hypotheses) and isinstance(value, (int, tuple)):
                return typed(value)
        return right(turn)

    return answer


POOLS: dict[str, Callable[[], QuestionPool]] = {
    "the course": TemplatePool.course,
    "a template": lambda: TemplatePool(TEMPLATE.read_text(), str(TEMPLATE), str(TEMPLATE)),
    "a network": lambda: NetworkPool("alexnet"),
    "a network with options": lambda: NetworkPool("lenet5_modern", 3),
}


@pytest.mark.parametrize("name", POOLS)
def test_who_is_always_right_gets_all_right(name: str) -> None:
    """No question is asked twice. Defeats keys that are not what is asked for, and numbers that come
    again."""
    for seed in (1, 2):
        found = practised(POOLS[name](), right, seed, 30)
        assert len(found.turns) >= (12 if name == "a network with options" else 20)
        assert [turn.outcome for turn in found.turns] == [FIRST] * len(found.turns)
        texts = [turn.question.text for turn in found.turns]
        targets = [turn.question.question.target for turn in found.turns]
        assert len(set(zip(texts, targets, strict=True))) == len(texts)
        assert not any(turn.again for turn in found.turns)


@pytest.mark.parametrize(
    "id", slow_but(["bias-forgotten", "stride-ignored", "channels-forgotten", "kernels-added"], 2)
)
def test_who_makes_one_mistake_is_told_it_and_gets_more_of_it(id: str) -> None:
    """Every wrong answer is named as this mistake, or as one that comes to the same value there; the
    questions that show it come more often than for one who knows. Defeats a row that forgets."""
    shown = {}
    for name, student in (("wrong", believing(id)), ("right", right)):
        found = practised(TemplatePool.course(), student, 5, 40)
        shows = [turn for turn in found.turns if id in _ids(turn.question)]
        shown[name] = len(shows)
        if name == "wrong":
            off = [turn for turn in found.turns if turn.wrong]
            assert len(off) >= 4
            named = [
                id in {one for reading in verdict.readings for one in reading.ids}
                for turn in off
                for verdict in turn.wrong
            ]
            assert all(named), [turn.question.text for turn in off]
            returned = [turn for turn in found.turns if turn.again]
            assert returned
            assert all(id in _ids(turn.question) for turn in returned)
    assert shown["wrong"] > shown["right"]


def _ids(question: PosedQuestion) -> set[str]:
    return {id for some in question.item.diagnosis.singles.values() for one in some for id in one.ids}


def test_a_step_comes_back_behind_two_others_then_behind_four() -> None:
    """The row by hand: step 0 is wrong at 1, and comes back at 4, is wrong, and comes back at 9. Defeats one
    that is asked at once again, and one that drives out all others."""
    found = Practice(TemplatePool.course(), 1, 12)
    steps = []
    while (turn := found.next()) is not None:
        steps.append(turn.step)
        if turn.step == 0:
            turn.given_up()
        else:
            found.answer(right(turn))
        found.settled()
    assert BACK == 2
    assert steps == [0, 1, 2, 0, 3, 4, 5, 6, 0, 7, 8, 9]
    numbers = [turn.question.question.target for turn in found.turns if turn.step == 0]
    assert len(set(numbers)) == 3


def test_help_sends_a_step_back_behind_four() -> None:
    found = Practice(TemplatePool.course(), 1, 7)
    steps = []
    while (turn := found.next()) is not None:
        steps.append(turn.step)
        if turn.number == 1:
            assert turn.hinted() == LEADING
        found.answer(right(turn))
        assert turn.outcome == (HELPED if turn.number == 1 else FIRST)
        found.settled()
    assert steps == [0, 1, 2, 3, 4, 0, 5]


def test_a_quiz_without_values_asks_again_what_was_wrong_and_ends() -> None:
    """Defeats a row that never ends, and a second question about what was right."""
    text = "".join(
        [
            f'[[question]]\nid = "{ask}"\ntarget = "32x32x3 -> conv 5x5 10 pad=2"\nask = "{ask}"\n'
            for ask in ("output", "params", "macs")
        ]
    )
    asked: list[str] = []

    def student(turn: PracticeTurn) -> str:
        asked.append(turn.question.id)
        return "750" if turn.question.id == "params" and asked.count("params") < 3 else right(turn)

    found = practised(TemplatePool(text, "quiz.toml", "quiz.toml"), student, 1, 50)
    assert [turn.question.id for turn in found.turns] == ["output", "params", "macs", "params"]
    assert [turn.outcome for turn in found.turns] == [FIRST, NOT, FIRST, FIRST]


def test_a_class_is_marked_as_check_marks_it() -> None:
    """Units, scales, sums and rounding are read as `check` reads them. Defeats a reader of its own."""
    target = "32x32x3 -> conv 5x5 10 pad=2"
    text = f'[[question]]\nid = "1"\ntarget = "{target}"\nask = "macs"\n'
    for answer in (
        "768K",
        "768.000",
        "5*5*3*32*32*10",
        "0.768 M",
        "770K",
        "76,800",
        "765K",
        "what",
        "-",
        "750K",
    ):
        practice = Practice(TemplatePool(text, "quiz.toml", ""), 1, 1)
        assert practice.next() is not None
        verdict = practice.answer(answer)
        table = call("check", target, f"macs={answer}", "--format", "json").out
        assert json.loads(table)["answers"][0]["verdict"] == verdict.kind, answer


def test_the_decimal_sign_of_earlier_answers_holds() -> None:
    """34.944 is a number of thousands for one who wrote 1.234,5 before. Defeats answers read one by one."""
    text = '[[question]]\nid = "1"\ntarget = "227x227x3 -> conv 11x11 96 stride=4"\nask = "params"\n'
    practice = Practice(TemplatePool(text, "quiz.toml", ""), 1, 1)
    assert practice.next() is not None
    practice.answer("1.234.567,5")
    assert practice.answer("34.944").kind == "right"


# Nothing is given away --------------------------------------------------------------------------


def shown_text(lines: Any) -> str:
    return "\n".join([plain(line) for line in lines])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_gives_the_value_away(seed: int) -> None:
    """After a first wrong answer, and in each hint but the last, the right value does not stand. Defeats the
    workings of both sides below a first verdict, and a formula with its numbers."""
    pool = TemplatePool.course()
    practice = Practice(pool, seed, 25)
    space = Space(80, True)
    while (turn := practice.next()) is not None:
        key = key_text(turn.question)
        wrong = next(
            (value for value in turn.question.item.diagnosis.singles if isinstance(value, (int, tuple))), 1
        )
        verdict = practice.answer(typed(wrong))
        texts = [shown_text(verdict_lines(turn, verdict, space))] if not turn.ended else []
        while not turn.ended:
            hint = turn.hinted()
            if hint != SOLUTION:
                texts.append(shown_text(hint_lines(turn, hint, space)))
        numbers = [re.sub(r"(?<=\d),(?=\d{3})", "", text) for text in texts]
        for text in numbers:
            if len(key) > 2:
                assert f" {key} " not in f" {re.sub('[.,;:]? *$', '', text)} ", text
        practice.settled()


# The command ------------------------------------------------------------------------------------

# What is typed, and what the call is: the screens are kept.
SCRIPTS: dict[str, tuple[list[str], str]] = {
    "course": (
        ["--seed", "3", "--count", "6"],
        "20x20\n20x20x16\n864\nh\nh\n880\n?\n\n\nhint\nhint\nhint\nquit\n",
    ),
    "quiz": ([str(TEMPLATE), "--seed", "3", "--count", "3"], "32x32x8\nd\na\nwhat\n15\n"),
    "network": (["resnet18", "--seed", "2", "--count", "4", "--choices", "3"], "a\nb\nc\na\nb\nc\na\nb\n"),
}
CASES = [(name, width) for name in SCRIPTS for width in (80, 40)]


def played(name: str, width: int) -> str:
    words, stdin = SCRIPTS[name]
    found = call("practice", *words, "--width", str(width), stdin=stdin)
    assert (found.code, found.err) == (0, "")
    return found.out


@pytest.mark.parametrize(("name", "width"), CASES)
def test_the_screens_are_kept(name: str, width: int) -> None:
    """Byte by byte, a second time too, and no line is wider. ``python tests/test_practice.py`` writes
    them."""
    found = played(name, width)
    assert found == played(name, width)
    assert found == (GOLDEN / f"{name}_{width}.txt").read_text(encoding="utf-8")
    assert max(map(len, found.splitlines())) <= width


def test_the_calls_of_the_summary_show_the_right_values() -> None:
    """Each is run, and the right value stands in what it prints. Defeats a call that cannot be copied."""
    for words in ([], ["alexnet"], [str(TEMPLATE)]):
        found = call("practice", *words, "--seed", "4", "--count", "30", "--format", "json", stdin="s\n" * 30)
        questions = json.loads(found.out)["questions"]
        assert len(questions) == 30
        for one in questions[:: 1 if not words else 5]:
            name, *called = shlex.split(one["explain"])
            assert name == "archcalc"
            shown = call(*called)
            assert shown.code == 0, (one["explain"], shown.err)
            text = re.sub(r"(?<=\d),(?=\d{3})", "", shown.out)
            if one["quantity"] == "values":
                assert all(
                    re.search(rf"(?<!\d){cell}(?!\d)", text) for row in one["right"] for cell in row
                ), one
                continue
            assert typed(tuple(one["right"]) if isinstance(one["right"], list) else one["right"]) in text, one


def test_the_record_says_what_became_of_each_question(tmp_path: Path) -> None:
    """By hand: a hint, then right; wrong, then right; skipped; left. With a file the questions stay on
    standard output, else they are on standard error. Defeats a record with the dialogue in it."""
    script = "h\n20x20x16\n864\n880\nskip\n"
    words = ["practice", "--seed", "3"]
    direct = call(*words, "--format", "json", stdin=script)
    path = tmp_path / "mine.json"
    filed = call(*words, "-o", str(path), stdin=script)
    assert filed.code == direct.code == 0
    found, kept = json.loads(direct.out), json.loads(path.read_text())
    assert found == kept
    assert direct.err == filed.out
    assert [one["outcome"] for one in found["questions"]] == ["helped", "helped", "not", "left"]
    assert found["questions"][0]["hints"] == ["leading"]
    assert found["questions"][1]["misconceptions"] == ["bias-forgotten"]
    assert [one["verdict"] for one in found["questions"][1]["tries"]] == ["wrong", "right"]
    table = call(*words, "--format", "csv", stdin=script).out
    assert len(table.splitlines()) == 5


def test_another_seed_asks_something_else_and_none_asks_anew() -> None:
    """Defeats a seed that is not used."""
    one, two = (call("practice", "--seed", seed, "--count", "1").out for seed in ("1", "2"))
    assert one != two
    assert re.search(r"seed \d+", call("practice", "--count", "1").out)


def test_letters_that_are_answers_are_no_commands(tmp_path: Path) -> None:
    """`s` is the stride of a chain in letters; `skip` is a command all the same. Defeats an answer that skips
    the question."""
    path = tmp_path / "letters.toml"
    path.write_text(
        '[[question]]\nid = "1"\ntarget = "n x n x 3 -> conv f x f k stride=s"\nask = "conv1.stride"\n'
    )
    found = call("practice", str(path), "--seed", "1", "--format", "json", stdin="s\n")
    assert [one["verdict"] for one in json.loads(found.out)["questions"][0]["tries"]] == ["right"]
    found = call("practice", str(path), "--seed", "1", "--format", "json", stdin="skip\n")
    assert json.loads(found.out)["questions"][0]["outcome"] == "not"


BAD = {
    "no network": ["practice", "nothing"],
    "no file": ["practice", "nothing.toml"],
    "no chain": ["practice", "8x8x3 ->"],
    "standard input": ["practice", "-"],
    "two words": ["practice", "vgg16", "alexnet"],
    "options of a quiz": ["practice", str(TEMPLATE), "--choices", "3"],
    "options of the course": ["practice", "--choices", "3"],
    "no size": ["practice", "conv 3x3 4 -> relu"],
    "nothing to ask": ["practice", "8x8x3 -> relu"],
    "a count of none": ["practice", "--count", "0"],
    "a seed below 0": ["practice", "--seed", "-1"],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_calls_end_in_one_message(name: str) -> None:
    found = call(*BAD[name])
    assert (found.code, found.out) == (2, ""), found.out
    assert found.err.count("error[") == 1


def test_bad_input_ends(tmp_path: Path) -> None:
    """Lines without an end, signs that are none, bytes of no encoding, and answers without end. Defeats a
    question that is asked for ever."""
    found = call("practice", "--seed", "1", stdin="9" * 100_000)
    assert found.code == 2
    assert found.err.count("error[") == 1
    assert "longer than 65,536 bytes" in found.err
    for junk in (
        b"\xff\xfe\n",
        b"\x00\x1b[2J\n",
        "\ufeff18x18x8\n".encode(),
        b"?\n",
        b"-\n",
        b"\n",
        b"what\n",
    ):
        found = call("practice", "--seed", "1", "--count", "2", stdin=junk * 300)
        assert found.code == 0, found.err
        assert "\x1b" not in found.out
        assert "practice  " in found.out.splitlines()[-12:][0] or "right at once" in found.out
    for form in ("ascii", "latin-1"):
        found = call("practice", "--seed", "1", "--count", "2", stdin="né\ns\n", encoding=form)
        assert found.code == 0, found.err


# A terminal -------------------------------------------------------------------------------------


class Terminal:
    """A practice in a terminal, typed into by a script."""

    def __init__(self, *words: str, **environment: str):
        self.leader, follower = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "archcalc", "practice", *words],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "60", **environment},
            preexec_fn=_foreground,
        )
        os.close(follower)
        self.text = ""
        self.coloured = False

    def until(self, wanted: str) -> None:
        """Read until a text has come."""
        end = time.monotonic() + 60
        while wanted not in self.text:
            assert time.monotonic() < end, self.text
            ready, _, _ = select.select([self.leader], [], [], 1)
            if ready:
                try:
                    got = os.read(self.leader, 1 << 16).decode()
                    self.coloured = self.coloured or "\x1b[3" in got
                    self.text += re.sub(r"\x1b\[[\d;]*m", "", got)  # bold and dim stay with NO_COLOR
                except OSError:
                    break
        assert wanted in self.text, self.text

    def type(self, text: str) -> None:
        self.text = ""
        os.write(self.leader, text.encode())

    def code(self) -> int:
        return self.process.wait(timeout=60)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.leader)


def _foreground() -> None:
    """The terminal is that of the process: Ctrl-C goes to it."""
    import fcntl
    import termios

    plain_signals()
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    found: list[Terminal] = []

    def started(*words: str, **environment: str) -> Terminal:
        found.append(Terminal(*words, **environment))
        return found[-1]

    yield started
    for one in found:
        one.close()


@pytest.mark.slow
def test_a_terminal_is_typed_into_and_left_by_ctrl_d(terminal: Callable[..., Terminal]) -> None:
    """What is typed is shown once, by the terminal. Defeats an echo of our own, and an end without a
    summary."""
    one = terminal("--seed", "3", "--count", "3", NO_COLOR="1")
    one.until("> ")
    one.type("18x18x16\n")
    one.until("Another try")
    assert one.text.count("18x18x16") == 1
    one.type("20x20x16\n")
    one.until("2  parameters")
    assert not one.coloured
    one.type("\x04")
    one.until("all  ")
    assert "0 of 2 right at once" in one.text
    assert one.code() == 0


@pytest.mark.slow
def test_ctrl_c_leaves_with_the_summary(terminal: Callable[..., Terminal]) -> None:
    """Exit code 130, and a summary. Defeats a traceback, and an end without a word."""
    one = terminal("--seed", "3", NO_COLOR="1")
    one.until("> ")
    one.type("20x20x16\n")
    one.until("2  parameters")
    one.until("> ")
    one.type("\x03")
    one.until("all  ")
    assert "1 of 2 right at once" in one.text
    assert "Traceback" not in one.text
    assert one.code() == 130


@pytest.mark.slow
def test_other_signals_end_it_at_once() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "archcalc", "practice", "--seed", "3"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=plain_signals,
        cwd=ROOT,
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith(b"1  "):
        pass
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert (err, process.returncode) == (b"", 143)


def write() -> None:
    """Write the screens anew."""
    GOLDEN.mkdir(exist_ok=True)
    for name, width in CASES:
        (GOLDEN / f"{name}_{width}.txt").write_text(played(name, width), encoding="utf-8")


if __name__ == "__main__":
    write()
