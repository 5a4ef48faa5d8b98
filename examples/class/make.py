"""Makes the class: 30 sheets as students hand them in, some of them broken, and a class list.

``python examples/class/make.py [FOLDER]`` writes ``sheets/`` and ``class.csv`` beside the quiz, or
into FOLDER. The same every time.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

RIGHT = {
    "1a": "32x32x10",
    "1b": "760",
    "1c": "768,000",
    "2a": "16x16x10",
    "2b": "0",
    "3a": "8x8x20",
    "3b": "3,220",
    "3c": "12",
    "4a": "12,810",
    "4b": "16,790",
}
Answers = dict[str, str]

# What a student believes, and the answers that come of it.
BELIEFS: dict[str, Answers] = {
    "nothing wrong": {},
    "no biases": {"1b": "750", "3b": "3,200", "4a": "12,800", "4b": "16,750"},
    "no biases, total right": {"1b": "750", "3b": "3,200"},
    "input channels forgotten": {"1b": "260", "3b": "340", "4b": "13,410"},
    "padding ignored": {
        "1a": "28x28x10",
        "1c": "588,000",
        "2a": "14x14x10",
        "3a": "6x6x20",
        "4a": "7,210",
        "4b": "11,190",
    },
    "the + 1 forgotten": {"1a": "31x31x10", "2a": "15x15x10", "3a": "7x7x20", "4a": "9,810", "4b": "13,790"},
    "stride ignored": {"3a": "15x15x20", "4a": "45,010", "4b": "48,990"},
    "pooling has weights": {"2b": "40", "4b": "16,830"},
    "pooling divides the channels": {"2a": "16x16x5", "3b": "1,620", "4b": "15,190"},
    "operations of one position": {"1c": "750"},
    "FLOPs for MACs": {"1c": "1,536,000"},
    "kernels added": {"3c": "11"},
    "strides forgotten": {"3c": "9"},
    "channels first": {"1a": "(10, 32, 32)", "2a": "(10, 16, 16)", "3a": "(20, 8, 8)"},
    "rounded": {"1b": "0.76K", "1c": "768K", "4a": "12.8K", "4b": "~17k"},
    "worked out": {
        "1a": "(32-5+2*2)/1+1 = 32, so 32x32x10",
        "1b": "(5·5·3 + 1)·10 = 760",
        "3b": "(4²·10 + 1)·20",
        "4b": "760 + 3220 + 12810 = 16790",
    },
    "thin spaces": {"1c": "768\u2009000", "3b": "3\u202f220", "4a": "12\u00a0810"},
    "a point in thousands": {"3b": "3.220", "4a": "12.810", "4b": "16.790"},
    "swapped digits": {"1b": "670", "4b": "16,970"},
    "gave up": {"3a": "", "3b": "-", "3c": "?", "4a": "idk", "4b": ""},
    "two answers": {"1b": "760 or 750", "3c": "11-12"},
    "a formula for a spreadsheet": {"1b": "=2+5", "2b": '=HYPERLINK("http://x","0")'},
    "control characters": {"1a": "32x32x10\x1b[2J", "1b": "\x1b]0;owned\x07760"},
}


def lines(answers: Answers) -> bytes:
    return "".join(f"{name}: {answer}\n" for name, answer in answers.items()).encode()


def windows(answers: Answers) -> bytes:
    text = "".join(f"{name}) {answer.replace('x', '×')}\r\n" for name, answer in answers.items())
    return text.encode("cp1252", "replace")


def marked(answers: Answers) -> bytes:
    text = "".join(f"\r\n**Question {n}**\r\n\r\n{a or '-'}\r\n" for n, a in answers.items())
    return b"\xef\xbb\xbf" + f"# Sheet 3\r\n{text}".encode()


def table(answers: Answers) -> bytes:
    rows = "".join(f"| {name} | {answer} |\n" for name, answer in answers.items())
    return f"| question | answer |\n|---|---|\n{rows}".encode()


def two_columns(answers: Answers) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("question", "answer"), *answers.items()])
    return out.getvalue().encode()


def semicolons(answers: Answers) -> bytes:
    return f"{';'.join(answers)}\n{';'.join(answers.values())}\n".encode("utf-8-sig")


def as_json(answers: Answers) -> bytes:
    return json.dumps(answers, indent=1).encode()


def utf16(answers: Answers) -> bytes:
    return lines(answers).decode().encode("utf-16")


FORMS: list[tuple[str, Callable[[Answers], bytes]]] = [
    (".md", lines),
    (".txt", windows),
    (".md", marked),
    (".md", table),
    (".csv", two_columns),
    (".csv", semicolons),
    (".json", as_json),
    (".txt", utf16),
]
BROKEN = {
    "s24.docx": b"PK\x03\x04" + bytes(60),
    "s25.txt": b"\x00\x01\x02\x03",
    "s26.md": b"",
    "s27.md": b"I was ill and hand in nothing.\n",
    "s28.json": b'{"1a": "32x32x10", ',
    "s29.csv": b"1a,1b,1c\n32x32x10,760,768,000\n",
    "s30/answers/sheet.txt": lines({**RIGHT, "9z": "5"}) + b"1b: 761\n",
}


def sheets() -> dict[str, bytes]:
    """Every file of the folder, by its name."""
    found = {}
    for number, change in enumerate(BELIEFS.values()):
        ending, form = FORMS[number % len(FORMS)]
        found[f"s{number + 1:02}{ending}"] = form({**RIGHT, **change})
    return {**found, **BROKEN}


def class_list() -> bytes:
    """The readable ones as a class list; the last row has a comma without quotes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["Name", "SID", "Email", *[f"Q{name}" for name in RIGHT]])
    for number, change in enumerate(BELIEFS.values(), 1):
        who = [f"Student {number}", f"s{number:02}", f"s{number:02}@example.org"]
        writer.writerow([*who, *{**RIGHT, **change}.values()])
    text = out.getvalue()
    text += f"Student 24,s24,s24@example.org,{','.join(RIGHT.values())}\r\n"
    return b"\xef\xbb\xbf" + text.encode()


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, data in sheets().items():
        path = folder / "sheets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "class.csv").write_bytes(class_list())


if __name__ == "__main__":
    main()
