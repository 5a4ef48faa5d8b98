import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.ModuleDict({"relu": nn.ReLU(), "prelu": nn.PReLU()})
        self.layers = nn.ModuleDict()
        for i, width in enumerate([8, 8]):
            self.layers[f"fc{i}"] = nn.Linear(8, width) if False else nn.Linear(8, width)
        self.gain = nn.Parameter(torch.ones(8))
        self.register_buffer("mean", torch.zeros(8))

    def forward(self, x):
        x = x - self.mean
        for name, layer in self.layers.items():
            x = self.act["relu" if name == "fc0" else "prelu"](layer(x))
        return x * self.gain
