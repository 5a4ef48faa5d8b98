"""Recurrent layers and cells with one bias, as in the papers."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class OneBiasRNN(nn.Module):
    """nn.RNN(batch_first=True) with one bias, as in the papers."""

    maps = 1

    def __init__(
        self,
        channels: int,
        units: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        proj_size: int = 0,
        nonlinearity: str = "tanh",
    ):
        super().__init__()
        bound, rows = 1 / math.sqrt(units), self.maps * units
        self.units, self.num_layers, self.nonlinearity = units, num_layers, nonlinearity
        self.ends = ("", "_reverse") if bidirectional else ("",)
        for number in range(num_layers):
            shapes = {
                "weight_ih": (rows, (proj_size or units) * len(self.ends) if number else channels),
                "weight_hh": (rows, proj_size or units),
                "bias_ih": (rows,),
            }
            if proj_size:
                shapes["weight_hr"] = (proj_size, units)
            for end in self.ends:
                for name, shape in shapes.items():
                    values = torch.empty(shape).uniform_(-bound, bound)
                    self.register_parameter(f"{name}_l{number}{end}", nn.Parameter(values))

    def forward(self, x: Tensor, given: Any = None) -> tuple[Tensor, Any]:
        last: list[Any] = []
        given = (given,) if isinstance(given, Tensor) else given
        for number in range(self.num_layers):
            found = []
            for end in self.ends:
                first = None if given is None else [state[len(last)] for state in given]
                of: Any = {
                    name: getattr(self, f"{name}_l{number}{end}", None)
                    for name in ("weight_ih", "weight_hh", "bias_ih", "weight_hr")
                }
                steps = F.linear(x, of["weight_ih"], of["bias_ih"]).unbind(1)
                states, *carried = self.run(steps[::-1] if end else steps, of, first)
                found.append(torch.stack(states[::-1] if end else states, 1))
                last.append((states[-1], *carried))
            x = torch.cat(found, 2) if len(found) > 1 else found[0]
        kept = [torch.stack(one) for one in zip(*last, strict=True)]
        return x, kept[0] if len(kept) == 1 else tuple(kept)

    def run(self, steps: Any, of: Any, first: Any) -> Any:
        """The states behind all steps, and what else is carried from one to the next."""
        state = first[0] if first else steps[0].new_zeros(len(steps[0]), self.units)
        states = []
        for mapped in steps:
            read = mapped + F.linear(state, of["weight_hh"])
            state = torch.relu(read) if self.nonlinearity == "relu" else torch.tanh(read)
            states.append(state)
        return (states,)


class OneBiasLSTM(OneBiasRNN):
    """nn.LSTM(batch_first=True) with one bias, as in the papers."""

    maps = 4

    def run(self, steps: Any, of: Any, first: Any) -> Any:
        state = cell = steps[0].new_zeros(len(steps[0]), self.units)
        if of["weight_hr"] is not None:
            state = steps[0].new_zeros(len(steps[0]), len(of["weight_hr"]))
        if first:
            state, cell = first
        states = []
        for mapped in steps:
            mapped = mapped + F.linear(state, of["weight_hh"])
            write, keep, new, show = mapped.chunk(4, 1)
            cell = torch.sigmoid(keep) * cell + torch.sigmoid(write) * torch.tanh(new)
            state = torch.sigmoid(show) * torch.tanh(cell)
            if of["weight_hr"] is not None:
                state = F.linear(state, of["weight_hr"])
            states.append(state)
        return states, cell


class OneBiasGRU(OneBiasRNN):
    """nn.GRU(batch_first=True) with one bias, and with the paper's candidate, which reads the state
    behind the reset gate."""

    maps = 3

    def run(self, steps: Any, of: Any, first: Any) -> Any:
        state = first[0] if first else steps[0].new_zeros(len(steps[0]), self.units)
        of_gates, of_new = of["weight_hh"][: 2 * self.units], of["weight_hh"][2 * self.units :]
        states = []
        for mapped in steps:
            gates, new = mapped[:, : 2 * self.units], mapped[:, 2 * self.units :]
            reset, keep = torch.sigmoid(gates + F.linear(state, of_gates)).chunk(2, 1)
            new = torch.tanh(new + F.linear(reset * state, of_new))
            state = (1 - keep) * new + keep * state
            states.append(state)
        return (states,)


class OneBiasRNNCell(nn.Module):
    """nn.RNNCell with one bias, as in the papers."""

    maps = 1

    def __init__(self, channels: int, units: int, nonlinearity: str = "tanh"):
        super().__init__()
        bound, rows = 1 / math.sqrt(units), self.maps * units
        self.units, self.nonlinearity = units, nonlinearity
        self.weight_ih = nn.Parameter(torch.empty(rows, channels).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(rows, units).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))

    def forward(self, x: Tensor, state: Any = None) -> Any:
        if state is None:
            state = x.new_zeros(len(x), self.units)
        return self.step(F.linear(x, self.weight_ih, self.bias_ih), state)

    def step(self, mapped: Tensor, state: Any) -> Any:
        """The state behind the step."""
        read = mapped + F.linear(state, self.weight_hh)
        return torch.relu(read) if self.nonlinearity == "relu" else torch.tanh(read)


class OneBiasLSTMCell(OneBiasRNNCell):
    """nn.LSTMCell with one bias, as in the papers: gives state and cell."""

    maps = 4

    def step(self, mapped: Tensor, state: Any) -> Any:
        state, cell = (state, state) if isinstance(state, Tensor) else state
        write, keep, new, show = (mapped + F.linear(state, self.weight_hh)).chunk(4, 1)
        cell = torch.sigmoid(keep) * cell + torch.sigmoid(write) * torch.tanh(new)
        return torch.sigmoid(show) * torch.tanh(cell), cell


class OneBiasGRUCell(OneBiasRNNCell):
    """nn.GRUCell with one bias, and with the paper's candidate, which reads the state behind the reset
    gate."""

    maps = 3

    def step(self, mapped: Tensor, state: Any) -> Any:
        of_gates, of_new = self.weight_hh[: 2 * self.units], self.weight_hh[2 * self.units :]
        gates, new = mapped[:, : 2 * self.units], mapped[:, 2 * self.units :]
        reset, keep = torch.sigmoid(gates + F.linear(state, of_gates)).chunk(2, 1)
        new = torch.tanh(new + F.linear(reset * state, of_new))
        return (1 - keep) * new + keep * state
