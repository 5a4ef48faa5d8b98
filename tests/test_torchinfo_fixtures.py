"""What torchinfo's own tests summarise has torchinfo's figures here, or a reason why they are others.

torchinfo is the witness, run on the same module; where it is wrong, PyTorch is. `summary --like torchinfo`
states its multiply-adds, in which a bias counts and a norm counts once; our own are FlopCounterMode's.
"""

from __future__ import annotations

from math import prod
from typing import Any

import pytest

torch = pytest.importorskip("torch")
torchinfo = pytest.importorskip("torchinfo", reason="torchinfo is not installed")

from torch import Tensor, nn  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402
from torchinfo_fixtures import FIXTURES, Fixture  # noqa: E402

import archcalc  # noqa: E402
from archcalc.analysis.summary import Summary  # noqa: E402
from archcalc.diagnostics import SpecError  # noqa: E402
from archcalc.report.screens.tool_table import as_other_tool  # noqa: E402

# Where torchinfo's parameters are not those of PyTorch, and why. Its own failures count as such.
PARAMETERS = {
    "tied": "it counts a parameter again under each module that holds it",
    "pruned": "it leaves out the parameters that a mask hides; they are stored, and multiplied, all the same",
    "partly a script": "a script gives a new tensor at each look, and it counts the parameters twice",
    "kernel as a tensor": "it fails: it goes through `kernel_size`, which is no tuple here",
}
# Where its multiply-adds are not those of `--like torchinfo`, and why.
MULTIPLY_ADDS = {
    "pruned": PARAMETERS["pruned"],
    "partly a script": "it counts the layers of a script with nothing",
    "kernel as a tensor": PARAMETERS["kernel as a tensor"],
}
# Where FlopCounterMode has fewer multiply-adds, and why.
RECURRENT = {"recurrence": "it counts a recurrence as nothing"}


def seen(fixture: Fixture) -> Any:
    """torchinfo's summary of a module; None where it fails."""
    given = fixture.args[0] if len(fixture.args) == 1 and isinstance(fixture.args[0], Tensor) else None
    data = list(fixture.args) if given is None else given
    try:
        return torchinfo.summary(fixture.make().eval(), input_data=data, verbose=0, **fixture.kwargs)
    except TypeError:
        return None


@pytest.mark.parametrize("name", FIXTURES)
def test_figures(name: str) -> None:
    """Defeats parameters that are lost with what nothing reads, counted twice, or of the wrong kind, and
    multiply-adds of what is called again, not called at all, or called as a function."""
    fixture = FIXTURES[name]
    module = fixture.make().eval()
    network = archcalc.trace(module, *fixture.args, **fixture.kwargs)
    assert network.graph.metadata.traced is not None
    unused = network.graph.metadata.traced.unused
    summary = Summary(network.graph, with_heads=True)
    parameters = dict(module.named_parameters())
    params = summary.totals["params"] + sum([prod(sizes) for _, sizes in unused])
    trained = sum([prod(sizes) for name, sizes in unused if parameters[name].requires_grad])
    trainable = summary.totals["trainable"] + trained
    # PyTorch has these whatever torchinfo says; what is lazy got its sizes from a run of a copy.
    if name != "lazy":
        assert params == sum([p.numel() for p in parameters.values()])
        assert trainable == sum([p.numel() for p in parameters.values() if p.requires_grad])
    theirs = seen(fixture)
    figures = (theirs.total_params, theirs.trainable_params) if theirs else None
    assert (figures == (params, trainable)) == (name not in PARAMETERS)
    like = {total.key: total.value for total in as_other_tool(summary, "torchinfo").totals}
    assert (theirs is not None and theirs.total_mult_adds == like["mult_adds"]) == (name not in MULTIPLY_ADDS)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        fixture.make().eval()(*fixture.args, **fixture.kwargs)
    counted = counter.get_total_flops() // 2
    assert summary.totals["macs"] > counted if name in RECURRENT else summary.totals["macs"] == counted


def test_a_batch() -> None:
    """Defeats figures of one image that are multiplied where torchinfo adds, and the other way round."""
    fixture = FIXTURES["convolutions and functions"]
    graph = archcalc.trace(fixture.make(), *fixture.args).graph
    like = {total.key: total.value for total in as_other_tool(Summary(graph, batch=7), "torchinfo").totals}
    theirs = torchinfo.summary(fixture.make(), input_size=(7, 1, 18, 18), verbose=0)
    assert (like["total_params"], like["mult_adds"]) == (theirs.total_params, theirs.total_mult_adds)


class Constant(nn.Module):
    """Gives its parameter, whatever it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4, 8))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight


class Loss(nn.Module):
    """Takes nothing."""

    def forward(self) -> dict[str, Tensor]:
        return {"loss": torch.ones(3, 3).sum()}


@pytest.mark.parametrize(
    ("module", "given", "message"),
    [
        (Constant(), (torch.rand(1),), "no output of Constant depends on its input"),
        (Loss(), (), "no output of Loss depends on its input"),
        (nn.ModuleList(), (torch.rand(1),), 'missing the required "forward" function'),
    ],
    ids=["constant", "no input", "empty list"],
)
def test_without_a_graph(module: nn.Module, given: tuple[Tensor, ...], message: str) -> None:
    """torchinfo lists the parameters of modules that compute nothing of their input, or never run. Such a
    module is no network: that is said, in place of an empty table."""
    with pytest.raises(SpecError, match=message):
        archcalc.trace(module, *given)
