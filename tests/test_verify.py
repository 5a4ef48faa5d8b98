"""`archcalc verify`: the whole zoo against PyTorch, and what is said where something differs."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.language.library import Library
from archcalc.ops import registry
from archcalc.ops.convolution import Conv
from archcalc.ops.facts import Saved, Tensor
from archcalc.ops.pooling import MaxPool

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

# Imported once torch is known to be there.
from archcalc.witness.compare import Check, Verification  # noqa: E402
from archcalc.witness.zoo import able  # noqa: E402

ZOO = sorted(Library().zoo)
# At the real input in real memory: one of each family that is small enough to run in a moment.
REAL = ["lenet5", "convnetjs_cifar10", "resnet20_cifar", "squeezenet1_1", "neuraltalk_caption"]


def differences(found: Verification) -> list[dict[str, Any]]:
    return [d.to_dict() for check in found.checks for d in check.differences]


def checks(found: Verification) -> dict[str, Check]:
    return {check.quantity: check for check in found.checks}


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_the_zoo(name: str) -> None:
    """Shapes, tensors, MACs, kept and live bytes at the real input, where nothing has values, and
    receptive fields at the ends of stages, in real memory. Boxes are data: of what chooses among
    them only what comes before is verified."""
    whole = archcalc.load(name)
    network, until = able(whole)
    assert (until is not None) == any(at.op.name == "nms" for at in whole.graph.main())
    found = Verification(network.graph, device="meta")
    assert found.agrees, differences(found)[:5]
    shapes = found.checks[0]
    assert shapes.of == shapes.agree == len(found.layers)
    measured = checks(found)
    assert measured["receptive fields"].of or not any(at.output.spatial for at in found.layers)
    # The peak of a training step is marked in large networks only; here it is close in all.
    step = measured["peak of a training step"]
    if not step.unseen:
        assert step.predicted == pytest.approx(step.measured, rel=0.05)


@pytest.mark.parametrize("name", REAL)
def test_in_real_memory(name: str) -> None:
    found = Verification(archcalc.load(name).graph)
    assert found.agrees, differences(found)[:5]


@pytest.mark.parametrize(
    "chain",
    [
        # What is kept on a real device: fused attention keeps no scores.
        "16x32 -> class_token -> positions -> layernorm -> attention 4 -> linear 64 -> gelu",
        "12x12x3 -> conv 3x3 8 pad=same stride=2 -> bn -> leaky_relu -> maxpool 3 stride=2 round=ceil",
        "12x12x6 -> tconv 3x3 4 stride=2 -> elu -> crop 20x20 offset=2 -> avgpool 2x2 -> prelu -> gap",
        "9x9x4 -> dwconv 3x3 pad=half -> hardswish -> instancenorm affine=yes -> silu -> groupnorm 2",
        "24 -> fc 16 -> tanh -> dropout 0.3 -> fc 4 -> softmax",
    ],
)
def test_chains_in_real_memory(chain: str) -> None:
    found = Verification(archcalc.load(chain).graph)
    assert found.agrees, differences(found)[:5]


# What differs -----------------------------------------------------------------------------------


def test_a_broken_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bias too many in a projection is named, by tensor, and the exit code says no."""
    rule = Conv.tensors

    def with_bias(self: Conv, x: Any) -> tuple[Tensor, ...]:
        found = rule(self, x)
        return (*found, Tensor("bias", (16,))) if self.filters == 16 and len(found) == 1 else found

    monkeypatch.setattr(Conv, "tensors", with_bias)
    spec = "net n\n  input 8x8x4\n  a: conv 3x3 16 pad=1 bias=no\n  b: conv 1x1 2\n"
    answer = call("verify", "-", "--device", "meta", stdin=spec)
    assert answer.code == 1
    assert re.search(r"✗ parameters +1 of 2 +626 +610 +\+16", answer.out)
    assert re.search(r"✗ a +bias +16 +none", answer.out)
    assert "1 of 2 layers differs" in answer.out
    record = json.loads(call("verify", "-", "--format", "json", stdin=spec).out)
    assert record["agrees"] is False
    params = next(c for c in record["checks"] if c["quantity"] == "parameters")
    assert params["differences"] == [{"layer": "a", "part": "bias", "predicted": [16], "measured": None}]


def without_bias(rule: Any) -> Any:
    return lambda self, x: tuple(t for t in rule(self, x) if t.name != "bias")


def rounded_up(rule: Any) -> Any:
    def output(self: Conv, x: Any) -> Any:
        sizes = [
            -(-(n + 2 * p - k) // s) + 1
            for n, k, s, p in zip(
                x.spatial, pair(self.kernel), pair(self.stride), pair(self.pad), strict=True
            )
        ]
        return type(x)((*sizes, self.filters))

    return output


def pair(value: Any) -> Any:
    return value if isinstance(value, tuple) else (value, value)


@pytest.mark.parametrize(
    ("attribute", "broken", "quantity"),
    [
        ("tensors", without_bias, "parameters"),
        ("output", rounded_up, "output shapes"),
        ("terms", lambda rule: lambda self, x: 2 * rule(self, x), "MACs"),
        (
            "window",
            lambda rule: lambda self, x: tuple(w.but(low=w.low + 1) for w in rule(self, x)),
            "receptive fields",
        ),
        ("saves", lambda rule: lambda self, x: type(rule(self, x))(), "kept for backward"),
    ],
    ids=["bias", "floor", "doubled", "offset", "forgotten"],
)
def test_a_network_with_a_broken_rule(
    monkeypatch: pytest.MonkeyPatch, attribute: str, broken: Any, quantity: str
) -> None:
    """Each of the ways in which such a tool goes wrong is marked, and nothing is without it."""
    # The zoo's own would refuse: they say what sizes they are to have.
    chain = "224x224x3 -> conv 11x11 64 stride=4 pad=2 -> relu -> maxpool 3x3 stride=2 -> conv 5 9"
    network = (chain, "--device", "meta")
    assert call("verify", *network).code == 0
    monkeypatch.setattr(Conv, attribute, broken(getattr(Conv, attribute)))
    answer = call("verify", *network)
    assert answer.code == 1
    assert re.search(rf"✗ {quantity} ", answer.out)


@pytest.mark.parametrize(
    ("attribute", "broken", "quantity"),
    [
        ("output", lambda rule: lambda self, x: type(x)((*rule(self, x)[:-1], 5)), "output shapes"),
        ("saves", lambda rule: lambda self, x: type(rule(self, x))(inputs=True), "kept for backward"),
        (
            "window",
            lambda rule: lambda self, x: tuple(w.but(low=w.low + 1) for w in rule(self, x)),
            "receptive fields",
        ),
    ],
)
def test_every_check_can_fail(
    monkeypatch: pytest.MonkeyPatch, attribute: str, broken: Any, quantity: str
) -> None:
    monkeypatch.setattr(MaxPool, attribute, broken(getattr(MaxPool, attribute)))
    spec = "net n\n  input 12x12x3\n  c: conv 3x3 4\n  p: maxpool 2x2\n  d: avgpool 2x2\n"
    graph = archcalc.load("-", stdin=spec).graph
    found = checks(Verification(graph))
    assert not found[quantity].agrees
    for other, check in found.items():
        if other != quantity and attribute != "output":
            assert check.agrees, other


def test_products_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = Conv.operations

    def one_more(self: Conv, x: Any) -> Any:
        counts = rule(self, x)
        counts.mul_add += x.positions
        return counts

    monkeypatch.setattr(Conv, "operations", one_more)
    found = checks(Verification(archcalc.load("8x8x3 -> conv 3x3 4 pad=1").graph))
    assert [d.to_dict() for d in found["MACs"].differences] == [
        {"layer": "conv1", "part": None, "predicted": 6976, "measured": 6912}
    ]


def test_a_storage_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    from archcalc.ops.activation import ReLU

    monkeypatch.setattr(ReLU, "storage", "new")
    chain = "8x8x1 -> conv 3x3 4 pad=1 -> relu -> conv 3x3 1 pad=1"
    assert checks(Verification(archcalc.load(chain).graph))["peak of inference"].agrees


@pytest.mark.parametrize("op", ["bn", "maxpool 2x2", "times 2", "lrn 3", "conv 3x3 4 pad=1"])
def test_a_storage_too_few(monkeypatch: pytest.MonkeyPatch, op: str) -> None:
    """Defeats a module that writes over its input because the rule says so, where PyTorch has no
    such layer; and an end in a traceback where it cannot."""
    chain = f"8x8x4 -> {op} -> conv 1x1 1"
    layer = archcalc.load(chain).graph.main()[0]
    monkeypatch.setattr(type(layer.op), "storage", "inplace")
    found = checks(Verification(archcalc.load(chain).graph, device="meta"))
    assert not found["peak of inference"].agrees


def test_what_pytorch_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule by which what a layer keeps is written over by the next. Defeats a traceback, and a
    sweep that ends there."""
    monkeypatch.setattr(registry()["relu"], "saves", lambda self, x: Saved())
    chain = "8x8x3 -> conv 3x3 4 -> relu -> sigmoid -> conv 3x3 2"
    answer = call("verify", chain, "--device", "meta")
    assert (answer.code, answer.err) == (1, "")
    assert re.search(r"✗ peak of a training step .*\n", answer.out)
    assert "RuntimeError: one of the variables needed for gradient" in answer.out


def test_a_device_that_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a sweep that ends where a GPU runs out of memory."""
    from archcalc.witness import measure
    from archcalc.witness.zoo import verified

    real = measure.step_bytes

    def full(built: Any, inputs: Any) -> int:
        if not inputs[0].is_meta:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(built, inputs)

    monkeypatch.setattr(measure, "step_bytes", full)
    network = archcalc.load("8x8x3 -> conv 3x3 4")
    (one,) = verified([("small", network)], "cpu", lambda graph, device: None)
    assert (one.found.device, one.found.agrees) == ("meta", True)
    answer = call("verify", "8x8x3 -> conv 3x3 4")
    assert (answer.code, answer.out) == (2, "")
    assert "does not fit into the memory of cpu" in answer.err


# What is not trained ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chain", ["28x28x6 -> relu", "8x8x3 -> maxpool 2x2", "9x9x3 -> conv 3x3 4 -> gap -> softmax"]
)
def test_a_network_without_a_backward_pass(chain: str) -> None:
    """Defeats a backward pass that is asked of every network: it has nothing to begin with."""
    freeze = ["--freeze", "softmax1"] if chain.endswith("softmax") else []
    answer = call("verify", chain, *freeze)
    assert (answer.code, answer.err) == (0, "")
    assert "✓ kept for backward" in answer.out


def test_a_side_head_without_gradients() -> None:
    """Defeats gradients that are handed in at every output."""
    spec = "net n\n  input 8x8x4\n  p: maxpool 2x2\n  out side: gap\n  conv 1x1 2\n"
    answer = call("verify", "-", "--with-heads", stdin=spec)
    assert (answer.code, answer.err) == (0, "")


def test_a_large_step_without_a_backward_pass() -> None:
    """Defeats a step whose peak is that of the backward pass alone."""
    graph = archcalc.load("8000x8000x2 -> maxpool 2x2").graph
    found = checks(Verification(graph, device="meta", fields=False))
    assert found["peak of a training step"].agrees
    assert found["peak of a training step"].predicted == (64_000_000 + 16_000_000) * 2 * 4


def test_what_is_kept_is_compared_by_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats totals in which two wrong rules make up for each other: the input of the second
    convolution is kept by it, and not by the first."""
    chain = "8x8x4 -> conv 3x3 4 pad=1 bias=no -> avgpool 1x1 -> conv 3x3 4 pad=1 bias=no"
    network = archcalc.load(chain)
    check = checks(Verification(network.graph, device="meta"))["kept for backward"]
    assert (check.agree, check.of) == (3, 3)
    rule = type(network.summary().memory.training).saved

    def moved(self: Any, layer: Any, *asked: Any) -> Any:
        kept = rule(self, layer, *asked)
        return {"conv1": 2 * kept, "conv2": 0}.get(layer.name, kept)  # both keep as much

    monkeypatch.setattr(type(network.summary().memory.training), "saved", moved)
    found = checks(Verification(network.graph, device="meta"))["kept for backward"]
    assert found.predicted == found.measured
    assert {d.layer for d in found.differences} == {"conv1", "conv2"}


def test_softmax_has_no_form_in_place() -> None:
    """What backward keeps is its output. Defeats a copy of it, of which another layer keeps the
    original."""
    chain = "4x4x3 -> conv 3x3 4 pad=1 -> softmax -> gelu -> conv 1x1 2"
    assert checks(Verification(archcalc.load(chain).graph))["kept for backward"].agrees


@pytest.mark.parametrize("op", ["subsample 2x2", "subsample 2x2 pad=1", "local 3x3 2 pad=1"])
@pytest.mark.parametrize("where", ["first", "frozen"])
def test_what_is_kept_without_a_gradient(tmp_path: Any, op: str, where: str) -> None:
    """Defeats a pool that keeps an input of which nobody asks the gradient, and windows and sums
    kept for weights that are not trained."""
    chain = f"12x12x4 -> {op}"
    if where == "frozen":
        file = tmp_path / "nets.arch"
        file.write_text(
            f"net part\n  input 12x12x4\n  x: {op}\n\n"
            "net n\n  input 12x12x4\n  c: conv 1x1 4\n  use part as=base frozen=yes\n"
        )
        chain = f"{file}:n"
    found = checks(Verification(archcalc.load(chain).graph, device="meta", fields=False))
    assert found["kept for backward"].agrees


# Calls ------------------------------------------------------------------------------------------


def test_the_screen() -> None:
    answer = call("verify", "lenet5_modern")
    assert answer.code == 0
    assert "rules against PyTorch" in answer.out.split("\n")[0]
    assert re.search(r"✓ parameters +12 of 12 +61,706 +61,706\n", answer.out)
    assert "all 12 layers agree" in answer.out
    assert "difference" not in answer.out
    plain = call("verify", "lenet5_modern", "--format", "plain").out.split("\n")
    assert plain[0].split("\t")[:2] == ["quantity", "verdict"]
    assert {line.split("\t")[1] for line in plain[1:] if line} == {"agrees"}


def test_without_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: the pip of another Python than the one that runs here."""
    monkeypatch.setitem(sys.modules, "torch", None)
    answer = call("verify", "lenet5")
    assert (answer.code, answer.out) == (2, "")
    shown = f"error[torch]: `verify` needs PyTorch: {sys.executable} -m pip install torch\n"
    assert answer.err == shown


def test_a_pytorch_that_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: what a broken installation raises, as a traceback or as "is not installed"."""
    folder = tmp_path / "torch"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise OSError('libcudart.so.12: no such file\\nmore')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    for words in (["lenet5"], ["--all"], ["lenet5", "--against", "a:b"]):
        answer = call("verify", *words)
        assert (answer.code, answer.out) == (2, "")
        first, second = answer.err.splitlines()
        assert first == (
            "error[torch]: PyTorch is installed, but it cannot be imported: OSError: "
            "libcudart.so.12: no such file"
        )
        assert second.endswith(f"{sys.executable} -m pip install --force-reinstall torch")


def test_a_pytorch_that_ends_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: exit code 0 and not a word, because ``SystemExit`` is no ``Exception``."""
    (tmp_path / "torch.py").write_text("raise SystemExit(0)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    answer = call("verify", "lenet5")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error[torch]: PyTorch is installed, but it cannot be imported")


@pytest.mark.parametrize("place", ["torch.py", "torch/__init__.py", "torch/data.txt"])
def test_something_else_that_is_called_torch(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defeats: a script or a folder of the user's own called torch, taken for PyTorch, and then a
    fault of archcalc that asks to be reported."""
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    answer = call("verify", "lenet5")
    assert (answer.code, answer.out) == (2, "")
    found = path.parent if place.endswith(".txt") else path
    assert answer.err.startswith(
        f"error[torch]: `verify` needs PyTorch, and `import torch` finds {found}, which is not it\n"
    )


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_gpu() -> None:
    answer = call("verify", "lenet5", "--device", "cuda")
    assert (answer.code, answer.out) == (2, "")
    assert "sees no CUDA device" in answer.err


def test_more_than_there_is() -> None:
    answer = call("verify", "4000000 -> fc 4000000")
    assert (answer.code, answer.out) == (2, "")
    assert "are free" in answer.err
    assert "--device meta" in answer.err


def test_the_whole_zoo_by_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here of three networks. Defeats an exit code of the last network alone."""
    three = {
        name: path
        for name, path in Library().zoo.items()
        if name in ("lenet5", "lenet5_modern", "convnetjs_cifar10")
    }
    monkeypatch.setattr(Library, "zoo", property(lambda self: three))
    answer = call("verify", "--all")
    assert (answer.code, answer.err) == (0, "")
    assert re.search(r"^✓ lenet5_modern +meta +12 +✓ +✓ +✓ +✓ +✓ +✓ +✓ +✓ +✓ *$", answer.out, re.M)
    assert "all 3 networks agree" in answer.out
    records = json.loads(call("verify", "--all", "--device", "cpu", "--format", "json").out)
    assert [(r["name"], r["device"], r["until"]) for r in records] == [(name, "cpu", None) for name in three]
    rule = Conv.operations

    def one_more(self: Conv, x: Any) -> Any:
        counts = rule(self, x)
        counts.mul_add += self.filters == 20  # not LeNet's
        return counts

    monkeypatch.setattr(Conv, "operations", one_more)
    answer = call("verify", "--all")
    assert answer.code == 1
    assert "1 of 3 networks differ: convnetjs_cifar10" in answer.out


def test_what_does_not_fit_goes_on_meta() -> None:
    """Defeats a sweep that ends at the first network that is too large."""
    from archcalc.cli.device_check import require_memory
    from archcalc.witness.zoo import verified

    chains = {"huge": "4000000 -> fc 4000000", "small": "4 -> fc 4"}
    networks = [(name, archcalc.load(chain)) for name, chain in chains.items()]
    found = list(verified(networks, "cpu", require_memory))
    assert [(one.name, one.found.device) for one in found] == [("huge", "meta"), ("small", "cpu")]
    assert all(one.found.agrees for one in found)


def test_as_far_as_there_are_counterparts() -> None:
    """Every network of the zoo has a table, those that choose among boxes too. Defeats a refusal of
    the whole, and a part that passes for the whole."""
    chain = "8x8x4 -> conv 1x1 4 -> gap -> reshape 1x1x4 -> instancenorm -> flatten -> fc 2"
    answer = call("verify", chain)
    assert answer.code == 0
    assert "all 3 layers agree" in answer.out
    assert "warning[torch]: as far as reshape1: what follows has no counterpart" in answer.err
    first = call("verify", "1x1x4 -> instancenorm")
    assert (first.code, first.out) == (2, "")
    assert "has no counterpart in PyTorch" in first.err


def test_against_runs_where_it_is_made() -> None:
    """Defeats a device that is asked for and passed over."""
    answer = call("verify", "lenet5", "--against", "torch.nn:ReLU", "--device", "cpu")
    assert (answer.code, answer.out) == (2, "")
    assert "--against and --device do not go together" in answer.err


@pytest.mark.parametrize("other", [["lenet5"], ["--until", "conv1"], ["--against", "torch.nn:ReLU"]])
def test_all_stands_alone(other: list[str]) -> None:
    answer = call("verify", "--all", *other)
    assert (answer.code, answer.out) == (2, "")
    assert "do not go together" in answer.err
