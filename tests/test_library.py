"""A network of the zoo is read without its family; nothing else may change by that."""

from __future__ import annotations

import pytest

from archcalc.network import load
from archcalc.spec.library import Library, alone, read


def test_reading_alone_keeps_the_lines_and_drops_the_others() -> None:
    """Defeats: line numbers that move; a block or default taken for a part of the net above."""
    text = (
        "default conv pad=half\n\nnet a\n  input 3x3x1\n\n  relu\n# about b\nblock b\n  relu\n"
        "net c\n  input 3x3x1\n  b"
    )
    assert alone(text, "a") == text.replace("net c\n  input 3x3x1\n  b", "\n\n")
    assert alone(text, "c") == text.replace("net a\n  input 3x3x1\n\n  relu\n", "\n\n\n\n")


@pytest.mark.parametrize("name", sorted(Library().zoo))
def test_alone_and_in_its_family(name: str) -> None:
    """Defeats a network that needs another one of its file, or other house rules."""
    whole = Library()
    whole.read_zoo()
    for path in set(whole.zoo.values()):
        assert alone(read(path), "") != read(path)
    one, other = load(name), load(name, library=whole)
    assert [str(d.span) for d in one.diagnostics] == [str(d.span) for d in other.diagnostics]
    assert one.summary().totals == other.summary().totals
    assert [layer.name for layer in one.graph.layers] == [
        layer.name for layer in other.graph.layers
    ]
