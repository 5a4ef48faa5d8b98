"""Values of layers on literal numbers, against PyTorch in double precision."""

from __future__ import annotations

import random
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import archcalc
from archcalc.arrays.recorded import plain
from archcalc.source import Source, Span
from archcalc.values import layer_matrix, run

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from archcalc.witness.build import build  # noqa: E402


def both(text: str, seed: int) -> tuple[Any, Any]:
    """The last output of our rules and of the PyTorch module, for random ints."""
    rng = np.random.default_rng(seed)
    graph = archcalc.load(text).graph
    draw = lambda shape: rng.integers(-9, 10, tuple(shape))  # noqa: E731
    x = draw(graph.inputs[0].output)
    tensors = {at: {t.name: draw(t.shape) for t in at.facts.tensors or ()} for at in graph.layers}
    ours = run(graph, x, {at.name: found for at, found in tensors.items() if found})
    built = build(graph, list(graph.layers)).double().eval()
    for layer, found in tensors.items():
        for name, values in found.items():
            built.module_of(layer).state_dict()[name].copy_(torch.from_numpy(values))
    outputs: dict[Any, Any] = {}
    with torch.no_grad():
        built(
            torch.from_numpy(np.moveaxis(x, -1, 0)[None].astype(float)),
            seen=lambda layer, found: outputs.update({layer: np.moveaxis(found.numpy()[0], 0, -1)}),
        )
    return ours[-1].output, outputs[graph.output]


@pytest.mark.parametrize("seed", range(30))
def test_convolutions_and_pools_are_those_of_pytorch(seed: int) -> None:
    """Defeats: a flipped kernel, rows for columns, groups that overlap, padding on the wrong side."""
    draw = random.Random(seed)
    groups = draw.choice([1, 1, 2])
    pad = draw.choice(["0", "1", "half", "same", "0x1", "1x0x2x1"])
    mode = draw.choice(["zeros", "reflect", "replicate", "circular"])
    text = (
        f"{draw.randint(5, 8)}x{draw.randint(5, 8)}x{groups * draw.randint(1, 2)} -> "
        f"conv {draw.randint(1, 3)}x{draw.randint(1, 3)} {groups * draw.randint(1, 2)} groups={groups} "
        f"stride={draw.randint(1, 2)} pad={pad} pad_mode={mode} -> relu -> maxpool 2x2 stride=1 pad=1"
    )
    ours, theirs = both(text, seed)
    assert ours.dtype == object
    assert all(type(value) is int for value in ours.ravel())
    assert ours.tolist() == theirs.tolist(), text


def test_a_step_is_what_the_layer_computed() -> None:
    """A window at the rim, by hand. Defeats: padding left out of the products, a bias that is a product,
    rows for columns, a window of the wrong unit."""
    graph = archcalc.load("3x3x1 -> conv 2x2 1 pad=1x0x1x0 -> relu -> maxpool 2x2").graph
    image = np.arange(1, 10).reshape(3, 3, 1)
    conv, relu, pool = run(graph, image, {"": [[1, 2], [3, -40]]}, {"": 5})
    step = conv.steps.at((0, 1))
    assert step.text == "0·1 + 0·2 + 1·3 + 2·(−40) + 5 = −72"
    assert [term.place for term in step.terms] == [None, None, (0, 0, 0), (0, 1, 0)]
    assert (step.kind, step.constant, step.value) == ("sum", 5, -72)
    assert relu.steps.at((0, 1)).text == "max(−72, 0) = 0"
    assert pool.steps.at((0, 0, 0)).text == "max(0, 0, 0, 0) = 0"


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        ("avgpool 2x2", "(1 + 2 + 3 + 4)/4 = 5/2"),
        ("gap", "(1 + 2 + 3 + 4)/4 = 5/2"),
        ("lppool 2x2 p=1", "1 + 2 + 3 + 4 = 10"),
        ("flatten -> softmax", "exp(1)/(exp(1) + exp(2) + exp(3) + exp(4)) = 0.0320586"),
        ("flatten -> softplus", "softplus(1) = 1.31326"),
        ("upsample 2 mode=bilinear align_corners=yes", "1 = 1"),
    ],
)
def test_steps_are_written_as_by_hand(layer: str, text: str) -> None:
    """Defeats: factors of 1 and differences of 0 that no one writes, a product that reads as a quotient."""
    values = run(archcalc.load(f"2x2x1 -> {layer}").graph, [[[1], [2]], [[3], [4]]])[-1]
    step = values.steps.at([0] * values.output.ndim)
    assert step.text == text
    if layer in ("avgpool 2x2", "gap"):
        assert (step.kind, step.divisor) == ("mean", 4)


@pytest.mark.parametrize("seed", range(10))
def test_every_step_ends_in_the_value_of_its_cell(seed: int) -> None:
    """Defeats: a step worked out by another rule than the layer's."""
    rng = np.random.default_rng(seed)
    text = f"6x5x2 -> conv 3x2 4 groups=2 stride={seed % 2 + 1} pad=same -> relu -> maxpool 2x2 pad=1"
    graph = archcalc.load(text).graph
    kernel = rng.integers(-3, 4, (4, 1, 3, 2))
    for values in run(graph, rng.integers(-9, 10, (6, 5, 2)), {"conv1": kernel}, {"conv1": [1, 2, 3, 4]}):
        for step in values.steps:
            assert plain(step.record) == step.value == values.output[step.position]


# Matrices ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        "conv 3x2 4 groups=2 stride=2 pad=1",
        "conv 2x2 1 pad=1 pad_mode=reflect",
        "tconv 3x3 2 stride=2",
        "avgpool 2x2",
        "upsample 2 mode=bilinear",
        "fc 3",
        "dwconv 3x3 dilation=2 pad=2",
    ],
)
def test_a_layer_is_a_matrix(layer: str) -> None:
    """The matrix times the flattened input is the flattened output. Defeats: rows for columns, the channels
    as the fast index, padding that has columns, a bias among the weights."""
    rng = np.random.default_rng(5)
    graph = archcalc.load(f"5x4x2 -> {layer}").graph
    (at,) = graph.layers
    tensors = {t.name: rng.integers(-5, 6, tuple(t.shape)) for t in at.facts.tensors or ()}
    image = rng.integers(-9, 10, (5, 4, 2))
    (values,) = run(graph, image, {at.name: tensors} if tensors else {})
    matrix = layer_matrix(values)
    flat = np.moveaxis(image, -1, 0).reshape(-1)
    made = [sum(a * b for a, b in zip(row, flat.tolist(), strict=True)) for row in matrix.matrix.tolist()]
    output = np.moveaxis(values.output, -1, 0).reshape(-1) if values.output.ndim > 1 else values.output
    assert [a + b for a, b in zip(made, matrix.constant.tolist(), strict=True)] == output.tolist()


def test_a_maximum_is_no_matrix() -> None:
    (values,) = run(archcalc.load("2x2x1 -> maxpool 2x2").graph, np.ones((2, 2, 1), int))
    with pytest.raises(archcalc.SpecError, match="is no matrix"):
        layer_matrix(values)


# Exactness -----------------------------------------------------------------------------------------


def test_ints_beyond_64_bits_stay_exact() -> None:
    """Defeats: int64 that overflows without a word, a float that loses the last digits."""
    graph = archcalc.load("1x2x1 -> conv 1x2 1").graph
    (values,) = run(graph, [[[2**62], [2**62]]], {"": [[3, 5]]}, {"": 1})
    assert values.output.tolist() == [[[8 * 2**62 + 1]]]
    (values,) = run(graph, [[[2**63 - 1], [1]]], {"": [[1, 1]]})
    assert values.output.tolist() == [[[2**63]]]


def test_fractions_stay_fractions() -> None:
    """Defeats: a mean that is a float, 1/9 as 0.111."""
    graph = archcalc.load("3x3x1 -> conv 3x3 1").graph
    (values,) = run(
        graph, np.arange(9).reshape(3, 3, 1) + 1, {"": [[Fraction(1, 9)] * 3] * 3}, {"": Fraction(1, 3)}
    )
    assert values.output.tolist() == [[[Fraction(16, 3)]]]
    assert values.exact
    assert values.digits is None
    (values,) = run(archcalc.load("2x2x1 -> avgpool 2x2").graph, [[[4], [3]], [[3], [4]]])
    assert values.output.tolist() == [[[Fraction(7, 2)]]]


def test_batch_norm_is_exact_where_the_root_is() -> None:
    """Defeats: a root in floats, an epsilon that is added twice or to the deviation."""
    graph = archcalc.load("1x3x2 -> bn").graph
    statistics = {"mean": [1, 0], "var": [4, 2], "gamma": [3, 1], "beta": [Fraction(1, 2), 0], "eps": 0}
    (values,) = run(graph, [[[3, 1], [0, 0], [1, 2]]], statistics={"bn1": statistics})
    assert values.output[0, :, 0].tolist() == [Fraction(7, 2), -1, Fraction(1, 2)]
    assert values.output[0, :, 1].tolist() == pytest.approx([0.5**0.5, 0, 2**0.5])
    assert not values.exact
    assert values.digits == 12


def test_a_kernel_may_be_turned_round() -> None:
    """Defeats: a kernel that is transposed, or turned along one axis alone."""
    graph = archcalc.load("2x2x1 -> conv 2x2 1").graph
    (values,) = run(graph, [[[1], [2]], [[3], [4]]], {"": [[10, 100], [1000, 0]]}, flip=True)
    assert values.output.tolist() == [[[40 + 300 + 2000]]]


# Errors --------------------------------------------------------------------------------------------

IMAGE = [[[1], [2], [3]], [[4], [5], [6]], [[7], [8], [9]]]
SPEC = "3x3x1 -> conv 2x2 1 -> bn"
GIVEN: dict[str, Any] = {"mean": 0, "var": 1}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "conv1 needs its weight: 1x1x2x2 values"),
        (
            {"kernels": {"conv1": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}},
            "conv1 has a weight of 1x1x2x2, this one is 3x3",
        ),
        (
            {"kernels": {"conv1": [[1, 2], [3]]}},
            "the kernel of `conv1` cannot be read: the rows differ in length",
        ),
        (
            {"kernels": {"conv1": [["a", 2], [3, 4]]}},
            "the kernel of `conv1` cannot be read: 'a' is no real number",
        ),
        ({"kernels": {"conv2": [[1]]}}, "no layer is called `conv2`"),
        ({"kernels": {"conv1": {"weigth": [[1]]}}}, "`conv 2x2 1` has no `weigth`"),
        (
            {"biases": {"conv1": [1, 2]}, "kernels": {"": [[1, 2], [3, 4]]}},
            "conv1 has a bias of 1, this one is 2",
        ),
        ({"kernels": {"": [[1, 2], [3, 4]]}}, "bn1 needs its running_mean: 1 values"),
        (
            {"kernels": {"": [[1, 2], [3, 4]]}, "statistics": {"bn1": {"mean": 0}}},
            "bn1 needs its running_var",
        ),
        ({"inputs": [[[1]]]}, "the input is 1x1x1, the network reads 3x3x1"),
        ({"inputs": [[[1]], [[1], [2]]]}, "the input cannot be read: the rows differ in length"),
    ],
)
def test_what_does_not_fit_is_one_message(given: dict[str, Any], message: str) -> None:
    """Defeats: a traceback of numpy, a kernel that is spread or cut, and a statistic that is made up."""
    options = {"inputs": IMAGE, **given}
    with pytest.raises(archcalc.SpecError) as error:
        run(archcalc.load(SPEC).graph, **options)
    assert message in str(error.value)


def test_an_error_points_at_its_place() -> None:
    """Defeats: a message without the place in the text that was typed."""
    source = Source("--kernel", "1 2 3")
    with pytest.raises(archcalc.SpecError) as error:
        run(archcalc.load(SPEC).graph, IMAGE, {"": [[1, 2, 3]]}, places={("kernel", ""): Span(source, 0, 5)})
    assert str(error.value).startswith("--kernel:1:1: conv1 has a weight")


def test_a_layer_without_a_rule_is_named() -> None:
    graph = archcalc.load("2x2x6 -> nms 3").graph
    with pytest.raises(archcalc.SpecError, match="`nms` has no rule for values"):
        run(graph, np.ones((2, 2, 6), int))


@pytest.mark.slow
def test_a_large_image_takes_less_than_a_second() -> None:
    """A thousand by a thousand pixels and a kernel of 7x7. Defeats: a loop over the pixels."""
    rng = np.random.default_rng(0)
    graph = archcalc.load("1000x1000x1 -> conv 7x7 1 pad=half").graph
    image, kernel = rng.integers(0, 256, (1000, 1000, 1)), rng.integers(-9, 10, (7, 7))
    began = time.process_time()
    (values,) = run(graph, image, {"": kernel})
    assert time.process_time() - began < 1
    assert values.exact


@pytest.mark.parametrize("seed", range(3))
def test_a_network_with_branches(seed: int) -> None:
    """A residual unit and joined branches, against PyTorch. Defeats: a layer that reads the one before it in
    the text and not its input."""
    text = (
        "net branched\n  input 8x8x2\n  a: conv 3x3 4 pad=1\n  relu\n  add\n    | conv 3x3 4 pad=1 -> relu\n"
        "    | @a\n  concat\n    | conv 1x1 3\n    | maxpool 3x3 stride=1 pad=1\n"
        "  avgpool 2x2\n  flatten\n  fc 5\n"
    )
    graph = archcalc.load("-", stdin=text).graph
    rng = np.random.default_rng(seed)
    image = rng.integers(-4, 5, (8, 8, 2))
    tensors = {
        at: {t.name: rng.integers(-3, 4, tuple(t.shape)) for t in at.facts.tensors or ()}
        for at in graph.layers
    }
    ours = run(graph, image, {at.name: found for at, found in tensors.items() if found})
    built = build(graph, list(graph.layers)).double().eval()
    for layer, found in tensors.items():
        for name, values in found.items():
            built.module_of(layer).state_dict()[name].copy_(torch.from_numpy(values))
    seen: dict[Any, Any] = {}
    with torch.no_grad():
        built(
            torch.from_numpy(np.moveaxis(image, -1, 0)[None].astype(float)),
            seen=lambda layer, found: seen.update({layer: np.moveaxis(found.numpy()[0], 0, -1).copy()}),
        )
    assert len(ours) == len(graph.layers)
    for values in ours:
        assert values.exact
        assert values.output.astype(float).tolist() == seen[values.layer].tolist(), values


@pytest.mark.parametrize(("kernel", "stride", "pad"), [(2, 2, 0), (3, 2, 1), (2, 1, 0)])
def test_max_unpooling_is_that_of_pytorch(kernel: int, stride: int, pad: int) -> None:
    """Defeats: a value that is put into the first cell of its window, the last of several maxima that are
    alike, the channels of one map put back where those of another were."""
    rng = np.random.default_rng(kernel)
    image = rng.integers(0, 9, (6, 6, 2))
    words = f"{kernel}x{kernel} stride={stride} pad={pad}"
    graph = archcalc.load(f"6x6x2 -> maxpool {words} -> times 3 -> max_unpool {words} size=6x6").graph
    ours = run(graph, image)[-1].output
    x = torch.from_numpy(np.moveaxis(image, -1, 0)[None].astype(float))
    values, places = torch.nn.functional.max_pool2d(x, kernel, stride, pad, return_indices=True)
    theirs = torch.nn.functional.max_unpool2d(3 * values, places, kernel, stride, pad, output_size=(6, 6))
    assert ours.tolist() == np.moveaxis(theirs[0].numpy(), 0, -1).tolist()


def test_nothing_is_put_back_without_a_pool() -> None:
    with pytest.raises(
        archcalc.SpecError, match="`max_unpool` puts values back where a `maxpool` found them"
    ):
        run(archcalc.load("2x2x1 -> max_unpool 2x2").graph, np.ones((2, 2, 1), int))
