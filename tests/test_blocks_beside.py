"""Blocks of other files in the folder of a spec: what is found, what comes first, what is refused.

Each test defeats a lookup that takes whatever is nearest, or reads what it should not.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import archcalc
from archcalc import SpecError
from archcalc.diagnostics import Diagnostic
from archcalc.language import neighbours

NET = "net n\n  input 8x8x4\n"


def lay(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.arch").write_text(text, "utf-8")


def layers(path: Path) -> list[str]:
    return [layer.text for layer in archcalc.load(str(path)).graph.layers]


def errors(path: Path) -> list[Diagnostic]:
    with pytest.raises(SpecError) as caught:
        archcalc.load(str(path))
    return [d for d in caught.value.diagnostics if d.severity == "error"]


def test_a_block_of_a_file_beside_the_spec(tmp_path: Path) -> None:
    """Defaults and helpers are those of its own file. Defeats a textual include, for which the
    house rules of the caller would hold."""
    lay(
        tmp_path,
        units="default conv pad=half\nblock helper c\n  conv 1x1 c\nblock unit c\n  conv 3x3 c -> helper c",
        n=f"default conv bias=no\nblock helper c\n  conv 5x5 c\n{NET}  unit 6\n  conv 1x1 2",
    )
    assert layers(tmp_path / "n.arch") == ["conv 3x3 6", "conv 1x1 6", "conv 1x1 2"]
    graph = archcalc.load(str(tmp_path / "n.arch")).graph
    assert str(graph.layers[0].output) == "8x8x6"  # padded
    assert [len(layer.facts.tensors or ()) for layer in graph.layers] == [2, 2, 1]


def test_what_comes_first(tmp_path: Path) -> None:
    """A parameter, then the own file, then what archcalc knows, then the folder. Defeats a file
    that changes its neighbours by lying there."""
    lay(
        tmp_path,
        other="\n".join(
            f"block {name} c\n  tconv 1x1 c" for name in ("unit", "conv", "basic", "Dense", "fine")
        ),
        n=f"block unit c\n  conv 1x1 c\n{NET}  unit 4\n  conv 1x1 4\n  basic 4\n  fine 4\n  Dense 4",
    )
    found = layers(tmp_path / "n.arch")
    assert found[:2] == ["conv 1x1 4"] * 2
    assert found[2] == "conv 3x3 4", "the standard library's"
    assert found[-2:] == ["tconv 1x1 4", "fc 4"]
    notes = [d.message for d in archcalc.load(str(tmp_path / "n.arch")).diagnostics]
    assert notes[:2] == [
        "`basic` is the block of the standard library, not the block at other.arch:5:7",
        "`Dense` is the layer `fc`, not the block at other.arch:7:7",
    ]


def test_a_block_as_a_parameter(tmp_path: Path) -> None:
    """Defeats a lookup in calls alone: a word that is given to a parameter is one too."""
    lay(
        tmp_path,
        other="block unit c\n  y: conv 1x1 c",
        n=f"block twice body\n  2 x body 3\n{NET}  twice unit\n  twice UNIT",
    )
    names = [layer.name for layer in archcalc.load(str(tmp_path / "n.arch")).graph.layers]
    assert names == ["twice1.unit1.y", "twice1.unit2.y", "twice2.unit1.y", "twice2.unit2.y"]


def test_two_files_with_one_name(tmp_path: Path) -> None:
    """The message names both places, and points at the call. Defeats the first in the alphabet."""
    lay(tmp_path, a="\n\nblock unit c\n  conv 1x1 c", b="block unit c\n  conv 3x3 c", n=f"{NET}  unit 3")
    (error,) = errors(tmp_path / "n.arch")
    assert error.message == "`unit` is a block of several files beside this one: a.arch:3:7, b.arch:1:7"
    assert error.span is not None
    assert error.span.position == (3, 3)
    lay(tmp_path, n=f"block unit c\n  conv 5x5 c\n{NET}  unit 3")
    assert layers(tmp_path / "n.arch") == ["conv 5x5 3"]


def test_cycles_between_files(tmp_path: Path) -> None:
    """Files may call each other; a block that comes back to itself is refused. Defeats a reader that
    opens what a file refers to before it has read it, and one that runs on."""
    lay(
        tmp_path,
        a="block one c\n  two c\nblock three c\n  conv 1x1 c",
        b="block two c\n  three c\nblock ping c\n  pong c",
        c="block pong c\n  ping c",
        n=f"{NET}  one 3",
    )
    assert layers(tmp_path / "n.arch") == ["conv 1x1 3"]
    lay(tmp_path, n=f"{NET}  ping 3")
    assert "`ping` calls itself" in [d.message for d in errors(tmp_path / "n.arch")]


def test_a_broken_neighbour(tmp_path: Path) -> None:
    """Nothing is said of it until a block of it is called; then its own place, and whose call it
    was. Defeats a folder in which one bad file breaks all others."""
    lay(tmp_path, bad="block unit c\n  conv 3x3 (\n", good="block fine c\n  conv 1x1 c", n=f"{NET}  fine 3")
    assert layers(tmp_path / "n.arch") == ["conv 1x1 3"]
    lay(tmp_path, n=f"{NET}  unit 3\n  nonsense 3\n  unit 4")
    found = errors(tmp_path / "n.arch")
    assert [Path(str(d.span).split(":")[0]).name for d in found] == ["bad.arch", "n.arch"]
    assert found[0].notes == (f"the file is read for `unit`, called at {tmp_path / 'n.arch'}:3:3",)
    lay(tmp_path, n=f"{NET}  unit 3 if in == 5\n  fine 3")
    assert layers(tmp_path / "n.arch") == ["conv 1x1 3"], "a skipped call wants nothing of it"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Too large, no text, a pipe, a folder of that name: no error unless a name stays unknown, which
    may be theirs. Defeats a reader that waits for the pipe, or reads a gigabyte."""
    lay(tmp_path, fine="block fine c\n  conv 1x1 c", n=f"{NET}  fine 3")
    (tmp_path / "huge.arch").write_text("block large c\n  conv 1x1 c\n" + "#" * 2**20)
    (tmp_path / "letters.arch").write_bytes(b"block odd c\n  conv 1x1 c # \xff\n")
    (tmp_path / "folder.arch").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.arch")
    assert layers(tmp_path / "n.arch") == ["conv 1x1 3"]
    lay(tmp_path, n=f"{NET}  large 3")
    (error,) = errors(tmp_path / "n.arch")
    assert error.message == "no layer or block is called `large`"
    assert any("huge.arch, beside this file, was not looked through" in help for help in error.help)


def test_links(tmp_path: Path) -> None:
    """A link and what it leads to are one file; a link to the spec itself is no neighbour; one that
    leads nowhere is none. Defeats a clash of a file with itself."""
    lay(
        tmp_path,
        units="block unit c\n  conv 1x1 c",
        n=f"block basis c\n  conv 1x1 c\n{NET}  unit 3\n  basis 2",
    )
    (tmp_path / "again.arch").symlink_to("units.arch")
    (tmp_path / "self.arch").symlink_to("n.arch")
    (tmp_path / "loop.arch").symlink_to("loop.arch")
    (tmp_path / "gone.arch").symlink_to("nowhere.arch")
    assert layers(tmp_path / "n.arch") == ["conv 1x1 3", "conv 1x1 2"]
    assert layers(tmp_path / "self.arch") == ["conv 1x1 3", "conv 1x1 2"]


def test_nothing_is_read_for_the_zoo_and_one_liners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a search of the current folder, where anything may lie."""
    lay(tmp_path, evil="block unit c\n  conv 1x1 c\nblock basic c\n  conv 7x7 c")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(neighbours.Neighbours, "_look_through", lambda *_: pytest.fail("looked"))
    archcalc.load("resnet18")
    with pytest.raises(SpecError, match="no layer or block is called `unit`"):
        archcalc.load("8x8x3 -> unit 4")
    with pytest.raises(SpecError, match="no layer or block is called `unit`"):
        archcalc.load("-", stdin=f"{NET}  unit 3")


def test_a_file_that_needs_nothing_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a folder that is read for every spec in it."""
    lay(tmp_path, other="block unit c\n  conv 1x1 c", n=f"block own c\n  conv 1x1 c\n{NET}  own 3 -> relu")
    monkeypatch.setattr(neighbours.Neighbours, "_look_through", lambda *_: pytest.fail("looked"))
    assert layers(tmp_path / "n.arch") == ["conv 1x1 3", "relu"]


def test_a_folder_of_very_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a folder that costs as much as somebody put into it."""
    monkeypatch.setattr(neighbours, "MOST_FILES", 3)
    lay(tmp_path, **{f"f{i}": f"block b{i} c\n  conv 1x1 c" for i in range(9)}, a=f"{NET}  b1 3")
    assert layers(tmp_path / "a.arch") == ["conv 1x1 3"]
    lay(tmp_path, a=f"{NET}  b7 3")
    (error,) = errors(tmp_path / "a.arch")
    assert any("the folder holds too much" in help for help in error.help)


def test_faults_of_the_spec_itself_are_still_all_there_is(tmp_path: Path) -> None:
    """A file that does not parse is checked for unknown names: those of its folder are known.
    Defeats a second complaint about what is right."""
    lay(tmp_path, other="block unit c\n  conv 1x1 c", n=f"{NET}  unit 3\n  conv 3x3 (\n")
    assert [d.code for d in errors(tmp_path / "n.arch")] == ["syntax"]


def test_used_networks_have_their_own_folder(tmp_path: Path) -> None:
    """A network of the zoo calls blocks of the standard library from wherever it is used. Defeats a
    lookup in the folder of the file that began."""
    text = "net n\n  input 224x224x3\n  use mnasnet"
    lay(tmp_path, other="block inverted_residual t c stride=1\n  conv 9x9 c stride=stride pad=half", n=text)
    used = archcalc.load(str(tmp_path / "n.arch"))
    assert len(used.graph.layers) > 50
    assert not any("9x9" in layer.text for layer in used.graph.layers)
    assert not any("not the block at" in d.message for d in used.diagnostics)
