"""States that recurrences begin and end with, and sequences that stand along the axes of a map: lifted, and
computed anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from lifted import Lifted  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from archcalc.analysis.summary import Summary  # noqa: E402


class Translated(nn.Module):
    """A decoder that begins with what the encoder ends with; it may look at the encoder's states too."""

    def __init__(self, cell: type[nn.RNNBase], looks: bool, **options: Any):
        super().__init__()
        self.encoder = cell(6, 4, batch_first=True, **options)
        self.decoder = cell(5, 4, batch_first=True, **options)
        self.looks = looks

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        seen, state = self.encoder(x)
        found, _ = self.decoder(y, state)
        if self.looks:
            found = torch.softmax(found @ seen.transpose(1, 2), -1) @ seen
        return found  # type: ignore[no-any-return]


class Ends(nn.Module):
    """A function of all that a recurrence puts out."""

    def __init__(self, cell: type[nn.RNNBase], run: Callable[[Tensor, Any], Tensor], **options: Any):
        super().__init__()
        self.cell = cell(6, 4, batch_first=True, **options)
        self.run = run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(*self.cell(x))


class Learned(nn.Module):
    """A recurrence that begins with a state that is learned."""

    def __init__(self, directions: bool = False) -> None:
        super().__init__()
        self.cell = nn.GRU(6, 4, 2, batch_first=True, bidirectional=directions)
        self.state = nn.Parameter(torch.rand(4 if directions else 2, 1, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.cell(x, self.state.expand(-1, len(x), -1).contiguous())[0]  # type: ignore[no-any-return]


class Caption(nn.Module):
    """A state that is made of a vector for each layer, and a cell that is the same for all layers."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTM(6, 4, 2, batch_first=True)
        self.state, self.inner = nn.Linear(3, 8), nn.Linear(3, 4)

    def forward(self, x: Tensor, image: Tensor) -> Tensor:
        state = self.state(image).view(-1, 2, 4).transpose(0, 1).contiguous()
        cell = self.inner(image).unsqueeze(0).repeat(2, 1, 1)
        return self.cell(x, (state, cell))[0]  # type: ignore[no-any-return]


class Zeros(nn.Module):
    """A state that is zeros, made as people write it."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTM(6, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        zeros = torch.zeros(1, len(x), 4)
        return self.cell(x, (zeros, zeros.clone()))[0]  # type: ignore[no-any-return]


class Lines(nn.Module):
    """Every row of a map, or every column, is a sequence."""

    def __init__(self, columns: bool, first: bool, directions: bool):
        super().__init__()
        self.cell = nn.LSTM(6, 4, batch_first=first, bidirectional=directions)
        self.columns, self.first = columns, first

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        x = x.transpose(1, 2) if self.columns else x
        lines = x.flatten(0, 1)
        y = self.cell(lines if self.first else lines.transpose(0, 1))[0]
        y = y if self.first else y.transpose(0, 1)
        y = y.unflatten(0, x.shape[:2])
        return y.transpose(1, 2) if self.columns else y


SENTENCES = (1, 7, 6), (1, 5, 5)
STEPS = ((1, 7, 6),)
MAP = ((1, 6, 3, 5),)
MODULES: dict[str, tuple[Callable[[], nn.Module], tuple[tuple[int, ...], ...], str]] = {
    **{
        f"{cell.__name__} {'that looks back' * looks} {options}": (
            lambda cell=cell, looks=looks, options=options: Translated(cell, looks, **options),  # type: ignore[misc]
            SENTENCES,
            "",
        )
        for cell in (nn.RNN, nn.GRU, nn.LSTM)
        for looks in (False, True)
        for options in ({}, {"num_layers": 3}, {"num_layers": 2, "bidirectional": True})
    },
    "a cell": (lambda: Ends(nn.LSTM, lambda y, s: s[1][-1]), STEPS, "lstm select"),
    "the lowest of two": (
        lambda: Ends(nn.LSTM, lambda y, s: s[0][0] - s[0][1], num_layers=2),
        STEPS,
        "lstm slice select select map",
    ),
    "all layers side by side": (
        lambda: Ends(nn.GRU, lambda y, s: s.transpose(0, 1).flatten(1), num_layers=2, bidirectional=True),
        STEPS,
        "gru",
    ),
    "a cell beside all steps": (
        lambda: Ends(nn.LSTM, lambda y, s: y * s[1][1].unsqueeze(1), num_layers=2),
        STEPS,
        "lstm slice select slice mul",
    ),
    "a state that is learned": (Learned, STEPS, "parameter gru"),
    "states of both directions that are learned": (lambda: Learned(True), STEPS, ""),
    "the state is an image": (Caption, (*STEPS, (1, 3)), "fc fc reshape reshape repeat lstm"),
    "zeros": (Zeros, STEPS, "lstm"),
    "no batch": (lambda: nn.GRU(6, 4), ((7, 6),), "gru select"),
    "rows": (lambda: Lines(False, True, False), MAP, "lstm"),
    "rows, steps first": (lambda: Lines(False, False, True), MAP, "lstm"),
    "columns": (lambda: Lines(True, True, True), MAP, "lstm"),
    "columns, steps first": (lambda: Lines(True, False, False), MAP, "lstm"),
}


@pytest.mark.parametrize("name", MODULES)
def test_states_and_lines(name: str) -> None:
    """All learned values, no opaque layer, and the same output. Defeats a graph that begins at the state,
    without the recurrence before it, one that leaves out the state before the first step, state and cell
    exchanged, the states of one layer given to another, and columns read for rows."""
    make, sizes, ops = MODULES[name]
    torch.manual_seed(5)
    found = Lifted(make(), *[torch.rand(*size) for size in sizes])
    assert found.opaque == []
    assert found.params() == sum([p.numel() for p in found.module.parameters()])
    assert not ops or " ".join([layer.op.name for layer in found.graph.layers]) == ops
    assert found.differences() == []


def test_each_line_takes_its_steps() -> None:
    """Three rows of five steps, four maps of input and state each. Defeats one sequence of 15 steps counted
    with the states of one, and rows counted for columns only where they differ."""
    summary = Summary(Lifted(Lines(False, True, False), torch.rand(*MAP[0])).graph)
    assert summary.totals["macs"] == 3 * 5 * 4 * (6 + 4) * 4


def test_fields_of_lines_and_states() -> None:
    """By a gradient of PyTorch: a unit of a map whose rows are sequences reads its row alone, and what begins
    with the state of an encoder reads all that the encoder read. Defeats a map that is one sequence, and a
    state that is not followed."""
    module = Lines(False, True, False)
    x = torch.rand(*MAP[0], requires_grad=True)
    (gradient,) = torch.autograd.grad(module(x)[0, 1, 4].sum(), x)
    seen = gradient[0].abs().sum(0) > 0
    summary = Summary(Lifted(module, torch.rand(*MAP[0])).graph)
    (row,) = [row for row in summary.rows if row.op == "lstm"]
    (found,) = row.rf.values()
    assert found.size == (1, 5)
    assert seen.any(1).tolist() == [False, True, False]
    assert seen.any(0).sum() == 5

    translated = Translated(nn.GRU, False)
    a, b = [torch.rand(*size, requires_grad=True) for size in SENTENCES]
    one, two = torch.autograd.grad(translated(a, b)[0, 0].sum(), (a, b))
    assert [int((g[0].abs().sum(1) > 0).sum()) for g in (one, two)] == [7, 1]
    summary = Summary(Lifted(translated, *[torch.rand(*size) for size in SENTENCES]).graph)
    fields = {layer.name: found for layer, found in summary.rows[-1].rf.items()}
    assert fields["x"].whole
    assert not fields["y"].whole
