"""Parameters that several layers share, and side heads that share layers: each counted once."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import archcalc


def summary(tmp_path: Path, body: str, **options: Any) -> Any:
    """The summary of a net on 8x8x3."""
    path = tmp_path / "net.arch"
    path.write_text("net n\n  input 8x8x3\n" + body, encoding="utf-8")
    return archcalc.load(str(path)).summary(**options)


def test_shared_parameters_whose_owner_is_a_side_head(tmp_path: Path) -> None:
    """Defeats counting them with the layer that happens to come first in the text: the main output
    needs its convolution's 3·3·3·4 + 4 = 112 values, whoever else does."""
    found = summary(tmp_path, "  out x: conv 3x3 4\n  conv 3x3 4 like=x\n")
    assert found.totals["params"] == 112
    assert found.outputs["x"]["params"] == 0
    assert sum(row.params for row in found.rows) == 112
    record = found.to_dict()["layers"][0]
    assert record["params"] == record["trainable"] == 112
    assert record["tensors"] == {"weight": [4, 3, 3, 3], "bias": [4]}
    assert record["like"] == "x"
    with_heads = summary(tmp_path, "  out x: conv 3x3 4\n  conv 3x3 4 like=x\n", with_heads=True)
    assert [row.params for row in with_heads.rows] == [112, 0]
    assert with_heads.totals["params"] == 112


def test_what_only_a_head_needs(tmp_path: Path) -> None:
    """Heads on heads, shared parameters between them and with the main output, at random. Defeats a
    layer of two heads counted with one or both, and parameters that another one counts already."""
    pick = random.Random(5)
    looked_at = 0
    for _ in range(60):
        names, weighted, lines = ["input"], [], []
        for number in range(pick.randint(2, 12)):
            name, kind = f"l{number}", pick.choice(["relu", "conv", "like", "out"])
            if kind == "out":
                lines += [f"  @{pick.choice(names)}", f"  out {name}: conv 1x1 3"]
            elif kind == "relu":
                lines += [f"  {name}: @{pick.choice(names)} -> relu"]
            else:
                like = f" like={pick.choice(weighted)}" if kind == "like" and weighted else ""
                lines += [f"  {name}: @{pick.choice(names)} -> conv 1x1 3{like}"]
            names.append(name)
            weighted += [name] if kind != "relu" else []
        found = summary(tmp_path, "\n".join([*lines, f"  @{pick.choice(names)} -> relu\n"]))
        graph = found.graph
        needs = {name: graph.ancestors(layer) for name, layer in graph.heads.items()}
        for name in graph.heads:
            others = set(graph.main()).union(*(of for n, of in needs.items() if n != name))
            alone = [at for at in graph.layers if at in needs[name] and at not in others]
            owners = {at.owner for at in alone} - {at.owner for at in others}
            looked_at += 1
            assert found.outputs[name]["params"] == sum(at.facts.params for at in owners)
            assert found.outputs[name]["macs"] == sum(at.facts.macs for at in alone)
    assert looked_at > 60


def test_shared_parameters_whose_owner_is_not_used(tmp_path: Path) -> None:
    found = summary(tmp_path, "  x: conv 3x3 4\n  @input\n  conv 3x3 4 like=x\n")
    assert found.totals["params"] == 112


def test_shared_parameters_of_one_path(tmp_path: Path) -> None:
    found = summary(tmp_path, "  x: conv 3x3 3 pad=1\n  conv 3x3 3 pad=1 like=x\n")
    assert [row.params for row in found.rows] == [84, 0]
    assert found.totals["params"] == 84
    assert found.totals["macs"] == 2 * 64 * 81


def test_a_head_is_charged_what_only_it_needs(tmp_path: Path) -> None:
    """Defeats counting a layer that two heads need with both."""
    body = "  out x: conv 3x3 4\n  out y: @x -> conv 1x1 7\n  out z: @x -> conv 1x1 9\n  conv 3x3 4\n"
    outputs = summary(tmp_path, body).outputs
    assert {name: extra["params"] for name, extra in outputs.items() if name != "main"} == {
        "x": 0,
        "y": 35,
        "z": 45,
    }


def test_operations_of_a_row_are_for_the_batch() -> None:
    row = archcalc.load("8x8x3 -> conv 3x3 4").summary(batch=4).rows[0]
    assert row.operations.mul_add == row.macs == 4 * 36 * 108


@pytest.mark.parametrize(
    ("line", "agrees"),
    [
        ("report params 108 as weights", True),
        ("report bytes 432 as weights", True),
        ("report bytes 448", True),
        ("report macs 4032 as bias", True),
        ("report macs 3888 as conv", True),
        ("report params 112 as conv", True),
    ],
)
def test_a_convention_changes_its_quantity(tmp_path: Path, line: str, agrees: bool) -> None:
    """Defeats a convention that puts one quantity in the place of another."""
    body = f"  {line}\n  conv 3x3 4\n"
    (checked,) = summary(tmp_path, body).published_figures
    assert checked.agrees is agrees


@pytest.mark.parametrize(
    "line",
    [
        "macs 248 as weights",
        "depth 2 as weights",
        "depth 1 as conv",
        "rf 3 as heads",
        "units 1 as bias",
        "total 1K as weights",
    ],
)
def test_a_convention_that_does_not_fit_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(archcalc.SpecError) as caught:
        summary(tmp_path, f"  report {line}\n  conv 3x3 4\n")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "report"
    assert diagnostic.span.text == line.split()[-1]


HEAD = "block head\n  conv: conv 3x3 4 pad=1 -> bn\n  conv 1x1 2\n"


def test_a_block_that_shares_the_parameters_of_another_call(tmp_path: Path) -> None:
    """One head on two maps: layer for layer, whatever their sizes.

    Defeats: only the first layer shared, buffers counted again, operations that are shared too.
    """
    path = tmp_path / "net.arch"
    path.write_text(
        f"{HEAD}net n\n  input 8x8x3\n  a: head\n  b: @input -> maxpool 2x2\n"
        "  c: head @b like=a\n  d: head @b\n  e: @a -> maxpool 2x2\n  add @c @d @e\n"
    )
    rows = archcalc.load(str(path)).summary().to_dict()["layers"]
    held = {
        letter: [(r["params"], r["buffers"]) for r in rows if r["name"].startswith(f"{letter}.")]
        for letter in "acd"
    }
    assert held["a"] == held["d"] == [(112, 0), (8, 8), (10, 0)]
    assert held["c"] == [(0, 0), (0, 0), (0, 0)]
    assert next(r["macs"] for r in rows if r["name"] == "c.conv") == 16 * 27 * 4


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("  a: head\n  head like=b\n", "nothing above is called `b`"),
        ("  a: head\n  b: conv 1x1 4\n  head like=b\n", "`b` has 1 layers with parameters, this has 3"),
        (
            "  a: head\n  head like=a\n",
            "the parameters differ: weight 4x2x3x3, bias 4 here, weight 4x3x3x3, bias 4 there",
        ),
        ("  a: head\n  head like=3\n", "`like` is the label of a layer"),
    ],
)
def test_blocks_that_cannot_share(tmp_path: Path, body: str, message: str) -> None:
    path = tmp_path / "net.arch"
    path.write_text(f"{HEAD}net n\n  input 8x8x3\n{body}", encoding="utf-8")
    with pytest.raises(archcalc.SpecError) as caught:
        archcalc.load(str(path))
    assert [d.message for d in caught.value.diagnostics] == [message]


def test_a_network_that_shares_the_parameters_of_another_use(tmp_path: Path) -> None:
    """Siamese LeNets. Defeats counting the second one."""
    path = tmp_path / "net.arch"
    path.write_text(
        "net n\n  input left: 32x32x1\n  input right: 32x32x1\n"
        "  use lenet5_modern as=one\n  @right\n  use lenet5_modern as=two like=one\n"
        "  add @one @two\n"
    )
    totals = archcalc.load(str(path)).summary().totals
    assert (totals["params"], totals["macs"]) == (61_706, 2 * 416_520)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        # 8*8*3 values of the input, 4 bytes each, would be kept for a weight's gradient.
        ("  a: conv 3x3 3 pad=1 frozen=yes\n  conv 3x3 3 pad=1 like=a\n", {"a": 0, "conv1": 0}),
        (
            "  a: linear 3 bias=no frozen=yes\n  linear 3 bias=no like=a -> bias\n",
            {"a": 0, "linear1": 0, "bias1": 0},
        ),
        ("  a: conv 3x3 3 pad=1\n  conv 3x3 3 pad=1 like=a\n", {"a": 768, "conv1": 768}),
    ],
)
def test_what_shares_frozen_parameters_does_not_train_them(
    tmp_path: Path, body: str, kept: dict[str, int]
) -> None:
    """Whether parameters are held fixed is a matter of the layer that has them. Defeats asking the
    op of the layer that shares them, which says nothing of it: its input was kept."""
    found = summary(tmp_path, body)
    assert {row.name: row.saved_bytes for row in found.rows} == kept
    if not any(kept.values()):
        assert found.totals["backward_macs"] == 0


def test_frozen_behind_like_is_refused_where_the_owner_is_trained(tmp_path: Path) -> None:
    """Defeats passing it over in silence."""
    with pytest.raises(archcalc.SpecError, match="`a` is trained"):
        summary(tmp_path, "  a: conv 3x3 3 pad=1\n  conv 3x3 3 pad=1 like=a frozen=yes\n")
    held = "  a: conv 3x3 3 pad=1 frozen=yes\n  conv 3x3 3 pad=1 like=a frozen=yes\n"
    assert summary(tmp_path, held).totals["trainable"] == 0
