"""A mutation fuzzer: no text may end in anything but a result or a diagnostic.

Specs of the zoo, blocks of the library, the examples of docs/language.md and one-liners are mutated
and put through everything from the text to the JSON. Every case is made from a seed and its number
alone, so a find can be had again:

    python -m tests.fuzz --minutes 10
    python -m tests.fuzz --seed 7 --case 1234 --show
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

from archcalc import SpecError, load
from archcalc.language.library import Library
from archcalc.report.screens.explain import explain_sheets
from archcalc.report.screens.rf import rf_sheets
from archcalc.report.screens.summary import summary_sheets
from archcalc.report.sheet import Space, screen

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 5
MEGABYTES = 500

ONE_LINERS = [
    "32x32x3 -> conv 5x5 10 pad=2 -> relu -> maxpool 2x2",
    "16000x1 -> conv 400 64 stride=160 -> relu -> avgpool 4 -> gap -> fc 10",
    "16x112x112x3 -> conv 3x3x3 8 pad=1x0x0 -> bn -> maxpool 1x2x2 -> fc 4",
    "3072 -> fc 100 -> relu -> dropout 0.5 -> fc 10 -> softmax",
    "56x56x64 -> a: 3 x (conv 3x3 (in) pad=half dilation=[1, 2..]) -> relu\nadd @input @a",
    "8x8x4 -> add\n  | conv 3x3 8 stride=2 pad=1 -> bn\n  | shortcut kind=C\nrelu",
    "8x8x4 -> use lenet5 as=part until=pool1",
    "7x7x16 -> mul\n  | identity\n  | gap -> fc 4 -> relu -> fc (input.c) -> sigmoid",
]
NUMBERS = [
    "0",
    "1",
    "2",
    "3",
    "7",
    "64",
    "65536",
    "1000000000",
    "999999999999",
    "1000000000001",
    "99999999999999999999",
    "0.5",
    "1e12",
    "1e-12",
    "0.0000001",
    "-1",
    "0x0",
    "1x1",
    "3x3",
    "1x2x3x4",
    "999999999999x999999999999",
    "1_000",
    "(1/3)",
    "(0-1)",
    "(2*3)",
    "[1, 2..]",
    "[2.., 1]",
    "[1]",
    "138M",
    "84.7%",
    "half",
    "same",
    "yes",
    "in",
    "@input",
    "1" * 50,
]
PIECES = [
    "->",
    "|",
    "@",
    ":",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "..",
    "=",
    "#",
    '"',
    "x",
    "if",
    "in",
    "out",
    "use vgg16",
    "use lenet5 as=l until=pool1 frozen=yes",
    "2 x",
    "0 x",
    "3 x (",
    "1000000 x",
    "shortcut",
    "add",
    "concat",
    "mul",
    "identity",
    "relu",
    "gap",
    "flatten",
    "like=conv1",
    "default conv pad=same\n",
    "block b c | x\n  conv 1x1 c\n",
    "net n\n  input 8x8x3\n  relu\n",
    "a: ",
    "out b: ",
    " if no",
    " if yes",
    " if in.c > 3",
    "\n",
    "\n  ",
    "\n    | ",
    "\t",
    "\r\n",
    "\f",
    "\ufeff",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "→",
    "−",
    "é",
    "\U0001f600",
    "not ",
    "not not ",
    "adaptive_avgpool 7",
    "zeropad 1",
    "crop 2",
    "dwconv 3 pad=same",
    "conv 3 4 stride=2 pad=same",
    "take 2 offset=1",
    "upsample 2",
    "upsample 3 mode=bilinear",
    "tconv 2x2 4 stride=2",
    "pixel_shuffle 2",
    "a" * 201 + ": ",
    "b" * 190 + ": ",
    "9x" * 30 + "9",
    "1_" * 30 + "1",
    "1.1" * 30,
    '"' + '\\"' * 50 + '"',
    '"' + "a" * 50 + "\\",
    "(" * 65,
    "- " * 65,
    "1 x " * 65,
]
_TOKEN = re.compile(r"\n[ ]*|[ ]+|[A-Za-z_]\w*|\d[\d_.]*(?:x\d+)*|->|\.\.|.", re.DOTALL)


def corpus() -> list[str]:
    """Texts to begin with: every net with the blocks of its file, and one-liners."""
    texts = list(ONE_LINERS)
    files = [*(ROOT / "specs").rglob("*.arch"), *(ROOT / "tests" / "specs").glob("*.arch")]
    sources = [path.read_text("utf-8") for path in sorted(files)]
    guide = ROOT / "docs" / "language.md"
    if guide.exists():
        sources += re.findall(r"^```arch[^\n]*\n(.*?)^```", guide.read_text("utf-8"), re.M | re.S)
    for source in sources:
        parts = re.split(r"^(?=net )", source, flags=re.MULTILINE)
        nets = parts[1:]
        for net in nets or ["net n\n  input 16x16x8\n  relu\n"]:
            texts.append(parts[0] + net)
        if not nets and "->" in source and "block" not in source:
            texts.append(source)
    return texts


def mutate(text: str, rng: random.Random, texts: list[str]) -> str:
    """One random change."""
    kind = rng.randrange(14)
    if kind <= 8:
        tokens = _TOKEN.findall(text)
        if not tokens:
            return rng.choice(texts)
        at = rng.randrange(len(tokens))
        if kind == 0:
            del tokens[at]
        elif kind == 1:
            tokens.insert(at, tokens[rng.randrange(len(tokens))])
        elif kind == 2:
            other = rng.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind <= 5:
            numbers = [i for i, token in enumerate(tokens) if token[:1].isdigit()]
            if numbers:
                tokens[rng.choice(numbers)] = rng.choice(NUMBERS)
        elif kind == 6:
            names = [i for i, token in enumerate(tokens) if token[:1].isalpha()]
            if len(names) > 1:
                tokens[rng.choice(names)] = tokens[rng.choice(names)]
        elif kind == 7:
            tokens.insert(at, " " + rng.choice(PIECES) + " ")
        else:
            tokens[at] = tokens[at] * rng.choice((2, 3, 70, 300))
        return "".join(tokens)
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    if kind == 9:
        lines[at] = " " * rng.randrange(8) + lines[at].lstrip(" ")
    elif kind == 10:
        lines.insert(at, lines[rng.randrange(len(lines))])
    elif kind == 11:
        other = rng.choice(texts).split("\n")
        lines[at:] = other[rng.randrange(len(other)) :]
    elif kind == 12:
        del lines[at]
    else:
        raw = bytearray(text.encode("utf-8", "replace"))
        for _ in range(rng.randrange(1, 4)):
            raw[rng.randrange(len(raw)) if raw else 0 : 0] = bytes([rng.randrange(256)])
        return raw.decode("utf-8", rng.choice(("replace", "surrogateescape", "ignore")))
    return "\n".join(lines)


def make(seed: int, number: int, texts: list[str]) -> str:
    """The text of a case."""
    rng = random.Random(f"{seed}:{number}")
    text = rng.choice(texts)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        text = mutate(text, rng, texts)[:200_000]
    return text


def run(text: str, library: Library) -> str:
    """Put a text through; ``ok`` or ``refused``. Anything else than that is a find."""
    try:
        network = load("-", stdin=text, library=library)
        summary = network.summary(with_heads=True)
        record = json.dumps(summary.to_dict())
    except SpecError as error:
        assert error.diagnostics, "an error that says nothing"  # noqa: PT017
        for diagnostic in error.diagnostics:
            words = (diagnostic.message, diagnostic.label, *diagnostic.notes, *diagnostic.help)
            assert all(word.isprintable() for word in words), words
            json.dumps(diagnostic.to_dict())
            if diagnostic.span is not None:
                assert 0 <= diagnostic.span.start <= len(diagnostic.span.source.text)
        return "refused"
    assert record
    names = [layer.name for layer in network.graph.layers]
    assert all(names), "a layer without a name"
    assert len(set(names)) == len(names), "two layers of one name"
    known = {*network.graph.layers, *network.graph.inputs}
    assert all(source in known for layer in network.graph.layers for source in layer.inputs)
    last = network.graph.output.name
    wide, narrow = Space(80, True), Space(40, True)
    for sheets, space in (
        (explain_sheets(network.explain(last, "rf"), wide), wide),
        (explain_sheets(network.explain(last), narrow), narrow),
        (rf_sheets(summary, summary.layers, wide), wide),
        (summary_sheets(summary, wide), wide),
    ):
        lines = screen(sheets, space)
        assert all(text.isprintable() for line in lines for text, _ in line)
    rows = summary.rows
    assert sum(row.params or 0 for row in rows) == summary.totals["params"]
    assert sum(row.macs or 0 for row in rows) == summary.totals["macs"]
    return "ok"


def _too_slow(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


def attempt(text: str, library: Library) -> tuple[str, float]:
    """As ``run``, with a limit of CPU time; the outcome, or the traceback, and the seconds."""
    signal.signal(signal.SIGPROF, _too_slow)
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        outcome = run(text, library)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        outcome = traceback.format_exc(limit=-6)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return outcome, time.process_time() - start


def limit_memory() -> None:
    """Let this process have no more than MEGABYTES beyond what it has."""
    with open("/proc/self/statm", encoding="ascii") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEGABYTES * 2**20, resource.RLIM_INFINITY))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=10**9, help="stop after so many")
    parser.add_argument("--case", type=int, help="this one alone")
    parser.add_argument("--show", action="store_true", help="print the text of the case")
    options = parser.parse_args()
    texts = corpus()
    library = Library()
    library.zoo, library.blocks  # noqa: B018 - read before memory is limited
    if sys.platform == "linux":
        limit_memory()
    if options.case is not None:
        text = make(options.seed, options.case, texts)
        if options.show:
            print(text.encode("unicode_escape").decode().replace("\\n", "\n"))
        outcome, seconds = attempt(text, library)
        print(outcome, f"{seconds:.2f} s")
        return int(outcome not in ("ok", "refused"))
    counts = {"ok": 0, "refused": 0, "find": 0}
    seen: dict[str, int] = {}
    slowest = (0.0, 0)
    end = time.monotonic() + options.minutes * 60
    number = 0
    while time.monotonic() < end and number < options.cases:
        outcome, seconds = attempt(make(options.seed, number, texts), Library())
        slowest = max(slowest, (seconds, number))
        if outcome in counts:
            counts[outcome] += 1
        else:
            counts["find"] += 1
            where = "\n".join(outcome.strip().split("\n")[-4:])
            if where not in seen:
                seen[where] = number
                print(f"case {number} of seed {options.seed}, {seconds:.1f} s\n{outcome}")
                sys.stdout.flush()
        number += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{number} cases: {counts['ok']} results, {counts['refused']} refused, "
        f"{counts['find']} finds of {len(seen)} kinds; slowest {slowest[0]:.2f} s "
        f"(case {slowest[1]}), peak {peak} MB"
    )
    return int(counts["find"] > 0)


if __name__ == "__main__":
    sys.exit(main())
