import torch
import torch.nn as nn
import torch.nn.functional as F


class C3D(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv3d(3, 4, 3, padding=1),
            nn.BatchNorm3d(4),
            nn.ELU(),
            nn.MaxPool3d((1, 2, 2)),
            nn.AdaptiveAvgPool3d(1),
            nn.Flatten(),
            nn.Linear(4, 5),
        )

    def forward(self, x):
        return self.net(x)
