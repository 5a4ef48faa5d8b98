"""Networks as both exporters of PyTorch write them, with the options that people use."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import archcalc

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
torch = pytest.importorskip("torch")
from test_onnx_exported import classifier  # noqa: E402
from torch import nn  # noqa: E402

FIGURES = ("params", "macs", "depth")


def write(module: Any, given: Any, path: Path, dynamo: bool, **options: Any) -> None:
    """Export a module as it is, unless the options say otherwise."""
    if dynamo:
        options = {"optimize": False, "verbose": False, "external_data": False, **options}
    else:
        keep = torch.onnx.TrainingMode.PRESERVE
        options = {"training": keep, "do_constant_folding": False, **options}
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            torch.onnx.export(module, given, str(path), dynamo=dynamo, input_names=["x"], **options)
    finally:
        logging.disable(logging.NOTSET)


class Block(nn.Module):
    """A block of a transformer, with attention as most code calls it."""

    def __init__(self, width: int = 32, heads: int = 4):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.heads = heads

    def forward(self, x: Any) -> Any:
        batch, tokens, width = x.shape
        each = self.qkv(self.norm1(x)).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = each.permute(2, 0, 3, 1, 4).unbind(0)
        y = nn.functional.scaled_dot_product_attention(q, k, v)
        x = x + self.proj(y.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    """Patches, two blocks, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 8, 8)
        self.positions = nn.Parameter(torch.zeros(1, 16, 32))
        self.register_buffer("scale", torch.rand(32))
        self.blocks = nn.Sequential(Block(), Block())
        self.head = nn.Linear(32, 10)

    def forward(self, x: Any) -> Any:
        x = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        return self.head(self.blocks(x * self.scale).mean(1))


class Shuffled(nn.Module):
    """Halves of the channels, a rolled map, and a pool that counts its padding."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 8, 3, padding=1)

    def forward(self, x: Any) -> Any:
        one, other = self.conv(x).chunk(2, 1)
        x = torch.roll(torch.cat([other, one], 1), (1, -2), (2, 3))
        return nn.functional.avg_pool2d(x, 3, 2, 1)


def assert_alike(module: Any, path: Path, size: str, figures: tuple[str, ...] = FIGURES) -> None:
    """Hold the network of a file against the traced module: figures, kinds of layers, size of the output."""
    read, traced = archcalc.load(path), archcalc.load(module, input=size)
    for word in figures:
        assert read.summary().totals[word] == traced.summary().totals[word], word
    kinds = [Counter(layer.op.name for layer in net.graph.layers) for net in (read, traced)]
    assert kinds[0] == kinds[1]
    assert read.graph.output.output == traced.graph.output.output


@pytest.mark.parametrize("dynamo", [False, True])
def test_attention_is_that_of_the_traced_module(tmp_path: Path, dynamo: bool) -> None:
    """Defeats: a bias that is a layer of its own since its weight is transposed by a node, attention left as
    its products, and queries, keys and values that are taken out as layers."""
    module, path = Transformer().eval(), tmp_path / "net.onnx"
    write(module, (torch.zeros(1, 3, 32, 32),), path, dynamo)
    read, traced = archcalc.load(path), archcalc.load(module, input="32x32x3")
    more = 0 if dynamo else 32  # the older exporter does not say what is a buffer
    assert read.summary().totals["params"] == traced.summary().totals["params"] + more
    assert read.summary().totals["macs"] == traced.summary().totals["macs"]
    kinds = [Counter(layer.op.name for layer in net.graph.layers) for net in (read, traced)]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("dynamo", [False, True])
def test_parts_and_rims(tmp_path: Path, dynamo: bool) -> None:
    """Defeats: lists of tensors that are refused, a roll that is slices, and padding that is a layer."""
    module, path = Shuffled().eval(), tmp_path / "net.onnx"
    write(module, (torch.zeros(1, 4, 16, 16),), path, dynamo)
    assert_alike(module, path, "16x16x4", (*FIGURES, "activation_bytes", "peak_bytes"))


OPTIONS: dict[str, tuple[bool, dict[str, Any]]] = {
    **{f"opset {version}": (False, {"opset_version": version}) for version in (9, 11, 13, 15, 17, 20)},
    "weights as inputs": (False, {"keep_initializers_as_inputs": True}),
    "no weights": (False, {"export_params": False}),
    "an open batch": (False, {"dynamic_axes": {"x": {0: "batch"}}}),
    "newer, beside the file": (True, {"external_data": True}),
    "newer, weights as inputs": (True, {"keep_initializers_as_inputs": True}),
    "newer, opset 18": (True, {"opset_version": 18}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIONS)
def test_options_of_the_exporters(tmp_path: Path, name: str) -> None:
    """Defeats: weights that are taken for inputs with a batch, or that are missing."""
    dynamo, options = OPTIONS[name]
    module, path = classifier("squeezenet1_1"), tmp_path / "net.onnx"
    write(module, (torch.zeros(1, 3, 64, 64),), path, dynamo, **options)
    read, traced = archcalc.load(path), archcalc.load(module, input="64x64x3")
    for word in FIGURES:
        assert read.summary().totals[word] == traced.summary().totals[word], word


def test_weights_that_are_left_out(tmp_path: Path) -> None:
    """Defeats: a weight that is an input with a batch. The newer exporter writes no sizes of them."""
    module, path = Shuffled().eval(), tmp_path / "net.onnx"
    write(module, (torch.zeros(1, 4, 16, 16),), path, False, export_params=False)
    assert not onnx.load(str(path)).graph.initializer
    assert_alike(module, path, "16x16x4")
    write(module, (torch.zeros(1, 4, 16, 16),), path, True, export_params=False)
    with pytest.raises(archcalc.SpecError, match=r"the tensor conv\.weight before node") as caught:
        archcalc.load(path)
    assert "export_params=True" in caught.value.diagnostics[0].help[0]


def test_a_height_that_the_file_leaves_open(tmp_path: Path) -> None:
    """Defeats: a made-up size; the message says which axis it is and how to state it."""
    module, path = Shuffled().eval(), tmp_path / "net.onnx"
    axes = {"x": {0: "batch", 2: "height", 3: "width"}}
    write(module, (torch.zeros(1, 4, 16, 16),), path, False, dynamic_axes=axes)
    with pytest.raises(archcalc.SpecError, match="input x how long its axis height is") as caught:
        archcalc.load(path)
    assert "--input x=224x224x4" in caught.value.diagnostics[0].help[0]
    assert archcalc.load(path, input="20x24x4").graph.output.output == (10, 12, 8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "dynamo"),
    [("vit_b_16", False), ("swin_t", False), ("swin_t", True), ("convnext_tiny", True), ("maxvit_t", False)],
)
def test_transformers_of_torchvision(tmp_path: Path, name: str, dynamo: bool) -> None:
    """Masks of shifted windows are no parameters, and their rolls and attention are those of the module.
    Defeats: tensors that nodes fill with zeros and write into, counted as weights."""
    module, path = classifier(name), tmp_path / "net.onnx"
    write(module, (torch.zeros(1, 3, 224, 224),), path, dynamo)
    read, traced = archcalc.load(path), archcalc.load(module, input="224x224x3")
    # The older exporter writes of Swin's masks one more tensor that it fills with zeros.
    for word in ("macs", "depth") if (name, dynamo) == ("swin_t", False) else FIGURES:
        assert read.summary().totals[word] == traced.summary().totals[word], word
    for word in ("sdpa", "linear", "layernorm", "roll", "conv"):
        counts = [sum(layer.op.name == word for layer in net.graph.layers) for net in (read, traced)]
        assert counts[0] == counts[1], word


class Grouped(nn.Module):
    """Norms over groups: of several channels, of all and of each, with and without parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.some, self.all, self.each = nn.GroupNorm(4, 8), nn.GroupNorm(1, 8), nn.GroupNorm(8, 8)
        self.bare, self.plain = nn.GroupNorm(2, 8, affine=False), nn.InstanceNorm2d(8)
        for norm in (self.some, self.all, self.each):  # as after a training: equal tensors are stored once
            nn.init.normal_(norm.weight)
            nn.init.normal_(norm.bias)

    def forward(self, x: Any) -> Any:
        x = self.each(self.all(nn.functional.relu(self.some(self.conv(x)))))
        return self.bare(self.plain(x))


@pytest.mark.parametrize("version", [13, 20])
def test_norms_over_groups(tmp_path: Path, version: int) -> None:
    """Defeats: the ones and zeros that InstanceNormalization has to have, counted as parameters, and a norm
    over groups that is a rearranged map: the file has the parameters of the module, and its layers' sizes."""
    module, path = Grouped().eval(), tmp_path / "net.onnx"
    write(module, (torch.zeros(1, 3, 16, 16),), path, False, opset_version=version)
    read = archcalc.load(path)
    assert read.summary().totals["params"] == sum(one.numel() for one in module.parameters())
    kinds = Counter(layer.op.name for layer in read.graph.layers)
    assert kinds["groupnorm"] == 4
    assert kinds["instancenorm"] == 1
    assert kinds["rearrange"] == 0
    assert {layer.output for layer in read.graph.layers} == {read.graph.output.output}


def test_a_norm_with_ones_that_the_file_stores(tmp_path: Path) -> None:
    """Defeats: ones and zeros that are taken for none, where they are the parameters of a fresh module."""
    module, path = nn.InstanceNorm2d(6, affine=True).eval(), tmp_path / "net.onnx"
    write(module, (torch.zeros(1, 6, 8, 8),), path, False)
    assert archcalc.load(path).summary().totals["params"] == 12


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        *("squeezenet1_0", "resnet18", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5"),
        *("regnet_x_400mf", "efficientnet_b0", "googlenet"),
    ],
)
def test_families_by_the_newer_exporter(tmp_path: Path, name: str) -> None:
    """The smallest network of each family has what the module itself counts. Defeats: a batch norm whose
    running mean is counted, and a squeeze of channels that is read as a linear layer."""
    module, path = classifier(name), tmp_path / "net.onnx"
    write(module, (torch.zeros(1, 3, 64, 64),), path, True)
    read, traced = archcalc.load(path), archcalc.load(module, input="64x64x3")
    totals = read.summary().totals
    assert totals["params"] == sum(p.numel() for p in module.parameters())
    assert totals["macs"] == traced.summary().totals["macs"]
    assert not read.graph.metadata.traced.notes  # type: ignore[union-attr]
