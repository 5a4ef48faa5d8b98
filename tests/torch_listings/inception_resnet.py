import torch
import torch.nn as nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels, **kwargs):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, bias=False, **kwargs),
            nn.BatchNorm2d(out_channels),
            nn.ReLU6(inplace=True),
        )

    def forward(self, x):
        return self.block(x)


class InceptionResBlock(nn.Module):
    def __init__(self, in_channels, scale=0.17):
        super().__init__()
        self.scale = scale
        self.branches = nn.ModuleList(
            [
                ConvBlock(in_channels, 8, kernel_size=1),
                nn.Sequential(
                    ConvBlock(in_channels, 8, kernel_size=1),
                    ConvBlock(8, 8, kernel_size=(1, 7), padding=(0, 3)),
                    ConvBlock(8, 8, kernel_size=(7, 1), padding="same"),
                ),
                nn.Sequential(
                    nn.AvgPool2d(3, 1, 1, count_include_pad=False), ConvBlock(in_channels, 8, kernel_size=1)
                ),
            ]
        )
        self.up = nn.Conv2d(24, in_channels, 1)

    def forward(self, x):
        out = self.up(torch.cat([branch(x) for branch in self.branches], dim=1))
        return (
            torch.relu(x.add(out, alpha=self.scale))
            if isinstance(self.scale, str)
            else torch.relu(x + out * self.scale)
        )


class Net(nn.Module):
    def __init__(self, depth=2, width=16):
        super().__init__()
        self.stem = ConvBlock(3, width, kernel_size=3, stride=2)
        for i in range(depth):
            self.add_module(f"block{i}", InceptionResBlock(width))
            setattr(self, "proj%d" % i, nn.Conv2d(width, width, 1))
        self.depth = depth
        self.pool, self.head = nn.AdaptiveAvgPool2d(1), nn.Linear(width, 5)

    def forward(self, x):
        x = self.stem(x)
        for i in range(self.depth):
            x = getattr(self, f"block{i}")(x)
            x = self._modules["proj" + str(i)](x)
        return self.head(self.pool(x).squeeze(-1).squeeze(-1))
