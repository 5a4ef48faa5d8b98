import torch
import torch.nn as nn
import torch.nn.functional as F

cfg = {"A": [16, "M", 32, "M", 64, 64, "M"]}


def make_layers(cfg, batch_norm=False):
    layers = []
    c = 3
    for v in cfg:
        if v == "M":
            layers += [nn.MaxPool2d(kernel_size=2, stride=2)]
        else:
            conv2d = nn.Conv2d(c, v, kernel_size=3, padding=1)
            layers += (
                [conv2d, nn.BatchNorm2d(v), nn.ReLU(inplace=True)]
                if batch_norm
                else [conv2d, nn.ReLU(inplace=True)]
            )
            c = v
    return nn.Sequential(*layers)


class VGG(nn.Module):
    def __init__(self, name="A"):
        super().__init__()
        self.features = make_layers(cfg[name], True)
        self.classifier = nn.Linear(64 * 4 * 4, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))
