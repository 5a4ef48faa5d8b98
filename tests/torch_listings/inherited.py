import torch
import torch.nn as nn
import torch.nn.functional as F


class Base(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Conv2d(3, width, 3)
        self.head = nn.Identity()

    def features(self, x):
        return F.relu(self.body(x))

    def forward(self, x):
        return self.head(self.features(x))


class Pooled(Base):
    def __init__(self, width=8):
        super().__init__(width)
        self.head = nn.Linear(width, 3)

    def features(self, x):
        return super().features(x).amax(dim=(2, 3)) if False else super().features(x).mean(dim=(2, 3))
