"""How other tools count: every figure that was measured of eight tools, to the unit.

tests/data/tool_counts.json holds what the tools print: FlopCounterMode, fvcore, ptflops, thop, torchinfo,
torchscan, DeepSpeed and calflops, on 50 operations and seven networks. No rule of a profile is repeated here.
"""

from __future__ import annotations

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
