import torch
import torch.nn as nn
import torch.nn.functional as F


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(10, 20), nn.ReLU())
        self.mean, self.scale = nn.Linear(20, 2), nn.Linear(20, 2)

    def forward(self, x):
        h = self.trunk(x)
        return self.mean(h), F.softplus(self.scale(h))
