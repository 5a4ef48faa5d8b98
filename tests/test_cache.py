"""What `archcalc list` keeps between calls: the same answers, never stale, never in the way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from calling import call

import archcalc
from archcalc.cli import cache, zoo
from archcalc.diagnostics import WARNING, Diagnostic
from archcalc.report.screens.list import ZooEntry

FORMATS = [
    ["--format", "json"],
    ["--format", "plain"],
    ["--format", "csv"],
    ["--format", "markdown"],
    ["--format", "latex"],
    ["--width", "80"],
    ["--width", "120"],
    [],
    ["--where", "top1 > 75", "--sort", "-macs"],
    ["--family", "resnet"],
    ["--family", "restnet"],
]


@pytest.fixture(scope="module")
def computed() -> list[ZooEntry]:
    """The zoo, from its specs."""
    return zoo.computed()[0]


@pytest.fixture
def work(computed: list[ZooEntry]) -> Iterator[mock.Mock]:
    """Stands for the computation, and counts how often it is asked for."""
    with mock.patch.object(zoo, "computed", return_value=(computed, [])) as function:
        yield function


def kept(folder: Path) -> list[Path]:
    """Files of the cache."""
    return sorted((folder / "archcalc").glob("*")) if (folder / "archcalc").is_dir() else []


def ask(folder: Path, *options: str, switch: str = "on") -> Any:
    """`archcalc list` with its cache in a folder; the answer and what was complained of."""
    found = call("list", *options, ARCHCALC_CACHE=switch, XDG_CACHE_HOME=str(folder))
    return found.out, found.err, found.code


# The same answers ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_answers_are_the_same(tmp_path: Path, computed: list[ZooEntry]) -> None:
    """In every format, to the byte, computed by the real thing. Defeats a tuple that comes back as
    a list, keys in another order, a large number that became a float."""
    cold = {" ".join(how): ask(tmp_path, *how, "--no-cache") for how in FORMATS[:1]}
    assert kept(tmp_path) == []
    assert ask(tmp_path, *FORMATS[0]) == cold["--format json"]
    (file,) = kept(tmp_path)
    with mock.patch.object(zoo, "computed", side_effect=AssertionError("computed again")):
        warm = {" ".join(how): ask(tmp_path, *how) for how in FORMATS}
    with mock.patch.object(zoo, "computed", return_value=(computed, [])):
        for how in FORMATS:
            assert ask(tmp_path, *how, "--no-cache") == warm[" ".join(how)], how
    assert warm["--format json"] == cold["--format json"]
    assert kept(tmp_path) == [file]


def test_warnings_are_said_every_time(tmp_path: Path, computed: list[ZooEntry]) -> None:
    """Defeats a warning that only the first call gives."""
    doubt = Diagnostic("report", "the published params 1 does not agree", severity=WARNING)
    with mock.patch.object(zoo, "computed", return_value=(computed, [doubt])):
        first, second = ask(tmp_path), ask(tmp_path)
    assert first == second
    assert "does not agree" in first[1]
    assert kept(tmp_path) == []


# Off ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "switch"), [(["--no-cache"], "on"), ([], "off"), ([], "OFF"), ([], "0"), ([], "no")]
)
def test_off(tmp_path: Path, work: mock.Mock, options: list[str], switch: str) -> None:
    """Nothing is written, and nothing that was written is read."""
    ask(tmp_path, *options, switch=switch)
    assert kept(tmp_path) == []
    ask(tmp_path)
    assert len(kept(tmp_path)) == 1
    work.reset_mock()
    ask(tmp_path, *options, switch=switch)
    assert work.call_count == 1


# Never out of date -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        *product(
            ["specs/vgg.arch", "specs/blocks/inception.arch", "archcalc/ops/pooling.py"],
            ["edited, size and time kept", "deleted", "renamed"],
        )
    ],
)
def test_another_text_has_another_name(tmp_path: Path, changed: str, what: str) -> None:
    """Defeats a cache keyed by times and sizes, or by specs alone: rules change as well."""
    _copy(tmp_path)
    before = _key_of(tmp_path)
    assert before == _key_of(tmp_path)
    path = tmp_path / changed
    if what == "deleted":
        path.unlink()
    elif what == "renamed":
        path.rename(path.with_stem("zz"))
    else:
        status = path.stat()
        text = path.read_bytes()
        path.write_bytes(text[:-2] + b"#" + text[-1:])
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert path.stat().st_size == status.st_size
    assert _key_of(tmp_path) != before


def test_a_changed_spec_is_computed(tmp_path: Path) -> None:
    """The real thing, in processes of their own: other pools, and back again."""
    _copy(tmp_path)
    for path in (tmp_path / "specs").glob("*.arch"):
        if path.name != "lenet.arch":
            path.unlink()
    lenet = tmp_path / "specs" / "lenet.arch"
    first = _run(tmp_path)
    assert _run(tmp_path) == first
    text = lenet.read_text(encoding="utf-8")
    (old,) = kept(tmp_path / "cache")
    lenet.write_text(text.replace("avgpool 2x2", "maxpool 2x2"), encoding="utf-8")
    again = _run(tmp_path)
    differ = [e["name"] for e, other in zip(again, first, strict=True) if e != other]
    assert differ == ["lenet5_modern"]
    (new,) = kept(tmp_path / "cache")
    assert new != old, "what can never be read again is deleted"
    lenet.write_text(text, encoding="utf-8")
    assert _run(tmp_path) == first


def _copy(folder: Path) -> None:
    """A package and a zoo that can be changed."""
    root = Path(archcalc.__file__).parent
    specs = Path(cache.specs())
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root, folder / "archcalc", ignore=leave)
    shutil.copytree(specs, folder / "specs", ignore=leave)
    (folder / "archcalc_specs").symlink_to(folder / "specs", target_is_directory=True)


def _key_of(folder: Path) -> str | None:
    """The key of a copy."""
    with (
        mock.patch.object(cache, "__file__", str(folder / "archcalc" / "cli" / "cache.py")),
        mock.patch.object(cache, "specs", return_value=str(folder / "specs")),
    ):
        return cache.key()


def _run(folder: Path) -> Any:
    """The JSON of a copy's `list`."""
    env = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "ARCHCALC_CACHE": "on",
    }
    done = subprocess.run(
        [sys.executable, "-m", "archcalc", "list", "--format", "json"],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_what_changes_meanwhile_is_not_kept(tmp_path: Path, work: mock.Mock) -> None:
    """Defeats the results of an old text under the name of a new one."""
    with mock.patch.object(cache, "key", side_effect=["a" * 32, "b" * 32]):
        ask(tmp_path)
    assert kept(tmp_path) == []


# Never in the way --------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["empty", "cut off", "other numbers", "no text", "a folder"])
def test_damage_is_computed_over(tmp_path: Path, work: mock.Mock, damage: str) -> None:
    """Defeats a traceback, and figures that somebody's disk made up."""
    right = ask(tmp_path, "--format", "json")
    (file,) = kept(tmp_path)
    good = file.read_bytes()
    bad = {
        "empty": b"",
        "cut off": good[: len(good) // 2],
        "no text": b"\xff\xfe" * 999,
        "other numbers": good.replace(b"25557032", b"25557033"),
    }.get(damage)
    file.unlink()
    if bad is None:
        file.mkdir()
    else:
        assert bad != good
        file.write_bytes(bad)
    work.reset_mock()
    assert ask(tmp_path, "--format", "json") == right
    assert work.call_count == 1
    if bad is not None:
        assert file.read_bytes() == good, "the damaged file is replaced"


@pytest.mark.parametrize("place", ["a file", "/dev/null/there", "not allowed", "relative", ""])
def test_no_folder_is_no_fault(tmp_path: Path, work: mock.Mock, place: str) -> None:
    """The answer comes all the same, and nothing is said. A relative folder is not used."""
    folder = tmp_path / "folder"
    home = tmp_path / "home"
    home.mkdir()
    given = {"a file": str(folder), "not allowed": str(folder)}.get(place, place)
    if place == "a file":
        folder.write_text("in the way")
    elif place == "not allowed":
        folder.mkdir(mode=0o500)
    found = call("list", ARCHCALC_CACHE="on", XDG_CACHE_HOME=given, HOME=str(home), LOCALAPPDATA=str(home))
    assert (found.code, found.err) == (0, "")
    assert "vgg16" in found.out
    assert not Path("relative").exists()
    if place in ("relative", ""):
        assert len(list(home.rglob("zoo-*.json"))) == 1


@pytest.mark.parametrize(
    ("system", "variables", "wanted"),
    [
        ("linux", {"HOME": "/h"}, "/h/.cache/archcalc"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/archcalc"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "x"}, "/h/.cache/archcalc"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/archcalc"),
        ("win32", {"HOME": "/h", "LOCALAPPDATA": "/l"}, "/l/archcalc"),
        ("win32", {"HOME": "/h"}, None),
    ],
)
def test_folders(system: str, variables: dict[str, str], wanted: str | None) -> None:
    with mock.patch.dict(os.environ, variables, clear=True), mock.patch.object(sys, "platform", system):
        assert cache.folder() == wanted


def test_old_files_go_and_others_stay(tmp_path: Path, work: mock.Mock) -> None:
    """Defeats a cache that grows with every version, and one that deletes what is not its own."""
    folder = tmp_path / "archcalc"
    folder.mkdir()
    old = folder / f"zoo-{'0' * 32}.json"
    fresh, dead = folder / ".zoo-fresh.new", folder / ".zoo-dead.new"
    mine = folder / "zoo-notes.json"
    for path in (old, fresh, dead, mine):
        path.write_text("x")
    os.utime(dead, (0, 0))
    ask(tmp_path)
    left = {path.name for path in folder.iterdir()}
    assert {fresh.name, mine.name} <= left
    assert not {old.name, dead.name} & left
    assert len(left) == 3


def test_many_at_once(tmp_path: Path) -> None:
    """Writers and readers of one file in processes of their own: a reader has all of it or nothing.
    Defeats a file that is written where it is read."""
    code = (
        "import sys\n"
        "from archcalc.cli import cache\n"
        "value = [{'n': str(i) * 50} for i in range(400)]\n"
        "for turn in range(60):\n"
        "    cache.store('a' * 32, value)\n"
        "    found = cache.load('a' * 32)\n"
        "    assert found == value, found\n"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    runs = [subprocess.Popen([sys.executable, "-c", code], env=env) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert [path.name for path in kept(tmp_path)] == [f"zoo-{'a' * 32}.json"]
