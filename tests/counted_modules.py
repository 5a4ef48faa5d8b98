"""The modules and specs whose figures tests/data/tool_counts.json holds, as eight tools print them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archcalc.code_form import FUNCTION, MODULE, CodeForm

MEASURED = json.loads((Path(__file__).parent / "data" / "tool_counts.json").read_text("utf-8"))
# The profile of each column of the figures.
PROFILES = {column: column.replace("_", "-") for column in MEASURED["tools"]}


def module_of(op: str, name: str, **settings: object) -> dict[str, CodeForm]:
    """The layer of an op as a module of PyTorch."""
    return {op: CodeForm(MODULE, name, settings=settings)}


# Each operation as a spec, and where it decides how it is written: what an export writes as a function
# was measured as a module.
SPECS: dict[str, tuple[str, dict[str, CodeForm]]] = {
    "conv": ("20x20x3 -> conv 3x3 8", {}),
    "conv_nobias": ("20x20x3 -> conv 3x3 8 bias=no", {}),
    "conv_group": ("20x20x8 -> conv 3x3 8 groups=4", {}),
    "conv_stride_ceil": ("21x21x3 -> conv 3x3 8 stride=2 pad=1", {}),
    "conv_same": ("20x20x3 -> conv 3x3 8 pad=same", module_of("conv", "Conv2d", padding="same")),
    "conv1d": ("20x3 -> conv 3 8", {}),
    "conv3d": ("9x9x9x3 -> conv 3x3x3 8", {}),
    "tconv_s2": ("20x20x3 -> tconv 4x4 8 stride=2 pad=1", {}),
    "tconv_group": ("20x20x8 -> tconv 4x4 8 stride=2 pad=1 groups=8 bias=no", {}),
    "linear": ("64 -> fc 10", {}),
    "linear_seq": ("7x64 -> linear 10", {}),
    "bn": ("20x20x8 -> bn", {}),
    "bn_noaffine": ("20x20x8 -> bn scale=no shift=no", {}),
    "ln": ("7x64 -> layernorm", {}),
    "gn": ("20x20x8 -> groupnorm 2", {}),
    "in": ("20x20x8 -> instancenorm affine=no", {}),
    "in_affine": ("20x20x8 -> instancenorm affine=yes", {}),
    "lrn": ("20x20x8 -> lrn 5", {}),
    "relu": ("20x20x8 -> relu", module_of("relu", "ReLU")),
    "relu6": ("20x20x8 -> relu6", module_of("relu6", "ReLU6")),
    "leaky": ("20x20x8 -> leaky_relu slope=0.1", module_of("leaky_relu", "LeakyReLU")),
    "prelu": ("20x20x8 -> prelu", {}),
    "elu": ("20x20x8 -> elu", module_of("elu", "ELU")),
    "selu": ("20x20x8 -> selu", module_of("selu", "SELU")),
    "gelu": ("20x20x8 -> gelu", module_of("gelu", "GELU")),
    "silu": ("20x20x8 -> silu", module_of("silu", "SiLU")),
    "sigmoid": ("20x20x8 -> sigmoid", module_of("sigmoid", "Sigmoid")),
    "tanh": ("20x20x8 -> tanh", module_of("tanh", "Tanh")),
    "softplus": ("20x20x8 -> softplus", module_of("softplus", "Softplus")),
    "hardswish": ("20x20x8 -> hardswish", module_of("hardswish", "Hardswish")),
    "hardsigmoid": ("20x20x8 -> hardsigmoid", module_of("hardsigmoid", "Hardsigmoid")),
    "softmax": ("100 -> softmax", module_of("softmax", "Softmax")),
    "maxpool": ("20x20x8 -> maxpool 3x3 stride=2 pad=1", {}),
    "avgpool": ("20x20x8 -> avgpool 3x3 stride=2", {}),
    "adaptive_avg1": ("20x20x8 -> adaptive_avgpool 1", {}),
    "adaptive_avg7": ("20x20x8 -> adaptive_avgpool 7", {}),
    "adaptive_max7": ("20x20x8 -> adaptive_maxpool 7", {}),
    "lppool": ("20x20x8 -> lppool 2x2", {}),
    "up_nearest": ("20x20x8 -> upsample 2", {}),
    "up_bilinear": ("20x20x8 -> upsample 2 mode=bilinear", {}),
    "dropout": ("20x20x8 -> dropout 0.5", {}),
    "pixelshuffle": ("20x20x8 -> pixel_shuffle 2", {}),
    "lstm": ("12x32 -> lstm 64 biases=two -> linear 10", {}),
    "gru": ("12x32 -> gru 64 biases=two", {}),
    "rnn": ("12x32 -> rnn 64 biases=two", {}),
    "embedding": ("20 -> embedding 100 16 -> linear 4", {}),
    "mha": ("20x64 -> attention 4", module_of("attention", "MultiheadAttention")),
    "sdpa": ("20x64 -> linear 192 -> sdpa 4 -> linear 64", {}),
    "functional_conv": ("20x20x3 -> conv 3x3 8 bias=no", {"conv": CodeForm(FUNCTION, "conv2d")}),
    "twice": ("20x20x3 -> conv 3x3 3 pad=1 bias=no -> conv 3x3 3 pad=1 bias=no", {}),
}


def written_modules() -> dict[str, Any]:
    """What makes the modules that tool_counts.json describes in words."""
    import torch
    import torch.nn.functional as F  # noqa: N812
    from torch import nn

    class States(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm, self.linear = nn.LSTM(32, 64, batch_first=True), nn.Linear(64, 10)

        def forward(self, x: Any) -> Any:
            return self.linear(self.lstm(x)[0])

    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.linear = nn.Embedding(100, 16), nn.Linear(16, 4)

        def forward(self, x: Any) -> Any:
            return self.linear(self.embedding(x))

    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(64, 4, batch_first=True)

        def forward(self, x: Any) -> Any:
            return self.attention(x, x, x, need_weights=False)[0]

    class Products(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.maps, self.joined = nn.Linear(64, 192), nn.Linear(64, 64)

        def forward(self, x: Any) -> Any:
            parts = [p.view(*x.shape[:2], 4, 16).transpose(1, 2) for p in self.maps(x).chunk(3, -1)]
            made = F.scaled_dot_product_attention(*parts)
            return self.joined(made.transpose(1, 2).reshape(x.shape))

    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.zeros(8, 3, 3, 3))

        def forward(self, x: Any) -> Any:
            return F.conv2d(x, self.w)

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1, bias=False)

        def forward(self, x: Any) -> Any:
            return self.conv(self.conv(x))

    return {
        "lstm": States,
        "gru": lambda: nn.GRU(32, 64, batch_first=True),
        "rnn": lambda: nn.RNN(32, 64, batch_first=True),
        "embedding": Words,
        "mha": Heads,
        "sdpa": Products,
        "functional_conv": Functional,
        "twice": Twice,
    }


def made(name: str) -> tuple[Any, Any]:
    """The module of an operation of tool_counts.json, and an input for it."""
    import torch
    from torch import nn

    entry = MEASURED["operations"][name]
    make = written_modules().get(name)
    module = eval(entry["module"], {"nn": nn}) if make is None else make()
    sizes = [int(size) for size in entry["input"].split(",")]
    return module.eval(), torch.zeros(sizes, dtype=torch.long if name == "embedding" else torch.float32)
