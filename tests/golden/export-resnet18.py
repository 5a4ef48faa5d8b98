"""ResNet-18, basic units, projections where widths change.

Written by archcalc from its spec of resnet18 with classes=1000.
After arXiv:1512.03385, Table 1.

Takes N x 3 x 224 x 224; gives N x 1000.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ConvBn(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel_size,
            stride=stride, padding=kernel_size // 2, bias=False,
        )
        self.bn = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        return self.bn(self.conv(x))


class Basic(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, project=False):
        super().__init__()
        self.conv1 = ConvBn(in_channels, out_channels, 3, stride=stride)
        self.conv2 = ConvBn(out_channels, out_channels, 3)
        self.shortcut = nn.Identity()
        if project:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        y = F.relu(self.conv1(x))
        return F.relu(self.conv2(y) + self.shortcut(x))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = ConvBn(3, 64, 7, stride=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = nn.Sequential(*[Basic(64, 64) for _ in range(2)])
        self.conv3 = nn.Sequential(Basic(64, 128, stride=2, project=True), Basic(128, 128))
        self.conv4 = nn.Sequential(Basic(128, 256, stride=2, project=True), Basic(256, 256))
        self.conv5 = nn.Sequential(Basic(256, 512, stride=2, project=True), Basic(512, 512))
        self.fc = nn.Linear(512, 1000)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool1(x)
        x = self.conv2(x)
        x = self.conv3(x)
        x = self.conv4(x)
        x = self.conv5(x)
        x = torch.mean(x, (2, 3))
        return self.fc(x)


if __name__ == "__main__":
    net = ResNet18().eval()
    with torch.no_grad():
        output = net(torch.zeros(1, 3, 224, 224))
    print(tuple(output.shape))
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters")
