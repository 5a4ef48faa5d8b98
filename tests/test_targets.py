"""Modules as targets: what is read as one, what it names, and how it is made without memory."""

from __future__ import annotations

import importlib.util
import json
import resource
import sys
from pathlib import Path
from typing import Any

import pytest
from calling import call

from archcalc.diagnostics import SpecError
from archcalc.importing.torch.targets import LONGEST, ModuleTarget

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from archcalc.importing.torch.building import build  # noqa: E402
from archcalc.importing.torch.finding import find  # noqa: E402


@pytest.mark.parametrize(
    ("text", "place", "attribute", "args", "kwargs"),
    [
        ("torchvision.models:resnet50", "torchvision.models", "resnet50", (), {}),
        ("mine:Net.small", "mine", "Net.small", (), {}),
        ("mine:net.layers.0", "mine", "net.layers.0", (), {}),
        ("nets/mine.py:Net", "nets/mine.py", "Net", (), {}),
        ("mine.py:Net()", "mine.py", "Net", (), {}),
        ("../a b/mine.py:Net(3)", "../a b/mine.py", "Net", (3,), {}),
        ("C:\\nets\\mine.py:Net", "C:\\nets\\mine.py", "Net", (), {}),
        ('timm:create_model("a/b:c(d)", 3)', "timm", "create_model", ("a/b:c(d)", 3), {}),
        (
            "mine:Net([1, 2], key={'a': (1, -2.5)}, flag=None)",
            "mine",
            "Net",
            ([1, 2],),
            {"key": {"a": (1, -2.5)}, "flag": None},
        ),
        (" mine:Net ", "mine", "Net", (), {}),
    ],
)
def test_what_is_read(text: str, place: str, attribute: str, args: Any, kwargs: Any) -> None:
    """Defeats: a target that is cut at its first colon, slash or bracket, wherever that stands."""
    found = ModuleTarget.read(text)
    assert (found.place, found.attribute, found.args, found.kwargs) == (place, attribute, args, kwargs)


@pytest.mark.parametrize(
    "text",
    ["resnet50", "nets.arch:small", "a/b.arch:net", "32x32x3 -> conv 3x3 4", "a:b c", "mine:3", "-", ":", ""],
)
def test_what_names_no_module(text: str) -> None:
    assert ModuleTarget.find(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mine:Net(open('x'))", "`open('x')` is no literal"),
        ("mine:Net(*[1])", "`*[1]` is no literal"),
        ("mine:Net(**{'a': 1})", "`**` is no literal"),
        ("mine:Net(a=1 + x)", "`1 + x` is no literal"),
        ("mine:Net(f'{1}')", "is no literal"),
        ("mine:Net(a=[i for i in (1, 2)])", "is no literal"),
        ("mine:Net(1)(2)", "more than one pair of brackets"),
        ("mine:Net(a=1, a=2)", "`a` is given twice|repeated"),
        ("mine:Net(3", "is not package.module:attribute"),
        ("mine:Net(()", "its arguments cannot be read"),
        ("mine:Net(" + "(" * 5000 + ")" * 5000 + ")", "its arguments cannot be read"),
        ("mine:Net(" + "-" * 9000 + "1)", "cannot be read|is no literal"),
        ("mine:Net('" + "x" * LONGEST + "')", "is not package.module|at most"),
        ("mine.py:", "is not package.module:attribute"),
        ("mine.py:3", "`3` is no name of anything in mine.py"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    """Defeats: eval, a parser that is left to overflow, a message of Python's own."""
    with pytest.raises(SpecError) as raised:
        ModuleTarget.read(text)
    assert any(part in str(raised.value) for part in message.split("|"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path  # type: ignore[misc]
    for name in [name for name in sys.modules if name not in before and name.startswith("made_")]:
        del sys.modules[name]


MADE = """
import sys
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width, depth=2, *, norm="batch"):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(width, width) for _ in range(depth)])
    def forward(self, x):
        return self.layers(x)

net = Net(4)
pair = (net, "and a text")
table = {"model": net}
number = 3

class Holder:
    def __init__(self):
        self.model = net

holder = Holder()

def nothing():
    pass

def leaves():
    sys.exit(0)

def fails():
    raise ValueError("no weights here")
"""


@pytest.mark.parametrize(
    ("behind", "message"),
    [
        ("Nett(4)", "`made_a` has no `Nett`\n  help: did you mean `Net`?"),
        ("Zzz", "`made_a` has no `Zzz`\n  help: it has Net, net"),
        ("net.layers.7", "`made_a:net.layers` has no `7`"),
        ("Net", "`Net` needs an argument: width\n  help: as in 'made_a:Net(width=…)'"),
        ("Net(4, wdith=3)", "`Net` has no argument `wdith`"),
        ("Net(4, dept=3)", "did you mean `depth`?"),
        ("Net(4, 2, 'batch')", "`Net` takes 2 arguments by position, not 3"),
        ("Net(4, width=4)", "`width` is given twice"),
        ("net(4)", "`net` is a module already: it takes no arguments"),
        ("number", "made_a:number is no module, and makes none: it is int"),
        ("pair", "makes none: it is tuple\n  help: its element 0 is one"),
        ("table", "makes none: it is dict\n  help: it holds a module under 'model'"),
        ("holder", "makes none: it is Holder\n  help: its `model` is one"),
        ("nothing", "made_a:nothing makes no module but None"),
        ("leaves", "made_a:leaves ends the program: sys.exit()"),
        ("fails", "made_a:fails raised ValueError: no weights here\n  help: in made_a.py, line"),
    ],
)
def test_what_is_no_module(here: Path, behind: str, message: str) -> None:
    """Each ends in one message that says which; none of them is called twice or half."""
    (here / "made_a.py").write_text(MADE)
    with pytest.raises(SpecError) as raised:
        build(find(ModuleTarget.read(f"made_a:{behind}")))
    assert message in str(raised.value)


def test_files(here: Path) -> None:
    """Defeats: a file that is only found where Python looks, siblings that are not found, a file that is
    imported once for all."""
    folder = here / "nets"
    folder.mkdir()
    (folder / "made_parts.py").write_text("WIDTH = 8\n")
    (folder / "made_b.py").write_text(
        "from made_parts import WIDTH\nfrom torch import nn\ndef net():\n    return nn.Linear(WIDTH, 3)\n"
    )
    target = ModuleTarget.read("nets/made_b.py:net")
    assert build(find(target)).module.weight.shape == (3, 8)
    (folder / "made_b.py").write_text("from torch import nn\nnet = nn.Linear(55, 3)\n")
    assert build(find(target)).module.weight.shape == (3, 55)
    for text, message in (
        ("nets/made_c.py:net", "nets/made_c.py is not there\n  help: did you mean `made_b.py`?"),
        ("nowhere/made_c.py:net", "nowhere/made_c.py is not there"),
        ("nets/made_b.py:nett", "`nets/made_b.py` has no `nett`\n  help: did you mean `net`?"),
        ("made_zz:net", "cannot import made_zz:net: No module named 'made_zz'"),
    ):
        with pytest.raises(SpecError) as raised:
            find(ModuleTarget.read(text))
        assert message in str(raised.value)
    (here / "made_d.py").write_text("import made_unknown\n")
    with pytest.raises(SpecError, match="No module named 'made_unknown'"):
        find(ModuleTarget.read("made_d:net"))


CONFIGURED = """
from torch import nn

class Config:
    def __init__(self, width=4, **more):
        self.width = width
        self.more = more

class Model(nn.Module):
    config_class = Config
    def __init__(self, config):
        super().__init__()
        assert isinstance(config, Config)
        self.linear = nn.Linear(config.width, 3)
"""


def test_models_that_take_a_configuration(here: Path) -> None:
    """As those of transformers do, which no literal can be. Defeats: a target that nobody could type."""
    (here / "made_f.py").write_text(CONFIGURED)
    assert build(find(ModuleTarget.read("made_f:Model"))).module.linear.in_features == 4
    wide = ModuleTarget.read("made_f:Model").with_arguments({"width": "9", "other": "text"})
    assert wide.text == "made_f:Model(width=9, other='text')"
    assert build(find(wide)).module.linear.in_features == 9


BUILT = """
import torch
from torch import nn

def huge():
    return nn.Sequential(*[nn.Linear(60_000, 60_000) for _ in range(50)])

def tied():
    one, two = nn.Linear(3, 3), nn.Linear(3, 3)
    one.weight = two.weight = nn.Parameter(torch.randn(3, 3))
    return nn.Sequential(one, two)

class Looks(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 4)
        if self.linear.weight.sum().item() > 100:
            self.other = nn.Linear(4, 4)

class Buffers(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("index", torch.arange(6))
        self.linear = nn.Linear(int(self.index.sum()), 4)

class Own(nn.Parameter):
    pass

class Frozen(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(3), requires_grad=False)
        self.own = Own(torch.zeros(2))
        self.own.decay = False

calls = []
def fails():
    calls.append(1)
    raise ValueError(len(calls))

def lazy():
    return nn.LazyConv2d(4, 3)

there = nn.Linear(3, 4)
"""


def test_building(here: Path) -> None:
    """Defeats: weights that are drawn before they are thrown away (720 GB here), twins of what is tied, a
    constructor that looks at buffers being refused, one that fails being run again, parameters that lose
    their class, and a module of the caller's that is changed."""
    (here / "made_e.py").write_text(BUILT)

    def made(name: str) -> Any:
        return build(find(ModuleTarget.read(f"made_e:{name}")))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    huge = made("huge")
    assert sum(p.numel() for p in huge.module.parameters()) == 50 * (60_000 * 60_000 + 60_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
    one, two = made("tied").module
    assert one.weight is two.weight
    looks = made("Looks")
    assert looks.note.startswith("its constructor looks at values of parameters (RuntimeError")
    assert looks.module.linear.weight.is_meta
    buffers = made("Buffers")
    assert not buffers.note
    assert buffers.module.linear.in_features == 15
    assert buffers.module.index.is_meta
    frozen = made("Frozen").module
    assert not frozen.w.requires_grad
    assert type(frozen.own).__name__ == "Own"
    assert frozen.own.decay is False
    with pytest.raises(SpecError, match="raised ValueError: 1"):
        made("fails")
    assert isinstance(made("lazy").module, torch.nn.LazyConv2d)
    existing = made("there")
    assert not existing.fresh
    assert not existing.module.weight.is_meta
    assert not torch.nn.modules.module._global_parameter_registration_hooks


@pytest.mark.slow
def test_a_large_network_of_torchvision_takes_no_memory() -> None:
    """Its constructor fails in the context of meta. Defeats: the way back to memory, 32 seconds and 3 GB."""
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = build(find(ModuleTarget.read("torchvision.models:regnet_y_32gf")))
    assert not found.note
    assert sum(p.numel() for p in found.module.parameters()) == 145_046_770
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


def test_a_module_has_no_file_of_a_spec() -> None:
    """Defeats: the text that was written of a module, said to stand in standard input."""
    shown = json.loads(
        call("show", "examples/small_net.py:SmallNet", "--input", "32x32x3", "--format", "json").out
    )
    assert shown["file"] is None
    assert shown["lines"]
