"""How other tools count: every figure that was measured of eight tools, to the unit.

tests/data/tool_counts.json holds what the tools print: FlopCounterMode, fvcore, ptflops, thop, torchinfo,
torchscan, DeepSpeed and calflops, on 50 operations and seven networks. No rule of a profile is repeated here.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from counted_modules import MEASURED, PROFILES, SPECS, made

import archcalc
from archcalc.counters import count, profile, profiles
from archcalc.importing.torch.finding import imported


def figures(network: object, **options: object) -> dict[str, int]:
    """The figure of each column of tool_counts.json."""
    return {column: count(profile(name), network, **options).figure for column, name in PROFILES.items()}  # type: ignore[arg-type]


def expected(entry: dict[str, object]) -> dict[str, object]:
    return {column: entry[column] for column in PROFILES}


@pytest.mark.parametrize("name", MEASURED["operations"])
def test_operations_as_modules(name: str) -> None:
    """Defeats: a layer counted alike whether it is a module or a function; a transposed convolution by its
    output in all tools or in none."""
    module, x = made(name)
    assert figures(archcalc.trace(module, x)) == expected(MEASURED["operations"][name])


@pytest.mark.parametrize("name", MEASURED["operations"])
def test_operations_as_specs(name: str) -> None:
    """Defeats: rules that hold only of what a trace has seen."""
    spec, writing = SPECS[name]
    assert figures(archcalc.load(spec), writing=writing) == expected(MEASURED["operations"][name])


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED["networks"])
def test_networks(name: str) -> None:
    """Defeats: an adaptive pool that changes nothing, or a functional activation, that is lost on the way."""
    try:
        models = imported("torchvision.models")
    except ImportError:
        pytest.skip("torchvision is not installed")
    size = "299x299x3" if name == "inception_v3" else "224x224x3"
    options = {"init_weights": False} if name == "inception_v3" else {}
    module = getattr(models, name)(weights=None, **options)
    assert figures(archcalc.load(module, input=size)) == expected(MEASURED["networks"][name])


def test_every_profile_is_read() -> None:
    """Defeats: a profile that nobody reads until somebody asks for it, and that has a fault."""
    for name in profiles():
        found = profile(name)
        assert found.title
        assert found.unit in ("MACs", "FLOPs")
        assert all(fault.fault in found.faults for rule in found.rules for fault in rule.faults)


@pytest.mark.parametrize(
    ("name", "figure"), [("thop", 153_600), ("torchinfo", 166_400), ("torchscan", 320_000)]
)
def test_without_faults(name: str, figure: int) -> None:
    """A transposed convolution by its input: 20*20 positions of 3*4*4*8 weights, and a bias per output value.
    Defeats: faults that stand among the terms."""
    counted = count(profile(name), archcalc.load(SPECS["tconv_s2"][0]), faults=False)
    assert counted.figure == figure
    assert not any(term.fault for layer in counted.layers for term in layer.terms)


def test_some_layers_alone() -> None:
    """Layers that do not reach the output are written as in the whole export. Defeats: an export of these
    layers, which has no end."""
    graph = archcalc.load("resnet18").graph
    whole = dict(zip(graph.layers, count(profile("ptflops"), graph).layers, strict=True))
    some = graph.layers[3:9]
    assert list(count(profile("ptflops"), graph, layers=some).layers) == [whole[layer] for layer in some]


# ---------------------------------------------------------------------------------------------
# A profile of one's own

MINE = """title = "MACs and ReLUs"
unit = "MACs"

[faults]
lost = "pools are forgotten"

[[rules]]
ops = ["conv"]
terms = { multiply-adds = "macs" }

[[rules]]
ops = ["relu"]
terms = { activations = "values_out / 2" }
"""


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    """Half of 30x30x8 values and 30*30*8*27 MACs. Defeats: a path that is taken for a name."""
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    assert archcalc.load("32x32x3 -> conv 3x3 8 -> relu").count(str(path)).figure == 194_400 + 3_600


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('"MACs"\n\n', '"Flops"\n\n', 2, "`unit` is MACs or FLOPs"),
        ('ops = ["conv"]', 'ops = ["convv"]', 8, "there is no layer `convv`"),
        ('"macs"', '"maccs"', 9, "`maccs` means nothing here"),
        ('"macs"', '"__import__(1)"', 9, "means nothing here"),
        ('"macs"', '"macs ^ 99"', 9, "power is too high"),
        ('"macs"', '"(" * 9', 9, "no TOML"),
        ('ops = ["relu"]', 'ops = ["relu"]\nwhen = { colour = "red" }', 13, "has an attribute `colour`"),
        ('ops = ["relu"]', 'ops = ["relu"]\nfaults = [{ fault = "x", amount = "1" }]', 13, "has no `x`"),
        ("[faults]", "base = 7\n[faults]", 4, "`base` is a text"),
    ],
)
def test_faults_of_a_profile(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    """Each points at its line. Defeats: a traceback, and a rule that is passed over."""
    path = tmp_path / "mine.toml"
    path.write_text(MINE.replace(old, new, 1))
    with pytest.raises(archcalc.SpecError) as caught:
        profile(str(path))
    first = caught.value.diagnostics[0]
    assert says in first.message
    assert first.span is not None
    assert first.span.position[0] == line


def test_a_figure_that_is_not_whole(tmp_path: Path) -> None:
    """27 values of a ReLU, by halves. Defeats: a fraction that is cut off in silence."""
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    with pytest.raises(archcalc.SpecError, match="no whole number"):
        archcalc.load("3x3x3 -> relu").count(str(path))


def test_the_page_is_up_to_date() -> None:
    """docs/counters.md is written from the profiles: ``python docs/counters.py``."""
    root = Path(__file__).parent.parent
    command = [sys.executable, "docs/counters.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert (done.returncode, done.stderr) == (0, "")
