"""`summary --like fvcore`: the table by module that fvcore itself prints of the exported module.

fvcore asks tabulate to keep the spaces in front of names by a setting that tabulate 0.10 reads no more: there
its table has no levels. The test hands the setting on as the argument that it is now.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from calling import call
from test_like_torchinfo import exported, models

import archcalc
from archcalc.report.screens.tool_table import LikeOptions, as_other_tool
from archcalc.report.sheet import PAGE

torch = pytest.importorskip("torch")
fvcore = pytest.importorskip("fvcore.nn", reason="fvcore is not installed")


@pytest.fixture(autouse=True)
def _spaces_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    import tabulate

    if "preserve_whitespace" in inspect.signature(tabulate.tabulate).parameters:
        kept = functools.partial(tabulate.tabulate, preserve_whitespace=True)
        monkeypatch.setattr(tabulate, "tabulate", kept)


def compare(
    network: archcalc.Network, module: Any, inputs: tuple[Any, ...], depths: Sequence[int] = (1, 2, 3)
) -> None:
    """Line by line, at each depth."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counted = fvcore.FlopCountAnalysis(module, inputs)
        for depth in depths:
            table = as_other_tool(network.summary(), "fvcore", LikeOptions(depth))
            ours = ["".join([text for text, _ in line]) for line in table.lines(PAGE)]
            assert ours[:-1] == fvcore.flop_count_table(counted, max_depth=depth).split("\n")


@pytest.mark.parametrize("target", ["resnet18", "squeezenet1_1", "mobilenet_v2", "densenet121", "googlenet"])
def test_the_exported_module(target: str) -> None:
    """Defeats a row for what has no figures, one for each of two parts in the place of one, figures of a
    function in the wrong module, and units from another size on."""
    from archcalc.witness.build import random_inputs

    network = archcalc.load(target)
    module = exported(network.export()).to_empty(device="cpu").eval()
    compare(network, module, tuple(random_inputs(network.graph, 1)))


@pytest.mark.parametrize(("target", "depth"), [("vit_b_16", 5), ("lenet5", 3)])
def test_maps_within_a_layer(target: str, depth: int) -> None:
    """Defeats: 0 for the map behind the heads, which is a module of its own, and the connections of a table
    where the code makes the whole kernel."""
    from archcalc.witness.build import random_inputs

    network = archcalc.load(target)
    module = exported(network.export()).to_empty(device="cpu").eval()
    with torch.no_grad():
        compare(network, module, tuple(random_inputs(network.graph, 1)), (depth,))


def test_a_module_of_torchvision() -> None:
    """The module that was traced. Defeats the exported one."""
    module = models().resnet18().eval()
    inputs = (torch.zeros(1, 3, 224, 224),)
    compare(archcalc.trace(module, *inputs), module, inputs)


def test_what_is_asked_for() -> None:
    text = call("summary", "resnet18", "--like", "fvcore", "--depth", "1").out
    assert "|  conv2   |  0.148M                |  0.464G  |" in text
    assert text.endswith("as fvcore 0.1.5.post20221221 prints what `archcalc export --to torch` writes\n")
    refused = call("summary", "resnet18", "--like", "fvcore", "--columns", "flops")
    assert (refused.code, refused.out) == (2, "")
    assert "--like and --columns do not go together" in refused.err
