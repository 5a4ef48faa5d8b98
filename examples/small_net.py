"""A network of one's own, as one writes it with PyTorch.

``archcalc summary examples/small_net.py:SmallNet`` traces it: no weights are needed, and none are made.
"""

from torch import Tensor, nn


class Unit(nn.Module):
    """Two convolutions, and a shortcut around them."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of both ways."""
        y = self.relu(self.norm1(self.conv1(x)))
        out: Tensor = self.relu(self.norm2(self.conv2(y)) + self.shortcut(x))
        return out


class SmallNet(nn.Module):
    """A stem, three stages of units, and a classifier."""

    def __init__(self, width: int = 16, depth: int = 2, classes: int = 10):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.stages = nn.Sequential()
        channels = width
        for stage in range(3):
            outputs = width * 2**stage
            units = [
                Unit(channels if unit == 0 else outputs, outputs, 2 if stage and unit == 0 else 1)
                for unit in range(depth)
            ]
            self.stages.append(nn.Sequential(*units))
            channels = outputs
        self.classifier = nn.Linear(channels, classes)

    def forward(self, image: Tensor) -> Tensor:
        """Return a score for each class."""
        features = self.stages(self.stem(image))
        out: Tensor = self.classifier(features.mean((2, 3)))
        return out
