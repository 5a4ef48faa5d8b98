"""A large class by several processes, and in parts on several machines: the same bytes as in one piece."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from calling import call, plain_signals
from lanes import slow_where

from archcalc.answers.class_run import FEW
from archcalc.answers.processes import in_order
from archcalc.diagnostics import SpecError

FOLDER = Path(__file__).parent.parent / "examples" / "class"
QUIZ = FOLDER / "quiz.toml"
# The formats, each with what its output is called.
FORMS = [
    ["--format", "json"],
    ["--format", "csv"],
    ["--format", "table"],
    ["--format", "html"],
    ["--format", "nbgrader"],
    ["--format", "canvas"],
    ["--format", "moodle"],
    ["--statistics", "--format", "json"],
    ["--format", "gradescope"],
    ["--format", "markdown"],  # a report per student
]


def slow_form(form: list[str]) -> bool:
    """The quick lane merges one table of all students, and a file for each."""
    return form[-1] not in ("csv", "canvas", "gradescope")


def written(folder: Path, *words: str) -> dict[str, bytes]:
    """What a call writes: its files by name, or its one file."""
    out = folder / "out"
    target = out if words[-1] in ("gradescope", "markdown") else folder / "out.any"
    found = call("check", str(QUIZ), *words, "-o", str(target), "--force")
    assert found.code in (0, 1), found.err
    files = sorted(out.rglob("*")) if target == out else [target]
    texts = {str(path.relative_to(folder)): path.read_bytes() for path in files if path.is_file()}
    return {**texts, "err": found.err.encode(), "code": bytes([found.code])}


@pytest.mark.parametrize("form", slow_where(FORMS, slow_form), ids=" ".join)
def test_merged_parts_are_the_whole(form: list[str], tmp_path: Path) -> None:
    """Defeats: sheets in another order; statistics of the last part alone; a student who comes twice and
    whose sheets are in two parts; names of folders that are counted for each part."""
    sheets = [str(FOLDER / "sheets"), str(FOLDER / "class.csv")]
    parts = [str(tmp_path / f"part{number}.jsonl") for number in (3, 1, 2)]
    for number, path in zip((3, 1, 2), parts, strict=True):
        words = ["--part", f"{number}/3", "-o", path, *form]
        found = call("check", str(QUIZ), *sheets, *words)
        assert found.code in (0, 1), found.err
    (tmp_path / "one").mkdir()
    (tmp_path / "merged").mkdir()
    whole = written(tmp_path / "one", *sheets, *form)
    assert len(whole) > 2
    assert written(tmp_path / "merged", "--merge", *parts, *form) == whole


def test_parts_that_do_not_belong_together(tmp_path: Path) -> None:
    """Defeats a part that is missing, or of another quiz, format or run, merged in silence."""
    sheets, path = str(FOLDER / "sheets"), {n: str(tmp_path / f"{n}.jsonl") for n in range(1, 4)}

    def refused(*words: str) -> str:
        found = call("check", *words)
        assert (found.code, found.out) == (2, ""), found.out
        return found.err

    for number in path:
        call("check", str(QUIZ), sheets, "--part", f"{number}/3", "--format", "csv", "-o", path[number])
    merge = ["--merge", "--format", "csv"]
    assert "there is no part 2/3" in refused(str(QUIZ), path[1], path[3], *merge)
    assert "there twice" in refused(str(QUIZ), *path.values(), path[1], *merge)
    assert "format 'csv'" in refused(str(QUIZ), *path.values(), "--merge", "--format", "json")
    (tmp_path / "other.toml").write_text(QUIZ.read_text("utf-8").replace("points = 2", "points = 3"), "utf-8")
    assert "another quiz" in refused(str(tmp_path / "other.toml"), *path.values(), *merge)
    assert "cannot read" in refused(str(QUIZ), sheets, *merge)
    assert "is no whole part" in refused(str(QUIZ), str(FOLDER / "class.csv"), *merge)
    lines = Path(path[2]).read_text().splitlines(keepends=True)
    for broken in (lines[:-1], [*lines[:2], lines[-1]], [lines[0], "{", *lines[2:]]):
        Path(path[2]).write_text("".join(broken))
        refused(str(QUIZ), *path.values(), *merge)
    for part in ("0/3", "4/3", "3", "a/b", "1/99999999"):
        refused(str(QUIZ), sheets, "--part", part, "-o", str(tmp_path / "x.jsonl"))
    refused(str(QUIZ), sheets, "--part", "1/2")
    refused(str(QUIZ), sheets, "--part", "1/2", "--merge", "-o", str(tmp_path / "x.jsonl"))


def large_class(folder: Path, students: int = FEW + 150) -> str:
    """A class list with right, wrong and unreadable answers, and its path."""
    rng = random.Random(7)
    rows = ["student,1a,1b,1c,2a"]
    for number in range(students):
        wrong = [
            rng.choice(("5x5x5", "32x32x10", "750", "7 or 8", "", str(rng.randrange(9999)))) for _ in "abcd"
        ]
        rows.append(f"s{number},{','.join(wrong)}")
    path = folder / "class.csv"
    path.write_text("\n".join(rows) + "\n")
    return str(path)


@pytest.mark.slow
def test_any_number_of_processes(tmp_path: Path) -> None:
    """Defeats: results as they come; a tally that depends on who counted first."""
    sheets = large_class(tmp_path)
    for form in (
        ["--format", "json"],
        ["--format", "table"],
        ["--format", "moodle"],
        ["--convention", "bias=no"],
    ):
        found = [call("check", str(QUIZ), sheets, *form, "--jobs", jobs) for jobs in ("1", "2", "3")]
        assert len({one.out for one in found}) == len({one.err for one in found}) == 1
        assert len(found[0].out) > 500
    assert json.loads(call("check", str(QUIZ), sheets, "--format", "json", "--jobs", "2").out)["sheets"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL] if os.name == "posix" else []
)
def test_no_process_stays(number: int, tmp_path: Path) -> None:
    """Defeats: processes that go on when the command is gone, and tracebacks of theirs."""
    sheets = large_class(tmp_path, 60_000)
    words = ["check", str(QUIZ), sheets, "--format", "csv", "--jobs", "2", "-o", str(tmp_path / "out.csv")]
    process = subprocess.Popen(
        [sys.executable, "-m", "archcalc", *words],
        preexec_fn=plain_signals,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )

    def children() -> list[str]:
        found = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "-g", str(process.pid)], capture_output=True, text=True
        )
        return [line for line in found.stdout.splitlines() if "spawn_main" in line]

    try:
        end = time.monotonic() + 90
        while len(children()) < 2:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        assert b"Traceback" not in err or number == signal.SIGKILL
        if number != signal.SIGKILL:
            assert err == b""
        for _ in range(200):
            if not children():
                break
            time.sleep(0.05)
        assert children() == []
    finally:
        process.kill()
        process.wait()


def double(number: int) -> int:
    """What a process does in a test."""
    if number == 77:
        raise SpecError([])
    if number == 88:
        os._exit(3)
    return 2 * number


def doubling() -> object:
    """Makes it."""
    return double


@pytest.mark.slow
def test_what_goes_wrong_in_a_process() -> None:
    """Defeats: an error of a process that hangs the run, or is lost; a process that is gone."""
    made = in_order(doubling, range(70), 2)  # type: ignore[arg-type]
    assert list(made) == [2 * number for number in range(70)]
    assert list(in_order(doubling, [], 2)) == []  # type: ignore[arg-type]
    with pytest.raises(SpecError):
        list(in_order(doubling, range(500), 2))  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="ended from outside"):
        list(in_order(doubling, [88] * 300, 2))  # type: ignore[arg-type]
