"""Profiles beside the real tools, on random modules and on networks whose figures stand nowhere in the tests.

Layers are written as modules, as functions and as subclasses. Tests of tools that are not installed say so.
"""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from counting_tools import PACKAGES, missing, printed  # noqa: E402
from random_code import MAKERS  # noqa: E402

import archcalc  # noqa: E402
from archcalc.counters import count, profile  # noqa: E402
from archcalc.importing.torch.finding import imported  # noqa: E402

HERE = Path(__file__).parent
# Leaves its functions in the place of PyTorch's where a module fails: it has a process of its own.
APART = ("calflops", "calflops-macs")
NETWORKS = (
    "googlenet",
    "densenet121",
    "convnext_tiny",
    "mobilenet_v3_large",
    "efficientnet_b0",
    "shufflenet_v2_x1_0",
)


def skip_without(name: str) -> None:
    if why := missing(name):
        pytest.skip(why)


def of_seeds(name: str, first: int, last: int) -> None:
    """Hold a profile against its tool on the modules of some seeds."""
    skip_without(name)
    seeds = range(first, last)
    if name in APART:
        command = [sys.executable, str(HERE / "counting_tools.py"), name, str(first), str(last)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parent)
        real = json.loads(done.stdout.splitlines()[-1])
    else:
        real = {kind: [printed(name, *make(seed)) for seed in seeds] for kind, make in MAKERS.items()}
    ours = {
        kind: [count(profile(name), _traced(*make(seed))).figure for seed in seeds]
        for kind, make in MAKERS.items()
    }
    assert ours == real


def _traced(module: Any, x: Any) -> archcalc.Network:
    return archcalc.trace(module, x)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PACKAGES)
def test_random_modules(name: str) -> None:
    """Defeats: rules that hold of the measured operations alone."""
    of_seeds(name, 0, 2)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PACKAGES)
def test_many_random_modules(name: str) -> None:
    """Defeats: a profile that is wrong where two layers meet, or a module is written in another way."""
    of_seeds(name, 2, 60)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("network", NETWORKS)
def test_networks_that_no_rule_was_made_for(network: str) -> None:
    """Defeats: a rule that was made to fit the networks that are measured."""
    try:
        models = imported("torchvision.models")
    except ImportError:
        pytest.skip("torchvision is not installed")
    options = {"init_weights": False} if network == "googlenet" else {}
    module = getattr(models, network)(weights=None, **options).eval()
    x = torch.zeros(1, 3, 224, 224)
    traced = archcalc.load(copy.deepcopy(module), input="224x224x3")
    names = [name for name in PACKAGES if not missing(name) and name not in APART]
    real = {name: printed(name, copy.deepcopy(module), x) for name in names}
    assert {name: count(profile(name), traced).figure for name in names} == real


def of_export(target: str) -> tuple[dict[str, int], dict[str, int]]:
    """What profiles count of a spec, and what the tools print of the module that its export makes."""
    network = archcalc.load(target)
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(network.export(), "exported", "exec"), names)
    classes = [v for v in names.values() if isinstance(v, type) and v.__module__ == "exported"]
    *sizes, channels = network.graph.inputs[0].output
    x = torch.zeros(1, channels, *sizes)
    tools = [name for name in PACKAGES if not missing(name) and name not in APART]
    real = {name: printed(name, classes[-1]().eval(), x) for name in tools}
    return {name: count(profile(name), network).figure for name in tools}, real


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "target",
    [
        "9x9x3 -> conv 3x3 8 -> bn -> relu -> maxpool 2x2 -> gelu -> scale -> gap -> fc 10 -> softmax",
        "12x8 -> attention 4 -> layernorm -> gelu -> lstm 8 biases=two -> linear 4",
        '8x8x3 -> conv 3x3 4 pad=1 connect="1011 1111 0110" -> subsample 2x2 -> tanh',
    ],
)
def test_chains_as_they_are_exported(target: str) -> None:
    """Defeats: activations of a spec that are counted as modules where the export calls functions, and the
    connections of a table where the code makes the whole kernel."""
    ours, real = of_export(target)
    if target.startswith("12x8"):
        # A linear layer on channels in front is a product and a sum, whose biases aten does not count.
        ours.pop("ptflops-aten", None)
        real.pop("ptflops-aten", None)
    assert ours == real


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", ["squeezenet1_0", "mobilenet_v2", "mobilenet_v3_large", "convnext_tiny"])
def test_specs_as_they_are_exported(target: str) -> None:
    """Defeats: a block that stands in an nn.Sequential where another of its class leaves it out."""
    ours, real = of_export(target)
    assert ours == real
