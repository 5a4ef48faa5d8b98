"""The limits of the language and of what is read: as documented, to the last one, and in little
memory."""

from __future__ import annotations

import functools
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from calling import call

from archcalc import SpecError, load
from archcalc.cli import cache, zoo
from archcalc.language.lexer import LONGEST_NAME, LONGEST_PATH

ROOT = Path(__file__).resolve().parent.parent


def shown(text: str, budget: int | None = None) -> str:
    """What is wrong with a text; nothing where nothing is."""
    try:
        load("-", stdin=text, budget=budget)
    except SpecError as error:
        first, *others = error.diagnostics
        assert all(other.message == first.message for other in others)
        return first.message if first.code == "limit" else f"another fault: {first.message}"
    return ""


def nested_blocks(number: int) -> str:
    blocks = ["block b1\n  relu\n", *[f"block b{i}\n  b{i - 1}\n" for i in range(2, number + 1)]]
    return "".join(blocks) + f"net a\n  input 8x8x3\n  b{number}\n"


def nested_merges(number: int) -> str:
    lines = ["net a", "  input 8x8x3", "  add"]
    for i in range(1, number + 1):
        inner = "add" if i < number else "relu"
        lines += ["  " + "    " * i + f"| {word}" for word in ("identity", inner)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("most", "made"),
    [
        (64, lambda n: "8x8x3 -> " + "(" * n + "relu" + ")" * n),
        (64, lambda n: "8x8x3 -> conv 1x1 " + "(" * n + "1" + ")" * n),
        (63, lambda n: "8x8x3 -> times (" + "- " * n + "1)"),  # and a parenthesis
        (64, lambda n: "8x8x3 -> " + "1 x " * n + "relu"),
        (64, nested_blocks),
        (64, nested_merges),
        (256, lambda n: "8x8x3 -> conv 1x1 (" + "+".join(["1"] * (n + 1)) + ")"),
        (10**12, lambda n: f"8x8x3 -> conv 1x1 {n}"),
        (10**12, lambda n: f"8x8x{n} -> relu"),
        (40, lambda n: f"8x8x3 -> times 0.{'0' * (n - 1)}1"),
        (40, lambda n: f"8x8x3 -> conv 1x1 {'0' * (n - 1)}1"),
        (50_000, lambda n: f"8x8x3 -> {n} x relu"),
        (10**18, lambda n: f'net a\n  input 8x8x3\n  report params {n} "x" wrong "y"\n  relu\n'),
        (10**6, lambda n: f'net a\n  input 8x8x3\n  report params {n}T "x" wrong "y"\n  relu\n'),
        (LONGEST_NAME, lambda n: f"net a\n  input 8x8x3\n  {'a' * n}: relu\n"),
        (LONGEST_PATH, lambda n: long_path(n)),
        (2**20, lambda n: "8x8x3 -> relu #" + "x" * (n - 15)),
    ],
)
def test_the_last_one_that_is_read(most: int, made: object) -> None:
    """Defeats: limits that are off by one from what docs/language.md says."""
    assert callable(made)
    assert shown(made(most)) == ""
    assert shown(made(most + 1))[:7] not in ("", "another")


def long_path(length: int) -> str:
    """A net with a label whose full name has so many letters: blocks in blocks, with labels."""
    first, rest = 150, length - 3 * 151
    blocks = "block b1\n  " + "z" * rest + ": relu\n"
    blocks += "".join([f"block b{i}\n  {chr(96 + i) * first}: b{i - 1}\n" for i in range(2, 4)])
    return blocks + f"net a\n  input 8x8x3\n  {'q' * first}: b3\n"


def test_sizes_of_many_large_numbers_are_read() -> None:
    """Defeats: a limit for the digits of a number that is held against those of a whole size."""
    assert shown("999999999999x999999999999x999999999999x3 -> relu") == ""


def test_a_budget_is_the_number_of_layers() -> None:
    for text in ("8x8x3 -> {} x relu", "net a\n  input 8x8x3\n  a: {} x relu\n"):
        assert shown(text.format(10), budget=10) == ""
        assert shown(text.format(11), budget=10) == "the network has more than 10 layers"


# What takes memory: a program that says how much a text takes beyond an empty one, in MB.
_MEASURED = """
import resource, sys
from archcalc import SpecError, load
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
load("8x8x3 -> relu")
before = peak()
text = eval(sys.argv[1])
try: load("-", stdin=text)
except SpecError as error: print(error.diagnostics[0].code, end=" ")
else: print("read", end=" ")
print((peak() - before) // 1024)
"""
MIB = "2**20 - 50"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in other units")
@pytest.mark.parametrize(
    "text",
    [
        f"'9x' * (({MIB}) // 2) + '9 -> relu'",
        f"'8x8x3 -> conv ' + '1_' * (({MIB}) // 2) + '1'",
        f"'8x8x3 -> conv ' + '1.1' * (({MIB}) // 3)",
        f"'8x8x3 -> conv 1' + 'a' * ({MIB})",
        f"""'8x8x3 -> conv "' + 'a' * ({MIB}) + '"'""",
        f"""'8x8x3 -> conv "' + 'a' * ({MIB})""",
        f"""'8x8x3 -> conv "' + '\\\\"' * (({MIB}) // 2) + '"'""",
        f"'8x8x3 -> ' + 'a' * ({MIB})",
        f"'8x8x3 -> conv ' + '1' * ({MIB})",
        f"'net a\\n  input 8x8x3\\n' + '#\\n' * (({MIB}) // 2)",
        "'net a\\n  input 8x8x3\\n  ' + 'a' * 100_000 + ': 40000 x relu\\n'",
        "'block b0\\n  x: relu\\n' + ''.join(f'block b{i}\\n  ' + chr(97 + i % 26) * 1000 + "
        "f': b{i - 1}\\n' for i in range(1, 60)) + 'net a\\n  input 8x8x3\\n  500 x b59\\n'",
        "'block b0\\n  x: relu\\n' + ''.join(f'block b{i}\\n  ' + chr(97 + i % 26) * 190 + "
        "f': b{i - 1}\\n' for i in range(1, 60)) + 'net a\\n  input 8x8x3\\n  500 x b59\\n'",
        "'block b0\\n  x: relu\\n' + ''.join(f'block b{i}\\n  ' + chr(97 + i % 26) * 190 + "
        "f': b{i - 1}\\n' for i in range(1, 60)) + 'net a\\n  input 8x8x3\\n  500 x b59 if no\\n'",
    ],
)
@pytest.mark.slow
def test_a_text_of_any_kind_takes_little_memory(text: str) -> None:
    """Defeats: patterns that remember each time a group was repeated, and names that each layer
    below a label holds again."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, text], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.stderr == ""
    assert int(done.stdout.split()[-1]) < 100


@pytest.mark.parametrize(
    ("made", "most"),
    [
        (
            lambda n: (
                "net n\n  input 4x4x4\n"
                + "".join(f"  out o{i}: fc 5\n  @input\n" for i in range(n))
                + "  relu\n"
            ),
            8_000,
        ),
        (
            lambda n: (
                "".join(f"block b{i} k\n  conv k k\n" for i in range(n)) + "net n\n  input 4x4x1\n  relu\n"
            ),
            20_000,
        ),
    ],
    ids=["heads", "blocks"],
)
@pytest.mark.slow
def test_time_is_that_of_the_length(made: Callable[[int], str], most: int, tmp_path: Path) -> None:
    """Defeats: for each head a walk over all others, and for each block the names of all others
    copied: 8,000 heads and 20,000 blocks took 13 s each."""

    def seconds(number: int) -> float:
        path = tmp_path / "n.arch"
        path.write_text(made(number))
        gc.collect()
        gc.disable()  # as the command has it
        try:
            start = time.perf_counter()
            assert call("summary", str(path)).code == 0
            return time.perf_counter() - start
        finally:
            gc.enable()

    seconds(10)
    few = min(seconds(most // 4) for _ in range(2))
    assert seconds(most) < 8 * few + 0.2


def test_strings_with_backslashes() -> None:
    """Defeats: a comment in a string, a string that ends too early or goes on too far."""
    net = load("-", stdin='net a "x \\" # y \\\\" # "\n  input 8x8x3 # "\n  relu\n  relu\n')
    assert net.graph.metadata.title == 'x " # y \\'
    assert len(net.graph.layers) == 2
    for text in ('"a', '"a\\', '"a\\n"', '"a # b', '"a\\" # b'):
        with pytest.raises(SpecError) as caught:
            load("-", stdin=f"net a {text}\n  input 8x8x3\n  relu\n")
        assert caught.value.diagnostics[0].message == "a string without its closing quote"
        assert len(caught.value.diagnostics) == 1


# What is read ------------------------------------------------------------------------------------


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device")
def test_what_has_no_end_is_not_read_to_the_end(tmp_path: Path) -> None:
    """Defeats: reading a device, or waiting for somebody to write into a pipe."""
    os.symlink("/dev/zero", tmp_path / "zero.arch")
    os.symlink("/dev/zero", tmp_path / "zero.toml")
    os.mkfifo(tmp_path / "pipe.arch")
    os.mkfifo(tmp_path / "pipe.toml")
    os.mkfifo(tmp_path / "pipe.csv")
    quiz = str(ROOT / "examples" / "class" / "quiz.toml")
    for words in (
        ["summary", str(tmp_path / "zero.arch")],
        ["summary", str(tmp_path / "pipe.arch")],
        ["check", str(tmp_path / "zero.toml"), quiz],
        ["check", str(tmp_path / "pipe.toml"), quiz],
        ["check", quiz, str(tmp_path / "pipe.csv")],
        ["check", quiz, "/dev/zero"],
        ["check", "lenet5", "/dev/zero"],
        ["check", "lenet5", str(tmp_path / "pipe.csv")],
        ["rf", "lenet5", "--format", "svg", "--image", "/dev/zero"],
        ["rf", "lenet5", "--format", "svg", "--image", str(tmp_path / "pipe.csv")],
    ):
        found = call(*words)
        assert (found.code, found.out) == (2, ""), words
        assert "it is no regular file" in found.err, words
    with open("/dev/zero", "rb") as zero:
        done = subprocess.run(
            [sys.executable, "-m", "archcalc", "summary", "-"], stdin=zero, capture_output=True, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr == b"error[limit]: standard input is larger than 1,048,576 bytes\n"


def test_a_byte_that_is_no_text_is_told_by_line_and_column(tmp_path: Path) -> None:
    """Defeats: an offset, which no editor shows."""
    path = tmp_path / "a.arch"
    path.write_bytes("net a\r\n  # é\r\n  # é\udcff".encode("utf-8", "surrogateescape"))
    assert "in line 3, column 6 stands the byte 0xff" in call("summary", str(path)).err
    path.write_bytes(b"\xef\xbb\xbfnet\xff")
    assert "in line 1, column 4 stands the byte 0xff" in call("summary", str(path)).err
    path.write_bytes(b"net a\n\0")
    assert "it holds a zero byte in line 2, column 1" in call("summary", str(path)).err


@functools.cache
def lenet5() -> list[Any]:
    """The zoo as it is computed, of one network; it is computed once for all tests here."""
    return [entry for entry in zoo.computed()[0] if entry.name == "lenet5"]


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        [1],
        [{}],
        [{"name": "lenet5"}],
        None,
        "x",
        [[]],
        [{"name": 1, "totals": {}, "rf": None}],
        [{"name": "a", "totals": None, "rf": []}],
    ],
)
@pytest.mark.slow
def test_a_cache_that_holds_something_else(
    content: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the right name and with the right sum. Defeats: a traceback, or a list of nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("ARCHCALC_CACHE", "on")
    key = cache.key()
    assert key is not None
    cache.store(key, content)
    (path,) = (tmp_path / "archcalc").iterdir()
    assert json.loads(path.read_bytes().partition(b"\n")[2]) == content
    small = lenet5()
    monkeypatch.setattr(zoo, "computed", lambda: (small, []))
    monkeypatch.setattr(zoo, "names", lambda: ["lenet5"])
    entries, _ = zoo.zoo()
    assert [entry.record for entry in entries] == [entry.record for entry in small]
