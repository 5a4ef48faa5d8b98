"""A network of the zoo is read without its family; nothing else may change by that."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from archcalc.language.library import Library, alone
from archcalc.network import load
from archcalc.texts import read


def test_reading_alone_keeps_the_lines_and_drops_the_others() -> None:
    """Defeats: line numbers that move; a block or default taken for a part of the net above."""
    text = (
        "default conv pad=half\n\nnet a\n  input 3x3x1\n\n  relu\n# about b\nblock b\n  relu\n"
        "net c\n  input 3x3x1\n  b"
    )
    assert alone(text, "a") == text.replace("net c\n  input 3x3x1\n  b", "\n\n")
    assert alone(text, "c") == text.replace("net a\n  input 3x3x1\n\n  relu\n", "\n\n\n\n")


@cache
def whole_zoo() -> Library:
    """All families, read whole."""
    library = Library()
    library.read_zoo()
    return library


def test_reading_alone_leaves_networks_out() -> None:
    """Defeats a reading that takes all of every file, and the next test compares it with itself."""
    for path in set(Library().zoo.values()):
        assert alone(read(path), "") != read(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(Library().zoo))
def test_alone_and_in_its_family(name: str) -> None:
    """Defeats a network that needs another one of its file, or other house rules."""
    whole = whole_zoo()
    one, other = load(name), load(name, library=whole)
    assert [str(d.span) for d in one.diagnostics] == [str(d.span) for d in other.diagnostics]
    assert one.summary().totals == other.summary().totals
    assert [layer.name for layer in one.graph.layers] == [layer.name for layer in other.graph.layers]


def test_the_zoo_uses_the_zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a network of the zoo built on whatever is called vgg16.arch in the folder at hand."""
    (tmp_path / "vgg16.arch").write_text("net vgg16\n  input 32x32x3\n  pool4: conv 3x3 512\n")
    mine = tmp_path / "mine.arch"
    mine.write_text("net mine\n  input 32x32x3\n  use vgg16\n")
    monkeypatch.chdir(tmp_path)
    for library in (Library(), whole := Library()):
        if library is whole:
            library.read_zoo()
        tuned = load("vgg16_cifar10_finetune", library=library)
        assert tuned.graph.layers[0].name == "base.conv1_1"
        assert [layer.name for layer in load("mine.arch", library=library).graph.layers] == ["pool4"]
