"""``python -m benchmarks.traced_models``: every model of a corpus is traced, and docs/traced_models.md says
of each family how many come out exact, lifted, with opaque layers, or refused.

Each model runs in a worker process with a limit of time. ``--results FILE`` keeps what was found, a line of
JSON for each model, and goes on where a run stopped. ``--page`` writes the page from it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "traced_models.md"
PACKAGES = ("torch", "torchvision", "timm", "transformers")
TITLES = {
    "torchvision": "torchvision",
    "files": "timm, a small model of each model file",
    "timm": "timm, every name",
    "transformers": "transformers, by configuration, with few layers",
}
DEFAULT = ("torchvision", "files", "transformers")
Record = dict[str, Any]


# ---- the runs


def serve(connection: Connection) -> None:
    """Measure the models that are asked for, in a process of its own."""
    warnings.filterwarnings("ignore")
    import torch

    from benchmarks.corpora import measured

    torch.set_num_threads(1)
    while True:
        corpus, name = connection.recv()
        connection.send(measured(corpus, name))


def names_of(connection: Connection, corpus: str) -> None:
    """Tell the names of a corpus, in a process of its own: this one then imports no torch."""
    warnings.filterwarnings("ignore")
    from benchmarks.corpora import CORPORA

    try:
        connection.send(CORPORA[corpus][0]())
    except Exception as error:
        connection.send(f"{type(error).__name__}: {error}")


class Worker:
    """A process that measures models; a new one takes its place when it dies or takes too long."""

    def __init__(self, limit: float):
        self.limit = limit
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._connection: Any = None

    def measured(self, corpus: str, name: str) -> Record:
        """What is known of a model."""
        if self._process is None:
            self._connection, theirs = self._context.Pipe()
            self._process = self._context.Process(target=serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        started = time.monotonic()
        refused = f"over {self.limit:g} s"
        try:
            self._connection.send((corpus, name))
            if self._connection.poll(self.limit):
                found: Record = self._connection.recv()
                return {**found, "seconds": round(time.monotonic() - started, 2)}
        except (EOFError, OSError):
            refused = "its process died"
        self.close()
        return {"corpus": corpus, "name": name, "family": "", "refused": refused}

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def listed(corpus: str) -> list[str]:
    """The names of a corpus. Raises SystemExit where its package is not installed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=names_of, args=(theirs, corpus))
    process.start()
    found = ours.recv()
    process.join()
    if isinstance(found, str):
        raise SystemExit(f"{corpus}: {found}")
    return list(found)


def run(asked: Iterable[tuple[str, str]], workers: int, limit: float) -> Iterator[Record]:
    """Measure models in worker processes, and give each as it comes."""
    waiting: Queue[tuple[str, str]] = Queue()
    for each in asked:
        waiting.put(each)
    done: Queue[Record | None] = Queue()

    def work() -> None:
        worker = Worker(limit)
        try:
            while True:
                done.put(worker.measured(*waiting.get_nowait()))
        except Empty:
            pass
        finally:
            worker.close()
            done.put(None)

    threads = [Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    running = workers
    while running:
        found = done.get()
        if found is None:
            running -= 1
        else:
            yield found


# ---- the page


def exact(found: Record, quantity: str) -> bool:
    """Whether a figure is that of PyTorch, to the unit."""
    return bool(found[quantity] == found[f"{quantity}_of_torch"])


def is_uncounted(found: Record) -> bool:
    """Whether FlopCounterMode gives no figure to compare with, because it raises."""
    return found["macs_of_torch"] is None


def numbers(found: list[Record]) -> list[str]:
    """The cells of a row of counts."""
    ran = [each for each in found if "refused" not in each]
    compared = [each for each in ran if not is_uncounted(each)]
    return [
        str(len(found)),
        str(sum([exact(each, "params") for each in ran])),
        f"{sum([exact(each, 'buffers') for each in compared])} of {len(compared)}",
        f"{sum([exact(each, 'macs') for each in compared])} of {len(compared)}",
        str(sum([not each["opaque"] for each in ran])),
        str(sum([bool(each["opaque"]) for each in ran])),
        str(len(found) - len(ran)),
    ]


def operations(found: list[Record]) -> str:
    """The operations without a layer of their own, the most frequent first, with the number of models."""
    models = Counter([name for each in found for name in each.get("opaque", {})])
    words = [name.removeprefix("aten.").removesuffix(".default") for name, _ in models.most_common()]
    more = [f"and {len(words) - 6} more"] if len(words) > 7 else []
    return ", ".join([f"`{word}`" for word in (words[:6] if more else words)] + more)


def table(heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Lines of a table; the first column is text, and so is the last where its head says so."""
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "|".join(["---", *["---:"] * (len(heads) - 2), "---"]) + "|"
    for row in rows:
        yield "| " + " | ".join([cell.replace("|", "\\|") for cell in row]) + " |"


def details(found: list[Record]) -> Iterator[str]:
    """The models whose figures differ or are not compared, and those that were refused, each with why."""
    for each in found:
        if "refused" in each:
            yield f"- `{each['name']}` is refused: {short(each['refused'])}"
            continue
        if not exact(each, "params"):
            yield f"- `{each['name']}`: {each['params']:,} parameters; PyTorch {each['params_of_torch']:,}"
        if not exact(each, "buffers") and not is_uncounted(each):
            theirs = f"PyTorch reads {each['buffers_of_torch']:,}"
            yield f"- `{each['name']}`: {each['buffers']:,} values in buffers; {theirs}"
        below = " or more, because a layer has no figure" if "macs" in each["uncounted"] else ""
        if is_uncounted(each):
            yield f"- `{each['name']}`: FlopCounterMode raises ({short(each['counter'])})"
        elif not exact(each, "macs"):
            theirs = f"FlopCounterMode has {each['macs_of_torch']:,}"
            yield f"- `{each['name']}`: {each['macs']:,} MACs{below}; {theirs}"
    memory = [each["name"] for each in found if each.get("rung", "meta") != "meta"]
    if memory:
        yield f"- run in memory or with gradients: {', '.join([f'`{name}`' for name in memory])}"


def short(text: str) -> str:
    """A reason as one line of a list."""
    text = " ".join(text.replace("`", "'").split())
    return text if len(text) <= 160 else f"{text[:157]}…"


def page(found: list[Record], date: str, versions: dict[str, str]) -> Iterator[str]:
    """The lines of the page."""
    yield "# Traced models"
    yield ""
    yield "What comes of other people's models. `python -m benchmarks.traced_models --page` measures them"
    yield "and writes this page."
    yield f"Run on {date} with {', '.join([f'{name} {number}' for name, number in versions.items()])}."
    yield ""
    yield "- **parameters**: how many models have as many as PyTorch, to the unit, unused ones among them."
    yield "- **buffers**: how many have as many values in buffers as the operations of a run read."
    yield "- **MACs**: how many have as many as PyTorch's FlopCounterMode, of those where it does not raise."
    yield "  The list below a table names the models that differ."
    yield "- **lifted**: every operation became a layer that archcalc knows. **opaque**: some did not, and"
    yield "  the last column names them; such layers have their shapes and parameters."
    yield "- **refused**: no graph was made."
    yield "- Detectors are traced as far as their heads: what follows looks at values."
    heads = [
        "family",
        "models",
        "parameters",
        "buffers",
        "MACs",
        "lifted",
        "opaque",
        "refused",
        "opaque operations",
    ]
    for corpus, title in TITLES.items():
        of = [each for each in found if each["corpus"] == corpus]
        if not of:
            continue
        of.sort(key=lambda each: (each["family"], each["name"]))
        rows = []
        for family, group in groupby(of, key=lambda each: each["family"]):
            members = list(group)
            rows.append([family, *numbers(members), operations(members)])
        rows.append(["**all**", *[f"**{cell}**" for cell in numbers(of)], ""])
        yield from ["", f"## {title}", "", *table(heads, rows)]
        more = list(details(of))
        if more:
            yield from ["", *more]


def installed() -> dict[str, str]:
    """The versions of what was run."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def main(arguments: list[str]) -> int:
    """Run the corpora that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.traced_models", description=__doc__)
    parser.add_argument(
        "corpora", nargs="*", metavar="CORPUS", help=f"{', '.join(TITLES)}; by default {', '.join(DEFAULT)}"
    )
    parser.add_argument("--limit", type=float, default=120, help="seconds for each model (120)")
    parser.add_argument("--workers", type=int, default=1, help="processes (1)")
    parser.add_argument("--results", type=Path, help="keep what was found here, and go on from it")
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.parent.name}/{PAGE.name}")
    options = parser.parse_args(arguments)
    unknown = [word for word in options.corpora if word not in TITLES]
    if unknown:
        parser.error(f"there is no corpus {unknown[0]}; there are {', '.join(TITLES)}")
    found: list[Record] = []
    if options.results and options.results.exists():
        found = [json.loads(line) for line in options.results.read_text().splitlines()]
    known = {(each["corpus"], each["name"]) for each in found}
    corpora = options.corpora or DEFAULT
    asked = [(corpus, name) for corpus in corpora for name in listed(corpus)]
    for each in run([one for one in asked if one not in known], options.workers, options.limit):
        found.append(each)
        if options.results:
            with options.results.open("a") as file:
                file.write(json.dumps(each) + "\n")
        message = each.get("refused") or f"{each['layers']} layers, opaque {each['opaque'] or 'none'}"
        print(f"{each['corpus']} {each['name']}: {message}", flush=True)
    mine = [each for each in found if each["corpus"] in corpora]
    if options.page:
        PAGE.write_text(
            "\n".join(page(mine, time.strftime("%Y-%m-%d"), installed())) + "\n", encoding="utf-8"
        )
    return 1 if any(each.get("crash") for each in mine) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
