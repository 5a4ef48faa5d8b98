"""``python -m benchmarks.quizzes``: 500 variants of a quiz of 12 questions, four of them multiple choice, in
some formats. CPU seconds of the whole command, and as a multiple of a piece of plain Python that is run
beside it, which says how fast the machine is at the moment.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ONE = "{n}x{n}x3 -> conv {k}x{k} {c} stride={s} pad={p}"
SEVERAL = f"{ONE} -> relu -> maxpool 2x2 -> conv 3x3 {{2*c}}"
# The target and what is asked; every third is a multiple choice.
ASKED = [
    (ONE, "output"),
    (ONE, "params"),
    (SEVERAL, "conv2.output"),
    (ONE, "conv1.macs"),
    (SEVERAL, "conv2.params"),
    (SEVERAL, "rf"),
    (ONE, "conv1.memory"),
    (SEVERAL, "conv2.macs"),
    (SEVERAL, "total.params"),
    (SEVERAL, "total.macs"),
    (SEVERAL, "maxpool1.output"),
    (SEVERAL, "conv2.memory"),
]
VALUES = 'n = "28..64:4"\nc = [8, 16, 24, 32]\nk = [3, 5, 7]\ns = [1, 2]\np = "(k - 1) // 2"\n'

RUN = """
import json, resource, sys
from archcalc.cli import main
try:
    main()  # as the command itself is run
except SystemExit as end:
    assert not end.code, end.code
used = resource.getrusage(resource.RUSAGE_SELF)
sys.stderr.write(json.dumps(used.ru_utime + used.ru_stime) + chr(10))
"""


def template() -> str:
    """The quiz, as TOML."""
    questions = [
        f'[[question]]\nid = "{number}"\ntarget = "{target}"\nask = "{ask}"\n'
        + ('kind = "choice"\n' if number % 3 == 0 else "")
        for number, (target, ask) in enumerate(ASKED, 1)
    ]
    return f'title = "Benchmark"\n[values]\n{VALUES}' + "".join(questions)


def yardstick() -> float:
    """CPU seconds of a piece of plain Python: sums of fractions, and a table of texts."""
    start = time.process_time()
    total, table = Fraction(0), {}
    for number in range(1, 60_000):
        total += Fraction(number % 97, 1 + number % 89)
        table[str(number)] = number % 13
    assert len(table) == 59_999
    return time.process_time() - start


def measured(variants: int, form: str) -> float:
    """CPU seconds of the command, which writes a file for each variant."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.toml"
        path.write_text(template(), encoding="utf-8")
        words = ["quiz", str(path), "--variants", str(variants), "--format", form, "-o", f"{folder}/out/"]
        found = subprocess.run(
            [sys.executable, "-c", RUN, *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(json.loads(found.stderr.splitlines()[-1]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quizzes", description=__doc__)
    parser.add_argument("--variants", type=int, default=500)
    parser.add_argument("--formats", nargs="+", default=["toml", "moodle"])
    options = parser.parse_args()
    print(f"{options.variants} variants of {len(ASKED)} questions")
    print("format      seconds of CPU    yardsticks")
    for form in options.formats:
        before = yardstick()
        seconds = measured(options.variants, form)
        beside = (before + yardstick()) / 2
        print(f"{form:10}  {seconds:14.2f}    {seconds / beside:10.1f}")


if __name__ == "__main__":
    main()
