"""Names follow from the text: random specs, in which conditions, counts and sizes change.

Defeats a naming that looks at the layers which happen to be there. Every call of a layer has a
dilation of its own, so that it is known again; whatever is still there must be called as before.
"""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from archcalc import Network, SpecError, load

SWITCHES = [f"c{i}" for i in range(6)]


class Writer:
    """A random spec. All shapes stay as they are, so that everything can be left out."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.sites = 1
        self.inner = 0
        self.blocks: list[str] = []
        self.lines: list[str] = []
        for number in range(self.rng.randrange(4)):
            self.block(f"b{number}")
        self.lines.append("net n " + " ".join(f"{c}=yes" for c in SWITCHES) + " n=2 m=1\n  input 6x6x4")
        self.body(SWITCHES, ("n", "m"), "  ", self.rng.randrange(2, 7))
        self.lines.append("  conv 1x1 4")

    def block(self, name: str) -> None:
        self.lines.append(f"block {name} on=yes f=relu")
        self.body(["on"], (), "  ", self.rng.randrange(1, 4))
        self.blocks.append(name)

    def body(self, switches: list[str], counts: tuple[str, ...], indent: str, size: int) -> None:
        labels = self.rng.sample([f"l{i}" for i in range(9)], size)
        for label in labels:
            start = f"{label}: " if self.rng.random() < 0.4 else ""
            chain = self.chain(switches, counts, start)
            end = f"  if {self.rng.choice(switches)}" if self.rng.random() < 0.4 else ""
            if self.rng.random() < 0.3:
                self.lines.append(f"{indent}{start}{chain} -> add{end}")
                kind = self.rng.choice(("identity", "shortcut kind=C", "relu"))
                for branch in (self.chain(switches, counts, ""), kind):
                    self.inner += 1
                    inner = f"in{self.inner}: " if self.rng.random() < 0.2 else ""
                    self.lines.append(f"{indent}  | {inner}{branch}")
            else:
                self.lines.append(f"{indent}{start}{chain}{end}")

    def chain(self, switches: list[str], counts: tuple[str, ...], label: str) -> str:
        items = [self.item(switches) for _ in range(self.rng.choice((1, 1, 2, 3)))]
        if counts and self.rng.random() < 0.4:
            items = [f"{self.rng.choice(counts)} x ({' -> '.join(items)})"]
            if self.rng.random() < 0.5:
                items.append(self.item(switches))
        return " -> ".join(items)

    def item(self, switches: list[str]) -> str:
        self.sites += 1
        kind = self.rng.random()
        if kind < 0.45:
            return f"conv 1x1 4 dilation={self.sites}"
        if kind < 0.6:
            return f"maxpool 1x1 dilation={self.sites}"
        if kind < 0.7 or not self.blocks:
            return self.rng.choice(("bn", "sigmoid"))
        block = self.rng.choice(self.blocks)
        given = self.rng.choice([*self.blocks, "relu"]) if self.rng.random() < 0.2 else "relu"
        return f"{block} {self.rng.choice(switches)} f={given}"


def names(network: Network) -> dict[str, set[str]]:
    """The names of the layers of each call that can be told from others."""
    found = defaultdict(set)
    for layer in network.graph.layers:
        if "dilation=" in layer.text:
            found[layer.text].add(layer.name)
    return found


@pytest.mark.parametrize("seed", range(150))
def test_nothing_is_renamed(seed: int) -> None:
    text = "\n".join(Writer(seed).lines) + "\n"
    rng = random.Random(seed)
    whole = names(load("-", stdin=text))
    for _ in range(3):
        options = {c: rng.random() < 0.5 for c in SWITCHES}
        part = load("-", stdin=text, input=rng.choice(("6x6x4", "9x3x4")), **options)
        for call, found in names(part).items():
            assert found <= whole[call], text


def test_what_is_used_takes_its_numbers_when_it_is_not_there() -> None:
    text = "net n on=yes\n  input 32x32x1\n  use lenet5_modern classes=7   if on\n  fc 3\n  tanh\n"
    names = [layer.name for layer in load("-", stdin=text).graph.layers]
    gone = [layer.name for layer in load("-", stdin=text, on=False).graph.layers]
    assert gone == names[-2:]


def test_what_until_cuts_away_takes_its_numbers() -> None:
    """The place a network is used up to decides nothing about the names before and behind it."""
    text = (
        "net part\n  input 8x8x4\n  a: conv 1x1 4 -> relu\n  relu\n  b: conv 1x1 4\n  relu\n"
        "net n\n  input 8x8x4\n  l: use part until={} -> relu\n  relu\n"
    )
    from archcalc.diagnostics import Collector
    from archcalc.language.expand import Expansion
    from archcalc.language.library import Library, pick

    found = {}
    for place in ("a", "b"):
        library = Library()
        net = pick(library.text("n.arch", text.format(place)), "n.arch", "n")
        graph = Expansion(library, Collector()).network(net)
        found[place] = [layer.name for layer in graph.layers]
    assert found["a"] == ["l.a", "l.a.relu", "l.relu3", "relu1"]
    assert found["b"] == ["l.a", "l.a.relu", "l.relu1", "l.b", "l.relu3", "relu1"]


def test_a_label_in_a_repeat_is_one_name_or_none() -> None:
    """Defeats: layers of several turns that have one name."""
    text = "28x28x16 -> {}3 x (add | a: conv 3x3 16 pad=1; bn | identity); fc 10"
    with pytest.raises(SpecError, match="stands in a repeat") as caught:
        load("-", stdin=text.format(""))
    assert len(caught.value.diagnostics) == 1
    labelled = "  r: 3 x (add | a: conv 3x3 16 pad=1 | identity)\n"
    net = load("-", stdin=f"net n\n  input 28x28x16\n{labelled}")
    names = [layer.name for layer in net.graph.layers]
    assert names[:2] == ["r_1.a", "r_1.add"]
    assert len(set(names)) == 6
