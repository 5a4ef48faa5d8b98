"""Where an answer goes, and in what shape a spreadsheet may get it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from calling import call

COMMANDS = [
    ["summary", "lenet5"],
    ["rf", "lenet5"],
    ["explain", "lenet5"],
    ["list"],
    ["show", "lenet5"],
    ["compare", "lenet5", "alexnet"],
    ["draw", "lenet5"],
    ["export", "lenet5"],
    ["ops"],
    ["check", "lenet5", "params=3"],
    ["solve", "8x8x1 -> conv ? 1 -> [6x6x1]"],
    ["sweep", "8x8x1 -> conv {3, 5} 1"],
]


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS)
def test_names_that_no_file_has(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: a file `a` for `-o a/`, a file named `-`."""
    monkeypatch.chdir(tmp_path)
    bare = call(*words)
    assert bare.out
    dash = call(*words, "-o", "-")
    assert (dash.out, dash.err, dash.code) == (bare.out, bare.err, bare.code)
    for name in ("a/", "./a//", ""):
        found = call(*words, "--output", name)
        assert (found.code, found.out) == (2, "")
        assert "is no name of a file" in found.err
    assert os.listdir() == []


@pytest.mark.parametrize("form", ["plain", "csv"])
def test_no_cell_is_a_formula(form: str) -> None:
    """Plain text is pasted into spreadsheets too. Defeats: an apostrophe in CSV alone."""
    text = 'net a "=1+1"\n  input 8x8x3\n  paper "@x"\n  conv 3x3 4\n'
    answer = call("check", "8x8x3 -> relu", "output==1+1", "--format", form)
    cells = answer.out.replace(",", "\t").replace("\n", "\t").split("\t")
    assert "'=1+1" in cells
    assert "=1+1" not in cells
    found = call("compare", "-", "lenet5", "--format", form, stdin=text).out
    assert not any(
        cell.startswith(("=", "@", "+")) for cell in found.replace(",", "\t").replace("\n", "\t").split("\t")
    )
    # A number below zero is a number.
    start = call("rf", "8x8x3 -> conv 3x3 4 pad=1", "--format", form).out
    assert "-1" in start
    assert "'-1" not in start


def test_a_folder_that_nobody_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: "there is no sheet in it", which nobody can know."""
    from archcalc.answers.platforms import folders

    def walk(path: str, onerror: object) -> object:
        assert callable(onerror)
        onerror(PermissionError(13, "Permission denied", path))
        return iter(())

    monkeypatch.setattr(folders.os, "walk", walk)
    found = folders.HandedIn("ann", "ann")
    folders._gather(str(tmp_path), "ann", found)
    assert found.unreadable == "it cannot be read: permission denied"


@pytest.mark.parametrize("name", ["vgg16", "resnet50"])
@pytest.mark.parametrize(
    "words",
    [
        ["summary"],
        ["summary", "--chart"],
        ["summary", "-v"],
        ["rf"],
        ["rf", "--at", "0,0"],
        ["explain"],
        ["show"],
        ["check", "params=3"],
    ],
)
@pytest.mark.slow
def test_a_width_that_is_asked_for_is_kept(words: list[str], name: str) -> None:
    """Defeats: screens that are as wide as they happen to be."""
    command, *rest = words
    for width in (40, 57, 79):
        out = call(command, name, *rest, "--width", str(width)).out
        assert max(map(len, out.split("\n"))) <= width
    assert call("summary", name, "--chart", COLUMNS="1").code == 0
