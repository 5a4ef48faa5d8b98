"""``python -m benchmarks``: every comparison, each as a ratio to something run beside it.

Times are CPU seconds of this process or of child processes, medians of interleaved runs. Peers that
are not installed are named and left out; benchmarks/requirements.txt installs them. Nothing here is
part of a test run: a slow machine is no failure.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
LISTINGS = HERE.parent / "examples" / "listings"
ROOT = HERE.parent


def child_cpu(command: list[str]) -> float:
    """CPU seconds of a child process. Its output is thrown away; a failure is an error."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cpu(function: Callable[[], object]) -> float:
    """CPU seconds of a call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def paired(one: Callable[[], float], other: Callable[[], float], runs: int) -> tuple[float, float, float]:
    """Medians of two measurements taken in turn, and of their ratios pair by pair."""
    one(), other()  # a warm-up each
    pairs = [(one(), other()) for _ in range(runs)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def missing(*modules: str) -> list[str]:
    """The modules that are not installed."""
    return [module for module in modules if find_spec(module) is None]


def line(what: str, text: str) -> None:
    """One row of the report."""
    print(f"{what:58} {text}", flush=True)


def start_up(runs: int) -> None:
    """The whole process `archcalc summary vgg16` beside what a user would wait for otherwise."""
    ours = [sys.executable, "-m", "archcalc", "summary", "vgg16"]
    if absent := missing("rich"):
        line("summary vgg16, process / ready rich table", f"left out: no {', '.join(absent)}")
    else:
        table = [sys.executable, str(HERE / "ready_table.py")]
        a, b, ratio = paired(lambda: child_cpu(ours), lambda: child_cpu(table), runs)
        line(
            "summary vgg16, process / a ready rich table, process",
            f"{ratio:.2f} x   ({a * 1e3:.0f} / {b * 1e3:.0f} ms CPU)   at most 1.5",
        )
    for name in ("classroom", "very_deep"):
        listing = [*ours[:-1], str(LISTINGS / f"{name}.py")]
        a, b, ratio = paired(lambda: child_cpu(listing), lambda: child_cpu(ours), runs)  # noqa: B023
        line(
            f"summary of a Keras listing, {name}.py, process / of vgg16",
            f"{ratio:.2f} x   ({a * 1e3:.0f} / {b * 1e3:.0f} ms CPU)"
            + "   at most 1.3" * (name == "classroom"),
        )
    if absent := missing("torch", "torchvision", "torchinfo"):
        line("torchinfo on vgg16, process / ours", f"left out: no {', '.join(absent)}")
    else:
        theirs = [sys.executable, "-m", "benchmarks.peers", "torchinfo-vgg16"]
        a, b, ratio = paired(lambda: child_cpu(theirs), lambda: child_cpu(ours), max(3, runs // 3))
        line(
            "torchinfo's summary of vgg16, process / ours",
            f"{ratio:.1f} x   ({a:.2f} s / {b * 1e3:.0f} ms CPU)   at least 25",
        )


def analyse(name: str) -> None:
    """From the text of a spec to every number of it."""
    from archcalc import load
    from archcalc.language.library import Library

    summary = load(name, library=Library()).summary()
    for row in summary.rows:
        row.rf  # noqa: B018  every field is worked out
    summary.totals, summary.outputs, summary.published_figures, summary.uncounted  # noqa: B018


def in_process(runs: int) -> None:
    """ResNet-152 from text to all analyses, beside building and counting the module."""
    analyse("resnet152")
    if absent := missing("torch", "torchvision", "torchinfo"):
        line("resnet152 in process: torchinfo on meta / ours", f"left out: no {', '.join(absent)}")
    else:
        from . import peers

        a, b, ratio = paired(
            lambda: cpu(peers.torchinfo_resnet152), lambda: cpu(lambda: analyse("resnet152")), runs
        )
        line(
            "resnet152 in process: build on meta + torchinfo / ours",
            f"{ratio:.1f} x   ({a * 1e3:.0f} / {b * 1e3:.1f} ms CPU)   at least 10, aim 30",
        )
    if absent := missing("torch", "torchvision", "fvcore"):
        line("resnet152 in process: fvcore / ours", f"left out: no {', '.join(absent)}")
    else:
        from . import peers

        a, b, ratio = paired(
            lambda: cpu(peers.fvcore_resnet152), lambda: cpu(lambda: analyse("resnet152")), max(3, runs // 3)
        )
        line(
            "resnet152 in process: build + fvcore / ours",
            f"{ratio:.1f} x   ({a * 1e3:.0f} / {b * 1e3:.1f} ms CPU)   at least 10",
        )
    if not missing("torch", "torchvision"):
        from . import peers

        a, b, ratio = paired(
            lambda: cpu(peers.flop_counter_resnet152),
            lambda: cpu(lambda: analyse("resnet152")),
            max(3, runs // 3),
        )
        line(
            "resnet152 in process: build on meta + FlopCounterMode / ours",
            f"{ratio:.1f} x   ({a * 1e3:.0f} / {b * 1e3:.1f} ms CPU)",
        )


def parsing(runs: int) -> None:
    """Parsing and expanding GoogLeNet: from its text to the graph."""
    from archcalc.diagnostics import Collector
    from archcalc.language.expand import Expansion
    from archcalc.language.library import Library, alone
    from archcalc.texts import read

    library = Library()
    text = alone(read(library.zoo["googlenet"]), "googlenet")

    def graph() -> None:
        net = library.text("googlenet.arch", text).nets["googlenet"]
        Expansion(library, Collector()).network(net)

    graph()
    times = [cpu(graph) for _ in range(max(runs, 21))]
    median, least = statistics.median(times) * 1e3, min(times) * 1e3
    line("googlenet, text to graph", f"{median:.1f} ms CPU, at least {least:.1f}   under 4")


GROWTH = """
import json, resource, sys, time
count, how = int(sys.argv[1]), sys.argv[2]
from archcalc import load
start = time.process_time()
text = f"32x32x16 -> {count // 4} x (conv 3x3 16 pad=1 -> bn -> relu -> maxpool 3x3 stride=1 pad=1)"
summary = load(text, budget=200_000).summary()
if how == "json":
    from archcalc.report.formats.json import json_pieces
    size = sum(len(piece) for piece in json_pieces(summary.record()))
else:
    for row in summary.rows:
        row.rf
    summary.totals, summary.outputs, summary.published_figures, summary.uncounted  # noqa: B018
seconds = time.process_time() - start
try:
    # What this program alone came to; ru_maxrss also remembers the process it was forked from.
    status = open("/proc/self/status").read()
    peak = int(status.split("VmHWM:")[1].split()[0])
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(seconds, peak / 1024)
"""


def growth() -> None:
    """Chains of 1,000, 10,000 and 100,000 layers: seconds and memory."""
    for how in ("in process", "json"):
        first = 0.0
        for count in (1_000, 10_000, 100_000):
            found = subprocess.run(
                [sys.executable, "-c", GROWTH, str(count), how],
                check=True,
                capture_output=True,
                text=True,
                cwd=ROOT,
            ).stdout.split()
            seconds, peak = float(found[0]), float(found[1])
            each = seconds / count
            first = first or each
            bound = "   under 8 s, 600 MB" if count == 100_000 else ""
            line(
                f"{count:>7,} layers, {how}",
                f"{each / first:.2f} x a layer of the first   ({seconds:.2f} s CPU, {peak:.0f} MB){bound}",
            )


def zoo(runs: int) -> None:
    """All networks of the zoo, computed and from the cache, beside the start of an interpreter."""
    ours = [sys.executable, "-m", "archcalc", "list"]
    bare = [sys.executable, "-c", "pass"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        for what, command, bound in (
            ("list, all networks computed", [*ours, "--no-cache"], "under 2 s"),
            ("list, from the cache", ours, "under 0.4 s"),
        ):
            a, b, ratio = paired(lambda: child_cpu(command), lambda: child_cpu(bare), runs)  # noqa: B023
            line(
                f"{what}, process / a bare interpreter",
                f"{ratio:.1f} x   ({a * 1e3:.0f} / {b * 1e3:.0f} ms CPU)   {bound}",
            )
        del os.environ["XDG_CACHE_HOME"]


def traces(runs: int) -> None:
    """Modules traced, beside a forward pass without values and beside importing and building them."""
    if absent := missing("torch", "torchvision"):
        line("modules traced", f"left out: no {', '.join(absent)}")
        return
    from .traces import FROM_IMPORT, ratios

    for name, trace, forward, ratio in ratios(runs):
        line(
            f"{name}: trace / one forward pass on meta with hooks",
            f"{ratio:.2f} x   ({trace * 1e3:.0f} / {forward * 1e3:.0f} ms CPU)   at most 2",
        )
    built, whole = FROM_IMPORT
    a, b, ratio = paired(lambda: child_cpu(whole), lambda: child_cpu(built), max(3, runs // 2))
    line(
        "resnet50 from import to table / import and building",
        f"{ratio:.2f} x   ({a:.2f} / {b:.2f} s CPU)   at most 1.3",
    )


def keystrokes(runs: int) -> None:
    """Typing in `archcalc serve`, in a browser, beside a server that computes nothing."""
    from .keystrokes import program, rows

    absent = missing("playwright", "starlette", "uvicorn") + ["Chromium"] * (program() is None)
    if absent:
        line("googlenet in serve, a keystroke", f"left out: no {', '.join(absent)}")
        return
    for what, text in rows(10 * runs):
        line(what, text)


IN_PROCESS = """
import statistics, sys, time
from archcalc import load
from archcalc.language.library import Library
def analyse(name):
    summary = load(name, library=Library()).summary()
    for row in summary.rows:
        row.rf
    summary.totals, summary.outputs, summary.published_figures, summary.uncounted  # noqa: B018
analyse("resnet152")
times = []
for _ in range(9):
    start = time.process_time()
    analyse("resnet152")
    times.append(time.process_time() - start)
print(statistics.median(times))
"""


def last_release() -> str | None:
    """The commit before the one that gave the package its present version; None without git, or
    where there was no other version."""
    from archcalc import __version__

    shown = f'__version__ = "{__version__}"'
    try:
        found = subprocess.run(
            ["git", "log", "--format=%H", "-S", shown, "--", "archcalc/_version.py", "archcalc/__init__.py"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        before = subprocess.run(
            ["git", "rev-parse", "--verify", "-q", f"{found[-1]}^"], cwd=ROOT, capture_output=True, text=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return None
    return before or None


def release(runs: int, before: str | None) -> None:
    """This tree beside an earlier commit, by default the last release, on the measurements of
    start-up and in-process time."""
    commit = before or last_release()
    if commit is None:
        line("this tree / the last release", "left out: no other version in git")
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        sides = {}
        elsewhere = Path(folder) / "elsewhere"  # where nothing of the name lies
        elsewhere.mkdir()
        for name, place in (("ours", ROOT), ("before", Path(folder))):
            # What an installation would have done: the zoo as a package, and no compiling.
            path = Path(folder) / f"path-{name}"
            path.mkdir()
            (path / "archcalc").symlink_to(place / "archcalc")
            (path / "archcalc_specs").symlink_to(place / "specs")
            sides[name] = {**os.environ, "PYTHONPATH": str(path)}
            subprocess.run([sys.executable, "-m", "compileall", "-q", place / "archcalc"], check=True)

        def process(side: str) -> float:
            command = [sys.executable, "-m", "archcalc", "summary", "vgg16"]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=elsewhere, env=sides[side])
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

        def analysis(side: str) -> float:
            return float(
                subprocess.run(
                    [sys.executable, "-c", IN_PROCESS],
                    check=True,
                    capture_output=True,
                    text=True,
                    cwd=elsewhere,
                    env=sides[side],
                ).stdout
            )

        for what, measure in (("summary vgg16, process", process), ("resnet152", analysis)):
            a, b, ratio = paired(lambda: measure("ours"), lambda: measure("before"), runs)  # noqa: B023
            line(
                f"{what}: this tree / the last release",
                f"{ratio:.2f} x   ({a * 1e3:.1f} / {b * 1e3:.1f} ms CPU)",
            )


def designs(runs: int) -> None:
    """A sweep of many designs beside a loop over them."""
    if absent := missing("numpy"):
        line("a million designs", f"left out: no {', '.join(absent)}")
        return
    from benchmarks.designs import seconds_of_a_million, seconds_of_a_million_one_by_one

    a, b, ratio = paired(seconds_of_a_million, seconds_of_a_million_one_by_one, runs)
    line(
        "a million designs of ten layers, sweep / loop over load()",
        f"{ratio:.5f} x   ({a:.2f} / {b:.0f} s CPU: {1 / a:.2f}M designs a second)",
    )


def processes(runs: int) -> None:
    """The same sweep on two processes of dask.distributed, beside one of them."""
    if absent := missing("numpy", "distributed", "cryptography"):
        line("sweep --dask", f"left out: no {', '.join(absent)}")
        return
    from archcalc.sweeping.cluster import Workers
    from benchmarks.designs import seconds_on

    with Workers(1) as one, Workers(2) as two:
        a, b, ratio = paired(lambda: seconds_on(two), lambda: seconds_on(one), runs)
    line(
        "ten million designs of ten layers, --dask 2 / --dask 1", f"{ratio:.2f} x   ({a:.2f} / {b:.2f} s CPU)"
    )


def solving(runs: int) -> None:
    """A search through many designs beside a loop over them."""
    if absent := missing("numpy"):
        line("four unknowns", f"left out: no {', '.join(absent)}")
        return
    from benchmarks.solving import seconds_of_a_loop, seconds_of_a_question

    a, b, ratio = paired(seconds_of_a_question, seconds_of_a_loop, runs)
    line(
        "four unknowns, 36 million designs, solve / loop over load()",
        f"{ratio:.7f} x   ({a:.2f} / {b:.0f} s CPU)",
    )


def main() -> None:
    """Run what is asked for; all by default."""
    parts = {
        "start-up": start_up,
        "in-process": in_process,
        "parsing": parsing,
        "growth": lambda runs: growth(),
        "zoo": zoo,
        "traces": traces,
        "keystrokes": keystrokes,
        "designs": designs,
        "processes": processes,
        "solving": solving,
        "release": lambda runs: release(runs, options.before),
    }
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *parts], metavar="PART", help=", ".join(parts))
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--before", metavar="COMMIT", help="for release: an earlier tree")
    options = parser.parse_args()
    for name in ("ARCHCALC_FORMAT", "ARCHCALC_CACHE"):
        os.environ.pop(name, None)
    for name, part in parts.items():
        if not options.parts or name in options.parts:
            part(options.runs)


main()
