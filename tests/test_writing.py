"""Graphs written as text: loaded again, the text is the same graph, and it is as short as one by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from random_blocks import block_networks
from random_networks import network_of
from rewriting import differences

import archcalc
from archcalc.graph import Graph, Group
from archcalc.language.library import Library
from archcalc.language.writing import flat, write, written
from archcalc.language.writing.checking import gives

ZOO = sorted(Library().zoo)
QUICK = ["vgg16", "resnet18", "googlenet", "lenet5", "densenet121", "mask_rcnn_resnet50_fpn", "nasnet_cifar"]


def read(text: str, folder: Path) -> Graph:
    file = folder / "net.arch"
    file.write_text(text, encoding="utf-8")
    return archcalc.load(str(file)).graph


def check(graph: Graph, folder: Path) -> None:
    """Both forms, with blocks and without any, are the graph. Defeats: writing that forgets an attribute, a
    head, a shared layer, or joins what is not one after the other."""
    for text in (write(graph, "again"), written(graph, flat(graph), "again")):
        found = list(differences(graph, read(text, folder)))
        assert not found, "\n".join([*found[:5], text])


@pytest.mark.parametrize("name", QUICK)
def test_zoo(name: str, tmp_path: Path) -> None:
    check(archcalc.load(name).graph, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ZOO if name not in QUICK])
def test_whole_zoo(name: str, tmp_path: Path) -> None:
    graph = archcalc.load(name).graph
    check(graph, tmp_path)
    assert gives(written(graph, graph.tree), graph)


@pytest.mark.parametrize("seed", range(12))
def test_random_networks(seed: int, tmp_path: Path) -> None:
    graph = read(network_of(seed, 8 + 2 * seed), tmp_path)
    check(graph, tmp_path)
    assert gives(written(graph, graph.tree), graph)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 300))
def test_many_random_networks(seed: int, tmp_path: Path) -> None:
    check(read(network_of(seed, 8 + seed % 40), tmp_path), tmp_path)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(text=block_networks())
def test_random_blocks(text: str, tmp_path: Path) -> None:
    check(read(text, tmp_path), tmp_path)


@pytest.mark.parametrize(
    ("name", "lines"),
    # By hand, with the blocks that they call: 13, 25, 30, 19.
    [("vgg16", 24), ("resnet50", 26), ("googlenet", 46), ("densenet121", 34)],
)
def test_short(name: str, lines: int) -> None:
    """Blocks, repeats and lists are found again. Defeats: a text of one line per layer."""
    assert len(write(archcalc.load(name).graph).splitlines()) <= lines


def test_reads_like_a_spec() -> None:
    text = write(archcalc.load("resnet50").graph)
    assert "  conv3: 4 x bottleneck 128 stride=[2, 1..]" in text
    assert "      conv_bn 1x1 (4*c)" in text
    assert "    | shortcut\n" in text


def test_names_stay(tmp_path: Path) -> None:
    """Labels give the names again. Defeats: labels of the writer's own."""
    for name in ("vgg16", "resnet50", "googlenet", "densenet121"):
        graph = archcalc.load(name).graph
        again = read(write(graph), tmp_path)
        assert [layer.name for layer in again.layers] == [layer.name for layer in graph.layers]


PASSED = """
block part c
  conv 3x3 c -> relu
  inner: conv 1x1 c -> bn
  relu

net heads
  input image: 16x16x3
  stem: conv 3x3 4 pad=1
  parts: 3 x part 8
  mu: conv 1x1 4
  last: relu
  conv 1x1 4
  out taken: @mu
  out sum: add @mu @last
  out deep: @parts_2.inner
  out early: @stem
  out raw: @image
"""


def test_heads_that_the_network_goes_on_from(tmp_path: Path) -> None:
    """Defeats heads that are written where nothing reads them alone: features of several depths, the mean and
    the variance of an autoencoder, a sum of two tensors that are read again."""
    graph = read(PASSED, tmp_path)
    assert len(graph.heads) == 5
    check(graph, tmp_path)
    again = read(write(graph, "again"), tmp_path)
    assert {name: layer.index for name, layer in again.heads.items()} == {
        name: layer.index for name, layer in graph.heads.items()
    }


def test_frozen(tmp_path: Path) -> None:
    """What is held fixed stays a parameter. Defeats: frozen=yes on a norm, which makes buffers of it."""
    graph = archcalc.load("resnet18").freeze("conv2").graph
    again = read(write(graph), tmp_path)
    assert not list(differences(graph, again))
    assert [layer.held for layer in again.layers if layer.facts.params][:2] == [True, False]
    assert "bn frozen=" in write(graph)


def test_falls_back(tmp_path: Path) -> None:
    """A tree that does not fit the wiring costs the short form, and not the truth."""
    graph = archcalc.load("8x8x3 -> conv 3x3 4 -> relu -> conv 3x3 4").graph
    tree = Group("net", None)
    wrong = Group("repeat", "r")
    for layer in reversed(graph.layers):
        turn = Group("turn")
        turn.members.append(layer)
        wrong.members.append(turn)
    tree.members.append(wrong)
    graph.tree = tree
    assert not list(differences(graph, read(write(graph, "again"), tmp_path)))
