"""Code of PyTorch as textbooks, courses and repositories write it, whose base classes are of libraries that
are not read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import call

import archcalc
from archcalc.diagnostics import SpecError

LENET = """\
import torch
from torch import nn
from d2l import torch as d2l

class LeNet(d2l.Classifier):
    def __init__(self, lr=0.1, num_classes=10):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            nn.LazyConv2d(6, kernel_size=5, padding=2), nn.Sigmoid(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.LazyConv2d(16, kernel_size=5), nn.Sigmoid(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.Flatten(), nn.LazyLinear(120), nn.Sigmoid(),
            nn.LazyLinear(84), nn.Sigmoid(), nn.LazyLinear(self.num_classes))

@d2l.add_to_class(d2l.Classifier)
def layer_summary(self, X_shape):
    X = torch.randn(*X_shape)

model = LeNet()
model.layer_summary((1, 1, 28, 28))
"""
RESNET = """\
from torch import nn
from torch.nn import functional as F
from d2l import torch as d2l

class Residual(nn.Module):
    def __init__(self, num_channels, use_1x1conv=False, strides=1):
        super().__init__()
        self.conv1 = nn.LazyConv2d(num_channels, kernel_size=3, padding=1, stride=strides)
        self.conv2 = nn.LazyConv2d(num_channels, kernel_size=3, padding=1)
        self.conv3 = nn.LazyConv2d(num_channels, kernel_size=1, stride=strides) if use_1x1conv else None
        self.bn1 = nn.LazyBatchNorm2d()
        self.bn2 = nn.LazyBatchNorm2d()

    def forward(self, X):
        Y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(X)))))
        if self.conv3:
            X = self.conv3(X)
        Y += X
        return F.relu(Y)

class ResNet(d2l.Classifier):
    def b1(self):
        return nn.Sequential(
            nn.LazyConv2d(64, kernel_size=7, stride=2, padding=3),
            nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(kernel_size=3, stride=2, padding=1))

@d2l.add_to_class(ResNet)
def block(self, num_residuals, num_channels, first_block=False):
    blk = []
    for i in range(num_residuals):
        if i == 0 and not first_block:
            blk.append(Residual(num_channels, use_1x1conv=True, strides=2))
        else:
            blk.append(Residual(num_channels))
    return nn.Sequential(*blk)

@d2l.add_to_class(ResNet)
def __init__(self, arch, lr=0.1, num_classes=10):
    super(ResNet, self).__init__()
    self.save_hyperparameters()
    self.net = nn.Sequential(self.b1())
    for i, b in enumerate(arch):
        self.net.add_module(f'b{i+2}', self.block(*b, first_block=(i==0)))
    self.net.add_module('last', nn.Sequential(
        nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.LazyLinear(num_classes)))

class ResNet18(ResNet):
    def __init__(self, lr=0.1, num_classes=10):
        super().__init__(((2, 64), (2, 128), (2, 256), (2, 512)), lr, num_classes)

ResNet18().layer_summary((1, 1, 96, 96))
"""
LIGHTNING = """\
import pytorch_lightning as pl
from torch import nn
from torchmetrics import Accuracy

class LitMNIST(pl.LightningModule):
    def __init__(self, hidden_size=64, learning_rate=2e-4):
        super().__init__()
        self.save_hyperparameters()
        channels, width, height = (1, 28, 28)
        self.model = nn.Sequential(
            nn.Flatten(), nn.Linear(channels * width * height, self.hparams.hidden_size), nn.ReLU(),
            nn.Dropout(0.1), nn.Linear(hidden_size, 10))
        self.accuracy = Accuracy(task="multiclass", num_classes=10)

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch):
        x, y = batch
        return nn.functional.nll_loss(self(x), y)

model = LitMNIST()
trainer = pl.Trainer(max_epochs=3)
trainer.fit(model)
"""
CONFIGURED = """\
from dataclasses import dataclass
from torch import nn

@dataclass
class NetConfig:
    width: int = 12
    depth: int = 3

class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(config.width, config.width) for _ in range(config.depth)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
"""


@pytest.mark.parametrize(
    ("code", "options", "parameters"),
    [
        # 6*26 + 16*151 + 120*401 + 84*121 + 10*85, by hand
        (LENET, (), 61_706),
        # ResNet-18 of torchvision has 11,689,512: with one channel less 6,272 twice, ten classes, and a bias
        # in each of its 20 convolutions, and no norms beside the blocks
        (RESNET, (), 11_689_512 - 2 * 64 * 49 - 990 * 513 + 960 * 5 - 1_792),
        (LIGHTNING, (), 784 * 64 + 64 + 640 + 10),
        (CONFIGURED, (), 3 * 13 * 12),
        (CONFIGURED, ("--set", "config=NetConfig(depth=5)"), 5 * 13 * 12),
        (CONFIGURED, ("--set", "config=NetConfig"), 3 * 13 * 12),
    ],
    ids=["lenet", "resnet", "lightning", "config", "config_set", "config_class"],
)
def test_networks_of_textbooks(code: str, options: tuple[str, ...], parameters: int, tmp_path: Path) -> None:
    """Defeats a reader that sees no network in a class of a library's class, that does not know methods which
    are put into a class later, or arguments which are kept as attributes."""
    path = tmp_path / "net.py"
    path.write_text(code)
    answer = call("summary", str(path), "--format", "json", *options)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["totals"]["params"] == parameters


def test_a_base_that_is_not_read_is_named(tmp_path: Path) -> None:
    """Defeats a reader that hides what it takes for granted."""
    path = tmp_path / "net.py"
    path.write_text(LIGHTNING)
    assert "pl.LightningModule, of which LitMNIST is made, is not read" in call("summary", str(path)).err


@pytest.mark.parametrize(
    ("code", "place", "words"),
    [
        (
            "from torchvision import models\nfrom torch import nn\nmodel_ft = models.resnet18()\n"
            "model_ft.fc = nn.Linear(model_ft.fc.in_features, 2)\n",
            3,
            ("torchvision.models:resnet18", ":model_ft"),
        ),
        (
            "from torch import nn\nimport other\nnet = nn.Sequential(\n    nn.Linear(3, 4),\n"
            "    other.Layer(3),\n)\n",
            5,
            (":net`",),
        ),
        (
            "from torch import nn\nclass Net(nn.Module):\n    def __init__(self, a, b):\n"
            "        super().__init__()\n        self.f = nn.Linear(a, b)\n    def forward(self, x):\n"
            "        return self.f(x)\n",
            2,
            ("--set a=… --set b=…",),
        ),
    ],
)
def test_messages_point_at_the_line_and_name_the_way_out(
    code: str, place: int, words: tuple[str, ...], tmp_path: Path
) -> None:
    """Defeats a message without a line, or with the name of a network that the code does not hold."""
    path = tmp_path / "net.py"
    path.write_text(code)
    with pytest.raises(SpecError) as caught:
        archcalc.load(str(path))
    found = caught.value.diagnostics[0]
    assert found.span is not None
    assert found.span.position[0] == place
    assert all(word in " ".join([found.message, *found.help]) for word in words), found.help
