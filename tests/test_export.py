"""`archcalc export`: source that a person could have written, which makes the same network."""

from __future__ import annotations

import ast

import pytest
from calling import call

import archcalc
from archcalc.spec.library import Library

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from exported import check_shapes, check_values  # noqa: E402

ZOO = sorted(Library().zoo)


@pytest.mark.parametrize("name", ZOO)
def test_the_zoo(name: str) -> None:
    """Every tensor by name and size, and the shape of the output, without a value."""
    graph = archcalc.load(name).graph
    if any(layer.op.name == "nms" for layer in graph.layers):
        answer = call("export", name)
        assert (answer.code, answer.out) == (2, "")
        assert "`nms` has no counterpart in PyTorch" in answer.err
        return
    check_shapes(graph)


@pytest.mark.parametrize(("target", "options"), [
    ("lenet5", {}), ("lenet5_modern", {}), ("convnetjs_cifar10", {}), ("resnet20_cifar", {}),
    ("squeezenet1_1", {"input": "64x64x3"}),
    ("mobilenet_v2", {"input": "64x64x3", "width": "0.25"}),
    ("neuraltalk_caption", {"vocabulary": "50"}), ("resnet18", {"input": "64x64x3"}),
    ("googlenet", {"input": "64x64x3"}),
])  # fmt: skip
def test_the_same_weights_give_the_same_outputs(target: str, options: dict[str, str]) -> None:
    """Defeats branches in another order, a shortcut left out, padding on the wrong side."""
    check_values(archcalc.load(target, **options).graph)


@pytest.mark.parametrize(("name", "lines"), [("resnet50", 120), ("vgg16", 80), ("googlenet", 110)])
def test_as_a_person_would_write_it(name: str, lines: int) -> None:
    """Blocks as classes, repeats as loops: few lines, none of them wide."""
    text = archcalc.load(name).export()
    assert len(text.splitlines()) <= lines
    assert all(len(line) <= 100 and line == line.rstrip() for line in text.splitlines())
    ast.parse(text)
    assert "archcalc." not in text.replace("archcalc from", "")


def test_a_file(tmp_path: object) -> None:
    answer = call("export", "lenet5_modern", "--to", "torch", "-o", f"{tmp_path}/net.py")
    assert (answer.code, answer.out) == (0, "")
    space: dict[str, object] = {"__name__": "net"}
    exec(open(f"{tmp_path}/net.py").read(), space)  # noqa: SIM115
    assert sum(p.numel() for p in space["LeNet5Modern"]().parameters()) == 61_706  # type: ignore[operator]
