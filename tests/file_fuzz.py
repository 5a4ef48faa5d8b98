"""A mutation fuzzer of the files that students hand in: whatever a file holds, the class goes on.

A file of every kind is written, damaged, and put beside a sound sheet: bytes are changed, cut off and
shuffled, members of archives too, behind which their sums are right again. After each call every student is
there, the sound sheet is read, and what cannot be read is one line of words. Every case is made from a seed
and its number alone:

    python -m tests.file_fuzz --minutes 10
    python -m tests.file_fuzz --seed 7 --case 1234
"""

from __future__ import annotations

import argparse
import io
import random
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import test_files as made

from archcalc.answers.sheets.folder import stack

SECONDS = 25
PIECES = [
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"\x00",
    b"\xff\xfe",
    b"]]>",
    b"<!--",
    b"{",
    b"}",
    b"\\",
    b"\\u0",
    b"\\'",
    b"\\bin999999999 ",
    b"|",
    b'"',
    b"-1",
    b"1e999",
    b"999999999999",
    b"R",
    b"obj",
    b"endobj",
    b"stream",
    b"/Length 1",
    b"null",
    b"[]",
    b"{}",
    b"Q1: 5",
    b"\n",
]


@cache
def corpus() -> dict[str, bytes]:
    """A sound file of every kind."""
    lines = made.LINES
    rows = [["Question", "Answer"], *[list(pair) for pair in made.ANSWERS.items()], ["Q3", 0.25]]

    def fill(document: object) -> None:
        for line in lines:
            document.add_paragraph(line, style="List Number")  # type: ignore[attr-defined]
        table = document.add_table(rows=1, cols=2)  # type: ignore[attr-defined]
        table.rows[0].cells[0].text = "Q3"

    page = "<ol>" + "".join([f"<li>{line}<sup>2</sup></li>" for line in lines]) + "</ol>"
    page += "<table><tr><td colspan=2>Q1</td><td>5</td></tr></table>"
    rtf = "{\\rtf1\\ansi " + "\\par ".join(lines) + "{\\super 3}\\trowd a\\cell b\\cell\\row}"
    book = made.notebook(
        made.cell("markdown", "\n\n".join(lines)),
        made.cell("code", "# Q2\n1", out="5"),
        made.cell("markdown", "27", "Q3"),
    )
    return {
        "docx": made.word(fill),
        "xlsx": made.excel(rows),
        "ods": made.ods([made.words(*pair) for pair in made.ANSWERS.items()]),
        "html": page.encode(),
        "rtf": rtf.encode(),
        "pdf": made.pdf(lines, lines),
        "ipynb": book,
        "json": b'[[{"lastname": "a", "firstname": "b", "response1": "5"}]]',
        "yml": made.METADATA.encode(),
    }


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Bytes with a few changes."""
    found = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 40))):
        at = rng.randrange(len(found) + 1)
        kind = rng.randrange(7)
        if kind == 0:
            found[at : at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            found[at:at] = rng.choice(PIECES)
        elif kind == 2:
            del found[at : at + rng.randrange(1, 50)]
        elif kind == 3:
            found[at:at] = found[at : at + rng.randrange(1, 200)] * rng.randrange(1, 30)
        elif kind == 4 and rng.random() < 0.2:
            del found[at:]
        elif kind == 5:
            other = rng.randrange(len(found) + 1)
            found[at : at + 20], found[other : other + 20] = found[other : other + 20], found[at : at + 20]
        else:
            found[at : at + rng.randrange(1, 10)] = rng.choice(PIECES)
    return bytes(found)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A file with a few changes; of an archive, in its members, whose sums are made anew."""
    if data[:2] != b"PK" or rng.random() < 0.2:
        return damaged(data, rng)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = [name for name in old.namelist() if name.endswith((".xml", ".rels"))]
        chosen = rng.sample(names, min(len(names), rng.randrange(1, 3)))
        for name in old.namelist():
            if name in chosen and rng.random() < 0.05:
                continue
            new.writestr(name, damaged(old.read(name), rng) if name in chosen else old.read(name))
    return out.getvalue()


def fault(seed: int, number: int) -> str:
    """What is wrong with a case; empty if nothing is."""
    rng = random.Random(f"{seed}/{number}")
    kind = rng.choice(sorted(corpus()))
    data = mutated(corpus()[kind], rng)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sound.txt").write_text("\n".join(made.LINES))
        if kind == "yml":
            (folder / "submission_metadata.yml").write_bytes(data)
        else:
            (folder / f"damaged.{kind}").write_bytes(data)
        found = list(stack(str(folder), list(made.TEXTS), made.TEXTS).submissions)
        sound = [one for one in found if one.source == "sound.txt"]
        if len(sound) != 1 or made.answers(sound[0]) != made.ANSWERS:
            return "the sound sheet is lost"
        if kind != "yml":
            (other,) = [one for one in found if one.source != "sound.txt"]
            if "\n" in other.unreadable:
                return f"more than one line: {other.unreadable!r}"
            if not (other.entries or other.unreadable or other.faults or other.aside):
                return "silence"
    return ""


def checked(seed: int, number: int) -> str:
    """As ``fault``, with what should not have been raised, and a limit of time."""

    def late(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    start = time.monotonic()
    try:
        found = fault(seed, number)
        # The libraries' own errors are caught, and so may be the alarm.
        return found or (f"more than {SECONDS} s" if time.monotonic() - start > SECONDS - 1 else "")
    except TimeoutError:
        return f"more than {SECONDS} s"
    except Exception:
        return traceback.format_exc()
    finally:
        signal.alarm(0)


def main() -> int:
    """Run cases until the time or the number is used up; the exit code says whether one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.file_fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--cases", type=int, default=10**9)
    parser.add_argument("--case", type=int)
    options = parser.parse_args()
    if options.case is not None:
        print(checked(options.seed, options.case) or "nothing is wrong")
        return 0
    end = time.monotonic() + options.minutes * 60
    finds = number = 0
    while number < options.cases and time.monotonic() < end:
        if why := checked(options.seed, number):
            finds += 1
            print(f"case {number} of seed {options.seed}: {why}", flush=True)
        number += 1
    print(f"{number} cases, {finds} finds")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
