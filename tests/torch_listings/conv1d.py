import torch
import torch.nn as nn
import torch.nn.functional as F


class Audio(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(1, 8, 9, stride=4)
        self.bn1 = nn.BatchNorm1d(8)
        self.pool = nn.MaxPool1d(4)
        self.fc = nn.Linear(8, 35)

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        x = F.avg_pool1d(x, x.shape[-1])
        x = x.permute(0, 2, 1)
        return F.log_softmax(self.fc(x), dim=2)
