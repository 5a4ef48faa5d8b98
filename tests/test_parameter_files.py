"""Files that hold tensors and no network, and files that hold a module with its code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from calling import call
from forking import ARCHCALC, torch_process
from test_one_way_out import valid

import archcalc

HEADER: dict[str, Any] = {
    "__metadata__": {"format": "pt"},
    "layers.10.weight": {"dtype": "F32", "shape": [4, 3], "data_offsets": [0, 48]},
    "layers.9.weight": {"dtype": "BF16", "shape": [5], "data_offsets": [48, 58]},
    "norm.running_mean": {"dtype": "F32", "shape": [2], "data_offsets": [58, 66]},
    "norm.num_batches_tracked": {"dtype": "I64", "shape": [], "data_offsets": [66, 74]},
}


def stored(path: Path, header: Any = None, data: int = 74, length: int | None = None) -> None:
    """Write a file of safetensors by hand."""
    text = header if isinstance(header, bytes) else json.dumps(HEADER if header is None else header).encode()
    size = len(text) if length is None else length
    path.write_bytes(size.to_bytes(8, "little") + text + bytes(data))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_safetensors(here: Path) -> None:
    """Defeats: numbers in names that are sorted as texts, statistics that count as parameters, a counter that
    counts as anything."""
    stored(here / "w.safetensors")
    answer = json.loads(call("summary", "w.safetensors", "--format", "json").out)
    valid(answer, "summary-parameters")
    assert [tensor["name"] for tensor in answer["tensors"]] == [
        "layers.9.weight",
        "layers.10.weight",
        "norm.num_batches_tracked",
        "norm.running_mean",
    ]
    assert answer["totals"] == {"params": 17, "buffers": 2, "bytes": 74}
    screen = call("summary", "w.safetensors").out
    assert "layers.10.weight          4x3        float32           12" in screen
    assert "it holds tensors and no graph" in screen
    folded = call("summary", "w.safetensors", "--depth", "1").out
    assert "layers  2 tensors  bfloat16, float32" in folded


def test_no_torch_is_needed_for_safetensors(here: Path) -> None:
    stored(here / "w.safetensors")
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "from archcalc.cli import main\nmain(['summary', 'w.safetensors'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"length": 2**63}, "its header would have"),
        ({"length": 5000}, "its header is cut off"),
        ({"header": b"{]"}, "its header is no JSON"),
        ({"header": b"[" * 100_000}, "its header is no JSON"),
        ({"header": b"\xff"}, "its header is no JSON"),
        ({"header": [1]}, "its header is no object"),
        ({"header": {"a": 3}}, "`a` is no object"),
        ({"header": {"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}}, "`a` has no shape"),
        ({"header": {"a": {"dtype": "F32", "shape": [2.5], "data_offsets": [0, 4]}}}, "`a` has no shape"),
        (
            {"header": {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4000]}}},
            "lies outside the file",
        ),
        ({"header": {"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 4]}}}, "`a` has 4 bytes"),
    ],
)
def test_broken_files(here: Path, arguments: Any, message: str) -> None:
    """Defeats: a length that is believed, shapes that are not those of the data, a traceback."""
    stored(here / "w.safetensors", **arguments)
    answer = call("summary", "w.safetensors")
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    (here / "short.safetensors").write_bytes(b"abc")
    assert "it is too short" in call("summary", "short.safetensors").err


def test_only_a_summary_is_there(here: Path) -> None:
    """Defeats: a figure of nothing where there is no graph."""
    stored(here / "w.safetensors")
    for words in (["rf", "w.safetensors"], ["draw", "w.safetensors"], ["compare", "vgg16", "w.safetensors"]):
        answer = call(*words)
        assert (answer.code, answer.out) == (2, "")
        assert "w.safetensors holds tensors and no graph" in answer.err
    answer = call("summary", "w.safetensors", "--until", "norm")
    assert "--until and w.safetensors do not go together" in answer.err
    assert "nowhere.safetensors is not there" in call("summary", "nowhere.safetensors").err


TRAP = """
import os
class Trap:
    def __reduce__(self):
        return (os.mkdir, ("sprung",))
"""


@pytest.mark.filterwarnings("ignore")
def test_files_of_torch(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: a pickle that is run because somebody wants to see what is in it, a checkpoint whose tensors
    stand a level lower, and TorchScript and exported programs that are taken for state dicts."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    nn = torch.nn
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()).eval()
    torch.save(net.state_dict(), "plain.pt")
    torch.save({"epoch": 3, "model": net.state_dict()}, "checkpoint.pth")
    torch.save(net, "whole.pt")
    torch.save({"epoch": 3}, "empty.pt")
    plain = json.loads(call("summary", "plain.pt", "--format", "json").out)
    assert plain["totals"] == {"params": 240, "buffers": 16, "bytes": 4 * 256 + 8}
    lower = json.loads(call("summary", "checkpoint.pth", "--format", "json").out)
    assert lower["tensors"][0]["name"] == "model.0.weight"
    assert lower["totals"] == plain["totals"]
    namespace: dict[str, Any] = {}
    exec(TRAP, namespace)
    torch.save({"trap": namespace["Trap"]()}, "trap.pt")
    for name in ("whole.pt", "trap.pt"):
        for command in ("summary", "rf"):
            answer = call(command, name)
            assert (answer.code, answer.out) == (2, "")
            assert f"{name} holds pickled objects" in answer.err
            assert "name what makes the module, as in mypackage.models:Net" in answer.err
    assert not (here / "sprung").exists()
    assert "empty.pt holds no tensors" in call("summary", "empty.pt").err
    (here / "text.pt").write_text("nothing of torch")
    assert call("summary", "text.pt").code == 2
    torch.jit.script(net).save("script.pt")
    torch.export.save(torch.export.export(net, (torch.zeros(1, 3, 16, 16),)), "program.pt2")
    for name, given in (("script.pt", ["--input", "16x16x3"]), ("program.pt2", [])):
        answer = call("summary", name, *given, "--format", "json")
        assert answer.code == 0, answer.err
        assert json.loads(answer.out)["totals"]["params"] == 240
        assert f"{name} holds code, and it was run: load only files that you trust" in answer.err
    assert "1x3x16x16 float32 is taken, with which it was exported" in call("rf", "program.pt2").err


def test_broken_files_of_torch(here: Path) -> None:
    """A file that is none is refused in one message that says what is the matter with it. Defeats: what
    PyTorch raises as it is (`101` of a file of text, `[Errno 22]` of one that is cut off), and the traceback
    that its loader of exported programs logs before it gives up."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    torch.save(torch.nn.Linear(300, 300).state_dict(), "whole.pt")
    (here / "cut.pt").write_bytes((here / "whole.pt").read_bytes()[:5000])
    (here / "text.pt").write_bytes(b"hello" * 100)
    (here / "nothing.pt").touch()
    (here / "nothing.pt2").touch()
    for name, message in (
        ("cut.pt", "it is cut off"),
        ("text.pt", "it is neither an archive nor a pickle of tensors"),
        ("nothing.pt", "it is empty"),
        ("nothing.pt2", "it is no archive, or is cut off"),
    ):
        done = torch_process().run(ARCHCALC, here, "summary", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith(f"error[file]: {name}")
        assert message in done.stderr


@pytest.mark.filterwarnings("ignore")
def test_a_script_is_what_was_scripted(here: Path) -> None:
    """A module that was traced to TorchScript has the layers of the module, and its inputs their names.
    Defeats: a table of operators without `_convolution`, which such a trace holds in place of `conv2d`, and a
    signature that Python reads of a method of TorchScript: it sees `*args` alone."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    nn = torch.nn

    class Two(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.Conv2d(1, 8, 3, padding="same")
            self.up, self.pool = nn.ConvTranspose2d(8, 8, 2, stride=2), nn.MaxPool2d(2)

        def forward(self, rgb: torch.Tensor, depth: torch.Tensor) -> torch.Tensor:
            return self.up(self.a(rgb) + self.pool(self.b(depth)))  # type: ignore[no-any-return]

    net = Two().eval()
    given = (torch.zeros(1, 3, 16, 16), torch.zeros(1, 1, 16, 16))
    torch.jit.trace(net, given).save("traced.pt")
    torch.jit.script(net).save("scripted.pt")
    sizes = {"rgb": "16x16x3", "depth": "16x16x1"}
    expected = archcalc.trace(net, *given)
    for name in ("traced.pt", "scripted.pt"):
        found = archcalc.load(name, input=sizes)
        assert [str(layer.op) for layer in found.graph.layers] == [str(x.op) for x in expected.graph.layers]
        assert found.summary().totals["macs"] == expected.summary().totals["macs"]
        assert [layer.name for layer in found.graph.inputs] == ["rgb", "depth"]
        answer = call("summary", name, "--input", "rbg=16x16x3")
        assert answer.code == 2
        assert "it takes rgb, depth" in answer.err
