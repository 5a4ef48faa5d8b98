"""Cells of a recurrence, sampling at places that are computed, bags of words: lifted, and computed anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from lifted import Lifted  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812


class Steps(nn.Module):
    """Two steps of an LSTM cell, whose state and cell go on into two steps of others."""

    def __init__(self, bias: bool = True):
        super().__init__()
        self.a = nn.LSTMCell(6, 4, bias=bias)
        self.g = nn.GRUCell(4, 5, bias=bias)
        self.r = nn.RNNCell(5, 3, nonlinearity="relu", bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        state, cell = self.a(x)
        state, cell = self.a(x, (state, cell))
        found = self.g(cell, self.g(state))
        return self.r(found)


class Transformer(nn.Module):
    """A spatial transformer: the map is read at places that are computed from it."""

    def __init__(self, mode: str, outside: str, corners: bool):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3)
        self.fc = nn.Linear(3 * 4 * 5, 6)
        self.options = {"mode": mode, "padding_mode": outside, "align_corners": corners}

    def forward(self, x: Tensor) -> Tensor:
        theta = self.fc(self.conv(x).flatten(1)).view(-1, 2, 3)
        grid = F.affine_grid(theta, [len(x), 2, 5, 4], align_corners=self.options["align_corners"])
        return F.grid_sample(x, grid, **self.options)


class Ends(nn.Module):
    """What a recurrence ends with, chosen as people write it, beside what it puts out at every step."""

    def __init__(self, cell: type[nn.RNNBase], run: Callable[..., Tensor], **options: int | bool):
        super().__init__()
        self.cell = cell(6, 4, batch_first=True, **options)
        self.run = run

    def forward(self, x: Tensor) -> Tensor:
        y, state = self.cell(x)
        return self.run(y, state[0] if isinstance(state, tuple) else state)


def words(batch: int) -> Tensor:
    return torch.arange(7 * batch).reshape(batch, 7) % 9


def steps() -> Tensor:
    return torch.rand(1, 7, 6)


MODULES: dict[str, tuple[Callable[[], nn.Module], Callable[[], Tensor], set[str]]] = {
    "cells": (Steps, lambda: torch.rand(1, 6), {"lstm_cell", "gru_cell", "rnn_cell"}),
    "cells without biases": (
        lambda: Steps(bias=False),
        lambda: torch.rand(1, 6),
        {"lstm_cell", "gru_cell", "rnn_cell"},
    ),
    "a transformer": (
        lambda: Transformer("bilinear", "zeros", False),
        lambda: torch.rand(1, 2, 6, 7),
        {"affine_grid", "grid_sample"},
    ),
    "a transformer with corners": (
        lambda: Transformer("bicubic", "reflection", True),
        lambda: torch.rand(1, 2, 6, 7),
        {"affine_grid", "grid_sample"},
    ),
    "a bag": (lambda: nn.EmbeddingBag(9, 5, mode="mean"), lambda: words(1), {"embedding_bag"}),
    "a bag of maxima": (lambda: nn.EmbeddingBag(9, 5, mode="max"), lambda: words(1), {"embedding_bag"}),
    "the last state": (lambda: Ends(nn.GRU, lambda y, h: h[-1]), steps, {"gru"}),
    "the last state by its number": (lambda: Ends(nn.LSTM, lambda y, h: h[0]), steps, {"lstm"}),
    "the last state without its axis": (lambda: Ends(nn.LSTM, lambda y, h: h.squeeze(0)), steps, {"lstm"}),
    "the highest of three": (lambda: Ends(nn.LSTM, lambda y, h: h[-1], num_layers=3), steps, {"lstm"}),
    "both directions": (
        lambda: Ends(nn.LSTM, lambda y, h: torch.cat((h[-2], h[-1]), 1), num_layers=2, bidirectional=True),
        steps,
        {"lstm"},
    ),
    "the direction back alone": (
        lambda: Ends(nn.GRU, lambda y, h: h[3], num_layers=2, bidirectional=True),
        steps,
        {"gru"},
    ),
    "all steps and the last state": (lambda: Ends(nn.GRU, lambda y, h: y + h[-1]), steps, {"gru"}),
    "all steps and both directions": (
        lambda: Ends(
            nn.LSTM,
            lambda y, h: y * torch.cat((h[-1], h[-2]), 1).unsqueeze(1),
            num_layers=2,
            bidirectional=True,
        ),
        steps,
        {"lstm"},
    ),
    "relu in a recurrence": (
        lambda: nn.Sequential(nn.Linear(4, 6), nn.RNN(6, 5, 2, nonlinearity="relu", batch_first=True)),
        lambda: torch.rand(1, 7, 4),
        {"rnn"},
    ),
}


@pytest.mark.parametrize("name", MODULES)
def test_lifted_and_computed_anew(name: str) -> None:
    """All learned values, no opaque layer, and the same output. Defeats state and cell exchanged, a second
    output that is lost, rows and columns of a grid exchanged, tanh for relu, a mean for a maximum."""
    make, inputs, ops = MODULES[name]
    torch.manual_seed(3)
    found = Lifted(make(), inputs())
    assert found.opaque == []
    assert found.params() == sum(p.numel() for p in found.module.parameters())
    assert ops <= {layer.op.name for layer in found.graph.layers}
    assert found.differences() == []
