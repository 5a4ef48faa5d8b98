"""``python -m benchmarks.sheets``: a class of 1,000 sheets of 20 answers, and larger and smaller
ones, marked from the files to the report. CPU seconds, seconds by the clock, and the peak of memory: of the
command, and of the largest of the processes that it starts. ``--jobs 1 2`` measures one beside two.

Three answers of ten are wrong, in ways of their own, so that little has been seen before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

LAYERS = ("conv1", "pool1", "conv2", "pool2", "fc3", "fc4", "fc5")
ASKED = [
    *[f"{layer}.{quantity}" for layer in LAYERS for quantity in ("output", "params")],
    "conv1.macs",
    "conv2.macs",
    "fc3.macs",
    "total.params",
    "total.macs",
    "conv2.rf",
]
RIGHT = [
    "28x28x6",
    "156",
    "14x14x6",
    "0",
    "10x10x16",
    "2416",
    "5x5x16",
    "0",
    "120",
    "48120",
    "84",
    "10164",
    "10",
    "850",
    "117600",
    "240000",
    "48000",
    "61706",
    "416520",
    "14",
]

RUN = """
import json, resource, sys, time
from archcalc.cli import main
if __name__ == "__main__":
    start = time.perf_counter()
    try:
        main(sys.argv[1:])
    except SystemExit:
        pass
    clock = time.perf_counter() - start
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = sum(used.ru_utime + used.ru_stime for used in (own, others))
    try:
        status = open("/proc/self/status").read()
        peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    except OSError:
        peak = own.ru_maxrss / 1024
    sys.stderr.write(json.dumps([seconds, clock, peak, others.ru_maxrss / 1024]) + chr(10))
"""


class Measured(NamedTuple):
    """What a call took: seconds of CPU, of all processes; seconds by the clock; and the peak of memory in
    MB, of the command and of the largest process that it started."""

    seconds: float
    clock: float
    peak: float
    others: float


def quiz() -> str:
    """The quiz, as TOML."""
    asked = [f'[[question]]\nid = "{n}"\nask = "{ask}"\n' for n, ask in enumerate(ASKED, 1)]
    return 'title = "Benchmark"\ntarget = "lenet5_modern"\n' + "".join(asked)


def answers(rng: random.Random) -> list[str]:
    """One student's."""
    return [wrong(right, rng) if rng.random() < 0.3 else right for right in RIGHT]


def wrong(right: str, rng: random.Random) -> str:
    """Another answer than the right one."""
    if "x" in right:
        sizes = [int(size) for size in right.split("x")]
        at = rng.randrange(len(sizes))
        sizes[at] = max(1, sizes[at] + rng.choice((-2, -1, 1, 2, 7)))
        return "x".join(map(str, sizes))
    return str(max(0, int(right) + rng.choice((-1, 1, 10, -6, 100, rng.randrange(50_000)))))


def write(folder: Path, sheets: int) -> None:
    """The quiz, the class list and a folder of sheets."""
    rng = random.Random(sheets)
    (folder / "quiz.toml").write_text(quiz())
    (folder / "sheets").mkdir()
    rows = [",".join(["student", *[str(n) for n in range(1, len(ASKED) + 1)]])]
    for number in range(sheets):
        shown = answers(rng)
        rows.append(",".join([f"s{number}", *shown]))
        text = "".join(f"{n}: {answer}\n" for n, answer in enumerate(shown, 1))
        (folder / "sheets" / f"s{number}.md").write_text(text)
    (folder / "class.csv").write_text("\n".join(rows) + "\n")


def run(script: Path, *arguments: str) -> Measured:
    """What a call takes. Each process runs the script, a file."""
    found = subprocess.run(
        [sys.executable, str(script), "check", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Measured(*json.loads(found.stderr.splitlines()[-1]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sheets", description=__doc__)
    parser.add_argument("--sheets", type=int, nargs="+", default=[250, 1000, 4000])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    for sheets in options.sheets:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, sheets)
            (folder / "run.py").write_text(RUN)
            for what, form in (
                ("class.csv", "table"),
                ("class.csv", "csv"),
                ("sheets", "table"),
                ("sheets", "gradescope"),
            ):
                for jobs in options.jobs:
                    out = ["--output", str(folder / f"out{jobs}")] if form == "gradescope" else []
                    words = [str(folder / "quiz.toml"), str(folder / what), "--format", form, *out]
                    found = run(folder / "run.py", *words, "--jobs", str(jobs))
                    bound = {1000: "   under 10 s", 10_000: "   under a minute with 2 jobs"}.get(sheets, "")
                    print(
                        f"{sheets:>6,} sheets of {len(ASKED)}, {what} to {form}, {jobs} jobs".ljust(56),
                        f"{found.seconds:6.2f} s CPU  {found.clock:6.2f} s   {found.peak:4.0f} MB and",
                        f"{found.others:4.0f} MB{bound}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
