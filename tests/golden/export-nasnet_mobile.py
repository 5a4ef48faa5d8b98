"""NASNet-A, mobile: 4 @ 1056.

Written by archcalc from its spec of nasnet_mobile with classes=1000.
After arXiv:1707.07012, Figure 4.

Takes N x 3 x 224 x 224; gives N x 1000.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Squeeze(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        return self.bn(self.conv(F.relu(x)))


class Sep(nn.Module):
    def __init__(self, in_channels, kernel_size, out_channels, pad, stride=1):
        super().__init__()
        self.pad = pad
        self.dwconv1 = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride=stride, groups=in_channels, bias=False
        )
        self.conv1 = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.dwconv2 = nn.Conv2d(
            out_channels, out_channels, kernel_size,
            padding=kernel_size // 2, groups=out_channels, bias=False,
        )
        self.conv2 = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        x = self.dwconv1(F.pad(F.relu(x), self.pad))
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.dwconv2(x)
        return self.bn2(self.conv2(x))


class Halve(nn.Module):
    def __init__(self, in_channels, channels):
        super().__init__()
        self.branch1 = nn.Sequential(
            nn.AvgPool2d(1, stride=2), nn.Conv2d(in_channels, channels // 2, 1, bias=False)
        )
        self.branch2 = nn.Sequential(
            nn.AvgPool2d(1, stride=2), nn.Conv2d(in_channels, channels // 2, 1, bias=False)
        )
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, p):
        x = F.relu(p)
        y = self.branch1(x)
        x = self.branch2(F.pad(x, [0, 1, 0, 1])[:, :, 1:, 1:])
        x = torch.cat([y, x], 1)
        return self.bn(x)


class Reduce(nn.Module):
    def __init__(self, channels, pad, p_channels, pad2, pad3):
        super().__init__()
        self.pad3 = pad3
        self.b1_sep1 = Sep(channels, 5, channels, pad, stride=2)
        self.b1_sep2 = Sep(p_channels, 7, channels, pad2, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.b2_sep = Sep(p_channels, 7, channels, pad2, stride=2)
        self.avgpool1 = nn.AvgPool2d(3, stride=2)
        self.b3_sep = Sep(p_channels, 5, channels, pad, stride=2)
        self.avgpool2 = nn.AvgPool2d(3, stride=1, padding=1)
        self.b5_sep = Sep(channels, 3, channels, [1, 1, 1, 1])

    def forward(self, h, p):
        b1 = self.b1_sep1(h) + self.b1_sep2(p)
        x = self.maxpool(F.pad(h, self.pad3, value=-torch.inf))
        b2 = x + self.b2_sep(p)
        b3 = self.avgpool1(F.pad(h, self.pad3)) + self.b3_sep(p)
        b4 = b2 + self.avgpool2(b1)
        x = self.maxpool(F.pad(h, self.pad3, value=-torch.inf))
        b5 = self.b5_sep(b1) + x
        return torch.cat([b2, b3, b4, b5], 1)


class Normal(nn.Module):
    def __init__(self, in_channels, channels, p):
        super().__init__()
        self.h = Squeeze(in_channels, channels)
        self.p = p
        self.b1_sep1 = Sep(channels, 5, channels, [2, 2, 2, 2])
        self.b1_sep2 = Sep(channels, 3, channels, [1, 1, 1, 1])
        self.b2_sep1 = Sep(channels, 5, channels, [2, 2, 2, 2])
        self.b2_sep2 = Sep(channels, 3, channels, [1, 1, 1, 1])
        self.avgpool = nn.AvgPool2d(3, stride=1, padding=1)
        self.b5_sep = Sep(channels, 3, channels, [1, 1, 1, 1])

    def forward(self, cur, prev):
        h = self.h(cur)
        p = self.p(prev)
        b1 = self.b1_sep1(h) + self.b1_sep2(p)
        b2 = self.b2_sep1(p) + self.b2_sep2(p)
        b3 = self.avgpool(h) + p
        b4 = self.avgpool(p) + self.avgpool(p)
        b5 = self.b5_sep(h) + h
        return torch.cat([p, b1, b2, b3, b4, b5], 1)


class Reduction(nn.Module):
    def __init__(self, in_channels, channels, p):
        super().__init__()
        self.h = Squeeze(in_channels, channels)
        self.p = p
        self.reduce = Reduce(channels, [1, 2, 1, 2], channels, [2, 3, 2, 3], [0, 1, 0, 1])

    def forward(self, cur, prev):
        h = self.h(cur)
        p = self.p(prev)
        return self.reduce(h, p)


class NASNetMobile(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, stride=2, bias=False), nn.BatchNorm2d(32))
        self.h = Squeeze(32, 11)
        self.stem1 = Reduce(11, [2, 2, 2, 2], 32, [3, 3, 3, 3], [1, 1, 1, 1])
        self.stem2 = Reduction(44, 22, Halve(32, 22))
        self.cell1 = nn.ModuleList([
            Normal(88, 44, Halve(44, 44)),
            Normal(264, 44, Squeeze(88, 44)),
            Normal(264, 44, Squeeze(264, 44)),
        ])
        self.last1 = Normal(264, 44, Squeeze(264, 44))
        self.reduce1 = Reduction(264, 88, Squeeze(264, 88))
        self.cell2 = nn.ModuleList([
            Normal(352, 88, Halve(264, 88)),
            Normal(528, 88, Squeeze(352, 88)),
            Normal(528, 88, Squeeze(528, 88)),
        ])
        self.last2 = Normal(528, 88, Squeeze(528, 88))
        self.reduce2 = Reduction(528, 176, Squeeze(528, 176))
        self.cell3 = nn.ModuleList([
            Normal(704, 176, Halve(528, 176)),
            Normal(1056, 176, Squeeze(704, 176)),
            *[Normal(1056, 176, Squeeze(1056, 176)) for _ in range(2)],
        ])
        self.fc = nn.Linear(1056, 1000)

    def forward(self, x):
        stem = self.stem(x)
        h = self.h(stem)
        stem1 = self.stem1(h, stem)
        stem2 = self.stem2(stem1, stem)
        cur, prev = stem2, stem1
        for turn in self.cell1:
            cur, prev = turn(cur, prev), cur
        last1 = self.last1(cur, prev)
        reduce1 = self.reduce1(last1, cur)
        cur, prev = reduce1, last1
        for turn in self.cell2:
            cur, prev = turn(cur, prev), cur
        last2 = self.last2(cur, prev)
        reduce2 = self.reduce2(last2, cur)
        cur, prev = reduce2, last2
        for turn in self.cell3:
            cur, prev = turn(cur, prev), cur
        x = torch.mean(F.relu(cur), (2, 3))
        return F.softmax(self.fc(x), dim=1)


if __name__ == "__main__":
    net = NASNetMobile().eval()
    with torch.no_grad():
        output = net(torch.zeros(1, 3, 224, 224))
    print(tuple(output.shape))
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters")
