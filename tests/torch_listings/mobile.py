import torch
import torch.nn as nn
import torch.nn.functional as F


def conv_bn(inp, oup, stride):
    return nn.Sequential(
        nn.Conv2d(inp, oup, 3, stride, 1, bias=False), nn.BatchNorm2d(oup), nn.ReLU6(inplace=True)
    )


def conv_dw(inp, oup, stride):
    return nn.Sequential(
        nn.Conv2d(inp, inp, 3, stride, 1, groups=inp, bias=False),
        nn.BatchNorm2d(inp),
        nn.Hardswish(),
        nn.Conv2d(inp, oup, 1, 1, 0, bias=False),
        nn.BatchNorm2d(oup),
        nn.SiLU(),
    )


class MobileNet(nn.Module):
    def __init__(self, n_class=10):
        super(MobileNet, self).__init__()
        self.model = nn.Sequential(
            conv_bn(3, 8, 2), conv_dw(8, 16, 1), *[conv_dw(16, 16, 1) for i in range(2)]
        )
        self.fc = nn.Linear(16, n_class)

    def forward(self, x):
        x = self.model(x)
        x = nn.AdaptiveAvgPool2d(1)(x)
        x = x.view(-1, 16)
        return self.fc(x)
