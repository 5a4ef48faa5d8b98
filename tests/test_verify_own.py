"""`verify MODULE`: the figures of a traced module beside the module itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from calling import call

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from archcalc.importing.torch import Trace, trace_network  # noqa: E402
from archcalc.witness.compare import Check  # noqa: E402
from archcalc.witness.own import OwnVerification  # noqa: E402

EXAMPLE = "examples/small_net.py:SmallNet"


class Net(nn.Module):
    """A convolution, a functional call, a module that is called twice, and parameters that are not used."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.same = nn.Conv2d(8, 8, 1)
        self.norm = nn.BatchNorm2d(8)
        self.act = nn.ReLU()
        self.fc = nn.Linear(8, 5)
        self.spare = nn.Linear(7, 3)
        self.same.bias.requires_grad_(False)  # type: ignore[union-attr]

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.norm(self.conv(x)))
        x = self.same(self.same(x)) + x
        return self.fc(x.mean((2, 3)))  # type: ignore[no-any-return]


class Attends(nn.Module):
    """Attention, whose products FlopCounterMode does not see everywhere, and a recurrence."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.lstm = nn.LSTM(8, 6, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        found, _ = self.attention(x, x, x)
        return self.lstm(found)[0]  # type: ignore[no-any-return]


class Heads(nn.Module):
    """Two outputs, of which the second alone needs a layer, frozen in part, and one that is not used."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.mask = nn.Conv2d(8, 2, 1)
        self.spare = nn.Linear(7, 3)
        self.mask.bias.requires_grad_(False)  # type: ignore[union-attr]

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.conv(x)
        return {"features": x, "mask": self.mask(x)}


class Unknown(nn.Module):
    """An operation that archcalc has no rule for."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.matrix_exp(self.fc(x))


def traced(module: nn.Module, inputs: str = "6x5x3") -> Trace:
    return trace_network(module, inputs)


def by_name(found: OwnVerification) -> dict[str, Check]:
    return {check.quantity: check for check in found.checks}


@pytest.mark.parametrize("with_heads", [False, True])
def test_side_heads_are_in_both_totals_or_in_none(with_heads: bool) -> None:
    """Defeats the parameters of all of a module beside those that its first output needs, and a total that
    takes those of a head for unused ones."""
    found = OwnVerification(traced(Heads()), with_heads=with_heads)
    checks = by_name(found)
    totals = [(checks[name].predicted, checks[name].measured) for name in ("parameters", "trainable")]
    assert totals == ([(242, 242), (240, 240)] if with_heads else [(224, 224), (224, 224)])
    assert checks["unused parameters"].measured == 24
    assert found.agrees


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_a_module_agrees_with_its_graph(device: str) -> None:
    """Parameters once, unused ones apart, frozen ones not trainable; the work of a module that is called
    twice, twice. Defeats: counts of calls for counts of tensors, and a table that only looks at the graph."""
    found = OwnVerification(traced(Net()), device=device)
    assert found.agrees, [check.to_dict() for check in found.checks if not check.agrees]
    checks = by_name(found)
    params = (3 * 9 * 8 + 8) + (8 * 8 + 8) + 16 + (8 * 5 + 5)
    assert checks["parameters"].measured == checks["parameters"].predicted == params
    assert checks["unused parameters"].measured == 7 * 3 + 3
    assert checks["trainable"].measured == params - 8
    assert checks["buffers"].measured == 16
    assert checks["MACs"].measured == 30 * 8 * (27 + 8 + 8) + 40
    shapes = checks["output shapes"]
    assert shapes.of == shapes.agree == len(found.layers)
    assert ("outputs" in checks) == (device == "cpu")


def test_operations_that_the_counter_misses() -> None:
    """Attention and recurrent layers count with their counterpart's products. Defeats: 0 of a counter that
    is blind, as a difference or as agreement."""
    found = OwnVerification(traced(Attends(), "9x8"))
    assert found.agrees, [check.to_dict() for check in found.checks if not check.agrees]
    macs = by_name(found)["MACs"]
    assert macs.measured == 9 * 8 * 8 * 4 + 2 * 9 * 9 * 8 + 9 * 4 * 6 * (8 + 6)
    assert any("counterpart" in reason for _, reason in macs.unseen)


def test_weights_that_are_made_of_others() -> None:
    """The tensors of weight normalisation are counted by their names, and the outputs are not compared.
    Defeats: a layer without a rule, and a counterpart that takes a part of a weight for the weight."""
    net = nn.Sequential(torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), nn.ReLU())
    found = OwnVerification(traced(net), device="cpu")
    assert found.agrees
    assert found.opaque == []
    checks = by_name(found)
    assert checks["parameters"].measured == 4 * 27 + 4 + 4
    assert [reason for _, reason in checks["outputs"].unseen] == [
        "its weights are made of others: no outputs behind it are compared"
    ]


def changed(module: nn.Module, device: str, **parts: nn.Module) -> dict[str, Check]:
    """The checks of a module of which parts were exchanged after it was traced."""
    trace = traced(module)
    for name, part in parts.items():
        setattr(trace.built.module, name, part)
    return by_name(OwnVerification(trace, device=device))


def test_a_layer_of_another_size_is_found() -> None:
    """Every quantity that changes differs, with the layer. Defeats: measuring the graph by itself."""
    found = changed(Net(), "meta", fc=nn.Linear(8, 6))
    for quantity in ("output shapes", "parameters", "trainable", "MACs"):
        assert [one.layer for one in found[quantity].differences] == ["fc"], quantity
    assert found["buffers"].agrees
    assert found["output shapes"].differences[0].predicted == (1, 5)
    assert found["output shapes"].differences[0].measured == (1, 6)


def test_other_values_are_found() -> None:
    """The outputs differ where only the values do. Defeats: comparing sizes alone."""
    found = changed(Net(), "cpu", act=nn.SiLU())
    assert not found["outputs"].agrees
    assert found["parameters"].agrees
    assert found["MACs"].agrees


def test_what_has_no_rule_is_not_checked() -> None:
    """It is named, and neither agrees nor differs. Defeats: a tick for a shape that was only copied."""
    found = OwnVerification(traced(Unknown(), "6x6"), device="cpu")
    assert found.agrees
    checks = by_name(found)
    assert [layer for layer, _ in checks["output shapes"].unseen] == found.opaque != []
    assert checks["outputs"].of == 0
    assert checks["outputs"].unseen


def test_the_module_stays_as_it_is() -> None:
    """Weights, mode, hooks and random numbers are what they were."""
    module = Net().train()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    seed = torch.random.get_rng_state()
    OwnVerification(traced(module), device="cpu")
    assert module.training
    assert torch.equal(seed, torch.random.get_rng_state())
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())


def test_the_command(tmp_path: Path) -> None:
    """Its screen and its record; the device is meta unless told."""
    answer = call("verify", EXAMPLE, "--input", "32x32x3")
    assert answer.code == 0, answer.out + answer.err
    assert "rules against the module itself" in answer.out
    found: dict[str, Any] = json.loads(
        call("verify", EXAMPLE, "--input", "32x32x3", "--device", "cpu", "--format", "json").out
    )
    assert found["agrees"]
    assert found["device"] == "cpu"
    assert next(check for check in found["checks"] if check["quantity"] == "outputs")["layers_agree"] == 1
