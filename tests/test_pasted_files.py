"""Pasted code of PyTorch that imports other files: those beside it are read too, and no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from test_pasted_torch import rows

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.importing.torch.finding import imported

HEAD = "import torch\nfrom torch import nn\n"
BLOCK = f"""{HEAD}
WIDTH = 6
class ResBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
    def forward(self, x):
        return x + self.conv(x)
"""
NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, WIDTH, 1)
        self.body = ResBlock(WIDTH)
    def forward(self, x):
        return self.body(self.stem(x))
"""
# Networks of torchvision, by the file of its models; each with arguments that the module needs.
TORCHVISION = {
    "alexnet": "alexnet",
    "convnext": "convnext_tiny",
    "densenet": "densenet121",
    "efficientnet": "efficientnet_b0",
    "googlenet": "googlenet(init_weights=False)",
    "inception": "inception_v3(init_weights=False)",
    "mnasnet": "mnasnet0_5",
    "mobilenetv2": "mobilenet_v2",
    "mobilenetv3": "mobilenet_v3_small",
    "regnet": "regnet_y_400mf",
    "resnet": "resnet50",
    "shufflenetv2": "shufflenet_v2_x0_5",
    "squeezenet": "squeezenet1_1",
    "swin_transformer": "swin_t",
    "vgg": "vgg11_bn",
    "vision_transformer": "vit_b_32",
}


def written(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__in__', '__init__').replace('_0_', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def params(path: Path, **given: str) -> int:
    return archcalc.load(str(path), input="8x8x3", **given).summary().totals["params"]


@pytest.mark.parametrize(
    "line",
    [
        "from blocks import ResBlock, WIDTH",
        "from blocks import *",
        "import blocks\nResBlock, WIDTH = blocks.ResBlock, blocks.WIDTH",
        "import blocks as b\nfrom b import x\nResBlock, WIDTH = b.ResBlock, b.WIDTH",
        "from .blocks import ResBlock, WIDTH",
        "from . import blocks\nResBlock, WIDTH = blocks.ResBlock, blocks.WIDTH",
        "from parts.inner import ResBlock, WIDTH",
        "import parts.inner\nResBlock, WIDTH = parts.inner.ResBlock, parts.inner.WIDTH",
        "from parts import ResBlock\nWIDTH = 6",
    ],
)
def test_a_file_beside_the_code_is_read(tmp_path: Path, line: str) -> None:
    """Defeats a name from elsewhere that counts as nothing: the block would have no parameters."""
    reexported = "from .inner import ResBlock\n"
    written(
        tmp_path, blocks=BLOCK, parts_0_inner=BLOCK, parts_0___in__=reexported, net=f"{HEAD}{line}\n{NET}"
    )
    assert params(tmp_path / "net.py") == (3 * 6 + 6) + (6 * 6 * 9 + 6)


def test_files_of_a_package_are_read_from_its_top(tmp_path: Path) -> None:
    package = tmp_path / "mynet"
    written(
        package,
        __in__="",
        models_0___in__="",
        models_0_net=f"{HEAD}from ..ops.blocks import ResBlock\nfrom mynet.ops.blocks import WIDTH\n{NET}",
    )
    written(package, ops_0___in__="", ops_0_blocks=BLOCK)
    assert params(package / "models" / "net.py") == 24 + 330


def test_a_network_of_a_file_beside_is_not_offered_but_can_be_made(tmp_path: Path) -> None:
    whole = BLOCK.replace("width):", "width=3):")
    written(
        tmp_path, blocks=whole, net=f"{HEAD}from blocks import ResBlock\nmodel = nn.Sequential(ResBlock(3))\n"
    )
    assert params(tmp_path / "net.py") == 84
    written(tmp_path, net=f"{HEAD}from blocks import ResBlock\n")
    with pytest.raises(SpecError, match="holds no network"):
        params(tmp_path / "net.py")
    assert params(tmp_path / "net.py", net="ResBlock") == 84


def test_a_message_points_into_the_file_beside(tmp_path: Path) -> None:
    written(
        tmp_path,
        blocks=BLOCK.replace("Conv2d(width", "Fancy(width"),
        net=f"{HEAD}from blocks import ResBlock, WIDTH\n{NET}",
    )
    with pytest.raises(SpecError, match=r"blocks\.py:8:\d+: the module `nn.Fancy` cannot be read"):
        params(tmp_path / "net.py")
    written(tmp_path, blocks="class (:\n")
    with pytest.raises(SpecError, match=r"blocks\.py:1:\d+: this is no Python"):
        params(tmp_path / "net.py")


def test_files_that_import_one_another_are_read(tmp_path: Path) -> None:
    written(
        tmp_path,
        blocks=f"from net import OTHER\n{BLOCK}",
        net=f"{HEAD}from blocks import ResBlock, WIDTH\nOTHER = 2\n{NET}",
    )
    assert params(tmp_path / "net.py") == 24 + 330
    written(
        tmp_path,
        a="from b import x\n",
        b="from a import x\n",
        net=f"{HEAD}from a import x\nm = nn.Linear(3, x)\n",
    )
    with pytest.raises(SpecError):
        params(tmp_path / "net.py")


def test_no_file_is_opened_outside_the_folder_or_package(tmp_path: Path, monkeypatch) -> None:
    """Defeats an import that walks up to any folder, or along a link out of it."""
    inside = tmp_path / "inside"
    written(tmp_path, blocks=BLOCK)
    inside.mkdir()
    os.symlink(tmp_path / "blocks.py", inside / "linked.py")
    monkeypatch.chdir(tmp_path)
    for line in (
        "from ..blocks import ResBlock",
        "from linked import ResBlock",
        "from blocks import ResBlock",
    ):
        written(inside, net=f"{HEAD}{line}\nWIDTH = 6\n{NET}")
        with pytest.raises(SpecError, match="`ResBlock` is from"):
            params(inside / "net.py")
    with pytest.raises(SpecError):  # code that is pasted has no files beside it
        archcalc.load("-", stdin=f"{HEAD}from blocks import ResBlock\nWIDTH = 6\n{NET}", input="8x8x3")


def test_many_files_end_in_one_message(tmp_path: Path) -> None:
    written(tmp_path, **{f"m{at}": f"from m{at + 1} import x\ny = x\n" for at in range(200)})
    written(tmp_path, net=f"{HEAD}from m0 import x\nm = nn.Sequential(nn.Linear(3, x))\n")
    with pytest.raises(SpecError):
        params(tmp_path / "net.py")


@pytest.mark.parametrize(
    "file",
    [
        name if name == "resnet" else pytest.param(name, marks=pytest.mark.slow)
        for name in sorted(TORCHVISION)
    ],
)
def test_the_files_of_torchvision_are_read(file: str) -> None:
    """Enums, dataclasses, decorators, files of a package, and numbers of small tensors: without any of these
    a network of torchvision cannot be read."""
    try:
        models = imported("torchvision.models")
    except (ImportError, SpecError):
        pytest.skip("torchvision is not installed")
    name = TORCHVISION[file]
    side = 299 if file == "inception" else 224
    path = os.path.join(os.path.dirname(models.__file__), f"{file}.py")
    read = archcalc.load(path, input=(side, side, 3), net=name.partition("(")[0])
    traced = archcalc.load(f"torchvision.models:{name}", input=(side, side, 3))
    assert rows(read) == rows(traced)
    assert dict(read.summary().totals.items()) == dict(traced.summary().totals.items())
