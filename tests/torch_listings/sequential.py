import torch
import torch.nn as nn
import torch.nn.functional as F

model = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding="same"),
    nn.LeakyReLU(0.2),
    nn.MaxPool2d(2),
    nn.Dropout2d(0.25),
    nn.Flatten(),
    nn.LazyLinear(10) if False else nn.Linear(8 * 16 * 16, 10),
    nn.Softmax(dim=1),
)
