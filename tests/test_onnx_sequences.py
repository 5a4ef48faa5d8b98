"""Networks of sequences that PyTorch exports to ONNX: what is read of the file is what a trace gives."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("onnx", reason="the onnx package is not installed")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")

from torch import Tensor, nn  # noqa: E402

import archcalc  # noqa: E402

pytestmark = pytest.mark.slow


class First(nn.Module):
    """A module that gives several tensors: the first of them."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Any:
        return self.inner(x)[0]


class Last(nn.Module):
    """A classifier of sequences, of what the last step of a recurrence gives."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30, 8)
        self.lstm = nn.LSTM(8, 6, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Any:
        states, _ = self.lstm(self.words(x))
        return self.fc(states[:, -1])


class Attends(nn.Module):
    """Attention over a sequence, and a map of each position."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.fc1, self.fc2 = nn.Linear(8, 16), nn.Linear(16, 8)

    def forward(self, x: Tensor) -> Any:
        y = self.norm(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.fc2(nn.functional.gelu(self.fc1(x)))


WORDS = torch.zeros(1, 7, dtype=torch.long)
SEQUENCE = torch.zeros(1, 7, 8)
MODULES: dict[str, tuple[Callable[[], nn.Module], Tensor, tuple[bool, ...]]] = {
    "lstm": (lambda: First(nn.LSTM(8, 6, 2, bidirectional=True, batch_first=True)), SEQUENCE, (False, True)),
    "gru": (lambda: First(nn.GRU(8, 6, 2, bidirectional=True)), torch.zeros(7, 1, 8), (False, True)),
    "classifier": (Last, WORDS, (False, True)),
    "attention": (Attends, SEQUENCE, (False, True)),
    "encoder": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), SEQUENCE, (True,)),
}


def exported(module: nn.Module, example: Tensor, path: Path, dynamo: bool) -> None:
    """Write a module as PyTorch does, by its newer exporter or by the older one."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (example,), str(path), dynamo=dynamo, verbose=False)


@pytest.mark.parametrize(("name", "dynamo"), [(n, d) for n, (_, _, ways) in MODULES.items() for d in ways])
def test_what_is_exported_is_what_is_traced(name: str, dynamo: bool, tmp_path: Path) -> None:
    """Parameters and multiply-adds are those of the traced module. Defeats: states before the first step that
    are counted as learned, attention whose products are counted twice, and directions that share weights."""
    made, example, _ = MODULES[name]
    torch.manual_seed(1)
    module = made().eval()
    with torch.no_grad():
        for parameter in module.parameters():  # no two are alike, and none is all zeros
            parameter.uniform_(0.1, 0.9)
    path = tmp_path / f"{name}.onnx"
    exported(module, example, path, dynamo)
    net = archcalc.load(str(path))
    traced = archcalc.trace(module, example)
    wanted, found = traced.summary().totals, net.summary().totals
    assert found["params"] == wanted["params"]
    assert found["macs"] == wanted["macs"]
    kinds = [[one.op.name for one in each.graph.layers] for each in (net, traced)]
    for word in ("lstm", "gru", "sdpa", "layernorm", "embedding"):
        # Recurrent layers on top of each other are a node each.
        stacked = (
            sum([one.op.argument("layers") for one in traced.graph.layers if one.op.name == word])
            if word in ("lstm", "gru")
            else kinds[1].count(word)
        )
        assert kinds[0].count(word) == stacked, word
