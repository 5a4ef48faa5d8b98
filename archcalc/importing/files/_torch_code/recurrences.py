"""The recurrent classes of ``torch.nn``."""

from __future__ import annotations

from typing import Any

from .._source.values import EvaluationError
from .modules import CodeModule
from .tensors import CodeTensor
from .vocabulary import layer


def _ready_recurrent(m: CodeModule, a: dict[str, Any]) -> None:
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[m.base]
    mode = m.base
    if m.base == "RNN":
        mode = f"RNN_{a['nonlinearity'].upper()}"
    projected = a.get("proj_size", 0)
    given = dict(m.settings)
    m.settings = {"mode": mode, **given, "dropout": float(a["dropout"]), "proj_size": projected}
    hidden = a["hidden_size"]
    out = projected or hidden
    ways = ("", "_reverse") if a["bidirectional"] else ("",)
    if not isinstance(a["num_layers"], int) or a["num_layers"] > 1000:
        raise EvaluationError(f"{m.base} cannot have {a['num_layers']} layers")
    for depth in range(a["num_layers"]):
        width = a["input_size"] if depth == 0 else out * len(ways)
        for way in ways:
            m.parameter(f"weight_ih_l{depth}{way}", gates * hidden, width)
            m.parameter(f"weight_hh_l{depth}{way}", gates * hidden, out)
            m.parameter(f"bias_ih_l{depth}{way}", gates * hidden, present=a["bias"])
            m.parameter(f"bias_hh_l{depth}{way}", gates * hidden, present=a["bias"])
            m.parameter(f"weight_hr_l{depth}{way}", out, hidden, present=projected)


_RECURRENT = "bias=True, batch_first=False, dropout=0.0, bidirectional=False"


@layer(
    "RNN",
    "rnn",
    f"input_size, hidden_size, num_layers=1, nonlinearity='tanh', {_RECURRENT}, device=None, dtype=None",
    _ready_recurrent,
)
@layer(
    "GRU",
    "rnn",
    f"input_size, hidden_size, num_layers=1, {_RECURRENT}, device=None, dtype=None",
    _ready_recurrent,
)
@layer(
    "LSTM",
    "rnn",
    f"input_size, hidden_size, num_layers=1, {_RECURRENT}, proj_size=0, device=None, dtype=None",
    _ready_recurrent,
)
def _recurrent(m: CodeModule, input: CodeTensor, hx: Any = None) -> Any:
    first = m.setting("batch_first")
    batched = len(input.sizes) == 3
    if not batched:
        raise EvaluationError(f"a {m.base} that is given one sequence without a batch cannot be read")
    ways = 2 if m.setting("bidirectional") else 1
    layers, hidden = m.setting("num_layers"), m.setting("hidden_size")
    batch = input.shape()[0 if first else 1]
    out = m.setting("proj_size") or hidden
    run = m.run

    def start(width: int) -> CodeTensor:
        return CodeTensor(run, run.builder.constant((layers * ways, batch, width)))

    if hx is None:
        hx = (start(out), start(hidden)) if m.base == "LSTM" else start(hidden)
    name = {"LSTM": "lstm", "GRU": "gru"}.get(m.base) or str(m.setting("mode")).lower()
    found = run.do(
        f"{name}.input",
        input,
        tuple(hx) if m.base == "LSTM" else hx,
        tuple(m.tensors.values()),
        bool(m.setting("bias")),
        layers,
        m.setting("dropout"),
        False,
        bool(m.setting("bidirectional")),
        bool(first),
        called=f"torch.{name}",
    )
    return (found[0], (found[1], found[2])) if m.base == "LSTM" else (found[0], found[1])


def _ready_cell(m: CodeModule, a: dict[str, Any]) -> None:
    gates = {"LSTMCell": 4, "GRUCell": 3, "RNNCell": 1}[m.base]
    hidden = a["hidden_size"]
    m.parameter("weight_ih", gates * hidden, a["input_size"])
    m.parameter("weight_hh", gates * hidden, hidden)
    m.parameter("bias_ih", gates * hidden, present=a["bias"])
    m.parameter("bias_hh", gates * hidden, present=a["bias"])


@layer(
    "RNNCell",
    "rnn",
    "input_size, hidden_size, bias=True, nonlinearity='tanh', device=None, dtype=None",
    _ready_cell,
)
@layer("LSTMCell GRUCell", "rnn", "input_size, hidden_size, bias=True, device=None, dtype=None", _ready_cell)
def _cell(m: CodeModule, input: CodeTensor, hx: Any = None) -> Any:
    run = m.run
    if hx is None:
        sizes = (input.shape()[0], m.setting("hidden_size"))
        start = CodeTensor(run, run.builder.constant(sizes))
        hx = (start, start) if m.base == "LSTMCell" else start
    name = {"LSTMCell": "lstm_cell", "GRUCell": "gru_cell"}.get(m.base)
    name = name or f"rnn_{m.setting('nonlinearity')}_cell"
    given = tuple(hx) if m.base == "LSTMCell" else hx
    return run.do(name, input, given, *m.tensors.values(), called=f"torch.{name}")
