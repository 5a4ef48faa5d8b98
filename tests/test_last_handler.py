"""What nobody foresaw: one message that asks for a report, exit code 2, and no part of an answer.

Here things are broken on purpose; that nothing breaks by itself is for test_every_call.py.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.report.lines import Line

FORMS = ("table", "plain", "json", "csv", "markdown", "html", "latex")


def broken(*_: Any, **__: Any) -> Any:
    """In the place of something that works."""
    raise ZeroDivisionError("one\nof a \x1b[31mkind")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "words",
    [
        ["summary", "lenet5"],
        ["rf", "lenet5"],
        ["explain", "lenet5"],
        ["compare", "lenet5", "vgg16"],
        ["list"],
        ["solve", "8x8x1 -> conv ? 1 -> [6x6x1]"],
    ],
)
def test_whatever_breaks_is_one_message(words: list[str], form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: a traceback, with exit code 1, which would mean that the answer is no."""
    from archcalc.analysis.summary import Summary

    monkeypatch.setattr(Summary, "__init__", broken)
    found = call(*words, "--format", form, may_break=True)
    assert (found.code, found.out) == (2, "")
    if form == "json":
        (expected,) = json.loads(found.err)["diagnostics"]
        assert expected["code"] == "internal"
        assert "report" in expected["help"]
    text = " ".join(found.err.split())
    assert "ZeroDivisionError: one of a " in text
    assert "\x1b" not in found.err
    assert archcalc.__version__ in text
    assert re.search(r"raised at \S+\.py:\d+", text)
    assert "please report it" in text
    assert "Traceback" not in text


def test_half_an_answer_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Defeats: a screen that is written while it is laid out, a file that is written so far."""
    from archcalc.report.formats import csv, html, json, markdown, plain, table

    def half(*_: Any, **__: Any) -> Iterator[str]:
        yield "half"
        broken()

    def half_lines(*_: Any, **__: Any) -> Iterator[Line]:
        yield [("half", "")]
        broken()

    monkeypatch.setattr(table, "screen", half_lines)
    monkeypatch.setattr(plain, "plain_lines", half)
    monkeypatch.setattr(csv, "csv_lines", half)
    monkeypatch.setattr(json, "json_pieces", half)
    monkeypatch.setattr(markdown.Format, "document", half)
    monkeypatch.setattr(html.Format, "document", half)
    for form in FORMS[:-1]:
        found = call("summary", "lenet5", "--format", form, may_break=True)
        assert (found.code, found.out) == (2, "")
        assert "ZeroDivisionError" in found.err
        path = tmp_path / "answer"
        path.write_text("precious")
        named = call("summary", "lenet5", "--format", form, "-o", str(path), may_break=True)
        assert (named.code, named.out) == (2, "")
        assert path.read_text() == "precious"
        assert [one.name for one in tmp_path.iterdir()] == ["answer"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), "error[memory]: there is not enough memory"),
        (PermissionError(13, "Permission denied", "/some/file"), "/some/file: permission denied"),
        (OSError("odd"), "OSError: odd"),
        (EOFError("odd"), "EOFError: odd"),
        (RecursionError("deep"), "RecursionError: deep"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no"), "UnicodeEncodeError"),
        (BrokenPipeError(32, "Broken pipe"), "broken pipe"),
    ],
)
def test_every_kind(error: Exception, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: an error of the system that is taken for one of writing the answer, an end of a
    file that is taken for Ctrl-C, a pipe of somebody else's that is taken for a reader who left."""
    from archcalc.network import Network

    def raised(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(Network, "of", raised)
    found = call("summary", "lenet5", may_break=True)
    assert (found.code, found.out) == (2, "")
    assert expected in found.err
    assert "cannot write" not in found.err


def test_nobody_listens() -> None:
    """Defeats: a message that cannot be written, and so a traceback with exit code 1."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no device that is full")
    for words in (["summary", "vgg99"], ["summary", "vgg16", "--bad"], ["no"], ["summary", "3 ->"]):
        for form in ("table", "json", "plain"):
            with full.open("w") as err:
                done = subprocess.run(
                    [sys.executable, "-m", "archcalc", *words, "--format", form],
                    stdout=subprocess.PIPE,
                    stderr=err,
                )
            assert (done.returncode, done.stdout) == (2, b"")
