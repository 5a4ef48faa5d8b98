import torch
import torch.nn as nn
import torch.nn.functional as F


class BasicConv(nn.Module):
    def __init__(self, cin, cout, **kwargs):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, bias=False, **kwargs)
        self.bn = nn.BatchNorm2d(cout, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)), inplace=True)


class Inception(nn.Module):
    def __init__(self, cin=16):
        super().__init__()
        self.b1 = BasicConv(cin, 8, kernel_size=1)
        self.b2 = nn.Sequential(BasicConv(cin, 4, kernel_size=1), BasicConv(4, 8, kernel_size=3, padding=1))
        self.b3 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), BasicConv(cin, 8, kernel_size=1))

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x)], 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = BasicConv(3, 16, kernel_size=3, stride=2)
        self.inc = Inception()
        self.fc = nn.Linear(24, 7)

    def forward(self, x):
        x = self.inc(self.stem(x))
        return self.fc(x.mean([2, 3]))
