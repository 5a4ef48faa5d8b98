"""Modules that do what no module should: nothing of it is left in the process, and nothing in the answer."""

from __future__ import annotations

import io
import json
import logging
import os
import random
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc import SpecError

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
numpy = pytest.importorskip("numpy", reason="numpy is not installed")

NASTY = r"""
import gc, logging, os, random, signal, sys, warnings
import numpy, torch
from torch import nn

def everything():
    print("\x1b[2Jprinted")
    os.write(1, b"written past Python\n")
    print("to the error stream", file=sys.stderr)
    warnings.warn("beware")
    warnings.simplefilter("always")
    os.chdir("/")
    os.environ["NASTY"] = "1"
    os.environ.pop("HOME", None)
    sys.argv.append("--nasty")
    sys.path.append("/nasty")
    sys.setrecursionlimit(5000)
    sys.excepthook = print
    gc.disable()
    random.seed(7); numpy.random.seed(7); torch.manual_seed(7)
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(True)
    torch.autograd.set_detect_anomaly(True)
    torch.set_num_threads(3)
    torch.backends.cudnn.benchmark = not torch.backends.cudnn.benchmark
    torch.set_float32_matmul_precision("medium")
    nn.modules.module.register_module_forward_hook(lambda *a: print("hooked"))
    nn.modules.module.register_module_parameter_registration_hook(lambda *a: None)
    logging.basicConfig(level=logging.DEBUG)
    logging.disable(logging.ERROR)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        everything()
        self.conv = nn.Conv2d(3, width, 3)
        torch.set_default_device("meta")
    def forward(self, x):
        everything()
        return self.conv(x)

class Leaves(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        everything()
        sys.exit(0)

class Raises(Leaves):
    def forward(self, x):
        everything()
        raise ValueError("\x1b[31mno")

class Generator(Leaves):
    def forward(self, x):
        raise GeneratorExit

class Silent(Leaves):
    def forward(self, x):
        raise Nameless

class Nameless(Exception):
    def __str__(self):
        raise ValueError

class Asks(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, int(input("how many? ")), 3)

class Mean(nn.Module):
    def __getattribute__(self, name):
        raise BaseException(name)
"""


def state() -> dict[str, Any]:
    """All that a module must leave as it is."""
    hooks = torch.nn.modules.module
    return {
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "argv": list(sys.argv),
        "path": list(sys.path),
        "limit": sys.getrecursionlimit(),
        "hook": sys.excepthook,
        "random": random.getstate(),
        "numpy": numpy.random.get_state()[1].tolist(),
        "torch": torch.get_rng_state().tolist(),
        "dtype": torch.get_default_dtype(),
        "device": str(torch.empty(0).device),
        "gradients": torch.is_grad_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "anomaly": torch.is_anomaly_enabled(),
        "threads": torch.get_num_threads(),
        "benchmark": torch.backends.cudnn.benchmark,
        "precision": torch.get_float32_matmul_precision(),
        "hooks": [
            len(getattr(hooks, name))
            for name in vars(hooks)
            if name.startswith("_global_") and name.endswith("_hooks")
        ],
        "filters": list(warnings.filters),
        "level": logging.getLogger().level,
        "handlers": list(logging.getLogger().handlers),
        "disabled": logging.root.manager.disable,
        "interrupt": signal.getsignal(signal.SIGINT),
        "modules": [name for name in sys.modules if name.startswith("nasty")],
    }


@pytest.fixture
def nasty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nasty.py").write_text(NASTY)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("target", ["nasty:Net", "nasty.py:Net", "nasty:Net(width=7)"])
def test_nothing_is_left_behind(nasty: None, target: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Defeats: each setting that is put back only where the module runs to its end, only around forward, or
    not at all."""
    before = state()
    network = archcalc.load(target, "16x16x3")
    after = state()
    assert {name: value for name, value in after.items() if value != before[name]} == {}
    assert network.graph.layers[0].name == "conv"
    (printed,) = [d for d in network.diagnostics if d.severity == "warning"]
    assert "\\x1b[2Jprinted" in printed.notes
    assert "to the error stream" in printed.notes
    out, err = capfd.readouterr()
    assert out == ""
    assert "printed" not in err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Leaves", "nasty:Leaves ends the program: sys.exit()"),
        ("Raises", "nasty:Raises raised ValueError: \\x1b[31mno"),
        ("Generator", "nasty:Generator raised GeneratorExit"),
        ("Silent", "nasty:Silent raised Nameless"),
        ("Asks", "nasty:Asks raised EOFError"),
        ("Mean", "nasty:Mean raised BaseException"),
    ],
)
def test_what_ends_badly_leaves_nothing_either(nasty: None, name: str, message: str) -> None:
    """Defeats: an exit code of the module's, an exception that nobody expects, settings that stay."""
    before = state()
    with pytest.raises(SpecError) as raised:
        archcalc.load(f"nasty:{name}", "16x16x3")
    assert raised.value.diagnostics[0].message.startswith(message)
    after = state()
    assert {name: value for name, value in after.items() if value != before[name]} == {}
    answer = call("summary", f"nasty:{name}", "--input", "16x16x3")
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert "Traceback" not in answer.err
    assert "\x1b" not in answer.err


def test_the_answer_is_the_answer(nasty: None) -> None:
    """Defeats: a print of the module's among the JSON of either stream."""
    answer = call("summary", "nasty:Net", "--input", "16x16x3", "--format", "json")
    assert json.loads(answer.out)["totals"]["params"] == 112
    messages = json.loads(answer.err)["diagnostics"]
    (warning,) = [d for d in messages if d["severity"] == "warning"]
    assert warning["message"].startswith("nasty:Net printed ")


def test_a_module_object_stays_as_it_is() -> None:
    """Defeats: weights that are moved or run, a mode that is switched, statistics that are updated."""
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Dropout())
    module.train()
    kept = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    x = torch.zeros(1, 3, 8, 8)
    before = state()
    assert archcalc.trace(module, x).graph.output.output == (6, 6, 4)
    assert archcalc.load(module, "9x9x3", training=True).graph.output.output == (7, 7, 4)
    assert state() == before
    assert module.training
    assert all(part.training for part in module.modules())
    assert module.state_dict().keys() == kept.keys()
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, kept[name]), name


def test_a_changed_file_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: a module that Python keeps, or a cache of our own."""
    monkeypatch.chdir(tmp_path)
    for width in (5, 60, 700):
        Path("shape_of.py").write_text(f"WIDTH = {width}\n")
        Path("changes.py").write_text(
            "from torch import nn\nfrom shape_of import WIDTH\nnet = nn.Linear(3, WIDTH)\n"
        )
        for target in ("changes:net", "changes.py:net"):
            assert archcalc.load(target, "3").graph.output.output == (width,)


def test_what_loggers_write_is_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A logger that was set up before the module ran holds the stream of that time. What it writes while the
    module runs is told with all that is printed, and the logger is as before. Defeats: streams that are
    replaced in `sys` alone, and levels that are put back of the root logger alone."""
    (tmp_path / "logs.py").write_text(
        "import logging\nfrom torch import nn\n"
        "class Logs(nn.Linear):\n"
        "    def forward(self, x):\n"
        "        log = logging.getLogger('somebody.else')\n"
        "        log.warning('said while it ran')\n"
        "        log.setLevel(logging.CRITICAL)\n"
        "        log.propagate = True\n"
        "        log.addHandler(logging.NullHandler())\n"
        "        return super().forward(x)\n"
    )
    monkeypatch.chdir(tmp_path)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logger = logging.getLogger("somebody.else")
    handler = logging.StreamHandler()
    logger.addHandler(handler)
    logger.propagate = False
    try:
        network = archcalc.load("logs.py:Logs(3, 4)", input="3")
        assert (logger.level, logger.propagate, logger.handlers) == (logging.NOTSET, False, [handler])
        assert handler.stream is stream
        assert stream.getvalue() == ""
        (printed,) = [d for d in network.diagnostics if d.severity == "warning"]
        assert set(printed.notes) == {"said while it ran"}
        logger.warning("said afterwards")
        assert stream.getvalue() == "said afterwards\n"
    finally:
        logger.removeHandler(handler)
        logger.propagate = True
