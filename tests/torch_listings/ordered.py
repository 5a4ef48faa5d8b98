import torch
import torch.nn as nn
import torch.nn.functional as F

from collections import OrderedDict

net = nn.Sequential(
    OrderedDict(
        [
            ("conv", nn.Conv2d(1, 4, 3)),
            ("act", nn.ReLU6()),
            ("gap", nn.AdaptiveAvgPool2d(1)),
            ("flat", nn.Flatten()),
            ("fc", nn.Linear(4, 2)),
        ]
    )
)
