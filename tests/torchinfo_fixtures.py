"""Small modules of the kinds that torchinfo's own tests summarise, written anew, each with what it is fed."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils import prune
from torch.nn.utils.rnn import pack_padded_sequence

Pair = namedtuple("Pair", ["first", "second"])


class Fixture:
    """A module with its inputs.

    Attributes:
        make: Makes the module.
        args: What ``forward`` is given in order.
        kwargs: What ``forward`` is given by name.
        why: Why torchinfo's multiply-adds are others than `summary --like torchinfo` has; empty where they
            are the same.
    """

    def __init__(self, make: Callable[[], nn.Module], *args: Any, why: str = "", **kwargs: Any):
        self.make = make
        self.args = args
        self.kwargs = kwargs
        self.why = why


class Digits(nn.Module):
    """Convolutions as modules, and everything between them as functions."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(1, 6, 3), nn.Conv2d(6, 8, 3)
        self.drop = nn.Dropout2d(0.2)
        self.hidden, self.last = nn.Linear(72, 20), nn.Linear(20, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(self.one(x), 2))
        x = F.relu(F.max_pool2d(self.drop(self.two(x)), 2))
        x = F.relu(self.hidden(x.reshape(len(x), -1)))
        return F.log_softmax(self.last(x), dim=1)


class TwoTypes(nn.Module):
    """Two inputs of different types, side by side along the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Sequential(nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 4))
        self.right = nn.Sequential(nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 4))

    def forward(self, numbers: Tensor, counts: Tensor) -> Tensor:
        return F.log_softmax(torch.cat([self.left(numbers), self.right(counts.float())], 0), dim=1)


class Branching(nn.Module):
    """A number decides which layer runs; the other is unused."""

    def __init__(self) -> None:
        super().__init__()
        self.small, self.large = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 6, 3)

    def forward(self, x: Tensor, which: int) -> Tensor:
        chosen = self.small if which == 1 else self.large
        y: Tensor = chosen(x)
        return y


class Words(nn.Module):
    """An embedding, a recurrence of two layers and a decoder; hidden states are outputs too."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(11, 12)
        self.memory = nn.LSTM(12, 10, num_layers=2, batch_first=True)
        self.decoder = nn.Linear(10, 11)

    def forward(self, ids: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        out, hidden = self.memory(self.table(ids))
        return self.decoder(out), hidden


class Again(nn.Module):
    """One convolution, six times."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor, note: Any = None) -> Tensor:
        for _ in range(6):
            x = self.conv(x)
        return x


class Siamese(nn.Module):
    """Both inputs through the same layers."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 6, 3)
        self.pool = nn.MaxPool2d(2)
        self.embed, self.judge = nn.Linear(54, 8), nn.Linear(8, 1)

    def seen(self, x: Tensor) -> Tensor:
        x = self.pool(F.relu(self.two(self.pool(F.relu(self.one(x))))))
        y: Tensor = self.embed(x.flatten(1))
        return y

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.sigmoid(self.judge(torch.abs(self.seen(x) - self.seen(y))))


class Named(nn.Module):
    """Returns every step under a name."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 4, 3), nn.Linear(64, 5)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        steps = {"conv": self.conv(x)}
        steps["pooled"] = F.max_pool2d(steps["conv"], 2)
        steps["out"] = self.fc(steps["pooled"].flatten(1))
        return steps


class Opened(nn.Module):
    """Takes tensors out of a dictionary with a list in it."""

    def forward(self, x: dict[int, Any], factor: int) -> Tensor:
        total: Tensor = factor * (x[1] + x[2][0]) * 3
        return total


class Chosen(nn.Module):
    """Layers of dictionaries, chosen by their names."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleDict({"conv": nn.Conv2d(4, 4, 3), "pool": nn.MaxPool2d(3)})
        self.acts = nn.ModuleDict({"leaky": nn.LeakyReLU(), "prelu": nn.PReLU()})

    def forward(self, x: Tensor, layer: str, act: str) -> Tensor:
        y: Tensor = self.acts[act](self.layers[layer](x))
        return y


class Nested(nn.Module):
    """Returns its tensor deep inside other things."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(10, 10), nn.Linear(10, 10)

    def forward(self, x: Tensor) -> dict[str, Any]:
        return {"a": ({"b": [F.softmax(self.two(self.one(x)), dim=-1)]},)}


class OfAPair(nn.Module):
    """Takes a named tuple beside tensors."""

    def forward(self, x: Tensor, y: Tensor, pair: Any) -> Tensor:
        return Pair(x, y).first + pair.second


class Packed(nn.Module):
    """A recurrence over sequences of several lengths."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.memory = nn.Embedding(20, 6), nn.LSTM(6, 5)
        self.out = nn.Linear(5, 3)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        _, (last, _) = self.memory(pack_padded_sequence(self.table(ids), lengths))
        return F.log_softmax(self.out(last[-1]), dim=1)


class Containers(nn.Module):
    """A sequence that is called as a whole, and gone through layer by layer."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.ModuleList([nn.Linear(5, 5), nn.Sequential(nn.Linear(5, 5), nn.Linear(5, 5))])
        self.between = nn.Linear(5, 5)

    def forward(self, x: Tensor) -> Tensor:
        for step in self.steps:
            x = step(x)
        x = self.between(x)
        for inner in self.steps[1]:
            x = inner(x)
        return x


class Folding(nn.Module):
    """An autoencoder that puts values back where its pool took them from."""

    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU())
        self.pool, self.unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
        self.decode = nn.Sequential(nn.Conv2d(6, 3, 3, padding=1), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        x = self.encode(x)
        sizes = x.size()
        x, places = self.pool(x)
        y: Tensor = self.decode(self.unpool(x, places, output_size=sizes))
        return y


class PartlyTrained(nn.Module):
    """Bare parameters, one of which is frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.w, self.b = nn.Parameter(torch.ones(10)), nn.Parameter(torch.ones(10), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.w * x + self.b


def mixed() -> nn.Module:
    """Convolutions that are trained, partly trained and frozen."""
    net = nn.Sequential(nn.Conv1d(1, 2, 1), nn.Conv1d(2, 3, 1), nn.Conv1d(3, 1, 1), nn.Dropout())
    net.get_parameter("1.bias").requires_grad = False
    for parameter in net[2].parameters():
        parameter.requires_grad = False
    return net


def reused(inplace: bool = True) -> nn.Module:
    """One linear layer, four times in a sequence."""
    linear = nn.Linear(10, 10)
    return nn.Sequential(*[part for _ in range(4) for part in (linear, nn.ReLU(inplace))])


def reused_relu() -> nn.Module:
    """One activation behind all convolutions, the first of which has a reflected rim."""
    act = nn.ReLU(True)
    net: list[nn.Module] = [nn.ReflectionPad2d(2), nn.Conv2d(4, 1, 1), nn.BatchNorm2d(1), act]
    for depth in (1, 2, 4):
        net += [nn.Conv2d(depth, 2 * depth, 1, stride=2, padding=1), nn.BatchNorm2d(2 * depth), act]
    return nn.Sequential(*net)


class Weighed(nn.Sequential):
    """A sequence with a scalar of its own for each part."""

    def __init__(self, *parts: nn.Module):
        super().__init__(*parts)
        self.register_parameter("weights", nn.Parameter(torch.ones(len(parts))))

    def forward(self, x: Tensor) -> Tensor:
        for number, part in enumerate(self):
            x = x + self.weights[number] * part(x)
        return x


class Bare(nn.Module):
    """A product with a bare parameter, and a layer behind it."""

    def __init__(self, layer: bool) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.ones(12, 6)), nn.Parameter(torch.ones(6))
        self.fc = nn.Linear(6, 4) if layer else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.fc(torch.mm(x, self.a) + self.b)
        return y


class Inside(nn.Module):
    """Parameters of its own beside modules with parameters of their own."""

    def __init__(self, inner: nn.Module | None = None, width: int = 2):
        super().__init__()
        self.layer, self.scale = nn.Linear(width, 1), nn.Parameter(torch.ones(width))
        self.inner = inner or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.inner(self.layer(x)) * self.scale
        return y


class Dilated(nn.Module):
    """Layers of dictionaries that are gone through by name, with growing and shrinking dilation."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Conv2d(3, 4, 5, padding="same"), nn.Conv2d(4, 1, 1, padding="same")
        self.block = nn.ModuleDict()
        for number, dilation in enumerate((2, 4, 4, 2)):
            self.block[f"conv{number}"] = nn.Conv2d(4, 4, 3, padding="same", dilation=dilation)
            self.block[f"norm{number}"] = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.first(x))
        for number in range(4):
            x = torch.relu(self.block[f"norm{number}"](self.block[f"conv{number}"](x)))
        return torch.relu(self.last(x))


class Lined(nn.Module):
    """Units of a list, whose parts are registered in another order than they run."""

    def __init__(self, first: str) -> None:
        super().__init__()
        order = ("conv", "relu") if first == "conv" else ("relu", "conv")
        self.units = nn.ModuleList()
        for _ in range(3):
            unit = nn.Module()
            for part in order:
                setattr(unit, part, nn.Conv1d(1, 1, 1) if part == "conv" else nn.ReLU())
            self.units.append(unit)

    def forward(self, x: Tensor) -> Tensor:
        for unit in self.units:
            x = unit.relu(unit.conv(x))  # type: ignore[operator]
        return x


class Cells(nn.Module):
    """A cell in a loop."""

    def __init__(self, outside: bool = False) -> None:
        super().__init__()
        self.cell, self.act, self.back = nn.LSTMCell(3, 2), nn.Tanh(), nn.Linear(2, 3)
        self.outside = outside

    def forward(self, x: Tensor) -> Tensor:
        h, c = x.new_zeros(len(x), 2), x.new_zeros(len(x), 2)
        for _ in range(4):
            h, c = self.cell(x, (h, c))
            h = self.act(h)
        y: Tensor = self.act(self.back(h)) if self.outside else h
        return y


class Searched(nn.Module):
    """A cell as architecture search finds them: a graph of operations with two inputs and a concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = self.unit(3), self.unit(3)
        self.deep = nn.ModuleList([self.separable(), self.separable(), nn.MaxPool2d(3, 1, 1)])
        self.head = nn.Linear(18, 4)

    @staticmethod
    def unit(channels: int) -> nn.Module:
        return nn.Sequential(nn.ReLU(), nn.Conv2d(channels, 6, 1, bias=False), nn.BatchNorm2d(6))

    @staticmethod
    def separable() -> nn.Module:
        depthwise = nn.Conv2d(6, 6, 3, padding=1, groups=6, bias=False)
        return nn.Sequential(nn.ReLU(), depthwise, nn.Conv2d(6, 6, 1, bias=False), nn.BatchNorm2d(6))

    def forward(self, x: Tensor) -> Tensor:
        one, two = self.left(x), self.right(x)
        three = self.deep[0](one) + self.deep[1](two)
        four = self.deep[2](three) + one
        y: Tensor = self.head(torch.cat([two, three, four], 1).mean((2, 3)))
        return y


class Views(nn.Module):
    """Several views of a scene, in volumes, joined in a plane and drawn large again."""

    def __init__(self) -> None:
        super().__init__()
        self.volume = nn.Sequential(
            nn.Conv3d(1, 4, (3, 3, 3), padding=(0, 1, 1)), nn.BatchNorm3d(4), nn.ReLU()
        )
        self.plane = nn.Conv2d(8, 6, 3, stride=2, padding=1)
        self.up, self.out = nn.ConvTranspose2d(6, 4, 2, stride=2), nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        joined = torch.cat([self.volume(x).squeeze(2), self.volume(y).squeeze(2)], 1)
        z: Tensor = self.out(self.up(self.plane(joined)))
        return z


class TensorKernel(nn.Module):
    """A convolution beside an attribute that is a tensor of one value."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.kernel_size = nn.Conv1d(1, 1, 3, padding=1), torch.tensor(3)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return y


class Listed(nn.Module):
    """A list of parameters that are used, and one that is not."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.ParameterList([nn.Parameter(torch.ones(6)), nn.Parameter(torch.ones(6))])
        self.spare = nn.ParameterList([nn.Parameter(torch.ones(3, 4))])

    def forward(self, x: Tensor) -> Tensor:
        for row in self.rows:
            x = x * row
        return x


class Tied(nn.Module):
    """An embedding whose weights are those of the decoder too."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.decoder = nn.Embedding(9, 6), nn.Linear(6, 9, bias=False)
        self.decoder.weight = self.table.weight

    def forward(self, ids: Tensor) -> Tensor:
        y: Tensor = self.decoder(self.table(ids))
        return y


def pruned() -> nn.Module:
    """Half of all weights are masked."""
    net = Digits()
    for part in net.modules():
        if isinstance(part, (nn.Conv2d, nn.Linear)):
            prune.l1_unstructured(part, "weight", 0.5)  # type: ignore[no-untyped-call]
    return net


def frozen(net: nn.Module, number: int) -> nn.Module:
    """The first parameters take no gradient."""
    for parameter in list(net.parameters())[:number]:
        parameter.requires_grad = False
    return net


def scripted(net: nn.Module) -> nn.Module:
    """The module as a TorchScript."""
    script: nn.Module = torch.jit.script(net)
    return script


def partly_scripted() -> nn.Module:
    """A layer of it is a TorchScript."""
    net = Digits()
    net.last = torch.jit.script(net.last)
    return net


def lazy() -> nn.Module:
    """Layers that take their sizes from what they see first."""
    return nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(5))


def deep_linear() -> nn.Module:
    """Linear layers and activations."""
    return nn.Sequential(nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 1))


IMAGE = torch.rand(1, 1, 18, 18)
IDS = torch.randint(0, 9, (1, 7))
OFTEN = "torchinfo counts a linear layer once for the batch, however many positions it has"

FIXTURES: dict[str, Fixture] = {
    "convolutions and functions": Fixture(Digits, IMAGE),
    "one linear layer": Fixture(lambda: nn.Linear(2, 5), torch.rand(1, 2)),
    "linear over positions": Fixture(lambda: nn.Linear(8, 6), torch.rand(1, 16, 8)),
    "groups": Fixture(lambda: nn.Conv2d(16, 32, 3, groups=4), torch.rand(1, 16, 9, 9)),
    "groups along a signal": Fixture(lambda: nn.Conv1d(8, 4, 3, groups=2), torch.rand(1, 8, 12)),
    "transposed": Fixture(lambda: nn.ConvTranspose2d(4, 6, 3, stride=2), torch.rand(1, 4, 5, 5)),
    "two types": Fixture(TwoTypes, torch.rand(1, 30), torch.ones(1, 30, dtype=torch.int64)),
    "by name": Fixture(TwoTypes, torch.rand(1, 30), counts=torch.ones(1, 30, dtype=torch.int64)),
    "a number decides": Fixture(Branching, torch.rand(1, 4, 6, 6), 1),
    "recurrence": Fixture(Words, IDS),
    "called again": Fixture(Again, torch.rand(1, 4, 8, 8)),
    "arguments without tensors": Fixture(Again, torch.rand(1, 4, 8, 8), note="nothing"),
    "siamese": Fixture(Siamese, torch.rand(1, 1, 18, 18), torch.rand(1, 1, 18, 18)),
    "returns a dictionary": Fixture(Named, torch.rand(1, 1, 10, 10)),
    "takes a dictionary": Fixture(Opened, {1: torch.rand(1, 3), 2: [torch.rand(1, 3)]}, factor=5),
    "chosen convolution": Fixture(Chosen, torch.rand(1, 4, 9, 9), layer="conv", act="leaky"),
    "chosen pooling": Fixture(Chosen, torch.rand(1, 4, 9, 9), layer="pool", act="prelu"),
    "returns nested": Fixture(Nested, torch.rand(1, 10)),
    "takes a named tuple": Fixture(
        OfAPair, torch.rand(1, 4), torch.rand(1, 4), pair=Pair(torch.rand(1, 4), torch.rand(1, 4))
    ),
    "containers": Fixture(Containers, torch.rand(1, 5)),
    "autoencoder": Fixture(Folding, torch.rand(1, 3, 8, 8)),
    "partly trained": Fixture(PartlyTrained, torch.rand(1, 10)),
    "mixed": Fixture(mixed, torch.rand(1, 1, 4)),
    "reused linear": Fixture(reused, torch.rand(1, 10)),
    "reused activation": Fixture(reused_relu, torch.rand(1, 4, 16, 16)),
    "reused activations alone": Fixture(
        lambda: nn.Sequential(nn.LeakyReLU(), nn.Identity(), nn.LeakyReLU()), torch.rand(1, 6)
    ),
    "scalars of a sequence": Fixture(lambda: Weighed(nn.Linear(2, 2), nn.Linear(2, 2)), torch.rand(1, 2)),
    "bare product": Fixture(lambda: Bare(layer=False), torch.rand(1, 12)),
    "bare product and a layer": Fixture(lambda: Bare(layer=True), torch.rand(1, 12)),
    "parameters beside layers": Fixture(lambda: Inside(Inside(width=1)), torch.rand(1, 2)),
    "dilated": Fixture(Dilated, torch.rand(1, 3, 16, 16)),
    "list in order": Fixture(lambda: Lined("conv"), torch.rand(1, 1, 10)),
    "list in another order": Fixture(lambda: Lined("relu"), torch.rand(1, 1, 10)),
    "cells": Fixture(Cells, torch.rand(1, 3)),
    "cells and a layer": Fixture(lambda: Cells(outside=True), torch.rand(1, 3)),
    "searched": Fixture(Searched, torch.rand(1, 3, 8, 8)),
    "views": Fixture(Views, torch.rand(1, 1, 3, 8, 8), torch.rand(1, 1, 3, 8, 8)),
    "kernel as a tensor": Fixture(TensorKernel, torch.rand(1, 1, 16)),
    "lists of parameters": Fixture(Listed, torch.rand(1, 6)),
    "tied": Fixture(Tied, IDS),
    "pruned": Fixture(pruned, IMAGE),
    "frozen": Fixture(lambda: frozen(Digits(), 3), IMAGE),
    "script": Fixture(lambda: scripted(deep_linear()), torch.rand(1, 12)),
    "partly a script": Fixture(partly_scripted, IMAGE),
    "lazy": Fixture(lazy, torch.rand(1, 3, 6, 6)),
    "packed": Fixture(Packed, torch.ones(5, 3, dtype=torch.int64), torch.tensor([5, 4, 2])),
    "bare and unused": Fixture(lambda: with_spare(nn.Conv2d(3, 6, 3)), torch.rand(1, 3, 8, 8)),
}


def with_spare(net: nn.Module) -> nn.Module:
    """The module with a parameter that nothing needs."""
    net.spare = nn.Parameter(torch.ones(16))
    return net
