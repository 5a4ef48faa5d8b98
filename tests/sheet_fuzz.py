"""A mutation fuzzer of sheets: no sheet and no quiz may end in anything but a report or a message.

Sheets, class lists, layer tables and quizzes of examples/ are mutated, bytes and all, and so are files of
every other kind that is read (`file_fuzz`), and put through `archcalc check` into every format. After each
call: an exit code that is documented, no traceback, nothing that a terminal obeys, no formula in a CSV, no
file outside the folder, no Python module imported that a target names, from a broken call no answer, and
every student whose row a class list holds, or who has a file, in the answer. Every case is made from a seed
and its number alone:

    python -m tests.sheet_fuzz --minutes 10
    python -m tests.sheet_fuzz --seed 7 --case 1234 --show
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from calling import call
from file_fuzz import corpus as kinds_of_files
from file_fuzz import mutated

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 20
FORMS = ("table", "plain", "json", "csv", "gradescope", "nbgrader", "moodle", "canvas", "html", "markdown")
# Of these, cells begin with no sign that a spreadsheet would run. In grades for a platform, names stand as
# they are: it would not find the student again.
TABLES = ("csv", "nbgrader")
# What a terminal or a page obeys; ends of lines and, in plain text, tabs are ours.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
FORMULA = re.compile(r"[=+@\t\r]|-(?![\d.]*$)")

ANSWERS = [
    "34,944",
    "34.944",
    "35K",
    "3.5e4",
    "55x55x96",
    "(96,55,55)",
    "[1, 96, 55, 55]",
    "6@28x28",
    "55² x 96",
    "93 MB",
    "93 MiB",
    "768K MACs",
    "11*11*3*96+96",
    "does not fit",
    "n/a",
    "",
    "-",
    "⌊(227−11)/4⌋+1",
    "1/0",
    "9^9^9",
    "1e999",
    "(" * 80,
    "=1+1",
    "@SUM(A1)",
    "\x1b[2J",
    "\u202e760",
    "'; rm -rf",
    "os:system",
    "../../x",
    "{}",
    "[" * 50,
    "1,2,3",
    "0x10",
    "٣٤٩٤٤",
    "½",
    "∞",
    "NaN",
    "-0",
    "1.",
    ".5",
    "1..2",
    "1-2",
    "~~",
    "=",
    "==",
    "x",
    "xx",
    "1x",
    "x1",
    "5 x",
    "1" * 400,
    "99999999999999x99999999999999x9",
    "1e40*1e40",
    "2^64*2^64*2^64",
    "a" * 5000,
    "≤5",
    "5 or 6",
]
PIECES = [
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r\n",
    "\r",
    '"',
    '""',
    "'",
    ":",
    "=",
    "#",
    "[[question]]",
    "[marks]",
    "id = ",
    "ask = ",
    "target = ",
    "points = ",
    "key = ",
    "digits = ",
    '"vgg16"',
    '"os:system"',
    '"/etc/passwd"',
    '"conv1.params"',
    '"total.macs"',
    '"conv1.rf"',
    "1e400",
    "-1",
    "nan",
    "inf",
    "true",
    "[]",
    "{}",
    '"""',
    "1979-05-27",
    "\ufeff",
    "\x00",
    "\x1b]0;x\x07",
    "\u202e",
    "é",
    "×",
    "1a",
    "Q1b",
    "**2a**",
    "total",
    "conv1",
    "layer",
    "output",
    "params",
    "memory (MB)",
    "student",
]
# What has taken long, or has cost somebody their row.
TRAPS = [
    "X" * 30 + "? = 760",
    "max-" * 26 + "x",
    "1" + " " * 2000 + "x",
    "[" + " " * 2000,
    "(" * 200,
    "*" + "a" * 30_000,
    " (" * 140 + "x)",
    "a" + " " * 5000 + "b",
    '"',
    '"B',
    'B"',
    '""',
    '"""',
    "|-|",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "9" * 140_000,
    "\n\n",
    "\n---\n",
    ",",
    ",,",
    "34,944",
    "1e9999999",
    "1e-9999999",
    "1e4300",
    "0x" + "f" * 3600,
    "a" + ".a" * 990,
    '"a/\\u0000"',
    "999999999999999999",
    "--help",
    "-rf",
    "\u5f20\u4f1f",
    "..",
    "1",
    "1a",
    "student",
    "[224x224x64]",
    "CONV3-64: [224x224x64] memory: 3.2M weights: 1,728",
    "stride 4, pad 0",
]
PIECES += TRAPS
_TOKEN = re.compile(r"\s+|\w+|.", re.DOTALL)


QUIZ = b"""target = "8x8x3 -> conv 3x3 8"
[[question]]
id = "1a"
ask = "params"
[[question]]
id = "1b"
ask = "weights"
"""


def corpus() -> dict[str, list[bytes]]:
    """Files to begin with, by what they are for."""
    lectures, folder = ROOT / "examples" / "lectures", ROOT / "examples" / "class"
    tables = [path for path in sorted(lectures.iterdir()) if path.suffix != ".toml"]
    sheets = [path for path in sorted((folder / "sheets").rglob("*")) if path.is_file()]
    quizzes = [folder / "quiz.toml", lectures / "comparison.toml"]
    return {
        "table": [path.read_bytes() for path in tables],
        "sheet": [path.read_bytes() for path in (*sheets, folder / "class.csv", *tables)],
        "quiz": [path.read_bytes() for path in quizzes],
    }


def mutate(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    """One random change."""
    kind = rng.randrange(10)
    if kind == 0 and data:
        at = rng.randrange(len(data))
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    if kind == 1:
        at = rng.randrange(len(data) + 1)
        return data[:at] + rng.choice(others)[: rng.randrange(1, 400)]
    text = data.decode("utf-8", "replace")
    if kind == 2:
        encoding = rng.choice(("utf-16", "utf-8-sig", "cp1252", "utf-16-le", "utf-32"))
        return text.encode(encoding, "replace")
    tokens = _TOKEN.findall(text) or [""]
    at = rng.randrange(len(tokens))
    if kind == 3:
        tokens[at] = ""
    elif kind == 4:
        tokens[at] *= rng.randrange(2, 20)
    elif kind == 5:
        other = rng.randrange(len(tokens))
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif kind == 6:
        tokens[at] = rng.choice(PIECES)
    elif kind == 7:
        tokens.insert(at, rng.choice(PIECES))
    else:
        tokens[at] = rng.choice(ANSWERS)
    return "".join(tokens).encode("utf-8", "surrogatepass")


def class_list(rng: random.Random) -> tuple[str, str, list[str]]:
    """A class list with traps in its cells and between its rows: the ending of its file, its text,
    and the students who have a row."""
    names = [f"s{number:02}" for number in range(rng.randrange(1, 8))]
    ending = rng.choice((".csv", ".tsv", ".md"))
    between = {".csv": rng.choice(",;"), ".tsv": "\t", ".md": " | "}[ending]
    lines = [["student", "1a", "1b", *rng.sample(["section", "2a"], rng.randrange(3))]]
    lines += [
        [name, *[rng.choice((*ANSWERS[:8], *TRAPS)) if rng.random() < 0.3 else "760" for _ in lines[0][1:]]]
        for name in names
    ]
    if ending == ".md":
        rows = [f"| {between.join(line)} |".replace("\n", " ") for line in lines]
        rows.insert(1, "|" + "---|" * len(lines[0]))
        places = range(2, len(rows) + 1)
        for place in sorted(rng.sample(places, min(2, len(places))), reverse=True):
            rows.insert(place, rng.choice(("", "   ", "some words")))
    else:
        quoted = rng.random() < 0.5
        rows = [
            between.join(
                [
                    '"' + cell.replace('"', '""') + '"' if quoted and cell not in TRAPS[:14] else cell
                    for cell in line
                ]
            )
            for line in lines
        ]
    return ending, "\n".join(rows) + "\n", names


class Case:
    """A call of `archcalc check` and the files that it reads, made from a seed and a number."""

    def __init__(self, seed: int, number: int, files: dict[str, list[bytes]]):
        rng = random.Random(f"{seed}/{number}")
        self.kind = rng.choice(("table", "answers", "sheet", "sheet", "folder", "quiz", "list", "files"))
        self.students: list[str] = []
        self.form = rng.choice(FORMS)
        self.files: dict[str, bytes] = {}
        self.rng = rng
        pool = files["table" if self.kind == "table" else "sheet"]
        quiz = rng.choice(files["quiz"])
        self.files["quiz.toml"] = self._mutated(quiz, files["quiz"], self.kind == "quiz")
        if self.kind == "list":
            self.files["quiz.toml"] = QUIZ
            ending, text, self.students = class_list(rng)
            self.files[f"sheets/class{ending}"] = text.encode()
        if self.kind == "files":
            for ending, data in rng.sample(sorted(kinds_of_files().items()), 3):
                if ending != "yml":  # which tells of others
                    self.students.append(f"of_{ending}")
                    self.files[f"sheets/of_{ending}.{ending}"] = mutated(data, rng)
        many = 0 if self.kind in ("list", "files") else rng.randrange(1, 4) if self.kind == "folder" else 1
        for number in range(many):
            ending = rng.choice((".md", ".txt", ".csv", ".json", ".tsv"))
            self.files[f"sheets/s{number}{ending}"] = self._mutated(rng.choice(pool), pool, True)
        self.answers = [
            f"{rng.choice(('output', 'conv1.params', 'total.macs', 'rf', 'memory', 'size'))}="
            + rng.choice(ANSWERS).replace("\0", "")
            for _ in range(rng.randrange(1, 3))
        ]

    def _mutated(self, data: bytes, others: list[bytes], changed: bool) -> bytes:
        for _ in range(self.rng.randrange(1, 8) if changed else 0):
            data = mutate(data, self.rng, others)
        return data

    def arguments(self, folder: Path) -> list[str]:
        """The words of the call."""
        for name, data in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        first = next(name for name in self.files if name.startswith("sheets/"))
        form = self.form if self.kind not in ("table", "answers") else FORMS[FORMS.index(self.form) % 4]
        how = ["--format", form]
        if form == "gradescope":
            how += ["--output", str(folder / "out")]
        if self.rng.random() < 0.2 and form == "table":
            how.append(self.rng.choice(("--hint", "--solution", "--verbose")))
        if self.kind == "answers":
            return ["227x227x3 -> conv 11x11 96 stride=4 -> maxpool 3x3 stride=2", *self.answers, *how]
        if self.kind == "table":
            return [self.rng.choice(("vgg16", "alexnet")), str(folder / first), *how]
        where = folder / "sheets" if self.kind in ("folder", "files") else folder / first
        return [str(folder / "quiz.toml"), str(where), *how]


def fault(case: Case) -> str:
    """What is wrong with a case; empty if nothing is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "room"
        folder.mkdir()
        arguments = case.arguments(folder)
        before = set(sys.modules)
        found = call("check", *arguments)
        if found.code not in (0, 1, 2):
            return f"exit code {found.code}"
        if "Traceback" in found.err:
            return "a traceback"
        if found.code == 2 and (found.out or (folder / "out").exists()):
            return "half an answer"
        if found.code == 2 and not found.err:
            return "no message"
        if imported := (set(sys.modules) - before) & {"evil", "this", "antigravity"}:
            return f"imported {imported}"
        plain = "plain" in arguments
        if CONTROL.search(found.out) or CONTROL.search(found.err):
            return "a control character"
        if "\t" in found.out and not plain:
            return "a tab"
        if set(TABLES) & set(arguments) and found.out:
            for row in csv.reader(io.StringIO(found.out)):
                if any(FORMULA.match(cell) for cell in row):
                    return f"a formula: {row}"
        if "json" in arguments and found.code != 2:
            json.loads(found.out)
        if case.students and case.form in ("json", "csv", "plain", "nbgrader"):
            lost = [name for name in case.students if name not in found.out + found.err]
            if found.code == 2 or lost:
                return f"lost {lost}, exit code {found.code}"
        if sorted(os.listdir(name)) != ["room"]:
            return "a file outside the folder"
        allowed = {*case.files, "out"}
        for path in folder.rglob("*"):
            inside = str(path.relative_to(folder))
            if path.is_file() and inside not in allowed and not inside.startswith("out/"):
                return f"a file that nobody asked for: {inside}"
        return ""


def checked(case: Case) -> str:
    """As ``fault``, with what should not have been raised, and a limit of time."""

    def late(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        return fault(case)
    except TimeoutError:
        return f"more than {SECONDS} s"
    except Exception:
        return traceback.format_exc()
    finally:
        signal.alarm(0)


def main() -> int:
    """Run cases until the time or the number is used up; the exit code says whether one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.sheet_fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--cases", type=int, default=10**9)
    parser.add_argument("--case", type=int)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    files = corpus()
    if options.case is not None:
        case = Case(options.seed, options.case, files)
        if options.show:
            for name, data in case.files.items():
                print(f"--- {name}\n{data!r}")
            print(case.kind, case.form, case.answers)
        print(checked(case) or "nothing is wrong")
        return 0
    end = time.monotonic() + options.minutes * 60
    finds = number = 0
    while number < options.cases and time.monotonic() < end:
        why = checked(Case(options.seed, number, files))
        if why:
            finds += 1
            print(f"case {number} of seed {options.seed}: {why}", flush=True)
        number += 1
    print(f"{number} cases, {finds} finds")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
