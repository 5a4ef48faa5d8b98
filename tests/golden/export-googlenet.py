"""GoogLeNet, as published, with two side heads.

Written by archcalc from its spec of googlenet with classes=1000.
After arXiv:1409.4842, Table 1.

Takes N x 3 x 224 x 224; gives N x 1000.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ConvRelu(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=kernel_size // 2
        )

    def forward(self, x):
        return F.relu(self.conv(x))


class Inception(nn.Module):
    def __init__(self, in_channels, a, b1, b2, c1, c2, d):
        super().__init__()
        self.branch1 = ConvRelu(in_channels, a, 1)
        self.branch2 = nn.Sequential(ConvRelu(in_channels, b1, 1), ConvRelu(b1, b2, 3))
        self.branch3 = nn.Sequential(ConvRelu(in_channels, c1, 1), ConvRelu(c1, c2, 5))
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1, ceil_mode=True), ConvRelu(in_channels, d, 1)
        )

    def forward(self, x):
        branch1 = self.branch1(x)
        branch2 = self.branch2(x)
        branch3 = self.branch3(x)
        branch4 = self.branch4(x)
        return torch.cat([branch1, branch2, branch3, branch4], 1)


class GoogLeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = ConvRelu(3, 64, 7, stride=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.norm1 = nn.LocalResponseNorm(5, k=2)
        self.conv2 = nn.Sequential(ConvRelu(64, 64, 1), ConvRelu(64, 192, 3))
        self.norm2 = nn.LocalResponseNorm(5, k=2)
        self.pool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception_3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.pool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception_4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception_4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception_4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception_4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.pool4 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception_5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception_5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.dropout = nn.Dropout(0.4)
        self.loss3 = nn.Linear(1024, 1000)

    def forward(self, x):
        x = self.conv1(x)
        x = self.pool1(x)
        x = self.norm1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = self.pool2(x)
        x = self.inception_3a(x)
        x = self.inception_3b(x)
        x = self.pool3(x)
        x = self.inception_4a(x)
        x = self.inception_4b(x)
        x = self.inception_4c(x)
        x = self.inception_4d(x)
        x = self.inception_4e(x)
        x = self.pool4(x)
        x = self.inception_5a(x)
        x = self.inception_5b(x)
        x = self.dropout(torch.mean(x, (2, 3)))
        return F.softmax(self.loss3(x), dim=1)


if __name__ == "__main__":
    net = GoogLeNet().eval()
    with torch.no_grad():
        output = net(torch.zeros(1, 3, 224, 224))
    print(tuple(output.shape))
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters")
