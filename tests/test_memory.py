"""Memory: storages, what lives when, what training keeps, what it holds, what fits.

Storages are found again here by a slow reading of the definitions; PyTorch's word on what each op
keeps is in test_saved_torch.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.analysis.training import OPTIMIZERS
from archcalc.diagnostics import SpecError
from archcalc.graph import Layer
from archcalc.ops.traits import NEW


def totals(target: str, **options: Any) -> dict[str, Any]:
    return archcalc.load(target).summary(**options).totals


def saved(chain: str, **options: Any) -> int:
    return totals(chain, **options)["saved_bytes"]


# Published and measured figures -----------------------------------------------------------------


def test_outputs_of_vgg16() -> None:
    # The lecture's column, the input included, summed right: not the "93 MB" printed below it.
    assert totals("vgg16")["activation_bytes"] == 60_950_432


@pytest.mark.parametrize(
    ("name", "peak", "live"),
    [
        # What eager PyTorch holds if a storage dies behind its last reader. Counting relu's output
        # as a second one gives AlexNet 1,548,800; freeing a layer's input before its output is
        # there gives VGG-16 half of this; forgetting the shortcut gives ResNet-50 6,422,528.
        ("alexnet_torchvision", 1_376_512, 2),
        ("vgg16", 25_690_112, 2),
        ("resnet18", 6_422_528, 2),
        ("resnet50", 9_633_792, 3),
        ("mobilenet_v2", 9_633_792, 2),
    ],
)
def test_peaks(name: str, peak: int, live: int) -> None:
    found = totals(name)
    assert found["peak_bytes"] == peak == sum(found["peak_live"].values())
    assert len(found["peak_live"]) == live
    assert list(found["peak_live"])[-1] == found["peak_at"]


@pytest.mark.parametrize(
    ("name", "measured"),
    [
        # saved_tensors_hooks over torchvision's modules in training, one image, PyTorch 2.13, each
        # storage once. Counting the clone of relu6's input with its output gives MobileNetV2 less.
        ("mobilenet_v2", 78_345_984),
        ("resnet18", 22_218_240),
        ("resnet50", 86_121_984),
    ],
)
def test_kept_for_backward(name: str, measured: int) -> None:
    assert totals(name)["saved_bytes"] == measured


def test_statistics_do_not_grow_with_the_batch() -> None:
    # 17,056 channels of batch norm, a mean and a deviation each, of four bytes.
    one, two = (totals("mobilenet_v2", batch=n)["saved_bytes"] for n in (1, 2))
    assert two == 156_555_520 == 2 * one - 17_056 * 2 * 4


# Storages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "new"),
    [
        # In place where relu is the only reader, not where the map is read again.
        ("net n\n input 4x4x2\n c: conv 3x3 4 pad=1\n relu\n add @c @relu1", {"c": 64, "relu1": 64}),
        (
            "net n\n input 4x4x2\n conv 3x3 4 pad=1 -> relu -> dropout 0.5 -> flatten -> fc 3 -> softmax",
            {"conv1": 64, "relu1": 0, "dropout1": 0, "flatten1": 0, "fc1": 3, "softmax1": 0},
        ),
        # Nor where a branch reads it.
        ("net n\n input 4x4x2\n c: conv 1x1 2\n relu\n add\n  | fc 3\n  | @c -> fc 3", {"relu1": 32}),
        # Normalisation and pooling make new ones.
        ("net n\n input 4x4x2\n lrn 5 -> bn -> maxpool 2", {"lrn1": 32, "bn1": 32, "maxpool1": 8}),
    ],
)
def test_new_storages(spec: str, new: dict[str, int]) -> None:
    rows = {row.name: row.activation_bytes // 4 for row in _summary(spec).rows}
    for name, values in new.items():
        assert rows[name] == values, name


def _summary(spec: str, **options: Any) -> Any:
    return archcalc.load("-", stdin=spec).summary(**options)


def wires(random: random.Random, count: int) -> str:
    """A random network of vectors of random lengths in which much is read more than once."""
    sizes = {"input": random.randint(1, 9)}
    lines = ["net wires", "  input " + str(sizes["input"])]
    for number in range(count):
        name = f"n{number}"
        recent = list(sizes)[-random.choice([1, 1, 1, 3, 8]) :]
        at = random.choice(recent)
        kind = random.choice(["fc", "relu", "relu", "flatten", "sigmoid", "add", "concat", "bn"])
        sizes[name] = sizes[at]
        if kind == "fc":
            sizes[name] = random.randint(1, 9)
            lines.append(f"  {name}: @{at} -> fc {sizes[name]}")
        elif kind in ("add", "concat"):
            alike = [n for n in sizes if n != name and sizes[n] == sizes[at]]
            other = random.choice(alike)
            sizes[name] *= 2 if kind == "concat" else 1
            lines.append(f"  {name}: {kind} @{at} @{other}")
        else:
            lines.append(f"  {name}: @{at} -> {kind}")
    return "\n".join(lines) + "\n"


def slow_peak(layers: list[Layer], inputs: tuple[Layer, ...], end: Layer) -> tuple[int, int]:
    """The peak and all storages, from the definitions alone: for each moment, every storage that
    has been made and that somebody at that moment or later still reads."""
    tensors = [*inputs, *layers]
    readers = {t: [at for at in layers for s in at.inputs if s is t] for t in tensors}
    storage: dict[Layer, Layer] = {}
    for t in tensors:
        makes_storage = not t.inputs or t.op.storage == NEW or len(readers[t.inputs[0]]) != 1
        makes_storage = makes_storage or t.inputs[0] is end
        storage[t] = t if makes_storage else storage[t.inputs[0]]
    peak = 0
    for now, layer in enumerate(layers):
        living = {storage[t] for t in (*inputs, *layers[: now + 1])}
        later = {storage[s] for at in layers[now:] for s in at.inputs}
        live = (living & later) | {storage[layer]} | ({storage[end]} & living)
        peak = max(peak, sum(s.output.values for s in live))
    return 4 * peak, 4 * sum(t.output.values for t in tensors if storage[t] is t)


@pytest.mark.parametrize("seed", range(150))
def test_peak_by_brute_force(seed: int) -> None:
    # Defeats: freeing by the tensor and not by its storage, a storage freed at its first reader,
    # inputs never freed, an output freed.
    network = archcalc.load("-", stdin=wires(random.Random(seed), 40))
    summary, graph = network.summary(), network.graph
    peak, all_of_them = slow_peak(summary.layers, graph.inputs, graph.output)
    assert summary.totals["peak_bytes"] == peak == sum(summary.totals["peak_live"].values())
    assert summary.totals["activation_bytes"] == all_of_them


# What training keeps ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "values"),
    [
        # conv keeps its input, relu its output, and the next conv that same storage.
        ("8x8x2 -> conv 3x3 4 pad=1 -> relu -> conv 3x3 4 pad=1", 128 + 256),
        # relu6 keeps its input, so the conv behind it keeps another storage.
        ("8x8x2 -> conv 3x3 4 pad=1 -> relu6 -> conv 3x3 4 pad=1", 128 + 256 + 256),
        # Dropout may not write over what relu keeps: its mask, and its output for the fc.
        ("16 -> fc 8 -> relu -> dropout 0.5 -> fc 2", 16 + 8 + 8 + 8),
        # But over the output of an fc it may.
        ("16 -> fc 8 -> dropout 0.5 -> fc 2", 16 + 8 + 8),
        # A view of what relu keeps is no storage of its own.
        ("4x4x1 -> conv 1x1 2 -> relu -> flatten -> fc 3", 16 + 32),
        # Nothing is kept before the first parameters.
        ("8x8x2 -> maxpool 2 -> relu -> fc 3", 32),
        # Indices of eight bytes.
        ("8x8x2 -> conv 1x1 2 -> maxpool 2 -> fc 1", 128 + 128 + 2 * 32 + 32),
        # An addition keeps nothing.
        ("4x4x2 -> a: conv 1x1 2\nadd @input @a", 32),
    ],
)
def test_kept(chain: str, values: int) -> None:
    network = archcalc.load(chain) if "\n" not in chain else _chain(chain)
    found = network.summary()
    assert found.totals["saved_bytes"] == 4 * values
    assert sum(row.saved_bytes or 0 for row in found.rows) == 4 * values


def _chain(text: str) -> archcalc.Network:
    first, *rest = text.split("\n")
    size, _, chain = first.partition(" -> ")
    lines = [f"net n\n  input {size}", f"  {chain}", *(f"  {line}" for line in rest)]
    return archcalc.load("-", stdin="\n".join(lines))


def test_frozen_layers_keep_nothing() -> None:
    whole = archcalc.load("vgg16")
    held = whole.freeze("pool5").summary()
    rows = {row.name: row.saved_bytes for row in held.rows}
    assert rows["conv1_1"] == rows["pool5"] == 0
    # fc6 keeps what arrives.
    assert rows["fc6"] == 4 * 25_088


def test_nothing_is_kept_in_front_of_the_trained_part() -> None:
    twice = archcalc.load("8 -> fc 8 -> fc 2")
    assert twice.summary().totals["saved_bytes"] == 4 * (8 + 8)
    assert twice.freeze("fc1").summary().totals["saved_bytes"] == 4 * 8


# The ledger -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize(("dtype", "mixed"), [("fp32", False), ("fp16", False), ("bf16", True)])
def test_the_breakdown_adds_up(name: str, dtype: str, mixed: bool) -> None:
    found = archcalc.load("resnet18").summary(batch=8, dtype=dtype, optimizer=name, mixed=mixed)
    training = found.to_dict()["training"]
    assert training["bytes"] == sum(line["bytes"] for line in training["ledger"])
    width = {"fp32": 4, "fp16": 2, "bf16": 2}
    for line in training["ledger"]:
        if line["values"] is not None:
            assert line["bytes"] == line["values"] * width[line["dtype"]]
    assert training["ledger"][-1]["bytes"] == found.totals["saved_bytes"]
    # Parameters and gradients, and what the optimizer remembers.
    a_value = sum(line["bytes"] for line in training["ledger"] if line["values"] == 11_689_512)
    ones = {"momentum": 1, "adagrad": 1, "rmsprop": 1}
    states = {"sgd": 0, **ones, "adadelta": 2, "adam": 2, "adamw": 2}
    wide = 4 if mixed else width[dtype]
    assert a_value == 11_689_512 * ((2 + 2 + 4 if mixed else 2 * wide) + wide * states[name])


@pytest.mark.parametrize(
    ("name", "measured"),
    [
        # Live storages behind every operation of a forward and a backward pass, PyTorch 2.13, one
        # image. Freeing what is kept before the layers in front have read it gives less; a gradient of
        # its own for each branch of a sum gives ResNet-50 more.
        ("lenet5_modern", 306_824),
        ("resnet50", 165_616_864),
        ("mobilenet_v2", 86_101_984),
        ("squeezenet1_0", 38_351_456),
        ("xception", 273_211_852),
    ],
)
def test_a_training_step(name: str, measured: int) -> None:
    assert archcalc.load(name).summary().step_bytes == measured


def test_mixed_precision_with_adam_takes_sixteen_bytes_a_parameter() -> None:
    # arXiv:1910.02054, section 3.1.
    found = archcalc.load("vgg16").summary(dtype="fp16", optimizer="adam", mixed=True)
    assert sum(line.bytes for line in found.breakdown()[:-1]) == 16 * 138_357_544


def test_frozen_parameters_have_no_gradients() -> None:
    found = archcalc.load("vgg16").freeze("pool5").summary(optimizer="adam")
    values = {line.what: line.values for line in found.breakdown()}
    assert values["parameters"] == 138_357_544
    assert values["gradients"] == values["first moment"] == 138_357_544 - 14_714_688


def test_the_breakdown_on_the_screen_adds_up() -> None:
    found = call("summary", "resnet50", "--batch", "32", "--dtype", "fp16", "--optimizer", "adam")
    assert found.code == 0
    block = found.out.partition("training ")[2].partition("\nbuffers ")[0]
    numbers = re.findall(r"([\d,]+) +[\d.,]+$", block, re.M)
    *parts, whole = (int(number.replace(",", "")) for number in numbers)
    assert len(parts) == 6
    assert sum(parts) == whole


# What fits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lenet5_modern", "resnet50", "mobilenet_v2"])
@pytest.mark.parametrize("memory_limit", [2**30, 8 * 2**30 + 12_345])
def test_the_largest_batch(name: str, memory_limit: int) -> None:
    network = archcalc.load(name)
    found = network.summary(optimizer="adam", memory_limit=memory_limit)
    fits = found.fits
    assert fits is not None
    for what in ("inference", "training"):
        most = fits[what]
        assert most
        sizes = []
        for batch in (most, most + 1):
            at = network.summary(batch=batch, optimizer="adam")
            sizes.append(at.training_bytes() if what == "training" else at.inference_bytes())
        assert sizes[0] <= memory_limit < sizes[1], what


@pytest.mark.parametrize(
    ("target", "frozen"),
    [("vgg16", "conv3_3"), ("vgg16", "fc8"), ("8x8x3 -> relu", None), ("1x1x1 -> fc 1000", None)],
)
def test_training_passes_the_peak_too(target: str, frozen: str | None) -> None:
    """Defeats a batch for training, where little is kept, that inference has no room for."""
    network = archcalc.load(target)
    network = network.freeze(frozen) if frozen else network
    found = network.summary(optimizer="adam", memory_limit=2**34)
    assert found.fits is not None
    inference, training = found.fits["inference"], found.fits["training"]
    assert inference is not None
    assert training
    assert training <= inference
    passing = found.passing_bytes
    assert passing(training) <= 2**34 < passing(training + 1)
    assert found.passing_bytes(1) - found.training_bytes(1) == (
        found.totals["peak_bytes"] - found.totals["saved_bytes"]
    )


def test_nothing_fits() -> None:
    found = call("summary", "vgg16", "--fits", "1MiB", "--optimizer", "sgd")
    assert found.code == 0
    assert "not even one" in found.out
    record = json.loads(call("summary", "vgg16", "--fits", "1MiB", "--format", "json").out)
    assert record["fits"] == {"bytes": 2**20, "inference": 0}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--fits", "24G"), "24GiB, powers of 1024, or 24GB"),
        (("--fits", "much"), "`much` is no size in bytes"),
        (("--fits", "-1GiB"), "`-1GiB` is no size in bytes"),
        (("--mixed",), "give an optimizer, and fp16 or bf16"),
        (("--mixed", "--optimizer", "adam"), "give an optimizer, and fp16 or bf16"),
        (("--optimizer", "sgd", "--dtype", "int8"), "values of int8 are not trained"),
        (("--optimizer", "adam", "--format", "csv"), "--optimizer does not go with --format csv"),
        (("--optimizer", "lion"), "lion"),
    ],
)
def test_what_cannot_be_asked(arguments: tuple[str, ...], expected: str) -> None:
    found = call("summary", "lenet5", *arguments)
    assert found.code == 2
    assert found.out == ""
    assert expected in found.err
    assert "Traceback" not in found.err


def test_a_layer_without_a_rule_is_named() -> None:
    target = "10x10x8 -> conv 3x3 8 -> lcn 3 -> fc 2"
    found = totals(target)
    assert "saved_bytes" in found["at_least"]
    screen = call("summary", target, "--optimizer", "sgd").out
    assert "no rule for the kept bytes of lcn1" in screen
    assert "≥" in screen
    # Nobody who does not ask for it is told.
    assert "no rule" not in call("summary", target).out


@pytest.mark.parametrize(
    "target",
    [
        "10x10x8 -> conv 3x3 8 -> lcn 3 -> fc 2",
        "9x9x4 -> lrn 3 across=positions -> conv 1x1 4 -> lrn 3 across=positions",
        "8x8x4 -> conv 3x3 4 pad=1 -> nms 10",
    ],
)
def test_lower_bounds_are_marked_in_every_format(target: str) -> None:
    """What the screen marks with a sign, the JSON marks with a key. Defeats: bounds that a script
    takes for sums; a network of which nothing is trained taken for one that is."""
    options = ("--optimizer", "adam", "--fits", "1MiB")
    found = json.loads(call("summary", target, *options, "--format", "json").out)
    assert found["training"]["at_least"] == ["bytes", "step_bytes"]
    assert found["fits"]["at_most"] == ["training"]
    screen = call("summary", target, *options).out
    total = next(
        line
        for line in screen.splitlines()
        if line.split()[:1] == ["total"] and "." in line and line.startswith(" ")
    )
    assert "≥" in total
    assert "training: at most batch" in screen


@pytest.mark.parametrize(
    "target", ["lenet5", "20x256 -> lstm 256 -> linear 10", "8x8x4 -> nms 10", "9x9x4 -> relu"]
)
def test_sums_are_not_marked(target: str) -> None:
    """Defeats: a mark on all recurrent networks; on those in which nothing is trained."""
    options = ("--optimizer", "adam", "--fits", "1MiB")
    found = json.loads(call("summary", target, *options, "--format", "json").out)
    assert "at_least" not in found["training"]
    assert "at_most" not in found["fits"]
    assert "saved_bytes" not in found["totals"].get("at_least", ())


def test_no_gradient_goes_through_boxes() -> None:
    """Convolutions that only `nms` reads keep what they keep, but have no gradients. Defeats: a
    backward pass through a choice."""
    found = totals("8x8x4 -> conv 3x3 4 pad=1 -> relu -> conv 1x1 4 -> nms 10")
    assert found["saved_bytes"] == 2 * 1024  # input and relu's output
    screen = call("summary", "8x8x4 -> conv 3x3 4 -> nms 10", "--optimizer", "sgd").out
    assert "no gradient goes back through nms1" in " ".join(screen.split())


def test_unknown_names_raise() -> None:
    with pytest.raises(ValueError, match="no optimizer"):
        archcalc.load("lenet5").summary(optimizer="lion")
    with pytest.raises(SpecError):
        archcalc.load("lenet6")
