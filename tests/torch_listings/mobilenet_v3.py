from dataclasses import dataclass
from functools import partial
from typing import Callable, List, Optional

import torch
import torch.nn as nn
import torch.nn.functional as F


def _make_divisible(v: float, divisor: int = 8, min_value: Optional[int] = None) -> int:
    if min_value is None:
        min_value = divisor
    new_v = max(min_value, int(v + divisor / 2) // divisor * divisor)
    # Make sure that round down does not go down by more than 10%.
    if new_v < 0.9 * v:
        new_v += divisor
    return new_v


class h_sigmoid(nn.Module):
    def __init__(self, inplace=True):
        super().__init__()
        self.relu = nn.ReLU6(inplace=inplace)

    def forward(self, x):
        return self.relu(x + 3) / 6


class h_swish(nn.Module):
    def __init__(self, inplace=True):
        super().__init__()
        self.sigmoid = h_sigmoid(inplace=inplace)

    def forward(self, x):
        return x * self.sigmoid(x)


class SELayer(nn.Module):
    def __init__(self, channel, reduction=4):
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channel, _make_divisible(channel // reduction)),
            nn.ReLU(inplace=True),
            nn.Linear(_make_divisible(channel // reduction), channel),
            h_sigmoid(),
        )

    def forward(self, x):
        b, c, _, _ = x.size()
        y = self.avg_pool(x).view(b, c)
        y = self.fc(y).view(b, c, 1, 1)
        return x * y


@dataclass
class BlockConfig:
    kernel: int
    exp: float
    out: int
    use_se: bool = False
    act: str = "RE"
    stride: int = 1

    @staticmethod
    def adjust_channels(channels: int, width_mult: float):
        return _make_divisible(channels * width_mult, 8)


class InvertedResidual(nn.Module):
    def __init__(self, inp: int, cnf: BlockConfig, norm_layer: Callable[..., nn.Module]):
        super().__init__()
        if not (1 <= cnf.stride <= 2):
            raise ValueError("illegal stride value")
        assert cnf.stride in [1, 2]
        self.identity = cnf.stride == 1 and inp == cnf.out
        hidden = _make_divisible(inp * cnf.exp)
        layers: List[nn.Module] = []
        if hidden != inp:
            layers += [nn.Conv2d(inp, hidden, 1, bias=False), norm_layer(hidden), self._act(cnf)]
        layers.extend(
            [
                nn.Conv2d(
                    hidden, hidden, cnf.kernel, cnf.stride, (cnf.kernel - 1) // 2, groups=hidden, bias=False
                ),
                norm_layer(hidden),
                SELayer(hidden) if cnf.use_se else nn.Identity(),
                self._act(cnf),
                nn.Conv2d(hidden, cnf.out, 1, 1, 0, bias=False),
                norm_layer(cnf.out),
            ]
        )
        self.conv = nn.Sequential(*layers)

    @staticmethod
    def _act(cnf):
        return h_swish() if cnf.act == "HS" else nn.ReLU(inplace=True)

    def forward(self, x):
        return x + self.conv(x) if self.identity else self.conv(x)


class MobileNetV3(nn.Module):
    def __init__(self, setting: List[BlockConfig], num_classes=10, width_mult=1.0, norm_layer=None):
        super().__init__()
        if not setting:
            raise ValueError("The setting should not be empty")
        elif not isinstance(setting, list):
            raise TypeError("The setting should be a list")
        if norm_layer is None:
            norm_layer = partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
        inp = BlockConfig.adjust_channels(16, width_mult)
        layers = [nn.Sequential(nn.Conv2d(3, inp, 3, 2, 1, bias=False), norm_layer(inp), h_swish())]
        for cnf in setting:
            layers.append(InvertedResidual(inp, cnf, norm_layer))
            inp = cnf.out
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(inp, 128), h_swish(), nn.Dropout(0.2), nn.Linear(128, num_classes)
        )
        self._initialize_weights()

    def forward(self, x):
        x = self.features(x)
        x = x.mean([2, 3])
        return self.classifier(x)

    def _initialize_weights(self):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                n = m.kernel_size[0] * m.kernel_size[1] * m.out_channels
                m.weight.data.normal_(0, (2.0 / n) ** 0.5)
                if m.bias is not None:
                    m.bias.data.zero_()
            elif isinstance(m, nn.BatchNorm2d):
                m.weight.data.fill_(1)
                m.bias.data.zero_()
            elif isinstance(m, nn.Linear):
                m.weight.data.normal_(0, 0.01)
                m.bias.data.zero_()


def mobilenetv3_small(**kwargs):
    bneck_conf = partial(BlockConfig, act="HS")
    cfgs = [
        BlockConfig(3, 1, 16, True, "RE", 2),
        BlockConfig(3, 4.5, 24, stride=2),
        BlockConfig(3, 3.67, 24),
        bneck_conf(5, 4, 40, use_se=True, stride=2),
        bneck_conf(5, 6, 40, use_se=True),
    ]
    return MobileNetV3(cfgs, **kwargs)
