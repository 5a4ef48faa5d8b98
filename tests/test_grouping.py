"""The module tree as groups: what tables fold by, and what places are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from calling import call
from rewriting import differences

import archcalc
from archcalc.graph import Graph, Group, Layer
from archcalc.importing.operations.grouping import grouped, labels_of
from archcalc.importing.operations.recording import ModuleCall, Recording
from archcalc.language.writing import flat, write, written
from archcalc.language.writing.checking import gives
from archcalc.report.screens.folding import Folding


class Calls:
    """Calls of modules by path, made as they are asked for: ``a.b`` inside ``a``."""

    def __init__(self, kinds: dict[str, str]):
        self.kinds = kinds
        self.root = ModuleCall("", "Net", 1, None, 0)
        self.known: dict[str, ModuleCall] = {}

    def __call__(self, path: str) -> ModuleCall:
        if not path:
            return self.root
        if path not in self.known:
            outer = path
            parent = self.root
            while "." in outer:
                outer = outer.rpartition(".")[0]
                if self.kinds.get(outer) != "ModuleList":  # such a list is never called
                    parent = self(outer)
                    break
            kind = self.kinds.get(path, "Module")
            self.known[path] = ModuleCall(path, kind, 1, parent, len(self.known) + 1)
        return self.known[path]


def layers_of(paths: list[str], chain: str, kinds: dict[str, str]) -> list[tuple[Layer, ModuleCall]]:
    calls = Calls(kinds)
    layers = archcalc.load(chain).graph.layers
    for layer, path in zip(layers, paths, strict=True):
        layer.name = path
    return [(layer, calls(path)) for layer, path in zip(layers, paths, strict=True)]


def description(group: Group) -> list[object]:
    """A tree as nested lists."""
    return [
        m.name if isinstance(m, Layer) else [m.kind, m.name, m.text.split(" ")[0], *description(m)]
        for m in group.members
    ]


UNITS = {"stage": "Sequential", "stage.0": "Unit", "stage.1": "Unit", "stage.2": "Unit"}


def test_numbered_siblings_are_a_repeat() -> None:
    """Defeats: a level of rows for the container, and one row per sibling."""
    paths = ["stem", "stage.0.conv", "stage.0.act", "stage.1.conv", "stage.1.act", "fc"]
    chain = "8x8x3 -> conv 1x1 4 -> conv 1x1 4 -> relu -> conv 1x1 4 -> relu -> fc 2"
    tree = grouped(layers_of(paths, chain, UNITS), Recording("net"))
    assert description(tree) == [
        "stem",
        [
            *["repeat", "stage", "Unit"],
            ["turn", "stage.0", "Unit", "stage.0.conv", "stage.0.act"],
            ["turn", "stage.1", "Unit", "stage.1.conv", "stage.1.act"],
        ],
        "fc",
    ]


def test_another_output_ends_a_run() -> None:
    """Defeats: one repeat over stages of different sizes, whose row would have one output of several."""
    paths = [f"stage.{n}.{part}" for n in range(3) for part in ("conv", "act")]
    chain = "8x8x3 -> conv 1x1 4 -> relu -> conv 1x1 4 -> relu -> conv 1x1 6 -> relu"
    tree = grouped(layers_of(paths, chain, UNITS), Recording("net"))
    (stage,) = tree.members
    assert isinstance(stage, Group)
    assert (stage.kind, stage.name) == ("block", "stage")
    assert [m.name for m in stage.members] == ["stage.0..1", "stage.2"]


def test_a_list_is_called_as_the_list() -> None:
    """A ModuleList is never called: its members have its name in front of their number."""
    kinds = {"encoder": "Encoder", "encoder.layer": "ModuleList"}
    kinds |= {"encoder.layer.0": "Unit", "encoder.layer.1": "Unit"}
    paths = [f"encoder.layer.{n}.{part}" for n in range(2) for part in ("lin", "act")] + ["encoder.norm"]
    chain = "8x4 -> linear 4 -> relu -> linear 4 -> relu -> layernorm"
    layers = layers_of(paths, chain, kinds)
    (encoder,) = grouped(layers, Recording("net")).members
    assert isinstance(encoder, Group)
    assert [m.name for m in encoder.members] == ["encoder.layer", "encoder.norm"]
    labels = labels_of(layers)
    places = {name: (at.first, at.last, at.tensor.name) for name, at in labels.items()}
    assert places["encoder.layer"] == (0, 4, "encoder.layer.1.act")
    assert places["encoder.layer.0"] == (0, 2, "encoder.layer.0.act")
    assert places["encoder"] == (0, 5, "encoder.norm")


def test_names_with_numbers() -> None:
    """``denselayer1`` is numbered as ``0`` is. Defeats: numbers behind points only."""
    kinds = {"dense": "Block", "dense.denselayer1": "Unit", "dense.denselayer2": "Unit"}
    paths = [f"dense.denselayer{n}.{part}" for n in (1, 2) for part in ("conv", "act")]
    chain = "8x8x4 -> conv 1x1 4 -> relu -> conv 1x1 4 -> relu"
    (block,) = grouped(layers_of(paths, chain, kinds), Recording("net")).members
    assert isinstance(block, Group)
    (repeat,) = block.members
    assert isinstance(repeat, Group)
    assert (block.kind, repeat.kind, repeat.name) == ("block", "repeat", "dense")
    assert [m.name for m in repeat.members] == ["dense.denselayer1", "dense.denselayer2"]


def test_a_second_call_has_its_own_name() -> None:
    calls = Calls({"a": "Unit"})
    layers = archcalc.load("8x4 -> linear 4 -> relu -> linear 4 -> relu").graph.layers
    again = ModuleCall("a", "Unit", 2, calls.root, 9)
    pairs = list(zip(layers, [calls("a"), calls("a"), again, again], strict=True))
    (run,) = grouped(pairs, Recording("net")).members
    assert isinstance(run, Group)
    assert [m.name for m in run.members] == ["a", "a#2"]
    assert (labels_of(pairs)["a"].first, labels_of(pairs)["a"].last) == (0, 2)


# End to end ----------------------------------------------------------------------------------


def trace(name: str) -> Graph:
    try:
        from archcalc.importing.torch.finding import imported

        imported("torchvision.models")
    except ImportError:
        pytest.skip("torchvision is not installed")
    from archcalc.importing.torch import import_network
    from archcalc.importing.torch.targets import ModuleTarget

    return import_network(ModuleTarget.read(f"torchvision.models:{name}"))[0]


def rows(graph: Graph) -> int:
    folding = Folding(graph, list(graph.layers))
    return len(folding.rows(folding.best()))


def read(text: str, folder: Path) -> Graph:
    file = folder / "net.arch"
    file.write_text(text, encoding="utf-8")
    return archcalc.load(str(file)).graph


QUICK = ["resnet18", "vgg11", "squeezenet1_0"]
SLOW = [
    *["alexnet", "resnet50", "vgg16_bn", "densenet121", "googlenet", "inception_v3", "mobilenet_v2"],
    *["mobilenet_v3_large", "mnasnet1_0", "shufflenet_v2_x1_0", "efficientnet_b0", "regnet_y_400mf"],
    *["convnext_tiny", "vit_b_16", "swin_t", "maxvit_t", "resnext50_32x4d", "efficientnet_v2_s"],
]


def check(name: str, folder: Path) -> None:
    """Both forms, with blocks and without, are the traced graph, and its totals are theirs."""
    graph = trace(name)
    assert gives(written(graph, graph.tree), graph)
    for text in (write(graph, "again"), written(graph, flat(graph), "again")):
        again = read(text, folder)
        assert not list(differences(graph, again)), text
    assert sum(layer.facts.params or 0 for layer in again.layers if not layer.shared) == sum(
        layer.facts.params or 0 for layer in graph.layers if not layer.shared
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", QUICK)
def test_text_of_a_module(name: str, tmp_path: Path) -> None:
    check(name, tmp_path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SLOW)
def test_text_of_modules(name: str, tmp_path: Path) -> None:
    check(name, tmp_path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "most"), [("resnet152", 70), ("convnext_large", 40), ("vgg16", 24)])
def test_few_rows(name: str, most: int) -> None:
    """Defeats: a row per layer; ResNet-152 has 364 layers."""
    graph = trace(name)
    assert rows(graph) <= most < len(graph.layers)


@pytest.mark.filterwarnings("ignore")
def test_reads_like_the_zoo() -> None:
    """``layer1`` of ResNet-18 in the words of specs/resnet.arch."""
    text = write(trace("resnet18"))
    assert "  layer2: 2 x basic_block 128 stride=[2, 1..]  -> [28x28x128]\n" in text
    assert "    | downsample: shortcut\n" in text
    assert len(text.splitlines()) <= 21
    graph = trace("resnet18")
    assert str(graph.labels["layer3"].tensor.output) == "14x14x256"
    assert graph.labels["layer1.0"].tensor.name == "layer1.0.relu#2"


@pytest.mark.filterwarnings("ignore")
def test_rows_tell_the_line_of_code() -> None:
    """With -v a row of a traced module says which line made its first layer; a spec has no such column."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    small = ["summary", "examples/small_net.py:SmallNet", "--input", "32x32x3", "--width", "140"]
    with_lines = call(*small, "-v").out
    rows = [line for line in with_lines.splitlines() if "2 x Unit" in line]
    assert len(rows) == 3
    assert all(line.rstrip().endswith("small_net.py:25") for line in rows), rows
    assert "small_net.py:25" not in call(*small).out
    assert "code" not in call("summary", "vgg16", "-v").out.splitlines()[2]


@pytest.mark.filterwarnings("ignore")
def test_a_module_is_frozen_in_a_file(tmp_path: Path) -> None:
    """``show MODULE -o net.arch`` writes a spec that loads. Defeats: the screen, sizes beside the lines, in a
    file."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    file = tmp_path / "net.arch"
    small = ["examples/small_net.py:SmallNet", "--input", "32x32x3"]
    assert call("show", *small, "-o", str(file)).code == 0
    again = archcalc.load(str(file))
    assert again.summary().totals["params"] == 175_066
    assert again.summary().totals["macs"] == 26_657_408
    assert again.layer("stages_1_1.conv1").output == (16, 16, 32)
